//! Sites, their agents, and the tokens that agents join with.

use proto_ids::{AgentId, SiteId, Timestamp};

use crate::Health;
use crate::closed::closed_enum;

closed_enum! {
    /// How far a site has come.
    SiteState {
        /// It exists here and has no agent yet.
        Invited = 1 "invited",
        /// An agent has a certificate.
        Enrolled = 2 "enrolled",
        /// The agent has reported.
        Active = 3 "active",
        /// Shut out for now.
        Suspended = 4 "suspended",
        /// Shut out for good.
        Revoked = 5 "revoked",
    }
}

/// One hospital's installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// What managers call it.
    pub name: String,
    /// How far it has come.
    pub state: SiteState,
    /// When it was made.
    pub created_at: Timestamp,
    /// What its agent last said of itself, and when.
    pub health: Option<(Health, Timestamp)>,
}

closed_enum! {
    /// Whether an agent may call.
    AgentState {
        /// It has a certificate and has not reported.
        Enrolled = 1 "enrolled",
        /// It has reported.
        Active = 2 "active",
        /// Shut out for now; also when its certificate was seen twice.
        Suspended = 3 "suspended",
        /// Shut out for good.
        Revoked = 4 "revoked",
    }
}

impl AgentState {
    /// Whether an agent in this state may call anything but enrolment.
    pub fn may_call(self) -> bool {
        match self {
            Self::Enrolled | Self::Active => true,
            Self::Suspended | Self::Revoked => false,
        }
    }
}

/// A certificate that was issued, kept so that the same request gets the same answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// SHA-256 of the certificate request.
    pub csr_sha256: [u8; 32],
    /// Leaf first, DER.
    pub chain_der: Vec<Vec<u8>>,
    /// End of the leaf's validity.
    pub expires_at: Timestamp,
}

/// The agent of a site, as the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id; its certificate carries it.
    pub id: AgentId,
    /// Its site; its certificate carries it.
    pub site: SiteId,
    /// Whether it may call.
    pub state: AgentState,
    /// Public half of its Ed25519 identity key.
    pub identity_key: [u8; 32],
    /// How often its certificate was renewed; only the newest is good.
    pub generation: u64,
    /// The newest certificate.
    pub issued: Issued,
    /// When it joined.
    pub enrolled_at: Timestamp,
    /// When it joined again by its identity key, oldest first.
    pub rejoined_at: Vec<Timestamp>,
}

/// Who calls, as the certificate of the connection says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AgentIdentity {
    /// The site.
    pub site: SiteId,
    /// The agent.
    pub agent: AgentId,
    /// The generation that the registry held when the call was let in.
    pub generation: u64,
}

/// How a join token was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinTokenUse {
    /// The agent that it made.
    pub agent: AgentId,
    /// What that agent got; the same request gets it again until the token expires.
    pub issued: Issued,
    /// When.
    pub taken_at: Timestamp,
}

/// The right to join once, as one site. Only a digest of its secret is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// Its number, in the join string.
    pub slot: u64,
    /// The site that joins with it.
    pub site: SiteId,
    /// SHA-256 of the secret.
    pub secret_sha256: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// Proofs that were wrong.
    pub failed_tries: u32,
    /// Set once.
    pub taken: Option<JoinTokenUse>,
}
