//! Sites and join tokens.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use proto_ids::SiteId;

use crate::Console;
use crate::extract::{Body, SignedIn, blocking, path_id};
use crate::json::{Empty, JoinTokenJson, NewSite, SiteJson, SiteList, rfc3339};
use crate::problem::Problem;

/// All sites.
#[utoipa::path(get, path = "/api/v1/sites", operation_id = "site_list", responses((status = 200, body = SiteList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(console): State<Console>,
    signed_in: SignedIn,
) -> Result<Json<SiteList>, Problem> {
    let views = blocking(&console, move |app| app.site_list(&signed_in.actor)).await?;
    Ok(Json(SiteList { sites: views.iter().map(SiteJson::of).collect() }))
}

/// Adds a site.
#[utoipa::path(post, path = "/api/v1/sites", operation_id = "site_add", request_body = NewSite, responses(
    (status = 201, body = SiteJson), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn add(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(new): Body<NewSite>,
) -> Result<(StatusCode, Json<SiteJson>), Problem> {
    let view = blocking(&console, move |app| app.site_add(&signed_in.actor, &new.name)).await?;
    Ok((StatusCode::CREATED, Json(SiteJson::of(&view))))
}

/// Makes a join token; its string is shown once.
#[utoipa::path(post, path = "/api/v1/sites/{id}/join-tokens", params(("id" = String, Path)), request_body = Empty, responses(
    (status = 201, body = JoinTokenJson), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn join_token(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    _empty: Body<Empty>,
) -> Result<(StatusCode, Json<JoinTokenJson>), Problem> {
    let id: SiteId = path_id(&id)?;
    let join = console.join.clone();
    let token = blocking(&console, move |app| {
        app.join_token_create(&signed_in.actor, id, &join.authority_spki_sha256, &join.endpoint)
    })
    .await?;
    let token = JoinTokenJson { join_string: token.join_string, expires_at: rfc3339(token.expires_at) };
    Ok((StatusCode::CREATED, Json(token)))
}

/// Shuts a site out for good.
#[utoipa::path(post, path = "/api/v1/sites/{id}/revoke", params(("id" = String, Path)), request_body = Empty, responses(
    (status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn revoke(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    _empty: Body<Empty>,
) -> Result<StatusCode, Problem> {
    let id: SiteId = path_id(&id)?;
    blocking(&console, move |app| app.site_revoke(&signed_in.actor, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
