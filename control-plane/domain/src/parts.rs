//! What a submission says beside its scores: presences, shapes, warnings that were passed over, verdicts.

use proto_ids::SubmissionId;

use crate::Refusal;
use crate::closed::closed_enum;

/// Counts are capped here before they leave a site.
pub(crate) const MAX_COUNT: u32 = 1000;
/// An instruction has at most so many objects.
pub(crate) const MAX_OBJECTS: usize = 255;
/// More than every check of every object and rule.
const MAX_OVERRIDES: usize = 4096;
/// Every object and the answers of 16 submissions.
const MAX_VERDICTS: usize = 16 * (MAX_OBJECTS + 1);

closed_enum! {
    /// In which role somebody works on a task.
    WorkRole {
        /// In one of the slots of the task.
        Annotator = 1 "annotator",
        /// In the place of their own, number 0.
        Arbiter = 2 "arbiter",
    }
}

closed_enum! {
    /// What a submission says of the presence of an object.
    StatedPresence {
        /// It is drawn or stated.
        Present = 1 "present",
        /// It was looked for.
        Absent = 2 "absent",
        /// It cannot be told.
        NotAssessable = 3 "not_assessable",
        /// It is not drawn and nothing was said of it.
        NotStated = 4 "not_stated",
    }
}

/// Whether an object is there in a submission, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectPresence {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// What is said of it.
    pub presence: StatedPresence,
    /// Shapes or connected parts, capped at 1,000.
    pub count: u32,
}

/// Shapes of one object of a submission against those of the gold annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeScore {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// Shapes of the gold annotation.
    pub reference_count: u32,
    /// Shapes of the submission.
    pub candidate_count: u32,
    /// How many fit each other.
    pub matched: u32,
}

closed_enum! {
    /// What a warning was about.
    CheckCode {
        /// Fewer than the least.
        TooFew = 1 "too_few",
        /// More than the most.
        TooMany = 2 "too_many",
        /// Diameter below the limit.
        DiameterTooSmall = 3 "diameter_too_small",
        /// Diameter above the limit.
        DiameterTooLarge = 4 "diameter_too_large",
        /// Volume below the limit.
        VolumeTooSmall = 5 "volume_too_small",
        /// Volume above the limit.
        VolumeTooLarge = 6 "volume_too_large",
        /// In fewer slices than the least.
        TooFewSlices = 7 "too_few_slices",
        /// In more slices than the most.
        TooManySlices = 8 "too_many_slices",
        /// Longer than it may be for its width.
        TooElongated = 9 "too_elongated",
        /// Encloses empty space.
        Cavities = 10 "cavities",
        /// A rule does not hold.
        RuleBroken = 11 "rule_broken",
    }
}

closed_enum! {
    /// Why work was handed in against a warning.
    OverrideReason {
        /// The patient is so.
        UnusualAnatomy = 1 "unusual_anatomy",
        /// The pictures do not show more.
        ImageQuality = 2 "image_quality",
        /// The instruction can be read in two ways.
        InstructionUnclear = 3 "instruction_unclear",
        /// None of these.
        Other = 4 "other",
    }
}

/// What a warning is about, by number in the instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OverrideSubject {
    /// An object.
    Object(u32),
    /// A rule.
    Rule(u32),
}

/// A warning that was handed in with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Override {
    /// What it is about.
    pub subject: OverrideSubject,
    /// What was not as it should be.
    pub check: CheckCode,
    /// Why it stays so.
    pub reason: OverrideReason,
}

closed_enum! {
    /// What an arbiter says of somebody's work.
    VerdictKind {
        /// As the arbiter would have it.
        Right = 1 "right",
        /// Not as the arbiter would have it, and good enough.
        Acceptable = 2 "acceptable",
        /// Not good enough.
        Wrong = 3 "wrong",
        /// The pictures or the instruction do not tell.
        NotDecidable = 4 "not_decidable",
    }
}

/// What an arbiter says of one object of another submission of the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The submission.
    pub submission: SubmissionId,
    /// The object, by its number in the instruction; 0 for the answers.
    pub object_id: u32,
    /// What is said.
    pub verdict: VerdictKind,
}

pub(crate) fn check_objects(objects: &[ObjectPresence]) -> Result<(), Refusal> {
    if objects.len() > MAX_OBJECTS {
        return Err(Refusal::invalid("submission.objects"));
    }
    for (index, object) in objects.iter().enumerate() {
        let field = |name| Refusal::invalid(format!("submission.objects[{index}].{name}"));
        if objects[..index].iter().any(|earlier| earlier.object_id == object.object_id) {
            return Err(field("object_id"));
        }
        let there = object.presence == StatedPresence::Present;
        if object.count > MAX_COUNT || (object.count > 0 && !there) {
            return Err(field("count"));
        }
    }
    Ok(())
}

pub(crate) fn check_shapes(shapes: &[ShapeScore]) -> Result<(), Refusal> {
    if shapes.len() > MAX_OBJECTS {
        return Err(Refusal::invalid("submission.shapes"));
    }
    for (index, score) in shapes.iter().enumerate() {
        let field = |name| Refusal::invalid(format!("submission.shapes[{index}].{name}"));
        if shapes[..index].iter().any(|earlier| earlier.object_id == score.object_id) {
            return Err(field("object_id"));
        }
        let counts = [(score.reference_count, "reference_count"), (score.candidate_count, "candidate_count")];
        for (count, name) in counts {
            if count > MAX_COUNT {
                return Err(field(name));
            }
        }
        if score.matched > score.reference_count.min(score.candidate_count) {
            return Err(field("matched"));
        }
    }
    Ok(())
}

pub(crate) fn check_overrides(overrides: &[Override]) -> Result<(), Refusal> {
    if overrides.len() > MAX_OVERRIDES {
        return Err(Refusal::invalid("submission.overrides"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (index, said) in overrides.iter().enumerate() {
        let of_rule = matches!(said.subject, OverrideSubject::Rule(_));
        if of_rule != (said.check == CheckCode::RuleBroken) || !seen.insert((said.subject, said.check)) {
            return Err(Refusal::invalid(format!("submission.overrides[{index}].check")));
        }
    }
    Ok(())
}

pub(crate) fn check_verdicts(verdicts: &[Verdict], role: WorkRole) -> Result<(), Refusal> {
    let allowed = role == WorkRole::Arbiter || verdicts.is_empty();
    if !allowed || verdicts.len() > MAX_VERDICTS {
        return Err(Refusal::invalid("submission.verdicts"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (index, said) in verdicts.iter().enumerate() {
        if !seen.insert((said.submission, said.object_id)) {
            return Err(Refusal::invalid(format!("submission.verdicts[{index}].object_id")));
        }
    }
    Ok(())
}
