//! The stored form of a submission.

use agent_work::{Override, OverrideReason, Role, TimeUse, VerdictKind};
use proto_ids::{AssetToken, PersonId, ProjectId, SubmissionId, TaskId, Timestamp};
use proto_instruction::{Check, Subject};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::{Prepared, SubmissionRow, SubmissionVerdict};
use crate::record::{IdBytes, Record};

pub(super) const BLOB: &str = "submission blob";

/// The checks that a warning may come from.
const WARNINGS: [Check; 11] = [
    Check::TooFew,
    Check::TooMany,
    Check::DiameterTooSmall,
    Check::DiameterTooLarge,
    Check::VolumeTooSmall,
    Check::VolumeTooLarge,
    Check::TooFewSlices,
    Check::TooManySlices,
    Check::TooElongated,
    Check::Cavities,
    Check::RuleBroken,
];

/// `submission`: id → what is kept in clear; what was drawn is the row's blob, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct SubmissionRecord {
    task: IdBytes,
    project: IdBytes,
    asset: IdBytes,
    person: IdBytes,
    #[serde(default)]
    arbiter: bool,
    slot: u32,
    instruction_version: u32,
    revision: u64,
    granted_at: i64,
    submitted_at: i64,
    /// Wall, active, reading, idle, in seconds.
    #[serde(default)]
    time: [u32; 4],
    #[serde(default)]
    overrides: Vec<OverrideRecord>,
    #[serde(default)]
    verdicts: Vec<(IdBytes, u32, VerdictRecord)>,
    pub(super) log_digest: ByteArray<32>,
    pub(super) blob_nonce: ByteArray<12>,
}

impl Record for SubmissionRecord {
    const TABLE: &'static str = "submission";
}

/// Check and reason by their short names.
#[derive(Serialize, Deserialize)]
struct OverrideRecord {
    subject: SubjectRecord,
    check: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
enum SubjectRecord {
    Question(u32),
    Object(u32),
    Rule(u32),
}

#[derive(Serialize, Deserialize, Clone, Copy)]
enum VerdictRecord {
    Right,
    Acceptable,
    Wrong,
    NotDecidable,
}

impl SubmissionRecord {
    pub(super) fn of(
        prepared: &Prepared,
        overrides: &[Override],
        verdicts: &[SubmissionVerdict],
        now: Timestamp,
    ) -> Self {
        let TimeUse { wall_seconds, active_seconds, reading_seconds, idle_seconds } = prepared.time;
        let warned = |given: &&Override| WARNINGS.contains(&given.check);
        let verdict = |verdict: &SubmissionVerdict| {
            let submission = ByteArray::new(*verdict.submission.bytes());
            (submission, verdict.object_id, VerdictRecord::of(verdict.verdict))
        };
        Self {
            task: ByteArray::new(*prepared.holder.task.bytes()),
            project: ByteArray::new(*prepared.project.bytes()),
            asset: ByteArray::new(*prepared.asset.token.bytes()),
            person: ByteArray::new(*prepared.holder.person.bytes()),
            arbiter: prepared.role == Role::Arbiter,
            slot: prepared.slot,
            instruction_version: prepared.instruction_version,
            revision: prepared.revision,
            granted_at: prepared.granted_at.millis(),
            submitted_at: now.millis(),
            time: [wall_seconds, active_seconds, reading_seconds, idle_seconds],
            overrides: overrides.iter().filter(warned).map(OverrideRecord::of).collect(),
            verdicts: verdicts.iter().map(verdict).collect(),
            log_digest: ByteArray::new([0; 32]),
            blob_nonce: ByteArray::new([0; 12]),
        }
    }

    pub(super) fn read(&self, submission: SubmissionId) -> SubmissionRow {
        let [wall_seconds, active_seconds, reading_seconds, idle_seconds] = self.time;
        SubmissionRow {
            submission,
            task: TaskId::from_bytes(*self.task),
            project: ProjectId::from_bytes(*self.project),
            asset: AssetToken::from_bytes(*self.asset),
            person: PersonId::from_bytes(*self.person),
            role: if self.arbiter { Role::Arbiter } else { Role::Annotator },
            slot: self.slot,
            instruction_version: self.instruction_version,
            revision: self.revision,
            granted_at: Timestamp::from_millis(self.granted_at),
            submitted_at: Timestamp::from_millis(self.submitted_at),
            time: TimeUse { wall_seconds, active_seconds, reading_seconds, idle_seconds },
            log_digest: *self.log_digest,
        }
    }

    /// None when a name in the record is not known.
    pub(super) fn overrides(&self) -> Option<Vec<Override>> {
        self.overrides.iter().map(OverrideRecord::read).collect()
    }

    pub(super) fn verdicts(&self) -> Vec<SubmissionVerdict> {
        let verdict = |(submission, object_id, verdict): &(IdBytes, u32, VerdictRecord)| SubmissionVerdict {
            submission: SubmissionId::from_bytes(**submission),
            object_id: *object_id,
            verdict: verdict.read(),
        };
        self.verdicts.iter().map(verdict).collect()
    }
}

impl OverrideRecord {
    fn of(given: &Override) -> Self {
        Self {
            subject: match given.subject {
                Subject::Question(id) => SubjectRecord::Question(id),
                Subject::Object(id) => SubjectRecord::Object(id),
                Subject::Rule(id) => SubjectRecord::Rule(id),
            },
            check: given.check.code().to_owned(),
            reason: given.reason.code().to_owned(),
        }
    }

    fn read(&self) -> Option<Override> {
        Some(Override {
            subject: match self.subject {
                SubjectRecord::Question(id) => Subject::Question(id),
                SubjectRecord::Object(id) => Subject::Object(id),
                SubjectRecord::Rule(id) => Subject::Rule(id),
            },
            check: WARNINGS.into_iter().find(|check| check.code() == self.check)?,
            reason: OverrideReason::from_code(&self.reason)?,
        })
    }
}

impl VerdictRecord {
    const fn of(verdict: VerdictKind) -> Self {
        match verdict {
            VerdictKind::Right => Self::Right,
            VerdictKind::Acceptable => Self::Acceptable,
            VerdictKind::Wrong => Self::Wrong,
            VerdictKind::NotDecidable => Self::NotDecidable,
        }
    }

    const fn read(self) -> VerdictKind {
        match self {
            Self::Right => VerdictKind::Right,
            Self::Acceptable => VerdictKind::Acceptable,
            Self::Wrong => VerdictKind::Wrong,
            Self::NotDecidable => VerdictKind::NotDecidable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::without;

    #[test]
    fn a_submission_of_an_older_store_is_an_annotators_without_reasons() {
        let id = ByteArray::new([1; 16]);
        let record = SubmissionRecord {
            task: id,
            project: id,
            asset: id,
            person: id,
            arbiter: true,
            slot: 2,
            instruction_version: 3,
            revision: 4,
            granted_at: 5,
            submitted_at: 6,
            time: [4, 3, 2, 1],
            overrides: vec![OverrideRecord {
                subject: SubjectRecord::Rule(1),
                check: Check::RuleBroken.code().to_owned(),
                reason: OverrideReason::Other.code().to_owned(),
            }],
            verdicts: vec![(id, 0, VerdictRecord::Wrong)],
            log_digest: ByteArray::new([7; 32]),
            blob_nonce: ByteArray::new([8; 12]),
        };
        assert_eq!(record.overrides().unwrap()[0].subject, Subject::Rule(1));
        assert_eq!(record.verdicts()[0].verdict, VerdictKind::Wrong);
        let older = without(&record, &["arbiter", "time", "overrides", "verdicts"]);
        let row = older.read(SubmissionId::from_bytes([9; 16]));
        assert_eq!((row.role, row.time, row.revision), (Role::Annotator, TimeUse::default(), 4));
        assert!(older.overrides().unwrap().is_empty() && older.verdicts().is_empty());
    }
}
