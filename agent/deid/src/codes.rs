//! Coded concepts: whether an item's code is one of a public scheme and not a text in the place of a code.

use dicom_core::Tag;

use crate::dataset::Set;

pub(crate) const CODE_VALUE: Tag = Tag(0x0008, 0x0100);
pub(crate) const SCHEME: Tag = Tag(0x0008, 0x0102);
pub(crate) const SCHEME_VERSION: Tag = Tag(0x0008, 0x0103);
pub(crate) const MEANING: Tag = Tag(0x0008, 0x0104);
const MAPPING_RESOURCE: Tag = Tag(0x0008, 0x0105);
const EQUIVALENT: Tag = Tag(0x0008, 0x0119);

/// The code of an item, where its scheme is public and the code has the scheme's form.
pub(crate) fn trusted<'s>(item: &'s Set<'_>) -> Option<&'s str> {
    let scheme = item.ascii(SCHEME)?;
    let value = item.ascii(CODE_VALUE)?;
    form(scheme, value).then_some(value)
}

/// Whether an element is part of a code, so that it stays where the code is trusted.
pub(crate) fn part_of_code(tag: Tag, value: &[u8]) -> bool {
    match tag {
        CODE_VALUE | SCHEME => true,
        SCHEME_VERSION => value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b' ')),
        MAPPING_RESOURCE => value.starts_with(b"DCMR") && value.len() <= 8 || value.starts_with(b"99SDM"),
        EQUIVALENT => false,
        _ => false,
    }
}

/// PS3.16 Table 8-1: schemes whose codes have a form that no name has.
fn form(scheme: &str, value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match scheme {
        "DCM" => (5..=6).contains(&value.len()) && digits(value),
        "SCT" | "2.16.840.1.113883.6.96" => {
            (6..=18).contains(&value.len()) && digits(value) && verhoeff(value)
        }
        "SRT" | "SNM3" | "99SDM" => {
            let (axis, code) = value.split_once('-').unwrap_or(("", ""));
            (1..=2).contains(&axis.len())
                && axis.bytes().all(|byte| byte.is_ascii_uppercase())
                && (4..=6).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_hexdigit())
                && code.bytes().any(|byte| byte.is_ascii_digit())
        }
        "LN" => value.split_once('-').is_some_and(|(code, check)| {
            (1..=7).contains(&code.len()) && digits(code) && check.len() == 1 && digits(check)
        }),
        "RADLEX" => value.strip_prefix("RID").is_some_and(|code| code.len() <= 6 && digits(code)),
        "FMA" | "NEU" | "MDC" => value.len() <= 6 && digits(value),
        "UMLS" => value.strip_prefix('C').is_some_and(|code| code.len() == 7 && digits(code)),
        "UCUM" => UNITS.contains(&value),
        _ => false,
    }
}

/// Units of PS3.16 that occur in images and measurements; a unit is a text, so the list is closed.
const UNITS: [&str; 44] = [
    "1",
    "%",
    "mm",
    "cm",
    "m",
    "um",
    "mm2",
    "cm2",
    "mm3",
    "cm3",
    "ml",
    "l",
    "s",
    "ms",
    "us",
    "min",
    "h",
    "d",
    "wk",
    "mo",
    "a",
    "deg",
    "rad",
    "Hz",
    "kHz",
    "MHz",
    "kV",
    "mA",
    "mAs",
    "Gy",
    "mGy",
    "mGy.cm",
    "dGy.cm2",
    "Gy.m2",
    "[hnsf'U]",
    "g/ml{SUVbw}",
    "Bq/ml",
    "kBq/ml",
    "MBq",
    "mm2/s",
    "um2/s",
    "s/mm2",
    "{pixels}",
    "{ratio}",
];

/// The check digit of SNOMED CT identifiers. Source: SNOMED CT Technical Implementation Guide, Check-digit.
fn verhoeff(number: &str) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |digit: u8, times: usize| {
        (0..times % 8)
            .fold(digit, |digit, _| PERMUTATION.get(usize::from(digit)).copied().unwrap_or_default())
    };
    // The dihedral group of order ten: 0 to 4 are turns, 5 to 9 reflections.
    let product = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a - 5 + 5 - (b - 5)) % 5,
    };
    let digits = number.bytes().rev().map(|byte| byte.wrapping_sub(b'0'));
    digits.enumerate().fold(0, |sum, (place, digit)| product(sum, permuted(digit, place))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_public_schemes_have_their_form() {
        for (scheme, value) in [
            ("SCT", "39607008"),
            ("SCT", "51185008"),
            ("SCT", "69536005"),
            ("SRT", "T-D1100"),
            ("DCM", "113100"),
            ("LN", "18748-4"),
            ("RADLEX", "RID10312"),
            ("UCUM", "mm"),
        ] {
            assert!(form(scheme, value), "{scheme} {value}");
        }
    }

    #[test]
    fn a_text_in_the_place_of_a_code_is_no_code() {
        for (scheme, value) in [
            ("SCT", "39607009"),
            ("SCT", "4711008"),
            ("SRT", "DOE-JANE"),
            ("DCM", "Doe"),
            ("99LOCAL", "113100"),
            ("UCUM", "Doe"),
        ] {
            assert!(!form(scheme, value), "{scheme} {value}");
        }
    }
}
