//! How a program starts its threads and learns that it has to end.

use anyhow::bail;
use tokio::sync::watch;

/// The threads of a program, and the one source of cryptography for all its TLS.
///
/// # Errors
/// When another provider of cryptography is installed, or threads cannot be started.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        bail!("another cryptography provider is installed already");
    }
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Returns when `stopped` says so, or when whoever could say so is gone.
pub async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Returns on an interrupt or a request to terminate.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
