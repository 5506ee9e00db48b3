//! The listener: accepts, shakes hands within a time, and hands on connections that know their peer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use crate::tls::PeerName;

/// A hundred sites need two each; the rest is for those that come back at once.
const MOST_CONNECTIONS: usize = 1024;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a connection knows of the other side; a request finds it among its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) Option<PeerName>);

/// One connection after its handshake. It counts as open until it is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TlsStream<TcpStream>,
    peer: Peer,
    _open: OwnedSemaphorePermit,
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Accepts for ever; ends when nobody takes the connections any more.
pub(crate) async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    let open = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut handshakes = tokio::task::JoinSet::new();
    loop {
        while handshakes.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&open).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = ready.closed() => return,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, mostly: the listener lives, and must not spin.
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        handshakes.spawn(shake_hands(stream, acceptor.clone(), permit, ready.clone()));
    }
}

async fn shake_hands(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    permit: OwnedSemaphorePermit,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    let shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, async {
        stream.set_nodelay(true)?;
        acceptor.accept(stream).await
    });
    match shaken.await {
        Ok(Ok(stream)) => {
            let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let peer = Peer(leaf.and_then(|leaf| PeerName::of(leaf)));
            // Nobody takes it when the server stops; then it is dropped.
            let _ = ready.send(Ok(Connection { stream, peer, _open: permit })).await;
        }
        Ok(Err(error)) => {
            metrics::counter!("ringfence_handshakes_failed_total").increment(1);
            tracing::info!(error = &error as &dyn std::error::Error, "a handshake failed");
        }
        Err(_) => metrics::counter!("ringfence_handshakes_failed_total").increment(1),
    }
}
