//! What an instruction is: its text, its objects, its questions, and what counts as an answer.
//!
//! Pure: knows neither the wire nor JSON, reads no clock. A manager's text enters through
//! [`Draft::check`], which names everything that is wrong with it (`problems/`). What work has to
//! keep to is in `evaluate.rs`, what a new version means for work in `edits.rs`.
//! Does not decide who gets an instruction or which version is in force.

mod answer;
mod condition;
mod draft;
mod edits;
mod evaluate;
mod facts;
mod limits;
pub mod markdown;
mod object;
mod problems;
mod question;

pub use answer::{Answer, AnswerProblem, check_answer, grid_step};
pub use condition::{Comparison, Condition, Said};
pub use draft::{Draft, DraftGeometry, DraftObject};
pub use edits::{Edit, EditClass, EditSubject, edit_class, edits};
pub use evaluate::{Check, Finding, Subject, asked_questions, counted_answers, findings};
pub use facts::{Facts, InstanceFacts, ObjectFacts, Presence};
pub use limits::Limits;
pub use object::{Code, CountLimits, Geometry, Object, ObjectCodes, ObjectLimits, Severity};
pub use problems::Problem;
pub use question::{ChoiceOption, NO, NumberGrid, Parent, Question, QuestionKind, Scale, YES};

/// What to look for in an asset. A published one never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    pub title: String,
    pub body: Vec<Block>,
    pub objects: Vec<Object>,
    /// A question comes after those that it depends on.
    pub questions: Vec<Question>,
    pub rules: Vec<Rule>,
}

/// One block of the text. There is no HTML, link or image in it, so nothing in it can run or fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Level 1 to 3.
    Heading {
        level: u8,
        inlines: Vec<Inline>,
    },
    Paragraph {
        inlines: Vec<Inline>,
    },
    List {
        ordered: bool,
        items: Vec<Vec<Inline>>,
    },
}

/// A run of text inside a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    Text(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Code(String),
}

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour(u32);

/// Why a text or a number is not a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written #rrggbb")]
pub struct InvalidColour;

impl Colour {
    pub const BLACK: Self = Self(0);

    /// From `0xRRGGBB`.
    ///
    /// # Errors
    /// [`InvalidColour`] when a bit above the lowest 24 is set.
    pub const fn from_rgb(rgb: u32) -> Result<Self, InvalidColour> {
        if rgb <= 0x00ff_ffff { Ok(Self(rgb)) } else { Err(InvalidColour) }
    }

    /// As `0xRRGGBB`.
    pub const fn rgb(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

impl std::str::FromStr for Colour {
    type Err = InvalidColour;
    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(InvalidColour);
        }
        u32::from_str_radix(digits, 16).map(Self).map_err(|_| InvalidColour)
    }
}

/// Something that has to hold across objects and questions.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Never used again for another rule.
    pub id: u32,
    /// What the annotator reads when it does not hold.
    pub message: String,
    pub severity: Severity,
    pub must_hold: Condition,
}

impl Instruction {
    /// The object that is drawn with `label`.
    pub fn object_of_label(&self, label: u16) -> Option<&Object> {
        self.objects.iter().find(|object| object.label().map(u16::from) == Some(label))
    }

    /// The object with this id.
    pub fn object(&self, id: u32) -> Option<&Object> {
        self.objects.iter().find(|object| object.id == id)
    }

    /// The question with this id.
    pub fn question(&self, id: u32) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }
}
