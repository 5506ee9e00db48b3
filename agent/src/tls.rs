//! The viewer's certificate: the hospital's own where it gave one, else one that we make. DICOM over TLS shows the
//! same one where it has none of its own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use agent_assist::Trust;
use anyhow::{Context, ensure};
use proto_ids::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Config;

/// How long a self-made certificate lasts: the longest that browsers accept, less a week.
const LIFETIME_DAYS: i64 = 390;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The TLS settings of the viewer.
///
/// # Errors
/// When the hospital's files cannot be read, or our own cannot be written.
pub(crate) fn viewer_tls(config: &Config, now: Timestamp) -> anyhow::Result<Arc<ServerConfig>> {
    let Identity { chain, key } = viewer_identity(config, now)?;
    let mut tls = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

/// A certificate with those above it, and its key.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// The hospital's own certificate for the viewer where it gave one, else the one that we make.
///
/// # Errors
/// As `viewer_tls`.
pub(crate) fn viewer_identity(config: &Config, now: Timestamp) -> anyhow::Result<Identity> {
    let (certificate, key) = match (&config.tls_certificate, &config.tls_key) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        _ => {
            let directory = config.dir.join("tls");
            if !still_good(&directory, &config.public_names, now) {
                make(&directory, &config.public_names, now)
                    .context("cannot make the viewer's certificate")?;
            }
            (directory.join("certificate.pem"), directory.join("key.pem"))
        }
    };
    identity(&certificate, &key)
}

/// Reads a certificate and its key.
///
/// # Errors
/// When one of the files cannot be read.
pub(crate) fn identity(certificate: &Path, key: &Path) -> anyhow::Result<Identity> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key {}", key.display()))?;
    Ok(Identity { chain, key })
}

/// Whose certificates of model servers are believed.
///
/// # Errors
/// When the hospital's file cannot be read or has no certificate.
pub(crate) fn model_trust(config: &Config) -> anyhow::Result<Trust> {
    let Some(file) = &config.model_authorities else { return Ok(Trust::Public) };
    let authorities: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read the authorities of model servers, {}", file.display()))?;
    ensure!(!authorities.is_empty(), "there is no certificate in {}", file.display());
    Ok(Trust::Own(authorities))
}

/// What the self-made certificate was made for: its names and its last useful day.
fn label(names: &[String], until: Timestamp) -> String {
    format!("{}\n{}\n", names.join(" "), until.millis())
}

fn still_good(directory: &Path, names: &[String], now: Timestamp) -> bool {
    let Ok(text) = fs::read_to_string(directory.join("made-for")) else { return false };
    let mut lines = text.lines();
    let same = lines.next() == Some(names.join(" ").as_str());
    let until = lines.next().and_then(|line| line.parse().ok()).unwrap_or(0);
    same && now.millis() < until && directory.join("key.pem").exists()
}

fn make(directory: &Path, names: &[String], now: Timestamp) -> anyhow::Result<()> {
    fs::create_dir_all(directory)?;
    let begins = time::OffsetDateTime::from_unix_timestamp(now.millis() / 1000)? - time::Duration::hours(1);
    let ends = begins + time::Duration::days(LIFETIME_DAYS);

    let mut authority = CertificateParams::default();
    authority.distinguished_name = named("Ringfence agent");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (authority.not_before, authority.not_after) = (begins, ends);
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;

    let mut leaf = CertificateParams::new(names.to_vec())?;
    leaf.distinguished_name = named("Ringfence viewer");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (leaf.not_before, leaf.not_after) = (begins, ends);
    let leaf_key = KeyPair::generate()?;
    // The authority's key is dropped here: nothing else can ever be signed with it.
    let certificate = leaf.signed_by(&leaf_key, &Issuer::new(authority, authority_key))?;

    let chain = format!("{}{}", certificate.pem(), authority_certificate.pem());
    write(&directory.join("key.pem"), leaf_key.serialize_pem().as_bytes(), 0o600)?;
    write(&directory.join("certificate.pem"), chain.as_bytes(), 0o644)?;
    write(&directory.join("ca.pem"), authority_certificate.pem().as_bytes(), 0o644)?;
    // A week before the end, so that a restart comes in time.
    let until = now.plus_millis((LIFETIME_DAYS - 7) * DAY_MS);
    write(&directory.join("made-for"), label(names, until).as_bytes(), 0o644)
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    // A new file, since an existing one would keep its mode.
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_servers_are_believed_from_the_public_authorities_or_from_the_hospitals_own() {
        let place = tempfile::tempdir().unwrap();
        let mut config = Config { dir: place.path().to_path_buf(), ..Config::default() };
        assert!(matches!(model_trust(&config), Ok(Trust::Public)));
        make(place.path(), &config.public_names, Timestamp::from_millis(1_800_000_000_000)).unwrap();
        config.model_authorities = Some(place.path().join("ca.pem"));
        assert!(matches!(model_trust(&config).unwrap(), Trust::Own(own) if own.len() == 1));
        let key = place.path().join("key.pem");
        config.model_authorities = Some(key);
        let refusal = model_trust(&config).unwrap_err();
        assert!(refusal.to_string().contains("no certificate in"), "{refusal}");
    }

    #[test]
    fn a_certificate_is_kept_until_its_names_change_or_it_ends() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config { dir: directory.path().to_path_buf(), ..Config::default() };
        let now = Timestamp::from_millis(1_800_000_000_000);
        let read = || fs::read(directory.path().join("tls/certificate.pem")).unwrap();
        viewer_tls(&config, now).unwrap();
        let first = read();
        viewer_tls(&config, now.plus_millis(DAY_MS)).unwrap();
        assert_eq!(read(), first);
        viewer_tls(&config, now.plus_millis(LIFETIME_DAYS * DAY_MS)).unwrap();
        let second = read();
        assert_ne!(second, first);
        config.public_names.push("viewer.hospital.example".to_owned());
        viewer_tls(&config, now.plus_millis(LIFETIME_DAYS * DAY_MS)).unwrap();
        assert_ne!(read(), second);
    }
}
