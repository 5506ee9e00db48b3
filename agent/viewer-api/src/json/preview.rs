//! Operations that the agent computes, and what came of them.

use agent_imaging::mask;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginPreviewJson {
    pub(crate) fencing: u64,
    /// The revision of the saved work that the person sees.
    pub(crate) revision: u64,
    pub(crate) operation: PreviewOperationJson,
    /// What may change; without it anything may but voxels of other objects.
    #[serde(default)]
    pub(crate) masking: Option<MaskingJson>,
}

/// What an operation may change: area, values and overwriting must all allow it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaskingJson {
    pub(crate) area: AreaJson,
    /// The labels of `inside` and `outside`.
    pub(crate) area_labels: Vec<u16>,
    /// Only voxels with values from the first to the second change. Null: whatever their value.
    #[schema(required = true)]
    pub(crate) values: Option<[f64; 2]>,
    pub(crate) overwrite: OverwriteJson,
    /// The labels of `only`.
    pub(crate) overwrite_labels: Vec<u16>,
}

/// Where voxels may change, by the label that they have before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AreaJson {
    Everywhere,
    /// Where there is a label.
    InsideAll,
    /// Where there is none.
    OutsideAll,
    /// Where there is one of `area_labels`.
    Inside,
    /// Where there is none of `area_labels`.
    Outside,
}

/// Which labels may be written over, besides those that the operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OverwriteJson {
    All,
    /// Those of `overwrite_labels`.
    Only,
    Nothing,
}

/// Both corners are inside: voxels i, j, k.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoxJson {
    pub(crate) lower: [u32; 3],
    pub(crate) upper: [u32; 3],
}

/// Voxels of one slice.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedsJson {
    pub(crate) k: u32,
    /// `[start, length]`.
    pub(crate) runs: Vec<[u32; 2]>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointJson {
    pub(crate) at: [u32; 3],
    pub(crate) positive: bool,
}

/// A scribble in one slice.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScribbleJson {
    pub(crate) k: u32,
    /// `[start, length, 1 when on the object, else 0]`.
    pub(crate) runs: Vec<[u32; 3]>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum PreviewOperationJson {
    /// All labels grow over the unlabelled voxels of a box.
    GrowFromSeeds {
        /// Null: around the seeds, with a margin.
        #[serde(rename = "box")]
        #[schema(required = true)]
        inside: Option<BoxJson>,
        /// Places that belong to no object.
        background: Vec<SeedsJson>,
    },
    FillBetweenSlices {
        label: u16,
        axis: u8,
    },
    Islands {
        label: u16,
        mode: IslandModeJson,
        #[schema(required = true)]
        minimum_mm3: Option<f64>,
        #[schema(required = true)]
        picked: Option<[u32; 3]>,
    },
    Smooth {
        /// Null for `joint`: all labels together.
        #[schema(required = true)]
        label: Option<u16>,
        method: SmoothMethodJson,
        radius_mm: f64,
    },
    /// Values in a range.
    Threshold {
        label: u16,
        values: [f64; 2],
        /// Null: the whole volume.
        #[serde(rename = "box")]
        #[schema(required = true)]
        inside: Option<BoxJson>,
    },
    /// What is connected with the seeds through values that are alike.
    RegionGrow {
        label: u16,
        seeds: Vec<SeedsJson>,
        /// Null: within `deviations` of the mean, which is taken anew as the region grows.
        #[schema(required = true)]
        values: Option<[f64; 2]>,
        /// Standard deviations on each side.
        deviations: f64,
        /// Nothing leads through a passage that a ball of this radius does not fit through; 0 for none.
        gate_mm: f64,
        /// The least share, 0 to 1, of the box around it that the region fills; what has leaked fills little.
        compactness: f64,
        #[serde(rename = "box")]
        #[schema(required = true)]
        inside: Option<BoxJson>,
    },
    /// What the line of one value encloses in a slice.
    LevelTrace {
        label: u16,
        /// The voxel whose value it is.
        at: [u32; 3],
        axis: u8,
        /// Whether what is brighter than the voxel is enclosed, or what is darker.
        bright: bool,
    },
    Margin {
        label: u16,
        /// Below 0 it shrinks.
        by_mm: f64,
    },
    Shell {
        label: u16,
        side: ShellJson,
        thickness_mm: f64,
    },
    Logic {
        label: u16,
        how: LogicJson,
        /// Labels that are put together with it; 0 is what has none.
        operand: Vec<u16>,
    },
    FillHoles {
        label: u16,
        /// Null: cavities. Otherwise in each slice along this axis by itself.
        #[schema(required = true)]
        axis: Option<u8>,
    },
    /// A polygon projected through the volume.
    Scissors {
        /// Corners in voxels, which need not be whole.
        polygon: Vec<[f64; 3]>,
        /// The direction of view, in voxels.
        direction: [f64; 3],
        /// How far it reaches in all, half to each side of the polygon. Null: through the whole volume.
        #[schema(required = true)]
        depth_mm: Option<f64>,
        /// Whether the voxels outside of the cut are meant.
        outside: bool,
        /// Labels that the voxels lose, where none is filled in.
        erase: Vec<u16>,
        /// The label that they get.
        #[schema(required = true)]
        fill: Option<u16>,
    },
    Assist {
        model_id: String,
        /// The object that the answer is for; null: the labels of the model decide.
        #[schema(required = true)]
        object_id: Option<u32>,
        points: Vec<PointJson>,
        #[serde(rename = "box")]
        #[schema(required = true)]
        inside: Option<BoxJson>,
        scribbles: Vec<ScribbleJson>,
        /// Whether the model is to refine what is drawn.
        from_mask: bool,
    },
}

impl PreviewOperationJson {
    /// Whether it looks at the image, and not at what is drawn alone.
    pub(crate) const fn needs_voxels(&self) -> bool {
        match self {
            Self::GrowFromSeeds { .. }
            | Self::Threshold { .. }
            | Self::RegionGrow { .. }
            | Self::LevelTrace { .. }
            | Self::Assist { .. } => true,
            Self::FillBetweenSlices { .. }
            | Self::Islands { .. }
            | Self::Smooth { .. }
            | Self::Margin { .. }
            | Self::Shell { .. }
            | Self::Logic { .. }
            | Self::FillHoles { .. }
            | Self::Scissors { .. } => false,
        }
    }
}

/// On which side of the surface a shell lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ShellJson {
    Inward,
    Medial,
    Outward,
}

/// How labels are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogicJson {
    /// The label becomes the operand.
    Copy,
    Add,
    Subtract,
    Intersect,
    /// The operand has no part in this and the next two.
    Invert,
    Clear,
    Fill,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IslandModeJson {
    KeepLargest,
    RemoveSmall,
    KeepPicked,
    RemovePicked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SmoothMethodJson {
    Median,
    Open,
    Close,
    Gaussian,
    Joint,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewIdJson {
    pub(crate) id: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum PreviewJson {
    Running {
        /// From 0 to 1.
        progress: f64,
        /// What is being done, in words.
        doing: String,
    },
    Done {
        slices: Vec<PreviewSliceJson>,
        /// How many voxels change.
        voxels: u64,
        source: SourceJson,
    },
    Failed {
        code: String,
        title: String,
    },
    Cancelled,
}

/// Changes of one slice of the label map.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PreviewSliceJson {
    pub(crate) k: u32,
    /// `[start, length, old, new]`.
    pub(crate) runs: Vec<(u32, u32, u16, u16)>,
}

/// What computed it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SourceJson {
    /// The kind of the operation.
    pub(crate) kind: &'static str,
    #[schema(required = true)]
    pub(crate) model_id: Option<String>,
    /// Words for people.
    pub(crate) name: String,
}

/// What a batch prepared for a task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalJson {
    pub(crate) id: String,
    pub(crate) source: SourceJson,
    /// Against the empty label map.
    pub(crate) slices: Vec<PreviewSliceJson>,
}

impl From<&mask::SliceDelta> for PreviewSliceJson {
    fn from(delta: &mask::SliceDelta) -> Self {
        let runs = delta.runs().iter().map(|run| (run.start, run.length, run.old, run.new));
        Self { k: delta.k(), runs: runs.collect() }
    }
}

impl From<&agent_work::Slice> for PreviewSliceJson {
    fn from(slice: &agent_work::Slice) -> Self {
        let runs = slice.runs.iter().map(|run| (run.start, run.length, 0, run.label));
        Self { k: slice.k, runs: runs.collect() }
    }
}
