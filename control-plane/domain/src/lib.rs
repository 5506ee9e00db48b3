//! What the control plane knows and the rules it decides by: sites, people, projects, tasks, scores.
//!
//! Pure: no I/O, no clock, no randomness, no serialisation. Times and ids are arguments. What an
//! agent may say is [`Report`]; what goes down to a site is [`WorklistItem`]. No type here can
//! hold a patient's name. Start reading at `report.rs` and `task.rs`.

mod agreement;
mod asset;
mod audit;
mod closed;
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
pub use audit::{Action, Actor, AuditRow, Subject};
pub use people::{
    Credential, INVITATION_LIFETIME_MS, InvalidName, Invitation, Person, PersonStanding, Role,
    SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, Session, check_display_name, check_user_name,
};
pub use policy::{UseCase, allows};
pub use project::{Dataset, InstructionVersion, MAX_OVERLAP, Project, ProjectState};
pub use quality::{
    AgreementCell, GOLD_NSD_TARGET, Interval, PassRate, agreement_matrix, gold_pass, gold_pass_rate,
    leave_one_out, wilson,
};
pub use refusal::{Refusal, RefusalReason};
pub use report::{GoldPresence, Health, LeaseEvent, LeaseState, PersonChange, PersonChangeKind, Report};
pub use site::{Agent, AgentIdentity, AgentState, Issued, JoinToken, JoinTokenUse, Site, SiteState};
pub use submission::{
    CodedAnswer, CodedValue, LabelScore, MetricValue, PatternCount, ReceivedSubmission, Submission,
    Undefined, VotingPattern,
};
pub use summary::{Summary, median, summarise};
pub use task::{Progress, Slot, Task, TaskState};
pub use worklist::{Change, Changes, PersonOrder, ProjectOrder, TaskOrder, WorklistItem};
