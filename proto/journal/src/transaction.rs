//! Bytes of one transaction inside a journal record.
//!
//! Body: version (1), length of the list (4), CRC-32C of the list (4), the list of changes, the
//! blobs one after the other. The list can be read without the blobs, so that an index is rebuilt
//! without reading the images behind it. Integers are little endian.

pub(crate) const PREFIX_BYTES: usize = 9;
const VERSION: u8 = 1;
const PUT: u8 = 0;
const PUT_WITH_BLOB: u8 = 1;
const DELETE: u8 = 2;

/// One change of a row, as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Table and key in the form of [`row_key`].
    pub(crate) row: Vec<u8>,
    pub(crate) action: Action,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Put(Vec<u8>),
    /// Offset of the blob from the first blob of the record, its length and its CRC-32C.
    PutWithBlob {
        value: Vec<u8>,
        offset: u64,
        length: u64,
        checksum: u32,
    },
    Delete,
}

/// Table and key as one byte string that sorts by table, then by key. `None` when too long.
pub(crate) fn row_key(table: &str, key: &[u8]) -> Option<Vec<u8>> {
    let length = u8::try_from(table.len()).ok().filter(|length| *length > 0)?;
    if key.len() > usize::from(u16::MAX) - 256 {
        return None;
    }
    let mut row = Vec::with_capacity(1 + table.len() + key.len());
    row.push(length);
    row.extend_from_slice(table.as_bytes());
    row.extend_from_slice(key);
    Some(row)
}

/// The prefix and the list of changes; the blobs follow it in the record.
pub(crate) fn encode(changes: &[Change]) -> Vec<u8> {
    let mut list = Vec::new();
    for change in changes {
        let (kind, value) = match &change.action {
            Action::Put(value) => (PUT, Some(value)),
            Action::PutWithBlob { value, .. } => (PUT_WITH_BLOB, Some(value)),
            Action::Delete => (DELETE, None),
        };
        list.push(kind);
        list.extend_from_slice(&(change.row.len() as u32).to_le_bytes());
        list.extend_from_slice(&change.row);
        if let Some(value) = value {
            list.extend_from_slice(&(value.len() as u32).to_le_bytes());
            list.extend_from_slice(value);
        }
        if let Action::PutWithBlob { offset, length, checksum, .. } = &change.action {
            list.extend_from_slice(&offset.to_le_bytes());
            list.extend_from_slice(&length.to_le_bytes());
            list.extend_from_slice(&checksum.to_le_bytes());
        }
    }
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + list.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&(list.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&crc32c::crc32c(&list).to_le_bytes());
    bytes.extend_from_slice(&list);
    bytes
}

/// Length and checksum of the list, out of the prefix. `None` for another version.
pub(crate) fn decode_prefix(prefix: &[u8]) -> Option<(u32, u32)> {
    let mut reader = Reader(prefix);
    (reader.byte()? == VERSION).then_some(())?;
    Some((reader.u32()?, reader.u32()?))
}

/// The changes out of a list whose checksum was compared. `None` when it is malformed.
pub(crate) fn decode_list(list: &[u8]) -> Option<Vec<Change>> {
    let mut reader = Reader(list);
    let mut changes = Vec::new();
    while !reader.0.is_empty() {
        let kind = reader.byte()?;
        let row = reader.bytes()?;
        let action = match kind {
            PUT => Action::Put(reader.bytes()?),
            PUT_WITH_BLOB => Action::PutWithBlob {
                value: reader.bytes()?,
                offset: reader.u64()?,
                length: reader.u64()?,
                checksum: reader.u32()?,
            },
            DELETE => Action::Delete,
            _ => return None,
        };
        changes.push(Change { row, action });
    }
    Some(changes)
}

/// A row that a transaction put, as its record keeps it; the blob beside it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutRow {
    /// Name of the table.
    pub table: String,
    /// Key in the table.
    pub key: Vec<u8>,
    /// The bytes that were put.
    pub value: Vec<u8>,
}

/// The rows that the transaction in a record put, in the order of their tables and keys. `None` when the
/// bytes are no transaction of this version.
pub fn put_rows(body: &[u8]) -> Option<Vec<PutRow>> {
    let (length, checksum) = decode_prefix(body)?;
    let list = body.get(PREFIX_BYTES..)?.get(..length as usize)?;
    if crc32c::crc32c(list) != checksum {
        return None;
    }
    let mut rows = Vec::new();
    for change in decode_list(list)? {
        let value = match change.action {
            Action::Put(value) | Action::PutWithBlob { value, .. } => value,
            Action::Delete => continue,
        };
        let (length, row) = change.row.split_first()?;
        let (table, key) = row.split_at_checked(usize::from(*length))?;
        rows.push(PutRow { table: String::from_utf8(table.to_vec()).ok()?, key: key.to_vec(), value });
    }
    Some(rows)
}

/// Takes little-endian values off the front of a slice.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let length = self.u32()? as usize;
        let bytes = self.0.get(..length)?.to_vec();
        self.0 = self.0.get(length..)?;
        Some(bytes)
    }
}
