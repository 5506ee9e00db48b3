//! People: annotators who are invited to sites, and those who sign in here.

use std::collections::BTreeSet;

use proto_ids::{PersonId, SiteId, Timestamp};

use crate::closed::closed_enum;
use crate::{PersonChangeKind, PersonOrder};

/// An invitation is good for 14 days.
pub const INVITATION_LIFETIME_MS: i64 = 14 * 24 * 3600 * 1000;
/// A session that is not used ends after 15 minutes (NIST SP 800-63B, AAL3).
pub const SESSION_IDLE_MS: i64 = 15 * 60 * 1000;
/// A session ends after 12 hours however much it is used (NIST SP 800-63B).
pub const SESSION_ABSOLUTE_MS: i64 = 12 * 3600 * 1000;

closed_enum! {
    /// What a person may be.
    Role {
        /// Works at sites; never signs in here.
        Annotator = 1 "annotator",
        /// Runs projects.
        Manager = 2 "manager",
        /// May do everything here.
        Administrator = 3 "administrator",
    }
}

closed_enum! {
    /// How a person stands.
    PersonStanding {
        /// Has an invitation that was not redeemed.
        Invited = 1 "invited",
        /// May work.
        Active = 2 "active",
        /// Shut out here or by a hospital.
        Suspended = 3 "suspended",
    }
}

/// A one-time code that a person sets a password with at a site. Only its digest is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// SHA-256 of the code.
    pub code_sha256: [u8; 32],
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id that both planes know.
    pub id: PersonId,
    /// What they sign in with; unique.
    pub user_name: String,
    /// What others read.
    pub display_name: String,
    /// What they may be.
    pub roles: BTreeSet<Role>,
    /// Shut out from here.
    pub suspended: bool,
    /// The newest invitation; for annotators.
    pub invitation: Option<Invitation>,
    /// Sites at which an invitation was redeemed.
    pub redeemed_sites: BTreeSet<SiteId>,
    /// Sites whose administrator shut the person out.
    pub suspended_sites: BTreeSet<SiteId>,
    /// When they were added.
    pub created_at: Timestamp,
}

impl Person {
    /// How the person stands, seen from here.
    pub fn standing(&self) -> PersonStanding {
        let annotator_only = self.roles.iter().all(|role| *role == Role::Annotator);
        if self.suspended || !self.suspended_sites.is_empty() {
            PersonStanding::Suspended
        } else if annotator_only && self.redeemed_sites.is_empty() {
            PersonStanding::Invited
        } else {
            PersonStanding::Active
        }
    }

    /// A new invitation takes the place of the last one, at every site.
    pub fn invite(&mut self, invitation: Invitation) {
        self.invitation = Some(invitation);
        self.redeemed_sites.clear();
    }

    /// What a site said of the person.
    pub fn apply(&mut self, site: SiteId, change: PersonChangeKind) {
        match change {
            PersonChangeKind::Redeemed => {
                self.redeemed_sites.insert(site);
            }
            PersonChangeKind::Suspended => {
                self.suspended_sites.insert(site);
            }
            PersonChangeKind::Resumed => {
                self.suspended_sites.remove(&site);
            }
        }
    }

    /// What goes down to a site. The code's digest goes only where it was not redeemed yet.
    pub fn order_for(&self, site: SiteId) -> PersonOrder {
        let open = !self.redeemed_sites.contains(&site);
        PersonOrder {
            person: self.id,
            user_name: self.user_name.clone(),
            display_name: self.display_name.clone(),
            invitation: self.invitation.clone().filter(|_| open),
            suspended: self.suspended,
        }
    }
}

/// How somebody proves here who they are. Annotators have none.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose it is.
    pub person: PersonId,
    /// Argon2id hash in PHC form, with its salt and cost.
    pub password_hash: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("person", &self.person).finish_non_exhaustive()
    }
}

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie's value, which is 256 random bits.
    pub token_sha256: [u8; 32],
    /// Who.
    pub person: PersonId,
    /// When they signed in.
    pub started_at: Timestamp,
    /// When it was last used, to a minute.
    pub used_at: Timestamp,
}

impl Session {
    /// Whether the session is still good.
    pub fn good_at(&self, now: Timestamp) -> bool {
        now.millis_since(self.used_at) < SESSION_IDLE_MS
            && now.millis_since(self.started_at) < SESSION_ABSOLUTE_MS
    }
}

/// Why a name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Another length or another character.
    #[error(
        "2 to 64 characters: small letters a to z, digits, full stop, hyphen, underscore; a letter first"
    )]
    UserName,
    /// Empty, too long, or with control characters.
    #[error("1 to 120 characters on one line, without spaces at the ends")]
    DisplayName,
}

/// Checks a user name: `[a-z][a-z0-9._-]{1,63}`.
///
/// # Errors
/// What a user name may be.
pub fn check_user_name(name: &str) -> Result<(), InvalidName> {
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|first| first.is_ascii_lowercase());
    let rest =
        characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
    if first && rest && (2..=64).contains(&name.len()) { Ok(()) } else { Err(InvalidName::UserName) }
}

/// Checks a name for people: a display name, a title, the name of a site.
///
/// # Errors
/// What such a name may be.
pub fn check_display_name(name: &str) -> Result<(), InvalidName> {
    let length = name.chars().count();
    if (1..=120).contains(&length) && name.trim() == name && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(InvalidName::DisplayName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person {
            id: PersonId::from_random([1; 16]),
            user_name: "ada".to_owned(),
            display_name: "Ada".to_owned(),
            roles: BTreeSet::from([Role::Annotator]),
            suspended: false,
            invitation: Some(Invitation { code_sha256: [7; 32], expires_at: Timestamp::from_millis(5) }),
            redeemed_sites: BTreeSet::new(),
            suspended_sites: BTreeSet::new(),
            created_at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn a_redeemed_invitation_does_not_go_down_to_that_site_again() {
        let (north, south) = (SiteId::from_random([1; 16]), SiteId::from_random([2; 16]));
        let mut person = person();
        assert_eq!(person.standing(), PersonStanding::Invited);
        person.apply(north, PersonChangeKind::Redeemed);
        assert_eq!(person.standing(), PersonStanding::Active);
        assert_eq!(person.order_for(north).invitation, None);
        assert!(person.order_for(south).invitation.is_some());
    }

    #[test]
    fn a_hospitals_suspension_shows_until_it_is_lifted() {
        let north = SiteId::from_random([1; 16]);
        let mut person = person();
        person.apply(north, PersonChangeKind::Redeemed);
        person.apply(north, PersonChangeKind::Suspended);
        assert_eq!(person.standing(), PersonStanding::Suspended);
        assert!(!person.order_for(north).suspended, "the hospital's own decision does not come back as ours");
        person.apply(north, PersonChangeKind::Resumed);
        assert_eq!(person.standing(), PersonStanding::Active);
    }

    #[test]
    fn a_session_ends_idle_and_ends_anyway() {
        let at = Timestamp::from_millis;
        let session = |used| Session {
            token_sha256: [0; 32],
            person: person().id,
            started_at: at(0),
            used_at: at(used),
        };
        assert!(session(0).good_at(at(SESSION_IDLE_MS - 1)));
        assert!(!session(0).good_at(at(SESSION_IDLE_MS)));
        assert!(!session(SESSION_ABSOLUTE_MS - 1).good_at(at(SESSION_ABSOLUTE_MS)));
    }

    #[test]
    fn names_are_plain() {
        for good in ["ada", "a.b-c_9"] {
            assert_eq!(check_user_name(good), Ok(()), "{good}");
        }
        for bad in ["", "a", "Ada", "9a", "a b", "á́a"] {
            assert_eq!(check_user_name(bad), Err(InvalidName::UserName), "{bad}");
        }
        assert_eq!(check_display_name("Röntgen, Dr."), Ok(()));
        for bad in ["", " a", "a\nb"] {
            assert_eq!(check_display_name(bad), Err(InvalidName::DisplayName), "{bad:?}");
        }
    }
}
