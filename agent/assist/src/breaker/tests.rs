//! Facts about circuit breakers.

use super::*;
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

fn policy() -> Policy {
    Policy { failures: 3, rest: SECOND * 10, rest_max: SECOND * 35 }
}

fn failed(breaker: &mut Breaker, now: Duration) {
    let permit = breaker.ask(now).unwrap();
    breaker.tell(permit, Outcome::Unwell, now);
}

#[test]
fn failures_in_a_row_open_it_and_a_success_between_starts_over() {
    let mut breaker = Breaker::new(policy());
    failed(&mut breaker, SECOND);
    failed(&mut breaker, SECOND);
    let permit = breaker.ask(SECOND).unwrap();
    breaker.tell(permit, Outcome::Well, SECOND);
    failed(&mut breaker, SECOND);
    failed(&mut breaker, SECOND);
    assert_eq!(breaker.resting(SECOND), None);
    failed(&mut breaker, SECOND);
    assert_eq!(breaker.ask(SECOND * 4), Err(SECOND * 7));
    assert_eq!(breaker.resting(SECOND * 4), Some(SECOND * 7));
}

#[test]
fn after_the_rest_one_call_is_tried_and_decides() {
    let mut breaker = Breaker::new(policy());
    (0..3).for_each(|_| failed(&mut breaker, SECOND));
    let probe = breaker.ask(SECOND * 11).unwrap();
    assert_eq!(breaker.ask(SECOND * 11), Err(Duration::ZERO));
    breaker.tell(probe, Outcome::Abandoned, SECOND * 12);
    let probe = breaker.ask(SECOND * 12).unwrap();
    breaker.tell(probe, Outcome::Unwell, SECOND * 12);
    assert_eq!(breaker.ask(SECOND * 13), Err(SECOND * 19), "the rest is doubled");
    let probe = breaker.ask(SECOND * 32).unwrap();
    breaker.tell(probe, Outcome::Well, SECOND * 32);
    failed(&mut breaker, SECOND * 33);
    assert!(breaker.ask(SECOND * 33).is_ok(), "one failure does not open a closed one");
}

#[test]
fn a_call_from_before_it_opened_does_not_close_it() {
    let mut breaker = Breaker::new(policy());
    let slow = breaker.ask(SECOND).unwrap();
    (0..3).for_each(|_| failed(&mut breaker, SECOND));
    breaker.tell(slow, Outcome::Well, SECOND * 2);
    assert_eq!(breaker.ask(SECOND * 2), Err(SECOND * 9));
}

#[test]
fn a_breaker_that_was_closed_by_hand_does_not_hear_of_calls_from_before() {
    let mut breaker = Breaker::new(policy());
    let slow = breaker.ask(SECOND).unwrap();
    (0..3).for_each(|_| failed(&mut breaker, SECOND));
    breaker.close();
    breaker.tell(slow, Outcome::Unwell, SECOND);
    failed(&mut breaker, SECOND);
    failed(&mut breaker, SECOND);
    assert_eq!(breaker.resting(SECOND), None, "two failures in a row since then");
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Ask,
    Tell(usize, Outcome),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![Just(Outcome::Well), Just(Outcome::Unwell), Just(Outcome::Abandoned)];
    prop_oneof![
        (0..20_u64).prop_map(Step::Wait),
        Just(Step::Ask),
        (any::<usize>(), outcome).prop_map(|(which, outcome)| Step::Tell(which, outcome)),
    ]
}

proptest! {
    #[test]
    fn it_never_lets_calls_through_while_open_nor_two_while_half_open(
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let mut breaker = Breaker::new(policy());
        let mut now = Duration::ZERO;
        let mut under_way: Vec<Permit> = Vec::new();
        for step in steps {
            match step {
                Step::Wait(seconds) => now += SECOND * seconds as u32,
                Step::Ask => {
                    let before = breaker.clone();
                    let asked = breaker.ask(now);
                    prop_assert_eq!(asked.is_err(), before.resting(now).is_some());
                    match asked {
                        Ok(permit) => under_way.push(permit),
                        Err(wait) => prop_assert!(wait <= policy().rest_max),
                    }
                    if let State::HalfOpen { .. } = breaker.state {
                        let probes = under_way.iter().filter(|permit| permit.era == breaker.era).count();
                        prop_assert_eq!(probes, 1);
                    }
                }
                Step::Tell(which, outcome) if !under_way.is_empty() => {
                    let permit = under_way.swap_remove(which % under_way.len());
                    let before = breaker.clone();
                    breaker.tell(permit, outcome, now);
                    if permit.era != before.era {
                        prop_assert_eq!(breaker.state, before.state);
                    } else if outcome == Outcome::Well {
                        prop_assert_eq!(breaker.state, State::Closed { failures: 0 });
                    }
                }
                Step::Tell(..) => {}
            }
        }
        // Whatever happened, once every call has ended it can be asked after the longest rest.
        under_way.into_iter().for_each(|permit| breaker.tell(permit, Outcome::Abandoned, now));
        prop_assert!(breaker.ask(now + policy().rest_max).is_ok());
    }

    #[test]
    fn it_opens_exactly_at_the_failure_that_the_policy_says(failures in 1..20_u32) {
        let mut breaker = Breaker::new(Policy { failures, ..policy() });
        for _ in 1..failures {
            failed(&mut breaker, SECOND);
        }
        prop_assert_eq!(breaker.resting(SECOND), None);
        failed(&mut breaker, SECOND);
        prop_assert_eq!(breaker.resting(SECOND), Some(policy().rest));
    }
}
