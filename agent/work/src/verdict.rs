//! What an arbiter says of the work of the others, by its letters.

use std::collections::BTreeSet;

use proto_instruction::Instruction;

use crate::letter;

/// How good a piece of work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerdictKind {
    Right,
    Acceptable,
    Wrong,
    NotDecidable,
}

/// What the arbiter says of one object in one work, or of its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    pub letter: char,
    /// 0 for the answers.
    pub object_id: u32,
    pub verdict: VerdictKind,
}

/// Why verdicts are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerdictProblem {
    #[error("only an arbiter judges the work of others")]
    NotArbiter,
    #[error("there is no verdict on object {object_id} of {letter}")]
    Missing { letter: char, object_id: u32 },
    #[error("there is nothing to judge as object {object_id} of {letter}")]
    Unknown { letter: char, object_id: u32 },
    #[error("there are two verdicts on object {object_id} of {letter}")]
    Twice { letter: char, object_id: u32 },
}

impl VerdictKind {
    /// Short name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Acceptable => "acceptable",
            Self::Wrong => "wrong",
            Self::NotDecidable => "not_decidable",
        }
    }

    /// From its short name.
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Right, Self::Acceptable, Self::Wrong, Self::NotDecidable];
        all.into_iter().find(|kind| kind.code() == code)
    }
}

/// Whether there is exactly one verdict on every object, and on the answers where there are
/// questions, of each of `works` works.
///
/// # Errors
/// [`VerdictProblem`] names the first that is missing, unknown or there twice.
pub fn check_verdicts(
    works: usize,
    instruction: &Instruction,
    verdicts: &[Verdict],
) -> Result<(), VerdictProblem> {
    let answers = (!instruction.questions.is_empty()).then_some(0);
    let objects = instruction.objects.iter().map(|object| object.id).chain(answers);
    let objects: Vec<u32> = objects.collect();
    let wanted: BTreeSet<(char, u32)> =
        (0..works).map(letter).flat_map(|letter| objects.iter().map(move |id| (letter, *id))).collect();
    let mut given = BTreeSet::new();
    for Verdict { letter, object_id, .. } in verdicts.iter().copied() {
        if !wanted.contains(&(letter, object_id)) {
            return Err(VerdictProblem::Unknown { letter, object_id });
        }
        if !given.insert((letter, object_id)) {
            return Err(VerdictProblem::Twice { letter, object_id });
        }
    }
    match wanted.difference(&given).next() {
        Some(&(letter, object_id)) => Err(VerdictProblem::Missing { letter, object_id }),
        None => Ok(()),
    }
}
