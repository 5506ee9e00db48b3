//! Instructions, and work under them, drawn by chance from a seed.

use std::collections::BTreeMap;

use proto_instruction::{
    Answer, Comparison, Condition, CountLimits, Facts, Finding, Geometry, InstanceFacts, Instruction, Object,
    ObjectFacts, ObjectLimits, Presence, Question, QuestionKind, Rule, Said, Severity, counted_answers,
    findings,
};

use super::{
    all, answered, any, below, choice, count_is, diameter_is, instruction as of, not, number, number_is,
    object, option, presence_is, rule, scale, text, volume_is, when, yes_no,
};

/// Chance that always falls the same way (SplitMix64).
#[derive(Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to one below `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        (self.next() % u64::from(end)) as u32
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u32) as usize]
    }

    /// Quarters from `least` on, exact in binary.
    pub(crate) fn quarter(&mut self, least: f64, steps: u32) -> f64 {
        least + f64::from(self.below(steps)) / 4.0
    }

    fn some<T>(&mut self, share: u32, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.percent(share) { Some(draw(self)) } else { None }
    }
}

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];
const PRESENCES: [Presence; 3] = [Presence::Present, Presence::Absent, Presence::NotAssessable];

/// Up to three objects, one to five questions, up to two rules. Conditions may look at what is not there.
pub(crate) fn instruction(chance: &mut Chance) -> Instruction {
    let objects: Vec<Object> = (1..=chance.below(4)).map(|id| draw_object(chance, id)).collect();
    let number = chance.below(5) + 1;
    let mut questions: Vec<Question> = Vec::new();
    for id in 1..=number {
        let question = draw_question(chance, id, &questions);
        questions.push(question);
    }
    let rules: Vec<Rule> = (1..=chance.below(3))
        .map(|id| rule(id, chance.one(&[Severity::Warn, Severity::Refuse]), condition(chance, number + 1, 3)))
        .collect();
    of(objects, questions, rules)
}

fn draw_object(chance: &mut Chance, id: u32) -> Object {
    let geometry = match chance.below(6) {
        0 => Geometry::Box,
        1 => Geometry::Point,
        2 => Geometry::Line,
        3 => Geometry::Classification,
        _ => Geometry::LabelMap { label: id as u8, tolerance_mm: chance.quarter(0.25, 8) },
    };
    let limits = ObjectLimits {
        minimum_diameter_mm: chance.some(30, |chance| chance.quarter(0.25, 8)),
        maximum_diameter_mm: chance.some(30, |chance| chance.quarter(2.0, 16)),
        minimum_volume_mm3: chance.some(30, |chance| chance.quarter(0.25, 8)),
        maximum_volume_mm3: chance.some(30, |chance| chance.quarter(2.0, 16)),
        minimum_slices: chance.some(30, |chance| chance.below(3) + 1),
        maximum_slices: chance.some(30, |chance| chance.below(3) + 3),
        maximum_elongation: chance.some(30, |chance| chance.quarter(1.0, 8)),
        no_cavities: chance.percent(30),
    };
    let minimum = chance.below(3);
    Object {
        count: CountLimits { minimum, maximum: chance.some(50, |chance| minimum + chance.below(2)) },
        limits,
        severity: chance.one(&[Severity::Warn, Severity::Refuse]),
        must_state: chance.percent(40),
        ..object(id, geometry)
    }
}

fn draw_question(chance: &mut Chance, id: u32, earlier: &[Question]) -> Question {
    let mut question = match chance.below(5) {
        0 => choice(id, &[1, 2, 5]),
        1 => number(id, -1.0, 3.0, 0.25),
        2 => scale(id, 1, 5),
        3 => text(id, 12),
        _ => yes_no(id),
    };
    question.required = chance.percent(50);
    let parents: Vec<(u32, Vec<u32>)> =
        earlier.iter().filter_map(|one| Some((one.id, one.kind.option_ids()?))).collect();
    if !parents.is_empty() && chance.percent(40) {
        let (parent, options) = &parents[chance.below(parents.len() as u32) as usize];
        question = below(question, *parent, chance.one(options));
    }
    if id > 1 && chance.percent(40) {
        question = when(question, condition(chance, id, 3));
    }
    question
}

/// A condition over questions below `questions` and objects 1 to 3, with so many levels at most.
fn condition(chance: &mut Chance, questions: u32, levels: u32) -> Condition {
    let question_id = chance.below(questions.max(2) - 1) + 1;
    let object_id = chance.below(3) + 1;
    let comparison = chance.one(&COMPARISONS);
    let kind = if levels > 1 { chance.below(12) } else { chance.below(9) };
    match kind {
        0 => answered(question_id),
        1 | 2 => option(question_id, chance.one(&[1, 2, 5])),
        3 | 4 => number_is(question_id, comparison, chance.quarter(-1.0, 17)),
        5 => presence_is(object_id, chance.one(&PRESENCES)),
        6 => count_is(object_id, comparison, chance.below(4)),
        7 => volume_is(object_id, comparison, chance.quarter(0.25, 16)),
        8 => diameter_is(object_id, comparison, chance.quarter(0.25, 16)),
        9 => not(condition(chance, questions, levels - 1)),
        10 => {
            let number = chance.below(3);
            all((0..number).map(|_| condition(chance, questions, levels - 1)).collect::<Vec<_>>())
        }
        _ => {
            let number = chance.below(4);
            any((0..number).map(|_| condition(chance, questions, levels - 1)).collect::<Vec<_>>())
        }
    }
}

/// What was said and drawn under an instruction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work {
    pub(crate) answers: BTreeMap<u32, Answer>,
    pub(crate) statements: BTreeMap<u32, Presence>,
    pub(crate) facts: Facts,
}

impl Work {
    /// As it is handed in: without the answers that count for nothing.
    pub(crate) fn handed_in(self, instruction: &Instruction) -> Self {
        let answers = counted_answers(instruction, &self.said());
        Self { answers, ..self }
    }

    pub(crate) fn findings(&self, instruction: &Instruction) -> Vec<Finding> {
        findings(instruction, &self.said())
    }

    fn said(&self) -> Said<'_> {
        Said { answers: &self.answers, statements: &self.statements, facts: &self.facts }
    }
}

/// Some answers, statements and drawings; most suit the instruction.
pub(crate) fn work(chance: &mut Chance, instruction: &Instruction) -> Work {
    let mut work = Work::default();
    for question in &instruction.questions {
        if chance.percent(75) {
            work.answers.insert(question.id, answer(chance, question));
        }
    }
    for object in &instruction.objects {
        if chance.percent(30) {
            work.statements.insert(object.id, chance.one(&PRESENCES));
        }
        if chance.percent(65) {
            work.facts.objects.insert(object.id, facts(chance, object));
        }
    }
    work
}

fn answer(chance: &mut Chance, question: &Question) -> Answer {
    if chance.percent(8) {
        return Answer::Option(chance.one(&[1, 9]));
    }
    match &question.kind {
        QuestionKind::Choice { .. } => Answer::Option(chance.one(&[1, 2, 5])),
        QuestionKind::YesNo => Answer::Option(chance.one(&[1, 1, 2])),
        QuestionKind::Number(_) => Answer::Number(chance.quarter(-1.0, 18)),
        QuestionKind::Scale(_) => Answer::Number(f64::from(chance.below(6))),
        QuestionKind::Text { .. } => Answer::Text("round".repeat(chance.below(4) as usize)),
    }
}

fn facts(chance: &mut Chance, object: &Object) -> ObjectFacts {
    let parts = chance.below(3) + 1;
    let instances = match object.geometry {
        Geometry::Classification => return ObjectFacts::default(),
        Geometry::LabelMap { .. } => 1,
        Geometry::Box | Geometry::Point | Geometry::Line => parts,
    };
    let painted = object.label().is_some();
    let instance = |chance: &mut Chance| match object.geometry {
        Geometry::Point => {
            InstanceFacts { diameter_mm: Some(0.0), volume_mm3: Some(0.0), slices: 1, elongation: None }
        }
        Geometry::Line => InstanceFacts { volume_mm3: Some(0.0), elongation: None, ..measures(chance) },
        Geometry::Box => InstanceFacts { elongation: None, ..measures(chance) },
        Geometry::LabelMap { .. } | Geometry::Classification => measures(chance),
    };
    ObjectFacts {
        count: parts,
        cavities: if painted { chance.below(3) / 2 } else { 0 },
        instances: (0..instances).map(|_| instance(chance)).collect(),
    }
}

fn measures(chance: &mut Chance) -> InstanceFacts {
    InstanceFacts {
        diameter_mm: Some(chance.quarter(0.5, 24)),
        volume_mm3: Some(chance.quarter(0.25, 24)),
        slices: chance.below(6) + 1,
        elongation: if chance.percent(70) { Some(chance.quarter(1.0, 12)) } else { None },
    }
}
