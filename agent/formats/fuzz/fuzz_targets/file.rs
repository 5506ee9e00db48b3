//! See `entries::file`.

#![no_main]

#[path = "../entries.rs"]
#[allow(dead_code, reason = "one of several targets")]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::file(bytes));
