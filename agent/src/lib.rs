//! The hospital's agent: the meeting room of protected health information and of the wire.
//!
//! The rooms below know one of the two; here they are joined. `ingest.rs` turns quiet series into
//! assets and asset cards, `submit.rs` turns work into scores and messages, `wiring.rs` starts
//! everything and gives the uplink its ports. Small enough to read line by line.

pub mod cli;
mod clock;
mod config;
mod control;
mod facts;
mod import;
mod ingest;
mod logging;
mod messages;
mod ops;
mod ports;
mod requests;
mod site;
mod status;
mod submit;
mod tls;
mod wiring;
