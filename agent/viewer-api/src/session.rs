//! Signing in and out.

use std::sync::Arc;

use agent_archive::{
    AuditAction, AuditActor, AuditOutcome, AuditSubject, PersonRow, PersonState, StorageError,
};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Actor, Body, COOKIE, Use, person_of, session_in};
use crate::app::App;
use crate::json::person::RoleJson;
use crate::passwords::password_right;
use crate::problem::Problem;
use crate::secrets;

/// The cookie goes after 12 hours in any case; the archive ends the session when it is idle.
const COOKIE_AGE_S: u32 = 12 * 60 * 60;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionJson {
    person: SignedInJson,
}

#[derive(Debug, Serialize, ToSchema)]
struct SignedInJson {
    id: String,
    user_name: String,
    display_name: String,
    roles: Vec<RoleJson>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialsJson {
    user_name: String,
    password: String,
}

/// `{}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NothingJson {}

impl From<&PersonRow> for SessionJson {
    fn from(person: &PersonRow) -> Self {
        Self {
            person: SignedInJson {
                id: person.person.to_string(),
                user_name: person.user_name.clone(),
                display_name: person.display_name.clone(),
                roles: person.roles.iter().copied().map(RoleJson::from).collect(),
            },
        }
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", operation_id = "session_read", responses((status = 200, body = SessionJson), (status = 401)))]
pub(crate) async fn read(actor: Actor) -> Json<SessionJson> {
    Json(SessionJson::from(&actor.person))
}

/// Signs in.
#[utoipa::path(post, path = "/session", operation_id = "session_begin", request_body = CredentialsJson,
    responses((status = 200, body = SessionJson), (status = 401), (status = 403), (status = 429)))]
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(credentials): Body<CredentialsJson>,
) -> Result<Response, Problem> {
    let now = app.now();
    let CredentialsJson { user_name, password } = credentials;
    if let Some(seconds) = app.throttled(|throttle| throttle.try_now(&user_name, now)) {
        return Err(Problem::slow_down(seconds));
    }
    let name = user_name.clone();
    let person = app.hashing(move |app| right_person(app, &name, &password)).await??;
    app.throttled(|throttle| throttle.succeeded(&user_name));
    let secret = secrets::secret_draw().map_err(|cause| Problem::ours(&cause))?;
    let hash = secrets::secret_hash(&secret);
    // A session that was there before ends: its cookie is about to be replaced.
    let former = session_in(&headers);
    let id = person.person;
    let stored = app.blocking(move |app| {
        if let Some(former) = former {
            app.archive.session_end(&former)?;
        }
        app.archive.session_put(&hash, id, now)
    });
    stored.await?.map_err(|cause| Problem::ours(&cause))?;
    let cookie =
        format!("{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={COOKIE_AGE_S}");
    Ok((cookie_header(&cookie)?, Json(SessionJson::from(&person))).into_response())
}

/// Signs out; the browser forgets what it has.
#[utoipa::path(post, path = "/session/end", operation_id = "session_end", request_body = NothingJson, responses((status = 204)))]
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<Response, Problem> {
    if let Some(session) = session_in(&headers) {
        let now = app.now();
        let ended = app.blocking(move |app| {
            let person = person_of(app, &session, Use::Background, now)?;
            app.archive.session_end(&session)?;
            Ok::<_, StorageError>(person)
        });
        if let Some(person) = ended.await?.map_err(|cause| Problem::ours(&cause))? {
            let actor = AuditActor::Person(person.person);
            let audited = app.blocking(move |app| {
                app.audit(actor, AuditAction::SignedOut, AuditSubject::Nothing, AuditOutcome::Done)
            });
            audited.await??;
        }
    }
    let cookie = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    let clear = [(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"cookies\", \"storage\""),
    )];
    Ok((StatusCode::NO_CONTENT, cookie_header(&cookie)?, clear).into_response())
}

fn cookie_header(cookie: &str) -> Result<[(HeaderName, HeaderValue); 1], Problem> {
    let value = HeaderValue::from_str(cookie).map_err(|cause| Problem::ours(&cause))?;
    Ok([(header::SET_COOKIE, value)])
}

/// The person with this name and password. Blocks.
fn right_person(app: &App, user_name: &str, password: &str) -> Result<PersonRow, Problem> {
    let account = app.archive.sign_in(user_name).map_err(|cause| Problem::ours(&cause))?;
    let stored =
        account.as_ref().map(|account| account.password_hash.as_str()).filter(|hash| !hash.is_empty());
    let right = password_right(password, stored);
    let person = account.map(|account| account.row);
    let actor = person.as_ref().map_or(AuditActor::Unknown, |person| AuditActor::Person(person.person));
    let audit = |outcome| app.audit(actor, AuditAction::SignedIn, AuditSubject::Nothing, outcome);
    let Some(person) = person.filter(|_| right) else {
        audit(AuditOutcome::Refused)?;
        let title = "The user name or the password is wrong.";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong-credentials", title));
    };
    match person.state {
        PersonState::Active => {
            audit(AuditOutcome::Done)?;
            Ok(person)
        }
        PersonState::Suspended | PersonState::Invited => {
            audit(AuditOutcome::Refused)?;
            Err(Problem::new(StatusCode::FORBIDDEN, "suspended", "This account is suspended."))
        }
    }
}
