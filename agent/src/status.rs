//! The state of the agent, for hospital IT and for the control plane.

use agent_archive::Archive;
use agent_uplink::{Health, Outbound, Status};
use agent_viewer_api::{AgentStatus, StatusNow};
use proto_ids::Timestamp;
use std::path::{Path, PathBuf};
use tokio::sync::watch;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What the viewer's API shows of the agent's state.
#[derive(Debug)]
pub(crate) struct Surroundings {
    directory: PathBuf,
    status: watch::Receiver<Status>,
}

impl Surroundings {
    /// Looks at the disk of `directory` and at the uplink's status.
    pub(crate) fn new(directory: &Path, status: watch::Receiver<Status>) -> Self {
        Self { directory: directory.to_path_buf(), status }
    }
}

impl AgentStatus for Surroundings {
    fn now(&self) -> StatusNow {
        let status = self.status.borrow().clone();
        StatusNow {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            site: status.site,
            connected: status.connected,
            certificate_expires_at: status.certificate_expires_at,
            disk_free_percent: disk_free_percent(&self.directory),
        }
    }
}

/// Free share of the disk that holds `directory`; 0 when it cannot be asked.
fn disk_free_percent(directory: &Path) -> u8 {
    let Ok(disk) = rustix::fs::statvfs(directory) else { return 0 };
    let percent = (disk.f_bavail * 100).checked_div(disk.f_blocks).unwrap_or(0);
    u8::try_from(percent.min(100)).unwrap_or(100)
}

/// Puts one report on the agent's own state into the outbox.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn health(
    directory: &Path,
    archive: &Archive,
    status: &Status,
    now: Timestamp,
) -> anyhow::Result<()> {
    let days = status.certificate_expires_at.map_or(0, |end| end.millis_since(now).max(0) / DAY_MS);
    let report = Outbound::Health(Health {
        version: version(),
        queue_depth: u32::try_from(archive.outbox_counts()?.waiting).unwrap_or(u32::MAX),
        disk_free_percent: u32::from(disk_free_percent(directory)),
        certificate_days_left: u32::try_from(days)?,
    });
    archive.outbox_push(report.encode())?;
    Ok(())
}

/// Version of the program as one number: major × 1,000,000 + minor × 1,000 + patch.
fn version() -> u32 {
    let parts =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")];
    parts.iter().fold(0, |number, part| number * 1000 + part.parse::<u32>().unwrap_or(0))
}
