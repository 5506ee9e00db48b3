//! Texts out of image headers: what a person or a machine wrote about a patient.

use crate::protected_text;

/// Why a text cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidHeaderText;

impl std::fmt::Display for InvalidHeaderText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a header text has 1 to 1,024 characters and no control characters")
    }
}

impl std::error::Error for InvalidHeaderText {}

// 1,024 is the length of the VR ST (PS3.5 §6.2); what is shown in lists is shorter.
const LONGEST: usize = 1024;

fn check(text: &str) -> Result<(), InvalidHeaderText> {
    let length = text.chars().take(LONGEST + 1).count();
    if (1..=LONGEST).contains(&length) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(InvalidHeaderText)
    }
}

protected_text!(
    /// Patient ID (0010,0020).
    PatientId, InvalidHeaderText, check
);
protected_text!(
    /// Any other text of a header or of an association: a name, a date, a description, an AE title.
    HeaderText, InvalidHeaderText, check
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_endless_texts_are_refused() {
        assert!(HeaderText::new("Müller^Änne").is_ok());
        let too_long = "x".repeat(LONGEST + 1);
        for text in ["", "a\nb", "a\0", "\u{1b}[31m", too_long.as_str()] {
            assert_eq!(HeaderText::new(text), Err(InvalidHeaderText));
        }
    }
}
