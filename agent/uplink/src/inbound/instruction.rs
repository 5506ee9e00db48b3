//! An instruction as it comes down: a typed tree of text, objects, questions and rules. No HTML, no links.
//!
//! Here is the text; `instruction/` has the rest. Refused is what the agent could not work with, or
//! what would let more out than it may. Whether an instruction makes sense was the manager's to check.

mod condition;
mod object;
mod question;

use std::collections::BTreeSet;

use proto::agent::v1 as agent;
use proto::types::v1 as wire;
use proto_ids::ProjectId;
use proto_instruction::{Block, Inline, Instruction, Limits, Severity};

use super::{InvalidInbound, id, text};

// Bytes; an instruction has at most 50,000 characters.
const LONGEST_TEXT: usize = 200_000;
const LONGEST_LIST: usize = 1_000;

/// One version of a project's instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct InstructionVersion {
    /// The project.
    pub project: ProjectId,
    /// The version, from 1.
    pub version: u32,
    /// What it says.
    pub instruction: Instruction,
}

fn refuse(field: &'static str) -> InvalidInbound {
    InvalidInbound { field }
}

fn list<W, T>(
    items: Vec<W>,
    field: &'static str,
    read: impl Fn(W) -> Result<T, InvalidInbound>,
) -> Result<Vec<T>, InvalidInbound> {
    if items.len() > LONGEST_LIST {
        return Err(refuse(field));
    }
    items.into_iter().map(read).collect()
}

/// Whether every id is there once. Work is stored by these ids.
fn distinct(ids: impl IntoIterator<Item = u32>, field: &'static str) -> Result<(), InvalidInbound> {
    let mut seen = BTreeSet::new();
    let sound = ids.into_iter().all(|id| id > 0 && seen.insert(id));
    if sound { Ok(()) } else { Err(refuse(field)) }
}

fn severity(number: i32) -> Result<Severity, InvalidInbound> {
    match wire::Severity::try_from(number) {
        Ok(wire::Severity::Warn) => Ok(Severity::Warn),
        Ok(wire::Severity::Refuse) => Ok(Severity::Refuse),
        Ok(wire::Severity::Unspecified) | Err(_) => Err(refuse("severity")),
    }
}

impl TryFrom<agent::InstructionVersion> for InstructionVersion {
    type Error = InvalidInbound;

    fn try_from(version: agent::InstructionVersion) -> Result<Self, InvalidInbound> {
        let wire = version.instruction.ok_or(refuse("instruction"))?;
        if version.version == 0 {
            return Err(refuse("version"));
        }
        let instruction = Instruction {
            title: text(wire.title, LONGEST_TEXT, "title")?,
            body: list(wire.body, "body", block)?,
            objects: list(wire.objects, "objects", object::object)?,
            questions: list(wire.questions, "questions", question::question)?,
            rules: list(wire.rules, "rules", condition::rule)?,
        };
        distinct(instruction.objects.iter().map(|object| object.id), "objects")?;
        distinct(instruction.objects.iter().filter_map(|object| object.label()).map(u32::from), "label")?;
        distinct(instruction.questions.iter().map(|question| question.id), "questions")?;
        distinct(instruction.rules.iter().map(|rule| rule.id), "rules")?;
        let project = id(version.project, ProjectId::from_halves, "project")?;
        Ok(Self { project, version: version.version, instruction })
    }
}

fn block(block: wire::Block) -> Result<Block, InvalidInbound> {
    use wire::block::Of;
    match block.of {
        Some(Of::Heading(heading)) => {
            let level = u8::try_from(heading.level).ok().filter(|level| (1..=3).contains(level));
            Ok(Block::Heading { level: level.ok_or(refuse("level"))?, inlines: inlines(heading.inlines, 0)? })
        }
        Some(Of::Paragraph(paragraph)) => Ok(Block::Paragraph { inlines: inlines(paragraph.inlines, 0)? }),
        Some(Of::List(of)) => Ok(Block::List {
            ordered: of.ordered,
            items: list(of.items, "items", |item| inlines(item.inlines, 0))?,
        }),
        None => Err(refuse("body")),
    }
}

fn inlines(items: Vec<wire::Inline>, depth: usize) -> Result<Vec<Inline>, InvalidInbound> {
    if depth > Limits::INLINE_DEPTH {
        return Err(refuse("inlines"));
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
        None => Err(refuse("inlines")),
    }
}

#[cfg(test)]
mod tests;
