//! The accept loop: one task for each caller, a bound on their number, and an orderly end.

use crate::association::{self, Ended, Ending, Shared};
use crate::catalogue::Catalogue;
use crate::channel::asked;
use crate::config::ScpConfig;
use crate::negotiate::{Origin, Rejection};
use crate::provider::deliver;
use crate::quick::QuickStream;
use crate::user::Caller;
use crate::wire::WireError;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Callers beyond the bound who are being told so; others beyond that are cut off without a word.
const TURNED_AWAY_AT_ONCE: usize = 8;
/// When the process has no file descriptors left, accepting again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the listener stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("a setting of the DICOM listener cannot be used: {setting}")]
    Setting { setting: &'static str },
}

/// Where associations come in.
#[derive(Debug)]
pub struct Doors {
    pub plain: TcpListener,
    /// DICOM over TLS (PS3.15 Annex B), with the certificate that is shown there and whom it trusts.
    pub tls: Option<(TcpListener, Arc<rustls::ServerConfig>)>,
}

/// What the listener works with.
pub struct Behind {
    pub catalogue: Arc<dyn Catalogue>,
    /// Also says where objects go, and when the agent stops.
    pub caller: Caller,
}

impl std::fmt::Debug for Behind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Behind").finish_non_exhaustive()
    }
}

/// Serves until the shutdown is asked for; open associations then finish their message and are cut after a while.
///
/// # Errors
/// `Setting` when the listener cannot work with its configuration. Failures of single connections are counted and
/// logged, and never end the listener.
pub async fn serve(doors: Doors, config: ScpConfig, behind: Behind) -> Result<(), ServeError> {
    check(&config)?;
    let grace = config.patience.shutdown;
    let mut shutdown = behind.caller.shutdown.clone();
    let hall = Hall {
        places: Arc::new(Semaphore::new(config.sizes.associations_max)),
        doorway: Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE)),
        shared: Arc::new(shared(config, behind)),
    };
    let Doors { plain, tls } = doors;
    let acceptor = tls.as_ref().map(|(_, tls)| TlsAcceptor::from(Arc::clone(tls)));
    let mut callers = JoinSet::new();
    loop {
        let (accepted, acceptor) = tokio::select! {
            biased;
            () = asked(&mut shutdown) => break,
            Some(_) = callers.join_next() => continue,
            accepted = plain.accept() => (accepted, None),
            accepted = accept_tls(tls.as_ref()) => (accepted, acceptor.clone()),
        };
        match accepted {
            Ok((stream, from)) => hall.admit(stream, from, acceptor, &mut callers),
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "a DICOM connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop((plain, tls));
    let finished = timeout(grace, async { while callers.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        callers.shutdown().await;
    }
    Ok(())
}

/// Serves one association on a stream that was accepted elsewhere, to its end.
///
/// # Errors
/// As [`serve`]. What the caller does wrong ends the association and is no error.
pub async fn serve_one<S>(stream: S, config: ScpConfig, behind: Behind) -> Result<(), ServeError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    check(&config)?;
    let shared = shared(config, behind);
    conclude(association::run(stream, Origin { address: None, tls: false }, &shared).await, &shared).await;
    Ok(())
}

fn shared(config: ScpConfig, behind: Behind) -> Shared {
    let Behind { catalogue, caller } = behind;
    let (intake, shutdown) = (caller.intake.clone(), caller.shutdown.clone());
    Shared { config, intake, catalogue, caller, shutdown }
}

async fn accept_tls(
    door: Option<&(TcpListener, Arc<rustls::ServerConfig>)>,
) -> std::io::Result<(TcpStream, SocketAddr)> {
    match door {
        Some((listener, _)) => listener.accept().await,
        None => std::future::pending().await,
    }
}

fn check(config: &ScpConfig) -> Result<(), ServeError> {
    let sizes = &config.sizes;
    let setting = if sizes.associations_max == 0 || sizes.associations_max > Semaphore::MAX_PERMITS {
        "associations_max"
    } else if !(4096..=16 * 1024 * 1024).contains(&sizes.pdu_bytes_max) {
        "pdu_bytes_max"
    } else if sizes.object_bytes_max == 0 || sizes.object_bytes_max > sizes.buffered_bytes_max {
        "object_bytes_max"
    } else {
        return Ok(());
    };
    Err(ServeError::Setting { setting })
}

/// Room for callers.
struct Hall {
    places: Arc<Semaphore>,
    doorway: Arc<Semaphore>,
    shared: Arc<Shared>,
}

impl Hall {
    fn admit(
        &self,
        stream: TcpStream,
        from: SocketAddr,
        acceptor: Option<TlsAcceptor>,
        callers: &mut JoinSet<()>,
    ) {
        let Ok(stream) = QuickStream::new(stream) else { return };
        let shared = Arc::clone(&self.shared);
        let origin = Origin { address: Some(from.ip()), tls: acceptor.is_some() };
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            callers.spawn(Box::pin(greet(stream, acceptor, origin, shared, place)));
        } else if let Ok(place) = Arc::clone(&self.doorway).try_acquire_owned() {
            count("turned-away");
            callers.spawn(Box::pin(async move {
                let _ = turn_away(stream, acceptor, &shared).await;
                drop(place);
            }));
        } else {
            count("cut-off");
        }
    }
}

async fn turn_away(
    stream: QuickStream,
    acceptor: Option<TlsAcceptor>,
    shared: &Shared,
) -> Result<(), WireError> {
    match acceptor {
        None => association::turn_away(stream, shared).await,
        Some(acceptor) => association::turn_away(secured(stream, &acceptor, shared).await?, shared).await,
    }
}

/// The handshake, within the time in which the association is to be asked for.
async fn secured(
    stream: QuickStream,
    acceptor: &TlsAcceptor,
    shared: &Shared,
) -> Result<TlsStream<QuickStream>, WireError> {
    let secured = timeout(shared.config.patience.artim, acceptor.accept(stream)).await;
    secured.map_err(|_| WireError::Slow)?.map_err(WireError::Handshake)
}

async fn greet(
    stream: QuickStream,
    acceptor: Option<TlsAcceptor>,
    origin: Origin,
    shared: Arc<Shared>,
    place: OwnedSemaphorePermit,
) {
    match acceptor {
        None => attend(stream, origin, shared, place).await,
        Some(acceptor) => match secured(stream, &acceptor, &shared).await {
            Ok(stream) => attend(stream, origin, shared, place).await,
            Err(error) => report(&Err(error)),
        },
    }
}

async fn attend<S>(stream: S, origin: Origin, shared: Arc<Shared>, place: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let open = metrics::gauge!("ringfence_dicom_associations_open");
    open.increment(1.0);
    let ended = association::run(stream, origin, &shared).await;
    open.decrement(1.0);
    drop(place);
    conclude(ended, &shared).await;
}

/// Counts how an association ended, and calls its caller back where that was promised.
async fn conclude(ended: Ended, shared: &Shared) {
    let Ended { how, owed } = ended;
    report(&how);
    if let Some(owed) = owed {
        deliver(owed, shared).await;
    }
}

fn report(ended: &Result<Ending, WireError>) {
    match ended {
        Ok(Ending::Released) => count("released"),
        Ok(Ending::Rejected(rejection)) => {
            count(rejection.code());
            // The caller's own title is not logged: what is not in our configuration is not ours to write down.
            tracing::warn!(reason = rejection.code(), "a DICOM caller was rejected");
        }
        // Whoever watches the port comes by often and says nothing; that is no association.
        Err(error @ WireError::Silent) => count(error.code()),
        Err(error) => {
            count(error.code());
            tracing::info!(reason = error.code(), "a DICOM association ended early");
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("ringfence_dicom_associations_total", "outcome" => outcome).increment(1);
}

/// The words under which callers are counted that were rejected.
pub fn rejection_codes() -> impl Iterator<Item = &'static str> {
    Rejection::ALL.into_iter().map(Rejection::code)
}
