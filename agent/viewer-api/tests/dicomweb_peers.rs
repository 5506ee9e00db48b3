//! Our DICOMweb with dicomweb-client and Orthanc (Debian packages `orthanc` and `orthanc-dicomweb`) on the other side,
//! over TLS; `tests/run peers` installs both.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use agent_archive::TokenView;
use agent_viewer_api::serve;
use proto_ids::ProjectId;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
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

fn planted() -> Vec<PathBuf> {
    let files = std::fs::read_dir(Path::new(PLANTED)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "dcm")).collect();
    files.sort();
    files
}

/// The site at a port, over TLS, until the test ends.
struct Served {
    site: Site,
    url: String,
    ca: PathBuf,
    _stop: tokio::sync::oneshot::Sender<()>,
}

fn served() -> Served {
    let site = Site::new();
    let (settings, pem) = tls();
    let ca = site.directory().join("ca.pem");
    std::fs::write(&ca, pem).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/dicom-web", listener.local_addr().unwrap().port());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
    };
    tokio::spawn(serve(listener, settings, site.router.clone(), shutdown));
    Served { site, url, ca, _stop: stop }
}

fn bearer(token: &str) -> String {
    token.strip_prefix("Bearer ").unwrap().to_owned()
}

/// Runs a program to its end and gives what it said.
async fn run(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{} {said}", String::from_utf8_lossy(&output.stderr));
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn dicomweb_client_stores_finds_and_retrieves() {
    let python = std::env::var("RINGFENCE_DICOMWEB_CLIENT").unwrap_or_else(|_| "python3".to_owned());
    let ours = served();
    let original = ours.site.token("pacs", TokenView::Original, true);
    let project = TokenView::Deidentified(ProjectId::from_bytes([1; 16]));
    let research = ours.site.token("research", project, false);
    let mut client = Command::new(python);
    client
        .arg(SCRIPT)
        .arg(&ours.url)
        .arg(&ours.ca)
        .args([bearer(&original), bearer(&research)])
        .args(planted());
    run(client).await;
}

/// Orthanc, which knows us as `ours` and calls with this token.
struct Orthanc {
    child: Child,
    url: String,
    _directory: tempfile::TempDir,
}

impl Drop for Orthanc {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Orthanc {
    async fn start(ours: &Served, token: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dicom = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = directory.path().display().to_string();
        let config = json!({
            "Name": "peer", "StorageDirectory": format!("{place}/store"), "IndexDirectory": format!("{place}/store"),
            "HttpPort": port, "DicomPort": dicom, "RemoteAccessAllowed": false, "AuthenticationEnabled": false,
            "HttpsCACertificates": ours.ca, "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"],
            "DicomWeb": {"Enable": true, "Root": "/dicom-web/", "Servers": {
                "ours": {"Url": format!("{}/", ours.url), "HttpHeaders": {"Authorization": token}},
            }},
        });
        let file = directory.path().join("orthanc.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let child = Command::new("Orthanc").arg(&file).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let orthanc = Self { child, url: format!("http://127.0.0.1:{port}"), _directory: directory };
        let mut ready = orthanc.curl("GET", "/system");
        ready.args(["--retry", "60", "--retry-connrefused", "--retry-delay", "1"]);
        run(ready).await;
        orthanc
    }

    fn curl(&self, method: &str, path: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--fail-with-body", "--noproxy", "*", "-X", method])
            .arg(format!("{}{path}", self.url));
        curl
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut curl = self.curl(method, path);
        if !body.is_null() {
            curl.args(["-d", &body.to_string()]);
        }
        let said = run(curl).await;
        serde_json::from_str(&said).unwrap_or(Value::Null)
    }

    async fn count(&self) -> usize {
        self.ask("GET", "/instances", &Value::Null).await.as_array().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_comes_from_orthanc_and_goes_back() {
    let ours = served();
    let token = ours.site.token("orthanc", TokenView::Original, true);
    let orthanc = Orthanc::start(&ours, &token).await;
    for file in planted() {
        let mut upload = orthanc.curl("POST", "/instances");
        upload.arg("--data-binary").arg(format!("@{}", file.display()));
        run(upload).await;
    }
    let studies = orthanc.ask("GET", "/studies", &Value::Null).await;
    let what = json!({"Resources": studies, "Synchronous": true});
    orthanc.ask("POST", "/dicom-web/servers/ours/stow", &what).await;
    assert_eq!(ours.site.web("/dicom-web/instances", &token, "").await.json().as_array().unwrap().len(), 3);
    let found = orthanc.ask("POST", "/dicom-web/servers/ours/qido", &json!({"Uri": "/studies"})).await;
    let uid = ours.site.first("/dicom-web/studies", &token).await["0020000D"]["Value"][0].clone();
    assert_eq!(found[0]["0020000D"]["Value"], uid, "{found}");
    let study = studies[0].as_str().unwrap();
    orthanc.ask("DELETE", &format!("/studies/{study}"), &Value::Null).await;
    assert_eq!(orthanc.count().await, 0);
    let wanted = json!({"Resources": [{"Study": uid}], "Synchronous": true});
    orthanc.ask("POST", "/dicom-web/servers/ours/retrieve", &wanted).await;
    assert_eq!(orthanc.count().await, 3);
    assert_eq!(orthanc.ask("GET", "/studies", &Value::Null).await[0].as_str(), Some(study));
}
