//! The certificate authority of one control plane: its key, its own certificate, and the three kinds
//! of certificates it issues (servers: gRPC and console; agents).

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use control_plane_app::enrolment::{InvalidRequest, Issuer};
use control_plane_app::sha256;
use control_plane_domain::Issued;
use proto_ids::{AgentId, SiteId, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use ring::rand::{SecureRandom, SystemRandom};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use time::OffsetDateTime;

/// The host part of agents' SPIFFE ids.
pub(crate) const TRUST_DOMAIN: &str = "ringfence";

const DAY_SECONDS: i64 = 24 * 3600;
/// Ten years; agents pin the key, not the certificate.
const AUTHORITY_LIFE_SECONDS: i64 = 3650 * DAY_SECONDS;
const SERVER_LIFE_SECONDS: i64 = 90 * DAY_SECONDS;
const AGENT_LIFE_SECONDS: i64 = 7 * DAY_SECONDS;
/// Certificates begin five minutes ago, for clocks that are late.
const CUSHION_SECONDS: i64 = 5 * 60;

const KEY_FILE: &str = "ca.key";
const CERTIFICATE_FILE: &str = "ca.pem";

/// What can go wrong with the authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// There is one already.
    #[error("there is a certificate authority already")]
    Exists,
    /// A file cannot be read or written.
    #[error("{file} of the certificate authority cannot be read or written")]
    Io {
        /// Name of the file.
        file: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A file is not a key or certificate.
    #[error("{file} of the certificate authority is damaged")]
    Damaged {
        /// Name of the file.
        file: &'static str,
    },
    /// A name cannot stand in a certificate.
    #[error("the name {name} cannot stand in a certificate")]
    Name {
        /// The name.
        name: String,
    },
    /// A certificate or key could not be made.
    #[error("a certificate could not be made")]
    Certificate(#[source] rcgen::Error),
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

/// A server's certificate and key, PEM.
#[derive(Clone)]
pub struct ServerCertificate {
    /// Leaf first, then the authority.
    pub chain_pem: String,
    /// The key of the leaf, PKCS#8.
    pub key_pem: String,
}

impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerCertificate")
    }
}

/// The certificate authority.
pub struct Authority {
    issuer: rcgen::Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    certificate_pem: String,
    spki_sha256: [u8; 32],
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// Makes a key and a certificate in `directory`, readable by their owner alone.
    ///
    /// # Errors
    /// `Exists` when there is a key already; otherwise what failed.
    pub fn create(directory: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        let io = |file| move |source| AuthorityError::Io { file, source };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(io("the directory"))?;
        if directory.join(KEY_FILE).exists() {
            return Err(AuthorityError::Exists);
        }
        let key =
            KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(AuthorityError::Certificate)?;
        let mut params = params("Ringfence control plane", now, AUTHORITY_LIFE_SECONDS)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(AuthorityError::Certificate)?;
        // The certificate first: a key without one would look like an authority that exists.
        write(&directory.join(CERTIFICATE_FILE), certificate.pem().as_bytes())
            .map_err(io(CERTIFICATE_FILE))?;
        write(&directory.join(KEY_FILE), key.serialize_pem().as_bytes()).map_err(io(KEY_FILE))?;
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(io("the directory"))?;
        Self::open(directory)
    }

    /// Reads the key and the certificate out of `directory`.
    ///
    /// # Errors
    /// A file is missing or damaged.
    pub fn open(directory: &Path) -> Result<Self, AuthorityError> {
        let read = |file: &'static str| {
            std::fs::read_to_string(directory.join(file))
                .map_err(|source| AuthorityError::Io { file, source })
        };
        let (key_pem, certificate_pem) = (read(KEY_FILE)?, read(CERTIFICATE_FILE)?);
        let key = KeyPair::from_pem(&key_pem).map_err(|_| AuthorityError::Damaged { file: KEY_FILE })?;
        let damaged = |_| AuthorityError::Damaged { file: CERTIFICATE_FILE };
        let certificate = CertificateDer::from_pem_slice(certificate_pem.as_bytes()).map_err(damaged)?;
        let spki_sha256 = sha256(&key.subject_public_key_info());
        let issuer = rcgen::Issuer::from_ca_cert_der(&certificate, key)
            .map_err(|_| AuthorityError::Damaged { file: CERTIFICATE_FILE })?;
        Ok(Self { issuer, certificate, certificate_pem, spki_sha256 })
    }

    /// The authority's certificate, PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The authority's certificate, DER.
    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// SHA-256 of the authority's public key; agents pin it.
    pub fn spki_sha256(&self) -> &[u8; 32] {
        &self.spki_sha256
    }

    /// A new key and a certificate for a server that is reached by `names` (host names or addresses),
    /// good for 90 days.
    ///
    /// # Errors
    /// A name that cannot stand in a certificate, or no randomness.
    pub fn issue_server(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<ServerCertificate, AuthorityError> {
        let key =
            KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(AuthorityError::Certificate)?;
        let leaf = self.server_leaf(names, &key, now)?;
        Ok(ServerCertificate {
            chain_pem: format!("{}{}", leaf.pem(), self.certificate_pem),
            key_pem: key.serialize_pem(),
        })
    }

    pub(crate) fn server_leaf(
        &self,
        names: &[String],
        key: &KeyPair,
        now: Timestamp,
    ) -> Result<rcgen::Certificate, AuthorityError> {
        let mut params = params("Ringfence server", now, SERVER_LIFE_SECONDS)?;
        params.subject_alt_names = names.iter().map(|name| server_name(name)).collect::<Result<_, _>>()?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.signed_by(key, &self.issuer).map_err(AuthorityError::Certificate)
    }

    fn agent_leaf(
        &self,
        csr_der: &[u8],
        site: SiteId,
        agent: AgentId,
        now: Timestamp,
    ) -> Result<(rcgen::Certificate, Timestamp), AuthorityError> {
        let mut request = CertificateSigningRequestParams::from_der(&csr_der.into())
            .map_err(AuthorityError::Certificate)?;
        let uri = format!("spiffe://{TRUST_DOMAIN}/site/{site}/agent/{agent}");
        let uri = uri.as_str().try_into().map_err(AuthorityError::Certificate)?;
        let mut params = params("Ringfence agent", now, AGENT_LIFE_SECONDS)?;
        params.subject_alt_names = vec![SanType::URI(uri)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        // Everything the request asked for is replaced; only its key is used.
        request.params = params;
        let leaf = request.signed_by(&self.issuer).map_err(AuthorityError::Certificate)?;
        Ok((leaf, Timestamp::from_millis(floor_seconds(now) * 1000).plus_seconds(AGENT_LIFE_SECONDS)))
    }
}

impl Issuer for Authority {
    fn issue(
        &self,
        csr_der: &[u8],
        site: SiteId,
        agent: AgentId,
        now: Timestamp,
    ) -> Result<Issued, InvalidRequest> {
        let (leaf, expires_at) = self.agent_leaf(csr_der, site, agent, now).map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "a certificate request was refused");
            InvalidRequest
        })?;
        let chain_der = vec![leaf.der().to_vec(), self.certificate.to_vec()];
        Ok(Issued { csr_sha256: sha256(csr_der), chain_der, expires_at })
    }
}

fn params(name: &str, now: Timestamp, life_seconds: i64) -> Result<CertificateParams, AuthorityError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(serial()?);
    params.not_before = at(floor_seconds(now) - CUSHION_SECONDS)?;
    params.not_after = at(floor_seconds(now) + life_seconds)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn floor_seconds(now: Timestamp) -> i64 {
    now.millis().div_euclid(1000)
}

fn at(seconds: i64) -> Result<OffsetDateTime, AuthorityError> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| AuthorityError::Certificate(rcgen::Error::Time))
}

/// 127 random bits: a serial number is positive.
fn serial() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| AuthorityError::NoRandomness)?;
    bytes[0] &= 0x7f;
    Ok(SerialNumber::from_slice(&bytes))
}

fn server_name(name: &str) -> Result<SanType, AuthorityError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let dns = rustls_pki_types::DnsName::try_from(name.to_owned());
    let bad = || AuthorityError::Name { name: name.to_owned() };
    let dns = dns.map_err(|_| bad())?;
    Ok(SanType::DnsName(dns.as_ref().try_into().map_err(|_| bad())?))
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_999);

    fn csr(params: CertificateParams) -> Vec<u8> {
        let key = KeyPair::generate().unwrap();
        params.serialize_request(&key).unwrap().der().to_vec()
    }

    #[test]
    fn an_authority_is_made_once_and_its_files_are_private() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("ca");
        let made = Authority::create(&directory, NOW).unwrap();
        assert_eq!(Authority::open(&directory).unwrap().spki_sha256(), made.spki_sha256());
        assert!(matches!(Authority::create(&directory, NOW), Err(AuthorityError::Exists)));
        let mode = std::fs::metadata(directory.join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn nothing_but_the_key_of_a_request_is_used() {
        let place = tempfile::tempdir().unwrap();
        let authority = Authority::create(place.path(), NOW).unwrap();
        let (site, agent) = (SiteId::from_random([1; 16]), AgentId::from_random([2; 16]));
        let mut wish = CertificateParams::new(vec!["plane.example.org".to_owned()]).unwrap();
        wish.distinguished_name.push(DnType::CommonName, "somebody else");
        wish.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wish.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issued = authority.issue(&csr(wish), site, agent, NOW).unwrap();

        let (_, leaf) = X509Certificate::from_der(&issued.chain_der[0]).unwrap();
        assert!(!leaf.is_ca());
        let usage = leaf.extended_key_usage().unwrap().unwrap().value.clone();
        assert!(usage.client_auth && !usage.server_auth);
        let names = &leaf.subject_alternative_name().unwrap().unwrap().value.general_names;
        let expected = format!("spiffe://ringfence/site/{site}/agent/{agent}");
        assert_eq!(names, &vec![GeneralName::URI(&expected)]);
        assert!(!leaf.subject().to_string().contains("somebody"));
        let validity = leaf.validity();
        assert_eq!(validity.not_before.timestamp(), 1_800_000_000 - 300);
        assert_eq!(validity.not_after.timestamp() * 1000, issued.expires_at.millis());
        assert_eq!(issued.expires_at.millis_since(NOW) / 86_400_000, 6);
        assert!(
            leaf.verify_signature(Some(
                X509Certificate::from_der(&issued.chain_der[1]).unwrap().1.public_key()
            ))
            .is_ok()
        );
    }

    #[test]
    fn a_request_that_was_tampered_with_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let authority = Authority::create(place.path(), NOW).unwrap();
        let mut request = csr(CertificateParams::default());
        let last = request.len() - 1;
        request[last] ^= 1;
        let (site, agent) = (SiteId::from_random([1; 16]), AgentId::from_random([2; 16]));
        assert_eq!(authority.issue(&request, site, agent, NOW), Err(InvalidRequest));
        assert_eq!(authority.issue(b"no request", site, agent, NOW), Err(InvalidRequest));
    }

    #[test]
    fn a_server_certificate_bears_its_names() {
        let place = tempfile::tempdir().unwrap();
        let authority = Authority::create(place.path(), NOW).unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        assert!(
            authority.issue_server(&names, NOW).unwrap().chain_pem.matches("BEGIN CERTIFICATE").count() == 2
        );
        let bad = authority.issue_server(&["a b".to_owned()], NOW);
        assert!(matches!(bad, Err(AuthorityError::Name { .. })));
    }
}
