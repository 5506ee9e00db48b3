//! What is wrong with an instruction, field by field, as the form names them.
//!
//! Here are the fields of the instruction itself; each kind of part has its own file.

mod colour;
mod condition;
mod object;
mod question;
mod reach;

use std::collections::BTreeSet;

use crate::{Block, Inline, Instruction, Limits, markdown};

pub(crate) const LABEL_RANGE: &str = "a label is a number from 1 to 255";
const NO_ID: &str = "an id is 1 or more";

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As in JSON: `objects[0].name`.
    pub field: String,
    /// For the manager to read.
    pub problem: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl Instruction {
    /// Everything that is wrong with this instruction, in the order of the form; empty for a sound one.
    pub fn problems(&self) -> Vec<Problem> {
        problems_of(self, Vec::new())
    }
}

/// The problems of an instruction some fields of which could not be read: what stands in their place
/// is not looked at.
pub(crate) fn problems_of(instruction: &Instruction, unread: Vec<Problem>) -> Vec<Problem> {
    let mut checker = Checker { problems: Vec::new(), unread };
    // What takes time with the square of the parts is not begun with too many of them.
    checker.count("objects", instruction.objects.len(), Limits::OBJECTS);
    checker.count("questions", instruction.questions.len(), Limits::QUESTIONS);
    checker.count("rules", instruction.rules.len(), Limits::RULES);
    if !checker.problems.is_empty() {
        return checker.problems;
    }
    checker.text("title", &instruction.title, Limits::TITLE);
    checker.body(&instruction.body);
    checker.objects(&instruction.objects);
    let sound = checker.questions(instruction);
    checker.rules(instruction, sound);
    checker.problems
}

/// Collects problems.
struct Checker {
    problems: Vec<Problem>,
    /// Fields that could not be read.
    unread: Vec<Problem>,
}

impl Checker {
    /// A field that could not be read has one problem already.
    fn say(&mut self, field: &str, problem: &str) {
        if !self.is_unread(field) {
            self.problems.push(Problem::new(field, problem));
        }
    }

    fn need(&mut self, holds: bool, field: &str, problem: &str) {
        if !holds {
            self.say(field, problem);
        }
    }

    fn is_unread(&self, field: &str) -> bool {
        self.unread.iter().any(|problem| problem.field == field)
    }

    /// Moves what could not be read of one part to where the form has it.
    fn say_unread(&mut self, part: &str) {
        let of_part = self.unread.iter().filter(|problem| problem.field.starts_with(part));
        self.problems.extend(of_part.cloned());
    }

    fn text(&mut self, field: &str, text: &str, longest: usize) {
        self.need(!text.trim().is_empty(), field, "this may not be empty");
        self.length(field, text, longest);
    }

    fn length(&mut self, field: &str, text: &str, longest: usize) {
        if text.chars().count() > longest {
            self.say(field, &format!("this may have at most {longest} characters"));
        }
        let control = text.chars().any(|character| character.is_control() && character != '\n');
        self.need(!control, field, "this has a control character in it");
    }

    fn count(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            self.say(field, &format!("there may be at most {most}"));
        }
    }

    fn body(&mut self, body: &[Block]) {
        self.say_unread("body_markdown");
        self.count("body", body.len(), Limits::BLOCKS);
        let mut characters = 0;
        let mut deep = false;
        let mut level = true;
        for block in body {
            let lines: Vec<&Vec<Inline>> = match block {
                Block::Heading { level: number, inlines } => {
                    level &= (1..=3).contains(number);
                    vec![inlines]
                }
                Block::Paragraph { inlines } => vec![inlines],
                Block::List { items, .. } => items.iter().collect(),
            };
            for inlines in lines {
                deep |= markdown::deeper_than(inlines, Limits::INLINE_DEPTH);
                characters += if deep { 0 } else { markdown::characters(inlines) };
            }
        }
        self.need(level, "body", "a heading has level 1, 2 or 3");
        self.need(!deep, "body", "strong and emphasis are nested too deep");
        self.need(characters <= Limits::BODY, "body", "the text is too long");
    }

    /// A rule over questions that are not sound may seem never to hold.
    fn rules(&mut self, instruction: &Instruction, questions_sound: bool) {
        let mut ids = BTreeSet::new();
        for (at, rule) in instruction.rules.iter().enumerate() {
            let field = format!("rules[{at}]");
            self.need(rule.id > 0, &format!("{field}.id"), NO_ID);
            self.need(ids.insert(rule.id), &format!("{field}.id"), "another rule has this id");
            self.text(&format!("{field}.message"), &rule.message, Limits::MESSAGE);
            let field = format!("{field}.must_hold");
            let sound = self.condition(&field, &rule.must_hold, instruction, &instruction.questions);
            let kept = !(sound && questions_sound) || reach::can_hold(instruction, rule) != Some(false);
            self.need(kept, &field, "this rule can never hold");
        }
    }
}
