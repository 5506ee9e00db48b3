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
            Self::GrowFromSeeds { .. } | Self::Assist { .. } => true,
            Self::FillBetweenSlices { .. } | Self::Islands { .. } | Self::Smooth { .. } => false,
        }
    }
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
