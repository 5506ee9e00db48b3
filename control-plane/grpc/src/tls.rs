//! TLS as the control plane speaks it to agents: version 1.3 only, a client certificate of the own
//! authority or none at all, and a server certificate that is issued anew before it ends.

use std::sync::{Arc, PoisonError, RwLock};

use control_plane_app::sha256;
use proto_ids::{AgentId, Clock, SiteId, Timestamp};
use rcgen::{KeyPair, PublicKeyData};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::PrivateKeyDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::authority::{Authority, AuthorityError, TRUST_DOMAIN};
use crate::clock::TlsClock;

/// A third of the certificate's life is left for trying again.
const RENEW_AFTER_MS: i64 = 60 * 24 * 3600 * 1000;

/// The server's certificate; its key stays the same while the program runs, since enrolment binds to it.
pub(crate) struct ServerIdentity {
    authority: Arc<Authority>,
    names: Vec<String>,
    clock: Arc<dyn Clock>,
    key: KeyPair,
    current: RwLock<(Arc<CertifiedKey>, Timestamp)>,
}

impl std::fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerIdentity").field("names", &self.names).finish_non_exhaustive()
    }
}

impl ServerIdentity {
    pub(crate) fn new(
        authority: Arc<Authority>,
        names: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthorityError> {
        let key =
            KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(AuthorityError::Certificate)?;
        let now = clock.now();
        let first = certified(&authority, &names, &key, now)?;
        Ok(Self { authority, names, clock, key, current: RwLock::new((first, now)) })
    }

    /// Digest of the server's public key.
    pub(crate) fn spki_sha256(&self) -> [u8; 32] {
        sha256(&self.key.subject_public_key_info())
    }

    fn current(&self) -> Arc<CertifiedKey> {
        let now = self.clock.now();
        let (current, issued_at) = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if now.millis_since(issued_at) < RENEW_AFTER_MS {
            return current;
        }
        match certified(&self.authority, &self.names, &self.key, now) {
            Ok(next) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = (Arc::clone(&next), now);
                next
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the server's certificate was not renewed"
                );
                current
            }
        }
    }
}

fn certified(
    authority: &Authority,
    names: &[String],
    key: &KeyPair,
    now: Timestamp,
) -> Result<Arc<CertifiedKey>, AuthorityError> {
    let leaf = authority.server_leaf(names, key, now)?;
    let unusable = |_| AuthorityError::Certificate(rcgen::Error::CouldNotParseKeyPair);
    let private = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|_| AuthorityError::Certificate(rcgen::Error::CouldNotParseKeyPair))?;
    let signer = rustls::crypto::ring::sign::any_ecdsa_type(&private).map_err(unusable)?;
    Ok(Arc::new(CertifiedKey::new(vec![leaf.der().clone(), authority.certificate().clone()], signer)))
}

impl ResolvesServerCert for ServerIdentity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up with the authority's certificate")]
pub(crate) struct TlsError;

/// The configuration of the listener.
pub(crate) fn server_config(
    authority: &Authority,
    identity: Arc<ServerIdentity>,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).map_err(|_| TlsError)?;
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|_| TlsError)?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(TlsClock(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| TlsError)?
        .with_client_cert_verifier(clients)
        .with_cert_resolver(identity);
    config.alpn_protocols = vec![b"h2".to_vec()];
    // A resumed session would be let in by the certificate of an earlier handshake.
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    Ok(config)
}

/// Whom a verified client certificate names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeerName {
    pub(crate) site: SiteId,
    pub(crate) agent: AgentId,
    pub(crate) expires_at: Timestamp,
}

impl PeerName {
    /// The name in a certificate that the handshake has verified: exactly one name, of our form.
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let names = certificate.subject_alternative_name().ok()??;
        let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else { return None };
        let path = uri.strip_prefix("spiffe://")?.strip_prefix(TRUST_DOMAIN)?.strip_prefix("/site/")?;
        let (site, agent) = path.split_once("/agent/")?;
        let expires_at = Timestamp::from_millis(certificate.validity().not_after.timestamp() * 1000);
        Some(Self { site: site.parse().ok()?, agent: agent.parse().ok()?, expires_at })
    }
}
