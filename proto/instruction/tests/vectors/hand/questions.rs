//! Questions that are always asked.

use proto_instruction::{Question, Subject};

use crate::case::Case;
use crate::common::{choice, instruction, number, required, scale, text, yes_no};

const MISSING: &str = "answer-missing";
const INVALID: &str = "answer-invalid";
const FIRST: Subject = Subject::Question(1);

fn one(name: &str, question: Question) -> Case {
    Case::new(name, &instruction(Vec::new(), vec![question], Vec::new())).asks(&[1])
}

pub(crate) fn cases() -> Vec<Case> {
    [options(), numbers(), texts(), several()].concat()
}

fn options() -> Vec<Case> {
    let sides = || required(choice(1, &[1, 2, 5]));
    vec![
        one("a required question without an answer", required(yes_no(1))).refuses(FIRST, MISSING),
        one("an optional question without an answer", yes_no(1)),
        one("a required question answered yes", required(yes_no(1))).option(1, 1),
        one("a required question answered no", required(yes_no(1))).option(1, 2),
        one("a yes/no question has no third option", yes_no(1)).option(1, 3).refuses(FIRST, INVALID),
        one("a yes/no question takes no number", yes_no(1)).number(1, 1.0).refuses(FIRST, INVALID),
        one("the last option of a choice", sides()).option(1, 5),
        one("an option between those of a choice", sides()).option(1, 3).refuses(FIRST, INVALID),
        one("a choice takes no text", sides()).text(1, "1").refuses(FIRST, INVALID),
        one("a choice without an answer", sides()).refuses(FIRST, MISSING),
    ]
}

fn numbers() -> Vec<Case> {
    let tenths = || number(1, 0.0, 1.0, 0.1);
    vec![
        one("the sum of 0.1 and 0.2 is on a grid of tenths", tenths()).number(1, 0.1 + 0.2),
        one("0.05 is not on a grid of tenths", tenths()).number(1, 0.05).refuses(FIRST, INVALID),
        one("a number below the minimum", tenths()).number(1, -0.1).refuses(FIRST, INVALID),
        one("a number above the maximum", tenths()).number(1, 1.1).refuses(FIRST, INVALID),
        one("the minimum is on the grid", tenths()).number(1, 0.0),
        one("the maximum is on the grid", tenths()).number(1, 1.0),
        one("a grid that does not end at its maximum", number(1, 0.0, 1.0, 0.3)).number(1, 0.9),
        one("a maximum that is not on the grid", number(1, 0.0, 1.0, 0.3))
            .number(1, 1.0)
            .refuses(FIRST, INVALID),
        one("a number takes no option", tenths()).option(1, 1).refuses(FIRST, INVALID),
        one("a required number without an answer", required(tenths())).refuses(FIRST, MISSING),
        one("zero is an answer", required(number(1, -2.0, 2.0, 1.0))).number(1, 0.0),
        one("a whole number on a scale", required(scale(1, 1, 5))).number(1, 3.0),
        one("both ends of a scale belong to it", scale(1, -2, 2)).number(1, -2.0),
        one("half a step of a scale", scale(1, 1, 5)).number(1, 2.5).refuses(FIRST, INVALID),
        one("a number beyond a scale", scale(1, 1, 5)).number(1, 6.0).refuses(FIRST, INVALID),
        one("a scale takes no option", scale(1, 1, 5)).option(1, 2).refuses(FIRST, INVALID),
        one("a scale without an answer", required(scale(1, 0, 10))).refuses(FIRST, MISSING),
    ]
}

fn texts() -> Vec<Case> {
    vec![
        one("a text as long as allowed", required(text(1, 5))).text(1, "äöüßé"),
        one("a text counts characters and not code units", text(1, 2)).text(1, "🫁🫀"),
        one("a text that is too long", text(1, 5)).text(1, "longer").refuses(FIRST, INVALID),
        one("a text of blanks", required(text(1, 5))).text(1, " \n ").refuses(FIRST, INVALID),
        one("a text takes no number", text(1, 5)).number(1, 4.0).refuses(FIRST, INVALID),
        one("a required text without an answer", required(text(1, 5))).refuses(FIRST, MISSING),
    ]
}

fn several() -> Vec<Case> {
    let three = vec![required(yes_no(4)), number(2, 0.0, 4.0, 1.0), required(text(9, 5))];
    let three = instruction(Vec::new(), three, Vec::new());
    vec![
        Case::new("findings come in the order of the questions", &three)
            .number(2, 0.5)
            .asks(&[4, 2, 9])
            .refuses(Subject::Question(4), MISSING)
            .refuses(Subject::Question(2), INVALID)
            .refuses(Subject::Question(9), MISSING),
        Case::new("an answer to a question that is not there", &three)
            .option(4, 2)
            .text(9, "so")
            .option(7, 1)
            .asks(&[4, 2, 9]),
    ]
}
