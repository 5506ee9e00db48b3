//! Cases as JSON, as both HTTP APIs write it.

use proto_instruction::{
    Answer, Code, Comparison, Condition, Geometry, Instruction, Object, ObjectFacts, Presence, Question,
    QuestionKind, Severity, Subject,
};
use serde_json::{Value, json};

use crate::case::{Case, Found};

/// One case to a line.
pub(crate) fn file(cases: &[Case]) -> String {
    let lines: Vec<String> = cases.iter().map(|one| case(one).to_string()).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn case(case: &Case) -> Value {
    let answer = |(id, of): (&u32, &Answer)| json!({ "question_id": id, "answer": answer(of) });
    let statement = |(id, of): (&u32, &Presence)| json!({ "object_id": id, "presence": presence(*of) });
    json!({
        "name": case.name,
        "instruction": instruction(&case.instruction),
        "answers": case.answers.iter().map(answer).collect::<Vec<_>>(),
        "statements": case.statements.iter().map(statement).collect::<Vec<_>>(),
        "facts": { "objects": case.facts.objects.iter().map(facts).collect::<Vec<_>>() },
        "asked": case.asked,
        "findings": case.findings.iter().map(found).collect::<Vec<_>>(),
    })
}

fn answer(answer: &Answer) -> Value {
    match answer {
        Answer::Option(id) => json!({ "option_id": id }),
        Answer::Number(number) => json!({ "number": number }),
        Answer::Text(text) => json!({ "text": text }),
    }
}

fn facts((id, facts): (&u32, &ObjectFacts)) -> Value {
    let instances = facts.instances.iter().map(|one| {
        json!({
            "diameter_mm": one.diameter_mm,
            "volume_mm3": one.volume_mm3,
            "slices": one.slices,
            "elongation": one.elongation,
        })
    });
    json!({
        "object_id": id,
        "count": facts.count,
        "cavities": facts.cavities,
        "instances": instances.collect::<Vec<_>>(),
    })
}

fn found(found: &Found) -> Value {
    let (kind, id) = match found.subject {
        Subject::Question(id) => ("question", id),
        Subject::Object(id) => ("object", id),
        Subject::Rule(id) => ("rule", id),
    };
    let subject = json!({ "type": kind, "id": id });
    json!({ "subject": subject, "check": found.check, "severity": severity(found.severity) })
}

fn instruction(instruction: &Instruction) -> Value {
    let rules = instruction.rules.iter().map(|rule| {
        json!({
            "id": rule.id,
            "message": rule.message,
            "severity": severity(rule.severity),
            "must_hold": condition(&rule.must_hold),
        })
    });
    json!({
        "title": instruction.title,
        "body": [],
        "objects": instruction.objects.iter().map(object).collect::<Vec<_>>(),
        "questions": instruction.questions.iter().map(question).collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(),
    })
}

fn object(object: &Object) -> Value {
    let limits = &object.limits;
    json!({
        "id": object.id,
        "key": object.key,
        "name": object.name,
        "help": object.help,
        "colour": object.colour.to_string(),
        "hotkey": object.hotkey.map(String::from).unwrap_or_default(),
        "geometry": geometry(object.geometry),
        "count": { "minimum": object.count.minimum, "maximum": object.count.maximum },
        "limits": {
            "minimum_diameter_mm": limits.minimum_diameter_mm,
            "maximum_diameter_mm": limits.maximum_diameter_mm,
            "minimum_volume_mm3": limits.minimum_volume_mm3,
            "maximum_volume_mm3": limits.maximum_volume_mm3,
            "minimum_slices": limits.minimum_slices,
            "maximum_slices": limits.maximum_slices,
            "maximum_elongation": limits.maximum_elongation,
            "no_cavities": limits.no_cavities,
        },
        "severity": severity(object.severity),
        "must_state": object.must_state,
        "codes": {
            "category": object.codes.category.as_ref().map(code),
            "kind": object.codes.kind.as_ref().map(code),
            "anatomy": object.codes.anatomy.as_ref().map(code),
        },
    })
}

fn code(code: &Code) -> Value {
    json!({ "value": code.value, "scheme": code.scheme, "meaning": code.meaning })
}

fn geometry(geometry: Geometry) -> Value {
    match geometry {
        Geometry::LabelMap { label, tolerance_mm } => {
            json!({ "type": "label_map", "label": label, "tolerance_mm": tolerance_mm })
        }
        Geometry::Box => json!({ "type": "box" }),
        Geometry::Point => json!({ "type": "point" }),
        Geometry::Line => json!({ "type": "line" }),
        Geometry::Classification => json!({ "type": "classification" }),
    }
}

fn question(question: &Question) -> Value {
    let kind = match &question.kind {
        QuestionKind::Choice { options } => {
            let options = options.iter().map(|option| json!({ "id": option.id, "text": option.text }));
            json!({ "type": "choice", "options": options.collect::<Vec<_>>() })
        }
        QuestionKind::Number(grid) => json!({
            "type": "number",
            "minimum": grid.minimum,
            "maximum": grid.maximum,
            "step": grid.step,
            "unit": grid.unit,
        }),
        QuestionKind::YesNo => json!({ "type": "yes_no" }),
        QuestionKind::Scale(scale) => json!({
            "type": "scale",
            "minimum": scale.minimum,
            "maximum": scale.maximum,
            "minimum_text": scale.minimum_text,
            "maximum_text": scale.maximum_text,
        }),
        QuestionKind::Text { max_length } => json!({ "type": "text", "max_length": max_length }),
    };
    let parent = question
        .parent
        .map(|parent| json!({ "question_id": parent.question_id, "option_id": parent.option_id }));
    json!({
        "id": question.id,
        "prompt": question.prompt,
        "help": question.help,
        "required": question.required,
        "parent": parent,
        "visible_when": question.visible_when.as_ref().map(condition),
        "kind": kind,
    })
}

fn condition(of: &Condition) -> Value {
    let all = |of: &[Condition]| of.iter().map(condition).collect::<Vec<_>>();
    let measure = |name: &str, object: &u32, compared: &Comparison, value: &f64| json!({ "type": name, "object_id": object, "comparison": comparison(*compared), "value": value });
    match of {
        Condition::All(of) => json!({ "type": "all", "of": all(of) }),
        Condition::Any(of) => json!({ "type": "any", "of": all(of) }),
        Condition::Not(of) => json!({ "type": "not", "of": condition(of) }),
        Condition::Answered { question_id } => json!({ "type": "answered", "question_id": question_id }),
        Condition::Option { question_id, option_id } => {
            json!({ "type": "option", "question_id": question_id, "option_id": option_id })
        }
        Condition::Number { question_id, comparison: compared, value } => json!({
            "type": "number",
            "question_id": question_id,
            "comparison": comparison(*compared),
            "value": value,
        }),
        Condition::Presence { object_id, presence: of } => {
            json!({ "type": "presence", "object_id": object_id, "presence": presence(*of) })
        }
        Condition::Count { object_id, comparison: compared, value } => json!({
            "type": "count",
            "object_id": object_id,
            "comparison": comparison(*compared),
            "value": value,
        }),
        Condition::Volume { object_id, comparison, value_mm3 } => {
            measure("volume_mm3", object_id, comparison, value_mm3)
        }
        Condition::Diameter { object_id, comparison, value_mm } => {
            measure("diameter_mm", object_id, comparison, value_mm)
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warn => "warn",
        Severity::Refuse => "refuse",
    }
}

fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Present => "present",
        Presence::Absent => "absent",
        Presence::NotAssessable => "not_assessable",
    }
}

fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "eq",
        Comparison::NotEqual => "ne",
        Comparison::Less => "lt",
        Comparison::LessOrEqual => "le",
        Comparison::Greater => "gt",
        Comparison::GreaterOrEqual => "ge",
    }
}
