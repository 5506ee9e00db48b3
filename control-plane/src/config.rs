//! Settings: flags, then `RINGFENCE_*` variables, then a TOML file. An unknown key is refused by name.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

/// Everything that the control plane can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the store and the certificate authority are.
    pub(crate) dir: PathBuf,
    /// HTTPS: the console and its API.
    pub(crate) console_listen: SocketAddr,
    /// gRPC for agents.
    pub(crate) grpc_listen: SocketAddr,
    /// Health and metrics.
    pub(crate) ops_listen: SocketAddr,
    /// Host names that certificates are made for; join strings carry the first.
    pub(crate) public_names: Vec<String>,
    /// What is logged of our own rooms: error, warn, info, debug or trace.
    pub(crate) log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("/var/lib/ringfence-control-plane"),
            console_listen: SocketAddr::from(([0, 0, 0, 0], 8444)),
            grpc_listen: SocketAddr::from(([0, 0, 0, 0], 7443)),
            ops_listen: SocketAddr::from(([127, 0, 0, 1], 9465)),
            public_names: vec!["localhost".to_owned()],
            log: "info".to_owned(),
        }
    }
}

/// The flags of every command. What is not given falls to the next source.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub(crate) struct Flags {
    /// Where the store and the certificate authority are [default: /var/lib/ringfence-control-plane]
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dir: Option<PathBuf>,
    /// Settings in TOML
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// error, warn, info, debug or trace, for our own rooms [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
}

/// The flags of `serve`.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub(crate) struct ServeFlags {
    /// Console and API [default: 0.0.0.0:8444]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) console_listen: Option<SocketAddr>,
    /// gRPC for agents [default: 0.0.0.0:7443]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grpc_listen: Option<SocketAddr>,
    /// Health and metrics [default: 127.0.0.1:9465]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ops_listen: Option<SocketAddr>,
    /// A host name that certificates are made for; repeat for more [default: localhost]
    #[arg(long = "public-name", value_name = "NAME")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) public_names: Vec<String>,
}

/// Why the settings are not usable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A value or a key is wrong.
    #[error("setting refused: {0}")]
    Refused(Box<figment::Error>),
    /// A certificate and a join string need a name.
    #[error("setting refused: public_names is empty")]
    NoName,
}

impl Config {
    /// The settings out of all sources.
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
        let config: Self = figment.extract().map_err(|cause| ConfigError::Refused(Box::new(cause)))?;
        if config.public_names.is_empty() { Err(ConfigError::NoName) } else { Ok(config) }
    }

    /// `host:port` that agents dial.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}:{}", self.public_names[0], self.grpc_listen.port())
    }

    /// Every name that certificates are made for: the public ones and this machine itself.
    pub(crate) fn certificate_names(&self) -> Vec<String> {
        let mut names = self.public_names.clone();
        for own in ["localhost", "127.0.0.1"] {
            if !names.iter().any(|name| name == own) {
                names.push(own.to_owned());
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str, serve: &ServeFlags) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let flags = Flags { config: Some(file.path().to_path_buf()), ..Flags::default() };
        Config::load(&flags, Some(serve))
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let refusal = with_file("grpc_lisen = \"127.0.0.1:1\"\n", &ServeFlags::default()).unwrap_err();
        assert!(refusal.to_string().contains("grpc_lisen"), "{refusal}");
    }

    #[test]
    fn a_flag_stands_above_the_file() {
        let serve = ServeFlags { public_names: vec!["flag".to_owned()], ..ServeFlags::default() };
        let config = with_file("public_names = [\"file\"]\ngrpc_listen = \"127.0.0.1:9\"\n", &serve).unwrap();
        assert_eq!(config.endpoint(), "flag:9");
        assert_eq!(config.certificate_names(), ["flag", "localhost", "127.0.0.1"]);
    }

    #[test]
    fn a_join_string_needs_a_name() {
        assert!(matches!(with_file("public_names = []\n", &ServeFlags::default()), Err(ConfigError::NoName)));
    }
}
