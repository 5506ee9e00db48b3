//! Who holds which slot, and what was drawn and answered on it.
//!
//! Pure: no clock, no chance, no I/O; times are arguments and the archive keeps what comes out.
//! Leases and fencing tokens are in [`TaskSlots`], the choice of the next task in [`next_task`],
//! the log of work and its undo in [`Work`], the checks before a submission in
//! [`submit_problems`].
//!
//! Work belongs to a task and a person, never to a slot alone: whoever is given a slot that
//! another let go starts from nothing, so that submissions stay independent of each other, while
//! the first person's work waits for them. Gold is no input of anything here, so nothing here can
//! treat a gold task in another way.

mod check;
mod lease;
mod log;
mod next;
mod operation;
mod runs;

pub use check::{SubmitProblem, submit_problems};
pub use lease::{
    EndedLease, FencingRefusal, Grant, GrantRefusal, LEASE_MS, Lease, MAX_OVERLAP, Occupancy, SlotState,
    TaskSlots,
};
pub use log::{Acceptance, Batch, OperationRefusal, Terms, Work};
pub use next::{Candidate, next_task};
pub use operation::{Operation, OperationKind, Run, RunChange, Slice, SliceDelta, Tool};
