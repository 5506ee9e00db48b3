//! Calls to peers, whoever asks for them: checked, written into the audit trail, and then made.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject, NewAuditEvent, StorageError};
use agent_dicom::{
    CallError, Caller, Catalogue, Found, InstanceEntry, Peer, Pulled, Query, QueryError, Right, Sent, Way,
};
use agent_phi::{HeaderText, SeriesUid, StudyUid};
use proto_ids::AssetToken;
use tokio::runtime::Handle;

use super::Dicom;
use super::catalogue::entry;

/// Why a peer was not called, or did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallRefusal {
    #[error("no peer is named {name} in the settings")]
    UnknownPeer { name: String },
    /// Over a call back, it is the peer who sends, as any other caller.
    #[error(
        "the peer {name} may not store here, so it cannot send what is pulled; give it the right, or use --get"
    )]
    MayNotStore { name: String },
    #[error("the peer {name} may not receive")]
    MayNotReceive { name: String },
    #[error("there is no such asset")]
    UnknownAsset,
    #[error("the asset is not made of DICOM objects")]
    NotDicom,
    #[error("the peer took none of {of} objects")]
    TookNone { of: usize },
    #[error(transparent)]
    Query(QueryError),
    #[error(transparent)]
    Call(CallError),
    #[error("the store cannot be read or written")]
    Storage(#[from] StorageError),
}

/// A study or a series that is about to be pulled.
pub(super) struct Pulling {
    caller: Caller,
    peer: Peer,
    study: StudyUid,
    series: Option<SeriesUid>,
    way: Way,
}

impl Pulling {
    /// Has the peer send it; `progress` hears how many objects are done and how many are left, and cancels the rest
    /// by breaking off.
    ///
    /// # Errors
    /// `CallRefusal::Call`.
    pub(super) async fn run(
        self,
        mut progress: impl FnMut(u16, u16) -> ControlFlow<()> + Send,
    ) -> Result<Pulled, CallRefusal> {
        let wanted = (&self.study, self.series.as_ref());
        let pulled = self.caller.pull(&self.peer, wanted, self.way, &mut progress).await;
        pulled.map_err(CallRefusal::Call)
    }
}

/// Objects that are about to be sent.
pub(super) struct Sending {
    caller: Caller,
    peer: Peer,
    catalogue: Arc<dyn Catalogue>,
    entries: Vec<InstanceEntry>,
}

impl Sending {
    /// How many they are.
    pub(super) const fn of(&self) -> usize {
        self.entries.len()
    }

    /// Sends them; `progress` hears how many are done, and ends the call before the next one by breaking off.
    ///
    /// # Errors
    /// `CallRefusal::Call`; `TookNone` when the peer took none of those that were sent.
    pub(super) async fn run(
        self,
        mut progress: impl FnMut(usize) -> ControlFlow<()> + Send,
    ) -> Result<Sent, CallRefusal> {
        let of = self.of();
        let sent = self.caller.store(&self.peer, &self.catalogue, self.entries, &mut progress).await;
        let sent = sent.map_err(CallRefusal::Call)?;
        if sent.stored + sent.warned == 0 && sent.failed == of {
            return Err(CallRefusal::TookNone { of });
        }
        Ok(sent)
    }
}

impl Dicom {
    fn peer(&self, name: &str) -> Result<&Peer, CallRefusal> {
        self.peers().named(name).ok_or_else(|| CallRefusal::UnknownPeer { name: name.to_owned() })
    }

    /// Written down before it is done: what was called is known even if the agent dies over it.
    fn audit(
        &self,
        by: AuditActor,
        action: AuditAction,
        subject: AuditSubject,
        peer: &Peer,
    ) -> Result<(), StorageError> {
        let event = NewAuditEvent {
            actor: by,
            action,
            subject,
            outcome: AuditOutcome::Done,
            detail: HeaderText::new(peer.name.as_str()).ok(),
        };
        self.archive.audit_append(&event).map(|_| ())
    }

    /// Asks whether a peer is there. Blocks.
    ///
    /// # Errors
    /// `CallRefusal`.
    pub(super) fn echo(&self, name: &str, by: AuditActor) -> Result<(), CallRefusal> {
        let peer = self.peer(name)?;
        self.audit(by, AuditAction::PeerAsked, AuditSubject::Nothing, peer)?;
        wait(self.caller.echo(peer))
    }

    /// Asks what a peer holds; gives at most `limit` matches, and whether there were more. Blocks.
    ///
    /// # Errors
    /// `CallRefusal`.
    pub(super) fn find(
        &self,
        name: &str,
        query: &Query,
        limit: usize,
        by: AuditActor,
    ) -> Result<(Vec<Found>, bool), CallRefusal> {
        let peer = self.peer(name)?;
        self.audit(by, AuditAction::PeerAsked, AuditSubject::Nothing, peer)?;
        wait(self.caller.find(peer, query, limit))
    }

    /// Makes ready to have a peer send a study, or one series of it. Blocks.
    ///
    /// # Errors
    /// `CallRefusal`, for what can be told without a call.
    pub(super) fn pulling(
        &self,
        name: &str,
        (study, series): (StudyUid, Option<SeriesUid>),
        way: Way,
        by: AuditActor,
    ) -> Result<Pulling, CallRefusal> {
        let peer = self.peer(name)?;
        if way == Way::Move && !peer.may(Right::Store) {
            return Err(CallRefusal::MayNotStore { name: name.to_owned() });
        }
        self.audit(by, AuditAction::PeerPulled, AuditSubject::Nothing, peer)?;
        Ok(Pulling { caller: self.caller.clone(), peer: peer.clone(), study, series, way })
    }

    /// Makes ready to send an asset's objects, as they were received. Blocks.
    ///
    /// # Errors
    /// `CallRefusal`, for what can be told without a call.
    pub(super) fn sending(
        &self,
        name: &str,
        asset: AssetToken,
        by: AuditActor,
    ) -> Result<Sending, CallRefusal> {
        let peer = self.peer(name)?;
        if !peer.may(Right::Receive) {
            return Err(CallRefusal::MayNotReceive { name: name.to_owned() });
        }
        let row = self.archive.asset(asset)?.ok_or(CallRefusal::UnknownAsset)?;
        let mut entries: Vec<InstanceEntry> = Vec::with_capacity(row.instances.len());
        for instance in row.instances {
            entries.extend(self.archive.instance_row(instance)?.map(entry));
        }
        if entries.is_empty() {
            return Err(CallRefusal::NotDicom);
        }
        self.audit(by, AuditAction::PeerSent, AuditSubject::Asset(asset), peer)?;
        let catalogue = self.catalogue();
        Ok(Sending { caller: self.caller.clone(), peer: peer.clone(), catalogue, entries })
    }
}

/// Waits on a thread that may block, one of the running agent's.
fn wait<T>(call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallRefusal> {
    Handle::current().block_on(call).map_err(CallRefusal::Call)
}
