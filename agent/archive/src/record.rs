//! How records are stored: a version byte, then CBOR. Tables are named by the record's type.

use proto_journal::{Row, Tables, Tx};
use serde::{Serialize, de::DeserializeOwned};
use serde_bytes::ByteArray;

use crate::StorageError;

/// An id of 128 bits inside a record.
pub(crate) type IdBytes = ByteArray<16>;

/// A private, versioned stored form.
pub(crate) trait Record: Serialize + DeserializeOwned {
    const TABLE: &'static str;
    const VERSION: u8 = 1;
}

/// What committed tables and an open transaction have in common.
pub(crate) trait Rows {
    fn row(&self, table: &str, key: &[u8]) -> Result<Option<Row>, StorageError>;
    fn rows(&self, table: &str, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Row)>, StorageError>;
}

impl Rows for Tables {
    fn row(&self, table: &str, key: &[u8]) -> Result<Option<Row>, StorageError> {
        Ok(self.get(table, key)?)
    }

    fn rows(&self, table: &str, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Row)>, StorageError> {
        Ok(self.scan(table, prefix)?)
    }
}

impl Rows for Tx<'_> {
    fn row(&self, table: &str, key: &[u8]) -> Result<Option<Row>, StorageError> {
        Ok(self.get(table, key)?)
    }

    fn rows(&self, table: &str, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Row)>, StorageError> {
        Ok(self.scan(table, prefix)?)
    }
}

pub(crate) fn encode<R: Record>(record: &R) -> Result<Vec<u8>, StorageError> {
    let mut bytes = vec![R::VERSION];
    ciborium::into_writer(record, &mut bytes).map_err(|_| StorageError::Record { table: R::TABLE })?;
    Ok(bytes)
}

pub(crate) fn decode<R: Record>(bytes: &[u8]) -> Result<R, StorageError> {
    let malformed = StorageError::Record { table: R::TABLE };
    match bytes.split_first() {
        Some((version, body)) if *version == R::VERSION => ciborium::from_reader(body).map_err(|_| malformed),
        Some(_) | None => Err(malformed),
    }
}

pub(crate) fn load<R: Record>(rows: &impl Rows, key: &[u8]) -> Result<Option<R>, StorageError> {
    rows.row(R::TABLE, key)?.map(|row| decode(&row.value)).transpose()
}

pub(crate) fn load_all<R: Record>(
    rows: &impl Rows,
    prefix: &[u8],
) -> Result<Vec<(Vec<u8>, R)>, StorageError> {
    rows.rows(R::TABLE, prefix)?.into_iter().map(|(key, row)| Ok((key, decode(&row.value)?))).collect()
}

pub(crate) fn save<R: Record>(tx: &mut Tx<'_>, key: &[u8], record: &R) -> Result<(), StorageError> {
    tx.put(R::TABLE, key, encode(record)?);
    Ok(())
}

pub(crate) fn remove<R: Record>(tx: &mut Tx<'_>, key: &[u8]) {
    tx.delete(R::TABLE, key);
}

/// The 16 bytes of an id out of a key of `table`, from `at` on.
pub(crate) fn id_in_key(table: &'static str, key: &[u8], at: usize) -> Result<[u8; 16], StorageError> {
    key.get(at..at + 16).and_then(|bytes| bytes.try_into().ok()).ok_or(StorageError::Record { table })
}

/// Two keys, one after the other.
pub(crate) fn joined(first: &[u8], second: &[u8]) -> Vec<u8> {
    [first, second].concat()
}

/// The same record as a store wrote it that did not know the fields of these names yet.
#[cfg(test)]
pub(crate) fn without<R: Record>(record: &R, names: &[&str]) -> R {
    fn cut(value: &mut ciborium::Value, names: &[&str]) {
        if let ciborium::Value::Map(entries) = value {
            entries.retain(|(name, _)| !name.as_text().is_some_and(|name| names.contains(&name)));
            entries.iter_mut().for_each(|(_, value)| cut(value, names));
        } else if let ciborium::Value::Array(values) = value {
            values.iter_mut().for_each(|value| cut(value, names));
        }
    }
    let mut value = ciborium::Value::serialized(record).unwrap();
    cut(&mut value, names);
    let mut bytes = vec![R::VERSION];
    ciborium::into_writer(&value, &mut bytes).unwrap();
    decode(&bytes).unwrap()
}
