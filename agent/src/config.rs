//! Settings: flags, then `RINGFENCE_*` variables, then a TOML file. An unknown key is refused by name.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::peers::{ClientCertificates, PeerSetting};
use crate::segments::{ClosedSegments, SegmentFlags};

/// Everything that the agent can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where images, masks and keys are kept.
    pub(crate) dir: PathBuf,
    /// HTTPS: the viewer, its API and DICOMweb.
    pub(crate) viewer_listen: SocketAddr,
    /// DICOM associations.
    pub(crate) dicom_listen: SocketAddr,
    /// DICOM associations over TLS; without it there are none. The registered port is 2762.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dicom_tls_listen: Option<SocketAddr>,
    /// PEM certificate chain for DICOM over TLS; the viewer's when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dicom_tls_certificate: Option<PathBuf>,
    /// PEM private key for DICOM over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dicom_tls_key: Option<PathBuf>,
    /// PEM certificates of those who sign peers' certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dicom_tls_ca: Option<PathBuf>,
    /// Whether callers over TLS need a certificate: required, optional or none.
    pub(crate) dicom_tls_clients: ClientCertificates,
    /// DICOM associations that are open at one time.
    pub(crate) dicom_associations_max: usize,
    /// Seconds without a message after which a DICOM association is aborted.
    pub(crate) dicom_idle_seconds: u32,
    /// Health and metrics.
    pub(crate) ops_listen: SocketAddr,
    /// The agent's own AE title.
    pub(crate) ae_title: String,
    /// AE titles that may send, and ask whether what they sent is safe.
    pub(crate) allow_ae: Vec<String>,
    /// Other DICOM systems, and what each may do. Who is neither here nor in `allow_ae` is rejected.
    pub(crate) peers: Vec<PeerSetting>,
    /// Host names that the viewer's certificate is made for when none is given.
    pub(crate) public_names: Vec<String>,
    /// PEM certificate chain of the viewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// PEM private key of the viewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_key: Option<PathBuf>,
    /// PEM certificates of the authorities that model servers' certificates are believed from. None: the public ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model_authorities: Option<PathBuf>,
    /// Seconds without a new instance after which a series becomes an asset.
    pub(crate) series_quiet_seconds: u32,
    /// Where closed segments of images are kept: directory or s3. What was moved before is read from where it is.
    pub(crate) segment_store: ClosedSegments,
    /// Bytes after which a new segment begins.
    pub(crate) segment_bytes: u64,
    /// The object store, such as https://store.hospital.example:9000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) s3_endpoint: Option<String>,
    /// The bucket, which must be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) s3_bucket: Option<String>,
    /// What the names of all objects begin with, such as north/.
    pub(crate) s3_prefix: String,
    /// The region that requests are signed for.
    pub(crate) s3_region: String,
    /// Holds the access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) s3_access_key_file: Option<PathBuf>,
    /// Holds the access key's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) s3_secret_key_file: Option<PathBuf>,
    /// PEM certificates of those who sign the object store's certificate; needed for https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) s3_ca_file: Option<PathBuf>,
    /// A folder whose files are taken into the archive as they come; without it there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) watch_folder: Option<PathBuf>,
    /// What becomes of a file that was taken: leave, delete or move. One that was refused is never deleted.
    pub(crate) watch_after: WatchAfter,
    /// Where files are moved to; refused ones into `refused` below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) watch_move_to: Option<PathBuf>,
    /// Seconds between two looks at the watched folder: a file that looks the same in both is taken.
    pub(crate) watch_seconds: u32,
    /// What is logged of our own rooms: error, warn, info, debug or trace.
    pub(crate) log: String,
}

/// What becomes of a file of the watched folder that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WatchAfter {
    Leave,
    Delete,
    Move,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("/var/lib/ringfence-agent"),
            viewer_listen: SocketAddr::from(([0, 0, 0, 0], 8443)),
            dicom_listen: SocketAddr::from(([0, 0, 0, 0], 11112)),
            dicom_tls_listen: None,
            dicom_tls_certificate: None,
            dicom_tls_key: None,
            dicom_tls_ca: None,
            dicom_tls_clients: ClientCertificates::Required,
            dicom_associations_max: 50,
            dicom_idle_seconds: 300,
            ops_listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
            ae_title: "RINGFENCE".to_owned(),
            allow_ae: Vec::new(),
            peers: Vec::new(),
            public_names: vec!["localhost".to_owned()],
            tls_certificate: None,
            tls_key: None,
            model_authorities: None,
            series_quiet_seconds: 3,
            segment_store: ClosedSegments::Directory,
            segment_bytes: 256 << 20,
            s3_endpoint: None,
            s3_bucket: None,
            s3_prefix: String::new(),
            s3_region: "us-east-1".to_owned(),
            s3_access_key_file: None,
            s3_secret_key_file: None,
            s3_ca_file: None,
            watch_folder: None,
            watch_after: WatchAfter::Leave,
            watch_move_to: None,
            watch_seconds: 5,
            log: "info".to_owned(),
        }
    }
}

/// The flags that stand for settings. What is not given falls to the next source.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub(crate) struct Flags {
    /// Where images, masks and keys are kept [default: /var/lib/ringfence-agent]
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    dir: Option<PathBuf>,
    /// Settings in TOML
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// error, warn, info, debug or trace, for our own rooms [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
}

/// The flags of `serve`.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub(crate) struct ServeFlags {
    /// Viewer and API [default: 0.0.0.0:8443]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer_listen: Option<SocketAddr>,
    /// DICOM [default: 0.0.0.0:11112]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    dicom_listen: Option<SocketAddr>,
    /// DICOM over TLS, such as 0.0.0.0:2762 [default: none]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    dicom_tls_listen: Option<SocketAddr>,
    /// Who signs the certificates of peers (PEM)
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    dicom_tls_ca: Option<PathBuf>,
    /// Health and metrics [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ops_listen: Option<SocketAddr>,
    /// The agent's AE title [default: RINGFENCE]
    #[arg(long, value_name = "AE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ae_title: Option<String>,
    /// An AE title that may send; repeat for more
    #[arg(long, value_name = "AE")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow_ae: Vec<String>,
    /// A peer, as NAME=AE@HOST:PORT/RIGHT+RIGHT with rights store, find, move, get, commit, receive
    #[arg(long = "peer", value_name = "PEER")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    peers: Vec<PeerSetting>,
    /// A host name of the viewer; repeat for more [default: localhost]
    #[arg(long = "public-name", value_name = "NAME")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    public_names: Vec<String>,
    /// PEM certificate chain of the viewer
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_certificate: Option<PathBuf>,
    /// PEM private key of the viewer
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_key: Option<PathBuf>,
    /// PEM certificates of authorities; only they vouch for model servers [default: the public ones]
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    model_authorities: Option<PathBuf>,
    /// A folder whose files are taken as they come; see watch_after in the settings [default: none]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    watch_folder: Option<PathBuf>,
    /// Seconds of silence after which a series becomes an asset [default: 3]
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    series_quiet_seconds: Option<u32>,
    #[command(flatten)]
    #[serde(flatten)]
    segments: SegmentFlags,
}

/// Why the settings are not usable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A value or a key is wrong.
    #[error("setting refused: {0}")]
    Refused(#[from] Box<figment::Error>),
}

impl Config {
    /// The settings out of all sources.
    ///
    /// # Errors
    /// When a key is unknown or a value does not fit, by name.
    pub(crate) fn load(flags: &Flags, serve: Option<&ServeFlags>) -> Result<Self, ConfigError> {
        Self::load_with(flags, serve)
    }

    /// The settings out of all sources, the flags of one command above all others.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub(crate) fn load_with(flags: &Flags, command: Option<&impl Serialize>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = &flags.config {
            figment = figment.merge(Toml::file_exact(file));
        }
        figment =
            figment.merge(Env::prefixed("RINGFENCE_").lowercase(true)).merge(Serialized::defaults(flags));
        if let Some(command) = command {
            figment = figment.merge(Serialized::defaults(command));
        }
        Ok(figment.extract().map_err(Box::new)?)
    }
}

#[cfg(test)]
impl Config {
    /// The settings of one file and nothing else.
    pub(crate) fn from_file(file: &std::path::Path) -> Result<Self, ConfigError> {
        Self::load(&Flags::of_file(file), None)
    }
}

#[cfg(test)]
impl Flags {
    /// Those that name a file of settings and nothing else.
    pub(crate) fn of_file(file: &std::path::Path) -> Self {
        Self { config: Some(file.to_path_buf()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_of_flags_stand_above_those_of_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "dicom_tls_clients = \"optional\"\n[[peers]]\nname = \"old\"\nae_title = \"OLD\"\n";
        std::fs::write(file.path(), text).unwrap();
        let flags = Flags { config: Some(file.path().to_path_buf()), ..Flags::default() };
        let peers: Vec<PeerSetting> = vec!["pacs=PACS1@10.1.2.3:104/find".parse().unwrap()];
        let serve = ServeFlags { peers: peers.clone(), ..ServeFlags::default() };
        let config = Config::load(&flags, Some(&serve)).unwrap();
        assert_eq!((config.peers, config.dicom_tls_clients), (peers, ClientCertificates::Optional));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "viewer_lisen = \"127.0.0.1:1\"\n").unwrap();
        let flags = Flags { config: Some(file.path().to_path_buf()), ..Flags::default() };
        let refusal = Config::load(&flags, None).unwrap_err();
        assert!(format!("{refusal}").contains("viewer_lisen"), "{refusal}");
    }

    #[test]
    fn a_flag_stands_above_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "ae_title = \"FILE\"\nallow_ae = [\"A\"]\n").unwrap();
        let flags = Flags { config: Some(file.path().to_path_buf()), ..Flags::default() };
        let serve = ServeFlags { ae_title: Some("FLAG".to_owned()), ..ServeFlags::default() };
        let config = Config::load(&flags, Some(&serve)).unwrap();
        assert_eq!((config.ae_title.as_str(), config.allow_ae), ("FLAG", vec!["A".to_owned()]));
    }
}
