//! Everything an agent may say, mirrored from `results.proto`: numbers and closed lists, no text.
//!
//! The site is never in a report; it comes from the certificate of the call.

use proto_ids::{AssetToken, PersonId, TaskId};

use crate::closed::closed_enum;
use crate::{AssetCard, MAX_OVERLAP, Refusal, Submission, VotingPattern};

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
            Self::Lease(lease) => check_slot(lease.slot, "lease.slot"),
            Self::Submission(submission) => submission.check(),
            Self::Pattern(pattern) => pattern.check(),
            Self::Gold(_) | Self::Person(_) => Ok(()),
            Self::Health(health) => health.check(),
        }
    }
}

pub(crate) fn check_slot(slot: u32, field: &str) -> Result<(), Refusal> {
    if slot < MAX_OVERLAP { Ok(()) } else { Err(Refusal::invalid(field)) }
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

/// An annotator got, gave back or lost a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseEvent {
    /// The task.
    pub task: TaskId,
    /// The annotator.
    pub person: PersonId,
    /// Which place of the task, from 0.
    pub slot: u32,
    /// What happened.
    pub state: LeaseState,
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
        let lease = LeaseEvent {
            task: TaskId::from_random([1; 16]),
            person: PersonId::from_random([2; 16]),
            slot: 16,
            state: LeaseState::Granted,
        };
        assert_eq!(Report::Lease(lease).check(), Err(Refusal::invalid("lease.slot")));
    }
}
