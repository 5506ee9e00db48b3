//! The program of the control plane: settings, wiring, command line, logs, health.
//!
//! Everything that decides is in the rooms below; here they are joined. Start reading at `wiring.rs`.

pub mod cli;
mod config;
mod plane;
mod requests;
mod wiring;
