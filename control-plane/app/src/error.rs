//! Why a use case did not do what it was asked.

/// Kinds of things that a caller can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A site.
    Site,
    /// An agent.
    Agent,
    /// A join token.
    JoinToken,
    /// A person.
    Person,
    /// A project.
    Project,
    /// A published instruction.
    Instruction,
    /// An asset.
    Asset,
    /// A task.
    Task,
    /// A dataset.
    Dataset,
    /// A run of pre-annotation.
    Preannotation,
}

impl Thing {
    /// The word for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Agent => "agent",
            Self::JoinToken => "join token",
            Self::Person => "person",
            Self::Project => "project",
            Self::Instruction => "published instruction",
            Self::Asset => "asset",
            Self::Task => "task",
            Self::Dataset => "dataset",
            Self::Preannotation => "run of pre-annotation",
        }
    }
}

/// One field that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// As `objects[0].name`.
    pub field: String,
    /// For people: what is wrong with it.
    pub problem: String,
}

impl FieldProblem {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

/// The store could not read or write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row could not be read.
    #[error("the store could not be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A transaction could not be written; nothing of it happened.
    #[error("the store could not be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row is not what this version wrote or can read.
    #[error("a row of table {table} is damaged or of an unknown version")]
    Record {
        /// The table.
        table: &'static str,
    },
}

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the session has ended.
    #[error("nobody is signed in")]
    SignedOut,
    /// User name or password is wrong.
    #[error("user name or password is wrong")]
    WrongCredentials,
    /// Too many tries.
    #[error("too many tries, again in {retry_after_seconds} s")]
    SlowDown {
        /// When the next try is looked at.
        retry_after_seconds: u64,
    },
    /// The person is suspended.
    #[error("the person is suspended")]
    Suspended,
    /// The person has no role for it.
    #[error("not allowed for this person")]
    Denied,
    /// The thing does not exist.
    #[error("the {} is unknown", .0.name())]
    NotFound(Thing),
    /// The name is taken.
    #[error("the {} exists already", .0.name())]
    Exists(Thing),
    /// Fields that cannot be taken as they are.
    #[error("{} fields cannot be taken as they are", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// Tasks need a published instruction.
    #[error("the project has no published instruction")]
    NotPublished,
    /// Gold tasks need assets with a gold annotation.
    #[error("an asset has no gold annotation")]
    AssetHasNoGold {
        /// As `gold_asset_ids[0]`.
        field: String,
    },
    /// The project is closed.
    #[error("the project is closed")]
    Closed,
    /// The site is shut out for good.
    #[error("the site is revoked")]
    Revoked,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
    /// The store could not read or write.
    #[error(transparent)]
    Store(#[from] StoreError),
}
