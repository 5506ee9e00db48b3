//! Health and metrics, on an address of their own that is loopback unless told otherwise.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Whether everything that `serve` starts is up.
#[derive(Debug, Clone, Default)]
pub struct Ready(Arc<AtomicBool>);

impl Ready {
    /// Says whether everything answers.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    /// Whether everything answers.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Installs the recorder that the rooms' counters go to.
///
/// # Errors
/// When one is installed already.
pub fn metrics_recorder() -> anyhow::Result<PrometheusHandle> {
    Ok(PrometheusBuilder::new().install_recorder()?)
}

/// Serves `/healthz`, `/readyz` and `/metrics` until `stopped`.
///
/// # Errors
/// When the listener fails.
pub async fn serve_ops(
    listener: TcpListener,
    metrics: PrometheusHandle,
    ready: Ready,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    Ok(axum::serve(listener, router(metrics, ready)).with_graceful_shutdown(stopped).await?)
}

fn router(metrics: PrometheusHandle, ready: Ready) -> Router {
    let readyz =
        move || async move { if ready.get() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE } };
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(move || async move { metrics.render() }))
}
