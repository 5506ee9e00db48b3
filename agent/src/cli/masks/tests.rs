//! Facts about the commands on masks.

use super::*;

const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

fn map(labels: &[u16; 24]) -> LabelMap {
    let grid = Grid::new([4, 3, 2], [1.0, 1.0, 2.0], [0.0; 3], AXES).unwrap();
    LabelMap::from_dense(grid, labels).unwrap()
}

fn row(first: [u16; 4]) -> LabelMap {
    let mut labels = [0; 24];
    labels[..4].copy_from_slice(&first);
    map(&labels)
}

#[test]
fn equal_maps_agree_and_what_is_missing_is_named() {
    let value = measured(&row([1, 1, 0, 2]), &row([1, 1, 0, 0]), 1.0, Depth::Volume).unwrap();
    let [first, second] = [&value["labels"][0], &value["labels"][1]];
    assert_eq!(
        (&first["dice"], &first["hd_mm"], &first["signed_bias_mm"]),
        (&json!(1.0), &json!(0.0), &json!(0.0))
    );
    assert_eq!(first["undefined"], json!({}));
    assert_eq!((&second["dice"], &second["hd_mm"]), (&json!(0.0), &Value::Null));
    assert_eq!(second["undefined"]["hd95_mm"], "one-empty");
    assert_eq!(first["volume_mm3"], json!([4.0, 4.0]));
}

#[test]
fn each_method_decides_as_it_says() {
    let maps = [row([1, 1, 1, 0]), row([1, 1, 0, 0]), row([1, 0, 0, 0])];
    let maps: Vec<&LabelMap> = maps.iter().collect();
    for (method, voxels) in [(Method::Majority, 2), (Method::Union, 3), (Method::Intersection, 1)] {
        let (decided, found) = decide(&maps, method, &[]).unwrap();
        assert_eq!((decided.count(1), &found["labels"][0]["voxels"]), (voxels, &json!(voxels)), "{method:?}");
    }
    let (_, found) = decide(&maps, Method::Staple, &[]).unwrap();
    assert_eq!(found["labels"][0]["raters"].as_array().unwrap().len(), 3);
}

#[test]
fn labels_that_win_the_same_voxel_are_refused_together_and_not_alone() {
    let maps = [row([1, 1, 0, 0]), row([0, 2, 2, 0])];
    let maps: Vec<&LabelMap> = maps.iter().collect();
    let refused = decide(&maps, Method::Union, &[]).unwrap_err();
    assert!(refused.to_string().contains("labels 1 and 2 win the same voxels"), "{refused}");
    assert_eq!(decide(&maps, Method::Union, &[2]).unwrap().0.count(2), 2);
    assert!(decide(&maps, Method::Union, &[9]).is_err());
}

#[test]
fn an_output_that_is_there_stays() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("one.nii");
    write(&file, &row([1, 0, 0, 0])).unwrap();
    assert!(write(&file, &row([0, 0, 0, 0])).is_err());
    assert_eq!(read(&file).unwrap(), row([1, 0, 0, 0]));
}
