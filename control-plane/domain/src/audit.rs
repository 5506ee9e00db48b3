//! Who did what: one row for each use case that changed something or was refused for a reason.

use proto_ids::{AgentId, AssetToken, DatasetId, ModelToken, PersonId, ProjectId, SiteId, TaskId, Timestamp};

use crate::Role;
use crate::closed::closed_enum;
use std::collections::BTreeSet;

/// On whose behalf something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who signed in, with the roles of that moment.
    Person {
        /// Who.
        id: PersonId,
        /// What they may be.
        roles: BTreeSet<Role>,
    },
    /// Whoever may read the store's directory on the machine itself.
    Operator,
    /// An agent, by its certificate.
    Agent(AgentId),
    /// Nobody that is known.
    Unknown,
}

closed_enum! {
    /// What was done.
    Action {
        /// The store was made.
        StoreMade = 1 "store-made",
        /// Somebody signed in.
        SignedIn = 2 "signed-in",
        /// A sign-in was refused.
        SignInRefused = 3 "sign-in-refused",
        /// Somebody signed out.
        SignedOut = 4 "signed-out",
        /// A site was added.
        SiteAdded = 5 "site-added",
        /// A site and its agents were shut out for good.
        SiteRevoked = 6 "site-revoked",
        /// A join token was made.
        JoinTokenMade = 7 "join-token-made",
        /// An agent joined.
        AgentJoined = 8 "agent-joined",
        /// A join was refused.
        JoinRefused = 9 "join-refused",
        /// A used join token came again with another request.
        JoinTokenReused = 10 "join-token-reused",
        /// A certificate was renewed.
        AgentRenewed = 11 "agent-renewed",
        /// An agent joined again by its identity key.
        AgentRejoined = 12 "agent-rejoined",
        /// A stale generation was seen; the agent was suspended.
        AgentSuspended = 13 "agent-suspended",
        /// A person was added.
        PersonAdded = 14 "person-added",
        /// A new invitation was made.
        PersonInvited = 15 "person-invited",
        /// A password was set.
        PasswordSet = 16 "password-set",
        /// A project was made.
        ProjectAdded = 17 "project-added",
        /// A draft was saved.
        DraftSaved = 18 "draft-saved",
        /// An instruction was published.
        InstructionPublished = 19 "instruction-published",
        /// The annotators of a project were set.
        AnnotatorsSet = 20 "annotators-set",
        /// A dataset was frozen.
        DatasetFrozen = 21 "dataset-frozen",
        /// Tasks were made.
        TasksAdded = 22 "tasks-added",
        /// A task was taken back.
        TaskWithdrawn = 23 "task-withdrawn",
        /// A report of an agent was refused.
        ReportRefused = 24 "report-refused",
        /// Something was tried without the right to it.
        Denied = 25 "denied",
        /// The policy of a project was set.
        PolicySet = 26 "policy-set",
        /// The seed of the draw of hidden tests was drawn.
        GoldSeedDrawn = 27 "gold-seed-drawn",
        /// A run of pre-annotation was started.
        PreannotationStarted = 28 "preannotation-started",
        /// A run of pre-annotation was called off.
        PreannotationStopped = 29 "preannotation-stopped",
    }
}

/// What it was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing more particular than the store.
    Store,
    /// A site.
    Site(SiteId),
    /// An agent.
    Agent(AgentId),
    /// A person.
    Person(PersonId),
    /// A project.
    Project(ProjectId),
    /// A dataset.
    Dataset(DatasetId),
    /// A task.
    Task(TaskId),
    /// An asset.
    Asset(AssetToken),
    /// The seed of the draw of hidden tests of a project.
    GoldSeed {
        /// The project.
        project: ProjectId,
        /// The seed.
        seed: u64,
    },
    /// A run of pre-annotation of a project at a site.
    Preannotation {
        /// The project.
        project: ProjectId,
        /// The site.
        site: SiteId,
        /// The model of the site.
        model: ModelToken,
        /// The run.
        run: u32,
    },
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To what.
    pub subject: Subject,
}
