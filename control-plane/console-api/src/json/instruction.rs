//! Instructions as JSON: the same form as at the agent.

use proto_instruction::{
    Block, ChoiceOption, Draft, DraftObject, Inline, Instruction, NumberGrid, Object, Question, QuestionKind,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// An instruction as it is being written.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftJson {
    title: String,
    body_markdown: String,
    objects: Vec<ObjectJson>,
    questions: Vec<QuestionJson>,
}

impl DraftJson {
    pub(crate) fn of(draft: &Draft) -> Self {
        Self {
            title: draft.title.clone(),
            body_markdown: draft.body_markdown.clone(),
            objects: draft.objects.iter().map(ObjectJson::of_draft).collect(),
            questions: draft.questions.iter().map(QuestionJson::of).collect(),
        }
    }

    pub(crate) fn draft(self) -> Draft {
        Draft {
            title: self.title,
            body_markdown: self.body_markdown,
            objects: self.objects.into_iter().map(ObjectJson::draft).collect(),
            questions: self.questions.into_iter().map(QuestionJson::question).collect(),
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
}

impl InstructionJson {
    pub(crate) fn of(instruction: &Instruction) -> Self {
        Self {
            title: instruction.title.clone(),
            body: instruction.body.iter().map(BlockJson::of).collect(),
            objects: instruction.objects.iter().map(ObjectJson::of).collect(),
            questions: instruction.questions.iter().map(QuestionJson::of).collect(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ObjectJson {
    id: u32,
    key: String,
    name: String,
    /// `#rrggbb`.
    colour: String,
    /// One letter or digit, or empty.
    #[serde(default)]
    #[schema(required = true)]
    hotkey: String,
    /// Value in the label map, 1 to 255.
    label: u32,
    tolerance_mm: f64,
}

impl ObjectJson {
    fn of(object: &Object) -> Self {
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            colour: object.colour.to_string(),
            hotkey: object.hotkey.map(String::from).unwrap_or_default(),
            label: u32::from(object.label),
            tolerance_mm: object.tolerance_mm,
        }
    }

    fn of_draft(object: &DraftObject) -> Self {
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            colour: object.colour.clone(),
            hotkey: object.hotkey.clone(),
            label: object.label,
            tolerance_mm: object.tolerance_mm,
        }
    }

    fn draft(self) -> DraftObject {
        DraftObject {
            id: self.id,
            key: self.key,
            name: self.name,
            colour: self.colour,
            hotkey: self.hotkey,
            label: self.label,
            tolerance_mm: self.tolerance_mm,
        }
    }
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuestionJson {
    id: u32,
    prompt: String,
    required: bool,
    kind: KindJson,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum KindJson {
    Choice {
        options: Vec<OptionJson>,
    },
    Number {
        minimum: f64,
        maximum: f64,
        step: f64,
        #[serde(default)]
        #[schema(required = true)]
        unit: String,
    },
    Text {
        max_length: u32,
    },
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OptionJson {
    id: u32,
    text: String,
}

impl QuestionJson {
    fn of(question: &Question) -> Self {
        let kind = match &question.kind {
            QuestionKind::Choice { options } => KindJson::Choice {
                options: options
                    .iter()
                    .map(|option| OptionJson { id: option.id, text: option.text.clone() })
                    .collect(),
            },
            QuestionKind::Number(grid) => KindJson::Number {
                minimum: grid.minimum,
                maximum: grid.maximum,
                step: grid.step,
                unit: grid.unit.clone(),
            },
            QuestionKind::Text { max_length } => KindJson::Text { max_length: *max_length },
        };
        Self { id: question.id, prompt: question.prompt.clone(), required: question.required, kind }
    }

    fn question(self) -> Question {
        let kind = match self.kind {
            KindJson::Choice { options } => QuestionKind::Choice {
                options: options
                    .into_iter()
                    .map(|option| ChoiceOption { id: option.id, text: option.text })
                    .collect(),
            },
            KindJson::Number { minimum, maximum, step, unit } => {
                QuestionKind::Number(NumberGrid { minimum, maximum, step, unit })
            }
            KindJson::Text { max_length } => QuestionKind::Text { max_length },
        };
        Question { id: self.id, prompt: self.prompt, required: self.required, kind }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BlockJson {
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
#[serde(tag = "type", rename_all = "snake_case")]
enum InlineJson {
    Text {
        text: String,
    },
    Strong {
        #[schema(no_recursion)]
        inlines: Vec<InlineJson>,
    },
    Emphasis {
        #[schema(no_recursion)]
        inlines: Vec<InlineJson>,
    },
    Code {
        text: String,
    },
}

/// A heading has one of three levels.
fn heading_level() -> utoipa::openapi::Object {
    ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([1, 2, 3])).build()
}

impl BlockJson {
    fn of(block: &Block) -> Self {
        match block {
            Block::Heading { level, inlines } => {
                Self::Heading { level: *level, inlines: InlineJson::all(inlines) }
            }
            Block::Paragraph { inlines } => Self::Paragraph { inlines: InlineJson::all(inlines) },
            Block::List { ordered, items } => Self::List {
                ordered: *ordered,
                items: items.iter().map(|item| InlineJson::all(item)).collect(),
            },
        }
    }
}

impl InlineJson {
    fn all(inlines: &[Inline]) -> Vec<Self> {
        let one = |inline: &Inline| match inline {
            Inline::Text(text) => Self::Text { text: text.clone() },
            Inline::Strong(inlines) => Self::Strong { inlines: Self::all(inlines) },
            Inline::Emphasis(inlines) => Self::Emphasis { inlines: Self::all(inlines) },
            Inline::Code(text) => Self::Code { text: text.clone() },
        };
        inlines.iter().map(one).collect()
    }
}
