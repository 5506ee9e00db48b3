//! Decodes files, so that programs in other languages can look at what this room makes of them.
//!
//! `decode OUT FILE…`: for each file one line on standard output, parted by tabs, and its pixels in `OUT/N`, N being
//! its place in the list, counted from 0. Grey pixels are 32-bit signed integers, least significant byte first;
//! colours are red, green and blue of 8 bits. A line says `grey` or `rgb`, transfer syntax UID, frames, rows and
//! columns; or `refused` and why; a NIfTI file says `nifti`, its size, its affine (LPS, mm, the first three rows one
//! after the other), and has its voxels as 32-bit floats.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::error::Error;
use std::path::{Path, PathBuf};

use agent_formats::{Frames, PixelError, Samples, nifti};
use agent_imaging::{Volume, VoxelIndex};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().ok_or("usage: decode OUT FILE…")?;
    for (number, path) in arguments.enumerate() {
        let file = std::fs::read(&path)?;
        let (line, pixels) = if is_nifti(&path) { of_nifti(&file) } else { of_dicom(&file) };
        println!("{line}");
        std::fs::write(out.join(number.to_string()), pixels)?;
    }
    Ok(())
}

fn is_nifti(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".nii") || path.to_string_lossy().ends_with(".nii.gz")
}

fn of_dicom(file: &[u8]) -> (String, Vec<u8>) {
    dicom(file).unwrap_or_else(|error| (format!("refused\t{}", told(&error)), Vec::new()))
}

fn dicom(file: &[u8]) -> Result<(String, Vec<u8>), PixelError> {
    let frames = Frames::open(file)?;
    let (mut kind, mut pixels) = ("grey", Vec::new());
    for frame in 0..frames.count() {
        match frames.decode(frame)? {
            Samples::Grey(stored) => pixels.extend(stored.iter().flat_map(|value| value.to_le_bytes())),
            Samples::Rgb(mut colours) => {
                kind = "rgb";
                pixels.append(&mut colours);
            }
        }
    }
    let layout = frames.header().layout;
    let uid = frames.header().identity.syntax.uid();
    let line = format!("{kind}\t{uid}\t{}\t{}\t{}", frames.count(), layout.rows, layout.columns);
    Ok((line, pixels))
}

fn of_nifti(file: &[u8]) -> (String, Vec<u8>) {
    match nifti::read_volume(file) {
        Ok(volume) => (described(&volume), voxels(&volume)),
        Err(error) => (format!("refused\t{}", told(&error)), Vec::new()),
    }
}

fn described(volume: &Volume) -> String {
    let grid = volume.grid();
    let [i, j, k] = grid.size();
    let place = |index| grid.to_patient(VoxelIndex(index)).0;
    let origin = place([0.0; 3]);
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(place);
    let row = |coordinate: usize| {
        let steps = axes.map(|end| end[coordinate] - origin[coordinate]);
        format!("{}\t{}\t{}\t{}", steps[0], steps[1], steps[2], origin[coordinate])
    };
    format!("nifti\t{i}\t{j}\t{k}\t{}\t{}\t{}", row(0), row(1), row(2))
}

fn voxels(volume: &Volume) -> Vec<u8> {
    let voxels = volume.voxels();
    let value = |index| voxels.value(index).unwrap_or(f64::NAN) as f32;
    (0..voxels.len()).flat_map(|index| value(index).to_le_bytes()).collect()
}

/// An error and all its causes.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
