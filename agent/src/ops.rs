//! Health and metrics, on an address of their own that is loopback unless told otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Whether everything that `serve` starts is up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ready(Arc<AtomicBool>);

impl Ready {
    /// Says that everything answers.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Installs the recorder that the rooms' counters go to.
///
/// # Errors
/// When one is installed already.
pub(crate) fn recorder() -> anyhow::Result<PrometheusHandle> {
    Ok(PrometheusBuilder::new().install_recorder()?)
}

/// `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn router(metrics: PrometheusHandle, ready: Ready) -> Router {
    let readyz =
        move || async move { if ready.get() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE } };
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(move || async move { metrics.render() }))
}
