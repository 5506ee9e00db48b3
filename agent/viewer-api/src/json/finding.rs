//! What stands between work and its submission.

use proto_instruction::{Check, Finding, Subject};
use serde::Serialize;
use utoipa::ToSchema;

use super::instruction::SeverityJson;

/// What a refusal with code `incomplete` says beside its code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncompleteJson {
    /// The questions among the findings.
    pub(crate) fields: Vec<MissingFieldJson>,
    /// Everything that has to be mended, or that needs a reason.
    pub(crate) findings: Vec<FindingJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingFieldJson {
    question_id: u32,
    /// `required`, or what is wrong with the answer.
    problem: &'static str,
}

/// Something that is not as the instruction wants it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingJson {
    subject: FindingSubjectJson,
    check: CheckJson,
    severity: SeverityJson,
}

#[derive(Debug, Serialize, ToSchema)]
struct FindingSubjectJson {
    #[serde(rename = "type")]
    kind: FindingSubjectKindJson,
    id: u32,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FindingSubjectKindJson {
    Question,
    Object,
    Rule,
}

macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        /// What is not as it should be.
        #[derive(Debug, Clone, Copy, Serialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum CheckJson { AnswerInvalid, $($name),+ }

        impl From<Check> for CheckJson {
            fn from(check: Check) -> Self {
                match check {
                    Check::AnswerInvalid(_) => Self::AnswerInvalid,
                    $(Check::$name => Self::$name),+
                }
            }
        }
    };
}

checks! {
    AnswerMissing, StatementMissing, StatementContradicts, TooFew, TooMany, DiameterTooSmall, DiameterTooLarge,
    VolumeTooSmall, VolumeTooLarge, TooFewSlices, TooManySlices, TooElongated, Cavities, RuleBroken,
}

impl From<&Finding> for FindingJson {
    fn from(finding: &Finding) -> Self {
        let (kind, id) = match finding.subject {
            Subject::Question(id) => (FindingSubjectKindJson::Question, id),
            Subject::Object(id) => (FindingSubjectKindJson::Object, id),
            Subject::Rule(id) => (FindingSubjectKindJson::Rule, id),
        };
        let subject = FindingSubjectJson { kind, id };
        Self { subject, check: finding.check.into(), severity: finding.severity.into() }
    }
}

impl MissingFieldJson {
    /// None for what is not about a question.
    pub(crate) fn new(finding: &Finding) -> Option<Self> {
        let Subject::Question(question_id) = finding.subject else { return None };
        let problem =
            if let Check::AnswerInvalid(problem) = finding.check { problem.code() } else { "required" };
        Some(Self { question_id, problem })
    }
}
