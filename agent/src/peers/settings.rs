//! Peers in the settings, as people write them.

use std::str::FromStr;

use agent_dicom::{AeTitle, Network, Peer, PeerAddress, Peers, Right};
use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use crate::config::Config;

/// Another DICOM system of the hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerSetting {
    /// What people call it.
    name: String,
    ae_title: String,
    /// Where it listens; without it, it can only call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// It is called over TLS, and must call over TLS.
    #[serde(default)]
    tls: bool,
    /// The name in its certificate, where that is not its host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tls_name: Option<String>,
    /// Addresses and networks that it may call from; empty for anywhere.
    #[serde(default)]
    from: Vec<String>,
    /// Of: store, find, move, get, commit, receive.
    #[serde(default)]
    may: Vec<String>,
}

/// Whether callers over TLS need a certificate of the authority for peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClientCertificates {
    Required,
    Optional,
    None,
}

/// Why a flag is no peer.
#[derive(Debug, thiserror::Error)]
#[error("a peer is NAME=AE@HOST:PORT/RIGHT+RIGHT, such as pacs=PACS1@10.1.2.3:104/find+receive")]
pub(crate) struct InvalidPeerFlag;

impl FromStr for PeerSetting {
    type Err = InvalidPeerFlag;

    fn from_str(text: &str) -> Result<Self, InvalidPeerFlag> {
        let (name, rest) = text.split_once('=').ok_or(InvalidPeerFlag)?;
        let (ae_title, rest) = rest.split_once('@').ok_or(InvalidPeerFlag)?;
        let (address, may) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = address.rsplit_once(':').ok_or(InvalidPeerFlag)?;
        let port = port.parse().map_err(|_| InvalidPeerFlag)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if name.is_empty() || host.is_empty() {
            return Err(InvalidPeerFlag);
        }
        Ok(Self {
            name: name.to_owned(),
            ae_title: ae_title.to_owned(),
            host: Some(host.to_owned()),
            port: Some(port),
            tls: false,
            tls_name: None,
            from: Vec::new(),
            may: may.split('+').filter(|right| !right.is_empty()).map(str::to_owned).collect(),
        })
    }
}

impl PeerSetting {
    fn peer(&self) -> anyhow::Result<Peer> {
        let title = AeTitle::new(&self.ae_title);
        let ae_title = title.with_context(|| format!("the AE title '{}'", self.ae_title))?;
        let rights = self.may.iter().map(|right| {
            let known = Right::ALL.iter().map(|right| right.code()).collect::<Vec<_>>().join(", ");
            Right::from_code(right).with_context(|| format!("'{right}' is none of {known}"))
        });
        let from = self.from.iter().map(|text| Network::new(text).with_context(|| format!("'{text}'")));
        ensure!(!self.name.is_empty(), "a peer needs a name");
        ensure!(self.host.is_some() == self.port.is_some(), "host and port go together");
        Ok(Peer {
            name: self.name.clone(),
            ae_title,
            address: self.host.clone().zip(self.port).map(|(host, port)| PeerAddress {
                host,
                port,
                tls_name: self.tls_name.clone(),
            }),
            tls: self.tls,
            from: from.collect::<anyhow::Result<_>>()?,
            rights: rights.collect::<anyhow::Result<_>>()?,
        })
    }

    /// Whether it is called over TLS.
    pub(super) const fn is_sealed(&self) -> bool {
        self.tls
    }
}

/// The peers of the settings, and the titles of `allow_ae` as peers that may send.
///
/// # Errors
/// The setting that cannot be used, by the peer's name.
pub(super) fn peers(config: &Config) -> anyhow::Result<Peers> {
    let mut peers = Vec::new();
    for setting in &config.peers {
        peers.push(setting.peer().with_context(|| format!("the peer '{}'", setting.name))?);
    }
    for title in &config.allow_ae {
        let sender = Peer::sender(AeTitle::new(title).with_context(|| format!("the AE title '{title}'"))?);
        match peers.iter_mut().find(|peer| peer.ae_title == sender.ae_title) {
            Some(peer) => peer.rights.extend(sender.rights),
            None => peers.push(sender),
        }
    }
    Peers::new(peers).context("the setting peers")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(toml: &str) -> anyhow::Result<Peers> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        peers(&Config::from_file(file.path())?)
    }

    #[test]
    fn a_peer_is_read_with_everything_that_it_may_do() {
        let peers = set(
            "allow_ae = [\"CT1\", \"PACS1\"]\n[[peers]]\nname = \"pacs\"\nae_title = \"PACS1\"\nhost = \"10.1.2.3\"\n\
             port = 104\nfrom = [\"10.0.0.0/8\"]\nmay = [\"find\", \"receive\"]\n",
        )
        .unwrap();
        let pacs = peers.named("pacs").unwrap();
        assert_eq!(pacs.address.as_ref().map(|address| address.port), Some(104));
        let rights = [Right::Store, Right::Find, Right::Commit, Right::Receive];
        assert_eq!(pacs.rights, rights.into_iter().collect());
        assert!(peers.titled("CT1").is_some_and(|peer| peer.may(Right::Store) && !peer.may(Right::Find)));
    }

    #[test]
    fn what_is_wrong_with_a_peer_is_named() {
        let peer = "[[peers]]\nname = \"pacs\"\nae_title = \"PACS1\"\n";
        let cases = [
            ("hots = \"10.1.2.3\"\n", "hots"),
            ("host = \"10.1.2.3\"\n", "host and port go together"),
            ("may = [\"everything\"]\n", "'everything' is none of store, find, move, get, commit, receive"),
            ("from = [\"anywhere\"]\n", "'anywhere'"),
            ("may = [\"receive\"]\n", "may receive, but has no host"),
            ("[[peers]]\nname = \"pacs\"\nae_title = \"B\"\n", "two peers are named pacs"),
        ];
        for (line, expect) in cases {
            let refusal = format!("{:#}", set(&format!("{peer}{line}")).unwrap_err());
            assert!(refusal.contains(expect), "{refusal}");
        }
        assert!(
            format!("{:#}", set("allow_ae = [\"SEVENTEEN_LETTERS\"]").unwrap_err()).contains("SEVENTEEN")
        );
    }

    #[test]
    fn a_flag_is_a_peer() {
        let setting: PeerSetting = "pacs=PACS1@10.1.2.3:104/find+receive".parse().unwrap();
        assert_eq!((setting.ae_title.as_str(), setting.port), ("PACS1", Some(104)));
        assert_eq!(setting.may, ["find", "receive"]);
        let setting: PeerSetting = "pacs=PACS1@[2001:db8::1]:104".parse().unwrap();
        assert_eq!((setting.host.as_deref(), setting.may.len()), (Some("2001:db8::1"), 0));
        for text in ["pacs", "pacs=PACS1", "pacs=PACS1@host", "pacs=PACS1@host:x", "=A@b:1", "pacs=A@:1"] {
            assert!(text.parse::<PeerSetting>().is_err(), "{text}");
        }
    }
}
