//! An opened control plane: its store, its certificate authority, the use cases over them.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use control_plane_app::{App, Chance, Presence};
use control_plane_domain::Actor;
use control_plane_grpc::Authority;
use control_plane_store::Embedded;
use proto_ids::Clock;
use serde_json::{Value, json};

use crate::requests::{self, Request};
use proto_program::commands::{Executor, Progress};
use proto_program::{Ready, SystemClock, takes_connections, takes_writes};

/// Something that must be there before a command can work; exit code 3.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Missing {
    /// `init` was not run.
    #[error("there is no control plane in {}; run: ringfence-control-plane init --dir {}", .directory.display(), .directory.display())]
    Plane {
        /// Where it was looked for.
        directory: PathBuf,
    },
}

/// An opened control plane.
#[derive(Debug)]
pub(crate) struct Plane {
    pub(crate) app: App,
    pub(crate) store: Arc<Embedded>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) clock: Arc<dyn ClockDebug>,
}

/// A clock that can be shown.
pub(crate) trait ClockDebug: Clock + std::fmt::Debug {}
impl<T: Clock + std::fmt::Debug> ClockDebug for T {}

fn authority_directory(directory: &Path) -> PathBuf {
    directory.join("ca")
}

fn store_directory(directory: &Path) -> PathBuf {
    directory.join("store")
}

impl Plane {
    /// Opens what `init` made.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Self> {
        if !authority_directory(directory).join("ca.key").exists() {
            return Err(Missing::Plane { directory: directory.to_path_buf() }.into());
        }
        let authority =
            Authority::open(&authority_directory(directory)).context("the certificate authority")?;
        Self::assemble(directory, authority)
    }

    /// Makes the directory, the authority and the store where they are missing.
    pub(crate) fn init(directory: &Path) -> anyhow::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let place = authority_directory(directory);
        let authority = if place.join("ca.key").exists() {
            Authority::open(&place)
        } else {
            Authority::create(&place, SystemClock.now())
        };
        Self::assemble(directory, authority.context("the certificate authority")?)
    }

    fn assemble(directory: &Path, authority: Authority) -> anyhow::Result<Self> {
        let opened = Embedded::open_on_disk(&store_directory(directory), Chance::default().bytes()?)?;
        if opened.report.cut_bytes > 0 || opened.report.rebuilt {
            tracing::info!(
                cut_bytes = opened.report.cut_bytes,
                rebuilt = opened.report.rebuilt,
                "the store was put in order"
            );
        }
        let store = Arc::new(opened.store);
        let app = App::new(store.clone(), Arc::new(SystemClock), Presence::default());
        Ok(Self { app, store, authority: Arc::new(authority), clock: Arc::new(SystemClock) })
    }

    /// Does what a command asks, as the operator of this machine.
    pub(crate) fn execute(&self, request: Request, endpoint: &str) -> anyhow::Result<Value> {
        requests::execute(self, request, &Actor::Operator, endpoint)
    }
}

/// Rebuilds the index from the journal.
pub(crate) fn reindex(directory: &Path) -> anyhow::Result<Value> {
    let place = store_directory(directory);
    if !place.exists() {
        return Err(Missing::Plane { directory: directory.to_path_buf() }.into());
    }
    Embedded::forget_index(&place)?;
    let opened = Embedded::open_on_disk(&place, Chance::default().bytes()?)?;
    Ok(json!({ "records": opened.report.replayed }))
}

/// Reads every byte of the journal.
pub(crate) fn check(directory: &Path) -> anyhow::Result<Value> {
    let place = store_directory(directory);
    if !place.exists() {
        return Err(Missing::Plane { directory: directory.to_path_buf() }.into());
    }
    Ok(json!({ "records": Embedded::verify(&place)?, "damaged": 0 }))
}

/// What a running control plane is asked through its socket.
#[derive(Debug)]
pub(crate) struct Commands {
    pub(crate) plane: Arc<Plane>,
    /// Where agents find it, as join strings name it.
    pub(crate) endpoint: String,
    /// Where its store and its authority are.
    pub(crate) directory: PathBuf,
    /// Name and address of all that it listens on.
    pub(crate) listeners: [(&'static str, SocketAddr); 3],
    pub(crate) ready: Ready,
}

impl Commands {
    fn check(&self) -> Value {
        let store = self.plane.store.takes_writes() && takes_writes(&self.directory);
        let listening = self.listeners.map(|(name, address)| (name, takes_connections(address)));
        json!({
            "well": self.ready.get() && store && listening.iter().all(|(_, up)| *up),
            "store": if store { "takes writes" } else { "takes no writes" },
            "listeners": listening.map(|(name, up)| json!({ "name": name, "up": up })),
        })
    }
}

impl Executor for Commands {
    type Request = Request;

    fn execute(&self, request: Request, _report: &mut dyn FnMut(Progress)) -> anyhow::Result<Value> {
        if matches!(request, Request::Check) {
            return Ok(self.check());
        }
        self.plane.execute(request, &self.endpoint)
    }
}

/// Where the running control plane listens for its command line.
pub(crate) fn socket(directory: &Path) -> PathBuf {
    directory.join("control.socket")
}
