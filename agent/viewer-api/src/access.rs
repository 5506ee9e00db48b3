//! Who is calling, and what they may: checked anew on every call.

use std::sync::Arc;

use agent_archive::{PersonRow, PersonState, Role, StorageError};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use proto_ids::{PersonId, Timestamp};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::problem::Problem;
use crate::secrets;

pub(crate) const COOKIE: &str = "__Host-viewer";

/// Somebody who is signed in and not suspended.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) person: PersonRow,
}

impl Actor {
    pub(crate) const fn id(&self) -> PersonId {
        self.person.person
    }

    fn with_role(self, role: Role) -> Result<Self, Problem> {
        if self.person.roles.contains(&role) { Ok(self) } else { Err(Problem::not_yours()) }
    }
}

impl FromRequestParts<Arc<App>> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let session = session_in(&parts.headers).ok_or_else(Problem::signed_out)?;
        let now = app.now();
        let use_of = if by_itself(parts) { Use::Background } else { Use::Activity };
        let found = app.blocking(move |app| person_of(app, &session, use_of, now)).await?;
        found
            .map_err(|cause| Problem::ours(&cause))?
            .map(|person| Self { person })
            .ok_or_else(Problem::signed_out)
    }
}

/// Whether a call shows that somebody is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Activity,
    /// The viewer's own heartbeat, or its look at how far jobs are: must not keep an abandoned session.
    Background,
}

/// A session ends after 15 minutes without use.
const IDLE_MS: i64 = 15 * 60 * 1000;
/// A session ends after 12 hours in any case.
const LONGEST_MS: i64 = 12 * 60 * 60 * 1000;
/// Use is written down once a minute, so that not every call costs a write.
const TOUCH_MS: i64 = 60 * 1000;

fn by_itself(parts: &Parts) -> bool {
    let path = parts.uri.path();
    ["/renew", "/time", "/session", "/jobs"].iter().any(|end| path.ends_with(end))
}

/// The person of a session that stands, if they may work. Blocks.
pub(crate) fn person_of(
    app: &App,
    hash: &[u8; 32],
    use_of: Use,
    now: Timestamp,
) -> Result<Option<PersonRow>, StorageError> {
    let Some(session) = app.archive.session(hash)? else { return Ok(None) };
    let idle_ms = now.millis_since(session.seen_at);
    if idle_ms >= IDLE_MS || now.millis_since(session.created_at) >= LONGEST_MS {
        app.archive.session_end(hash)?;
        return Ok(None);
    }
    let person = app.archive.person(session.person)?.filter(|person| person.state == PersonState::Active);
    if person.is_some() && use_of == Use::Activity && idle_ms >= TOUCH_MS {
        app.archive.session_touch(hash, now)?;
    }
    Ok(person)
}

/// The stored form of the session in a request's cookies.
pub(crate) fn session_in(headers: &HeaderMap) -> Option<[u8; 32]> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == COOKIE).map(|(_, secret)| secrets::secret_hash(secret))
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name(pub(crate) Actor);

        impl FromRequestParts<Arc<App>> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
                Actor::from_request_parts(parts, app).await?.with_role(Role::$name).map(Self)
            }
        }
    )+};
}

roles! {
    /// Somebody who may be given tasks.
    Annotator,
    /// Somebody who may look at submissions and make gold of them.
    Reviewer,
    /// Hospital IT.
    HospitalAdmin,
}

/// Who decides about quarantine: a reviewer, or hospital IT.
#[derive(Debug, Clone)]
pub(crate) struct QuarantineKeeper(pub(crate) Actor);

impl FromRequestParts<Arc<App>> for QuarantineKeeper {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let roles = &actor.person.roles;
        let may = [Role::Reviewer, Role::HospitalAdmin].iter().any(|role| roles.contains(role));
        if may { Ok(Self(actor)) } else { Err(Problem::not_yours()) }
    }
}

/// A body of JSON, refused with a problem document that says where it is wrong.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, app).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(_)) => {
                Err(Problem::invalid("the JSON does not have the right form"))
            }
            Err(JsonRejection::JsonSyntaxError(_)) => Err(Problem::malformed("the body is not JSON")),
            Err(rejection) => Err(Problem::of_rejection(rejection.status())),
        }
    }
}

/// An id in the address; what is no id is not found.
#[derive(Debug)]
pub(crate) struct Named<T>(pub(crate) T);

impl<T> FromRequestParts<Arc<App>> for Named<T>
where
    T: std::str::FromStr + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, app).await.map_err(|_| Problem::not_found())?;
        path.0.parse().map(Self).map_err(|_| Problem::not_found())
    }
}
