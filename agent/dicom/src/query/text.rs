//! Texts of identifiers in and out of their character sets.

use dicom_encoding::text::{SpecificCharacterSet, TextCodec};

/// UTF-8 (PS3.3 §C.12.1.1.2).
const UNICODE: &str = "ISO_IR 192";

/// How the texts of one data set are to be read.
#[derive(Debug, Default)]
pub(crate) struct Charset(Option<SpecificCharacterSet>);

impl Charset {
    /// Of the value of Specific Character Set (0008,0005). Code extensions list the wider set behind the default
    /// one, so the last one that is known counts.
    pub(crate) fn new(names: &str) -> Self {
        Self(
            names
                .rsplit('\\')
                .find_map(|name| SpecificCharacterSet::from_code(name.trim_matches([' ', '\0']))),
        )
    }

    /// The text, without the padding at its end; none when the bytes are no text of this set.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Option<String> {
        let text = match &self.0 {
            Some(set) => set.decode(bytes).ok()?,
            None => std::str::from_utf8(bytes).ok()?.to_owned(),
        };
        Some(text.trim_matches([' ', '\0']).to_owned())
    }
}

/// The Specific Character Set that texts need, if any.
pub(crate) fn charset_for<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    texts.any(|text| !text.is_ascii()).then_some(UNICODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_their_own_character_set() {
        assert_eq!(Charset::new("ISO_IR 100").decode(b"M\xFCller^\xC4nne ").as_deref(), Some("Müller^Änne"));
        assert_eq!(Charset::new("ISO_IR 192").decode("Müller".as_bytes()).as_deref(), Some("Müller"));
        assert_eq!(Charset::new("\\ISO_IR 100").decode(b"\xC4").as_deref(), Some("Ä"));
        assert_eq!(Charset::default().decode(b"M\xFCller"), None);
    }

    #[test]
    fn only_what_is_not_ascii_needs_a_character_set() {
        assert_eq!(charset_for(["Doe", "Jane"].into_iter()), None);
        assert_eq!(charset_for(["Doe", "Änne"].into_iter()), Some("ISO_IR 192"));
    }
}
