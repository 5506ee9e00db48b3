//! Work at the site: leases, the log of work, submissions, gold.
//!
//! All decisions are those of `agent_work`; this shelf loads what they need, keeps what comes out, and does
//! each step in one transaction with the messages it causes. What was drawn and said is sealed under the
//! key of the asset's study.

mod gold;
mod leases;
mod operations;
mod records;
mod slots;
mod submissions;

use proto_ids::{PersonId, TaskId};

pub(crate) use gold::asset_begun;
pub use gold::{Gold, GoldError, GoldSource, NewGold};
pub use leases::{HeldLease, LeaseError, WorkCounts};
pub(crate) use operations::Works;
pub use operations::{AppendError, WorkView};
pub(crate) use slots::slots_follow_order;
pub use submissions::{OtherSubmission, Prepared, Submission, SubmissionReceipt, SubmissionRow, SubmitError};

/// Who acts on a slot, and the fencing number that they present for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub task: TaskId,
    pub person: PersonId,
    pub fencing: u64,
}
