//! The slots of a task, and the leases on them.
//!
//! Each grant of a slot carries a fencing number that is larger than any before it on that slot,
//! so that whoever comes back late can be told from whoever holds the slot now.

use std::collections::BTreeSet;

use proto_ids::{PersonId, SubmissionId, TaskId, Timestamp};

/// How long a lease lasts after its grant, its last renewal or the last saved stroke: 15 minutes.
pub const LEASE_MS: i64 = 15 * 60 * 1000;

/// The most slots that a task may have: a voting pattern has 16 bits.
pub const MAX_OVERLAP: u32 = 16;

/// The slots of one task, and who let go of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSlots {
    pub task: TaskId,
    pub slots: Vec<SlotState>,
    /// People who released the task: it is offered to them again only when nothing else is left.
    pub skipped_by: BTreeSet<PersonId>,
}

/// One of the places of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotState {
    /// The largest fencing number that was ever given; 0 before the first grant.
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

/// The right of one annotator to one slot until a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub person: PersonId,
    pub fencing: u64,
    pub granted_at: Timestamp,
    pub expires_at: Timestamp,
    /// Whether the end of the lease was told to the control plane; see [`TaskSlots::expire`].
    pub lapsed: bool,
}

/// A slot that was given, or that its holder has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub task: TaskId,
    /// From 0.
    pub slot: u32,
    pub fencing: u64,
    pub expires_at: Timestamp,
    /// False when the person held the lease already.
    pub new: bool,
}

/// A lease that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedLease {
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

impl TaskSlots {
    /// A task nobody has touched. `overlap` is brought into 1 to [`MAX_OVERLAP`].
    pub fn new(task: TaskId, overlap: u32) -> Self {
        let mut slots = Self { task, slots: Vec::new(), skipped_by: BTreeSet::new() };
        slots.set_overlap(overlap);
        slots
    }

    /// Follows an order with another number of slots. Slots that were ever given stay.
    pub fn set_overlap(&mut self, overlap: u32) {
        let wanted = overlap.clamp(1, MAX_OVERLAP) as usize;
        while self.slots.len() > wanted && self.slots.last().is_some_and(|slot| slot.last_fencing == 0) {
            self.slots.pop();
        }
        while self.slots.len() < wanted {
            self.slots.push(SlotState { last_fencing: 0, occupancy: Occupancy::Free });
        }
    }

    /// Slots that could be given at `now`.
    pub fn free(&self, now: Timestamp) -> usize {
        self.slots.iter().filter(|slot| slot.open(now)).count()
    }

    /// Work that was handed in, in the order of the slots.
    pub fn submissions(&self) -> impl Iterator<Item = (u32, PersonId, SubmissionId)> + '_ {
        (0..).zip(&self.slots).filter_map(|(number, slot)| match slot.occupancy {
            Occupancy::Submitted { person, submission, .. } => Some((number, person, submission)),
            Occupancy::Free | Occupancy::Leased(_) => None,
        })
    }

    /// The lease of `person`, live or run out, and the number of its slot.
    pub fn lease_of(&self, person: PersonId) -> Option<(u32, Lease)> {
        (0..).zip(&self.slots).find_map(|(number, slot)| match slot.occupancy {
            Occupancy::Leased(lease) if lease.person == person => Some((number, lease)),
            Occupancy::Free | Occupancy::Leased(_) | Occupancy::Submitted { .. } => None,
        })
    }

    /// Whether `person` has handed in work on the task.
    pub fn submitted_by(&self, person: PersonId) -> bool {
        self.submissions().any(|(_, who, _)| who == person)
    }

    /// Gives `person` a slot: the one they have, or the first free one under a new fencing number.
    ///
    /// # Errors
    /// [`GrantRefusal`]; nothing changed.
    pub fn grant(&mut self, person: PersonId, now: Timestamp) -> Result<Grant, GrantRefusal> {
        if self.submitted_by(person) {
            return Err(GrantRefusal::AlreadySubmitted);
        }
        let task = self.task;
        let own = self.lease_of(person);
        if let Some((slot, lease)) = own.filter(|(_, lease)| lease.live(now)) {
            return Ok(Grant {
                task,
                slot,
                fencing: lease.fencing,
                expires_at: lease.expires_at,
                new: false,
            });
        }
        let slot = match own {
            Some((slot, _)) => slot,
            None => self.first_open(now).ok_or(GrantRefusal::NoFreeSlot)?,
        };
        let place = self.slots.get_mut(slot as usize).ok_or(GrantRefusal::NoFreeSlot)?;
        let fencing = place.last_fencing + 1;
        let expires_at = now.plus_millis(LEASE_MS);
        let lease = Lease { person, fencing, granted_at: now, expires_at, lapsed: false };
        *place = SlotState { last_fencing: fencing, occupancy: Occupancy::Leased(lease) };
        self.skipped_by.remove(&person);
        Ok(Grant { task, slot, fencing, expires_at, new: true })
    }

    /// Whether `fencing` opens a slot to `person`: the newest lease of the slot is theirs. One
    /// that ran out still opens it as long as the slot was not given on.
    ///
    /// # Errors
    /// [`FencingRefusal`] says whether they ever held it.
    pub fn check(&self, person: PersonId, fencing: u64) -> Result<(u32, Lease), FencingRefusal> {
        if self.submitted_by(person) {
            return Err(FencingRefusal::Submitted);
        }
        match self.lease_of(person) {
            Some((slot, lease)) if lease.fencing == fencing => Ok((slot, lease)),
            Some((slot, lease)) => {
                let given = self.slots.get(slot as usize).is_some_and(|slot| fencing < slot.last_fencing);
                Err(if given && fencing < lease.fencing {
                    FencingRefusal::Stale
                } else {
                    FencingRefusal::NotHeld
                })
            }
            // Which person held an earlier number is not kept; any number that was given is stale.
            None if self.slots.iter().any(|slot| (1..=slot.last_fencing).contains(&fencing)) => {
                Err(FencingRefusal::Stale)
            }
            None => Err(FencingRefusal::NotHeld),
        }
    }

    /// Prolongs a lease; takes up again one that ran out but was not given on.
    ///
    /// # Errors
    /// As [`TaskSlots::check`]; nothing changed.
    pub fn renew(&mut self, person: PersonId, fencing: u64, now: Timestamp) -> Result<Grant, FencingRefusal> {
        let (slot, lease) = self.check(person, fencing)?;
        // A clock that was set back never shortens a lease.
        let expires_at = lease.expires_at.max(now.plus_millis(LEASE_MS));
        self.put(slot, Occupancy::Leased(Lease { expires_at, lapsed: false, ..lease }));
        Ok(Grant { task: self.task, slot, fencing, expires_at, new: lease.lapsed })
    }

    /// Lets go of a slot.
    ///
    /// # Errors
    /// As [`TaskSlots::check`]; nothing changed.
    pub fn release(&mut self, person: PersonId, fencing: u64) -> Result<EndedLease, FencingRefusal> {
        let (slot, _) = self.check(person, fencing)?;
        self.put(slot, Occupancy::Free);
        self.skipped_by.insert(person);
        Ok(EndedLease { slot, person, fencing })
    }

    /// Fills a slot with handed-in work.
    ///
    /// # Errors
    /// As [`TaskSlots::check`]; nothing changed.
    pub fn submit(
        &mut self,
        person: PersonId,
        fencing: u64,
        submission: SubmissionId,
        now: Timestamp,
    ) -> Result<Lease, FencingRefusal> {
        let (slot, lease) = self.check(person, fencing)?;
        self.put(slot, Occupancy::Submitted { person, submission, at: now });
        Ok(lease)
    }

    /// Marks the leases that ran out, each once, so that their end can be told.
    pub fn expire(&mut self, now: Timestamp) -> Vec<EndedLease> {
        let mut ended = Vec::new();
        for (number, slot) in (0..).zip(&mut self.slots) {
            if let Occupancy::Leased(lease) = &mut slot.occupancy
                && !lease.live(now)
                && !lease.lapsed
            {
                lease.lapsed = true;
                ended.push(EndedLease { slot: number, person: lease.person, fencing: lease.fencing });
            }
        }
        ended
    }

    /// The first slot that is free of any lease, or else the first whose lease ran out.
    fn first_open(&self, now: Timestamp) -> Option<u32> {
        let numbered = || (0..).zip(&self.slots);
        let untouched = numbered().find(|(_, slot)| matches!(slot.occupancy, Occupancy::Free));
        untouched.or_else(|| numbered().find(|(_, slot)| slot.open(now))).map(|(number, _)| number)
    }

    fn put(&mut self, slot: u32, occupancy: Occupancy) {
        if let Some(place) = self.slots.get_mut(slot as usize) {
            place.occupancy = occupancy;
        }
    }
}

impl SlotState {
    fn open(&self, now: Timestamp) -> bool {
        match self.occupancy {
            Occupancy::Free => true,
            Occupancy::Leased(lease) => !lease.live(now),
            Occupancy::Submitted { .. } => false,
        }
    }
}
