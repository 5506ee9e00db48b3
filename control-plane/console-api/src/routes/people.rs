//! Annotators and their invitations.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use proto_ids::PersonId;

use crate::Console;
use crate::extract::{Body, SignedIn, blocking, path_id};
use crate::json::{Empty, InvitationJson, InvitedJson, NewPerson, PersonJson, PersonList, rfc3339};
use crate::problem::Problem;

/// All annotators.
#[utoipa::path(get, path = "/api/v1/people", operation_id = "person_list", responses((status = 200, body = PersonList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(console): State<Console>,
    signed_in: SignedIn,
) -> Result<Json<PersonList>, Problem> {
    let people = blocking(&console, move |app| app.annotator_list(&signed_in.actor)).await?;
    Ok(Json(PersonList { people: people.iter().map(PersonJson::of).collect() }))
}

/// Adds an annotator; the invitation's code is shown once.
#[utoipa::path(post, path = "/api/v1/people", operation_id = "person_add", request_body = NewPerson, responses(
    (status = 201, body = InvitedJson), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn add(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(new): Body<NewPerson>,
) -> Result<(StatusCode, Json<InvitedJson>), Problem> {
    let work = move |app: &control_plane_app::App| {
        app.annotator_add(&signed_in.actor, &new.user_name, &new.display_name)
    };
    let invited = blocking(&console, work).await?;
    let person = PersonJson::of(&invited.person);
    let json = InvitedJson { person, code: invited.code, expires_at: rfc3339(invited.expires_at) };
    Ok((StatusCode::CREATED, Json(json)))
}

/// Invites an annotator again; the last code is good no more.
#[utoipa::path(post, path = "/api/v1/people/{id}/invitations", params(("id" = String, Path)), request_body = Empty, responses(
    (status = 201, body = InvitationJson), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn invite(
    State(console): State<Console>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    _empty: Body<Empty>,
) -> Result<(StatusCode, Json<InvitationJson>), Problem> {
    let id: PersonId = path_id(&id)?;
    let invited = blocking(&console, move |app| app.annotator_invite(&signed_in.actor, id)).await?;
    let json = InvitationJson { code: invited.code, expires_at: rfc3339(invited.expires_at) };
    Ok((StatusCode::CREATED, Json(json)))
}
