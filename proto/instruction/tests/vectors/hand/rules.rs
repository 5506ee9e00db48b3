//! Rules across objects and questions.

use proto_instruction::{Comparison, Condition, Geometry, Presence, Severity, Subject};

use crate::case::Case;
use crate::common::{
    all, any, count_is, counted, diameter_is, instruction, label_map, not, number, number_is, object,
    painted, part, presence_is, required, rule, volume_is, warned, yes, yes_no,
};

const BROKEN: &str = "rule-broken";
const FIRST: Subject = Subject::Rule(1);

/// Object 1 is an organ, object 2 a tumour in it, object 3 a classification; question 1 is yes or no,
/// question 2 a number in steps of a half.
fn of(name: &str, severity: Severity, condition: Condition) -> Case {
    let objects = vec![label_map(1), label_map(2), object(3, Geometry::Classification)];
    let questions = vec![yes_no(1), number(2, 0.0, 20.0, 0.5)];
    Case::new(name, &instruction(objects, questions, vec![rule(1, severity, condition)]))
        .state(3, Presence::Absent)
        .asks(&[1, 2])
}

fn there(object: u32) -> Condition {
    presence_is(object, Presence::Present)
}

pub(crate) fn cases() -> Vec<Case> {
    [presences(), measures(), several()].concat()
}

fn presences() -> Vec<Case> {
    use Severity::{Refuse, Warn};
    let organ_too = || any([not(there(2)), there(1)]);
    let drawn = || painted(1, part(4.0, 8.0, 2));
    vec![
        of("a tumour lies in an organ", Refuse, organ_too()).draw(1, drawn()).draw(2, drawn()),
        of("a tumour without its organ", Refuse, organ_too()).draw(2, drawn()).refuses(FIRST, BROKEN),
        of("a tumour should have its organ", Warn, organ_too()).draw(2, drawn()).warns(FIRST, BROKEN),
        of("neither tumour nor organ", Refuse, organ_too()),
        of("a classification that has to be absent", Warn, presence_is(3, Presence::Absent)),
        of("a classification that may not be absent", Warn, not(presence_is(3, Presence::Absent)))
            .warns(FIRST, BROKEN),
        of("a rule that never holds", Refuse, any([])).refuses(FIRST, BROKEN),
        of("a rule that always holds", Refuse, all([])),
    ]
}

fn measures() -> Vec<Case> {
    use Comparison::{Equal, GreaterOrEqual, Less, LessOrEqual};
    use Severity::{Refuse, Warn};
    let large = || any([not(number_is(2, GreaterOrEqual, 10.0)), diameter_is(2, GreaterOrEqual, 10.0)]);
    let drawn = |mm, mm3| painted(1, part(mm, mm3, 2));
    vec![
        of("an answer and a diameter agree", Refuse, large()).number(2, 10.0).draw(2, drawn(10.0, 9.0)),
        of("an answer and a diameter differ", Refuse, large())
            .number(2, 10.0)
            .draw(2, drawn(9.5, 9.0))
            .refuses(FIRST, BROKEN),
        of("without the answer the diameter may be any", Refuse, large()).draw(2, drawn(1.0, 9.0)),
        of("a volume below its bound", Warn, volume_is(1, Less, 50.0)).draw(1, drawn(4.0, 49.0)),
        of("a volume at its bound is not below it", Warn, volume_is(1, Less, 50.0))
            .draw(1, drawn(4.0, 50.0))
            .warns(FIRST, BROKEN),
        of("a volume rule is broken where nothing is drawn", Warn, volume_is(1, LessOrEqual, 50.0))
            .warns(FIRST, BROKEN),
        of("exactly one tumour when yes", Refuse, any([not(yes(1)), count_is(2, Equal, 1)]))
            .option(1, 1)
            .draw(2, painted(2, part(4.0, 8.0, 2)))
            .refuses(FIRST, BROKEN),
        of("any number of tumours when no", Refuse, any([not(yes(1)), count_is(2, Equal, 1)]))
            .option(1, 2)
            .draw(2, painted(2, part(4.0, 8.0, 2))),
    ]
}

fn several() -> Vec<Case> {
    let objects = vec![warned(counted(label_map(1), 1, None))];
    let rules = vec![
        rule(5, Severity::Warn, there(1)),
        rule(2, Severity::Refuse, yes(1)),
        rule(4, Severity::Warn, not(yes(1))),
    ];
    let whole = instruction(objects, vec![required(yes_no(1))], rules);
    vec![
        Case::new("questions, objects and rules, each in their order", &whole)
            .asks(&[1])
            .refuses(Subject::Question(1), "answer-missing")
            .warns(Subject::Object(1), "too-few")
            .warns(Subject::Rule(5), BROKEN)
            .refuses(Subject::Rule(2), BROKEN),
        Case::new("only the rule that is broken", &whole)
            .option(1, 1)
            .draw(1, painted(1, part(4.0, 8.0, 2)))
            .asks(&[1])
            .warns(Subject::Rule(4), BROKEN),
    ]
}
