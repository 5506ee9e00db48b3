//! A control plane for agents on a port of its own, over the embedded store, with a clock to turn.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "each test file uses its own part"
)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use agent_uplink::{
    Config, Cursor, Enrolled, Inbound, InboundError, InboundItem, JoinString, Leaving, Ledger, LedgerError,
    Outbound, Outbox, OutboxError, Ports, Refusal, Status, Waiting,
};
use control_plane_app::{App, Presence};
use control_plane_domain::Actor;
use control_plane_grpc::{Authority, Settings, serve};
use control_plane_store::Embedded;
use hyper_util::rt::TokioIo;
use proto_ids::{AssetToken, Clock, EpochId, SiteId, Timestamp};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tonic::transport::{Channel, Endpoint, Uri};

pub const DAY_MS: i64 = 86_400_000;

/// A clock that stands until it is turned.
#[derive(Debug)]
pub struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl Turned {
    pub fn turn(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

pub struct Plane {
    pub place: tempfile::TempDir,
    pub clock: Arc<Turned>,
    pub app: App,
    pub authority: Arc<Authority>,
    pub endpoint: String,
    _stop: oneshot::Sender<()>,
}

impl Plane {
    pub async fn start() -> Self {
        let place = tempfile::tempdir().unwrap();
        let clock = Arc::new(Turned(AtomicI64::new(1_800_000_000_000)));
        let opened =
            Embedded::open(&place.path().join("store"), Arc::new(proto_journal::DiskIo), [7; 16]).unwrap();
        let app = App::new(Arc::new(opened.store), clock.clone(), Presence::default());
        let authority = Arc::new(Authority::create(&place.path().join("ca"), clock.now()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("localhost:{}", listener.local_addr().unwrap().port());
        let settings = Settings {
            app: app.clone(),
            authority: Arc::clone(&authority),
            names: vec!["localhost".to_owned()],
            clock: clock.clone(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            serve(settings, listener, async {
                let _ = stopped.await;
            })
            .await
            .unwrap();
        });
        Self { place, clock, app, authority, endpoint, _stop: stop }
    }

    pub fn site(&self, name: &str) -> SiteId {
        self.app.site_add(&Actor::Operator, name).unwrap().site.id
    }

    pub fn join(&self, site: SiteId) -> String {
        let made =
            self.app.join_token_create(&Actor::Operator, site, self.authority.spki_sha256(), &self.endpoint);
        made.unwrap().join_string
    }

    pub fn agent_directory(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub async fn enrol(&self, join: &str, name: &str) -> Result<Enrolled, agent_uplink::EnrolError> {
        let join: JoinString = join.parse().unwrap();
        let ledger = Arc::new(Memory::default());
        agent_uplink::enrol(&join, &self.agent_directory(name), ledger, self.clock.clone()).await
    }

    /// A channel without the uplink's care: with the certificate in an agent's directory, another, or none.
    pub async fn channel(
        &self,
        identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> Channel {
        let config = self.client_config(identity);
        let address = self.endpoint.clone();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let connect = tower::service_fn(move |_: Uri| {
            let (connector, address) = (connector.clone(), address.clone());
            async move {
                let tcp = TcpStream::connect(address).await?;
                let name = ServerName::try_from("localhost").unwrap();
                Ok::<_, std::io::Error>(TokioIo::new(connector.connect(name, tcp).await?))
            }
        });
        Endpoint::from_shared(format!("https://{}", self.endpoint))
            .unwrap()
            .connect_with_connector_lazy(connect)
    }

    fn client_config(
        &self,
        identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> rustls::ClientConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.authority.certificate_pem().as_bytes()).unwrap())
            .unwrap();
        let builder =
            rustls::ClientConfig::builder_with_details(provider, Arc::new(TestTime(self.clock.now())))
                .with_protocol_versions(&[&rustls::version::TLS13])
                .unwrap()
                .with_root_certificates(roots);
        let mut config = match identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }

    pub fn credentials_of(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let text = std::fs::read(self.agent_directory(name).join("credentials")).unwrap();
        let chain = CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().unwrap();
        (chain, PrivateKeyDer::from_pem_slice(&text).unwrap())
    }

    pub fn run(&self, name: &str) -> Running {
        self.run_with(name, Arc::new(Memory::default()))
    }

    pub fn run_with(&self, name: &str, store: Arc<Memory>) -> Running {
        let (status, watched) = watch::channel(Status::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let ports = Ports {
            outbox: store.clone(),
            ledger: store.clone(),
            inbound: store.clone(),
            clock: self.clock.clone(),
        };
        let config = Config { directory: self.agent_directory(name) };
        let task = tokio::spawn(agent_uplink::run(config, ports, status, async {
            let _ = stopped.await;
        }));
        Running { store, status: watched, _stop: stop, task }
    }
}

#[derive(Debug)]
struct TestTime(Timestamp);

impl rustls::time_provider::TimeProvider for TestTime {
    fn current_time(&self) -> Option<rustls_pki_types::UnixTime> {
        let millis = u64::try_from(self.0.millis()).unwrap();
        Some(rustls_pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_millis(millis)))
    }
}

/// Far more than anything takes here, on a machine that does other work, too.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// A running uplink.
pub struct Running {
    pub store: Arc<Memory>,
    pub status: watch::Receiver<Status>,
    _stop: oneshot::Sender<()>,
    pub task: tokio::task::JoinHandle<Result<(), agent_uplink::RunError>>,
}

impl Running {
    /// Stops the uplink and waits until it is gone.
    pub async fn end(self) {
        drop(self._stop);
        let ended = tokio::time::timeout(PATIENCE, self.task).await;
        ended.expect("it ends").unwrap().unwrap();
    }

    /// Waits until the status is as wanted; half a minute at most.
    pub async fn until(&mut self, wanted: impl FnMut(&Status) -> bool) -> Status {
        let waited = tokio::time::timeout(PATIENCE, self.status.wait_for(wanted)).await;
        waited.expect("in time").unwrap().clone()
    }

    pub async fn until_dealt_with(&self, sequence: u64) {
        let mut changed = self.store.dealt.subscribe();
        let waited = changed.wait_for(|dealt| *dealt >= sequence);
        tokio::time::timeout(PATIENCE, waited).await.expect("in time").unwrap();
    }
}

/// The agent's side in memory.
pub struct Memory {
    pub waiting: Mutex<Vec<Waiting>>,
    pub ledger: Mutex<Vec<Leaving>>,
    pub shelved: Mutex<Vec<Refusal>>,
    pub items: Mutex<Vec<(EpochId, u64, InboundItem)>>,
    /// How often a session asked where to begin.
    pub sessions: Mutex<usize>,
    pub dealt: watch::Sender<u64>,
    changed: watch::Sender<u64>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            ledger: Mutex::default(),
            shelved: Mutex::default(),
            items: Mutex::default(),
            sessions: Mutex::default(),
            dealt: watch::Sender::new(0),
            changed: watch::Sender::new(0),
        }
    }
}

impl Memory {
    pub fn add(&self, report: Vec<u8>) -> u64 {
        let mut waiting = self.waiting.lock().unwrap();
        let sequence = waiting.len() as u64 + 1;
        waiting.push(Waiting { sequence, report });
        self.changed.send_replace(sequence);
        sequence
    }

    /// The reports in the ledger, in order.
    pub fn reports(&self) -> Vec<Leaving> {
        let ledger = self.ledger.lock().unwrap();
        ledger.iter().filter(|row| row.call() == agent_uplink::Call::Push).cloned().collect()
    }

    pub fn say(&self, outbound: &Outbound) -> u64 {
        self.add(outbound.encode())
    }
}

impl Outbox for Memory {
    fn peek(&self, after: u64, limit: usize) -> Result<Vec<Waiting>, OutboxError> {
        let waiting = self.waiting.lock().unwrap();
        Ok(waiting.iter().filter(|row| row.sequence > after).take(limit).cloned().collect())
    }

    fn dealt_with(&self, up_to: u64) -> Result<(), OutboxError> {
        self.dealt.send_modify(|dealt| *dealt = (*dealt).max(up_to));
        Ok(())
    }

    fn shelve(&self, refusal: &Refusal) -> Result<(), OutboxError> {
        self.shelved.lock().unwrap().push(refusal.clone());
        Ok(())
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

impl Ledger for Memory {
    fn append(&self, rows: &[Leaving]) -> Result<(), LedgerError> {
        self.ledger.lock().unwrap().extend_from_slice(rows);
        Ok(())
    }
}

impl Inbound for Memory {
    fn cursor(&self) -> Result<Cursor, InboundError> {
        *self.sessions.lock().unwrap() += 1;
        let items = self.items.lock().unwrap();
        let last = items.last().map(|(epoch, sequence, _)| (*epoch, *sequence));
        Ok(Cursor { epoch: last.map(|last| last.0), sequence: last.map_or(0, |last| last.1) })
    }

    fn apply(&self, epoch: EpochId, sequence: u64, item: InboundItem) -> Result<(), InboundError> {
        self.items.lock().unwrap().push((epoch, sequence, item));
        Ok(())
    }
}

/// A card of an asset.
pub fn card(byte: u8) -> Outbound {
    use agent_uplink::*;
    Outbound::Asset(AssetCard {
        asset: AssetToken::from_random([byte; 16]),
        modality: Modality::Ct,
        region: BodyRegion::Abdomen,
        plane: Plane::Axial,
        dimensionality: Dimensionality::Volume,
        contrast: Contrast::Unknown,
        slices: CountBucket::of(300),
        size: SizeClass::of(512),
        spacing: SpacingTenths::of_mm(0.7),
        thickness: ThicknessHalves::of_mm(1.0),
        frames: CountBucket::of(1),
    })
}
