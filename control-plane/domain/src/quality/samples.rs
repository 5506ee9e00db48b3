//! Small instructions for the tests of quality.

use proto_instruction::{
    Colour, CountLimits, Geometry, Instruction, Object, ObjectCodes, ObjectLimits, Question, QuestionKind,
    Severity,
};

pub(crate) fn object(id: u32, geometry: Geometry) -> Object {
    Object {
        id,
        key: format!("object_{id}"),
        name: format!("Object {id}"),
        help: String::new(),
        colour: Colour::from_rgb(id).unwrap(),
        hotkey: None,
        geometry,
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    }
}

pub(crate) fn label_map(id: u32) -> Object {
    object(id, Geometry::LabelMap { label: u8::try_from(id).unwrap(), tolerance_mm: 2.0 })
}

pub(crate) fn yes_no(id: u32) -> Question {
    Question {
        id,
        prompt: "Is it?".to_owned(),
        help: String::new(),
        required: false,
        parent: None,
        visible_when: None,
        kind: QuestionKind::YesNo,
    }
}

pub(crate) fn instruction(objects: Vec<Object>, questions: Vec<Question>) -> Instruction {
    Instruction { title: "Look".to_owned(), body: Vec::new(), objects, questions, rules: Vec::new() }
}
