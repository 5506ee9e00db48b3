//! Records of submissions.

use control_plane_domain::{
    CheckCode, CodedAnswer, CodedValue, LabelScore, MetricValue, ObjectPresence, Override, OverrideReason,
    OverrideSubject, ReceivedSubmission, ShapeScore, StatedPresence, Submission, Undefined, Verdict,
    VerdictKind, WorkRole,
};
use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use super::assistance::AssistV1;
use super::{Id, Record};

#[derive(Debug, Serialize, Deserialize)]
enum MetricV1 {
    Value(f64),
    Undefined(u32),
}

impl MetricV1 {
    fn of(value: MetricValue) -> Self {
        match value {
            MetricValue::Value(value) => Self::Value(value),
            MetricValue::Undefined(why) => Self::Undefined(why.code()),
        }
    }

    fn thing(self) -> Option<MetricValue> {
        match self {
            Self::Value(value) => Some(MetricValue::Value(value)),
            Self::Undefined(why) => Undefined::from_code(why).map(MetricValue::Undefined),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ScoreV1 {
    object_id: u32,
    dice: MetricV1,
    nsd: MetricV1,
    hd95_mm: MetricV1,
    reference_voxels: u64,
    candidate_voxels: u64,
}

#[derive(Debug, Serialize, Deserialize)]
enum AnswerV1 {
    Option { question_id: u32, option_id: u32 },
    GridStep { question_id: u32, step: u32 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SubmissionV1 {
    id: Id,
    task: Id,
    person: Id,
    slot: u32,
    instruction_version: u32,
    duration_seconds: u32,
    engine: u32,
    scores: Vec<ScoreV1>,
    answers: Vec<AnswerV1>,
    site: Id,
    project: Id,
    asset: Id,
    surplus: bool,
    received_at: i64,
    #[serde(default = "annotator")]
    role: u32,
    #[serde(default)]
    active_seconds: u32,
    #[serde(default)]
    reading_seconds: u32,
    #[serde(default)]
    idle_seconds: u32,
    #[serde(default)]
    objects: Vec<ObjectPresenceV1>,
    #[serde(default)]
    shapes: Vec<ShapeScoreV1>,
    #[serde(default)]
    overrides: Vec<OverrideV1>,
    #[serde(default)]
    verdicts: Vec<VerdictV1>,
    #[serde(default)]
    assists: Vec<AssistV1>,
}

/// The role of all work before there were arbiters.
const fn annotator() -> u32 {
    WorkRole::Annotator.code()
}

impl Record for SubmissionV1 {
    type Thing = ReceivedSubmission;
    const TABLE: &'static str = "submission";

    fn of(received: &ReceivedSubmission) -> Self {
        let facts = &received.facts;
        Self {
            id: Id(*facts.id.bytes()),
            task: Id(*facts.task.bytes()),
            person: Id(*facts.person.bytes()),
            slot: facts.slot,
            instruction_version: facts.instruction_version,
            duration_seconds: facts.duration_seconds,
            engine: facts.engine,
            scores: facts.scores.iter().map(ScoreV1::of).collect(),
            answers: facts.answers.iter().map(AnswerV1::of).collect(),
            role: facts.role.code(),
            active_seconds: facts.active_seconds,
            reading_seconds: facts.reading_seconds,
            idle_seconds: facts.idle_seconds,
            objects: facts.objects.iter().map(ObjectPresenceV1::of).collect(),
            shapes: facts.shapes.iter().map(ShapeScoreV1::of).collect(),
            overrides: facts.overrides.iter().map(OverrideV1::of).collect(),
            verdicts: facts.verdicts.iter().map(VerdictV1::of).collect(),
            assists: facts.assists.iter().map(AssistV1::of).collect(),
            site: Id(*received.site.bytes()),
            project: Id(*received.project.bytes()),
            asset: Id(*received.asset.bytes()),
            surplus: received.surplus,
            received_at: received.received_at.millis(),
        }
    }

    fn thing(self) -> Option<ReceivedSubmission> {
        let facts = Submission {
            id: SubmissionId::from_bytes(self.id.0),
            task: TaskId::from_bytes(self.task.0),
            person: PersonId::from_bytes(self.person.0),
            slot: self.slot,
            instruction_version: self.instruction_version,
            duration_seconds: self.duration_seconds,
            engine: self.engine,
            scores: self.scores.into_iter().map(ScoreV1::thing).collect::<Option<_>>()?,
            answers: self.answers.into_iter().map(AnswerV1::thing).collect(),
            role: WorkRole::from_code(self.role)?,
            active_seconds: self.active_seconds,
            reading_seconds: self.reading_seconds,
            idle_seconds: self.idle_seconds,
            objects: self.objects.into_iter().map(ObjectPresenceV1::thing).collect::<Option<_>>()?,
            shapes: self.shapes.into_iter().map(ShapeScoreV1::thing).collect(),
            overrides: self.overrides.into_iter().map(OverrideV1::thing).collect::<Option<_>>()?,
            verdicts: self.verdicts.into_iter().map(VerdictV1::thing).collect::<Option<_>>()?,
            assists: self.assists.into_iter().map(AssistV1::thing).collect::<Option<_>>()?,
        };
        Some(ReceivedSubmission {
            facts,
            site: SiteId::from_bytes(self.site.0),
            project: ProjectId::from_bytes(self.project.0),
            asset: AssetToken::from_bytes(self.asset.0),
            surplus: self.surplus,
            received_at: Timestamp::from_millis(self.received_at),
        })
    }
}

impl ScoreV1 {
    fn of(score: &LabelScore) -> Self {
        Self {
            object_id: score.object_id,
            dice: MetricV1::of(score.dice),
            nsd: MetricV1::of(score.nsd),
            hd95_mm: MetricV1::of(score.hd95_mm),
            reference_voxels: score.reference_voxels,
            candidate_voxels: score.candidate_voxels,
        }
    }

    fn thing(self) -> Option<LabelScore> {
        Some(LabelScore {
            object_id: self.object_id,
            dice: self.dice.thing()?,
            nsd: self.nsd.thing()?,
            hd95_mm: self.hd95_mm.thing()?,
            reference_voxels: self.reference_voxels,
            candidate_voxels: self.candidate_voxels,
        })
    }
}

impl AnswerV1 {
    fn of(answer: &CodedAnswer) -> Self {
        let question_id = answer.question_id;
        match answer.value {
            CodedValue::Option(option_id) => Self::Option { question_id, option_id },
            CodedValue::GridStep(step) => Self::GridStep { question_id, step },
        }
    }

    fn thing(self) -> CodedAnswer {
        match self {
            Self::Option { question_id, option_id } => {
                CodedAnswer { question_id, value: CodedValue::Option(option_id) }
            }
            Self::GridStep { question_id, step } => {
                CodedAnswer { question_id, value: CodedValue::GridStep(step) }
            }
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ObjectPresenceV1 {
    object_id: u32,
    presence: u32,
    count: u32,
}

impl ObjectPresenceV1 {
    fn of(object: &ObjectPresence) -> Self {
        Self { object_id: object.object_id, presence: object.presence.code(), count: object.count }
    }

    fn thing(self) -> Option<ObjectPresence> {
        let presence = StatedPresence::from_code(self.presence)?;
        Some(ObjectPresence { object_id: self.object_id, presence, count: self.count })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ShapeScoreV1 {
    object_id: u32,
    reference_count: u32,
    candidate_count: u32,
    matched: u32,
}

impl ShapeScoreV1 {
    fn of(score: &ShapeScore) -> Self {
        Self {
            object_id: score.object_id,
            reference_count: score.reference_count,
            candidate_count: score.candidate_count,
            matched: score.matched,
        }
    }

    fn thing(self) -> ShapeScore {
        ShapeScore {
            object_id: self.object_id,
            reference_count: self.reference_count,
            candidate_count: self.candidate_count,
            matched: self.matched,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum OverrideV1 {
    Object { id: u32, check: u32, reason: u32 },
    Rule { id: u32, check: u32, reason: u32 },
}

impl OverrideV1 {
    fn of(said: &Override) -> Self {
        let (check, reason) = (said.check.code(), said.reason.code());
        match said.subject {
            OverrideSubject::Object(id) => Self::Object { id, check, reason },
            OverrideSubject::Rule(id) => Self::Rule { id, check, reason },
        }
    }

    fn thing(self) -> Option<Override> {
        let (subject, check, reason) = match self {
            Self::Object { id, check, reason } => (OverrideSubject::Object(id), check, reason),
            Self::Rule { id, check, reason } => (OverrideSubject::Rule(id), check, reason),
        };
        let (check, reason) = (CheckCode::from_code(check)?, OverrideReason::from_code(reason)?);
        Some(Override { subject, check, reason })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct VerdictV1 {
    submission: Id,
    object_id: u32,
    verdict: u32,
}

impl VerdictV1 {
    fn of(said: &Verdict) -> Self {
        Self {
            submission: Id(*said.submission.bytes()),
            object_id: said.object_id,
            verdict: said.verdict.code(),
        }
    }

    fn thing(self) -> Option<Verdict> {
        let submission = SubmissionId::from_bytes(self.submission.0);
        let verdict = VerdictKind::from_code(self.verdict)?;
        Some(Verdict { submission, object_id: self.object_id, verdict })
    }
}
