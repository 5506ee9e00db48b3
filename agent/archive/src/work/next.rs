//! Giving places out. The choice, its draw, the lease and its message are one transaction.

use std::collections::BTreeMap;

use agent_work::{Candidate, GoldDraw, GoldPolicy, Grant, Seeker, TaskSlots, next_task};
use proto_ids::{AssetToken, PersonId, ProjectId, TaskId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::slots::{slots_in, slots_save};
use crate::outbox::sequence_of;
use crate::people::{PersonState, person_in};
use crate::quarantine::asset_held;
use crate::record::{IdBytes, Record, Rows, id_in_key, joined, load_all, save};
use crate::worklist::{ProjectCopy, TaskCopy, instruction_key, projects_in, tasks_in};
use crate::{Archive, StorageError};

/// `draw`: person, project and number → what was drawn and which task was given.
#[derive(Serialize, Deserialize)]
struct DrawRecord {
    drawn: f64,
    percent: u32,
    gold: bool,
    task: IdBytes,
    at: i64,
}

impl Record for DrawRecord {
    const TABLE: &'static str = "draw";
}

/// A task that a person may work on, with its slots and their part in its project.
struct Offer {
    task: TaskCopy,
    ordered: u64,
    slots: TaskSlots,
    annotator: bool,
    arbiter: bool,
}

impl Offer {
    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            slots: &self.slots,
            ordered: self.ordered,
            project: self.task.project,
            asset: self.task.asset,
            gold: self.task.gold,
            annotator: self.annotator,
            arbiter: self.arbiter,
        }
    }
}

/// What a person was given before.
#[derive(Default)]
struct Past {
    drawn: BTreeMap<ProjectId, u64>,
    seen: BTreeMap<(ProjectId, AssetToken), TaskId>,
}

impl Archive {
    /// Gives a person the place that they hold, or the next one there is for them.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn task_next(&self, person: PersonId, now: Timestamp) -> Result<Option<Grant>, StorageError> {
        let grant = self.work.write(|tx| self.task_next_in(tx, person, now))?;
        self.outbox_tell();
        Ok(grant)
    }

    /// What was drawn when tasks were given to a person, and which task each time, by project and number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draws(&self, person: PersonId) -> Result<Vec<(GoldDraw, TaskId)>, StorageError> {
        let mut draws = Vec::new();
        for (key, record) in load_all::<DrawRecord>(&self.work, person.bytes())? {
            let project = ProjectId::from_bytes(id_in_key(DrawRecord::TABLE, &key, 16)?);
            let number = sequence_of(DrawRecord::TABLE, key.get(32..).unwrap_or_default())?;
            let DrawRecord { drawn, percent, gold, .. } = record;
            let task = TaskId::from_bytes(*record.task);
            draws.push((GoldDraw { project, number, drawn, percent, gold }, task));
        }
        Ok(draws)
    }

    fn task_next_in(
        &self,
        tx: &mut Tx<'_>,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<Grant>, StorageError> {
        let active = person_in(tx, person)?.is_some_and(|row| row.state == PersonState::Active);
        if !active {
            return Ok(None);
        }
        let projects: BTreeMap<ProjectId, ProjectCopy> =
            projects_in(tx)?.into_iter().map(|project| (project.project, project)).collect();
        let orders = tasks_in(tx)?;
        let past = past_in(tx, person, &orders)?;
        let mut offers = offers_in(tx, person, &projects, orders)?;
        let policy =
            |project: &ProjectCopy| GoldPolicy { percent: project.gold_percent, seed: project.gold_seed };
        let policies = projects.iter().map(|(id, project)| (*id, policy(project))).collect();
        let candidates: Vec<Candidate<'_>> = offers.iter().map(Offer::candidate).collect();
        let seeker = Seeker { person, policies: &policies, drawn: &past.drawn, seen: &past.seen };
        let Some(choice) = next_task(&candidates, &seeker, now) else { return Ok(None) };
        let chosen = offers.iter_mut().find(|offer| offer.task.task == choice.task);
        let Some(Offer { task, slots, .. }) = chosen else { return Ok(None) };
        self.slots_expire(tx, slots, now)?;
        // The choice was made on the very same slots, so a refusal means that there is nothing to give.
        let Ok(grant) = slots.grant(person, choice.role, task.instruction_version, now) else {
            return Ok(None);
        };
        if grant.new {
            slots_save(tx, slots)?;
            self.lease_granted(tx, &grant, person)?;
            if let Some(draw) = choice.draw {
                draw_put(tx, person, &draw, (task.task, now))?;
            }
        }
        Ok(Some(grant))
    }
}

/// The tasks that a person may work on: in force, of their projects, with asset and instruction at the site.
fn offers_in(
    rows: &impl Rows,
    person: PersonId,
    projects: &BTreeMap<ProjectId, ProjectCopy>,
    orders: Vec<(TaskCopy, u64)>,
) -> Result<Vec<Offer>, StorageError> {
    let mut offers = Vec::new();
    for (task, ordered) in orders {
        let Some(project) = projects.get(&task.project).filter(|project| !project.closed) else { continue };
        let annotator = project.annotators.contains(&person);
        let arbiter = project.arbiters.contains(&person);
        if !(annotator || arbiter) || task.withdrawn || rows.row("asset", task.asset.bytes())?.is_none() {
            continue;
        }
        // Not even who holds the task: it may have been withheld since.
        if asset_held(rows, task.asset)? {
            continue;
        }
        let slots = slots_in(rows, &task)?;
        // Who holds the task works by the version of their lease, which is here.
        let key = instruction_key(task.project, task.instruction_version);
        if slots.lease_of(person).is_some() || rows.row("instruction", &key)?.is_some() {
            offers.push(Offer { task, ordered, slots, annotator, arbiter });
        }
    }
    Ok(offers)
}

/// How many draws there were for a person, and which tests they were given: as the draws say, and as the
/// slots of tests do, since a task may have become a test after it was given.
fn past_in(rows: &impl Rows, person: PersonId, orders: &[(TaskCopy, u64)]) -> Result<Past, StorageError> {
    let by_id: BTreeMap<TaskId, &TaskCopy> = orders.iter().map(|(task, _)| (task.task, task)).collect();
    let mut past = Past::default();
    for (key, record) in load_all::<DrawRecord>(rows, person.bytes())? {
        let project = ProjectId::from_bytes(id_in_key(DrawRecord::TABLE, &key, 16)?);
        *past.drawn.entry(project).or_default() += 1;
        let task = by_id.get(&TaskId::from_bytes(*record.task));
        if let Some(task) = task.filter(|task| record.gold || task.gold) {
            past.seen.insert((project, task.asset), task.task);
        }
    }
    for (task, _) in orders.iter().filter(|(task, _)| task.gold) {
        let slots = slots_in(rows, task)?;
        if slots.submitted_by(person)
            || slots.lease_of(person).is_some()
            || slots.skipped_by.contains(&person)
        {
            past.seen.entry((task.project, task.asset)).or_insert(task.task);
        }
    }
    Ok(past)
}

fn draw_put(
    tx: &mut Tx<'_>,
    person: PersonId,
    draw: &GoldDraw,
    (task, at): (TaskId, Timestamp),
) -> Result<(), StorageError> {
    let place = joined(person.bytes(), draw.project.bytes());
    let record = DrawRecord {
        drawn: draw.drawn,
        percent: draw.percent,
        gold: draw.gold,
        task: ByteArray::new(*task.bytes()),
        at: at.millis(),
    };
    save(tx, &joined(&place, &draw.number.to_be_bytes()), &record)
}
