//! One HTTP/2 connection to the control plane, over the agent's own TLS. It is given away only behind
//! the gate.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use proto_ids::Clock;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Endpoint, Uri};

use crate::gate::{Gate, Ledger};
use crate::join::server_name;
use crate::tls::{Peer, Presented, client_config};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The endpoint is not `host:port`, or TLS cannot be set up.
    #[error("the endpoint cannot be used")]
    Endpoint,
    /// Whoever answers does not hold the pinned key.
    #[error("whoever answers does not hold the key that was pinned at enrolment")]
    WrongAuthority,
    /// Nobody answered, or TLS failed.
    #[error("the control plane did not answer")]
    Unreachable(#[source] tonic::transport::Error),
}

/// Where to connect and as whom.
#[derive(Clone)]
pub(crate) struct Dialler {
    pub(crate) endpoint: String,
    pub(crate) pins: Vec<[u8; 32]>,
    pub(crate) presented: Presented,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Dialler {
    /// Connects; what is seen of the other side is told beside the gate.
    pub(crate) async fn dial(&self) -> Result<(Gate, Peer), ConnectError> {
        let peer = Peer::default();
        let config =
            client_config(self.pins.clone(), self.presented.clone(), peer.clone(), Arc::clone(&self.clock))
                .map_err(|_| ConnectError::Endpoint)?;
        let connector = TlsConnector::from(Arc::new(config));
        let address = self.endpoint.clone();
        let connect = tower::service_fn(move |_: Uri| connect(connector.clone(), address.clone()));
        match self.settings()?.connect_with_connector(connect).await {
            Ok(channel) => Ok((Gate::around(channel, Arc::clone(&self.ledger)), peer)),
            Err(_) if peer.wrong_authority() => Err(ConnectError::WrongAuthority),
            Err(source) => Err(ConnectError::Unreachable(source)),
        }
    }

    fn settings(&self) -> Result<Endpoint, ConnectError> {
        Endpoint::from_shared(format!("https://{}", self.endpoint))
            .and_then(|endpoint| endpoint.user_agent(proto::headers::USER_AGENT))
            .map(|endpoint| {
                endpoint
                    .connect_timeout(CONNECT_TIMEOUT)
                    .http2_keep_alive_interval(KEEP_ALIVE)
                    .keep_alive_timeout(CONNECT_TIMEOUT)
                    .keep_alive_while_idle(true)
            })
            .map_err(|_| ConnectError::Endpoint)
    }
}

async fn connect(connector: TlsConnector, address: String) -> std::io::Result<TokioIo<TlsStream<TcpStream>>> {
    let host = address.rsplit_once(':').map_or("", |(host, _)| host);
    let name = server_name(host).ok_or(std::io::ErrorKind::InvalidInput)?;
    let tcp = TcpStream::connect(&address).await?;
    tcp.set_nodelay(true)?;
    Ok(TokioIo::new(connector.connect(name, tcp).await?))
}
