//! Who gets in, and everybody who does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use agent_uplink::{Credentials, EnrolError};
use control_plane_app::read;
use control_plane_domain::{Action, Actor, AgentState, SiteState};
use control_plane_grpc::{Authority, METHODS, Requirement};
use plane::{DAY_MS, Plane};
use prost_reflect::DescriptorPool;
use proto::agent::v1 as wire;
use proto::agent::v1::enrolment_client::EnrolmentClient;
use proto::agent::v1::worklist_client::WorklistClient;
use proto_ids::Clock;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tonic::Code;
use tonic::transport::Channel;

fn refused(result: &Result<agent_uplink::Enrolled, EnrolError>) -> bool {
    matches!(result, Err(EnrolError::Refused))
}

fn audited(plane: &Plane, action: Action) -> usize {
    let rows = read(plane.app.store().as_ref(), |reader| Ok(reader.audit_list(1000)?)).unwrap();
    rows.iter().filter(|row| row.action == action).count()
}

#[tokio::test]
async fn an_agent_enrols_and_its_certificate_names_it() {
    let plane = Plane::start().await;
    let site = plane.site("North");
    let enrolled = plane.enrol(&plane.join(site), "agent").await.unwrap();
    assert_eq!(enrolled.site, site);
    let ends = enrolled.certificate_expires_at.unwrap();
    assert_eq!(ends.millis_since(plane.clock.now()) / DAY_MS, 7);
    let known = read(plane.app.store().as_ref(), |reader| Ok(reader.site_get(site)?)).unwrap().unwrap();
    assert_eq!(known.state, SiteState::Enrolled);
    let again = plane.enrol(&plane.join(site), "agent").await;
    assert!(matches!(again, Err(EnrolError::AlreadyEnrolled)));
}

#[tokio::test]
async fn a_taken_token_is_refused_and_raises_an_alarm() {
    let plane = Plane::start().await;
    let join = plane.join(plane.site("North"));
    plane.enrol(&join, "agent").await.unwrap();
    assert!(refused(&plane.enrol(&join, "thief").await));
    assert_eq!(audited(&plane, Action::JoinTokenReused), 1);
    assert!(Credentials::load(&plane.agent_directory("thief")).unwrap().is_none());
}

#[tokio::test]
async fn a_lost_reply_costs_nothing() {
    let plane = Plane::start().await;
    let join = plane.join(plane.site("North"));
    // The first try reaches nobody, and leaves the request behind.
    let nobody = join.replace(&plane.endpoint, "localhost:1");
    assert!(matches!(plane.enrol(&nobody, "agent").await, Err(EnrolError::Unreachable { .. })));
    let directory = plane.agent_directory("agent");
    let pending = std::fs::read(directory.join("pending")).unwrap();

    let first = plane.enrol(&join, "agent").await.unwrap();
    let chain = plane.credentials_of("agent").0;
    std::fs::remove_file(directory.join("credentials")).unwrap();
    std::fs::write(directory.join("pending"), pending).unwrap();
    let second = plane.enrol(&join, "agent").await.unwrap();
    assert_eq!(first, second);
    assert_eq!(plane.credentials_of("agent").0, chain);
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let plane = Plane::start().await;
    let join = plane.join(plane.site("North"));
    plane.clock.turn(15 * 60 * 1000);
    assert!(refused(&plane.enrol(&join, "agent").await));
}

#[tokio::test]
async fn a_token_of_a_revoked_site_is_refused() {
    let plane = Plane::start().await;
    let site = plane.site("North");
    let join = plane.join(site);
    plane.app.site_revoke(&Actor::Operator, site).unwrap();
    assert!(refused(&plane.enrol(&join, "agent").await));
}

#[tokio::test]
async fn five_wrong_proofs_void_a_token() {
    let plane = Plane::start().await;
    let join = plane.join(plane.site("North"));
    let mut parts: Vec<&str> = join.splitn(5, '.').collect();
    let wrong = "A".repeat(43);
    parts[2] = &wrong;
    for attempt in 0..5 {
        assert!(refused(&plane.enrol(&parts.join("."), &format!("guess{attempt}")).await));
    }
    assert!(refused(&plane.enrol(&join, "agent").await), "the right secret comes too late");
    assert_eq!(audited(&plane, Action::JoinRefused), 5);
}

#[tokio::test]
async fn an_agent_talks_to_nobody_but_the_pinned_authority() {
    let plane = Plane::start().await;
    let join = plane.join(plane.site("North"));
    let mut parts: Vec<&str> = join.splitn(5, '.').collect();
    let other = "A".repeat(43);
    parts[3] = &other;
    assert!(matches!(plane.enrol(&parts.join("."), "agent").await, Err(EnrolError::WrongAuthority { .. })));
    assert_eq!(audited(&plane, Action::JoinRefused), 0);
}

async fn try_all(channel: Channel) -> Vec<Code> {
    let renew = wire::RenewRequest { csr_der: vec![1], generation: 1 };
    let renew = EnrolmentClient::new(channel.clone()).renew(renew).await.map(|_| ());
    let follow =
        WorklistClient::new(channel.clone()).follow(wire::FollowRequest::default()).await.map(|_| ());
    let push = proto::results::push(channel, tokio_stream::iter([vec![8, 1]])).await.map(|_| ());
    [renew, follow, push]
        .into_iter()
        .map(|call| call.map_or_else(|status| status.code(), |()| Code::Ok))
        .collect()
}

#[tokio::test]
async fn without_a_certificate_only_enrolment_answers() {
    let plane = Plane::start().await;
    let channel = plane.channel(None).await;
    assert_eq!(try_all(channel.clone()).await, [Code::Unauthenticated; 3]);
    let begun = EnrolmentClient::new(channel).begin(wire::BeginRequest { slot: 5 }).await.unwrap();
    assert_eq!(begun.into_inner().nonce.len(), 32);
}

fn foreign(plane: &Plane, site_and_agent_of: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    use control_plane_app::enrolment::Issuer;
    let credentials = Credentials::load(&plane.agent_directory(site_and_agent_of)).unwrap().unwrap();
    let other = Authority::create(&plane.place.path().join("other"), plane.clock.now()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let csr = rcgen::CertificateParams::default().serialize_request(&key).unwrap();
    let issued = other.issue(csr.der(), credentials.site(), credentials.agent(), plane.clock.now()).unwrap();
    let chain = issued.chain_der.into_iter().map(CertificateDer::from).collect();
    (chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

#[tokio::test]
async fn a_certificate_of_another_authority_does_not_get_through_the_handshake() {
    let plane = Plane::start().await;
    plane.enrol(&plane.join(plane.site("North")), "agent").await.unwrap();
    let channel = plane.channel(Some(foreign(&plane, "agent"))).await;
    for code in try_all(channel).await {
        assert!(matches!(code, Code::Unavailable | Code::Unknown | Code::Cancelled), "{code:?}");
    }
}

#[tokio::test]
async fn a_server_certificate_is_no_agents_certificate() {
    use rustls_pki_types::pem::PemObject;
    let plane = Plane::start().await;
    let server = plane.authority.issue_server(&["localhost".to_owned()], plane.clock.now()).unwrap();
    let chain =
        CertificateDer::pem_slice_iter(server.chain_pem.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(server.key_pem.as_bytes()).unwrap();
    for code in try_all(plane.channel(Some((chain, key))).await).await {
        assert_ne!(code, Code::Ok);
    }
}

#[tokio::test]
async fn a_revoked_agent_is_refused_at_every_call() {
    let plane = Plane::start().await;
    let site = plane.site("North");
    plane.enrol(&plane.join(site), "agent").await.unwrap();
    let channel = plane.channel(Some(plane.credentials_of("agent"))).await;
    assert_eq!(try_all(channel.clone()).await[1..], [Code::Ok; 2]);
    plane.app.site_revoke(&Actor::Operator, site).unwrap();
    assert_eq!(try_all(channel).await, [Code::PermissionDenied; 3]);
}

#[tokio::test]
async fn an_agent_that_was_replaced_is_shut_out() {
    let plane = Plane::start().await;
    let site = plane.site("North");
    plane.enrol(&plane.join(site), "old").await.unwrap();
    plane.enrol(&plane.join(site), "new").await.unwrap();
    assert_eq!(
        try_all(plane.channel(Some(plane.credentials_of("old"))).await).await,
        [Code::PermissionDenied; 3]
    );
    assert_eq!(try_all(plane.channel(Some(plane.credentials_of("new"))).await).await[1..], [Code::Ok; 2]);
}

#[tokio::test]
async fn a_request_with_an_unknown_field_is_refused() {
    let plane = Plane::start().await;
    let channel = plane.channel(None).await;
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/ringfence.agent.v1.Enrolment/Begin");
    // Written with a schema that has one more field.
    let newer = wire::RejoinRequest { nonce: b"more".to_vec(), ..wire::RejoinRequest::default() };
    let codec = tonic_prost::ProstCodec::<wire::RejoinRequest, wire::BeginResponse>::new();
    let status = grpc.unary(tonic::Request::new(newer), path, codec).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_rejoin_without_the_identity_key_is_refused() {
    let plane = Plane::start().await;
    let enrolled = plane.enrol(&plane.join(plane.site("North")), "agent").await.unwrap();
    let mut client = EnrolmentClient::new(plane.channel(None).await);
    let nonce = client.begin(wire::BeginRequest { slot: 0 }).await.unwrap().into_inner().nonce;
    let (high, low) = enrolled.agent.halves();
    for (agent, nonce) in [((high, low), nonce.clone()), ((high, low), vec![0; 32]), ((1, 2), nonce)] {
        let request = wire::RejoinRequest {
            agent: Some(proto::types::v1::Id { high: agent.0, low: agent.1 }),
            nonce,
            csr_der: vec![1],
            signature: vec![0; 64],
        };
        assert_eq!(client.rejoin(request).await.unwrap_err().code(), Code::PermissionDenied);
    }
    let agents = read(plane.app.store().as_ref(), |reader| Ok(reader.agent_list()?)).unwrap();
    assert!(agents.iter().all(|agent| agent.state == AgentState::Enrolled && agent.generation == 1));
}

#[test]
fn every_method_of_the_schema_has_one_policy_row() {
    let pool = DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
    let mut schema: Vec<String> = pool
        .services()
        .flat_map(|service| {
            let name = service.full_name().to_owned();
            service.methods().map(move |method| format!("/{name}/{}", method.name())).collect::<Vec<_>>()
        })
        .collect();
    let mut rows: Vec<String> = METHODS.iter().map(|method| method.path.to_owned()).collect();
    schema.sort();
    rows.sort();
    assert_eq!(rows, schema);
    let open = METHODS.iter().filter(|method| method.requirement == Requirement::Nothing);
    assert!(open.clone().all(|method| method.path.contains(".Enrolment/")) && open.count() == 3);
}
