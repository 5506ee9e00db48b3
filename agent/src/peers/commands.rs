//! What a person at the command line asks of the hospital's other DICOM systems.

use std::sync::mpsc::{Sender, channel};

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject, NewAuditEvent};
use agent_dicom::{Found, InstanceEntry, Level, Peer, Query, Right, Way};
use agent_phi::{HeaderText, Purpose, SeriesUid, StudyUid};
use anyhow::{Context, ensure};
use proto_ids::AssetToken;
use proto_program::commands::Progress;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

use super::Dicom;
use super::catalogue::entry;

/// One request. Only a running agent can call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum PeerRequest {
    /// Lists the peers of the settings.
    List,
    /// Asks whether a peer is there and knows us.
    Echo { name: String },
    /// Asks what a peer holds.
    Find {
        name: String,
        /// study, series or image.
        level: String,
        /// Keyword and value of each attribute.
        wanted: Vec<(String, String)>,
        limit: usize,
    },
    /// Has a peer send us a study, or one series of it.
    Pull {
        name: String,
        study: String,
        series: Option<String>,
        /// Over our own association, instead of a call to the address that the peer knows of us.
        get: bool,
    },
    /// Sends an asset's objects to a peer.
    Send { name: String, asset: String },
}

impl Dicom {
    /// Does what is asked. Blocks; runs on a thread of the running agent.
    ///
    /// # Errors
    /// In words for the person at the command line.
    pub(crate) fn execute(
        &self,
        request: PeerRequest,
        report: &mut dyn FnMut(Progress),
    ) -> anyhow::Result<Value> {
        match request {
            PeerRequest::List => Ok(json!({ "peers": self.peers().iter().map(line).collect::<Vec<_>>() })),
            PeerRequest::Echo { name } => self.echo(&name),
            PeerRequest::Find { name, level, wanted, limit } => {
                let level = Level::from_code(&level.to_uppercase());
                let query = Query::new(level.context("a level is study, series or image")?, &wanted)?;
                self.find(&name, &query, limit)
            }
            PeerRequest::Pull { name, study, series, get } => {
                let study = StudyUid::new(study).context("the study's UID")?;
                let series = series.map(SeriesUid::new).transpose().context("the series' UID")?;
                let way = if get { Way::Get } else { Way::Move };
                self.pull(&name, (&study, series.as_ref()), way, report)
            }
            PeerRequest::Send { name, asset } => self.send(&name, &asset, report),
        }
    }

    fn peer(&self, name: &str) -> anyhow::Result<&Peer> {
        self.peers().named(name).with_context(|| format!("no peer is named {name} in the settings"))
    }

    /// Written down before it is done: what was called is known even if the agent dies over it.
    fn audit(&self, action: AuditAction, subject: AuditSubject, peer: &Peer) -> anyhow::Result<()> {
        let event = NewAuditEvent {
            actor: AuditActor::Operator,
            action,
            subject,
            outcome: AuditOutcome::Done,
            detail: HeaderText::new(peer.name.as_str()).ok(),
        };
        self.archive.audit_append(&event)?;
        Ok(())
    }

    fn echo(&self, name: &str) -> anyhow::Result<Value> {
        let peer = self.peer(name)?;
        self.audit(AuditAction::PeerAsked, AuditSubject::Nothing, peer)?;
        Handle::current().block_on(self.caller.echo(peer))?;
        Ok(json!({ "peer": name, "answers": true }))
    }

    fn find(&self, name: &str, query: &Query, limit: usize) -> anyhow::Result<Value> {
        let peer = self.peer(name)?;
        self.audit(AuditAction::PeerAsked, AuditSubject::Nothing, peer)?;
        let (found, more) = Handle::current().block_on(self.caller.find(peer, query, limit))?;
        Ok(json!({ "matches": found.iter().map(shown).collect::<Vec<_>>(), "more": more }))
    }

    fn pull(
        &self,
        name: &str,
        wanted: (&StudyUid, Option<&SeriesUid>),
        way: Way,
        report: &mut dyn FnMut(Progress),
    ) -> anyhow::Result<Value> {
        let peer = self.peer(name)?;
        // Over a call back, it is the peer who sends, as any other caller.
        ensure!(
            way == Way::Get || peer.may(Right::Store),
            "the peer {name} may not store here, so it cannot send what is pulled; give it the right, or use --get"
        );
        self.audit(AuditAction::PeerPulled, AuditSubject::Nothing, peer)?;
        let (caller, peer) = (self.caller.clone(), peer.clone());
        let (study, series) = (wanted.0.clone(), wanted.1.cloned());
        let pulled = watched(report, |tell| async move {
            let mut progress = |done: u16, left: u16| {
                let of = u64::from(done) + u64::from(left);
                // Nobody listens any more only when the agent stops.
                let _ = tell.send(Progress { what: "pulling objects".to_owned(), done: done.into(), of });
            };
            caller.pull(&peer, (&study, series.as_ref()), way, &mut progress).await
        })??;
        Ok(json!({
            "completed": pulled.completed, "warned": pulled.warned, "failed": pulled.failed,
            "status": format!("{:04X}", pulled.status),
        }))
    }

    fn send(&self, name: &str, asset: &str, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Value> {
        let peer = self.peer(name)?;
        ensure!(peer.may(Right::Receive), "the peer {name} may not receive");
        let token: AssetToken = asset.parse().context("the asset's id")?;
        let asset = self.archive.asset(token)?.context("there is no such asset")?;
        let mut entries: Vec<InstanceEntry> = Vec::with_capacity(asset.instances.len());
        for instance in asset.instances {
            entries.extend(self.archive.instance_row(instance)?.map(entry));
        }
        ensure!(!entries.is_empty(), "the asset is not made of DICOM objects");
        self.audit(AuditAction::PeerSent, AuditSubject::Asset(token), peer)?;
        let of = entries.len() as u64;
        let (caller, peer, catalogue) = (self.caller.clone(), peer.clone(), self.catalogue());
        let sent = watched(report, |tell| async move {
            let mut progress = |done: usize| {
                let _ = tell.send(Progress { what: "sending objects".to_owned(), done: done as u64, of });
            };
            caller.store(&peer, &catalogue, entries, &mut progress).await
        })??;
        ensure!(sent.stored + sent.warned > 0, "the peer took none of {of} objects");
        Ok(json!({ "stored": sent.stored, "warned": sent.warned, "failed": sent.failed }))
    }
}

/// Runs a call on the runtime and reports on it from this thread: only here may a report block.
///
/// # Errors
/// When the agent stops meanwhile.
fn watched<F>(
    report: &mut dyn FnMut(Progress),
    call: impl FnOnce(Sender<Progress>) -> F,
) -> anyhow::Result<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let (tell, told) = channel();
    let calling = Handle::current().spawn(call(tell));
    // Ends with the call, which holds the other end.
    told.iter().for_each(report);
    Handle::current().block_on(calling).context("the call was ended")
}

fn line(peer: &Peer) -> Value {
    let may: Vec<&str> = peer.rights.iter().map(|right| right.code()).collect();
    let address = peer.address.as_ref().map(|address| format!("{}:{}", address.host, address.port));
    json!({ "name": peer.name, "ae_title": peer.ae_title.as_str(), "address": address, "tls": peer.tls, "may": may })
}

fn shown(found: &Found) -> Value {
    let text = |text: &HeaderText| Value::from(text.expose(Purpose::HospitalScreen));
    Value::Object(found.0.iter().map(|(key, value)| ((*key).to_owned(), text(value))).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_is_reported_on_where_a_report_may_block() {
        let asked = tokio::task::spawn_blocking(|| {
            let (lines, mut read) = tokio::sync::mpsc::channel(4);
            // As the command socket does it.
            let mut report = |progress: Progress| lines.blocking_send(progress.done).unwrap();
            let done = watched(&mut report, |tell| async move {
                for done in 1..=3 {
                    tell.send(Progress { what: "calling".to_owned(), done, of: 3 }).unwrap();
                }
                "done"
            });
            let told: Vec<u64> = std::iter::from_fn(|| read.try_recv().ok()).collect();
            (done.unwrap(), told)
        });
        assert_eq!(asked.await.unwrap(), ("done", vec![1, 2, 3]));
    }
}
