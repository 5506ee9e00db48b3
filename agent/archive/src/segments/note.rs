//! The note that stands in the directory in the place of a segment that was moved.
//!
//! Bytes, 60: magic (8), first sequence (8), length of the segment (8), its BLAKE3 (32), CRC-32C of the rest (4).
//! Integers are little endian. A `.moved` note says that the object is the segment and a local file of it, if there is
//! any, is a part of a copy. A `.returned` note says that the local file is the segment and the object can go. A `.copying`
//! note says that there may be an object, or a part of one, which is not the segment yet.

use std::path::{Path, PathBuf};

use proto_journal::Io;

const NOTE_BYTES: usize = 60;
const MAGIC: &[u8; 8] = b"RFMOVED1";

/// Which segment was moved, and what was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) first: u64,
    pub(super) length: u64,
    pub(super) digest: [u8; 32],
}

/// What a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Copying,
    Moved,
    Returned,
}

impl Kind {
    const fn ending(self) -> &'static str {
        match self {
            Self::Copying => "copying",
            Self::Moved => "moved",
            Self::Returned => "returned",
        }
    }
}

impl Note {
    /// Name of the object. It holds the digest, so that two stores that share a place never overwrite each other's.
    pub(super) fn object(&self) -> String {
        let digest: String = self.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{:020}-{digest}.segment", self.first)
    }

    fn encode(&self) -> [u8; NOTE_BYTES] {
        let mut bytes = [0; NOTE_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..16].copy_from_slice(&self.first.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.length.to_le_bytes());
        bytes[24..56].copy_from_slice(&self.digest);
        let sum = crc32c::crc32c(&bytes[..56]);
        bytes[56..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; NOTE_BYTES] = bytes.try_into().ok()?;
        let sum = u32::from_le_bytes(bytes[56..].try_into().ok()?);
        if &bytes[..8] != MAGIC || sum != crc32c::crc32c(&bytes[..56]) {
            return None;
        }
        Some(Self {
            first: u64::from_le_bytes(bytes[8..16].try_into().ok()?),
            length: u64::from_le_bytes(bytes[16..24].try_into().ok()?),
            digest: bytes[24..56].try_into().ok()?,
        })
    }
}

/// Segment and kind of a note's file; none for other files.
pub(super) fn of_name(name: &str) -> Option<(u64, Kind)> {
    let kind = [Kind::Copying, Kind::Moved, Kind::Returned];
    let (stem, kind) = kind
        .into_iter()
        .find_map(|kind| Some((name.strip_suffix(kind.ending())?.strip_suffix('.')?, kind)))?;
    let digits = stem.len() == 20 && stem.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| stem.parse().ok().map(|first| (first, kind)))?
}

fn path(directory: &Path, first: u64, kind: Kind) -> PathBuf {
    directory.join(format!("{first:020}.{}", kind.ending()))
}

/// The note, if it is whole.
pub(super) fn read(io: &dyn Io, directory: &Path, first: u64, kind: Kind) -> std::io::Result<Option<Note>> {
    let file = io.open(&path(directory, first, kind))?;
    // One byte more, so that a longer file is no note.
    let mut bytes = [0; NOTE_BYTES + 1];
    let count = file.read_at(&mut bytes, 0)?;
    Ok(Note::decode(&bytes[..count]).filter(|note| note.first == first))
}

/// Writes a note, in the place of what was there. It is durable when this returns.
pub(super) fn write(io: &dyn Io, directory: &Path, note: &Note, kind: Kind) -> std::io::Result<()> {
    remove(io, directory, note.first, kind)?;
    let file = io.create(&path(directory, note.first, kind))?;
    file.write_at(&note.encode(), 0)?;
    file.sync_data()?;
    io.sync_directory(directory)
}

/// Removes a note durably; one that is not there needs no removing.
pub(super) fn remove(io: &dyn Io, directory: &Path, first: u64, kind: Kind) -> std::io::Result<()> {
    match io.remove(&path(directory, first, kind)) {
        Ok(()) => io.sync_directory(directory),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: Note = Note { first: 7, length: 4096, digest: [9; 32] };

    #[test]
    fn a_note_says_what_was_written() {
        assert_eq!(Note::decode(&NOTE.encode()), Some(NOTE));
        assert_eq!(NOTE.object(), format!("00000000000000000007-{}.segment", "09".repeat(32)));
    }

    #[test]
    fn no_part_of_a_note_and_no_changed_note_is_a_note() {
        let bytes = NOTE.encode();
        assert!((0..NOTE_BYTES).all(|count| Note::decode(&bytes[..count]).is_none()));
        for at in 0..NOTE_BYTES {
            let mut changed = bytes;
            changed[at] ^= 1;
            assert_eq!(Note::decode(&changed), None, "byte {at}");
        }
    }

    #[test]
    fn notes_are_told_from_other_files_by_name() {
        for (name, expect) in [
            ("00000000000000000007.moved", Some((7, Kind::Moved))),
            ("00000000000000000007.copying", Some((7, Kind::Copying))),
            ("00000000000000000007.returned", Some((7, Kind::Returned))),
            ("00000000000000000007.segment", None),
            ("7.moved", None),
            ("0000000000000000000x.moved", None),
            ("moved", None),
        ] {
            assert_eq!(of_name(name), expect, "{name}");
        }
    }
}
