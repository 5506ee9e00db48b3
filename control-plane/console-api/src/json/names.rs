//! Closed lists of names: the domain's, written in the same words, so that the document lists them.

use control_plane_domain as domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Declares the JSON form of a closed enumeration of the domain. A value that is missing here does
/// not compile; that the words are the same is tested below.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident of $of:ident { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($variant),+ }

        impl From<domain::$of> for $name {
            fn from(value: domain::$of) -> Self {
                match value { $(domain::$of::$variant => Self::$variant),+ }
            }
        }
    };
}

names! {
    /// How far a site has come.
    SiteStateJson of SiteState { Invited, Enrolled, Active, Suspended, Revoked }
}

names! {
    /// How a person stands.
    PersonStateJson of PersonStanding { Invited, Active, Suspended }
}

names! {
    /// How far a project has come.
    ProjectStateJson of ProjectState { Draft, Running, Closed }
}

names! {
    /// How far a task has come.
    TaskStateJson of TaskState { Open, Collecting, Evaluated, Accepted, Disputed, Arbitration, Resolved, Withdrawn }
}

names! {
    /// In which role somebody works on a task.
    WorkRoleJson of WorkRole { Annotator, Arbiter }
}

names! {
    /// Whether an object is there in a submission.
    StatedPresenceJson of StatedPresence { Present, Absent, NotAssessable, NotStated }
}

names! {
    /// What was handed in although a warning stood.
    CheckCodeJson of CheckCode {
        TooFew, TooMany, DiameterTooSmall, DiameterTooLarge, VolumeTooSmall, VolumeTooLarge, TooFewSlices,
        TooManySlices, TooElongated, Cavities, RuleBroken,
    }
}

names! {
    /// Why a warning was set aside.
    OverrideReasonJson of OverrideReason { UnusualAnatomy, ImageQuality, InstructionUnclear, Other }
}

names! {
    /// What an arbiter says of another submission.
    VerdictKindJson of VerdictKind { Right, Acceptable, Wrong, NotDecidable }
}

names! {
    /// How a consensus came about.
    RuleKindJson of RuleKind { Majority, Staple, Arbiter }
}

names! {
    /// What the submissions of a task came to.
    DecisionJson of Decision { Accepted, Disputed }
}

names! {
    /// Through which interface a model is asked.
    ModelProviderJson of ModelProvider { BuiltIn, MonaiLabel, KserveV2 }
}

names! {
    /// How a run of pre-annotation stands.
    RunStateJson of RunState { Ordered, Running, Finished, Stopped }
}

/// How a consensus is made of the votes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsensusKindJson {
    Majority,
    Staple,
}

impl From<domain::ConsensusKind> for ConsensusKindJson {
    fn from(kind: domain::ConsensusKind) -> Self {
        match kind {
            domain::ConsensusKind::Majority => Self::Majority,
            domain::ConsensusKind::Staple => Self::Staple,
        }
    }
}

impl From<ConsensusKindJson> for domain::ConsensusKind {
    fn from(kind: ConsensusKindJson) -> Self {
        match kind {
            ConsensusKindJson::Majority => Self::Majority,
            ConsensusKindJson::Staple => Self::Staple,
        }
    }
}

names! {
    /// Why a measure does not exist.
    UndefinedJson of Undefined { BothEmpty, OneEmpty, NotMeasured, OutOfScope }
}

/// What somebody who signs in here may do.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleJson {
    Administrator,
    Manager,
}

impl RoleJson {
    /// None for annotators: they sign in at their sites, so that role means nothing here.
    pub(crate) const fn of(role: domain::Role) -> Option<Self> {
        match role {
            domain::Role::Annotator => None,
            domain::Role::Manager => Some(Self::Manager),
            domain::Role::Administrator => Some(Self::Administrator),
        }
    }
}

/// What became of a slot of a task that is not free.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LeaseStateJson {
    Leased,
    Submitted,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: impl Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn the_words_are_those_of_the_domain() {
        for state in domain::SiteState::ALL {
            assert_eq!(text(SiteStateJson::from(*state)), state.name());
        }
        for state in domain::PersonStanding::ALL {
            assert_eq!(text(PersonStateJson::from(*state)), state.name());
        }
        for state in domain::ProjectState::ALL {
            assert_eq!(text(ProjectStateJson::from(*state)), state.name());
        }
        for state in domain::TaskState::ALL {
            assert_eq!(text(TaskStateJson::from(*state)), state.name());
        }
        for why in domain::Undefined::ALL {
            assert_eq!(text(UndefinedJson::from(*why)), why.name());
        }
        for provider in domain::ModelProvider::ALL {
            assert_eq!(text(ModelProviderJson::from(*provider)), provider.name());
        }
        for state in domain::RunState::ALL {
            assert_eq!(text(RunStateJson::from(*state)), state.name());
        }
        for role in domain::Role::ALL {
            assert!(RoleJson::of(*role).is_none_or(|json| text(json) == role.name()));
        }
    }
}
