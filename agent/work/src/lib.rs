//! Who holds which slot, and what was drawn and answered on it.
//!
//! Pure: no clock, no chance, no I/O; times and seeds are arguments and the archive keeps what comes
//! out. Leases and fencing tokens are in [`TaskSlots`], the choice of the next task in [`next_task`] with the
//! draw of hidden tests in [`gold_draw`], the log of work and its undo in [`Work`], what counts of it in
//! [`counted`] and the checks before a submission in [`submit_problems`], the time it took in [`Spans`].
//!
//! Work belongs to a task and a person, never to a slot alone: whoever is given a slot that
//! another let go starts from nothing, so that submissions stay independent of each other, while
//! the first person's work waits for them. Gold is an input of [`next_task`] alone, so nothing else
//! here can treat a gold task in another way.

mod blind;
mod check;
mod draw;
mod lease;
mod log;
mod next;
mod operation;
mod refusal;
mod runs;
mod shape;
mod slots;
mod terms;
mod time;
mod verdict;

pub use blind::letter;
pub use check::{Drawn, Override, OverrideReason, SubmitProblem, counted, needed_overrides, submit_problems};
pub use draw::{GoldDraw, gold_draw};
pub use lease::{
    EndedLease, FencingRefusal, Grant, GrantRefusal, Held, LEASE_MS, Lease, Occupancy, Role, SlotState,
};
pub use log::{Acceptance, Batch, Work};
pub use next::{Candidate, Choice, GoldPolicy, Seeker, next_task};
pub use operation::{Operation, OperationKind, Run, RunChange, Slice, SliceDelta, Tool};
pub use refusal::OperationRefusal;
pub use shape::{Form, MAX_SHAPES, Shape};
pub use slots::{MAX_OVERLAP, TaskSlots};
pub use terms::Terms;
pub use time::{Span, SpanKind, Spans, TimeUse};
pub use verdict::{Verdict, VerdictKind, VerdictProblem, check_verdicts};
