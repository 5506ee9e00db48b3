//! What changed about questions.

use super::{Bound, EditClass, EditSubject, Edits};
use crate::{ChoiceOption, Question, QuestionKind, Scale};

impl Edits {
    pub(super) fn questions(&mut self, old: &[Question], new: &[Question]) {
        let ids = |questions: &[Question]| questions.iter().map(|question| question.id).collect::<Vec<u32>>();
        self.subject = EditSubject::Instruction;
        self.order(&ids(old), &ids(new), "order of the questions");
        for question in new {
            self.subject = EditSubject::Question(question.id);
            match old.iter().find(|before| before.id == question.id) {
                Some(before) => self.question(before, question),
                None if question.required => {
                    self.say(
                        EditClass::Narrowing,
                        format!("new question that is required: {}", question.prompt),
                    );
                }
                None => self.say(EditClass::Widening, format!("new question: {}", question.prompt)),
            }
        }
        // Answers that were given are left out; those that stay mean what they meant.
        for question in old.iter().filter(|question| !new.iter().any(|after| after.id == question.id)) {
            self.subject = EditSubject::Question(question.id);
            self.say(EditClass::Narrowing, format!("question removed: {}", question.prompt));
        }
    }

    fn question(&mut self, old: &Question, new: &Question) {
        self.cosmetic(old.prompt != new.prompt, "wording");
        self.cosmetic(old.help != new.help, "help");
        self.demand(old.required, new.required, "an answer is required");
        let freed = |had: bool, has: bool| had && !has && !new.required;
        if old.parent != new.parent {
            let always = freed(old.parent.is_some(), new.parent.is_some());
            self.asked(always, "it is nested below another answer", "it is no longer nested");
        }
        if old.visible_when != new.visible_when {
            let always = freed(old.visible_when.is_some(), new.visible_when.is_some());
            self.asked(always, "it is asked under another condition", "it is asked without its condition");
        }
        self.kind(&old.kind, &new.kind);
    }

    /// What is asked more often and need not be answered leaves done work as it is.
    fn asked(&mut self, more_often: bool, other: &str, freed: &str) {
        if more_often {
            self.say(EditClass::Widening, freed);
        } else {
            self.say(EditClass::Narrowing, other);
        }
    }

    fn kind(&mut self, old: &QuestionKind, new: &QuestionKind) {
        match (old, new) {
            (QuestionKind::Choice { options: old }, QuestionKind::Choice { options: new }) => {
                self.options(old, new)
            }
            (QuestionKind::Number(old), QuestionKind::Number(new)) => {
                let same = old.minimum == new.minimum && old.maximum == new.maximum && old.step == new.step;
                // Answers were reported as places on the grid.
                self.breaking(!same, "smallest, largest or step of the number");
                self.breaking(old.unit != new.unit, "unit");
            }
            (QuestionKind::Scale(old), QuestionKind::Scale(new)) => self.scale(old, new),
            (QuestionKind::Text { max_length: old }, QuestionKind::Text { max_length: new }) => {
                self.bound(Bound::Most, Some(*old), Some(*new), ("longest text", " characters"));
            }
            (QuestionKind::YesNo, QuestionKind::YesNo) => {}
            (
                QuestionKind::Choice { .. }
                | QuestionKind::Number(_)
                | QuestionKind::YesNo
                | QuestionKind::Scale(_)
                | QuestionKind::Text { .. },
                _,
            ) => self.breaking(true, "kind of the question"),
        }
    }

    fn scale(&mut self, old: &Scale, new: &Scale) {
        self.breaking(old.minimum != new.minimum || old.maximum != new.maximum, "ends of the scale");
        let words = old.minimum_text != new.minimum_text || old.maximum_text != new.maximum_text;
        self.cosmetic(words, "words at the ends of the scale");
    }

    fn options(&mut self, old: &[ChoiceOption], new: &[ChoiceOption]) {
        let ids = |options: &[ChoiceOption]| options.iter().map(|option| option.id).collect::<Vec<u32>>();
        self.order(&ids(old), &ids(new), "order of the options");
        for option in new {
            match old.iter().find(|before| before.id == option.id) {
                Some(before) => self
                    .cosmetic(before.text != option.text, &format!("wording of the option {}", option.text)),
                None => self.say(EditClass::Widening, format!("new option: {}", option.text)),
            }
        }
        for option in old.iter().filter(|option| !new.iter().any(|after| after.id == option.id)) {
            self.say(EditClass::Narrowing, format!("option removed: {}", option.text));
        }
    }
}
