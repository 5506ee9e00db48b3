//! The stored form of an instruction and of an answer.

use proto_instruction::{
    Answer, Block, ChoiceOption, Colour, Inline, Instruction, NumberGrid, Object, Question, QuestionKind,
};
use serde::{Deserialize, Serialize};

use crate::StorageError;
use crate::record::Record;

/// `instruction`: project and version → the instruction.
#[derive(Serialize, Deserialize)]
pub(crate) struct InstructionRecord {
    title: String,
    body: Vec<BlockRecord>,
    objects: Vec<ObjectRecord>,
    questions: Vec<QuestionRecord>,
}

impl Record for InstructionRecord {
    const TABLE: &'static str = "instruction";
}

#[derive(Serialize, Deserialize)]
enum BlockRecord {
    Heading(u8, Vec<InlineRecord>),
    Paragraph(Vec<InlineRecord>),
    List(bool, Vec<Vec<InlineRecord>>),
}

#[derive(Serialize, Deserialize)]
enum InlineRecord {
    Text(String),
    Strong(Vec<Self>),
    Emphasis(Vec<Self>),
    Code(String),
}

#[derive(Serialize, Deserialize)]
struct ObjectRecord {
    id: u32,
    key: String,
    name: String,
    colour: u32,
    hotkey: Option<char>,
    label: u8,
    tolerance_mm: f64,
}

#[derive(Serialize, Deserialize)]
struct QuestionRecord {
    id: u32,
    prompt: String,
    required: bool,
    kind: QuestionKindRecord,
}

#[derive(Serialize, Deserialize)]
enum QuestionKindRecord {
    Choice(Vec<(u32, String)>),
    Number { minimum: f64, maximum: f64, step: f64, unit: String },
    Text { max_length: u32 },
}

/// The stored form of an answer; always inside a sealed record.
#[derive(Serialize, Deserialize, Clone)]
pub(crate) enum AnswerRecord {
    Option(u32),
    Number(f64),
    Text(String),
}

impl AnswerRecord {
    pub(crate) fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Option(id) => Self::Option(*id),
            Answer::Number(value) => Self::Number(*value),
            Answer::Text(text) => Self::Text(text.clone()),
        }
    }

    pub(crate) fn read(self) -> Answer {
        match self {
            Self::Option(id) => Answer::Option(id),
            Self::Number(value) => Answer::Number(value),
            Self::Text(text) => Answer::Text(text),
        }
    }
}

impl InstructionRecord {
    pub(crate) fn of(instruction: &Instruction) -> Self {
        Self {
            title: instruction.title.clone(),
            body: instruction.body.iter().map(block_record).collect(),
            objects: instruction.objects.iter().map(object_record).collect(),
            questions: instruction.questions.iter().map(question_record).collect(),
        }
    }

    pub(crate) fn read(self) -> Result<Instruction, StorageError> {
        Ok(Instruction {
            title: self.title,
            body: self.body.into_iter().map(block_of).collect(),
            objects: self.objects.into_iter().map(object_of).collect::<Result<_, _>>()?,
            questions: self.questions.into_iter().map(question_of).collect(),
        })
    }
}

fn block_record(block: &Block) -> BlockRecord {
    match block {
        Block::Heading { level, inlines } => BlockRecord::Heading(*level, inline_records(inlines)),
        Block::Paragraph { inlines } => BlockRecord::Paragraph(inline_records(inlines)),
        Block::List { ordered, items } => {
            BlockRecord::List(*ordered, items.iter().map(|item| inline_records(item)).collect())
        }
    }
}

fn block_of(record: BlockRecord) -> Block {
    match record {
        BlockRecord::Heading(level, inlines) => Block::Heading { level, inlines: inlines_of(inlines) },
        BlockRecord::Paragraph(inlines) => Block::Paragraph { inlines: inlines_of(inlines) },
        BlockRecord::List(ordered, items) => {
            Block::List { ordered, items: items.into_iter().map(inlines_of).collect() }
        }
    }
}

fn inline_records(inlines: &[Inline]) -> Vec<InlineRecord> {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => InlineRecord::Text(text.clone()),
            Inline::Strong(inner) => InlineRecord::Strong(inline_records(inner)),
            Inline::Emphasis(inner) => InlineRecord::Emphasis(inline_records(inner)),
            Inline::Code(text) => InlineRecord::Code(text.clone()),
        })
        .collect()
}

fn inlines_of(records: Vec<InlineRecord>) -> Vec<Inline> {
    records
        .into_iter()
        .map(|record| match record {
            InlineRecord::Text(text) => Inline::Text(text),
            InlineRecord::Strong(inner) => Inline::Strong(inlines_of(inner)),
            InlineRecord::Emphasis(inner) => Inline::Emphasis(inlines_of(inner)),
            InlineRecord::Code(text) => Inline::Code(text),
        })
        .collect()
}

fn object_record(object: &Object) -> ObjectRecord {
    ObjectRecord {
        id: object.id,
        key: object.key.clone(),
        name: object.name.clone(),
        colour: object.colour.rgb(),
        hotkey: object.hotkey,
        label: object.label,
        tolerance_mm: object.tolerance_mm,
    }
}

fn object_of(record: ObjectRecord) -> Result<Object, StorageError> {
    let colour = Colour::from_rgb(record.colour);
    Ok(Object {
        id: record.id,
        key: record.key,
        name: record.name,
        colour: colour.map_err(|_| StorageError::Record { table: InstructionRecord::TABLE })?,
        hotkey: record.hotkey,
        label: record.label,
        tolerance_mm: record.tolerance_mm,
    })
}

fn question_record(question: &Question) -> QuestionRecord {
    let kind = match &question.kind {
        QuestionKind::Choice { options } => QuestionKindRecord::Choice(
            options.iter().map(|option| (option.id, option.text.clone())).collect(),
        ),
        QuestionKind::Number(grid) => QuestionKindRecord::Number {
            minimum: grid.minimum,
            maximum: grid.maximum,
            step: grid.step,
            unit: grid.unit.clone(),
        },
        QuestionKind::Text { max_length } => QuestionKindRecord::Text { max_length: *max_length },
    };
    QuestionRecord { id: question.id, prompt: question.prompt.clone(), required: question.required, kind }
}

fn question_of(record: QuestionRecord) -> Question {
    let kind = match record.kind {
        QuestionKindRecord::Choice(options) => QuestionKind::Choice {
            options: options.into_iter().map(|(id, text)| ChoiceOption { id, text }).collect(),
        },
        QuestionKindRecord::Number { minimum, maximum, step, unit } => {
            QuestionKind::Number(NumberGrid { minimum, maximum, step, unit })
        }
        QuestionKindRecord::Text { max_length } => QuestionKind::Text { max_length },
    };
    Question { id: record.id, prompt: record.prompt, required: record.required, kind }
}
