//! Facts about slots, leases and the arbiter's place.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use agent_work::{
    FencingRefusal, Grant, GrantRefusal, LEASE_MS, Occupancy, Role, SlotState, TaskSlots, letter,
};
use proptest::prelude::*;
use proto_ids::{PersonId, Timestamp};
use support::{NOON, person, submission, task};

const ANNA: PersonId = person(1);
const BEN: PersonId = person(2);
const CLEO: PersonId = person(3);
const LATER: Timestamp = NOON.plus_millis(LEASE_MS);

fn slot(slots: &mut TaskSlots, who: PersonId, now: Timestamp) -> Result<Grant, GrantRefusal> {
    slots.grant(who, Role::Annotator, 1, now)
}

/// A task on which Anna and Ben have handed in work that differs.
fn disputed() -> TaskSlots {
    let mut slots = TaskSlots::new(task(1), 2);
    for (number, who) in [(1, ANNA), (2, BEN)] {
        let grant = slot(&mut slots, who, NOON).unwrap();
        slots.submit(who, grant.fencing, submission(number), NOON).unwrap();
    }
    slots.arbitration = true;
    slots
}

#[test]
fn a_held_lease_is_given_again() {
    let mut slots = TaskSlots::new(task(1), 1);
    let first = slot(&mut slots, ANNA, NOON).unwrap();
    let again = slot(&mut slots, ANNA, NOON.plus_seconds(1)).unwrap();
    assert!(first.new && !again.new);
    assert_eq!((first.slot, first.fencing, first.expires_at), (again.slot, again.fencing, again.expires_at));
}

#[test]
fn a_held_slot_is_not_given_to_another() {
    let mut slots = TaskSlots::new(task(1), 1);
    slot(&mut slots, ANNA, NOON).unwrap();
    assert_eq!(slot(&mut slots, BEN, LATER.plus_millis(-1)), Err(GrantRefusal::NoFreeSlot));
    assert_eq!(slot(&mut slots, BEN, LATER).unwrap().fencing, 2);
}

#[test]
fn work_under_a_lease_that_was_given_on_is_stale() {
    let mut slots = TaskSlots::new(task(1), 1);
    let anna = slot(&mut slots, ANNA, NOON).unwrap();
    let ben = slot(&mut slots, BEN, LATER).unwrap();
    assert_eq!(slots.renew(ANNA, anna.fencing, LATER), Err(FencingRefusal::Stale));
    assert_eq!(slots.submit(ANNA, anna.fencing, submission(1), LATER), Err(FencingRefusal::Stale));
    assert!(slots.check(BEN, ben.fencing).is_ok());
    assert_eq!(slots.check(BEN, 9), Err(FencingRefusal::NotHeld));
}

#[test]
fn a_lease_that_ran_out_is_taken_up_again_until_it_is_given_on() {
    let mut slots = TaskSlots::new(task(1), 1);
    let anna = slot(&mut slots, ANNA, NOON).unwrap();
    assert_eq!(slots.expire(LATER).len(), 1);
    assert_eq!(slots.expire(LATER), []);
    let renewed = slots.renew(ANNA, anna.fencing, LATER).unwrap();
    assert!(renewed.new && renewed.expires_at == LATER.plus_millis(LEASE_MS));
    assert_eq!(slot(&mut slots, BEN, LATER), Err(GrantRefusal::NoFreeSlot));
}

#[test]
fn nobody_gets_a_task_again_after_handing_it_in() {
    let mut slots = TaskSlots::new(task(1), 2);
    let anna = slot(&mut slots, ANNA, NOON).unwrap();
    slots.submit(ANNA, anna.fencing, submission(1), NOON).unwrap();
    assert_eq!(slot(&mut slots, ANNA, NOON), Err(GrantRefusal::AlreadySubmitted));
    assert_eq!(slots.renew(ANNA, anna.fencing, NOON), Err(FencingRefusal::Submitted));
    assert_eq!(slots.submissions().collect::<Vec<_>>(), [(0, ANNA, submission(1))]);
}

#[test]
fn a_slot_that_was_given_stays_when_the_overlap_shrinks() {
    let mut slots = TaskSlots::new(task(1), 3);
    slot(&mut slots, ANNA, NOON).unwrap();
    slot(&mut slots, BEN, NOON).unwrap();
    slots.set_overlap(1);
    assert_eq!(slots.slots.len(), 2);
    slots.set_overlap(99);
    assert_eq!(slots.slots.len(), 16);
}

#[test]
fn a_lease_keeps_the_version_of_its_grant_until_it_is_moved() {
    let mut slots = TaskSlots::new(task(1), 2);
    let anna = slot(&mut slots, ANNA, NOON).unwrap();
    assert_eq!(slots.grant(ANNA, Role::Annotator, 2, NOON).unwrap().instruction_version, 1);
    let again = slots.grant(ANNA, Role::Annotator, 2, LATER).unwrap();
    assert_eq!((again.instruction_version, again.fencing), (1, anna.fencing + 1), "unfinished work");
    assert_eq!(slots.follow_version(ANNA, anna.fencing, 2), Err(FencingRefusal::Stale));
    let moved = slots.follow_version(ANNA, again.fencing, 2).unwrap();
    assert_eq!(moved.lease.instruction_version, 2);
    assert_eq!(slots.renew(ANNA, again.fencing, LATER).unwrap().instruction_version, 2);
    assert_eq!(slots.grant(BEN, Role::Annotator, 2, LATER).unwrap().instruction_version, 2);
}

#[test]
fn an_arbiter_is_somebody_who_has_no_part_in_the_task() {
    let mut slots = disputed();
    let arbiter = |slots: &mut TaskSlots, who| slots.grant(who, Role::Arbiter, 1, NOON);
    assert_eq!(arbiter(&mut slots, ANNA), Err(GrantRefusal::AlreadySubmitted));
    assert!(!slots.waits_for_arbiter(ANNA, NOON) && slots.waits_for_arbiter(CLEO, NOON));
    slots.set_overlap(3);
    let cleo = slot(&mut slots, CLEO, NOON).unwrap();
    assert_eq!(arbiter(&mut slots, CLEO), Err(GrantRefusal::OtherRole));
    assert!(!slots.waits_for_arbiter(CLEO, LATER), "a lease that ran out is one still");
    slots.release(CLEO, cleo.fencing).unwrap();
    assert!(arbiter(&mut slots, CLEO).is_ok());
    slots.arbitration = false;
    assert_eq!(arbiter(&mut slots, person(4)), Err(GrantRefusal::NoArbitration));
}

#[test]
fn who_arbitrates_gets_no_slot_of_the_task_any_more() {
    let mut slots = disputed();
    slots.set_overlap(3);
    let grant = slots.grant(CLEO, Role::Arbiter, 1, NOON).unwrap();
    assert_eq!(slot(&mut slots, CLEO, NOON), Err(GrantRefusal::OtherRole));
    slots.release(CLEO, grant.fencing).unwrap();
    assert_eq!(slot(&mut slots, CLEO, NOON), Err(GrantRefusal::OtherRole));
    assert!(slots.grant(CLEO, Role::Arbiter, 1, NOON).is_ok());
}

#[test]
fn the_arbiters_place_has_the_rules_of_a_slot_and_numbers_of_its_own() {
    let mut slots = disputed();
    let cleo = slots.grant(CLEO, Role::Arbiter, 1, NOON).unwrap();
    assert_eq!((cleo.slot, cleo.role), (0, Role::Arbiter));
    let dora = person(4);
    assert_eq!(slots.grant(dora, Role::Arbiter, 1, NOON), Err(GrantRefusal::NoFreeSlot));
    assert_eq!(slots.check(CLEO, 1), Err(FencingRefusal::Stale), "a number of an annotator opens nothing");
    assert_eq!(slots.expire(LATER).len(), 1);
    let given_on = slots.grant(dora, Role::Arbiter, 1, LATER).unwrap();
    assert!(given_on.fencing > cleo.fencing);
    assert_eq!(slots.submit(CLEO, cleo.fencing, submission(3), LATER), Err(FencingRefusal::Stale));
    slots.submit(dora, given_on.fencing, submission(4), LATER).unwrap();
    assert_eq!(slots.arbiter_submission(), Some((dora, submission(4))));
    assert_eq!(slots.submission_of(dora), Some(submission(4)));
    assert_eq!(slots.submissions().count(), 2, "an arbiter's is not one of the overlap");
    assert!(!slots.waits_for_arbiter(CLEO, LATER));
}

#[test]
fn an_arbiter_sees_the_same_letters_for_as_long_as_they_hold_the_place() {
    let mut slots = disputed();
    slots.grant(CLEO, Role::Arbiter, 1, NOON).unwrap();
    let seen = slots.blinded.clone();
    assert_eq!(seen.len(), 2);
    slots.set_overlap(3);
    let late = slot(&mut slots, person(4), NOON).unwrap();
    slots.submit(person(4), late.fencing, submission(4), NOON).unwrap();
    slots.grant(CLEO, Role::Arbiter, 1, LATER).unwrap();
    assert_eq!(slots.blinded, seen);
    assert_eq!((letter(0), letter(15)), ('A', 'P'));
}

#[test]
fn letters_do_not_follow_the_slots() {
    let orders = (1..40).map(|number| {
        let mut slots = disputed();
        slots.task = task(number);
        slots.grant(CLEO, Role::Arbiter, 1, NOON).unwrap();
        slots.blinded
    });
    let turned = orders.filter(|order| order[0] == submission(2)).count();
    assert!((8..32).contains(&turned), "{turned} of 39");
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
    Dispute(bool),
    Arbitrate(u8),
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
        any::<bool>().prop_map(Step::Dispute),
        (1..6u8).prop_map(Step::Arbitrate),
    ]
}

fn places(slots: &TaskSlots) -> Vec<SlotState> {
    slots.slots.iter().chain([&slots.arbiter]).copied().collect()
}

proptest! {
    #[test]
    fn no_place_has_two_holders_and_nobody_two_places(steps in prop::collection::vec(step(), 1..160)) {
        let mut slots = TaskSlots::new(task(1), 2);
        let mut now = NOON;
        let mut held = std::collections::BTreeMap::new();
        let mut done = std::collections::BTreeSet::new();
        let mut arbitrated = std::collections::BTreeSet::new();
        let mut numbers = std::collections::BTreeMap::new();
        for step in steps {
            let live = slots.clone();
            match step {
                Step::Wait(millis) => now = now.plus_millis(millis),
                Step::Grant(who) | Step::Arbitrate(who) => {
                    let role = if matches!(step, Step::Grant(_)) { Role::Annotator } else { Role::Arbiter };
                    if let Ok(grant) = slots.grant(person(who), role, 1, now) {
                        prop_assert!(!done.contains(&who));
                        prop_assert!(role == Role::Arbiter || !arbitrated.contains(&who));
                        let place = match role {
                            Role::Annotator => live.slots[grant.slot as usize],
                            Role::Arbiter => live.arbiter,
                        };
                        if let Occupancy::Leased(lease) = place.occupancy {
                            prop_assert!(!lease.live(now) || lease.person == person(who));
                        }
                        if grant.new {
                            prop_assert!(grant.fencing > place.last_fencing);
                            let before = numbers.insert((role, grant.slot, grant.fencing), who);
                            prop_assert_eq!(before, None, "a number is given once");
                        }
                        if role == Role::Arbiter {
                            arbitrated.insert(who);
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
                Step::Dispute(disputed) => slots.arbitration = disputed,
            }
            for (after, before) in slots.slots.iter().zip(&live.slots) {
                prop_assert!(after.last_fencing >= before.last_fencing);
            }
            prop_assert!(slots.arbiter.last_fencing >= live.arbiter.last_fencing);
            let highest = slots.slots.iter().map(|slot| slot.last_fencing).max();
            prop_assert!(highest < Some(TaskSlots::arbiter_untouched().last_fencing));
            let holders: Vec<PersonId> = places(&slots).iter().filter_map(|slot| match slot.occupancy {
                Occupancy::Free => None,
                Occupancy::Leased(lease) => Some(lease.person),
                Occupancy::Submitted { person, .. } => Some(person),
            }).collect();
            let different: std::collections::BTreeSet<_> = holders.iter().collect();
            prop_assert_eq!(different.len(), holders.len());
            let handed_in = slots.submissions().count() + slots.arbiter_submission().iter().count();
            prop_assert_eq!(handed_in, done.len());
        }
    }
}
