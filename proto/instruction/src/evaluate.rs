//! What is asked, and what stands between work and its submission.
//!
//! The browser finds the same in `proto/web`; the vectors in `vectors/` hold both to the same results.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Answer, AnswerProblem, Comparison, Geometry, InstanceFacts, Instruction, Object, ObjectFacts, Presence,
    Said, Severity, check_answer,
};

/// Something that is not as the instruction wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub subject: Subject,
    pub check: Check,
    pub severity: Severity,
}

/// What a finding is about, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Question(u32),
    Object(u32),
    Rule(u32),
}

/// What is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    AnswerMissing,
    AnswerInvalid(AnswerProblem),
    /// It was not said whether the object is there.
    StatementMissing,
    /// The statement says other than the drawing.
    StatementContradicts,
    TooFew,
    TooMany,
    DiameterTooSmall,
    DiameterTooLarge,
    VolumeTooSmall,
    VolumeTooLarge,
    TooFewSlices,
    TooManySlices,
    TooElongated,
    Cavities,
    RuleBroken,
}

impl Check {
    /// Short name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AnswerMissing => "answer-missing",
            Self::AnswerInvalid(_) => "answer-invalid",
            Self::StatementMissing => "statement-missing",
            Self::StatementContradicts => "statement-contradicts",
            Self::TooFew => "too-few",
            Self::TooMany => "too-many",
            Self::DiameterTooSmall => "diameter-too-small",
            Self::DiameterTooLarge => "diameter-too-large",
            Self::VolumeTooSmall => "volume-too-small",
            Self::VolumeTooLarge => "volume-too-large",
            Self::TooFewSlices => "too-few-slices",
            Self::TooManySlices => "too-many-slices",
            Self::TooElongated => "too-elongated",
            Self::Cavities => "cavities",
            Self::RuleBroken => "rule-broken",
        }
    }
}

/// The questions that are asked, in the order of the instruction. A question is asked when the
/// question above it was answered with its option and its condition holds; answers to questions
/// that are not asked count for nothing.
pub fn asked_questions(instruction: &Instruction, said: &Said<'_>) -> Vec<u32> {
    let mut asked = Vec::new();
    let mut counted: BTreeMap<u32, Answer> = BTreeMap::new();
    for question in &instruction.questions {
        let so_far = Said { answers: &counted, ..*said };
        let parent = question
            .parent
            .is_none_or(|parent| counted.get(&parent.question_id) == Some(&Answer::Option(parent.option_id)));
        let condition = question.visible_when.as_ref().is_none_or(|condition| condition.holds(&so_far));
        if parent && condition {
            asked.push(question.id);
            if let Some(answer) = said.answers.get(&question.id) {
                counted.insert(question.id, answer.clone());
            }
        }
    }
    asked
}

/// The answers that count: those to questions that are asked.
pub fn counted_answers(instruction: &Instruction, said: &Said<'_>) -> BTreeMap<u32, Answer> {
    let asked: BTreeSet<u32> = asked_questions(instruction, said).into_iter().collect();
    let answers = said.answers.iter().filter(|(id, _)| asked.contains(id));
    answers.map(|(id, answer)| (*id, answer.clone())).collect()
}

/// Everything that is not as the instruction wants it: questions, then objects, then rules, each in
/// the order of the instruction; each check of one subject at most once.
pub fn findings(instruction: &Instruction, said: &Said<'_>) -> Vec<Finding> {
    let mut found = question_findings(instruction, said);
    for object in &instruction.objects {
        let subject = Subject::Object(object.id);
        let checks = object_checks(object, said).into_iter();
        found.extend(checks.map(|(check, severity)| Finding { subject, check, severity }));
    }
    let counted = counted_answers(instruction, said);
    let counted = Said { answers: &counted, ..*said };
    for rule in instruction.rules.iter().filter(|rule| !rule.must_hold.holds(&counted)) {
        let subject = Subject::Rule(rule.id);
        found.push(Finding { subject, check: Check::RuleBroken, severity: rule.severity });
    }
    found
}

fn question_findings(instruction: &Instruction, said: &Said<'_>) -> Vec<Finding> {
    let asked: BTreeSet<u32> = asked_questions(instruction, said).into_iter().collect();
    let mut found = Vec::new();
    for question in instruction.questions.iter().filter(|question| asked.contains(&question.id)) {
        let check = match said.answers.get(&question.id) {
            None if question.required => Check::AnswerMissing,
            None => continue,
            Some(answer) => match check_answer(question, answer) {
                Ok(()) => continue,
                Err(problem) => Check::AnswerInvalid(problem),
            },
        };
        let subject = Subject::Question(question.id);
        found.push(Finding { subject, check, severity: Severity::Refuse });
    }
    found
}

fn object_checks(object: &Object, said: &Said<'_>) -> Vec<(Check, Severity)> {
    let none = ObjectFacts::default();
    let facts = said.facts.objects.get(&object.id).unwrap_or(&none);
    let stated = said.statements.get(&object.id).copied();
    let mut checks = Vec::new();
    let drawable = object.geometry != Geometry::Classification;
    if object.states() && facts.count == 0 && stated.is_none() {
        checks.push((Check::StatementMissing, Severity::Refuse));
    }
    let contradicts = match stated {
        Some(Presence::Present) => drawable && facts.count == 0,
        Some(Presence::Absent | Presence::NotAssessable) => facts.count > 0,
        None => false,
    };
    if contradicts {
        checks.push((Check::StatementContradicts, Severity::Refuse));
    }
    let excused = matches!(stated, Some(Presence::Absent | Presence::NotAssessable));
    if drawable && !excused && facts.count < object.count.minimum {
        checks.push((Check::TooFew, object.severity));
    }
    if object.count.maximum.is_some_and(|most| facts.count > most) {
        checks.push((Check::TooMany, object.severity));
    }
    checks.extend(limit_checks(object, facts).into_iter().map(|check| (check, object.severity)));
    checks
}

fn limit_checks(object: &Object, facts: &ObjectFacts) -> Vec<Check> {
    let limits = &object.limits;
    let any = |broken: &dyn Fn(&InstanceFacts) -> bool| facts.instances.iter().any(broken);
    // What is not defined breaks no limit: it is neither below nor above.
    let broken = |comparison: Comparison, limit: Option<f64>, value: Option<f64>| {
        limit.zip(value).is_some_and(|(limit, value)| comparison.holds(value, limit))
    };
    let below = |limit, value| broken(Comparison::Less, limit, value);
    let above = |limit, value| broken(Comparison::Greater, limit, value);
    let tests = [
        (any(&|one| below(limits.minimum_diameter_mm, one.diameter_mm)), Check::DiameterTooSmall),
        (any(&|one| above(limits.maximum_diameter_mm, one.diameter_mm)), Check::DiameterTooLarge),
        (any(&|one| below(limits.minimum_volume_mm3, one.volume_mm3)), Check::VolumeTooSmall),
        (any(&|one| above(limits.maximum_volume_mm3, one.volume_mm3)), Check::VolumeTooLarge),
        (any(&|one| limits.minimum_slices.is_some_and(|least| one.slices < least)), Check::TooFewSlices),
        (any(&|one| limits.maximum_slices.is_some_and(|most| one.slices > most)), Check::TooManySlices),
        (any(&|one| above(limits.maximum_elongation, one.elongation)), Check::TooElongated),
        (limits.no_cavities && facts.cavities > 0, Check::Cavities),
    ];
    tests.into_iter().filter_map(|(broken, check)| broken.then_some(check)).collect()
}
