//! Short words for instructions and their parts.

#![allow(dead_code, reason = "each test file uses some of them")]

pub(crate) mod draw;

use proto_instruction::{
    ChoiceOption, Colour, Comparison, Condition, CountLimits, Geometry, InstanceFacts, Instruction,
    NumberGrid, Object, ObjectCodes, ObjectFacts, ObjectLimits, Parent, Presence, Question, QuestionKind,
    Rule, Scale, Severity, YES,
};

const COLOURS: [u32; 4] = [0x56_b4e9, 0xe6_9f00, 0x00_9e73, 0xcc_79a7];

pub(crate) fn instruction(objects: Vec<Object>, questions: Vec<Question>, rules: Vec<Rule>) -> Instruction {
    Instruction { title: "Findings".into(), body: Vec::new(), objects, questions, rules }
}

pub(crate) fn object(id: u32, geometry: Geometry) -> Object {
    Object {
        id,
        key: format!("object_{id}"),
        name: format!("Object {id}"),
        help: String::new(),
        colour: Colour::from_rgb(COLOURS[id as usize % COLOURS.len()]).unwrap(),
        hotkey: None,
        geometry,
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Refuse,
        must_state: false,
        codes: ObjectCodes::default(),
    }
}

pub(crate) fn label_map(id: u32) -> Object {
    object(id, Geometry::LabelMap { label: id as u8, tolerance_mm: 1.0 })
}

pub(crate) fn limited(object: Object, limits: ObjectLimits) -> Object {
    Object { limits, ..object }
}

pub(crate) fn counted(object: Object, minimum: u32, maximum: Option<u32>) -> Object {
    Object { count: CountLimits { minimum, maximum }, ..object }
}

pub(crate) fn stated(object: Object) -> Object {
    Object { must_state: true, ..object }
}

pub(crate) fn warned(object: Object) -> Object {
    Object { severity: Severity::Warn, ..object }
}

pub(crate) fn question(id: u32, kind: QuestionKind) -> Question {
    Question {
        id,
        prompt: format!("Question {id}"),
        help: String::new(),
        required: false,
        parent: None,
        visible_when: None,
        kind,
    }
}

pub(crate) fn yes_no(id: u32) -> Question {
    question(id, QuestionKind::YesNo)
}

pub(crate) fn choice(id: u32, options: &[u32]) -> Question {
    let option = |id: &u32| ChoiceOption { id: *id, text: format!("Option {id}") };
    question(id, QuestionKind::Choice { options: options.iter().map(option).collect() })
}

pub(crate) fn number(id: u32, minimum: f64, maximum: f64, step: f64) -> Question {
    question(id, QuestionKind::Number(NumberGrid { minimum, maximum, step, unit: "mm".into() }))
}

pub(crate) fn scale(id: u32, minimum: i32, maximum: i32) -> Question {
    let (minimum_text, maximum_text) = ("never".into(), "always".into());
    question(id, QuestionKind::Scale(Scale { minimum, maximum, minimum_text, maximum_text }))
}

pub(crate) fn text(id: u32, max_length: u32) -> Question {
    question(id, QuestionKind::Text { max_length })
}

pub(crate) fn required(question: Question) -> Question {
    Question { required: true, ..question }
}

pub(crate) fn below(question: Question, question_id: u32, option_id: u32) -> Question {
    Question { parent: Some(Parent { question_id, option_id }), ..question }
}

pub(crate) fn when(question: Question, condition: Condition) -> Question {
    Question { visible_when: Some(condition), ..question }
}

pub(crate) fn rule(id: u32, severity: Severity, must_hold: Condition) -> Rule {
    Rule { id, message: format!("Rule {id}"), severity, must_hold }
}

pub(crate) fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::All(conditions.into_iter().collect())
}

pub(crate) fn any(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::Any(conditions.into_iter().collect())
}

pub(crate) fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

pub(crate) fn answered(question_id: u32) -> Condition {
    Condition::Answered { question_id }
}

pub(crate) fn option(question_id: u32, option_id: u32) -> Condition {
    Condition::Option { question_id, option_id }
}

pub(crate) fn yes(question_id: u32) -> Condition {
    option(question_id, YES)
}

pub(crate) fn number_is(question_id: u32, comparison: Comparison, value: f64) -> Condition {
    Condition::Number { question_id, comparison, value }
}

pub(crate) fn presence_is(object_id: u32, presence: Presence) -> Condition {
    Condition::Presence { object_id, presence }
}

pub(crate) fn count_is(object_id: u32, comparison: Comparison, value: u32) -> Condition {
    Condition::Count { object_id, comparison, value }
}

pub(crate) fn volume_is(object_id: u32, comparison: Comparison, value_mm3: f64) -> Condition {
    Condition::Volume { object_id, comparison, value_mm3 }
}

pub(crate) fn diameter_is(object_id: u32, comparison: Comparison, value_mm: f64) -> Condition {
    Condition::Diameter { object_id, comparison, value_mm }
}

/// One shape, or all of a label map.
pub(crate) fn part(diameter_mm: f64, volume_mm3: f64, slices: u32) -> InstanceFacts {
    InstanceFacts { diameter_mm: Some(diameter_mm), volume_mm3: Some(volume_mm3), slices, elongation: None }
}

/// A label map of so many parts.
pub(crate) fn painted(count: u32, whole: InstanceFacts) -> ObjectFacts {
    ObjectFacts { count, cavities: 0, instances: vec![whole] }
}

/// Shapes.
pub(crate) fn shapes(instances: &[InstanceFacts]) -> ObjectFacts {
    ObjectFacts { count: instances.len() as u32, cavities: 0, instances: instances.to_vec() }
}
