//! The model that is always there: a random walker from points, scribbles and a box, computed by this program.

use std::collections::BTreeSet;

use crate::answer::{Doing, Watch};
use crate::broker::Raw;
use crate::error::AssistError;
use crate::labels::Plan;
use crate::registration::{BUILT_IN, Capabilities, PromptKind, Provider, Registration};
use crate::request::{ModelId, Request};

/// Names the method and its parameters: raised when answers to the same prompts change.
const VERSION: &str = "random-walker-1";

pub(crate) fn registration() -> Registration {
    Registration {
        id: ModelId(BUILT_IN.into()),
        name: "Random walker".into(),
        provider: Provider::BuiltIn,
        address: String::new(),
        model: "random-walker".into(),
        labels: Vec::new(),
        modalities: Vec::new(),
        licence: String::new(),
        enabled: true,
        tensors: None,
    }
}

pub(crate) fn capabilities() -> Capabilities {
    Capabilities {
        prompts: BTreeSet::from([PromptKind::Points, PromptKind::Box, PromptKind::Scribbles]),
        automatic: false,
        labels: Vec::new(),
        version: VERSION.into(),
    }
}

/// Marks one thing as label 1.
pub(crate) async fn infer(request: &Request, plan: &Plan, watch: &Watch) -> Result<Raw, AssistError> {
    let Plan::OneThing { .. } = plan else { return Err(AssistError::Internal) };
    capabilities().check(&request.prompts)?;
    watch.tell(Doing::Computing, 0.0);
    Err(AssistError::Internal)
}
