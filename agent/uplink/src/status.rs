//! What the rest of the agent may know of the connection.

use proto_ids::{SiteId, Timestamp};

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Nobody answers, or the connection broke.
    Unreachable,
    /// Whoever answers does not hold the key that the join string names. A proxy may be intercepting.
    WrongAuthority,
    /// The control plane answers and refuses this agent: revoked, suspended or expired.
    Refused,
    /// The agent's own store failed.
    Store,
}

/// The state of the connection to the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// The site, once credentials are loaded.
    pub site: Option<SiteId>,
    /// Whether the control plane answers and lets this agent in.
    pub connected: bool,
    /// Whether the worklist has nothing more to say for now.
    pub caught_up: bool,
    /// When the certificate ends.
    pub certificate_expires_at: Option<Timestamp>,
    /// The last thing that went wrong; empty while connected.
    pub problem: Option<Problem>,
}
