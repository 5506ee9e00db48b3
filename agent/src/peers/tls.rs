//! DICOM over TLS: our certificate, and whom we trust. Source: PS3.15 Annex B.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use proto_ids::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::settings::{ClientCertificates, PeerSetting};
use crate::config::Config;
use crate::tls::{Identity, identity, viewer_identity};

/// Our own files where they are given, else the viewer's certificate.
fn own(config: &Config, now: Timestamp) -> anyhow::Result<Identity> {
    match (&config.dicom_tls_certificate, &config.dicom_tls_key) {
        (Some(certificate), Some(key)) => identity(certificate, key),
        (None, None) => viewer_identity(config, now),
        (Some(_), None) | (None, Some(_)) => bail!("dicom_tls_certificate and dicom_tls_key go together"),
    }
}

fn authority(file: &Path) -> anyhow::Result<RootCertStore> {
    let unreadable = || format!("cannot read the authority for peers, {}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).with_context(unreadable)? {
        roots.add(certificate.with_context(unreadable)?).with_context(unreadable)?;
    }
    if roots.is_empty() {
        bail!("{} holds no certificate", file.display());
    }
    Ok(roots)
}

/// For those who call us; none where no address for DICOM over TLS is set.
///
/// # Errors
/// When a file cannot be used, or callers must show certificates that nobody could check.
pub(super) fn server(config: &Config, now: Timestamp) -> anyhow::Result<Option<Arc<ServerConfig>>> {
    if config.dicom_tls_listen.is_none() {
        return Ok(None);
    }
    let Identity { chain, key } = own(config, now)?;
    let builder = match (config.dicom_tls_clients, &config.dicom_tls_ca) {
        (ClientCertificates::None, _) => ServerConfig::builder().with_no_client_auth(),
        (ClientCertificates::Required | ClientCertificates::Optional, None) => {
            bail!("dicom_tls_ca is needed to check callers' certificates, or dicom_tls_clients = \"none\"")
        }
        (wanted, Some(file)) => {
            let verifier = WebPkiClientVerifier::builder(Arc::new(authority(file)?));
            let verifier = match wanted {
                ClientCertificates::Optional => verifier.allow_unauthenticated(),
                ClientCertificates::Required | ClientCertificates::None => verifier,
            };
            ServerConfig::builder().with_client_cert_verifier(verifier.build()?)
        }
    };
    Ok(Some(Arc::new(builder.with_single_cert(chain, key)?)))
}

/// For those whom we call; none where no peer is called over TLS.
///
/// # Errors
/// When a file cannot be used, or a peer's certificate could not be checked by anybody.
pub(super) fn client(config: &Config, now: Timestamp) -> anyhow::Result<Option<Arc<ClientConfig>>> {
    if !config.peers.iter().any(PeerSetting::is_sealed) {
        return Ok(None);
    }
    let Some(file) = &config.dicom_tls_ca else {
        bail!("dicom_tls_ca is needed to check the certificates of peers with tls = true");
    };
    let Identity { chain, key } = own(config, now)?;
    let trusting = ClientConfig::builder().with_root_certificates(authority(file)?);
    Ok(Some(Arc::new(trusting.with_client_auth_cert(chain, key)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_that_nobody_could_check_are_refused_by_the_setting_that_is_missing() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let place = tempfile::tempdir().unwrap();
        let now = Timestamp::from_millis(1_800_000_000_000);
        let mut config = Config { dir: place.path().to_path_buf(), ..Config::default() };
        assert!(server(&config, now).unwrap().is_none());
        config.dicom_tls_listen = Some("127.0.0.1:0".parse().unwrap());
        assert!(format!("{:#}", server(&config, now).unwrap_err()).contains("dicom_tls_ca"));
        // Without settings of its own it shows the viewer's certificate; making that also makes an authority.
        config.dicom_tls_clients = ClientCertificates::None;
        assert!(server(&config, now).unwrap().is_some());
        config.dicom_tls_ca = Some(place.path().join("tls/ca.pem"));
        for clients in [ClientCertificates::Required, ClientCertificates::Optional] {
            config.dicom_tls_clients = clients;
            assert!(server(&config, now).unwrap().is_some());
        }
        config.dicom_tls_key = Some(place.path().join("tls/key.pem"));
        assert!(format!("{:#}", server(&config, now).unwrap_err()).contains("go together"));
        assert!(client(&config, now).unwrap().is_none());
    }
}
