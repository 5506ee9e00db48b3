//! Taking up an invitation: the one-time code of the manager, and a password of one's own.

use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject, RedeemError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Body;
use crate::app::App;
use crate::passwords::{PasswordRefusal, password_hash};
use crate::problem::Problem;
use crate::secrets;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeemJson {
    code: String,
    password: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedeemedJson {
    user_name: String,
}

/// Takes up an invitation.
#[utoipa::path(post, path = "/invitations/redeem", request_body = RedeemJson,
    responses((status = 201, body = RedeemedJson), (status = 404), (status = 422)))]
pub(crate) async fn redeem(
    State(app): State<Arc<App>>,
    Body(body): Body<RedeemJson>,
) -> Result<(StatusCode, Json<RedeemedJson>), Problem> {
    let now = app.now();
    let code = secrets::secret_hash(&normal_code(&body.code));
    let password = body.password;
    let redeemed = app.hashing(move |app| {
        // The code first: a password is hashed only for somebody who was invited.
        let invited = app.archive.invitation(&code, now).map_err(|cause| Problem::ours(&cause))?;
        if invited.is_none() {
            return Err(unknown());
        }
        let hash = password_hash(&password).map_err(refused)?;
        let person = app.archive.invitation_redeem(&code, hash, now).map_err(|error| match error {
            RedeemError::Unknown => unknown(),
            RedeemError::UserNameTaken => Problem::new(
                StatusCode::CONFLICT,
                "user-name-taken",
                "An account of this site has this user name.",
            ),
            RedeemError::Storage(cause) => Problem::ours(&cause),
        })?;
        let actor = AuditActor::Person(person.person);
        app.audit(
            actor,
            AuditAction::InvitationRedeemed,
            AuditSubject::Person(person.person),
            AuditOutcome::Done,
        )?;
        Ok(person.user_name)
    });
    let user_name = redeemed.await??;
    Ok((StatusCode::CREATED, Json(RedeemedJson { user_name })))
}

/// The code as it was hashed: its capital letters and digits, without what groups them.
fn normal_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|next| next.to_ascii_uppercase()).collect()
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "invitation-unknown", "This code is unknown, expired or used.")
}

fn refused(refusal: PasswordRefusal) -> Problem {
    let problem = |code, title| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title);
    match refusal {
        PasswordRefusal::TooShort => problem("password-too-short", "A password has at least 10 characters."),
        PasswordRefusal::TooLong => problem("password-too-long", "A password has at most 1,000 characters."),
        PasswordRefusal::Common => {
            problem("password-common", "This password is among the first that are tried.")
        }
        PasswordRefusal::Unavailable => Problem::ours(&refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_carelessly() {
        assert_eq!(normal_code(" abcd efgh-2345 wxyz "), "ABCDEFGH2345WXYZ");
    }
}
