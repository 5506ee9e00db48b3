//! The rooms of an agent joined over one archive, without sockets and clocks of their own: for a
//! simulator that drives the real thing from inside one process.

use std::sync::Arc;

use agent_archive::Archive;
use agent_uplink::{Inbound, Ledger, Outbox};
use agent_viewer_api::{SubmissionReceipt, SubmitRefusal, SubmitRequest, Submitter};
use proto_ids::Timestamp;
use tokio::sync::Notify;

use crate::follow::follow;
use crate::messages::ToTheControlPlane;
use crate::ports::{ArchiveInbound, ArchiveLedger, ArchiveOutbox};
use crate::submit::ScoringSubmitter;

/// An archive with everything joined to it that decides or tells.
#[derive(Debug)]
pub struct Rooms {
    archive: Arc<Archive>,
    submitter: ScoringSubmitter,
    outbox: ArchiveOutbox,
    ledger: Arc<ArchiveLedger>,
    inbound: ArchiveInbound,
}

impl Rooms {
    /// Joins the rooms to an archive that was just opened.
    pub fn join(archive: Archive) -> Self {
        let archive = Arc::new(archive);
        archive.messages_join(Arc::new(ToTheControlPlane));
        let changed = Arc::new(Notify::new());
        Self {
            submitter: ScoringSubmitter::new(Arc::clone(&archive), Arc::clone(&changed)),
            outbox: ArchiveOutbox::listening(Arc::clone(&archive)),
            ledger: Arc::new(ArchiveLedger(Arc::clone(&archive))),
            inbound: ArchiveInbound::new(Arc::clone(&archive), vec![changed]),
            archive,
        }
    }

    /// The store.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Checks, scores and keeps work.
    ///
    /// # Errors
    /// [`SubmitRefusal`]; nothing changed.
    pub fn submit(&self, request: SubmitRequest) -> Result<SubmissionReceipt, SubmitRefusal> {
        self.submitter.submit(request)
    }

    /// What the uplink drains.
    pub fn outbox(&self) -> &dyn Outbox {
        &self.outbox
    }

    /// Where the uplink writes down what is about to leave.
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        Arc::<ArchiveLedger>::clone(&self.ledger)
    }

    /// What the uplink fills.
    pub fn inbound(&self) -> &dyn Inbound {
        &self.inbound
    }

    /// Paints and checks again whatever waits for it.
    pub fn follow(&self, now: Timestamp) {
        follow(&self.archive, now);
    }
}
