//! Handing in: reasons for warnings, and what an arbiter says of the others.

use agent_work::{Override, OverrideReason, Verdict, VerdictKind};
use proto_instruction::{Check, Subject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitJson {
    pub(crate) fencing: u64,
    pub(crate) revision: u64,
    /// A reason for each warning.
    #[serde(default)]
    pub(crate) overrides: Vec<OverrideJson>,
    /// Of an arbiter: for each letter, each object and, where there are questions, the answers.
    #[serde(default)]
    pub(crate) verdicts: Vec<VerdictJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubmittedJson {
    pub(crate) submission_id: String,
    pub(crate) submitted_at: String,
}

/// A warning that work is handed in with, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideJson {
    subject: OverrideSubjectJson,
    check: OverrideCheckJson,
    reason: OverrideReasonJson,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverrideSubjectJson {
    #[serde(rename = "type")]
    kind: OverrideSubjectKindJson,
    id: u32,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OverrideSubjectKindJson {
    Object,
    Rule,
}

/// A check that may be a warning.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum OverrideCheckJson {
    TooFew,
    TooMany,
    DiameterTooSmall,
    DiameterTooLarge,
    VolumeTooSmall,
    VolumeTooLarge,
    TooFewSlices,
    TooManySlices,
    TooElongated,
    Cavities,
    RuleBroken,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum OverrideReasonJson {
    UnusualAnatomy,
    ImageQuality,
    InstructionUnclear,
    Other,
}

/// What an arbiter says of one object in the work with a letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerdictJson {
    letter: String,
    /// 0 for the answers.
    object_id: u32,
    verdict: VerdictKindJson,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum VerdictKindJson {
    Right,
    Acceptable,
    Wrong,
    NotDecidable,
}

impl From<OverrideJson> for Override {
    fn from(json: OverrideJson) -> Self {
        let subject = match json.subject.kind {
            OverrideSubjectKindJson::Object => Subject::Object(json.subject.id),
            OverrideSubjectKindJson::Rule => Subject::Rule(json.subject.id),
        };
        Self { subject, check: json.check.into(), reason: json.reason.into() }
    }
}

impl From<OverrideCheckJson> for Check {
    fn from(json: OverrideCheckJson) -> Self {
        match json {
            OverrideCheckJson::TooFew => Self::TooFew,
            OverrideCheckJson::TooMany => Self::TooMany,
            OverrideCheckJson::DiameterTooSmall => Self::DiameterTooSmall,
            OverrideCheckJson::DiameterTooLarge => Self::DiameterTooLarge,
            OverrideCheckJson::VolumeTooSmall => Self::VolumeTooSmall,
            OverrideCheckJson::VolumeTooLarge => Self::VolumeTooLarge,
            OverrideCheckJson::TooFewSlices => Self::TooFewSlices,
            OverrideCheckJson::TooManySlices => Self::TooManySlices,
            OverrideCheckJson::TooElongated => Self::TooElongated,
            OverrideCheckJson::Cavities => Self::Cavities,
            OverrideCheckJson::RuleBroken => Self::RuleBroken,
        }
    }
}

impl From<OverrideReasonJson> for OverrideReason {
    fn from(json: OverrideReasonJson) -> Self {
        match json {
            OverrideReasonJson::UnusualAnatomy => Self::UnusualAnatomy,
            OverrideReasonJson::ImageQuality => Self::ImageQuality,
            OverrideReasonJson::InstructionUnclear => Self::InstructionUnclear,
            OverrideReasonJson::Other => Self::Other,
        }
    }
}

impl TryFrom<VerdictJson> for Verdict {
    type Error = Problem;

    fn try_from(json: VerdictJson) -> Result<Self, Problem> {
        let letter =
            letter_of(&json.letter).ok_or_else(|| Problem::invalid("verdicts: a letter is A to P"))?;
        let verdict = match json.verdict {
            VerdictKindJson::Right => VerdictKind::Right,
            VerdictKindJson::Acceptable => VerdictKind::Acceptable,
            VerdictKindJson::Wrong => VerdictKind::Wrong,
            VerdictKindJson::NotDecidable => VerdictKind::NotDecidable,
        };
        Ok(Self { letter, object_id: json.object_id, verdict })
    }
}

/// One capital letter, A to P: a task has at most 16 slots.
pub(crate) fn letter_of(text: &str) -> Option<char> {
    let mut letters = text.chars();
    let letter = letters.next().filter(|letter| ('A'..='P').contains(letter));
    letter.filter(|_| letters.next().is_none())
}
