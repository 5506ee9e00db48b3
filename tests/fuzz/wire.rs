//! What the planes say to each other, said by somebody else: reports and enrolments on their way up, the worklist on
//! its way down.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use agent_uplink::{Call, Event, fields};
use control_plane_app::enrolment::Issuer;
use control_plane_app::{App, Presence, transact};
use control_plane_domain::{Actor, Agent, AgentIdentity, AgentState, Issued, Site, SiteState};
use control_plane_grpc::{Authority, take_batch};
use control_plane_store::Embedded;
use prost::Message;
use proto::agent::v1 as wire;
use proto::exact::decode;
use proto_ids::{AgentId, Clock, SiteId, Timestamp};

/// A clock that stands.
#[derive(Debug)]
struct Still;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Cloud {
    app: App,
    agent: AgentIdentity,
    next: u64,
    _place: tempfile::TempDir,
}

thread_local! {
    static CLOUD: RefCell<Cloud> = RefCell::new(Cloud::open());
}

impl Cloud {
    fn open() -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let store = Embedded::open_on_disk(&place.path().join("store"), [7; 16]).expect("a store").store;
        let app = App::new(Arc::new(store), Arc::new(Still), Presence::default());
        let site = app.site_add(&Actor::Operator, "Site").expect("a site").site;
        let agent = Agent {
            id: AgentId::from_halves(1, 2),
            site: site.id,
            state: AgentState::Enrolled,
            identity_key: [1; 32],
            generation: 1,
            issued: Issued { csr_sha256: [1; 32], chain_der: Vec::new(), expires_at: NOW },
            enrolled_at: NOW,
            rejoined_at: Vec::new(),
        };
        transact(app.store().as_ref(), |tx| {
            tx.site_put(&Site { state: SiteState::Enrolled, ..site.clone() })?;
            Ok(tx.agent_put(&agent)?)
        })
        .expect("an agent");
        let agent = AgentIdentity { site: site.id, agent: agent.id, generation: 1 };
        Self { app, agent, next: 1, _place: place }
    }
}

/// Pushes the bytes behind the sequence number that is due: taken, or refused by name, and answered in any case. The
/// ledger can show whatever is taken.
pub(crate) fn report(bytes: &[u8]) {
    CLOUD.with_borrow_mut(|cloud| {
        let numbered = wire::Report { sequence: cloud.next, of: None };
        let report = [numbered.encode_to_vec().as_slice(), bytes].concat();
        let whole = decode::<wire::Report>(&report);
        let receipt = take_batch(&cloud.app, cloud.agent, vec![report.clone()]);
        let Ok(receipt) = receipt else {
            assert!(wire::Report::decode(report.as_slice()).is_err(), "a message is refused by its number");
            return;
        };
        assert!(whole.is_ok() || !receipt.refusals.is_empty(), "half a message was taken");
        if whole.is_ok() && receipt.refusals.is_empty() {
            assert!(fields(Call::Push, &report).is_some());
        }
        cloud.next = receipt.dealt_with + 1;
    });
}

/// Reads an event of the worklist.
pub(crate) fn worklist(bytes: &[u8]) {
    let Ok(event) = wire::WorklistEvent::decode(bytes) else { return };
    let _ = Event::try_from(event);
}

/// Reads the four requests of an enrolment; a certificate request is answered with a certificate, or refused.
pub(crate) fn enrolment(bytes: &[u8]) {
    thread_local! {
        static AUTHORITY: Authority = {
            let place = tempfile::tempdir().expect("a directory");
            Authority::create(Path::new(&place.path().join("ca")), NOW).expect("an authority")
        };
    }
    let requests = [
        decode::<wire::EnrolRequest>(bytes).map(|request| request.csr_der),
        decode::<wire::RejoinRequest>(bytes).map(|request| request.csr_der),
        decode::<wire::RenewRequest>(bytes).map(|request| request.csr_der),
        Ok(bytes.to_vec()),
    ];
    let _ = decode::<wire::BeginRequest>(bytes);
    for request in requests.into_iter().flatten() {
        let (site, agent) = (SiteId::from_halves(1, 2), AgentId::from_halves(3, 4));
        if let Ok(issued) = AUTHORITY.with(|authority| authority.issue(&request, site, agent, NOW)) {
            assert_eq!(issued.chain_der.len(), 2);
        }
    }
}
