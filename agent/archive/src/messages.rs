//! What the site tells of its own doing, and the port that turns it into bytes for the outbox.
//!
//! The archive knows neither the wire nor what may leave: the program joins in a [`Messages`], and each
//! change of state then puts its message into the outbox in the transaction of the change.

use agent_work::Role;
use proto_ids::{AssetToken, ModelToken, PersonId, TaskId};

use crate::models::ModelProvider;

/// A lease began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseChange {
    pub task: TaskId,
    pub person: PersonId,
    pub role: Role,
    /// From 0; 0 for an arbiter.
    pub slot: u32,
    pub state: LeaseChangeState,
}

/// Which of the two, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseChangeState {
    Granted,
    Released,
    Expired,
}

/// A person's state at this site changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonChange {
    /// They took up their invitation.
    Redeemed,
    Suspended,
    Resumed,
}

/// A model of assistance was registered, changed or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelChange {
    pub token: ModelToken,
    pub provider: ModelProvider,
    /// Whether it is registered and switched on.
    pub available: bool,
}

/// Turns changes into messages. None puts nothing into the outbox.
pub trait Messages: Send + Sync {
    /// A lease began or ended.
    fn lease(&self, change: LeaseChange) -> Option<Vec<u8>>;
    /// A person's state changed.
    fn person(&self, person: PersonId, change: PersonChange) -> Option<Vec<u8>>;
    /// An asset got its first gold annotation.
    fn gold(&self, asset: AssetToken) -> Option<Vec<u8>>;
    /// A model was registered, changed or taken away.
    fn model(&self, change: ModelChange) -> Option<Vec<u8>>;
}

/// Used until the program has joined one in.
#[derive(Debug)]
pub(crate) struct NoMessages;

impl Messages for NoMessages {
    fn lease(&self, _change: LeaseChange) -> Option<Vec<u8>> {
        None
    }

    fn person(&self, _person: PersonId, _change: PersonChange) -> Option<Vec<u8>> {
        None
    }

    fn gold(&self, _asset: AssetToken) -> Option<Vec<u8>> {
        None
    }

    fn model(&self, _change: ModelChange) -> Option<Vec<u8>> {
        None
    }
}
