//! What the control plane does: one file for each use case, each loads, decides, commits, audits.
//!
//! Declares the port [`Store`] behind which the engines stand. Knows no wire format, no HTTP and
//! no SQL. Calls block (the store syncs, Argon2id computes): call them from `spawn_blocking` in
//! asynchronous code. Start reading at `store.rs`, then `reports.rs`.

mod agreement;
mod app;
mod assets;
mod assistance;
mod chance;
mod datasets;
pub mod enrolment;
mod error;
mod judging;
mod labels;
mod passwords;
mod people;
mod policy;
mod preannotation;
mod presence;
mod projects;
pub mod reports;
mod results;
mod sign_in;
mod sites;
mod store;
mod task_detail;
mod tasks;
mod throttle;
mod versions;

pub use agreement::AgreementView;
pub use app::App;
pub use assets::{AssetDetail, AssetFilter, AssetView};
pub use assistance::{AssistanceView, AssistedBy, ModelAssistance};
pub use chance::{Chance, sha256};
pub use datasets::DatasetDetail;
pub use error::{AppError, FieldProblem, StoreError, Thing};
pub use labels::{LabelAnnotator, LabelView};
pub use passwords::check_new_password;
pub use people::{Invited, NewStaff};
pub use policy::NewPolicy;
pub use preannotation::SitePreannotationView;
pub use presence::{Presence, PresenceGuard};
pub use projects::{ProjectRow, ProjectView};
pub use results::{AnnotatorResult, AnswerValue, LabelResult, Results, SubmissionResult};
pub use sign_in::SignedIn;
pub use sites::SiteView;
pub use store::{Reader, Store, Tx, read, transact};
pub use task_detail::{ConsensusView, ObjectAgreement, PairAgreement, TaskDetail};
pub use tasks::{ArbiterView, NewTasks, TaskView};
pub use versions::{PublishPreview, VersionView};
