//! Tasks, and what was measured of the work on them.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use control_plane_app::{App, NewTasks};
use proto_ids::{ProjectId, TaskId};

use super::projects::unknown_query;
use crate::Console;
use crate::extract::{Body, SignedIn, blocking, field_ids, path_id};
use crate::json::{
    AgreementMatrixJson, AgreementQuery, Created, Empty, LabelList, NewTasksJson, ResultsJson,
    TaskDetailJson, TaskJson, TaskList,
};
use crate::problem::Problem;

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

/// One task: its submissions, how they agree, what was judged, what was painted.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", params(("id" = String, Path)), responses((status = 200, body = TaskDetailJson), (status = 404, body = Problem)))]
pub(crate) async fn task(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<TaskDetailJson>, Problem> {
    let id: TaskId = path_id(&id)?;
    let detail = blocking(&console, move |app| app.task_get(&signed_in.actor, id)).await?;
    Ok(Json(TaskDetailJson::of(&detail)))
}

/// What was measured of each object of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/labels", params(("id" = String, Path)), responses((status = 200, body = LabelList), (status = 404, body = Problem)))]
pub(crate) async fn labels(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<LabelList>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let labels = blocking(&console, move |app| app.label_list(&signed_in.actor, id)).await?;
    Ok(Json(LabelList::of(&labels)))
}
