//! What is read, and what is refused by which name.

use proto::types::v1::Id;
use proto_instruction::{
    Code, Comparison, Condition, CountLimits, Geometry, NumberGrid, Object, ObjectLimits, Parent, Presence,
    QuestionKind, Scale,
};
use wire::condition::Of;
use wire::object::Geometry as Shape;
use wire::question::Kind;

use super::*;

fn object() -> wire::Object {
    wire::Object {
        id: 1,
        key: "nodule".into(),
        name: "Nodule".into(),
        colour: 0xe6_9f00,
        hotkey: "n".into(),
        help: "Solid ones".into(),
        geometry: Some(Shape::LabelMap(wire::LabelMap { label: 3, tolerance_mm: 1.5 })),
        count: Some(wire::CountLimits { minimum: 1, maximum: Some(2) }),
        limits: Some(wire::ObjectLimits {
            minimum_diameter_mm: Some(4.0),
            maximum_slices: Some(9),
            maximum_elongation: Some(2.5),
            no_cavities: true,
            ..wire::ObjectLimits::default()
        }),
        severity: wire::Severity::Refuse.into(),
        must_state: true,
        category: None,
        kind: Some(wire::Code { value: "27925004".into(), scheme: "SCT".into(), meaning: "Nodule".into() }),
        anatomy: None,
    }
}

fn question(id: u32, kind: Kind) -> wire::Question {
    wire::Question {
        id,
        prompt: "Seen?".into(),
        required: true,
        kind: Some(kind),
        ..wire::Question::default()
    }
}

fn test(of: Of) -> wire::Condition {
    wire::Condition { of: Some(of) }
}

fn answered() -> wire::Condition {
    test(Of::Answered(wire::AnsweredTest { question_id: 1 }))
}

fn rule(must_hold: wire::Condition) -> wire::Rule {
    let severity = wire::Severity::Warn.into();
    wire::Rule { id: 1, message: "Answer first".into(), severity, must_hold: Some(must_hold) }
}

fn instruction() -> wire::Instruction {
    wire::Instruction {
        title: "Nodules".into(),
        objects: vec![object()],
        questions: vec![question(1, Kind::YesNo(wire::YesNo {}))],
        rules: vec![rule(answered())],
        ..wire::Instruction::default()
    }
}

fn read(instruction: wire::Instruction) -> Result<Instruction, InvalidInbound> {
    let project = Some(Id { high: 1, low: 2 });
    let version = agent::InstructionVersion { project, version: 4, instruction: Some(instruction) };
    InstructionVersion::try_from(version).map(|version| version.instruction)
}

/// The field that a changed instruction is refused by.
fn field(change: impl FnOnce(&mut wire::Instruction)) -> &'static str {
    let mut changed = instruction();
    change(&mut changed);
    read(changed).unwrap_err().field
}

fn object_field(change: impl FnOnce(&mut wire::Object)) -> &'static str {
    field(|instruction| change(&mut instruction.objects[0]))
}

fn limit_field(limits: wire::ObjectLimits) -> &'static str {
    object_field(|object| object.limits = Some(limits))
}

fn kind_field(kind: Kind) -> &'static str {
    field(|instruction| instruction.questions[0].kind = Some(kind))
}

fn rule_field(must_hold: wire::Condition) -> &'static str {
    field(|instruction| instruction.rules[0].must_hold = Some(must_hold))
}

#[test]
fn an_object_is_read_whole() {
    let read = read(instruction()).unwrap();
    let expect = Object {
        id: 1,
        key: "nodule".into(),
        name: "Nodule".into(),
        help: "Solid ones".into(),
        colour: "#e69f00".parse().unwrap(),
        hotkey: Some('n'),
        geometry: Geometry::LabelMap { label: 3, tolerance_mm: 1.5 },
        count: CountLimits { minimum: 1, maximum: Some(2) },
        limits: ObjectLimits {
            minimum_diameter_mm: Some(4.0),
            maximum_slices: Some(9),
            maximum_elongation: Some(2.5),
            no_cavities: true,
            ..ObjectLimits::default()
        },
        severity: Severity::Refuse,
        must_state: true,
        codes: proto_instruction::ObjectCodes {
            category: None,
            kind: Some(Code { value: "27925004".into(), scheme: "SCT".into(), meaning: "Nodule".into() }),
            anatomy: None,
        },
    };
    assert_eq!(read.objects, [expect]);
}

#[test]
fn every_shape_is_read() {
    let shapes = [
        (Shape::Box(wire::BoxShape {}), Geometry::Box),
        (Shape::Point(wire::PointShape {}), Geometry::Point),
        (Shape::Line(wire::LineShape {}), Geometry::Line),
        (Shape::Classification(wire::Classification {}), Geometry::Classification),
    ];
    for (shape, geometry) in shapes {
        let mut changed = instruction();
        changed.objects[0].geometry = Some(shape);
        assert_eq!(read(changed).unwrap().objects[0].geometry, geometry);
    }
}

#[test]
fn every_kind_of_question_is_read() {
    let option = |id| wire::Option { id, text: "Left".into() };
    let scale =
        wire::Scale { minimum: -2, maximum: 2, minimum_text: "no".into(), maximum_text: "yes".into() };
    let mut changed = instruction();
    changed.questions = vec![
        question(1, Kind::Choice(wire::Choice { options: vec![option(1), option(7)] })),
        question(2, Kind::Number(wire::Number { min: 0.0, max: 5.0, step: 0.5, unit: "mm".into() })),
        question(3, Kind::YesNo(wire::YesNo {})),
        question(4, Kind::Scale(scale)),
        question(5, Kind::Text(wire::Text { max_length: 9 })),
    ];
    changed.questions[1].parent = Some(wire::Parent { question_id: 1, option_id: 7 });
    changed.questions[1].help = "Across".into();
    let questions = read(changed).unwrap().questions;
    let grid = NumberGrid { minimum: 0.0, maximum: 5.0, step: 0.5, unit: "mm".into() };
    let scale = Scale { minimum: -2, maximum: 2, minimum_text: "no".into(), maximum_text: "yes".into() };
    assert_eq!(questions[0].kind.option_ids(), Some(vec![1, 7]));
    assert_eq!(questions[1].kind, QuestionKind::Number(grid));
    assert_eq!(questions[1].parent, Some(Parent { question_id: 1, option_id: 7 }));
    assert_eq!(questions[1].help, "Across");
    assert_eq!(questions[2].kind, QuestionKind::YesNo);
    assert_eq!(questions[3].kind, QuestionKind::Scale(scale));
    assert_eq!(questions[4].kind, QuestionKind::Text { max_length: 9 });
}

#[test]
fn every_condition_is_read() {
    let less = wire::Comparison::Less.into();
    let at_least = wire::Comparison::GreaterOrEqual.into();
    let absent = wire::Presence::Absent.into();
    let of = vec![
        answered(),
        test(Of::Option(wire::OptionTest { question_id: 1, option_id: 2 })),
        test(Of::Number(wire::NumberTest { question_id: 1, comparison: less, value: 0.5 })),
        test(Of::Presence(wire::PresenceTest { object_id: 1, presence: absent })),
        test(Of::Count(wire::CountTest { object_id: 1, comparison: at_least, value: 3 })),
        test(Of::VolumeMm3(wire::MeasureTest { object_id: 1, comparison: less, value: 8.0 })),
        test(Of::DiameterMm(wire::MeasureTest { object_id: 1, comparison: at_least, value: 9.0 })),
        test(Of::Not(Box::new(test(Of::Any(wire::Conditions { of: Vec::new() }))))),
    ];
    let mut changed = instruction();
    changed.questions[0].visible_when = Some(test(Of::All(wire::Conditions { of })));
    let (less, at_least) = (Comparison::Less, Comparison::GreaterOrEqual);
    let expect = Condition::All(vec![
        Condition::Answered { question_id: 1 },
        Condition::Option { question_id: 1, option_id: 2 },
        Condition::Number { question_id: 1, comparison: less, value: 0.5 },
        Condition::Presence { object_id: 1, presence: Presence::Absent },
        Condition::Count { object_id: 1, comparison: at_least, value: 3 },
        Condition::Volume { object_id: 1, comparison: less, value_mm3: 8.0 },
        Condition::Diameter { object_id: 1, comparison: at_least, value_mm: 9.0 },
        Condition::Not(Box::new(Condition::Any(Vec::new()))),
    ]);
    assert_eq!(read(changed).unwrap().questions[0].visible_when, Some(expect));
}

#[test]
fn an_object_without_a_part_is_refused_by_its_name() {
    assert_eq!(object_field(|object| object.id = 0), "objects");
    assert_eq!(object_field(|object| object.geometry = None), "geometry");
    assert_eq!(object_field(|object| object.count = None), "count");
    assert_eq!(object_field(|object| object.limits = None), "limits");
    assert_eq!(object_field(|object| object.severity = 0), "severity");
    assert_eq!(object_field(|object| object.severity = 3), "severity");
    assert_eq!(object_field(|object| object.hotkey = "no".into()), "hotkey");
    assert_eq!(object_field(|object| object.colour = 0x0100_0000), "colour");
    assert_eq!(object_field(|object| object.help = "\u{7}".into()), "help");
    let code = wire::Code { value: "12345678901234567".into(), scheme: "S".into(), meaning: "M".into() };
    assert_eq!(object_field(|object| object.category = Some(code)), "category");
    assert_eq!(object_field(|object| object.anatomy = Some(wire::Code::default())), "anatomy");
    let twice = |instruction: &mut wire::Instruction| {
        instruction.objects.push(wire::Object { id: 2, ..object() });
    };
    assert_eq!(field(twice), "label");
}

#[test]
fn a_label_map_has_a_label_and_a_tolerance() {
    let map = |label, tolerance_mm| {
        object_field(|object| {
            object.geometry = Some(Shape::LabelMap(wire::LabelMap { label, tolerance_mm }));
        })
    };
    assert_eq!(map(0, 1.0), "label");
    assert_eq!(map(256, 1.0), "label");
    for tolerance in [0.0, -1.0, 100.5, f64::NAN, f64::INFINITY] {
        assert_eq!(map(1, tolerance), "tolerance_mm");
    }
}

#[test]
fn a_limit_is_a_number_above_zero() {
    let base = wire::ObjectLimits::default();
    let diameter = wire::ObjectLimits { minimum_diameter_mm: Some(0.0), ..base };
    assert_eq!(limit_field(diameter), "minimum_diameter_mm");
    let volume = wire::ObjectLimits { maximum_volume_mm3: Some(f64::NAN), ..base };
    assert_eq!(limit_field(volume), "maximum_volume_mm3");
    let elongation = wire::ObjectLimits { maximum_elongation: Some(f64::INFINITY), ..base };
    assert_eq!(limit_field(elongation), "maximum_elongation");
}

#[test]
fn a_grid_finer_than_may_leave_is_refused() {
    let number =
        |min, max, step| kind_field(Kind::Number(wire::Number { min, max, step, unit: String::new() }));
    assert_eq!(number(0.0, 10_000.0, 1.0), "step");
    assert_eq!(number(0.0, 1.0, 0.0), "step");
    assert_eq!(number(1.0, 0.0, 1.0), "step");
    assert_eq!(number(0.0, f64::INFINITY, 1.0), "step");
    let scale = |minimum, maximum| {
        kind_field(Kind::Scale(wire::Scale { minimum, maximum, ..wire::Scale::default() }))
    };
    assert_eq!(scale(0, 11), "maximum");
    assert_eq!(scale(3, 3), "maximum");
    assert_eq!(scale(i32::MAX, i32::MIN), "maximum");
}

#[test]
fn a_question_without_a_kind_or_with_an_option_twice_is_refused() {
    assert_eq!(field(|instruction| instruction.questions[0].kind = None), "kind");
    let option = wire::Option { id: 1, text: "Left".into() };
    assert_eq!(kind_field(Kind::Choice(wire::Choice { options: vec![option.clone(), option] })), "options");
    let again = question(1, Kind::YesNo(wire::YesNo {}));
    assert_eq!(field(|instruction| instruction.questions.push(again)), "questions");
}

#[test]
fn a_condition_with_something_unknown_in_it_is_refused() {
    assert_eq!(rule_field(wire::Condition { of: None }), "must_hold");
    assert_eq!(field(|instruction| instruction.rules[0].must_hold = None), "must_hold");
    assert_eq!(field(|instruction| instruction.rules[0].severity = 9), "severity");
    assert_eq!(field(|instruction| instruction.rules.push(rule(answered()))), "rules");
    let number = |comparison, value| {
        rule_field(test(Of::Number(wire::NumberTest { question_id: 1, comparison, value })))
    };
    assert_eq!(number(0, 1.0), "comparison");
    assert_eq!(number(7, 1.0), "comparison");
    assert_eq!(number(1, f64::NAN), "value");
    for presence in [0, 4, 5] {
        let of = Of::Presence(wire::PresenceTest { object_id: 1, presence });
        assert_eq!(rule_field(test(of)), "presence");
    }
}

#[test]
fn a_condition_nests_eight_deep_and_no_deeper() {
    let nested = |levels: usize| {
        (1..levels).fold(answered(), |inner, level| match level % 3 {
            0 => test(Of::Not(Box::new(inner))),
            1 => test(Of::All(wire::Conditions { of: vec![inner] })),
            _ => test(Of::Any(wire::Conditions { of: vec![inner] })),
        })
    };
    let mut changed = instruction();
    changed.rules[0].must_hold = Some(nested(8));
    assert_eq!(read(changed).unwrap().rules[0].must_hold.depth(), 8);
    assert_eq!(rule_field(nested(9)), "must_hold");
    let deep = |instruction: &mut wire::Instruction| instruction.questions[0].visible_when = Some(nested(9));
    assert_eq!(field(deep), "visible_when");
}

#[test]
fn spans_deeper_than_people_write_are_refused() {
    let mut item = wire::Inline { of: Some(wire::inline::Of::Text("x".into())) };
    for _ in 0..=Limits::INLINE_DEPTH {
        item = wire::Inline { of: Some(wire::inline::Of::Strong(wire::Span { inlines: vec![item] })) };
    }
    assert_eq!(inlines(vec![item], 0), Err(refuse("inlines")));
}
