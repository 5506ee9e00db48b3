//! What a person on the hospital's pages asks of peers: the port of the viewer's API.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use agent_archive::AuditActor;
use agent_dicom::{Level, Peer, Query, Way};
use agent_phi::Purpose;
use agent_viewer_api::{
    PeerCounts, PeerInfo, PeerLevel, PeerList, PeerMatches, PeerPull, PeerQuery, PeerRefusal, PeerWatch,
    PeerWay, PeerWork, Peers,
};
use proto_ids::{AssetToken, PersonId};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::Dicom;
use super::calls::{CallRefusal, Pulling, Sending};
use super::words::{given_up, refusal};

/// How long a peer may take to end what was cancelled before we hang up.
const PARTING: Duration = Duration::from_secs(10);
/// The status of a retrieval that ended because it was cancelled (PS3.4 Table C.4-2).
const CANCELLED: u16 = 0xFE00;

/// The peers behind the port.
#[derive(Debug)]
pub(crate) struct PeersOfPages(pub(crate) Arc<Dicom>);

impl PeersOfPages {
    fn said<T>(&self, done: Result<T, CallRefusal>) -> Result<T, PeerRefusal> {
        done.map_err(|cause| refusal(&cause, self.0.ae_title()))
    }
}

impl Peers for PeersOfPages {
    fn list(&self) -> PeerList {
        let peers = self.0.peers().iter().map(info).collect();
        PeerList { ae_title: self.0.ae_title().to_owned(), peers }
    }

    fn echo(&self, peer: &str, by: PersonId) -> Result<(), PeerRefusal> {
        self.said(self.0.echo(peer, AuditActor::Person(by)))
    }

    fn find(&self, peer: &str, query: &PeerQuery, by: PersonId) -> Result<PeerMatches, PeerRefusal> {
        let level = match query.level {
            PeerLevel::Study => Level::Study,
            PeerLevel::Series => Level::Series,
        };
        let keys = query.keys.iter();
        let keys: Vec<(String, String)> = keys
            .map(|(keyword, value)| (keyword.clone(), value.expose(Purpose::DicomPeer).to_owned()))
            .collect();
        let asked = self.said(Query::new(level, &keys).map_err(CallRefusal::Query))?;
        let (found, more) = self.said(self.0.find(peer, &asked, query.limit, AuditActor::Person(by)))?;
        Ok(PeerMatches { matches: found.into_iter().map(|one| one.0).collect(), more })
    }

    fn pull(&self, peer: &str, wanted: &PeerPull, by: PersonId) -> Result<PeerWork, PeerRefusal> {
        let way = match wanted.way {
            PeerWay::Move => Way::Move,
            PeerWay::Get => Way::Get,
        };
        let what = (wanted.study.clone(), wanted.series.clone());
        let pulling = self.said(self.0.pulling(peer, what, way, AuditActor::Person(by)))?;
        let title = self.0.ae_title().to_owned();
        Ok(Box::new(move |watch| pull(pulling, watch).unwrap_or_else(|cause| Err(refusal(&cause, &title)))))
    }

    fn send(&self, peer: &str, asset: AssetToken, by: PersonId) -> Result<PeerWork, PeerRefusal> {
        let sending = self.said(self.0.sending(peer, asset, AuditActor::Person(by)))?;
        let title = self.0.ae_title().to_owned();
        Ok(Box::new(move |watch| send(sending, watch).unwrap_or_else(|cause| Err(refusal(&cause, &title)))))
    }
}

fn info(peer: &Peer) -> PeerInfo {
    PeerInfo {
        name: peer.name.clone(),
        ae_title: peer.ae_title.as_str().to_owned(),
        address: peer.address.as_ref().map(|address| format!("{}:{}", address.host, address.port)),
        tls: peer.tls,
        may: peer.rights.iter().map(|right| right.code()).collect(),
    }
}

/// What work ends with: an outcome, or a refusal that is already in words; outside of it what a call ended with.
type Ended = Result<Result<PeerCounts, PeerRefusal>, CallRefusal>;

fn pull(pulling: Pulling, watch: &PeerWatch) -> Ended {
    let call = pulling.run(|done, left| {
        (watch.tell)(done.into(), u64::from(done) + u64::from(left));
        go_on(&watch.cancel)
    });
    let ended = Handle::current().block_on(until_given_up(call, &watch.cancel));
    let Some(pulled) = ended else { return Ok(Err(given_up())) };
    let pulled = pulled?;
    Ok(Ok(PeerCounts {
        completed: pulled.completed.into(),
        warned: pulled.warned.into(),
        failed: pulled.failed.into(),
        cancelled: pulled.status == CANCELLED,
    }))
}

fn send(sending: Sending, watch: &PeerWatch) -> Ended {
    let of = sending.of();
    let call = sending.run(|done| {
        (watch.tell)(done as u64, of as u64);
        go_on(&watch.cancel)
    });
    let ended = Handle::current().block_on(until_given_up(call, &watch.cancel));
    let Some(sent) = ended else { return Ok(Err(given_up())) };
    let sent = sent?;
    Ok(Ok(PeerCounts {
        completed: sent.stored as u64,
        warned: sent.warned as u64,
        failed: sent.failed as u64,
        cancelled: sent.stored + sent.warned + sent.failed < of,
    }))
}

fn go_on(cancel: &CancellationToken) -> ControlFlow<()> {
    if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// None when the call was cancelled and the peer did not come to an end by itself: its association is cut then.
async fn until_given_up<F: Future>(call: F, cancel: &CancellationToken) -> Option<F::Output> {
    tokio::select! {
        ended = call => Some(ended),
        () = async {
            cancel.cancelled().await;
            tokio::time::sleep(PARTING).await;
        } => None,
    }
}

#[cfg(test)]
mod tests {
    use agent_archive::{Archive, AuditAction};
    use agent_viewer_api::PeerFault;
    use proto_program::SystemClock;
    use tokio::sync::watch;

    use super::*;
    use crate::config::Config;

    /// An agent that knows one peer, which nobody listens for.
    fn hospital(directory: &std::path::Path) -> (Arc<Archive>, PeersOfPages) {
        let peer = "gone=GONE@127.0.0.1:1/receive".parse().unwrap();
        let config = Config { dir: directory.to_path_buf(), peers: vec![peer], ..Config::default() };
        let archive = Arc::new(Archive::open_on_disk(directory, Arc::new(SystemClock)).unwrap());
        let now = proto_ids::Timestamp::from_millis(1_800_000_000_000);
        let (_, stopped) = watch::channel(false);
        let dicom = Dicom::open(&config, &archive, now, stopped).unwrap();
        (archive, PeersOfPages(Arc::new(dicom)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_does_not_end_what_was_cancelled_is_hung_up_on() {
        let cancel = CancellationToken::new();
        assert_eq!(until_given_up(async { "done" }, &cancel).await, Some("done"));
        cancel.cancel();
        let in_time = async {
            tokio::time::sleep(PARTING / 2).await;
            "ended"
        };
        assert_eq!(until_given_up(in_time, &cancel).await, Some("ended"));
        assert_eq!(until_given_up(std::future::pending::<()>(), &cancel).await, None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_person_asks_of_a_peer_is_in_the_audit_trail_with_the_person() {
        let place = tempfile::tempdir().unwrap();
        let (archive, peers) = hospital(place.path());
        let person = PersonId::from_bytes([5; 16]);
        let wanted =
            PeerPull { study: agent_phi::StudyUid::new("1.2.3").unwrap(), series: None, way: PeerWay::Get };
        let ended = tokio::task::spawn_blocking(move || {
            let silent = peers.echo("gone", person).unwrap_err();
            assert_eq!((silent.fault, silent.code), (PeerFault::Peer, "peer-unreachable"));
            let unknown = peers.echo("nobody", person).unwrap_err();
            assert_eq!((unknown.fault, unknown.code), (PeerFault::NotFound, "peer-unknown"));
            let moved = PeerPull { way: PeerWay::Move, ..wanted.clone() };
            assert_eq!(peers.pull("gone", &moved, person).err().unwrap().code, "peer-may-not-store");
            let work = peers.pull("gone", &wanted, person).ok().unwrap();
            work(&PeerWatch { tell: Box::new(|_, _| {}), cancel: CancellationToken::new() })
        });
        assert_eq!(ended.await.unwrap().unwrap_err().code, "peer-unreachable");
        let trail = archive.audit_list(0, 10).unwrap();
        let lines: Vec<_> = trail.iter().map(|line| (line.event.actor, line.event.action)).collect();
        let by = AuditActor::Person(person);
        assert_eq!(lines, [(by, AuditAction::PeerAsked), (by, AuditAction::PeerPulled)]);
    }
}
