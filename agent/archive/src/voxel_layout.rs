//! How the voxels of a DICOM asset lie in its instances, so that its slices can be decoded one by one.
//!
//! Found out once, when the asset is made; rows of an earlier version lack it, and then the headers are read again.

use agent_imaging::{Picture, VoxelType};
use serde::{Deserialize, Serialize};

/// How voxels lie in the instances of an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct VoxelLayout {
    /// A type that holds every value.
    pub voxel_type: VoxelType,
    /// The lowest value is to be shown white.
    pub inverted: bool,
    /// Slice k's place in [`crate::AssetRow::instances`] and its frame there, both from 0; empty when slice k is the
    /// only frame of instance k.
    pub frames: Vec<(u32, u32)>,
    /// Time from one slice to the next, in milliseconds, of a cine loop.
    pub frame_time_ms: Option<f64>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct VoxelLayoutRecord {
    voxel_type: String,
    inverted: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    frames: Vec<(u32, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frame_time_ms: Option<f64>,
}

impl VoxelLayoutRecord {
    pub(crate) fn of(layout: &VoxelLayout) -> Self {
        Self {
            voxel_type: layout.voxel_type.code().to_owned(),
            inverted: layout.inverted,
            frames: layout.frames.clone(),
            frame_time_ms: layout.frame_time_ms,
        }
    }

    pub(crate) fn read(self) -> Option<VoxelLayout> {
        Some(VoxelLayout {
            voxel_type: VoxelType::from_code(&self.voxel_type)?,
            inverted: self.inverted,
            frames: self.frames,
            frame_time_ms: self.frame_time_ms,
        })
    }
}

/// Columns, rows, distance of pixels along i and j.
#[derive(Serialize, Deserialize)]
pub(crate) struct PictureRecord(u32, u32, Option<[f64; 2]>);

impl PictureRecord {
    pub(crate) fn of(picture: &Picture) -> Self {
        Self(picture.columns, picture.rows, picture.spacing_mm)
    }

    pub(crate) fn read(&self) -> Picture {
        Picture { columns: self.0, rows: self.1, spacing_mm: self.2 }
    }
}
