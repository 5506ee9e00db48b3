//! NIfTI files with random affines lie where another program finds them, and hold the same voxels.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use agent_formats::nifti::read_volume;
use agent_imaging::VoxelIndex;

const FILES: &[u8] = include_bytes!("data/nifti/affines.bin");
/// One line a file: its size, the rows of its affine, the sum of its voxels.
const EXPECT: &str = include_str!("data/nifti/affines.txt");
const FAR_MM: f64 = 1e-4;

fn files() -> Vec<&'static [u8]> {
    let mut rest = FILES;
    let mut files = Vec::new();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let (file, behind) = behind.split_at(u32::from_le_bytes(*length) as usize);
        files.push(file);
        rest = behind;
    }
    files
}

#[test]
fn corners_are_where_nibabel_finds_them() {
    let files = files();
    assert_eq!(files.len(), EXPECT.lines().count());
    assert!(files.len() >= 80);
    for (number, (file, line)) in files.iter().zip(EXPECT.lines()).enumerate() {
        let expect: Vec<f64> = line.split(' ').map(|part| part.parse().unwrap()).collect();
        let volume = read_volume(file).unwrap();
        let grid = volume.grid();
        assert_eq!(grid.size().map(f64::from), expect[..3], "file {number}");
        for corner in 0..8_u32 {
            let index = [0, 1, 2].map(|axis| f64::from((grid.size()[axis] - 1) * (corner >> axis & 1)));
            let found = grid.to_patient(VoxelIndex(index)).0;
            for (coordinate, row) in expect[3..15].chunks(4).enumerate() {
                let there = row[0] * index[0] + row[1] * index[1] + row[2] * index[2] + row[3];
                // Ours grow towards left and back, theirs towards right and front.
                let there = if coordinate < 2 { -there } else { there };
                assert!((found[coordinate] - there).abs() < FAR_MM, "file {number}: {found:?}");
            }
        }
        let sum: f64 = (0..volume.voxels().len()).map(|at| volume.voxels().value(at).unwrap()).sum();
        assert!((sum - expect[15]).abs() < 1e-3, "file {number}: {sum}");
    }
}
