//! The files of an asset, as they may be shown: as they came, or with regions painted over.
//!
//! Whoever makes voxels out of files gets them here, so that nothing in quarantine is shown by any way.

use agent_archive::{Archive, AssetRow, Rectangle, Showing};
use agent_deid::blank::{BlankFileError, Native, Region, blank_file};
use agent_formats::vocabulary::Photometric;
use agent_formats::{Frames, Samples};
use proto_ids::InstanceToken;

use crate::problem::Problem;

/// More bytes of decoded pixels than this are not painted: they are held as a whole meanwhile.
const LARGEST_PAINTED_BYTES: u64 = 1 << 30;

/// The files of an asset for one purpose.
pub(crate) struct Files<'a> {
    archive: &'a Archive,
    asset: &'a AssetRow,
    regions: Vec<Rectangle>,
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
        Ok(Self { archive, asset, regions })
    }

    /// For who decides about quarantine.
    pub(crate) const fn original(archive: &'a Archive, asset: &'a AssetRow) -> Self {
        Self { archive, asset, regions: Vec::new() }
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
        self.asset.instances.get(index).and_then(|instance| self.bytes(*instance).ok())
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
    let frames = Frames::open(file).ok()?;
    let layout = frames.header().layout;
    // Three bytes of a colour, or at most four of a value.
    let bytes = layout.frame_pixels().checked_mul(frames.count() as u64)?.checked_mul(4)?;
    if bytes > LARGEST_PAINTED_BYTES {
        return None;
    }
    let inverted = layout.photometric == Photometric::Monochrome1;
    let mut native = Native {
        bytes: Vec::new(),
        samples: 1,
        photometric: if inverted { "MONOCHROME1" } else { "MONOCHROME2" },
        bits_allocated: layout.bits_allocated.next_multiple_of(8),
        bits_stored: layout.bits_stored,
        signed: layout.signed,
    };
    for frame in 0..frames.count() {
        match frames.decode(frame).ok()? {
            Samples::Grey(stored) => grey(&stored, native.bits_allocated, &mut native.bytes)?,
            Samples::Rgb(bytes) => {
                native = Native {
                    samples: 3,
                    photometric: "RGB",
                    bits_allocated: 8,
                    bits_stored: 8,
                    signed: false,
                    ..native
                };
                native.bytes.extend(bytes);
            }
        }
    }
    Some(native)
}

fn grey(stored: &[i32], bits_allocated: u16, bytes: &mut Vec<u8>) -> Option<()> {
    let width = usize::from(bits_allocated / 8);
    if !matches!(width, 1 | 2 | 4) {
        return None;
    }
    bytes.extend(stored.iter().flat_map(|sample| sample.to_le_bytes().into_iter().take(width)));
    Some(())
}
