//! What the control plane knows and the rules it decides by: sites, people, projects, tasks, scores.
//!
//! Pure: no I/O, no clock, no randomness, no serialisation. Times and ids are arguments. What an
//! agent may say is [`Report`]; what goes down to a site is [`WorklistItem`]. No type here can
//! hold a patient's name. Start reading at `report.rs` and `task.rs`.

mod agreement;
mod asset;
mod assistance;
mod audit;
mod closed;
mod consensus;
mod judgement;
mod parts;
mod pattern;
mod people;
mod policy;
mod project;
mod quality;
mod refusal;
mod report;
mod site;
mod submission;
mod summary;
mod task;
mod worklist;

pub use agreement::{Agreement, agreement};
pub use asset::{Asset, AssetCard, BodyRegion, Contrast, Dimensionality, Modality, Plane};
pub use assistance::{
    AssistOutcome, AssistUse, Model, ModelProvider, ModelState, Preannotation, PreannotationOrder,
    PreannotationProgress, RunState, SitePreannotation,
};
pub use audit::{Action, Actor, AuditRow, Subject};
pub use consensus::{ConsensusKind, ConsensusPainted, ConsensusRule, ReceivedConsensus, RuleKind};
pub use judgement::{Decision, DisputeReason, DisputeSubject, Judgement};
pub use parts::{
    CheckCode, ObjectPresence, Override, OverrideReason, OverrideSubject, ShapeScore, StatedPresence,
    Verdict, VerdictKind, WorkRole,
};
pub use pattern::{PatternCount, ShapeAgreement, ShapePair, VotingPattern};
pub use people::{
    Credential, INVITATION_LIFETIME_MS, InvalidName, Invitation, Person, PersonStanding, Role,
    SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, Session, check_display_name, check_user_name,
};
pub use policy::{UseCase, allows};
pub use project::{
    Dataset, InstructionVersion, MAX_GOLD_PERCENT, MAX_OVERLAP, Policy, Project, ProjectState,
};
pub use quality::{
    AgreementCell, AssistTally, Evidence, GOLD_NSD_TARGET, Interval, OverrideCount, PassRate,
    PresenceAgreement, PresenceTally, Skill, TimeMedians, VerdictTally, agreement_matrix, annotator_skills,
    asked_of_all, assist_tally, assists_by, consensus_rules, gold_pass, gold_pass_rate, judge, leave_one_out,
    override_counts, pairwise_dice, presence_agreement, presence_tally, sound_staple, submission_skills,
    time_medians, verdict_tallies, wilson,
};
pub use refusal::{Refusal, RefusalReason};
pub use report::{
    GoldPresence, Health, LeaseEvent, LeaseState, PersonChange, PersonChangeKind, Recheck, Report,
    SiteRecheck,
};
pub use site::{Agent, AgentIdentity, AgentState, Issued, JoinToken, JoinTokenUse, Site, SiteState};
pub use submission::{
    CodedAnswer, CodedValue, LabelScore, MetricValue, ReceivedSubmission, Submission, Undefined,
};
pub use summary::{Summary, median, summarise};
pub use task::{Progress, Slot, Task, TaskState};
pub use worklist::{Change, Changes, PersonOrder, ProjectOrder, TaskOrder, WorklistItem};
