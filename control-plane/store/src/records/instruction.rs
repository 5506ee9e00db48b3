//! Records of projects and published instructions.

use control_plane_domain::{InstructionVersion, Project, ProjectState};
use proto_ids::{PersonId, ProjectId, Timestamp};
use proto_instruction::{
    Block, ChoiceOption, Colour, Draft, DraftObject, Inline, Instruction, NumberGrid, Object, Question,
    QuestionKind,
};
use serde::{Deserialize, Serialize};

use super::{Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProjectV1 {
    id: Id,
    title: String,
    state: u32,
    draft: DraftV1,
    published_version: Option<u32>,
    annotators: Vec<Id>,
    overlap: u32,
    created_at: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct DraftV1 {
    title: String,
    body_markdown: String,
    objects: Vec<DraftObjectV1>,
    questions: Vec<QuestionV1>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DraftObjectV1 {
    id: u32,
    key: String,
    name: String,
    colour: String,
    hotkey: String,
    label: u32,
    tolerance_mm: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct QuestionV1 {
    id: u32,
    prompt: String,
    required: bool,
    kind: QuestionKindV1,
}

#[derive(Debug, Serialize, Deserialize)]
enum QuestionKindV1 {
    Choice { options: Vec<(u32, String)> },
    Number { minimum: f64, maximum: f64, step: f64, unit: String },
    Text { max_length: u32 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InstructionVersionV1 {
    project: Id,
    version: u32,
    title: String,
    body: Vec<BlockV1>,
    objects: Vec<ObjectV1>,
    questions: Vec<QuestionV1>,
    published_at: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct ObjectV1 {
    id: u32,
    key: String,
    name: String,
    colour: u32,
    hotkey: Option<char>,
    label: u8,
    tolerance_mm: f64,
}

#[derive(Debug, Serialize, Deserialize)]
enum BlockV1 {
    Heading { level: u8, inlines: Vec<InlineV1> },
    Paragraph { inlines: Vec<InlineV1> },
    List { ordered: bool, items: Vec<Vec<InlineV1>> },
}

#[derive(Debug, Serialize, Deserialize)]
enum InlineV1 {
    Text(String),
    Strong(Vec<InlineV1>),
    Emphasis(Vec<InlineV1>),
    Code(String),
}

impl Record for ProjectV1 {
    type Thing = Project;
    const TABLE: &'static str = "project";

    fn of(project: &Project) -> Self {
        Self {
            id: Id(*project.id.bytes()),
            title: project.title.clone(),
            state: project.state.code(),
            draft: DraftV1 {
                title: project.draft.title.clone(),
                body_markdown: project.draft.body_markdown.clone(),
                objects: project.draft.objects.iter().map(DraftObjectV1::of).collect(),
                questions: project.draft.questions.iter().map(QuestionV1::of).collect(),
            },
            published_version: project.published_version,
            annotators: project.annotators.iter().map(|person| Id(*person.bytes())).collect(),
            overlap: project.overlap,
            created_at: project.created_at.millis(),
        }
    }

    fn thing(self) -> Option<Project> {
        Some(Project {
            id: ProjectId::from_bytes(self.id.0),
            title: self.title,
            state: ProjectState::from_code(self.state)?,
            draft: Draft {
                title: self.draft.title,
                body_markdown: self.draft.body_markdown,
                objects: self.draft.objects.into_iter().map(DraftObjectV1::thing).collect(),
                questions: self.draft.questions.into_iter().map(QuestionV1::thing).collect(),
            },
            published_version: self.published_version,
            annotators: self.annotators.into_iter().map(|id| PersonId::from_bytes(id.0)).collect(),
            overlap: self.overlap,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

impl DraftObjectV1 {
    fn of(object: &DraftObject) -> Self {
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

    fn thing(self) -> DraftObject {
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

impl QuestionV1 {
    fn of(question: &Question) -> Self {
        let kind = match &question.kind {
            QuestionKind::Choice { options } => QuestionKindV1::Choice {
                options: options.iter().map(|option| (option.id, option.text.clone())).collect(),
            },
            QuestionKind::Number(grid) => QuestionKindV1::Number {
                minimum: grid.minimum,
                maximum: grid.maximum,
                step: grid.step,
                unit: grid.unit.clone(),
            },
            QuestionKind::Text { max_length } => QuestionKindV1::Text { max_length: *max_length },
        };
        Self { id: question.id, prompt: question.prompt.clone(), required: question.required, kind }
    }

    fn thing(self) -> Question {
        let kind = match self.kind {
            QuestionKindV1::Choice { options } => QuestionKind::Choice {
                options: options.into_iter().map(|(id, text)| ChoiceOption { id, text }).collect(),
            },
            QuestionKindV1::Number { minimum, maximum, step, unit } => {
                QuestionKind::Number(NumberGrid { minimum, maximum, step, unit })
            }
            QuestionKindV1::Text { max_length } => QuestionKind::Text { max_length },
        };
        Question { id: self.id, prompt: self.prompt, required: self.required, kind }
    }
}

impl Record for InstructionVersionV1 {
    type Thing = InstructionVersion;
    const TABLE: &'static str = "instruction";

    fn of(version: &InstructionVersion) -> Self {
        let instruction = &version.instruction;
        Self {
            project: Id(*version.project.bytes()),
            version: version.version,
            title: instruction.title.clone(),
            body: instruction.body.iter().map(BlockV1::of).collect(),
            objects: instruction.objects.iter().map(ObjectV1::of).collect(),
            questions: instruction.questions.iter().map(QuestionV1::of).collect(),
            published_at: version.published_at.millis(),
        }
    }

    fn thing(self) -> Option<InstructionVersion> {
        let instruction = Instruction {
            title: self.title,
            body: self.body.into_iter().map(BlockV1::thing).collect(),
            objects: self.objects.into_iter().map(ObjectV1::thing).collect::<Option<_>>()?,
            questions: self.questions.into_iter().map(QuestionV1::thing).collect(),
        };
        Some(InstructionVersion {
            project: ProjectId::from_bytes(self.project.0),
            version: self.version,
            instruction,
            published_at: Timestamp::from_millis(self.published_at),
        })
    }
}

impl ObjectV1 {
    fn of(object: &Object) -> Self {
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            colour: object.colour.rgb(),
            hotkey: object.hotkey,
            label: object.label,
            tolerance_mm: object.tolerance_mm,
        }
    }

    fn thing(self) -> Option<Object> {
        Some(Object {
            id: self.id,
            key: self.key,
            name: self.name,
            colour: Colour::from_rgb(self.colour).ok()?,
            hotkey: self.hotkey,
            label: self.label,
            tolerance_mm: self.tolerance_mm,
        })
    }
}

impl BlockV1 {
    fn of(block: &Block) -> Self {
        match block {
            Block::Heading { level, inlines } => {
                Self::Heading { level: *level, inlines: InlineV1::all_of(inlines) }
            }
            Block::Paragraph { inlines } => Self::Paragraph { inlines: InlineV1::all_of(inlines) },
            Block::List { ordered, items } => Self::List {
                ordered: *ordered,
                items: items.iter().map(|item| InlineV1::all_of(item)).collect(),
            },
        }
    }

    fn thing(self) -> Block {
        match self {
            Self::Heading { level, inlines } => Block::Heading { level, inlines: InlineV1::things(inlines) },
            Self::Paragraph { inlines } => Block::Paragraph { inlines: InlineV1::things(inlines) },
            Self::List { ordered, items } => {
                Block::List { ordered, items: items.into_iter().map(InlineV1::things).collect() }
            }
        }
    }
}

impl InlineV1 {
    fn all_of(inlines: &[Inline]) -> Vec<Self> {
        let one = |inline: &Inline| match inline {
            Inline::Text(text) => Self::Text(text.clone()),
            Inline::Strong(inlines) => Self::Strong(Self::all_of(inlines)),
            Inline::Emphasis(inlines) => Self::Emphasis(Self::all_of(inlines)),
            Inline::Code(text) => Self::Code(text.clone()),
        };
        inlines.iter().map(one).collect()
    }

    fn things(inlines: Vec<Self>) -> Vec<Inline> {
        let one = |inline| match inline {
            Self::Text(text) => Inline::Text(text),
            Self::Strong(inlines) => Inline::Strong(Self::things(inlines)),
            Self::Emphasis(inlines) => Inline::Emphasis(Self::things(inlines)),
            Self::Code(text) => Inline::Code(text),
        };
        inlines.into_iter().map(one).collect()
    }
}
