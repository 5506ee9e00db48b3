//! Work at the site: leases, the log of work, submissions, gold, consensus.
//!
//! All decisions are those of `agent_work`; this shelf loads what they need, keeps what comes out, and does
//! each step in one transaction with the messages it causes. What was drawn and said is sealed under the
//! key of the asset's study.

mod assists;
mod consensus;
mod gold;
mod ground;
mod leases;
mod next;
mod operations;
mod recheck;
mod records;
mod slots;
mod submissions;
mod time;

use proto_ids::{PersonId, TaskId};

pub use assists::{AssistOffer, BatchCounts, BatchReport, BatchState, NewProposal, Proposal, ProposalError};
pub use consensus::{Consensus, ConsensusError, ConsensusRow, ConsensusWaiting, NewConsensus, PaintRule};
pub use gold::{Gold, GoldError, GoldSource, NewGold};
pub(crate) use gold::{asset_begun, asset_worked_on};
pub use ground::{ReversibleOperation, WorkView};
pub use leases::{LeaseError, VersionError, WorkCounts};
pub use operations::AppendError;
pub(crate) use operations::Works;
pub use recheck::ToRecheck;
pub(crate) use slots::slots_follow_order;
pub use submissions::{
    HandIn, OtherSubmission, OtherWork, Prepared, Submission, SubmissionReceipt, SubmissionRow,
    SubmissionVerdict, SubmitError,
};

/// Who acts on a place, and the fencing number that they present for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub task: TaskId,
    pub person: PersonId,
    pub fencing: u64,
}
