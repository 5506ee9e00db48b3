//! A task as its annotator or arbiter sees it: voxels' geometry, the instruction, the lease. Nothing
//! of a header but the modality, and nothing that depends on gold.

use agent_archive::AssetRow;
use agent_imaging::{Picture, VoxelType};
use agent_work::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::instruction::{InstructionJson, NewerJson};
use crate::volumes::Description;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskJson {
    pub(crate) id: String,
    pub(crate) project_title: String,
    pub(crate) role: WorkRoleJson,
    pub(crate) lease: LeaseJson,
    pub(crate) volume: VolumeJson,
    /// The version that the work follows.
    pub(crate) instruction: InstructionJson,
    pub(crate) instruction_version: u32,
    /// A later version that the work may follow from now on.
    #[schema(required = true)]
    pub(crate) newer: Option<NewerJson>,
    /// Letters of the work that an arbiter judges; empty for annotators.
    pub(crate) others: Vec<String>,
}

/// In which role the caller works on the task.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WorkRoleJson {
    Annotator,
    Arbiter,
}

impl From<Role> for WorkRoleJson {
    fn from(role: Role) -> Self {
        match role {
            Role::Annotator => Self::Annotator,
            Role::Arbiter => Self::Arbiter,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeaseJson {
    pub(crate) fencing: u64,
    /// RFC 3339.
    pub(crate) expires_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VolumeJson {
    /// Voxels along i, j, k.
    #[schema(value_type = (u32, u32, u32))]
    dimensions: [u32; 3],
    #[schema(value_type = (f64, f64, f64))]
    spacing_mm: [f64; 3],
    /// Centre of voxel (0, 0, 0), LPS.
    #[schema(value_type = (f64, f64, f64))]
    origin_mm: [f64; 3],
    /// Unit vectors of the i, j and k axes, LPS.
    #[schema(min_items = 9, max_items = 9)]
    direction: [f64; 9],
    data_type: DataTypeJson,
    minimum: f64,
    maximum: f64,
    modality: &'static str,
    unit: &'static str,
    /// Whether the slices make a volume; false for a stack.
    tools_3d: bool,
    /// Why they do not.
    reasons: Vec<&'static str>,
    /// Empty for colours.
    windows: Vec<WindowJson>,
    default_window: usize,
    /// Whether the lowest value is to be shown white.
    inverted: bool,
    /// The picture on each slice of a stack, where they are not all as large as the volume and as far apart.
    #[schema(required = true)]
    slices: Option<Vec<PictureJson>>,
    /// Time from one slice to the next of a cine loop, in milliseconds.
    #[schema(required = true)]
    frame_time_ms: Option<f64>,
}

/// A picture lies at voxel (0, 0) of its slice; beside and below it is nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PictureJson {
    columns: u32,
    rows: u32,
    /// Along i and j; null where it is not known, so that nothing is measured in millimetres.
    #[schema(required = true, value_type = Option<(f64, f64)>)]
    spacing_mm: Option<[f64; 2]>,
}

impl From<&Picture> for PictureJson {
    fn from(picture: &Picture) -> Self {
        Self { columns: picture.columns, rows: picture.rows, spacing_mm: picture.spacing_mm }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WindowJson {
    name: &'static str,
    centre: f64,
    width: f64,
}

/// How a voxel is written.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DataTypeJson {
    Int16,
    Float32,
    /// Three bytes: red, green, blue.
    Rgb8,
}

impl From<VoxelType> for DataTypeJson {
    fn from(voxel_type: VoxelType) -> Self {
        match voxel_type {
            VoxelType::Int16 => Self::Int16,
            VoxelType::Float32 => Self::Float32,
            VoxelType::Rgb8 => Self::Rgb8,
        }
    }
}

/// The longest axis of a three-dimensional texture that every browser has (WebGL 2 asks for 256, and all but the
/// smallest graphics processors give 2,048).
const AXIS_MAX: u32 = 2_048;
/// Why a volume with a longer axis is shown slice by slice.
const AXIS_TOO_LONG: &str = "axis-over-2048";

impl VolumeJson {
    pub(crate) fn new(description: &Description, asset: &AssetRow) -> Self {
        let grid = &asset.grid;
        let [i, j, k] = grid.direction();
        let windows = description.windows.iter().map(|window| WindowJson {
            name: window.name,
            centre: window.centre,
            width: window.width,
        });
        let mut reasons: Vec<&'static str> = asset.reasons.iter().map(|reason| reason.code()).collect();
        // A stack has no third dimension that could be too long.
        if reasons.is_empty() && grid.size().iter().any(|axis| *axis > AXIS_MAX) {
            reasons.push(AXIS_TOO_LONG);
        }
        let pictures = Some(&asset.pictures).filter(|pictures| !pictures.is_empty());
        Self {
            dimensions: grid.size(),
            spacing_mm: grid.spacing_mm(),
            origin_mm: grid.origin_mm(),
            direction: [i[0], i[1], i[2], j[0], j[1], j[2], k[0], k[1], k[2]],
            data_type: description.voxel_type.into(),
            minimum: description.minimum,
            maximum: description.maximum,
            modality: asset.modality.code(),
            unit: asset.modality.unit(),
            tools_3d: reasons.is_empty(),
            reasons,
            windows: windows.collect(),
            default_window: 0,
            inverted: description.inverted,
            slices: pictures.map(|pictures| pictures.iter().map(PictureJson::from).collect()),
            frame_time_ms: description.frame_time_ms,
        }
    }
}
