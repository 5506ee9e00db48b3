//! What a draft is refused for, field by field.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::{
    all, answered, any, below, choice, count_is, diameter_is, not, number, number_is, option, presence_is,
    rule, scale, text, volume_is, when, yes, yes_no,
};
use proptest::prelude::*;
use proto_instruction::{
    Code, Comparison, Condition, CountLimits, Draft, DraftGeometry, DraftObject, ObjectCodes, ObjectLimits,
    Presence, Problem, Question, QuestionKind, Severity,
};

const PALETTE: [&str; 4] = ["#0ea5a4", "#e69f00", "#cc79a7", "#56b4e9"];
const NO_LIMITS: ObjectLimits = ObjectLimits {
    minimum_diameter_mm: None,
    maximum_diameter_mm: None,
    minimum_volume_mm3: None,
    maximum_volume_mm3: None,
    minimum_slices: None,
    maximum_slices: None,
    maximum_elongation: None,
    no_cavities: false,
};

fn object(id: u32, geometry: DraftGeometry) -> DraftObject {
    DraftObject {
        id,
        key: format!("organ_{id}"),
        name: format!("Organ {id}"),
        colour: PALETTE[id as usize % PALETTE.len()].into(),
        hotkey: id.to_string(),
        help: String::new(),
        geometry,
        count: CountLimits::default(),
        limits: NO_LIMITS,
        severity: Severity::Refuse,
        must_state: false,
        codes: ObjectCodes::default(),
    }
}

fn label_map(label: u32, tolerance_mm: f64) -> DraftGeometry {
    DraftGeometry::LabelMap { label, tolerance_mm }
}

/// Objects 1 (label map) and 2 (boxes), 3 (points), 4 (classification); choice 1, number 2 nested below
/// it, text 3, yes/no 4, scale 5; a rule.
fn draft() -> Draft {
    Draft {
        title: "Liver".into(),
        body_markdown: "# Liver\n\nMark **all** of it.\n".into(),
        objects: vec![
            object(1, label_map(1, 2.0)),
            object(2, DraftGeometry::Box),
            object(3, DraftGeometry::Point),
            object(4, DraftGeometry::Classification),
        ],
        questions: vec![
            choice(1, &[1, 4]),
            below(number(2, 0.0, 10.0, 0.5), 1, 4),
            text(3, 5),
            yes_no(4),
            scale(5, 1, 5),
        ],
        rules: vec![rule(1, Severity::Warn, any([not(yes(4)), presence_is(1, Presence::Present)]))],
    }
}

fn problems(change: impl FnOnce(&mut Draft)) -> Vec<Problem> {
    let mut draft = draft();
    change(&mut draft);
    draft.check().err().unwrap_or_default()
}

fn fields(change: impl FnOnce(&mut Draft)) -> Vec<String> {
    problems(change).into_iter().map(|problem| problem.field).collect()
}

fn object_fields(at: usize, change: impl FnOnce(&mut DraftObject)) -> Vec<String> {
    fields(|draft| change(&mut draft.objects[at]))
}

fn kind_fields(kind: QuestionKind) -> Vec<String> {
    fields(|draft| draft.questions[4].kind = kind)
}

/// Fields and words of what is wrong with a last question that is asked when this holds.
fn when_problems(condition: Condition) -> Vec<String> {
    let last = when(yes_no(6), condition);
    problems(|draft| draft.questions.push(last))
        .into_iter()
        .map(|one| format!("{}: {}", one.field, one.problem))
        .collect()
}

#[test]
fn a_sound_draft_becomes_an_instruction_without_problems() {
    let instruction = draft().check().unwrap();
    assert_eq!(instruction.problems(), []);
    assert_eq!(instruction.objects[0].colour.to_string(), "#e69f00");
    assert_eq!(instruction.objects[1].hotkey, Some('2'));
}

#[test]
fn a_draft_may_begin_with_its_title_alone() {
    let titled = Draft { title: "Liver".into(), ..Draft::default() };
    assert!(titled.check().is_ok());
    assert_eq!(fields(|draft| *draft = Draft::default()), ["title"]);
}

#[test]
fn each_wrong_name_is_named() {
    assert_eq!(fields(|draft| draft.title = " ".into()), ["title"]);
    assert_eq!(fields(|draft| draft.title = "x".repeat(201)), ["title"]);
    assert_eq!(fields(|draft| draft.body_markdown = "<b>x</b>".into()), ["body_markdown"]);
    assert_eq!(object_fields(1, |object| object.id = 1), ["objects[1].id"]);
    assert_eq!(object_fields(1, |object| object.key = "organ_1".into()), ["objects[1].key"]);
    for key in ["Organ", "1organ", "", "or-gan"] {
        assert_eq!(object_fields(0, |object| object.key = key.into()), ["objects[0].key"], "{key}");
    }
    assert_eq!(object_fields(0, |object| object.name = String::new()), ["objects[0].name"]);
    assert_eq!(object_fields(0, |object| object.help = "x".repeat(1_001)), ["objects[0].help"]);
    for hotkey in ["12", "1", "ß"] {
        assert_eq!(
            object_fields(1, |object| object.hotkey = hotkey.into()),
            ["objects[1].hotkey"],
            "{hotkey}"
        );
    }
}

#[test]
fn each_wrong_geometry_is_named() {
    for label in [0, 256, 1_000] {
        let wrong = object_fields(0, |object| object.geometry = label_map(label, 2.0));
        assert_eq!(wrong, ["objects[0].geometry.label"]);
    }
    assert_eq!(object_fields(1, |object| object.geometry = label_map(1, 2.0)), ["objects[1].geometry.label"]);
    for tolerance_mm in [0.0, -1.0, 100.5, f64::NAN] {
        let wrong = object_fields(0, |object| object.geometry = label_map(1, tolerance_mm));
        assert_eq!(wrong, ["objects[0].geometry.tolerance_mm"]);
    }
}

#[test]
fn what_cannot_be_read_does_not_hide_what_else_is_wrong() {
    let all = fields(|draft| {
        draft.body_markdown = "![a](b)".into();
        draft.objects[0].colour = "teal".into();
        draft.objects[0].geometry = label_map(700, 0.0);
        draft.objects[1].geometry = label_map(800, 1.0);
        draft.objects[2].name.clear();
        draft.questions[0].prompt.clear();
        draft.rules[0].must_hold = presence_is(1, Presence::Absent);
    });
    let expect = [
        "body_markdown",
        "objects[0].colour",
        "objects[0].geometry.label",
        "objects[1].geometry.label",
        "objects[2].name",
        "questions[0].prompt",
    ];
    assert_eq!(all, expect);
}

#[test]
fn colours_of_two_objects_can_be_told_apart() {
    let colour = |colour: &str| object_fields(1, |object| object.colour = colour.into());
    assert_eq!(colour("#e69f00"), ["objects[1].colour"]);
    // A little redder than the first.
    assert_eq!(colour("#ee9a08"), ["objects[1].colour"]);
    assert_eq!(colour("teal"), ["objects[1].colour"]);
    assert_eq!(colour("#d55e00"), Vec::<String>::new());
    let said = problems(|draft| draft.objects[1].colour = "#e69f00".into());
    assert_eq!(said[0].problem, "this colour is too like that of Organ 1");
}

#[test]
fn a_number_of_objects_can_be_met() {
    let count = |at: usize, minimum, maximum| {
        object_fields(at, |object| object.count = CountLimits { minimum, maximum })
    };
    assert_eq!(count(0, 0, Some(0)), ["objects[0].count.maximum"]);
    assert_eq!(count(1, 3, Some(2)), ["objects[1].count.maximum"]);
    assert_eq!(count(1, 3, Some(0)), ["objects[1].count.maximum"]);
    assert!(count(1, 3, Some(3)).is_empty() && count(2, 5, None).is_empty());
    assert_eq!(count(3, 1, Some(1)), ["objects[3].count.minimum", "objects[3].count.maximum"]);
}

#[test]
fn a_limit_is_above_zero_and_its_maximum_not_below_its_minimum() {
    let wrong = |limits| object_fields(0, |object| object.limits = limits);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let limits = ObjectLimits { maximum_diameter_mm: Some(bad), ..NO_LIMITS };
        assert_eq!(wrong(limits), ["objects[0].limits.maximum_diameter_mm"], "{bad}");
    }
    let limits = ObjectLimits { minimum_diameter_mm: Some(5.0), maximum_diameter_mm: Some(4.0), ..NO_LIMITS };
    assert_eq!(wrong(limits), ["objects[0].limits.maximum_diameter_mm"]);
    let limits = ObjectLimits { minimum_volume_mm3: Some(5.0), maximum_volume_mm3: Some(4.0), ..NO_LIMITS };
    assert_eq!(wrong(limits), ["objects[0].limits.maximum_volume_mm3"]);
    let limits = ObjectLimits { minimum_slices: Some(2), maximum_slices: Some(1), ..NO_LIMITS };
    assert_eq!(wrong(limits), ["objects[0].limits.maximum_slices"]);
    let limits = ObjectLimits { minimum_slices: Some(0), ..NO_LIMITS };
    assert_eq!(wrong(limits), ["objects[0].limits.minimum_slices"]);
    let limits = ObjectLimits { maximum_elongation: Some(0.5), ..NO_LIMITS };
    assert_eq!(wrong(limits), ["objects[0].limits.maximum_elongation"]);
    let limits = ObjectLimits { minimum_slices: Some(2), maximum_slices: Some(2), ..NO_LIMITS };
    assert!(wrong(limits).is_empty());
}

#[test]
fn limits_fit_how_the_object_is_drawn() {
    let every = ObjectLimits {
        minimum_diameter_mm: Some(1.0),
        maximum_diameter_mm: Some(2.0),
        minimum_volume_mm3: Some(1.0),
        maximum_volume_mm3: Some(2.0),
        minimum_slices: Some(1),
        maximum_slices: Some(2),
        maximum_elongation: Some(3.0),
        no_cavities: true,
    };
    let wrong = |geometry| -> Vec<String> {
        let wrong = object_fields(0, |object| (object.geometry, object.limits) = (geometry, every));
        wrong.into_iter().map(|field| field.replace("objects[0].limits.", "")).collect()
    };
    assert!(wrong(label_map(1, 1.0)).is_empty());
    assert_eq!(wrong(DraftGeometry::Box), ["maximum_elongation", "no_cavities"]);
    let no_volume = ["minimum_volume_mm3", "maximum_volume_mm3", "maximum_elongation", "no_cavities"];
    assert_eq!(wrong(DraftGeometry::Line), no_volume);
    assert_eq!(wrong(DraftGeometry::Point).len(), 8);
    assert_eq!(wrong(DraftGeometry::Classification).len(), 8);
}

#[test]
fn a_code_is_complete() {
    let code = |value: &str, scheme: &str, meaning: &str| {
        Some(Code { value: value.into(), scheme: scheme.into(), meaning: meaning.into() })
    };
    let wrong = |category| object_fields(0, |object| object.codes.category = category);
    assert!(wrong(code("1234567890123456", "SCT", &"x".repeat(64))).is_empty());
    assert_eq!(wrong(code("", "SCT", "Organ")), ["objects[0].codes.category.value"]);
    assert_eq!(wrong(code("12345678901234567", "SCT", "Organ")), ["objects[0].codes.category.value"]);
    assert_eq!(wrong(code("1", " ", "Organ")), ["objects[0].codes.category.scheme"]);
    assert_eq!(wrong(code("1", "SCT", &"x".repeat(65))), ["objects[0].codes.category.meaning"]);
    assert_eq!(wrong(code("1", "SCT", "a\\b")), ["objects[0].codes.category.meaning"]);
    let kind = object_fields(0, |object| object.codes.kind = code("1", "", "Organ"));
    assert_eq!(kind, ["objects[0].codes.kind.scheme"]);
    let anatomy = object_fields(0, |object| object.codes.anatomy = code("", "SCT", "Organ"));
    assert_eq!(anatomy, ["objects[0].codes.anatomy.value"]);
}

#[test]
fn each_wrong_question_is_named() {
    assert_eq!(fields(|draft| draft.questions[4].id = 1), ["questions[4].id"]);
    assert_eq!(fields(|draft| draft.questions[2].prompt.clear()), ["questions[2].prompt"]);
    assert_eq!(fields(|draft| draft.questions[2].help = "x".repeat(1_001)), ["questions[2].help"]);
    assert_eq!(kind_fields(QuestionKind::Choice { options: Vec::new() }), ["questions[4].kind.options"]);
    assert_eq!(kind_fields(choice(5, &[3, 3]).kind), ["questions[4].kind.options[1].id"]);
    assert_eq!(kind_fields(number(5, 5.0, 1.0, 0.5).kind), ["questions[4].kind.maximum"]);
    assert_eq!(kind_fields(number(5, 0.0, 1.0, 0.0).kind), ["questions[4].kind.step"]);
    assert_eq!(kind_fields(number(5, 0.0, 10_000.0, 1.0).kind), ["questions[4].kind.step"]);
    assert_eq!(kind_fields(number(5, 0.0, 1.0, f64::MIN_POSITIVE).kind), ["questions[4].kind.step"]);
    assert!(kind_fields(number(5, 0.0, 9_999.0, 1.0).kind).is_empty());
    assert_eq!(kind_fields(text(5, 10_001).kind), ["questions[4].kind.max_length"]);
    assert_eq!(kind_fields(text(5, 0).kind), ["questions[4].kind.max_length"]);
    assert_eq!(kind_fields(scale(5, 0, 11).kind), ["questions[4].kind.maximum"]);
    assert_eq!(kind_fields(scale(5, 3, 3).kind), ["questions[4].kind.maximum"]);
    assert!(kind_fields(scale(5, 0, 10).kind).is_empty());
}

#[test]
fn a_question_is_nested_below_an_earlier_option() {
    let parent = |question_id, option_id| {
        let nested = below(yes_no(6), question_id, option_id);
        let found = problems(|draft| draft.questions.insert(4, nested));
        found.into_iter().map(|one| (one.field, one.problem)).collect::<Vec<_>>()
    };
    let wrong = |problem: &str| vec![("questions[4].parent".to_owned(), problem.to_owned())];
    assert!(parent(1, 4).is_empty() && parent(4, 2).is_empty());
    assert_eq!(parent(1, 2), wrong("the question above has no such option"));
    assert_eq!(parent(4, 3), wrong("the question above has no such option"));
    assert_eq!(parent(3, 1), wrong("a question is nested below a choice or a yes/no question"));
    for not_earlier in [5, 6, 9] {
        assert_eq!(parent(not_earlier, 1), wrong("a question is nested below an earlier one"));
    }
}

#[test]
fn a_condition_asks_only_for_what_is_there() {
    use Comparison::{Equal, Greater, Less, LessOrEqual};
    let refused = |condition, problem: &str| {
        assert_eq!(when_problems(condition), [format!("questions[5].visible_when: {problem}")]);
    };
    let not_earlier = "this asks about a question that is not there, or not asked before";
    refused(answered(9), not_earlier);
    refused(answered(6), not_earlier);
    refused(all([answered(9), not(answered(9))]), not_earlier);
    refused(option(9, 1), not_earlier);
    refused(option(1, 3), "this asks for an option that is not there");
    refused(option(4, 3), "this asks for an option that is not there");
    refused(option(5, 3), "this asks for an option of a question that has none");
    refused(number_is(1, Equal, 1.0), "this asks for a number of a question that has none");
    let no_object = "this asks about an object that is not there";
    refused(presence_is(9, Presence::Absent), no_object);
    refused(count_is(9, Greater, 1), no_object);
    let no_measure = "this asks for a measure that the object does not have";
    refused(count_is(4, Greater, 1), no_measure);
    refused(volume_is(3, Greater, 1.0), no_measure);
    refused(diameter_is(4, Greater, 1.0), no_measure);
    refused(diameter_is(1, Greater, 0.0), "a measure is compared with a number above 0");
    refused(volume_is(1, Less, f64::NAN), "a measure is compared with a number above 0");
    refused(count_is(1, Less, 0), "there are never fewer than none");
    refused(all([]), "a group of conditions is empty");
    refused(not(any([])), "a group of conditions is empty");
    for sound in [volume_is(2, Less, 1.0), count_is(3, LessOrEqual, 1), presence_is(4, Presence::Absent)] {
        assert_eq!(when_problems(sound), Vec::<String>::new());
    }
}

#[test]
fn a_number_that_is_never_answered_is_refused() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let sound = |comparison, value| when_problems(number_is(2, comparison, value)).is_empty();
    assert!(sound(Equal, 0.5) && sound(Equal, 10.0));
    assert!(!sound(Equal, 0.3) && !sound(Equal, 10.5));
    assert!(sound(Less, 0.5) && !sound(Less, 0.0));
    assert!(sound(LessOrEqual, 0.0) && !sound(LessOrEqual, -0.5));
    assert!(sound(Greater, 9.9) && !sound(Greater, 10.0));
    assert!(sound(GreaterOrEqual, 10.0) && !sound(GreaterOrEqual, 10.1));
    assert!(sound(NotEqual, 3.0) && !sound(Greater, f64::INFINITY));
    let tenths = |value| {
        let questions = vec![number(1, 0.0, 1.0, 0.1), when(yes_no(2), number_is(1, Equal, value))];
        fields(|draft| (draft.questions, draft.rules) = (questions, Vec::new())).is_empty()
    };
    assert!(tenths(0.3) && tenths(0.1 + 0.2) && !tenths(0.35));
}

#[test]
fn conditions_nest_eight_deep_and_have_two_hundred_parts() {
    let nested = |levels| (1..levels).fold(yes(4), |inner, _| all([inner]));
    assert!(when_problems(nested(8)).is_empty());
    assert_eq!(
        when_problems(nested(9)),
        ["questions[5].visible_when: conditions may be nested at most 8 deep"]
    );
    let wide = |parts: usize| all(vec![yes(4); parts - 1]);
    assert!(when_problems(wide(200)).is_empty());
    assert_eq!(when_problems(wide(201)), ["questions[5].visible_when: there may be at most 200"]);
}

#[test]
fn a_rule_names_what_is_there_and_says_something() {
    assert_eq!(fields(|draft| draft.rules[0].id = 0), ["rules[0].id"]);
    assert_eq!(fields(|draft| draft.rules[0].message = " ".into()), ["rules[0].message"]);
    assert_eq!(fields(|draft| draft.rules[0].message = "x".repeat(501)), ["rules[0].message"]);
    assert_eq!(fields(|draft| draft.rules[0].must_hold = answered(9)), ["rules[0].must_hold"]);
    assert_eq!(fields(|draft| draft.rules.push(draft.rules[0].clone())), ["rules[1].id"]);
    let many = fields(|draft| draft.rules = (1..=101).map(|id| rule(id, Severity::Warn, yes(4))).collect());
    assert_eq!(many, ["rules"]);
    let never = problems(|draft| draft.rules[0].must_hold = all([yes(4), not(answered(4))]));
    assert_eq!(
        never,
        [Problem { field: "rules[0].must_hold".into(), problem: "this rule can never hold".into() }]
    );
}

/// Where a last question that can never be asked is said to be; nothing when it can be.
fn unreachable(questions: Vec<Question>) -> Vec<String> {
    let found = problems(|draft| (draft.questions, draft.rules) = (questions, Vec::new()));
    assert!(found.iter().all(|one| one.problem == "this question can never be asked"), "{found:?}");
    found.into_iter().map(|one| one.field).collect()
}

#[test]
fn a_question_that_can_never_be_asked_is_refused() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less};
    let asked_when = |condition| {
        let first = vec![choice(1, &[1, 4]), yes_no(2), number(3, 0.0, 10.0, 0.5), text(4, 5)];
        unreachable(first.into_iter().chain([when(yes_no(5), condition)]).collect())
    };
    let never = [
        all([option(1, 1), option(1, 4)]),
        all([yes(2), not(answered(2))]),
        all([not(answered(1)), any([option(1, 1), option(1, 4)])]),
        all([number_is(3, Less, 4.0), number_is(3, Greater, 6.0)]),
        all([number_is(3, Greater, 4.0), number_is(3, Less, 4.5)]),
        all([count_is(2, Equal, 0), presence_is(2, Presence::Present), presence_is(2, Presence::Absent)]),
        all([count_is(2, GreaterOrEqual, 2), count_is(2, Less, 2)]),
        all([volume_is(1, Less, 4.0), volume_is(1, GreaterOrEqual, 4.0)]),
        all([diameter_is(1, Greater, 4.0), count_is(1, Equal, 0)]),
        all([presence_is(1, Presence::Absent), count_is(1, GreaterOrEqual, 1)]),
        all([presence_is(4, Presence::Absent), presence_is(4, Presence::NotAssessable)]),
    ];
    for condition in never {
        assert_eq!(asked_when(condition.clone()), ["questions[4].visible_when"], "{condition:?}");
    }
    let sometimes = [
        all([option(1, 1), yes(2), answered(4)]),
        all([answered(1), not(option(1, 1))]),
        all([number_is(3, Greater, 4.0), number_is(3, Less, 5.0)]),
        all([count_is(2, GreaterOrEqual, 2), count_is(2, Less, 3)]),
        all([volume_is(1, Greater, 4.0), volume_is(1, Less, 4.1), diameter_is(1, Greater, 100.0)]),
        all([count_is(2, Equal, 0), not(volume_is(2, Greater, 1.0))]),
        all([volume_is(1, Less, 0.001), diameter_is(1, Less, 1e-6)]),
        all([diameter_is(1, Greater, 4.0), diameter_is(1, Less, 4.000_001)]),
        all([presence_is(4, Presence::NotAssessable), yes(2)]),
        not(any([answered(1), answered(2), answered(3), answered(4)])),
    ];
    for condition in sometimes {
        assert_eq!(asked_when(condition.clone()), Vec::<String>::new(), "{condition:?}");
    }
}

#[test]
fn what_hangs_on_a_question_that_is_never_asked_is_never_asked() {
    let hidden = when(below(yes_no(2), 1, 1), option(1, 2));
    let chain = vec![yes_no(1), hidden, below(yes_no(3), 2, 1), when(yes_no(4), not(answered(2)))];
    assert_eq!(unreachable(chain), ["questions[1].visible_when", "questions[2].parent"]);
    // Both answers to one question, through what is nested below them.
    let fork = vec![
        yes_no(1),
        below(yes_no(2), 1, 1),
        below(yes_no(3), 1, 2),
        when(yes_no(4), all([yes(2), yes(3)])),
    ];
    assert_eq!(unreachable(fork), ["questions[3].visible_when"]);
}

#[test]
fn too_many_combinations_are_not_tried() {
    // Seven questions with four answers each, or none, are 78,125 combinations.
    let questions: Vec<Question> = (1..=7).map(|id| choice(id, &[1, 2, 3, 4])).collect();
    let each = (1..=7).flat_map(|id| (1..=4).map(move |choice| not(option(id, choice))));
    let never = all(each.chain([answered(1)]));
    assert_eq!(
        unreachable(questions.into_iter().chain([when(yes_no(8), never)]).collect()),
        Vec::<String>::new()
    );
}

proptest! {
    #[test]
    fn any_instruction_is_looked_at(seed in prop::num::u64::ANY) {
        let drawn = common::draw::instruction(&mut common::draw::Chance(seed));
        // Whatever is wrong is wrong each time, and each field is said once for each thing.
        let problems = drawn.problems();
        prop_assert_eq!(&problems, &drawn.problems());
        for (at, problem) in problems.iter().enumerate() {
            prop_assert!(!problems[..at].contains(problem), "{problem:?}");
        }
    }
}

/// Parts are looked at in pairs: where there are far too many, they are not looked at at all.
#[test]
fn too_many_parts_are_said_to_be_too_many_and_no_more() {
    let black = DraftObject { colour: "#000000".into(), ..object(1, DraftGeometry::Box) };
    assert_eq!(fields(|draft| draft.objects = vec![black; 256]), ["objects"]);
    assert_eq!(fields(|draft| draft.questions = vec![yes_no(1); 101]), ["questions"]);
    let kept = rule(1, Severity::Warn, yes(4));
    assert_eq!(fields(|draft| draft.rules = vec![kept; 101]), ["rules"]);
    let wide = any(vec![number_is(2, Comparison::Equal, 77.0); 201]);
    assert_eq!(when_problems(wide), ["questions[5].visible_when: there may be at most 200"]);
}
