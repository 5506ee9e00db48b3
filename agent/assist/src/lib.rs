//! Prompts in, masks out: one request to a model, whoever computes it.
//!
//! A [`Broker`] holds the models that hospital IT has registered and calls them: a MONAI Label server over REST, a
//! server of the open inference protocol (KServe v2, Triton) over gRPC, or the random walker of this program, so
//! that assistance exists with no server at all. What goes to a server is made of the decoded volume under a header
//! of our own (`outbound`); this room cannot open the archive, and an answer is a proposal that others keep or
//! drop.
//!
//! Start at [`Request`], then [`Broker::infer`]. What was made of an answer is measured by [`edit_distance`].

mod answer;
pub mod breaker;
mod broker;
mod built_in;
mod edit;
mod error;
mod http;
mod kserve;
mod labels;
mod monai;
mod outbound;
mod registration;
mod request;
mod tls;

pub use answer::{Answer, AnsweredBy, Doing, Progress, Report, Watch};
pub use broker::{Broker, Limits, Settings};
pub use edit::{Edit, edit_distance};
pub use error::{AssistError, Retry, Wait};
pub use kserve::{Reading, TensorMapping};
pub use registration::{
    BUILT_IN, Capabilities, InvalidRegistration, LabelRule, ModelInfo, PromptKind, Provider, Registration,
};
pub use request::{ModelId, Object, Point, Prompts, Request, ScribbleRun, Sign, VoxelBox};
pub use tls::Trust;
