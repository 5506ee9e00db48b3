//! Bytes of a segment: its header, and the header in front of each record.
//!
//! Segment header, 64 bytes: magic (8), first sequence (8), link before it (32), zeros (12),
//! CRC-32C of the rest (4). Record header, 64 bytes: magic (4), body length (4), sequence (8),
//! link (32), last sequence that was durable when this was written (8), CRC-32C of the body (4),
//! CRC-32C of the header (4). Integers are little endian.
//! The link of a record is BLAKE3 over the link before it, its sequence and its body, so that a
//! record cannot be changed, dropped or moved without breaking all that follow.

pub(crate) const SEGMENT_HEADER_BYTES: u64 = 64;
pub(crate) const RECORD_HEADER_BYTES: usize = 64;
pub(crate) const MAXIMUM_BODY_BYTES: u64 = 1 << 30;
const SEGMENT_MAGIC: &[u8; 8] = b"RFSEGM01";
pub(crate) const RECORD_MAGIC: &[u8; 4] = b"RFr1";

/// 32 bytes of BLAKE3 that stand for everything up to a record.
pub(crate) type Link = [u8; 32];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) body_bytes: u32,
    pub(crate) sequence: u64,
    pub(crate) link: Link,
    /// Tells a torn tail from damage: what a later record calls durable had been acknowledged.
    pub(crate) durable: u64,
    pub(crate) body_checksum: u32,
}

impl RecordHeader {
    pub(crate) fn encode(&self) -> [u8; RECORD_HEADER_BYTES] {
        let mut bytes = [0; RECORD_HEADER_BYTES];
        bytes[0..4].copy_from_slice(RECORD_MAGIC);
        bytes[4..8].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[16..48].copy_from_slice(&self.link);
        bytes[48..56].copy_from_slice(&self.durable.to_le_bytes());
        bytes[56..60].copy_from_slice(&self.body_checksum.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..60]);
        bytes[60..64].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// `None` when these bytes are not an intact record header.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; RECORD_HEADER_BYTES] = bytes.get(..RECORD_HEADER_BYTES)?.try_into().ok()?;
        if &bytes[0..4] != RECORD_MAGIC || read_u32(&bytes[60..64]) != crc32c::crc32c(&bytes[..60]) {
            return None;
        }
        let mut link = [0; 32];
        link.copy_from_slice(&bytes[16..48]);
        let header = Self {
            body_bytes: read_u32(&bytes[4..8]),
            sequence: read_u64(&bytes[8..16]),
            link,
            durable: read_u64(&bytes[48..56]),
            body_checksum: read_u32(&bytes[56..60]),
        };
        (u64::from(header.body_bytes) <= MAXIMUM_BODY_BYTES).then_some(header)
    }
}

/// Link of the record `sequence` whose body is `parts`, one after the other.
pub(crate) fn link(before: &Link, sequence: u64, parts: &[&[u8]]) -> Link {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&sequence.to_le_bytes());
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

pub(crate) fn checksum(parts: &[&[u8]]) -> u32 {
    parts.iter().fold(0, |sum, part| crc32c::crc32c_append(sum, part))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) first_sequence: u64,
    pub(crate) link_before: Link,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES as usize] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES as usize];
        bytes[0..8].copy_from_slice(SEGMENT_MAGIC);
        bytes[8..16].copy_from_slice(&self.first_sequence.to_le_bytes());
        bytes[16..48].copy_from_slice(&self.link_before);
        let sum = crc32c::crc32c(&bytes[..60]);
        bytes[60..64].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; SEGMENT_HEADER_BYTES as usize] =
            bytes.get(..SEGMENT_HEADER_BYTES as usize)?.try_into().ok()?;
        if &bytes[0..8] != SEGMENT_MAGIC || read_u32(&bytes[60..64]) != crc32c::crc32c(&bytes[..60]) {
            return None;
        }
        let mut link_before = [0; 32];
        link_before.copy_from_slice(&bytes[16..48]);
        Some(Self { first_sequence: read_u64(&bytes[8..16]), link_before })
    }
}

/// File name of the segment that begins with `first_sequence`.
pub fn segment_name(first_sequence: u64) -> String {
    format!("{first_sequence:020}.segment")
}

/// First sequence of a segment file, `None` for other files.
pub fn segment_of_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".segment")?;
    (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

fn read_u32(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |value, byte| (value << 8) | u32::from(*byte))
}

fn read_u64(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte))
}
