//! Datasets and assets.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use control_plane_app::App;
use proto_ids::{AssetToken, DatasetId, ProjectId};

use crate::Console;
use crate::extract::{Body, SignedIn, blocking, field_ids, path_id};
use crate::json::{AssetDetailJson, DatasetDetailJson, DatasetJson, DatasetList, NewDataset};
use crate::problem::Problem;

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

/// One dataset, with its frozen list.
#[utoipa::path(get, path = "/api/v1/datasets/{id}", params(("id" = String, Path)), responses((status = 200, body = DatasetDetailJson), (status = 404, body = Problem)))]
pub(crate) async fn dataset(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<DatasetDetailJson>, Problem> {
    let id: DatasetId = path_id(&id)?;
    let detail = blocking(&console, move |app| app.dataset_get(&signed_in.actor, id)).await?;
    Ok(Json(DatasetDetailJson::of(&detail)))
}

/// One asset, and what is done with it.
#[utoipa::path(get, path = "/api/v1/assets/{id}", params(("id" = String, Path)), responses((status = 200, body = AssetDetailJson), (status = 404, body = Problem)))]
pub(crate) async fn asset(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<AssetDetailJson>, Problem> {
    let id: AssetToken = path_id(&id)?;
    let detail = blocking(&console, move |app| app.asset_get(&signed_in.actor, id)).await?;
    Ok(Json(AssetDetailJson::of(&detail)))
}
