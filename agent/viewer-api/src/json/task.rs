//! A task as its annotator or arbiter sees it: voxels' geometry, the instruction, the lease. Nothing
//! of a header but the modality, and nothing that depends on gold.

use agent_imaging::Voxels;
use agent_imaging::geometry::Reason;
use agent_imaging::window::Modality;
use agent_work::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::instruction::{InstructionJson, NewerJson};
use crate::volumes::Prepared;

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
    windows: Vec<WindowJson>,
    default_window: usize,
    /// Whether the lowest value is to be shown white.
    inverted: bool,
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
}

impl From<&Voxels> for DataTypeJson {
    fn from(voxels: &Voxels) -> Self {
        match voxels {
            Voxels::Int16(_) => Self::Int16,
            Voxels::Float32(_) => Self::Float32,
        }
    }
}

impl VolumeJson {
    pub(crate) fn new(prepared: &Prepared, modality: Modality, reasons: &[Reason]) -> Self {
        let volume = &prepared.volume;
        let grid = volume.grid();
        let [i, j, k] = grid.direction();
        let windows = prepared.windows.iter().map(|window| WindowJson {
            name: window.name,
            centre: window.centre,
            width: window.width,
        });
        Self {
            dimensions: grid.size(),
            spacing_mm: grid.spacing_mm(),
            origin_mm: grid.origin_mm(),
            direction: [i[0], i[1], i[2], j[0], j[1], j[2], k[0], k[1], k[2]],
            data_type: volume.voxels().into(),
            minimum: volume.minimum(),
            maximum: volume.maximum(),
            modality: modality.code(),
            unit: modality.unit(),
            tools_3d: reasons.is_empty(),
            reasons: reasons.iter().map(|reason| reason.code()).collect(),
            windows: windows.collect(),
            default_window: 0,
            inverted: prepared.inverted,
        }
    }
}
