//! Results as JSON.

use control_plane_app::{AnnotatorResult, LabelResult, Results};
use control_plane_domain::{Agreement, PassRate};
use serde::Serialize;
use utoipa::ToSchema;

use super::measure::{SummaryJson, ValueJson};
use super::submission::SubmissionJson;
use super::{PersonJson, rfc3339};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResultsJson {
    as_of: String,
    labels: Vec<LabelJson>,
    annotators: Vec<AnnotatorJson>,
    submissions: Vec<SubmissionJson>,
    agreement: Vec<AgreementJson>,
}

impl ResultsJson {
    pub(crate) fn of(results: &Results) -> Self {
        Self {
            as_of: rfc3339(results.as_of),
            labels: results.labels.iter().map(LabelJson::of).collect(),
            annotators: results.annotators.iter().map(AnnotatorJson::of).collect(),
            submissions: results.submissions.iter().map(SubmissionJson::of).collect(),
            agreement: results.agreement.iter().map(AgreementJson::of).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct MeasuresJson {
    object_id: u32,
    n: usize,
    dice: SummaryJson,
    nsd: SummaryJson,
    hd95_mm: SummaryJson,
}

impl MeasuresJson {
    fn of(label: &LabelResult) -> Self {
        Self {
            object_id: label.object_id,
            n: label.n,
            dice: SummaryJson::of(&label.dice),
            nsd: SummaryJson::of(&label.nsd),
            hd95_mm: SummaryJson::of(&label.hd95_mm),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct LabelJson {
    name: String,
    #[serde(flatten)]
    measures: MeasuresJson,
}

impl LabelJson {
    fn of(label: &LabelResult) -> Self {
        Self { name: label.name.clone(), measures: MeasuresJson::of(label) }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct AnnotatorJson {
    person: PersonJson,
    submissions: usize,
    gold_n: usize,
    gold_pass: PassRateJson,
    leave_one_out: SummaryJson,
    labels: Vec<MeasuresJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    duration_median_s: Option<f64>,
    time: TimeMediansJson,
    verdicts: VerdictTallyJson,
    /// How many warnings were handed in with a reason.
    overrides: usize,
}

/// Medians over the submissions whose time was told apart.
#[derive(Debug, Serialize, ToSchema)]
struct TimeMediansJson {
    #[schema(required = true)]
    active_median_seconds: Option<f64>,
    #[schema(required = true)]
    reading_median_seconds: Option<f64>,
    #[schema(required = true)]
    idle_median_seconds: Option<f64>,
}

/// What arbiters say of the work.
#[derive(Debug, Serialize, ToSchema)]
struct VerdictTallyJson {
    right: usize,
    acceptable: usize,
    wrong: usize,
    not_decidable: usize,
}

impl AnnotatorJson {
    fn of(annotator: &AnnotatorResult) -> Self {
        Self {
            person: PersonJson::of(&annotator.person),
            submissions: annotator.submissions,
            gold_n: annotator.gold_n,
            gold_pass: PassRateJson::of(annotator.gold_pass),
            leave_one_out: SummaryJson::of(&annotator.leave_one_out),
            labels: annotator.labels.iter().map(MeasuresJson::of).collect(),
            duration_median_s: annotator.duration_median_s,
            time: TimeMediansJson {
                active_median_seconds: annotator.time.active_seconds,
                reading_median_seconds: annotator.time.reading_seconds,
                idle_median_seconds: annotator.time.idle_seconds,
            },
            verdicts: VerdictTallyJson {
                right: annotator.verdicts.right,
                acceptable: annotator.verdicts.acceptable,
                wrong: annotator.verdicts.wrong,
                not_decidable: annotator.verdicts.not_decidable,
            },
            overrides: annotator.overrides,
        }
    }
}

/// How many submissions passed against gold, with the 95 % Wilson interval of the rate.
#[derive(Debug, Serialize, ToSchema)]
struct PassRateJson {
    passes: u32,
    n: u32,
    #[schema(required = true)]
    low: Option<f64>,
    #[schema(required = true)]
    high: Option<f64>,
}

impl PassRateJson {
    fn of(rate: PassRate) -> Self {
        let interval = rate.interval();
        Self {
            passes: rate.passes,
            n: rate.n,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct AgreementJson {
    task_id: String,
    object_id: u32,
    submissions: Vec<String>,
    dice_pairwise_mean: ValueJson,
}

impl AgreementJson {
    fn of(agreement: &Agreement) -> Self {
        Self {
            task_id: agreement.task.to_string(),
            object_id: agreement.object_id,
            submissions: agreement.submissions.iter().map(ToString::to_string).collect(),
            dice_pairwise_mean: agreement.dice_pairwise_mean.into(),
        }
    }
}
