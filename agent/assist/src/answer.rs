//! What comes back, and what is told on the way.

use std::sync::Arc;

use agent_imaging::LabelMap;
use tokio_util::sync::CancellationToken;

use crate::registration::Provider;
use crate::request::ModelId;

/// Which model answered, for the record of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredBy {
    pub model: ModelId,
    /// The name that hospital IT gave it.
    pub name: String,
    pub provider: Provider,
    /// The model's name at its server.
    pub served_as: String,
    /// The version that the server named; empty when it named none.
    pub version: String,
}

/// A label map on the grid of the request, with labels of the task.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub labels: LabelMap,
    pub by: AnsweredBy,
    /// Labels of the model that occurred and are for no object of this task, or not for the target; left out
    /// of `labels`.
    pub left_out: Vec<u16>,
}

/// What a call is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Preparing,
    Connecting,
    Sending,
    Computing,
    Receiving,
    Checking,
}

impl Doing {
    /// Words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Preparing => "preparing the image",
            Self::Connecting => "connecting to the model server",
            Self::Sending => "sending the image",
            Self::Computing => "the model is computing",
            Self::Receiving => "receiving the answer",
            Self::Checking => "checking the answer",
        }
    }
}

/// How far a call is. `share`: 0 to 1, never falling within one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    pub share: f32,
    pub doing: Doing,
}

/// Told of progress. Must return at once.
pub type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// How the caller follows and ends a call. Cancelling, like dropping the call's future, closes the connection
/// to the server at once, and nothing that was computed is kept.
#[derive(Clone)]
pub struct Watch {
    pub report: Report,
    pub cancel: CancellationToken,
}

impl Watch {
    /// Follows nothing and never cancels.
    #[must_use]
    pub fn unwatched() -> Self {
        Self { report: Arc::new(|_| ()), cancel: CancellationToken::new() }
    }

    pub(crate) fn tell(&self, doing: Doing, share: f32) {
        (self.report)(Progress { share, doing });
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("cancelled", &self.cancel.is_cancelled()).finish_non_exhaustive()
    }
}
