//! What is wrong with questions.

use std::collections::BTreeSet;

use super::{Checker, NO_ID, reach};
use crate::{ChoiceOption, Instruction, Limits, NumberGrid, Parent, Question, QuestionKind};

impl Checker {
    /// Says whether all are sound.
    pub(super) fn questions(&mut self, instruction: &Instruction) -> bool {
        let questions = &instruction.questions;
        let before = self.problems.len();
        let mut ids = BTreeSet::new();
        for (at, question) in questions.iter().enumerate() {
            let field = format!("questions[{at}]");
            let earlier = &questions[..at];
            self.need(question.id > 0, &format!("{field}.id"), NO_ID);
            self.need(ids.insert(question.id), &format!("{field}.id"), "another question has this id");
            self.text(&format!("{field}.prompt"), &question.prompt, Limits::PROMPT);
            self.length(&format!("{field}.help"), &question.help, Limits::HELP);
            if let Some(parent) = question.parent {
                self.parent(&format!("{field}.parent"), parent, earlier);
            }
            if let Some(condition) = &question.visible_when {
                self.condition(&format!("{field}.visible_when"), condition, instruction, earlier);
            }
            self.kind(&format!("{field}.kind"), &question.kind);
        }
        // What hangs on something that is wrong already would be called unreachable, too.
        if self.problems.len() == before {
            self.reach(instruction);
        }
        self.problems.len() == before
    }

    fn parent(&mut self, field: &str, parent: Parent, earlier: &[Question]) {
        let above = earlier.iter().find(|question| question.id == parent.question_id);
        let options = above.map(|question| question.kind.option_ids());
        let problem = match options {
            None => "a question is nested below an earlier one",
            Some(None) => "a question is nested below a choice or a yes/no question",
            Some(Some(ids)) if ids.contains(&parent.option_id) => return,
            Some(Some(_)) => "the question above has no such option",
        };
        self.say(field, problem);
    }

    fn reach(&mut self, instruction: &Instruction) {
        for (at, question) in instruction.questions.iter().enumerate() {
            if reach::can_be_asked(instruction, at) == Some(false) {
                let name = if question.visible_when.is_some() { "visible_when" } else { "parent" };
                self.say(&format!("questions[{at}].{name}"), "this question can never be asked");
            }
        }
    }

    fn kind(&mut self, field: &str, kind: &QuestionKind) {
        let at = |name: &str| format!("{field}.{name}");
        match kind {
            QuestionKind::Choice { options } => self.options(&at("options"), options),
            QuestionKind::Number(grid) => self.grid(field, grid),
            QuestionKind::YesNo => {}
            QuestionKind::Scale(scale) => {
                self.need(scale.sound(), &at("maximum"), "a scale has 2 to 11 points");
                self.length(&at("minimum_text"), &scale.minimum_text, Limits::SCALE_TEXT);
                self.length(&at("maximum_text"), &scale.maximum_text, Limits::SCALE_TEXT);
            }
            QuestionKind::Text { max_length } => {
                let sound = (1..=Limits::TEXT_ANSWER).contains(max_length);
                self.need(sound, &at("max_length"), "a text has 1 to 10,000 characters");
            }
        }
    }

    fn options(&mut self, field: &str, options: &[ChoiceOption]) {
        self.need(!options.is_empty(), field, "a choice needs an option");
        self.count(field, options.len(), Limits::OPTIONS);
        let mut ids = BTreeSet::new();
        for (index, option) in options.iter().enumerate() {
            let at = |name: &str| format!("{field}[{index}].{name}");
            self.need(option.id > 0, &at("id"), NO_ID);
            self.need(ids.insert(option.id), &at("id"), "another option has this id");
            self.text(&at("text"), &option.text, Limits::OPTION);
        }
    }

    fn grid(&mut self, field: &str, grid: &NumberGrid) {
        let at = |name: &str| format!("{field}.{name}");
        self.length(&at("unit"), &grid.unit, Limits::UNIT);
        self.need(grid.maximum > grid.minimum, &at("maximum"), "the maximum is above the minimum");
        self.need(grid.step > 0.0, &at("step"), "a step is more than 0");
        let named = grid.maximum > grid.minimum && grid.step > 0.0;
        let sound = !named || grid.values().is_some();
        self.need(sound, &at("step"), "there may be at most 10,000 values from minimum to maximum");
    }
}
