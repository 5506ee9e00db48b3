//! The fixed-size header of NIfTI-1 (348 bytes) and NIfTI-2 (540 bytes), in either byte order.
//!
//! Reads fields and checks them one by one; what they mean together is for `affine` and `read`.

use super::{FILE_BYTES_MAX, NiftiError, VOXELS_MAX};

pub(crate) const NIFTI1_BYTES: usize = 348;
pub(crate) const NIFTI2_BYTES: usize = 540;

/// How one voxel is stored. Source: nifti1.h, "datatype".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataType {
    Unsigned8,
    Signed8,
    Signed16,
    Unsigned16,
    Signed32,
    Unsigned32,
    Signed64,
    Unsigned64,
    Float32,
    Float64,
}

impl DataType {
    fn from_code(code: i16) -> Result<Self, NiftiError> {
        match code {
            2 => Ok(Self::Unsigned8),
            4 => Ok(Self::Signed16),
            8 => Ok(Self::Signed32),
            16 => Ok(Self::Float32),
            64 => Ok(Self::Float64),
            256 => Ok(Self::Signed8),
            512 => Ok(Self::Unsigned16),
            768 => Ok(Self::Unsigned32),
            1024 => Ok(Self::Signed64),
            1280 => Ok(Self::Unsigned64),
            _ => Err(NiftiError::DataType { code }),
        }
    }

    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::Unsigned8 | Self::Signed8 => 1,
            Self::Signed16 | Self::Unsigned16 => 2,
            Self::Signed32 | Self::Unsigned32 | Self::Float32 => 4,
            Self::Signed64 | Self::Unsigned64 | Self::Float64 => 8,
        }
    }
}

/// A header whose fields have been checked one by one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Header {
    pub(crate) big_endian: bool,
    pub(crate) size: [u32; 3],
    pub(crate) data_type: DataType,
    /// pixdim[0..4]: the handedness of the qform, then the spacing in file units.
    pub(crate) pixel_dimensions: [f64; 4],
    /// Where the voxels begin.
    pub(crate) voxel_offset: u64,
    pub(crate) slope: f64,
    pub(crate) intercept: f64,
    /// Millimetres in one unit of length.
    pub(crate) unit_mm: f64,
    pub(crate) qform_code: i32,
    pub(crate) sform_code: i32,
    /// Quaternion b, c, d.
    pub(crate) quaternion: [f64; 3],
    pub(crate) quaternion_offset: [f64; 3],
    /// The rows of the sform.
    pub(crate) rows: [[f64; 4]; 3],
}

impl Header {
    pub(crate) fn voxels(&self) -> u64 {
        // At most 65,534³, below 2^48.
        self.size.iter().map(|length| u64::from(*length)).product()
    }

    /// Bytes of the whole file up to the end of its voxels.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.voxel_offset.saturating_add(self.voxels().saturating_mul(self.data_type.bytes()))
    }
}

/// Numbers at fixed places in the header's byte order.
#[derive(Clone, Copy)]
struct Fields<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

macro_rules! number {
    ($name:ident, $type:ty, $bytes:literal) => {
        fn $name(&self, at: usize) -> $type {
            let bytes: [u8; $bytes] = self.array(at);
            if self.big_endian { <$type>::from_be_bytes(bytes) } else { <$type>::from_le_bytes(bytes) }
        }
    };
}

impl Fields<'_> {
    /// The caller has checked the header's length, and every place below lies within it.
    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.bytes.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
    }

    number!(i16, i16, 2);
    number!(i32, i32, 4);
    number!(i64, i64, 8);
    number!(f32, f32, 4);
    number!(f64, f64, 8);

    fn f32s<const N: usize>(&self, at: usize) -> [f64; N] {
        std::array::from_fn(|index| f64::from(self.f32(at + index * 4)))
    }

    fn f64s<const N: usize>(&self, at: usize) -> [f64; N] {
        std::array::from_fn(|index| self.f64(at + index * 8))
    }
}

/// What both versions have, before any check.
struct Raw {
    big_endian: bool,
    dimensions: [i64; 8],
    data_type: i16,
    bits: i16,
    pixel_dimensions: [f64; 4],
    voxel_offset: f64,
    slope: f64,
    intercept: f64,
    units: i32,
    qform_code: i32,
    sform_code: i32,
    quaternion: [f64; 3],
    quaternion_offset: [f64; 3],
    rows: [[f64; 4]; 3],
    header_bytes: usize,
}

/// How many bytes the header has, told by its first four.
pub(crate) fn length(bytes: &[u8]) -> Result<usize, NiftiError> {
    let first: [u8; 4] =
        bytes.get(..4).and_then(|first| first.try_into().ok()).ok_or(NiftiError::NotNifti)?;
    match (i32::from_le_bytes(first), i32::from_be_bytes(first)) {
        (348, _) | (_, 348) => Ok(NIFTI1_BYTES),
        (540, _) | (_, 540) => Ok(NIFTI2_BYTES),
        (_, _) => Err(NiftiError::NotNifti),
    }
}

/// Reads and checks the header at the start of a file.
pub(crate) fn read(bytes: &[u8]) -> Result<Header, NiftiError> {
    let length = length(bytes)?;
    let bytes = bytes.get(..length).ok_or(NiftiError::Truncated)?;
    let big_endian = bytes.first() == Some(&0);
    let fields = Fields { bytes, big_endian };
    let magic: [u8; 4] = if length == NIFTI1_BYTES { fields.array(344) } else { fields.array(4) };
    match &magic {
        b"n+1\0" | b"n+2\0" => {}
        b"ni1\0" | b"ni2\0" => return Err(NiftiError::HeaderPair),
        _ => return Err(NiftiError::NotNifti),
    }
    check(&if length == NIFTI1_BYTES { nifti1(fields) } else { nifti2(fields) })
}

/// Places of nifti1.h.
fn nifti1(fields: Fields<'_>) -> Raw {
    Raw {
        big_endian: fields.big_endian,
        dimensions: std::array::from_fn(|index| i64::from(fields.i16(40 + index * 2))),
        data_type: fields.i16(70),
        bits: fields.i16(72),
        pixel_dimensions: fields.f32s(76),
        voxel_offset: f64::from(fields.f32(108)),
        slope: f64::from(fields.f32(112)),
        intercept: f64::from(fields.f32(116)),
        units: i32::from(fields.array::<1>(123)[0]),
        qform_code: i32::from(fields.i16(252)),
        sform_code: i32::from(fields.i16(254)),
        quaternion: fields.f32s(256),
        quaternion_offset: fields.f32s(268),
        rows: std::array::from_fn(|row| fields.f32s(280 + row * 16)),
        header_bytes: NIFTI1_BYTES,
    }
}

/// Places of nifti2.h.
fn nifti2(fields: Fields<'_>) -> Raw {
    Raw {
        big_endian: fields.big_endian,
        dimensions: std::array::from_fn(|index| fields.i64(16 + index * 8)),
        data_type: fields.i16(12),
        bits: fields.i16(14),
        pixel_dimensions: fields.f64s(104),
        // Offsets that a double cannot hold exactly are beyond what is accepted anyway.
        voxel_offset: fields.i64(168) as f64,
        slope: fields.f64(176),
        intercept: fields.f64(184),
        units: fields.i32(500),
        qform_code: fields.i32(344),
        sform_code: fields.i32(348),
        quaternion: fields.f64s(352),
        quaternion_offset: fields.f64s(376),
        rows: std::array::from_fn(|row| fields.f64s(400 + row * 32)),
        header_bytes: NIFTI2_BYTES,
    }
}

fn check(raw: &Raw) -> Result<Header, NiftiError> {
    let data_type = DataType::from_code(raw.data_type)?;
    if u64::try_from(raw.bits) != Ok(data_type.bytes() * 8) {
        return Err(NiftiError::Invalid { field: "bitpix" });
    }
    let header_bytes = raw.header_bytes as f64;
    let offset = raw.voxel_offset;
    if !(offset >= header_bytes && offset.fract() == 0.0 && offset < FILE_BYTES_MAX as f64) {
        return Err(NiftiError::Invalid { field: "vox_offset" });
    }
    let (slope, intercept) = scale(raw)?;
    let header = Header {
        big_endian: raw.big_endian,
        size: size(&raw.dimensions)?,
        data_type,
        pixel_dimensions: raw.pixel_dimensions,
        voxel_offset: offset as u64,
        slope,
        intercept,
        unit_mm: unit_mm(raw.units)?,
        qform_code: raw.qform_code,
        sform_code: raw.sform_code,
        quaternion: raw.quaternion,
        quaternion_offset: raw.quaternion_offset,
        rows: raw.rows,
    };
    if header.voxels() > VOXELS_MAX || header.file_bytes() > FILE_BYTES_MAX {
        return Err(NiftiError::TooLarge);
    }
    Ok(header)
}

fn size(dimensions: &[i64; 8]) -> Result<[u32; 3], NiftiError> {
    let invalid = NiftiError::Invalid { field: "dim" };
    let [count, lengths @ ..] = dimensions;
    let count = usize::try_from(*count).ok().filter(|count| (2..=7).contains(count)).ok_or(invalid)?;
    let mut size = [1; 3];
    for (axis, length) in lengths.iter().take(count).enumerate() {
        let length =
            u32::try_from(*length).ok().filter(|length| (1..65_535).contains(length)).ok_or(invalid)?;
        match size.get_mut(axis) {
            Some(place) => *place = length,
            None if length == 1 => {}
            None => return Err(NiftiError::MoreThanThreeDimensions),
        }
    }
    Ok(size)
}

/// nifti1.h: a slope of 0 means no scaling; programs also write NaN for it.
fn scale(raw: &Raw) -> Result<(f64, f64), NiftiError> {
    if raw.slope == 0.0 || !raw.slope.is_finite() {
        return Ok((1.0, 0.0));
    }
    let intercept = Some(raw.intercept).filter(|intercept| intercept.is_finite());
    Ok((raw.slope, intercept.ok_or(NiftiError::Invalid { field: "scl_inter" })?))
}

fn unit_mm(units: i32) -> Result<f64, NiftiError> {
    match units & 7 {
        // Unknown: every program takes millimetres.
        0 | 2 => Ok(1.0),
        1 => Ok(1000.0),
        3 => Ok(0.001),
        _ => Err(NiftiError::Invalid { field: "xyzt_units" }),
    }
}
