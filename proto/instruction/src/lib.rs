//! What an instruction is: its text, its objects, its questions, and what counts as an answer.
//!
//! Pure: knows neither the wire nor JSON, reads no clock. A manager's text enters through
//! [`Draft::check`]; what came down a wire is looked at by [`Instruction::problems`].
//! Does not decide who gets an instruction or which version is in force.

mod answer;
mod draft;
mod limits;
pub mod markdown;

pub use answer::{Answer, AnswerProblem, check_answer, grid_step, missing_answers};
pub use draft::{Draft, DraftObject, Problem};
pub use limits::Limits;

/// What to look for in an asset. A published one never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    pub title: String,
    pub body: Vec<Block>,
    pub objects: Vec<Object>,
    pub questions: Vec<Question>,
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

/// A thing to find, drawn into the label map.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Never used again for another object.
    pub id: u32,
    /// `[a-z][a-z0-9_]*`, unique.
    pub key: String,
    pub name: String,
    pub colour: Colour,
    /// One letter or digit, unique.
    pub hotkey: Option<char>,
    /// Value in the label map, 1 to 255, unique.
    pub label: u8,
    /// Tolerance of the surface measure.
    pub tolerance_mm: f64,
}

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour(u32);

/// Why a text or a number is not a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written #rrggbb")]
pub struct InvalidColour;

impl Colour {
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

/// What is asked about the whole exam.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Never used again for another question.
    pub id: u32,
    pub prompt: String,
    pub required: bool,
    pub kind: QuestionKind,
}

/// What may be answered.
#[derive(Debug, Clone, PartialEq)]
pub enum QuestionKind {
    /// One of these.
    Choice { options: Vec<ChoiceOption> },
    /// A value on a grid of at most 10,000 values; only its place on the grid leaves the hospital.
    Number(NumberGrid),
    /// Stays at the hospital. `max_length` counts characters.
    Text { max_length: u32 },
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOption {
    /// Unique in its question, never used again for another option.
    pub id: u32,
    pub text: String,
}

/// The values `minimum + n * step` up to `maximum`, in `unit` (may be empty).
#[derive(Debug, Clone, PartialEq)]
pub struct NumberGrid {
    pub minimum: f64,
    pub maximum: f64,
    pub step: f64,
    pub unit: String,
}

impl Instruction {
    /// The object that is drawn with `label`.
    pub fn object_of_label(&self, label: u16) -> Option<&Object> {
        self.objects.iter().find(|object| u16::from(object.label) == label)
    }

    /// The question with this id.
    pub fn question(&self, id: u32) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }
}
