//! The side that calls: C-ECHO, C-FIND, C-MOVE, C-GET and C-STORE to a configured peer.
//!
//! One association for each call. What a peer says in words is not passed on: only numbers of the standard are.

mod associate;
mod find;
mod retrieve;
mod store;

pub use find::{Found, Query, QueryError};
pub use retrieve::{Pulled, Way};
pub use store::Sent;

pub(crate) use associate::{Called, Proposal};
pub(crate) use store::{Outcome, outcome, proposals, ready, request as store_request, store_one};

use crate::classes::{PLAIN_SYNTAXES, VERIFICATION};
use crate::config::{AeTitle, Patience};
use crate::dimse::{Command, Operation};
use crate::intake::Intake;
use crate::peers::Peer;
use crate::wire::WireError;
use std::sync::Arc;
use tokio::sync::watch;

/// What every call needs to know of us.
#[derive(Clone)]
pub struct Caller {
    /// Our own title.
    pub ae_title: AeTitle,
    /// Our trust and, where peers ask for it, our certificate; none when no peer is called over TLS.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    pub patience: Patience,
    /// Where objects go that a peer sends us in answer to a C-GET.
    pub intake: Intake,
    /// Becomes true when the agent stops.
    pub shutdown: watch::Receiver<bool>,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Caller").field("ae_title", &self.ae_title).finish_non_exhaustive()
    }
}

/// Which of the two AE titles a peer does not recognise (PS3.8 Table 9-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectedTitle {
    /// Ours.
    Calling,
    /// Its own, as the settings have it.
    Called,
}

/// Why a peer did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("the peer has no host and port in the settings")]
    NoAddress,
    #[error("the peer is to be called over TLS, but no authority for peers' certificates is set")]
    NoTls,
    #[error("the peer cannot be reached")]
    Unreachable(#[source] std::io::Error),
    #[error("the peer did not take the connection in time")]
    NotInTime,
    #[error("the peer's name in the settings is no host name")]
    HostName,
    #[error("the TLS handshake with the peer failed")]
    Tls(#[source] std::io::Error),
    /// `transient`: the same may be accepted later. `over`: which title it does not know.
    #[error("the peer rejected the association: {reason}")]
    Rejected { transient: bool, over: Option<RejectedTitle>, reason: String },
    #[error("the peer does not offer {service}")]
    NotOffered { service: &'static str },
    #[error("the peer refused with status {status:04X}H")]
    Refused { status: u16 },
    /// `what` is one of a closed list.
    #[error("the association broke: {what}")]
    Broken { what: String },
}

impl From<WireError> for CallError {
    fn from(error: WireError) -> Self {
        // The source of a broken connection is the kernel's word and says nothing of a patient.
        Self::Broken { what: error.to_string() }
    }
}

impl Caller {
    /// Asks a peer whether it is there and knows us.
    ///
    /// # Errors
    /// `CallError`.
    pub async fn echo(&self, peer: &Peer) -> Result<(), CallError> {
        let proposal = Proposal::using(VERIFICATION, &PLAIN_SYNTAXES);
        let mut called = self.call(peer, &[proposal]).await?;
        let context = called.context(VERIFICATION, "verification")?;
        let command = Command::request(Operation::Echo, called.message_id(), VERIFICATION);
        called.channel.send(context, &command, None).await?;
        let status = called.response(command.message_id).await?.status.unwrap_or_default();
        called.leave().await;
        if status == 0 { Ok(()) } else { Err(CallError::Refused { status }) }
    }
}
