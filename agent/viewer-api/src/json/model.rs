//! Models of assistance, as an annotator and as hospital IT see them.

use agent_archive::{ModelProvider, ModelRow, NewModel};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shape::digits;
use crate::assist::AssistModel;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModelProviderJson {
    BuiltIn,
    MonaiLabel,
    KserveV2,
}

/// A model that may help with a task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskModelJson {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) provider: ModelProviderJson,
    /// Of `points`, `box`, `scribbles`, `mask`.
    pub(crate) prompts: Vec<&'static str>,
    /// Whether it answers without any prompt.
    pub(crate) automatic: bool,
    /// The objects that it marks; empty when it marks the one that it is asked for.
    pub(crate) object_ids: Vec<u32>,
    pub(crate) licence: String,
    pub(crate) available: bool,
    /// Why not, or what went wrong last; empty when all is well.
    pub(crate) trouble: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelLabelJson {
    model_label: u16,
    object_key: String,
}

/// What hospital IT says of a model.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelDraftJson {
    pub(crate) name: String,
    pub(crate) provider: ModelProviderJson,
    /// `http://host:port` or `https://host:port`; empty for the built-in model.
    pub(crate) address: String,
    /// The model's name at its server.
    pub(crate) model: String,
    /// Empty: the model marks one thing, and the annotator says which object it is.
    pub(crate) labels: Vec<ModelLabelJson>,
    /// Such as `CT`; empty for all.
    pub(crate) modalities: Vec<String>,
    pub(crate) licence: String,
    pub(crate) enabled: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteModelJson {
    id: String,
    /// What the control plane's pages call it.
    short: String,
    name: String,
    provider: ModelProviderJson,
    address: String,
    model: String,
    labels: Vec<ModelLabelJson>,
    modalities: Vec<String>,
    licence: String,
    enabled: bool,
    available: bool,
    trouble: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteModelsJson {
    pub(crate) models: Vec<SiteModelJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelTrialJson {
    pub(crate) ok: bool,
    /// What the server says, or what went wrong, in words.
    pub(crate) message: String,
}

impl From<ModelProvider> for ModelProviderJson {
    fn from(provider: ModelProvider) -> Self {
        match provider {
            ModelProvider::BuiltIn => Self::BuiltIn,
            ModelProvider::MonaiLabel => Self::MonaiLabel,
            ModelProvider::KserveV2 => Self::KserveV2,
        }
    }
}

impl From<ModelDraftJson> for NewModel {
    fn from(json: ModelDraftJson) -> Self {
        let text = |text: String| text.trim().to_owned();
        Self {
            name: text(json.name),
            provider: match json.provider {
                ModelProviderJson::BuiltIn => ModelProvider::BuiltIn,
                ModelProviderJson::MonaiLabel => ModelProvider::MonaiLabel,
                ModelProviderJson::KserveV2 => ModelProvider::KserveV2,
            },
            address: text(json.address),
            model: text(json.model),
            labels: json
                .labels
                .into_iter()
                .map(|label| (label.model_label, text(label.object_key)))
                .collect(),
            modalities: json.modalities,
            licence: text(json.licence),
            enabled: json.enabled,
        }
    }
}

impl SiteModelJson {
    /// `known`: what is known of it now; none of a model that is switched off.
    pub(crate) fn new(row: ModelRow, known: Option<&AssistModel>) -> Self {
        let id = digits(row.token);
        let NewModel { name, provider, address, model, labels, modalities, licence, enabled } = row.is;
        let label = |(model_label, object_key)| ModelLabelJson { model_label, object_key };
        Self {
            short: id.chars().take(6).collect(),
            id,
            name,
            provider: provider.into(),
            address,
            model,
            labels: labels.into_iter().map(label).collect(),
            modalities,
            licence,
            enabled,
            available: known.is_some_and(|known| known.available),
            trouble: known.map(|known| known.trouble.clone()).unwrap_or_default(),
        }
    }
}
