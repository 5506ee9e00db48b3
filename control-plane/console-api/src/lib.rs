//! The console's HTTPS: sessions, the JSON API of `/api/v1`, its OpenAPI document, the console's files.
//!
//! Every answer is made of what a use case of `control-plane-app` gave back; nothing is decided
//! here but who is asking. Knows no wire format of agents. Start reading at `routes/mod.rs`.

mod csrf;
mod extract;
mod files;
mod headers;
mod json;
mod problem;
mod routes;
mod serve;

use control_plane_app::App;

pub use routes::{openapi, router};
pub use serve::{ServeError, serve};

/// What a join string says of this control plane.
#[derive(Debug, Clone)]
pub struct JoinPoint {
    /// SHA-256 of the certificate authority's public key, which agents pin.
    pub authority_spki_sha256: [u8; 32],
    /// `host:port` that agents dial.
    pub endpoint: String,
}

/// What the routes work on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Console {
    /// The use cases.
    pub app: App,
    /// For join strings.
    pub join: std::sync::Arc<JoinPoint>,
}
