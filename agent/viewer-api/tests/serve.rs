//! Facts about the server around the router: TLS, HTTP/2, the shutdown.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::net::TcpListener;
use std::sync::Arc;

use agent_viewer_api::serve;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use support::Site;

#[tokio::test]
async fn calls_are_answered_over_tls_until_the_shutdown() {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let _ = rustls::crypto::CryptoProvider::install_default((*provider).clone());
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
    };
    let site = Site::new();
    let server = tokio::spawn(serve(listener, tls, site.router.clone(), shutdown));
    let client = reqwest::Client::builder()
        .add_root_certificate(reqwest::Certificate::from_der(certificate.der()).unwrap())
        .build()
        .unwrap();
    let url = format!("https://localhost:{port}/api/v1/session");
    let answer = client.get(&url).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (401, reqwest::Version::HTTP_2));
    let ended = client
        .post(format!("{url}/end"))
        .header("x-ringfence", "1")
        .header("origin", format!("https://localhost:{port}"))
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(ended.status().as_u16(), 204, "the origin is found in HTTP/2 too");
    drop(client);
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}
