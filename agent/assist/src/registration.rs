//! Models that hospital IT has registered, and what is known of them.

use std::collections::BTreeSet;

use agent_formats::Modality;

use crate::error::AssistError;
use crate::kserve::TensorMapping;
use crate::request::{ModelId, Prompts};

/// The id of the model that is always there.
pub const BUILT_IN: &str = "built-in";

/// Who computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// This program: a random walker.
    BuiltIn,
    /// A MONAI Label server, REST.
    MonaiLabel,
    /// A server of the open inference protocol (KServe v2, Triton), gRPC.
    KserveV2,
}

impl Provider {
    /// The name that the viewer's API has for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BuiltIn => "built_in",
            Self::MonaiLabel => "monai_label",
            Self::KserveV2 => "kserve_v2",
        }
    }

    /// From that name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::BuiltIn, Self::MonaiLabel, Self::KserveV2].into_iter().find(|known| known.code() == code)
    }
}

/// Which object a label of the model stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRule {
    pub model_label: u16,
    pub object_key: String,
}

/// A model as hospital IT registers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    pub id: ModelId,
    pub name: String,
    pub provider: Provider,
    /// `http://host:port` or `https://host:port`, and a path for MONAI Label; empty for the built-in one.
    pub address: String,
    /// The model's name at its server.
    pub model: String,
    /// Empty: the model marks one thing, and the annotator says which object it is.
    pub labels: Vec<LabelRule>,
    /// Empty: all.
    pub modalities: Vec<Modality>,
    /// What hospital IT wants remembered of the licence.
    pub licence: String,
    pub enabled: bool,
    /// KServe v2 only: which tensor is what. None: by the names and shapes that the server declares.
    pub tensors: Option<TensorMapping>,
}

/// Why a model cannot be registered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegistration {
    #[error("{field} is empty")]
    Empty { field: &'static str },
    #[error("{field} is longer than {limit} characters or has control characters")]
    Text { field: &'static str, limit: usize },
    #[error("the address is not http:// or https:// with a host and nothing behind the path")]
    Address,
    #[error("the address is link-local")]
    LinkLocal,
    #[error("model label {label} is mapped twice, or is 0")]
    Label { label: u16 },
    #[error("the id is that of another model")]
    Taken,
    #[error("the built-in model is always there and cannot be registered")]
    BuiltIn,
}

impl InvalidRegistration {
    /// The field of the registration that is wrong.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Empty { field } | Self::Text { field, .. } => field,
            Self::Address | Self::LinkLocal => "address",
            Self::Label { .. } => "labels",
            Self::Taken => "id",
            Self::BuiltIn => "provider",
        }
    }
}

const NAME_MAX: usize = 200;
const LICENCE_MAX: usize = 2_000;

impl Registration {
    /// Checks what can be checked without the server.
    ///
    /// # Errors
    /// [`InvalidRegistration`] of the first field that is wrong.
    pub fn check(&self) -> Result<(), InvalidRegistration> {
        if self.provider == Provider::BuiltIn || self.id.0 == BUILT_IN {
            return Err(InvalidRegistration::BuiltIn);
        }
        text("id", &self.id.0, NAME_MAX)?;
        text("name", &self.name, NAME_MAX)?;
        text("model", &self.model, NAME_MAX)?;
        if self.licence.chars().count() > LICENCE_MAX {
            return Err(InvalidRegistration::Text { field: "licence", limit: LICENCE_MAX });
        }
        address(&self.address)?;
        let mut seen = BTreeSet::from([0]);
        for rule in &self.labels {
            text("labels", &rule.object_key, NAME_MAX)?;
            if !seen.insert(rule.model_label) {
                return Err(InvalidRegistration::Label { label: rule.model_label });
            }
        }
        Ok(())
    }

    pub(crate) fn takes(&self, modality: Modality) -> bool {
        self.modalities.is_empty() || self.modalities.contains(&modality)
    }
}

fn text(field: &'static str, value: &str, limit: usize) -> Result<(), InvalidRegistration> {
    if value.trim().is_empty() {
        return Err(InvalidRegistration::Empty { field });
    }
    if value.chars().count() > limit || value.chars().any(char::is_control) {
        return Err(InvalidRegistration::Text { field, limit });
    }
    Ok(())
}

/// The parts of an address, with the path's trailing slash cut.
pub(crate) fn address(text: &str) -> Result<reqwest::Url, InvalidRegistration> {
    let url = reqwest::Url::parse(text.trim()).map_err(|_| InvalidRegistration::Address)?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !plain || url.password().is_some() {
        return Err(InvalidRegistration::Address);
    }
    let host = url.host_str().ok_or(InvalidRegistration::Address)?;
    // Cloud machines hand out their credentials at a link-local address; no model server lives there.
    let literal = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let link_local = match literal {
        Ok(std::net::IpAddr::V4(address)) => address.is_link_local(),
        Ok(std::net::IpAddr::V6(address)) => {
            let mapped = address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_link_local());
            mapped || address.is_unicast_link_local()
        }
        Err(_) => false,
    };
    if link_local { Err(InvalidRegistration::LinkLocal) } else { Ok(url) }
}

/// A kind of prompt that a model understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PromptKind {
    Points,
    Box,
    Scribbles,
    Mask,
}

impl PromptKind {
    /// The name that the viewer's API has for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Box => "box",
            Self::Scribbles => "scribbles",
            Self::Mask => "mask",
        }
    }
}

/// A model as the viewer shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    pub id: ModelId,
    pub name: String,
    pub provider: Provider,
    pub prompts: BTreeSet<PromptKind>,
    /// Whether it answers without any prompt.
    pub automatic: bool,
    /// Empty: it marks one thing, for an object that the annotator chooses.
    pub labels: Vec<LabelRule>,
    pub licence: String,
    /// Whether a call would be tried now.
    pub available: bool,
    /// Why not, or what went wrong last, in words for people; empty when all is well.
    pub trouble: String,
}

/// What a server says of a model when it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub prompts: BTreeSet<PromptKind>,
    pub automatic: bool,
    /// The labels that the server says the model can give, with its names for them; empty when it does not say.
    pub labels: Vec<(u16, String)>,
    /// The version that the server named; empty when it named none.
    pub version: String,
}

impl Capabilities {
    /// Whether the model can do something with these prompts.
    ///
    /// # Errors
    /// `PromptNotTaken` for a kind that the model does not understand; `PromptMissing` when it does not answer
    /// without any.
    pub(crate) fn check(&self, prompts: &Prompts) -> Result<(), AssistError> {
        let given = [
            (PromptKind::Points, !prompts.points.is_empty(), "points"),
            (PromptKind::Box, prompts.region.is_some(), "a box"),
            (PromptKind::Scribbles, !prompts.scribbles.is_empty(), "scribbles"),
            (PromptKind::Mask, prompts.mask.is_some(), "an initial mask"),
        ];
        let mut any = false;
        for (kind, is_given, what) in given {
            match (is_given, self.prompts.contains(&kind)) {
                (true, false) => return Err(AssistError::PromptNotTaken { what }),
                (true, true) => any = true,
                (false, _) => {}
            }
        }
        if any || self.automatic { Ok(()) } else { Err(AssistError::PromptMissing { what: self.needs() }) }
    }

    fn needs(&self) -> &'static str {
        let kinds = [PromptKind::Points, PromptKind::Box, PromptKind::Scribbles, PromptKind::Mask];
        match kinds.map(|kind| self.prompts.contains(&kind)) {
            [true, true, ..] => "a point or a box",
            [true, false, ..] => "a point",
            [false, _, true, _] => "a scribble",
            [false, true, false, _] => "a box",
            [false, false, false, _] => "an initial mask",
        }
    }
}
