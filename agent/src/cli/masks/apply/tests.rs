//! What is asked for on the command line, and what comes of it.

use agent_imaging::{Grid, Voxels};
use clap::Parser;

use super::*;

const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    apply: Apply,
}

fn line(words: &str) -> Apply {
    Line::try_parse_from(format!("apply {words} in.nii -o out.nii").split_whitespace()).unwrap().apply
}

fn grid_of() -> Grid {
    Grid::new([12, 10, 8], [1.0, 1.0, 2.0], [0.0; 3], AXES).unwrap()
}

/// Label 1 in a box with a hole, label 2 beside it, and a single voxel of label 1 far off.
fn map() -> LabelMap {
    let mut labels = vec![0; 12 * 10 * 8];
    for (at, label) in labels.iter_mut().enumerate() {
        let (i, j, k) = (at % 12, at / 12 % 10, at / 120);
        *label = match (i, j, k) {
            (4, 4, 3) => 0,
            (2..=6, 2..=6, 2..=4) | (11, 9, 7) => 1,
            (7..=8, 2..=6, 2..=4) => 2,
            _ => 0,
        };
    }
    LabelMap::from_dense(grid_of(), &labels).unwrap()
}

fn image_of() -> Volume {
    let values = (0..12 * 10 * 8).map(|at| if map().to_dense()[at] == 1 { 100 } else { 0 }).collect();
    Volume::new(grid_of(), Voxels::Int16(values)).unwrap()
}

fn counts(words: &str) -> [u64; 3] {
    let (after, found) = applied(&line(words), &map(), Some(&image_of())).unwrap();
    assert_eq!(found["grid"]["size"], json!([12, 10, 8]));
    [1, 2, 3].map(|label| after.count(label))
}

#[test]
fn each_operation_is_there_under_its_name() {
    assert_eq!([1, 2, 3].map(|label| map().count(label)), [75, 30, 0]);
    for (words, expected) in [
        ("paint --label 3 --centre 1,1,6 --mm 1", [75, 30, 5]),
        ("threshold --label 3 --range 50 150 --box 0,0,0:6,9,7", [1, 30, 74]),
        ("region-grow --label 3 --seed 2,2,2 --range 50 150", [1, 30, 74]),
        ("region-grow --label 3 --seed 2,2,2 --compactness 0.9 --rounds 1 --around-mm 0", [1, 30, 74]),
        ("level-trace --label 3 --seed 2,2,3", [51, 30, 25]),
        ("fill-between-slices --label 2 --axis i", [75, 30, 0]),
        ("islands --label 1 --rule keep-largest", [74, 30, 0]),
        ("islands --label 1 --rule remove-small --minimum-voxels 2 --neighbours 6", [74, 30, 0]),
        ("islands --label 1 --rule keep-picked --picked 11,9,7", [1, 30, 0]),
        ("islands --label 1 --rule split --into 1,3", [74, 30, 1]),
        ("smooth --label 1 --method close --mm 1", [76, 30, 0]),
        ("margin --label 2 --mm 1", [60, 30 + 15 + 15 + 12, 0]),
        ("margin --label 2 --mm 1 --overwrite nothing", [75, 30 + 15 + 12, 0]),
        ("margin --label 2 --mm -1", [75, 0, 0]),
        ("shell --label 2 --mm 1 --side inward", [75, 30, 0]),
        ("logic --label 1 --how add --with 2", [105, 0, 0]),
        ("logic --label 2 --how clear", [75, 0, 0]),
        ("logic --label 2 --how fill --editable outside-all", [75, 30 + 960 - 105, 0]),
        ("logic --label 3 --how fill --editable inside:1 --image x --editable-range 1 200", [0, 30, 75]),
        ("fill-holes --label 1", [76, 30, 0]),
        ("fill-holes --label 1 --axis k", [76, 30, 0]),
        (
            "scissors --corner=-1,-1,0 --corner=4.5,-1,0 --corner=4.5,20,0 --corner=-1,20,0 --direction 0,0,1 --erase 1",
            [31, 30, 0],
        ),
    ] {
        if words.contains("fill-between-slices") {
            assert!(applied(&line(words), &map(), None).is_err(), "{words}");
            continue;
        }
        assert_eq!(counts(words), expected, "{words}");
    }
    assert!(counts("walk --label 3 --positive 10,2,6 --box 9,0,5:11,4,7")[2] > 0);
    assert!(counts("grow-from-seeds")[0] > 75);
    assert!(counts("smooth --label 1 --label 2 --method joint --mm 2")[1] > 0);
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let refused = |words: &str| applied(&line(words), &map(), None).unwrap_err().to_string();
    assert!(refused("threshold --label 3 --range 50 150").contains("image"));
    assert!(refused("margin --label 9 --mm 3").contains("no voxel has the label"));
    assert!(refused("islands --label 1 --rule keep-picked").contains("--picked"));
    assert!(refused("islands --label 1 --rule remove-small").contains("--minimum-mm3"));
    assert!(refused("smooth --label 1 --label 2 --method median --mm 1").contains("joint"));
    assert!(refused("grow-from-seeds --box 0,0,0:99,0,0").contains("--box"));
    for words in ["margin --label 1 --mm 3 --editable somewhere", "paint --label 1 --mm 1 --centre 1,2"] {
        let line = format!("apply {words} in.nii -o out.nii");
        assert!(Line::try_parse_from(line.split_whitespace()).is_err(), "{words}");
    }
}

#[test]
fn what_changed_is_told_and_written() {
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str| place.path().join(name);
    write(&file("in.nii"), &map()).unwrap();
    let words = ["apply", "margin", "--label", "2", "--mm", "1"].map(str::to_owned);
    let paths = [file("in.nii"), file("out.nii")].map(|path| path.display().to_string());
    let line = words.into_iter().chain([paths[0].clone(), "-o".to_owned(), paths[1].clone()]);
    let command = Line::try_parse_from(line).unwrap().apply;
    let (after, found) = applied(&command, &map(), None).unwrap();
    assert_eq!(found["operation"], "margin");
    assert_eq!(found["labels"][1], json!({ "label": 2, "voxels": [30, after.count(2)] }));
    assert_eq!(found["changed_voxels"], after.count(2) - 30);
    apply(&command).unwrap();
    assert_eq!(read(&file("out.nii")).unwrap(), after);
    // The file that is there stays.
    assert!(apply(&command).is_err());
}
