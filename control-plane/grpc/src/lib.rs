//! What agents may call: enrolment, the worklist, results. Over TLS 1.3 only, one policy row for each
//! method, the caller known by nothing but its certificate and the registry.
//!
//! Holds the sockets, the certificate authority and the translation between wire and domain; decides
//! nothing itself. Start reading at [`serve`], then `policy.rs`.

mod authority;
mod clock;
mod enrolment;
mod incoming;
mod instruction;
mod nonces;
mod policy;
mod report;
mod results;
mod serve;
mod tls;
mod worklist;

pub use authority::{Authority, AuthorityError, ServerCertificate};
pub use policy::{METHODS, Method, Requirement};
pub use results::{PushError, take_batch};
pub use serve::{ServeError, Settings, serve};
pub use worklist::worklist_event;
