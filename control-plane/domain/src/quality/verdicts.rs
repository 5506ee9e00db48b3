//! What arbiters say of annotators' work.

use std::collections::BTreeMap;

use proto_ids::{PersonId, SubmissionId};

use crate::{Submission, VerdictKind};

/// How often an arbiter said what, over objects and answers of submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerdictTally {
    /// As the arbiter would have it.
    pub right: usize,
    /// Good enough.
    pub acceptable: usize,
    /// Not good enough.
    pub wrong: usize,
    /// The pictures or the instruction do not tell.
    pub not_decidable: usize,
}

/// The verdicts on the work of each annotator.
pub fn verdict_tallies<'a>(
    submissions: impl IntoIterator<Item = &'a Submission>,
    person_of: impl Fn(SubmissionId) -> Option<PersonId>,
) -> BTreeMap<PersonId, VerdictTally> {
    let mut tallies: BTreeMap<PersonId, VerdictTally> = BTreeMap::new();
    for said in submissions.into_iter().flat_map(|submission| &submission.verdicts) {
        let Some(person) = person_of(said.submission) else { continue };
        let tally = tallies.entry(person).or_default();
        let count = match said.verdict {
            VerdictKind::Right => &mut tally.right,
            VerdictKind::Acceptable => &mut tally.acceptable,
            VerdictKind::Wrong => &mut tally.wrong,
            VerdictKind::NotDecidable => &mut tally.not_decidable,
        };
        *count += 1;
    }
    tallies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::tests::submission;
    use crate::{Verdict, WorkRole};

    #[test]
    fn verdicts_count_for_whose_work_they_are_on() {
        let of = |byte, object_id, verdict| {
            let submission = SubmissionId::from_random([byte; 16]);
            Verdict { submission, object_id, verdict }
        };
        let verdicts = vec![
            of(1, 1, VerdictKind::Right),
            of(1, 0, VerdictKind::Wrong),
            of(2, 1, VerdictKind::Acceptable),
            of(2, 0, VerdictKind::NotDecidable),
            of(7, 1, VerdictKind::Wrong),
        ];
        let arbiter = Submission { role: WorkRole::Arbiter, verdicts, ..submission(9, Vec::new()) };
        let person = |byte: u8| PersonId::from_random([byte; 16]);
        let known = [1, 2].map(|byte| (SubmissionId::from_random([byte; 16]), person(byte)));
        let tallies = verdict_tallies([&arbiter], |submission| {
            known.iter().find(|(known, _)| *known == submission).map(|(_, person)| *person)
        });
        let first = VerdictTally { right: 1, wrong: 1, ..VerdictTally::default() };
        let second = VerdictTally { acceptable: 1, not_decidable: 1, ..VerdictTally::default() };
        assert_eq!(tallies, BTreeMap::from([(person(1), first), (person(2), second)]));
    }
}
