//! Model servers over TLS: an authority of the hospital's own is believed, another is not, and nothing is sent to
//! a server that is not believed.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::sync::{Arc, Mutex};

use agent_assist::*;
use support::*;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A TLS server that keeps what it is told and closes.
struct Server {
    address: String,
    authority: rustls_pki_types::CertificateDer<'static>,
    heard: Arc<Mutex<Vec<u8>>>,
}

async fn server(protocol: &[u8]) -> Server {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap().self_signed(&key).unwrap();
    let authority = certificate.der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![authority.clone()],
            rustls_pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    config.alpn_protocols = vec![protocol.to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
    let keep = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut buffer = [0; 4096];
                let count = stream.read(&mut buffer).await.unwrap_or(0);
                keep.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        }
    });
    Server { address, authority, heard }
}

async fn ask(provider: Provider, server: &Server, trust: Trust) -> AssistError {
    let settings = Settings { trust, ..Settings::default() };
    let broker = with_settings(registration(provider, &server.address, "m", &[]), settings);
    broker.infer(request("m", Prompts::default(), Some(LIVER)), Watch::unwatched()).await.unwrap_err()
}

#[tokio::test]
async fn only_an_authority_that_was_given_is_believed() {
    for (provider, protocol, hello) in [
        (Provider::MonaiLabel, &b"http/1.1"[..], &b"GET /info/ HTTP/1.1"[..]),
        (Provider::KserveV2, b"h2", b"PRI * HTTP/2.0"),
    ] {
        let server = server(protocol).await;
        let other = Trust::Own(vec![self::server(protocol).await.authority]);
        for trust in [Trust::Public, other] {
            assert_eq!(ask(provider, &server, trust).await, AssistError::Untrusted);
        }
        assert_eq!(server.heard.lock().unwrap().len(), 0, "nothing was sent");
        let own = Trust::Own(vec![server.authority.clone()]);
        assert_ne!(ask(provider, &server, own).await, AssistError::Untrusted);
        assert!(server.heard.lock().unwrap().starts_with(hello), "{provider:?} spoke over TLS");
    }
}
