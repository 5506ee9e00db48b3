//! Reads an identifier: the level, and what is asked of each attribute.

use super::keys::{Key, Level};
use super::text::Charset;
use agent_formats::part10::valid_uid;
use agent_formats::prescan::{self, Element, Limits, PrescanError, Step, Visitor};
use agent_formats::syntax::Encoding;
use agent_phi::{InstanceUid, SeriesUid, StudyUid};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// A query has a few dozen attributes; a list of a study's instances may be long.
const LIMITS: Limits = Limits { elements_max: 4096, header_bytes_max: 8 << 20 };

/// Why an identifier was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdentifierError {
    #[error("the identifier cannot be walked safely")]
    Unreadable(#[source] PrescanError),
    #[error("QueryRetrieveLevel is not STUDY, SERIES or IMAGE")]
    Level,
    #[error("{keyword} is missing")]
    Missing { keyword: &'static str },
    #[error("{keyword} has no valid value")]
    Invalid { keyword: &'static str },
}

/// One key of a query, as it was asked.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) key: &'static Key,
    /// Empty for "anything, and tell me".
    pub(crate) value: String,
}

/// A query that was understood.
pub(crate) struct Identifier {
    pub(crate) level: Level,
    /// In the order of their tags, those of the query's level and above.
    pub(crate) asked: Vec<Asked>,
    /// Something was asked for that is not looked at.
    pub(crate) unsupported: bool,
}

impl std::fmt::Debug for Identifier {
    // What is asked for may name a patient.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identifier").field("level", &self.level).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Found {
    values: Vec<(Tag, Vec<u8>)>,
    sequences: bool,
}

impl Visitor for Found {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        if path.is_empty() {
            self.values.push((element.tag, element.value.to_vec()));
        } else {
            self.sequences = true;
        }
    }
}

impl Found {
    fn read(bytes: &[u8], encoding: Encoding) -> Result<Self, IdentifierError> {
        let mut found = Self::default();
        prescan::walk(bytes, encoding, LIMITS, &mut found).map_err(IdentifierError::Unreadable)?;
        Ok(found)
    }

    /// The bytes of an attribute as ASCII.
    fn plain(&self, tag: Tag) -> Option<&str> {
        let value = self.values.iter().find(|(found, _)| *found == tag).map(|(_, value)| value)?;
        std::str::from_utf8(value).ok().map(|text| text.trim_matches([' ', '\0']))
    }

    fn level(&self) -> Result<Level, IdentifierError> {
        let code = self.plain(tags::QUERY_RETRIEVE_LEVEL);
        let code = code.ok_or(IdentifierError::Missing { keyword: "QueryRetrieveLevel" })?;
        Level::from_code(code).ok_or(IdentifierError::Level)
    }

    fn charset(&self) -> Charset {
        self.plain(tags::SPECIFIC_CHARACTER_SET).map(Charset::new).unwrap_or_default()
    }
}

/// Attributes that say how the query is meant, and are no keys.
fn about_the_query(tag: Tag) -> bool {
    const ABOUT: [Tag; 5] = [
        tags::SPECIFIC_CHARACTER_SET,
        tags::TIMEZONE_OFFSET_FROM_UTC,
        tags::QUERY_RETRIEVE_LEVEL,
        tags::RETRIEVE_AE_TITLE,
        tags::INSTANCE_AVAILABILITY,
    ];
    // A group length is written by some and means nothing (PS3.5 §7.2).
    ABOUT.contains(&tag) || tag.element() == 0
}

impl Identifier {
    /// Reads the identifier of a C-FIND.
    ///
    /// # Errors
    /// `IdentifierError`; for a query below the study, each level above it must name one thing.
    pub(crate) fn read(bytes: &[u8], encoding: Encoding) -> Result<Self, IdentifierError> {
        let found = Found::read(bytes, encoding)?;
        let level = found.level()?;
        let charset = found.charset();
        let mut unsupported = found.sequences;
        let mut asked = Vec::new();
        for (tag, value) in &found.values {
            match Key::of(*tag) {
                Some(key) if key.level <= level => {
                    let invalid = IdentifierError::Invalid { keyword: key.keyword };
                    let value = charset.decode(value).ok_or(invalid)?;
                    // A single star asks for the same as nothing (PS3.4 §C.2.2.2.4).
                    let value = if value == "*" { String::new() } else { value };
                    asked.push(Asked { key, value });
                }
                Some(_) => unsupported = true,
                None => unsupported |= !about_the_query(*tag),
            }
        }
        let identifier = Self { level, asked, unsupported };
        for above in Level::ALL.into_iter().filter(|above| *above < level) {
            identifier.one_uid(above)?;
        }
        Ok(identifier)
    }

    /// What is asked of an attribute.
    pub(crate) fn value(&self, tag: Tag) -> Option<&str> {
        self.asked.iter().find(|asked| asked.key.tag == tag).map(|asked| asked.value.as_str())
    }

    fn one_uid(&self, level: Level) -> Result<&str, IdentifierError> {
        let tag = level.unique_key();
        let keyword = Key::of(tag).map_or("", |key| key.keyword);
        let value = self.value(tag).filter(|value| !value.is_empty());
        let value = value.ok_or(IdentifierError::Missing { keyword })?;
        valid_uid(value).then_some(value).ok_or(IdentifierError::Invalid { keyword })
    }

    /// The series that a query at the image level is about.
    pub(crate) fn series(&self) -> Option<SeriesUid> {
        self.one_uid(Level::Series).ok().and_then(|uid| SeriesUid::new(uid).ok())
    }

    /// The studies that may match at the study level; none for all.
    pub(crate) fn studies(&self) -> Vec<StudyUid> {
        let value = self.value(tags::STUDY_INSTANCE_UID).unwrap_or_default();
        value.split('\\').filter_map(|uid| StudyUid::new(uid.trim_matches([' ', '\0'])).ok()).collect()
    }
}

/// What a C-MOVE or C-GET asks for: one thing at each level above, and a list at its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Retrieval {
    Studies(Vec<StudyUid>),
    Series(StudyUid, Vec<SeriesUid>),
    Instances(StudyUid, SeriesUid, Vec<InstanceUid>),
}

impl Retrieval {
    /// Reads the identifier of a C-MOVE or C-GET (PS3.4 §C.4.2.1.4).
    ///
    /// # Errors
    /// `IdentifierError`.
    pub(crate) fn read(bytes: &[u8], encoding: Encoding) -> Result<Self, IdentifierError> {
        let found = Found::read(bytes, encoding)?;
        let level = found.level()?;
        let studies = found.uids(Level::Study, |uid| StudyUid::new(uid).ok())?;
        if level == Level::Study {
            return Ok(Self::Studies(studies));
        }
        let study = only(studies, Level::Study)?;
        let series = found.uids(Level::Series, |uid| SeriesUid::new(uid).ok())?;
        if level == Level::Series {
            return Ok(Self::Series(study, series));
        }
        let instances = found.uids(Level::Image, |uid| InstanceUid::new(uid).ok())?;
        Ok(Self::Instances(study, only(series, Level::Series)?, instances))
    }
}

fn only<T>(uids: Vec<T>, level: Level) -> Result<T, IdentifierError> {
    let keyword = Key::of(level.unique_key()).map_or("", |key| key.keyword);
    let mut uids = uids.into_iter();
    match (uids.next(), uids.next()) {
        (Some(uid), None) => Ok(uid),
        (_, _) => Err(IdentifierError::Invalid { keyword }),
    }
}

impl Found {
    fn uids<T>(&self, level: Level, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, IdentifierError> {
        let keyword = Key::of(level.unique_key()).map_or("", |key| key.keyword);
        let value = self.plain(level.unique_key()).filter(|value| !value.is_empty());
        let value = value.ok_or(IdentifierError::Missing { keyword })?;
        let uids = value.split('\\').map(|uid| read(uid.trim_matches([' ', '\0'])));
        uids.collect::<Option<Vec<T>>>().ok_or(IdentifierError::Invalid { keyword })
    }
}

#[cfg(test)]
#[path = "identifier_tests.rs"]
mod tests;
