//! One authority, and a certificate that it signed, for both sides of TLS.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::path::Path;
use std::sync::{Arc, OnceLock};

struct Material {
    authority: String,
    certificate: String,
    key: String,
}

fn material() -> &'static Material {
    static MADE: OnceLock<Material> = OnceLock::new();
    MADE.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        authority.distinguished_name = named("Hospital authority");
        let authority_key = KeyPair::generate().unwrap();
        let signed = authority.self_signed(&authority_key).unwrap();
        let names = vec!["127.0.0.1".to_owned(), "pacs.hospital.example".to_owned()];
        let mut leaf = CertificateParams::new(names).unwrap();
        leaf.distinguished_name = named("PACS");
        let key = KeyPair::generate().unwrap();
        let certificate = leaf.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
        Material { authority: signed.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    })
}

/// OpenSSL takes a certificate with one name on both sides for one that signed itself.
fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn own() -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, Arc<RootCertStore>) {
    let made = material();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(made.authority.as_bytes()).unwrap()).unwrap();
    let certificate = CertificateDer::from_pem_slice(made.certificate.as_bytes()).unwrap();
    (vec![certificate], PrivateKeyDer::from_pem_slice(made.key.as_bytes()).unwrap(), Arc::new(roots))
}

/// Asks for a certificate of the authority.
pub fn server() -> Arc<ServerConfig> {
    let (chain, key, roots) = own();
    let clients = WebPkiClientVerifier::builder(roots).build().unwrap();
    Arc::new(ServerConfig::builder().with_client_cert_verifier(clients).with_single_cert(chain, key).unwrap())
}

/// Shows a certificate of the authority.
pub fn client() -> Arc<ClientConfig> {
    let (chain, key, roots) = own();
    let config = ClientConfig::builder().with_root_certificates(roots);
    Arc::new(config.with_client_auth_cert(chain, key).unwrap())
}

/// Trusts the authority and shows nothing.
pub fn client_without_certificate() -> Arc<ClientConfig> {
    let (_, _, roots) = own();
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

/// `ca.pem`, `own.pem` and `own.key` for the programs of others.
pub fn write(directory: &Path) {
    let made = material();
    for (name, text) in [("ca.pem", &made.authority), ("own.pem", &made.certificate), ("own.key", &made.key)]
    {
        std::fs::write(directory.join(name), text).unwrap();
    }
}
