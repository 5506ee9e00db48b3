//! The HTTPS server around the router.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;

/// How long requests under way may take after the shutdown began.
const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to send its request's head.
const HEAD_TIME: Duration = Duration::from_secs(15);

/// Why the server ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen")]
    Listen(#[source] std::io::Error),
    #[error("the server stopped")]
    Stopped(#[source] std::io::Error),
}

/// The port that calls come in at, for addresses in answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListeningPort(pub(crate) u16);

/// Serves until `shutdown` is ready, then lets requests under way end.
///
/// # Errors
/// [`ServeError`] when the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    tls: rustls::ServerConfig,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    // A listener that blocks would stop every other task of its thread.
    listener.set_nonblocking(true).map_err(ServeError::Listen)?;
    let port = listener.local_addr().map_err(ServeError::Listen)?.port();
    let router = router.layer(Extension(ListeningPort(port)));
    let mut tls = tls;
    if tls.alpn_protocols.is_empty() {
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    let handle = Handle::new();
    let stopping = handle.clone();
    let watch = tokio::spawn(async move {
        shutdown.await;
        stopping.graceful_shutdown(Some(GRACE));
    });
    let config = RustlsConfig::from_config(Arc::new(tls));
    let mut server =
        axum_server::from_tcp_rustls(listener, config).map_err(ServeError::Listen)?.handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    server.http_builder().http2().timer(TokioTimer::new()).max_concurrent_streams(64);
    let ended = server.serve(router.into_make_service()).await;
    watch.abort();
    ended.map_err(ServeError::Stopped)
}
