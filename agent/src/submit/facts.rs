//! What is said of work beside its scores: what is there, what was overridden, what an arbiter judged.

use std::collections::BTreeMap;

use agent_uplink as out;
use agent_work::{Override, OverrideReason, VerdictKind};
use proto_instruction::{Check, Facts, Instruction, Presence, Subject};

/// For each object, whether it is there and how often: what is drawn is there, otherwise it is as was stated.
pub(super) fn objects(
    instruction: &Instruction,
    facts: &Facts,
    statements: &BTreeMap<u32, Presence>,
) -> Vec<out::ObjectPresence> {
    let object = |id: u32| {
        let count = facts.count(id);
        let presence = match statements.get(&id) {
            _ if count > 0 => out::Presence::Present,
            Some(Presence::Present) => out::Presence::Present,
            Some(Presence::Absent) => out::Presence::Absent,
            Some(Presence::NotAssessable) => out::Presence::NotAssessable,
            None => out::Presence::NotStated,
        };
        out::ObjectPresence { object_id: id, presence, count }
    };
    instruction.objects.iter().map(|of| object(of.id)).collect()
}

/// Warnings that were handed in with a reason. Only objects and rules have warnings.
pub(super) fn overrides(overrides: &[Override]) -> Vec<out::Override> {
    let told = |given: &Override| {
        let subject = match given.subject {
            Subject::Object(id) => out::OverrideSubject::Object(id),
            Subject::Rule(id) => out::OverrideSubject::Rule(id),
            Subject::Question(_) => return None,
        };
        Some(out::Override { subject, check: check(given.check)?, reason: reason(given.reason) })
    };
    overrides.iter().filter_map(told).collect()
}

fn check(check: Check) -> Option<out::CheckCode> {
    match check {
        Check::TooFew => Some(out::CheckCode::TooFew),
        Check::TooMany => Some(out::CheckCode::TooMany),
        Check::DiameterTooSmall => Some(out::CheckCode::DiameterTooSmall),
        Check::DiameterTooLarge => Some(out::CheckCode::DiameterTooLarge),
        Check::VolumeTooSmall => Some(out::CheckCode::VolumeTooSmall),
        Check::VolumeTooLarge => Some(out::CheckCode::VolumeTooLarge),
        Check::TooFewSlices => Some(out::CheckCode::TooFewSlices),
        Check::TooManySlices => Some(out::CheckCode::TooManySlices),
        Check::TooElongated => Some(out::CheckCode::TooElongated),
        Check::Cavities => Some(out::CheckCode::Cavities),
        Check::RuleBroken => Some(out::CheckCode::RuleBroken),
        Check::AnswerMissing
        | Check::AnswerInvalid(_)
        | Check::StatementMissing
        | Check::StatementContradicts => None,
    }
}

const fn reason(reason: OverrideReason) -> out::OverrideReason {
    match reason {
        OverrideReason::UnusualAnatomy => out::OverrideReason::UnusualAnatomy,
        OverrideReason::ImageQuality => out::OverrideReason::ImageQuality,
        OverrideReason::InstructionUnclear => out::OverrideReason::InstructionUnclear,
        OverrideReason::Other => out::OverrideReason::Other,
    }
}

pub(super) const fn verdict(kind: VerdictKind) -> out::VerdictKind {
    match kind {
        VerdictKind::Right => out::VerdictKind::Right,
        VerdictKind::Acceptable => out::VerdictKind::Acceptable,
        VerdictKind::Wrong => out::VerdictKind::Wrong,
        VerdictKind::NotDecidable => out::VerdictKind::NotDecidable,
    }
}

#[cfg(test)]
mod tests {
    use proto_instruction::{Geometry, ObjectFacts};

    use super::*;
    use crate::samples::{instruction, label_map};

    #[test]
    fn what_is_drawn_is_there_and_the_rest_is_as_stated() {
        let objects_of = [
            (1, label_map(1)),
            (2, label_map(2)),
            (3, Geometry::Classification),
            (4, Geometry::Box),
            (5, Geometry::Point),
        ];
        let drawn = ObjectFacts { count: 3, cavities: 0, instances: Vec::new() };
        let facts = Facts { objects: BTreeMap::from([(1, drawn)]) };
        let statements = BTreeMap::from([
            (2, Presence::Absent),
            (3, Presence::Present),
            (4, Presence::NotAssessable),
            (9, Presence::Present),
        ]);
        let told = objects(&instruction(&objects_of), &facts, &statements);
        let told: Vec<_> = told.iter().map(|one| (one.object_id, one.presence, one.count)).collect();
        assert_eq!(
            told,
            [
                (1, out::Presence::Present, 3),
                (2, out::Presence::Absent, 0),
                (3, out::Presence::Present, 0),
                (4, out::Presence::NotAssessable, 0),
                (5, out::Presence::NotStated, 0),
            ]
        );
    }

    #[test]
    fn only_warnings_of_objects_and_rules_are_told() {
        let given = |subject, check| Override { subject, check, reason: OverrideReason::ImageQuality };
        let told = overrides(&[
            given(Subject::Object(2), Check::Cavities),
            given(Subject::Question(1), Check::AnswerMissing),
            given(Subject::Rule(3), Check::RuleBroken),
        ]);
        let told: Vec<_> = told.iter().map(|one| (one.subject, one.check)).collect();
        assert_eq!(
            told,
            [
                (out::OverrideSubject::Object(2), out::CheckCode::Cavities),
                (out::OverrideSubject::Rule(3), out::CheckCode::RuleBroken),
            ]
        );
    }
}
