//! The accept loop: one task for each caller, a bound on their number, and an orderly end.

use crate::association::{self, Ending, Shared};
use crate::budget::Budget;
use crate::config::{Callers, ScpConfig};
use crate::quick::QuickStream;
use crate::storage::Storage;
use crate::wire::WireError;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

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

/// Serves until `shutdown` becomes true; open associations then finish their message and are cut after a while.
///
/// # Errors
/// `Setting` when the listener cannot work with its configuration. Failures of single connections are counted and
/// logged, and never end the listener.
pub async fn serve(
    listener: TcpListener,
    config: ScpConfig,
    storage: Arc<dyn Storage>,
    mut shutdown: watch::Receiver<bool>,
) -> Result<(), ServeError> {
    check(&config)?;
    let grace = config.patience.shutdown;
    let places = Arc::new(Semaphore::new(config.sizes.associations_max));
    let doorway = Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE));
    let budget = Budget::new(config.sizes.buffered_bytes_max);
    let shared = Arc::new(Shared { config, storage, budget, shutdown: shutdown.clone() });
    let mut callers = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = asked(&mut shutdown) => break,
            Some(_) = callers.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => admit(stream, &shared, (&places, &doorway), &mut callers),
                Err(error) => {
                    tracing::warn!(kind = ?error.kind(), "a DICOM connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let finished = timeout(grace, async { while callers.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        callers.shutdown().await;
    }
    Ok(())
}

/// Waits for the shutdown. A sender that is gone has taken the whole process with it.
pub(crate) async fn asked(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|asked| *asked).await;
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

fn admit(
    stream: TcpStream,
    shared: &Arc<Shared>,
    (places, doorway): (&Arc<Semaphore>, &Arc<Semaphore>),
    callers: &mut JoinSet<()>,
) {
    let Ok(stream) = QuickStream::new(stream) else { return };
    let shared = Arc::clone(shared);
    if let Ok(place) = Arc::clone(places).try_acquire_owned() {
        callers.spawn(Box::pin(attend(stream, shared, place)));
    } else if let Ok(place) = Arc::clone(doorway).try_acquire_owned() {
        count("turned-away");
        callers.spawn(Box::pin(async move {
            let _ = association::turn_away(stream, &shared).await;
            drop(place);
        }));
    } else {
        count("cut-off");
    }
}

async fn attend(stream: QuickStream, shared: Arc<Shared>, place: OwnedSemaphorePermit) {
    let open = metrics::gauge!("ringfence_dicom_associations_open");
    open.increment(1.0);
    let ended = association::run(stream, &shared).await;
    open.decrement(1.0);
    drop(place);
    report(&ended, &shared.config.callers);
}

fn report(ended: &Result<Ending, WireError>, callers: &Callers) {
    match ended {
        Ok(Ending::Released) => count("released"),
        Ok(Ending::Rejected(rejection)) => {
            count(rejection.code());
            let listed = matches!(callers, Callers::Listed(_));
            // The caller's own title is not logged: what is not in our configuration is not ours to write down.
            tracing::warn!(reason = rejection.code(), listed, "a DICOM caller was rejected");
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
