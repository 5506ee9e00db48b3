//! Submissions as JSON.

use control_plane_app::{AnswerValue, SubmissionResult};
use control_plane_domain::{LabelScore, ObjectPresence, Override, OverrideSubject, ShapeScore, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

use super::measure::ValueJson;
use super::{CheckCodeJson, OverrideReasonJson, StatedPresenceJson, VerdictKindJson, WorkRoleJson, rfc3339};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubmissionJson {
    id: String,
    task_id: String,
    asset_id: String,
    person_id: String,
    role: WorkRoleJson,
    /// Whether its slot was given on before; it counts in agreement, not in the overlap.
    surplus: bool,
    instruction_version: u32,
    submitted_at: String,
    duration_s: u32,
    time: TimeJson,
    scores: Vec<ScoreJson>,
    answers: Vec<AnswerJson>,
    objects: Vec<PresenceJson>,
    shapes: Vec<ShapeScoreJson>,
    overrides: Vec<OverrideJson>,
    verdicts: Vec<VerdictJson>,
}

/// Capped at 4 hours each.
#[derive(Debug, Serialize, ToSchema)]
struct TimeJson {
    active_seconds: u32,
    reading_seconds: u32,
    idle_seconds: u32,
}

#[derive(Debug, Serialize, ToSchema)]
struct PresenceJson {
    object_id: u32,
    presence: StatedPresenceJson,
    count: u32,
}

/// Shapes against those of the gold annotation.
#[derive(Debug, Serialize, ToSchema)]
struct ShapeScoreJson {
    object_id: u32,
    reference_count: u32,
    candidate_count: u32,
    matched: u32,
}

/// A warning that was handed in with a reason.
#[derive(Debug, Serialize, ToSchema)]
struct OverrideJson {
    subject: OverrideSubjectJson,
    check: CheckCodeJson,
    reason: OverrideReasonJson,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OverrideSubjectJson {
    Object { id: u32 },
    Rule { id: u32 },
}

#[derive(Debug, Serialize, ToSchema)]
struct VerdictJson {
    submission_id: String,
    /// 0 for the answers.
    object_id: u32,
    verdict: VerdictKindJson,
}

impl SubmissionJson {
    pub(super) fn of(result: &SubmissionResult) -> Self {
        let facts = &result.received.facts;
        Self {
            id: facts.id.to_string(),
            task_id: facts.task.to_string(),
            asset_id: result.received.asset.to_string(),
            person_id: facts.person.to_string(),
            role: facts.role.into(),
            surplus: result.received.surplus,
            instruction_version: facts.instruction_version,
            submitted_at: rfc3339(result.received.received_at),
            duration_s: facts.duration_seconds,
            time: TimeJson {
                active_seconds: facts.active_seconds,
                reading_seconds: facts.reading_seconds,
                idle_seconds: facts.idle_seconds,
            },
            scores: facts.scores.iter().map(ScoreJson::of).collect(),
            answers: result.answers.iter().map(AnswerJson::of).collect(),
            objects: facts.objects.iter().map(PresenceJson::of).collect(),
            shapes: facts.shapes.iter().map(ShapeScoreJson::of).collect(),
            overrides: facts.overrides.iter().map(OverrideJson::of).collect(),
            verdicts: facts.verdicts.iter().map(VerdictJson::of).collect(),
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

impl PresenceJson {
    fn of(object: &ObjectPresence) -> Self {
        Self { object_id: object.object_id, presence: object.presence.into(), count: object.count }
    }
}

impl ShapeScoreJson {
    fn of(score: &ShapeScore) -> Self {
        Self {
            object_id: score.object_id,
            reference_count: score.reference_count,
            candidate_count: score.candidate_count,
            matched: score.matched,
        }
    }
}

impl OverrideJson {
    fn of(said: &Override) -> Self {
        let subject = match said.subject {
            OverrideSubject::Object(id) => OverrideSubjectJson::Object { id },
            OverrideSubject::Rule(id) => OverrideSubjectJson::Rule { id },
        };
        Self { subject, check: said.check.into(), reason: said.reason.into() }
    }
}

impl VerdictJson {
    fn of(said: &Verdict) -> Self {
        Self {
            submission_id: said.submission.to_string(),
            object_id: said.object_id,
            verdict: said.verdict.into(),
        }
    }
}
