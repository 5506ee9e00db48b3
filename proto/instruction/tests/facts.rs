//! Facts about instructions, their text and their answers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proto_instruction::{
    Answer, AnswerProblem, Block, ChoiceOption, Draft, DraftObject, Inline, NumberGrid, Question,
    QuestionKind, check_answer, grid_step, markdown, missing_answers,
};

fn object(id: u32) -> DraftObject {
    DraftObject {
        id,
        key: format!("organ_{id}"),
        name: "Organ".into(),
        colour: "#0ea5a4".into(),
        hotkey: id.to_string(),
        label: id,
        tolerance_mm: 2.0,
    }
}

fn number(minimum: f64, maximum: f64, step: f64) -> Question {
    let grid = NumberGrid { minimum, maximum, step, unit: "mm".into() };
    Question { id: 2, prompt: "How long?".into(), required: false, kind: QuestionKind::Number(grid) }
}

fn choice() -> Question {
    let options = vec![ChoiceOption { id: 1, text: "Yes".into() }, ChoiceOption { id: 2, text: "No".into() }];
    Question { id: 1, prompt: "Seen?".into(), required: true, kind: QuestionKind::Choice { options } }
}

fn draft() -> Draft {
    let text =
        Question { id: 3, prompt: "Why?".into(), required: true, kind: QuestionKind::Text { max_length: 5 } };
    Draft {
        title: "Liver".into(),
        body_markdown: "# Liver\n\nMark **all** of it.\n\n- one\n- *two*\n".into(),
        objects: vec![object(1), object(2)],
        questions: vec![choice(), number(0.0, 100.0, 0.5), text],
    }
}

fn refused_fields(change: impl FnOnce(&mut Draft)) -> Vec<String> {
    let mut draft = draft();
    change(&mut draft);
    draft.check().unwrap_err().into_iter().map(|problem| problem.field).collect()
}

#[test]
fn a_sound_draft_becomes_an_instruction_without_problems() {
    let instruction = draft().check().unwrap();
    assert_eq!(instruction.problems(), []);
    assert_eq!(instruction.objects[0].colour.to_string(), "#0ea5a4");
    assert_eq!(instruction.objects[1].hotkey, Some('2'));
}

#[test]
fn each_wrong_field_is_named() {
    assert_eq!(refused_fields(|draft| draft.title = " ".into()), ["title"]);
    assert_eq!(refused_fields(|draft| draft.title = "x".repeat(201)), ["title"]);
    assert_eq!(refused_fields(|draft| draft.body_markdown = "<b>x</b>".into()), ["body_markdown"]);
    assert_eq!(refused_fields(|draft| draft.objects[1].id = 1), ["objects[1].id"]);
    assert_eq!(refused_fields(|draft| draft.objects[1].key = "organ_1".into()), ["objects[1].key"]);
    assert_eq!(refused_fields(|draft| draft.objects[0].key = "Organ".into()), ["objects[0].key"]);
    assert_eq!(refused_fields(|draft| draft.objects[0].key = "1organ".into()), ["objects[0].key"]);
    assert_eq!(refused_fields(|draft| draft.objects[0].name = String::new()), ["objects[0].name"]);
    assert_eq!(refused_fields(|draft| draft.objects[0].colour = "teal".into()), ["objects[0].colour"]);
    assert_eq!(refused_fields(|draft| draft.objects[1].hotkey = "12".into()), ["objects[1].hotkey"]);
    assert_eq!(refused_fields(|draft| draft.objects[1].hotkey = "1".into()), ["objects[1].hotkey"]);
    assert_eq!(refused_fields(|draft| draft.objects[1].label = 256), ["objects[1].label"]);
    assert_eq!(refused_fields(|draft| draft.objects[1].label = 0), ["objects[1].label"]);
    assert_eq!(refused_fields(|draft| draft.objects[1].label = 1), ["objects[1].label"]);
    assert_eq!(refused_fields(|draft| draft.objects[0].tolerance_mm = 0.0), ["objects[0].tolerance_mm"]);
    assert_eq!(refused_fields(|draft| draft.objects[0].tolerance_mm = f64::NAN), ["objects[0].tolerance_mm"]);
    assert_eq!(refused_fields(|draft| draft.questions[1].id = 1), ["questions[1].id"]);
    assert_eq!(refused_fields(|draft| draft.questions[0].prompt.clear()), ["questions[0].prompt"]);
    let none = QuestionKind::Choice { options: Vec::new() };
    assert_eq!(refused_fields(|draft| draft.questions[0].kind = none), ["questions[0].kind.options"]);
    let reversed = number(5.0, 1.0, 0.5);
    assert_eq!(refused_fields(|draft| draft.questions[1] = reversed), ["questions[1].kind.maximum"]);
    let long = QuestionKind::Text { max_length: 10_001 };
    assert_eq!(refused_fields(|draft| draft.questions[2].kind = long), ["questions[2].kind.max_length"]);
}

#[test]
fn an_instruction_asks_for_something() {
    let nothing = refused_fields(|draft| {
        draft.objects.clear();
        draft.questions.clear();
    });
    assert_eq!(nothing, ["objects"]);
}

#[test]
fn a_grid_has_at_most_ten_thousand_values() {
    let with = |step| {
        let mut draft = draft();
        draft.questions[1] = number(0.0, 9_999.0, step);
        draft.check().is_ok()
    };
    assert!(with(1.0));
    assert!(!with(0.9999));
    assert!(!with(f64::MIN_POSITIVE));
}

#[test]
fn a_number_has_its_place_on_the_grid() {
    let grid = NumberGrid { minimum: -1.0, maximum: 1.0, step: 0.1, unit: String::new() };
    assert_eq!(grid.values(), Some(21));
    assert_eq!(grid_step(&grid, -1.0), Some(0));
    assert_eq!(grid_step(&grid, 0.1 + 0.2), Some(13));
    assert_eq!(grid_step(&grid, 1.0), Some(20));
    for off in [0.05, 1.1, -1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(grid_step(&grid, off), None, "{off}");
    }
}

#[test]
fn a_question_takes_only_its_own_answers() {
    let instruction = draft().check().unwrap();
    let check = |id, answer| check_answer(instruction.question(id).unwrap(), &answer);
    assert_eq!(check(1, Answer::Option(2)), Ok(()));
    assert_eq!(check(1, Answer::Option(3)), Err(AnswerProblem::UnknownOption));
    assert_eq!(check(1, Answer::Number(1.0)), Err(AnswerProblem::WrongKind));
    assert_eq!(check(2, Answer::Number(100.0)), Ok(()));
    assert_eq!(check(2, Answer::Number(100.5)), Err(AnswerProblem::OutOfRange));
    assert_eq!(check(2, Answer::Number(0.3)), Err(AnswerProblem::OffGrid));
    assert_eq!(check(2, Answer::Number(f64::NAN)), Err(AnswerProblem::OutOfRange));
    assert_eq!(check(3, Answer::Text("äöüßé".into())), Ok(()));
    assert_eq!(check(3, Answer::Text("sixsix".into())), Err(AnswerProblem::TooLong));
    assert_eq!(check(3, Answer::Text(" \n".into())), Err(AnswerProblem::Empty));
}

#[test]
fn only_required_questions_are_missed() {
    let instruction = draft().check().unwrap();
    let mut answers = BTreeMap::new();
    assert_eq!(missing_answers(&instruction, &answers), [1, 3]);
    answers.insert(3, Answer::Text("so".into()));
    assert_eq!(missing_answers(&instruction, &answers), [1]);
}

#[test]
fn markdown_becomes_a_typed_tree() {
    let text = |text: &str| Inline::Text(text.into());
    let blocks = markdown::parse("## A `b`\n\nOne\ntwo **three *four***\n\n1. x\n2. y &lt;z\n").unwrap();
    let four = Inline::Emphasis(vec![text("four")]);
    assert_eq!(
        blocks,
        [
            Block::Heading { level: 2, inlines: vec![text("A "), Inline::Code("b".into())] },
            Block::Paragraph { inlines: vec![text("One two "), Inline::Strong(vec![text("three "), four])] },
            Block::List { ordered: true, items: vec![vec![text("x")], vec![text("y <z")]] },
        ]
    );
}

#[test]
fn a_list_may_be_loose() {
    let tight = markdown::parse("- a\n- b\n").unwrap();
    assert_eq!(markdown::parse("- a\n\n- b\n").unwrap(), tight);
}

#[test]
fn other_markup_is_refused_by_name() {
    let refusal = |text: &str| markdown::parse(text).unwrap_err().to_string();
    assert_eq!(refusal("a\n\n<script>x</script>"), "line 3: HTML is not allowed");
    assert_eq!(refusal("a <b>c</b>"), "line 1: HTML is not allowed");
    assert_eq!(refusal("[a](https://example.org)"), "line 1: links are not allowed");
    assert_eq!(refusal("<https://example.org>"), "line 1: links are not allowed");
    assert_eq!(refusal("![a](b.png)"), "line 1: images are not allowed");
    assert_eq!(refusal("> a"), "line 1: block quotes are not allowed");
    assert_eq!(refusal("---"), "line 1: horizontal rules are not allowed");
    assert_eq!(refusal("#### a"), "line 1: headings have level 1, 2 or 3");
    assert_eq!(refusal("- a\n  - b"), "line 2: lists inside lists are not allowed");
    assert_eq!(refusal("- a\n\n  b"), "line 3: a list item has one paragraph");
    assert_eq!(refusal("- # a"), "line 1: a list item holds text only");
    assert!(refusal("```\na\n```").contains("code blocks"));
    assert!(refusal("a\u{7}b").contains("control character"));
    assert!(refusal(&"x".repeat(50_001)).contains("too long"));
    assert!(refusal(&format!("{}b{}", "*a ".repeat(9), "*".repeat(9))).contains("too deep"));
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in "[-#*_`>\\[\\]()!<a-c1. \n]{0,200}") {
        if let Ok(blocks) = markdown::parse(&text) {
            let mut instruction = draft().check().unwrap();
            instruction.body = blocks;
            prop_assert_eq!(instruction.problems(), vec![]);
        }
    }

    #[test]
    fn every_step_of_a_grid_is_found(minimum in -1e3..1e3f64, step in 0.001..10.0f64, at in 0u32..9_999) {
        let grid = NumberGrid { minimum, maximum: minimum + step * 9_999.0, step, unit: String::new() };
        prop_assert_eq!(grid_step(&grid, minimum + step * f64::from(at)), Some(at));
    }
}
