//! What this room needs and others bring: the computing of scores, and the state of the agent.

use agent_archive::{SubmissionReceipt, SubmitError};
use agent_work::{FencingRefusal, Override, SubmitProblem, Verdict, VerdictProblem};
use proto_ids::{PersonId, SiteId, TaskId, Timestamp};

/// Hands in work: checks it, computes its scores, stores both, in one step.
pub trait Submitter: Send + Sync {
    /// Blocks until the submission is durable.
    ///
    /// # Errors
    /// [`SubmitRefusal`]; nothing changed.
    fn submit(&self, request: SubmitRequest) -> Result<SubmissionReceipt, SubmitRefusal>;
}

/// What is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitRequest {
    pub task: TaskId,
    pub person: PersonId,
    pub fencing: u64,
    /// The revision of the work that the annotator saw when handing in.
    pub revision: u64,
    /// Reasons for warnings; those for warnings that are not there count for nothing.
    pub overrides: Vec<Override>,
    /// What an arbiter says of the others; empty for annotators.
    pub verdicts: Vec<Verdict>,
    pub now: Timestamp,
}

/// Why work was not handed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitRefusal {
    #[error("there is no such task")]
    UnknownTask,
    #[error("the task was withdrawn")]
    Withdrawn,
    #[error("the lease does not allow it")]
    Fencing(#[source] FencingRefusal),
    #[error("the work is at revision {revision}")]
    RevisionConflict { revision: u64 },
    #[error("the work is not complete")]
    Incomplete { problems: Vec<SubmitProblem> },
    #[error("the verdicts do not judge what is to be judged")]
    Verdicts(#[source] VerdictProblem),
    #[error("the store or the asset could not be read or written")]
    Unavailable,
}

/// What the archive says, as this room says it. A submission that has to be prepared again, and
/// any failure of the store, are [`SubmitRefusal::Unavailable`].
impl From<SubmitError> for SubmitRefusal {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::UnknownTask | SubmitError::NotWorkable => Self::UnknownTask,
            SubmitError::Withdrawn => Self::Withdrawn,
            SubmitError::Fencing(refusal) => Self::Fencing(refusal),
            SubmitError::RevisionConflict { revision } => Self::RevisionConflict { revision },
            SubmitError::Verdicts(problem) => Self::Verdicts(problem),
            SubmitError::Changed | SubmitError::Storage(_) => Self::Unavailable,
        }
    }
}

/// What only the wiring of the agent knows about its state.
pub trait AgentStatus: Send + Sync {
    /// The state now. Must not block for long.
    fn now(&self) -> StatusNow;
}

/// The state of the agent, for hospital IT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusNow {
    /// Version of the program.
    pub version: String,
    /// The site the agent is enrolled as; none before enrolment.
    pub site: Option<SiteId>,
    /// Whether the control plane is connected now.
    pub connected: bool,
    pub certificate_expires_at: Option<Timestamp>,
    pub disk_free_percent: u8,
}
