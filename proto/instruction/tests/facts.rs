//! Facts about answers, text and colours.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod common;

use common::{all, answered, any, choice, instruction, not, number, scale, text, yes, yes_no};
use proptest::prelude::*;
use proto_instruction::{
    Answer, AnswerProblem, Block, Colour, Condition, Inline, NumberGrid, QuestionKind, Scale, check_answer,
    grid_step, markdown,
};

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
    let questions =
        vec![choice(1, &[1, 4]), number(2, 0.0, 100.0, 0.5), text(3, 5), yes_no(4), scale(5, -2, 2)];
    let instruction = instruction(Vec::new(), questions, Vec::new());
    let check = |id, answer| check_answer(instruction.question(id).unwrap(), &answer);
    assert_eq!(check(1, Answer::Option(4)), Ok(()));
    assert_eq!(check(1, Answer::Option(3)), Err(AnswerProblem::UnknownOption));
    assert_eq!(check(1, Answer::Number(1.0)), Err(AnswerProblem::WrongKind));
    assert_eq!(check(2, Answer::Number(100.0)), Ok(()));
    assert_eq!(check(2, Answer::Number(100.5)), Err(AnswerProblem::OutOfRange));
    assert_eq!(check(2, Answer::Number(0.3)), Err(AnswerProblem::OffGrid));
    assert_eq!(check(2, Answer::Number(f64::NAN)), Err(AnswerProblem::OutOfRange));
    assert_eq!(check(3, Answer::Text("äöüßé".into())), Ok(()));
    assert_eq!(check(3, Answer::Text("sixsix".into())), Err(AnswerProblem::TooLong));
    assert_eq!(check(3, Answer::Text(" \n".into())), Err(AnswerProblem::Empty));
    assert_eq!(check(4, Answer::Option(2)), Ok(()));
    assert_eq!(check(4, Answer::Option(3)), Err(AnswerProblem::UnknownOption));
    assert_eq!(check(4, Answer::Text("yes".into())), Err(AnswerProblem::WrongKind));
    assert_eq!(check(5, Answer::Number(-2.0)), Ok(()));
    assert_eq!(check(5, Answer::Number(0.5)), Err(AnswerProblem::OffGrid));
    assert_eq!(check(5, Answer::Number(3.0)), Err(AnswerProblem::OutOfRange));
    assert_eq!(check(5, Answer::Option(1)), Err(AnswerProblem::WrongKind));
}

#[test]
fn a_question_has_options_or_a_grid_or_neither() {
    let of = |kind: QuestionKind| (kind.option_ids(), kind.grid().and_then(|grid| grid.values()));
    assert_eq!(of(choice(1, &[1, 4]).kind), (Some(vec![1, 4]), None));
    assert_eq!(of(yes_no(1).kind), (Some(vec![1, 2]), None));
    assert_eq!(of(number(1, 0.0, 1.0, 0.1).kind), (None, Some(11)));
    assert_eq!(of(scale(1, 0, 10).kind), (None, Some(11)));
    assert_eq!(of(text(1, 5).kind), (None, None));
    let points = |minimum, maximum| {
        Scale { minimum, maximum, minimum_text: String::new(), maximum_text: String::new() }.sound()
    };
    assert!(points(0, 1) && points(-5, 5));
    assert!(!points(0, 0) && !points(0, 11) && !points(i32::MIN, i32::MAX) && !points(i32::MAX, i32::MIN));
}

#[test]
fn a_condition_knows_its_depth_and_its_parts() {
    let deep = not(all([any([]), any([yes(1), not(answered(2))])]));
    assert_eq!(answered(1).depth(), 1);
    assert_eq!(any([]).depth(), 1);
    assert_eq!(deep.depth(), 5);
    let mut tests = 0;
    deep.each(&mut |part| {
        tests += u32::from(!matches!(part, Condition::All(_) | Condition::Any(_) | Condition::Not(_)))
    });
    assert_eq!(tests, 2);
}

#[test]
fn a_colour_is_six_digits() {
    assert_eq!("#0EA5a4".parse::<Colour>().unwrap().to_string(), "#0ea5a4");
    assert_eq!(Colour::from_rgb(0xff_ffff).unwrap().rgb(), 0xff_ffff);
    assert!(Colour::from_rgb(0x100_0000).is_err());
    for text in ["0ea5a4", "#0ea5a", "#0ea5a44", "#0ea5ag", "#+ea5a4", "teal", ""] {
        assert!(text.parse::<Colour>().is_err(), "{text}");
    }
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
            let mut instruction = instruction(Vec::new(), vec![yes_no(1)], Vec::new());
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
