//! The port through which received objects are kept.

use agent_formats::Identity;
use agent_phi::HeaderText;

/// An object that came over the wire, complete and checked to say who it is.
#[derive(Clone)]
pub struct ReceivedInstance {
    pub identity: Identity,
    /// Who sent it; `None` for a title that is no valid text.
    pub calling_ae: Option<HeaderText>,
    /// A whole Part 10 file: our file meta group, then the data set byte for byte as it came.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for ReceivedInstance {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ReceivedInstance").field("length", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// What became of an object. In each case it is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreOutcome {
    New,
    /// The same object was here already.
    Duplicate,
    /// Another object of the same UID was here already; both are kept.
    KeptBeside,
}

/// Why an object was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreRefusal {
    #[error("the store is full or cannot be written")]
    OutOfResources,
    #[error("the store failed")]
    Failed,
}

/// Where received objects go.
pub trait Storage: Send + Sync {
    /// Keeps one object. May block; returns only once the object survives a power cut.
    ///
    /// # Errors
    /// `StoreRefusal`, which the caller is told as a DIMSE status.
    fn store(&self, received: ReceivedInstance) -> Result<StoreOutcome, StoreRefusal>;
}
