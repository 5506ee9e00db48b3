//! dicomweb-client beside our own DICOMweb, over TLS; `tests/run peers` installs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use agent_archive::TokenView;
use agent_viewer_api::serve;
use proto_ids::ProjectId;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use support::Site;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers/dicomweb/client.py");
const PLANTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/planted");

/// A server's settings, with its certificate as PEM.
fn tls() -> (rustls::ServerConfig, String) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let settings = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    (settings, certificate.pem())
}

fn planted() -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(Path::new(PLANTED)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "dcm")).collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn dicomweb_client_stores_finds_and_retrieves() {
    let python = std::env::var("RINGFENCE_DICOMWEB_CLIENT").unwrap_or_else(|_| "python3".to_owned());
    let site = Site::new();
    let bearer = |token: String| token.strip_prefix("Bearer ").unwrap().to_owned();
    let original = bearer(site.token("pacs", TokenView::Original, true));
    let project = TokenView::Deidentified(ProjectId::from_bytes([1; 16]));
    let research = bearer(site.token("research", project, false));
    let (settings, pem) = tls();
    let ca = site.directory().join("ca.pem");
    std::fs::write(&ca, pem).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/dicom-web", listener.local_addr().unwrap().port());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
    };
    let server = tokio::spawn(serve(listener, settings, site.router.clone(), shutdown));
    let output = tokio::task::spawn_blocking(move || {
        let mut client = Command::new(python);
        client.arg(SCRIPT).args([&url]).arg(ca).args([original, research]).args(planted()).output().unwrap()
    });
    let output = output.await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
