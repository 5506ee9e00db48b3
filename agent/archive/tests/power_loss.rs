//! Work through a loss of power: what was acknowledged is there, and no step is there by half.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use std::path::Path;
use std::sync::Arc;

use agent_archive::{Archive, Holder, NewConsensus, PaintRule, WorklistItem};
use agent_work::Role;
use proto_ids::SubmissionId;
use proto_journal::faults::FaultyIo;
use support::{
    HandClock, NOON, PlainMessages, answer, apply, asset, drawn, handing_in, messages, next, ordered, paint,
    person, project_of, staffed, task,
};

fn open(directory: &Path, io: &FaultyIo) -> Archive {
    let archive = Archive::open(directory, Arc::new(io.clone()), HandClock::at(NOON)).expect("a store");
    archive.messages_join(Arc::new(PlainMessages));
    archive
}

/// What was acknowledged before the power went.
#[derive(Debug, Default)]
struct Acknowledged {
    revision: u64,
    submission: Option<SubmissionId>,
    painted: bool,
    arbiter: Option<u64>,
}

/// Works until something cannot be written: strokes, handing in, a consensus, the arbiter's place.
fn work(archive: &Archive, holder: Holder) -> Acknowledged {
    let mut done = Acknowledged::default();
    for (number, operation) in (1..).zip([paint(1, 0, 0), answer(2, 1), paint(3, 2, 8)]) {
        let Ok(revision) = archive.operations_append(holder, vec![operation], NOON) else { return done };
        assert_eq!(revision, number);
        done.revision = revision;
    }
    let prepared = archive.submission_prepare(holder, 3, NOON).expect("prepared");
    let Ok(receipt) = archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON) else {
        return done;
    };
    done.submission = Some(receipt.submission);
    let new = NewConsensus {
        task: task(1),
        object_id: 1,
        rule: PaintRule::Majority,
        submissions: vec![receipt.submission],
        truth_table: vec![2],
        slices: drawn(0),
        voxels: 2,
    };
    if archive.consensus_put(&new, vec![b"painted".to_vec()], NOON).is_err() {
        return done;
    }
    done.painted = true;
    done.arbiter = archive.task_next(person(2), NOON).ok().flatten().map(|grant| grant.fencing);
    done
}

fn check(archive: &Archive, done: &Acknowledged) {
    let told = messages(archive);
    let count = |wanted: &str| told.iter().filter(|message| *message == wanted).count();
    let slots = archive.task_slots(task(1)).expect("read").expect("there");
    let submissions = archive.submissions().expect("read");
    assert_eq!(submissions.len(), count("scores"), "a submission and its message are one step");
    assert_eq!(slots.submissions().count(), submissions.len(), "so is the slot");
    assert!(done.submission.is_none() || submissions.len() == 1);
    for row in &submissions {
        let kept = archive.submission(row.submission).expect("read").expect("there");
        assert_eq!((kept.drawn.slices[0].runs.len(), kept.drawn.answers.len()), (2, 1));
    }
    let view = archive.work_view(task(1), person(1)).expect("read").expect("a view");
    assert!(view.revision >= done.revision, "an acknowledged stroke is lost");
    let consensus = archive.consensus_list().expect("read");
    assert_eq!(consensus.len(), count("painted"));
    assert!(!done.painted || consensus.len() == 1);
    for row in &consensus {
        assert_eq!(archive.consensus_get(row.task, 1).expect("read").expect("there").slices, drawn(0));
    }
    let held = slots.lease_of(person(2));
    assert_eq!(usize::from(held.is_some()), count("Granted arbiter 0"));
    if let Some(fencing) = done.arbiter {
        assert_eq!(held.map(|held| (held.role, held.lease.fencing)), Some((Role::Arbiter, fencing)));
    }
}

#[test]
fn no_step_of_work_is_lost_or_there_by_half() {
    let mut finished = 0;
    for point in (0..40).step_by(2) {
        let directory = tempfile::tempdir().expect("a directory");
        let io = FaultyIo::default();
        let archive = open(directory.path(), &io);
        staffed(&archive, &[1, 2]);
        let mut project = project_of(&[1]);
        project.arbiters = vec![person(2)];
        let asset = asset(&archive, 1);
        let mut order = ordered(1, asset.token, 1);
        order.arbitration = true;
        apply(&archive, [WorklistItem::Project(project), WorklistItem::Task(order)]);
        let holder = next(&archive, 1, NOON).expect("a slot");
        io.fail_from(io.operations() + point);
        let done = work(&archive, holder);
        finished += u64::from(done.arbiter.is_some());
        drop(archive);
        check(&open(directory.path(), &io.crash(point)), &done);
    }
    assert!((1..20).contains(&finished), "power goes before and after the end: {finished}");
}
