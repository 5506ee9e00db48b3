//! What the hospital's IT decides about the listener.

use crate::peers::Peers;
use std::time::Duration;

/// Why a text is no application entity title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an AE title has 1 to 16 printable ASCII characters and no backslash")]
pub struct InvalidAeTitle;

/// An application entity title out of the configuration. Source: PS3.5 §6.2, AE.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AeTitle(String);

impl AeTitle {
    /// Leading and trailing spaces do not count.
    ///
    /// # Errors
    /// `InvalidAeTitle` when nothing or something else than an AE title is left.
    pub fn new(text: &str) -> Result<Self, InvalidAeTitle> {
        let text = text.trim_matches(' ');
        let form = text.bytes().all(|byte| matches!(byte, 0x20..=0x7E) && byte != b'\\');
        if form && (1..=16).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(InvalidAeTitle) }
    }

    /// The title without padding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How much is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Associations that are open at one time; one more is told to come again later.
    pub associations_max: usize,
    /// The longest protocol data unit, which is told to the caller.
    pub pdu_bytes_max: u32,
    /// The largest object; a larger one is answered with "out of resources".
    pub object_bytes_max: usize,
    /// Bytes of unfinished objects in all associations together.
    pub buffered_bytes_max: usize,
    /// The longest query, or list of objects whose keeping is asked about.
    pub identifier_bytes_max: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            associations_max: 50,
            // The longest that DCMTK sends.
            pdu_bytes_max: 131_072,
            object_bytes_max: 1 << 30,
            buffered_bytes_max: 2 << 30,
            // A storage commitment of 50,000 objects.
            identifier_bytes_max: 8 << 20,
        }
    }
}

/// How long a caller is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the connection to the whole association request, and for the close at the end (PS3.8 §9.1.5, ARTIM).
    pub artim: Duration,
    /// Between messages.
    pub idle: Duration,
    /// From the first to the last byte of one protocol data unit.
    pub unit: Duration,
    /// Until the caller has taken an answer.
    pub write: Duration,
    /// After the shutdown was asked for, until open associations are cut.
    pub shutdown: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            artim: Duration::from_secs(30),
            idle: Duration::from_secs(300),
            unit: Duration::from_secs(30),
            write: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
        }
    }
}

/// Settings of the listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScpConfig {
    /// Our own title; a call for another is rejected with "called AE title not recognised".
    pub ae_title: AeTitle,
    /// Who may call, and who is called; others are rejected with "calling AE title not recognised".
    pub peers: Peers,
    pub sizes: Sizes,
    pub patience: Patience,
}

impl ScpConfig {
    /// The default sizes and times.
    #[must_use]
    pub fn new(ae_title: AeTitle, peers: Peers) -> Self {
        Self { ae_title, peers, sizes: Sizes::default(), patience: Patience::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_of_a_title_does_not_count() {
        assert_eq!(AeTitle::new(" CT 1 ").map(|title| title.as_str().to_owned()), Ok("CT 1".to_owned()));
        for text in ["", "   ", "SEVENTEEN_LETTERS", "A\\B", "Ä", "A\nB"] {
            assert_eq!(AeTitle::new(text), Err(InvalidAeTitle), "{text}");
        }
    }
}
