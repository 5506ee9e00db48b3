//! Segments as objects of a bucket, in any store that speaks Amazon's S3.
//!
//! Everything is said by the settings: the endpoint, the region, the key. No profile, environment variable or metadata
//! service is asked, no proxy used, no redirect followed, no other host contacted. What was put is not believed before
//! it was read back, so the checksums that not every store of this kind knows are not asked for.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedHttpClient,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode};
use proto_journal::IoFile;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{SegmentStore, SegmentStoreError, in_chunks, read_file};

/// What is larger is put in parts of this size; at most 10,000 of them, and each but the last 5 MiB or more (Amazon S3
/// User Guide, "Multipart upload limits").
const PART_BYTES: usize = 16 << 20;
/// How much is asked for in one request, and held beside the caller's buffer.
const PIECE_BYTES: usize = 8 << 20;

/// Where the store is, and which part of it is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Settings {
    /// `http://` or `https://`, host, and port where it is not the usual one.
    pub endpoint: String,
    /// The bucket, which must be there.
    pub bucket: String,
    /// What all names of objects begin with; may be empty.
    pub prefix: String,
    /// What requests are signed for; stores of one's own mostly take any.
    pub region: String,
    /// PEM certificates of those who sign the store's certificate; needed for `https://`.
    pub authorities: Option<Vec<u8>>,
}

/// The key that requests are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Secrets {
    /// Names the key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
}

impl std::fmt::Debug for S3Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("S3Secrets(..)")
    }
}

/// A bucket, or the part of it under a prefix.
pub struct S3 {
    client: Client,
    /// Taken when this goes.
    runtime: Option<tokio::runtime::Runtime>,
    endpoint: String,
    bucket: String,
    prefix: String,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        // Waiting for the runtime's thread is forbidden where this goes in another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl S3 {
    /// Takes the settings. Nothing is connected to before the first request.
    ///
    /// # Errors
    /// [`SegmentStoreError::Setting`] when one of them cannot be right.
    pub fn new(settings: S3Settings, secrets: S3Secrets) -> Result<Self, SegmentStoreError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("object-store")
            .enable_all()
            .build()
            .map_err(SegmentStoreError::Local)?;
        let S3Settings { endpoint, bucket, prefix, region, authorities } = checked(settings)?;
        let key = Credentials::new(secrets.access_key, secrets.secret_key, None, None, "settings");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&endpoint)
            .force_path_style(true)
            .region(Region::new(region))
            .credentials_provider(key)
            .http_client(http_client(authorities))
            .retry_config(patience())
            .timeout_config(time_limits())
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .disable_s3_express_session_auth(true)
            .disable_multi_region_access_points(true)
            .build();
        Ok(Self { client: Client::from_conf(config), runtime: Some(runtime), endpoint, bucket, prefix })
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Waits for a request. The caller may be on a thread of any runtime, so the request runs on its own.
    fn wait<T: Send + 'static, E>(
        &self,
        name: &str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'static,
    ) -> Result<T, SegmentStoreError>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move { answer.send(request.await) });
        }
        match answered.recv() {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(self.failed(name, error)),
            Err(gone) => Err(self.away(gone)),
        }
    }

    fn away(&self, cause: impl std::error::Error + Send + Sync + 'static) -> SegmentStoreError {
        SegmentStoreError::Away { endpoint: self.endpoint.clone(), cause: Box::new(cause) }
    }

    fn failed<E>(&self, name: &str, error: SdkError<E, HttpResponse>) -> SegmentStoreError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().map(plain);
        match (code.as_deref(), status) {
            (Some("NoSuchBucket"), _) => SegmentStoreError::NoBucket { bucket: self.bucket.clone() },
            (Some("NoSuchKey"), _) | (_, Some(404)) => SegmentStoreError::Missing { name: name.to_owned() },
            (_, Some(416)) => SegmentStoreError::Damaged { name: name.to_owned() },
            (_, Some(status @ (401 | 403))) => {
                SegmentStoreError::Refused { code: code.unwrap_or_else(|| format!("HTTP {status}")) }
            }
            (_, Some(408 | 429 | 500..=599) | None) => self.away(error),
            (_, Some(status)) => {
                SegmentStoreError::NotUnderstood { code: code.unwrap_or_else(|| format!("HTTP {status}")) }
            }
        }
    }

    /// One piece of an object. No more of the answer is held than was asked for.
    fn piece(&self, name: &str, buffer: &mut [u8], offset: u64) -> Result<(), SegmentStoreError> {
        let damaged = || SegmentStoreError::Damaged { name: name.to_owned() };
        let last = (offset + buffer.len() as u64).checked_sub(1).ok_or_else(damaged)?;
        let request = self.client.get_object().bucket(&self.bucket).key(self.key(name));
        let request = request.range(format!("bytes={offset}-{last}"));
        let wanted = buffer.len();
        let (bytes, broken) = self.wait(name, async move {
            let mut answer = request.send().await?;
            let mut bytes = Vec::with_capacity(wanted);
            let mut broken = None;
            while bytes.len() <= wanted {
                match answer.body.next().await {
                    Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
                    Some(Err(error)) => {
                        broken = Some(error);
                        break;
                    }
                    None => break,
                }
            }
            Ok::<_, SdkError<aws_sdk_s3::operation::get_object::GetObjectError, HttpResponse>>((
                bytes, broken,
            ))
        })?;
        if let Some(broken) = broken {
            return Err(self.away(broken));
        }
        if bytes.len() != wanted {
            return Err(damaged());
        }
        buffer.copy_from_slice(&bytes);
        Ok(())
    }

    fn put_whole(&self, name: &str, bytes: Vec<u8>) -> Result<(), SegmentStoreError> {
        let request = self.client.put_object().bucket(&self.bucket).key(self.key(name));
        self.wait(name, request.body(ByteStream::from(bytes)).send()).map(drop)
    }

    fn put_in_parts(
        &self,
        name: &str,
        source: &dyn IoFile,
        length: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SegmentStoreError> {
        self.abort_leftovers(name);
        let request = self.client.create_multipart_upload().bucket(&self.bucket).key(self.key(name));
        let begun = self.wait(name, request.send())?;
        let understood = || SegmentStoreError::NotUnderstood { code: "no upload id".to_owned() };
        let upload = begun.upload_id.ok_or_else(understood)?;
        let put = self
            .parts(name, &upload, (source, length), progress)
            .and_then(|parts| self.complete(name, &upload, parts));
        if put.is_err() {
            self.abort(name, &upload);
        }
        put
    }

    fn parts(
        &self,
        name: &str,
        upload: &str,
        (source, length): (&dyn IoFile, u64),
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<CompletedPart>, SegmentStoreError> {
        let mut parts = Vec::new();
        in_chunks(length, PART_BYTES, |chunk, offset| {
            read_file(source, chunk, offset)?;
            let number = parts.len() as i32 + 1;
            let request = self.client.upload_part().bucket(&self.bucket).key(self.key(name));
            let request =
                request.upload_id(upload).part_number(number).body(ByteStream::from(chunk.to_vec()));
            let put = self.wait(name, request.send())?;
            parts.push(CompletedPart::builder().part_number(number).set_e_tag(put.e_tag).build());
            progress(offset + chunk.len() as u64);
            Ok(())
        })?;
        Ok(parts)
    }

    fn complete(&self, name: &str, upload: &str, parts: Vec<CompletedPart>) -> Result<(), SegmentStoreError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = self.client.complete_multipart_upload().bucket(&self.bucket).key(self.key(name));
        self.wait(name, request.upload_id(upload).multipart_upload(parts).send()).map(drop)
    }

    /// Gives back what the parts of an upload take. What cannot be given back now is at the next attempt.
    fn abort(&self, name: &str, upload: &str) {
        let request = self.client.abort_multipart_upload().bucket(&self.bucket).key(self.key(name));
        if let Err(error) = self.wait(name, request.upload_id(upload).send()) {
            tracing::debug!(error = &error as &dyn std::error::Error, "parts of an upload are left");
        }
    }

    /// Uploads of this very object that a crash has cut off.
    fn abort_leftovers(&self, name: &str) {
        let key = self.key(name);
        let request = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(&key);
        let Ok(found) = self.wait(name, request.send()) else { return };
        for upload in found.uploads.unwrap_or_default() {
            if let (Some(of), Some(upload)) = (upload.key, upload.upload_id)
                && of == key
            {
                self.abort(name, &upload);
            }
        }
    }
}

impl SegmentStore for S3 {
    fn length(&self, name: &str) -> Result<Option<u64>, SegmentStoreError> {
        let request = self.client.head_object().bucket(&self.bucket).key(self.key(name));
        match self.wait(name, request.send()) {
            Ok(found) => Ok(found.content_length.and_then(|length| u64::try_from(length).ok())),
            Err(SegmentStoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read_at(&self, name: &str, buffer: &mut [u8], offset: u64) -> Result<(), SegmentStoreError> {
        for (piece, at) in buffer.chunks_mut(PIECE_BYTES).zip((offset..).step_by(PIECE_BYTES)) {
            self.piece(name, piece, at)?;
        }
        Ok(())
    }

    fn put(
        &self,
        name: &str,
        source: &dyn IoFile,
        length: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SegmentStoreError> {
        if length > PART_BYTES as u64 {
            return self.put_in_parts(name, source, length, progress);
        }
        let mut bytes = vec![0; length as usize];
        read_file(source, &mut bytes, 0)?;
        self.put_whole(name, bytes)?;
        progress(length);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SegmentStoreError> {
        let request = self.client.delete_object().bucket(&self.bucket).key(self.key(name));
        match self.wait(name, request.send()) {
            Ok(_) | Err(SegmentStoreError::Missing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn list(&self) -> Result<Vec<(String, u64)>, SegmentStoreError> {
        let mut found = Vec::new();
        let mut from = None;
        loop {
            let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(&self.prefix);
            let page = self.wait("", request.set_continuation_token(from).send())?;
            for object in page.contents.unwrap_or_default() {
                let name = object.key.as_deref().and_then(|key| key.strip_prefix(&self.prefix));
                let length = object.size.and_then(|size| u64::try_from(size).ok());
                found.extend(name.map(str::to_owned).zip(length));
            }
            from = page.next_continuation_token;
            if from.is_none() {
                return Ok(found);
            }
        }
    }
}

/// A store's own word for what went wrong, without anything that could not be one.
fn plain(code: &str) -> String {
    code.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '.').take(64).collect()
}

/// A viewer waits behind most requests, so a store that is away is soon said to be.
fn patience() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(1))
}

fn time_limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .read_timeout(Duration::from_secs(20))
        // 16 MiB at half a megabyte a second.
        .operation_attempt_timeout(Duration::from_secs(32))
        .build()
}

fn http_client(authorities: Option<Vec<u8>>) -> SharedHttpClient {
    // Nobody beyond those of the settings is believed, so not the system's authorities either.
    let trusted = authorities.into_iter().fold(TrustStore::empty(), TrustStore::with_pem_certificate);
    let builder =
        aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
    match TlsContext::builder().with_trust_store(trusted).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

fn checked(settings: S3Settings) -> Result<S3Settings, SegmentStoreError> {
    let refused = |setting| Err(SegmentStoreError::Setting { setting });
    let endpoint = settings.endpoint.strip_suffix('/').unwrap_or(&settings.endpoint).to_owned();
    let secure = endpoint.starts_with("https://");
    let host = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]_".contains(&byte);
    if !host.is_some_and(|host| !host.is_empty() && host.bytes().all(letter)) {
        return refused("s3_endpoint");
    }
    if secure && !settings.authorities.as_deref().is_some_and(certificates) {
        return refused("s3_ca_file");
    }
    // Amazon S3 User Guide, "Bucket naming rules".
    let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if !(3..=63).contains(&settings.bucket.len()) || !settings.bucket.bytes().all(named) {
        return refused("s3_bucket");
    }
    // The same guide, "Object key naming guidelines": the characters that are safe everywhere.
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"/!-_.*'()".contains(&byte);
    let prefix = &settings.prefix;
    if prefix.len() > 512 || prefix.starts_with('/') || prefix.contains("..") || !prefix.bytes().all(safe) {
        return refused("s3_prefix");
    }
    if settings.region.is_empty() || !settings.region.bytes().all(|byte| named(byte) && byte != b'.') {
        return refused("s3_region");
    }
    Ok(S3Settings { endpoint, ..settings })
}

/// Whether the PEM text holds at least one certificate and only such that can be believed in.
fn certificates(pem: &[u8]) -> bool {
    let mut roots = rustls::RootCertStore::empty();
    let all = CertificateDer::pem_slice_iter(pem)
        .all(|certificate| certificate.is_ok_and(|certificate| roots.add(certificate).is_ok()));
    all && !roots.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> S3Settings {
        S3Settings {
            endpoint: "http://store.hospital.example:8333/".to_owned(),
            bucket: "images".to_owned(),
            prefix: "north/".to_owned(),
            region: "us-east-1".to_owned(),
            authorities: None,
        }
    }

    fn secrets() -> S3Secrets {
        S3Secrets { access_key: "key".to_owned(), secret_key: "CANARYSECRET".to_owned() }
    }

    #[test]
    fn a_setting_that_cannot_be_right_is_refused_by_name() {
        let wrong = |change: fn(&mut S3Settings)| {
            let mut settings = settings();
            change(&mut settings);
            match S3::new(settings, secrets()) {
                Err(SegmentStoreError::Setting { setting }) => setting,
                other => panic!("{other:?}"),
            }
        };
        assert!(S3::new(settings(), secrets()).is_ok());
        assert_eq!(wrong(|it| it.endpoint = "store:8333".to_owned()), "s3_endpoint");
        assert_eq!(wrong(|it| it.endpoint = "http://user@store".to_owned()), "s3_endpoint");
        assert_eq!(wrong(|it| it.endpoint = "http://store/path".to_owned()), "s3_endpoint");
        assert_eq!(wrong(|it| it.endpoint = "https://store".to_owned()), "s3_ca_file");
        assert_eq!(
            wrong(|it| (it.endpoint, it.authorities) = ("https://s".into(), Some(b"no".to_vec()))),
            "s3_ca_file"
        );
        assert_eq!(wrong(|it| it.bucket = "Images".to_owned()), "s3_bucket");
        assert_eq!(wrong(|it| it.prefix = "/north".to_owned()), "s3_prefix");
        assert_eq!(wrong(|it| it.prefix = "../north".to_owned()), "s3_prefix");
        assert_eq!(wrong(|it| it.region = String::new()), "s3_region");
    }

    #[test]
    fn a_store_that_is_away_is_named_and_no_secret_is_shown() {
        // A port that was free an instant ago, and that nobody listens on.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let store = S3::new(S3Settings { endpoint: endpoint.clone(), ..settings() }, secrets()).unwrap();
        let error = store.length("00000000000000000001-00.segment").unwrap_err();
        assert!(error.away());
        assert_eq!(error.to_string(), format!("the object store at {endpoint} does not answer"));
        assert!(!format!("{store:?} {error:?} {:?}", secrets()).contains("CANARYSECRET"));
    }

    #[test]
    fn a_stores_own_word_is_a_word() {
        assert_eq!(plain("SignatureDoesNotMatch"), "SignatureDoesNotMatch");
        assert_eq!(plain("Doe^Jane\n<b>"), "DoeJaneb");
    }
}
