//! Disputes: an arbiter who has no part in the task, the blinded work of the others, and the consensus.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use agent_archive::{
    Archive, ConsensusError, ConsensusKind, ConsensusRuleCopy, HandIn, Holder, LeaseError, NewConsensus,
    PaintRule, SubmitError, TaskCopy, WorklistItem, reindex,
};
use agent_work::{FencingRefusal, LEASE_MS, Role, Verdict, VerdictKind, VerdictProblem};
use proto_ids::SubmissionId;
use support::{
    NOON, answer, apply, asset, drawn, hand_in, handing_in, invited, messages, next, open, ordered, paint,
    person, project_of, staffed, task,
};

/// People 1 and 2 annotate, 3 and 1 arbitrate; both have handed in on task 1.
fn disputed(archive: &Archive) -> (TaskCopy, [SubmissionId; 2]) {
    staffed(archive, &[1, 2]);
    apply(archive, [WorklistItem::Person(invited(3))]);
    archive.invitation_redeem(&support::code(3), "$argon2id$x".to_owned(), NOON).expect("redeemed");
    let mut project = project_of(&[1, 2]);
    project.arbiters = vec![person(3), person(1)];
    apply(archive, [WorklistItem::Project(project)]);
    let asset = asset(archive, 1);
    let mut order = TaskCopy { gold: false, ..ordered(1, asset.token, 2) };
    apply(archive, [WorklistItem::Task(order.clone())]);
    let submissions = [1, 2].map(|who| {
        let holder = next(archive, who, NOON).expect("a slot");
        hand_in(archive, holder, u32::from(who) * 4).submission
    });
    assert_eq!(next(archive, 3, NOON), None, "nothing to settle");
    order.arbitration = true;
    apply(archive, [WorklistItem::Task(order.clone())]);
    (order, submissions)
}

fn verdicts(letters: &str) -> Vec<Verdict> {
    let of = |letter| [0, 1].map(|object_id| Verdict { letter, object_id, verdict: VerdictKind::Right });
    letters.chars().flat_map(of).collect()
}

/// Person 3 settles the dispute.
fn settle(archive: &Archive) -> SubmissionId {
    let holder = next(archive, 3, NOON).expect("the arbiter's place");
    archive.operations_append(holder, vec![paint(1, 0, 8), answer(2, 1)], NOON).expect("taken");
    let prepared = archive.submission_prepare(holder, 2, NOON).expect("prepared");
    let hand_in = HandIn { verdicts: verdicts("AB"), ..handing_in(&prepared, "settled") };
    archive.submission_commit(&prepared, hand_in, NOON).expect("handed in").submission
}

#[test]
fn an_arbiter_has_no_part_in_the_task_and_one_place_of_their_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    disputed(&archive);
    assert_eq!(next(&archive, 1, NOON), None, "she has submitted");
    let grant = archive.task_next(person(3), NOON).expect("read").expect("a place");
    assert_eq!((grant.role, grant.slot), (Role::Arbiter, 0));
    let told = messages(&archive).pop().expect("a message");
    assert_eq!(told, "Granted arbiter 0");
    let held = archive.lease(task(1), person(3)).expect("read").expect("held");
    assert_eq!((held.role, held.lease.fencing), (Role::Arbiter, grant.fencing));
    let holder = Holder { task: task(1), person: person(3), fencing: grant.fencing };
    let annotators = Holder { fencing: 1, ..holder };
    let refused = archive.lease_renew(annotators, NOON);
    assert!(matches!(refused, Err(LeaseError::Fencing(FencingRefusal::Stale))));
    assert_eq!(archive.leases_expire(NOON.plus_millis(LEASE_MS)).expect("told"), 1);
    assert_eq!(messages(&archive).pop().expect("a message"), "Expired arbiter 0");
}

#[test]
fn the_others_are_letters_to_the_arbiter_and_nothing_to_anybody_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let (_, submissions) = disputed(&archive);
    assert!(archive.others_blinded(task(1), person(3)).expect("read").is_empty(), "not before the grant");
    next(&archive, 3, NOON).expect("the arbiter's place");
    let others = archive.others_blinded(task(1), person(3)).expect("read");
    assert_eq!(others.iter().map(|other| other.letter).collect::<String>(), "AB");
    let mut seen: Vec<SubmissionId> = others.iter().map(|other| other.submission).collect();
    seen.sort();
    let mut all = submissions.to_vec();
    all.sort();
    assert_eq!(seen, all);
    assert_eq!(others[0].drawn.answers.len(), 1);
    assert!(archive.others_blinded(task(1), person(1)).expect("read").is_empty());
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    let archive = open(directory.path());
    assert_eq!(archive.others_blinded(task(1), person(3)).expect("read"), others, "the letters stay");
}

#[test]
fn an_arbiter_judges_all_of_the_others_and_an_annotator_nobody() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    disputed(&archive);
    let holder = next(&archive, 3, NOON).expect("the arbiter's place");
    archive.operations_append(holder, vec![paint(1, 0, 8)], NOON).expect("taken");
    let prepared = archive.submission_prepare(holder, 1, NOON).expect("prepared");
    assert_eq!((prepared.role, prepared.others.len(), prepared.blinded.len()), (Role::Arbiter, 2, 2));
    let with = |verdicts| HandIn { verdicts, ..HandIn::default() };
    let refused = archive.submission_commit(&prepared, with(verdicts("A")), NOON);
    assert!(matches!(refused, Err(SubmitError::Verdicts(VerdictProblem::Missing { letter: 'B', .. }))));
    let receipt = archive.submission_commit(&prepared, with(verdicts("AB")), NOON).expect("handed in");
    let kept = archive.submission(receipt.submission).expect("read").expect("there");
    assert_eq!(kept.row.role, Role::Arbiter);
    assert_eq!(kept.verdicts.len(), 4);
    assert_eq!(kept.verdicts[0].submission, prepared.blinded[0].1);
    assert_eq!(archive.submission_of(task(1), person(3)).expect("read"), Some(receipt));
    assert_eq!(archive.work_counts(person(3), NOON).expect("counts").submitted_today, 1);
    assert_eq!(next(&archive, 3, NOON), None);
}

#[test]
fn the_arbiters_place_has_one_holder_however_many_ask() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    disputed(&archive);
    apply(&archive, (4..=8).map(|who| WorklistItem::Person(invited(who))));
    for who in 4..=8 {
        archive.invitation_redeem(&support::code(who), "$argon2id$x".to_owned(), NOON).expect("redeemed");
    }
    let mut project = project_of(&[1, 2]);
    project.arbiters = (1..=8).map(person).collect();
    apply(&archive, [WorklistItem::Project(project)]);
    let granted: Vec<Option<Holder>> = std::thread::scope(|scope| {
        let archive = &archive;
        let asking: Vec<_> = (1..=8).map(|who| scope.spawn(move || next(archive, who, NOON))).collect();
        asking.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert_eq!(granted.iter().flatten().count(), 1);
    let told = messages(&archive).into_iter().filter(|message| message == "Granted arbiter 0");
    assert_eq!(told.count(), 1);
}

#[test]
fn an_annotator_gives_no_verdicts() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let holder = next(&archive, 1, NOON).expect("a slot");
    let prepared = archive.submission_prepare(holder, 0, NOON).expect("prepared");
    let hand_in = HandIn { verdicts: verdicts("A"), ..HandIn::default() };
    let refused = archive.submission_commit(&prepared, hand_in, NOON);
    assert!(matches!(refused, Err(SubmitError::Verdicts(VerdictProblem::NotArbiter))));
}

#[test]
fn an_arbiters_work_waits_to_be_painted_and_is_kept_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    disputed(&archive);
    assert!(archive.consensus_waiting().expect("read").is_empty());
    let submission = settle(&archive);
    let waiting = archive.consensus_waiting().expect("read").remove(0);
    assert_eq!((waiting.rule, waiting.object_id), (PaintRule::Arbiter, 1));
    assert_eq!(waiting.submissions, [submission]);
    let new = NewConsensus {
        task: task(1),
        object_id: 1,
        rule: waiting.rule,
        submissions: waiting.submissions,
        truth_table: waiting.truth_table,
        slices: drawn(8),
        voxels: 2,
    };
    let put = || archive.consensus_put(&new, vec![b"painted".to_vec()], NOON).expect("kept");
    assert_eq!((put(), put()), (1, 1));
    assert!(archive.consensus_waiting().expect("read").is_empty());
    assert_eq!(messages(&archive).into_iter().filter(|message| message == "painted").count(), 1);
    assert_eq!(archive.submission(submission).expect("read").expect("there").drawn.slices, drawn(8));
}

#[test]
fn a_consensus_of_a_rule_is_painted_when_all_its_submissions_are_here() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let (mut order, [first, second]) = disputed(&archive);
    order.arbitration = false;
    let rule = |submissions: Vec<SubmissionId>, table: u8| ConsensusRuleCopy {
        object_id: 1,
        submissions,
        kind: ConsensusKind::Majority,
        truth_table: vec![table],
    };
    order.consensus = vec![rule(vec![first, SubmissionId::from_random([9; 16])], 8)];
    apply(&archive, [WorklistItem::Task(order.clone())]);
    assert!(archive.consensus_waiting().expect("read").is_empty(), "one is not here");
    order.consensus = vec![rule(vec![first, second], 8)];
    apply(&archive, [WorklistItem::Task(order.clone())]);
    assert_eq!(archive.task(task(1)).expect("read"), Some(order.clone()));
    let waiting = archive.consensus_waiting().expect("read");
    assert_eq!(
        (waiting.len(), waiting[0].rule, &waiting[0].truth_table[..]),
        (1, PaintRule::Majority, &[8][..])
    );
    let mut new = NewConsensus {
        task: task(1),
        object_id: 1,
        rule: PaintRule::Majority,
        submissions: vec![first, second],
        truth_table: vec![8],
        slices: drawn(15),
        voxels: 2,
    };
    let refused = archive.consensus_put(&new, Vec::new(), NOON);
    assert!(matches!(refused, Err(ConsensusError::OutOfGrid { k: 0 })));
    new.slices = drawn(4);
    assert_eq!(archive.consensus_put(&new, Vec::new(), NOON).expect("kept"), 1);
    order.consensus = vec![rule(vec![first, second], 14)];
    apply(&archive, [WorklistItem::Task(order)]);
    assert_eq!(archive.consensus_waiting().expect("read").len(), 1, "another rule, another consensus");
    let other = NewConsensus { truth_table: vec![14], slices: drawn(8), ..new.clone() };
    assert_eq!(archive.consensus_put(&other, Vec::new(), NOON.plus_seconds(1)).expect("kept"), 2);
    let digest = archive.state_digest().expect("a digest");
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    let archive = open(directory.path());
    assert_eq!(archive.state_digest().expect("a digest"), digest);
    let rows = archive.consensus_list().expect("read");
    assert_eq!((rows.len(), rows[0].version, rows[0].voxels), (1, 2, 2));
    let kept = archive.consensus_get(task(1), 1).expect("read").expect("there");
    assert_eq!((kept.row, kept.slices), (rows[0].clone(), drawn(8)));
    let unknown = NewConsensus { submissions: vec![SubmissionId::from_random([9; 16])], ..new };
    let refused = archive.consensus_put(&unknown, Vec::new(), NOON);
    assert!(matches!(refused, Err(ConsensusError::UnknownSubmission)));
}

#[test]
fn a_deleted_study_takes_its_consensus_along() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let (order, _) = disputed(&archive);
    let submission = settle(&archive);
    let new = NewConsensus {
        task: task(1),
        object_id: 1,
        rule: PaintRule::Arbiter,
        submissions: vec![submission],
        truth_table: Vec::new(),
        slices: drawn(8),
        voxels: 2,
    };
    archive.consensus_put(&new, Vec::new(), NOON).expect("kept");
    let study = archive.asset(order.asset).expect("read").expect("there").study;
    archive.study_delete(study).expect("deleted");
    assert!(archive.consensus_list().expect("read").is_empty());
    assert!(archive.consensus_get(task(1), 1).expect("read").is_none());
    assert!(archive.consensus_waiting().expect("read").is_empty());
    assert!(matches!(archive.consensus_put(&new, Vec::new(), NOON), Err(ConsensusError::UnknownTask)));
}
