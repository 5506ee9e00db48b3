//! Projects, their instruction versions and their datasets.

use std::collections::{BTreeMap, BTreeSet};

use proto_ids::{AssetToken, DatasetId, PersonId, ProjectId, SiteId, Timestamp};
use proto_instruction::{Draft, Instruction};

use crate::closed::closed_enum;
use crate::{ConsensusKind, Preannotation, ProjectOrder};

/// A task has at most 16 slots; a voting pattern has a bit for each.
pub const MAX_OVERLAP: u32 = 16;

closed_enum! {
    /// How far a project has come.
    ProjectState {
        /// Nothing is published.
        Draft = 1 "draft",
        /// An instruction is published.
        Running = 2 "running",
        /// Nothing is given out any more.
        Closed = 3 "closed",
    }
}

/// How many of a hundred tasks may be hidden tests.
pub const MAX_GOLD_PERCENT: u32 = 50;

/// How the tasks of a project are tested, judged and settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// How many of a hundred tasks are hidden tests: 0 to 50.
    pub gold_percent: u32,
    /// Seed of the draw of hidden tests, drawn once; 0 before.
    pub gold_seed: u64,
    /// How a consensus is made.
    pub rule: ConsensusKind,
    /// How far submissions have to agree on each object, 0 to 1.
    pub minimum_agreement: f64,
    /// Whether disputes go to an arbiter.
    pub arbitration: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            gold_percent: 0,
            gold_seed: 0,
            rule: ConsensusKind::Majority,
            minimum_agreement: 0.7,
            arbitration: true,
        }
    }
}

/// A purpose: an instruction, people, assets.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// What people call it.
    pub title: String,
    /// How far it has come.
    pub state: ProjectState,
    /// The instruction as it is being written.
    pub draft: Draft,
    /// The newest published version, if there is one; they count from 1.
    pub published_version: Option<u32>,
    /// Who may annotate.
    pub annotators: BTreeSet<PersonId>,
    /// Who may settle disputes.
    pub arbiters: BTreeSet<PersonId>,
    /// How many annotators a new task gets.
    pub overlap: u32,
    /// How its tasks are tested, judged and settled.
    pub policy: Policy,
    /// The newest run of pre-annotation of each site that ever had one.
    pub preannotations: BTreeMap<SiteId, Preannotation>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Project {
    /// What goes down to a site; none before the first publication. Each site is told of its own
    /// model only, and of none once nothing is given out any more.
    pub fn order_for(&self, site: SiteId) -> Option<ProjectOrder> {
        let closed = self.state == ProjectState::Closed;
        let run = self.preannotations.get(&site).filter(|_| !closed);
        Some(ProjectOrder {
            project: self.id,
            title: self.title.clone(),
            instruction_version: self.published_version?,
            annotators: self.annotators.iter().copied().collect(),
            closed,
            arbiters: self.arbiters.iter().copied().collect(),
            gold_percent: self.policy.gold_percent,
            gold_seed: self.policy.gold_seed,
            preannotation: run.and_then(|run| run.order()),
        })
    }
}

/// A published instruction; immutable.
#[derive(Debug, Clone, PartialEq)]
pub struct InstructionVersion {
    /// The project.
    pub project: ProjectId,
    /// From 1.
    pub version: u32,
    /// What to look for.
    pub instruction: Instruction,
    /// When it was published.
    pub published_at: Timestamp,
}

/// A frozen list of assets; immutable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Its id.
    pub id: DatasetId,
    /// The project.
    pub project: ProjectId,
    /// What people call it; the same name again makes the next version.
    pub name: String,
    /// From 1, for each name.
    pub version: u32,
    /// The assets, in the order they were given.
    pub assets: Vec<AssetToken>,
    /// When it was frozen.
    pub created_at: Timestamp,
}
