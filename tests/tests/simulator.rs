//! A few seeds of the simulator; `tests/run faults` runs a thousand.

use e2e::simulator::{Tally, run};

#[test]
fn promises_are_kept_through_crashes_and_cut_lines() {
    let mut tally = Tally::default();
    for seed in 0..3 {
        tally += run(seed, 250).expect("every promise is kept");
    }
    assert!(tally.submissions > 0 && tally.gold > 0 && tally.agent_crashes > 0, "{tally:?}");
}
