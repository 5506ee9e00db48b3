//! Facts about the commands on masks.

use super::consensus::Method;
use super::measure::Which;
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

fn asked() -> Asked {
    Asked {
        tau_mm: 1.0,
        stack: false,
        instances: None,
        iou: 0.5,
        centre_mm: None,
        bands: Vec::new(),
        image: None,
        borders: false,
    }
}

fn rule(method: Method) -> Rule {
    Rule { method, quorum: None, table: None, undecided: None, disagreement: None }
}

#[test]
fn equal_maps_agree_and_what_is_missing_is_named() {
    let value = measured(&row([1, 1, 0, 2]), &row([1, 1, 0, 0]), &asked()).unwrap();
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
        let (decided, found) = decide(&maps, &rule(method), &[]).unwrap();
        assert_eq!((decided.count(1), &found["labels"][0]["voxels"]), (voxels, &json!(voxels)), "{method:?}");
    }
    let (_, found) = decide(&maps, &rule(Method::Staple), &[]).unwrap();
    assert_eq!(found["labels"][0]["raters"].as_array().unwrap().len(), 3);
}

#[test]
fn labels_that_win_the_same_voxel_are_refused_together_and_not_alone() {
    let maps = [row([1, 1, 0, 0]), row([0, 2, 2, 0])];
    let maps: Vec<&LabelMap> = maps.iter().collect();
    let refused = decide(&maps, &rule(Method::Union), &[]).unwrap_err();
    assert!(refused.to_string().contains("labels 1 and 2 win the same voxels"), "{refused}");
    assert_eq!(decide(&maps, &rule(Method::Union), &[2]).unwrap().0.count(2), 2);
    assert!(decide(&maps, &rule(Method::Union), &[9]).is_err());
}

#[test]
fn an_output_that_is_there_stays() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("one.nii");
    write(&file, &row([1, 0, 0, 0])).unwrap();
    assert!(write(&file, &row([0, 0, 0, 0])).is_err());
    assert_eq!(read(&file).unwrap(), row([1, 0, 0, 0]));
}

#[test]
fn a_quorum_and_a_truth_table_decide_as_they_say() {
    let maps = [row([1, 1, 1, 0]), row([1, 1, 0, 0]), row([1, 0, 0, 0])];
    let maps: Vec<&LabelMap> = maps.iter().collect();
    let voxels = |rule: Rule| decide(&maps, &rule, &[]).map(|(map, _)| map.count(1));
    let quorum = |quorum| Rule { quorum: Some(quorum), ..rule(Method::Quorum) };
    assert_eq!((voxels(quorum(1)).unwrap(), voxels(quorum(3)).unwrap()), (3, 1));
    assert!(voxels(quorum(4)).is_err() && voxels(quorum(0)).is_err());
    // Pattern 1 alone: what only the first map marks.
    let table = |digits: &str| Rule { table: Some(digits.to_owned()), ..rule(Method::Weighted) };
    assert_eq!(voxels(table("02")).unwrap(), 1);
    for digits in ["", "0", "0g", "+2", "0202", "01"] {
        assert!(voxels(table(digits)).is_err(), "{digits}");
    }
}

#[test]
fn labels_are_decided_at_once_or_by_their_shape() {
    let maps = [row([1, 1, 2, 0]), row([1, 2, 2, 0]), row([1, 3, 2, 2])];
    let maps: Vec<&LabelMap> = maps.iter().collect();
    for method in [Method::Plurality, Method::StapleMulti] {
        let (map, found) = decide(&maps, &Rule { undecided: Some(9), ..rule(method) }, &[]).unwrap();
        assert_eq!((map.label_at([0; 3]), map.label_at([2, 0, 0])), (Some(1), Some(2)), "{method:?}");
        assert_eq!(found["undecided_voxels"], json!(map.count(9)));
        assert!(decide(&maps, &rule(method), &[1]).is_err());
    }
    assert_eq!(decide(&maps, &rule(Method::ShapeMean), &[2]).unwrap().0.label_at([2, 0, 0]), Some(2));
    // Only one map has label 3.
    assert!(decide(&maps, &rule(Method::ShapeMean), &[3]).is_err());
}

#[test]
fn where_maps_disagree_is_told_and_painted() {
    let maps = [row([1, 1, 1, 0]), row([1, 1, 0, 0])];
    let maps: Vec<&LabelMap> = maps.iter().collect();
    let rule = Rule { disagreement: Some("nowhere.nii".into()), ..rule(Method::Majority) };
    let (_, found) = decide(&maps, &rule, &[]).unwrap();
    let line = &found["labels"][0];
    assert_eq!((&line["disputed_regions"], &line["mean_entropy_bits"]), (&json!(1), &json!(1.0 / 3.0)));
    assert_eq!(line["largest_disputed_regions"][0]["volume_mm3"], 2.0);
    assert_eq!(line["dice_to_majority_of_others"], json!([0.8, 0.8]));
    let (_, painted) = rule.disputed(&maps, &[]).unwrap().unwrap();
    assert_eq!(painted, row([0, 0, 1000, 0]));
}

#[test]
fn objects_are_matched_and_counted_in_bands() {
    let (reference, candidate) = (row([1, 0, 1, 1]), row([0, 0, 1, 1]));
    let which = Asked { instances: Some(Which::Parts), bands: vec![3.0], borders: true, ..asked() };
    let value = measured(&reference, &candidate, &which).unwrap();
    let found = &value["instances"][0];
    assert_eq!((&found["true_positives"], &found["false_negatives"]), (&json!(1), &json!(1)));
    assert_eq!((&found["f1"], &found["pairs"][0]["dice"]), (&json!(2.0 / 3.0), &json!(1.0)));
    assert_eq!((&found["bands"][0]["false_negatives"], &found["bands"][1]["f1"]), (&json!(1), &json!(1.0)));
    assert_eq!(value["labels"][0]["border_hd_mm"], json!(2.0));
    assert_eq!(
        (&value["segments"][0]["components"], &value["segments"][1]["components"]),
        (&json!(2), &json!(1))
    );
    let labels = Asked { instances: Some(Which::Labels), stack: true, ..asked() };
    let value = measured(&row([5, 5, 0, 0]), &row([7, 7, 7, 0]), &labels).unwrap();
    assert_eq!(value["instances"][0]["pairs"][0]["dice"], json!(0.8));
    assert_eq!(
        (&value["slices"][0]["dim"], &value["slices"][0]["undefined"]["hd_mm"]),
        (&json!(2), &json!("one-empty"))
    );
}

#[test]
fn numbers_that_make_no_sense_are_refused_by_name() {
    let refused = |asked: Asked, name: &str| asked.check().unwrap_err().to_string().contains(name);
    assert!(refused(Asked { tau_mm: f64::NAN, ..asked() }, "--tau-mm"));
    assert!(refused(Asked { iou: 0.0, ..asked() }, "--iou"));
    assert!(refused(Asked { centre_mm: Some(-1.0), ..asked() }, "--centre-mm"));
    assert!(refused(Asked { bands: vec![2.0, 1.0], ..asked() }, "--bands"));
    assert!(Asked { bands: vec![1.0, 2.0], ..asked() }.check().is_ok());
}
