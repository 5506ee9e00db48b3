//! Voxels of a NIfTI file.
//!
//! A gzipped file is inflated to exactly the size its own header gives, and no further.

use super::affine;
use super::header::{self, DataType, Header};
use super::{FILE_BYTES_MAX, NiftiError};
use agent_imaging::volume::{Rescale, VolumeBuilder};
use agent_imaging::{Grid, Volume};
use std::borrow::Cow;
use std::io::Read;

/// Voxels that are converted at once.
const CHUNK: usize = 64 * 1024;
/// How a gzipped file begins (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// Reads an image.
///
/// # Errors
/// The variant of `NiftiError` that names what is wrong.
pub fn read_volume(file: &[u8]) -> Result<Volume, NiftiError> {
    let (header, voxels) = open(file)?;
    let invalid = |field| move |_| NiftiError::Invalid { field };
    let rescale = Rescale::new(header.slope, header.intercept).map_err(invalid("scl_slope"))?;
    let mut builder = VolumeBuilder::new(affine::grid(&header)?);
    each_chunk(&header, &voxels, &mut |chunk| {
        match chunk {
            Chunk::Integers(stored) => builder.push_integers(stored, rescale),
            Chunk::Floats(stored) => {
                let narrowed: Vec<f32> = stored.iter().map(|value| *value as f32).collect();
                builder.push_floats(&narrowed, rescale);
            }
        }
        Ok(())
    })?;
    builder.finish().map_err(invalid("dim"))
}

/// Reads a label map: whole numbers from 0 to 65,535, i fastest, then j, then k.
///
/// # Errors
/// As `read_volume`, and `NotALabel`.
pub fn read_labels(file: &[u8]) -> Result<(Grid, Vec<u16>), NiftiError> {
    let (header, voxels) = open(file)?;
    let grid = affine::grid(&header)?;
    let mut labels: Vec<u16> = Vec::new();
    let label = |stored: f64| -> Result<u16, NiftiError> {
        let value = stored * header.slope + header.intercept;
        let whole = (0.0..=f64::from(u16::MAX)).contains(&value) && value.fract() == 0.0;
        if whole { Ok(value as u16) } else { Err(NiftiError::NotALabel) }
    };
    each_chunk(&header, &voxels, &mut |chunk| {
        match chunk {
            Chunk::Integers(stored) => {
                for value in stored {
                    labels.push(label(f64::from(*value))?);
                }
            }
            Chunk::Floats(stored) => {
                for value in stored {
                    labels.push(label(*value)?);
                }
            }
        }
        Ok(())
    })?;
    Ok((grid, labels))
}

/// Reads only where the voxels lie; of a gzipped file no more than the header is inflated.
///
/// # Errors
/// As `read_volume`, for what is wrong with the header.
pub fn read_grid(file: &[u8]) -> Result<Grid, NiftiError> {
    if !file.starts_with(&GZIP) {
        return affine::grid(&header::read(file)?);
    }
    let mut stream = flate2::read::MultiGzDecoder::new(file);
    affine::grid(&gunzip_header(&mut stream, &mut Vec::new())?)
}

fn open(file: &[u8]) -> Result<(Header, Cow<'_, [u8]>), NiftiError> {
    let plain = if file.starts_with(&GZIP) { Cow::Owned(gunzip(file)?) } else { Cow::Borrowed(file) };
    let header = header::read(&plain)?;
    let start = usize::try_from(header.voxel_offset).map_err(|_| NiftiError::TooLarge)?;
    let end = usize::try_from(header.file_bytes()).map_err(|_| NiftiError::TooLarge)?;
    let voxels = match plain {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(start..end).ok_or(NiftiError::Truncated)?),
        Cow::Owned(mut bytes) if bytes.len() >= end => {
            bytes.truncate(end);
            bytes.drain(..start);
            Cow::Owned(bytes)
        }
        Cow::Owned(_) => return Err(NiftiError::Truncated),
    };
    Ok((header, voxels))
}

/// The bytes of a gzipped file, as far as its own header says that it goes.
///
/// # Errors
/// As `read_volume`, for what is wrong with the header or the stream.
pub fn inflated(file: &[u8]) -> Result<Vec<u8>, NiftiError> {
    gunzip(file)
}

fn gunzip(file: &[u8]) -> Result<Vec<u8>, NiftiError> {
    // Several members in one file are common: parallel compressors write them.
    let mut stream = flate2::read::MultiGzDecoder::new(file);
    let mut bytes = Vec::new();
    let wanted = gunzip_header(&mut stream, &mut bytes)?.file_bytes();
    if wanted > FILE_BYTES_MAX {
        return Err(NiftiError::TooLarge);
    }
    take(&mut stream, &mut bytes, wanted)?;
    Ok(bytes)
}

fn gunzip_header(stream: &mut impl Read, bytes: &mut Vec<u8>) -> Result<Header, NiftiError> {
    take(stream, bytes, 4)?;
    let length = header::length(bytes)?;
    take(stream, bytes, length as u64)?;
    header::read(bytes)
}

/// Reads on until there are so many bytes. Grows with what comes, not with what is claimed.
fn take(stream: &mut impl Read, bytes: &mut Vec<u8>, total: u64) -> Result<(), NiftiError> {
    let missing = total.saturating_sub(bytes.len() as u64);
    let read = stream.take(missing).read_to_end(bytes).map_err(|_| NiftiError::Gzip)?;
    if read as u64 == missing { Ok(()) } else { Err(NiftiError::Truncated) }
}

enum Chunk<'a> {
    Integers(&'a [i32]),
    Floats(&'a [f64]),
}

type Sink<'a> = dyn FnMut(Chunk<'_>) -> Result<(), NiftiError> + 'a;

fn each_chunk(header: &Header, voxels: &[u8], sink: &mut Sink<'_>) -> Result<(), NiftiError> {
    let big = header.big_endian;
    macro_rules! integers {
        ($type:ty) => {{
            let convert = |raw: &[u8; size_of::<$type>()]| {
                i32::from(if big { <$type>::from_be_bytes(*raw) } else { <$type>::from_le_bytes(*raw) })
            };
            for chunk in voxels.as_chunks().0.chunks(CHUNK) {
                sink(Chunk::Integers(&chunk.iter().map(convert).collect::<Vec<i32>>()))?;
            }
        }};
    }
    macro_rules! floats {
        ($type:ty) => {{
            // Exact but for integers beyond 2^53, which no label is and no volume keeps.
            let convert = |raw: &[u8; size_of::<$type>()]| {
                (if big { <$type>::from_be_bytes(*raw) } else { <$type>::from_le_bytes(*raw) }) as f64
            };
            for chunk in voxels.as_chunks().0.chunks(CHUNK) {
                sink(Chunk::Floats(&chunk.iter().map(convert).collect::<Vec<f64>>()))?;
            }
        }};
    }
    match header.data_type {
        DataType::Unsigned8 => integers!(u8),
        DataType::Signed8 => integers!(i8),
        DataType::Signed16 => integers!(i16),
        DataType::Unsigned16 => integers!(u16),
        DataType::Signed32 => integers!(i32),
        DataType::Unsigned32 => floats!(u32),
        DataType::Float32 => floats!(f32),
        DataType::Float64 => floats!(f64),
        DataType::Signed64 => floats!(i64),
        DataType::Unsigned64 => floats!(u64),
    }
    Ok(())
}
