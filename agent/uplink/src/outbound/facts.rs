//! Facts about leases, gold, people and the agent itself.

use proto::agent::v1 as wire;
use proto_ids::{AssetToken, PersonId, ProjectId, TaskId};

use super::read::{id, slot, wire_id};
use super::{InvalidOutbound, closed};

closed! {
    /// What happened to a lease.
    LeaseState = wire::LeaseState { Granted, Released, Expired }
}
closed! {
    /// In which role somebody works on a task. An arbiter has a place of their own, number 0.
    Role = wire::Role { Annotator, Arbiter }
}
closed! {
    /// What became of a person at the site.
    PersonStateKind = wire::PersonStateKind { Redeemed, Suspended, Resumed }
}

impl Role {
    /// A message of an earlier version, which knew annotators alone, has none.
    pub(crate) fn read_or_annotator(value: i32) -> Result<Self, InvalidOutbound> {
        if value == 0 { Ok(Self::Annotator) } else { Self::read(value, "role") }
    }
}

/// Who holds which slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseEvent {
    /// The task.
    pub task: TaskId,
    /// The annotator or arbiter.
    pub person: PersonId,
    /// Number of the place, 0 to 15; 0 for an arbiter.
    pub slot: u32,
    /// What happened.
    pub state: LeaseState,
    /// Annotator or arbiter.
    pub role: Role,
}

impl LeaseEvent {
    pub(crate) fn wire(&self) -> wire::LeaseEvent {
        wire::LeaseEvent {
            task: wire_id(self.task.halves()),
            person: wire_id(self.person.halves()),
            slot: self.slot,
            state: self.state.wire(),
            role: self.role.wire(),
        }
    }
}

impl TryFrom<wire::LeaseEvent> for LeaseEvent {
    type Error = InvalidOutbound;

    fn try_from(event: wire::LeaseEvent) -> Result<Self, InvalidOutbound> {
        let role = Role::read_or_annotator(event.role)?;
        Ok(Self {
            task: id(event.task, TaskId::from_halves, "task")?,
            person: id(event.person, PersonId::from_halves, "person")?,
            slot: slot(event.slot, role)?,
            state: LeaseState::read(event.state, "state")?,
            role,
        })
    }
}

/// That an asset has a gold annotation, or no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoldPresence {
    /// The asset.
    pub asset: AssetToken,
    /// Whether there is one.
    pub present: bool,
}

impl GoldPresence {
    pub(crate) fn wire(&self) -> wire::GoldPresence {
        wire::GoldPresence { asset: wire_id(self.asset.halves()), present: self.present }
    }
}

impl TryFrom<wire::GoldPresence> for GoldPresence {
    type Error = InvalidOutbound;

    fn try_from(gold: wire::GoldPresence) -> Result<Self, InvalidOutbound> {
        Ok(Self { asset: id(gold.asset, AssetToken::from_halves, "asset")?, present: gold.present })
    }
}

/// What became of a person at the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonState {
    /// The person.
    pub person: PersonId,
    /// What became of them.
    pub state: PersonStateKind,
}

impl PersonState {
    pub(crate) fn wire(&self) -> wire::PersonState {
        wire::PersonState { person: wire_id(self.person.halves()), state: self.state.wire() }
    }
}

impl TryFrom<wire::PersonState> for PersonState {
    type Error = InvalidOutbound;

    fn try_from(person: wire::PersonState) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            person: id(person.person, PersonId::from_halves, "person")?,
            state: PersonStateKind::read(person.state, "state")?,
        })
    }
}

/// Finished work that was checked again under a new version of its instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recheck {
    /// The project.
    pub project: ProjectId,
    /// The version, from 1.
    pub instruction_version: u32,
    /// Number of submissions.
    pub checked: u32,
    /// Number of submissions that do not fit, at most `checked`.
    pub failing: u32,
}

impl Recheck {
    pub(crate) fn wire(&self) -> wire::Recheck {
        wire::Recheck {
            project: wire_id(self.project.halves()),
            instruction_version: self.instruction_version,
            checked: self.checked,
            failing: self.failing,
        }
    }
}

impl TryFrom<wire::Recheck> for Recheck {
    type Error = InvalidOutbound;

    fn try_from(recheck: wire::Recheck) -> Result<Self, InvalidOutbound> {
        if recheck.failing > recheck.checked {
            return Err(InvalidOutbound::Field { field: "failing" });
        }
        if recheck.instruction_version == 0 {
            return Err(InvalidOutbound::Field { field: "instruction_version" });
        }
        Ok(Self {
            project: id(recheck.project, ProjectId::from_halves, "project")?,
            instruction_version: recheck.instruction_version,
            checked: recheck.checked,
            failing: recheck.failing,
        })
    }
}

/// The state of the agent itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Version of the program: major × 1,000,000 + minor × 1,000 + patch.
    pub version: u32,
    /// How many messages wait.
    pub queue_depth: u32,
    /// Free space; what leaves is rounded down to steps of 5.
    pub disk_free_percent: u32,
    /// Whole days until the certificate expires.
    pub certificate_days_left: u32,
}

impl Health {
    pub(crate) fn wire(&self) -> wire::Health {
        wire::Health {
            version: self.version,
            queue_depth: self.queue_depth,
            disk_free_percent: self.disk_free_percent.min(100) / 5 * 5,
            certificate_days_left: self.certificate_days_left,
        }
    }
}

impl TryFrom<wire::Health> for Health {
    type Error = InvalidOutbound;

    fn try_from(health: wire::Health) -> Result<Self, InvalidOutbound> {
        if health.disk_free_percent > 100 || !health.disk_free_percent.is_multiple_of(5) {
            return Err(InvalidOutbound::Field { field: "disk_free_percent" });
        }
        Ok(Self {
            version: health.version,
            queue_depth: health.queue_depth,
            disk_free_percent: health.disk_free_percent,
            certificate_days_left: health.certificate_days_left,
        })
    }
}
