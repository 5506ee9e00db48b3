//! What the control plane does: one file for each use case, each loads, decides, commits, audits.
//!
//! Declares the port [`Store`] behind which the engines stand. Knows no wire format, no HTTP and
//! no SQL. Calls block (the store syncs, Argon2id computes): call them from `spawn_blocking` in
//! asynchronous code. Start reading at `store.rs`, then `reports.rs`.

mod agreement;
mod app;
mod assets;
mod chance;
pub mod enrolment;
mod error;
mod passwords;
mod people;
mod presence;
mod projects;
pub mod reports;
mod results;
mod sign_in;
mod sites;
mod store;
mod tasks;
mod throttle;

pub use agreement::AgreementView;
pub use app::App;
pub use assets::{AssetFilter, AssetView};
pub use chance::{Chance, sha256};
pub use error::{AppError, FieldProblem, StoreError, Thing};
pub use passwords::check_new_password;
pub use people::{Invited, NewStaff};
pub use presence::{Presence, PresenceGuard};
pub use projects::{ProjectRow, ProjectView};
pub use results::{AnnotatorResult, AnswerValue, LabelResult, Results, SubmissionResult};
pub use sign_in::SignedIn;
pub use sites::SiteView;
pub use store::{Reader, Store, Tx, read, transact};
pub use tasks::{NewTasks, TaskView};
