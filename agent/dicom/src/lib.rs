//! The DICOM listener: C-ECHO and C-STORE as a provider.
//!
//! Takes objects off the wire as they come, never transcodes them, and answers only after [`Storage`] has said that
//! they are durable. Parses nothing but command sets and, through `agent-formats`, identifying UIDs; knows no
//! archive: the port is joined in the binary. Logs and error comments carry keywords, never values.
//!
//! Start at [`serve`].

#![warn(clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, reason = "a test that indexes out of bounds has failed, as it should")
)]

mod association;
mod budget;
mod config;
mod dimse;
mod negotiate;
mod quick;
mod serve;
mod storage;
mod store;
mod wire;

pub use config::{AeTitle, Callers, InvalidAeTitle, Patience, ScpConfig, Sizes};
pub use serve::{ServeError, serve};
pub use storage::{ReceivedInstance, Storage, StoreOutcome, StoreRefusal};
