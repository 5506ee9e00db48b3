//! What an edit means for work.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::collections::BTreeSet;

use common::draw::{self, Chance};
use common::{
    all, below, choice, counted, instruction, label_map, limited, not, number, object, required, rule, scale,
    stated, text, warned, when, yes, yes_no,
};
use proptest::prelude::*;
use proto_instruction::EditClass::{Breaking, Cosmetic, Narrowing, Widening};
use proto_instruction::{
    Block, Code, Condition, Edit, EditClass, EditSubject, Geometry, Inline, Instruction, Object,
    ObjectLimits, Question, QuestionKind, Severity, edit_class, edits,
};

/// Object 1 with limits, question 1, rule 1.
fn old() -> Instruction {
    let limits = ObjectLimits {
        minimum_diameter_mm: Some(3.0),
        maximum_diameter_mm: Some(30.0),
        maximum_slices: Some(9),
        ..ObjectLimits::default()
    };
    let object = counted(limited(label_map(1), limits), 1, Some(3));
    instruction(
        vec![object, label_map(2)],
        vec![choice(1, &[1, 2]), yes_no(2)],
        vec![rule(1, Severity::Warn, yes(2))],
    )
}

fn changed(change: impl FnOnce(&mut Instruction)) -> Vec<Edit> {
    let mut new = old();
    change(&mut new);
    edits(&old(), &new)
}

/// The only edit.
fn one(change: impl FnOnce(&mut Instruction)) -> (EditClass, EditSubject, String) {
    let mut found = changed(change);
    assert_eq!(found.len(), 1, "{found:?}");
    let edit = found.remove(0);
    (edit.class, edit.subject, edit.what)
}

fn class(change: impl FnOnce(&mut Instruction)) -> EditClass {
    one(change).0
}

fn object_class(change: impl FnOnce(&mut Object)) -> EditClass {
    let (class, subject, _) = one(|new| change(&mut new.objects[0]));
    assert_eq!(subject, EditSubject::Object(1));
    class
}

fn limits_class(change: impl FnOnce(&mut ObjectLimits)) -> EditClass {
    object_class(|object| change(&mut object.limits))
}

/// The class of changing one question into another.
fn question_class(old: Question, new: Question) -> EditClass {
    let with = |question| instruction(Vec::new(), vec![yes_no(9), question], Vec::new());
    edit_class(&edits(&with(old), &with(new)))
}

#[test]
fn words_and_looks_are_cosmetic() {
    assert_eq!(class(|new| new.title = "Lungs".into()), Cosmetic);
    assert_eq!(
        class(|new| new.body = vec![Block::Paragraph { inlines: vec![Inline::Text("x".into())] }]),
        Cosmetic
    );
    assert_eq!(class(|new| new.objects.swap(0, 1)), Cosmetic);
    assert_eq!(class(|new| new.questions.swap(0, 1)), Cosmetic);
    assert_eq!(object_class(|object| object.name = "Lung".into()), Cosmetic);
    assert_eq!(object_class(|object| object.help = "Left".into()), Cosmetic);
    assert_eq!(object_class(|object| object.colour = "#102030".parse().unwrap()), Cosmetic);
    assert_eq!(object_class(|object| object.hotkey = Some('l')), Cosmetic);
    assert_eq!(
        object_class(|object| object.geometry = Geometry::LabelMap { label: 1, tolerance_mm: 9.0 }),
        Cosmetic
    );
    assert_eq!(class(|new| new.questions[0].prompt = "Side?".into()), Cosmetic);
    assert_eq!(class(|new| new.questions[0].help = "Yours".into()), Cosmetic);
    assert_eq!(class(|new| new.rules[0].message = "Look again".into()), Cosmetic);
    assert_eq!(question_class(choice(1, &[1, 2]), choice(1, &[2, 1])), Cosmetic);
}

#[test]
fn what_asks_for_less_or_for_nothing_is_widening() {
    assert_eq!(class(|new| new.objects.push(object(5, Geometry::Box))), Widening);
    assert_eq!(class(|new| new.questions.push(yes_no(5))), Widening);
    assert_eq!(class(|new| new.rules.clear()), Widening);
    assert_eq!(object_class(|object| object.count.minimum = 0), Widening);
    assert_eq!(object_class(|object| object.count.maximum = Some(4)), Widening);
    assert_eq!(object_class(|object| object.count.maximum = None), Widening);
    assert_eq!(object_class(|object| object.severity = Severity::Warn), Widening);
    assert_eq!(limits_class(|limits| limits.minimum_diameter_mm = Some(2.0)), Widening);
    assert_eq!(limits_class(|limits| limits.maximum_diameter_mm = Some(31.0)), Widening);
    assert_eq!(limits_class(|limits| limits.maximum_slices = None), Widening);
    assert_eq!(question_class(required(yes_no(1)), yes_no(1)), Widening);
    assert_eq!(question_class(choice(1, &[1, 2]), choice(1, &[1, 2, 3])), Widening);
    assert_eq!(question_class(text(1, 5), text(1, 6)), Widening);
    assert_eq!(question_class(when(yes_no(1), yes(9)), yes_no(1)), Widening);
    assert_eq!(question_class(below(yes_no(1), 9, 1), yes_no(1)), Widening);
}

#[test]
fn what_asks_for_more_is_narrowing() {
    assert_eq!(class(|new| new.objects.push(counted(label_map(5), 1, None))), Narrowing);
    assert_eq!(class(|new| new.objects.push(stated(label_map(5)))), Narrowing);
    assert_eq!(class(|new| new.objects.push(object(5, Geometry::Classification))), Narrowing);
    assert_eq!(class(|new| new.questions.push(required(yes_no(5)))), Narrowing);
    assert_eq!(class(|new| new.rules.push(rule(5, Severity::Warn, yes(2)))), Narrowing);
    assert_eq!(class(|new| new.rules[0].must_hold = not(yes(2))), Narrowing);
    assert_eq!(class(|new| new.rules[0].severity = Severity::Refuse), Narrowing);
    assert_eq!(object_class(|object| object.count.minimum = 2), Narrowing);
    assert_eq!(object_class(|object| object.count.maximum = Some(2)), Narrowing);
    assert_eq!(object_class(|object| object.must_state = true), Narrowing);
    assert_eq!(limits_class(|limits| limits.minimum_diameter_mm = Some(4.0)), Narrowing);
    assert_eq!(limits_class(|limits| limits.maximum_diameter_mm = Some(29.0)), Narrowing);
    assert_eq!(limits_class(|limits| limits.minimum_volume_mm3 = Some(1.0)), Narrowing);
    assert_eq!(limits_class(|limits| limits.maximum_elongation = Some(4.0)), Narrowing);
    assert_eq!(limits_class(|limits| limits.no_cavities = true), Narrowing);
    assert_eq!(question_class(yes_no(1), required(yes_no(1))), Narrowing);
    assert_eq!(question_class(choice(1, &[1, 2]), choice(1, &[1])), Narrowing);
    assert_eq!(question_class(text(1, 5), text(1, 4)), Narrowing);
    assert_eq!(question_class(yes_no(1), when(yes_no(1), yes(9))), Narrowing);
    assert_eq!(question_class(when(yes_no(1), yes(9)), when(yes_no(1), not(yes(9)))), Narrowing);
    assert_eq!(question_class(required(when(yes_no(1), yes(9))), required(yes_no(1))), Narrowing);
    assert_eq!(question_class(below(yes_no(1), 9, 1), below(yes_no(1), 9, 2)), Narrowing);
    assert_eq!(class(|new| new.questions.truncate(1)), Narrowing);
}

#[test]
fn what_means_another_thing_is_breaking() {
    assert_eq!(class(|new| new.objects.truncate(1)), Breaking);
    assert_eq!(object_class(|object| object.key = "lung".into()), Breaking);
    assert_eq!(object_class(|object| object.geometry = Geometry::Box), Breaking);
    assert_eq!(
        object_class(|object| object.geometry = Geometry::LabelMap { label: 7, tolerance_mm: 1.0 }),
        Breaking
    );
    assert_eq!(question_class(yes_no(1), choice(1, &[1, 2])), Breaking);
    assert_eq!(question_class(number(1, 0.0, 5.0, 1.0), number(1, 0.0, 5.0, 0.5)), Breaking);
    assert_eq!(question_class(number(1, 0.0, 5.0, 1.0), number(1, 0.0, 6.0, 1.0)), Breaking);
    assert_eq!(question_class(scale(1, 1, 5), scale(1, 0, 5)), Breaking);
    let mut inches = number(1, 0.0, 5.0, 1.0);
    if let QuestionKind::Number(grid) = &mut inches.kind {
        grid.unit = "[in_i]".into();
    }
    assert_eq!(question_class(number(1, 0.0, 5.0, 1.0), inches), Breaking);
}

#[test]
fn another_code_is_breaking_and_other_words_for_it_are_cosmetic() {
    let coded = |value: &str, meaning: &str| {
        let code = Code { value: value.into(), scheme: "SCT".into(), meaning: meaning.into() };
        let mut object = label_map(1);
        object.codes.kind = Some(code);
        instruction(vec![object], Vec::new(), Vec::new())
    };
    let bare = instruction(vec![label_map(1)], Vec::new(), Vec::new());
    let class = |old: &Instruction, new: &Instruction| edit_class(&edits(old, new));
    assert_eq!(class(&coded("1", "Lung"), &coded("2", "Lung")), Breaking);
    assert_eq!(class(&coded("1", "Lung"), &coded("1", "Lungs")), Cosmetic);
    assert_eq!(class(&bare, &coded("1", "Lung")), Cosmetic);
    assert_eq!(class(&coded("1", "Lung"), &bare), Cosmetic);
}

#[test]
fn an_edit_says_what_changed() {
    let what = |change: fn(&mut Instruction)| one(change).2;
    let diameter = |new: &mut Instruction| new.objects[0].limits.maximum_diameter_mm = Some(20.0);
    assert_eq!(what(diameter), "limit is tighter: largest diameter, 30 to 20 mm");
    let slices = |new: &mut Instruction| new.objects[0].limits.maximum_slices = None;
    assert_eq!(what(slices), "limit is looser: most slices, 9 no longer holds");
    let volume = |new: &mut Instruction| new.objects[0].limits.minimum_volume_mm3 = Some(0.5);
    assert_eq!(what(volume), "limit is tighter: smallest volume, 0.5 mm³");
    assert_eq!(
        what(|new| new.objects[0].count.minimum = 0),
        "limit is looser: smallest number, 1 no longer holds"
    );
    assert_eq!(what(|new| new.questions[0].required = true), "from now on: an answer is required");
    assert_eq!(what(|new| new.objects[0].colour = "#102030".parse().unwrap()), "changed: colour");
    assert_eq!(what(|new| new.objects.truncate(1)), "object removed: Object 2");
    assert_eq!(what(|new| new.objects.push(label_map(5))), "new object: Object 5");
}

#[test]
fn the_gravest_edit_comes_first_and_gives_the_class() {
    let found = changed(|new| {
        new.title = "Lungs".into();
        new.objects[0].count.maximum = None;
        new.objects[1].key = "other".into();
        new.questions[0].required = true;
    });
    let classes: Vec<EditClass> = found.iter().map(|edit| edit.class).collect();
    assert_eq!(classes, [Breaking, Narrowing, Widening, Cosmetic]);
    assert_eq!(edit_class(&found), Breaking);
    assert_eq!(edit_class(&[]), Cosmetic);
}

/// Changes one thing, of which no order of questions.
fn mutate(chance: &mut Chance, new: &mut Instruction) {
    let quarter = |chance: &mut Chance| chance.percent(70).then(|| chance.quarter(0.5, 16));
    let at = chance.below(9) as usize;
    if let Some(object) = new.objects.get_mut(at % 3) {
        match chance.below(8) {
            0 => object.limits.minimum_diameter_mm = quarter(chance),
            1 => object.limits.maximum_volume_mm3 = quarter(chance),
            2 => object.limits.no_cavities ^= true,
            3 => object.count.minimum = chance.below(3),
            4 => object.count.maximum = chance.percent(50).then(|| chance.below(4)),
            5 => *object = warned(object.clone()),
            6 => object.must_state ^= true,
            _ => {}
        }
    }
    let number = new.questions.len();
    let question = &mut new.questions[at % number];
    match (chance.below(8), &mut question.kind) {
        (0, _) => question.required ^= true,
        (1, _) => question.parent = None,
        (2, _) => question.visible_when = None,
        (3, QuestionKind::Choice { options }) => options.rotate_left(1),
        (3 | 4, QuestionKind::Text { max_length }) => *max_length = chance.below(24) + 1,
        (4, QuestionKind::Choice { options }) => options.truncate(2),
        (5, _) => new.questions.push(yes_no(40)),
        (6, _) => new.rules.clear(),
        (7, _) => new.rules.push(rule(40, Severity::Warn, Condition::Any(Vec::new()))),
        (3 | 4, QuestionKind::Number(_) | QuestionKind::Scale(_) | QuestionKind::YesNo) => {
            new.objects.push(limited(label_map(40), ObjectLimits::default()))
        }
        (
            _,
            QuestionKind::Choice { .. }
            | QuestionKind::Number(_)
            | QuestionKind::Scale(_)
            | QuestionKind::YesNo
            | QuestionKind::Text { .. },
        ) => {}
    }
}

fn subjects(edits: &[Edit]) -> BTreeSet<EditSubject> {
    edits.iter().map(|edit| edit.subject).collect()
}

proptest! {
    #[test]
    fn the_same_instruction_has_no_edits_and_another_has_some(first in any::<u64>(), second in any::<u64>()) {
        let old = draw::instruction(&mut Chance(first));
        let mut new = old.clone();
        prop_assert_eq!(edits(&old, &new), vec![]);
        mutate(&mut Chance(second), &mut new);
        prop_assert_eq!(edits(&old, &new).is_empty(), old == new);
        let other = draw::instruction(&mut Chance(second));
        prop_assert_eq!(edits(&old, &other).is_empty(), old == other);
    }

    #[test]
    fn the_way_back_is_about_the_same_parts(first in any::<u64>(), second in any::<u64>()) {
        let (one, other) = (draw::instruction(&mut Chance(first)), draw::instruction(&mut Chance(second)));
        let (there, back) = (edits(&one, &other), edits(&other, &one));
        prop_assert_eq!(subjects(&there), subjects(&back));
        prop_assert_eq!(there.len(), back.len());
        let of_instruction = |edits: &[Edit]| {
            edits.iter().filter(|edit| edit.subject == EditSubject::Instruction).cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(of_instruction(&there), of_instruction(&back));
    }

    #[test]
    fn done_work_stays_valid_under_what_only_widens(first in any::<u64>(), second in any::<u64>()) {
        let mut chance = Chance(first);
        let old = draw::instruction(&mut chance);
        let mut new = old.clone();
        mutate(&mut Chance(second), &mut new);
        prop_assume!(edit_class(&edits(&old, &new)) <= Widening);
        let work = draw::work(&mut chance, &old).handed_in(&old);
        let before = work.findings(&old);
        let after = work.findings(&new);
        for finding in &after {
            let known = before.iter().any(|one| one.subject == finding.subject && one.check == finding.check);
            prop_assert!(known, "{finding:?} is new");
        }
    }

    #[test]
    fn what_gets_tighter_one_way_gets_looser_the_other(seed in any::<u64>(), change in any::<u64>()) {
        let old = draw::instruction(&mut Chance(seed));
        let mut new = old.clone();
        let mut chance = Chance(change);
        if let Some(object) = new.objects.first_mut() {
            object.limits.maximum_diameter_mm = Some(chance.quarter(0.5, 16));
            object.count.minimum = chance.below(4);
        }
        let classes = |edits: &[Edit], class| edits.iter().filter(|edit| edit.class == class).count();
        let (there, back) = (edits(&old, &new), edits(&new, &old));
        prop_assert_eq!(classes(&there, Narrowing), classes(&back, Widening));
        prop_assert_eq!(classes(&there, Widening), classes(&back, Narrowing));
    }
}

#[test]
fn a_condition_that_is_written_otherwise_is_another() {
    // Whether two conditions mean the same is not looked into.
    assert_eq!(class(|new| new.rules[0].must_hold = all([yes(2)])), Narrowing);
}
