//! The port to models of assistance: what this room asks of them, and how they answer. What they are and
//! where they run is known to the rooms behind.

use std::sync::Arc;

use agent_imaging::window::Modality;
use agent_imaging::{LabelMap, Volume};
use proto_ids::ModelToken;
use tokio_util::sync::CancellationToken;

/// Calls models. All calls block.
pub trait Assist: Send + Sync {
    /// What is known now of the models that hospital IT has switched on: those for images of a modality, or
    /// all. Asks no server.
    fn models(&self, modality: Option<Modality>) -> Vec<AssistModel>;

    /// Asks a model for a label map.
    ///
    /// # Errors
    /// [`AssistRefusal`]; nothing is left over.
    fn infer(&self, request: AssistRequest, watch: AssistWatch) -> Result<AssistAnswer, AssistRefusal>;

    /// Asks the server of a registered model what the model can.
    ///
    /// # Errors
    /// [`AssistRefusal`].
    fn try_model(&self, model: ModelToken) -> Result<TriedModel, AssistRefusal>;

    /// The register has changed.
    fn registered(&self);

    /// Whether a model can be registered so, as far as that can be told without its server.
    ///
    /// # Errors
    /// The field that is wrong, and why.
    fn check(&self, model: &agent_archive::NewModel) -> Result<(), InvalidModel>;
}

/// What is known of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssistModel {
    pub model: ModelToken,
    /// Of `points`, `box`, `scribbles`, `mask`.
    pub prompts: Vec<&'static str>,
    /// Whether it answers without any prompt.
    pub automatic: bool,
    /// Whether a call would be tried now.
    pub available: bool,
    /// Why not, or what went wrong last, in words; empty when all is well.
    pub trouble: String,
}

/// A field of a registration that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidModel {
    pub field: &'static str,
    pub problem: String,
}

/// What the server of a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriedModel {
    pub prompts: Vec<&'static str>,
    pub automatic: bool,
    /// Labels that the model can give, with the server's names for them; empty when it does not say.
    pub labels: Vec<(u16, String)>,
    /// Empty when the server named none.
    pub version: String,
}

/// One click of a person: voxel (i, j, k), and whether it is on the object.
pub type PointPrompt = ([u32; 3], bool);

/// A stretch of a scribble in slice `k`: start, length, and whether it is on the object.
pub type ScribblePrompt = (u32, u32, u32, bool);

/// What a model is asked.
#[derive(Debug, Clone)]
pub struct AssistRequest {
    pub model: ModelToken,
    pub volume: Arc<Volume>,
    pub modality: Modality,
    pub points: Vec<PointPrompt>,
    /// Lower and upper corner, both inside.
    pub inside: Option<([u32; 3], [u32; 3])>,
    pub scribbles: Vec<ScribblePrompt>,
    /// What is drawn, to be refined.
    pub mask: Option<LabelMap>,
    /// Key and label of each object that may be marked.
    pub objects: Vec<(String, u16)>,
    /// The label of the object that the answer is for; none when the model's own labels decide.
    pub target: Option<u16>,
}

/// How a caller follows and ends a call.
#[derive(Clone)]
pub struct AssistWatch {
    /// Told what is being done, in words, and the share that is done.
    pub tell: Arc<dyn Fn(&'static str, f64) + Send + Sync>,
    pub cancel: CancellationToken,
}

impl std::fmt::Debug for AssistWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AssistWatch(..)")
    }
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq)]
pub struct AssistAnswer {
    /// On the grid of the volume, with labels of the request's objects.
    pub labels: LabelMap,
    /// The name that hospital IT gave the model.
    pub name: String,
}

/// Whether asking a model the same again later can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssistRetry {
    /// It would be refused again.
    No,
    /// It failed. It may be the model, or what it was asked.
    Perhaps,
    /// It was not asked, or could not be.
    Yes,
}

/// Why a model gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssistRefusal {
    /// A stable name for programs.
    pub code: &'static str,
    /// Words for people.
    pub title: String,
    pub retry: AssistRetry,
}

impl AssistRefusal {
    /// Makes a sentence for people of what a refusal says. It would be the same again.
    pub fn new(code: &'static str, says: &dyn std::fmt::Display) -> Self {
        let text = says.to_string();
        let mut letters = text.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        Self { code, title: format!("{first}{}.", letters.as_str()), retry: AssistRetry::No }
    }
}

/// For a site without assistance: there is no model.
#[derive(Debug, Clone, Copy)]
pub struct NoAssist;

impl Assist for NoAssist {
    fn models(&self, _modality: Option<Modality>) -> Vec<AssistModel> {
        Vec::new()
    }

    fn infer(&self, _request: AssistRequest, _watch: AssistWatch) -> Result<AssistAnswer, AssistRefusal> {
        Err(AssistRefusal::new("unknown-model", &"there is no such model"))
    }

    fn try_model(&self, _model: ModelToken) -> Result<TriedModel, AssistRefusal> {
        Err(AssistRefusal::new("unknown-model", &"there is no such model"))
    }

    fn registered(&self) {}

    fn check(&self, _model: &agent_archive::NewModel) -> Result<(), InvalidModel> {
        Ok(())
    }
}
