//! Holds the models, lets calls through or not, and keeps to the limits of time and size.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use agent_formats::Modality;
use tokio::time::Instant;

use crate::answer::{Answer, AnsweredBy, Doing, Watch};
use crate::breaker::{Breaker, Outcome, Permit, Policy};
use crate::built_in;
use crate::error::{AssistError, Wait};
use crate::http::Http;
use crate::kserve::Kserve;
use crate::labels::Plan;
use crate::monai::Monai;
use crate::registration::{BUILT_IN, Capabilities, InvalidRegistration, ModelInfo, Provider, Registration};
use crate::request::{ModelId, Request};
use crate::tls::Trust;

/// How long and how large a call may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// Until a server that has the whole request begins to answer.
    pub first_byte: Duration,
    /// For everything together.
    pub total: Duration,
    /// The longest answer of a server, in bytes as they come over the wire.
    pub answer_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(240),
            total: Duration::from_secs(300),
            answer_bytes: 512 * 1024 * 1024,
        }
    }
}

/// What a broker needs to know.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub limits: Limits,
    pub breaker: Policy,
    pub trust: Trust,
}

/// See the module. Clones share their models.
#[derive(Debug, Clone)]
pub struct Broker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    http: Http,
    started: Instant,
    models: RwLock<BTreeMap<ModelId, Arc<Model>>>,
}

#[derive(Debug)]
struct Model {
    registration: Registration,
    /// Shared with the registrations before it of the same server and name: a call that they let through still
    /// tells how it ended.
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    /// What the server said when it was last tried.
    capabilities: Option<Capabilities>,
    /// What went wrong last, until something goes well.
    trouble: Option<AssistError>,
}

impl Model {
    fn new(registration: Registration, policy: Policy, capabilities: Option<Capabilities>) -> Self {
        let state = State { breaker: Breaker::new(policy), capabilities, trouble: None };
        Self { registration, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn served_alike(&self, other: &Registration) -> bool {
        let ours = &self.registration;
        (ours.provider, &ours.address, &ours.model) == (other.provider, &other.address, &other.model)
    }
}

impl Broker {
    /// A broker with the built-in model only.
    ///
    /// # Errors
    /// `Untrusted` when an authority's certificate cannot be used; `Internal` when TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, AssistError> {
        let http = Http::new(&settings.trust, settings.limits)?;
        let shared = Shared { http, started: Instant::now(), models: RwLock::new(BTreeMap::new()), settings };
        let broker = Self { shared: Arc::new(shared) };
        broker.register(Vec::new());
        Ok(broker)
    }

    /// Replaces all registered models. A model whose server and name stay the same keeps what is known of it.
    /// Calls under way end as they began. Returns those that were left out, and why.
    pub fn register(&self, registrations: Vec<Registration>) -> Vec<(ModelId, InvalidRegistration)> {
        let mut models = self.shared.models.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *models);
        let policy = self.shared.settings.breaker;
        let built_in = Model::new(built_in::registration(), policy, Some(built_in::capabilities()));
        models.insert(ModelId(BUILT_IN.into()), Arc::new(built_in));
        let mut left_out = Vec::new();
        for registration in registrations {
            let id = registration.id.clone();
            let taken = models.contains_key(&id).then_some(InvalidRegistration::Taken);
            if let Some(why) = registration.check().err().or(taken) {
                left_out.push((id, why));
                continue;
            }
            let known = before.get(&id).filter(|known| known.served_alike(&registration));
            let model = match known {
                Some(known) => Model { registration, state: Arc::clone(&known.state) },
                None => Model::new(registration, policy, None),
            };
            models.insert(id, Arc::new(model));
        }
        left_out
    }

    /// The enabled models for images of a modality, the built-in one first. Does not ask any server; see
    /// [`Broker::learn`].
    #[must_use]
    pub fn models(&self, modality: Modality) -> Vec<ModelInfo> {
        self.infos(|registration| registration.takes(modality))
    }

    /// All enabled models, whichever images they are for; else as [`Broker::models`].
    #[must_use]
    pub fn all_models(&self) -> Vec<ModelInfo> {
        self.infos(|_| true)
    }

    fn infos(&self, wanted: impl Fn(&Registration) -> bool) -> Vec<ModelInfo> {
        let now = self.now();
        let models = self.all();
        let models = models.iter().filter(|model| model.registration.enabled && wanted(&model.registration));
        let mut infos: Vec<ModelInfo> = models.map(|model| info(model, now)).collect();
        infos.sort_by_key(|info| info.provider != Provider::BuiltIn);
        infos
    }

    /// Asks the servers of all enabled models of which nothing is known yet what they can. Call it after
    /// [`Broker::register`] and now and then; what fails is told by [`Broker::models`].
    pub async fn learn(&self) {
        for model in self.all() {
            let unknown = model.registration.enabled && model.state().capabilities.is_none();
            if unknown && model.state().breaker.resting(self.now()).is_none() {
                let outcome = self.try_model(&model.registration.id).await;
                tracing::debug!(ok = outcome.is_ok(), "asked a model server what it can");
            }
        }
    }

    /// Learns again and again, so that a server that was down when it was registered is found when it is up. Ends
    /// when it is dropped.
    pub async fn keep_learning(&self, every: Duration) {
        loop {
            self.learn().await;
            tokio::time::sleep(every).await;
        }
    }

    /// Asks a model's server what the model can, and remembers it. A circuit breaker does not stop it: it is how
    /// hospital IT sees whether a repaired server is well.
    ///
    /// # Errors
    /// [`AssistError`]; it is remembered as the model's trouble.
    pub async fn try_model(&self, id: &ModelId) -> Result<Capabilities, AssistError> {
        let model = self.model(id)?;
        let tried = self.try_registration(&model.registration).await;
        let mut state = model.state();
        match &tried {
            Ok(capabilities) => {
                state.capabilities = Some(capabilities.clone());
                state.trouble = None;
                state.breaker.close();
            }
            Err(error) => state.trouble = Some(error.clone()),
        }
        drop(state);
        tried
    }

    /// Asks a server what a model can that is not registered yet.
    ///
    /// # Errors
    /// [`AssistError`].
    pub async fn try_registration(&self, registration: &Registration) -> Result<Capabilities, AssistError> {
        let asked = async {
            match registration.provider {
                Provider::BuiltIn => Ok(built_in::capabilities()),
                Provider::MonaiLabel => Monai::new(&self.shared.http, registration)?.capabilities().await,
                Provider::KserveV2 => self.kserve(registration)?.capabilities().await,
            }
        };
        let limit = self.shared.settings.limits.total.min(Duration::from_secs(30));
        tokio::time::timeout(limit, asked).await.unwrap_or(Err(AssistError::Timeout { wait: Wait::Total }))
    }

    /// Asks a model for a label map. Dropping the future ends the call as cancelling does: the connection to the
    /// server is closed at once. Needs a tokio runtime; a blocking caller uses its handle's `block_on`.
    ///
    /// # Errors
    /// [`AssistError`]; there is nothing to clean up.
    pub async fn infer(&self, mut request: Request, watch: Watch) -> Result<Answer, AssistError> {
        let model = self.model(&request.model)?;
        if !model.registration.enabled {
            return Err(AssistError::Disabled);
        }
        if !model.registration.takes(request.modality) {
            return Err(AssistError::WrongModality);
        }
        request.check()?;
        let plan = Plan::new(&model.registration.labels, &request.objects, request.target)?;
        request.prompts.mask = request.prompts.mask.map(|mask| plan.to_model(&mask));
        let call = Call::begin(&model, self)?;
        watch.tell(Doing::Preparing, 0.0);
        let total = self.shared.settings.limits.total;
        let limit = request.deadline.map_or(total, |deadline| deadline.min(total));
        let wait = if limit < total { Wait::Deadline } else { Wait::Total };
        let result = tokio::select! {
            biased;
            () = watch.cancel.cancelled() => Err(AssistError::Cancelled),
            ended = tokio::time::timeout(limit, self.compute(&model.registration, &request, &plan, &watch)) => {
                ended.unwrap_or(Err(AssistError::Timeout { wait }))
            }
        };
        call.end(&result);
        result
    }

    async fn compute(
        &self,
        registration: &Registration,
        request: &Request,
        plan: &Plan,
        watch: &Watch,
    ) -> Result<Answer, AssistError> {
        let raw = match registration.provider {
            Provider::BuiltIn => built_in::infer(request, plan, watch).await?,
            Provider::MonaiLabel => {
                Monai::new(&self.shared.http, registration)?.infer(request, plan, watch).await?
            }
            Provider::KserveV2 => self.kserve(registration)?.infer(request, watch).await?,
        };
        watch.tell(Doing::Checking, 0.95);
        let (grid, checked) = (*request.volume.grid(), plan.clone());
        let (labels, left_out) = apart(move || checked.apply(grid, raw.labels, &raw.declared)).await?;
        watch.tell(Doing::Checking, 1.0);
        let by = AnsweredBy {
            model: registration.id.clone(),
            name: registration.name.clone(),
            provider: registration.provider,
            served_as: registration.model.clone(),
            version: raw.version,
        };
        Ok(Answer { labels, by, left_out })
    }

    fn kserve<'a>(&'a self, registration: &'a Registration) -> Result<Kserve<'a>, AssistError> {
        Kserve::new(registration, self.shared.settings.limits, &self.shared.settings.trust)
    }

    fn all(&self) -> Vec<Arc<Model>> {
        self.shared.models.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn model(&self, id: &ModelId) -> Result<Arc<Model>, AssistError> {
        let models = self.shared.models.read().unwrap_or_else(PoisonError::into_inner);
        models.get(id).cloned().ok_or(AssistError::UnknownModel)
    }

    fn now(&self) -> Duration {
        self.shared.started.elapsed()
    }
}

/// What a provider found, before labels are those of the task.
#[derive(Debug)]
pub(crate) struct Raw {
    /// One label of the model for each voxel, in storage order.
    pub(crate) labels: Vec<u16>,
    /// Labels that the server says the model can give.
    pub(crate) declared: BTreeSet<u16>,
    pub(crate) version: String,
}

/// Runs work that takes long on a thread of its own.
///
/// # Errors
/// `Internal` when it panics; otherwise its own.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AssistError> + Send + 'static,
) -> Result<T, AssistError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(AssistError::Internal))
}

/// A call that was let through. Dropped before its end, it counts as abandoned.
struct Call<'a> {
    model: &'a Model,
    broker: &'a Broker,
    permit: Permit,
    outcome: Outcome,
}

impl<'a> Call<'a> {
    fn begin(model: &'a Model, broker: &'a Broker) -> Result<Self, AssistError> {
        let asked = model.state().breaker.ask(broker.now());
        // A part of a second is told as a whole one.
        let resting = |left: Duration| AssistError::Resting { seconds: left.as_secs().saturating_add(1) };
        let permit = asked.map_err(resting)?;
        Ok(Self { model, broker, permit, outcome: Outcome::Abandoned })
    }

    fn end(mut self, result: &Result<Answer, AssistError>) {
        let (outcome, code) = match result {
            Ok(_) => (Outcome::Well, "ok"),
            Err(error @ (AssistError::Cancelled | AssistError::Timeout { wait: Wait::Deadline })) => {
                (Outcome::Abandoned, error.code())
            }
            Err(error) if error.server_unwell() => (Outcome::Unwell, error.code()),
            Err(error) => (Outcome::Well, error.code()),
        };
        self.outcome = outcome;
        let provider = self.model.registration.provider.code();
        metrics::counter!("ringfence_assist_calls_total", "provider" => provider, "outcome" => code)
            .increment(1);
        let mut state = self.model.state();
        match (outcome, result) {
            (Outcome::Abandoned, _) => {}
            (Outcome::Unwell, Err(error)) => state.trouble = Some(error.clone()),
            (Outcome::Well | Outcome::Unwell, _) => state.trouble = None,
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let now = self.broker.now();
        self.model.state().breaker.tell(self.permit, self.outcome, now);
    }
}

fn info(model: &Model, now: Duration) -> ModelInfo {
    let registration = &model.registration;
    let state = model.state();
    let resting = state.breaker.resting(now);
    let trouble = match (&state.trouble, &state.capabilities, resting) {
        (_, _, Some(left)) => AssistError::Resting { seconds: left.as_secs().saturating_add(1) }.to_string(),
        (Some(error), _, None) => error.to_string(),
        (None, None, None) => "the model server has not been asked yet".into(),
        (None, Some(_), None) => String::new(),
    };
    let known = state.capabilities.as_ref();
    ModelInfo {
        id: registration.id.clone(),
        name: registration.name.clone(),
        provider: registration.provider,
        prompts: known.map(|known| known.prompts.clone()).unwrap_or_default(),
        automatic: known.is_some_and(|known| known.automatic),
        labels: registration.labels.clone(),
        licence: registration.licence.clone(),
        available: resting.is_none() && known.is_some(),
        trouble,
    }
}
