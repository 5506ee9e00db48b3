//! The files of an asset, as they may be shown: as they came, or with regions painted over.
//!
//! Whoever makes voxels out of files gets them here, so that nothing in quarantine is shown by any way.

use std::cell::RefCell;

use agent_archive::{Archive, AssetRow, Rectangle, Showing};
use agent_deid::blank::{BlankFileError, Native, Region, blank_file};
use agent_formats::pixels::{Frames, PixelError};
use proto_ids::InstanceToken;

use crate::problem::Problem;

/// More bytes of decoded pixels than this are not made: they are held as a whole meanwhile.
const LARGEST_NATIVE_BYTES: u64 = 1 << 30;

/// The files of an asset for one purpose.
pub(crate) struct Files<'a> {
    archive: &'a Archive,
    asset: &'a AssetRow,
    regions: Vec<Rectangle>,
    /// Why the last one could not be had, for a reader that cannot be told.
    refused: RefCell<Option<Problem>>,
}

impl<'a> Files<'a> {
    /// For annotators and models.
    ///
    /// # Errors
    /// A refusal when the asset is in quarantine.
    pub(crate) fn shown(archive: &'a Archive, asset: &'a AssetRow) -> Result<Self, Problem> {
        let showing = archive.asset_showing(asset.token).map_err(|cause| Problem::ours(&cause))?;
        let regions = match showing {
            Showing::AsIs => Vec::new(),
            Showing::Blanked(regions) => regions,
            Showing::Held => return Err(Problem::quarantined()),
        };
        Ok(Self { archive, asset, regions, refused: RefCell::default() })
    }

    /// For who decides about quarantine.
    pub(crate) fn original(archive: &'a Archive, asset: &'a AssetRow) -> Self {
        Self { archive, asset, regions: Vec::new(), refused: RefCell::default() }
    }

    /// A file, read whole.
    pub(crate) fn bytes(&self, instance: InstanceToken) -> Result<Vec<u8>, Problem> {
        let found = self.archive.instance_bytes(instance).map_err(|cause| Problem::ours(&cause))?;
        let bytes = found.ok_or_else(Problem::not_found)?.bytes;
        if self.regions.is_empty() {
            return Ok(bytes);
        }
        painted(&bytes, &self.regions).map_err(|cause| Problem::ours(&cause))
    }

    /// The file at a place among the asset's instances.
    pub(crate) fn give(&self, index: usize) -> Option<Vec<u8>> {
        let instance = self.asset.instances.get(index)?;
        self.bytes(*instance).map_err(|problem| *self.refused.borrow_mut() = Some(problem)).ok()
    }

    /// Why a reader failed: a file that could not be had, or else what the reader says.
    pub(crate) fn problem(&self, cause: &(dyn std::error::Error + 'static)) -> Problem {
        self.refused.take().unwrap_or_else(|| Problem::ours(cause))
    }
}

/// A DICOM file with regions of every picture painted over in black. Only its pixels change; compressed ones become
/// native.
///
/// # Errors
/// Why it cannot be painted, which names no value of its header.
pub fn painted(bytes: &[u8], regions: &[Rectangle]) -> Result<Vec<u8>, BlankFileError> {
    let region = |rectangle: &Rectangle| {
        let Rectangle { left, top, width, height } = *rectangle;
        Region { left, top, width, height }
    };
    let regions: Vec<Region> = regions.iter().map(region).collect();
    blank_file(bytes, &regions, &|| native(bytes))
}

/// All frames of a file as native pixels; `None` where any of them cannot be decoded, or all together take too much.
#[must_use]
pub fn native(file: &[u8]) -> Option<Native> {
    native_pixels(file).ok()
}

/// As [`native`], with the reason.
///
/// # Errors
/// The variant of `PixelError` that names what is wrong.
pub(crate) fn native_pixels(file: &[u8]) -> Result<Native, PixelError> {
    let frames = Frames::open(file)?;
    // Three bytes of a colour, or at most four of a value.
    let bytes = frames.header().layout.frame_pixels().saturating_mul(frames.count() as u64).saturating_mul(4);
    if bytes > LARGEST_NATIVE_BYTES {
        return Err(PixelError::TooLarge);
    }
    let native = frames.native(0..frames.count())?;
    Ok(Native {
        bytes: native.bytes,
        samples: native.samples,
        photometric: native.photometric,
        bits_allocated: native.bits_allocated,
        bits_stored: native.bits_stored,
        signed: native.signed,
    })
}
