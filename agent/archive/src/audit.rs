//! The audit trail: who did what to which thing, and when. Append-only; it never leaves the site.
//!
//! What is said beyond closed lists and tokens is sealed under a key of the site, since it may name a patient.

use agent_phi::{HeaderText, Purpose};
use proto_ids::{AssetToken, InstanceToken, PersonId, StudyToken, SubmissionId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use crate::keys::{Place, open_sealed};
use crate::outbox::sequence_of;
use crate::record::{IdBytes, Record, decode, load, save};
use crate::{Archive, StorageError};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditActor {
    /// The agent itself.
    Agent,
    Person(PersonId),
    /// A DICOM or DICOMweb peer of the hospital.
    Peer,
    /// Somebody at the agent's command line.
    Operator,
    /// Somebody who is not known: a sign-in that failed.
    Unknown,
}

/// To what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditSubject {
    Nothing,
    Study(StudyToken),
    Instance(InstanceToken),
    Asset(AssetToken),
    Task(TaskId),
    Submission(SubmissionId),
    Person(PersonId),
}

/// Whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    Done,
    Refused,
}

macro_rules! audit_actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// What was done. A closed list; codes are stored and never used again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[$doc])* $name),+ }

        impl AuditAction {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn code(self) -> u16 {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

audit_actions! {
    AgentStarted = 1,
    AgentStopped = 2,
    InstanceReceived = 10,
    InstanceImported = 11,
    StudyQueried = 12,
    StudyDeleted = 13,
    /// A peer was given objects, or had them given to another peer.
    StudyRetrieved = 14,
    /// A peer was told whether objects are safe.
    CommitmentAnswered = 15,
    /// A peer was called at the wish of a person of the hospital: to see whether it is there, or what it holds.
    PeerAsked = 16,
    /// Objects of a peer were asked for.
    PeerPulled = 17,
    /// Objects were sent to a peer.
    PeerSent = 18,
    /// Voxels were shown to a person.
    VolumeRead = 20,
    TaskGiven = 21,
    WorkSubmitted = 22,
    GoldPut = 23,
    SubmissionPromoted = 24,
    SignedIn = 30,
    SignedOut = 31,
    InvitationRedeemed = 32,
    PersonSuspended = 33,
    PersonResumed = 34,
    AccountCreated = 35,
    DicomwebTokenCreated = 36,
    DicomwebTokenRevoked = 37,
    LedgerExported = 40,
    /// A model of assistance was registered, or its registration changed.
    ModelRegistered = 50,
    ModelRemoved = 51,
    /// Pictures in quarantine were shown to who decides about them.
    QuarantineViewed = 60,
    /// Annotators and models may have the pictures.
    QuarantineReleased = 61,
    /// Nobody else will have the pictures.
    QuarantineWithheld = 62,
    /// What is painted over in the pictures of a kind of device was said, or no longer holds.
    DeviceRuleAdded = 63,
    DeviceRuleRemoved = 64,
    /// A file was de-identified for the eyes of the hospital and not kept.
    DeidentificationPreviewed = 65,
}

/// An event to be written down.
#[derive(Debug, Clone)]
pub struct NewAuditEvent {
    pub actor: AuditActor,
    pub action: AuditAction,
    pub subject: AuditSubject,
    pub outcome: AuditOutcome,
    /// Whatever else hospital IT needs, such as a peer's address; sealed.
    pub detail: Option<HeaderText>,
}

/// A line of the trail.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// From 1, without gaps.
    pub sequence: u64,
    pub at: Timestamp,
    pub event: NewAuditEvent,
}

#[derive(Serialize, Deserialize)]
struct AuditRecord {
    at: i64,
    action: u16,
    outcome: u8,
    actor: u8,
    actor_id: Option<IdBytes>,
    subject: u8,
    subject_id: Option<IdBytes>,
    sealed: Option<ByteBuf>,
}

impl Record for AuditRecord {
    const TABLE: &'static str = "event";
}

#[derive(Serialize, Deserialize)]
struct LastEvent {
    sequence: u64,
}

impl Record for LastEvent {
    const TABLE: &'static str = "event_last";
}

impl Archive {
    /// Writes an event down. It is durable when this returns.
    ///
    /// # Errors
    /// When the trail cannot be written.
    pub fn audit_append(&self, event: &NewAuditEvent) -> Result<u64, StorageError> {
        let at = self.clock.now().millis();
        let (actor, actor_id) = actor_code(event.actor);
        let (subject, subject_id) = subject_code(event.subject);
        self.audit.write(|tx| {
            let sequence = load::<LastEvent>(tx, &[])?.map_or(0, |last| last.sequence) + 1;
            let key = sequence.to_be_bytes();
            let place = Place { table: AuditRecord::TABLE, key: &key };
            let detail =
                event.detail.as_ref().map(|detail| detail.expose(Purpose::Store).as_bytes().to_vec());
            let sealed = detail.map(|detail| self.keys.seal(self.keys.site(), place, detail)).transpose()?;
            let record = AuditRecord {
                at,
                action: event.action.code(),
                outcome: u8::from(event.outcome == AuditOutcome::Refused),
                actor,
                actor_id,
                subject,
                subject_id,
                sealed: sealed.map(ByteBuf::from),
            };
            save(tx, &key, &record)?;
            save(tx, &[], &LastEvent { sequence })?;
            Ok(sequence)
        })
    }

    /// At most `limit` events with a number above `after`, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit_list(&self, after: u64, limit: usize) -> Result<Vec<AuditEvent>, StorageError> {
        let from = after.saturating_add(1).to_be_bytes();
        let rows = self.audit.scan_range(AuditRecord::TABLE, &from, limit)?;
        rows.into_iter().map(|(key, row)| self.audit_read(&key, decode(&row.value)?)).collect()
    }

    fn audit_read(&self, key: &[u8], record: AuditRecord) -> Result<AuditEvent, StorageError> {
        let malformed = || StorageError::Record { table: AuditRecord::TABLE };
        let place = Place { table: AuditRecord::TABLE, key };
        let detail = match record.sealed {
            None => None,
            Some(sealed) => {
                let text = open_sealed(self.keys.site(), place, &sealed)?;
                let text = String::from_utf8(text).map_err(|_| malformed())?;
                Some(HeaderText::new(text).map_err(|_| malformed())?)
            }
        };
        let action = AuditAction::ALL.iter().find(|action| action.code() == record.action);
        Ok(AuditEvent {
            sequence: sequence_of(AuditRecord::TABLE, key)?,
            at: Timestamp::from_millis(record.at),
            event: NewAuditEvent {
                actor: actor_of(record.actor, record.actor_id).ok_or_else(malformed)?,
                action: *action.ok_or_else(malformed)?,
                subject: subject_of(record.subject, record.subject_id).ok_or_else(malformed)?,
                outcome: if record.outcome == 0 { AuditOutcome::Done } else { AuditOutcome::Refused },
                detail,
            },
        })
    }
}

fn actor_code(actor: AuditActor) -> (u8, Option<IdBytes>) {
    match actor {
        AuditActor::Agent => (0, None),
        AuditActor::Person(id) => (1, Some(ByteArray::new(*id.bytes()))),
        AuditActor::Peer => (2, None),
        AuditActor::Operator => (3, None),
        AuditActor::Unknown => (4, None),
    }
}

fn actor_of(code: u8, id: Option<IdBytes>) -> Option<AuditActor> {
    match (code, id) {
        (0, None) => Some(AuditActor::Agent),
        (1, Some(id)) => Some(AuditActor::Person(PersonId::from_bytes(*id))),
        (2, None) => Some(AuditActor::Peer),
        (3, None) => Some(AuditActor::Operator),
        (4, None) => Some(AuditActor::Unknown),
        (_, _) => None,
    }
}

fn subject_code(subject: AuditSubject) -> (u8, Option<IdBytes>) {
    let id = |bytes: &[u8; 16]| Some(ByteArray::new(*bytes));
    match subject {
        AuditSubject::Nothing => (0, None),
        AuditSubject::Study(token) => (1, id(token.bytes())),
        AuditSubject::Instance(token) => (2, id(token.bytes())),
        AuditSubject::Asset(token) => (3, id(token.bytes())),
        AuditSubject::Task(task) => (4, id(task.bytes())),
        AuditSubject::Submission(submission) => (5, id(submission.bytes())),
        AuditSubject::Person(person) => (6, id(person.bytes())),
    }
}

fn subject_of(code: u8, id: Option<IdBytes>) -> Option<AuditSubject> {
    match (code, id) {
        (0, None) => Some(AuditSubject::Nothing),
        (1, Some(id)) => Some(AuditSubject::Study(StudyToken::from_bytes(*id))),
        (2, Some(id)) => Some(AuditSubject::Instance(InstanceToken::from_bytes(*id))),
        (3, Some(id)) => Some(AuditSubject::Asset(AssetToken::from_bytes(*id))),
        (4, Some(id)) => Some(AuditSubject::Task(TaskId::from_bytes(*id))),
        (5, Some(id)) => Some(AuditSubject::Submission(SubmissionId::from_bytes(*id))),
        (6, Some(id)) => Some(AuditSubject::Person(PersonId::from_bytes(*id))),
        (_, _) => None,
    }
}
