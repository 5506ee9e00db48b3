//! See `peer::association`.

#![no_main]

#[path = "../peer.rs"]
#[allow(dead_code, reason = "one of several targets")]
mod peer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peer::association(bytes));
