//! Serves agents until it is told to stop.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use control_plane_app::App;
use proto::agent::v1::enrolment_server::EnrolmentServer;
use proto::agent::v1::worklist_server::WorklistServer;
use proto::results::ResultsServer;
use proto_ids::Clock;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;

use crate::authority::{Authority, AuthorityError};
use crate::enrolment::Enrolments;
use crate::incoming::accept;
use crate::nonces::{NoRandomness, Nonces};
use crate::policy::Policy;
use crate::results::Pushes;
use crate::tls::{ServerIdentity, server_config};
use crate::worklist::Worklists;

const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// A connection has two streams and the odd renewal.
const MOST_STREAMS: u32 = 16;
const LONGEST_HEADERS: u32 = 8 * 1024;
/// The enrolment messages are small.
const LONGEST_MESSAGE: usize = 16 * 1024;
/// How long open streams may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(3);

/// What serving needs.
#[derive(Clone)]
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// The certificate authority.
    pub authority: Arc<Authority>,
    /// Host names and addresses that agents reach this server by.
    pub names: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("names", &self.names).finish_non_exhaustive()
    }
}

/// Why agents are not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The server's certificate could not be made.
    #[error("the server's certificate could not be made")]
    Certificate(#[source] AuthorityError),
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
    /// The server stopped.
    #[error("the server for agents stopped")]
    Transport(#[source] tonic::transport::Error),
}

/// Serves agents on `listener` until `shutdown` completes.
///
/// # Errors
/// The server could not be set up, or stopped by itself.
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let Settings { app, authority, names, clock } = settings;
    let identity = ServerIdentity::new(Arc::clone(&authority), names, Arc::clone(&clock));
    let identity = Arc::new(identity.map_err(ServeError::Certificate)?);
    let config = server_config(&authority, Arc::clone(&identity), clock).map_err(|_| ServeError::Tls)?;
    let nonces = Arc::new(Nonces::new().map_err(|NoRandomness| ServeError::NoRandomness)?);
    let enrolments =
        Enrolments { app: app.clone(), authority, nonces, server_spki_sha256: identity.spki_sha256() };

    let (ready, connections) = mpsc::channel(16);
    let acceptor = tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), ready));
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let serving = Server::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE))
        .max_concurrent_streams(MOST_STREAMS)
        .http2_max_header_list_size(LONGEST_HEADERS)
        .layer(Policy(app.clone()))
        .add_service(EnrolmentServer::new(enrolments).max_decoding_message_size(LONGEST_MESSAGE))
        .add_service(
            WorklistServer::new(Worklists { app: app.clone() }).max_decoding_message_size(LONGEST_MESSAGE),
        )
        .add_service(ResultsServer::new(Pushes { app }))
        .serve_with_incoming_shutdown(ReceiverStream::new(connections), async {
            // A dropped sender means the same.
            let _ = stopping.await;
        });
    let served = until(serving, shutdown, stop).await;
    acceptor.abort();
    served
}

/// Serves until `shutdown`, then gives open streams a moment: agents keep theirs open for ever.
async fn until(
    serving: impl Future<Output = Result<(), tonic::transport::Error>>,
    shutdown: impl Future<Output = ()>,
    stop: tokio::sync::oneshot::Sender<()>,
) -> Result<(), ServeError> {
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return served.map_err(ServeError::Transport),
        () = shutdown => {}
    }
    drop(stop);
    match tokio::time::timeout(GRACE, serving).await {
        Ok(served) => served.map_err(ServeError::Transport),
        Err(_) => Ok(()),
    }
}
