//! DICOM associations: what peers may ask of us, and what we ask of them.
//!
//! As a provider C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET and storage commitment; as a user the first five. Takes
//! objects off the wire as they come and sends them as they are held, with new headers at most; answers a C-STORE
//! only after [`Storage`] has said that the object is durable. Parses nothing but command sets, identifiers and,
//! through `agent-formats`, identifying UIDs; knows no archive: the ports [`Storage`] and [`Catalogue`] are joined in
//! the binary. Logs and error comments carry keywords, never values.
//!
//! Start at [`serve`] for the side that is called (`provider`), at [`Caller`] for the side that calls (`user`);
//! `channel` and `dimse` are what both speak.

#![warn(clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, reason = "a test that indexes out of bounds has failed, as it should")
)]

#[cfg(test)]
extern crate self as agent_dicom;

mod association;
mod budget;
mod catalogue;
mod channel;
mod classes;
mod config;
mod conformance;
mod dimse;
mod intake;
#[cfg(test)]
#[path = "../tests/support/memory.rs"]
mod memory;
mod negotiate;
mod outgoing;
mod peers;
mod plain;
mod provider;
mod query;
mod quick;
mod serve;
mod storage;
mod store;
mod user;
mod wire;

pub use catalogue::{
    Catalogue, CatalogueError, Commitment, Each, InstanceEntry, ObjectHandle, PeerAct, SeriesEntry,
    StudyEntry,
};
pub use config::{AeTitle, InvalidAeTitle, Patience, ScpConfig, Sizes};
pub use conformance::conformance_statement;
pub use intake::Intake;
pub use peers::{InvalidNetwork, InvalidPeers, Network, Peer, PeerAddress, Peers, Right};
pub use query::Level;
pub use serve::{Behind, Doors, ServeError, rejection_codes, serve, serve_one};
pub use storage::{ReceivedInstance, Storage, StoreOutcome, StoreRefusal};
pub use user::{CallError, Caller, Found, Pulled, Query, QueryError, RejectedTitle, Sent, Way};
