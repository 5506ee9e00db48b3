//! The slots of a task and its place for an arbiter.
//!
//! Each grant of a place carries a fencing number that is larger than any before it on that place,
//! so that whoever comes back late can be told from whoever holds the place now.

use std::collections::BTreeSet;

use proto_ids::{PersonId, SubmissionId, TaskId, Timestamp};

use crate::blind::blinded;
use crate::{
    EndedLease, FencingRefusal, Grant, GrantRefusal, Held, LEASE_MS, Lease, Occupancy, Role, SlotState,
};

/// The most slots that a task may have: a voting pattern has 16 bits.
pub const MAX_OVERLAP: u32 = 16;

/// Fencing numbers of an arbiter's place come after this one, those of slots before it, so that no
/// two leases of a task have the same.
const ARBITER_FENCING: u64 = 1 << 32;

/// The slots of one task, and who let go of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSlots {
    pub task: TaskId,
    /// For annotators.
    pub slots: Vec<SlotState>,
    pub arbiter: SlotState,
    /// Whether the control plane wants an arbiter.
    pub arbitration: bool,
    /// What the arbiter judges, as it was when they were given their place: A, B, C, ...
    pub blinded: Vec<SubmissionId>,
    /// Everybody who was ever given the arbiter's place: they have seen the work of the others.
    pub arbitrated_by: BTreeSet<PersonId>,
    /// People who released the task: it is offered to them again only when nothing else is left.
    pub skipped_by: BTreeSet<PersonId>,
}

impl TaskSlots {
    /// A task nobody has touched. `overlap` is brought into 1 to [`MAX_OVERLAP`].
    pub fn new(task: TaskId, overlap: u32) -> Self {
        let mut slots = Self {
            task,
            slots: Vec::new(),
            arbiter: Self::arbiter_untouched(),
            arbitration: false,
            blinded: Vec::new(),
            arbitrated_by: BTreeSet::new(),
            skipped_by: BTreeSet::new(),
        };
        slots.set_overlap(overlap);
        slots
    }

    /// An arbiter's place that nobody had.
    pub const fn arbiter_untouched() -> SlotState {
        SlotState::untouched(ARBITER_FENCING)
    }

    /// Follows an order with another number of slots. Slots that were ever given stay.
    pub fn set_overlap(&mut self, overlap: u32) {
        let wanted = overlap.clamp(1, MAX_OVERLAP) as usize;
        while self.slots.len() > wanted && self.slots.last().is_some_and(|slot| slot.last_fencing == 0) {
            self.slots.pop();
        }
        while self.slots.len() < wanted {
            self.slots.push(SlotState::untouched(0));
        }
    }

    /// Slots for annotators that could be given at `now`.
    pub fn free(&self, now: Timestamp) -> usize {
        self.slots.iter().filter(|slot| slot.open(now)).count()
    }

    /// Work that annotators handed in, in the order of the slots.
    pub fn submissions(&self) -> impl Iterator<Item = (u32, PersonId, SubmissionId)> + '_ {
        (0..).zip(&self.slots).filter_map(|(number, slot)| match slot.occupancy {
            Occupancy::Submitted { person, submission, .. } => Some((number, person, submission)),
            Occupancy::Free | Occupancy::Leased(_) => None,
        })
    }

    /// Work that the arbiter handed in.
    pub const fn arbiter_submission(&self) -> Option<(PersonId, SubmissionId)> {
        match self.arbiter.occupancy {
            Occupancy::Submitted { person, submission, .. } => Some((person, submission)),
            Occupancy::Free | Occupancy::Leased(_) => None,
        }
    }

    /// What `person` handed in, in either role.
    pub fn submission_of(&self, person: PersonId) -> Option<SubmissionId> {
        let annotators = self.submissions().map(|(_, who, submission)| (who, submission));
        let mut all = annotators.chain(self.arbiter_submission());
        all.find(|(who, _)| *who == person).map(|(_, submission)| submission)
    }

    /// The lease of `person`, live or run out, and its place.
    pub fn lease_of(&self, person: PersonId) -> Option<Held> {
        let slots = (0..).zip(&self.slots).map(|(number, slot)| (Role::Annotator, number, slot));
        let mut places = slots.chain([(Role::Arbiter, 0, &self.arbiter)]);
        places.find_map(|(role, slot, place)| place.lease_of(person).map(|lease| Held { role, slot, lease }))
    }

    /// Whether `person` has handed in work on the task.
    pub fn submitted_by(&self, person: PersonId) -> bool {
        self.submission_of(person).is_some()
    }

    /// Whether `person` could be given the arbiter's place at `now`.
    pub fn waits_for_arbiter(&self, person: PersonId, now: Timestamp) -> bool {
        self.arbitration
            && self.arbiter.open(now)
            && !self.submitted_by(person)
            && self.lease_of(person).is_none_or(|held| held.role == Role::Arbiter)
    }

    /// Gives `person` a place: the one they have, or one that is free under a new fencing number and
    /// `instruction_version`. Unfinished work that is taken up again keeps its version.
    ///
    /// # Errors
    /// [`GrantRefusal`]; nothing changed.
    pub fn grant(
        &mut self,
        person: PersonId,
        role: Role,
        instruction_version: u32,
        now: Timestamp,
    ) -> Result<Grant, GrantRefusal> {
        if self.submitted_by(person) {
            return Err(GrantRefusal::AlreadySubmitted);
        }
        let own = self.lease_of(person);
        if own.is_some_and(|held| held.role != role) {
            return Err(GrantRefusal::OtherRole);
        }
        if let Some(held) = own.filter(|held| held.lease.live(now)) {
            return Ok(held.grant(self.task, false));
        }
        let slot = match role {
            Role::Annotator => self.annotator_place(person, own, now)?,
            Role::Arbiter => self.arbiter_place(own, now)?,
        };
        let place = self.place_mut(role, slot).ok_or(GrantRefusal::NoFreeSlot)?;
        let fencing = place.last_fencing + 1;
        let lease = Lease {
            person,
            fencing,
            granted_at: now,
            expires_at: now.plus_millis(LEASE_MS),
            lapsed: false,
            instruction_version: own.map_or(instruction_version, |own| own.lease.instruction_version),
        };
        *place = SlotState { last_fencing: fencing, occupancy: Occupancy::Leased(lease) };
        if role == Role::Arbiter && own.is_none() {
            self.blinded = blinded(self.task, self.submissions().map(|(_, _, submission)| submission));
            self.arbitrated_by.insert(person);
        }
        self.skipped_by.remove(&person);
        Ok(Held { role, slot, lease }.grant(self.task, true))
    }

    /// Whether `fencing` opens a place to `person`: the newest lease of the place is theirs. One
    /// that ran out still opens it as long as the place was not given on.
    ///
    /// # Errors
    /// [`FencingRefusal`] says whether they ever held it.
    pub fn check(&self, person: PersonId, fencing: u64) -> Result<Held, FencingRefusal> {
        if self.submitted_by(person) {
            return Err(FencingRefusal::Submitted);
        }
        match self.lease_of(person) {
            Some(held) if held.lease.fencing == fencing => Ok(held),
            Some(held) if fencing < held.lease.fencing && self.was_given(fencing) => {
                Err(FencingRefusal::Stale)
            }
            // Which person held an earlier number is not kept; any number that was given is stale.
            None if self.was_given(fencing) => Err(FencingRefusal::Stale),
            Some(_) | None => Err(FencingRefusal::NotHeld),
        }
    }

    /// Prolongs a lease; takes up again one that ran out but was not given on.
    ///
    /// # Errors
    /// As [`TaskSlots::check`]; nothing changed.
    pub fn renew(&mut self, person: PersonId, fencing: u64, now: Timestamp) -> Result<Grant, FencingRefusal> {
        let held = self.check(person, fencing)?;
        // A clock that was set back never shortens a lease.
        let expires_at = held.lease.expires_at.max(now.plus_millis(LEASE_MS));
        let renewed = Held { lease: Lease { expires_at, lapsed: false, ..held.lease }, ..held };
        self.put(renewed, Occupancy::Leased(renewed.lease));
        Ok(renewed.grant(self.task, held.lease.lapsed))
    }

    /// Moves a lease to another version of the instruction.
    ///
    /// # Errors
    /// As [`TaskSlots::check`]; nothing changed.
    pub fn follow_version(
        &mut self,
        person: PersonId,
        fencing: u64,
        instruction_version: u32,
    ) -> Result<Held, FencingRefusal> {
        let held = self.check(person, fencing)?;
        let moved = Held { lease: Lease { instruction_version, ..held.lease }, ..held };
        self.put(moved, Occupancy::Leased(moved.lease));
        Ok(moved)
    }

    /// Lets go of a place.
    ///
    /// # Errors
    /// As [`TaskSlots::check`]; nothing changed.
    pub fn release(&mut self, person: PersonId, fencing: u64) -> Result<EndedLease, FencingRefusal> {
        let held = self.check(person, fencing)?;
        self.put(held, Occupancy::Free);
        self.skipped_by.insert(person);
        Ok(EndedLease { role: held.role, slot: held.slot, person, fencing })
    }

    /// Fills a place with handed-in work.
    ///
    /// # Errors
    /// As [`TaskSlots::check`]; nothing changed.
    pub fn submit(
        &mut self,
        person: PersonId,
        fencing: u64,
        submission: SubmissionId,
        now: Timestamp,
    ) -> Result<Held, FencingRefusal> {
        let held = self.check(person, fencing)?;
        self.put(held, Occupancy::Submitted { person, submission, at: now });
        Ok(held)
    }

    /// Marks the leases that ran out, each once, so that their end can be told.
    pub fn expire(&mut self, now: Timestamp) -> Vec<EndedLease> {
        let slots = (0..).zip(&mut self.slots).map(|(number, slot)| (Role::Annotator, number, slot));
        let places = slots.chain([(Role::Arbiter, 0, &mut self.arbiter)]);
        let ended = places.filter_map(|(role, slot, place)| {
            let Lease { person, fencing, .. } = place.expire(now)?;
            Some(EndedLease { role, slot, person, fencing })
        });
        ended.collect()
    }

    fn annotator_place(
        &self,
        person: PersonId,
        own: Option<Held>,
        now: Timestamp,
    ) -> Result<u32, GrantRefusal> {
        if self.arbitrated_by.contains(&person) {
            return Err(GrantRefusal::OtherRole);
        }
        match own {
            Some(held) => Ok(held.slot),
            None => self.first_open(now).ok_or(GrantRefusal::NoFreeSlot),
        }
    }

    fn arbiter_place(&self, own: Option<Held>, now: Timestamp) -> Result<u32, GrantRefusal> {
        match own {
            Some(held) => Ok(held.slot),
            None if !self.arbitration => Err(GrantRefusal::NoArbitration),
            None if self.arbiter.open(now) => Ok(0),
            None => Err(GrantRefusal::NoFreeSlot),
        }
    }

    /// The first slot that is free of any lease, or else the first whose lease ran out.
    fn first_open(&self, now: Timestamp) -> Option<u32> {
        let numbered = || (0..).zip(&self.slots);
        let untouched = numbered().find(|(_, slot)| matches!(slot.occupancy, Occupancy::Free));
        untouched.or_else(|| numbered().find(|(_, slot)| slot.open(now))).map(|(number, _)| number)
    }

    fn was_given(&self, fencing: u64) -> bool {
        let arbiter = ARBITER_FENCING < fencing && fencing <= self.arbiter.last_fencing;
        arbiter || self.slots.iter().any(|slot| (1..=slot.last_fencing).contains(&fencing))
    }

    fn place_mut(&mut self, role: Role, slot: u32) -> Option<&mut SlotState> {
        match role {
            Role::Annotator => self.slots.get_mut(slot as usize),
            Role::Arbiter => Some(&mut self.arbiter),
        }
    }

    fn put(&mut self, held: Held, occupancy: Occupancy) {
        if let Some(place) = self.place_mut(held.role, held.slot) {
            place.occupancy = occupancy;
        }
    }
}
