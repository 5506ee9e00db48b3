//! The end of a run: the line is whole again, and both planes say the same.

use std::collections::BTreeMap;

use agent_archive::SubmissionRow;
use agent_work::{Occupancy, Role, SlotState};
use anyhow::{Context, Result, bail, ensure};
use control_plane_app::read;
use control_plane_domain::{
    Decision, Judgement, Progress, ReceivedConsensus, ReceivedSubmission, RuleKind, Slot, Task, WorkRole,
};
use proto_ids::{Clock, PersonId, SubmissionId};

use super::line::Quality;
use super::{Tally, World};

/// What the control plane knows of a task.
struct Known {
    task: Task,
    progress: Progress,
    judgement: Option<Judgement>,
    painted: Vec<ReceivedConsensus>,
}

impl World {
    /// Heals the line, lets everything be said, and compares.
    pub(super) fn close(mut self) -> Result<Tally> {
        self.clock.turn(3600);
        let now = self.clock.now();
        self.hospital.plane()?.archive().leases_expire(now)?;
        for _ in 0..3 {
            self.up(Quality::Sound)?;
            self.down(Quality::Sound)?;
            self.hospital.plane()?.follow(now);
        }
        self.up(Quality::Sound)?;
        self.promises.kept_by(self.hospital.plane()?, now, true).context("at the end")?;
        self.draws_kept()?;
        self.submissions_told()?;
        self.nothing_waits()?;
        for known in self.known()? {
            self.slots_told(&known)?;
            self.settled(&known).with_context(|| format!("task {}", known.task.id))?;
        }
        let before = (self.hospital.plane()?.archive().state_digest()?, self.cloud.plane()?.store().epoch());
        self.hospital.crash(&mut self.chance)?;
        self.cloud.crash(&mut self.chance)?;
        let after = (self.hospital.plane()?.archive().state_digest()?, self.cloud.plane()?.store().epoch());
        ensure!(before == after, "a store that had come to rest is another one after a crash");
        self.submissions_told()?;
        self.tally.agent_crashes = self.hospital.crashes;
        self.tally.control_plane_crashes = self.cloud.crashes;
        Ok(self.tally)
    }

    fn draws_kept(&self) -> Result<()> {
        let people: Vec<PersonId> = self.people.iter().map(|person| person.id).collect();
        self.promises.draws_kept(self.hospital.plane()?, &self.order, &people)
    }

    /// The control plane has what the site has, each once.
    fn submissions_told(&self) -> Result<()> {
        let here: BTreeMap<SubmissionId, SubmissionRow> = self
            .hospital
            .plane()?
            .archive()
            .submissions()?
            .into_iter()
            .map(|row| (row.submission, row))
            .collect();
        let project = self.order.project;
        let there =
            read(self.cloud.plane()?.store().as_ref(), |reader| Ok(reader.submission_list(project)?))?;
        ensure!(there.len() == here.len(), "{} submissions, and {} were told", here.len(), there.len());
        for ReceivedSubmission { facts, surplus, .. } in there {
            let row = here.get(&facts.id).context("a submission was told that is not there")?;
            let told = (facts.task, facts.person, facts.slot, facts.instruction_version);
            ensure!(
                told == (row.task, row.person, row.slot, row.instruction_version),
                "another one was told"
            );
            ensure!(
                (facts.role == WorkRole::Arbiter) == (row.role == Role::Arbiter),
                "another role was told"
            );
            ensure!(!surplus, "work in a slot counts as surplus");
        }
        Ok(())
    }

    fn nothing_waits(&self) -> Result<()> {
        let archive = self.hospital.plane()?.archive();
        let counts = archive.outbox_counts()?;
        ensure!((counts.waiting, counts.shelved) == (0, 0), "{counts:?} after everything was said");
        ensure!(archive.consensus_waiting()?.is_empty(), "a consensus is not painted");
        Ok(())
    }

    fn known(&self) -> Result<Vec<Known>> {
        let project = self.order.project;
        Ok(read(self.cloud.plane()?.store().as_ref(), |reader| {
            let mut known = Vec::new();
            for task in reader.task_list(project)? {
                let progress = reader.progress_get(task.id)?;
                let progress = progress.unwrap_or_else(|| Progress::new(task.id, task.overlap));
                let judgement = reader.judgement_get(task.id)?;
                let painted = reader.consensus_painted_list(task.id)?;
                known.push(Known { task, progress, judgement, painted });
            }
            Ok(known)
        })?)
    }

    /// The places of a task are held and filled by the same people on both sides.
    fn slots_told(&self, known: &Known) -> Result<()> {
        let archive = self.hospital.plane()?.archive();
        let order = archive.task(known.task.id)?.context("an order did not come down")?;
        let came = (order.instruction_version, order.arbitration, order.consensus.len());
        let wanted = (known.task.instruction_version, known.task.arbitration, known.task.consensus.len());
        ensure!(came == wanted, "another order came down");
        let slots = archive.task_slots(known.task.id)?.context("a task is gone")?;
        let here: Vec<Slot> = slots.slots.iter().chain([&slots.arbiter]).map(told).collect();
        let there: Vec<Slot> =
            known.progress.slots.iter().chain([&known.progress.arbiter]).cloned().collect();
        ensure!(here == there, "slots of {} are {here:?}, and {there:?} was told", known.task.id);
        ensure!(known.progress.surplus.is_empty(), "there is surplus work");
        Ok(())
    }

    /// A complete task is judged, and its consensus is painted.
    fn settled(&mut self, known: &Known) -> Result<()> {
        let Known { task, progress, judgement, painted } = known;
        if task.gold || !progress.complete() {
            ensure!(judgement.is_none(), "it is judged before it is complete");
            return Ok(());
        }
        let has = |rule: RuleKind, submissions: &[SubmissionId]| {
            painted.iter().any(|one| one.facts.rule == rule && one.facts.submissions == submissions)
        };
        match judgement.as_ref().map(|judgement| judgement.decision) {
            None => bail!("it is complete and not judged"),
            Some(Decision::Accepted) => {
                ensure!(!task.consensus.is_empty(), "it is accepted and has no rule");
                for rule in &task.consensus {
                    ensure!(has(rule.kind.into(), &rule.submissions), "its consensus is not painted");
                }
                self.tally.accepted += 1;
            }
            Some(Decision::Disputed) => match progress.arbiter {
                Slot::Submitted { submission, .. } => {
                    ensure!(has(RuleKind::Arbiter, &[submission]), "the arbiter's work is not painted");
                    self.tally.resolved += 1;
                }
                Slot::Free | Slot::Leased { .. } => {
                    ensure!(task.arbitration, "it is disputed and nobody is asked");
                    self.tally.disputed += 1;
                }
            },
        }
        Ok(())
    }
}

/// A slot of the site as the control plane should know it.
const fn told(slot: &SlotState) -> Slot {
    match slot.occupancy {
        Occupancy::Leased(lease) if !lease.lapsed => Slot::Leased { person: lease.person },
        Occupancy::Free | Occupancy::Leased(_) => Slot::Free,
        Occupancy::Submitted { person, submission, .. } => Slot::Submitted { person, submission },
    }
}
