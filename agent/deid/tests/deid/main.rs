//! Whole objects through the engine: the answer key, planted identifiers, the actions of a scorer, odd encodings.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests fail as tests do"
)]

mod answer_key;
mod canaries;
mod encodings;
mod midi;
mod objects;
