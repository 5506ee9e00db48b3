//! Health and metrics, on an address of their own that is loopback unless told otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

/// Whether everything that `serve` starts answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ready(Arc<AtomicBool>);

impl Ready {
    pub(crate) fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }
}

/// `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn router(metrics: PrometheusHandle, ready: Ready) -> Router {
    let answer = move || async move {
        let up = ready.0.load(Ordering::Acquire);
        if up { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") }
    };
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(answer))
        .route("/metrics", get(move || async move { metrics.render() }))
}
