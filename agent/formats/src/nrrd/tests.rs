//! NRRD files there and back, those of other programs, and those that are refused.

use super::*;
use crate::seg::{Code, Segment};
use agent_imaging::{Grid, LabelMap};
use agent_phi::HeaderText;
use proptest::prelude::*;

fn grid() -> Grid {
    let (sine, cosine) = 0.3_f64.sin_cos();
    let direction = [[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, -1.0]];
    Grid::new([4, 3, 2], [0.7, 0.8, 2.5], [-12.5, 3.25, 100.0], direction).unwrap()
}

fn map(labels: &[u16]) -> LabelMap {
    LabelMap::from_dense(grid(), labels).unwrap()
}

fn row(first: &[u16]) -> LabelMap {
    let mut labels = [0; 24];
    labels[..first.len()].copy_from_slice(first);
    map(&labels)
}

proptest! {
    #[test]
    fn layers_come_back_as_they_were(
        first in proptest::collection::vec(prop_oneof![3 => Just(0_u16), 1 => 1_u16..4, 1 => Just(40_000)], 24),
        second in proptest::collection::vec(prop_oneof![3 => Just(0_u16), 1 => 4_u16..9], 24),
        listed in any::<bool>(),
        raw in any::<bool>(),
    ) {
        let layers = if listed { vec![map(&first), map(&second)] } else { vec![map(&first)] };
        let encoding = if raw { Encoding::Raw } else { Encoding::Gzip };
        let found = read(&write(&layers, &[], encoding).unwrap()).unwrap();
        prop_assert!(found.layers[0].grid().same_as(&grid()));
        let voxels = |layers: &[LabelMap]| layers.iter().map(LabelMap::to_dense).collect::<Vec<_>>();
        prop_assert_eq!(voxels(&found.layers), voxels(&layers));
    }

    #[test]
    fn any_change_of_a_file_is_survived(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in any::<usize>(),
        raw in any::<bool>(),
    ) {
        let encoding = if raw { Encoding::Raw } else { Encoding::Gzip };
        let mut file = write(&[row(&[1, 1, 2]), row(&[0, 3])], &[], encoding).unwrap();
        let length = file.len();
        changes.iter().for_each(|(at, byte)| file[at % length] = *byte);
        file.truncate(length - cut % (length / 4));
        let _ = read(&file);
    }
}

#[test]
fn what_is_said_of_a_segment_comes_back() {
    let segment = Segment {
        label: HeaderText::new("Leber \\ groß: alles").unwrap(),
        category: Code::of("123037004", "SCT", "Anatomical Structure"),
        kind: Code::of("64033007", "SCT", "Kidney"),
        modifiers: vec![Code::of("7771000", "SCT", "Left")],
        region: Some(Code::of("818983003", "SCT", "Abdomen")),
        colour: Some([1, 128, 255]),
        ..Segment::plain(3).unwrap()
    };
    let unused = Segment::plain(9).unwrap();
    let written = [segment.clone(), unused.clone()];
    let found = read(&write(&[row(&[3])], &written, Encoding::Gzip).unwrap()).unwrap();
    assert_eq!(found.segments, written);
}

fn file(header: &str, voxels: &[u8]) -> Vec<u8> {
    [header.as_bytes(), b"\n", voxels].concat()
}

const PLAIN: &str = "NRRD0005\n# a comment\ntype: short\ndimension: 3\nspace: right-anterior-superior\nsizes: 2 1 1\n\
                     space directions: (-2,0,0) (0,-1,0) (0,0,1)\nkinds: domain domain domain\nendian: big\n\
                     encoding: raw\nspace origin: (10,20,30)\n";

#[test]
fn a_plain_label_map_of_another_program_is_read() {
    let found = read(&file(PLAIN, &[0, 0, 1, 44])).unwrap();
    assert_eq!(found.layers[0].to_dense(), [0, 300]);
    let grid = found.layers[0].grid();
    assert_eq!((grid.origin_mm(), grid.spacing_mm()), ([-10.0, -20.0, 30.0], [2.0, 1.0, 1.0]));
    assert_eq!(grid.direction()[0], [1.0, 0.0, 0.0]);
    assert!(found.segments.is_empty());
}

#[test]
fn segments_of_one_value_on_two_layers_are_numbered_anew() {
    let header = "NRRD0004\ntype: uint8\ndimension: 4\nspace: LPS\nsizes: 2 2 1 1\n\
                  space directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: list domain domain domain\n\
                  encoding: raw\nspace origin: (0,0,0)\nSegment0_ID:=a\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n\
                  Segment1_ID:=b\nSegment1_LabelValue:=1\nSegment1_Layer:=1\nSegment1_Name:=x: y\n";
    let found = read(&file(header, &[1, 0, 1, 1])).unwrap();
    assert_eq!(found.layers.iter().map(LabelMap::to_dense).collect::<Vec<_>>(), [[1, 1], [0, 2]]);
    assert_eq!(found.segments[1].label, HeaderText::new("x: y").unwrap());
}

#[test]
fn what_is_wrong_is_named() {
    let error = |from: &str, to: &str| read(&file(&PLAIN.replace(from, to), &[0, 0, 1, 44])).unwrap_err();
    assert_eq!(read(b"NRD").unwrap_err(), NrrdError::NotNrrd);
    assert_eq!(read(PLAIN.as_bytes()).unwrap_err(), NrrdError::Header);
    assert_eq!(error("encoding: raw", "encoding: bzip2"), NrrdError::Encoding);
    assert_eq!(error("endian: big", "data file: x.raw\nendian: big"), NrrdError::Detached);
    assert_eq!(error("endian: big\n", ""), NrrdError::Missing { field: "endian" });
    assert_eq!(error("sizes: 2 1 1", "sizes: 2 1"), NrrdError::Invalid { field: "sizes" });
    assert_eq!(error("sizes: 2 1 1", "sizes: 60000 60000 60000"), NrrdError::TooLarge);
    assert_eq!(error("sizes: 2 1 1", "sizes: 60000 30000 1"), NrrdError::Truncated);
    assert_eq!(error("(-2,0,0)", "(-2,0,1)"), NrrdError::Sheared);
    assert_eq!(error("(-2,0,0)", "(0,0,0)"), NrrdError::Invalid { field: "space directions" });
    assert_eq!(error("(-2,0,0)", "(nan,0,0)"), NrrdError::Invalid { field: "space directions" });
    assert_eq!(error("space: right", "spice: right"), NrrdError::NoOrientation);
    assert_eq!(error("dimension: 3", "dimension: 2"), NrrdError::Dimensions);
    assert_eq!(read(&file(PLAIN, &[0xFF, 0xFF, 0, 0])).unwrap_err(), NrrdError::NotALabel);
}

/// A stream a thousand times longer than its header says is read no further than that.
#[test]
fn a_bomb_is_inflated_no_further_than_its_header_says() {
    use std::io::Write as _;
    let header = PLAIN.replace("encoding: raw", "encoding: gzip");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&[0, 0, 0, 7]).unwrap();
    let zeros = vec![0; 1024 * 1024];
    (0..100).for_each(|_| gzip.write_all(&zeros).unwrap());
    assert_eq!(read(&file(&header, &gzip.finish().unwrap())).unwrap().layers[0].to_dense(), [0, 7]);
}
