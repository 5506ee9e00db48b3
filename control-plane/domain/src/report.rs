//! Everything an agent may say, mirrored from `results.proto`: numbers and closed lists, no text.
//!
//! The site is never in a report; it comes from the certificate of the call.

use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, TaskId, Timestamp};

use crate::closed::closed_enum;
use crate::{
    AssetCard, ConsensusPainted, MAX_OVERLAP, ModelState, PreannotationProgress, Refusal, ShapeAgreement,
    Submission, VotingPattern, WorkRole,
};

/// One message of an agent, without its sequence number.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// The numbers of an asset; a later card of the same asset replaces it.
    Asset(AssetCard),
    /// Who holds which slot.
    Lease(LeaseEvent),
    /// Work was handed in.
    Submission(Submission),
    /// How the submissions of a task overlap, for one object.
    Pattern(VotingPattern),
    /// How the shapes of the submissions of a task fit each other, for one object.
    Shapes(ShapeAgreement),
    /// A consensus was painted.
    Consensus(ConsensusPainted),
    /// Finished work was checked again under another version of its instruction.
    Recheck(Recheck),
    /// A model of assistance of the site.
    Model(ModelState),
    /// How far a run of pre-annotation has come.
    Preannotation(PreannotationProgress),
    /// Whether an asset has a gold annotation.
    Gold(GoldPresence),
    /// What became of a person at the site.
    Person(PersonChange),
    /// The state of the agent itself.
    Health(Health),
}

impl Report {
    /// Checks what can be checked without knowing anything else: ranges, buckets, orders.
    ///
    /// # Errors
    /// The first field that has a value it cannot have.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Asset(card) => card.check(),
            Self::Lease(lease) => check_place(lease.role, lease.slot, "lease.slot"),
            Self::Submission(submission) => submission.check(),
            Self::Pattern(pattern) => pattern.check(),
            Self::Shapes(shapes) => shapes.check(),
            Self::Consensus(painted) => painted.check(),
            Self::Recheck(recheck) => recheck.check(),
            Self::Preannotation(progress) => progress.check(),
            Self::Model(_) | Self::Gold(_) | Self::Person(_) => Ok(()),
            Self::Health(health) => health.check(),
        }
    }
}

/// Checks a place of a task: a slot, or the arbiter's one place.
pub(crate) fn check_place(role: WorkRole, slot: u32, field: &str) -> Result<(), Refusal> {
    let places = match role {
        WorkRole::Annotator => MAX_OVERLAP,
        WorkRole::Arbiter => 1,
    };
    if slot < places { Ok(()) } else { Err(Refusal::invalid(field)) }
}

closed_enum! {
    /// What happened to a lease.
    LeaseState {
        /// An annotator got the slot.
        Granted = 1 "granted",
        /// The annotator gave it back.
        Released = 2 "released",
        /// Its time ran out.
        Expired = 3 "expired",
    }
}

/// Somebody got, gave back or lost a place of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseEvent {
    /// The task.
    pub task: TaskId,
    /// The annotator.
    pub person: PersonId,
    /// Which place of the task, from 0; an arbiter's place is number 0 of its own.
    pub slot: u32,
    /// What happened.
    pub state: LeaseState,
    /// In which role.
    pub role: WorkRole,
}

/// Finished work of a project that a site checked again under a version of its instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recheck {
    /// The project.
    pub project: ProjectId,
    /// The version that it was checked under.
    pub instruction_version: u32,
    /// How many submissions were checked.
    pub checked: u32,
    /// How many of them do not fit.
    pub failing: u32,
}

impl Recheck {
    fn check(&self) -> Result<(), Refusal> {
        if self.failing > self.checked {
            return Err(Refusal::invalid("recheck.failing"));
        }
        Ok(())
    }
}

/// What a site last said of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRecheck {
    /// The site, from the certificate.
    pub site: SiteId,
    /// What it said.
    pub facts: Recheck,
    /// When it came here.
    pub received_at: Timestamp,
}

/// Whether an asset has a gold annotation at its site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldPresence {
    /// The asset.
    pub asset: AssetToken,
    /// Whether there is one now.
    pub present: bool,
}

closed_enum! {
    /// What became of a person at a site.
    PersonChangeKind {
        /// The invitation was redeemed and a password set.
        Redeemed = 1 "redeemed",
        /// The hospital's administrator shut the person out.
        Suspended = 2 "suspended",
        /// The hospital's administrator let the person in again.
        Resumed = 3 "resumed",
    }
}

/// A person redeemed an invitation, or was suspended or resumed by the hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonChange {
    /// The person.
    pub person: PersonId,
    /// What happened.
    pub state: PersonChangeKind,
}

/// The state of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Version of the program: major × 1,000,000 + minor × 1,000 + patch.
    pub version: u32,
    /// How many messages wait at the agent.
    pub queue_depth: u32,
    /// Free disk in steps of 5, 0 to 100.
    pub disk_free_percent: u32,
    /// Whole days that the certificate is still good.
    pub certificate_days_left: u32,
}

impl Health {
    fn check(&self) -> Result<(), Refusal> {
        if self.disk_free_percent > 100 || !self.disk_free_percent.is_multiple_of(5) {
            return Err(Refusal::invalid("health.disk_free_percent"));
        }
        Ok(())
    }

    /// The version for people: `1.2.3`.
    pub fn version_text(&self) -> String {
        format!("{}.{}.{}", self.version / 1_000_000, self.version / 1_000 % 1_000, self.version % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_disk_that_is_no_step_is_refused() {
        let health =
            Health { version: 1_002_003, queue_depth: 0, disk_free_percent: 37, certificate_days_left: 7 };
        assert_eq!(health.version_text(), "1.2.3");
        assert_eq!(Report::Health(health).check(), Err(Refusal::invalid("health.disk_free_percent")));
    }

    #[test]
    fn a_slot_beyond_the_largest_overlap_is_refused() {
        let lease = |role, slot| {
            let state = LeaseState::Granted;
            let (task, person) = (TaskId::from_random([1; 16]), PersonId::from_random([2; 16]));
            Report::Lease(LeaseEvent { task, person, slot, state, role }).check()
        };
        assert_eq!(lease(WorkRole::Annotator, 15), Ok(()));
        assert_eq!(lease(WorkRole::Annotator, 16), Err(Refusal::invalid("lease.slot")));
        assert_eq!(lease(WorkRole::Arbiter, 0), Ok(()));
        assert_eq!(lease(WorkRole::Arbiter, 1), Err(Refusal::invalid("lease.slot")));
    }

    #[test]
    fn no_more_work_fails_than_was_checked() {
        let project = ProjectId::from_random([1; 16]);
        let recheck = Recheck { project, instruction_version: 2, checked: 3, failing: 4 };
        assert_eq!(Report::Recheck(recheck).check(), Err(Refusal::invalid("recheck.failing")));
    }
}
