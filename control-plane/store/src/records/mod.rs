//! Stored records: one version byte, then CBOR. A record is never the domain's own type.

mod identity;
mod instruction;
mod people;
#[cfg(test)]
mod tests;
mod work;

use control_plane_app::StoreError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use identity::{AgentV1, AuditV1, JoinTokenV1, SiteV1};
pub(crate) use instruction::{InstructionVersionV1, ProjectV1};
pub(crate) use people::{CredentialV1, PersonV1, SessionV1};
pub(crate) use work::{AssetV1, DatasetV1, PatternV1, ProgressV1, SubmissionV1, TaskV1};

/// The version of every record so far.
const VERSION: u8 = 1;

/// The stored form of a thing of the domain.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// The thing.
    type Thing;
    /// The table it is in, for errors.
    const TABLE: &'static str;

    /// The stored form.
    fn of(thing: &Self::Thing) -> Self;

    /// The thing again; none when the record holds what no version wrote.
    fn thing(self) -> Option<Self::Thing>;
}

/// The bytes of a thing.
pub(crate) fn encode<R: Record>(thing: &R::Thing) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![VERSION];
    ciborium::into_writer(&R::of(thing), &mut bytes).map_err(|_| StoreError::Record { table: R::TABLE })?;
    Ok(bytes)
}

/// The thing of some bytes.
pub(crate) fn decode<R: Record>(bytes: &[u8]) -> Result<R::Thing, StoreError> {
    let damaged = StoreError::Record { table: R::TABLE };
    let Some((&VERSION, body)) = bytes.split_first() else { return Err(damaged) };
    let record: Option<R> = ciborium::from_reader(body).ok();
    record.and_then(R::thing).ok_or(damaged)
}

/// 128 bits of an id.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Id(#[serde(with = "serde_bytes")] pub(crate) [u8; 16]);

/// A SHA-256 digest or a public key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bytes32(#[serde(with = "serde_bytes")] pub(crate) [u8; 32]);
