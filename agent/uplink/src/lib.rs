//! The agent's only way out: enrols it, keeps the connection to the control plane, drains the outbox
//! through the egress ledger and brings the worklist down.
//!
//! Nothing leaves but through `gate.rs`, which writes each message to the ledger before it lets it go. The
//! uplink sees neither the archive nor anything that can hold protected health information: what leaves
//! is an [`Outbound`], a closed set of numbers, enumerations and tokens, and what comes down is an
//! [`InboundItem`]. The rooms behind are joined to it through the ports [`Outbox`], [`Ledger`] and
//! [`Inbound`]. Start reading with [`run`], then `drain.rs` and `gate.rs`.

mod backoff;
mod calls;
mod channel;
mod clock;
mod drain;
mod enrol;
mod fields;
mod files;
mod gate;
mod identity;
mod inbound;
mod join;
mod outbound;
mod renew;
mod run;
mod status;
mod tls;
mod worklist;

pub use calls::{Call, Leaving};
pub use drain::{Outbox, OutboxError, Refusal, RefusalReason, Sent, Waiting, prepare};
pub use enrol::{EnrolError, Enrolled, enrol};
pub use fields::{Content, Field, fields, kind_in_words};
pub use gate::{Ledger, LedgerError};
pub use identity::{Credentials, IdentityError};
pub use inbound::{
    ConsensusKind, ConsensusRule, Event, InboundItem, InstructionVersion, InvalidInbound, Invitation, Person,
    PreannotationOrder, Project, Task,
};
pub use join::{InvalidJoinString, JoinString};
pub use outbound::{
    AnswerCode, AssetCard, AssistOutcome, AssistUse, BodyRegion, CheckCode, CodedAnswer, ConsensusPainted,
    Contrast, CountBucket, Dimensionality, GoldPresence, Health, InvalidOutbound, LabelScore, LeaseEvent,
    LeaseState, MetricValue, Modality, ModelProvider, ModelState, ObjectPresence, Outbound, Override,
    OverrideReason, OverrideSubject, PatternCount, PersonState, PersonStateKind, Plane,
    PreannotationProgress, Presence, Recheck, Role, RuleKind, ShapeAgreement, ShapePair, ShapeScore,
    SizeClass, SpacingTenths, Submission, ThicknessHalves, Undefined, Verdict, VerdictKind, VotingPattern,
};
pub use run::{Config, Ports, RunError, run};
pub use status::{Problem, Status};
pub use worklist::{Cursor, Inbound, InboundError};
