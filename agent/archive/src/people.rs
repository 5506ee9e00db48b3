//! Accounts at this site: roles, the password's hash, suspension, and the invitations that come down.
//!
//! Computes no password hash and reads no code in clear: both come in hashed. Sessions are in `sessions.rs`.

use proto_ids::{PersonId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::messages::PersonChange;
use crate::outbox::outbox_put;
use crate::record::{IdBytes, Record, Rows, id_in_key, load, load_all, save};
use crate::worklist::PersonRecord;
use crate::{Archive, StorageError};

/// What a person may do at this site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Annotator,
    /// May promote a submission to gold.
    Reviewer,
    /// Hospital IT.
    HospitalAdmin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Annotator, Self::Reviewer, Self::HospitalAdmin];

    /// The name in the API and in records.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Annotator => "annotator",
            Self::Reviewer => "reviewer",
            Self::HospitalAdmin => "hospital_admin",
        }
    }

    /// The role with this name, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Whether a person may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// No password yet.
    Invited,
    Active,
    /// By hospital IT or by the control plane.
    Suspended,
}

/// A person as the site knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub person: PersonId,
    pub user_name: String,
    pub display_name: String,
    pub state: PersonState,
    pub roles: Vec<Role>,
}

/// What a sign-in is checked against.
#[derive(Clone)]
pub struct SignIn {
    pub row: PersonRow,
    /// In PHC form, as it was given.
    pub password_hash: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("row", &self.row).finish_non_exhaustive()
    }
}

/// An account that hospital IT makes.
#[derive(Clone)]
pub struct NewAccount {
    pub user_name: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    /// In PHC form.
    pub password_hash: String,
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount").field("roles", &self.roles).finish_non_exhaustive()
    }
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the user name is taken")]
    UserNameTaken,
    #[error("cannot keep the account")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for AccountError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// Why an invitation was not redeemed.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// Unknown, expired or used; nobody is told which.
    #[error("the invitation is unknown, expired or used")]
    Unknown,
    #[error("the user name is taken")]
    UserNameTaken,
    #[error("cannot redeem the invitation")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for RedeemError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// `account`: person → what this site alone knows of them.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountRecord {
    user_name: String,
    display_name: String,
    roles: Vec<String>,
    password_hash: String,
    suspended: bool,
    created_at: i64,
    /// The invitation that made the account.
    pub(crate) redeemed_sha256: Option<ByteArray<32>>,
}

impl Record for AccountRecord {
    const TABLE: &'static str = "account";
}

/// `account_by_name`: folded user name → person.
#[derive(Serialize, Deserialize)]
struct AccountByName {
    person: IdBytes,
}

impl Record for AccountByName {
    const TABLE: &'static str = "account_by_name";
}

impl Archive {
    /// Everybody the site knows, by user name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn people(&self) -> Result<Vec<PersonRow>, StorageError> {
        let mut ids = std::collections::BTreeSet::new();
        for (key, _) in self.work.rows(PersonRecord::TABLE, &[])? {
            ids.insert(PersonId::from_bytes(id_in_key(PersonRecord::TABLE, &key, 0)?));
        }
        for (key, _) in self.work.rows(AccountRecord::TABLE, &[])? {
            ids.insert(PersonId::from_bytes(id_in_key(AccountRecord::TABLE, &key, 0)?));
        }
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.extend(person_in(&self.work, id)?);
        }
        rows.sort_by(|first, second| first.user_name.cmp(&second.user_name));
        Ok(rows)
    }

    /// One person.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn person(&self, person: PersonId) -> Result<Option<PersonRow>, StorageError> {
        person_in(&self.work, person)
    }

    /// What a sign-in under this user name is checked against; none for a person without a password.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sign_in(&self, user_name: &str) -> Result<Option<SignIn>, StorageError> {
        let Some(key) = name_key(user_name) else { return Ok(None) };
        let Some(found) = load::<AccountByName>(&self.work, &key)? else { return Ok(None) };
        let person = PersonId::from_bytes(*found.person);
        let account = load::<AccountRecord>(&self.work, person.bytes())?;
        let row = person_in(&self.work, person)?;
        Ok(account.zip(row).map(|(account, row)| SignIn { row, password_hash: account.password_hash }))
    }

    /// Makes an account with a password, as hospital IT does at the command line.
    ///
    /// # Errors
    /// [`AccountError`]; nothing was kept.
    pub fn account_create(&self, new: NewAccount) -> Result<PersonId, AccountError> {
        let person = PersonId::from_random(self.keys.random_id()?);
        let record = AccountRecord {
            user_name: new.user_name,
            display_name: new.display_name,
            roles: new.roles.iter().map(|role| role.code().to_owned()).collect(),
            password_hash: new.password_hash,
            suspended: false,
            created_at: self.clock.now().millis(),
            redeemed_sha256: None,
        };
        self.work.write(|tx| {
            if !name_take(tx, person, &record.user_name)? {
                return Err(AccountError::UserNameTaken);
            }
            save(tx, person.bytes(), &record)?;
            Ok(person)
        })
    }

    /// Gives an account another password; all its sessions end. False when there is no such account.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn account_password_set(
        &self,
        person: PersonId,
        password_hash: String,
    ) -> Result<bool, StorageError> {
        self.work.write(|tx| {
            let Some(mut account) = load::<AccountRecord>(tx, person.bytes())? else { return Ok(false) };
            account.password_hash = password_hash;
            save(tx, person.bytes(), &account)?;
            crate::sessions::sessions_end_in(tx, person)?;
            Ok(true)
        })
    }

    /// Gives an account other roles. False when there is no such account.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn account_roles_set(&self, person: PersonId, roles: &[Role]) -> Result<bool, StorageError> {
        self.work.write(|tx| {
            let Some(mut account) = load::<AccountRecord>(tx, person.bytes())? else { return Ok(false) };
            account.roles = roles.iter().map(|role| role.code().to_owned()).collect();
            save(tx, person.bytes(), &account)?;
            Ok(true)
        })
    }

    /// The person whose invitation has this code and can be redeemed at `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn invitation(
        &self,
        code_sha256: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<PersonRow>, StorageError> {
        match invitation_in(&self.work, code_sha256, now)? {
            Some(person) => person_in(&self.work, person),
            None => Ok(None),
        }
    }

    /// Spends an invitation: the account gets its password, and the control plane is told, in one transaction.
    /// Somebody who had an account gets the new password, and their sessions end.
    ///
    /// # Errors
    /// [`RedeemError`]; nothing changed.
    pub fn invitation_redeem(
        &self,
        code_sha256: &[u8; 32],
        password_hash: String,
        now: Timestamp,
    ) -> Result<PersonRow, RedeemError> {
        let row = self.work.write(|tx| {
            let person = invitation_in(tx, code_sha256, now)?.ok_or(RedeemError::Unknown)?;
            let mut copy = load::<PersonRecord>(tx, person.bytes())?.ok_or(RedeemError::Unknown)?;
            copy.invitation_sha256 = None;
            if !name_take(tx, person, &copy.user_name)? {
                return Err(RedeemError::UserNameTaken);
            }
            let before = load::<AccountRecord>(tx, person.bytes())?;
            let account = AccountRecord {
                user_name: copy.user_name.clone(),
                display_name: copy.display_name.clone(),
                roles: match &before {
                    Some(account) => account.roles.clone(),
                    None => vec![Role::Annotator.code().to_owned()],
                },
                password_hash,
                suspended: before.as_ref().is_some_and(|account| account.suspended),
                created_at: before.map_or(now.millis(), |account| account.created_at),
                redeemed_sha256: Some(ByteArray::new(*code_sha256)),
            };
            save(tx, person.bytes(), &copy)?;
            save(tx, person.bytes(), &account)?;
            crate::sessions::sessions_end_in(tx, person)?;
            self.person_told(tx, person, PersonChange::Redeemed)?;
            person_in(tx, person)?.ok_or(RedeemError::Unknown)
        })?;
        self.outbox_tell();
        Ok(row)
    }

    /// Suspends a person at this site; their sessions end at once. False when nobody has this id.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn person_suspend(&self, person: PersonId) -> Result<bool, StorageError> {
        self.person_suspension(person, PersonChange::Suspended)
    }

    /// Takes back a suspension by this site. False when nobody has this id.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn person_resume(&self, person: PersonId) -> Result<bool, StorageError> {
        self.person_suspension(person, PersonChange::Resumed)
    }

    fn person_suspension(&self, person: PersonId, change: PersonChange) -> Result<bool, StorageError> {
        let suspended = change == PersonChange::Suspended;
        let found = self.work.write(|tx| {
            let copy = load::<PersonRecord>(tx, person.bytes())?;
            let account = load::<AccountRecord>(tx, person.bytes())?;
            let invited = copy.is_some();
            let Some(account) = account.or_else(|| copy.map(|copy| account_without_password(&copy))) else {
                return Ok::<_, StorageError>(false);
            };
            if account.suspended == suspended {
                return Ok(true);
            }
            save(tx, person.bytes(), &AccountRecord { suspended, ..account })?;
            crate::sessions::sessions_end_in(tx, person)?;
            // The control plane knows nothing of accounts that hospital IT made.
            if invited {
                self.person_told(tx, person, change)?;
            }
            Ok(true)
        })?;
        self.outbox_tell();
        Ok(found)
    }

    fn person_told(
        &self,
        tx: &mut Tx<'_>,
        person: PersonId,
        change: PersonChange,
    ) -> Result<(), StorageError> {
        if let Some(bytes) = self.messages().person(person, change) {
            outbox_put(tx, bytes)?;
        }
        Ok(())
    }
}

/// Holds a suspension of somebody who has not redeemed their invitation yet.
fn account_without_password(copy: &PersonRecord) -> AccountRecord {
    AccountRecord {
        user_name: copy.user_name.clone(),
        display_name: copy.display_name.clone(),
        roles: vec![Role::Annotator.code().to_owned()],
        password_hash: String::new(),
        suspended: false,
        created_at: 0,
        redeemed_sha256: None,
    }
}

pub(crate) fn person_in(rows: &impl Rows, person: PersonId) -> Result<Option<PersonRow>, StorageError> {
    let copy = load::<PersonRecord>(rows, person.bytes())?;
    let account = load::<AccountRecord>(rows, person.bytes())?;
    let suspended = copy.as_ref().is_some_and(|copy| copy.suspended)
        || account.as_ref().is_some_and(|account| account.suspended);
    let has_password = account.as_ref().is_some_and(|account| !account.password_hash.is_empty());
    let state = match (suspended, has_password) {
        (true, _) => PersonState::Suspended,
        (false, true) => PersonState::Active,
        (false, false) => PersonState::Invited,
    };
    let roles = match &account {
        Some(account) => account.roles.iter().filter_map(|code| Role::from_code(code)).collect(),
        None => vec![Role::Annotator],
    };
    let names = account
        .map(|account| (account.user_name, account.display_name))
        .or_else(|| copy.map(|copy| (copy.user_name, copy.display_name)));
    Ok(names.map(|(user_name, display_name)| PersonRow { person, user_name, display_name, state, roles }))
}

fn invitation_in(
    rows: &impl Rows,
    code_sha256: &[u8; 32],
    now: Timestamp,
) -> Result<Option<PersonId>, StorageError> {
    for (key, person) in load_all::<PersonRecord>(rows, &[])? {
        let matches = person.invitation_sha256.is_some_and(|sha256| *sha256 == *code_sha256);
        if matches && now.millis() < person.invitation_expires_at && !person.suspended {
            return Ok(Some(PersonId::from_bytes(id_in_key(PersonRecord::TABLE, &key, 0)?)));
        }
    }
    Ok(None)
}

/// Takes a user name for a person. False when somebody else has it.
fn name_take(tx: &mut Tx<'_>, person: PersonId, user_name: &str) -> Result<bool, StorageError> {
    let key = name_key(user_name).ok_or(StorageError::Record { table: AccountByName::TABLE })?;
    match load::<AccountByName>(tx, &key)? {
        Some(taken) => Ok(*taken.person == *person.bytes()),
        None => {
            save(tx, &key, &AccountByName { person: ByteArray::new(*person.bytes()) })?;
            Ok(true)
        }
    }
}

/// User names differ by more than letter case.
fn name_key(user_name: &str) -> Option<Vec<u8>> {
    let folded = user_name.trim().to_lowercase().into_bytes();
    (!folded.is_empty() && folded.len() <= 1024).then_some(folded)
}
