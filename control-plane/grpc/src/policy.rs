//! Who may call what: one row for each method, looked at for every call. What is not here is denied.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use control_plane_app::App;
use control_plane_domain::AgentIdentity;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::incoming::Peer;
use crate::tls::PeerName;

/// What a caller must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing: the call itself proves who calls.
    Nothing,
    /// The certificate of an agent that the registry lets call.
    ActiveAgent,
}

/// One method and what it requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// `/package.Service/Method`.
    pub path: &'static str,
    /// What a caller must show.
    pub requirement: Requirement,
}

/// Every method that agents may call.
pub const METHODS: [Method; 6] = [
    Method { path: "/ringfence.agent.v1.Enrolment/Begin", requirement: Requirement::Nothing },
    Method { path: "/ringfence.agent.v1.Enrolment/Enrol", requirement: Requirement::Nothing },
    Method { path: "/ringfence.agent.v1.Enrolment/Rejoin", requirement: Requirement::Nothing },
    Method { path: "/ringfence.agent.v1.Enrolment/Renew", requirement: Requirement::ActiveAgent },
    Method { path: "/ringfence.agent.v1.Worklist/Follow", requirement: Requirement::ActiveAgent },
    Method { path: "/ringfence.agent.v1.Results/Push", requirement: Requirement::ActiveAgent },
];

/// The caller of a call that requires one; a request finds it among its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) identity: AgentIdentity,
    pub(crate) name: PeerName,
}

impl Caller {
    /// The caller that the policy let in.
    pub(crate) fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        request
            .extensions()
            .get()
            .copied()
            .ok_or_else(|| Status::unauthenticated("an agent's certificate is required"))
    }
}

/// Looks a caller up in the registry: its certificate is good now and it may call now.
pub(crate) async fn admit(app: &App, name: PeerName) -> Result<Caller, Status> {
    if name.expires_at <= app.now() {
        return Err(Status::unauthenticated("the certificate has ended"));
    }
    let registry = app.clone();
    let looked = tokio::task::spawn_blocking(move || registry.agent_identity(name.site, name.agent)).await;
    match looked {
        Ok(Ok(Some(identity))) => Ok(Caller { identity, name }),
        Ok(Ok(None)) => Err(Status::permission_denied("the agent is shut out")),
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the registry cannot be read");
            Err(Status::unavailable("the registry cannot be read"))
        }
        Err(_) => Err(Status::unavailable("the registry cannot be read")),
    }
}

/// Puts the policy before every service.
#[derive(Clone)]
pub(crate) struct Policy(pub(crate) App);

impl<S> Layer<S> for Policy {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { app: self.0.clone(), inner }
    }
}

/// The services behind the policy.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    app: App,
    inner: S,
}

impl<S> Service<http::Request<Body>> for Guarded<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let app = self.app.clone();
        // The service that was polled ready is the one that must be called.
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        let peer = request.extensions().get::<Peer>().and_then(|peer| peer.0);
        let row = METHODS.iter().find(|method| method.path == request.uri().path());
        Box::pin(async move {
            match decide(&app, row, peer).await {
                Ok(caller) => {
                    if let Some(caller) = caller {
                        request.extensions_mut().insert(caller);
                    }
                    inner.call(request).await
                }
                Err(refused) => {
                    metrics::counter!("ringfence_calls_refused_total").increment(1);
                    Ok(refused.into_http())
                }
            }
        })
    }
}

async fn decide(app: &App, row: Option<&Method>, peer: Option<PeerName>) -> Result<Option<Caller>, Status> {
    let row = row.ok_or_else(|| Status::permission_denied("there is no such call"))?;
    match row.requirement {
        Requirement::Nothing => Ok(None),
        Requirement::ActiveAgent => {
            let name = peer.ok_or_else(|| Status::unauthenticated("an agent's certificate is required"))?;
            admit(app, name).await.map(Some)
        }
    }
}
