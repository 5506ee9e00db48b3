//! What of an image may reach a model server: voxels, spacing, direction.
//!
//! Bytes are made from the decoded volume under a header of our own. The origin, which with a frame of reference
//! says where a patient lay, is zero; there are no texts, no UIDs, no dates. No function here can be given a
//! DICOM header.

use agent_formats::nifti;
use agent_imaging::{Grid, LabelMap, Volume};

use crate::error::AssistError;

/// The grid with its origin at zero.
///
/// # Errors
/// `Internal`, which a valid grid does not cause.
pub(crate) fn neutral(grid: &Grid) -> Result<Grid, AssistError> {
    Grid::new(grid.size(), grid.spacing_mm(), [0.0; 3], grid.direction()).map_err(|_| AssistError::Internal)
}

/// The image as gzipped NIfTI.
///
/// # Errors
/// `Internal` when the compressor fails.
pub(crate) fn image(volume: &Volume) -> Result<Vec<u8>, AssistError> {
    nifti::write_voxels(&neutral(volume.grid())?, volume.voxels()).map_err(|_| AssistError::Internal)
}

/// A label map as gzipped NIfTI.
///
/// # Errors
/// `Internal` when the compressor fails.
pub(crate) fn labels(map: &LabelMap) -> Result<Vec<u8>, AssistError> {
    nifti::write_labels(&neutral(map.grid())?, &map.to_dense()).map_err(|_| AssistError::Internal)
}

/// Reads a label map that answers to what was sent.
///
/// # Errors
/// `GridDiffers`, and `InvalidAnswer` when it is no label map.
pub(crate) fn read_labels(file: &[u8], sent: &Grid) -> Result<Vec<u16>, AssistError> {
    let invalid = |_| AssistError::InvalidAnswer { what: "not a NIfTI label map" };
    // Nothing is inflated of a file that claims another size.
    if !nifti::read_grid(file).map_err(invalid)?.same_as(&neutral(sent)?) {
        return Err(AssistError::GridDiffers);
    }
    nifti::read_labels(file).map(|(_, labels)| labels).map_err(invalid)
}
