//! Tasks, and their progress folded from the events of their site.

use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId, Timestamp};

use crate::closed::closed_enum;
use crate::{ConsensusRule, Decision, LeaseEvent, LeaseState, Refusal, TaskOrder, WorkRole};

closed_enum! {
    /// How far a task has come.
    TaskState {
        /// Nobody has begun.
        Open = 1 "open",
        /// Some slots are leased or submitted.
        Collecting = 2 "collecting",
        /// Every slot is submitted and nothing was decided.
        Evaluated = 3 "evaluated",
        /// Taken back.
        Withdrawn = 4 "withdrawn",
        /// The submissions agree.
        Accepted = 5 "accepted",
        /// The submissions differ, and no arbiter may settle it.
        Disputed = 6 "disputed",
        /// The submissions differ, and an arbiter is to settle it.
        Arbitration = 7 "arbitration",
        /// An arbiter has settled it.
        Resolved = 8 "resolved",
    }
}

/// One asset to be annotated in one project under one instruction version. The version may rise;
/// `withdrawn`, `consensus` and `arbitration` change, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The project.
    pub project: ProjectId,
    /// The site that holds the asset.
    pub site: SiteId,
    /// What is annotated.
    pub asset: AssetToken,
    /// The instruction version that new work is done under.
    pub instruction_version: u32,
    /// How many annotators: 1 to 16.
    pub overlap: u32,
    /// Whether submissions are scored against gold.
    pub gold: bool,
    /// Whether it is taken back.
    pub withdrawn: bool,
    /// What a consensus of each object is painted by; empty until the submissions agree.
    pub consensus: Vec<ConsensusRule>,
    /// Whether an arbiter has to settle it.
    pub arbitration: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Task {
    /// What goes down to its site.
    pub fn order(&self) -> TaskOrder {
        TaskOrder {
            task: self.id,
            project: self.project,
            asset: self.asset,
            instruction_version: self.instruction_version,
            overlap: self.overlap,
            gold: self.gold,
            withdrawn: self.withdrawn,
            consensus: self.consensus.clone(),
            arbitration: self.arbitration,
        }
    }

    /// How far it has come, after what was decided of it.
    pub fn state(&self, progress: &Progress, decision: Option<Decision>) -> TaskState {
        if self.withdrawn {
            return TaskState::Withdrawn;
        }
        if !progress.complete() {
            let begun = progress.slots.iter().any(|slot| *slot != Slot::Free);
            return if begun { TaskState::Collecting } else { TaskState::Open };
        }
        match decision {
            None => TaskState::Evaluated,
            Some(Decision::Accepted) => TaskState::Accepted,
            Some(Decision::Disputed) if progress.arbitrated() => TaskState::Resolved,
            Some(Decision::Disputed) if self.arbitration => TaskState::Arbitration,
            Some(Decision::Disputed) => TaskState::Disputed,
        }
    }
}

/// One of the places of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// Nobody has it.
    Free,
    /// An annotator works in it.
    Leased {
        /// Who.
        person: PersonId,
    },
    /// Work was handed in.
    Submitted {
        /// By whom.
        person: PersonId,
        /// What.
        submission: SubmissionId,
    },
}

impl Slot {
    /// Who has it or had it.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Free => None,
            Self::Leased { person } | Self::Submitted { person, .. } => Some(*person),
        }
    }
}

/// What the site has said of a task so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The task.
    pub task: TaskId,
    /// Its places.
    pub slots: Vec<Slot>,
    /// The arbiter's place.
    pub arbiter: Slot,
    /// Work on a slot that was given on; counts in agreement, not in the overlap.
    pub surplus: Vec<SubmissionId>,
}

impl Progress {
    /// All slots are free.
    pub fn new(task: TaskId, overlap: u32) -> Self {
        let slots = (0..overlap).map(|_| Slot::Free).collect();
        Self { task, slots, arbiter: Slot::Free, surplus: Vec::new() }
    }

    /// Whether every slot is submitted.
    pub fn complete(&self) -> bool {
        self.submitted() == self.slots.len()
    }

    /// Whether an arbiter handed in work.
    pub fn arbitrated(&self) -> bool {
        matches!(self.arbiter, Slot::Submitted { .. })
    }

    /// Whether anybody has a place or handed in work.
    pub fn started(&self) -> bool {
        self.places().any(|slot| *slot != Slot::Free) || !self.surplus.is_empty()
    }

    /// Everything that was handed in: slots in their order, then what is surplus, then the arbiter's.
    pub fn submissions(&self) -> Vec<SubmissionId> {
        let of = |slot: &Slot| match slot {
            Slot::Free | Slot::Leased { .. } => None,
            Slot::Submitted { submission, .. } => Some(*submission),
        };
        let slots = self.slots.iter().filter_map(of);
        slots.chain(self.surplus.iter().copied()).chain(of(&self.arbiter)).collect()
    }

    /// How many slots are submitted.
    pub fn submitted(&self) -> usize {
        self.slots.iter().filter(|slot| matches!(slot, Slot::Submitted { .. })).count()
    }

    /// Folds a lease event. The site's agent decides who gets a place; what is told here is refused
    /// only where it breaks an invariant: a submitted place is not given again, and nobody gets two
    /// places of one task. The end of a lease that is not the place's current one changes nothing.
    ///
    /// # Errors
    /// The field that cannot be.
    pub fn lease(&mut self, event: &LeaseEvent) -> Result<(), Refusal> {
        let elsewhere = self.elsewhere(event.role, event.slot, event.person);
        let slot = self.place(event.role, event.slot).ok_or_else(|| Refusal::invalid("lease.slot"))?;
        match event.state {
            LeaseState::Granted => {
                if matches!(slot, Slot::Submitted { .. }) {
                    return Err(Refusal::invalid("lease.slot"));
                }
                if elsewhere {
                    return Err(Refusal::invalid("lease.person"));
                }
                *slot = Slot::Leased { person: event.person };
            }
            LeaseState::Released | LeaseState::Expired => {
                if *slot == (Slot::Leased { person: event.person }) {
                    *slot = Slot::Free;
                }
            }
        }
        Ok(())
    }

    /// Folds a submission. Answers whether it is surplus: its place was given on or submitted by
    /// somebody else meanwhile, or its author has another place of the task.
    ///
    /// # Errors
    /// The field that cannot be.
    pub fn submit(
        &mut self,
        role: WorkRole,
        number: u32,
        person: PersonId,
        submission: SubmissionId,
    ) -> Result<bool, Refusal> {
        let elsewhere = self.elsewhere(role, number, person);
        let slot = self.place(role, number).ok_or_else(|| Refusal::invalid("submission.slot"))?;
        let surplus = match slot {
            Slot::Free => elsewhere,
            Slot::Leased { person: holder } => *holder != person,
            Slot::Submitted { .. } => true,
        };
        if surplus {
            self.surplus.push(submission);
        } else {
            *slot = Slot::Submitted { person, submission };
        }
        Ok(surplus)
    }

    fn places(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().chain([&self.arbiter])
    }

    fn place(&mut self, role: WorkRole, number: u32) -> Option<&mut Slot> {
        match role {
            WorkRole::Annotator => self.slots.get_mut(usize::try_from(number).ok()?),
            WorkRole::Arbiter => (number == 0).then_some(&mut self.arbiter),
        }
    }

    fn elsewhere(&self, role: WorkRole, number: u32, person: PersonId) -> bool {
        let own = match role {
            WorkRole::Annotator => usize::try_from(number).ok(),
            WorkRole::Arbiter => Some(self.slots.len()),
        };
        self.places().enumerate().any(|(place, slot)| Some(place) != own && slot.person() == Some(person))
    }
}

#[cfg(test)]
mod tests;
