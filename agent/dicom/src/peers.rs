//! Who may talk with us, and what each may do.

use crate::config::AeTitle;
use std::collections::BTreeSet;
use std::net::IpAddr;

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// Something that a peer may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Right { $($(#[$doc])* $name),+ }

        impl Right {
            /// Every right.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the settings.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

rights! {
    /// Send objects to us (C-STORE).
    Store = "store",
    /// Query what we hold (C-FIND).
    Find = "find",
    /// Have us send to a peer that may receive (C-MOVE).
    Move = "move",
    /// Take objects over its own association (C-GET).
    Get = "get",
    /// Ask whether objects are safe (storage commitment).
    Commit = "commit",
    /// Be sent objects: as the destination of a C-MOVE, or by us.
    Receive = "receive",
}

impl Right {
    /// The right of this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|right| right.code() == code)
    }
}

/// Where a peer listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerAddress {
    pub host: String,
    pub port: u16,
    /// The name in the peer's certificate, where it is called over TLS.
    pub tls_name: Option<String>,
}

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no address and no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an IP address, or one with a number of bits behind a slash")]
pub struct InvalidNetwork;

impl Network {
    /// Reads `192.0.2.7`, `192.0.2.0/24` or `2001:db8::/32`.
    ///
    /// # Errors
    /// `InvalidNetwork` for anything else.
    pub fn new(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| InvalidNetwork)?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(InvalidNetwork) }
    }

    /// Whether an address is one of this network. An IPv4 address that came in as IPv6 counts as what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |ours: u128, theirs: u128, width: u8| {
            let rest = width - self.bits;
            ours.checked_shr(rest.into()).unwrap_or(0) == theirs.checked_shr(rest.into()).unwrap_or(0)
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                same(u128::from(ours.to_bits()), u128::from(theirs.to_bits()), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => same(ours.to_bits(), theirs.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Another application entity of the hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// By which people call it.
    pub name: String,
    pub ae_title: AeTitle,
    /// None for a peer that only calls us.
    pub address: Option<PeerAddress>,
    /// It is called over TLS, and must call over TLS.
    pub tls: bool,
    /// Where it may call from; empty for anywhere.
    pub from: Vec<Network>,
    pub rights: BTreeSet<Right>,
}

impl Peer {
    /// A caller without an address that may send objects and ask whether they are safe.
    #[must_use]
    pub fn sender(ae_title: AeTitle) -> Self {
        Self {
            name: ae_title.as_str().to_owned(),
            ae_title,
            address: None,
            tls: false,
            from: Vec::new(),
            rights: [Right::Store, Right::Commit].into_iter().collect(),
        }
    }

    /// Whether it may do this.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

/// Why a list of peers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeers {
    #[error("two peers are named {name}")]
    Name { name: String },
    #[error("two peers have the AE title {ae_title}")]
    Title { ae_title: String },
    #[error("the peer {name} may receive, but has no host")]
    NoAddress { name: String },
}

/// Every peer that is configured, each with a name and an AE title of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peers(Vec<Peer>);

impl Peers {
    /// Takes a list.
    ///
    /// # Errors
    /// `InvalidPeers` when two of them cannot be told apart, or one cannot be reached for what it may do.
    pub fn new(peers: Vec<Peer>) -> Result<Self, InvalidPeers> {
        for (index, peer) in peers.iter().enumerate() {
            let before = peers.get(..index).unwrap_or_default();
            if before.iter().any(|other| other.name == peer.name) {
                return Err(InvalidPeers::Name { name: peer.name.clone() });
            }
            if before.iter().any(|other| other.ae_title == peer.ae_title) {
                return Err(InvalidPeers::Title { ae_title: peer.ae_title.as_str().to_owned() });
            }
            if peer.may(Right::Receive) && peer.address.is_none() {
                return Err(InvalidPeers::NoAddress { name: peer.name.clone() });
            }
        }
        Ok(Self(peers))
    }

    /// In the order of the settings.
    pub fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.0.iter()
    }

    /// The peer of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Peer> {
        self.0.iter().find(|peer| peer.name == name)
    }

    /// The peer that calls itself so.
    #[must_use]
    pub fn titled(&self, title: &str) -> Option<&Peer> {
        self.0.iter().find(|peer| peer.ae_title.as_str() == title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: &str, title: &str) -> Peer {
        Peer { name: name.into(), ..Peer::sender(AeTitle::new(title).unwrap()) }
    }

    #[test]
    fn peers_that_cannot_be_told_apart_or_reached_are_refused() {
        assert!(Peers::new(vec![peer("a", "A"), peer("b", "B")]).is_ok());
        let same = Peers::new(vec![peer("a", "A"), peer("a", "B")]);
        assert_eq!(same, Err(InvalidPeers::Name { name: "a".into() }));
        let same = Peers::new(vec![peer("a", "A"), peer("b", "A")]);
        assert_eq!(same, Err(InvalidPeers::Title { ae_title: "A".into() }));
        let mut unreachable = peer("a", "A");
        unreachable.rights.insert(Right::Receive);
        assert_eq!(Peers::new(vec![unreachable]), Err(InvalidPeers::NoAddress { name: "a".into() }));
    }

    #[test]
    fn each_right_has_its_name() {
        for right in Right::ALL {
            assert_eq!(Right::from_code(right.code()), Some(*right));
        }
        assert_eq!(Right::from_code("everything"), None);
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let cases = [
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("192.0.2.0/24", "192.0.2.8", true),
            ("192.0.2.0/24", "::ffff:192.0.2.8", true),
            ("192.0.2.0/24", "192.0.3.8", false),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:7::1", true),
            ("::/0", "2001:db8:7::1", true),
        ];
        for (network, address, expect) in cases {
            let network = Network::new(network).unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), expect, "{network:?} {address}");
        }
        for text in ["", "host", "192.0.2.0/33", "192.0.2.0/x", "::/129", "192.0.2.0/"] {
            assert_eq!(Network::new(text), Err(InvalidNetwork), "{text}");
        }
    }
}
