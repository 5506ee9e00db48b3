//! Facts about slots, leases and the next task.

use agent_work::{Candidate, FencingRefusal, GrantRefusal, LEASE_MS, Occupancy, TaskSlots, next_task};
use proptest::prelude::*;
use proto_ids::{PersonId, SubmissionId, TaskId, Timestamp};

const fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

const fn task(number: u8) -> TaskId {
    TaskId::from_bytes([number; 16])
}

const fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

const ANNA: PersonId = person(1);
const BEN: PersonId = person(2);
const NOON: Timestamp = at(1_000_000);
const LATER: Timestamp = NOON.plus_millis(LEASE_MS);

fn submission(number: u8) -> SubmissionId {
    SubmissionId::from_bytes([number; 16])
}

#[test]
fn a_held_lease_is_given_again() {
    let mut slots = TaskSlots::new(task(1), 1);
    let first = slots.grant(ANNA, NOON).unwrap();
    let again = slots.grant(ANNA, NOON.plus_seconds(1)).unwrap();
    assert!(first.new && !again.new);
    assert_eq!((first.slot, first.fencing, first.expires_at), (again.slot, again.fencing, again.expires_at));
}

#[test]
fn a_held_slot_is_not_given_to_another() {
    let mut slots = TaskSlots::new(task(1), 1);
    slots.grant(ANNA, NOON).unwrap();
    assert_eq!(slots.grant(BEN, LATER.plus_millis(-1)), Err(GrantRefusal::NoFreeSlot));
    assert_eq!(slots.grant(BEN, LATER).unwrap().fencing, 2);
}

#[test]
fn work_under_a_lease_that_was_given_on_is_stale() {
    let mut slots = TaskSlots::new(task(1), 1);
    let anna = slots.grant(ANNA, NOON).unwrap();
    let ben = slots.grant(BEN, LATER).unwrap();
    assert_eq!(slots.renew(ANNA, anna.fencing, LATER), Err(FencingRefusal::Stale));
    assert_eq!(slots.submit(ANNA, anna.fencing, submission(1), LATER), Err(FencingRefusal::Stale));
    assert!(slots.check(BEN, ben.fencing).is_ok());
    assert_eq!(slots.check(BEN, 9), Err(FencingRefusal::NotHeld));
}

#[test]
fn a_lease_that_ran_out_is_taken_up_again_until_it_is_given_on() {
    let mut slots = TaskSlots::new(task(1), 1);
    let anna = slots.grant(ANNA, NOON).unwrap();
    assert_eq!(slots.expire(LATER).len(), 1);
    assert_eq!(slots.expire(LATER), []);
    let renewed = slots.renew(ANNA, anna.fencing, LATER).unwrap();
    assert!(renewed.new && renewed.expires_at == LATER.plus_millis(LEASE_MS));
    assert_eq!(slots.grant(BEN, LATER), Err(GrantRefusal::NoFreeSlot));
}

#[test]
fn nobody_gets_a_task_again_after_handing_it_in() {
    let mut slots = TaskSlots::new(task(1), 2);
    let anna = slots.grant(ANNA, NOON).unwrap();
    slots.submit(ANNA, anna.fencing, submission(1), NOON).unwrap();
    assert_eq!(slots.grant(ANNA, NOON), Err(GrantRefusal::AlreadySubmitted));
    assert_eq!(slots.renew(ANNA, anna.fencing, NOON), Err(FencingRefusal::Submitted));
    assert_eq!(slots.submissions().collect::<Vec<_>>(), [(0, ANNA, submission(1))]);
}

#[test]
fn a_slot_that_was_given_stays_when_the_overlap_shrinks() {
    let mut slots = TaskSlots::new(task(1), 3);
    slots.grant(ANNA, NOON).unwrap();
    slots.grant(BEN, NOON).unwrap();
    slots.set_overlap(1);
    assert_eq!(slots.slots.len(), 2);
    slots.set_overlap(99);
    assert_eq!(slots.slots.len(), 16);
}

fn next(tasks: &[&TaskSlots], who: PersonId, now: Timestamp) -> Option<TaskId> {
    let candidates = (0..).zip(tasks).map(|(ordered, slots)| Candidate { slots, ordered });
    next_task(candidates, who, now)
}

#[test]
fn the_next_task_is_the_one_that_is_nearest_to_done() {
    let (mut old, mut begun) = (TaskSlots::new(task(1), 2), TaskSlots::new(task(2), 2));
    assert_eq!(next(&[&old, &begun], ANNA, NOON), Some(task(1)));
    begun.grant(BEN, NOON).unwrap();
    assert_eq!(next(&[&old, &begun], ANNA, NOON), Some(task(2)));
    old.grant(ANNA, NOON).unwrap();
    assert_eq!(next(&[&old, &begun], ANNA, NOON), Some(task(1)));
    assert_eq!(next(&[&old, &begun], ANNA, LATER), Some(task(1)), "unfinished work comes first");
}

#[test]
fn a_skipped_task_comes_last_and_comes_back() {
    let (mut skipped, other) = (TaskSlots::new(task(1), 1), TaskSlots::new(task(2), 5));
    let grant = skipped.grant(ANNA, NOON).unwrap();
    skipped.release(ANNA, grant.fencing).unwrap();
    assert_eq!(next(&[&skipped, &other], ANNA, NOON), Some(task(2)));
    assert_eq!(next(&[&skipped], ANNA, NOON), Some(task(1)));
    assert_eq!(next(&[&skipped, &other], BEN, NOON), Some(task(1)));
}

#[test]
fn there_is_no_next_task_when_all_slots_are_held_or_done() {
    let mut slots = TaskSlots::new(task(1), 1);
    let grant = slots.grant(ANNA, NOON).unwrap();
    assert_eq!(next(&[&slots], BEN, NOON), None);
    slots.submit(ANNA, grant.fencing, submission(1), NOON).unwrap();
    assert_eq!(next(&[&slots], ANNA, LATER), None);
    assert_eq!(next(&[&slots], BEN, LATER), None);
}

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Grant(u8),
    Renew(u8),
    Release(u8),
    Submit(u8),
    Expire,
    Overlap(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..LEASE_MS).prop_map(Step::Wait),
        (1..6u8).prop_map(Step::Grant),
        (1..6u8).prop_map(Step::Renew),
        (1..6u8).prop_map(Step::Release),
        (1..6u8).prop_map(Step::Submit),
        Just(Step::Expire),
        (1..5u32).prop_map(Step::Overlap),
    ]
}

proptest! {
    #[test]
    fn no_slot_has_two_holders_and_nobody_two_slots(steps in prop::collection::vec(step(), 1..120)) {
        let mut slots = TaskSlots::new(task(1), 2);
        let mut now = NOON;
        let mut held = std::collections::BTreeMap::new();
        let mut done = std::collections::BTreeSet::new();
        for step in steps {
            let before: Vec<u64> = slots.slots.iter().map(|slot| slot.last_fencing).collect();
            let live = slots.clone();
            match step {
                Step::Wait(millis) => now = now.plus_millis(millis),
                Step::Grant(who) => {
                    if let Ok(grant) = slots.grant(person(who), now) {
                        prop_assert!(!done.contains(&who));
                        if let Occupancy::Leased(lease) = live.slots[grant.slot as usize].occupancy {
                            prop_assert!(!lease.live(now) || lease.person == person(who));
                        }
                        if grant.new {
                            prop_assert!(grant.fencing > before[grant.slot as usize]);
                        }
                        held.insert(who, grant.fencing);
                    }
                }
                Step::Renew(who) => {
                    let _ = slots.renew(person(who), held.get(&who).copied().unwrap_or(0), now);
                }
                Step::Release(who) => {
                    let _ = slots.release(person(who), held.get(&who).copied().unwrap_or(0));
                }
                Step::Submit(who) => {
                    let fencing = held.get(&who).copied().unwrap_or(0);
                    if slots.submit(person(who), fencing, submission(who), now).is_ok() {
                        prop_assert!(done.insert(who), "handed in twice");
                    }
                }
                Step::Expire => {
                    slots.expire(now);
                }
                Step::Overlap(overlap) => slots.set_overlap(overlap),
            }
            for (after, before) in slots.slots.iter().zip(before) {
                prop_assert!(after.last_fencing >= before);
            }
            let holders: Vec<PersonId> = slots.slots.iter().filter_map(|slot| match slot.occupancy {
                Occupancy::Free => None,
                Occupancy::Leased(lease) => Some(lease.person),
                Occupancy::Submitted { person, .. } => Some(person),
            }).collect();
            let different: std::collections::BTreeSet<_> = holders.iter().collect();
            prop_assert_eq!(different.len(), holders.len());
            prop_assert_eq!(slots.submissions().count(), done.len());
        }
    }
}
