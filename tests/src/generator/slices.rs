//! The grid of the series, and its slices: sampled from the template, written as they come.

use std::path::{Path, PathBuf};

use super::header::Series;
use super::nifti::{Datatype, Writer};
use super::template::{LABEL_NAMES, Template};
use super::{GenerateError, Modality, Options, encode};

/// Where the voxels of the series lie; LPS, `direction[axis]` is the unit vector of i, j, k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Voxels along (i, j, k).
    pub size: [u32; 3],
    /// Distance of voxel centres along (i, j, k).
    pub spacing_mm: [f64; 3],
    /// Centre of voxel (0, 0, 0).
    pub origin_mm: [f64; 3],
    /// Unit vectors of the axes.
    pub direction: [[f64; 3]; 3],
}

impl Geometry {
    /// Square slices over the whole template. Numbers are rounded to what the header will say, so that
    /// DICOM and NIfTI agree.
    pub(super) fn over(template: &Template, options: &Options) -> Result<Self, GenerateError> {
        let [columns, rows, planes] = template.size;
        let side = options.size.unwrap_or(columns.max(rows));
        let slices = options.slices.unwrap_or(planes);
        if ![side, slices].iter().all(|length| (2..=4096).contains(length)) {
            return Err(GenerateError::Size);
        }
        let [width_mm, depth_mm, height_mm] = template.extent_mm();
        let in_plane_mm = rounded(width_mm.max(depth_mm) / f64::from(side), 6);
        let apart_mm = rounded(height_mm / f64::from(slices), 6);
        let (sine, cosine) = options.oblique_degrees.to_radians().sin_cos();
        let (sine, cosine) = (rounded(sine, 9), rounded(cosine, 9));
        let mut geometry = Self {
            size: [side, side, slices],
            spacing_mm: [in_plane_mm, in_plane_mm, apart_mm],
            origin_mm: [0.0; 3],
            direction: [[1.0, 0.0, 0.0], [0.0, cosine, sine], [0.0, -sine, cosine]],
        };
        let middle = geometry.place_mm(geometry.size.map(|length| f64::from(length - 1) / 2.0));
        let centre_mm = template.centre_mm();
        geometry.origin_mm = [0, 1, 2].map(|axis| rounded(centre_mm[axis] - middle[axis], 6));
        Ok(geometry)
    }

    /// Where a voxel lies.
    pub fn place_mm(&self, voxel: [f64; 3]) -> [f64; 3] {
        let along_mm = [0, 1, 2].map(|axis| voxel[axis] * self.spacing_mm[axis]);
        [0, 1, 2].map(|xyz| {
            let shift: f64 = (0..3).map(|axis| along_mm[axis] * self.direction[axis][xyz]).sum();
            self.origin_mm[xyz] + shift
        })
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (value * unit).round() / unit
}

/// One slice: values in the modality's unit, and labels.
struct Slice {
    values: Vec<i16>,
    labels: Vec<u8>,
}

/// Writes all slices; gives the files in order and the voxels of each label.
pub(super) fn write(
    template: &Template,
    series: &Series,
    options: &Options,
) -> Result<(Vec<PathBuf>, Vec<u64>), GenerateError> {
    let geometry = series.geometry();
    let gold_path = options.out.join("gold.nii.gz");
    let gold = Writer::create(&gold_path, geometry, Datatype::Byte);
    let mut gold = gold.map_err(|cause| GenerateError::file(&gold_path, cause))?;
    let volume_path = options.out.join("volume.nii.gz");
    let volume = options.nifti.then(|| Writer::create(&volume_path, geometry, Datatype::Int16)).transpose();
    let mut volume = volume.map_err(|cause| GenerateError::file(&volume_path, cause))?;
    let files: Vec<PathBuf> = (1..=geometry.size[2])
        .map(|number| options.out.join("dicom").join(format!("{}{number:05}.dcm", options.prefix)))
        .collect();
    let mut label_voxels = vec![0; LABEL_NAMES.len()];
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut k = 0;
    for batch in files.chunks(at_once) {
        for slice in write_batch(template, series, options, (k, batch)) {
            let slice = slice?;
            for &label in slice.labels.iter().filter(|&&label| label > 0) {
                label_voxels[usize::from(label) - 1] += 1;
            }
            gold.bytes(&slice.labels).map_err(|cause| GenerateError::file(&gold_path, cause))?;
            if let Some(volume) = &mut volume {
                volume.halves(&slice.values).map_err(|cause| GenerateError::file(&volume_path, cause))?;
            }
        }
        k += batch.len() as u32;
    }
    gold.finish().map_err(|cause| GenerateError::file(&gold_path, cause))?;
    if let Some(volume) = volume {
        volume.finish().map_err(|cause| GenerateError::file(&volume_path, cause))?;
    }
    Ok((files, label_voxels))
}

/// Samples and writes a few slices, each in a thread of its own.
fn write_batch(
    template: &Template,
    series: &Series,
    options: &Options,
    (first, files): (u32, &[PathBuf]),
) -> Vec<Result<Slice, GenerateError>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = files
            .iter()
            .zip(first..)
            .map(|(file, k)| scope.spawn(move || write_slice(template, series, options, (k, file))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn write_slice(
    template: &Template,
    series: &Series,
    options: &Options,
    (k, file): (u32, &Path),
) -> Result<Slice, GenerateError> {
    let slice = sample(template, series.geometry(), options, k);
    series.write(k, &slice.values, file)?;
    encode::convert(file, options.transfer_syntax)?;
    Ok(slice)
}

fn sample(template: &Template, geometry: &Geometry, options: &Options, k: u32) -> Slice {
    let [columns, rows, _] = geometry.size;
    let seed = options.key.bytes().fold(u64::from(k), |seed, byte| seed.wrapping_mul(31) + u64::from(byte));
    let mut noise = Noise(seed);
    let voxels = (columns * rows) as usize;
    let mut slice = Slice { values: Vec::with_capacity(voxels), labels: Vec::with_capacity(voxels) };
    for j in 0..rows {
        for i in 0..columns {
            let place_mm = geometry.place_mm([f64::from(i), f64::from(j), f64::from(k)]);
            slice.values.push(value(options.modality, template, place_mm, noise.next()));
            slice.labels.push(template.label(place_mm));
        }
    }
    slice
}

/// The value that a scanner would show: 0 to 4095 in MR, Hounsfield units in CT.
fn value(modality: Modality, template: &Template, place_mm: [f64; 3], noise: f64) -> i16 {
    match modality {
        Modality::Mr => {
            (template.intensity(place_mm) * 3000.0 + noise * 15.0).round().clamp(0.0, 4095.0) as i16
        }
        Modality::Ct => {
            let hounsfield = template.hounsfield(place_mm) + noise * 3.0;
            hounsfield.round().clamp(-1024.0, 3071.0) as i16
        }
    }
}

/// Noise around 0 with a spread of about 1; SplitMix64 (Steele et al., OOPSLA 2014).
pub(super) struct Noise(pub(super) u64);

impl Noise {
    pub(super) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = mixed ^ mixed >> 31;
        // The sum of four uniform numbers is close to a normal one.
        let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xffff).sum();
        (sum as f64 / 65_536.0 - 2.0) * 3.0_f64.sqrt()
    }
}
