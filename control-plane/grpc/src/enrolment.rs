//! The enrolment calls: nonces, proofs, certificates.

use std::sync::Arc;

use control_plane_app::App;
use control_plane_app::enrolment::{Join, JoinError, Joined, Refused, Rejoin};
use proto::agent::v1 as wire;
use proto::agent::v1::enrolment_server::Enrolment;
use proto_ids::AgentId;
use tonic::{Request, Response, Status};

use crate::authority::Authority;
use crate::nonces::{NoRandomness, Nonces};
use crate::policy::Caller;

/// A certificate request with a P-256 key has about 250 bytes.
const LONGEST_REQUEST: usize = 2048;

pub(crate) struct Enrolments {
    pub(crate) app: App,
    pub(crate) authority: Arc<Authority>,
    pub(crate) nonces: Arc<Nonces>,
    pub(crate) server_spki_sha256: [u8; 32],
}

#[tonic::async_trait]
impl Enrolment for Enrolments {
    async fn begin(
        &self,
        request: Request<wire::BeginRequest>,
    ) -> Result<Response<wire::BeginResponse>, Status> {
        let (app, nonces, slot) = (self.app.clone(), Arc::clone(&self.nonces), request.into_inner().slot);
        let nonce = blocking(move || {
            let now = app.now();
            // A slot that no token has is answered alike, so that slots cannot be guessed here.
            let open = slot != 0 && app.join_token_open(slot).map_err(JoinError::App)?;
            Ok(if open { nonces.for_slot(slot, now) } else { nonces.passing(now) })
        })
        .await?;
        let nonce = nonce.map_err(|NoRandomness| Status::unavailable("no randomness"))?;
        Ok(Response::new(wire::BeginResponse { nonce: nonce.to_vec() }))
    }

    async fn enrol(
        &self,
        request: Request<wire::EnrolRequest>,
    ) -> Result<Response<wire::EnrolResponse>, Status> {
        let request = request.into_inner();
        short(&request.csr_der)?;
        let nonces = self.nonces.of_slot(request.slot, self.app.now());
        let (app, authority, server_spki_sha256) =
            (self.app.clone(), Arc::clone(&self.authority), self.server_spki_sha256);
        let joined = blocking(move || {
            let join = Join {
                slot: request.slot,
                csr_der: &request.csr_der,
                identity_key: &request.identity_key,
                proof: &request.proof,
                nonces: &nonces,
                server_spki_sha256: &server_spki_sha256,
            };
            app.join_token_take(authority.as_ref(), join)
        });
        Ok(Response::new(answer(joined.await?)))
    }

    async fn rejoin(
        &self,
        request: Request<wire::RejoinRequest>,
    ) -> Result<Response<wire::EnrolResponse>, Status> {
        let request = request.into_inner();
        short(&request.csr_der)?;
        let agent = request.agent.ok_or_else(|| Status::invalid_argument("field agent is missing"))?;
        let now = self.app.now();
        if !self.nonces.good(&request.nonce, now) {
            return Err(refused(Refused::WrongProof));
        }
        let nonce = request.nonce.clone();
        let (app, authority, server_spki_sha256) =
            (self.app.clone(), Arc::clone(&self.authority), self.server_spki_sha256);
        let joined = blocking(move || {
            let rejoin = Rejoin {
                agent: AgentId::from_halves(agent.high, agent.low),
                csr_der: &request.csr_der,
                signature: &request.signature,
                nonce: &request.nonce,
                server_spki_sha256: &server_spki_sha256,
            };
            app.agent_rejoin(authority.as_ref(), rejoin)
        })
        .await?;
        self.nonces.use_up(&nonce, now);
        Ok(Response::new(answer(joined)))
    }

    async fn renew(
        &self,
        request: Request<wire::RenewRequest>,
    ) -> Result<Response<wire::EnrolResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        short(&request.csr_der)?;
        let (app, authority) = (self.app.clone(), Arc::clone(&self.authority));
        let renewed = blocking(move || {
            app.agent_renew(authority.as_ref(), caller.identity, &request.csr_der, request.generation)
        });
        Ok(Response::new(answer(renewed.await?)))
    }
}

fn answer(joined: Joined) -> wire::EnrolResponse {
    let id = |(high, low)| Some(proto::types::v1::Id { high, low });
    wire::EnrolResponse {
        certificate_chain_der: joined.chain_der,
        site: id(joined.site.halves()),
        agent: id(joined.agent.halves()),
        generation: joined.generation,
    }
}

fn short(csr_der: &[u8]) -> Result<(), Status> {
    if csr_der.len() <= LONGEST_REQUEST {
        Ok(())
    } else {
        Err(Status::invalid_argument("field csr_der is too long"))
    }
}

/// One reason to the outside, whatever it was; the detail is in the log and the audit.
fn refused(_: Refused) -> Status {
    Status::permission_denied("the agent was refused")
}

async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, JoinError> + Send + 'static,
) -> Result<T, Status> {
    match tokio::task::spawn_blocking(call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(JoinError::Refused(reason))) => Err(refused(reason)),
        Ok(Err(JoinError::App(error))) => {
            tracing::error!(error = &error as &dyn std::error::Error, "an enrolment failed");
            Err(Status::unavailable("the enrolment failed"))
        }
        Err(_) => Err(Status::internal("the enrolment failed")),
    }
}
