//! A newer version of an instruction, and what changed up to it.

use proto_instruction::{Edit, EditClass, EditSubject, Instruction, edits};
use serde::Serialize;
use utoipa::ToSchema;

use super::InstructionJson;

/// The version that the task would follow now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewerJson {
    version: u32,
    instruction: InstructionJson,
    /// Against the version that the work follows, the gravest first.
    edits: Vec<EditJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct EditJson {
    class: EditClassJson,
    subject: EditSubjectJson,
    /// For people.
    what: String,
}

/// What an edit means for work that is under way.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EditClassJson {
    Cosmetic,
    Widening,
    Narrowing,
    Breaking,
}

#[derive(Debug, Serialize, ToSchema)]
struct EditSubjectJson {
    #[serde(rename = "type")]
    kind: EditSubjectKindJson,
    /// Null for the instruction itself.
    #[schema(required = true)]
    id: Option<u32>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EditSubjectKindJson {
    Instruction,
    Object,
    Question,
    Rule,
}

impl NewerJson {
    /// `newer` is version `version`; work follows `pinned`.
    pub(crate) fn new(pinned: &Instruction, version: u32, newer: &Instruction) -> Self {
        let edits = edits(pinned, newer);
        Self { version, instruction: newer.into(), edits: edits.into_iter().map(EditJson::from).collect() }
    }
}

impl From<Edit> for EditJson {
    fn from(edit: Edit) -> Self {
        let (kind, id) = match edit.subject {
            EditSubject::Instruction => (EditSubjectKindJson::Instruction, None),
            EditSubject::Object(id) => (EditSubjectKindJson::Object, Some(id)),
            EditSubject::Question(id) => (EditSubjectKindJson::Question, Some(id)),
            EditSubject::Rule(id) => (EditSubjectKindJson::Rule, Some(id)),
        };
        Self { class: edit.class.into(), subject: EditSubjectJson { kind, id }, what: edit.what }
    }
}

impl From<EditClass> for EditClassJson {
    fn from(class: EditClass) -> Self {
        match class {
            EditClass::Cosmetic => Self::Cosmetic,
            EditClass::Widening => Self::Widening,
            EditClass::Narrowing => Self::Narrowing,
            EditClass::Breaking => Self::Breaking,
        }
    }
}
