//! How agents come in and stay in: join tokens, certificates, renewal, joining again, the registry.
//!
//! The secret of a join token is never stored and never sent: its digest is the key of a proof over
//! a nonce, the server's key and the certificate request. A token is used up in the transaction that
//! records the certificate. The same request gets the same answer, so that a lost reply costs
//! nothing. Proofs are checked here; nonces and connections belong to the room that has the sockets.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane_domain::{
    Action, Actor, Agent, AgentIdentity, AgentState, Issued, JoinToken, JoinTokenUse, SiteState, Subject,
    UseCase,
};
use proto_ids::{AgentId, SiteId, Timestamp};
use ring::{hmac, signature};

use crate::{App, AppError, Thing, Tx, read, sha256, transact};

/// A join token is good for 15 minutes.
pub const JOIN_TOKEN_LIFETIME_MS: i64 = 15 * 60 * 1000;
/// After this many wrong proofs a join token is void.
pub const MAX_FAILED_TRIES: u32 = 5;
/// How long after its certificate an agent may join again by its identity key: 90 days.
pub const REJOIN_WITHIN_MS: i64 = 90 * 24 * 3600 * 1000;
/// How often an agent may join again within 30 days.
pub const MAX_REJOINS: usize = 3;
const REJOIN_WINDOW_MS: i64 = 30 * 24 * 3600 * 1000;

/// The certificate request is not one that a certificate can be issued for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate request cannot be read or is not signed by its key")]
pub struct InvalidRequest;

/// Issues certificates for agents.
pub trait Issuer: Send + Sync {
    /// A certificate for the key of the request. Nothing else of the request is used.
    ///
    /// # Errors
    /// [`InvalidRequest`] when the request cannot be read or its signature is wrong.
    fn issue(
        &self,
        csr_der: &[u8],
        site: SiteId,
        agent: AgentId,
        now: Timestamp,
    ) -> Result<Issued, InvalidRequest>;
}

/// Why an agent was not let in. The agent is told only that it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such join token.
    #[error("no such join token")]
    UnknownSlot,
    /// The join token has expired.
    #[error("the join token has expired")]
    Expired,
    /// Too many wrong proofs.
    #[error("the join token is void after too many wrong proofs")]
    Void,
    /// The join token was taken for another request.
    #[error("the join token was already taken")]
    Taken,
    /// The proof or signature is wrong.
    #[error("the proof is wrong")]
    WrongProof,
    /// The certificate request or identity key cannot be used.
    #[error("the certificate request cannot be used")]
    InvalidRequest,
    /// The site or the agent is shut out.
    #[error("the agent is shut out")]
    ShutOut,
    /// The generation is not the newest: a copy of the agent may exist.
    #[error("the generation is stale, the agent is suspended")]
    StaleGeneration,
    /// The certificate ended too long ago, or the agent joined again too often.
    #[error("the agent needs a new join token")]
    TooLate,
}

/// Why an agent got no certificate.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// It was refused.
    #[error(transparent)]
    Refused(Refused),
    /// The use case failed.
    #[error(transparent)]
    App(AppError),
}

/// A join token as it is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewJoinToken {
    /// What the site's administrator copies to the agent. Holds the secret.
    pub join_string: String,
    /// Its number.
    pub slot: u64,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for NewJoinToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewJoinToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What an agent that joins sends, and what the connection knows.
#[derive(Debug, Clone, Copy)]
pub struct Join<'a> {
    /// Number of the join token.
    pub slot: u64,
    /// Certificate request, DER.
    pub csr_der: &'a [u8],
    /// Public half of the Ed25519 identity key.
    pub identity_key: &'a [u8],
    /// HMAC-SHA256 over the transcript.
    pub proof: &'a [u8],
    /// Nonces that were given out for the slot and are still good.
    pub nonces: &'a [[u8; 32]],
    /// Digest of the server's public key.
    pub server_spki_sha256: &'a [u8; 32],
}

/// What an agent that joins again sends, and what the connection knows. The nonce is checked already.
#[derive(Debug, Clone, Copy)]
pub struct Rejoin<'a> {
    /// Which agent it says it is.
    pub agent: AgentId,
    /// Certificate request, DER.
    pub csr_der: &'a [u8],
    /// Ed25519 signature over the transcript.
    pub signature: &'a [u8],
    /// The nonce.
    pub nonce: &'a [u8],
    /// Digest of the server's public key.
    pub server_spki_sha256: &'a [u8; 32],
}

/// What an agent gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Its site.
    pub site: SiteId,
    /// Its id.
    pub agent: AgentId,
    /// How often its certificate was renewed.
    pub generation: u64,
    /// Leaf first, DER.
    pub chain_der: Vec<Vec<u8>>,
}

impl Joined {
    fn of(agent: &Agent) -> Self {
        Self {
            site: agent.site,
            agent: agent.id,
            generation: agent.generation,
            chain_der: agent.issued.chain_der.clone(),
        }
    }
}

/// The bytes that a proof is made over.
fn transcript(purpose: &[u8], nonce: &[u8], server_spki_sha256: &[u8; 32], csr_der: &[u8]) -> Vec<u8> {
    [purpose, nonce, server_spki_sha256, &sha256(csr_der)].concat()
}

impl Join<'_> {
    fn proves(&self, secret_sha256: &[u8; 32]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret_sha256);
        self.nonces.iter().any(|nonce| {
            let said = transcript(b"ringfence-enrol-v1", nonce, self.server_spki_sha256, self.csr_der);
            hmac::verify(&key, &said, self.proof).is_ok()
        })
    }
}

type Decided<T> = Result<Result<T, Refused>, AppError>;

impl App {
    /// Makes a join token for a site. `authority_spki_sha256` is the digest of the key that agents
    /// pin, `endpoint` the `host:port` that they dial.
    ///
    /// # Errors
    /// Denied, the site is unknown or revoked, no randomness, or the store failed.
    pub fn join_token_create(
        &self,
        actor: &Actor,
        site: SiteId,
        authority_spki_sha256: &[u8; 32],
        endpoint: &str,
    ) -> Result<NewJoinToken, AppError> {
        self.authorise(actor, UseCase::JoinTokenMake)?;
        let (secret, slot): ([u8; 32], [u8; 8]) = (self.chance.bytes()?, self.chance.bytes()?);
        let now = self.now();
        let token = JoinToken {
            // Slot 0 stands for none.
            slot: u64::from_be_bytes(slot).max(1),
            site,
            secret_sha256: sha256(&secret),
            created_at: now,
            expires_at: now.plus_millis(JOIN_TOKEN_LIFETIME_MS),
            failed_tries: 0,
            taken: None,
        };
        transact(self.store.as_ref(), |tx| {
            let known = tx.site_get(site)?.ok_or(AppError::NotFound(Thing::Site))?;
            if known.state == SiteState::Revoked {
                return Err(AppError::Revoked);
            }
            if tx.join_token_get(token.slot)?.is_some() {
                return Err(AppError::Exists(Thing::JoinToken));
            }
            tx.join_token_put(&token)?;
            self.audit(tx, actor, Action::JoinTokenMade, Subject::Site(site))
        })?;
        let (secret, pin) = (URL_SAFE_NO_PAD.encode(secret), URL_SAFE_NO_PAD.encode(authority_spki_sha256));
        let join_string = format!("rg1.{:016x}.{secret}.{pin}.{endpoint}", token.slot);
        Ok(NewJoinToken { join_string, slot: token.slot, expires_at: token.expires_at })
    }

    /// Whether a proof for the slot would be looked at now.
    ///
    /// # Errors
    /// The store failed.
    pub fn join_token_open(&self, slot: u64) -> Result<bool, AppError> {
        let now = self.now();
        let token = read(self.store.as_ref(), |reader| Ok(reader.join_token_get(slot)?))?;
        Ok(token.is_some_and(|token| token.expires_at > now && token.failed_tries < MAX_FAILED_TRIES))
    }

    /// Lets an agent in: checks the proof, uses the token up and records the certificate, all in
    /// one transaction.
    ///
    /// # Errors
    /// Refused, or the store failed.
    pub fn join_token_take(&self, issuer: &dyn Issuer, join: Join<'_>) -> Result<Joined, JoinError> {
        settled(transact(self.store.as_ref(), |tx| self.take(tx, issuer, join)))
    }

    fn take(&self, tx: &mut dyn Tx, issuer: &dyn Issuer, join: Join<'_>) -> Decided<Joined> {
        let now = self.now();
        let Some(mut token) = tx.join_token_get(join.slot)? else { return Ok(Err(Refused::UnknownSlot)) };
        let subject = Subject::Site(token.site);
        if token.expires_at <= now {
            return Ok(Err(Refused::Expired));
        }
        if token.failed_tries >= MAX_FAILED_TRIES {
            return Ok(Err(Refused::Void));
        }
        if !join.proves(&token.secret_sha256) {
            token.failed_tries += 1;
            tx.join_token_put(&token)?;
            self.audit(tx, &Actor::Unknown, Action::JoinRefused, subject)?;
            return Ok(Err(Refused::WrongProof));
        }
        if let Some(used) = &token.taken {
            let agent = tx.agent_get(used.agent)?.filter(|agent| agent.state.may_call());
            let same = used.issued.csr_sha256 == sha256(join.csr_der);
            return match agent.filter(|agent| same && agent.issued == used.issued) {
                Some(agent) => Ok(Ok(Joined::of(&agent))),
                None => {
                    tracing::warn!(site = %token.site, "a join token that was taken came with another request");
                    self.audit(tx, &Actor::Unknown, Action::JoinTokenReused, subject)?;
                    Ok(Err(Refused::Taken))
                }
            };
        }
        self.admit(tx, issuer, join, token)
    }

    /// The proof is good and the token is not used up.
    fn admit(
        &self,
        tx: &mut dyn Tx,
        issuer: &dyn Issuer,
        join: Join<'_>,
        mut token: JoinToken,
    ) -> Decided<Joined> {
        let now = self.now();
        let Ok(identity_key) = <[u8; 32]>::try_from(join.identity_key) else {
            return Ok(Err(Refused::InvalidRequest));
        };
        let Some(mut site) = tx.site_get(token.site)?.filter(|site| site.state != SiteState::Revoked) else {
            return Ok(Err(Refused::ShutOut));
        };
        let before = replaced(tx, token.site, &identity_key)?;
        let id = match &before {
            Some(agent) => agent.id,
            None => AgentId::from_random(self.chance.bytes()?),
        };
        let Ok(issued) = issuer.issue(join.csr_der, token.site, id, now) else {
            return Ok(Err(Refused::InvalidRequest));
        };
        let agent = Agent {
            id,
            site: token.site,
            state: before.as_ref().map_or(AgentState::Enrolled, |agent| agent.state),
            identity_key,
            generation: before.as_ref().map_or(1, |agent| agent.generation + 1),
            issued: issued.clone(),
            enrolled_at: now,
            rejoined_at: Vec::new(),
        };
        token.taken = Some(JoinTokenUse { agent: id, issued, taken_at: now });
        tx.agent_put(&agent)?;
        tx.join_token_put(&token)?;
        if site.state == SiteState::Invited {
            site.state = SiteState::Enrolled;
            tx.site_put(&site)?;
        }
        self.audit(tx, &Actor::Agent(id), Action::AgentJoined, Subject::Site(token.site))?;
        Ok(Ok(Joined::of(&agent)))
    }

    /// Renews the certificate of the agent that calls.
    ///
    /// # Errors
    /// Refused, or the store failed. A stale generation suspends the agent: a copy of it may exist.
    pub fn agent_renew(
        &self,
        issuer: &dyn Issuer,
        caller: AgentIdentity,
        csr_der: &[u8],
        generation: u64,
    ) -> Result<Joined, JoinError> {
        settled(transact(self.store.as_ref(), |tx| {
            let Some(agent) = may_call(tx, caller.site, caller.agent)? else {
                return Ok(Err(Refused::ShutOut));
            };
            if agent.issued.csr_sha256 == sha256(csr_der) {
                return Ok(Ok(Joined::of(&agent)));
            }
            if agent.generation != generation {
                return self.suspend(tx, agent);
            }
            let issued = issuer.issue(csr_der, agent.site, agent.id, self.now());
            self.next_certificate(tx, agent, issued, Action::AgentRenewed)
        }))
    }

    /// Lets an agent in again whose certificate has ended, by its identity key.
    ///
    /// # Errors
    /// Refused, or the store failed.
    pub fn agent_rejoin(&self, issuer: &dyn Issuer, rejoin: Rejoin<'_>) -> Result<Joined, JoinError> {
        let now = self.now();
        settled(transact(self.store.as_ref(), |tx| {
            let Some(mut agent) = tx.agent_get(rejoin.agent)? else { return Ok(Err(Refused::UnknownSlot)) };
            let said =
                transcript(b"ringfence-rejoin-v1", rejoin.nonce, rejoin.server_spki_sha256, rejoin.csr_der);
            let key = signature::UnparsedPublicKey::new(&signature::ED25519, agent.identity_key);
            if key.verify(&said, rejoin.signature).is_err() {
                return Ok(Err(Refused::WrongProof));
            }
            if may_call(tx, agent.site, agent.id)?.is_none() {
                return Ok(Err(Refused::ShutOut));
            }
            if agent.issued.csr_sha256 == sha256(rejoin.csr_der) {
                return Ok(Ok(Joined::of(&agent)));
            }
            agent.rejoined_at.retain(|at| now.millis_since(*at) < REJOIN_WINDOW_MS);
            let late = now.millis_since(agent.issued.expires_at) > REJOIN_WITHIN_MS;
            if late || agent.rejoined_at.len() >= MAX_REJOINS {
                self.audit(tx, &Actor::Agent(agent.id), Action::JoinRefused, Subject::Agent(agent.id))?;
                return Ok(Err(Refused::TooLate));
            }
            agent.rejoined_at.push(now);
            let issued = issuer.issue(rejoin.csr_der, agent.site, agent.id, now);
            self.next_certificate(tx, agent, issued, Action::AgentRejoined)
        }))
    }

    /// Who an agent is, if the registry lets it call now. Looked at for every call, and again and
    /// again while a stream is open.
    ///
    /// # Errors
    /// The store failed.
    pub fn agent_identity(&self, site: SiteId, agent: AgentId) -> Result<Option<AgentIdentity>, AppError> {
        read(self.store.as_ref(), |reader| {
            let shut_out = reader
                .site_get(site)?
                .is_none_or(|site| matches!(site.state, SiteState::Revoked | SiteState::Suspended));
            let row = reader.agent_get(agent)?.filter(|row| row.site == site && row.state.may_call());
            let identity = |row: Agent| AgentIdentity { site, agent, generation: row.generation };
            Ok(row.filter(|_| !shut_out).map(identity))
        })
    }

    fn suspend(&self, tx: &mut dyn Tx, mut agent: Agent) -> Decided<Joined> {
        tracing::error!(site = %agent.site, "a stale generation was seen: the agent is suspended");
        metrics::counter!("ringfence_agents_suspended_total").increment(1);
        agent.state = AgentState::Suspended;
        tx.agent_put(&agent)?;
        self.audit(tx, &Actor::Agent(agent.id), Action::AgentSuspended, Subject::Agent(agent.id))?;
        Ok(Err(Refused::StaleGeneration))
    }

    fn next_certificate(
        &self,
        tx: &mut dyn Tx,
        mut agent: Agent,
        issued: Result<Issued, InvalidRequest>,
        action: Action,
    ) -> Decided<Joined> {
        let Ok(issued) = issued else { return Ok(Err(Refused::InvalidRequest)) };
        agent.issued = issued;
        agent.generation += 1;
        tx.agent_put(&agent)?;
        self.audit(tx, &Actor::Agent(agent.id), action, Subject::Agent(agent.id))?;
        Ok(Ok(Joined::of(&agent)))
    }
}

/// One agent a site: the one with the same identity key lives on, any other is shut out.
fn replaced(tx: &mut dyn Tx, site: SiteId, identity_key: &[u8; 32]) -> Result<Option<Agent>, AppError> {
    let mut same = None;
    for mut agent in tx.agent_list()?.into_iter().filter(|agent| agent.site == site && agent.state.may_call())
    {
        if agent.identity_key == *identity_key {
            same = Some(agent);
        } else {
            agent.state = AgentState::Revoked;
            tx.agent_put(&agent)?;
        }
    }
    Ok(same)
}

fn may_call(tx: &mut dyn Tx, site: SiteId, agent: AgentId) -> Result<Option<Agent>, AppError> {
    let shut_out =
        tx.site_get(site)?.is_none_or(|site| matches!(site.state, SiteState::Revoked | SiteState::Suspended));
    let row = tx.agent_get(agent)?.filter(|row| row.site == site && row.state.may_call());
    Ok(row.filter(|_| !shut_out))
}

fn settled<T>(decided: Decided<T>) -> Result<T, JoinError> {
    decided.map_err(JoinError::App)?.map_err(|refused| {
        metrics::counter!("ringfence_joins_refused_total").increment(1);
        tracing::warn!(reason = %refused, "an agent was refused");
        JoinError::Refused(refused)
    })
}
