//! The hospital's agent: the meeting room of protected health information and of the wire.
//!
//! The rooms below know one of the two; here they are joined. `ingest.rs` turns quiet series into
//! assets and asset cards, `submit.rs` turns work into scores and messages, `wiring.rs` starts
//! everything and gives the uplink its ports. Small enough to read line by line.

pub mod cli;
mod config;
mod facts;
mod import;
mod ingest;
mod messages;
mod ports;
mod requests;
mod site;
mod status;
mod submit;
mod tls;
mod wiring;
