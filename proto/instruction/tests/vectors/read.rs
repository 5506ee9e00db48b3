//! Cases out of JSON. A field that is missing or of another type ends the test.

use std::collections::BTreeMap;

use proto_instruction::{
    Answer, ChoiceOption, Code, Comparison, Condition, CountLimits, Facts, Geometry, InstanceFacts,
    Instruction, NumberGrid, Object, ObjectCodes, ObjectFacts, ObjectLimits, Parent, Presence, Question,
    QuestionKind, Rule, Scale, Severity, Subject,
};
use serde_json::Value;

use crate::case::{Case, Found};

pub(crate) fn file(text: &str) -> Vec<Case> {
    let cases: Value = serde_json::from_str(text).unwrap();
    list(&cases, case)
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}")).iter().map(read).collect()
}

fn maybe<T>(value: &Value, read: impl Fn(&Value) -> T) -> Option<T> {
    (!value.is_null()).then(|| read(value))
}

fn whole(value: &Value) -> u32 {
    value
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or_else(|| panic!("no number: {value}"))
}

fn decimal(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn words(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn flag(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| panic!("no flag: {value}"))
}

fn id(value: &Value, name: &str) -> u32 {
    whole(field(value, name))
}

fn kind(value: &Value) -> &str {
    field(value, "type").as_str().unwrap()
}

fn case(value: &Value) -> Case {
    let answers = list(field(value, "answers"), |one| (id(one, "question_id"), answer(field(one, "answer"))));
    let statements =
        list(field(value, "statements"), |one| (id(one, "object_id"), presence(field(one, "presence"))));
    let facts = list(field(field(value, "facts"), "objects"), |one| (id(one, "object_id"), facts(one)));
    Case {
        name: words(field(value, "name")),
        instruction: instruction(field(value, "instruction")),
        answers: BTreeMap::from_iter(answers),
        statements: BTreeMap::from_iter(statements),
        facts: Facts { objects: BTreeMap::from_iter(facts) },
        asked: list(field(value, "asked"), whole),
        findings: list(field(value, "findings"), found),
    }
}

fn answer(value: &Value) -> Answer {
    let (name, of) = value.as_object().unwrap().iter().next().unwrap();
    match name.as_str() {
        "option_id" => Answer::Option(whole(of)),
        "number" => Answer::Number(decimal(of)),
        "text" => Answer::Text(words(of)),
        other => panic!("no answer: {other}"),
    }
}

fn facts(value: &Value) -> ObjectFacts {
    let instance = |one: &Value| InstanceFacts {
        diameter_mm: maybe(field(one, "diameter_mm"), decimal),
        volume_mm3: maybe(field(one, "volume_mm3"), decimal),
        slices: id(one, "slices"),
        elongation: maybe(field(one, "elongation"), decimal),
    };
    ObjectFacts {
        count: id(value, "count"),
        cavities: id(value, "cavities"),
        instances: list(field(value, "instances"), instance),
    }
}

fn found(value: &Value) -> Found {
    let subject = field(value, "subject");
    let number = id(subject, "id");
    Found {
        subject: match kind(subject) {
            "question" => Subject::Question(number),
            "object" => Subject::Object(number),
            "rule" => Subject::Rule(number),
            other => panic!("no subject: {other}"),
        },
        check: words(field(value, "check")),
        severity: severity(field(value, "severity")),
    }
}

fn instruction(value: &Value) -> Instruction {
    assert!(field(value, "body").as_array().unwrap().is_empty(), "the text plays no part");
    Instruction {
        title: words(field(value, "title")),
        body: Vec::new(),
        objects: list(field(value, "objects"), object),
        questions: list(field(value, "questions"), question),
        rules: list(field(value, "rules"), |rule| Rule {
            id: id(rule, "id"),
            message: words(field(rule, "message")),
            severity: severity(field(rule, "severity")),
            must_hold: condition(field(rule, "must_hold")),
        }),
    }
}

fn object(value: &Value) -> Object {
    let (count, codes) = (field(value, "count"), field(value, "codes"));
    let code = |name: &str| {
        maybe(field(codes, name), |code| Code {
            value: words(field(code, "value")),
            scheme: words(field(code, "scheme")),
            meaning: words(field(code, "meaning")),
        })
    };
    Object {
        id: id(value, "id"),
        key: words(field(value, "key")),
        name: words(field(value, "name")),
        help: words(field(value, "help")),
        colour: words(field(value, "colour")).parse().unwrap(),
        hotkey: words(field(value, "hotkey")).chars().next(),
        geometry: geometry(field(value, "geometry")),
        count: CountLimits { minimum: id(count, "minimum"), maximum: maybe(field(count, "maximum"), whole) },
        limits: limits(field(value, "limits")),
        severity: severity(field(value, "severity")),
        must_state: flag(field(value, "must_state")),
        codes: ObjectCodes { category: code("category"), kind: code("kind"), anatomy: code("anatomy") },
    }
}

fn limits(value: &Value) -> ObjectLimits {
    let measure = |name: &str| maybe(field(value, name), decimal);
    ObjectLimits {
        minimum_diameter_mm: measure("minimum_diameter_mm"),
        maximum_diameter_mm: measure("maximum_diameter_mm"),
        minimum_volume_mm3: measure("minimum_volume_mm3"),
        maximum_volume_mm3: measure("maximum_volume_mm3"),
        minimum_slices: maybe(field(value, "minimum_slices"), whole),
        maximum_slices: maybe(field(value, "maximum_slices"), whole),
        maximum_elongation: measure("maximum_elongation"),
        no_cavities: flag(field(value, "no_cavities")),
    }
}

fn geometry(value: &Value) -> Geometry {
    match kind(value) {
        "label_map" => Geometry::LabelMap {
            label: u8::try_from(id(value, "label")).unwrap(),
            tolerance_mm: decimal(field(value, "tolerance_mm")),
        },
        "box" => Geometry::Box,
        "point" => Geometry::Point,
        "line" => Geometry::Line,
        "classification" => Geometry::Classification,
        other => panic!("no geometry: {other}"),
    }
}

fn question(value: &Value) -> Question {
    let parent = |parent: &Value| Parent {
        question_id: id(parent, "question_id"),
        option_id: id(parent, "option_id"),
    };
    Question {
        id: id(value, "id"),
        prompt: words(field(value, "prompt")),
        help: words(field(value, "help")),
        required: flag(field(value, "required")),
        parent: maybe(field(value, "parent"), parent),
        visible_when: maybe(field(value, "visible_when"), condition),
        kind: question_kind(field(value, "kind")),
    }
}

fn question_kind(value: &Value) -> QuestionKind {
    let end = |name: &str| field(value, name).as_i64().and_then(|number| i32::try_from(number).ok()).unwrap();
    match kind(value) {
        "choice" => QuestionKind::Choice {
            options: list(field(value, "options"), |option| ChoiceOption {
                id: id(option, "id"),
                text: words(field(option, "text")),
            }),
        },
        "number" => QuestionKind::Number(NumberGrid {
            minimum: decimal(field(value, "minimum")),
            maximum: decimal(field(value, "maximum")),
            step: decimal(field(value, "step")),
            unit: words(field(value, "unit")),
        }),
        "yes_no" => QuestionKind::YesNo,
        "scale" => QuestionKind::Scale(Scale {
            minimum: end("minimum"),
            maximum: end("maximum"),
            minimum_text: words(field(value, "minimum_text")),
            maximum_text: words(field(value, "maximum_text")),
        }),
        "text" => QuestionKind::Text { max_length: id(value, "max_length") },
        other => panic!("no kind: {other}"),
    }
}

fn condition(value: &Value) -> Condition {
    let compared = || comparison(field(value, "comparison"));
    let measure = || decimal(field(value, "value"));
    match kind(value) {
        "all" => Condition::All(list(field(value, "of"), condition)),
        "any" => Condition::Any(list(field(value, "of"), condition)),
        "not" => Condition::Not(Box::new(condition(field(value, "of")))),
        "answered" => Condition::Answered { question_id: id(value, "question_id") },
        "option" => {
            Condition::Option { question_id: id(value, "question_id"), option_id: id(value, "option_id") }
        }
        "number" => Condition::Number {
            question_id: id(value, "question_id"),
            comparison: compared(),
            value: measure(),
        },
        "presence" => Condition::Presence {
            object_id: id(value, "object_id"),
            presence: presence(field(value, "presence")),
        },
        "count" => Condition::Count {
            object_id: id(value, "object_id"),
            comparison: compared(),
            value: id(value, "value"),
        },
        "volume_mm3" => Condition::Volume {
            object_id: id(value, "object_id"),
            comparison: compared(),
            value_mm3: measure(),
        },
        "diameter_mm" => Condition::Diameter {
            object_id: id(value, "object_id"),
            comparison: compared(),
            value_mm: measure(),
        },
        other => panic!("no condition: {other}"),
    }
}

fn severity(value: &Value) -> Severity {
    match value.as_str() {
        Some("warn") => Severity::Warn,
        Some("refuse") => Severity::Refuse,
        other => panic!("no severity: {other:?}"),
    }
}

fn presence(value: &Value) -> Presence {
    match value.as_str() {
        Some("present") => Presence::Present,
        Some("absent") => Presence::Absent,
        Some("not_assessable") => Presence::NotAssessable,
        other => panic!("no presence: {other:?}"),
    }
}

fn comparison(value: &Value) -> Comparison {
    match value.as_str() {
        Some("eq") => Comparison::Equal,
        Some("ne") => Comparison::NotEqual,
        Some("lt") => Comparison::Less,
        Some("le") => Comparison::LessOrEqual,
        Some("gt") => Comparison::Greater,
        Some("ge") => Comparison::GreaterOrEqual,
        other => panic!("no comparison: {other:?}"),
    }
}
