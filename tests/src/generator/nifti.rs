//! Just enough NIfTI-1: reads the templates and label maps, writes volumes and label maps.
//!
//! The product has a reader of its own; this one is apart from it so that each can check the other.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::GenerateError;
use super::slices::Geometry;

/// A label map as it stands in a file: i fastest, then j, then k.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelImage {
    /// Voxels along (i, j, k).
    pub size: [u32; 3],
    /// Rows of the affine from (i, j, k, 1) to RAS millimetres.
    pub affine_ras: [[f64; 4]; 3],
    /// One label for each voxel.
    pub labels: Vec<u16>,
}

/// Reads a label map of bytes, gzipped or not.
///
/// # Errors
/// [`GenerateError`] when the file cannot be read or is not a plain NIfTI-1 file of bytes.
pub fn read_labels(path: &Path) -> Result<LabelImage, GenerateError> {
    let file = File::open(path).map_err(|cause| GenerateError::file(path, cause))?;
    let mut bytes = Vec::new();
    let read = if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(file).read_to_end(&mut bytes)
    } else {
        (&file).read_to_end(&mut bytes)
    };
    read.map_err(|cause| GenerateError::file(path, cause))?;
    parse(&bytes).map_err(|problem| GenerateError::Template { path: path.to_owned(), problem })
}

/// Offsets are those of `nifti1.h`.
fn parse(bytes: &[u8]) -> Result<LabelImage, &'static str> {
    let header: &[u8; 352] = bytes.first_chunk().ok_or("it is shorter than a header")?;
    let half = |at: usize| i16::from_le_bytes([header[at], header[at + 1]]);
    let float = |at: usize| f32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if header[344..348] != *b"n+1\0" || half(40) != 3 {
        return Err("it is not a single little-endian file of three dimensions");
    }
    if half(70) != 2 {
        return Err("its voxels are not bytes");
    }
    if half(254) < 1 {
        return Err("it has no affine");
    }
    let axis = |at: usize| u32::try_from(half(at)).map_err(|_| "an axis has no voxels");
    let size = [axis(42)?, axis(44)?, axis(46)?];
    let affine_ras = [280, 296, 312].map(|row| [0, 4, 8, 12].map(|column| f64::from(float(row + column))));
    let voxels = size.iter().product::<u32>() as usize;
    let from = float(108) as usize;
    let labels = bytes.get(from..from + voxels).ok_or("it ends before its last voxel")?;
    Ok(LabelImage { size, affine_ras, labels: labels.iter().map(|&label| u16::from(label)).collect() })
}

/// What a voxel of a file is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Datatype {
    Byte,
    Int16,
}

/// Writes a gzipped file slice by slice.
#[derive(Debug)]
pub(super) struct Writer(GzEncoder<BufWriter<File>>);

impl Writer {
    pub(super) fn create(path: &Path, geometry: &Geometry, datatype: Datatype) -> std::io::Result<Self> {
        let mut encoder = GzEncoder::new(BufWriter::new(File::create(path)?), Compression::fast());
        encoder.write_all(&header(geometry, datatype))?;
        Ok(Self(encoder))
    }

    pub(super) fn bytes(&mut self, voxels: &[u8]) -> std::io::Result<()> {
        self.0.write_all(voxels)
    }

    pub(super) fn halves(&mut self, voxels: &[i16]) -> std::io::Result<()> {
        let bytes: Vec<u8> = voxels.iter().flat_map(|voxel| voxel.to_le_bytes()).collect();
        self.0.write_all(&bytes)
    }

    pub(super) fn finish(self) -> std::io::Result<()> {
        self.0.finish()?.flush()
    }
}

fn header(geometry: &Geometry, datatype: Datatype) -> [u8; 352] {
    let mut header = [0; 352];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &348_i32.to_le_bytes());
    put(40, &3_i16.to_le_bytes());
    for axis in 0..3 {
        // Sizes are at most 4096.
        put(42 + 2 * axis, &(geometry.size[axis] as i16).to_le_bytes());
        put(80 + 4 * axis, &(geometry.spacing_mm[axis] as f32).to_le_bytes());
    }
    for axis in 3..7 {
        put(42 + 2 * axis, &1_i16.to_le_bytes());
    }
    let (code, bits) = match datatype {
        Datatype::Byte => (2_i16, 8_i16),
        Datatype::Int16 => (4, 16),
    };
    put(70, &code.to_le_bytes());
    put(72, &bits.to_le_bytes());
    put(76, &1_f32.to_le_bytes());
    put(108, &352_f32.to_le_bytes());
    put(112, &1_f32.to_le_bytes());
    // Units: millimetres. The affine is that of a scanner.
    put(123, &[2]);
    put(254, &1_i16.to_le_bytes());
    for (row, sign) in [-1.0, -1.0, 1.0].into_iter().enumerate() {
        for axis in 0..3 {
            let step = sign * geometry.direction[axis][row] * geometry.spacing_mm[axis];
            put(280 + 16 * row + 4 * axis, &(step as f32).to_le_bytes());
        }
        put(292 + 16 * row, &((sign * geometry.origin_mm[row]) as f32).to_le_bytes());
    }
    put(344, b"n+1\0");
    header
}
