//! Questions that hang on others: not asked, not required, and their answers count for nothing.

use proto_instruction::{Question, Severity, Subject};

use crate::case::Case;
use crate::common::{
    answered, any, below, choice, instruction, not, number, option, required, rule, scale, text, when, yes,
    yes_no,
};

const MISSING: &str = "answer-missing";

fn of(name: &str, questions: Vec<Question>) -> Case {
    Case::new(name, &instruction(Vec::new(), questions, Vec::new()))
}

pub(crate) fn cases() -> Vec<Case> {
    [nested(), chains(), both(), order(), rules()].concat()
}

fn nested() -> Vec<Case> {
    let two = || vec![yes_no(1), required(below(text(2, 9), 1, 1))];
    let sides = || vec![choice(1, &[3, 7]), required(below(yes_no(2), 1, 7))];
    vec![
        of("the question above has its option", two())
            .option(1, 1)
            .asks(&[1, 2])
            .refuses(Subject::Question(2), MISSING),
        of("the question above has another option", two()).option(1, 2).asks(&[1]),
        of("the question above has no answer", two()).asks(&[1]),
        of("a nested question with its answer", two()).option(1, 1).text(2, "so").asks(&[1, 2]),
        of("a hidden answer that would not do is not looked at", two()).option(1, 2).text(2, "").asks(&[1]),
        of("nested below one option of a choice", sides()).option(1, 7).option(2, 2).asks(&[1, 2]),
        of("beside the option that it is nested below", sides()).option(1, 3).option(2, 2).asks(&[1]),
        of("nested below no", vec![yes_no(1), below(yes_no(2), 1, 2)]).option(1, 2).asks(&[1, 2]),
        of("a number chooses no option", vec![scale(1, 1, 5), below(yes_no(2), 1, 1)])
            .number(1, 1.0)
            .asks(&[1]),
    ]
}

fn chains() -> Vec<Case> {
    let four = || {
        vec![
            yes_no(1),
            below(yes_no(2), 1, 1),
            below(choice(3, &[1, 2]), 2, 1),
            required(below(number(4, 0.0, 5.0, 1.0), 3, 2)),
        ]
    };
    let answers = |case: Case, first: u32| case.option(1, first).option(2, 1).option(3, 2);
    vec![
        answers(of("a chain that is asked to its end", four()), 1)
            .asks(&[1, 2, 3, 4])
            .refuses(Subject::Question(4), MISSING),
        answers(of("a chain broken at its top", four()), 2).number(4, 3.0).asks(&[1]),
        of("a chain broken in the middle", four()).option(1, 1).option(2, 2).option(3, 2).asks(&[1, 2]),
        of("a chain with a gap", four()).option(1, 1).option(3, 2).number(4, 9.0).asks(&[1, 2]),
    ]
}

fn both() -> Vec<Case> {
    let three = || vec![yes_no(1), yes_no(2), required(when(below(yes_no(3), 1, 1), yes(2)))];
    vec![
        of("option and condition both hold", three())
            .option(1, 1)
            .option(2, 1)
            .asks(&[1, 2, 3])
            .refuses(Subject::Question(3), MISSING),
        of("the option holds and the condition does not", three()).option(1, 1).option(2, 2).asks(&[1, 2]),
        of("the condition holds and the option does not", three()).option(1, 2).option(2, 1).asks(&[1, 2]),
        of("neither option nor condition holds", three()).asks(&[1, 2]),
    ]
}

fn order() -> Vec<Case> {
    let hidden = || vec![yes_no(1), when(yes_no(2), yes(1)), when(yes_no(3), not(answered(2)))];
    vec![
        of("a condition does not see a later question", vec![when(yes_no(1), answered(2)), yes_no(2)])
            .option(1, 1)
            .option(2, 1)
            .asks(&[2]),
        of("a condition does not see its own question", vec![when(yes_no(1), answered(1))])
            .option(1, 1)
            .asks(&[]),
        of("a hidden answer is no answer to a condition", hidden()).option(1, 2).option(2, 1).asks(&[1, 3]),
        of("an answer that is asked for is seen by a condition", hidden())
            .option(1, 1)
            .option(2, 1)
            .asks(&[1, 2]),
        of(
            "an answer that does not do is still an answer",
            vec![scale(1, 1, 5), when(yes_no(2), answered(1))],
        )
        .number(1, 9.0)
        .asks(&[1, 2])
        .refuses(Subject::Question(1), "answer-invalid"),
    ]
}

fn rules() -> Vec<Case> {
    let questions = || vec![yes_no(1), below(yes_no(2), 1, 1)];
    let with = |name: &str, condition| {
        let rules = vec![rule(1, Severity::Refuse, condition)];
        Case::new(name, &instruction(Vec::new(), questions(), rules))
    };
    let broken = |case: Case| case.refuses(Subject::Rule(1), "rule-broken");
    vec![
        with("a hidden answer does not break a rule", not(yes(2))).option(1, 2).option(2, 1).asks(&[1]),
        broken(
            with("the same answer breaks the rule once asked", not(yes(2)))
                .option(1, 1)
                .option(2, 1)
                .asks(&[1, 2]),
        ),
        broken(with("a hidden answer does not keep a rule", yes(2)).option(1, 2).option(2, 1).asks(&[1])),
        with("either the hidden or the shown answer", any([option(1, 2), yes(2)]))
            .option(1, 2)
            .option(2, 2)
            .asks(&[1]),
    ]
}
