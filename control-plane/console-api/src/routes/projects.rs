//! Asset cards, projects, their instructions, people and policies.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use control_plane_app::{AppError, AssetFilter, FieldProblem};
use control_plane_domain::Modality;
use proto_ids::{PersonId, ProjectId};

use crate::Console;
use crate::extract::{Body, SignedIn, blocking, field_id, field_ids, path_id};
use crate::json::{
    Annotators, AssetJson, AssetList, AssetQuery, DraftJson, Empty, NewPolicyJson, NewProject, ParsedBody,
    ProjectJson, ProjectList, ProjectRowJson, PublishPreviewJson, Published, VersionList,
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

/// Sets how work is given out and judged.
#[utoipa::path(post, path = "/api/v1/projects/{id}/policy", params(("id" = String, Path)), request_body = NewPolicyJson, responses(
    (status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn policy(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Body(new): Body<NewPolicyJson>,
) -> Result<StatusCode, Problem> {
    let id: ProjectId = path_id(&id)?;
    let new = new.policy(field_ids(&new.arbiter_ids, "arbiter_ids")?);
    blocking(&console, move |app| app.policy_set(&signed_in.actor, id, &new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What publishing the draft would do.
#[utoipa::path(post, path = "/api/v1/projects/{id}/publish/preview", params(("id" = String, Path)), request_body = Empty, responses(
    (status = 200, body = PublishPreviewJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn publish_preview(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    _empty: Body<Empty>,
) -> Result<Json<PublishPreviewJson>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let preview = blocking(&console, move |app| app.publish_preview(&signed_in.actor, id)).await?;
    Ok(Json(PublishPreviewJson::of(&preview)))
}

/// The published versions of the instruction, newest first.
#[utoipa::path(get, path = "/api/v1/projects/{id}/instructions", params(("id" = String, Path)), responses(
    (status = 200, body = VersionList), (status = 404, body = Problem)))]
pub(crate) async fn versions(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<VersionList>, Problem> {
    let id: ProjectId = path_id(&id)?;
    let versions = blocking(&console, move |app| app.instruction_versions(&signed_in.actor, id)).await?;
    Ok(Json(VersionList::of(&versions)))
}

pub(super) fn unknown_query() -> Problem {
    let title = "The query has a part that is not known here.";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title)
}
