//! The streams between a real uplink and a real control plane.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use agent_uplink::{Health, InboundItem, Outbound, Problem, RefusalReason};
use control_plane_app::read;
use control_plane_domain::{Actor, AgentState, SiteState};
use plane::{DAY_MS, Plane, card};
use prost::Message;
use proto::agent::v1 as wire;
use proto_ids::Clock;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

fn assets(plane: &Plane) -> usize {
    read(plane.app.store().as_ref(), |reader| Ok(reader.asset_list()?)).unwrap().len()
}

async fn enrolled(plane: &Plane) -> proto_ids::SiteId {
    let site = plane.site("North");
    plane.enrol(&plane.join(site), "agent").await.unwrap();
    site
}

#[tokio::test]
async fn text_flows_down_and_numbers_flow_up() {
    let plane = Plane::start().await;
    let site = enrolled(&plane).await;
    plane.app.annotator_add(&Actor::Operator, "ada", "Ada").unwrap();
    let mut running = plane.run("agent");
    running.until(|status| status.caught_up).await;
    let items = running.store.items.lock().unwrap().clone();
    assert!(matches!(items.as_slice(), [(_, _, InboundItem::Person(person))] if person.user_name == "ada"));

    for byte in 1..=5 {
        running.store.say(&card(byte));
    }
    running.until_dealt_with(5).await;
    assert_eq!(assets(&plane), 5);
    let known = read(plane.app.store().as_ref(), |reader| Ok(reader.site_get(site)?)).unwrap().unwrap();
    assert_eq!(known.state, SiteState::Active);
    // Everything that was sent stands in the ledger, byte for byte, in order.
    let ledger = running.store.reports();
    assert_eq!(ledger.iter().map(|row| row.number()).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(ledger.iter().all(|row| Outbound::decode(row.bytes()).unwrap().0 == row.number()));
}

#[tokio::test]
async fn a_change_comes_down_while_the_stream_is_open() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    let mut running = plane.run("agent");
    running.until(|status| status.caught_up).await;
    plane.app.annotator_add(&Actor::Operator, "grace", "Grace").unwrap();
    let arrived = async {
        while running.store.items.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), arrived).await.unwrap();
}

#[tokio::test]
async fn what_may_not_leave_is_shelved_and_the_rest_goes_on() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    let mut running = plane.run("agent");
    running.store.say(&card(1));
    running.store.add(b"not a report".to_vec());
    running.store.say(&card(2));
    running.until_dealt_with(3).await;
    running.until(|status| status.connected).await;
    assert_eq!(assets(&plane), 2);
    let shelved = running.store.shelved.lock().unwrap().clone();
    assert_eq!(
        shelved.iter().map(|row| (row.sequence, row.reason)).collect::<Vec<_>>(),
        [(2, RefusalReason::MayNotLeave)]
    );
    let ledger = running.store.reports();
    assert_eq!(ledger.iter().filter(|row| row.kind() == "empty").count(), 1);
}

/// A stream without the uplink's care.
struct Raw {
    reports: mpsc::Sender<Vec<u8>>,
    receipts: tonic::Streaming<wire::Receipt>,
}

impl Raw {
    async fn open(plane: &Plane) -> (Self, u64) {
        let channel = plane.channel(Some(plane.credentials_of("agent"))).await;
        let (reports, waiting) = mpsc::channel(64);
        let mut receipts = proto::results::push(channel, ReceiverStream::new(waiting)).await.unwrap();
        let first = receipts.message().await.unwrap().unwrap();
        (Self { reports, receipts }, first.dealt_with)
    }

    async fn send(&mut self, bytes: Vec<u8>) -> wire::Receipt {
        self.reports.send(bytes).await.unwrap();
        self.receipts.message().await.unwrap().unwrap()
    }
}

fn numbered(outbound: &Outbound, sequence: u64) -> Vec<u8> {
    let report = wire::Report::decode(outbound.encode().as_slice()).unwrap();
    wire::Report { sequence, ..report }.encode_to_vec()
}

#[tokio::test]
async fn a_bad_report_is_refused_and_the_stream_lives() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    let (mut raw, _) = Raw::open(&plane).await;

    let mut bad = wire::Report::decode(numbered(&card(1), 1).as_slice()).unwrap();
    if let Some(wire::report::Of::Asset(card)) = &mut bad.of {
        card.slices_up_to = 317;
    }
    let receipt = raw.send(bad.encode_to_vec()).await;
    assert_eq!(receipt.dealt_with, 1);
    assert_eq!(receipt.refusals[0].field, "asset.slices_up_to");
    assert_eq!(receipt.refusals[0].reason(), wire::RefusalReason::InvalidField);

    let mut unknown = numbered(&card(2), 2);
    unknown.extend_from_slice(&[0x7a, 4, b'n', b'a', b'm', b'e']);
    let receipt = raw.send(unknown).await;
    assert_eq!((receipt.dealt_with, receipt.refusals[0].reason()), (2, wire::RefusalReason::UnknownField));

    let receipt = raw.send(numbered(&card(3), 3)).await;
    assert_eq!((receipt.dealt_with, receipt.refusals.len()), (3, 0));
    assert_eq!(assets(&plane), 1);
}

#[tokio::test]
async fn replays_have_no_second_effect_and_gaps_none_at_all() {
    let plane = Plane::start().await;
    let site = enrolled(&plane).await;
    let health = |queue_depth| {
        Outbound::Health(Health { version: 1, queue_depth, disk_free_percent: 50, certificate_days_left: 7 })
    };
    let (mut raw, begin) = Raw::open(&plane).await;
    assert_eq!(begin, 0);
    assert_eq!(raw.send(numbered(&health(1), 1)).await.dealt_with, 1);
    assert_eq!(raw.send(numbered(&health(2), 2)).await.dealt_with, 2);
    drop(raw);

    let (mut raw, begin) = Raw::open(&plane).await;
    assert_eq!(begin, 2, "the first receipt says where to begin");
    assert_eq!(raw.send(numbered(&health(1), 1)).await.dealt_with, 2);
    let gap = raw.send(numbered(&health(9), 9)).await;
    assert_eq!((gap.dealt_with, gap.refusals[0].reason()), (2, wire::RefusalReason::OutOfOrder));
    let known = read(plane.app.store().as_ref(), |reader| Ok(reader.site_get(site)?)).unwrap().unwrap();
    assert_eq!(known.health.unwrap().0.queue_depth, 2);
}

#[tokio::test]
async fn a_site_cannot_speak_of_another_sites_asset() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    let (mut raw, _) = Raw::open(&plane).await;
    raw.send(numbered(&card(1), 1)).await;
    drop(raw);
    let south = plane.site("South");
    plane.enrol(&plane.join(south), "south").await.unwrap();
    let mut running = plane.run("south");
    running.store.say(&card(1));
    running.until_dealt_with(1).await;
    running.until(|status| status.connected).await;
    let shelved = running.store.shelved.lock().unwrap().clone();
    assert_eq!((shelved[0].reason, shelved[0].field.as_str()), (RefusalReason::ForeignSite, "asset.asset"));
}

#[tokio::test]
async fn revocation_cuts_open_streams_within_five_seconds() {
    let plane = Plane::start().await;
    let site = enrolled(&plane).await;
    let mut running = plane.run("agent");
    running.until(|status| status.caught_up).await;
    let (mut raw, _) = Raw::open(&plane).await;
    plane.app.site_revoke(&Actor::Operator, site).unwrap();
    running.until(|status| status.problem == Some(Problem::Refused) && !status.connected).await;
    let cut = tokio::time::timeout(std::time::Duration::from_secs(5), raw.receipts.message()).await.unwrap();
    assert_eq!(cut.unwrap_err().code(), tonic::Code::PermissionDenied);
}

#[tokio::test]
async fn a_renewal_drops_no_stream() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    // More than half of the life is over: the renewal is due while the streams open.
    plane.clock.turn(4 * DAY_MS);
    let before = plane.credentials_of("agent").0;
    let mut running = plane.run("agent");
    let now = plane.clock.now();
    running
        .until(|status| status.certificate_expires_at.is_some_and(|ends| ends.millis_since(now) > 6 * DAY_MS))
        .await;
    assert_ne!(plane.credentials_of("agent").0, before);
    running.store.say(&card(1));
    running.until_dealt_with(1).await;
    running.until(|status| status.caught_up).await;
    assert_eq!(*running.store.sessions.lock().unwrap(), 1);
}

#[tokio::test]
async fn an_agent_whose_certificate_has_ended_joins_again_by_its_identity_key() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    plane.clock.turn(30 * DAY_MS);
    let mut running = plane.run("agent");
    running.store.say(&card(1));
    running.until(|status| status.caught_up).await;
    running.until_dealt_with(1).await;
    let agents = read(plane.app.store().as_ref(), |reader| Ok(reader.agent_list()?)).unwrap();
    assert_eq!((agents.len(), agents[0].generation, agents[0].rejoined_at.len()), (1, 2, 1));
}

#[tokio::test]
async fn an_agent_that_was_away_too_long_needs_a_new_token() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    plane.clock.turn(98 * DAY_MS);
    let mut running = plane.run("agent");
    running.until(|status| status.problem == Some(Problem::Refused)).await;
}

#[tokio::test]
async fn a_copy_of_an_agent_is_found_and_frozen() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    let (original, copy) = (plane.agent_directory("agent"), plane.agent_directory("copy"));
    std::fs::create_dir(&copy).unwrap();
    for file in ["identity.key", "credentials"] {
        std::fs::copy(original.join(file), copy.join(file)).unwrap();
    }
    plane.clock.turn(4 * DAY_MS);
    let now = plane.clock.now();
    let mut first = plane.run("agent");
    first
        .until(|status| status.certificate_expires_at.is_some_and(|ends| ends.millis_since(now) > 6 * DAY_MS))
        .await;
    let mut second = plane.run("copy");
    second.until(|status| status.problem == Some(Problem::Refused)).await;
    first.until(|status| status.problem == Some(Problem::Refused)).await;
    let agents = read(plane.app.store().as_ref(), |reader| Ok(reader.agent_list()?)).unwrap();
    assert_eq!(agents[0].state, AgentState::Suspended);
}

#[tokio::test]
async fn a_control_plane_that_forgot_gets_everything_again() {
    let plane = Plane::start().await;
    enrolled(&plane).await;
    let running = plane.run("agent");
    for byte in 1..=3 {
        running.store.say(&card(byte));
    }
    running.until_dealt_with(3).await;
    let store = std::sync::Arc::clone(&running.store);
    running.end().await;

    // As after a restore: the number stands where it stood earlier.
    let agents = read(plane.app.store().as_ref(), |reader| Ok(reader.agent_list()?)).unwrap();
    control_plane_app::transact(plane.app.store().as_ref(), |tx| {
        Ok(tx.agent_high_water_put(agents[0].id, 1)?)
    })
    .unwrap();
    store.say(&card(4));
    let again = plane.run_with("agent", store);
    again.until_dealt_with(4).await;
    assert_eq!(assets(&plane), 4);
    let sent: Vec<u64> = again.store.reports().iter().map(|row| row.number()).collect();
    assert_eq!(sent, [1, 2, 3, 2, 3, 4]);
}
