//! How much an instruction may hold. Lengths count characters.

/// The limits, for forms and for checks alike.
#[derive(Debug, Clone, Copy)]
pub struct Limits;

impl Limits {
    pub const TITLE: usize = 200;
    pub const BODY: usize = 50_000;
    pub const BLOCKS: usize = 1_000;
    /// How deep strong and emphasis may nest.
    pub const INLINE_DEPTH: usize = 8;
    /// Label values are 1 to 255.
    pub const OBJECTS: usize = 255;
    pub const KEY: usize = 64;
    pub const NAME: usize = 100;
    /// The largest tolerance of a surface measure, in millimetres.
    pub const TOLERANCE_MM: f64 = 100.0;
    /// Of an object or a question.
    pub const HELP: usize = 1_000;
    /// Code Value and Coding Scheme Designator are SH, Code Meaning is LO (PS3.3 8.1 to 8.3).
    pub const CODE_VALUE: usize = 16;
    pub const CODE_SCHEME: usize = 16;
    pub const CODE_MEANING: usize = 64;
    /// The least difference between the colours of two objects (CIEDE2000).
    pub const COLOUR_DIFFERENCE: f64 = 15.0;
    pub const QUESTIONS: usize = 100;
    pub const PROMPT: usize = 1_000;
    pub const OPTIONS: usize = 100;
    pub const OPTION: usize = 200;
    pub const UNIT: usize = 20;
    /// An answer may leave the hospital only as one of at most so many values.
    pub const GRID_VALUES: u32 = 10_000;
    /// How many values a scale has at least and at most.
    pub const SCALE_POINTS: std::ops::RangeInclusive<i64> = 2..=11;
    /// The words at an end of a scale.
    pub const SCALE_TEXT: usize = 100;
    /// The longest text answer.
    pub const TEXT_ANSWER: u32 = 10_000;
    pub const RULES: usize = 100;
    pub const MESSAGE: usize = 500;
    /// How deep conditions may nest: a single test is one deep.
    pub const CONDITION_DEPTH: usize = 8;
    /// How many conditions there may be in one, itself included.
    pub const CONDITION_PARTS: usize = 200;
}
