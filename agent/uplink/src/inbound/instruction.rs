//! An instruction as it comes down: a typed tree of text, objects and questions. No HTML, no links.

use proto::agent::v1 as agent;
use proto::types::v1 as wire;
use proto::types::v1::question::Kind;
use proto_ids::ProjectId;

use super::{InvalidInbound, id, text};

// Bytes; an instruction has at most 50,000 characters.
const LONGEST_TEXT: usize = 200_000;
const LONGEST_LIST: usize = 1_000;
/// Spans within spans. People write two or three.
const DEEPEST_SPAN: usize = 8;

/// One version of a project's instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// The project.
    pub project: ProjectId,
    /// The version, from 1.
    pub version: u32,
    /// Title.
    pub title: String,
    /// What to look for, in words.
    pub body: Vec<Block>,
    /// The things to find.
    pub objects: Vec<Object>,
    /// What is asked.
    pub questions: Vec<Question>,
}

/// One block of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of level 1 to 3.
    Heading {
        /// 1 to 3.
        level: u8,
        /// Its text.
        inlines: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List {
        /// Whether it is numbered.
        ordered: bool,
        /// Its items.
        items: Vec<Vec<Inline>>,
    },
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Plain.
    Text(String),
    /// Strong.
    Strong(Vec<Inline>),
    /// Emphasised.
    Emphasis(Vec<Inline>),
    /// Code.
    Code(String),
}

/// A thing to find.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Number within the instruction.
    pub id: u32,
    /// Name for programs.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// 0xRRGGBB, sRGB.
    pub colour: u32,
    /// The key that chooses it.
    pub hotkey: Option<char>,
    /// Value in the label map, 1 to 255.
    pub label: u8,
    /// Tolerance of the surface measure in millimetres.
    pub tolerance_mm: f64,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Number within the instruction.
    pub id: u32,
    /// The question in words.
    pub prompt: String,
    /// Whether work cannot be handed in without an answer.
    pub required: bool,
    /// The form of the answer.
    pub kind: QuestionKind,
}

/// The form of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum QuestionKind {
    /// One of several options.
    Choice(Vec<QuestionOption>),
    /// A number on a grid.
    Number {
        /// Lowest.
        min: f64,
        /// Highest.
        max: f64,
        /// Distance between neighbours.
        step: f64,
        /// Unit, for people.
        unit: String,
    },
    /// Text; it stays at the agent.
    Text {
        /// Characters at most.
        max_length: u32,
    },
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionOption {
    /// Number within the question.
    pub id: u32,
    /// What it says.
    pub text: String,
}

fn list<W, T>(
    items: Vec<W>,
    field: &'static str,
    read: impl Fn(W) -> Result<T, InvalidInbound>,
) -> Result<Vec<T>, InvalidInbound> {
    if items.len() > LONGEST_LIST {
        return Err(InvalidInbound { field });
    }
    items.into_iter().map(read).collect()
}

impl TryFrom<agent::InstructionVersion> for Instruction {
    type Error = InvalidInbound;

    fn try_from(version: agent::InstructionVersion) -> Result<Self, InvalidInbound> {
        let instruction = version.instruction.ok_or(InvalidInbound { field: "instruction" })?;
        if version.version == 0 {
            return Err(InvalidInbound { field: "version" });
        }
        Ok(Self {
            project: id(version.project, ProjectId::from_halves, "project")?,
            version: version.version,
            title: text(instruction.title, LONGEST_TEXT, "title")?,
            body: list(instruction.body, "body", block)?,
            objects: list(instruction.objects, "objects", object)?,
            questions: list(instruction.questions, "questions", question)?,
        })
    }
}

fn block(block: wire::Block) -> Result<Block, InvalidInbound> {
    use wire::block::Of;
    match block.of {
        Some(Of::Heading(heading)) => {
            let level = u8::try_from(heading.level).ok().filter(|level| (1..=3).contains(level));
            let level = level.ok_or(InvalidInbound { field: "level" })?;
            Ok(Block::Heading { level, inlines: inlines(heading.inlines, 0)? })
        }
        Some(Of::Paragraph(paragraph)) => Ok(Block::Paragraph(inlines(paragraph.inlines, 0)?)),
        Some(Of::List(of)) => Ok(Block::List {
            ordered: of.ordered,
            items: list(of.items, "items", |item| inlines(item.inlines, 0))?,
        }),
        None => Err(InvalidInbound { field: "body" }),
    }
}

fn inlines(items: Vec<wire::Inline>, depth: usize) -> Result<Vec<Inline>, InvalidInbound> {
    if depth > DEEPEST_SPAN {
        return Err(InvalidInbound { field: "inlines" });
    }
    list(items, "inlines", |item| inline(item, depth))
}

fn inline(item: wire::Inline, depth: usize) -> Result<Inline, InvalidInbound> {
    use wire::inline::Of;
    match item.of {
        Some(Of::Text(plain)) => text(plain, LONGEST_TEXT, "text").map(Inline::Text),
        Some(Of::Strong(span)) => inlines(span.inlines, depth + 1).map(Inline::Strong),
        Some(Of::Emphasis(span)) => inlines(span.inlines, depth + 1).map(Inline::Emphasis),
        Some(Of::Code(code)) => text(code, LONGEST_TEXT, "code").map(Inline::Code),
        None => Err(InvalidInbound { field: "inlines" }),
    }
}

fn object(object: wire::Object) -> Result<Object, InvalidInbound> {
    let mut hotkeys = object.hotkey.chars();
    let hotkey = hotkeys.next();
    if hotkeys.next().is_some() {
        return Err(InvalidInbound { field: "hotkey" });
    }
    if object.colour > 0x00ff_ffff {
        return Err(InvalidInbound { field: "colour" });
    }
    if !(object.tolerance_mm.is_finite() && object.tolerance_mm > 0.0) {
        return Err(InvalidInbound { field: "tolerance_mm" });
    }
    let label = u8::try_from(object.label).ok().filter(|label| *label > 0);
    Ok(Object {
        id: object.id,
        key: text(object.key, LONGEST_TEXT, "key")?,
        name: text(object.name, LONGEST_TEXT, "name")?,
        colour: object.colour,
        hotkey,
        label: label.ok_or(InvalidInbound { field: "label" })?,
        tolerance_mm: object.tolerance_mm,
    })
}

fn question(question: wire::Question) -> Result<Question, InvalidInbound> {
    let kind = match question.kind {
        Some(Kind::Choice(choice)) => QuestionKind::Choice(list(choice.options, "options", |option| {
            Ok(QuestionOption { id: option.id, text: text(option.text, LONGEST_TEXT, "text")? })
        })?),
        Some(Kind::Number(number)) => grid(number)?,
        Some(Kind::Text(limits)) => QuestionKind::Text { max_length: limits.max_length },
        None => return Err(InvalidInbound { field: "kind" }),
    };
    Ok(Question {
        id: question.id,
        prompt: text(question.prompt, LONGEST_TEXT, "prompt")?,
        required: question.required,
        kind,
    })
}

fn grid(number: wire::Number) -> Result<QuestionKind, InvalidInbound> {
    let finite = [number.min, number.max, number.step].iter().all(|value| value.is_finite());
    if !finite || number.step <= 0.0 || number.max < number.min {
        return Err(InvalidInbound { field: "step" });
    }
    let unit = text(number.unit, LONGEST_TEXT, "unit")?;
    Ok(QuestionKind::Number { min: number.min, max: number.max, step: number.step, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_deeper_than_people_write_are_refused() {
        let mut item = wire::Inline { of: Some(wire::inline::Of::Text("x".into())) };
        for _ in 0..=DEEPEST_SPAN {
            item = wire::Inline { of: Some(wire::inline::Of::Strong(wire::Span { inlines: vec![item] })) };
        }
        assert_eq!(inlines(vec![item], 0), Err(InvalidInbound { field: "inlines" }));
    }

    #[test]
    fn an_object_without_a_label_is_refused() {
        let wire = wire::Object { label: 256, tolerance_mm: 1.0, ..wire::Object::default() };
        assert_eq!(object(wire), Err(InvalidInbound { field: "label" }));
    }
}
