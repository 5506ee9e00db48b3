//! Who this agent is: an identity key that never changes, and credentials that are renewed.
//!
//! Everything lies under one directory. `identity.key` is the Ed25519 key of the agent's whole life;
//! `credentials` holds the certificate, its key and where they are good, in one file, so that a
//! renewal replaces all of them or nothing; `pending` is a certificate request that was sent and not
//! answered yet, so that sending it again gets the same answer.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proto_ids::{AgentId, SiteId, Timestamp};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};

use crate::files;

/// What can be wrong with the files of the agent's identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read or written.
    #[error("{file} of the agent's identity cannot be read or written")]
    Io {
        /// Name of the file.
        file: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A file is not what this version writes.
    #[error("{file} of the agent's identity is damaged or of an unknown version")]
    Damaged {
        /// Name of the file.
        file: &'static str,
    },
    /// A key could not be made.
    #[error("a key could not be made")]
    Key,
}

/// Where the files lie.
#[derive(Debug, Clone)]
pub(crate) struct Directory(PathBuf);

const IDENTITY: &str = "identity.key";
const CREDENTIALS: &str = "credentials";
const PENDING: &str = "pending";

/// A certificate request and its key.
pub(crate) struct Pending {
    /// What it was made for: a slot or a generation.
    purpose: String,
    pub(crate) key_pem: String,
    pub(crate) csr_der: Vec<u8>,
}

/// The agent's certificate and where it is good.
#[derive(Clone)]
pub struct Credentials {
    pub(crate) endpoint: String,
    pub(crate) pins: Vec<[u8; 32]>,
    pub(crate) site: SiteId,
    pub(crate) agent: AgentId,
    pub(crate) generation: u64,
    pub(crate) key_pem: String,
    pub(crate) chain: Vec<CertificateDer<'static>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("endpoint", &self.endpoint)
            .field("site", &self.site)
            .field("agent", &self.agent)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// The credentials in the directory, or nothing where the agent is not enrolled.
    ///
    /// # Errors
    /// The file is there and cannot be read, or is damaged.
    pub fn load(directory: &Path) -> Result<Option<Self>, IdentityError> {
        Directory(directory.to_owned()).credentials()
    }

    /// The site that the agent belongs to.
    pub fn site(&self) -> SiteId {
        self.site
    }

    /// The agent, as its certificate names it.
    pub fn agent(&self) -> AgentId {
        self.agent
    }

    /// `host:port` of the control plane.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// When the certificate begins and ends.
    pub(crate) fn validity(&self) -> Option<(Timestamp, Timestamp)> {
        let (_, leaf) = x509_parser::parse_x509_certificate(self.chain.first()?).ok()?;
        let seconds = |time: x509_parser::time::ASN1Time| Timestamp::from_millis(time.timestamp() * 1000);
        Some((seconds(leaf.validity().not_before), seconds(leaf.validity().not_after)))
    }

    /// The certificate and its key as TLS presents them.
    pub(crate) fn certified_key(&self) -> Option<Arc<rustls::sign::CertifiedKey>> {
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).ok()?;
        let key = rustls::crypto::ring::sign::any_ecdsa_type(&key).ok()?;
        Some(Arc::new(rustls::sign::CertifiedKey::new(self.chain.clone(), key)))
    }

    fn text(&self) -> String {
        let pins: Vec<String> = self.pins.iter().map(|pin| URL_SAFE_NO_PAD.encode(pin)).collect();
        let chain: String = self.chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
        format!(
            "ringfence-credentials 1\nendpoint {}\npins {}\nsite {}\nagent {}\ngeneration {}\n{}{chain}",
            self.endpoint,
            pins.join(","),
            self.site,
            self.agent,
            self.generation,
            self.key_pem,
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != "ringfence-credentials 1" {
            return None;
        }
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
        let endpoint = field("endpoint")?;
        let pin = |text: &str| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok();
        let pins: Option<Vec<[u8; 32]>> = field("pins")?.split(',').map(pin).collect();
        let (site, agent) = (field("site")?.parse().ok()?, field("agent")?.parse().ok()?);
        let generation = field("generation")?.parse().ok()?;
        let start = text.find("-----BEGIN PRIVATE KEY-----")?;
        let end = text.find("-----BEGIN CERTIFICATE-----")?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
        let credentials = Self {
            endpoint,
            pins: pins?,
            site,
            agent,
            generation,
            key_pem: text.get(start..end)?.to_owned(),
            chain: chain.ok()?,
        };
        credentials.validity()?;
        credentials.certified_key()?;
        Some(credentials)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

impl Directory {
    /// Makes the directory if it is not there.
    pub(crate) fn make(path: &Path) -> Result<Self, IdentityError> {
        files::directory(path).map_err(|source| IdentityError::Io { file: "the directory", source })?;
        Ok(Self(path.to_owned()))
    }

    /// The identity key; drawn on the first call.
    pub(crate) fn identity_key(&self) -> Result<Ed25519KeyPair, IdentityError> {
        let path = self.0.join(IDENTITY);
        let io = |source| IdentityError::Io { file: IDENTITY, source };
        let stored = match files::read(&path).map_err(io)? {
            Some(stored) => stored,
            None => {
                let random = ring::rand::SystemRandom::new();
                let key = Ed25519KeyPair::generate_pkcs8(&random).map_err(|_| IdentityError::Key)?;
                files::replace(&path, key.as_ref()).map_err(io)?;
                key.as_ref().to_vec()
            }
        };
        Ed25519KeyPair::from_pkcs8(&stored).map_err(|_| IdentityError::Damaged { file: IDENTITY })
    }

    pub(crate) fn credentials(&self) -> Result<Option<Credentials>, IdentityError> {
        let stored = files::read(&self.0.join(CREDENTIALS))
            .map_err(|source| IdentityError::Io { file: CREDENTIALS, source })?;
        let Some(stored) = stored else { return Ok(None) };
        let credentials = std::str::from_utf8(&stored).ok().and_then(Credentials::parse);
        credentials.map(Some).ok_or(IdentityError::Damaged { file: CREDENTIALS })
    }

    /// Stores new credentials and forgets the request that they answer.
    pub(crate) fn store(&self, credentials: &Credentials) -> Result<(), IdentityError> {
        files::replace(&self.0.join(CREDENTIALS), credentials.text().as_bytes())
            .map_err(|source| IdentityError::Io { file: CREDENTIALS, source })?;
        files::remove(&self.0.join(PENDING)).map_err(|source| IdentityError::Io { file: PENDING, source })
    }

    /// The request for `purpose`: the one that was already sent, or a new one with a new key.
    pub(crate) fn pending(&self, purpose: &str) -> Result<Pending, IdentityError> {
        let path = self.0.join(PENDING);
        let io = |source| IdentityError::Io { file: PENDING, source };
        let stored = files::read(&path).map_err(io)?;
        let stored =
            stored.as_deref().and_then(|stored| std::str::from_utf8(stored).ok()).and_then(Pending::parse);
        if let Some(pending) = stored.filter(|pending| pending.purpose == purpose) {
            return Ok(pending);
        }
        let pending = Pending::new(purpose)?;
        files::replace(&path, pending.text().as_bytes()).map_err(io)?;
        Ok(pending)
    }
}

impl Pending {
    fn new(purpose: &str) -> Result<Self, IdentityError> {
        let key =
            rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(|_| IdentityError::Key)?;
        let mut params = rcgen::CertificateParams::default();
        // The control plane writes the names; the request has none that could tell anything.
        params.distinguished_name = rcgen::DistinguishedName::new();
        let csr = params.serialize_request(&key).map_err(|_| IdentityError::Key)?;
        Ok(Self { purpose: purpose.to_owned(), key_pem: key.serialize_pem(), csr_der: csr.der().to_vec() })
    }

    fn text(&self) -> String {
        let csr = pem("CERTIFICATE REQUEST", &self.csr_der);
        format!("ringfence-request 1\npurpose {}\n{}{csr}", self.purpose, self.key_pem)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != "ringfence-request 1" {
            return None;
        }
        let purpose = lines.next()?.strip_prefix("purpose ")?.to_owned();
        let start = text.find("-----BEGIN PRIVATE KEY-----")?;
        let end = text.find("-----BEGIN CERTIFICATE REQUEST-----")?;
        let csr = CertificateSigningRequestDer::from_pem_slice(text.as_bytes()).ok()?;
        Some(Self { purpose, key_pem: text.get(start..end)?.to_owned(), csr_der: csr.to_vec() })
    }

    /// Whether the leaf of a chain is for the key of this request.
    pub(crate) fn matches(&self, chain: &[CertificateDer<'_>]) -> bool {
        let key = rcgen::KeyPair::from_pem(&self.key_pem).ok();
        let leaf = chain.first().and_then(|leaf| x509_parser::parse_x509_certificate(leaf).ok());
        match (key, leaf) {
            (Some(key), Some((_, leaf))) => {
                leaf.public_key().subject_public_key.data.as_ref() == key.public_key_raw()
            }
            _ => false,
        }
    }
}

/// The public half of an identity key.
pub(crate) fn public(key: &Ed25519KeyPair) -> Vec<u8> {
    key.public_key().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_request_is_made_once_for_each_purpose() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::make(&place.path().join("identity")).unwrap();
        let first = directory.pending("slot 1").unwrap();
        assert_eq!(directory.pending("slot 1").unwrap().csr_der, first.csr_der);
        assert_ne!(directory.pending("generation 1").unwrap().csr_der, first.csr_der);
    }

    #[test]
    fn keys_are_readable_by_their_owner_alone_and_stay_the_same() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("identity");
        let directory = Directory::make(&path).unwrap();
        let key = public(&directory.identity_key().unwrap());
        assert_eq!(public(&directory.identity_key().unwrap()), key);
        assert_eq!(std::fs::metadata(path.join(IDENTITY)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn damaged_credentials_are_named_and_absent_ones_are_none() {
        let place = tempfile::tempdir().unwrap();
        assert!(Credentials::load(place.path()).unwrap().is_none());
        std::fs::write(place.path().join(CREDENTIALS), "ringfence-credentials 2\n").unwrap();
        assert!(matches!(Credentials::load(place.path()), Err(IdentityError::Damaged { file: CREDENTIALS })));
    }
}
