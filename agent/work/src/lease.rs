//! What a slot holds: leases, grants, and why there is none.

use proto_ids::{PersonId, SubmissionId, TaskId, Timestamp};

/// How long a lease lasts after its grant, its last renewal or the last saved stroke: 15 minutes.
pub const LEASE_MS: i64 = 15 * 60 * 1000;

/// In which role somebody works on a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Has one of the slots.
    Annotator,
    /// Has the one place of an arbiter, number 0 in messages.
    Arbiter,
}

/// One of the places of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotState {
    /// The largest fencing number that was ever given; that of the start before the first grant.
    pub last_fencing: u64,
    pub occupancy: Occupancy,
}

/// Who has a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupancy {
    Free,
    /// A lease that ran out counts as none, but its holder may take it up again until the slot
    /// is given on.
    Leased(Lease),
    Submitted {
        person: PersonId,
        submission: SubmissionId,
        at: Timestamp,
    },
}

/// The right of one person to one slot until a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub person: PersonId,
    pub fencing: u64,
    pub granted_at: Timestamp,
    pub expires_at: Timestamp,
    /// Whether the end of the lease was told to the control plane; see
    /// [`TaskSlots::expire`](crate::TaskSlots::expire).
    pub lapsed: bool,
    /// The version of the instruction that the work under it follows.
    pub instruction_version: u32,
}

/// A lease and the place that it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub role: Role,
    /// From 0; 0 for an arbiter.
    pub slot: u32,
    pub lease: Lease,
}

/// A slot that was given, or that its holder has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub task: TaskId,
    pub role: Role,
    /// From 0; 0 for an arbiter.
    pub slot: u32,
    pub fencing: u64,
    pub expires_at: Timestamp,
    pub instruction_version: u32,
    /// False when the person held the lease already.
    pub new: bool,
}

/// A lease that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedLease {
    pub role: Role,
    pub slot: u32,
    pub person: PersonId,
    pub fencing: u64,
}

/// Why a person gets no slot of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    #[error("the person has handed in work on this task")]
    AlreadySubmitted,
    #[error("no slot of the task is free")]
    NoFreeSlot,
    #[error("the submissions of the task need no arbiter")]
    NoArbitration,
    #[error("the person takes or took part in the task in the other role")]
    OtherRole,
}

/// Why a fencing number does not open a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FencingRefusal {
    /// The person held the slot once; what they send now is kept apart.
    #[error("the lease is over")]
    Stale,
    /// The person never held a slot of the task under this number.
    #[error("the person holds no slot of the task")]
    NotHeld,
    #[error("the work was handed in")]
    Submitted,
}

impl Lease {
    /// Whether the lease still stands at `now`.
    pub fn live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl SlotState {
    /// A place that nobody had, whose first fencing number comes after `last_fencing`.
    pub(crate) const fn untouched(last_fencing: u64) -> Self {
        Self { last_fencing, occupancy: Occupancy::Free }
    }

    /// Whether it could be given at `now`.
    pub(crate) fn open(&self, now: Timestamp) -> bool {
        match self.occupancy {
            Occupancy::Free => true,
            Occupancy::Leased(lease) => !lease.live(now),
            Occupancy::Submitted { .. } => false,
        }
    }

    /// The lease of `person`, live or run out.
    pub(crate) fn lease_of(&self, person: PersonId) -> Option<Lease> {
        match self.occupancy {
            Occupancy::Leased(lease) if lease.person == person => Some(lease),
            Occupancy::Free | Occupancy::Leased(_) | Occupancy::Submitted { .. } => None,
        }
    }

    /// Marks a lease that ran out, once.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Option<Lease> {
        match &mut self.occupancy {
            Occupancy::Leased(lease) if !lease.live(now) && !lease.lapsed => {
                lease.lapsed = true;
                Some(*lease)
            }
            Occupancy::Free | Occupancy::Leased(_) | Occupancy::Submitted { .. } => None,
        }
    }
}

impl Held {
    /// The same as a grant.
    pub const fn grant(self, task: TaskId, new: bool) -> Grant {
        let Self { role, slot, lease } = self;
        let Lease { fencing, expires_at, instruction_version, .. } = lease;
        Grant { task, role, slot, fencing, expires_at, instruction_version, new }
    }
}
