//! Keeps the agent connected: one session after another until it is told to stop.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use proto_ids::Clock;
use tokio::sync::watch;
use tonic::{Code, Status as Answer};

use crate::backoff::{Backoff, chance};
use crate::channel::{ConnectError, Dialler};
use crate::drain::{Outbox, drain};
use crate::enrol::{EnrolError, rejoin};
use crate::gate::{Gate, Ledger};
use crate::identity::{Credentials, Directory, IdentityError};
use crate::renew::{RenewError, due_at, renew, wait};
use crate::status::{Problem, Status};
use crate::tls::Presented;
use crate::worklist::{Inbound, follow};

/// What the uplink needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the agent's identity and credentials lie.
    pub directory: PathBuf,
}

/// The rooms behind the uplink.
#[derive(Clone)]
pub struct Ports {
    /// What waits to be sent.
    pub outbox: Arc<dyn Outbox>,
    /// Where everything is written down before it is sent.
    pub ledger: Arc<dyn Ledger>,
    /// Where the worklist is stored.
    pub inbound: Arc<dyn Inbound>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}

/// Why the uplink cannot run at all. Everything else it tries again.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There are no credentials.
    #[error("this agent is not enrolled")]
    NotEnrolled,
    /// The credentials cannot be read.
    #[error("the agent's identity cannot be read")]
    Identity(#[source] IdentityError),
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionEnd {
    /// The connection broke.
    Broken,
    /// The control plane refuses this agent.
    Refused,
    /// The agent's own store failed.
    Store,
}

impl SessionEnd {
    pub(crate) fn of(answer: &Answer) -> Self {
        tracing::info!(code = ?answer.code(), "a call to the control plane ended");
        let refused = matches!(answer.code(), Code::Unauthenticated | Code::PermissionDenied);
        if refused { Self::Refused } else { Self::Broken }
    }
}

/// Keeps the agent connected until `shutdown` completes: brings the worklist down, drains the
/// outbox, renews the certificate. What it cannot do now it tries again, ever more slowly.
///
/// # Errors
/// The agent is not enrolled, or its credentials cannot be read.
pub async fn run(
    config: Config,
    ports: Ports,
    status: watch::Sender<Status>,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RunError> {
    let directory = Directory::make(&config.directory).map_err(RunError::Identity)?;
    let credentials = directory.credentials().map_err(RunError::Identity)?.ok_or(RunError::NotEnrolled)?;
    let mut uplink = Uplink::new(directory, credentials, ports, status);
    tokio::select! {
        () = shutdown => {}
        () = uplink.run() => {}
    }
    uplink.status.send_modify(|status| status.connected = false);
    Ok(())
}

struct Uplink {
    directory: Directory,
    credentials: Credentials,
    dialler: Dialler,
    ports: Ports,
    status: watch::Sender<Status>,
}

impl Uplink {
    fn new(
        directory: Directory,
        credentials: Credentials,
        ports: Ports,
        status: watch::Sender<Status>,
    ) -> Self {
        let dialler = Dialler {
            endpoint: credentials.endpoint.clone(),
            pins: credentials.pins.clone(),
            presented: Presented::default(),
            ledger: Arc::clone(&ports.ledger),
            clock: Arc::clone(&ports.clock),
        };
        let mut uplink = Self { directory, credentials: credentials.clone(), dialler, ports, status };
        uplink.exchange(credentials);
        uplink
    }

    /// Takes new credentials; connections that are open stay open.
    fn exchange(&mut self, credentials: Credentials) {
        self.dialler.presented.exchange(credentials.certified_key());
        self.status.send_modify(|status| {
            status.site = Some(credentials.site);
            status.certificate_expires_at = credentials.validity().map(|(_, ends)| ends);
        });
        self.credentials = credentials;
    }

    async fn run(&mut self) {
        let mut backoff = Backoff::default();
        loop {
            let began = self.ports.clock.now();
            let problem = self.session().await;
            self.status.send_modify(|status| {
                status.connected = false;
                status.caught_up = false;
                status.problem = Some(problem);
            });
            metrics::gauge!("ringfence_uplink_connected").set(0.0);
            // A session that held for a minute was a success, whatever ended it.
            if self.ports.clock.now().millis_since(began) > 60_000 {
                backoff.succeeded();
            }
            tokio::time::sleep(backoff.failed(chance())).await;
        }
    }

    async fn session(&mut self) -> Problem {
        if let Err(problem) = self.revive().await {
            return problem;
        }
        let gate = match self.dialler.dial().await {
            Ok((gate, _)) => gate,
            Err(ConnectError::WrongAuthority) => return Problem::WrongAuthority,
            Err(ConnectError::Endpoint | ConnectError::Unreachable(_)) => return Problem::Unreachable,
        };
        let status = self.status.clone();
        let follow = follow(gate.clone(), Arc::clone(&self.ports.inbound), &status);
        let drain = drain(gate.clone(), Arc::clone(&self.ports.outbox), &status);
        let end = tokio::select! {
            end = follow => end,
            end = drain => end,
            end = self.keep_renewed(gate.clone()) => end,
        };
        if gate.stuck() {
            return Problem::Store;
        }
        match end {
            SessionEnd::Broken => Problem::Unreachable,
            SessionEnd::Refused => Problem::Refused,
            SessionEnd::Store => Problem::Store,
        }
    }

    /// A certificate that has ended is good for nothing but the identity key's word.
    async fn revive(&mut self) -> Result<(), Problem> {
        let now = self.ports.clock.now();
        if self.credentials.validity().is_some_and(|(_, ends)| ends > now) {
            return Ok(());
        }
        match rejoin(&self.directory, &self.credentials, &self.dialler).await {
            Ok(credentials) => {
                self.exchange(credentials);
                Ok(())
            }
            Err(EnrolError::Unreachable { .. }) => Err(Problem::Unreachable),
            Err(EnrolError::WrongAuthority { .. }) => Err(Problem::WrongAuthority),
            Err(EnrolError::Identity(_) | EnrolError::Ledger) => Err(Problem::Store),
            Err(
                EnrolError::Refused
                | EnrolError::AlreadyEnrolled
                | EnrolError::Answer { .. }
                | EnrolError::OtherSite,
            ) => Err(Problem::Refused),
        }
    }

    /// Renews whenever it is due. Ends only when the control plane refuses.
    async fn keep_renewed(&mut self, gate: Gate) -> SessionEnd {
        let mut backoff = Backoff::default();
        loop {
            let Some(validity) = self.credentials.validity() else { return SessionEnd::Store };
            let due = due_at(validity, chance());
            while self.ports.clock.now() < due {
                tokio::time::sleep(wait(due, self.ports.clock.now())).await;
            }
            match renew(gate.clone(), &self.dialler, &self.directory, &self.credentials).await {
                Ok(credentials) => {
                    backoff.succeeded();
                    self.exchange(credentials);
                }
                Err(RenewError::Refused) => return SessionEnd::Refused,
                Err(RenewError::Unanswered | RenewError::Identity) if gate.stuck() => {
                    return SessionEnd::Store;
                }
                Err(RenewError::Unanswered | RenewError::Identity) => {
                    tokio::time::sleep(backoff.failed(chance())).await;
                }
            }
        }
    }
}
