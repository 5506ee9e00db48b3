//! What goes down to a site.

use proto_ids::{AssetToken, PersonId, ProjectId, TaskId};

use crate::{ConsensusRule, InstructionVersion, Invitation, PreannotationOrder};

/// A project as a site has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectOrder {
    /// The project.
    pub project: ProjectId,
    /// Its title.
    pub title: String,
    /// The version that new work is done under.
    pub instruction_version: u32,
    /// Who may annotate.
    pub annotators: Vec<PersonId>,
    /// Whether nothing is given out any more.
    pub closed: bool,
    /// Who may settle disputes.
    pub arbiters: Vec<PersonId>,
    /// How many of a hundred tasks are hidden tests: 0 to 50.
    pub gold_percent: u32,
    /// Seed of the draw of hidden tests; 0 before it was drawn.
    pub gold_seed: u64,
    /// What the tasks of the site are to be prepared by; none: nothing, or no longer.
    pub preannotation: Option<PreannotationOrder>,
}

/// A person as a site has to know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonOrder {
    /// The person.
    pub person: PersonId,
    /// What they sign in with.
    pub user_name: String,
    /// What others read.
    pub display_name: String,
    /// The open invitation; none once this site has redeemed it.
    pub invitation: Option<Invitation>,
    /// Shut out by the control plane.
    pub suspended: bool,
}

/// A task as its site has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskOrder {
    /// The task.
    pub task: TaskId,
    /// Its project.
    pub project: ProjectId,
    /// What is annotated.
    pub asset: AssetToken,
    /// The instruction version that it is done under.
    pub instruction_version: u32,
    /// How many annotators: 1 to 16.
    pub overlap: u32,
    /// Whether submissions are scored against the gold annotation of the asset.
    pub gold: bool,
    /// Whether it is taken back.
    pub withdrawn: bool,
    /// What a consensus of each object is painted by.
    pub consensus: Vec<ConsensusRule>,
    /// Whether an arbiter has to settle it.
    pub arbitration: bool,
}

/// One thing that a site has to know. It replaces what was said of the same thing before.
#[derive(Debug, Clone, PartialEq)]
pub enum WorklistItem {
    /// A project.
    Project(ProjectOrder),
    /// A published instruction.
    Instruction(InstructionVersion),
    /// A person.
    Person(PersonOrder),
    /// A task.
    Task(TaskOrder),
}

/// A thing and the revision that it was last written at.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The revision of the store.
    pub revision: u64,
    /// The thing as it is now.
    pub item: WorklistItem,
}

/// Some changes, in the order of their revisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// What concerns the site.
    pub changes: Vec<Change>,
    /// Everything up to this revision has been looked at; the next question starts here.
    pub up_to: u64,
    /// Whether more waits beyond `up_to`.
    pub more: bool,
}
