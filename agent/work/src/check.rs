//! What counts when work is handed in, and what has to be right before it may be.

use std::collections::BTreeMap;

use proto_instruction::{
    Answer, Check, Facts, Finding, Instruction, Presence, Said, Severity, Subject, counted_answers, findings,
};

use crate::{Run, Shape, Slice, Work};

/// What was drawn and said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawn {
    /// The label map.
    pub slices: Vec<Slice>,
    pub shapes: Vec<Shape>,
    /// By question.
    pub answers: BTreeMap<u32, Answer>,
    /// By object.
    pub statements: BTreeMap<u32, Presence>,
}

/// Why work that breaks a warning was handed in nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OverrideReason {
    UnusualAnatomy,
    ImageQuality,
    InstructionUnclear,
    /// None of these.
    Other,
}

/// A warning that the annotator answers with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Override {
    pub subject: Subject,
    pub check: Check,
    pub reason: OverrideReason,
}

/// Why work cannot be handed in yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitProblem {
    /// It has to be mended.
    #[error("the work breaks {} of {:?}", .0.check.code(), .0.subject)]
    Refused(Finding),
    /// It has to be mended, or a reason given.
    #[error("the work breaks {} of {:?} without a reason", .0.check.code(), .0.subject)]
    ReasonMissing(Finding),
}

impl SubmitProblem {
    /// What is not as the instruction wants it.
    pub const fn finding(&self) -> Finding {
        match self {
            Self::Refused(finding) | Self::ReasonMissing(finding) => *finding,
        }
    }
}

impl OverrideReason {
    /// Short name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnusualAnatomy => "unusual-anatomy",
            Self::ImageQuality => "image-quality",
            Self::InstructionUnclear => "instruction-unclear",
            Self::Other => "other",
        }
    }

    /// From its short name.
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::UnusualAnatomy, Self::ImageQuality, Self::InstructionUnclear, Self::Other];
        all.into_iter().find(|reason| reason.code() == code)
    }
}

impl Drawn {
    /// What was said about the exam, with what was measured on it.
    pub const fn said<'a>(&'a self, facts: &'a Facts) -> Said<'a> {
        Said { answers: &self.answers, statements: &self.statements, facts }
    }

    /// The answers that a submission holds: those to questions that are asked.
    pub fn asked_answers(&self, instruction: &Instruction, facts: &Facts) -> BTreeMap<u32, Answer> {
        counted_answers(instruction, &self.said(facts))
    }
}

/// What of `work` counts under `instruction`: labels and shapes of objects that are still drawn so, statements
/// that are still asked for, answers to questions that there are, also those that are not asked at the moment.
/// What an older version knew and this one does not is left out.
pub fn counted(work: &Work, instruction: &Instruction) -> Drawn {
    let known = |run: &Run| instruction.object_of_label(run.label).is_some();
    let slices = work.slices().into_iter().map(|mut slice| {
        slice.runs.retain(known);
        slice
    });
    let drawn_so = |shape: &Shape| {
        instruction.object(shape.object_id).is_some_and(|object| shape.form.fits(object.geometry))
    };
    let answers = work.answers().iter().filter(|(id, _)| instruction.question(**id).is_some());
    let states = |id: u32| instruction.object(id).is_some_and(proto_instruction::Object::states);
    let statements = work.statements().iter().filter(|(id, _)| states(**id));
    Drawn {
        slices: slices.filter(|slice| !slice.runs.is_empty()).collect(),
        shapes: work.shapes().into_iter().filter(drawn_so).collect(),
        answers: answers.map(|(id, answer)| (*id, answer.clone())).collect(),
        statements: statements.map(|(id, presence)| (*id, *presence)).collect(),
    }
}

/// Everything that stands in the way of handing in what was `counted`; empty when nothing does. `facts`
/// are measured on the same slices and shapes.
pub fn submit_problems(
    counted: &Drawn,
    instruction: &Instruction,
    facts: &Facts,
    overrides: &[Override],
) -> Vec<SubmitProblem> {
    let found = findings(instruction, &counted.said(facts));
    let problem = |finding: Finding| match finding.severity {
        Severity::Refuse => Some(SubmitProblem::Refused(finding)),
        Severity::Warn if answered(&finding, overrides).is_some() => None,
        Severity::Warn => Some(SubmitProblem::ReasonMissing(finding)),
    };
    found.into_iter().filter_map(problem).collect()
}

/// The overrides that a submission holds: one for each warning that is there, the others are dropped.
pub fn needed_overrides(
    counted: &Drawn,
    instruction: &Instruction,
    facts: &Facts,
    overrides: &[Override],
) -> Vec<Override> {
    let found = findings(instruction, &counted.said(facts)).into_iter();
    let warnings = found.filter(|finding| finding.severity == Severity::Warn);
    warnings.filter_map(|finding| answered(&finding, overrides)).collect()
}

fn answered(finding: &Finding, overrides: &[Override]) -> Option<Override> {
    let same = |given: &&Override| (given.subject, given.check) == (finding.subject, finding.check);
    overrides.iter().find(same).copied()
}
