//! Results as JSON.

use control_plane_app::{AnnotatorResult, AnswerValue, LabelResult, Results, SubmissionResult};
use control_plane_domain::{Agreement, LabelScore, MetricValue, PassRate, Summary};
use serde::Serialize;
use utoipa::ToSchema;

use super::{PersonJson, UndefinedJson, rfc3339};

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

/// A measure, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ValueJson {
    Value { value: f64 },
    Undefined { undefined: UndefinedJson },
}

impl From<MetricValue> for ValueJson {
    fn from(value: MetricValue) -> Self {
        match value {
            MetricValue::Value(value) => Self::Value { value },
            MetricValue::Undefined(why) => Self::Undefined { undefined: why.into() },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct SummaryJson {
    n: usize,
    #[schema(required = true)]
    mean: Option<f64>,
    #[schema(required = true)]
    median: Option<f64>,
    #[schema(required = true)]
    minimum: Option<f64>,
    #[schema(required = true)]
    maximum: Option<f64>,
    n_both_empty: usize,
    n_one_empty: usize,
}

impl SummaryJson {
    fn of(summary: &Summary) -> Self {
        Self {
            n: summary.n,
            mean: summary.mean,
            median: summary.median,
            minimum: summary.minimum,
            maximum: summary.maximum,
            n_both_empty: summary.n_both_empty,
            n_one_empty: summary.n_one_empty,
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
struct SubmissionJson {
    id: String,
    task_id: String,
    asset_id: String,
    person_id: String,
    submitted_at: String,
    duration_s: u32,
    scores: Vec<ScoreJson>,
    answers: Vec<AnswerJson>,
}

impl SubmissionJson {
    fn of(result: &SubmissionResult) -> Self {
        let facts = &result.received.facts;
        Self {
            id: facts.id.to_string(),
            task_id: facts.task.to_string(),
            asset_id: result.received.asset.to_string(),
            person_id: facts.person.to_string(),
            submitted_at: rfc3339(result.received.received_at),
            duration_s: facts.duration_seconds,
            scores: facts.scores.iter().map(ScoreJson::of).collect(),
            answers: result.answers.iter().map(AnswerJson::of).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct ScoreJson {
    object_id: u32,
    dice: ValueJson,
    nsd: ValueJson,
    hd95_mm: ValueJson,
    reference_voxels: u64,
    candidate_voxels: u64,
}

impl ScoreJson {
    fn of(score: &LabelScore) -> Self {
        Self {
            object_id: score.object_id,
            dice: score.dice.into(),
            nsd: score.nsd.into(),
            hd95_mm: score.hd95_mm.into(),
            reference_voxels: score.reference_voxels,
            candidate_voxels: score.candidate_voxels,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct AnswerJson {
    question_id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    option_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    number: Option<f64>,
}

impl AnswerJson {
    fn of((question_id, value): &(u32, AnswerValue)) -> Self {
        let (option_id, number) = match value {
            AnswerValue::Option(option) => (Some(*option), None),
            AnswerValue::Number(number) => (None, Some(*number)),
        };
        Self { question_id: *question_id, option_id, number }
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
