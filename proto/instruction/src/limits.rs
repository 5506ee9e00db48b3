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
    pub const QUESTIONS: usize = 100;
    pub const PROMPT: usize = 1_000;
    pub const OPTIONS: usize = 100;
    pub const OPTION: usize = 200;
    pub const UNIT: usize = 20;
    /// An answer may leave the hospital only as one of at most so many values.
    pub const GRID_VALUES: u32 = 10_000;
    /// The longest text answer.
    pub const TEXT_ANSWER: u32 = 10_000;
}
