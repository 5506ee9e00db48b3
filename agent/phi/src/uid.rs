//! Unique identifiers out of image headers. They are not resolved, only kept and compared.

use crate::protected_text;

/// Why a text is not a unique identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidUid;

impl std::fmt::Display for InvalidUid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a unique identifier has 1 to 64 digits and dots")
    }
}

impl std::error::Error for InvalidUid {}

// PS3.5 §9.1 also forbids leading zeros in a component; real archives are full of them, so they pass.
fn check(text: &str) -> Result<(), InvalidUid> {
    let form =
        (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if form { Ok(()) } else { Err(InvalidUid) }
}

protected_text!(
    /// Study Instance UID (0020,000D).
    StudyUid, InvalidUid, check
);
protected_text!(
    /// Series Instance UID (0020,000E).
    SeriesUid, InvalidUid, check
);
protected_text!(
    /// SOP Instance UID (0008,0018).
    InstanceUid, InvalidUid, check
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_and_dots_make_a_uid() {
        let longest = "1".repeat(64);
        for text in ["1", "1.2.840.10008.1", "0.0", longest.as_str()] {
            assert!(StudyUid::new(text).is_ok(), "{text}");
        }
        let too_long = "1".repeat(65);
        for text in ["", "1.2 ", "1.2\0", "../../etc", "1.2a", "１.2", too_long.as_str()] {
            assert_eq!(StudyUid::new(text), Err(InvalidUid), "{text}");
        }
    }
}
