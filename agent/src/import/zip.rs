//! Zip archives: each entry is read into memory, bounded, and handed on; nothing is ever written to a path.
//!
//! What an archive says of itself is believed of no entry: names, sizes and the length of its directory are checked
//! before they are used.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

use agent_formats::{bare, part10};
use zip::ZipArchive;
use zip::result::ZipError;

use super::LARGEST_FILE_BYTES;

/// More entries than this are no study of a patient.
const ENTRIES_MAX: u64 = 250_000;
/// The directory is held in memory.
const DIRECTORY_BYTES_MAX: u64 = 64 << 20;
/// The end record, and the longest comment behind it (APPNOTE 4.3.16).
const TAIL_BYTES: u64 = 22 + 65_535;
/// So much of an entry shows whether it is worth the rest: DICOM's mark is at 128, NIfTI's magic at 344.
const HEAD_BYTES: u64 = 1_024;

/// Why an archive is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ArchiveRefusal {
    #[error("not a usable zip archive: its directory is missing or broken")]
    Broken,
    #[error("the zip archive's directory is longer than {DIRECTORY_BYTES_MAX} bytes")]
    DirectoryTooLong,
    #[error("the zip archive has more than {ENTRIES_MAX} entries")]
    TooManyEntries,
    #[error("the zip archive has several entries of one name")]
    SameName,
    #[error("the entries of the zip archive lie over each other")]
    Overlapping,
}

/// Why an entry is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum EntryRefusal {
    #[error("its name leads out of the archive")]
    Name,
    #[error("is a link")]
    Link,
    #[error("is encrypted")]
    Encrypted,
    #[error("is compressed in a way that is not supported; stored and deflated are")]
    Method,
    #[error("larger than {LARGEST_FILE_BYTES} bytes")]
    TooLarge,
    #[error("is a zip archive inside a zip archive")]
    Nested,
    #[error("its data are damaged, or not as long as the archive says")]
    Damaged,
    #[error("neither DICOM nor NIfTI")]
    NotAnImage,
}

/// Whether a file begins as a zip archive does. The file is at its beginning again.
pub(super) fn looks_like(file: &mut File) -> std::io::Result<bool> {
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(is_zip(&start))
}

fn is_zip(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

type Take<'t> = &'t mut dyn FnMut(String, Result<Vec<u8>, EntryRefusal>) -> anyhow::Result<()>;

/// Hands on every entry that is no folder, with its name; or says why the archive as a whole is refused.
///
/// # Errors
/// What `take` returns.
pub(super) fn entries(file: File, take: Take<'_>) -> anyhow::Result<Option<ArchiveRefusal>> {
    let mut archive = match open(file) {
        Ok(archive) => archive,
        Err(refusal) => return Ok(Some(refusal)),
    };
    for place in 0..archive.len() {
        let (name, folder) = match archive.by_index_raw(place) {
            Ok(entry) => (entry.name().map(Cow::into_owned).ok(), entry.is_dir()),
            Err(_) => (None, false),
        };
        let name = name.unwrap_or_else(|| format!("entry {place}"));
        if !folder {
            let read = safe_name(&name).and_then(|()| entry(&mut archive, place));
            take(shown(&name), read)?;
        }
    }
    Ok(None)
}

fn open(mut file: File) -> Result<ZipArchive<BufReader<File>>, ArchiveRefusal> {
    let length = file.metadata().map_err(|_| ArchiveRefusal::Broken)?.len();
    let end = End::of(&mut file, length).ok_or(ArchiveRefusal::Broken)?;
    if end.entries > ENTRIES_MAX {
        return Err(ArchiveRefusal::TooManyEntries);
    }
    if end.directory_bytes > DIRECTORY_BYTES_MAX {
        return Err(ArchiveRefusal::DirectoryTooLong);
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| ArchiveRefusal::Broken)?;
    if archive.len() as u64 != end.entries {
        return Err(ArchiveRefusal::SameName);
    }
    let mut compressed = 0_u64;
    for place in 0..archive.len() {
        let entry = archive.by_index_raw(place).map_err(|_| ArchiveRefusal::Broken)?;
        compressed = compressed.saturating_add(entry.compressed_size());
    }
    // Entries that share their data unpack to more than deflate's 1032:1 of the file.
    if compressed > length { Err(ArchiveRefusal::Overlapping) } else { Ok(archive) }
}

/// What the end of the central directory says of it (APPNOTE 4.3.14 and 4.3.16).
struct End {
    entries: u64,
    directory_bytes: u64,
}

impl End {
    fn of(file: &mut File, length: u64) -> Option<Self> {
        let from = length.saturating_sub(TAIL_BYTES);
        file.seek(SeekFrom::Start(from)).ok()?;
        let mut tail = Vec::new();
        file.by_ref().take(TAIL_BYTES).read_to_end(&mut tail).ok()?;
        let at = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
        let record = tail.get(at..at + 22)?;
        let (entries, bytes) = (short(record, 10)?, word(record, 12)?);
        let locator = at.checked_sub(20).and_then(|at| tail.get(at..at + 20));
        let wide = locator.filter(|locator| locator.starts_with(b"PK\x06\x07"));
        let end = match wide {
            Some(locator) => Self::wide(file, long(locator, 8)?)?,
            None => Self { entries: entries.into(), directory_bytes: bytes.into() },
        };
        file.seek(SeekFrom::Start(0)).ok()?;
        Some(end)
    }

    fn wide(file: &mut File, at: u64) -> Option<Self> {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut record = [0; 56];
        file.read_exact(&mut record).ok()?;
        let known = record.starts_with(b"PK\x06\x06");
        let end = Self { entries: long(&record, 32)?, directory_bytes: long(&record, 40)? };
        known.then_some(end)
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Whether a name stays below the archive. Nothing is made of it but a line of the report; one that leads elsewhere
/// comes from somebody with bad intentions, or a broken program.
fn safe_name(name: &str) -> Result<(), EntryRefusal> {
    let component = |part: &str| !matches!(part, "" | "." | "..") && !part.ends_with(':');
    let safe = !name.contains(['\\', '\0']) && name.split('/').all(component);
    if safe { Ok(()) } else { Err(EntryRefusal::Name) }
}

/// A name for a line of the report.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).take(500).collect()
}

fn entry(archive: &mut ZipArchive<BufReader<File>>, place: usize) -> Result<Vec<u8>, EntryRefusal> {
    {
        let raw = archive.by_index_raw(place).map_err(refusal)?;
        if raw.encrypted() {
            return Err(EntryRefusal::Encrypted);
        }
        if raw.is_symlink() {
            return Err(EntryRefusal::Link);
        }
    }
    let mut entry = archive.by_index(place).map_err(refusal)?;
    let size = entry.size();
    if size > LARGEST_FILE_BYTES {
        return Err(EntryRefusal::TooLarge);
    }
    let mut bytes = Vec::new();
    entry.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes).map_err(damaged)?;
    if is_zip(&bytes) {
        return Err(EntryRefusal::Nested);
    }
    if !worth_reading(&bytes) {
        return Err(EntryRefusal::NotAnImage);
    }
    // One byte more than said tells what is longer; an honest entry ends there with its checksum.
    let rest = size.saturating_add(1).saturating_sub(bytes.len() as u64);
    entry.take(rest).read_to_end(&mut bytes).map_err(damaged)?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(EntryRefusal::Damaged) }
}

fn worth_reading(head: &[u8]) -> bool {
    let size = head.first_chunk::<4>().map(|size| (u32::from_le_bytes(*size), u32::from_be_bytes(*size)));
    let nifti = size.is_some_and(|(little, big)| [348, 540].iter().any(|size| [little, big].contains(size)));
    part10::looks_like_part10(head) || bare::looks_bare(head) || nifti || head.starts_with(&[0x1F, 0x8B])
}

fn refusal(error: ZipError) -> EntryRefusal {
    if matches!(error, ZipError::UnsupportedArchive(_)) {
        EntryRefusal::Method
    } else {
        EntryRefusal::Damaged
    }
}

fn damaged(error: std::io::Error) -> EntryRefusal {
    if error.kind() == ErrorKind::Unsupported { EntryRefusal::Method } else { EntryRefusal::Damaged }
}

#[cfg(test)]
#[path = "zip_tests.rs"]
mod tests;
