//! What work is handed in with: everything that checks and scores are computed from. Writes nothing.

use std::mem::discriminant;
use std::sync::Arc;

use agent_work::{Drawn, Role, TaskSlots, TimeUse, Verdict, VerdictProblem, check_verdicts, counted, letter};
use proto_ids::{PersonId, ProjectId, SubmissionId, TaskId, Timestamp};
use proto_instruction::{Instruction, Object};

use super::super::Holder;
use super::super::gold::{Gold, GoldSource};
use super::super::ground::Ground;
use super::super::slots::slots_in;
use super::super::time::spans_in;
use super::{SubmissionVerdict, SubmitError, submission_row_in};
use crate::assets::AssetRow;
use crate::worklist::instruction_in;
use crate::{Archive, StorageError};

/// An annotator's submission on the same task.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherSubmission {
    pub submission: SubmissionId,
    pub person: PersonId,
    pub slot: u32,
    /// Its labels and objects are those of this version.
    pub instruction_version: u32,
    pub drawn: Drawn,
}

/// An annotator's submission as an arbiter sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherWork {
    pub letter: char,
    /// For the program alone; an arbiter sees the letter.
    pub submission: SubmissionId,
    pub drawn: Drawn,
}

/// Work that is to be handed in, with everything that checks and scores are computed from.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The id that the submission gets.
    pub submission: SubmissionId,
    pub holder: Holder,
    pub role: Role,
    /// From 0; 0 for an arbiter.
    pub slot: u32,
    pub project: ProjectId,
    pub asset: AssetRow,
    /// Of the lease's version.
    pub instruction: Arc<Instruction>,
    pub instruction_version: u32,
    pub granted_at: Timestamp,
    pub revision: u64,
    /// What counts under the instruction, with all answers to questions that there are.
    pub drawn: Drawn,
    pub time: TimeUse,
    /// The gold annotation of the asset, where the task is to be scored and there is one.
    pub gold: Option<Gold>,
    /// What annotators handed in on the task, in the order of the slots.
    pub others: Vec<OtherSubmission>,
    /// For an arbiter: which submission has which letter.
    pub blinded: Vec<(char, SubmissionId)>,
}

impl Prepared {
    /// What verdicts say of which submission.
    ///
    /// # Errors
    /// [`VerdictProblem`] when one is missing, too many, or not an arbiter's.
    pub fn verdicts(&self, verdicts: &[Verdict]) -> Result<Vec<SubmissionVerdict>, VerdictProblem> {
        match self.role {
            Role::Annotator if verdicts.is_empty() => return Ok(Vec::new()),
            Role::Annotator => return Err(VerdictProblem::NotArbiter),
            Role::Arbiter => check_verdicts(self.blinded.len(), &self.instruction, verdicts)?,
        }
        let named = |given: &Verdict| {
            let submission = self.blinded.iter().find(|(letter, _)| *letter == given.letter);
            let (_, submission) = submission
                .ok_or(VerdictProblem::Unknown { letter: given.letter, object_id: given.object_id })?;
            let Verdict { object_id, verdict, .. } = *given;
            Ok(SubmissionVerdict { submission: *submission, object_id, verdict })
        };
        verdicts.iter().map(named).collect()
    }
}

impl Archive {
    /// Gives everything that work is checked and scored with. Writes nothing, and does not ask the instruction:
    /// that needs facts that only an image can be measured for.
    ///
    /// # Errors
    /// [`SubmitError`] says who holds the slot or where the work is.
    pub fn submission_prepare(
        &self,
        holder: Holder,
        revision: u64,
        now: Timestamp,
    ) -> Result<Prepared, SubmitError> {
        let ground = self.ground(holder.task, holder.person)?;
        if ground.task.withdrawn {
            return Err(SubmitError::Withdrawn);
        }
        let slots = slots_in(&self.work, &ground.task)?;
        let held = slots.check(holder.person, holder.fencing).map_err(SubmitError::Fencing)?;
        let (at, drawn) = self.work_with(&ground, holder.person, |work| {
            (work.revision(), counted(work, &ground.instruction))
        })?;
        if at != revision {
            return Err(SubmitError::RevisionConflict { revision: at });
        }
        let gold = if ground.task.gold { self.gold_for(&ground)? } else { None };
        let granted_at = held.lease.granted_at;
        let blinded = match held.role {
            Role::Annotator => Vec::new(),
            Role::Arbiter => lettered(&slots),
        };
        let others = self.others(&slots)?;
        let Ground { task, asset, instruction, instruction_version, .. } = ground;
        Ok(Prepared {
            submission: SubmissionId::from_random(self.keys.random_id()?),
            holder,
            role: held.role,
            slot: held.slot,
            project: task.project,
            asset,
            instruction,
            instruction_version,
            granted_at,
            revision,
            drawn,
            time: spans_in(&self.work, holder)?.time_use(granted_at, now),
            gold,
            others,
            blinded,
        })
    }

    /// The submissions of a task as its arbiter sees them, by letter; none for anybody else. They are those that
    /// were there when the arbiter was given their place.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn others_blinded(&self, task: TaskId, arbiter: PersonId) -> Result<Vec<OtherWork>, StorageError> {
        let Some(slots) = self.task_slots(task)? else { return Ok(Vec::new()) };
        let arbitrates = slots.lease_of(arbiter).is_some_and(|held| held.role == Role::Arbiter);
        if !arbitrates {
            return Ok(Vec::new());
        }
        let mut others = Vec::new();
        for (letter, submission) in lettered(&slots) {
            if let Some(found) = self.submission(submission)? {
                others.push(OtherWork { letter, submission, drawn: found.drawn });
            }
        }
        Ok(others)
    }

    /// The gold annotation of an asset, as far as it speaks of the objects of the work. A label is a number of an
    /// instruction: where gold was made under another one, the same number may be another thing.
    fn gold_for(&self, ground: &Ground) -> Result<Option<Gold>, StorageError> {
        let Some(mut gold) = self.gold(ground.task.asset)? else { return Ok(None) };
        let GoldSource::Promoted(submission) = gold.source else { return Ok(Some(gold)) };
        let Some(row) = submission_row_in(&self.work, submission)? else { return Ok(Some(gold)) };
        let then = instruction_in(&self.work, row.project, row.instruction_version)?;
        let then = then.ok_or(StorageError::Record { table: "instruction" })?;
        let now = &ground.instruction;
        let same = |one: Option<&Object>, other: Option<&Object>| {
            one.zip(other).is_some_and(|(one, other)| {
                one.key == other.key && discriminant(&one.geometry) == discriminant(&other.geometry)
            })
        };
        gold.labels.retain(|label| same(then.object_of_label(*label), now.object_of_label(*label)));
        gold.objects.retain(|id| same(then.object(*id), now.object(*id)));
        Ok(Some(gold))
    }

    fn others(&self, slots: &TaskSlots) -> Result<Vec<OtherSubmission>, SubmitError> {
        let mut others = Vec::new();
        for (slot, person, submission) in slots.submissions() {
            let other = self.submission(submission)?.ok_or(SubmitError::NotWorkable)?;
            let instruction_version = other.row.instruction_version;
            others.push(OtherSubmission {
                submission,
                person,
                slot,
                instruction_version,
                drawn: other.drawn,
            });
        }
        Ok(others)
    }
}

fn lettered(slots: &TaskSlots) -> Vec<(char, SubmissionId)> {
    slots.blinded.iter().enumerate().map(|(index, submission)| (letter(index), *submission)).collect()
}
