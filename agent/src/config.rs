//! Settings: flags, then `RINGFENCE_*` variables, then a TOML file. An unknown key is refused by name.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

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
    /// Health and metrics.
    pub(crate) ops_listen: SocketAddr,
    /// The agent's own AE title.
    pub(crate) ae_title: String,
    /// AE titles that may send. Empty: nobody may.
    pub(crate) allow_ae: Vec<String>,
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
    /// What is logged of our own rooms: error, warn, info, debug or trace.
    pub(crate) log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("/var/lib/ringfence-agent"),
            viewer_listen: SocketAddr::from(([0, 0, 0, 0], 8443)),
            dicom_listen: SocketAddr::from(([0, 0, 0, 0], 11112)),
            ops_listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
            ae_title: "RINGFENCE".to_owned(),
            allow_ae: Vec::new(),
            public_names: vec!["localhost".to_owned()],
            tls_certificate: None,
            tls_key: None,
            model_authorities: None,
            series_quiet_seconds: 3,
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
    /// Seconds of silence after which a series becomes an asset [default: 3]
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    series_quiet_seconds: Option<u32>,
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
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = &flags.config {
            figment = figment.merge(Toml::file_exact(file));
        }
        figment =
            figment.merge(Env::prefixed("RINGFENCE_").lowercase(true)).merge(Serialized::defaults(flags));
        if let Some(serve) = serve {
            figment = figment.merge(Serialized::defaults(serve));
        }
        Ok(figment.extract().map_err(Box::new)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
