//! Slots, the arbiter's place, and the states of a task.

use proptest::prelude::*;

use super::*;

fn person(byte: u8) -> PersonId {
    PersonId::from_random([byte; 16])
}

fn submission(byte: u8) -> SubmissionId {
    SubmissionId::from_random([byte; 16])
}

fn event(slot: u32, who: u8, state: LeaseState) -> LeaseEvent {
    let task = TaskId::from_random([1; 16]);
    LeaseEvent { task, person: person(who), slot, state, role: WorkRole::Annotator }
}

fn arbiter(who: u8, state: LeaseState) -> LeaseEvent {
    LeaseEvent { role: WorkRole::Arbiter, ..event(0, who, state) }
}

fn task(overlap: u32) -> (Task, Progress) {
    let id = TaskId::from_random([1; 16]);
    let task = Task {
        id,
        project: ProjectId::from_random([2; 16]),
        site: SiteId::from_random([3; 16]),
        asset: AssetToken::from_random([4; 16]),
        instruction_version: 1,
        overlap,
        gold: false,
        withdrawn: false,
        consensus: Vec::new(),
        arbitration: false,
        created_at: Timestamp::from_millis(0),
    };
    (task, Progress::new(id, overlap))
}

fn submit(progress: &mut Progress, slot: u32, who: u8) -> Result<bool, Refusal> {
    progress.submit(WorkRole::Annotator, slot, person(who), submission(who))
}

#[test]
fn a_task_goes_from_open_to_evaluated() {
    let (task, mut progress) = task(2);
    assert_eq!(task.state(&progress, None), TaskState::Open);
    progress.lease(&event(0, 1, LeaseState::Granted)).unwrap();
    assert_eq!(task.state(&progress, None), TaskState::Collecting);
    assert_eq!(submit(&mut progress, 0, 1), Ok(false));
    assert_eq!(task.state(&progress, None), TaskState::Collecting);
    assert_eq!(submit(&mut progress, 1, 2), Ok(false));
    assert_eq!(task.state(&progress, None), TaskState::Evaluated);
}

#[test]
fn a_disputed_task_goes_through_arbitration_to_resolved() {
    let (mut task, mut progress) = task(1);
    submit(&mut progress, 0, 1).unwrap();
    assert_eq!(task.state(&progress, Some(Decision::Accepted)), TaskState::Accepted);
    let disputed = Some(Decision::Disputed);
    assert_eq!(task.state(&progress, disputed), TaskState::Disputed);
    task.arbitration = true;
    assert_eq!(task.state(&progress, disputed), TaskState::Arbitration);
    progress.lease(&arbiter(2, LeaseState::Granted)).unwrap();
    assert_eq!(task.state(&progress, disputed), TaskState::Arbitration);
    assert_eq!(progress.submit(WorkRole::Arbiter, 0, person(2), submission(2)), Ok(false));
    assert_eq!(task.state(&progress, disputed), TaskState::Resolved);
    assert_eq!(progress.submissions(), [submission(1), submission(2)]);
    task.withdrawn = true;
    assert_eq!(task.state(&progress, disputed), TaskState::Withdrawn);
}

#[test]
fn late_work_on_a_slot_that_was_given_on_is_surplus() {
    let (task, mut progress) = task(1);
    progress.lease(&event(0, 1, LeaseState::Granted)).unwrap();
    progress.lease(&event(0, 1, LeaseState::Expired)).unwrap();
    progress.lease(&event(0, 2, LeaseState::Granted)).unwrap();
    assert_eq!(submit(&mut progress, 0, 1), Ok(true));
    assert_eq!(task.state(&progress, None), TaskState::Collecting);
    assert_eq!(submit(&mut progress, 0, 2), Ok(false));
    assert_eq!(progress.surplus.len(), 1);
}

#[test]
fn nobody_gets_two_places_of_a_task() {
    let (_, mut progress) = task(2);
    progress.lease(&event(0, 1, LeaseState::Granted)).unwrap();
    let refused = Err(Refusal::invalid("lease.person"));
    assert_eq!(progress.lease(&event(1, 1, LeaseState::Granted)), refused);
    assert_eq!(progress.lease(&arbiter(1, LeaseState::Granted)), refused);
    progress.lease(&arbiter(3, LeaseState::Granted)).unwrap();
    assert_eq!(progress.lease(&event(1, 3, LeaseState::Granted)), refused);
}

#[test]
fn a_place_that_the_task_does_not_have_is_refused() {
    let (_, mut progress) = task(2);
    assert_eq!(progress.lease(&event(2, 1, LeaseState::Granted)), Err(Refusal::invalid("lease.slot")));
    assert_eq!(submit(&mut progress, 7, 1), Err(Refusal::invalid("submission.slot")));
    let second = progress.submit(WorkRole::Arbiter, 1, person(1), submission(1));
    assert_eq!(second, Err(Refusal::invalid("submission.slot")));
}

#[test]
fn a_task_has_started_once_anybody_had_to_do_with_it() {
    let (_, mut progress) = task(1);
    assert!(!progress.started());
    progress.lease(&event(0, 1, LeaseState::Granted)).unwrap();
    assert!(progress.started());
    progress.lease(&event(0, 1, LeaseState::Released)).unwrap();
    assert!(!progress.started(), "work that was given back is none");
    progress.surplus.push(submission(1));
    assert!(progress.started());
}

proptest! {
    #[test]
    fn whatever_comes_nobody_holds_two_places_and_work_is_never_lost(
        events in proptest::collection::vec((0_u32..4, 1_u8..5, 0_u8..4, any::<bool>()), 0..60)
    ) {
        let (_, mut progress) = task(3);
        let mut kept = Vec::new();
        for (number, (slot, who, what, arbitrates)) in events.into_iter().enumerate() {
            let state = match what { 0 => LeaseState::Granted, 1 => LeaseState::Released, _ => LeaseState::Expired };
            let role = if arbitrates { WorkRole::Arbiter } else { WorkRole::Annotator };
            if what == 3 {
                let id = submission(u8::try_from(number).unwrap());
                if progress.submit(role, slot, person(who), id).is_ok() {
                    kept.push(id);
                }
            } else {
                let before = progress.clone();
                if progress.lease(&LeaseEvent { role, ..event(slot, who, state) }).is_err() {
                    prop_assert_eq!(&progress, &before, "what is refused changes nothing");
                }
            }
            let mut holders: Vec<_> = progress.places().filter_map(Slot::person).collect();
            let all = holders.len();
            holders.sort();
            holders.dedup();
            prop_assert_eq!(holders.len(), all);
            prop_assert!(progress.slots.len() == 3);
        }
        let mut found = progress.submissions();
        found.sort();
        kept.sort();
        prop_assert_eq!(found, kept, "each submission is in one place");
    }

    #[test]
    fn an_arbiter_never_makes_a_task_complete(
        events in proptest::collection::vec((1_u8..5, any::<bool>()), 0..20)
    ) {
        let (task, mut progress) = task(2);
        for (number, (who, submits)) in events.into_iter().enumerate() {
            if submits {
                let id = submission(u8::try_from(number).unwrap());
                progress.submit(WorkRole::Arbiter, 0, person(who), id).unwrap();
            } else {
                let _ = progress.lease(&arbiter(who, LeaseState::Granted));
            }
        }
        prop_assert_eq!(task.state(&progress, None), TaskState::Open);
        prop_assert_eq!(progress.submitted(), 0);
    }
}
