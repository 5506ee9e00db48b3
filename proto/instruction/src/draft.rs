//! What a manager writes, and the checks that make an instruction out of it.

use crate::problems::{LABEL_RANGE, Problem, problems_of};
use crate::{
    Colour, CountLimits, Geometry, Instruction, Object, ObjectCodes, ObjectLimits, Question, Rule, Severity,
    markdown,
};

/// An instruction that is still being written; any of it may be wrong.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    pub title: String,
    pub body_markdown: String,
    pub objects: Vec<DraftObject>,
    pub questions: Vec<Question>,
    pub rules: Vec<Rule>,
}

/// An object as it was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftObject {
    pub id: u32,
    pub key: String,
    pub name: String,
    /// `#rrggbb`.
    pub colour: String,
    /// One letter or digit, or empty.
    pub hotkey: String,
    pub help: String,
    /// A label map's label may be any number here.
    pub geometry: DraftGeometry,
    pub count: CountLimits,
    pub limits: ObjectLimits,
    pub severity: Severity,
    pub must_state: bool,
    pub codes: ObjectCodes,
}

/// How an object is drawn, as it was typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DraftGeometry {
    LabelMap { label: u32, tolerance_mm: f64 },
    Box,
    Point,
    Line,
    Classification,
}

impl Draft {
    /// The instruction that this draft says.
    ///
    /// # Errors
    /// Every problem of every field, in the order of the form.
    pub fn check(&self) -> Result<Instruction, Vec<Problem>> {
        let mut unread = Vec::new();
        let body = markdown::parse(&self.body_markdown).unwrap_or_else(|refusal| {
            unread.push(Problem::new("body_markdown", refusal.to_string()));
            Vec::new()
        });
        let objects = self.objects.iter().enumerate();
        let objects =
            objects.map(|(at, object)| object.read(&format!("objects[{at}]"), &mut unread)).collect();
        let instruction = Instruction {
            title: self.title.clone(),
            body,
            objects,
            questions: self.questions.clone(),
            rules: self.rules.clone(),
        };
        let problems = problems_of(&instruction, unread);
        if problems.is_empty() { Ok(instruction) } else { Err(problems) }
    }
}

impl DraftObject {
    /// What was typed. A field that cannot be read is said, and something else stands in its place, so
    /// that the other fields can be looked at.
    fn read(&self, field: &str, unread: &mut Vec<Problem>) -> Object {
        let mut say =
            |name: &str, problem: String| unread.push(Problem::new(format!("{field}.{name}"), problem));
        let colour = self.colour.parse().unwrap_or_else(|invalid: crate::InvalidColour| {
            say("colour", invalid.to_string());
            Colour::BLACK
        });
        let mut characters = self.hotkey.chars();
        let mut hotkey = characters.next();
        if characters.next().is_some() {
            say("hotkey", "a hotkey is one letter or digit".to_owned());
            hotkey = None;
        }
        let geometry = self.geometry.read().unwrap_or_else(|| {
            say("geometry.label", LABEL_RANGE.to_owned());
            Geometry::LabelMap { label: 0, tolerance_mm: 1.0 }
        });
        Object {
            id: self.id,
            key: self.key.clone(),
            name: self.name.clone(),
            colour,
            help: self.help.clone(),
            hotkey,
            geometry,
            count: self.count,
            limits: self.limits,
            severity: self.severity,
            must_state: self.must_state,
            codes: self.codes.clone(),
        }
    }
}

impl DraftGeometry {
    /// None when the label is not 0 to 255.
    fn read(self) -> Option<Geometry> {
        Some(match self {
            Self::LabelMap { label, tolerance_mm } => {
                Geometry::LabelMap { label: u8::try_from(label).ok()?, tolerance_mm }
            }
            Self::Box => Geometry::Box,
            Self::Point => Geometry::Point,
            Self::Line => Geometry::Line,
            Self::Classification => Geometry::Classification,
        })
    }
}
