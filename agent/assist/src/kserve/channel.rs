//! One HTTP/2 connection to the registered address, plain or over TLS.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Uri};

use crate::error::{AssistError, Wait};
use crate::http::{causes, untrusted};
use crate::registration::address;
use crate::tls::{self, Trust};

#[derive(Clone)]
pub(super) struct Dialler {
    host: String,
    port: u16,
    /// None: plain HTTP/2.
    tls: Option<(TlsConnector, ServerName<'static>)>,
    connect: Duration,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Dialler {
    pub(super) fn new(text: &str, connect: Duration, trust: &Trust) -> Result<Self, AssistError> {
        let url = address(text).map_err(|_| AssistError::Unreachable)?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().ok_or(AssistError::Unreachable)?;
        let tls = if url.scheme() == "https" {
            let name = ServerName::try_from(host.clone()).map_err(|_| AssistError::Unreachable)?;
            Some((TlsConnector::from(Arc::new(tls::client_config(trust, b"h2")?)), name))
        } else {
            None
        };
        Ok(Self { host, port, tls, connect })
    }

    pub(super) async fn dial(&self) -> Result<Channel, AssistError> {
        let shown = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{shown}:{}", self.port))
            .map_err(|_| AssistError::Unreachable)?;
        let dialler = self.clone();
        let connector = tower::service_fn(move |_: Uri| {
            let dialler = dialler.clone();
            async move { dialler.connect().await.map(TokioIo::new) }
        });
        let dialled = tokio::time::timeout(self.connect, endpoint.connect_with_connector(connector)).await;
        match dialled {
            Err(_) => Err(AssistError::Timeout { wait: Wait::Connect }),
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(error)) if causes(&error).any(untrusted) => Err(AssistError::Untrusted),
            Ok(Err(_)) => Err(AssistError::Unreachable),
        }
    }

    async fn connect(self) -> std::io::Result<Box<dyn Stream>> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        tcp.set_nodelay(true)?;
        match self.tls {
            None => Ok(Box::new(tcp)),
            Some((connector, name)) => Ok(Box::new(connector.connect(name, tcp).await?)),
        }
    }
}
