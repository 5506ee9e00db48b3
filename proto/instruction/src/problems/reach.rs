//! Whether a question can ever be asked, and whether a rule can ever hold.
//!
//! Every answer that makes a difference is tried: each option that a condition names and one that
//! none names, one number for each way that the tests on a question can turn out, and so on for what
//! is drawn. What there is to try is counted first; beyond the limit nothing is said. Volume and
//! diameter are taken to be independent, so that nothing possible is called impossible.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::values;
use super::object::has_volume;
use crate::{
    Answer, Comparison, Condition, Facts, Geometry, InstanceFacts, Instruction, Object, ObjectFacts,
    Presence, Question, QuestionKind, Rule, Said, asked_questions, counted_answers,
};

/// How many combinations are tried at most.
const COMBINATIONS: usize = 1 << 12;

/// Whether some answers and drawings make the question at that place asked; none when there are too
/// many to try.
pub(super) fn can_be_asked(instruction: &Instruction, at: usize) -> Option<bool> {
    let question = instruction.questions.get(at)?;
    if question.parent.is_none() && question.visible_when.is_none() {
        return Some(true);
    }
    let part = Part::of(instruction, question.visible_when.as_ref(), Some(question));
    part.find(|part, said| asked_questions(part, said).contains(&question.id))
}

/// Whether some answers and drawings keep the rule; none when there are too many to try.
pub(super) fn can_hold(instruction: &Instruction, rule: &Rule) -> Option<bool> {
    let part = Part::of(instruction, Some(&rule.must_hold), None);
    part.find(|part, said| {
        let counted = counted_answers(part, said);
        rule.must_hold.holds(&Said { answers: &counted, ..*said })
    })
}

/// What a condition hangs on.
struct Part {
    /// Questions in their order, and objects; nothing else.
    instruction: Instruction,
    /// Every condition that looks at them.
    tests: Vec<Condition>,
    /// The question that it is all about; its own answer does not matter.
    question: Option<u32>,
}

/// What may be said or drawn of one question or object.
enum Choice {
    Question(u32, Vec<Option<Answer>>),
    Object(u32, Vec<(Option<Presence>, ObjectFacts)>),
}

impl Choice {
    fn len(&self) -> usize {
        match self {
            Self::Question(_, ways) => ways.len(),
            Self::Object(_, ways) => ways.len(),
        }
    }
}

impl Part {
    fn of(instruction: &Instruction, condition: Option<&Condition>, question: Option<&Question>) -> Self {
        let mut tests: Vec<Condition> = Vec::new();
        let mut questions: BTreeSet<u32> = question.map(|question| question.id).into_iter().collect();
        let mut objects = BTreeSet::new();
        let mut look = |condition: &Condition, questions: &mut BTreeSet<u32>| {
            condition.each(&mut |test| {
                let (question, object) = subject(test);
                questions.extend(question);
                objects.extend(object);
                tests.push(test.clone());
            });
        };
        if let Some(condition) = condition {
            look(condition, &mut questions);
        }
        // From the last to the first: a question hangs on earlier ones only.
        for earlier in instruction.questions.iter().rev() {
            if questions.contains(&earlier.id) {
                questions.extend(earlier.parent.map(|parent| parent.question_id));
                if let Some(condition) = &earlier.visible_when {
                    look(condition, &mut questions);
                }
            }
        }
        let mut part = instruction.clone();
        part.questions.retain(|question| questions.contains(&question.id));
        part.objects.retain(|object| objects.contains(&object.id));
        part.body.clear();
        part.rules.clear();
        Self { instruction: part, tests, question: question.map(|question| question.id) }
    }

    /// Whether `looked_for` is true of anything that can be said and drawn.
    fn find(&self, looked_for: impl Fn(&Instruction, &Said<'_>) -> bool) -> Option<bool> {
        let questions =
            self.instruction.questions.iter().map(|one| Choice::Question(one.id, self.answers(one)));
        let objects = self.instruction.objects.iter().map(|one| Choice::Object(one.id, self.drawings(one)));
        let choices: Vec<Choice> = questions.chain(objects).collect();
        let combinations =
            choices.iter().try_fold(1_usize, |product, choice| product.checked_mul(choice.len()));
        let combinations = combinations.filter(|&number| number <= COMBINATIONS)?;
        Some((0..combinations).any(|number| {
            let (answers, statements, facts) = combination(&choices, number);
            looked_for(&self.instruction, &Said { answers: &answers, statements: &statements, facts: &facts })
        }))
    }

    fn answers(&self, question: &Question) -> Vec<Option<Answer>> {
        if self.question == Some(question.id) {
            return vec![None];
        }
        let named: BTreeSet<u32> = self.named_options(question.id);
        let option = |ids: Vec<u32>| {
            let other = ids.iter().copied().find(|id| !named.contains(id));
            let of_interest = ids.iter().copied().filter(|id| named.contains(id)).chain(other);
            of_interest.map(Answer::Option).collect()
        };
        let answers: Vec<Answer> = match &question.kind {
            QuestionKind::Choice { options } => option(options.iter().map(|option| option.id).collect()),
            QuestionKind::YesNo => option(vec![crate::YES, crate::NO]),
            QuestionKind::Number(grid) => self.numbers(question.id, values(grid)),
            QuestionKind::Scale(scale) => self.numbers(question.id, values(&scale.grid())),
            QuestionKind::Text { .. } => vec![Answer::Text("x".to_owned())],
        };
        [None].into_iter().chain(answers.into_iter().map(Some)).collect()
    }

    fn named_options(&self, question: u32) -> BTreeSet<u32> {
        let in_tests = self.tests.iter().filter_map(|test| match test {
            Condition::Option { question_id, option_id } if *question_id == question => Some(*option_id),
            Condition::Option { .. }
            | Condition::All(_)
            | Condition::Any(_)
            | Condition::Not(_)
            | Condition::Answered { .. }
            | Condition::Number { .. }
            | Condition::Presence { .. }
            | Condition::Count { .. }
            | Condition::Volume { .. }
            | Condition::Diameter { .. } => None,
        });
        let parents = self.instruction.questions.iter().filter_map(|one| one.parent);
        let nested = parents.filter(|parent| parent.question_id == question).map(|parent| parent.option_id);
        in_tests.chain(nested).collect()
    }

    /// One number for each way that the tests on the question turn out.
    fn numbers(&self, question: u32, values: impl Iterator<Item = f64>) -> Vec<Answer> {
        let tests: Vec<(Comparison, f64)> = self
            .tests
            .iter()
            .filter_map(|test| match test {
                Condition::Number { question_id, comparison, value } if *question_id == question => {
                    Some((*comparison, *value))
                }
                Condition::Number { .. }
                | Condition::All(_)
                | Condition::Any(_)
                | Condition::Not(_)
                | Condition::Answered { .. }
                | Condition::Option { .. }
                | Condition::Presence { .. }
                | Condition::Count { .. }
                | Condition::Volume { .. }
                | Condition::Diameter { .. } => None,
            })
            .collect();
        let mut ways = BTreeMap::new();
        for number in values {
            let way: Vec<bool> =
                tests.iter().map(|(comparison, value)| comparison.holds(number, *value)).collect();
            ways.entry(way).or_insert(Answer::Number(number));
        }
        ways.into_values().collect()
    }

    fn drawings(&self, object: &Object) -> Vec<(Option<Presence>, ObjectFacts)> {
        let statements =
            [None, Some(Presence::Present), Some(Presence::Absent), Some(Presence::NotAssessable)];
        let mut ways: Vec<_> =
            statements.into_iter().map(|stated| (stated, ObjectFacts::default())).collect();
        if object.geometry == Geometry::Classification {
            return ways;
        }
        let mut counts = BTreeSet::from([1]);
        let (mut volumes_mm3, mut diameters_mm) = (Vec::new(), Vec::new());
        for test in &self.tests {
            if let Condition::Count { object_id, value, .. } = test
                && *object_id == object.id
            {
                counts.extend([value.saturating_sub(1), *value, value.saturating_add(1)]);
            }
            if let Condition::Volume { object_id, value_mm3, .. } = test
                && *object_id == object.id
            {
                volumes_mm3.push(*value_mm3);
            }
            if let Condition::Diameter { object_id, value_mm, .. } = test
                && *object_id == object.id
            {
                diameters_mm.push(*value_mm);
            }
        }
        let volumes_mm3 = if has_volume(object.geometry) { sides(volumes_mm3) } else { vec![0.0] };
        let diameters_mm = sides(diameters_mm);
        for count in counts.into_iter().filter(|&count| count > 0) {
            for &volume_mm3 in &volumes_mm3 {
                for &diameter_mm in &diameters_mm {
                    let (diameter_mm, volume_mm3) = (Some(diameter_mm), Some(volume_mm3));
                    let whole = InstanceFacts { diameter_mm, volume_mm3, slices: 1, elongation: None };
                    ways.push((None, ObjectFacts { count, cavities: 0, instances: vec![whole] }));
                }
            }
        }
        ways
    }
}

/// Numbers above 0 on either side of each bound, and the bounds.
fn sides(mut bounds: Vec<f64>) -> Vec<f64> {
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let beyond = bounds.last().map_or(1.0, |last| last * 2.0);
    let between = [0.0].iter().chain(&bounds).zip(&bounds).map(|(lower, upper)| (lower + upper) / 2.0);
    between.chain(bounds.iter().copied()).chain([beyond]).collect()
}

/// The question and the object that one test is about.
fn subject(test: &Condition) -> (Option<u32>, Option<u32>) {
    match test {
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => (None, None),
        Condition::Answered { question_id }
        | Condition::Option { question_id, .. }
        | Condition::Number { question_id, .. } => (Some(*question_id), None),
        Condition::Presence { object_id, .. }
        | Condition::Count { object_id, .. }
        | Condition::Volume { object_id, .. }
        | Condition::Diameter { object_id, .. } => (None, Some(*object_id)),
    }
}

type Combination = (BTreeMap<u32, Answer>, BTreeMap<u32, Presence>, Facts);

/// The combination of that number: a number whose digits are the places in the choices.
fn combination(choices: &[Choice], mut number: usize) -> Combination {
    let (mut answers, mut statements, mut facts) = Combination::default();
    for choice in choices {
        let place = number % choice.len();
        number /= choice.len();
        match choice {
            Choice::Question(id, ways) => {
                if let Some(Some(answer)) = ways.get(place) {
                    answers.insert(*id, answer.clone());
                }
            }
            Choice::Object(id, ways) => {
                if let Some((stated, drawn)) = ways.get(place) {
                    statements.extend(stated.map(|stated| (*id, stated)));
                    facts.objects.insert(*id, drawn.clone());
                }
            }
        }
    }
    (answers, statements, facts)
}
