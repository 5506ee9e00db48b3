//! Tokens of DICOMweb clients, and the secrets by which projects see de-identified objects.
//!
//! Tokens come in hashed and are kept hashed. A project's secret is drawn once and kept sealed under the site's key.
//! What a token may see is stored here and decided elsewhere.

use proto_ids::{ProjectId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use crate::keys::{Place, open_sealed};
use crate::record::{IdBytes, Record, Rows, decode, load, remove, save};
use crate::{Archive, StorageError};

/// What the holder of a token sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenView {
    /// Objects as they arrived.
    Original,
    /// Objects without what identifies a patient, under the secret of this project.
    Deidentified(ProjectId),
}

/// A token that a DICOMweb client presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DicomwebToken {
    /// SHA-256 of the token.
    pub sha256: [u8; 32],
    /// What hospital IT calls it.
    pub name: String,
    pub view: TokenView,
    /// Whether its holder may bring objects in.
    pub may_store: bool,
    pub created_at: Timestamp,
}

/// The secret of a project: under one, the same value always gets the same pseudonym.
#[derive(Clone, PartialEq, Eq)]
pub struct ProjectSecret([u8; 32]);

impl ProjectSecret {
    /// The bytes, for whoever makes pseudonyms of them.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for ProjectSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProjectSecret(..)")
    }
}

const TOKENS: &str = "dicomweb_token";

/// What tokens were before they had a view: all of them saw originals, and none could store.
#[derive(Serialize, Deserialize)]
struct TokenRecord1 {
    name: String,
    created_at: i64,
}

impl Record for TokenRecord1 {
    const TABLE: &'static str = TOKENS;
}

/// A version of its own, not one more field: a program that does not know views must not take a token of the
/// de-identified view for one of the original.
#[derive(Serialize, Deserialize)]
struct TokenRecord2 {
    name: String,
    created_at: i64,
    /// The project whose secret the view is made with; none for the original.
    deidentified_for: Option<IdBytes>,
    may_store: bool,
}

impl Record for TokenRecord2 {
    const TABLE: &'static str = TOKENS;
    const VERSION: u8 = 2;
}

/// `project_secret`: the project → 32 random bytes.
#[derive(Serialize, Deserialize)]
struct ProjectSecretRecord {
    /// Sealed under the site's key.
    sealed: ByteBuf,
}

impl Record for ProjectSecretRecord {
    const TABLE: &'static str = "project_secret";
}

impl Archive {
    /// Lets a DICOMweb client in.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn dicomweb_token_put(&self, token: &DicomwebToken) -> Result<(), StorageError> {
        let record = TokenRecord2 {
            name: token.name.clone(),
            created_at: token.created_at.millis(),
            deidentified_for: match token.view {
                TokenView::Original => None,
                TokenView::Deidentified(project) => Some(ByteArray::new(*project.bytes())),
            },
            may_store: token.may_store,
        };
        self.work.write(|tx| save(tx, &token.sha256, &record))
    }

    /// The DICOMweb token under this hash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn dicomweb_token(&self, sha256: &[u8; 32]) -> Result<Option<DicomwebToken>, StorageError> {
        self.work.row(TOKENS, sha256)?.map(|row| read(*sha256, &row.value)).transpose()
    }

    /// All DICOMweb tokens, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn dicomweb_tokens(&self) -> Result<Vec<DicomwebToken>, StorageError> {
        let mut tokens = Vec::new();
        for (key, row) in self.work.rows(TOKENS, &[])? {
            let malformed = |_| StorageError::Record { table: TOKENS };
            tokens.push(read(<[u8; 32]>::try_from(key.as_slice()).map_err(malformed)?, &row.value)?);
        }
        tokens.sort_by(|first, second| (&first.name, first.sha256).cmp(&(&second.name, second.sha256)));
        Ok(tokens)
    }

    /// Lets a DICOMweb client in no more. False when the token was not known.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn dicomweb_token_revoke(&self, sha256: &[u8; 32]) -> Result<bool, StorageError> {
        self.work.write(|tx| {
            let known = tx.row(TOKENS, sha256)?.is_some();
            remove::<TokenRecord2>(tx, sha256);
            Ok(known)
        })
    }

    /// The secret of a project, drawn now if it has none yet.
    ///
    /// # Errors
    /// When the store cannot be read or written, or the operating system gives no random bytes.
    pub fn project_secret(&self, project: ProjectId) -> Result<ProjectSecret, StorageError> {
        if let Some(record) = load::<ProjectSecretRecord>(&self.work, project.bytes())? {
            return self.project_secret_open(project, &record);
        }
        let drawn = self.keys.secret()?;
        let sealed = self.keys.seal(self.keys.site(), place(&project), drawn.to_vec())?;
        let record = ProjectSecretRecord { sealed: ByteBuf::from(sealed) };
        // Somebody else may have drawn one meanwhile; the first one stays.
        let kept = self.work.write(|tx| match load::<ProjectSecretRecord>(tx, project.bytes())? {
            Some(known) => Ok::<_, StorageError>(known),
            None => save(tx, project.bytes(), &record).map(|()| record),
        })?;
        self.project_secret_open(project, &kept)
    }

    fn project_secret_open(
        &self,
        project: ProjectId,
        record: &ProjectSecretRecord,
    ) -> Result<ProjectSecret, StorageError> {
        let secret = open_sealed(self.keys.site(), place(&project), &record.sealed)?;
        let malformed = |_| StorageError::Record { table: ProjectSecretRecord::TABLE };
        secret.as_slice().try_into().map(ProjectSecret).map_err(malformed)
    }
}

fn place(project: &ProjectId) -> Place<'_> {
    Place { table: ProjectSecretRecord::TABLE, key: project.bytes() }
}

fn read(sha256: [u8; 32], bytes: &[u8]) -> Result<DicomwebToken, StorageError> {
    if bytes.first() == Some(&TokenRecord1::VERSION) {
        let record: TokenRecord1 = decode(bytes)?;
        let created_at = Timestamp::from_millis(record.created_at);
        return Ok(DicomwebToken {
            sha256,
            name: record.name,
            view: TokenView::Original,
            may_store: false,
            created_at,
        });
    }
    let record: TokenRecord2 = decode(bytes)?;
    let project = record.deidentified_for.map(|project| ProjectId::from_bytes(*project));
    Ok(DicomwebToken {
        sha256,
        name: record.name,
        view: project.map_or(TokenView::Original, TokenView::Deidentified),
        may_store: record.may_store,
        created_at: Timestamp::from_millis(record.created_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::encode;

    /// A version byte, then CBOR, as they were written before tokens had a view.
    const FIRST: &[u8] = b"\x01\xa2dnamedpacsjcreated_at\x1b\x00\x00\x01\x9b\x79\x6d\xd6\x00";

    #[test]
    fn a_token_from_before_there_were_views_sees_originals_and_stores_nothing() {
        let token = read([7; 32], FIRST).unwrap();
        assert_eq!((token.view, token.may_store, token.name.as_str()), (TokenView::Original, false, "pacs"));
        assert_eq!(token.created_at, Timestamp::from_millis(1_767_268_800_000));
    }

    #[test]
    fn a_program_that_knows_no_views_does_not_read_a_token_that_has_one() {
        let record = TokenRecord2 {
            name: "pacs".into(),
            created_at: 0,
            deidentified_for: Some(ByteArray::new([1; 16])),
            may_store: false,
        };
        let bytes = encode(&record).unwrap();
        assert!(decode::<TokenRecord1>(&bytes).is_err());
        let project = ProjectId::from_bytes([1; 16]);
        assert_eq!(read([7; 32], &bytes).unwrap().view, TokenView::Deidentified(project));
    }
}
