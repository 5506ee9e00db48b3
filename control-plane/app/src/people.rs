//! People: annotators are invited to sites by a one-time code; staff get a password here.

use std::collections::BTreeSet;

use control_plane_domain::{
    Action, Actor, Credential, INVITATION_LIFETIME_MS, Invitation, Person, Role, Subject, UseCase,
    check_display_name, check_user_name,
};
use proto_ids::{PersonId, Timestamp};

use crate::{App, AppError, FieldProblem, Thing, Tx, check_new_password, passwords, read, sha256, transact};

/// An invitation, shown once. Only the digest of the code is stored.
pub struct Invited {
    /// The person.
    pub person: Person,
    /// `XXXX-XXXX-XXXX-XXXX`: 80 random bits in base32 (RFC 4648).
    pub code: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Invited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invited").field("person", &self.person.id).finish_non_exhaustive()
    }
}

/// A person who signs in here, to be added.
#[derive(Clone)]
pub struct NewStaff {
    /// What they sign in with.
    pub user_name: String,
    /// What others read.
    pub display_name: String,
    /// Manager or administrator, or both.
    pub roles: BTreeSet<Role>,
    /// Their first password.
    pub password: String,
}

impl std::fmt::Debug for NewStaff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewStaff").field("roles", &self.roles).finish_non_exhaustive()
    }
}

impl App {
    /// All annotators, by user name.
    ///
    /// # Errors
    /// Denied, or the store failed.
    pub fn annotator_list(&self, actor: &Actor) -> Result<Vec<Person>, AppError> {
        self.authorise(actor, UseCase::PersonList)?;
        let mut people = read(self.store.as_ref(), |reader| Ok(reader.person_list()?))?;
        people.retain(|person| person.roles.contains(&Role::Annotator));
        people.sort_by(|a, b| a.user_name.cmp(&b.user_name));
        Ok(people)
    }

    /// Everybody, by user name.
    ///
    /// # Errors
    /// Denied, or the store failed.
    pub fn person_list(&self, actor: &Actor) -> Result<Vec<Person>, AppError> {
        self.authorise(actor, UseCase::StaffChange)?;
        let mut people = read(self.store.as_ref(), |reader| Ok(reader.person_list()?))?;
        people.sort_by(|a, b| a.user_name.cmp(&b.user_name));
        Ok(people)
    }

    /// Adds an annotator and invites them.
    ///
    /// # Errors
    /// Denied, a name that cannot be used or is taken, or the store failed.
    pub fn annotator_add(
        &self,
        actor: &Actor,
        user_name: &str,
        display_name: &str,
    ) -> Result<Invited, AppError> {
        self.authorise(actor, UseCase::PersonInvite)?;
        let roles = BTreeSet::from([Role::Annotator]);
        let mut person = self.new_person(user_name, display_name, roles)?;
        let (code, invitation) = self.new_invitation()?;
        let expires_at = invitation.expires_at;
        person.invite(invitation);
        transact(self.store.as_ref(), |tx| {
            person_add(tx, &person)?;
            self.audit(tx, actor, Action::PersonAdded, Subject::Person(person.id))
        })?;
        Ok(Invited { person, code, expires_at })
    }

    /// Invites an annotator again; the last code is good no more.
    ///
    /// # Errors
    /// Denied, the annotator is unknown, or the store failed.
    pub fn annotator_invite(&self, actor: &Actor, id: PersonId) -> Result<Invited, AppError> {
        self.authorise(actor, UseCase::PersonInvite)?;
        let (code, invitation) = self.new_invitation()?;
        let expires_at = invitation.expires_at;
        let person = transact(self.store.as_ref(), |tx| {
            let person = tx.person_get(id)?.filter(|person| person.roles.contains(&Role::Annotator));
            let mut person = person.ok_or(AppError::NotFound(Thing::Person))?;
            person.invite(invitation.clone());
            tx.person_put(&person)?;
            self.audit(tx, actor, Action::PersonInvited, Subject::Person(id))?;
            Ok(person)
        })?;
        Ok(Invited { person, code, expires_at })
    }

    /// Adds somebody who signs in here. Takes tens of milliseconds.
    ///
    /// # Errors
    /// Denied, a name or password that cannot be used, a name that is taken, or the store failed.
    pub fn staff_add(&self, actor: &Actor, new: &NewStaff) -> Result<Person, AppError> {
        self.authorise(actor, UseCase::StaffChange)?;
        let staff = !new.roles.is_empty() && !new.roles.contains(&Role::Annotator);
        if !staff {
            return Err(AppError::Invalid(vec![FieldProblem::new("roles", "manager or administrator")]));
        }
        check_new_password(&new.password)?;
        let person = self.new_person(&new.user_name, &new.display_name, new.roles.clone())?;
        let password_hash = passwords::hash(&new.password, &self.chance)?;
        let credential = Credential { person: person.id, password_hash };
        transact(self.store.as_ref(), |tx| {
            person_add(tx, &person)?;
            tx.credential_put(&credential)?;
            self.audit(tx, actor, Action::PersonAdded, Subject::Person(person.id))
        })?;
        Ok(person)
    }

    /// Sets the password of somebody who signs in here and ends their sessions.
    ///
    /// # Errors
    /// Denied, the person is unknown or does not sign in here, a password that cannot be used, or
    /// the store failed.
    pub fn password_set(&self, actor: &Actor, user_name: &str, password: &str) -> Result<(), AppError> {
        self.authorise(actor, UseCase::StaffChange)?;
        check_new_password(password)?;
        let password_hash = passwords::hash(password, &self.chance)?;
        transact(self.store.as_ref(), |tx| {
            let person = tx.person_by_user_name(user_name)?;
            let person = person.filter(|person| !person.roles.contains(&Role::Annotator));
            let person = person.ok_or(AppError::NotFound(Thing::Person))?;
            for session in tx.session_list()?.iter().filter(|session| session.person == person.id) {
                tx.session_delete(&session.token_sha256)?;
            }
            tx.credential_put(&Credential { person: person.id, password_hash: password_hash.clone() })?;
            self.audit(tx, actor, Action::PasswordSet, Subject::Person(person.id))
        })
    }

    fn new_person(
        &self,
        user_name: &str,
        display_name: &str,
        roles: BTreeSet<Role>,
    ) -> Result<Person, AppError> {
        let mut problems = Vec::new();
        if let Err(problem) = check_user_name(user_name) {
            problems.push(FieldProblem::new("user_name", problem.to_string()));
        }
        if let Err(problem) = check_display_name(display_name) {
            problems.push(FieldProblem::new("display_name", problem.to_string()));
        }
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        Ok(Person {
            id: PersonId::from_random(self.chance.bytes()?),
            user_name: user_name.to_owned(),
            display_name: display_name.to_owned(),
            roles,
            suspended: false,
            invitation: None,
            redeemed_sites: BTreeSet::new(),
            suspended_sites: BTreeSet::new(),
            created_at: self.now(),
        })
    }

    fn new_invitation(&self) -> Result<(String, Invitation), AppError> {
        let characters = base32(self.chance.bytes::<10>()?);
        let code_sha256 = sha256(characters.as_bytes());
        let expires_at = self.now().plus_millis(INVITATION_LIFETIME_MS);
        Ok((grouped(&characters), Invitation { code_sha256, expires_at }))
    }
}

fn person_add(tx: &mut dyn Tx, person: &Person) -> Result<(), AppError> {
    if tx.person_by_user_name(&person.user_name)?.is_some() {
        return Err(AppError::Exists(Thing::Person));
    }
    Ok(tx.person_put(person)?)
}

/// 80 bits as 16 characters of RFC 4648 base32.
fn base32(bits: [u8; 10]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let whole = bits.iter().fold(0_u128, |whole, byte| whole << 8 | u128::from(*byte));
    (0..16).rev().map(|place| char::from(ALPHABET[(whole >> (place * 5) & 31) as usize])).collect()
}

fn grouped(characters: &str) -> String {
    let groups: Vec<String> = characters
        .as_bytes()
        .chunks(4)
        .map(|group| group.iter().map(|byte| char::from(*byte)).collect())
        .collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_base32_in_four_groups() {
        // RFC 4648 §10: the encoding of "foobarfoob" begins as that of "fooba", MZXW6YTB.
        assert_eq!(grouped(&base32(*b"foobafooba")), "MZXW-6YTB-MZXW-6YTB");
        assert_eq!(grouped(&base32([0xff; 10])), "7777-7777-7777-7777");
    }
}
