//! See `deidentify::deid`.

#![no_main]

#[path = "../deidentify.rs"]
#[allow(dead_code, reason = "one of several targets")]
mod deidentify;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| deidentify::deid(bytes));
