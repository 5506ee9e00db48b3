//! Facts about painting: by whose rule, of what, and once.

use agent_archive::{ConsensusKind, ConsensusRuleCopy, TaskCopy, WorklistItem};
use agent_work::{Run, Slice, Verdict, VerdictKind};
use proto_ids::SubmissionId;

use super::*;
use crate::samples::{NOON, Place, instruction, label_map as labelled, stroke, task};

/// Three submissions of object 1, by label 7, and an order that says how they are painted.
fn collected(kind: ConsensusKind, truth_table: Vec<u8>) -> (Place, Vec<SubmissionId>) {
    let place = Place::new(&instruction(&[(1, labelled(7)), (2, labelled(2))]));
    place.apply(WorklistItem::Task(place.order()));
    let submissions: Vec<SubmissionId> = [(100, 10), (105, 10), (108, 10)]
        .into_iter()
        .zip(1..)
        .map(|((start, length), who)| {
            place.hand_in(who, vec![stroke(start, length, 7), stroke(500, 3, 2)]).submission
        })
        .collect();
    let rule = ConsensusRuleCopy { object_id: 1, submissions: submissions.clone(), kind, truth_table };
    place.apply(WorklistItem::Task(TaskCopy { consensus: vec![rule], ..place.order() }));
    (place, submissions)
}

fn painted(told: &[Outbound]) -> Vec<&ConsensusPainted> {
    told.iter()
        .filter_map(|told| if let Outbound::Consensus(painted) = told { Some(painted) } else { None })
        .collect()
}

#[test]
fn a_consensus_is_painted_by_its_table_and_told_once() {
    // At least two of three: patterns 3, 5, 6 and 7.
    let (place, submissions) = collected(ConsensusKind::Majority, vec![0b1110_1000]);
    paint_all(&place.archive, NOON).unwrap();
    paint_all(&place.archive, NOON).unwrap();
    let told = place.told();
    let expect =
        ConsensusPainted { task: task(), object_id: 1, submissions, rule: RuleKind::Majority, voxels: 10 };
    assert_eq!(painted(&told), [&expect]);
    let kept = place.archive.consensus_get(task(), 1).unwrap().unwrap();
    // Two or three marked voxels 105 to 114.
    assert_eq!(kept.slices, [Slice { k: 5, runs: vec![Run { start: 105, length: 10, label: 7 }] }]);
    assert_eq!((kept.row.version, kept.row.voxels), (1, 10));
}

#[test]
fn the_submissions_stay_as_they_are() {
    let (place, submissions) = collected(ConsensusKind::Staple, vec![0b1000_0000]);
    let before = place.archive.submission(submissions[1]).unwrap();
    paint_all(&place.archive, NOON).unwrap();
    assert_eq!(place.archive.submission(submissions[1]).unwrap(), before);
    let kept = place.archive.consensus_get(task(), 1).unwrap().unwrap();
    assert_eq!(kept.slices, [Slice { k: 5, runs: vec![Run { start: 108, length: 2, label: 7 }] }]);
}

#[test]
fn a_table_that_paints_what_nobody_marked_is_not_followed() {
    let (place, _) = collected(ConsensusKind::Majority, vec![0b1111_1111]);
    paint_all(&place.archive, NOON).unwrap();
    assert_eq!(painted(&place.told()), Vec::<&ConsensusPainted>::new());
    assert_eq!(place.archive.consensus_get(task(), 1).unwrap(), None);
}

#[test]
fn an_arbiters_work_becomes_the_consensus_of_every_drawn_object() {
    let place = Place::new(&instruction(&[(1, labelled(7)), (2, labelled(2))]));
    let order = TaskCopy { overlap: 1, ..place.order() };
    place.apply(WorklistItem::Task(order.clone()));
    place.hand_in(1, vec![stroke(100, 10, 7)]);
    place.apply(WorklistItem::Task(TaskCopy { arbitration: true, ..order }));
    let mut request = place.work(4, vec![stroke(200, 4, 7)]);
    let verdict = |object_id| Verdict { letter: 'A', object_id, verdict: VerdictKind::Wrong };
    request.verdicts = vec![verdict(1), verdict(2)];
    let arbiter = place.submit(request).unwrap().submission;
    paint_all(&place.archive, NOON).unwrap();
    paint_all(&place.archive, NOON).unwrap();
    let told = place.told();
    let voxels: Vec<_> = painted(&told).iter().map(|one| (one.object_id, one.rule, one.voxels)).collect();
    assert_eq!(voxels, [(1, RuleKind::Arbiter, 4), (2, RuleKind::Arbiter, 0)]);
    assert!(painted(&told).iter().all(|one| one.submissions == [arbiter]));
    let kept = place.archive.consensus_get(task(), 1).unwrap().unwrap();
    assert_eq!(kept.slices, [Slice { k: 5, runs: vec![Run { start: 200, length: 4, label: 7 }] }]);
}
