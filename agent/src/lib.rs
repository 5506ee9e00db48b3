//! The hospital's agent: the meeting room of protected health information and of the wire.
//!
//! The rooms below know one of the two; here they are joined. `ingest.rs` turns quiet series into
//! assets and asset cards, `submit/` turns work into scores and messages, `follow/` paints and checks
//! what the control plane asks for, `wiring.rs` starts everything and gives the uplink its ports. Small
//! enough to read line by line.

mod assist;
pub mod cli;
mod config;
mod egress;
mod examine;
mod facts;
mod follow;
mod import;
mod ingest;
mod messages;
mod peers;
mod ports;
mod requests;
pub mod rooms;
#[cfg(test)]
mod samples;
mod site;
mod status;
mod submit;
mod tls;
mod well;
mod wiring;
