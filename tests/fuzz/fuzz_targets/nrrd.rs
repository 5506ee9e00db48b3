//! See `formats::nrrd`.

#![no_main]

#[path = "../formats.rs"]
#[allow(dead_code, reason = "one of several targets")]
mod formats;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| formats::nrrd(bytes));
