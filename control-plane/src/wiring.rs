//! Joins the rooms and serves: agents on one port, the console on another, health on a third.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::Context;
use control_plane_console_api::{Console, JoinPoint};
use control_plane_grpc::{ServerCertificate, Settings};
use metrics_exporter_prometheus::PrometheusBuilder;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::ops::{self, Ready};
use crate::plane::Plane;
use crate::{control, logging};

/// Serves until SIGINT or SIGTERM, or until a part fails.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    logging::start(&config.log)?;
    // Every TLS user of this program gets its cryptography from here.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        anyhow::bail!("another cryptography provider is installed already");
    }
    let plane = Arc::new(Plane::open(&config.dir)?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(config, plane))
}

async fn serve(config: Config, plane: Arc<Plane>) -> anyhow::Result<()> {
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let (ready, stop) = (Ready::default(), CancellationToken::new());
    let (console, grpc) = (bind(config.console_listen, "console")?, bind(config.grpc_listen, "gRPC")?);
    let ops = tokio::net::TcpListener::from_std(bind(config.ops_listen, "operations")?)?;
    let commands = control::listen(&config.dir)?;

    let mut parts = JoinSet::new();
    parts.spawn(serve_agents(Arc::clone(&plane), config.certificate_names(), grpc, stop.clone()));
    parts.spawn(serve_console(Arc::clone(&plane), config.clone(), console, stop.clone()));
    let router = ops::router(metrics, ready.clone());
    let ops_stop = stop.clone();
    parts.spawn(async move {
        let serving = axum::serve(ops, router).with_graceful_shutdown(ops_stop.cancelled_owned());
        Ok(serving.await?)
    });
    let (command_stop, endpoint) = (stop.clone(), config.endpoint());
    parts.spawn(async move {
        tokio::select! {
            ended = control::serve(commands, plane, endpoint) => ended,
            () = command_stop.cancelled() => Ok(()),
        }
    });
    ready.set(true);
    tracing::info!(console = %config.console_listen, grpc = %config.grpc_listen, ops = %config.ops_listen, "serving");
    until_the_end(parts, ready, stop).await
}

/// Waits for a signal or for a part that ends by itself, then for all parts.
async fn until_the_end(
    mut parts: JoinSet<anyhow::Result<()>>,
    ready: Ready,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut outcome = tokio::select! {
        signalled = signal() => signalled,
        ended = parts.join_next() => match ended {
            Some(Ok(Ok(()))) | None => Err(anyhow::anyhow!("a part of the server ended by itself")),
            Some(Ok(Err(error))) => Err(error),
            Some(Err(_)) => Err(anyhow::anyhow!("a part of the server broke")),
        },
    };
    ready.set(false);
    stop.cancel();
    tracing::info!("stopping");
    while let Some(ended) = parts.join_next().await {
        if let Ok(Err(error)) = ended
            && outcome.is_ok()
        {
            outcome = Err(error);
        }
    }
    outcome
}

async fn signal() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

fn bind(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on {address} for {what}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn serve_agents(
    plane: Arc<Plane>,
    names: Vec<String>,
    listener: TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let settings = Settings {
        app: plane.app.clone(),
        authority: Arc::clone(&plane.authority),
        names,
        clock: plane.clock.clone(),
    };
    let listener = tokio::net::TcpListener::from_std(listener)?;
    Ok(control_plane_grpc::serve(settings, listener, stop.cancelled_owned()).await?)
}

async fn serve_console(
    plane: Arc<Plane>,
    config: Config,
    listener: TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let certificate = plane.authority.issue_server(&config.certificate_names(), plane.clock.now())?;
    let join =
        JoinPoint { authority_spki_sha256: *plane.authority.spki_sha256(), endpoint: config.endpoint() };
    let router = control_plane_console_api::router(Console { app: plane.app.clone(), join: Arc::new(join) });
    let tls = console_tls(&certificate)?;
    Ok(control_plane_console_api::serve(listener, tls, router, stop.cancelled_owned()).await?)
}

fn console_tls(certificate: &ServerCertificate) -> anyhow::Result<rustls::ServerConfig> {
    let chain =
        CertificateDer::pem_slice_iter(certificate.chain_pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes())?;
    Ok(rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?)
}
