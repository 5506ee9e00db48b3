//! Instructions as JSON: the same form as at the agent.

mod body;
mod condition;
mod object;
mod question;
mod version;

use proto_instruction::{Draft, Instruction, Rule};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use body::BlockJson;
use condition::ConditionJson;
pub(crate) use object::GeometryNameJson;
use object::{ObjectJson, SeverityJson};
use question::QuestionJson;
pub(crate) use version::{PublishPreviewJson, VersionList};

/// An instruction as it is being written.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftJson {
    title: String,
    body_markdown: String,
    objects: Vec<ObjectJson>,
    questions: Vec<QuestionJson>,
    rules: Vec<RuleJson>,
}

impl DraftJson {
    pub(crate) fn of(draft: &Draft) -> Self {
        Self {
            title: draft.title.clone(),
            body_markdown: draft.body_markdown.clone(),
            objects: draft.objects.iter().map(ObjectJson::of_draft).collect(),
            questions: draft.questions.iter().map(QuestionJson::of).collect(),
            rules: draft.rules.iter().map(RuleJson::of).collect(),
        }
    }

    pub(crate) fn draft(self) -> Draft {
        Draft {
            title: self.title,
            body_markdown: self.body_markdown,
            objects: self.objects.into_iter().map(ObjectJson::draft).collect(),
            questions: self.questions.into_iter().map(QuestionJson::question).collect(),
            rules: self.rules.into_iter().map(RuleJson::rule).collect(),
        }
    }
}

/// The text of a draft as it was understood.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParsedBody {
    body: Vec<BlockJson>,
}

impl ParsedBody {
    pub(crate) fn of(instruction: &Instruction) -> Self {
        Self { body: instruction.body.iter().map(BlockJson::of).collect() }
    }
}

/// A published instruction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstructionJson {
    title: String,
    body: Vec<BlockJson>,
    objects: Vec<ObjectJson>,
    questions: Vec<QuestionJson>,
    rules: Vec<RuleJson>,
}

impl InstructionJson {
    pub(crate) fn of(instruction: &Instruction) -> Self {
        Self {
            title: instruction.title.clone(),
            body: instruction.body.iter().map(BlockJson::of).collect(),
            objects: instruction.objects.iter().map(ObjectJson::of).collect(),
            questions: instruction.questions.iter().map(QuestionJson::of).collect(),
            rules: instruction.rules.iter().map(RuleJson::of).collect(),
        }
    }
}

/// What has to hold across objects and questions.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleJson {
    id: u32,
    message: String,
    severity: SeverityJson,
    must_hold: ConditionJson,
}

impl RuleJson {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            message: rule.message.clone(),
            severity: rule.severity.into(),
            must_hold: ConditionJson::of(&rule.must_hold),
        }
    }

    fn rule(self) -> Rule {
        Rule {
            id: self.id,
            message: self.message,
            severity: self.severity.into(),
            must_hold: self.must_hold.condition(),
        }
    }
}
