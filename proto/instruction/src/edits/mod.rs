//! What changed between two versions of an instruction, and what that means for work.
//!
//! Parts are the same when they have the same id. Here are the instruction itself and its rules;
//! objects and questions have their own files.

mod object;
mod question;

use std::collections::BTreeSet;
use std::fmt::Display;

use crate::{Instruction, Rule, Severity};

/// What an edit means for work that is under way or done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EditClass {
    /// Text, colour, order, help: nobody is interrupted.
    Cosmetic,
    /// Something optional is new, or a limit is looser: done work stays valid.
    Widening,
    /// A limit is tighter, something new is required, an option is gone: done work may not fit.
    Narrowing,
    /// Something means another thing: done work cannot be compared.
    Breaking,
}

/// What an edit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EditSubject {
    /// Title, text, and the order of the parts.
    Instruction,
    Object(u32),
    Question(u32),
    Rule(u32),
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub class: EditClass,
    pub subject: EditSubject,
    /// For people: what changed, such as "limit is tighter: largest diameter, 30 to 20 mm".
    pub what: String,
}

/// Every change from `old` to `new`, the gravest first, then in the order of the form. Two versions
/// without a change are the same.
pub fn edits(old: &Instruction, new: &Instruction) -> Vec<Edit> {
    let mut all = Edits { list: Vec::new(), subject: EditSubject::Instruction };
    all.cosmetic(old.title != new.title, "title");
    all.cosmetic(old.body != new.body, "text");
    all.objects(&old.objects, &new.objects);
    all.questions(&old.questions, &new.questions);
    all.rules(&old.rules, &new.rules);
    all.list.sort_by_key(|edit| std::cmp::Reverse(edit.class));
    all.list
}

/// The gravest class among `edits`; cosmetic when there are none.
pub fn edit_class(edits: &[Edit]) -> EditClass {
    edits.iter().map(|edit| edit.class).max().unwrap_or(EditClass::Cosmetic)
}

/// Collects edits of one subject after another.
struct Edits {
    list: Vec<Edit>,
    subject: EditSubject,
}

/// Which way a bound goes when it gets tighter.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    /// Tighter when higher.
    Least,
    /// Tighter when lower.
    Most,
}

impl Edits {
    fn say(&mut self, class: EditClass, what: impl Into<String>) {
        self.list.push(Edit { class, subject: self.subject, what: what.into() });
    }

    fn cosmetic(&mut self, changed: bool, what: &str) {
        if changed {
            self.say(EditClass::Cosmetic, format!("changed: {what}"));
        }
    }

    fn breaking(&mut self, changed: bool, what: &str) {
        if changed {
            self.say(EditClass::Breaking, format!("changed: {what}"));
        }
    }

    /// Something that was asked of work, or is from now on.
    fn demand(&mut self, old: bool, new: bool, what: &str) {
        match (old, new) {
            (false, true) => self.say(EditClass::Narrowing, format!("from now on: {what}")),
            (true, false) => self.say(EditClass::Widening, format!("no longer: {what}")),
            (true, true) | (false, false) => {}
        }
    }

    /// A bound that may not be there.
    fn bound<T: PartialOrd + Display>(
        &mut self,
        bound: Bound,
        old: Option<T>,
        new: Option<T>,
        name: (&str, &str),
    ) {
        let (what, unit) = name;
        let (tighter, numbers) = match (old, new) {
            (None, None) => return,
            (None, Some(new)) => (true, format!("{new}{unit}")),
            (Some(old), None) => (false, format!("{old}{unit} no longer holds")),
            (Some(old), Some(new)) if old == new => return,
            (Some(old), Some(new)) => {
                ((new > old) == (bound == Bound::Least), format!("{old} to {new}{unit}"))
            }
        };
        let (class, way) =
            if tighter { (EditClass::Narrowing, "tighter") } else { (EditClass::Widening, "looser") };
        self.say(class, format!("limit is {way}: {what}, {numbers}"));
    }

    fn severity(&mut self, old: Severity, new: Severity) {
        self.demand(
            old == Severity::Refuse,
            new == Severity::Refuse,
            "work that breaks this cannot be handed in",
        );
    }

    /// Says whether those parts that are in both come in another order.
    fn order(&mut self, old: &[u32], new: &[u32], what: &str) {
        let in_new: BTreeSet<&u32> = new.iter().collect();
        let in_old: BTreeSet<&u32> = old.iter().collect();
        let left = old.iter().filter(|id| in_new.contains(id));
        self.cosmetic(!left.eq(new.iter().filter(|id| in_old.contains(id))), what);
    }

    fn rules(&mut self, old: &[Rule], new: &[Rule]) {
        let ids = |rules: &[Rule]| rules.iter().map(|rule| rule.id).collect::<Vec<u32>>();
        self.subject = EditSubject::Instruction;
        self.order(&ids(old), &ids(new), "order of the rules");
        for rule in new {
            self.subject = EditSubject::Rule(rule.id);
            let Some(before) = old.iter().find(|before| before.id == rule.id) else {
                self.say(EditClass::Narrowing, format!("new rule: {}", rule.message));
                continue;
            };
            self.cosmetic(before.message != rule.message, "message");
            self.severity(before.severity, rule.severity);
            if before.must_hold != rule.must_hold {
                self.say(EditClass::Narrowing, "another condition has to hold");
            }
        }
        for rule in old.iter().filter(|rule| !new.iter().any(|after| after.id == rule.id)) {
            self.subject = EditSubject::Rule(rule.id);
            self.say(EditClass::Widening, format!("rule removed: {}", rule.message));
        }
    }
}
