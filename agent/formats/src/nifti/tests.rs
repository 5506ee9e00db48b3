//! NIfTI: round trips in every form, and hostile headers.

use super::*;
use agent_imaging::{Grid, Volume, Voxels};
use proptest::prelude::*;
use std::io::{Read, Write};

fn turned(degrees: f64, left_handed: bool) -> [[f64; 3]; 3] {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let last = if left_handed { -1.0 } else { 1.0 };
    [
        [cosine, sine, 0.0],
        [-sine * 0.6, cosine * 0.6, 0.8],
        [sine * 0.8, -cosine * 0.8, 0.6].map(|part| part * last),
    ]
}

fn volume(grid: Grid) -> Volume {
    let values = (0..grid.voxels() as i16).map(|value| value - 7).collect();
    Volume::new(grid, Voxels::Int16(values)).unwrap()
}

fn unzipped(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn plain() -> Vec<u8> {
    let grid = Grid::new([4, 3, 2], [0.7, 0.8, 2.5], [10.0, -20.0, 30.0], turned(20.0, false)).unwrap();
    unzipped(&write_volume(&volume(grid)).unwrap())
}

fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = plain();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

#[test]
fn sform_and_qform_agree() {
    for left_handed in [false, true] {
        for degrees in [0.0, 20.0, 95.0, 181.0, 300.0] {
            let grid =
                Grid::new([4, 3, 2], [0.7, 0.8, 2.5], [10.0, -20.0, 30.0], turned(degrees, left_handed));
            let volume = volume(grid.unwrap());
            let mut file = unzipped(&write_volume(&volume).unwrap());
            assert!(read_volume(&file).unwrap().grid().same_as(volume.grid()));
            file[254..256].copy_from_slice(&[0, 0]);
            let back = read_volume(&file).unwrap();
            assert!(back.grid().same_as(volume.grid()), "{degrees} {left_handed} {:?}", back.grid());
            assert_eq!(back.voxels(), volume.voxels());
        }
    }
}

#[test]
fn an_identity_in_ras_points_right_and_forward_in_lps() {
    let grid = Grid::new(
        [2, 2, 2],
        [1.0; 3],
        [-5.0, -6.0, 7.0],
        [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]],
    );
    let file = unzipped(&write_volume(&volume(grid.unwrap())).unwrap());
    let row: Vec<f32> = file[280..296].as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
    assert_eq!(row, [1.0, 0.0, 0.0, 5.0]);
}

#[test]
fn a_long_axis_is_written_as_nifti2() {
    let grid = Grid::new([40_000, 1, 1], [0.1; 3], [1.0, 2.0, 3.0], turned(33.0, true)).unwrap();
    let labels: Vec<u16> = (0..40_000).map(|index| (index % 5) as u16).collect();
    let file = write_labels(&grid, &labels).unwrap();
    assert_eq!(&unzipped(&file)[..4], 540_i32.to_le_bytes());
    let (back, found) = read_labels(&file).unwrap();
    assert!(back.same_as(&grid));
    assert_eq!(found, labels);
}

#[test]
fn big_endian_files_are_read() {
    let little = plain();
    let mut big = little.clone();
    let mut swap = |from: usize, width: usize, count: usize| {
        for index in 0..count {
            big[from + index * width..from + (index + 1) * width].reverse();
        }
    };
    swap(0, 4, 1);
    swap(40, 2, 8);
    swap(70, 2, 2);
    swap(76, 4, 8);
    swap(108, 4, 3);
    swap(252, 2, 2);
    swap(256, 4, 18);
    swap(352, 2, 24);
    assert_eq!(read_volume(&big), read_volume(&little));
}

#[test]
fn every_data_type_is_read() {
    let voxels = |code: i16, bits: i16, bytes: Vec<u8>| {
        let mut file = changed(40, &[3, 0, 2, 0, 1, 0, 1, 0]);
        file[70..72].copy_from_slice(&code.to_le_bytes());
        file[72..74].copy_from_slice(&bits.to_le_bytes());
        file.truncate(352);
        file.extend(bytes);
        read_volume(&file).unwrap().voxels().clone()
    };
    assert_eq!(voxels(2, 8, vec![0, 200]), Voxels::Int16(vec![0, 200]));
    assert_eq!(voxels(256, 8, vec![255, 1]), Voxels::Int16(vec![-1, 1]));
    assert_eq!(voxels(512, 16, vec![0xFF, 0xFF, 1, 0]), Voxels::Float32(vec![65_535.0, 1.0]));
    assert_eq!(
        voxels(8, 32, [70_000_i32, -1].iter().flat_map(|v| v.to_le_bytes()).collect()),
        Voxels::Float32(vec![70_000.0, -1.0])
    );
    assert_eq!(
        voxels(768, 32, [7_u32, 8].iter().flat_map(|v| v.to_le_bytes()).collect()),
        Voxels::Float32(vec![7.0, 8.0])
    );
    assert_eq!(
        voxels(16, 32, [0.5_f32, 8.0].iter().flat_map(|v| v.to_le_bytes()).collect()),
        Voxels::Float32(vec![0.5, 8.0])
    );
    assert_eq!(
        voxels(64, 64, [0.5_f64, 8.0].iter().flat_map(|v| v.to_le_bytes()).collect()),
        Voxels::Float32(vec![0.5, 8.0])
    );
}

#[test]
fn scaling_is_applied_and_a_slope_of_nothing_is_none() {
    let scaled = changed(112, &[2.0_f32.to_le_bytes(), 10.0_f32.to_le_bytes()].concat());
    assert_eq!(read_volume(&scaled).unwrap().voxels().value(0), Some(-4.0));
    for slope in [0.0_f32, f32::NAN] {
        let plain = changed(112, &[slope.to_le_bytes(), 10.0_f32.to_le_bytes()].concat());
        assert_eq!(read_volume(&plain).unwrap().voxels().value(0), Some(-7.0));
    }
}

#[test]
fn hostile_headers_are_refused_by_name() {
    let short = |values: &[i16]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let single = |value: f32| value.to_le_bytes().to_vec();
    let cases: [(usize, Vec<u8>, NiftiError); 15] = [
        (0, vec![0; 4], NiftiError::NotNifti),
        (344, b"ni1\0".to_vec(), NiftiError::HeaderPair),
        (344, b"xxxx".to_vec(), NiftiError::NotNifti),
        (40, short(&[0]), NiftiError::Invalid { field: "dim" }),
        (40, short(&[3, -1]), NiftiError::Invalid { field: "dim" }),
        (40, short(&[4, 4, 3, 2, 2]), NiftiError::MoreThanThreeDimensions),
        (40, short(&[3, 32_767, 32_767, 32_767]), NiftiError::TooLarge),
        (40, short(&[3, 400, 400, 400]), NiftiError::Truncated),
        (70, short(&[128]), NiftiError::DataType { code: 128 }),
        (72, short(&[8]), NiftiError::Invalid { field: "bitpix" }),
        (108, single(-1.0), NiftiError::Invalid { field: "vox_offset" }),
        (108, single(f32::NAN), NiftiError::Invalid { field: "vox_offset" }),
        (280, single(f32::INFINITY), NiftiError::Invalid { field: "srow" }),
        (280, single(7.0), NiftiError::Sheared),
        (252, short(&[0, 0]), NiftiError::NoOrientation),
    ];
    for (at, bytes, expect) in cases {
        let file = changed(at, &bytes);
        assert_eq!(read_volume(&file).unwrap_err(), expect, "field at {at}");
        assert_eq!(read_volume(&zipped(&file)).unwrap_err(), expect, "zipped, field at {at}");
    }
}

#[test]
fn a_gzip_bomb_stops_at_the_declared_size() {
    let mut file = plain();
    file.resize(file.len() + 200_000_000, 0);
    // Read as the small image its header declares; nothing behind it is inflated.
    assert_eq!(read_volume(&zipped(&file)), read_volume(&plain()));
}

#[test]
fn a_grid_is_read_from_the_header_alone() {
    let expect = *read_volume(&plain()).unwrap().grid();
    assert!(read_grid(&plain()[..352]).unwrap().same_as(&expect));
    assert!(read_grid(&zipped(&plain()[..352])).unwrap().same_as(&expect));
    assert_eq!(read_grid(&plain()[..347]), Err(NiftiError::Truncated));
    assert_eq!(read_grid(b"\x1F\x8B rubbish"), Err(NiftiError::Gzip));
}

#[test]
fn several_gzip_members_are_one_file() {
    let file = plain();
    let (head, tail) = file.split_at(100);
    let members = [zipped(head), zipped(tail)].concat();
    assert_eq!(read_volume(&members), read_volume(&file));
}

#[test]
fn a_voxel_that_is_no_label_is_refused() {
    assert_eq!(read_labels(&plain()).unwrap_err(), NiftiError::NotALabel);
    let grid = *read_volume(&plain()).unwrap().grid();
    assert_eq!(write_labels(&grid, &[1]).unwrap_err(), NiftiWriteError::Count { expected: 24, found: 1 });
}

#[test]
fn nothing_of_a_header_s_text_is_written() {
    let file = plain();
    assert!(file[148..252].iter().all(|byte| *byte == 0));
}

proptest! {
    #[test]
    fn random_changes_are_survived(at in 0_usize..400, byte in any::<u8>(), cut in 0_usize..410) {
        let mut file = plain();
        let at = at % file.len();
        file[at] = byte;
        file.truncate(cut.max(1));
        let _ = read_volume(&file);
        let _ = read_labels(&zipped(&file));
    }

    #[test]
    fn labels_come_back(labels in proptest::collection::vec(any::<u16>(), 24)) {
        let grid = *read_volume(&plain()).unwrap().grid();
        let (back, found) = read_labels(&write_labels(&grid, &labels).unwrap()).unwrap();
        prop_assert!(back.same_as(&grid));
        prop_assert_eq!(found, labels);
    }
}
