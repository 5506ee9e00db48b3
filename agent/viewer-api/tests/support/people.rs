//! People of the site.

use std::sync::OnceLock;

use agent_archive::{DicomwebToken, NewAccount, Role, TokenView};
use agent_viewer_api::{password_hash, secret_draw, secret_hash};
use proto_ids::PersonId;

use super::Site;

pub const PASSWORD: &str = "a long enough secret";

/// The hash of [`PASSWORD`]; computed once, since it takes long.
pub fn hashed() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password_hash(PASSWORD).unwrap()).clone()
}

impl Site {
    /// The id of an account.
    pub fn person(&self, user_name: &str) -> PersonId {
        let people = self.archive.people().unwrap();
        people.into_iter().find(|row| row.user_name == user_name).unwrap().person
    }

    pub fn account(&self, user_name: &str, roles: &[Role]) -> PersonId {
        let account = NewAccount {
            user_name: user_name.into(),
            display_name: user_name.to_uppercase(),
            roles: roles.to_vec(),
            password_hash: hashed(),
        };
        self.archive.account_create(account).unwrap()
    }
}

impl Site {
    /// Makes a DICOMweb token and gives the value of its header.
    pub fn token(&self, name: &str, view: TokenView, may_store: bool) -> String {
        let secret = secret_draw().unwrap();
        let token = DicomwebToken {
            sha256: secret_hash(&secret),
            name: name.to_owned(),
            view,
            may_store,
            created_at: self.now(),
        };
        self.archive.dicomweb_token_put(&token).unwrap();
        format!("Bearer {secret}")
    }
}
