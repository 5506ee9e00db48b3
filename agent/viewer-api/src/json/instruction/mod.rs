//! Instructions as the viewer reads them: the same form as in the console.

mod body;
mod condition;
mod object;
mod question;
mod version;

use proto_instruction::{Instruction, Rule};
use serde::Serialize;
use utoipa::ToSchema;

use body::BlockJson;
use condition::ConditionJson;
pub(crate) use condition::PresenceJson;
use object::ObjectJson;
pub(crate) use object::SeverityJson;
use question::QuestionJson;
pub(crate) use version::NewerJson;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstructionJson {
    title: String,
    body: Vec<BlockJson>,
    objects: Vec<ObjectJson>,
    questions: Vec<QuestionJson>,
    rules: Vec<RuleJson>,
}

/// What has to hold across objects and questions.
#[derive(Debug, Serialize, ToSchema)]
struct RuleJson {
    id: u32,
    message: String,
    severity: SeverityJson,
    must_hold: ConditionJson,
}

impl From<&Instruction> for InstructionJson {
    fn from(instruction: &Instruction) -> Self {
        Self {
            title: instruction.title.clone(),
            body: instruction.body.iter().map(BlockJson::from).collect(),
            objects: instruction.objects.iter().map(ObjectJson::from).collect(),
            questions: instruction.questions.iter().map(QuestionJson::from).collect(),
            rules: instruction.rules.iter().map(RuleJson::from).collect(),
        }
    }
}

impl From<&Rule> for RuleJson {
    fn from(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            message: rule.message.clone(),
            severity: rule.severity.into(),
            must_hold: (&rule.must_hold).into(),
        }
    }
}
