//! Cases drawn by chance. Their expectation is what this evaluator finds.

use crate::case::Case;
use crate::common::draw::{Chance, instruction, work};

const CASES: u64 = 150;

pub(crate) fn cases() -> Vec<Case> {
    (1..=CASES).map(case).collect()
}

fn case(seed: u64) -> Case {
    let mut chance = Chance(seed);
    let drawn = instruction(&mut chance);
    let work = work(&mut chance, &drawn);
    let mut case = Case::new(&format!("drawn {seed}"), &drawn);
    (case.answers, case.statements, case.facts) = (work.answers, work.statements, work.facts);
    (case.asked, case.findings) = case.evaluate();
    case
}
