//! Facts about finished work under a new version: what fits, what does not, and that it is told once.

use agent_archive::WorklistItem;
use proto_instruction::{CountLimits, Geometry};

use super::*;
use crate::samples::{NOON, Place, instruction, label_map as labelled, project, stroke};

fn rechecks(place: &Place) -> Vec<Recheck> {
    let recheck = |told| if let Outbound::Recheck(recheck) = told { Some(recheck) } else { None };
    place.told().into_iter().filter_map(recheck).collect()
}

#[test]
fn finished_work_is_held_against_a_new_version_once() {
    let then = instruction(&[(1, labelled(1))]);
    let place = Place::new(&then);
    place.apply(WorklistItem::Task(place.order()));
    place.hand_in(1, vec![stroke(0, 5, 1)]);
    place.hand_in(2, vec![stroke(0, 5, 1), stroke(20, 5, 1)]);
    place.hand_in(3, Vec::new());
    recheck_all(&place.archive, NOON).unwrap();
    assert_eq!(rechecks(&place), []);
    let mut now = then;
    now.objects[0].count = CountLimits { minimum: 1, maximum: Some(1) };
    place.publish(2, &now);
    recheck_all(&place.archive, NOON).unwrap();
    recheck_all(&place.archive, NOON).unwrap();
    let expect = Recheck { project: project(), instruction_version: 2, checked: 3, failing: 2 };
    assert_eq!(rechecks(&place), [expect]);
    now.objects[0].count = CountLimits { minimum: 0, maximum: Some(1) };
    place.publish(3, &now);
    recheck_all(&place.archive, NOON).unwrap();
    let third = Recheck { instruction_version: 3, failing: 1, ..expect };
    assert_eq!(rechecks(&place), [expect, third]);
}

#[test]
fn a_label_that_means_something_else_now_counts_for_nothing() {
    let mut now = instruction(&[(2, labelled(1)), (3, Geometry::Point)]);
    now.objects[0].count.minimum = 1;
    let place = Place::new(&instruction(&[(1, labelled(1)), (2, labelled(2)), (3, Geometry::Box)]));
    place.apply(WorklistItem::Task(place.order()));
    // Label 1 was object 1 and is object 2 now; object 2 had label 2.
    place.hand_in(1, vec![stroke(0, 5, 1), stroke(20, 5, 2)]);
    place.publish(2, &now);
    recheck_all(&place.archive, NOON).unwrap();
    let expect = Recheck { project: project(), instruction_version: 2, checked: 1, failing: 1 };
    assert_eq!(rechecks(&place), [expect]);
}
