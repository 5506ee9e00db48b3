//! What this room needs of the room that speaks DICOM: the hospital's other systems, and calls to them.

use agent_phi::{HeaderText, SeriesUid, StudyUid};
use proto_ids::{AssetToken, PersonId};
use tokio_util::sync::CancellationToken;

/// The hospital's other DICOM systems, as hospital IT calls them. Everything but [`Peers::list`] blocks, and is
/// written into the audit trail, with the person, before it is done.
pub trait Peers: Send + Sync {
    /// The peers of the settings.
    fn list(&self) -> PeerList;

    /// Asks whether a peer is there and knows this agent (C-ECHO).
    ///
    /// # Errors
    /// [`PeerRefusal`].
    fn echo(&self, peer: &str, by: PersonId) -> Result<(), PeerRefusal>;

    /// Asks what a peer holds (C-FIND).
    ///
    /// # Errors
    /// [`PeerRefusal`].
    fn find(&self, peer: &str, query: &PeerQuery, by: PersonId) -> Result<PeerMatches, PeerRefusal>;

    /// Makes ready to have a peer send objects here (C-MOVE or C-GET).
    ///
    /// # Errors
    /// [`PeerRefusal`], for what can be told without a call.
    fn pull(&self, peer: &str, wanted: &PeerPull, by: PersonId) -> Result<PeerWork, PeerRefusal>;

    /// Makes ready to send the objects of an asset to a peer, as they were received (C-STORE).
    ///
    /// # Errors
    /// [`PeerRefusal`], for what can be told without a call.
    fn send(&self, peer: &str, asset: AssetToken, by: PersonId) -> Result<PeerWork, PeerRefusal>;
}

/// The peers of the settings, and what they have to know of this agent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeerList {
    /// This agent's own AE title.
    pub ae_title: String,
    pub peers: Vec<PeerInfo>,
}

/// A peer, as the settings have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    pub name: String,
    pub ae_title: String,
    /// Host and port; none for a peer that only calls.
    pub address: Option<String>,
    pub tls: bool,
    /// Of `store`, `find`, `move`, `get`, `commit`, `receive`.
    pub may: Vec<&'static str>,
}

/// What a query is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerLevel {
    Study,
    Series,
}

/// What a peer is asked for: attributes by keyword, each with the value that it should have.
#[derive(Debug, Clone)]
pub struct PeerQuery {
    pub level: PeerLevel,
    pub keys: Vec<(String, HeaderText)>,
    /// At most so many matches.
    pub limit: usize,
}

/// What a peer holds of what it was asked for.
#[derive(Debug, Clone, Default)]
pub struct PeerMatches {
    /// Keyword and value of each attribute that is not empty, in the order of their tags.
    pub matches: Vec<Vec<(&'static str, HeaderText)>>,
    /// Whether the peer had more than the limit.
    pub more: bool,
}

/// How objects come here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerWay {
    /// The peer calls this agent, under the address that it knows of it (C-MOVE).
    Move,
    /// Over the association that this agent opened (C-GET).
    Get,
}

/// A study, or one series of it.
#[derive(Debug, Clone)]
pub struct PeerPull {
    pub study: StudyUid,
    pub series: Option<SeriesUid>,
    pub way: PeerWay,
}

/// Work that takes long. Runs on a thread of its own, to its end.
pub type PeerWork = Box<dyn FnOnce(&PeerWatch) -> Result<PeerCounts, PeerRefusal> + Send>;

/// Who watches work with a peer.
pub struct PeerWatch {
    /// Hears how many objects are done, and of how many.
    pub tell: Box<dyn Fn(u64, u64) + Send + Sync>,
    /// Cancelled when nobody wants the rest any more. What has gone or come stays.
    pub cancel: CancellationToken,
}

impl std::fmt::Debug for PeerWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeerWatch").field("cancelled", &self.cancel.is_cancelled()).finish_non_exhaustive()
    }
}

/// What became of the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeerCounts {
    pub completed: u64,
    /// Taken, but something about them was changed or missed.
    pub warned: u64,
    pub failed: u64,
    /// Whether the rest was given up because the work was cancelled.
    pub cancelled: bool,
}

/// Whose fault a refusal is, as HTTP tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerFault {
    /// There is no such peer or asset.
    NotFound,
    /// The settings do not allow it, or cannot do it.
    Settings,
    /// The question cannot be asked.
    Question,
    /// The peer refuses, or cannot be talked with.
    Peer,
    /// The peer did not answer in time.
    Time,
    /// The person cancelled it.
    Cancelled,
    /// This agent failed.
    Ours,
}

/// Why it was not done. Holds no value of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerRefusal {
    pub fault: PeerFault,
    /// Of a closed list, such as `peer-rejected`.
    pub code: &'static str,
    /// What happened, as a sentence.
    pub title: &'static str,
    /// What exactly, and what a person can do about it, as sentences.
    pub advice: String,
}

/// An agent without any peer.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPeers;

impl NoPeers {
    fn unknown() -> PeerRefusal {
        PeerRefusal {
            fault: PeerFault::NotFound,
            code: "peer-unknown",
            title: "No peer has this name.",
            advice: "Peers stand in the agent's settings.".to_owned(),
        }
    }
}

impl Peers for NoPeers {
    fn list(&self) -> PeerList {
        PeerList::default()
    }

    fn echo(&self, _peer: &str, _by: PersonId) -> Result<(), PeerRefusal> {
        Err(Self::unknown())
    }

    fn find(&self, _peer: &str, _query: &PeerQuery, _by: PersonId) -> Result<PeerMatches, PeerRefusal> {
        Err(Self::unknown())
    }

    fn pull(&self, _peer: &str, _wanted: &PeerPull, _by: PersonId) -> Result<PeerWork, PeerRefusal> {
        Err(Self::unknown())
    }

    fn send(&self, _peer: &str, _asset: AssetToken, _by: PersonId) -> Result<PeerWork, PeerRefusal> {
        Err(Self::unknown())
    }
}
