//! Presence, skill and warnings of one object over submissions.

use proptest::prelude::*;

use super::*;
use crate::ObjectPresence;
use crate::pattern::tests::{id, pattern};
use crate::submission::tests::submission;

fn saying(task: u8, byte: u8, presence: StatedPresence) -> Submission {
    let objects = vec![ObjectPresence { object_id: 1, presence, count: 0 }];
    Submission { task: TaskId::from_random([task; 16]), objects, ..submission(byte, Vec::new()) }
}

#[test]
fn presence_is_counted_by_what_was_said() {
    use StatedPresence::{Absent, NotAssessable, NotStated, Present};
    let all = [
        saying(1, 1, Present),
        saying(1, 2, Absent),
        saying(1, 3, Present),
        saying(2, 4, NotStated),
        saying(2, 5, NotStated),
        saying(3, 6, NotStated),
        saying(3, 7, Absent),
        saying(3, 8, NotAssessable),
        Submission { role: WorkRole::Arbiter, ..saying(1, 9, Present) },
        submission(10, Vec::new()),
    ];
    let tally = presence_tally(&all, 1);
    assert_eq!(tally, PresenceTally { present: 2, absent: 2, not_assessable: 1, not_stated: 3 });
    // Of task 1 one pair of three agrees; task 2 says nothing; of task 3 nothing drawn and absent agree.
    assert_eq!(presence_agreement(&all, 1), PresenceAgreement { agree: 2, n: 6 });
    assert_eq!(presence_agreement(&all, 2), PresenceAgreement::default());
}

#[test]
fn warnings_are_counted_by_check_and_reason() {
    let said = |subject, check, reason| Override { subject, check, reason };
    let one = Submission {
        overrides: vec![
            said(OverrideSubject::Object(1), CheckCode::TooMany, OverrideReason::UnusualAnatomy),
            said(OverrideSubject::Object(2), CheckCode::TooMany, OverrideReason::UnusualAnatomy),
            said(OverrideSubject::Rule(1), CheckCode::RuleBroken, OverrideReason::Other),
            said(OverrideSubject::Object(1), CheckCode::Cavities, OverrideReason::ImageQuality),
        ],
        ..submission(1, Vec::new())
    };
    let counts = override_counts([&one, &one], 1);
    let found: Vec<_> = counts.iter().map(|count| (count.check, count.reason, count.count)).collect();
    assert_eq!(
        found,
        [
            (CheckCode::TooMany, OverrideReason::UnusualAnatomy, 2),
            (CheckCode::Cavities, OverrideReason::ImageQuality, 2),
        ]
    );
}

#[test]
fn pairs_are_summed_up_over_tasks() {
    let patterns = [
        pattern(1, &[1, 2], &[(1, 10), (3, 10)]),
        pattern(1, &[3, 4, 5], &[(3, 10)]),
        pattern(1, &[6, 7], &[]),
        pattern(2, &[6, 7], &[(3, 10)]),
    ];
    let summary = pairwise_dice(&patterns, 1);
    assert_eq!((summary.n, summary.n_both_empty), (4, 1));
    assert!((summary.mean.unwrap() - (2.0 / 3.0 + 1.0) / 4.0).abs() < 1e-12);
}

/// Two who mark alike and one who leaves half of it out.
fn three(object_id: u32, submissions: &[u8], scale: u64) -> VotingPattern {
    VotingPattern {
        region_voxels: 2000 * scale,
        ..pattern(object_id, submissions, &[(0b011, 50 * scale), (0b111, 50 * scale)])
    }
}

#[test]
fn each_task_weighs_alike_in_a_skill() {
    // Submission 10·task + p is of person p.
    let person_of = |submission| {
        let byte = (1..100).find(|&byte| id(byte) == submission)?;
        Some(PersonId::from_random([byte % 10; 16]))
    };
    let patterns = [
        three(1, &[11, 12, 13], 1),
        three(1, &[21, 23, 22], 100),
        pattern(1, &[31, 32], &[(3, 10)]),
        three(2, &[41, 42, 43], 1),
    ];
    let skills = annotator_skills(&patterns, 1, person_of);
    let of = |byte: u8| skills[&PersonId::from_random([byte; 16])];
    assert_eq!((of(1).n, of(2).n, of(3).n), (2, 2, 2));
    assert!((of(1).sensitivity.unwrap() - 1.0).abs() < 1e-6);
    assert!((of(2).sensitivity.unwrap() - 0.75).abs() < 1e-6, "{:?}", of(2));
    assert!((of(3).sensitivity.unwrap() - 0.75).abs() < 1e-6, "{:?}", of(3));
    assert!(of(3).specificity.unwrap() > 0.999);
    assert!(annotator_skills(&patterns, 3, person_of).is_empty());
}

#[test]
fn two_submissions_say_nothing_of_each_others_skill() {
    let two = VotingPattern { region_voxels: 100, ..pattern(1, &[1, 2], &[(3, 10), (1, 5)]) };
    assert_eq!(submission_skills(&two), None);
    assert_eq!(submission_skills(&pattern(1, &[1, 2, 3], &[(3, 10)])), None, "the region is not known");
    let skills = submission_skills(&three(1, &[3, 1, 2], 1)).unwrap();
    assert_eq!(skills.iter().map(|(submission, _)| *submission).collect::<Vec<_>>(), [id(3), id(1), id(2)]);
}

proptest! {
    #[test]
    fn no_more_pairs_agree_than_there_are(said in proptest::collection::vec((1_u8..4, 0_usize..4), 0..30)) {
        let all: Vec<Submission> =
            said.iter().map(|&(task, which)| saying(task, 1, StatedPresence::ALL[which])).collect();
        let agreement = presence_agreement(&all, 1);
        prop_assert!(agreement.agree <= agreement.n);
        let tally = presence_tally(&all, 1);
        let counted = tally.present + tally.absent + tally.not_assessable + tally.not_stated;
        prop_assert_eq!(counted, all.len());
    }
}
