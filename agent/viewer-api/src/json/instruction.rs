//! Instructions as the viewer reads them.

use proto_instruction::{Block, Inline, Instruction, Object, Question, QuestionKind};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstructionJson {
    title: String,
    body: Vec<BlockJson>,
    objects: Vec<ObjectJson>,
    questions: Vec<QuestionJson>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum BlockJson {
    Heading {
        #[schema(schema_with = heading_level)]
        level: u8,
        inlines: Vec<InlineJson>,
    },
    Paragraph {
        inlines: Vec<InlineJson>,
    },
    List {
        ordered: bool,
        items: Vec<Vec<InlineJson>>,
    },
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum InlineJson {
    Text {
        text: String,
    },
    #[schema(no_recursion)]
    Strong {
        inlines: Vec<InlineJson>,
    },
    #[schema(no_recursion)]
    Emphasis {
        inlines: Vec<InlineJson>,
    },
    Code {
        text: String,
    },
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObjectJson {
    id: u32,
    key: String,
    name: String,
    /// `#rrggbb`.
    colour: String,
    /// One letter or digit, or empty.
    hotkey: String,
    label: u8,
    tolerance_mm: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuestionJson {
    id: u32,
    prompt: String,
    required: bool,
    kind: QuestionKindJson,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum QuestionKindJson {
    Choice { options: Vec<OptionJson> },
    Number { minimum: f64, maximum: f64, step: f64, unit: String },
    Text { max_length: u32 },
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OptionJson {
    id: u32,
    text: String,
}

/// A heading has one of three levels.
fn heading_level() -> utoipa::openapi::Object {
    ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([1, 2, 3])).build()
}

impl From<&Instruction> for InstructionJson {
    fn from(instruction: &Instruction) -> Self {
        Self {
            title: instruction.title.clone(),
            body: instruction.body.iter().map(BlockJson::from).collect(),
            objects: instruction.objects.iter().map(ObjectJson::from).collect(),
            questions: instruction.questions.iter().map(QuestionJson::from).collect(),
        }
    }
}

impl From<&Block> for BlockJson {
    fn from(block: &Block) -> Self {
        match block {
            Block::Heading { level, inlines } => Self::Heading { level: *level, inlines: line(inlines) },
            Block::Paragraph { inlines } => Self::Paragraph { inlines: line(inlines) },
            Block::List { ordered, items } => {
                Self::List { ordered: *ordered, items: items.iter().map(|item| line(item)).collect() }
            }
        }
    }
}

fn line(inlines: &[Inline]) -> Vec<InlineJson> {
    inlines.iter().map(InlineJson::from).collect()
}

impl From<&Inline> for InlineJson {
    fn from(inline: &Inline) -> Self {
        match inline {
            Inline::Text(text) => Self::Text { text: text.clone() },
            Inline::Strong(inlines) => Self::Strong { inlines: line(inlines) },
            Inline::Emphasis(inlines) => Self::Emphasis { inlines: line(inlines) },
            Inline::Code(text) => Self::Code { text: text.clone() },
        }
    }
}

impl From<&Object> for ObjectJson {
    fn from(object: &Object) -> Self {
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            colour: object.colour.to_string(),
            hotkey: object.hotkey.map(String::from).unwrap_or_default(),
            label: object.label,
            tolerance_mm: object.tolerance_mm,
        }
    }
}

impl From<&Question> for QuestionJson {
    fn from(question: &Question) -> Self {
        let kind = match &question.kind {
            QuestionKind::Choice { options } => QuestionKindJson::Choice {
                options: options
                    .iter()
                    .map(|option| OptionJson { id: option.id, text: option.text.clone() })
                    .collect(),
            },
            QuestionKind::Number(grid) => QuestionKindJson::Number {
                minimum: grid.minimum,
                maximum: grid.maximum,
                step: grid.step,
                unit: grid.unit.clone(),
            },
            QuestionKind::Text { max_length } => QuestionKindJson::Text { max_length: *max_length },
        };
        Self { id: question.id, prompt: question.prompt.clone(), required: question.required, kind }
    }
}
