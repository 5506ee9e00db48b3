//! NIfTI files without their texts: the header's text fields, its extensions, and the names a gzip member carries.

use std::io::{Read, Write};

use flate2::{Compression, GzBuilder, read::MultiGzDecoder};

/// The largest file that is unpacked: a volume of 1,024³ voxels of 32 bits.
const UNPACKED_MAX: u64 = 4 * 1024 * 1024 * 1024 + 1024 * 1024;

/// Why bytes are no NIfTI file that can be cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NiftiError {
    #[error("not a NIfTI file")]
    NotNifti,
    #[error("the compressed file does not unpack, or unpacks beyond {UNPACKED_MAX} bytes")]
    Unpack,
    #[error("the header says that the voxels begin at a place that the file does not have")]
    VoxelOffset,
}

/// A text that was in a header, for a person of the hospital.
#[derive(Debug, Clone)]
pub struct Cleared {
    /// The field's name in the standard, or `extension`.
    pub field: &'static str,
    pub before: agent_phi::Phi<String>,
}

/// A file without its texts.
#[derive(Clone)]
pub struct Cleaned {
    pub bytes: Vec<u8>,
    /// What was not empty before.
    pub cleared: Vec<Cleared>,
    /// The suffix that the file's name has: `nii`, `nii.gz` or `hdr`.
    pub suffix: &'static str,
}

impl std::fmt::Debug for Cleaned {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cleaned").field("cleared", &self.cleared).finish_non_exhaustive()
    }
}

/// Where the texts of a header version lie.
struct Version {
    header: usize,
    /// Name, place, length.
    texts: &'static [(&'static str, usize, usize)],
    offset: usize,
    double_offset: bool,
}

/// NIfTI-1. Source: nifti1.h of the NIfTI Data Format Working Group; the first two are left over from ANALYZE.
const ONE: Version = Version {
    header: 348,
    texts: &[
        ("data_type", 4, 10),
        ("db_name", 14, 18),
        ("descrip", 148, 80),
        ("aux_file", 228, 24),
        ("intent_name", 328, 16),
    ],
    offset: 108,
    double_offset: false,
};

/// NIfTI-2. Source: nifti2.h.
const TWO: Version = Version {
    header: 540,
    texts: &[("descrip", 240, 80), ("aux_file", 320, 24), ("intent_name", 508, 16), ("unused_str", 525, 15)],
    offset: 168,
    double_offset: true,
};

/// Whether bytes look like a NIfTI file, compressed or not.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let mut start = Vec::new();
        let read = MultiGzDecoder::new(bytes).take(544).read_to_end(&mut start);
        return read.is_ok() && version(&start).is_some();
    }
    version(bytes).is_some()
}

/// Takes the texts out. The voxels, the geometry and the byte order stay.
///
/// # Errors
/// When it is no NIfTI file, or one that contradicts itself.
pub fn clean(bytes: &[u8]) -> Result<Cleaned, NiftiError> {
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return plain(bytes);
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(UNPACKED_MAX + 1).read_to_end(&mut unpacked);
    if read.is_err() || unpacked.len() as u64 > UNPACKED_MAX {
        return Err(NiftiError::Unpack);
    }
    let cleaned = plain(&unpacked)?;
    // The member has no name, no comment and no time.
    let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::fast());
    packer.write_all(&cleaned.bytes).map_err(|_| NiftiError::Unpack)?;
    let bytes = packer.finish().map_err(|_| NiftiError::Unpack)?;
    Ok(Cleaned { bytes, suffix: "nii.gz", ..cleaned })
}

/// More of an unpacked file than this holds no header and no extensions.
const TEXTS_MAX: u64 = 32 * 1024 * 1024;

/// The texts that [`clean`] would take out. Unpacks no more than the header and what stands before the voxels.
///
/// # Errors
/// As [`clean`].
pub fn texts(bytes: &[u8]) -> Result<Vec<Cleared>, NiftiError> {
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return plain(bytes).map(|cleaned| cleaned.cleared);
    }
    let mut start = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(TEXTS_MAX).read_to_end(&mut start);
    read.map_err(|_| NiftiError::Unpack)?;
    plain(&start).map(|cleaned| cleaned.cleared)
}

/// Version and whether numbers have their most significant byte first.
fn version(bytes: &[u8]) -> Option<(&'static Version, bool)> {
    let size: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    let (version, magic) = match (u32::from_le_bytes(size), u32::from_be_bytes(size)) {
        (348, _) | (_, 348) => (&ONE, bytes.get(344..348)?),
        (540, _) | (_, 540) => (&TWO, bytes.get(4..8)?),
        _ => return None,
    };
    let known = matches!(magic, b"n+1\0" | b"ni1\0" | b"n+2\0" | b"ni2\0");
    let big = u32::from_be_bytes(size) == 348 || u32::from_be_bytes(size) == 540;
    (known && bytes.len() >= version.header).then_some((version, big))
}

fn plain(bytes: &[u8]) -> Result<Cleaned, NiftiError> {
    let (version, big) = version(bytes).ok_or(NiftiError::NotNifti)?;
    let magic = if version.double_offset { bytes.get(4..7) } else { bytes.get(344..347) };
    let paired = magic.and_then(|magic| magic.get(1)) == Some(&b'i');
    let mut out = bytes.get(..version.header).unwrap_or_default().to_vec();
    let mut cleared = Vec::new();
    for (field, at, length) in version.texts {
        if let Some(text) = out.get_mut(*at..at + length) {
            note(&mut cleared, field, text);
            text.fill(0);
        }
    }
    let rest = bytes.get(version.header..).unwrap_or_default();
    if paired {
        // The voxels lie in a file of their own; all that follows is extensions.
        note(&mut cleared, "extension", rest);
        out.extend([0; 4]);
        return Ok(Cleaned { bytes: out, cleared, suffix: "hdr" });
    }
    let start = voxel_offset(bytes, version, big).ok_or(NiftiError::VoxelOffset)?;
    let voxels = bytes.get(start..).ok_or(NiftiError::VoxelOffset)?;
    let extensions = bytes.get((version.header + 4).min(start)..start).unwrap_or_default();
    note(&mut cleared, "extension", extensions);
    // Four bytes that say that no extension follows; then the voxels, on a multiple of 16 bytes.
    out.extend([0; 4]);
    let offset = out.len();
    set_offset(&mut out, version, big, offset);
    out.extend(voxels);
    Ok(Cleaned { bytes: out, cleared, suffix: "nii" })
}

fn note(cleared: &mut Vec<Cleared>, field: &'static str, bytes: &[u8]) {
    if bytes.iter().any(|byte| !matches!(byte, 0 | b' ')) {
        let text =
            String::from_utf8_lossy(bytes.get(..bytes.len().min(800)).unwrap_or_default()).into_owned();
        let shown =
            text.trim_matches('\0').chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        cleared.push(Cleared { field, before: agent_phi::Phi::new(shown) });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a whole number in range"
)]
fn voxel_offset(bytes: &[u8], version: &Version, big: bool) -> Option<usize> {
    let offset = if version.double_offset {
        let value: [u8; 8] = bytes.get(version.offset..version.offset + 8)?.try_into().ok()?;
        usize::try_from(if big { i64::from_be_bytes(value) } else { i64::from_le_bytes(value) }).ok()?
    } else {
        let value: [u8; 4] = bytes.get(version.offset..version.offset + 4)?.try_into().ok()?;
        let offset = if big { f32::from_be_bytes(value) } else { f32::from_le_bytes(value) };
        if !(0.0..=16_777_216.0).contains(&offset) || offset.fract() != 0.0 {
            return None;
        }
        offset as usize
    };
    // Some writers leave the field at zero where they mean the least that it can be.
    let least = version.header + 4;
    if offset == 0 { Some(least) } else { Some(offset).filter(|offset| *offset >= version.header) }
}

#[expect(clippy::cast_precision_loss, reason = "the offset is 352 or 544")]
fn set_offset(out: &mut [u8], version: &Version, big: bool, offset: usize) {
    let bytes: Vec<u8> = if version.double_offset {
        let value = offset as u64;
        if big { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
    } else {
        let value = offset as f32;
        if big { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
    };
    let place = out.get_mut(version.offset..version.offset + bytes.len()).into_iter().flatten();
    place.zip(bytes).for_each(|(byte, value)| *byte = value);
}

#[cfg(test)]
mod tests;
