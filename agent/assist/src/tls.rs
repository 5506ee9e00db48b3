//! Which model servers are believed to be who they say. One TLS stack: rustls with ring.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

use crate::error::AssistError;

/// Whose certificates of model servers are believed.
#[derive(Debug, Clone, Default)]
pub enum Trust {
    /// Those of the public authorities.
    #[default]
    Public,
    /// Those of these authorities only, as a hospital with its own has it.
    Own(Vec<CertificateDer<'static>>),
}

/// # Errors
/// `Untrusted` when an authority's certificate cannot be used.
pub(crate) fn client_config(trust: &Trust, protocol: &[u8]) -> Result<ClientConfig, AssistError> {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::Public => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Trust::Own(authorities) => {
            for authority in authorities {
                roots.add(authority.clone()).map_err(|_| AssistError::Untrusted)?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| AssistError::Internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(config)
}
