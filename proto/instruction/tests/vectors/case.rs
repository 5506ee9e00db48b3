//! One case.

use std::collections::BTreeMap;

use proto_instruction::{
    Answer, Facts, Instruction, ObjectFacts, Presence, Said, Severity, Subject, asked_questions, findings,
};

/// What was said and drawn under an instruction, and what has to be found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) instruction: Instruction,
    pub(crate) answers: BTreeMap<u32, Answer>,
    pub(crate) statements: BTreeMap<u32, Presence>,
    pub(crate) facts: Facts,
    pub(crate) asked: Vec<u32>,
    pub(crate) findings: Vec<Found>,
}

/// A finding as programs name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) subject: Subject,
    pub(crate) check: String,
    pub(crate) severity: Severity,
}

impl Case {
    pub(crate) fn new(name: &str, instruction: &Instruction) -> Self {
        Self {
            name: name.to_owned(),
            instruction: instruction.clone(),
            answers: BTreeMap::new(),
            statements: BTreeMap::new(),
            facts: Facts::default(),
            asked: Vec::new(),
            findings: Vec::new(),
        }
    }

    pub(crate) fn option(mut self, question: u32, option: u32) -> Self {
        self.answers.insert(question, Answer::Option(option));
        self
    }

    pub(crate) fn number(mut self, question: u32, number: f64) -> Self {
        self.answers.insert(question, Answer::Number(number));
        self
    }

    pub(crate) fn text(mut self, question: u32, text: &str) -> Self {
        self.answers.insert(question, Answer::Text(text.to_owned()));
        self
    }

    pub(crate) fn state(mut self, object: u32, presence: Presence) -> Self {
        self.statements.insert(object, presence);
        self
    }

    pub(crate) fn draw(mut self, object: u32, facts: ObjectFacts) -> Self {
        self.facts.objects.insert(object, facts);
        self
    }

    pub(crate) fn asks(mut self, questions: &[u32]) -> Self {
        self.asked = questions.to_vec();
        self
    }

    /// Finds something that stands in the way.
    pub(crate) fn refuses(self, subject: Subject, check: &str) -> Self {
        self.finds(subject, check, Severity::Refuse)
    }

    /// Finds something that needs a reason.
    pub(crate) fn warns(self, subject: Subject, check: &str) -> Self {
        self.finds(subject, check, Severity::Warn)
    }

    fn finds(mut self, subject: Subject, check: &str, severity: Severity) -> Self {
        self.findings.push(Found { subject, check: check.to_owned(), severity });
        self
    }

    /// What this evaluator asks and finds.
    pub(crate) fn evaluate(&self) -> (Vec<u32>, Vec<Found>) {
        let said = Said { answers: &self.answers, statements: &self.statements, facts: &self.facts };
        let found = findings(&self.instruction, &said).into_iter().map(|finding| Found {
            subject: finding.subject,
            check: finding.check.code().to_owned(),
            severity: finding.severity,
        });
        (asked_questions(&self.instruction, &said), found.collect())
    }
}
