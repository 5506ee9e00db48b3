//! See `wire::enrolment`.

#![no_main]

#[path = "../wire.rs"]
#[allow(dead_code, reason = "one of several targets")]
mod wire;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wire::enrolment(bytes));
