//! Sessions of the viewer. Secrets come in hashed and are kept hashed.
//!
//! Does not decide how long a session lasts; it keeps the times that decide it.

use proto_ids::{PersonId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::record::{IdBytes, Record, load, load_all, remove, save};
use crate::{Archive, StorageError};

/// Somebody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    pub person: PersonId,
    pub created_at: Timestamp,
    /// The last time it was used, as far as it was kept.
    pub seen_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct SessionRecord {
    person: IdBytes,
    created_at: i64,
    seen_at: i64,
}

impl Record for SessionRecord {
    const TABLE: &'static str = "session";
}

impl Archive {
    /// Begins a session under the hash of its secret.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn session_put(
        &self,
        sha256: &[u8; 32],
        person: PersonId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let record = SessionRecord {
            person: ByteArray::new(*person.bytes()),
            created_at: now.millis(),
            seen_at: now.millis(),
        };
        self.work.write(|tx| save(tx, sha256, &record))
    }

    /// The session under this hash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn session(&self, sha256: &[u8; 32]) -> Result<Option<Session>, StorageError> {
        Ok(load::<SessionRecord>(&self.work, sha256)?.map(|record| Session {
            person: PersonId::from_bytes(*record.person),
            created_at: Timestamp::from_millis(record.created_at),
            seen_at: Timestamp::from_millis(record.seen_at),
        }))
    }

    /// Keeps that a session was used at `now`. A session that has ended stays ended.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn session_touch(&self, sha256: &[u8; 32], now: Timestamp) -> Result<(), StorageError> {
        self.work.write(|tx| match load::<SessionRecord>(tx, sha256)? {
            Some(record) => {
                save(tx, sha256, &SessionRecord { seen_at: now.millis().max(record.seen_at), ..record })
            }
            None => Ok(()),
        })
    }

    /// Ends a session; one that has ended stays ended.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn session_end(&self, sha256: &[u8; 32]) -> Result<(), StorageError> {
        self.work.write(|tx| {
            if load::<SessionRecord>(tx, sha256)?.is_some() {
                remove::<SessionRecord>(tx, sha256);
            }
            Ok(())
        })
    }

    /// Removes sessions that were last used before `seen_before` or began before `created_before`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn sessions_sweep(
        &self,
        seen_before: Timestamp,
        created_before: Timestamp,
    ) -> Result<usize, StorageError> {
        self.work.write(|tx| {
            let mut removed = 0;
            for (key, record) in load_all::<SessionRecord>(tx, &[])? {
                if record.seen_at < seen_before.millis() || record.created_at < created_before.millis() {
                    remove::<SessionRecord>(tx, &key);
                    removed += 1;
                }
            }
            Ok(removed)
        })
    }
}

/// Ends all sessions of a person as part of a transaction.
pub(crate) fn sessions_end_in(tx: &mut Tx<'_>, person: PersonId) -> Result<(), StorageError> {
    for (key, record) in load_all::<SessionRecord>(tx, &[])? {
        if *record.person == *person.bytes() {
            remove::<SessionRecord>(tx, &key);
        }
    }
    Ok(())
}
