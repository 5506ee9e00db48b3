//! Assets, projects, instructions, datasets, tasks, results.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use control_plane_app::{App, AppError, AssetFilter, FieldProblem, NewTasks};
use control_plane_domain::Modality;
use proto_ids::{AssetToken, PersonId, ProjectId, TaskId};

use crate::Console;
use crate::extract::{Body, SignedIn, blocking, field_id, field_ids, path_id};
use crate::json::{
    AgreementMatrixJson, AgreementQuery, Annotators, AssetJson, AssetList, AssetQuery, Created, DatasetJson,
    DatasetList, DraftJson, Empty, NewDataset, NewProject, NewTasksJson, ParsedBody, ProjectJson,
    ProjectList, ProjectRowJson, Published, ResultsJson, TaskJson, TaskList,
};
use crate::problem::Problem;

/// Asset cards.
#[utoipa::path(get, path = "/api/v1/assets", params(AssetQuery), responses((status = 200, body = AssetList), (status = 422, body = Problem)))]
pub(crate) async fn asset_list(
    State(console): State<Console>,
    signed_in: SignedIn,
    query: Result<Query<AssetQuery>, QueryRejection>,
) -> Result<Json<AssetList>, Problem> {
    let Query(query) = query.map_err(|_| unknown_query())?;
    let modality = match query.modality.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => {
            let unknown = || AppError::Invalid(vec![FieldProblem::new("modality", "no such modality")]);
            Some(Modality::from_name(name).ok_or_else(unknown)?)
        }
        None => None,
    };
    let id = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = AssetFilter {
        site: id(query.site).map(|text| field_id(&text, "site")).transpose()?,
        modality,
        project: id(query.project).map(|text| field_id(&text, "project")).transpose()?,
    };
    let views = blocking(&console, move |app| app.asset_list(&signed_in.actor, filter)).await?;
    Ok(Json(AssetList { assets: views.iter().map(AssetJson::of).collect() }))
}

/// All projects.
#[utoipa::path(get, path = "/api/v1/projects", operation_id = "project_list", responses((status = 200, body = ProjectList)))]
pub(crate) async fn list(
    State(console): State<Console>,
    signed_in: SignedIn,
) -> Result<Json<ProjectList>, Problem> {
    let rows = blocking(&console, move |app| app.project_list(&signed_in.actor)).await?;
    Ok(Json(ProjectList { projects: rows.iter().map(ProjectRowJson::of).collect() }))
}

/// Makes a project.
#[utoipa::path(post, path = "/api/v1/projects", operation_id = "project_add", request_body = NewProject, responses((status = 201, body = ProjectRowJson), (status = 422, body = Problem)))]
pub(crate) async fn add(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(new): Body<NewProject>,
) -> Result<(StatusCode, Json<ProjectRowJson>), Problem> {
    let project = blocking(&console, move |app| app.project_add(&signed_in.actor, &new.title)).await?;
    Ok((StatusCode::CREATED, Json(ProjectRowJson::empty(&project))))
}

/// One project.
#[utoipa::path(get, path = "/api/v1/projects/{id}", operation_id = "project_read", params(("id" = String, Path)), responses((status = 200, body = ProjectJson), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<ProjectJson>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let view = blocking(&console, move |app| app.project_get(&signed_in.actor, id)).await?;
    Ok(Json(ProjectJson::of(&view)))
}

/// Saves the draft of the instruction; answers with its text as it was understood.
#[utoipa::path(post, path = "/api/v1/projects/{id}/instruction", params(("id" = String, Path)), request_body = DraftJson, responses(
    (status = 200, body = ParsedBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn draft(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Body(draft): Body<DraftJson>,
) -> Result<Json<ParsedBody>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let draft = draft.draft();
    let instruction = blocking(&console, move |app| app.draft_save(&signed_in.actor, id, &draft)).await?;
    Ok(Json(ParsedBody::of(&instruction)))
}

/// Publishes the draft as the next version.
#[utoipa::path(post, path = "/api/v1/projects/{id}/publish", params(("id" = String, Path)), request_body = Empty, responses(
    (status = 200, body = Published), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn publish(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    _empty: Body<Empty>,
) -> Result<Json<Published>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let version = blocking(&console, move |app| app.instruction_publish(&signed_in.actor, id)).await?;
    Ok(Json(Published { version }))
}

/// Sets who may annotate.
#[utoipa::path(post, path = "/api/v1/projects/{id}/annotators", params(("id" = String, Path)), request_body = Annotators, responses(
    (status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn annotators(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Body(annotators): Body<Annotators>,
) -> Result<StatusCode, Problem> {
    let id: ProjectId = path_id(&id)?;
    let people: Vec<PersonId> = field_ids(&annotators.person_ids, "person_ids")?;
    blocking(&console, move |app| app.annotators_set(&signed_in.actor, id, &people)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The datasets of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/datasets", params(("id" = String, Path)), responses((status = 200, body = DatasetList), (status = 404, body = Problem)))]
pub(crate) async fn dataset_list(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<DatasetList>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let datasets = blocking(&console, move |app| app.dataset_list(&signed_in.actor, id)).await?;
    Ok(Json(DatasetList { datasets: datasets.iter().map(DatasetJson::of).collect() }))
}

/// Freezes a list of assets.
#[utoipa::path(post, path = "/api/v1/projects/{id}/datasets", params(("id" = String, Path)), request_body = NewDataset, responses(
    (status = 201, body = DatasetJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn dataset_add(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Body(new): Body<NewDataset>,
) -> Result<(StatusCode, Json<DatasetJson>), Problem> {
    let id: ProjectId = path_id(&id)?;
    let assets: Vec<AssetToken> = field_ids(&new.asset_ids, "asset_ids")?;
    let work = move |app: &App| app.dataset_freeze(&signed_in.actor, id, &new.name, &assets);
    let dataset = blocking(&console, work).await?;
    Ok((StatusCode::CREATED, Json(DatasetJson::of(&dataset))))
}

/// The tasks of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/tasks", params(("id" = String, Path)), responses((status = 200, body = TaskList), (status = 404, body = Problem)))]
pub(crate) async fn task_list(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<TaskList>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let views = blocking(&console, move |app| app.task_list(&signed_in.actor, id)).await?;
    Ok(Json(TaskList { tasks: views.iter().map(TaskJson::of).collect() }))
}

/// Makes tasks.
#[utoipa::path(post, path = "/api/v1/projects/{id}/tasks", params(("id" = String, Path)), request_body = NewTasksJson, responses(
    (status = 201, body = Created), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn task_add(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Body(new): Body<NewTasksJson>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let id: ProjectId = path_id(&id)?;
    let new = NewTasks {
        assets: field_ids(&new.asset_ids, "asset_ids")?,
        overlap: new.overlap,
        gold_assets: field_ids(&new.gold_asset_ids, "gold_asset_ids")?,
    };
    let created = blocking(&console, move |app| app.tasks_add(&signed_in.actor, id, &new)).await?;
    Ok((StatusCode::CREATED, Json(Created { created })))
}

/// Takes a task back.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/withdraw", params(("id" = String, Path)), request_body = Empty, responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn task_withdraw(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    _empty: Body<Empty>,
) -> Result<StatusCode, Problem> {
    let id: TaskId = path_id(&id)?;
    blocking(&console, move |app| app.task_withdraw(&signed_in.actor, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Results of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/results", params(("id" = String, Path)), responses((status = 200, body = ResultsJson), (status = 404, body = Problem)))]
pub(crate) async fn results(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<ResultsJson>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let results = blocking(&console, move |app| app.results(&signed_in.actor, id)).await?;
    Ok(Json(ResultsJson::of(&results)))
}

/// Who agrees with whom in a project, for one object.
#[utoipa::path(get, path = "/api/v1/projects/{id}/agreement", params(("id" = String, Path), AgreementQuery), responses(
    (status = 200, body = AgreementMatrixJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn agreement(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    query: Result<Query<AgreementQuery>, QueryRejection>,
) -> Result<Json<AgreementMatrixJson>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let Query(query) = query.map_err(|_| unknown_query())?;
    let work = move |app: &App| app.agreement(&signed_in.actor, id, query.object);
    let view = blocking(&console, work).await?;
    Ok(Json(AgreementMatrixJson::of(&view)))
}

fn unknown_query() -> Problem {
    let title = "The query has a part that is not known here.";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title)
}
