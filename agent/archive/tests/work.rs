//! Work: one holder a slot, strokes kept once, submissions with their messages exactly once, gold unseen.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use agent_archive::{
    AppendError, AssetPut, AtRisk, GoldError, GoldSource, Holder, LeaseError, NewGold, SubmitError, TaskCopy,
    WorklistItem, reindex,
};
use agent_work::{FencingRefusal, LEASE_MS, OperationRefusal};
use proto_instruction::Answer;
use support::{
    NOON, answer, apply, asset, drawn, hand_in, handing_in, messages, next, open, ordered, paint, person,
    staffed, task,
};

#[test]
fn a_slot_has_one_holder_however_many_ask() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let people: Vec<u8> = (1..=8).collect();
    staffed(&archive, &people);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 3))]);
    let granted: Vec<Option<Holder>> = std::thread::scope(|scope| {
        let asking: Vec<_> = people
            .iter()
            .map(|who| scope.spawn(|| (0..3).filter_map(|_| next(&archive, *who, NOON)).last()))
            .collect();
        asking.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert_eq!(granted.iter().flatten().count(), 3);
    let granted = messages(&archive).into_iter().filter(|message| message.starts_with("Granted"));
    assert_eq!(granted.collect::<std::collections::BTreeSet<_>>().len(), 3);
}

#[test]
fn nobody_gets_what_is_not_theirs_to_do() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let row = asset(&archive, 1);
    let missing = proto_ids::AssetToken::from_random([9; 16]);
    apply(&archive, [WorklistItem::Task(ordered(2, missing, 1))]);
    assert_eq!(next(&archive, 1, NOON), None, "the asset is not here");
    let mut order = ordered(1, row.token, 1);
    apply(&archive, [WorklistItem::Task(order.clone())]);
    assert_eq!(next(&archive, 3, NOON), None, "not of the project");
    archive.person_suspend(person(1)).expect("suspended");
    assert_eq!(next(&archive, 1, NOON), None, "suspended");
    order.withdrawn = true;
    apply(&archive, [WorklistItem::Task(order)]);
    assert_eq!(next(&archive, 2, NOON), None, "withdrawn");
}

#[test]
fn acknowledged_strokes_are_there_once_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let holder = next(&archive, 1, NOON).expect("a slot");
    let append = |operations| archive.operations_append(holder, operations, NOON);
    assert_eq!(append(vec![paint(1, 0, 0)]).expect("taken"), 1);
    assert_eq!(append(vec![paint(1, 0, 0), answer(2, 1)]).expect("taken"), 2);
    let refused = append(vec![paint(3, 2, 4), paint(4, 2, 8)]);
    assert!(matches!(
        refused,
        Err(AppendError::Refused {
            revision: 3,
            refusal: OperationRefusal::RevisionConflict { revision: 3 },
            ..
        })
    ));
    let before = archive.work_view(task(1), person(1)).expect("read").expect("a view");
    assert_eq!((before.revision, before.operations.len(), before.answers.len()), (3, 2, 1));
    let digest = archive.state_digest().expect("a digest");
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    let archive = open(directory.path());
    assert_eq!(archive.state_digest().expect("a digest"), digest);
    assert_eq!(archive.work_view(task(1), person(1)).expect("read").expect("a view"), before);
    for entry in std::fs::read_dir(directory.path().join("work/segments")).expect("a listing") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("bytes");
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"), "an answer stands in clear");
    }
}

#[test]
fn late_work_on_a_slot_that_was_given_on_is_kept_apart() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let first = next(&archive, 1, NOON).expect("a slot");
    let later = NOON.plus_millis(LEASE_MS);
    assert_eq!(archive.leases_expire(later).expect("told"), 1);
    assert_eq!(archive.leases_expire(later).expect("told"), 0);
    let second = next(&archive, 2, later).expect("a slot");
    let late = archive.operations_append(first, vec![paint(1, 0, 0)], later);
    assert!(matches!(late, Err(AppendError::StaleLease)));
    let apart = archive.operations_apart(task(1), person(1)).expect("read");
    assert_eq!(apart, [(first.fencing, paint(1, 0, 0))]);
    let stranger = Holder { person: person(9), ..first };
    let foreign = archive.operations_append(stranger, vec![paint(1, 0, 0)], later);
    assert!(matches!(foreign, Err(AppendError::NotHeld)));
    assert!(archive.operations_apart(task(1), person(9)).expect("read").is_empty());
    let renewed = archive.lease_renew(first, later);
    assert!(matches!(renewed, Err(LeaseError::Fencing(FencingRefusal::Stale))));
    assert!(archive.lease_renew(second, later).is_ok());
    archive.lease_release(second).expect("released");
    assert!(archive.lease(task(1), person(2)).expect("read").is_none());
    let told: Vec<String> = messages(&archive).split_off(3);
    assert_eq!(told, ["Granted slot 0", "Expired slot 0", "Granted slot 0", "Released slot 0"]);
}

#[test]
fn late_work_is_kept_apart_while_a_newer_instruction_is_on_its_way() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let first = next(&archive, 1, NOON).expect("a slot");
    let later = NOON.plus_millis(LEASE_MS);
    next(&archive, 2, later).expect("a slot");
    let order = TaskCopy { instruction_version: 2, ..ordered(1, asset.token, 1) };
    apply(&archive, [WorklistItem::Task(order)]);
    let late = archive.operations_append(first, vec![paint(1, 0, 0)], later);
    assert!(matches!(late, Err(AppendError::StaleLease)));
    let apart = archive.operations_apart(task(1), person(1)).expect("read");
    assert_eq!(apart, [(first.fencing, paint(1, 0, 0))]);
}

#[test]
fn a_submission_its_lease_and_its_messages_are_one_step() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 2))]);
    let holder = next(&archive, 1, NOON).expect("a slot");
    archive.operations_append(holder, vec![paint(1, 0, 0), answer(2, 1)], NOON).expect("taken");
    assert!(matches!(
        archive.submission_prepare(holder, 1, NOON),
        Err(SubmitError::RevisionConflict { revision: 2 })
    ));
    let prepared = archive.submission_prepare(holder, 2, NOON).expect("complete");
    assert_eq!((prepared.drawn.slices.as_slice(), prepared.gold.is_none()), (drawn(0).as_slice(), true));
    let stale = Holder { fencing: holder.fencing + 1, ..holder };
    assert!(matches!(archive.submission_prepare(stale, 2, NOON), Err(SubmitError::Fencing(_))));
    let receipt =
        archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON).expect("handed in");
    let again = archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON);
    assert!(matches!(again, Err(SubmitError::Changed)));
    assert_eq!(archive.submission_of(task(1), person(1)).expect("read"), Some(receipt));
    assert_eq!(next(&archive, 1, NOON), None, "the same task is never given twice");
    let sent = messages(&archive).into_iter().filter(|message| message == "scores").count();
    assert_eq!(sent, 1);
    let counts = archive.work_counts(person(1), NOON).expect("counts");
    assert_eq!((counts.submitted_today, counts.open), (1, 0));
    let stored = archive.submission(receipt.submission).expect("read").expect("there");
    assert_eq!(stored.drawn.slices, drawn(0));
    assert_eq!(stored.drawn.answers[&1], Answer::Text("CANARYANSWER".to_owned()));
    let second = next(&archive, 2, NOON).expect("the other slot");
    assert_eq!(hand_in(&archive, second, 4).others[0].drawn.slices, drawn(0));
}

#[test]
fn a_submission_that_another_overtook_is_prepared_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 2))]);
    let first = next(&archive, 1, NOON).expect("a slot");
    let second = next(&archive, 2, NOON).expect("a slot");
    archive.operations_append(first, vec![paint(1, 0, 0), answer(2, 1)], NOON).expect("taken");
    let prepared = archive.submission_prepare(first, 2, NOON).expect("complete");
    hand_in(&archive, second, 4);
    let overtaken = archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON);
    assert!(matches!(overtaken, Err(SubmitError::Changed)));
    let prepared = archive.submission_prepare(first, 2, NOON).expect("complete");
    assert_eq!(prepared.others.len(), 1);
    archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON).expect("handed in");
    assert_eq!(archive.submissions().expect("submissions").len(), 2);
}

#[test]
fn gold_is_put_or_promoted_and_told_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 2))]);
    let first = next(&archive, 1, NOON).expect("a slot");
    let submitted = hand_in(&archive, first, 0).submission;
    let mut new = NewGold {
        asset: asset.token,
        slices: drawn(15),
        labels: vec![1],
        source: GoldSource::Upload,
        person: None,
    };
    assert!(matches!(archive.gold_put(&new, NOON), Err(GoldError::OutOfGrid { k: 0 })));
    new.slices = drawn(8);
    assert_eq!(archive.gold_put(&new, NOON).expect("kept"), 1);
    assert_eq!(archive.submission_promote(submitted, person(3), NOON).expect("kept"), 2);
    let gold = archive.gold(asset.token).expect("read").expect("there");
    assert_eq!((gold.version, gold.drawn.slices), (2, drawn(0)));
    assert_eq!(gold.source, GoldSource::Promoted(submitted));
    assert_eq!(archive.gold_source(asset.token).expect("read"), Some(gold.source));
    let second = next(&archive, 2, NOON).expect("a slot");
    archive.operations_append(second, vec![answer(1, 0)], NOON).expect("taken");
    let prepared = archive.submission_prepare(second, 1, NOON).expect("complete");
    assert_eq!(prepared.gold.expect("gold").version, 2);
    let told = messages(&archive).into_iter().filter(|message| message == "Gold").count();
    assert_eq!(told, 1);
}

#[test]
fn deleting_a_study_takes_all_work_on_it_along() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let row = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, row.token, 2))]);
    let holder = next(&archive, 1, NOON).expect("a slot");
    let submission = hand_in(&archive, holder, 0).submission;
    let open_work = next(&archive, 2, NOON).expect("a slot");
    archive.operations_append(open_work, vec![paint(1, 0, 0)], NOON).expect("taken");
    archive.study_delete(row.study).expect("deleted");
    assert!(archive.submission(submission).expect("read").is_none());
    assert!(archive.submissions().expect("read").is_empty());
    assert!(archive.assets().expect("read").is_empty());
    assert!(archive.work_view(task(1), person(2)).expect("read").is_none());
    let late = archive.operations_append(open_work, vec![paint(2, 1, 4)], NOON);
    assert!(matches!(late, Err(AppendError::NotWorkable)));
    assert_eq!(next(&archive, 2, NOON), None);
    // What was read of the series before the deletion comes too late to make an asset of it.
    let told = messages(&archive).len();
    let put = archive.asset_put(&row, &AtRisk::default(), |_| Some(b"card".to_vec()));
    assert_eq!(put.expect("refused"), AssetPut::AlreadyClaimed);
    assert!(archive.assets().expect("read").is_empty());
    assert_eq!(messages(&archive).len(), told);
}

#[test]
fn an_event_of_the_worklist_counts_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let cursor = archive.worklist_cursor().expect("read").expect("a cursor");
    let asset = asset(&archive, 1);
    let item = WorklistItem::Task(ordered(1, asset.token, 1));
    assert!(!archive.worklist_apply(cursor, &item).expect("seen"));
    assert!(archive.task(task(1)).expect("read").is_none());
    let epoch = proto_ids::EpochId::from_random([2; 16]);
    let restored = agent_archive::WorklistCursor { epoch, sequence: 1 };
    assert!(archive.worklist_apply(restored, &item).expect("another epoch"));
    assert_eq!(archive.worklist_cursor().expect("read"), Some(restored));
    assert_eq!(archive.tasks().expect("read").len(), 1);
    let project = archive.projects().expect("read").remove(0);
    let instruction = archive.instruction(project.project, 1).expect("read").expect("there");
    assert_eq!(*instruction, support::instruction());
}
