//! Volumes and label maps as gzipped NIfTI-1, or NIfTI-2 where an axis is too long for it.
//!
//! Both sform and qform are written and agree, since programs differ in which they believe. Text fields stay empty.

use super::NiftiWriteError;
use super::affine::{self, Affine};
use super::header::{NIFTI1_BYTES, NIFTI2_BYTES};
use agent_imaging::{Grid, Volume, Voxels};
use std::io::Write;

const CODE_INT16: i16 = 4;
const CODE_FLOAT32: i16 = 16;
const CODE_UINT16: i16 = 512;
const CODE_RGB24: i16 = 128;
/// Scanner coordinates.
const FORM_SCANNER: i16 = 1;
const UNITS_MM: u8 = 2;
/// Voxels that are converted at once.
const CHUNK: usize = 64 * 1024;

/// Writes an image, gzipped.
///
/// # Errors
/// `Gzip` when the compressor fails.
pub fn write_volume(volume: &Volume) -> Result<Vec<u8>, NiftiWriteError> {
    write_voxels(volume.grid(), volume.voxels())
}

/// Writes values on a grid that need not be their own, gzipped.
///
/// # Errors
/// `Count` when the values do not fill the grid; `Gzip` when the compressor fails.
pub fn write_voxels(grid: &Grid, voxels: &Voxels) -> Result<Vec<u8>, NiftiWriteError> {
    let found = voxels.len() as u64;
    if found != grid.voxels() {
        return Err(NiftiWriteError::Count { expected: grid.voxels(), found });
    }
    let (code, bits) = match voxels {
        Voxels::Int16(_) => (CODE_INT16, 16),
        Voxels::Float32(_) => (CODE_FLOAT32, 32),
        Voxels::Rgb8(_) => (CODE_RGB24, 24),
    };
    let mut out = start(grid, code, bits)?;
    for from in (0..voxels.len()).step_by(CHUNK) {
        out.write_all(&voxels.little_endian(from, CHUNK)).map_err(|_| NiftiWriteError::Gzip)?;
    }
    out.finish().map_err(|_| NiftiWriteError::Gzip)
}

/// Writes a label map, gzipped: one label for each voxel, i fastest, then j, then k.
///
/// # Errors
/// `Count` when the labels do not fill the grid; `Gzip` when the compressor fails.
pub fn write_labels(grid: &Grid, labels: &[u16]) -> Result<Vec<u8>, NiftiWriteError> {
    let found = labels.len() as u64;
    if found != grid.voxels() {
        return Err(NiftiWriteError::Count { expected: grid.voxels(), found });
    }
    let mut out = start(grid, CODE_UINT16, 16)?;
    for chunk in labels.chunks(CHUNK) {
        let bytes: Vec<u8> = chunk.iter().flat_map(|label| label.to_le_bytes()).collect();
        out.write_all(&bytes).map_err(|_| NiftiWriteError::Gzip)?;
    }
    out.finish().map_err(|_| NiftiWriteError::Gzip)
}

type Gzip = flate2::write::GzEncoder<Vec<u8>>;

fn start(grid: &Grid, code: i16, bits: i16) -> Result<Gzip, NiftiWriteError> {
    let mut out = Gzip::new(Vec::new(), flate2::Compression::fast());
    let short = grid.size().iter().all(|length| i16::try_from(*length).is_ok());
    let header = if short { nifti1(grid, code, bits) } else { nifti2(grid, code, bits) };
    out.write_all(&header).map_err(|_| NiftiWriteError::Gzip)?;
    Ok(out)
}

/// A header that is filled field by field, little endian.
struct Fields(Vec<u8>);

impl Fields {
    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.0.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn f32s(&mut self, at: usize, values: &[f64]) {
        for (index, value) in values.iter().enumerate() {
            // NIfTI-1 has single precision.
            self.put(at + index * 4, &(*value as f32).to_le_bytes());
        }
    }

    fn f64s(&mut self, at: usize, values: &[f64]) {
        for (index, value) in values.iter().enumerate() {
            self.put(at + index * 8, &value.to_le_bytes());
        }
    }
}

struct Placed {
    affine: Affine,
    quaternion: [f64; 3],
    pixel_dimensions: [f64; 4],
    rows: [[f64; 4]; 3],
}

fn placed(grid: &Grid) -> Placed {
    let affine = affine::of_grid(grid);
    let spacing = grid.spacing_mm();
    let mut unit = affine.axes;
    for (axis, length) in unit.iter_mut().zip(spacing) {
        *axis = axis.map(|part| part / length);
    }
    let (quaternion, handedness) = affine::quaternion(unit);
    let [first, second, third] = spacing;
    let [[ix, iy, iz], [jx, jy, jz], [kx, ky, kz]] = affine.axes;
    let [x, y, z] = affine.origin;
    let rows = [[ix, jx, kx, x], [iy, jy, ky, y], [iz, jz, kz, z]];
    Placed { affine, quaternion, pixel_dimensions: [handedness, first, second, third], rows }
}

fn nifti1(grid: &Grid, code: i16, bits: i16) -> Vec<u8> {
    let placed = placed(grid);
    // Four bytes behind the header say that no extension follows.
    let mut fields = Fields(vec![0; NIFTI1_BYTES + 4]);
    fields.put(0, &348_i32.to_le_bytes());
    let [i, j, k] = grid.size().map(|length| i16::try_from(length).unwrap_or(i16::MAX));
    for (index, length) in [3, i, j, k, 1, 1, 1, 1].into_iter().enumerate() {
        fields.put(40 + index * 2, &length.to_le_bytes());
    }
    fields.put(70, &code.to_le_bytes());
    fields.put(72, &bits.to_le_bytes());
    fields.f32s(76, &placed.pixel_dimensions);
    fields.f32s(108, &[352.0, 1.0, 0.0]);
    fields.put(123, &[UNITS_MM]);
    fields.put(252, &FORM_SCANNER.to_le_bytes());
    fields.put(254, &FORM_SCANNER.to_le_bytes());
    fields.f32s(256, &placed.quaternion);
    fields.f32s(268, &placed.affine.origin);
    for (index, row) in placed.rows.iter().enumerate() {
        fields.f32s(280 + index * 16, row);
    }
    fields.put(344, b"n+1\0");
    fields.0
}

fn nifti2(grid: &Grid, code: i16, bits: i16) -> Vec<u8> {
    let placed = placed(grid);
    let mut fields = Fields(vec![0; NIFTI2_BYTES + 4]);
    fields.put(0, &540_i32.to_le_bytes());
    fields.put(4, b"n+2\0\r\n\x1A\n");
    fields.put(12, &code.to_le_bytes());
    fields.put(14, &bits.to_le_bytes());
    let [i, j, k] = grid.size().map(i64::from);
    for (index, length) in [3, i, j, k, 1, 1, 1, 1].into_iter().enumerate() {
        fields.put(16 + index * 8, &length.to_le_bytes());
    }
    fields.f64s(104, &placed.pixel_dimensions);
    fields.put(168, &544_i64.to_le_bytes());
    fields.f64s(176, &[1.0, 0.0]);
    fields.put(344, &i32::from(FORM_SCANNER).to_le_bytes());
    fields.put(348, &i32::from(FORM_SCANNER).to_le_bytes());
    fields.f64s(352, &placed.quaternion);
    fields.f64s(376, &placed.affine.origin);
    for (index, row) in placed.rows.iter().enumerate() {
        fields.f64s(400 + index * 32, row);
    }
    fields.put(500, &i32::from(UNITS_MM).to_le_bytes());
    fields.0
}
