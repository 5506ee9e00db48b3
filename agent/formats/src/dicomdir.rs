//! The directory of a medium (PS3.3 Annex F): which files it says are there. Opens none of them.

use dicom_core::Tag;

use crate::part10;
use crate::prescan::{self, Element, Limits, PrescanError, Step, Visitor};

/// Media Storage Directory Storage.
const DIRECTORY: &[u8] = b"1.2.840.10008.1.3.10";
const MEDIA_STORAGE_SOP_CLASS: Tag = Tag(0x0002, 0x0002);
const RECORDS: Tag = Tag(0x0004, 0x1220);
const REFERENCED_FILE: Tag = Tag(0x0004, 0x1500);

/// Why a reference is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error("it is no text")]
    NotText,
    #[error("it has no component, or more than 8")]
    Components,
    #[error("a component is empty, leads out of the directory or is no name of a file")]
    Name,
}

/// Whether a file is a directory of a medium.
#[must_use]
pub fn is_dicomdir(file: &[u8]) -> bool {
    let mut class = Class(false);
    let meta = file.get(132..file.len().min(2_048)).unwrap_or_default();
    // The meta group stands at the beginning; the walk ends where the part that is looked at does.
    let _ = prescan::walk(meta, crate::syntax::Encoding::EXPLICIT_LITTLE, Limits::COMMAND, &mut class);
    part10::looks_like_part10(file) && class.0
}

struct Class(bool);

impl Visitor for Class {
    fn element(&mut self, _path: &[Step], element: &Element<'_>) {
        if element.tag == MEDIA_STORAGE_SOP_CLASS {
            self.0 = element.value.strip_suffix(b"\0").unwrap_or(element.value) == DIRECTORY;
        }
    }
}

/// The files that a directory lists, each as the components of its path below the directory, or why it is not
/// followed. PS3.10 §8.2: at most 8 components of at most 8 characters; longer names are met and taken.
///
/// # Errors
/// When the directory cannot be walked.
pub fn references(file: &[u8]) -> Result<Vec<Result<Vec<String>, ReferenceError>>, PrescanError> {
    let opened = part10::open(file)?;
    let mut found = References(Vec::new());
    prescan::walk(&opened.data_set, opened.syntax.encoding(), Limits::OBJECT, &mut found)?;
    Ok(found.0)
}

struct References(Vec<Result<Vec<String>, ReferenceError>>);

impl Visitor for References {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let record = path.first().is_some_and(|step| step.sequence == RECORDS);
        if record && element.tag == REFERENCED_FILE && !element.value.is_empty() {
            self.0.push(components(element.value));
        }
    }
}

fn components(value: &[u8]) -> Result<Vec<String>, ReferenceError> {
    let text = std::str::from_utf8(value).map_err(|_| ReferenceError::NotText)?;
    let names: Vec<String> = text.split('\\').map(|name| name.trim_matches([' ', '\0']).to_owned()).collect();
    if names.len() > 8 {
        return Err(ReferenceError::Components);
    }
    let name = |name: &String| {
        (1..=255).contains(&name.len())
            && !matches!(name.as_str(), "." | "..")
            && !name.contains(['/', '\\', ':'])
            && !name.chars().any(char::is_control)
    };
    if names.iter().all(name) { Ok(names) } else { Err(ReferenceError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_stays_below_its_directory() {
        assert_eq!(components(b"IMAGES\\IM1 "), Ok(vec!["IMAGES".to_owned(), "IM1".to_owned()]));
        for hostile in ["..\\..\\etc\\passwd", "/etc/passwd", "A\\\\B", ".", "C:\\X", "A/../B", "A\0B"] {
            assert_eq!(components(hostile.as_bytes()), Err(ReferenceError::Name), "{hostile:?}");
        }
        assert_eq!(components(b"A\\B\\C\\D\\E\\F\\G\\H\\I"), Err(ReferenceError::Components));
        assert_eq!(components(&[0xFF, 0xFE]), Err(ReferenceError::NotText));
    }
}
