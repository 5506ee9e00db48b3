//! What the planes have promised, and whether they keep it.
//!
//! Every answer that a plane gave is a promise, whether or not it arrived.

use std::collections::{BTreeMap, BTreeSet};

use agent::rooms::Rooms;
use agent_archive::SubmissionReceipt;
use agent_work::{Grant, Occupancy, Role, SlotState, gold_draw};
use anyhow::{Context, Result, bail, ensure};
use proto_ids::{AssetToken, OperationId, PersonId, SubmissionId, TaskId, Timestamp};

use super::cloud::{Order, Ordered};
use super::hospital::Plan;

/// One place of a task: role and number.
type Place = (TaskId, Role, u32);

/// A lease that was given.
#[derive(Debug, Clone, Copy)]
struct Lease {
    person: PersonId,
    fencing: u64,
    expires_at: Timestamp,
}

/// Work that was handed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct HandedIn {
    pub(super) task: TaskId,
    pub(super) person: PersonId,
    pub(super) role: Role,
    pub(super) revision: u64,
    pub(super) plan: Plan,
    pub(super) receipt: SubmissionReceipt,
}

/// An operation that came too late.
#[derive(Debug, Clone, Copy)]
pub(super) struct Late {
    pub(super) task: TaskId,
    pub(super) person: PersonId,
    pub(super) fencing: u64,
    pub(super) operation: OperationId,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Promises {
    pub(super) tasks: BTreeMap<TaskId, Ordered>,
    leases: BTreeMap<Place, Lease>,
    /// The highest fencing number of each place, and whose it was.
    fencing: BTreeMap<Place, (u64, PersonId)>,
    filled: BTreeMap<Place, SubmissionId>,
    given_gold: BTreeMap<(PersonId, AssetToken), TaskId>,
    arbitrated: BTreeSet<(PersonId, TaskId)>,
    revisions: BTreeMap<(PersonId, TaskId), (u64, Plan)>,
    pub(super) handed_in: Vec<HandedIn>,
    late: Vec<Late>,
    grants_drawn: BTreeMap<PersonId, BTreeSet<TaskId>>,
}

impl Promises {
    /// A place was given.
    pub(super) fn granted(&mut self, person: PersonId, grant: &Grant, now: Timestamp) -> Result<()> {
        let Grant { task, role, slot, fencing, expires_at, .. } = *grant;
        let place = (task, role, slot);
        ensure!(expires_at > now, "a lease is given that has run out");
        ensure!(!self.filled.contains_key(&place), "{place:?} is given although work was handed in");
        if let Some(lease) = self.leases.get(&place)
            && now < lease.expires_at
            && (lease.person, lease.fencing) != (person, fencing)
        {
            bail!("{place:?} is held by {} and given to {person}", lease.person);
        }
        if let Some((highest, whose)) = self.fencing.get(&place) {
            let same = fencing == *highest && *whose == person;
            ensure!(same || fencing > *highest, "fencing of {place:?} falls from {highest} to {fencing}");
        }
        let mut done = self.handed_in.iter().filter(|done| done.person == person && done.task == task);
        ensure!(done.next().is_none(), "{person} is given {task} after handing it in");
        let mut others = self.leases.iter().filter(|(other, lease)| {
            other.0 == task && **other != place && lease.person == person && now < lease.expires_at
        });
        ensure!(others.next().is_none(), "{person} is given two places of {task}");
        match role {
            Role::Arbiter => {
                self.arbitrated.insert((person, task));
            }
            Role::Annotator => {
                ensure!(
                    !self.arbitrated.contains(&(person, task)),
                    "{person} annotates what they arbitrated"
                );
                self.granted_gold(person, task)?;
                self.grants_drawn.entry(person).or_default().insert(task);
            }
        }
        self.fencing.insert(place, (fencing, person));
        self.leases.insert(place, Lease { person, fencing, expires_at });
        Ok(())
    }

    fn granted_gold(&mut self, person: PersonId, task: TaskId) -> Result<()> {
        let ordered = self.tasks.get(&task).context("a task is given that nobody ordered")?;
        if !ordered.gold {
            return Ok(());
        }
        let before = self.given_gold.insert((person, ordered.asset), task);
        ensure!(
            before.is_none_or(|before| before == task),
            "{person} is given gold of {} twice",
            ordered.asset
        );
        Ok(())
    }

    /// Whether a task is a test.
    pub(super) fn is_gold(&self, task: TaskId) -> bool {
        self.tasks.get(&task).is_some_and(|ordered| ordered.gold)
    }

    /// A lease was prolonged.
    pub(super) fn prolonged(&mut self, person: PersonId, grant: &Grant, expires_at: Timestamp) {
        let place = (grant.task, grant.role, grant.slot);
        let before = self.leases.get(&place).filter(|lease| lease.fencing == grant.fencing);
        let expires_at = before.map_or(expires_at, |lease| lease.expires_at.max(expires_at));
        self.leases.insert(place, Lease { person, fencing: grant.fencing, expires_at });
    }

    /// Somebody asked for the end of a lease: from here on it may be over.
    pub(super) fn ending(&mut self, grant: &Grant) {
        self.leases.remove(&(grant.task, grant.role, grant.slot));
    }

    /// Operations were taken.
    pub(super) fn saved(&mut self, person: PersonId, task: TaskId, revision: u64, plan: Plan) {
        self.revisions.insert((person, task), (revision, plan));
    }

    /// The highest revision that was acknowledged.
    pub(super) fn revision(&self, person: PersonId, task: TaskId) -> u64 {
        self.revisions.get(&(person, task)).map_or(0, |(revision, _)| *revision)
    }

    /// An operation was kept apart.
    pub(super) fn kept_apart(&mut self, late: Late) {
        self.late.push(late);
    }

    /// Work was handed in, or was before.
    pub(super) fn submitted(&mut self, slot: u32, done: HandedIn) -> Result<bool> {
        let place = (done.task, done.role, slot);
        let before = self.filled.insert(place, done.receipt.submission);
        if let Some(before) = before {
            ensure!(before == done.receipt.submission, "{place:?} is handed in twice");
            let known = self.handed_in.iter().find(|known| known.receipt.submission == before);
            ensure!(known.is_some_and(|known| known.receipt == done.receipt), "a receipt is another one");
            return Ok(false);
        }
        self.leases.remove(&place);
        self.handed_in.push(done);
        Ok(true)
    }

    /// Whether the store is as it was promised. `all` reads what was drawn, too.
    pub(super) fn kept_by(&self, rooms: &Rooms, now: Timestamp, all: bool) -> Result<()> {
        self.leases_kept(rooms, now)?;
        for done in &self.handed_in {
            let found = rooms.archive().submission_of(done.task, done.person)?;
            ensure!(found == Some(done.receipt), "the submission of a receipt is gone");
        }
        let recent = if all { 0 } else { self.late.len().saturating_sub(4) };
        for late in &self.late[recent..] {
            let apart = rooms.archive().operations_apart(late.task, late.person)?;
            let kept = |(fencing, operation): &(u64, agent_work::Operation)| {
                (*fencing, operation.id) == (late.fencing, late.operation)
            };
            ensure!(apart.iter().any(kept), "an operation that came late is gone");
        }
        for ((person, task), (revision, plan)) in &self.revisions {
            // Who handed in has a submission, which is looked at by itself.
            let handed_in = self.handed_in.iter().any(|done| (done.person, done.task) == (*person, *task));
            if all || !handed_in {
                work_kept(rooms, (*person, *task), *revision, *plan)?;
            }
        }
        if all { self.drawn_kept(rooms) } else { Ok(()) }
    }

    fn leases_kept(&self, rooms: &Rooms, now: Timestamp) -> Result<()> {
        for task in self.tasks.keys() {
            let Some(slots) = rooms.archive().task_slots(*task)? else { continue };
            let mut people = BTreeSet::new();
            let numbered =
                (0..).zip(&slots.slots).map(|(number, slot)| ((*task, Role::Annotator, number), slot));
            for (place, slot) in numbered.chain([((*task, Role::Arbiter, 0), &slots.arbiter)]) {
                let person = match slot.occupancy {
                    Occupancy::Free => None,
                    Occupancy::Leased(lease) => Some(lease.person),
                    Occupancy::Submitted { person, .. } => Some(person),
                };
                ensure!(
                    person.is_none_or(|person| people.insert(person)),
                    "somebody has two places of {task}"
                );
                self.place_kept(place, slot, now)?;
            }
        }
        Ok(())
    }

    fn place_kept(&self, place: Place, slot: &SlotState, now: Timestamp) -> Result<()> {
        let highest = self.fencing.get(&place).map_or(0, |(highest, _)| *highest);
        ensure!(slot.last_fencing >= highest, "fencing of {place:?} falls");
        if let Some(submission) = self.filled.get(&place) {
            let kept = matches!(slot.occupancy, Occupancy::Submitted { submission: kept, .. } if kept == *submission);
            ensure!(kept, "work handed in at {place:?} is gone");
        }
        if let Some(promised) = self.leases.get(&place).filter(|lease| now < lease.expires_at) {
            let kept = matches!(slot.occupancy, Occupancy::Leased(lease)
                if (lease.person, lease.fencing) == (promised.person, promised.fencing)
                    && lease.expires_at >= promised.expires_at);
            ensure!(kept, "the lease of {place:?} is gone");
        }
        Ok(())
    }

    /// Each submission holds what was drawn, and there are no others.
    fn drawn_kept(&self, rooms: &Rooms) -> Result<()> {
        for done in &self.handed_in {
            let kept =
                rooms.archive().submission(done.receipt.submission)?.context("a submission is gone")?;
            let strokes = u32::try_from(done.revision)?;
            ensure!(kept.row.revision == done.revision, "a submission is of another revision");
            ensure!(kept.drawn.slices == done.plan.drawn(strokes), "a submission has other strokes");
        }
        let mut authors = BTreeSet::new();
        for row in rooms.archive().submissions()? {
            ensure!(authors.insert((row.person, row.task)), "{} handed in {} twice", row.person, row.task);
        }
        Ok(())
    }

    /// Every draw can be done again, and everything that was given newly was drawn for.
    pub(super) fn draws_kept(&self, rooms: &Rooms, order: &Order, people: &[PersonId]) -> Result<()> {
        for person in people {
            let mut drawn_for = BTreeSet::new();
            for (number, (draw, task)) in (0..).zip(rooms.archive().draws(*person)?) {
                let again = gold_draw(order.gold_seed, *person, number);
                ensure!((draw.number, draw.project) == (number, order.project), "a draw has another number");
                ensure!(draw.drawn.to_bits() == again.to_bits(), "draw {number} of {person} is not {again}");
                ensure!(draw.percent == order.gold_percent, "a draw has another percentage");
                ensure!(draw.gold == self.is_gold(task), "a draw says something else of {task}");
                let wanted = again < f64::from(draw.percent) / 100.0;
                // A test that somebody let go of comes back like any other task.
                ensure!(!draw.gold || wanted || drawn_for.contains(&task), "a test is given undrawn");
                drawn_for.insert(task);
            }
            let given = self.grants_drawn.get(person);
            ensure!(
                given.is_none_or(|given| given.is_subset(&drawn_for)),
                "{person} was given a task undrawn"
            );
        }
        Ok(())
    }
}

fn work_kept(rooms: &Rooms, (person, task): (PersonId, TaskId), revision: u64, plan: Plan) -> Result<()> {
    let view = rooms.archive().work_view(task, person)?.context("work is gone")?;
    ensure!(
        view.revision >= revision,
        "work of {person} on {task} falls from {revision} to {}",
        view.revision
    );
    let strokes = u32::try_from(view.revision)?;
    ensure!(view.slices == plan.drawn(strokes), "work of {person} on {task} has other strokes");
    Ok(())
}
