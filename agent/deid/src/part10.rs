//! DICOM files: the layout of PS3.10 on the way in, and a preamble and file meta group of our own on the way out.

use std::borrow::Cow;
use std::io::Read;

use dicom_core::{Tag, VR};

use crate::dataset::{self, Element, Encoding, ReadError, Set, Value};

const PREAMBLE: usize = 128;
/// More than any deflated object is worth: these hold structured reports.
const INFLATED_MAX: u64 = 32 * 1024 * 1024;

pub(crate) const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const DIRECTORY: &str = "1.2.840.10008.1.3.10";

const META_LENGTH: Tag = Tag(0x0002, 0x0000);
const META_VERSION: Tag = Tag(0x0002, 0x0001);
const META_SOP_CLASS: Tag = Tag(0x0002, 0x0002);
const META_INSTANCE: Tag = Tag(0x0002, 0x0003);
const META_SYNTAX: Tag = Tag(0x0002, 0x0010);
const META_IMPLEMENTATION: Tag = Tag(0x0002, 0x0012);
const META_VERSION_NAME: Tag = Tag(0x0002, 0x0013);
const SOP_CLASS: Tag = Tag(0x0008, 0x0016);
const INSTANCE: Tag = Tag(0x0008, 0x0018);

const IMPLEMENTATION_CLASS_UID: &str = "2.25.211367478412945683312864926183547305164";
const IMPLEMENTATION_VERSION_NAME: &str = "RINGFENCE_1";

/// Why bytes are no file that can be de-identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("not a DICOM file: the DICM mark after the preamble is missing")]
    NotDicom,
    #[error("the file meta group is missing or broken")]
    FileMeta,
    #[error("the file meta group names no transfer syntax that the standard knows")]
    UnknownTransferSyntax,
    #[error("a DICOMDIR is a directory of other files, not an object")]
    Directory,
    #[error("the deflated data set does not inflate, or inflates beyond what is taken")]
    Inflate,
}

/// A DICOM file whose data set has not been read yet.
#[derive(Clone)]
pub struct File<'a> {
    syntax: String,
    encoding: Encoding,
    data: Cow<'a, [u8]>,
}

impl std::fmt::Debug for File<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("File").field("bytes", &self.data.len()).finish_non_exhaustive()
    }
}

impl<'a> File<'a> {
    /// Finds the data set in a file.
    ///
    /// # Errors
    /// When it is no DICOM file, or a kind of one that holds no object.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FileError> {
        Self::open_within(bytes, INFLATED_MAX)
    }

    /// As [`Self::open`], with a deflated data set of at most so many bytes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_within(bytes: &'a [u8], inflated_max: u64) -> Result<Self, FileError> {
        if bytes.get(PREAMBLE..PREAMBLE + 4) != Some(b"DICM") {
            return Err(FileError::NotDicom);
        }
        let (meta, data) = meta(bytes.get(PREAMBLE + 4..).unwrap_or_default()).ok_or(FileError::FileMeta)?;
        if meta.ascii(META_SOP_CLASS) == Some(DIRECTORY) {
            return Err(FileError::Directory);
        }
        let syntax = meta.ascii(META_SYNTAX).ok_or(FileError::FileMeta)?;
        let encoding = encoding(syntax).ok_or(FileError::UnknownTransferSyntax)?;
        let data =
            if syntax == DEFLATED { Cow::Owned(inflate(data, inflated_max)?) } else { Cow::Borrowed(data) };
        Ok(Self { syntax: syntax.to_owned(), encoding, data })
    }

    /// The UID of the transfer syntax.
    #[must_use]
    pub fn syntax(&self) -> &str {
        &self.syntax
    }

    /// Reads the data set.
    ///
    /// # Errors
    /// The rule of the encoding that it breaks.
    pub fn set(&self) -> Result<Set<'_>, ReadError> {
        dataset::read(&self.data, self.encoding)
    }
}

/// The file meta group and what follows it. Its end is found by its elements, since written lengths are often wrong.
fn meta(bytes: &[u8]) -> Option<(Set<'_>, &[u8])> {
    let mut end = 0;
    while bytes.get(end..end + 2) == Some(&[2, 0]) {
        let long = matches!(bytes.get(end + 4..end + 6)?, b"OB" | b"UN" | b"UT" | b"OW" | b"SQ");
        let length = if long {
            12 + u32::from_le_bytes(bytes.get(end + 8..end + 12)?.try_into().ok()?) as usize
        } else {
            8 + usize::from(u16::from_le_bytes(bytes.get(end + 6..end + 8)?.try_into().ok()?))
        };
        end = end.checked_add(length).filter(|end| *end <= bytes.len())?;
    }
    let set = dataset::read(bytes.get(..end)?, Encoding::EXPLICIT_LITTLE).ok()?;
    Some((set, bytes.get(end..)?))
}

fn encoding(syntax: &str) -> Option<Encoding> {
    match syntax {
        IMPLICIT_LITTLE => Some(Encoding::IMPLICIT_LITTLE),
        EXPLICIT_BIG => Some(Encoding::EXPLICIT_BIG),
        // PS3.5 Annex A: all others of the standard are explicit and little endian.
        _ if syntax == EXPLICIT_LITTLE || syntax.starts_with("1.2.840.10008.1.2.") => {
            Some(Encoding::EXPLICIT_LITTLE)
        }
        _ => None,
    }
}

fn inflate(bytes: &[u8], most: u64) -> Result<Vec<u8>, FileError> {
    let mut inflated = Vec::new();
    let mut limited = flate2::read::DeflateDecoder::new(bytes).take(most.saturating_add(1));
    limited.read_to_end(&mut inflated).map_err(|_| FileError::Inflate)?;
    if inflated.len() as u64 > most { Err(FileError::Inflate) } else { Ok(inflated) }
}

/// The UID of the syntax that a data set is written in: encapsulated pixels keep theirs.
fn written(set: &Set<'_>, syntax: &str) -> String {
    let encapsulated = set.elements().iter().any(|element| matches!(element.value, Value::Fragments(_)));
    if encapsulated { syntax.to_owned() } else { EXPLICIT_LITTLE.to_owned() }
}

/// A whole file: a preamble of zeros, a file meta group that names nobody, the data set.
pub(crate) fn write(set: &Set<'_>, syntax: &str) -> Vec<u8> {
    let of_set = |tag| set.ascii(tag).unwrap_or_default().to_owned();
    let meta = Set::new(vec![
        Element { tag: META_VERSION, vr: VR::OB, value: Value::Bytes(Cow::Borrowed(&[0, 1])) },
        Element::text(META_SOP_CLASS, VR::UI, of_set(SOP_CLASS)),
        Element::text(META_INSTANCE, VR::UI, of_set(INSTANCE)),
        Element::text(META_SYNTAX, VR::UI, written(set, syntax)),
        Element::text(META_IMPLEMENTATION, VR::UI, IMPLEMENTATION_CLASS_UID),
        Element::text(META_VERSION_NAME, VR::SH, IMPLEMENTATION_VERSION_NAME),
    ]);
    let mut group = Vec::new();
    dataset::write(&meta, &mut group);
    let length = u32::try_from(group.len()).unwrap_or_default().to_le_bytes().to_vec();
    let length = Element { tag: META_LENGTH, vr: VR::UL, value: Value::Bytes(Cow::Owned(length)) };
    let mut out = vec![0; PREAMBLE];
    out.extend(b"DICM");
    dataset::write(&Set::new(vec![length]), &mut out);
    out.extend(group);
    dataset::write(set, &mut out);
    out
}
