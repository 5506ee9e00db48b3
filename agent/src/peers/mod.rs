//! The hospital's other DICOM systems: who they are (`settings`), what they see of the archive (`catalogue`), how
//! connections to and from them are secured (`tls`), what is asked of them (`calls`), and by whom: a person at the
//! command line (`commands`) or on the hospital's pages (`pages`, which has `words` for what went wrong).

mod calls;
mod catalogue;
mod commands;
mod pages;
mod settings;
mod tls;
mod words;

pub(crate) use commands::PeerRequest;
pub(crate) use pages::PeersOfPages;
pub(crate) use settings::{ClientCertificates, PeerSetting};

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use agent_archive::Archive;
use agent_dicom::{AeTitle, Behind, Caller, Catalogue, Doors, Intake, Patience, Peers, ScpConfig, Sizes};
use anyhow::Context;
use proto_ids::Timestamp;
use tokio::sync::watch;

use crate::config::Config;
use crate::ports::ArchiveStorage;
use catalogue::ArchiveCatalogue;

/// Everything that the listener and our own calls work with.
#[derive(Debug)]
pub(crate) struct Dicom {
    scp: ScpConfig,
    caller: Caller,
    archive: Arc<Archive>,
    tls: Option<Arc<rustls::ServerConfig>>,
}

/// Where associations come in.
#[derive(Debug)]
pub(crate) struct DicomListeners {
    pub(crate) plain: TcpListener,
    pub(crate) tls: Option<TcpListener>,
}

impl Dicom {
    /// Reads the settings of peers and of TLS.
    ///
    /// # Errors
    /// When one of them cannot be used, by name.
    pub(crate) fn open(
        config: &Config,
        archive: &Arc<Archive>,
        now: Timestamp,
        stopped: watch::Receiver<bool>,
    ) -> anyhow::Result<Self> {
        let peers = settings::peers(config)?;
        let title = AeTitle::new(&config.ae_title);
        let ae_title = title.with_context(|| format!("the AE title '{}'", config.ae_title))?;
        let patience =
            Patience { idle: Duration::from_secs(config.dicom_idle_seconds.into()), ..Patience::default() };
        let sizes = Sizes { associations_max: config.dicom_associations_max, ..Sizes::default() };
        let storage = Arc::new(ArchiveStorage(Arc::clone(archive)));
        let caller = Caller {
            ae_title: ae_title.clone(),
            tls: tls::client(config, now)?,
            patience,
            intake: Intake::new(storage, sizes),
            shutdown: stopped,
        };
        let scp = ScpConfig { ae_title, peers, sizes, patience };
        Ok(Self { scp, caller, archive: Arc::clone(archive), tls: tls::server(config, now)? })
    }

    /// Every peer of the settings.
    pub(crate) fn peers(&self) -> &Peers {
        &self.scp.peers
    }

    /// What this agent calls itself.
    pub(crate) fn ae_title(&self) -> &str {
        self.caller.ae_title.as_str()
    }

    pub(crate) fn catalogue(&self) -> Arc<dyn Catalogue> {
        Arc::new(ArchiveCatalogue(Arc::clone(&self.archive)))
    }

    /// Takes associations until the agent stops.
    ///
    /// # Errors
    /// When a listener cannot be used.
    pub(crate) async fn serve(self: Arc<Self>, listeners: DicomListeners) -> anyhow::Result<()> {
        let DicomListeners { plain, tls } = listeners;
        let plain = tokio::net::TcpListener::from_std(plain)?;
        let sealed = tls.map(tokio::net::TcpListener::from_std).transpose()?;
        let doors = Doors { plain, tls: sealed.zip(self.tls.clone()) };
        let behind = Behind { catalogue: self.catalogue(), caller: self.caller.clone() };
        Ok(agent_dicom::serve(doors, self.scp.clone(), behind).await?)
    }
}
