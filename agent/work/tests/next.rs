//! Facts about the next task: its order, arbitration, and hidden tests among the others.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

mod support;

use std::collections::BTreeMap;

use agent_work::{Candidate, Choice, GoldPolicy, LEASE_MS, Role, Seeker, TaskSlots, gold_draw, next_task};
use proptest::prelude::*;
use proto_ids::{AssetToken, PersonId, ProjectId, TaskId, Timestamp};
use support::{NOON, person, submission, task};

const ANNA: PersonId = person(1);
const BEN: PersonId = person(2);
const CLEO: PersonId = person(3);
const LATER: Timestamp = NOON.plus_millis(LEASE_MS);
const PROJECT: ProjectId = ProjectId::from_bytes([9; 16]);

/// A task with what the control plane says of it.
#[derive(Debug, Clone)]
struct Order {
    slots: TaskSlots,
    asset: u8,
    gold: bool,
}

fn order(number: u8, overlap: u32) -> Order {
    Order { slots: TaskSlots::new(task(number), overlap), asset: number, gold: false }
}

fn test(number: u8, asset: u8) -> Order {
    Order { asset, gold: true, ..order(number, 3) }
}

/// A site with one project, and what everybody was given.
#[derive(Debug, Default)]
struct Site {
    policy: GoldPolicy,
    arbiters: Vec<PersonId>,
    drawn: BTreeMap<PersonId, u64>,
    seen: BTreeMap<PersonId, BTreeMap<(ProjectId, AssetToken), TaskId>>,
}

impl Site {
    fn next(&self, orders: &[Order], who: PersonId, now: Timestamp) -> Option<Choice> {
        let policies = BTreeMap::from([(PROJECT, self.policy)]);
        let drawn = self.drawn.get(&who).map(|count| (PROJECT, *count)).into_iter().collect();
        let seen = self.seen.get(&who).cloned().unwrap_or_default();
        let seeker = Seeker { person: who, policies: &policies, drawn: &drawn, seen: &seen };
        let candidates: Vec<Candidate<'_>> = (0..)
            .zip(orders)
            .map(|(ordered, order)| Candidate {
                slots: &order.slots,
                ordered,
                project: PROJECT,
                asset: AssetToken::from_bytes([order.asset; 16]),
                gold: order.gold,
                annotator: true,
                arbiter: self.arbiters.contains(&who),
            })
            .collect();
        next_task(&candidates, &seeker, now)
    }

    /// Gives the next task, as the archive does.
    fn give(&mut self, orders: &mut [Order], who: PersonId, now: Timestamp) -> Option<Choice> {
        let choice = self.next(orders, who, now)?;
        let order = orders.iter_mut().find(|order| order.slots.task == choice.task)?;
        order.slots.grant(who, choice.role, 1, now).expect("what is offered can be granted");
        if choice.draw.is_some() {
            *self.drawn.entry(who).or_default() += 1;
            if order.gold {
                let asset = (PROJECT, AssetToken::from_bytes([order.asset; 16]));
                self.seen.entry(who).or_default().insert(asset, choice.task);
            }
        }
        Some(choice)
    }
}

fn hand_in(order: &mut Order, who: PersonId, number: u8) {
    let fencing = order.slots.lease_of(who).expect("a lease").lease.fencing;
    order.slots.submit(who, fencing, submission(number), NOON).expect("handed in");
}

fn hold(order: &mut Order, who: PersonId) {
    order.slots.grant(who, Role::Annotator, 1, NOON).expect("a slot");
}

#[test]
fn the_next_task_is_the_one_that_is_nearest_to_done() {
    let site = Site::default();
    let next = |orders: &[Order], now| site.next(orders, ANNA, now).map(|choice| choice.task);
    let mut orders = [order(1, 2), order(2, 2)];
    assert_eq!(next(&orders, NOON), Some(task(1)));
    hold(&mut orders[1], BEN);
    assert_eq!(next(&orders, NOON), Some(task(2)));
    hold(&mut orders[0], ANNA);
    assert_eq!(next(&orders, NOON), Some(task(1)));
    assert_eq!(next(&orders, LATER), Some(task(1)), "unfinished work comes first");
    assert_eq!(site.next(&orders, ANNA, NOON).and_then(|choice| choice.draw), None, "nothing new is given");
}

#[test]
fn a_skipped_task_comes_last_and_comes_back() {
    let site = Site::default();
    let mut orders = [order(1, 1), order(2, 5)];
    hold(&mut orders[0], ANNA);
    let fencing = orders[0].slots.lease_of(ANNA).unwrap().lease.fencing;
    orders[0].slots.release(ANNA, fencing).unwrap();
    assert_eq!(site.next(&orders, ANNA, NOON).unwrap().task, task(2));
    assert_eq!(site.next(&orders[..1], ANNA, NOON).unwrap().task, task(1));
    assert_eq!(site.next(&orders, BEN, NOON).unwrap().task, task(1));
}

#[test]
fn there_is_no_next_task_when_all_slots_are_held_or_done() {
    let site = Site::default();
    let mut orders = [order(1, 1)];
    hold(&mut orders[0], ANNA);
    assert_eq!(site.next(&orders, BEN, NOON), None);
    hand_in(&mut orders[0], ANNA, 1);
    assert_eq!(site.next(&orders, ANNA, LATER), None);
    assert_eq!(site.next(&orders, BEN, LATER), None);
}

#[test]
fn arbitration_comes_before_new_work_and_after_ones_own() {
    let mut site = Site { arbiters: vec![ANNA, CLEO], ..Site::default() };
    let mut orders = [order(1, 2), order(2, 1), order(3, 1)];
    for (number, who) in [(1, ANNA), (2, BEN)] {
        hold(&mut orders[0], who);
        hand_in(&mut orders[0], who, number);
    }
    orders[0].slots.arbitration = true;
    assert_eq!(site.next(&orders, ANNA, NOON).unwrap().task, task(2), "she has submitted");
    assert_eq!(site.next(&orders, BEN, NOON).unwrap().task, task(2), "he is no arbiter");
    hold(&mut orders[1], CLEO);
    assert_eq!(site.next(&orders, CLEO, NOON).unwrap().task, task(2), "her own comes first");
    hand_in(&mut orders[1], CLEO, 3);
    let choice = site.give(&mut orders, CLEO, NOON).unwrap();
    assert_eq!((choice.task, choice.role, choice.draw), (task(1), Role::Arbiter, None));
    assert_eq!(site.next(&orders, CLEO, NOON).unwrap().role, Role::Arbiter, "she holds it now");
    hand_in(&mut orders[0], CLEO, 4);
    assert_eq!(site.next(&orders, CLEO, NOON).unwrap().task, task(3));
}

#[test]
fn tests_are_given_by_the_draw_alone_where_they_are_mixed_in() {
    let mut site = Site { policy: GoldPolicy { percent: 30, seed: 7 }, ..Site::default() };
    let mut orders: Vec<Order> = (1..100).map(|number| order(number, 1)).collect();
    orders.extend((100..200).map(|number| test(number, number)));
    for number in 0..99 {
        let expect = gold_draw(7, ANNA, number) < 0.3;
        let choice = site.give(&mut orders, ANNA, NOON).unwrap();
        let draw = choice.draw.unwrap();
        assert_eq!((draw.number, draw.gold, draw.percent), (number, expect, 30));
        let order = orders.iter_mut().find(|order| order.slots.task == choice.task).unwrap();
        assert_eq!(order.gold, expect);
        hand_in(order, ANNA, 1);
    }
}

#[test]
fn nothing_more_is_given_when_only_tests_are_left() {
    let mut site = Site { policy: GoldPolicy { percent: 50, seed: 1 }, ..Site::default() };
    let mut orders = [test(1, 1), test(2, 2)];
    assert_eq!(site.give(&mut orders, ANNA, NOON), None);
    site.policy.percent = 0;
    let choice = site.give(&mut orders, ANNA, NOON).unwrap();
    assert!(choice.draw.unwrap().gold, "without a share they are given like others");
}

#[test]
fn a_test_that_was_skipped_comes_back_like_any_other_task() {
    let mut site = Site { policy: GoldPolicy { percent: 50, seed: 1 }, ..Site::default() };
    let mut orders = vec![test(1, 1)];
    orders.extend((2..40).map(|number| order(number, 1)));
    let mut back = Vec::new();
    while let Some(choice) = site.give(&mut orders, ANNA, NOON) {
        let order = orders.iter_mut().find(|order| order.slots.task == choice.task).unwrap();
        if order.gold && back.is_empty() {
            let fencing = order.slots.lease_of(ANNA).unwrap().lease.fencing;
            order.slots.release(ANNA, fencing).unwrap();
        } else {
            hand_in(order, ANNA, 1);
        }
        if order.gold {
            back.push(choice.task);
        }
    }
    assert_eq!(back, [task(1), task(1)]);
}

/// Who has seen the pictures as other work would know the test, and may even be tested against their own.
#[test]
fn nobody_is_tested_with_pictures_that_they_worked_on() {
    let mut site = Site { policy: GoldPolicy { percent: 50, seed: 1 }, ..Site::default() };
    let number = (0..).find(|number| gold_draw(1, ANNA, *number) < 0.5).unwrap();
    site.drawn.insert(ANNA, number);
    let mut orders = [test(1, 3), test(2, 2), order(3, 1), order(4, 1)];
    assert_eq!(site.next(&orders, ANNA, NOON).unwrap().task, task(1));
    hold(&mut orders[2], ANNA);
    let fencing = orders[2].slots.lease_of(ANNA).unwrap().lease.fencing;
    orders[2].slots.release(ANNA, fencing).unwrap();
    assert_eq!(site.next(&orders, ANNA, NOON).unwrap().task, task(2), "task 3 is of the pictures of test 1");
}

#[test]
fn the_test_with_the_fewest_submissions_is_drawn_then_the_oldest() {
    let mut site = Site { policy: GoldPolicy { percent: 50, seed: 1 }, ..Site::default() };
    let number = (0..).find(|number| gold_draw(1, ANNA, *number) < 0.5).unwrap();
    site.drawn.insert(ANNA, number);
    let mut orders = [test(1, 1), test(2, 2), test(3, 3), order(4, 1)];
    hold(&mut orders[0], BEN);
    hand_in(&mut orders[0], BEN, 1);
    assert_eq!(site.next(&orders, ANNA, NOON).unwrap().task, task(2));
    hold(&mut orders[1], BEN);
    assert_eq!(site.next(&orders, ANNA, NOON).unwrap().task, task(2), "a lease is no submission");
}

proptest! {
    #[test]
    fn nobody_gets_two_tests_of_one_asset(
        assets in prop::collection::vec(0..4u8, 1..12),
        plain in 0..20u8,
        percent in prop::sample::select(vec![0, 10, 50]),
        skips in prop::collection::vec(any::<bool>(), 60),
        seed in any::<u64>(),
    ) {
        let mut site = Site { policy: GoldPolicy { percent, seed }, ..Site::default() };
        let mut orders: Vec<Order> = (100..).zip(assets).map(|(number, asset)| test(number, asset)).collect();
        orders.extend((0..plain).map(|number| order(number, 1)));
        let mut given: BTreeMap<(PersonId, u8), TaskId> = BTreeMap::new();
        for (turn, skip) in skips.into_iter().enumerate() {
            let who = if turn % 2 == 0 { ANNA } else { BEN };
            let Some(choice) = site.give(&mut orders, who, NOON) else { continue };
            let order = orders.iter_mut().find(|order| order.slots.task == choice.task).unwrap();
            if order.gold {
                let first = *given.entry((who, order.asset)).or_insert(choice.task);
                prop_assert_eq!(first, choice.task);
            }
            let fencing = order.slots.lease_of(who).unwrap().lease.fencing;
            if skip {
                order.slots.release(who, fencing).unwrap();
            } else {
                hand_in(order, who, 1);
            }
        }
    }
}

#[test]
fn draws_have_known_values() {
    let ordered: [u8; 16] = std::array::from_fn(|index| index as u8);
    let known = [
        (0, [0; 16], 0, 0.5776646582532292),
        (7, [1; 16], 0, 0.07875052317246149),
        (7, [1; 16], 1, 0.9465927499177168),
        (0x0123_4567_89ab_cdef, ordered, (1 << 40) + 5, 0.6711695499607203),
    ];
    for (seed, person, number, drawn) in known {
        assert_eq!(gold_draw(seed, PersonId::from_bytes(person), number), drawn);
    }
}

/// Pearson's statistic over 20 cells has 19 degrees of freedom; 43.8 is its 0.999 quantile.
#[test]
fn draws_are_uniform_over_numbers_people_and_seeds() {
    let statistic = |draws: Vec<f64>| -> f64 {
        let mut cells = [0u32; 20];
        for drawn in &draws {
            cells[(drawn * 20.0) as usize] += 1;
        }
        let expected = draws.len() as f64 / 20.0;
        cells.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    };
    let numbers = (0..20_000).map(|number| gold_draw(7, ANNA, number)).collect();
    let people =
        (0..20_000u128).map(|who| gold_draw(7, PersonId::from_bytes(who.to_be_bytes()), 0)).collect();
    let seeds = (0..20_000).map(|seed| gold_draw(seed, ANNA, 0)).collect();
    for draws in [numbers, people, seeds] {
        let found = statistic(draws);
        assert!(found < 43.8, "{found}");
    }
}
