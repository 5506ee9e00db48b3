//! Models of assistance, as hospital IT has registered them. Where they are and what they are called never
//! leaves the site; the control plane hears a random token, what kind of server it is, and whether it is on.
//!
//! Calls no model.

use proto_ids::{ModelToken, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};

use crate::messages::ModelChange;
use crate::outbox::outbox_put;
use crate::record::{Record, Rows, id_in_key, load, load_all, remove, save};
use crate::{Archive, StorageError};

/// What kind of server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelProvider {
    /// Part of the agent; always there.
    BuiltIn,
    /// A MONAI Label server.
    MonaiLabel,
    /// A server of the KServe v2 inference protocol, such as Triton.
    KserveV2,
}

/// What hospital IT says of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewModel {
    pub name: String,
    pub provider: ModelProvider,
    /// Where the server is; empty for a built-in model.
    pub address: String,
    /// What the server calls the model; empty for a built-in model.
    pub model: String,
    /// Label of the model → key of an object. Empty: the answer is for the object that is asked for.
    pub labels: Vec<(u16, String)>,
    /// Codes of the modalities that it is for; empty for all.
    pub modalities: Vec<String>,
    /// What is to be known of the licence of the model.
    pub licence: String,
    pub enabled: bool,
}

/// A registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    pub token: ModelToken,
    pub is: NewModel,
    pub changed_at: Timestamp,
}

/// Why a model was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the site has no such model")]
    Unknown,
    #[error("the built-in model has no server and stays")]
    BuiltIn,
    #[error("the model cannot be kept")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for ModelError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// `model`: token → what hospital IT said.
#[derive(Serialize, Deserialize)]
struct ModelRecord {
    name: String,
    provider: ProviderRecord,
    address: String,
    model: String,
    labels: Vec<(u16, String)>,
    modalities: Vec<String>,
    licence: String,
    enabled: bool,
    changed_at: i64,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
enum ProviderRecord {
    BuiltIn,
    MonaiLabel,
    KserveV2,
}

impl Record for ModelRecord {
    const TABLE: &'static str = "model";
}

impl Archive {
    /// Registers a model and tells that there is one. Gives its token.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn model_add(&self, new: &NewModel, now: Timestamp) -> Result<ModelToken, StorageError> {
        let token = ModelToken::from_random(self.keys.random_id().map_err(StorageError::from)?);
        self.work.write(|tx| self.model_save(tx, token, new, now))?;
        self.outbox_tell();
        Ok(token)
    }

    /// Makes sure that the built-in model is registered.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn model_built_in(&self, new: &NewModel, now: Timestamp) -> Result<ModelToken, StorageError> {
        let there = self.models()?.into_iter().find(|row| row.is.provider == ModelProvider::BuiltIn);
        there.map_or_else(|| self.model_add(new, now), |row| Ok(row.token))
    }

    /// Says something else of a model. What is said of the server of the built-in model counts for nothing: it
    /// has none.
    ///
    /// # Errors
    /// [`ModelError`]; nothing changed.
    pub fn model_change(&self, token: ModelToken, new: &NewModel, now: Timestamp) -> Result<(), ModelError> {
        self.work.write(|tx| {
            let before = load::<ModelRecord>(tx, token.bytes())?.ok_or(ModelError::Unknown)?.read(token);
            if (before.is.provider == ModelProvider::BuiltIn) != (new.provider == ModelProvider::BuiltIn) {
                return Err(ModelError::BuiltIn);
            }
            let mut new = new.clone();
            if new.provider == ModelProvider::BuiltIn {
                (new.address, new.model, new.labels) = Default::default();
            }
            Ok(self.model_save(tx, token, &new, now)?)
        })?;
        self.outbox_tell();
        Ok(())
    }

    /// Registers a model no more, and tells that it is gone.
    ///
    /// # Errors
    /// [`ModelError`]; nothing changed.
    pub fn model_remove(&self, token: ModelToken) -> Result<(), ModelError> {
        self.work.write(|tx| {
            let before = load::<ModelRecord>(tx, token.bytes())?.ok_or(ModelError::Unknown)?.read(token);
            if before.is.provider == ModelProvider::BuiltIn {
                return Err(ModelError::BuiltIn);
            }
            remove::<ModelRecord>(tx, token.bytes());
            self.model_tell(tx, ModelChange { token, provider: before.is.provider, available: false })?;
            Ok(())
        })?;
        self.outbox_tell();
        Ok(())
    }

    /// A registered model.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn model(&self, token: ModelToken) -> Result<Option<ModelRow>, StorageError> {
        Ok(load::<ModelRecord>(&self.work, token.bytes())?.map(|record| record.read(token)))
    }

    /// All registered models, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn models(&self) -> Result<Vec<ModelRow>, StorageError> {
        models_in(&self.work)
    }

    fn model_save(
        &self,
        tx: &mut Tx<'_>,
        token: ModelToken,
        new: &NewModel,
        now: Timestamp,
    ) -> Result<ModelToken, StorageError> {
        save(tx, token.bytes(), &ModelRecord::of(new, now))?;
        self.model_tell(tx, ModelChange { token, provider: new.provider, available: new.enabled })?;
        Ok(token)
    }

    fn model_tell(&self, tx: &mut Tx<'_>, change: ModelChange) -> Result<(), StorageError> {
        match self.messages().model(change) {
            Some(bytes) => outbox_put(tx, bytes).map(|_| ()),
            None => Ok(()),
        }
    }
}

fn models_in(rows: &impl Rows) -> Result<Vec<ModelRow>, StorageError> {
    let mut models = load_all::<ModelRecord>(rows, &[])?
        .into_iter()
        .map(|(key, record)| Ok(record.read(ModelToken::from_bytes(id_in_key(ModelRecord::TABLE, &key, 0)?))))
        .collect::<Result<Vec<ModelRow>, StorageError>>()?;
    models.sort_by(|first, second| (&first.is.name, first.token).cmp(&(&second.is.name, second.token)));
    Ok(models)
}

impl ModelRecord {
    fn of(new: &NewModel, now: Timestamp) -> Self {
        let NewModel { name, provider, address, model, labels, modalities, licence, enabled } = new.clone();
        let provider = match provider {
            ModelProvider::BuiltIn => ProviderRecord::BuiltIn,
            ModelProvider::MonaiLabel => ProviderRecord::MonaiLabel,
            ModelProvider::KserveV2 => ProviderRecord::KserveV2,
        };
        let changed_at = now.millis();
        Self { name, provider, address, model, labels, modalities, licence, enabled, changed_at }
    }

    fn read(self, token: ModelToken) -> ModelRow {
        let Self { name, provider, address, model, labels, modalities, licence, enabled, changed_at } = self;
        let provider = match provider {
            ProviderRecord::BuiltIn => ModelProvider::BuiltIn,
            ProviderRecord::MonaiLabel => ModelProvider::MonaiLabel,
            ProviderRecord::KserveV2 => ModelProvider::KserveV2,
        };
        ModelRow {
            token,
            is: NewModel { name, provider, address, model, labels, modalities, licence, enabled },
            changed_at: Timestamp::from_millis(changed_at),
        }
    }
}
