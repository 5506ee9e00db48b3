//! What was decided of a task when all its submissions were in.

use proto_ids::{TaskId, Timestamp};

use crate::closed::closed_enum;

closed_enum! {
    /// Whether the submissions agree well enough.
    Decision {
        /// They do.
        Accepted = 1 "accepted",
        /// They do not.
        Disputed = 2 "disputed",
    }
}

/// What the submissions differ in, by number in the instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DisputeSubject {
    /// Where an object is, or whether it is there.
    Object(u32),
    /// An answer.
    Question(u32),
}

/// One thing that the submissions differ in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DisputeReason {
    /// What.
    pub subject: DisputeSubject,
    /// How far they agree, 0 to 1.
    pub measure: Option<f64>,
    /// How far they should, 0 to 1; a share of votes has to be more than its target.
    pub target: Option<f64>,
}

/// The decision over a task. It is made once.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The task.
    pub task: TaskId,
    /// What was decided.
    pub decision: Decision,
    /// What the submissions differ in; empty when they agree.
    pub reasons: Vec<DisputeReason>,
    /// When.
    pub judged_at: Timestamp,
}
