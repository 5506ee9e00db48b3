//! Structure sets there and back, and those that are refused.

use super::*;
use crate::seg::Segment;
use crate::seg::tests::{OBJECT, source};
use agent_imaging::{Grid, LabelMap};
use agent_phi::HeaderText;
use proptest::prelude::*;

fn segments(numbers: impl IntoIterator<Item = u16>) -> Vec<Segment> {
    numbers.into_iter().map(|number| Segment::plain(number).unwrap()).collect()
}

proptest! {
    #[test]
    fn label_maps_come_back_as_they_were(labels in proptest::collection::vec(prop_oneof![2 => Just(0_u16), 1 => 1_u16..4], 105)) {
        let source = source(3);
        let map = LabelMap::from_dense(*source.grid(), &labels).unwrap();
        prop_assume!(!map.is_empty());
        let segments = segments([1, 2, 3]);
        let file = write(std::slice::from_ref(&map), &segments, &source, &OBJECT).unwrap();
        let found = read(&file, source.grid()).unwrap();
        prop_assert_eq!(&found.layers, &[map]);
        prop_assert_eq!(&found.segments, &segments);
        prop_assert_eq!((found.overlap, found.left_out), (None, 0));
    }

    #[test]
    fn any_change_of_a_file_is_survived(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in any::<usize>(),
    ) {
        let source = source(2);
        let map = LabelMap::from_dense(*source.grid(), &[1; 70]).unwrap();
        let mut file = write(&[map], &segments([1]), &source, &OBJECT).unwrap();
        let length = file.len();
        changes.iter().for_each(|(at, byte)| file[at % length] = *byte);
        file.truncate(length - cut % (length / 4));
        let _ = read(&file, source.grid());
    }
}

#[test]
fn regions_that_overlap_are_kept_apart() {
    let source = source(2);
    let layers = [1, 2].map(|label| LabelMap::from_dense(*source.grid(), &[label; 70]).unwrap());
    let named = Segment { label: HeaderText::new("Herz, außen").unwrap(), ..Segment::plain(2).unwrap() };
    let written = [Segment::plain(1).unwrap(), named];
    let file = write(&layers, &written, &source, &OBJECT).unwrap();
    let found = read(&file, source.grid()).unwrap();
    assert_eq!(found.layers, layers);
    assert_eq!(found.segments, written);
    assert!(found.overlap.is_some());
}

#[test]
fn contours_off_the_grid_are_refused_by_name() {
    let source = source(2);
    let map = LabelMap::from_dense(*source.grid(), &[1; 70]).unwrap();
    let file = write(std::slice::from_ref(&map), &segments([1]), &source, &OBJECT).unwrap();
    let grid = source.grid();
    let moved = |by: f64, direction| {
        let mut origin = grid.origin_mm();
        origin[2] += by;
        Grid::new(grid.size(), grid.spacing_mm(), origin, direction).unwrap()
    };
    // Within half a slice, the nearest is meant.
    assert_eq!(read(&file, &moved(1.4, grid.direction())).unwrap().layers[0].to_dense(), map.to_dense());
    let refused = read(&file, &moved(9.0, grid.direction())).unwrap_err();
    assert_eq!(refused, RtError::OffGrid { region: 0, contour: 0 });
    let turned = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]];
    let refused = read(&file, &moved(0.0, turned)).unwrap_err();
    assert_eq!(refused, RtError::NotPlanar { region: 0, contour: 0 });
}

#[test]
fn another_object_is_refused() {
    let source = source(2);
    let map = LabelMap::from_dense(*source.grid(), &[1; 70]).unwrap();
    let content = crate::seg::Content::LabelMap(&map);
    let file = crate::seg::write(content, &segments([1]), &source, &OBJECT).unwrap();
    assert_eq!(read(&file, source.grid()).unwrap_err(), RtError::NotAStructureSet);
    assert_eq!(
        write(&[map], &segments([2]), &source, &OBJECT).unwrap_err(),
        RtWriteError::Segment { number: 1 }
    );
}
