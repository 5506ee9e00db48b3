//! Models of assistance: which may help with a task, and their register for hospital IT.

use std::sync::Arc;

use agent_archive::{
    AuditAction, AuditActor, AuditOutcome, AuditSubject, ModelError, ModelProvider, ModelRow, NewModel,
    StorageError,
};
use agent_imaging::window::Modality;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_ids::{ModelToken, TaskId};
use proto_instruction::Instruction;

use crate::access::{Annotator, Body, HospitalAdmin, Named};
use crate::app::App;
use crate::assist::{AssistModel, AssistRefusal, TriedModel};
use crate::held::held;
use crate::json::model::{ModelDraftJson, ModelTrialJson, SiteModelJson, SiteModelsJson, TaskModelJson};
use crate::json::shape::digits;
use crate::problem::Problem;
use crate::session::NothingJson;

/// More models than this are a mistake.
const MOST_MODELS: usize = 100;

/// The models that may help with a task that the caller holds.
#[utoipa::path(get, path = "/tasks/{id}/models", operation_id = "task_models", params(("id" = String, Path)),
    responses((status = 200, body = Vec<TaskModelJson>), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn of_task(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
) -> Result<Json<Vec<TaskModelJson>>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let models = app.blocking(move |app| {
        let held = held(app, task, person, now)?;
        let version = held.lease.instruction_version;
        let instruction = app.archive.instruction(held.task.project, version).map_err(ours)?;
        let instruction = instruction.ok_or_else(Problem::not_found)?;
        let known = app.assist.models(Some(held.asset.modality));
        let rows = app.archive.models().map_err(ours)?;
        Ok::<_, Problem>(
            known.into_iter().filter_map(|known| task_model(&instruction, &rows, known)).collect(),
        )
    });
    models.await?.map(Json)
}

/// None for a model that marks no object of the instruction.
fn task_model(instruction: &Instruction, rows: &[ModelRow], known: AssistModel) -> Option<TaskModelJson> {
    let row = rows.iter().find(|row| row.token == known.model)?;
    let painted = instruction.objects.iter().filter(|object| object.label().is_some());
    let marked = |key: &str| row.is.labels.iter().any(|(_, object_key)| object_key == key);
    let object_ids: Vec<u32> =
        painted.clone().filter(|object| marked(&object.key)).map(|object| object.id).collect();
    let helps = if row.is.labels.is_empty() { painted.count() > 0 } else { !object_ids.is_empty() };
    helps.then(|| TaskModelJson {
        id: digits(known.model),
        name: row.is.name.clone(),
        provider: row.is.provider.into(),
        prompts: known.prompts,
        automatic: known.automatic,
        object_ids,
        licence: row.is.licence.clone(),
        available: known.available,
        trouble: known.trouble,
    })
}

/// All registered models.
#[utoipa::path(get, path = "/admin/models", operation_id = "models_list",
    responses((status = 200, body = SiteModelsJson), (status = 401), (status = 403)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
) -> Result<Json<SiteModelsJson>, Problem> {
    let models = app.blocking(|app| {
        let known = app.assist.models(None);
        let rows = app.archive.models()?;
        Ok(rows.into_iter().map(|row| site_model(row, &known)).collect())
    });
    Ok(Json(SiteModelsJson { models: models.await?.map_err(ours)? }))
}

/// Registers a model.
#[utoipa::path(post, path = "/admin/models", operation_id = "model_add", request_body = ModelDraftJson,
    responses((status = 201, body = SiteModelJson), (status = 401), (status = 403), (status = 422)))]
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Body(draft): Body<ModelDraftJson>,
) -> Result<(StatusCode, Json<SiteModelJson>), Problem> {
    let (person, now) = (actor.id(), app.now());
    let model = app.blocking(move |app| {
        let new = NewModel::from(draft);
        if new.provider == ModelProvider::BuiltIn {
            return Err(Problem::invalid_field("provider", "the built-in model is there already"));
        }
        check(app, &new)?;
        if app.archive.models().map_err(ours)?.len() >= MOST_MODELS {
            return Err(Problem::invalid_field("name", "there are 100 models already"));
        }
        let token = app.archive.model_add(&new, now).map_err(ours)?;
        audit(app, person, AuditAction::ModelRegistered)?;
        app.assist.registered();
        changed(app, token)?.ok_or_else(Problem::unavailable)
    });
    Ok((StatusCode::CREATED, Json(model.await??)))
}

/// Says something else of a model.
#[utoipa::path(put, path = "/admin/models/{id}", operation_id = "model_change", params(("id" = String, Path)),
    request_body = ModelDraftJson,
    responses((status = 200, body = SiteModelJson), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Named(token): Named<ModelToken>,
    Body(draft): Body<ModelDraftJson>,
) -> Result<Json<SiteModelJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let model = app.blocking(move |app| {
        let new = NewModel::from(draft);
        check(app, &new)?;
        app.archive.model_change(token, &new, now).map_err(refused)?;
        audit(app, person, AuditAction::ModelRegistered)?;
        app.assist.registered();
        changed(app, token)?.ok_or_else(Problem::not_found)
    });
    Ok(Json(model.await??))
}

/// Registers a model no more.
#[utoipa::path(delete, path = "/admin/models/{id}", operation_id = "model_remove", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Named(token): Named<ModelToken>,
) -> Result<StatusCode, Problem> {
    let person = actor.id();
    let removed = app.blocking(move |app| {
        app.archive.model_remove(token).map_err(refused)?;
        audit(app, person, AuditAction::ModelRemoved)?;
        app.assist.registered();
        Ok::<_, Problem>(())
    });
    removed.await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks a model's server what the model can.
#[utoipa::path(post, path = "/admin/models/{id}/try", operation_id = "model_try", params(("id" = String, Path)),
    request_body = NothingJson,
    responses((status = 200, body = ModelTrialJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn try_now(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
    Named(token): Named<ModelToken>,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<Json<ModelTrialJson>, Problem> {
    let tried = app.blocking(move |app| {
        app.archive.model(token).map_err(ours)?.ok_or_else(Problem::not_found)?;
        Ok::<_, Problem>(app.assist.try_model(token))
    });
    Ok(Json(match tried.await?? {
        Ok(tried) => ModelTrialJson { ok: true, message: words(&tried) },
        Err(AssistRefusal { title, .. }) => ModelTrialJson { ok: false, message: title },
    }))
}

fn words(tried: &TriedModel) -> String {
    let takes = match (tried.prompts.as_slice(), tried.automatic) {
        ([], _) => "needs no prompt".to_owned(),
        (prompts, true) => format!("takes {}, or nothing", prompts.join(", ")),
        (prompts, false) => format!("takes {}", prompts.join(", ")),
    };
    let version =
        if tried.version.is_empty() { String::new() } else { format!(", version {}", tried.version) };
    let named = |(label, name): &(u16, String)| format!("{label} {name}");
    match tried.labels.iter().map(named).collect::<Vec<_>>() {
        labels if labels.is_empty() => format!("The model answers{version}; it {takes}."),
        labels => format!("The model answers{version}; it {takes}; its labels: {}.", labels.join(", ")),
    }
}

/// A model as it is registered now. Blocks.
fn changed(app: &App, token: ModelToken) -> Result<Option<SiteModelJson>, Problem> {
    let row = app.archive.model(token).map_err(ours)?;
    Ok(row.map(|row| site_model(row, &app.assist.models(None))))
}

fn site_model(row: ModelRow, known: &[AssistModel]) -> SiteModelJson {
    let known = known.iter().find(|known| known.model == row.token);
    SiteModelJson::new(row, known)
}

fn check(app: &App, new: &NewModel) -> Result<(), Problem> {
    if new.modalities.iter().any(|code| Modality::from_code(code).code() != code) {
        return Err(Problem::invalid_field("modalities", "this is no code of a modality, such as CT"));
    }
    app.assist.check(new).map_err(|invalid| Problem::invalid_field(invalid.field, &invalid.problem))
}

fn refused(error: ModelError) -> Problem {
    match error {
        ModelError::Unknown => Problem::not_found(),
        ModelError::BuiltIn => {
            Problem::invalid_field("provider", "the built-in model stays, and has no server")
        }
        ModelError::Storage(cause) => Problem::ours(&cause),
    }
}

fn ours(cause: StorageError) -> Problem {
    Problem::ours(&cause)
}

fn audit(app: &App, person: proto_ids::PersonId, action: AuditAction) -> Result<(), Problem> {
    app.audit(AuditActor::Person(person), action, AuditSubject::Nothing, AuditOutcome::Done)
}
