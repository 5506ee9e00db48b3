//! The HTTPS server around the router.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;

/// How long requests under way may take once the end was asked for.
const GRACE: Duration = Duration::from_secs(5);
/// How long a client may take to send the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(15);

/// Why the server ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener cannot be used.
    #[error("the console cannot listen")]
    Listen(#[source] std::io::Error),
    /// The server stopped.
    #[error("the console's server stopped")]
    Stopped(#[source] std::io::Error),
}

/// Serves the console until `shutdown` is ready, then lets requests under way end.
///
/// # Errors
/// The listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    mut tls: rustls::ServerConfig,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    // A listener that blocks would stop the other tasks of its thread.
    listener.set_nonblocking(true).map_err(ServeError::Listen)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
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
