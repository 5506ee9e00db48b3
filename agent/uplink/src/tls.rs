//! TLS as the agent speaks it: version 1.3 only, the control plane's key pinned, and a certificate
//! that can be exchanged while streams are open.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use proto_ids::Clock;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::clock::TlsClock;

/// SHA-256 of the public key that a certificate is for, in its SubjectPublicKeyInfo form.
pub(crate) fn spki_sha256(certificate: &[u8]) -> Option<[u8; 32]> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(sha256(certificate.public_key().raw))
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    digest
}

/// What the connector saw of the other side, for proofs and for a plain reason of failure.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peer(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    leaf_spki_sha256: Option<[u8; 32]>,
    wrong_authority: bool,
}

impl Peer {
    /// Digest of the key of the server on the last verified connection.
    pub(crate) fn leaf_spki_sha256(&self) -> Option<[u8; 32]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).leaf_spki_sha256
    }

    /// Whether the last server did not hold the pinned key.
    pub(crate) fn wrong_authority(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wrong_authority
    }

    fn saw(&self, leaf_spki_sha256: Option<[u8; 32]>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.wrong_authority = leaf_spki_sha256.is_none();
        seen.leaf_spki_sha256 = leaf_spki_sha256;
    }
}

/// Trusts the authorities whose public keys have one of the pinned digests, and no other.
#[derive(Debug)]
struct PinnedAuthority {
    pins: Vec<[u8; 32]>,
    provider: Arc<CryptoProvider>,
    peer: Peer,
}

impl PinnedAuthority {
    fn verifier(&self, chain: &[CertificateDer<'_>]) -> Result<Arc<WebPkiServerVerifier>, rustls::Error> {
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let pinned = |certificate: &&CertificateDer<'_>| {
            spki_sha256(certificate).is_some_and(|digest| self.pins.contains(&digest))
        };
        let authority = chain.iter().find(pinned).ok_or_else(unknown)?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|_| unknown())
    }
}

impl ServerCertVerifier for PinnedAuthority {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.peer.saw(None);
        let verified = self.verifier(intermediates)?.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        self.peer.saw(spki_sha256(end_entity));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificate to present, which a renewal exchanges.
#[derive(Debug, Clone, Default)]
pub(crate) struct Presented(Arc<RwLock<Option<Arc<CertifiedKey>>>>);

impl Presented {
    /// From now on new connections present `key`; open ones stay.
    pub(crate) fn exchange(&self, key: Option<Arc<CertifiedKey>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl rustls::client::ResolvesClientCert for Presented {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.current()
    }

    fn has_certs(&self) -> bool {
        self.current().is_some()
    }
}

/// The configuration of one connector.
pub(crate) fn client_config(
    pins: Vec<[u8; 32]>,
    presented: Presented,
    peer: Peer,
    clock: Arc<dyn Clock>,
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = PinnedAuthority { pins, provider: Arc::clone(&provider), peer };
    let mut config = ClientConfig::builder_with_details(provider, Arc::new(TlsClock(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(presented));
    config.alpn_protocols = vec![b"h2".to_vec()];
    // A resumed session would carry the certificate of the first handshake past its renewal.
    config.resumption = rustls::client::Resumption::disabled();
    config.enable_early_data = false;
    Ok(config)
}
