//! What a segment is: coded terms, who drew it, and how it is to be shown.

use crate::part10::valid_uid;
use agent_phi::HeaderText;

/// A coded term (PS3.3 §8.8): value, coding scheme, meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code {
    pub value: String,
    pub scheme: String,
    pub meaning: String,
}

impl Code {
    /// Tissue, SNOMED CT: what 3D Slicer says of a segment that nobody has said anything of.
    #[must_use]
    pub fn tissue() -> Self {
        Self::of("85756007", "SCT", "Tissue")
    }

    /// A term of the program's own text.
    #[must_use]
    pub fn of(value: &str, scheme: &str, meaning: &str) -> Self {
        Self { value: value.into(), scheme: scheme.into(), meaning: meaning.into() }
    }

    /// A term from outside.
    ///
    /// # Errors
    /// `Code` when a part is empty, longer than its representation allows (64 characters, 16 for the scheme), or has
    /// characters that a coded value has not.
    pub fn new(value: &str, scheme: &str, meaning: &str) -> Result<Self, InvalidSegment> {
        let fits = |text: &str, longest: usize| {
            (1..=longest).contains(&text.chars().count())
                && !text.chars().any(|character| character.is_control() || character == '\\')
        };
        let all = fits(value, 64) && fits(scheme, 16) && fits(meaning, 64);
        if all { Ok(Self::of(value, scheme, meaning)) } else { Err(InvalidSegment::Code) }
    }
}

/// Who or what drew a segment (0062,0008), and the program's name where one did (0062,0009).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Algorithm {
    Manual,
    Semiautomatic { name: HeaderText },
    Automatic { name: HeaderText },
}

/// By what one object is followed from one examination to the next (0062,0020) and (0062,0021).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracking {
    pub id: HeaderText,
    uid: HeaderText,
}

impl Tracking {
    /// Checks the UID.
    ///
    /// # Errors
    /// `TrackingUid` when it is none.
    pub fn new(id: HeaderText, uid: &str) -> Result<Self, InvalidSegment> {
        let uid = Some(uid).filter(|uid| valid_uid(uid)).and_then(|uid| HeaderText::new(uid).ok());
        Ok(Self { id, uid: uid.ok_or(InvalidSegment::TrackingUid)? })
    }

    /// The UID.
    #[must_use]
    pub const fn uid(&self) -> &HeaderText {
        &self.uid
    }
}

/// Why numbers or texts do not describe a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSegment {
    #[error("a part of a coded term is empty, too long, or has control characters")]
    Code,
    #[error("a tracking UID is not 1 to 64 digits and full stops")]
    TrackingUid,
    #[error("a segment's label has no characters or too many of them")]
    Label,
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// From 1; a label map may describe its background as 0.
    pub number: u16,
    pub label: HeaderText,
    pub description: Option<HeaderText>,
    /// What sort of thing it is, such as a tissue or an organ.
    pub category: Code,
    /// What it is.
    pub kind: Code,
    /// How its kind is narrowed, such as to the left side.
    pub modifiers: Vec<Code>,
    /// Where in the body it is, where its kind does not say so.
    pub region: Option<Code>,
    pub region_modifiers: Vec<Code>,
    pub algorithm: Algorithm,
    pub tracking: Option<Tracking>,
    /// Red, green and blue of sRGB.
    pub colour: Option<[u8; 3]>,
}

impl Segment {
    /// A segment of which no more is known than its number: "Segment 1", of tissue, drawn by hand.
    ///
    /// # Errors
    /// `Label` never for a number; what the type of the label may refuse is passed on.
    pub fn plain(number: u16) -> Result<Self, InvalidSegment> {
        let label = HeaderText::new(format!("Segment {number}")).map_err(|_| InvalidSegment::Label)?;
        Ok(Self {
            number,
            label,
            description: None,
            category: Code::tissue(),
            kind: Code::tissue(),
            modifiers: Vec::new(),
            region: None,
            region_modifiers: Vec::new(),
            algorithm: Algorithm::Manual,
            tracking: None,
            colour: Some(colour(number)),
        })
    }
}

/// A colour for a number, so that neighbours differ: hues a golden angle apart.
fn colour(number: u16) -> [u8; 3] {
    let hue = (f64::from(number) * 137.507_764).rem_euclid(360.0) / 60.0;
    // Saturation 0.6 and value 0.9, in the formula of HSV for each of red, green and blue.
    [5.0, 3.0, 1.0].map(|offset: f64| {
        let place = (offset + hue).rem_euclid(6.0);
        let part = 0.9 - 0.9 * 0.6 * place.min(4.0 - place).clamp(0.0, 1.0);
        (part * 255.0).round() as u8
    })
}
