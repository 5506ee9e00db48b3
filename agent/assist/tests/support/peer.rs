//! A MONAI Label server as the tests see it: its recording, or the real one behind a recorder.
//!
//! `RINGFENCE_MONAI_LABEL=http://host:port` puts the real server behind; with `RINGFENCE_RECORD=1` what goes through
//! is written down. Otherwise the recording answers, if it is asked exactly what was asked then.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use tokio::sync::watch;

use super::exchange::{Answered, Asked, Exchange, asked, load, parts, save};

/// The method of a recorded request that stands for all.
const ANYTHING: &str = "*";

#[derive(Default)]
struct Log {
    exchanges: Vec<Exchange>,
    /// All that came, unpacked: heads and contents of parts.
    bytes: Vec<u8>,
    mismatches: Vec<String>,
}

struct Inner {
    scenario: String,
    /// None: the recording answers.
    upstream: Option<String>,
    recorded: Vec<Exchange>,
    log: Mutex<Log>,
    arrived: watch::Sender<usize>,
    client: reqwest::Client,
}

pub struct Peer {
    pub address: String,
    inner: Arc<Inner>,
    server: tokio::task::JoinHandle<()>,
}

impl Peer {
    pub async fn start(scenario: &str) -> Self {
        let upstream = std::env::var("RINGFENCE_MONAI_LABEL").ok();
        let recorded = if upstream.is_some() { Vec::new() } else { load(scenario) };
        Self::serve(scenario, upstream, recorded).await
    }

    /// Gives these answers one after the other, whatever is asked.
    pub async fn taking_anything(answers: Vec<Answered>) -> Self {
        let asked =
            Asked { method: ANYTHING.into(), path: String::new(), query: [].into(), parts: Vec::new() };
        let exchange = |answered| Exchange { asked: asked.clone(), answered: Some(answered) };
        Self::serve("", None, answers.into_iter().map(exchange).collect()).await
    }

    async fn serve(scenario: &str, upstream: Option<String>, recorded: Vec<Exchange>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inner = Arc::new(Inner {
            scenario: scenario.into(),
            upstream,
            recorded,
            log: Mutex::default(),
            arrived: watch::channel(0).0,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        });
        let router = Router::new().fallback(handle).with_state(Arc::clone(&inner));
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inner, server }
    }

    /// Waits until so many requests have come.
    pub async fn arrived(&self, count: usize) {
        self.inner.arrived.subscribe().wait_for(|arrived| *arrived >= count).await.unwrap();
    }

    /// Waits until the nth request is answered.
    pub async fn answered(&self, nth: usize) {
        let answered = |_: &usize| {
            let log = self.inner.log.lock().unwrap();
            log.exchanges.get(nth - 1).is_some_and(|exchange| exchange.answered.is_some())
        };
        self.inner.arrived.subscribe().wait_for(answered).await.unwrap();
    }

    /// All that came, unpacked.
    pub fn bytes(&self) -> Vec<u8> {
        self.inner.log.lock().unwrap().bytes.clone()
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.inner.log.lock().unwrap().exchanges.iter().map(|exchange| exchange.asked.clone()).collect()
    }

    /// Ends, and checks that all that was recorded was asked, or writes down what was.
    pub fn finish(self) {
        self.server.abort();
        let log = self.inner.log.lock().unwrap();
        assert_eq!(log.mismatches, Vec::<String>::new());
        if self.inner.upstream.is_none() {
            assert_eq!(log.exchanges.len(), self.inner.recorded.len(), "more was recorded than was asked");
        } else if std::env::var_os("RINGFENCE_RECORD").is_some() {
            save(&self.inner.scenario, &log.exchanges);
        }
    }
}

async fn handle(
    State(peer): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let contents = parts(&headers, body.clone()).await;
    let asked = asked(&method, &uri, contents.iter().map(|(part, _)| part.clone()).collect());
    let index = {
        let mut log = peer.log.lock().unwrap();
        log.bytes.extend_from_slice(format!("{method} {uri} {headers:?}\n").as_bytes());
        for (part, content) in &contents {
            log.bytes.extend_from_slice(format!("{part:?}\n").as_bytes());
            log.bytes.extend_from_slice(content);
        }
        log.exchanges.push(Exchange { asked: asked.clone(), answered: None });
        log.exchanges.len() - 1
    };
    peer.arrived.send_modify(|arrived| *arrived += 1);
    let answered = match &peer.upstream {
        Some(upstream) => forward(&peer.client, upstream, (method, &uri, headers, body)).await,
        None => match replay(&peer, index, &asked) {
            Some(answered) => answered,
            // The client gave up here; it is to do so again.
            None => std::future::pending().await,
        },
    };
    peer.log.lock().unwrap().exchanges[index].answered = Some(answered.clone());
    // Wakes those that wait for an answer.
    peer.arrived.send_modify(|_| ());
    let response = Response::builder().status(answered.status);
    let response = response.header(header::CONTENT_TYPE, &answered.content_type);
    let response = match &answered.location {
        Some(location) => response.header(header::LOCATION, location),
        None => response,
    };
    response.body(Body::from(answered.body())).unwrap()
}

fn replay(peer: &Inner, index: usize, asked: &Asked) -> Option<Answered> {
    let problem = match peer.recorded.get(index) {
        Some(recorded) if recorded.asked == *asked || recorded.asked.method == ANYTHING => {
            return recorded.answered.clone();
        }
        Some(recorded) => format!("request {index}: {asked:#?} is not {:#?}", recorded.asked),
        None => format!("request {index} is one too many: {asked:#?}"),
    };
    peer.log.lock().unwrap().mismatches.push(problem);
    Some(Answered::new(StatusCode::IM_A_TEAPOT.as_u16(), "text/plain", b"not what was recorded"))
}

async fn forward(
    client: &reqwest::Client,
    upstream: &str,
    (method, uri, headers, body): (Method, &Uri, HeaderMap, Bytes),
) -> Answered {
    let mut request = client.request(method, format!("{upstream}{uri}")).body(body);
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let kind =
        response.headers().get(header::CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap()).to_owned();
    Answered::new(status, &kind, &response.bytes().await.unwrap())
}
