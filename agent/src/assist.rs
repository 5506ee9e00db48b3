//! Joins the rooms of assistance: the register in the archive, the broker that calls models, and the viewer's
//! API that asks for them.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_archive::{Archive, ModelProvider, ModelRow, NewModel, StorageError};
use agent_assist::{
    AssistError, BUILT_IN, Broker, InvalidRegistration, LabelRule, ModelId, ModelInfo, Object, Point,
    Progress, Prompts, Provider, Registration, Request, Retry, ScribbleRun, Settings, Sign, Trust, VoxelBox,
    Watch,
};
use agent_imaging::window::Modality;
use agent_viewer_api::{
    Assist, AssistAnswer, AssistModel, AssistRefusal, AssistRequest, AssistRetry, AssistWatch, InvalidModel,
    TriedModel,
};
use proto_ids::{ModelToken, Timestamp};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// How often a server that was away is asked again.
const LEARN_EVERY: Duration = Duration::from_secs(30);

/// The broker, with the register of the site.
#[derive(Debug)]
pub(crate) struct AssistRoom {
    archive: Arc<Archive>,
    broker: Broker,
    runtime: Handle,
    /// Asks servers of which nothing is known what they can; begun anew when the register changes.
    learning: Mutex<Option<AbortHandle>>,
}

impl AssistRoom {
    /// Opens the room: the built-in model is registered, and all models are known to the broker.
    ///
    /// # Errors
    /// When TLS cannot be set up or the register cannot be read or written.
    pub(crate) fn open(
        archive: Arc<Archive>,
        trust: Trust,
        runtime: Handle,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        archive.model_built_in(&built_in(), now)?;
        let broker = Broker::new(Settings { trust, ..Settings::default() })?;
        let room = Self { archive, broker, runtime, learning: Mutex::default() };
        room.load()?;
        Ok(room)
    }

    /// Tells the broker what is registered, and lets it ask the servers of new models what they can.
    fn load(&self) -> Result<(), StorageError> {
        // Held from reading to telling, so that of two changes the later one is what the broker is told last.
        let mut before = self.learning.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = self.archive.models()?;
        let served = rows.iter().filter(|row| row.is.provider != ModelProvider::BuiltIn);
        for (model, why) in self.broker.register(served.map(registration).collect()) {
            tracing::warn!(model = model.0, %why, "a registered model cannot be used");
        }
        let broker = self.broker.clone();
        let learning = self.runtime.spawn(async move { broker.keep_learning(LEARN_EVERY).await });
        if let Some(before) = before.replace(learning.abort_handle()) {
            before.abort();
        }
        Ok(())
    }

    /// What the broker calls a registered model.
    fn id(&self, token: ModelToken) -> Result<ModelId, AssistRefusal> {
        let row = self.archive.model(token).map_err(|error| {
            tracing::error!(error = &error as &dyn Error, "the register of models cannot be read");
            refusal(&AssistError::Internal)
        })?;
        let row = row.ok_or_else(|| refusal(&AssistError::UnknownModel))?;
        match row.is.provider {
            ModelProvider::BuiltIn if row.is.enabled => Ok(ModelId(BUILT_IN.to_owned())),
            ModelProvider::BuiltIn => Err(refusal(&AssistError::Disabled)),
            ModelProvider::MonaiLabel | ModelProvider::KserveV2 => Ok(ModelId(token.to_string())),
        }
    }
}

impl Assist for AssistRoom {
    fn models(&self, modality: Option<Modality>) -> Vec<AssistModel> {
        let rows = self.archive.models().unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn Error, "the register of models cannot be read");
            Vec::new()
        });
        let wanted = |row: &&ModelRow| row.is.enabled && modality.is_none_or(|modality| takes(row, modality));
        let served = self.broker.all_models();
        rows.iter()
            .filter(wanted)
            .filter_map(|row| Some((row, served.iter().find(|info| info.id == broker_id(row))?)))
            .map(|(row, info)| known(row.token, info))
            .collect()
    }

    fn infer(&self, request: AssistRequest, watch: AssistWatch) -> Result<AssistAnswer, AssistRefusal> {
        let model = self.id(request.model)?;
        let tell = watch.tell;
        let watch = Watch {
            report: Arc::new(move |Progress { share, doing }| tell(doing.words(), f64::from(share))),
            cancel: watch.cancel,
        };
        let asked = self.broker.infer(asked(model, request), watch);
        let answer = self.runtime.block_on(asked).map_err(|error| refusal(&error))?;
        Ok(AssistAnswer { labels: answer.labels, name: answer.by.name })
    }

    fn try_model(&self, model: ModelToken) -> Result<TriedModel, AssistRefusal> {
        let id = self.id(model)?;
        let tried = self.runtime.block_on(self.broker.try_model(&id)).map_err(|error| refusal(&error))?;
        Ok(TriedModel {
            prompts: tried.prompts.iter().map(|kind| kind.code()).collect(),
            automatic: tried.automatic,
            labels: tried.labels,
            version: tried.version,
        })
    }

    fn registered(&self) {
        if let Err(error) = self.load() {
            tracing::error!(error = &error as &dyn Error, "the register of models cannot be read");
        }
    }

    fn check(&self, model: &NewModel) -> Result<(), InvalidModel> {
        if model.provider == ModelProvider::BuiltIn {
            return Ok(());
        }
        let row = ModelRow {
            token: ModelToken::from_random([0; 16]),
            is: model.clone(),
            changed_at: Timestamp::from_millis(0),
        };
        registration(&row).check().map_err(|invalid: InvalidRegistration| InvalidModel {
            field: invalid.field(),
            problem: invalid.to_string(),
        })
    }
}

fn built_in() -> NewModel {
    NewModel {
        name: "Random walker".to_owned(),
        provider: ModelProvider::BuiltIn,
        address: String::new(),
        model: String::new(),
        labels: Vec::new(),
        modalities: Vec::new(),
        licence: String::new(),
        enabled: true,
    }
}

fn takes(row: &ModelRow, modality: Modality) -> bool {
    row.is.modalities.is_empty() || row.is.modalities.iter().any(|code| code == modality.code())
}

fn broker_id(row: &ModelRow) -> ModelId {
    match row.is.provider {
        ModelProvider::BuiltIn => ModelId(BUILT_IN.to_owned()),
        ModelProvider::MonaiLabel | ModelProvider::KserveV2 => ModelId(row.token.to_string()),
    }
}

fn registration(row: &ModelRow) -> Registration {
    let rule = |(model_label, object_key): &(u16, String)| LabelRule {
        model_label: *model_label,
        object_key: object_key.clone(),
    };
    Registration {
        id: broker_id(row),
        name: row.is.name.clone(),
        provider: match row.is.provider {
            ModelProvider::BuiltIn => Provider::BuiltIn,
            ModelProvider::MonaiLabel => Provider::MonaiLabel,
            ModelProvider::KserveV2 => Provider::KserveV2,
        },
        address: row.is.address.clone(),
        model: row.is.model.clone(),
        labels: row.is.labels.iter().map(rule).collect(),
        modalities: row.is.modalities.iter().map(|code| agent_formats::Modality::from_code(code)).collect(),
        licence: row.is.licence.clone(),
        enabled: row.is.enabled,
        tensors: None,
    }
}

fn known(model: ModelToken, info: &ModelInfo) -> AssistModel {
    AssistModel {
        model,
        prompts: info.prompts.iter().map(|kind| kind.code()).collect(),
        automatic: info.automatic,
        available: info.available,
        trouble: info.trouble.clone(),
    }
}

/// The headers' modality of the same code.
fn of_formats(modality: Modality) -> agent_formats::Modality {
    agent_formats::Modality::from_code(modality.code())
}

fn asked(model: ModelId, request: AssistRequest) -> Request {
    let sign = |on: bool| if on { Sign::Positive } else { Sign::Negative };
    let point = |(at, on): &([u32; 3], bool)| Point { at: *at, sign: sign(*on) };
    let run =
        |&(k, start, length, on): &(u32, u32, u32, bool)| ScribbleRun { k, start, length, sign: sign(on) };
    Request {
        model,
        volume: request.volume,
        modality: of_formats(request.modality),
        prompts: Prompts {
            points: request.points.iter().map(point).collect(),
            region: request.inside.map(|(lower, upper)| VoxelBox { lower, upper }),
            scribbles: request.scribbles.iter().map(run).collect(),
            mask: request.mask,
        },
        objects: request.objects.into_iter().map(|(key, label)| Object { key, label }).collect(),
        target: request.target,
        deadline: None,
    }
}

fn refusal(error: &AssistError) -> AssistRefusal {
    let retry = match error.retry() {
        Retry::No => AssistRetry::No,
        Retry::Perhaps => AssistRetry::Perhaps,
        Retry::Yes => AssistRetry::Yes,
    };
    AssistRefusal { retry, ..AssistRefusal::new(error.code(), error) }
}
