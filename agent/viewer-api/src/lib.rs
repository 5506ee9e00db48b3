//! HTTPS for the viewer and for hospital IT: sessions, tasks, pixels, work, hospital administration, DICOMweb.
//!
//! Every call is checked anew: session, then the state of the person, then role or lease. What is
//! decided is decided below this room, in `agent_work` and the archive; scores are computed behind
//! the [`Submitter`] port. Holds no state of its own but caches and the count of failed sign-ins.
//! Start reading at [`router`].

mod access;
mod admin;
mod app;
mod arbitration;
mod arriving;
mod assist;
mod consensus;
mod csrf;
mod deid_preview;
mod dicomweb;
mod facts;
mod files;
mod files_of_asset;
mod headers;
mod held;
mod imports;
mod invitations;
mod json;
mod lease;
mod ledger;
mod models;
mod passwords;
mod peers;
mod ports;
mod previews;
mod problem;
mod quarantine;
mod review;
mod routes;
mod secrets;
mod serve;
mod session;
mod slice_stream;
mod submit;
mod tasks;
mod throttle;
mod volumes;
mod voxels;
mod work;

pub use agent_archive::SubmissionReceipt;
pub use app::ViewerState;
pub use arriving::new_instance;
pub use assist::{
    Assist, AssistAnswer, AssistModel, AssistRefusal, AssistRequest, AssistRetry, AssistWatch, InvalidModel,
    NoAssist, PointPrompt, ScribblePrompt, TriedModel,
};
pub use deid_preview::{DeidChoice, DeidPreview, DeidPreviewError, deid_preview};
pub use dicomweb::dicomweb_conformance_statement;
pub use facts::{facts, label_map};
pub use files_of_asset::{native, painted};
pub use ledger::{
    EgressContent, EgressField, EgressSchema, day_at, day_named, ledger_finding, ledger_line, ledger_state,
};
pub use passwords::{PasswordRefusal, password_hash};
pub use peers::port::{
    NoPeers, PeerCounts, PeerFault, PeerInfo, PeerLevel, PeerList, PeerMatches, PeerPull, PeerQuery,
    PeerRefusal, PeerWatch, PeerWay, PeerWork, Peers,
};
pub use ports::{AgentStatus, StatusNow, SubmitRefusal, SubmitRequest, Submitter};
pub use quarantine::rules::release_by_rule;
pub use routes::{openapi, router};
pub use secrets::{NoRandomness, secret_draw, secret_hash};
pub use serve::{ServeError, serve};
pub use voxels::sent_by_slices;
pub use voxels::{Undecodable, decoded};
