//! Annotations there and back, and those that are refused.

use super::*;
use proptest::prelude::*;

fn grid() -> Grid {
    let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Grid::new([5, 4, 3], [0.7, 0.9, 2.5], [-31.0, 12.0, 5.5], direction).unwrap()
}

fn segments() -> Vec<Segment> {
    [1, 2, 3].map(|number| Segment::plain(number).unwrap()).to_vec()
}

proptest! {
    #[test]
    fn label_maps_come_back_as_they_were(labels in proptest::collection::vec(0_u16..4, 60), plain in any::<bool>()) {
        let map = LabelMap::from_dense(grid(), &labels).unwrap();
        let counts = if plain { Counts::Plain } else { Counts::Compressed };
        let file = write(std::slice::from_ref(&map), &segments(), counts);
        let (found, (layers, overlap)) = read(&file, None).unwrap();
        prop_assert_eq!((layers, overlap), (vec![map], None));
        prop_assert_eq!(found, segments());
    }
}

#[test]
fn what_is_wrong_is_named() {
    let map = LabelMap::from_dense(grid(), &[1; 60]).unwrap();
    let file = String::from_utf8(write(&[map], &segments(), Counts::Plain)).unwrap();
    let error = |from: &str, to: &str| read(file.replace(from, to).as_bytes(), None).unwrap_err();
    assert_eq!(read(b"[", None).unwrap_err(), CocoError::NotJson);
    assert_eq!(read(b"{}", None).unwrap_err(), CocoError::Invalid { field: "info.grid" });
    assert_eq!(read(b"{}", Some(&grid())).unwrap_err(), CocoError::Invalid { field: "categories" });
    assert_eq!(error("[0,20]", "[0,21]"), CocoError::Code { annotation: 0 });
    assert_eq!(error("[0,20]", "[0,19]"), CocoError::Code { annotation: 0 });
    assert_eq!(error("\"image_id\":3", "\"image_id\":4"), CocoError::Invalid { field: "image_id" });
    assert_eq!(error("\"category_id\":1", "\"category_id\":9"), CocoError::Invalid { field: "category_id" });
    assert_eq!(error("[5,4,3]", "[5,4,0]"), CocoError::Invalid { field: "info.grid" });
}
