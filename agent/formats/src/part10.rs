//! The Part 10 file around a data set: preamble, file meta group, data set.
//!
//! Reads what others wrote and writes our own in front of what came over the wire. Does not look into the data set.

use crate::prescan::{self, Element, Limits, PrescanError, Step, Visitor};
use crate::syntax::{Encoding, TransferSyntax};
use dicom_core::Tag;
use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

/// Our Implementation Class UID: a UUID-derived UID (PS3.5 §B.2), so it needs no registered root.
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.211367478412945683312864926183547305164";
/// At most 16 characters (PS3.7 §D.3.3.2.3).
pub const IMPLEMENTATION_VERSION_NAME: &str = "RINGFENCE_1";

/// A deflated data set that inflates beyond this is refused: deflate reaches 1032:1, the whole has to be in memory,
/// and deflate is the coding of reports and small images.
pub const INFLATED_BYTES_MAX: usize = 32 * 1024 * 1024;

const PREAMBLE_BYTES: usize = 128;
const META_START: usize = PREAMBLE_BYTES + 4;
/// Group 0002 has a dozen short elements; private information (0002,0102) is the only long one.
const META_BYTES_MAX: u32 = 1024 * 1024;

/// A file that has been taken apart but not yet walked.
#[derive(Clone)]
pub struct Part10<'a> {
    pub syntax: TransferSyntax,
    /// The data set, inflated where it was deflated.
    pub data_set: Cow<'a, [u8]>,
}

impl std::fmt::Debug for Part10<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Part10").field("syntax", &self.syntax).finish_non_exhaustive()
    }
}

/// Whether the bytes begin as a Part 10 file does. The preamble may hold anything.
#[must_use]
pub fn looks_like_part10(bytes: &[u8]) -> bool {
    bytes.get(PREAMBLE_BYTES..META_START) == Some(b"DICM")
}

/// Takes a Part 10 file apart.
///
/// # Errors
/// `NotDicom`, `FileMeta`, `UnknownTransferSyntax` or `Inflate`, or what is wrong inside the file meta group.
pub fn open(bytes: &[u8]) -> Result<Part10<'_>, PrescanError> {
    open_within(bytes, INFLATED_BYTES_MAX)
}

/// As [`open`], for a kind of object whose deflated data sets may inflate further, up to `limit_bytes`.
pub(crate) fn open_within(bytes: &[u8], limit_bytes: usize) -> Result<Part10<'_>, PrescanError> {
    if !looks_like_part10(bytes) {
        return Err(PrescanError::NotDicom);
    }
    let meta = meta_range(bytes)?;
    let data_set = bytes.get(meta.end..).ok_or(PrescanError::FileMeta)?;
    let meta = bytes.get(meta).ok_or(PrescanError::FileMeta)?;
    let mut found = SyntaxUid(None);
    prescan::walk(meta, Encoding::EXPLICIT_LITTLE, Limits::COMMAND, &mut found)?;
    let uid = found.0.ok_or(PrescanError::FileMeta)?;
    let syntax = TransferSyntax::from_uid(&uid).ok_or(PrescanError::UnknownTransferSyntax)?;
    let data_set = match syntax == TransferSyntax::DeflatedLittle {
        true => Cow::Owned(inflate(data_set, limit_bytes)?),
        false => Cow::Borrowed(data_set),
    };
    Ok(Part10 { syntax, data_set })
}

struct SyntaxUid(Option<String>);

impl Visitor for SyntaxUid {
    fn element(&mut self, _path: &[Step], element: &Element<'_>) {
        if element.tag == Tag(0x0002, 0x0010) {
            self.0 = std::str::from_utf8(element.value).ok().map(str::to_owned);
        }
    }
}

/// Where the file meta group lies. PS3.10 §7.1: its first element gives its length; files without it are met too,
/// and then the group ends where group 0002 does.
fn meta_range(bytes: &[u8]) -> Result<Range<usize>, PrescanError> {
    let meta = bytes.get(META_START..).unwrap_or_default();
    if let Some([0x02, 0x00, 0x00, 0x00, b'U', b'L', 0x04, 0x00, length @ ..]) = meta.get(..12) {
        let length: [u8; 4] = length.try_into().map_err(|_| PrescanError::FileMeta)?;
        let length = u32::from_le_bytes(length);
        let end = usize::try_from(length).ok().and_then(|length| length.checked_add(META_START + 12));
        let fits = end.filter(|end| length <= META_BYTES_MAX && *end <= bytes.len());
        return fits.map(|end| META_START..end).ok_or(PrescanError::FileMeta);
    }
    let mut at = META_START;
    while let Some(header) = bytes.get(at..at + 8).filter(|header| header.starts_with(&[0x02, 0x00])) {
        let long = matches!(header.get(4..6), Some(b"OB" | b"UN" | b"OW" | b"UT"));
        let length = match (long, header.get(6..8), bytes.get(at + 8..at + 12)) {
            (false, Some(&[low, high]), _) => 8 + usize::from(u16::from_le_bytes([low, high])),
            (true, _, Some(&[a, b, c, d])) => {
                usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX).saturating_add(12)
            }
            (_, _, _) => return Err(PrescanError::FileMeta),
        };
        at = at.checked_add(length).filter(|end| *end <= bytes.len()).ok_or(PrescanError::FileMeta)?;
    }
    Ok(META_START..at)
}

fn inflate(deflated: &[u8], limit_bytes: usize) -> Result<Vec<u8>, PrescanError> {
    let mut inflated = Vec::new();
    // One byte more than allowed tells a data set of just the limit from one beyond it.
    let limit = limit_bytes as u64 + 1;
    let read = flate2::read::DeflateDecoder::new(deflated).take(limit).read_to_end(&mut inflated);
    let refused = PrescanError::Inflate { limit_bytes };
    match read {
        Ok(count) if count <= limit_bytes => Ok(inflated),
        Ok(_) | Err(_) => Err(refused),
    }
}

/// What the file meta group says about the data set behind it.
#[derive(Debug, Clone, Copy)]
pub struct FileMeta<'a> {
    pub sop_class_uid: &'a str,
    pub sop_instance_uid: &'a str,
    pub syntax: TransferSyntax,
}

/// A UID that is not one: PS3.5 §9.1 allows 1 to 64 digits and full stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{keyword} is not a UID of 1 to 64 digits and full stops")]
pub struct InvalidUid {
    pub keyword: &'static str,
}

/// The bytes that go in front of a data set to make it a Part 10 file. The preamble is zeroed, so that a file can
/// be nothing but DICOM (CVE-2019-11687).
///
/// # Errors
/// `InvalidUid` for a UID that would not survive in a file.
pub fn file_meta(meta: &FileMeta<'_>) -> Result<Vec<u8>, InvalidUid> {
    let named = [
        ("MediaStorageSOPClassUID", meta.sop_class_uid),
        ("MediaStorageSOPInstanceUID", meta.sop_instance_uid),
    ];
    for (keyword, uid) in named {
        if !valid_uid(uid) {
            return Err(InvalidUid { keyword });
        }
    }
    let mut group = Vec::with_capacity(256);
    group.extend_from_slice(&[0x02, 0x00, 0x01, 0x00, b'O', b'B', 0, 0, 2, 0, 0, 0, 0x00, 0x01]);
    put(&mut group, 0x0002, *b"UI", meta.sop_class_uid);
    put(&mut group, 0x0003, *b"UI", meta.sop_instance_uid);
    put(&mut group, 0x0010, *b"UI", meta.syntax.uid());
    put(&mut group, 0x0012, *b"UI", IMPLEMENTATION_CLASS_UID);
    put(&mut group, 0x0013, *b"SH", IMPLEMENTATION_VERSION_NAME);
    let mut file = vec![0; PREAMBLE_BYTES];
    file.extend_from_slice(b"DICM");
    file.extend_from_slice(&[0x02, 0x00, 0x00, 0x00, b'U', b'L', 0x04, 0x00]);
    // The six elements above are under 400 bytes: each text is at most 64.
    file.extend_from_slice(&u32::try_from(group.len()).unwrap_or_default().to_le_bytes());
    file.append(&mut group);
    Ok(file)
}

/// Whether a text is a UID that may be stored: digits and full stops, 1 to 64 of them.
#[must_use]
pub fn valid_uid(uid: &str) -> bool {
    (1..=64).contains(&uid.len()) && uid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn put(group: &mut Vec<u8>, element: u16, vr: [u8; 2], text: &str) {
    let padding = text.len() % 2;
    group.extend_from_slice(&0x0002_u16.to_le_bytes());
    group.extend_from_slice(&element.to_le_bytes());
    group.extend_from_slice(&vr);
    let length = u16::try_from(text.len() + padding).unwrap_or_default();
    group.extend_from_slice(&length.to_le_bytes());
    group.extend_from_slice(text.as_bytes());
    if padding == 1 {
        // PS3.5 §6.2: a UID is padded with a zero byte, text with a space.
        group.push(if vr == *b"UI" { 0 } else { b' ' });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_write_we_read() {
        let meta = FileMeta {
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.4",
            sop_instance_uid: "1.2.3",
            syntax: TransferSyntax::Jpeg2000Lossless,
        };
        let mut file = file_meta(&meta).unwrap();
        file.extend_from_slice(b"rest");
        let part10 = open(&file).unwrap();
        assert_eq!(part10.syntax, TransferSyntax::Jpeg2000Lossless);
        assert_eq!(&*part10.data_set, b"rest");
    }

    #[test]
    fn a_meta_group_without_its_length_is_read() {
        let meta = FileMeta {
            sop_class_uid: "1.2",
            sop_instance_uid: "1.2.3",
            syntax: TransferSyntax::ExplicitLittle,
        };
        let mut file = file_meta(&meta).unwrap();
        file.drain(META_START..META_START + 12);
        file.extend_from_slice(&[0x08, 0x00, 0x60, 0x00, b'C', b'S', 2, 0, b'M', b'R']);
        let part10 = open(&file).unwrap();
        assert_eq!(part10.syntax, TransferSyntax::ExplicitLittle);
        assert_eq!(part10.data_set.len(), 10);
    }

    #[test]
    fn a_uid_that_is_a_path_is_refused() {
        let meta = FileMeta {
            sop_class_uid: "1.2",
            sop_instance_uid: "../../x",
            syntax: TransferSyntax::ExplicitLittle,
        };
        assert_eq!(file_meta(&meta).unwrap_err().keyword, "MediaStorageSOPInstanceUID");
    }

    #[test]
    fn a_preamble_alone_is_not_dicom() {
        assert_eq!(open(&[0; 200]).unwrap_err(), PrescanError::NotDicom);
        assert_eq!(open(b"").unwrap_err(), PrescanError::NotDicom);
    }

    #[test]
    fn a_deflate_bomb_is_refused() {
        let meta = FileMeta {
            sop_class_uid: "1.2",
            sop_instance_uid: "1.2.3",
            syntax: TransferSyntax::DeflatedLittle,
        };
        let mut file = file_meta(&meta).unwrap();
        let mut encoder = flate2::write::DeflateEncoder::new(&mut file, flate2::Compression::fast());
        let zeros = vec![0; 1024 * 1024];
        for _ in 0..130 {
            std::io::Write::write_all(&mut encoder, &zeros).unwrap();
        }
        encoder.finish().unwrap();
        assert_eq!(open(&file).unwrap_err(), PrescanError::Inflate { limit_bytes: INFLATED_BYTES_MAX });
    }
}
