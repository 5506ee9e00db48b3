//! Tasks, and their progress folded from the events of their site.

use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId, Timestamp};

use crate::closed::closed_enum;
use crate::{LeaseEvent, LeaseState, Refusal, TaskOrder};

closed_enum! {
    /// How far a task has come.
    TaskState {
        /// Nobody has begun.
        Open = 1 "open",
        /// Some slots are leased or submitted.
        Collecting = 2 "collecting",
        /// Every slot is submitted.
        Evaluated = 3 "evaluated",
        /// Taken back.
        Withdrawn = 4 "withdrawn",
    }
}

/// One asset to be annotated in one project under one instruction version. Only `withdrawn` changes.
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
    /// The instruction version.
    pub instruction_version: u32,
    /// How many annotators: 1 to 16.
    pub overlap: u32,
    /// Whether submissions are scored against gold.
    pub gold: bool,
    /// Whether it is taken back.
    pub withdrawn: bool,
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
        }
    }

    /// How far it has come.
    pub fn state(&self, progress: &Progress) -> TaskState {
        if self.withdrawn {
            return TaskState::Withdrawn;
        }
        let submitted = progress.submitted();
        if submitted == progress.slots.len() {
            TaskState::Evaluated
        } else if progress.slots.iter().any(|slot| *slot != Slot::Free) {
            TaskState::Collecting
        } else {
            TaskState::Open
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
    /// Work on a slot that was given on; counts in agreement, not in the overlap.
    pub surplus: Vec<SubmissionId>,
}

impl Progress {
    /// All slots are free.
    pub fn new(task: TaskId, overlap: u32) -> Self {
        Self { task, slots: (0..overlap).map(|_| Slot::Free).collect(), surplus: Vec::new() }
    }

    /// How many slots are submitted.
    pub fn submitted(&self) -> usize {
        self.slots.iter().filter(|slot| matches!(slot, Slot::Submitted { .. })).count()
    }

    /// Folds a lease event. The site's agent decides who gets a slot; what is told here is refused
    /// only where it breaks an invariant: a submitted slot is not given again, and nobody gets two
    /// slots of one task. The end of a lease that is not the slot's current one changes nothing.
    ///
    /// # Errors
    /// The field that cannot be.
    pub fn lease(&mut self, event: &LeaseEvent) -> Result<(), Refusal> {
        let index = self.index(event.slot).ok_or_else(|| Refusal::invalid("lease.slot"))?;
        match event.state {
            LeaseState::Granted => {
                if matches!(self.slots[index], Slot::Submitted { .. }) {
                    return Err(Refusal::invalid("lease.slot"));
                }
                if self.elsewhere(event.person, index) {
                    return Err(Refusal::invalid("lease.person"));
                }
                self.slots[index] = Slot::Leased { person: event.person };
            }
            LeaseState::Released | LeaseState::Expired => {
                if self.slots[index] == (Slot::Leased { person: event.person }) {
                    self.slots[index] = Slot::Free;
                }
            }
        }
        Ok(())
    }

    /// Folds a submission. Answers whether it is surplus: its slot was given on or submitted by
    /// somebody else meanwhile, or its author has another slot of the task.
    ///
    /// # Errors
    /// The field that cannot be.
    pub fn submit(&mut self, slot: u32, person: PersonId, submission: SubmissionId) -> Result<bool, Refusal> {
        let index = self.index(slot).ok_or_else(|| Refusal::invalid("submission.slot"))?;
        let surplus = match &self.slots[index] {
            Slot::Free => self.elsewhere(person, index),
            Slot::Leased { person: holder } => *holder != person,
            Slot::Submitted { .. } => true,
        };
        if surplus {
            self.surplus.push(submission);
        } else {
            self.slots[index] = Slot::Submitted { person, submission };
        }
        Ok(surplus)
    }

    fn index(&self, slot: u32) -> Option<usize> {
        usize::try_from(slot).ok().filter(|index| *index < self.slots.len())
    }

    fn elsewhere(&self, person: PersonId, index: usize) -> bool {
        self.slots.iter().enumerate().any(|(other, slot)| other != index && slot.person() == Some(person))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn person(byte: u8) -> PersonId {
        PersonId::from_random([byte; 16])
    }

    fn event(slot: u32, who: u8, state: LeaseState) -> LeaseEvent {
        LeaseEvent { task: TaskId::from_random([1; 16]), person: person(who), slot, state }
    }

    fn task(overlap: u32) -> (Task, Progress) {
        let id = TaskId::from_random([1; 16]);
        let task = Task {
            id,
            project: ProjectId::from_random([2; 16]),
            site: SiteId::from_random([3; 16]),
            asset: AssetToken::from_random([4; 16]),
            instruction_version: 1,
            overlap,
            gold: false,
            withdrawn: false,
            created_at: Timestamp::from_millis(0),
        };
        (task, Progress::new(id, overlap))
    }

    #[test]
    fn a_task_goes_from_open_to_evaluated() {
        let (task, mut progress) = task(2);
        assert_eq!(task.state(&progress), TaskState::Open);
        progress.lease(&event(0, 1, LeaseState::Granted)).unwrap();
        assert_eq!(task.state(&progress), TaskState::Collecting);
        assert_eq!(progress.submit(0, person(1), SubmissionId::from_random([1; 16])), Ok(false));
        assert_eq!(task.state(&progress), TaskState::Collecting);
        assert_eq!(progress.submit(1, person(2), SubmissionId::from_random([2; 16])), Ok(false));
        assert_eq!(task.state(&progress), TaskState::Evaluated);
    }

    #[test]
    fn late_work_on_a_slot_that_was_given_on_is_surplus() {
        let (task, mut progress) = task(1);
        progress.lease(&event(0, 1, LeaseState::Granted)).unwrap();
        progress.lease(&event(0, 1, LeaseState::Expired)).unwrap();
        progress.lease(&event(0, 2, LeaseState::Granted)).unwrap();
        assert_eq!(progress.submit(0, person(1), SubmissionId::from_random([1; 16])), Ok(true));
        assert_eq!(task.state(&progress), TaskState::Collecting);
        assert_eq!(progress.submit(0, person(2), SubmissionId::from_random([2; 16])), Ok(false));
        assert_eq!(progress.surplus.len(), 1);
    }

    #[test]
    fn nobody_gets_two_slots_of_a_task() {
        let (_, mut progress) = task(2);
        progress.lease(&event(0, 1, LeaseState::Granted)).unwrap();
        assert_eq!(progress.lease(&event(1, 1, LeaseState::Granted)), Err(Refusal::invalid("lease.person")));
    }

    #[test]
    fn a_slot_that_the_task_does_not_have_is_refused() {
        let (_, mut progress) = task(2);
        assert_eq!(progress.lease(&event(2, 1, LeaseState::Granted)), Err(Refusal::invalid("lease.slot")));
        let submission = SubmissionId::from_random([1; 16]);
        assert_eq!(progress.submit(7, person(1), submission), Err(Refusal::invalid("submission.slot")));
    }

    proptest! {
        #[test]
        fn whatever_comes_nobody_holds_two_slots_and_work_is_never_lost(
            events in proptest::collection::vec((0_u32..4, 1_u8..5, 0_u8..4), 0..60)
        ) {
            let (_, mut progress) = task(3);
            let mut kept = Vec::new();
            for (number, (slot, who, what)) in events.into_iter().enumerate() {
                let state = match what { 0 => LeaseState::Granted, 1 => LeaseState::Released, _ => LeaseState::Expired };
                if what == 3 {
                    let id = SubmissionId::from_random([u8::try_from(number).unwrap(); 16]);
                    if progress.submit(slot, person(who), id).is_ok() {
                        kept.push(id);
                    }
                } else {
                    let _ = progress.lease(&event(slot, who, state));
                }
                let mut holders: Vec<_> = progress.slots.iter().filter_map(Slot::person).collect();
                let all = holders.len();
                holders.sort();
                holders.dedup();
                prop_assert_eq!(holders.len(), all);
            }
            for id in kept {
                let in_slot = progress.slots.iter().any(|slot| matches!(slot, Slot::Submitted { submission, .. } if *submission == id));
                prop_assert!(in_slot ^ progress.surplus.contains(&id));
            }
        }
    }
}
