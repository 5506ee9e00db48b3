//! Records of published instructions.

use control_plane_domain::InstructionVersion;
use proto_ids::{ProjectId, Timestamp};
use proto_instruction::{Block, Inline, Instruction};
use serde::{Deserialize, Serialize};

use super::object::ObjectV1;
use super::question::{QuestionV1, RuleV1};
use super::{Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InstructionVersionV1 {
    project: Id,
    version: u32,
    title: String,
    body: Vec<BlockV1>,
    objects: Vec<ObjectV1>,
    questions: Vec<QuestionV1>,
    published_at: i64,
    #[serde(default)]
    rules: Vec<RuleV1>,
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
            rules: instruction.rules.iter().map(RuleV1::of).collect(),
            published_at: version.published_at.millis(),
        }
    }

    fn thing(self) -> Option<InstructionVersion> {
        let instruction = Instruction {
            title: self.title,
            body: self.body.into_iter().map(BlockV1::thing).collect(),
            objects: self.objects.into_iter().map(ObjectV1::thing).collect::<Option<_>>()?,
            questions: self.questions.into_iter().map(QuestionV1::thing).collect::<Option<_>>()?,
            rules: self.rules.into_iter().map(RuleV1::thing).collect::<Option<_>>()?,
        };
        Some(InstructionVersion {
            project: ProjectId::from_bytes(self.project.0),
            version: self.version,
            instruction,
            published_at: Timestamp::from_millis(self.published_at),
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
