//! What a manager writes, and the checks that make an instruction out of it.

use std::collections::BTreeSet;

use crate::{Block, Colour, Inline, Instruction, Limits, Object, Question, QuestionKind, markdown};

/// An instruction that is still being written; any of it may be wrong.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    pub title: String,
    pub body_markdown: String,
    pub objects: Vec<DraftObject>,
    pub questions: Vec<Question>,
}

/// An object as it was typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DraftObject {
    pub id: u32,
    pub key: String,
    pub name: String,
    /// `#rrggbb`.
    pub colour: String,
    /// One letter or digit, or empty.
    pub hotkey: String,
    pub label: u32,
    pub tolerance_mm: f64,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As in JSON: `objects[0].name`.
    pub field: String,
    /// For the manager to read.
    pub problem: String,
}

impl Problem {
    fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl Draft {
    /// The instruction that this draft says.
    ///
    /// # Errors
    /// Every problem of every field, in the order of the form.
    pub fn check(&self) -> Result<Instruction, Vec<Problem>> {
        let mut problems = Vec::new();
        let body = markdown::parse(&self.body_markdown).unwrap_or_else(|refusal| {
            problems.push(Problem::new("body_markdown", refusal.to_string()));
            Vec::new()
        });
        let objects: Vec<Object> = self
            .objects
            .iter()
            .enumerate()
            .filter_map(|(at, object)| object.check(&format!("objects[{at}]"), &mut problems))
            .collect();
        let complete = objects.len() == self.objects.len();
        let instruction =
            Instruction { title: self.title.clone(), body, objects, questions: self.questions.clone() };
        // With an object left out, the places of the others would be named wrongly.
        if complete {
            problems.extend(instruction.problems());
        } else {
            let rest = Instruction { objects: Vec::new(), ..instruction.clone() };
            problems.extend(rest.problems().into_iter().filter(|problem| problem.field != "objects"));
        }
        if problems.is_empty() { Ok(instruction) } else { Err(problems) }
    }
}

impl DraftObject {
    fn check(&self, field: &str, problems: &mut Vec<Problem>) -> Option<Object> {
        let before = problems.len();
        let colour = self.colour.parse::<Colour>();
        if let Err(invalid) = colour {
            problems.push(Problem::new(format!("{field}.colour"), invalid.to_string()));
        }
        let mut characters = self.hotkey.chars();
        let hotkey = characters.next();
        if characters.next().is_some() {
            problems.push(Problem::new(format!("{field}.hotkey"), "a hotkey is one letter or digit"));
        }
        let label = u8::try_from(self.label);
        if label.is_err() {
            problems.push(Problem::new(format!("{field}.label"), LABEL_RANGE));
        }
        if problems.len() > before {
            return None;
        }
        Some(Object {
            id: self.id,
            key: self.key.clone(),
            name: self.name.clone(),
            colour: colour.ok()?,
            hotkey,
            label: label.ok()?,
            tolerance_mm: self.tolerance_mm,
        })
    }
}

const LABEL_RANGE: &str = "a label is a number from 1 to 255";

impl Instruction {
    /// Everything that is wrong with this instruction; empty for a sound one.
    pub fn problems(&self) -> Vec<Problem> {
        let mut checker = Checker::default();
        checker.text("title", &self.title, Limits::TITLE);
        checker.body(&self.body);
        checker.count("objects", self.objects.len(), Limits::OBJECTS);
        let mut seen = SeenObjects::default();
        for (at, object) in self.objects.iter().enumerate() {
            checker.object(&format!("objects[{at}]"), object, &mut seen);
        }
        checker.count("questions", self.questions.len(), Limits::QUESTIONS);
        let mut ids = BTreeSet::new();
        for (at, question) in self.questions.iter().enumerate() {
            checker.question(&format!("questions[{at}]"), question, &mut ids);
        }
        if self.objects.is_empty() && self.questions.is_empty() {
            checker.say("objects", "an instruction needs an object or a question");
        }
        checker.problems
    }
}

#[derive(Default)]
struct SeenObjects {
    ids: BTreeSet<u32>,
    keys: BTreeSet<String>,
    labels: BTreeSet<u8>,
    hotkeys: BTreeSet<char>,
}

#[derive(Default)]
struct Checker {
    problems: Vec<Problem>,
}

impl Checker {
    fn say(&mut self, field: &str, problem: &str) {
        self.problems.push(Problem::new(field, problem));
    }

    fn need(&mut self, holds: bool, field: &str, problem: &str) {
        if !holds {
            self.say(field, problem);
        }
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

    fn object(&mut self, field: &str, object: &Object, seen: &mut SeenObjects) {
        let at = |name: &str| format!("{field}.{name}");
        self.need(object.id > 0, &at("id"), "an id is 1 or more");
        self.need(seen.ids.insert(object.id), &at("id"), "another object has this id");
        let key_sound = object.key.starts_with(|first: char| first.is_ascii_lowercase())
            && object
                .key
                .chars()
                .all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_');
        self.need(key_sound, &at("key"), "a key has small letters, digits and _, and starts with a letter");
        self.length(&at("key"), &object.key, Limits::KEY);
        self.need(seen.keys.insert(object.key.clone()), &at("key"), "another object has this key");
        self.text(&at("name"), &object.name, Limits::NAME);
        self.need(object.label > 0, &at("label"), LABEL_RANGE);
        self.need(seen.labels.insert(object.label), &at("label"), "another object has this label");
        if let Some(hotkey) = object.hotkey {
            self.need(hotkey.is_ascii_alphanumeric(), &at("hotkey"), "a hotkey is one letter or digit");
            self.need(seen.hotkeys.insert(hotkey), &at("hotkey"), "another object has this hotkey");
        }
        let tolerance = object.tolerance_mm;
        self.need(
            tolerance > 0.0 && tolerance <= Limits::TOLERANCE_MM,
            &at("tolerance_mm"),
            "a tolerance is more than 0 and at most 100 mm",
        );
    }

    fn question(&mut self, field: &str, question: &Question, ids: &mut BTreeSet<u32>) {
        let at = |name: &str| format!("{field}.{name}");
        self.need(question.id > 0, &at("id"), "an id is 1 or more");
        self.need(ids.insert(question.id), &at("id"), "another question has this id");
        self.text(&at("prompt"), &question.prompt, Limits::PROMPT);
        match &question.kind {
            QuestionKind::Choice { options } => {
                self.need(!options.is_empty(), &at("kind.options"), "a choice needs an option");
                self.count(&at("kind.options"), options.len(), Limits::OPTIONS);
                let mut option_ids = BTreeSet::new();
                for (index, option) in options.iter().enumerate() {
                    let at = |name: &str| format!("{field}.kind.options[{index}].{name}");
                    self.need(option.id > 0, &at("id"), "an id is 1 or more");
                    self.need(option_ids.insert(option.id), &at("id"), "another option has this id");
                    self.text(&at("text"), &option.text, Limits::OPTION);
                }
            }
            QuestionKind::Number(grid) => {
                self.length(&at("kind.unit"), &grid.unit, Limits::UNIT);
                self.need(
                    grid.maximum > grid.minimum,
                    &at("kind.maximum"),
                    "the maximum is above the minimum",
                );
                self.need(grid.step > 0.0, &at("kind.step"), "a step is more than 0");
                let named = grid.maximum > grid.minimum && grid.step > 0.0;
                let sound = !named || grid.values().is_some();
                self.need(
                    sound,
                    &at("kind.step"),
                    "there may be at most 10,000 values from minimum to maximum",
                );
            }
            QuestionKind::Text { max_length } => {
                let sound = (1..=Limits::TEXT_ANSWER).contains(max_length);
                self.need(sound, &at("kind.max_length"), "a text has 1 to 10,000 characters");
            }
        }
    }
}
