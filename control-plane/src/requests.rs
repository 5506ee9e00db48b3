//! What the command line can ask of a control plane, running or not.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use control_plane_app::{AppError, NewStaff, SiteView};
use control_plane_domain::{Actor, Person, Role};
use proto_ids::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::plane::Plane;

/// One request.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Makes a join token, and the site when there is none of that name.
    JoinTokenCreate { site: String, endpoint: Option<String> },
    /// Lists sites.
    SiteList,
    /// Adds somebody who signs in here.
    UserAdd { user_name: String, display_name: String, roles: Vec<String>, password: String },
    /// Sets a password and ends the sessions.
    UserPassword { user_name: String, password: String },
    /// Lists everybody.
    UserList,
    /// Asks the running control plane whether it is well.
    Check,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request")
    }
}

pub(crate) fn execute(
    plane: &Plane,
    request: Request,
    actor: &Actor,
    endpoint: &str,
) -> anyhow::Result<Value> {
    match request {
        Request::JoinTokenCreate { site, endpoint: named } => {
            join_token_create(plane, actor, &site, named.as_deref().unwrap_or(endpoint))
        }
        Request::SiteList => {
            let sites = plane.app.site_list(actor)?;
            Ok(json!({ "sites": sites.iter().map(site_json).collect::<Vec<_>>() }))
        }
        Request::UserAdd { user_name, display_name, roles, password } => {
            let roles = roles.iter().map(|name| Role::from_name(name)).collect::<Option<BTreeSet<Role>>>();
            let Some(roles) = roles else { bail!("a role is manager or administrator") };
            let new = NewStaff { user_name, display_name, roles, password };
            Ok(person_json(&plane.app.staff_add(actor, &new).map_err(spoken)?))
        }
        Request::UserPassword { user_name, password } => {
            plane.app.password_set(actor, &user_name, &password).map_err(spoken)?;
            Ok(json!({ "user_name": user_name, "password": "set" }))
        }
        Request::Check => bail!("no control plane runs here that could be asked"),
        Request::UserList => {
            let people = plane.app.person_list(actor)?;
            Ok(json!({ "people": people.iter().map(person_json).collect::<Vec<_>>() }))
        }
    }
}

fn join_token_create(plane: &Plane, actor: &Actor, name: &str, endpoint: &str) -> anyhow::Result<Value> {
    let site = match plane.app.site_by_name(actor, name)? {
        Some(site) => site,
        None => plane.app.site_add(actor, name).map_err(spoken)?.site,
    };
    let token = plane.app.join_token_create(actor, site.id, plane.authority.spki_sha256(), endpoint)?;
    Ok(json!({
        "site": { "id": site.id.to_string(), "name": site.name },
        "join_string": token.join_string,
        "expires_at": rfc3339(token.expires_at).context("the time")?,
    }))
}

/// Says which fields are wrong, where it is about fields.
fn spoken(error: AppError) -> anyhow::Error {
    if let AppError::Invalid(problems) = &error {
        let problems: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.field, problem.problem)).collect();
        return anyhow::anyhow!("{}", problems.join("; "));
    }
    error.into()
}

fn person_json(person: &Person) -> Value {
    json!({
        "id": person.id.to_string(),
        "user_name": person.user_name,
        "display_name": person.display_name,
        "roles": person.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
        "state": person.standing().name(),
    })
}

fn site_json(view: &SiteView) -> Value {
    json!({
        "id": view.site.id.to_string(),
        "name": view.site.name,
        "state": view.site.state.name(),
        "connected": view.connected,
        "assets": view.assets,
    })
}

fn rfc3339(at: Timestamp) -> anyhow::Result<String> {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)?;
    Ok(moment.format(&Rfc3339)?)
}
