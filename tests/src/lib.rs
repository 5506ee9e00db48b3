//! The two products together: what the tests of the whole share.
//!
//! `tests/walls.rs` holds the architecture, `tests/tidy.rs` the form; `tests/run` runs everything.
//! Holds no product code.

pub mod generator;
pub mod simulator;
pub mod workspace;
