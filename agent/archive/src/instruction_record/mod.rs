//! The stored form of an instruction and of an answer. What an older store lacks has its default.

mod answers;
mod conditions;
mod objects;
mod questions;

use proto_instruction::{Block, Inline, Instruction, Rule};
use serde::{Deserialize, Serialize};

pub(crate) use answers::{AnswerRecord, PresenceRecord};
use conditions::ConditionRecord;
use objects::{ObjectRecord, SeverityRecord};
use questions::QuestionRecord;

use crate::StorageError;
use crate::record::Record;

/// `instruction`: project and version → the instruction.
#[derive(Serialize, Deserialize)]
pub(crate) struct InstructionRecord {
    title: String,
    body: Vec<BlockRecord>,
    objects: Vec<ObjectRecord>,
    questions: Vec<QuestionRecord>,
    #[serde(default)]
    rules: Vec<RuleRecord>,
}

impl Record for InstructionRecord {
    const TABLE: &'static str = "instruction";
}

#[derive(Serialize, Deserialize)]
struct RuleRecord {
    id: u32,
    message: String,
    severity: SeverityRecord,
    must_hold: ConditionRecord,
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

impl InstructionRecord {
    pub(crate) fn of(instruction: &Instruction) -> Self {
        Self {
            title: instruction.title.clone(),
            body: instruction.body.iter().map(block_record).collect(),
            objects: instruction.objects.iter().map(ObjectRecord::of).collect(),
            questions: instruction.questions.iter().map(QuestionRecord::of).collect(),
            rules: instruction.rules.iter().map(RuleRecord::of).collect(),
        }
    }

    pub(crate) fn read(self) -> Result<Instruction, StorageError> {
        Ok(Instruction {
            title: self.title,
            body: self.body.into_iter().map(block_of).collect(),
            objects: self.objects.into_iter().map(ObjectRecord::read).collect::<Result<_, _>>()?,
            questions: self.questions.into_iter().map(QuestionRecord::read).collect(),
            rules: self.rules.into_iter().map(RuleRecord::read).collect(),
        })
    }
}

impl RuleRecord {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            message: rule.message.clone(),
            severity: SeverityRecord::of(rule.severity),
            must_hold: ConditionRecord::of(&rule.must_hold),
        }
    }

    fn read(self) -> Rule {
        Rule {
            id: self.id,
            message: self.message,
            severity: self.severity.read(),
            must_hold: self.must_hold.read(),
        }
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

#[cfg(test)]
mod tests {
    use proto_instruction::{
        Code, Colour, Condition, CountLimits, Geometry, Object, ObjectCodes, ObjectLimits, Parent, Question,
        QuestionKind, Severity,
    };

    use super::*;
    use crate::record::without;

    /// With everything that an older store did not know when `new`, else as it reads what it has.
    fn instruction(new: bool) -> Instruction {
        let text = |text: &str| if new { text.to_owned() } else { String::new() };
        let code = Code { value: "1".to_owned(), scheme: "SCT".to_owned(), meaning: "a thing".to_owned() };
        let condition = Condition::Answered { question_id: 1 };
        Instruction {
            title: "Look".to_owned(),
            body: Vec::new(),
            objects: vec![Object {
                id: 1,
                key: "organ".to_owned(),
                name: "Organ".to_owned(),
                help: text("whole"),
                colour: Colour::from_rgb(0xff).unwrap(),
                hotkey: Some('1'),
                geometry: Geometry::LabelMap { label: 7, tolerance_mm: 2.0 },
                count: CountLimits { minimum: u32::from(new), maximum: new.then_some(2) },
                limits: ObjectLimits { no_cavities: new, ..ObjectLimits::default() },
                severity: if new { Severity::Refuse } else { Severity::Warn },
                must_state: new,
                codes: ObjectCodes { kind: new.then_some(code), ..ObjectCodes::default() },
            }],
            questions: vec![Question {
                id: 2,
                prompt: "Sure?".to_owned(),
                help: text("quite"),
                required: true,
                parent: new.then_some(Parent { question_id: 1, option_id: 1 }),
                visible_when: new.then(|| condition.clone()),
                kind: QuestionKind::Text { max_length: 9 },
            }],
            rules: new
                .then(|| Rule {
                    id: 1,
                    message: "so".to_owned(),
                    severity: Severity::Warn,
                    must_hold: condition.clone(),
                })
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn an_instruction_of_an_older_store_has_label_maps_and_no_limits() {
        let record = InstructionRecord::of(&instruction(true));
        let objects = ["help", "geometry", "count", "limits", "severity", "must_state", "codes"];
        let names: Vec<&str> = objects.into_iter().chain(["parent", "visible_when", "rules"]).collect();
        assert_eq!(without(&record, &names).read().unwrap(), instruction(false));
        assert_eq!(record.read().unwrap(), instruction(true));
    }
}
