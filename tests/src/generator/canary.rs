//! Planted identifiers: values that stand nowhere else, with the place where each one stands.

use std::collections::BTreeMap;

use dicom_core::VR;

/// Draws values from a key; the same key and place give the same value.
#[derive(Debug)]
pub(super) struct Canaries {
    key: String,
    places: BTreeMap<String, String>,
}

impl Canaries {
    pub(super) fn new(key: &str) -> Self {
        Self { key: key.to_owned(), places: BTreeMap::new() }
    }

    /// A value for a place, as text of a value representation.
    pub(super) fn draw(&mut self, place: &str, vr: VR) -> String {
        let mut attempt = 0_u32;
        loop {
            let value = value(self.bits(place, attempt), vr);
            match self.places.get(&value) {
                Some(taken) if taken != place => attempt += 1,
                Some(_) | None => {
                    self.places.insert(value.clone(), place.to_owned());
                    return value;
                }
            }
        }
    }

    /// A UID for a place; it is an identifier, too.
    pub(super) fn uid(&mut self, place: &str) -> String {
        let uid = uid(&self.key, place);
        self.places.insert(uid.clone(), place.to_owned());
        uid
    }

    pub(super) fn places(&self) -> &BTreeMap<String, String> {
        &self.places
    }

    fn bits(&self, place: &str, attempt: u32) -> u128 {
        bits(&format!("{}/{place}/{attempt}", self.key))
    }
}

/// 128 bits of a text's digest.
fn bits(text: &str) -> u128 {
    let digest = blake3::hash(text.as_bytes());
    digest.as_bytes().iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

/// A UID made of 128 bits (PS3.5 B.2), drawn from a key.
fn uid(key: &str, place: &str) -> String {
    format!("2.25.{}", bits(&format!("{key}/uid/{place}")))
}

fn value(bits: u128, vr: VR) -> String {
    let part = |modulus: u128, shift: u32| (bits >> shift) % modulus;
    let date = || format!("19{:02}{:02}{:02}", part(40, 0), 1 + part(12, 16), 1 + part(28, 32));
    let time = || {
        let clock = (part(24, 48), part(60, 56), part(60, 64), part(1_000_000, 72));
        format!("{:02}{:02}{:02}.{:06}", clock.0, clock.1, clock.2, clock.3)
    };
    if vr == VR::DA {
        return date();
    }
    if vr == VR::TM {
        return time();
    }
    if vr == VR::DT {
        return date() + &time();
    }
    if vr == VR::DS {
        return format!("6{}.{:09}", part(10, 100), part(1_000_000_000, 0));
    }
    if vr == VR::PN {
        return format!("ZQ{:010X}^{:04X}", part(1 << 40, 0), part(1 << 16, 40));
    }
    // Twelve characters that fit every text value, also a code string or a title of 16.
    format!("ZQ{:010X}", part(1 << 40, 0))
}
