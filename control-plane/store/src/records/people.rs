//! Records of people, their passwords' hashes, and sessions.

use control_plane_domain::{Credential, Invitation, Person, Role, Session};
use proto_ids::{PersonId, SiteId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Bytes32, Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PersonV1 {
    id: Id,
    user_name: String,
    display_name: String,
    roles: Vec<u32>,
    suspended: bool,
    invitation: Option<InvitationV1>,
    redeemed_sites: Vec<Id>,
    suspended_sites: Vec<Id>,
    created_at: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct InvitationV1 {
    code_sha256: Bytes32,
    expires_at: i64,
}

impl Record for PersonV1 {
    type Thing = Person;
    const TABLE: &'static str = "person";

    fn of(person: &Person) -> Self {
        let invitation = person.invitation.as_ref().map(|invitation| InvitationV1 {
            code_sha256: Bytes32(invitation.code_sha256),
            expires_at: invitation.expires_at.millis(),
        });
        Self {
            id: Id(*person.id.bytes()),
            user_name: person.user_name.clone(),
            display_name: person.display_name.clone(),
            roles: person.roles.iter().map(|role| role.code()).collect(),
            suspended: person.suspended,
            invitation,
            redeemed_sites: person.redeemed_sites.iter().map(|site| Id(*site.bytes())).collect(),
            suspended_sites: person.suspended_sites.iter().map(|site| Id(*site.bytes())).collect(),
            created_at: person.created_at.millis(),
        }
    }

    fn thing(self) -> Option<Person> {
        let sites = |ids: Vec<Id>| ids.into_iter().map(|id| SiteId::from_bytes(id.0)).collect();
        Some(Person {
            id: PersonId::from_bytes(self.id.0),
            user_name: self.user_name,
            display_name: self.display_name,
            roles: self.roles.into_iter().map(Role::from_code).collect::<Option<_>>()?,
            suspended: self.suspended,
            invitation: self.invitation.map(|invitation| Invitation {
                code_sha256: invitation.code_sha256.0,
                expires_at: Timestamp::from_millis(invitation.expires_at),
            }),
            redeemed_sites: sites(self.redeemed_sites),
            suspended_sites: sites(self.suspended_sites),
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct CredentialV1 {
    person: Id,
    password_hash: String,
}

impl Record for CredentialV1 {
    type Thing = Credential;
    const TABLE: &'static str = "credential";

    fn of(credential: &Credential) -> Self {
        Self { person: Id(*credential.person.bytes()), password_hash: credential.password_hash.clone() }
    }

    fn thing(self) -> Option<Credential> {
        Some(Credential { person: PersonId::from_bytes(self.person.0), password_hash: self.password_hash })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionV1 {
    token_sha256: Bytes32,
    person: Id,
    started_at: i64,
    used_at: i64,
}

impl Record for SessionV1 {
    type Thing = Session;
    const TABLE: &'static str = "session";

    fn of(session: &Session) -> Self {
        Self {
            token_sha256: Bytes32(session.token_sha256),
            person: Id(*session.person.bytes()),
            started_at: session.started_at.millis(),
            used_at: session.used_at.millis(),
        }
    }

    fn thing(self) -> Option<Session> {
        Some(Session {
            token_sha256: self.token_sha256.0,
            person: PersonId::from_bytes(self.person.0),
            started_at: Timestamp::from_millis(self.started_at),
            used_at: Timestamp::from_millis(self.used_at),
        })
    }
}
