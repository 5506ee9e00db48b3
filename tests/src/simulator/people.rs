//! The people: they ask, draw, hand in, skip, walk away and come back; what they did not hear they ask
//! again.

use std::collections::BTreeMap;

use agent_archive::{AppendError, Holder, LeaseError, SubmissionReceipt, VersionError};
use agent_viewer_api::{SubmitRefusal, SubmitRequest};
use agent_work::{FencingRefusal, Grant, LEASE_MS, Operation, Role, Verdict, VerdictKind, letter};
use anyhow::{Context, Result, bail, ensure};
use proto_ids::{Clock, OperationId, PersonId, TaskId, Timestamp};

use super::World;
use super::checks::{HandedIn, Late};
use super::hospital::Plan;
use super::machine::{Fate, Reply};

/// Somebody who annotates or arbitrates, as their browser knows it.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) id: PersonId,
    away_until: Timestamp,
    doing: Doing,
    plans: BTreeMap<TaskId, Plan>,
}

#[derive(Debug, Default)]
enum Doing {
    #[default]
    Nothing,
    /// Asked and heard nothing; the place that they were given.
    Asked(Option<Grant>),
    Working(Work),
}

#[derive(Debug)]
struct Work {
    grant: Grant,
    plan: Plan,
    revision: u64,
    /// Sent without an answer.
    pending: Vec<Operation>,
    /// Handed in without a receipt.
    handing_in: bool,
    /// The receipt that did not arrive.
    receipt: Option<SubmissionReceipt>,
}

/// An answer, and whether it arrived; none after a crash.
type Heard<T, E> = Option<(bool, Result<T, E>)>;

impl Person {
    pub(super) fn new(id: PersonId) -> Self {
        let away_until = Timestamp::from_millis(0);
        Self { id, away_until, doing: Doing::Nothing, plans: BTreeMap::new() }
    }
}

impl Work {
    const fn holder(&self, person: PersonId) -> Holder {
        Holder { task: self.grant.task, person, fencing: self.grant.fencing }
    }
}

impl World {
    /// Somebody does what is next for them.
    pub(super) fn act(&mut self, who: usize) -> Result<()> {
        let now = self.clock.now();
        let Some(person) = self.people.get_mut(who).filter(|person| person.away_until <= now) else {
            return Ok(());
        };
        let id = person.id;
        let doing = match std::mem::take(&mut person.doing) {
            Doing::Nothing => self.ask(who, None)?,
            Doing::Asked(given) => self.ask(who, given)?,
            Doing::Working(work) if work.handing_in => self.hand_in(id, work)?,
            Doing::Working(work) if !work.pending.is_empty() => self.save(id, work)?,
            Doing::Working(work) => match self.chance.below(100) {
                0..4 => self.skip(id, &work)?,
                4..10 => {
                    self.leave(who, 60);
                    Doing::Working(work)
                }
                10..15 => self.renew(id, work)?,
                15..20 => self.follow_version(id, work)?,
                _ if work.revision < u64::from(work.plan.strokes) => {
                    let work = self.draw(work)?;
                    self.save(id, work)?
                }
                _ => self.hand_in(id, work)?,
            },
        };
        if let Some(person) = self.people.get_mut(who) {
            person.doing = doing;
        }
        Ok(())
    }

    /// They do something else for up to as many minutes.
    fn leave(&mut self, who: usize, minutes: u64) {
        let minutes = 1 + self.chance.below(minutes);
        let until = self.clock.now().plus_seconds(i64::try_from(minutes * 60).unwrap_or(0));
        if let Some(person) = self.people.get_mut(who) {
            person.away_until = until;
        }
    }

    fn ask(&mut self, who: usize, given: Option<Grant>) -> Result<Doing> {
        let Some(person) = self.people.get(who).map(|person| person.id) else { return Ok(Doing::Nothing) };
        let now = self.clock.now();
        let fate = Fate::drawn(&mut self.chance);
        let reply =
            self.hospital.call(fate, &mut self.chance, |rooms| rooms.archive().task_next(person, now))?;
        let Some((heard, answer)) = self.heard(reply) else { return Ok(Doing::Asked(given)) };
        let grant = answer?;
        if let Some(given) = given.filter(|given| now < given.expires_at) {
            let same = |grant: &Grant| {
                (grant.task, grant.role, grant.slot, grant.fencing)
                    == (given.task, given.role, given.slot, given.fencing)
                    && !grant.new
            };
            ensure!(grant.as_ref().is_some_and(same), "{person} asked again and got {grant:?} for {given:?}");
        }
        let Some(grant) = grant else {
            self.leave(who, 10);
            return Ok(Doing::Nothing);
        };
        self.promises.granted(person, &grant, now)?;
        if grant.new {
            self.tally.grants += 1;
            self.tally.gold += u64::from(self.promises.is_gold(grant.task));
        }
        if !heard {
            return Ok(Doing::Asked(Some(grant)));
        }
        let view = self.hospital.plane()?.archive().work_view(grant.task, person)?;
        let revision = view.context("a task is given that cannot be worked on")?.revision;
        let least = self.promises.revision(person, grant.task);
        ensure!(revision >= least, "work falls from {least} to {revision}");
        let plan = self.plan(who, grant.task);
        let (pending, receipt) = (Vec::new(), None);
        Ok(Doing::Working(Work { grant, plan, revision, pending, handing_in: false, receipt }))
    }

    /// Most see the same; some see something else, so that some tasks are disputed.
    fn plan(&mut self, who: usize, task: TaskId) -> Plan {
        let shift = if self.chance.happens(150) { 10 } else { 2 };
        let strokes = if self.chance.happens(100) { 3 } else { 2 };
        let new = Plan { shift, strokes };
        self.people.get_mut(who).map_or(new, |person| *person.plans.entry(task).or_insert(new))
    }

    fn draw(&mut self, mut work: Work) -> Result<Work> {
        let left = u64::from(work.plan.strokes).saturating_sub(work.revision);
        let count = left.min(1 + self.chance.below(2));
        for base_revision in work.revision..work.revision + count {
            work.pending.push(Operation {
                id: OperationId::from_random(self.chance.id()),
                base_revision,
                kind: work.plan.stroke(u32::try_from(base_revision)?),
            });
        }
        Ok(work)
    }

    fn save(&mut self, person: PersonId, mut work: Work) -> Result<Doing> {
        let (now, holder, task) = (self.clock.now(), work.holder(person), work.grant.task);
        let (fate, operations) = (Fate::drawn(&mut self.chance), work.pending.clone());
        let expected = work.revision + operations.len() as u64;
        let reply = self.hospital.call(fate, &mut self.chance, |rooms| {
            rooms.archive().operations_append(holder, operations, now)
        })?;
        let Some((heard, answer)) = self.heard(reply) else { return Ok(Doing::Working(work)) };
        match answer {
            Ok(revision) => {
                ensure!(revision == expected, "{revision} is acknowledged, {expected} was sent");
                self.promises.saved(person, task, revision, work.plan);
                self.promises.prolonged(person, &work.grant, now.plus_millis(LEASE_MS));
                if heard {
                    work.revision = revision;
                    work.pending.clear();
                }
                Ok(Doing::Working(work))
            }
            Err(AppendError::StaleLease) => {
                for operation in &work.pending {
                    let late = Late { task, person, fencing: work.grant.fencing, operation: operation.id };
                    self.promises.kept_apart(late);
                    self.tally.late += 1;
                }
                Ok(if heard { Doing::Nothing } else { Doing::Working(work) })
            }
            Err(error) => Err(error).context("operations are not taken"),
        }
    }

    fn renew(&mut self, person: PersonId, work: Work) -> Result<Doing> {
        let (now, holder, fate) = (self.clock.now(), work.holder(person), Fate::drawn(&mut self.chance));
        let reply =
            self.hospital.call(fate, &mut self.chance, |rooms| rooms.archive().lease_renew(holder, now))?;
        match self.heard(reply) {
            Some((_, Ok(grant))) => {
                let same = (grant.role, grant.slot, grant.fencing)
                    == (work.grant.role, work.grant.slot, work.grant.fencing);
                ensure!(same, "a renewed lease is another one");
                self.promises.prolonged(person, &work.grant, grant.expires_at);
                Ok(Doing::Working(work))
            }
            Some((_, Err(LeaseError::Fencing(FencingRefusal::Stale)))) => Ok(Doing::Nothing),
            Some((_, Err(error))) => Err(error).context("a lease is not renewed"),
            None => Ok(Doing::Working(work)),
        }
    }

    fn skip(&mut self, person: PersonId, work: &Work) -> Result<Doing> {
        self.promises.ending(&work.grant);
        let (holder, fate) = (work.holder(person), Fate::drawn(&mut self.chance));
        let reply =
            self.hospital.call(fate, &mut self.chance, |rooms| rooms.archive().lease_release(holder))?;
        match self.heard(reply) {
            Some((_, Ok(()) | Err(LeaseError::Fencing(FencingRefusal::Stale)))) | None => Ok(Doing::Nothing),
            Some((_, Err(error))) => Err(error).context("a lease is not released"),
        }
    }

    /// Takes the newest version of the instruction, if there is a newer one.
    fn follow_version(&mut self, person: PersonId, mut work: Work) -> Result<Doing> {
        let order = self.hospital.plane()?.archive().task(work.grant.task)?.context("the task is gone")?;
        let version = order.instruction_version;
        if version == work.grant.instruction_version {
            return Ok(Doing::Working(work));
        }
        ensure!(version > work.grant.instruction_version, "the version of a task falls");
        let (now, holder, fate) = (self.clock.now(), work.holder(person), Fate::drawn(&mut self.chance));
        let reply = self
            .hospital
            .call(fate, &mut self.chance, |rooms| rooms.archive().version_accept(holder, version, now))?;
        match self.heard(reply) {
            Some((heard, Ok(held))) => {
                let moved = (held.lease.fencing, held.lease.instruction_version);
                ensure!(moved == (work.grant.fencing, version), "a lease moved to another version");
                self.promises.prolonged(person, &work.grant, held.lease.expires_at);
                self.tally.versions += 1;
                if heard {
                    work.grant.instruction_version = version;
                }
                Ok(Doing::Working(work))
            }
            Some((_, Err(VersionError::Fencing(FencingRefusal::Stale)))) => Ok(Doing::Nothing),
            // The order may come down before the version itself.
            Some((_, Err(VersionError::NotNewest { .. }))) | None => Ok(Doing::Working(work)),
            Some((_, Err(error))) => Err(error).context("a newer version is not taken"),
        }
    }

    fn hand_in(&mut self, person: PersonId, mut work: Work) -> Result<Doing> {
        let Grant { task, role, slot, fencing, .. } = work.grant;
        let (now, verdicts, revision) = (self.clock.now(), self.verdicts(&work.grant)?, work.revision);
        let request = SubmitRequest { task, person, fencing, revision, overrides: Vec::new(), verdicts, now };
        let fate = Fate::drawn(&mut self.chance);
        let reply = self.hospital.call(fate, &mut self.chance, |rooms| rooms.submit(request))?;
        let Some((heard, answer)) = self.heard(reply) else {
            self.promises.ending(&work.grant);
            return Ok(Doing::Working(Work { handing_in: true, ..work }));
        };
        match answer {
            Ok(receipt) => {
                let known = work.receipt.is_none_or(|known| known == receipt);
                ensure!(known, "handing in again gives another receipt");
                let done = HandedIn { task, person, role, revision, plan: work.plan, receipt };
                self.tally.submissions += u64::from(self.promises.submitted(slot, done)?);
                if heard {
                    return Ok(Doing::Nothing);
                }
                (work.handing_in, work.receipt) = (true, Some(receipt));
                Ok(Doing::Working(work))
            }
            Err(SubmitRefusal::Fencing(FencingRefusal::Stale)) if work.receipt.is_none() => {
                Ok(Doing::Nothing)
            }
            Err(refusal) => bail!("work is not taken: {refusal:?}"),
        }
    }

    /// An arbiter says something of each work that they see.
    fn verdicts(&self, grant: &Grant) -> Result<Vec<Verdict>> {
        if grant.role == Role::Annotator {
            return Ok(Vec::new());
        }
        let slots = self.hospital.plane()?.archive().task_slots(grant.task)?.context("the task is gone")?;
        let verdict =
            |index| Verdict { letter: letter(index), object_id: 1, verdict: VerdictKind::Acceptable };
        Ok((0..slots.blinded.len()).map(verdict).collect())
    }

    fn heard<T, E>(&mut self, reply: Reply<T, E>) -> Heard<T, E> {
        match reply {
            Reply::Came(answer) => Some((true, answer)),
            Reply::Lost(answer) => {
                self.tally.lost += 1;
                Some((false, answer))
            }
            Reply::Gone => None,
        }
    }
}
