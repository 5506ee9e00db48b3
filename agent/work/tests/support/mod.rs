//! What the tests share: an instruction with every geometry, and people, tasks and times.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

use proto_ids::{PersonId, SubmissionId, TaskId, Timestamp};
use proto_instruction::{
    ChoiceOption, Colour, CountLimits, Geometry, Instruction, Object, ObjectCodes, ObjectLimits, Question,
    QuestionKind, Severity,
};

pub(crate) const SIZE: [u32; 3] = [8, 4, 3];
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_435_200_000);

pub(crate) const fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

pub(crate) const fn task(number: u8) -> TaskId {
    TaskId::from_bytes([number; 16])
}

pub(crate) const fn submission(number: u8) -> SubmissionId {
    SubmissionId::from_bytes([number; 16])
}

pub(crate) fn object(id: u32, geometry: Geometry) -> Object {
    Object {
        id,
        key: format!("o{id}"),
        name: "Organ".into(),
        help: String::new(),
        colour: Colour::from_rgb(0xff).expect("a colour"),
        hotkey: None,
        geometry,
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    }
}

/// Objects 1 and 2 are label maps, 3 a box, 4 a point, 5 a line, 6 a classification; question 1 is a choice.
pub(crate) fn instruction() -> Instruction {
    let label_map = |label: u8| object(u32::from(label), Geometry::LabelMap { label, tolerance_mm: 1.0 });
    Instruction {
        title: "Organs".into(),
        body: Vec::new(),
        objects: vec![
            label_map(1),
            label_map(2),
            object(3, Geometry::Box),
            object(4, Geometry::Point),
            object(5, Geometry::Line),
            object(6, Geometry::Classification),
        ],
        questions: vec![Question {
            id: 1,
            prompt: "Seen?".into(),
            help: String::new(),
            required: true,
            parent: None,
            visible_when: None,
            kind: QuestionKind::Choice { options: vec![ChoiceOption { id: 1, text: "Yes".into() }] },
        }],
        rules: Vec::new(),
    }
}
