//! Signing in and out at the console, and knowing who somebody is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane_domain::{Action, Actor, Person, PersonStanding, Role, Session, Subject};

use crate::{App, AppError, Reader, Tx, passwords, read, sha256, transact};

/// A session's last use is written at most once a minute, so that polling does not write.
const USED_AT_STEP_MS: i64 = 60_000;

/// Somebody has signed in.
pub struct SignedIn {
    /// The value of the cookie: 256 random bits, base64url. Only its digest is stored.
    pub token: String,
    /// Who.
    pub person: Person,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("person", &self.person.id).finish_non_exhaustive()
    }
}

impl App {
    /// Signs somebody in who is a manager or an administrator. Takes tens of milliseconds.
    ///
    /// # Errors
    /// Wrong credentials (also for people who may not sign in here), too many tries, suspended.
    pub fn sign_in(&self, user_name: &str, password: &str) -> Result<SignedIn, AppError> {
        let now = self.now();
        if let Some(wait_ms) = self.throttle.begin(user_name, now) {
            return Err(AppError::SlowDown { retry_after_seconds: (wait_ms.unsigned_abs()).div_ceil(1000) });
        }
        let found = read(self.store.as_ref(), |reader| find(reader, user_name))?;
        let hash = found.as_ref().map(|(_, hash)| hash.as_str());
        let right = passwords::matches(password, hash);
        let Some((person, _)) = found.filter(|_| right) else {
            let actor = Actor::Unknown;
            transact(self.store.as_ref(), |tx| {
                self.audit(tx, &actor, Action::SignInRefused, Subject::Store)
            })?;
            return Err(AppError::WrongCredentials);
        };
        self.throttle.right(user_name);
        if person.standing() == PersonStanding::Suspended {
            return Err(AppError::Suspended);
        }
        let token = URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>()?);
        let session = Session {
            token_sha256: sha256(token.as_bytes()),
            person: person.id,
            started_at: now,
            used_at: now,
        };
        transact(self.store.as_ref(), |tx| {
            for old in tx.session_list()?.iter().filter(|old| !old.good_at(now)) {
                tx.session_delete(&old.token_sha256)?;
            }
            tx.session_put(&session)?;
            self.audit(tx, &actor_of(&person), Action::SignedIn, Subject::Person(person.id))
        })?;
        Ok(SignedIn { token, person })
    }

    /// Who has this session; keeps it alive.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] when the session is unknown or has ended, or its person may not
    /// sign in any more.
    pub fn session_person(&self, token: &str) -> Result<(Person, Actor), AppError> {
        let now = self.now();
        let digest = sha256(token.as_bytes());
        let (mut session, person) = read(self.store.as_ref(), |reader| {
            let session = reader.session_get(&digest)?.filter(|session| session.good_at(now));
            let session = session.ok_or(AppError::SignedOut)?;
            let person = reader.person_get(session.person)?.filter(may_sign_in).ok_or(AppError::SignedOut)?;
            Ok((session, person))
        })?;
        if now.millis_since(session.used_at) >= USED_AT_STEP_MS {
            session.used_at = now;
            transact(self.store.as_ref(), |tx| touch(tx, &session))?;
        }
        let actor = actor_of(&person);
        Ok((person, actor))
    }

    /// Ends a session; one that is unknown has ended already.
    ///
    /// # Errors
    /// The store failed.
    pub fn sign_out(&self, token: &str) -> Result<(), AppError> {
        let digest = sha256(token.as_bytes());
        transact(self.store.as_ref(), |tx| {
            let Some(session) = tx.session_get(&digest)? else { return Ok(()) };
            tx.session_delete(&digest)?;
            let actor = match tx.person_get(session.person)? {
                Some(person) => actor_of(&person),
                None => Actor::Unknown,
            };
            self.audit(tx, &actor, Action::SignedOut, Subject::Person(session.person))
        })
    }
}

/// Writes the last use, unless the session was ended meanwhile.
fn touch(tx: &mut dyn Tx, session: &Session) -> Result<(), AppError> {
    if tx.session_get(&session.token_sha256)?.is_some() {
        tx.session_put(session)?;
    }
    Ok(())
}

fn find(reader: &dyn Reader, user_name: &str) -> Result<Option<(Person, String)>, AppError> {
    let Some(person) = reader.person_by_user_name(user_name)? else { return Ok(None) };
    if !person.roles.iter().any(|role| *role != Role::Annotator) {
        return Ok(None);
    }
    Ok(reader.credential_get(person.id)?.map(|credential| (person, credential.password_hash)))
}

fn may_sign_in(person: &Person) -> bool {
    person.standing() != PersonStanding::Suspended && person.roles.iter().any(|role| *role != Role::Annotator)
}

fn actor_of(person: &Person) -> Actor {
    Actor::Person { id: person.id, roles: person.roles.clone() }
}
