//! `Worklist.Follow`: what the site has to know from its cursor on, then every change as it comes.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use control_plane_app::App;
use control_plane_domain::{Change, Changes};
use proto::agent::v1 as wire;
use proto::agent::v1::worklist_event::Of;
use proto::agent::v1::worklist_server::Worklist;
use proto_ids::EpochId;
use tokio::sync::{mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::instruction::{id, item};
use crate::policy::{Caller, admit};

/// How often an open stream is looked at again. A revocation cuts it within 5 seconds.
pub(crate) const RECHECK: Duration = Duration::from_secs(2);
const PAGE: usize = 500;
/// Events that may wait for a slow agent.
const BUFFERED: usize = 64;

type Events = mpsc::Sender<Result<wire::WorklistEvent, Status>>;

pub(crate) struct Worklists {
    pub(crate) app: App,
}

#[tonic::async_trait]
impl Worklist for Worklists {
    type FollowStream = Pin<Box<dyn Stream<Item = Result<wire::WorklistEvent, Status>> + Send>>;

    async fn follow(
        &self,
        request: Request<wire::FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let epoch = self.app.store().epoch();
        let same = request.epoch.is_some_and(|id| EpochId::from_halves(id.high, id.low) == epoch);
        let follower = Follower {
            app: self.app.clone(),
            caller,
            epoch,
            // A cursor of another epoch counts nothing of this store.
            cursor: if same { request.cursor } else { 0 },
            caught_up: false,
            revisions: self.app.store().revisions(),
        };
        let (events, stream) = mpsc::channel(BUFFERED);
        tokio::spawn(follower.run(events));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}

struct Follower {
    app: App,
    caller: Caller,
    epoch: EpochId,
    cursor: u64,
    /// Whether the agent was told that it has everything.
    caught_up: bool,
    revisions: watch::Receiver<u64>,
}

impl Follower {
    async fn run(mut self, events: Events) {
        let _connected = self.app.presence().connected(self.caller.identity.site, self.app.now());
        let end = tokio::select! {
            () = events.closed() => return,
            end = self.follow(&events) => end,
        };
        if let Err(status) = end {
            // Nobody listens any more when this fails.
            let _ = events.send(Err(status)).await;
        }
    }

    async fn follow(&mut self, events: &Events) -> Result<(), Status> {
        let mut recheck = tokio::time::interval(RECHECK);
        loop {
            if self.send_changes(events).await.is_none() {
                return Ok(());
            }
            // Waiting ends with a write that may concern the site; every tick looks at the caller.
            loop {
                tokio::select! {
                    changed = self.revisions.changed() => {
                        changed.map_err(|_| Status::unavailable("the store was closed"))?;
                        break;
                    }
                    _ = recheck.tick() => {
                        self.caller = admit(&self.app, self.caller.name).await?;
                    }
                }
            }
            self.caller = admit(&self.app, self.caller.name).await?;
        }
    }

    async fn admitted_page(&mut self) -> Result<Changes, Status> {
        self.caller = admit(&self.app, self.caller.name).await?;
        self.page().await
    }

    /// Sends everything up to now. Nothing comes back when nobody listens any more.
    async fn send_changes(&mut self, events: &Events) -> Option<()> {
        self.revisions.borrow_and_update();
        loop {
            // Each page is for a caller that may have it now: a long backlog does not outlive a revocation.
            let page = match self.admitted_page().await {
                Ok(page) => page,
                Err(status) => {
                    events.send(Err(status)).await.ok()?;
                    return None;
                }
            };
            for change in page.changes {
                self.caught_up = false;
                events.send(Ok(self.event(change.revision, item(change.item)))).await.ok()?;
            }
            self.cursor = page.up_to.max(self.cursor);
            if page.more {
                continue;
            }
            // Writes that do not concern the site are not worth a message.
            if !std::mem::replace(&mut self.caught_up, true) {
                events.send(Ok(self.event(self.cursor, Of::CaughtUp(wire::CaughtUp {})))).await.ok()?;
            }
            return Some(());
        }
    }

    async fn page(&self) -> Result<Changes, Status> {
        let (store, site, cursor) = (Arc::clone(self.app.store()), self.caller.identity.site, self.cursor);
        let page = tokio::task::spawn_blocking(move || store.changes_since(site, cursor, PAGE)).await;
        match page {
            Ok(Ok(page)) => Ok(page),
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the worklist cannot be read");
                Err(Status::unavailable("the worklist cannot be read"))
            }
            Err(_) => Err(Status::internal("the worklist cannot be read")),
        }
    }

    fn event(&self, sequence: u64, of: Of) -> wire::WorklistEvent {
        event(self.epoch, sequence, of)
    }
}

/// A change of the store as it goes down in an epoch.
pub fn worklist_event(epoch: EpochId, change: Change) -> wire::WorklistEvent {
    event(epoch, change.revision, item(change.item))
}

fn event(epoch: EpochId, sequence: u64, of: Of) -> wire::WorklistEvent {
    wire::WorklistEvent { epoch: id(epoch.halves()), sequence, of: Some(of) }
}
