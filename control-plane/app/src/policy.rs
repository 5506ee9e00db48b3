//! How the tasks of a project are tested, judged and settled.

use control_plane_domain::{
    Action, Actor, ConsensusKind, MAX_GOLD_PERCENT, Policy, Project, Subject, UseCase,
};
use proto_ids::{PersonId, ProjectId};

use crate::judging::settle_tasks;
use crate::projects::{annotators_of, open_project_of};
use crate::{App, AppError, Chance, FieldProblem, Tx, transact};

/// A policy to be set.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// How many of a hundred tasks are hidden tests: 0 to 50.
    pub gold_percent: u32,
    /// How a consensus is made.
    pub rule: ConsensusKind,
    /// How far submissions have to agree on each object, 0 to 1.
    pub minimum_agreement: f64,
    /// Whether disputes go to an arbiter.
    pub arbitration: bool,
    /// Who may settle disputes.
    pub arbiters: Vec<PersonId>,
}

impl App {
    /// Sets how a project's tasks are tested, judged and settled. What was judged stays judged;
    /// disputes that nobody works on are given to arbiters or taken back from them.
    ///
    /// # Errors
    /// Denied, the project or an arbiter is unknown, the project is closed, a figure is out of its
    /// range, or the store failed.
    pub fn policy_set(&self, actor: &Actor, id: ProjectId, new: &NewPolicy) -> Result<(), AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        check(new)?;
        let (seed, now) = (drawn_seed(&self.chance)?, self.now());
        transact(self.store.as_ref(), |tx| {
            let mut project = open_project_of(tx, id)?;
            project.arbiters = annotators_of(tx, &new.arbiters, "arbiter_ids")?;
            let draws = project.policy.gold_seed == 0;
            project.policy = Policy {
                gold_percent: new.gold_percent,
                gold_seed: if draws { seed } else { project.policy.gold_seed },
                rule: new.rule,
                minimum_agreement: new.minimum_agreement,
                arbitration: new.arbitration,
            };
            tx.project_put(&project)?;
            self.audit(tx, actor, Action::PolicySet, Subject::Project(id))?;
            if draws {
                self.audit_seed(tx, actor, &project)?;
            }
            settle_tasks(tx, &project, now)
        })
    }

    /// The seed of the draw is on record, so that every draw can be done again.
    pub(crate) fn audit_seed(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        project: &Project,
    ) -> Result<(), AppError> {
        let subject = Subject::GoldSeed { project: project.id, seed: project.policy.gold_seed };
        self.audit(tx, actor, Action::GoldSeedDrawn, subject)
    }
}

fn check(new: &NewPolicy) -> Result<(), AppError> {
    let mut problems = Vec::new();
    if new.gold_percent > MAX_GOLD_PERCENT {
        problems.push(FieldProblem::new("gold_percent", "a whole number from 0 to 50"));
    }
    if !(0.0..=1.0).contains(&new.minimum_agreement) {
        problems.push(FieldProblem::new("minimum_agreement", "a number from 0 to 1"));
    }
    if problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(problems)) }
}

/// A seed; 0 stands for none.
pub(crate) fn drawn_seed(chance: &Chance) -> Result<u64, AppError> {
    Ok(u64::from_be_bytes(chance.bytes()?).max(1))
}
