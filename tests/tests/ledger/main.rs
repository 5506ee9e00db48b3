//! Every message that leaves stands in the ledger, on disk, before it leaves: all six calls against a peer
//! that terminates TLS and looks, for each message that it receives, at what the disk already holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod hospital;
mod peer;
mod watched;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use agent_archive::{MessageKind, verify_ledger};
use proto_ids::{Clock, Timestamp};
use proto_journal::DiskIo;

use hospital::Hospital;
use peer::Peer;

/// What has to be received in the end.
const MESSAGES: u64 = 100_000;
const DAY_MS: i64 = 86_400_000;

/// A clock that stands until it is turned.
#[derive(Debug)]
pub(crate) struct Turned(AtomicI64);

impl Turned {
    fn at(millis: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(millis)))
    }

    fn turn(&self, days: i64) {
        self.0.fetch_add(days * DAY_MS, Ordering::SeqCst);
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_messages_are_on_disk_before_the_peer_has_them() {
    let place = tempfile::tempdir().unwrap();
    let clock = Turned::at(1_800_000_000_000);
    let hospital = Hospital::open(&place.path().join("agent"), &clock);
    let peer = Peer::start(&place.path().join("ca"), &clock, hospital.durable()).await;

    hospital.enrol(&peer.join_string()).await;
    hospital.run_until(MESSAGES * 2 / 5).await;
    // Half of the certificate's life is over: it is renewed while reports flow.
    clock.turn(4);
    hospital.run_until(MESSAGES * 4 / 5).await;
    // It has ended: the agent joins again by its identity key.
    clock.turn(9);
    hospital.run_until(MESSAGES).await;

    let received = peer.received();
    assert_eq!(received.faults, Vec::<String>::new(), "not what the ledger holds, or not yet on disk");
    let count = |call: &str| received.calls.get(call).copied().unwrap_or_default();
    let calls =
        ["Enrolment.Begin", "Enrolment.Enrol", "Enrolment.Renew", "Enrolment.Rejoin", "Worklist.Follow"];
    assert_eq!(calls.map(count), [2, 1, 1, 1, 3]);
    assert_eq!(count("Results.Push"), MESSAGES);

    // Nothing stands in the ledger that the peer did not receive, and its files are intact.
    let verified = verify_ledger(&DiskIo, &place.path().join("agent/store")).unwrap();
    assert_eq!(verified.findings, []);
    assert_eq!(verified.lines, received.calls.values().sum::<u64>());
    assert!(verified.anchors >= MESSAGES / 2000, "{} anchors", verified.anchors);
    // One sync serves many messages.
    assert!(verified.records * 4 < verified.lines, "{} records", verified.records);
    assert!(
        hospital.kinds().is_superset(&[MessageKind::Asset, MessageKind::Pattern, MessageKind::Renew].into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_when_the_ledger_cannot_be_written() {
    let place = tempfile::tempdir().unwrap();
    let clock = Turned::at(1_800_000_000_000);
    let hospital = Hospital::open(&place.path().join("agent"), &clock);
    let peer = Peer::start(&place.path().join("ca"), &clock, hospital.durable()).await;
    hospital.break_disk();
    let refused = hospital.try_enrol(&peer.join_string()).await.unwrap_err();
    assert!(matches!(refused, agent_uplink::EnrolError::Ledger), "{refused:?}");
    assert!(peer.received().calls.is_empty(), "a message left that the ledger does not hold");
}
