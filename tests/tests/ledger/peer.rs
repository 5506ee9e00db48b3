//! The peer: terminates TLS with a certificate of a real authority, answers all six calls, and compares each
//! message at the moment when it has arrived with what the agent's disk holds.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use control_plane_app::enrolment::Issuer;
use control_plane_grpc::Authority;
use futures::FutureExt;
use http_body::Frame;
use prost::Message;
use prost::bytes::Bytes;
use proto::agent::v1 as wire;
use proto::agent::v1::enrolment_server::{Enrolment, EnrolmentServer};
use proto::agent::v1::worklist_server::{Worklist, WorklistServer};
use proto::results::{Receipts, ReportBytes, Results, ResultsServer};
use proto_ids::{AgentId, Clock, SiteId};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status, Streaming};

use super::Turned;
use super::watched::Durable;

/// Length of what stands before each message of gRPC.
const PREFIX_BYTES: usize = 5;

/// What has arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    /// Messages of each call.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Messages that were not durable when they arrived, or not the next of their call in the ledger.
    pub(crate) faults: Vec<String>,
}

/// See the module.
pub(crate) struct Peer {
    endpoint: String,
    pin: String,
    received: Arc<Mutex<Received>>,
}

impl Peer {
    pub(crate) async fn start(directory: &Path, clock: &Arc<Turned>, durable: Durable) -> Self {
        let authority = Arc::new(Authority::create(directory, clock.now()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("localhost:{}", listener.local_addr().unwrap().port());
        let acceptor = TlsAcceptor::from(Arc::new(server_config(&authority, clock)));
        let (ready, connections) = mpsc::channel(4);
        tokio::spawn(accept(listener, acceptor, ready));
        let received = Arc::<Mutex<Received>>::default();
        let watch = Watch { received: Arc::clone(&received), durable };
        let pin = base64url(authority.spki_sha256());
        let answers = Answers {
            authority,
            clock: Arc::clone(clock),
            generation: Arc::default(),
            dealt: Arc::default(),
        };
        let serving = Server::builder()
            .layer(Watching(watch))
            .add_service(EnrolmentServer::new(answers.clone()))
            .add_service(WorklistServer::new(answers.clone()))
            .add_service(ResultsServer::new(answers))
            .serve_with_incoming(ReceiverStream::new(connections));
        tokio::spawn(async move { serving.await.unwrap() });
        Self { endpoint, pin, received }
    }

    pub(crate) fn join_string(&self) -> String {
        format!("rg1.{:016x}.{}.{}.{}", 77, base64url(&[9; 32]), self.pin, self.endpoint)
    }

    pub(crate) fn received(&self) -> Received {
        self.received.lock().unwrap().clone()
    }
}

fn base64url(bytes: &[u8; 32]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[derive(Debug)]
struct Time(Arc<Turned>);

impl rustls::time_provider::TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.now().millis()).unwrap();
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_millis(millis)))
    }
}

fn server_config(authority: &Authority, clock: &Arc<Turned>) -> rustls::ServerConfig {
    let issued = authority.issue_server(&["localhost".to_owned()], clock.now()).unwrap();
    let chain =
        CertificateDer::pem_slice_iter(issued.chain_pem.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes()).unwrap()).unwrap();
    let clients =
        rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .unwrap();
    let mut config = rustls::ServerConfig::builder_with_details(provider, Arc::new(Time(Arc::clone(clock))))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<io::Result<Connection>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.unwrap();
        if ready.send(Ok(Connection(stream))).await.is_err() {
            return;
        }
    }
}

/// A connection behind its handshake.
struct Connection(TlsStream<TcpStream>);

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Looks at every message of every request.
#[derive(Clone)]
struct Watch {
    received: Arc<Mutex<Received>>,
    durable: Durable,
}

impl Watch {
    fn message(&self, call: &str, message: &[u8]) {
        let mut received = self.received.lock().unwrap();
        let number = received.calls.entry(call.to_owned()).or_default();
        *number += 1;
        let number = *number - 1;
        let fault = match self.durable.message(call, usize::try_from(number).unwrap()) {
            None => "is not on disk yet",
            Some(written) if written != message => "is another in the ledger",
            Some(_) => return,
        };
        received.faults.push(format!("message {number} of {call} {fault}"));
    }
}

#[derive(Clone)]
struct Watching(Watch);

impl<S> tower::Layer<S> for Watching {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched { inner, watch: self.0.clone() }
    }
}

#[derive(Clone)]
struct Watched<S> {
    inner: S,
    watch: Watch,
}

impl<S> tower::Service<http::Request<Body>> for Watched<S>
where
    S: tower::Service<http::Request<Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> S::Future {
        let (head, body) = request.into_parts();
        let call = head.uri.path().trim_start_matches("/ringfence.agent.v1.").replace('/', ".");
        let body = Looked { body, call, watch: self.watch.clone(), begun: Vec::new() };
        self.inner.call(http::Request::from_parts(head, Body::new(body)))
    }
}

/// A request's body; its messages are looked at as soon as their last byte is here.
struct Looked {
    body: Body,
    call: String,
    watch: Watch,
    begun: Vec<u8>,
}

impl http_body::Body for Looked {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref) {
            let this = &mut *self;
            this.begun.extend_from_slice(data);
            let mut at = 0;
            while let Some(prefix) = this.begun[at..].first_chunk::<PREFIX_BYTES>() {
                let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]) as usize;
                let Some(message) = this.begun[at + PREFIX_BYTES..].get(..length) else { break };
                this.watch.message(&this.call, message);
                at += PREFIX_BYTES + length;
            }
            this.begun.drain(..at);
        }
        Poll::Ready(frame)
    }
}

/// Answers that keep an agent going.
#[derive(Clone)]
struct Answers {
    authority: Arc<Authority>,
    clock: Arc<Turned>,
    generation: Arc<AtomicU64>,
    dealt: Arc<AtomicU64>,
}

impl Answers {
    fn certificate(&self, csr_der: &[u8]) -> Result<Response<wire::EnrolResponse>, Status> {
        let (site, agent) = (SiteId::from_random([1; 16]), AgentId::from_random([2; 16]));
        let issued = self.authority.issue(csr_der, site, agent, self.clock.now());
        let issued = issued.map_err(|_| Status::invalid_argument("the request"))?;
        let id = |(high, low)| Some(proto::types::v1::Id { high, low });
        Ok(Response::new(wire::EnrolResponse {
            certificate_chain_der: issued.chain_der,
            site: id(site.halves()),
            agent: id(agent.halves()),
            generation: self.generation.fetch_add(1, Ordering::SeqCst) + 1,
        }))
    }
}

#[tonic::async_trait]
impl Enrolment for Answers {
    async fn begin(&self, _: Request<wire::BeginRequest>) -> Result<Response<wire::BeginResponse>, Status> {
        Ok(Response::new(wire::BeginResponse { nonce: vec![3; 32] }))
    }

    async fn enrol(
        &self,
        request: Request<wire::EnrolRequest>,
    ) -> Result<Response<wire::EnrolResponse>, Status> {
        self.certificate(&request.into_inner().csr_der)
    }

    async fn rejoin(
        &self,
        request: Request<wire::RejoinRequest>,
    ) -> Result<Response<wire::EnrolResponse>, Status> {
        self.certificate(&request.into_inner().csr_der)
    }

    async fn renew(
        &self,
        request: Request<wire::RenewRequest>,
    ) -> Result<Response<wire::EnrolResponse>, Status> {
        self.certificate(&request.into_inner().csr_der)
    }
}

#[tonic::async_trait]
impl Worklist for Answers {
    type FollowStream = Pin<Box<dyn tokio_stream::Stream<Item = Result<wire::WorklistEvent, Status>> + Send>>;

    async fn follow(
        &self,
        request: Request<wire::FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let asked = request.into_inner();
        let of = Some(wire::worklist_event::Of::CaughtUp(wire::CaughtUp {}));
        let event = wire::WorklistEvent { epoch: asked.epoch, sequence: asked.cursor, of };
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(event)).chain(tokio_stream::pending()))))
    }
}

impl Results for Answers {
    async fn push(&self, reports: Request<Streaming<ReportBytes>>) -> Result<Response<Receipts>, Status> {
        let (receipts, stream) = mpsc::channel(4);
        tokio::spawn(deal(reports.into_inner(), Arc::clone(&self.dealt), receipts));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}

/// Deals with reports in their order and says so, once for all that have come.
async fn deal(
    mut reports: Streaming<ReportBytes>,
    dealt: Arc<AtomicU64>,
    receipts: mpsc::Sender<Result<wire::Receipt, Status>>,
) {
    loop {
        let dealt_with = dealt.load(Ordering::SeqCst);
        if receipts.send(Ok(wire::Receipt { dealt_with, refusals: Vec::new() })).await.is_err() {
            return;
        }
        let Ok(Some(first)) = reports.message().await else { return };
        let mut next = Some(first);
        while let Some(report) = next {
            let sequence = wire::Report::decode(report.as_slice()).unwrap().sequence;
            dealt.store(sequence, Ordering::SeqCst);
            next = match reports.message().now_or_never() {
                Some(Ok(more)) => more,
                Some(Err(_)) | None => None,
            };
        }
    }
}
