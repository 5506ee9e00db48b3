//! What a person at the command line asks of the hospital's other DICOM systems.

use std::ops::ControlFlow;
use std::sync::mpsc::{Sender, channel};

use agent_archive::AuditActor;
use agent_dicom::{Found, Level, Peer, Query, Way};
use agent_phi::{HeaderText, Purpose, SeriesUid, StudyUid};
use anyhow::Context;
use proto_ids::AssetToken;
use proto_program::commands::Progress;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

use super::Dicom;
use super::calls::{Pulling, Sending};

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
        const BY: AuditActor = AuditActor::Operator;
        match request {
            PeerRequest::List => Ok(json!({ "peers": self.peers().iter().map(line).collect::<Vec<_>>() })),
            PeerRequest::Echo { name } => {
                self.echo(&name, BY)?;
                Ok(json!({ "peer": name, "answers": true }))
            }
            PeerRequest::Find { name, level, wanted, limit } => {
                let level = Level::from_code(&level.to_uppercase());
                let query = Query::new(level.context("a level is study, series or image")?, &wanted)?;
                let (found, more) = self.find(&name, &query, limit, BY)?;
                Ok(json!({ "matches": found.iter().map(shown).collect::<Vec<_>>(), "more": more }))
            }
            PeerRequest::Pull { name, study, series, get } => {
                let study = StudyUid::new(study).context("the study's UID")?;
                let series = series.map(SeriesUid::new).transpose().context("the series' UID")?;
                let way = if get { Way::Get } else { Way::Move };
                pull(self.pulling(&name, (study, series), way, BY)?, report)
            }
            PeerRequest::Send { name, asset } => {
                let asset: AssetToken = asset.parse().context("the asset's id")?;
                send(self.sending(&name, asset, BY)?, report)
            }
        }
    }
}

fn pull(pulling: Pulling, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Value> {
    let pulled = watched(report, |tell| {
        pulling.run(move |done, left| {
            let of = u64::from(done) + u64::from(left);
            // Nobody listens any more only when the agent stops.
            let _ = tell.send(Progress { what: "pulling objects".to_owned(), done: done.into(), of });
            ControlFlow::Continue(())
        })
    })??;
    Ok(json!({
        "completed": pulled.completed, "warned": pulled.warned, "failed": pulled.failed,
        "status": format!("{:04X}", pulled.status),
    }))
}

fn send(sending: Sending, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Value> {
    let of = sending.of() as u64;
    let sent = watched(report, |tell| {
        sending.run(move |done| {
            let _ = tell.send(Progress { what: "sending objects".to_owned(), done: done as u64, of });
            ControlFlow::Continue(())
        })
    })??;
    Ok(json!({ "stored": sent.stored, "warned": sent.warned, "failed": sent.failed }))
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
