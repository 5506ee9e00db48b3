//! Enrolment: the join secret is proved, never sent, and a certificate comes back.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proto::agent::v1 as wire;
use proto::agent::v1::enrolment_client::EnrolmentClient;
use proto_ids::{AgentId, Clock, SiteId, Timestamp};
use ring::hmac;
use rustls_pki_types::CertificateDer;
use tonic::Code;

use crate::channel::{ConnectError, Dialler};
use crate::gate::{Gate, Ledger};
use crate::identity::{Credentials, Directory, IdentityError, Pending, public};
use crate::join::JoinString;
use crate::tls::{Peer, Presented, sha256};

/// Long enough for a control plane under load, short enough for a person who waits.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Why an agent could not enrol.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The agent has a certificate that is still good.
    #[error("this agent is enrolled already")]
    AlreadyEnrolled,
    /// The control plane does not take the token.
    #[error("the join token is unknown, expired or already taken")]
    Refused,
    /// Nobody answered.
    #[error("the control plane at {endpoint} did not answer")]
    Unreachable {
        /// `host:port`.
        endpoint: String,
    },
    /// Whoever answered does not hold the key that the join string names.
    #[error("whoever answers at {endpoint} does not hold the key that the join string names")]
    WrongAuthority {
        /// `host:port`.
        endpoint: String,
    },
    /// The answer is not what was asked for.
    #[error("field {field} of the control plane's answer is wrong")]
    Answer {
        /// The field as the schema names it.
        field: &'static str,
    },
    /// The agent was enrolled for another site before.
    #[error("the join string is for another site than this agent was enrolled for")]
    OtherSite,
    /// The agent's own files.
    #[error("the agent's identity cannot be kept")]
    Identity(#[source] IdentityError),
    /// The egress ledger cannot be written, so nothing was sent.
    #[error("the egress ledger cannot be written, so nothing was sent")]
    Ledger,
}

impl EnrolError {
    /// Whether the same join string may work later.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Identity(_) | Self::Ledger => true,
            Self::AlreadyEnrolled
            | Self::Refused
            | Self::WrongAuthority { .. }
            | Self::Answer { .. }
            | Self::OtherSite => false,
        }
    }
}

/// What an enrolment gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// The site that the agent now belongs to.
    pub site: SiteId,
    /// The agent, as its certificate names it.
    pub agent: AgentId,
    /// When the certificate ends; it is renewed long before.
    pub certificate_expires_at: Option<Timestamp>,
}

/// Enrols this agent with a join string and stores its credentials in `directory`.
///
/// Calling it again after a lost answer sends the same request and gets the same certificate. What is sent
/// stands in `ledger` before.
///
/// # Errors
/// See [`EnrolError`].
pub async fn enrol(
    join: &JoinString,
    directory: &Path,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
) -> Result<Enrolled, EnrolError> {
    let files = Directory::make(directory).map_err(EnrolError::Identity)?;
    let before = files.credentials().map_err(EnrolError::Identity)?;
    let good = before.as_ref().and_then(Credentials::validity).is_some_and(|(_, end)| end > clock.now());
    if good {
        return Err(EnrolError::AlreadyEnrolled);
    }
    let pending = files.pending(&format!("slot {:016x}", join.slot)).map_err(EnrolError::Identity)?;
    let identity = public(&files.identity_key().map_err(EnrolError::Identity)?);
    let dialler = Dialler {
        endpoint: join.endpoint.clone(),
        pins: vec![join.pin],
        presented: Presented::default(),
        ledger,
        clock,
    };
    let answer = ask(join, &dialler, &pending, identity).await?;
    let credentials = accept(answer, &dialler, &pending)?;
    if before.is_some_and(|before| before.site != credentials.site) {
        return Err(EnrolError::OtherSite);
    }
    files.store(&credentials).map_err(EnrolError::Identity)?;
    Ok(Enrolled {
        site: credentials.site,
        agent: credentials.agent,
        certificate_expires_at: credentials.validity().map(|(_, end)| end),
    })
}

async fn ask(
    join: &JoinString,
    dialler: &Dialler,
    pending: &Pending,
    identity_key: Vec<u8>,
) -> Result<wire::EnrolResponse, EnrolError> {
    let (gate, peer) = dialler.dial().await.map_err(|error| unconnected(error, &dialler.endpoint))?;
    let mut client = EnrolmentClient::new(gate.clone());
    let failed = |status: tonic::Status| refused(&status, &gate, &dialler.endpoint);
    let nonce = begin(&mut client, join.slot).await.map_err(failed)?;
    let server = server_key(&peer)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &sha256(&join.secret));
    let proof = hmac::sign(&key, &transcript(b"ringfence-enrol-v1", &nonce, &server, &pending.csr_der));
    let mut request = tonic::Request::new(wire::EnrolRequest {
        slot: join.slot,
        csr_der: pending.csr_der.clone(),
        identity_key,
        proof: proof.as_ref().to_vec(),
    });
    request.set_timeout(CALL_TIMEOUT);
    Ok(client.enrol(request).await.map_err(failed)?.into_inner())
}

/// Joins again by the identity key after an outage longer than the certificate, which is not presented.
pub(crate) async fn rejoin(
    directory: &Directory,
    credentials: &Credentials,
    before: &Dialler,
) -> Result<Credentials, EnrolError> {
    let dialler = Dialler { presented: Presented::default(), ..before.clone() };
    let pending =
        directory.pending(&format!("rejoin {}", credentials.generation)).map_err(EnrolError::Identity)?;
    let identity = directory.identity_key().map_err(EnrolError::Identity)?;
    let (gate, peer) = dialler.dial().await.map_err(|error| unconnected(error, &dialler.endpoint))?;
    let mut client = EnrolmentClient::new(gate.clone());
    let failed = |status: tonic::Status| refused(&status, &gate, &dialler.endpoint);
    let nonce = begin(&mut client, 0).await.map_err(failed)?;
    let server = server_key(&peer)?;
    let signature = identity.sign(&transcript(b"ringfence-rejoin-v1", &nonce, &server, &pending.csr_der));
    let (high, low) = credentials.agent.halves();
    let mut request = tonic::Request::new(wire::RejoinRequest {
        agent: Some(proto::types::v1::Id { high, low }),
        nonce,
        csr_der: pending.csr_der.clone(),
        signature: signature.as_ref().to_vec(),
    });
    request.set_timeout(CALL_TIMEOUT);
    let answer = client.rejoin(request).await.map_err(failed)?.into_inner();
    let renewed = accept(answer, &dialler, &pending)?;
    if renewed.agent != credentials.agent {
        return Err(EnrolError::Answer { field: "agent" });
    }
    directory.store(&renewed).map_err(EnrolError::Identity)?;
    Ok(renewed)
}

async fn begin(client: &mut EnrolmentClient<Gate>, slot: u64) -> Result<Vec<u8>, tonic::Status> {
    let mut request = tonic::Request::new(wire::BeginRequest { slot });
    request.set_timeout(CALL_TIMEOUT);
    Ok(client.begin(request).await?.into_inner().nonce)
}

/// What is proved: the purpose, the control plane's nonce, its key and the request. The key binds the
/// proof to this server, so that it is worth nothing to another.
fn transcript(purpose: &[u8], nonce: &[u8], server_spki_sha256: &[u8; 32], csr_der: &[u8]) -> Vec<u8> {
    [purpose, nonce, server_spki_sha256, &sha256(csr_der)].concat()
}

fn server_key(peer: &Peer) -> Result<[u8; 32], EnrolError> {
    peer.leaf_spki_sha256().ok_or(EnrolError::Answer { field: "certificate" })
}

fn unconnected(error: ConnectError, endpoint: &str) -> EnrolError {
    let endpoint = endpoint.to_owned();
    match error {
        ConnectError::WrongAuthority => EnrolError::WrongAuthority { endpoint },
        ConnectError::Endpoint | ConnectError::Unreachable(_) => EnrolError::Unreachable { endpoint },
    }
}

fn refused(status: &tonic::Status, gate: &Gate, endpoint: &str) -> EnrolError {
    if gate.stuck() {
        return EnrolError::Ledger;
    }
    let permanent =
        matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated | Code::InvalidArgument);
    if permanent { EnrolError::Refused } else { EnrolError::Unreachable { endpoint: endpoint.to_owned() } }
}

/// Credentials out of an answer, if it is for the key that was asked for.
pub(crate) fn accept(
    answer: wire::EnrolResponse,
    dialler: &Dialler,
    pending: &Pending,
) -> Result<Credentials, EnrolError> {
    let chain: Vec<CertificateDer<'static>> =
        answer.certificate_chain_der.into_iter().map(CertificateDer::from).collect();
    if !pending.matches(&chain) {
        return Err(EnrolError::Answer { field: "certificate_chain_der" });
    }
    let site = answer.site.ok_or(EnrolError::Answer { field: "site" })?;
    let agent = answer.agent.ok_or(EnrolError::Answer { field: "agent" })?;
    let credentials = Credentials {
        endpoint: dialler.endpoint.clone(),
        pins: dialler.pins.clone(),
        site: SiteId::from_halves(site.high, site.low),
        agent: AgentId::from_halves(agent.high, agent.low),
        generation: answer.generation,
        key_pem: pending.key_pem.clone(),
        chain,
    };
    match (credentials.validity(), credentials.certified_key()) {
        (Some(_), Some(_)) => Ok(credentials),
        _ => Err(EnrolError::Answer { field: "certificate_chain_der" }),
    }
}
