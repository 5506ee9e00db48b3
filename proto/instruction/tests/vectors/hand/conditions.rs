//! Each condition, by whether a question that hangs on it is asked.

use proto_instruction::{Comparison, Condition, Geometry, Presence};

use crate::case::Case;
use crate::common::{
    all, answered, any, choice, count_is, diameter_is, instruction, label_map, not, number, number_is,
    object, option, painted, part, presence_is, shapes, volume_is, when, yes, yes_no,
};

/// Yes/no question 1, choice 2, number 3 in tenths; question 9 hangs on the condition. Object 1 is a
/// label map, object 2 boxes.
fn of(name: &str, condition: Condition) -> Case {
    let questions =
        vec![yes_no(1), choice(2, &[1, 4]), number(3, 0.0, 10.0, 0.1), when(yes_no(9), condition)];
    Case::new(name, &instruction(vec![label_map(1), object(2, Geometry::Box)], questions, Vec::new()))
}

fn holds(case: Case) -> Case {
    case.asks(&[1, 2, 3, 9])
}

fn fails(case: Case) -> Case {
    case.asks(&[1, 2, 3])
}

pub(crate) fn cases() -> Vec<Case> {
    [sets(), answers(), numbers(), presences(), counts(), measures()].concat()
}

fn sets() -> Vec<Case> {
    let deep = (0..7).fold(yes(1), |inner, level| match level % 3 {
        0 => not(inner),
        1 => all([inner]),
        _ => any([inner, option(2, 4)]),
    });
    vec![
        holds(of("all of nothing holds", all([]))),
        fails(of("any of nothing does not hold", any([]))),
        holds(of("not any of nothing", not(any([])))),
        holds(of("all of two that hold", all([yes(1), option(2, 4)])).option(1, 1).option(2, 4)),
        fails(of("all of two, one of which does not hold", all([yes(1), option(2, 4)])).option(1, 1)),
        holds(of("any of two, one of which holds", any([yes(1), option(2, 4)])).option(2, 4)),
        fails(of("any of two that do not hold", any([yes(1), option(2, 4)])).option(1, 2).option(2, 1)),
        fails(of("not of what holds", not(yes(1))).option(1, 1)),
        holds(of("not of what is not answered", not(yes(1)))),
        // Three nots around a yes: what counts is that it is not yes.
        holds(of("eight levels around a no", deep.clone()).option(1, 2)),
        fails(of("eight levels around a yes", deep.clone()).option(1, 1)),
        fails(of("eight levels and a way around", deep).option(1, 1).option(2, 4)),
    ]
}

fn answers() -> Vec<Case> {
    vec![
        holds(of("answered", answered(2)).option(2, 1)),
        fails(of("not yet answered", answered(2))),
        holds(of("a number is an answer", answered(3)).number(3, 0.0)),
        fails(of("answered, but there is no such question", answered(7)).option(2, 1)),
        holds(of("this option", option(2, 4)).option(2, 4)),
        fails(of("another option", option(2, 4)).option(2, 1)),
        holds(of("no is an option", option(1, 2)).option(1, 2)),
        fails(of("a number is no option", option(3, 1)).number(3, 1.0)),
    ]
}

fn numbers() -> Vec<Case> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let sum = 0.1 + 0.2;
    let with = |name: &str, comparison, value| of(name, number_is(3, comparison, value));
    vec![
        holds(with("0.1 and 0.2 equal 0.3", Equal, 0.3).number(3, sum)),
        fails(with("0.1 and 0.2 are not other than 0.3", NotEqual, 0.3).number(3, sum)),
        fails(with("0.1 and 0.2 are not above 0.3", Greater, 0.3).number(3, sum)),
        holds(with("0.1 and 0.2 are at least 0.3", GreaterOrEqual, 0.3).number(3, sum)),
        holds(with("0.1 and 0.2 are at most 0.3", LessOrEqual, 0.3).number(3, sum)),
        fails(with("0.3 is not below 0.1 and 0.2", Less, sum).number(3, 0.3)),
        holds(with("0.3 is below 0.4", Less, 0.4).number(3, 0.3)),
        holds(with("0.3 is above 0.2", Greater, 0.2).number(3, 0.3)),
        holds(with("0.3 is other than 0.4", NotEqual, 0.4).number(3, 0.3)),
        fails(with("0.3 is not at least 0.4", GreaterOrEqual, 0.4).number(3, 0.3)),
        fails(with("without an answer a number is not other", NotEqual, 0.3)),
        fails(with("without an answer a number is not below", Less, 100.0)),
        fails(of("an option is no number", number_is(1, Equal, 1.0)).option(1, 1)),
    ]
}

fn presences() -> Vec<Case> {
    use Presence::{Absent, NotAssessable, Present};
    let drawn = || painted(1, part(4.0, 8.0, 2));
    let with = |name: &str, presence| of(name, presence_is(1, presence));
    vec![
        holds(with("what is drawn is there", Present).draw(1, drawn())),
        fails(with("what is drawn is not absent", Absent).draw(1, drawn())),
        fails(with("what is not drawn and not stated is not there", Present)),
        fails(with("what is not drawn and not stated is not absent", Absent)),
        holds(with("what was stated absent", Absent).state(1, Absent)),
        holds(with("what was stated not assessable", NotAssessable).state(1, NotAssessable)),
        fails(with("not assessable is not absent", Absent).state(1, NotAssessable)),
        fails(of("an object that is not there has no presence", presence_is(8, Absent))),
    ]
}

fn counts() -> Vec<Case> {
    use Comparison::{Equal, GreaterOrEqual, Less, NotEqual};
    let two = || shapes(&[part(4.0, 8.0, 2), part(5.0, 9.0, 3)]);
    let with = |name: &str, comparison, value| of(name, count_is(2, comparison, value));
    vec![
        holds(with("nothing drawn counts as none", Equal, 0)),
        holds(with("nothing drawn is fewer than one", Less, 1)),
        holds(with("two boxes are at least two", GreaterOrEqual, 2).draw(2, two())),
        fails(with("two boxes are not at least three", GreaterOrEqual, 3).draw(2, two())),
        fails(with("two boxes are not other than two", NotEqual, 2).draw(2, two())),
        holds(
            of("the parts of a label map count", count_is(1, Equal, 3))
                .draw(1, painted(3, part(4.0, 8.0, 2))),
        ),
    ]
}

fn measures() -> Vec<Case> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let two = || shapes(&[part(4.5, 8.25, 2), part(2.5, 0.5, 3)]);
    vec![
        holds(of("the volume of all boxes together", volume_is(2, Equal, 8.75)).draw(2, two())),
        fails(of("nothing drawn has no volume", volume_is(2, Less, 100.0))),
        holds(of("nothing drawn is not of that volume", not(volume_is(2, Less, 100.0)))),
        holds(
            of("volumes of 0.1 and 0.2", volume_is(2, LessOrEqual, 0.3))
                .draw(2, shapes(&[part(1.0, 0.1, 1), part(1.0, 0.2, 1)])),
        ),
        holds(
            of("a large volume is not exact in its last digits", volume_is(1, Equal, 3_000_000.3))
                .draw(1, painted(1, part(300.0, 3_000_000.300_000_001, 90))),
        ),
        fails(
            of("volumes that differ by a thousandth", volume_is(1, GreaterOrEqual, 8.0))
                .draw(1, painted(1, part(4.0, 7.999, 2))),
        ),
        holds(of("the diameter of the largest box", diameter_is(2, Equal, 4.5)).draw(2, two())),
        fails(of("the smaller box does not count", diameter_is(2, Less, 3.0)).draw(2, two())),
        fails(of("nothing drawn has no diameter", diameter_is(2, Less, 3.0))),
        fails(
            of("a diameter at its bound is not above it", diameter_is(1, Greater, 0.3))
                .draw(1, painted(1, part(0.1 + 0.2, 1.0, 1))),
        ),
    ]
}
