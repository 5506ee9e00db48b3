//! Joins the rooms and serves: agents on one port, the console on another, health on a third.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::Context;
use control_plane_console_api::{Console, JoinPoint};
use control_plane_grpc::{ServerCertificate, Settings};
use proto_program::{Ready, asked_to_stop, commands, metrics_recorder, runtime, serve_ops, start_logging};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::plane::{Commands, Plane, socket};

/// Serves until SIGINT or SIGTERM, or until a part fails.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    start_logging(&config.log)?;
    let runtime = runtime()?;
    let plane = Arc::new(Plane::open(&config.dir)?);
    runtime.block_on(serve(config, plane))
}

async fn serve(config: Config, plane: Arc<Plane>) -> anyhow::Result<()> {
    let metrics = metrics_recorder()?;
    let (ready, stop) = (Ready::default(), CancellationToken::new());
    let (console, grpc) = (bind(config.console_listen, "console")?, bind(config.grpc_listen, "gRPC")?);
    let ops = bind(config.ops_listen, "operations")?;

    let mut parts = JoinSet::new();
    parts.spawn(serve_agents(Arc::clone(&plane), config.certificate_names(), grpc, stop.clone()));
    parts.spawn(serve_console(Arc::clone(&plane), config.clone(), console, stop.clone()));
    parts.spawn(serve_ops(ops, metrics, ready.clone(), stop.clone().cancelled_owned()));
    let executor = Arc::new(Commands {
        plane,
        endpoint: config.endpoint(),
        directory: config.dir.clone(),
        listeners: [
            ("console", config.console_listen),
            ("agents", config.grpc_listen),
            ("operations", config.ops_listen),
        ],
        ready: ready.clone(),
    });
    let (command_stop, socket) = (stop.clone(), socket(&config.dir));
    parts.spawn(async move {
        tokio::select! {
            ended = commands::serve(&socket, executor) => ended,
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
        () = asked_to_stop() => Ok(()),
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
