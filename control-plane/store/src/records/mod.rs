//! Stored records: one version byte, then CBOR. A record is never the domain's own type.

mod agreement;
mod asset;
mod assistance;
mod identity;
mod instruction;
mod object;
mod people;
mod project;
mod question;
mod submission;
mod task;
#[cfg(test)]
mod tests;

use control_plane_app::StoreError;
use proto_ids::SubmissionId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use agreement::{ConsensusPaintedV1, JudgementV1, PatternV1, RecheckV1, ShapeAgreementV1};
pub(crate) use asset::{AssetV1, DatasetV1};
pub(crate) use assistance::{ModelV1, SitePreannotationV1};
pub(crate) use identity::{AgentV1, AuditV1, JoinTokenV1, SiteV1};
pub(crate) use instruction::InstructionVersionV1;
pub(crate) use people::{CredentialV1, PersonV1, SessionV1};
pub(crate) use project::ProjectV1;
pub(crate) use submission::SubmissionV1;
pub(crate) use task::{ProgressV1, TaskV1};

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

fn ids_of(submissions: &[SubmissionId]) -> Vec<Id> {
    submissions.iter().map(|submission| Id(*submission.bytes())).collect()
}

fn submissions_of(ids: Vec<Id>) -> Vec<SubmissionId> {
    ids.into_iter().map(|id| SubmissionId::from_bytes(id.0)).collect()
}

/// A SHA-256 digest or a public key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bytes32(#[serde(with = "serde_bytes")] pub(crate) [u8; 32]);
