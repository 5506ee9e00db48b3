//! One task with everything that is known of it, as JSON.

use control_plane_app::{ConsensusView, ObjectAgreement, PairAgreement, TaskDetail};
use control_plane_domain::{DisputeReason, DisputeSubject, Judgement, Skill};
use proto_ids::SubmissionId;
use serde::Serialize;
use utoipa::ToSchema;

use super::measure::ValueJson;
use super::submission::SubmissionJson;
use super::{AssetJson, DecisionJson, RuleKindJson, TaskJson, rfc3339};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskDetailJson {
    task: TaskJson,
    project_id: String,
    project_title: String,
    asset: AssetJson,
    /// Slots in their order, then what is surplus, then the arbiter's.
    submissions: Vec<SubmissionJson>,
    agreement: Vec<ObjectAgreementJson>,
    #[schema(required = true)]
    judgement: Option<JudgementJson>,
    consensus: Vec<ConsensusJson>,
}

/// How far the submissions agree on one object.
#[derive(Debug, Serialize, ToSchema)]
struct ObjectAgreementJson {
    object_id: u32,
    name: String,
    /// `#rrggbb`.
    colour: String,
    pairs: Vec<PairJson>,
    /// None with fewer than three submissions, and for shapes.
    #[schema(required = true)]
    staple: Option<Vec<RaterJson>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PairJson {
    /// Id of one submission.
    a: String,
    /// Id of the other.
    b: String,
    #[schema(required = true)]
    dice: Option<ValueJson>,
    /// How many shapes fit each other.
    #[schema(required = true)]
    matched: Option<u32>,
    /// How many shapes each has.
    #[schema(required = true, value_type = Option<(u32, u32)>)]
    counts: Option<[u32; 2]>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RaterJson {
    submission_id: String,
    #[schema(required = true)]
    sensitivity: Option<f64>,
    #[schema(required = true)]
    specificity: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct JudgementJson {
    decision: DecisionJson,
    reasons: Vec<ReasonJson>,
    judged_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct ReasonJson {
    subject: DisputeSubjectJson,
    #[schema(required = true)]
    measure: Option<f64>,
    #[schema(required = true)]
    target: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum DisputeSubjectJson {
    Object { id: u32 },
    Question { id: u32 },
}

#[derive(Debug, Serialize, ToSchema)]
struct ConsensusJson {
    object_id: u32,
    name: String,
    rule: RuleKindJson,
    /// None before it is painted.
    #[schema(required = true)]
    voxels: Option<u64>,
    #[schema(required = true)]
    painted_at: Option<String>,
}

impl TaskDetailJson {
    pub(crate) fn of(detail: &TaskDetail) -> Self {
        Self {
            task: TaskJson::of(&detail.task),
            project_id: detail.task.task.project.to_string(),
            project_title: detail.project_title.clone(),
            asset: AssetJson::of(&detail.asset),
            submissions: detail.submissions.iter().map(SubmissionJson::of).collect(),
            agreement: detail.agreement.iter().map(ObjectAgreementJson::of).collect(),
            judgement: detail.judgement.as_ref().map(JudgementJson::of),
            consensus: detail.consensus.iter().map(ConsensusJson::of).collect(),
        }
    }
}

impl ObjectAgreementJson {
    fn of(agreement: &ObjectAgreement) -> Self {
        let staple = agreement.staple.as_ref();
        Self {
            object_id: agreement.object_id,
            name: agreement.name.clone(),
            colour: agreement.colour.clone(),
            pairs: agreement.pairs.iter().map(PairJson::of).collect(),
            staple: staple.map(|raters| raters.iter().map(RaterJson::of).collect()),
        }
    }
}

impl PairJson {
    fn of(pair: &PairAgreement) -> Self {
        Self {
            a: pair.first.to_string(),
            b: pair.second.to_string(),
            dice: pair.dice.map(ValueJson::from),
            matched: pair.matched,
            counts: pair.counts,
        }
    }
}

impl RaterJson {
    fn of((submission, skill): &(SubmissionId, Skill)) -> Self {
        Self {
            submission_id: submission.to_string(),
            sensitivity: skill.sensitivity,
            specificity: skill.specificity,
        }
    }
}

impl JudgementJson {
    fn of(judgement: &Judgement) -> Self {
        Self {
            decision: judgement.decision.into(),
            reasons: judgement.reasons.iter().map(ReasonJson::of).collect(),
            judged_at: rfc3339(judgement.judged_at),
        }
    }
}

impl ReasonJson {
    fn of(reason: &DisputeReason) -> Self {
        let subject = match reason.subject {
            DisputeSubject::Object(id) => DisputeSubjectJson::Object { id },
            DisputeSubject::Question(id) => DisputeSubjectJson::Question { id },
        };
        Self { subject, measure: reason.measure, target: reason.target }
    }
}

impl ConsensusJson {
    fn of(consensus: &ConsensusView) -> Self {
        Self {
            object_id: consensus.object_id,
            name: consensus.name.clone(),
            rule: consensus.rule.into(),
            voxels: consensus.voxels,
            painted_at: consensus.painted_at.map(rfc3339),
        }
    }
}
