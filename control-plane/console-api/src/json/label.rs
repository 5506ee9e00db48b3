//! What was measured of each object of a project, as JSON.

use control_plane_app::{LabelAnnotator, LabelView};
use control_plane_domain::OverrideCount;
use serde::Serialize;
use utoipa::ToSchema;

use super::instruction::GeometryNameJson;
use super::measure::SummaryJson;
use super::{CheckCodeJson, OverrideReasonJson, PersonJson};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelList {
    labels: Vec<LabelViewJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LabelViewJson {
    object_id: u32,
    name: String,
    /// `#rrggbb`.
    colour: String,
    geometry: GeometryNameJson,
    /// Under a version that has the object.
    submissions: usize,
    presence: PresenceTallyJson,
    presence_pairs: PresencePairsJson,
    dice_gold: SummaryJson,
    nsd_gold: SummaryJson,
    /// Every pair of submissions of a task.
    dice_pairs: SummaryJson,
    annotators: Vec<LabelAnnotatorJson>,
    overrides: Vec<OverrideCountJson>,
    /// How many tasks are or were disputed over it.
    disputed: usize,
}

#[derive(Debug, Serialize, ToSchema)]
struct PresenceTallyJson {
    present: usize,
    absent: usize,
    not_assessable: usize,
    not_stated: usize,
}

/// Pairs of submissions of one task that say the same of its presence.
#[derive(Debug, Serialize, ToSchema)]
struct PresencePairsJson {
    agree: usize,
    n: usize,
}

/// How well somebody marks the object, by STAPLE.
#[derive(Debug, Serialize, ToSchema)]
struct LabelAnnotatorJson {
    person: PersonJson,
    #[schema(required = true)]
    sensitivity: Option<f64>,
    #[schema(required = true)]
    specificity: Option<f64>,
    /// Over how many tasks.
    n: usize,
}

#[derive(Debug, Serialize, ToSchema)]
struct OverrideCountJson {
    check: CheckCodeJson,
    reason: OverrideReasonJson,
    count: usize,
}

impl LabelList {
    pub(crate) fn of(labels: &[LabelView]) -> Self {
        Self { labels: labels.iter().map(LabelViewJson::of).collect() }
    }
}

impl LabelViewJson {
    fn of(label: &LabelView) -> Self {
        let presence = PresenceTallyJson {
            present: label.presence.present,
            absent: label.presence.absent,
            not_assessable: label.presence.not_assessable,
            not_stated: label.presence.not_stated,
        };
        Self {
            object_id: label.object_id,
            name: label.name.clone(),
            colour: label.colour.clone(),
            geometry: label.geometry.into(),
            submissions: label.submissions,
            presence,
            presence_pairs: PresencePairsJson {
                agree: label.presence_pairs.agree,
                n: label.presence_pairs.n,
            },
            dice_gold: SummaryJson::of(&label.dice_gold),
            nsd_gold: SummaryJson::of(&label.nsd_gold),
            dice_pairs: SummaryJson::of(&label.dice_pairs),
            annotators: label.annotators.iter().map(LabelAnnotatorJson::of).collect(),
            overrides: label.overrides.iter().map(OverrideCountJson::of).collect(),
            disputed: label.disputed,
        }
    }
}

impl LabelAnnotatorJson {
    fn of(annotator: &LabelAnnotator) -> Self {
        Self {
            person: PersonJson::of(&annotator.person),
            sensitivity: annotator.sensitivity,
            specificity: annotator.specificity,
            n: annotator.n,
        }
    }
}

impl OverrideCountJson {
    fn of(count: &OverrideCount) -> Self {
        Self { check: count.check.into(), reason: count.reason.into(), count: count.count }
    }
}
