//! Pre-annotation of a project, and what people did with the proposals of models.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use proto_ids::{ModelToken, ProjectId, SiteId};

use crate::Console;
use crate::extract::{Body, SignedIn, blocking, field_id, path_id};
use crate::json::{AssistanceJson, NewRun, PreannotationList, RunOfSite};
use crate::problem::Problem;

/// The sites of a project with their models and their newest run of pre-annotation.
#[utoipa::path(get, path = "/api/v1/projects/{id}/preannotation", params(("id" = String, Path)), responses(
    (status = 200, body = PreannotationList), (status = 404, body = Problem)))]
pub(crate) async fn preannotation(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<PreannotationList>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let views = blocking(&console, move |app| app.preannotation_list(&signed_in.actor, id)).await?;
    Ok(Json(PreannotationList::of(&views)))
}

/// Starts a run of pre-annotation with a model of a site.
#[utoipa::path(post, path = "/api/v1/projects/{id}/preannotation", params(("id" = String, Path)), request_body = NewRun, responses(
    (status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn preannotation_start(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Body(new): Body<NewRun>,
) -> Result<StatusCode, Problem> {
    let id: ProjectId = path_id(&id)?;
    let site: SiteId = field_id(&new.site_id, "site_id")?;
    let model: ModelToken = field_id(&new.model_id, "model_id")?;
    blocking(&console, move |app| app.preannotation_start(&signed_in.actor, id, site, model)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Calls the run of a site off.
#[utoipa::path(post, path = "/api/v1/projects/{id}/preannotation/stop", params(("id" = String, Path)), request_body = RunOfSite, responses(
    (status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn preannotation_stop(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Body(of): Body<RunOfSite>,
) -> Result<StatusCode, Problem> {
    let id: ProjectId = path_id(&id)?;
    let site: SiteId = field_id(&of.site_id, "site_id")?;
    blocking(&console, move |app| app.preannotation_stop(&signed_in.actor, id, site)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What people did with the proposals of models in a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/assistance", params(("id" = String, Path)), responses(
    (status = 200, body = AssistanceJson), (status = 404, body = Problem)))]
pub(crate) async fn assistance(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<AssistanceJson>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let view = blocking(&console, move |app| app.assistance(&signed_in.actor, id)).await?;
    Ok(Json(AssistanceJson::of(&view)))
}
