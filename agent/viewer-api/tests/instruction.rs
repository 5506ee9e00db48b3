//! Facts about the JSON of an instruction: every kind of object, question and condition.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::Role;
use proto_instruction::{
    Code, Comparison, Condition, CountLimits, Geometry, Instruction, NumberGrid, ObjectCodes, ObjectLimits,
    Parent, Presence, QuestionKind, Rule, Scale, Severity, YES,
};
use serde_json::{Value, json};
use support::Site;
use support::tasks::{instruction, label_map, object, question, task};

fn every_condition() -> Condition {
    let (comparison, object_id, question_id) = (Comparison::LessOrEqual, 1, 2);
    Condition::All(vec![
        Condition::Any(vec![Condition::Answered { question_id }]),
        Condition::Not(Box::new(Condition::Option { question_id: 1, option_id: YES })),
        Condition::Number { question_id, comparison, value: 2.5 },
        Condition::Presence { object_id, presence: Presence::NotAssessable },
        Condition::Count { object_id, comparison: Comparison::NotEqual, value: 2 },
        Condition::Volume { object_id, comparison, value_mm3: 8.0 },
        Condition::Diameter { object_id, comparison, value_mm: 4.0 },
    ])
}

fn full() -> Instruction {
    let mut tumour = object(1, "Tumour", label_map(4));
    tumour.help = "Solid parts.".into();
    tumour.count = CountLimits { minimum: 1, maximum: Some(3) };
    tumour.limits = ObjectLimits {
        minimum_diameter_mm: Some(2.0),
        maximum_slices: Some(9),
        maximum_elongation: Some(3.5),
        no_cavities: true,
        ..ObjectLimits::default()
    };
    tumour.severity = Severity::Refuse;
    tumour.must_state = true;
    let kind = Code { value: "108369006".into(), scheme: "SCT".into(), meaning: "Tumor".into() };
    tumour.codes = ObjectCodes { kind: Some(kind), ..ObjectCodes::default() };
    let mut size = question(
        2,
        false,
        QuestionKind::Number(NumberGrid { minimum: 0.0, maximum: 5.0, step: 0.5, unit: "mm".into() }),
    );
    size.parent = Some(Parent { question_id: 1, option_id: YES });
    size.visible_when = Some(every_condition());
    let scale = Scale { minimum: 1, maximum: 5, minimum_text: "none".into(), maximum_text: String::new() };
    Instruction {
        objects: vec![tumour, object(2, "Tip", Geometry::Point)],
        questions: vec![
            question(1, true, QuestionKind::YesNo),
            size,
            question(3, false, QuestionKind::Scale(scale)),
        ],
        rules: vec![Rule {
            id: 7,
            message: "Mark it.".into(),
            severity: Severity::Warn,
            must_hold: Condition::Any(Vec::new()),
        }],
        ..instruction()
    }
}

async fn told() -> Value {
    let site = Site::new();
    let asset = site.asset(1);
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_with(full(), &[anna], &[]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    site.post("/api/v1/tasks/next", &cookie, json!({})).await.json()["instruction"].clone()
}

#[tokio::test]
async fn objects_come_with_geometry_limits_and_codes() {
    let objects = told().await["objects"].clone();
    let expected = json!({
        "id": 1, "key": "tumour", "name": "Tumour", "help": "Solid parts.", "colour": "#0ea5a4", "hotkey": "1",
        "geometry": {"type": "label_map", "label": 4, "tolerance_mm": 2.0},
        "count": {"minimum": 1, "maximum": 3},
        "limits": {
            "minimum_diameter_mm": 2.0, "maximum_diameter_mm": null, "minimum_volume_mm3": null,
            "maximum_volume_mm3": null, "minimum_slices": null, "maximum_slices": 9,
            "maximum_elongation": 3.5, "no_cavities": true,
        },
        "severity": "refuse", "must_state": true,
        "codes": {
            "category": null,
            "kind": {"value": "108369006", "scheme": "SCT", "meaning": "Tumor"},
            "anatomy": null,
        },
    });
    assert_eq!(objects[0], expected);
    assert_eq!(objects[1]["geometry"], json!({"type": "point"}));
    assert_eq!(objects[1]["count"], json!({"minimum": 0, "maximum": null}));
}

#[tokio::test]
async fn questions_come_with_their_place_and_every_condition() {
    let told = told().await;
    let questions = &told["questions"];
    let yes_no = json!({
        "id": 1, "prompt": "Seen?", "help": "", "required": true, "parent": null, "visible_when": null,
        "kind": {"type": "yes_no"},
    });
    assert_eq!(questions[0], yes_no);
    assert_eq!(questions[1]["parent"], json!({"question_id": 1, "option_id": 1}));
    let number = json!({"type": "number", "minimum": 0.0, "maximum": 5.0, "step": 0.5, "unit": "mm"});
    assert_eq!(questions[1]["kind"], number);
    let condition = json!({"type": "all", "of": [
        {"type": "any", "of": [{"type": "answered", "question_id": 2}]},
        {"type": "not", "of": {"type": "option", "question_id": 1, "option_id": 1}},
        {"type": "number", "question_id": 2, "comparison": "le", "value": 2.5},
        {"type": "presence", "object_id": 1, "presence": "not_assessable"},
        {"type": "count", "object_id": 1, "comparison": "ne", "value": 2},
        {"type": "volume_mm3", "object_id": 1, "comparison": "le", "value": 8.0},
        {"type": "diameter_mm", "object_id": 1, "comparison": "le", "value": 4.0},
    ]});
    assert_eq!(questions[1]["visible_when"], condition);
    let scale =
        json!({"type": "scale", "minimum": 1, "maximum": 5, "minimum_text": "none", "maximum_text": ""});
    assert_eq!(questions[2]["kind"], scale);
    let rule =
        json!({"id": 7, "message": "Mark it.", "severity": "warn", "must_hold": {"type": "any", "of": []}});
    assert_eq!(told["rules"], json!([rule]));
}
