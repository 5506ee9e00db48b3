//! C-MOVE and C-GET as a provider: each object a sub-operation of its own. Source: PS3.4 §C.4.2, §C.4.3.

use super::find::refusal;
use super::{Asked, Association};
use crate::catalogue::{Catalogue, CatalogueError, InstanceEntry, PeerAct};
use crate::channel::Next;
use crate::dimse::{Answer, Command, Counts, Operation, Status};
use crate::outgoing::{self, Parcel};
use crate::peers::{Peer, Right};
use crate::query::{Retrieval, Writer};
use crate::user::{Called, Outcome, outcome, proposals, ready, store_one, store_request};
use crate::wire::WireError;
use agent_phi::{InstanceUid, Purpose, SeriesUid, StudyUid};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// Where the objects go.
enum Route {
    /// Over the association that they were asked for on.
    Back,
    /// To another peer, and who asked for it.
    There(Box<Called>, (String, u16)),
    /// Nowhere: the destination did not take the call.
    Nowhere,
}

/// How far a retrieval has come.
#[derive(Default)]
struct Tally {
    of: usize,
    stored: usize,
    warned: usize,
    failed: Vec<String>,
}

impl Tally {
    fn add(&mut self, outcome: Outcome, parcel: &Parcel) {
        match outcome {
            Outcome::Stored => self.stored += 1,
            Outcome::Warned => self.warned += 1,
            Outcome::Failed => self.failed.push(parcel.instance.clone()),
        }
    }

    fn counts(&self, with_remaining: bool) -> Counts {
        let done = self.stored + self.warned + self.failed.len();
        let short = |count: usize| Some(u16::try_from(count).unwrap_or(u16::MAX));
        Counts {
            // PS3.7 §9.1.4.1.8: a final response that is no cancel has none.
            remaining: if with_remaining { short(self.of.saturating_sub(done)) } else { None },
            completed: short(self.stored),
            failed: short(self.failed.len()),
            warning: short(self.warned),
        }
    }

    fn end(&self) -> Answer {
        if self.failed.is_empty() && self.warned == 0 {
            Answer::success()
        } else if self.stored + self.warned == 0 {
            Answer::failure(Status::SubOperationsImpossible, "no object could be sent")
        } else {
            Answer::of(Status::SomeSubOperationsFailed)
        }
    }
}

/// The objects that are asked for. Blocks.
fn select(catalogue: &dyn Catalogue, wanted: &Retrieval) -> Result<Vec<InstanceEntry>, CatalogueError> {
    let mut selected = Vec::new();
    match wanted {
        Retrieval::Studies(studies) => {
            for study in studies {
                for series in series_of(catalogue, study)? {
                    instances_of(catalogue, study, &series, None, &mut selected)?;
                }
            }
        }
        Retrieval::Series(study, series) => {
            for series in series {
                instances_of(catalogue, study, series, None, &mut selected)?;
            }
        }
        Retrieval::Instances(study, series, instances) => {
            instances_of(catalogue, study, series, Some(instances), &mut selected)?;
        }
    }
    Ok(selected)
}

fn series_of(catalogue: &dyn Catalogue, study: &StudyUid) -> Result<Vec<SeriesUid>, CatalogueError> {
    let mut found = Vec::new();
    catalogue.series(study, &mut |series| {
        found.push(series.uid);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn instances_of(
    catalogue: &dyn Catalogue,
    study: &StudyUid,
    series: &SeriesUid,
    only: Option<&[InstanceUid]>,
    selected: &mut Vec<InstanceEntry>,
) -> Result<(), CatalogueError> {
    catalogue.instances(study, series, &mut |instance| {
        if only.is_none_or(|only| only.contains(&instance.uid)) {
            selected.push(instance);
        }
        ControlFlow::Continue(())
    })
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Association<'_, S> {
    pub(super) async fn move_there(&mut self, asked: Asked<'_>) -> Result<(), WireError> {
        let (parcels, tally) = match self.wanted(&asked).await? {
            Ok(wanted) => wanted,
            Err(refused) => return self.answer(asked, refused).await,
        };
        let title = asked.command.move_destination.as_deref().unwrap_or_default();
        let destination = self.shared.config.peers.titled(title).filter(|peer| peer.may(Right::Receive));
        let Some(destination) = destination else {
            let comment = "MoveDestination is not configured, or may not receive";
            return self.answer(asked, Answer::failure(Status::MoveDestinationUnknown, comment)).await;
        };
        let route = self.route(destination, &parcels, asked.command.message_id).await;
        self.retrieve(asked, route, parcels, tally).await
    }

    pub(super) async fn get_back(&mut self, asked: Asked<'_>) -> Result<(), WireError> {
        match self.wanted(&asked).await? {
            Ok((parcels, tally)) => self.retrieve(asked, Route::Back, parcels, tally).await,
            Err(refused) => self.answer(asked, refused).await,
        }
    }

    /// The objects that the identifier asks for, or why it is refused.
    async fn wanted(&mut self, asked: &Asked<'_>) -> Result<Result<(Vec<Parcel>, Tally), Answer>, WireError> {
        let bytes = match self.identifier(asked).await? {
            Ok(bytes) => bytes,
            Err(refused) => return Ok(Err(refused)),
        };
        let wanted = match Retrieval::read(&bytes, asked.accepted.syntax.encoding()) {
            Ok(wanted) => wanted,
            Err(error) => return Ok(Err(refusal(error))),
        };
        if let Err(refused) = self.noted(PeerAct::Retrieved).await {
            return Ok(Err(refused));
        }
        let catalogue = Arc::clone(&self.shared.catalogue);
        let selected = tokio::task::spawn_blocking(move || select(&*catalogue, &wanted)).await;
        let Ok(Ok(selected)) = selected else {
            return Ok(Err(Answer::failure(Status::ProcessingFailure, "the archive cannot be read")));
        };
        let mut tally = Tally { of: selected.len(), ..Tally::default() };
        let mut parcels = Vec::with_capacity(selected.len());
        for entry in selected {
            let uid = entry.uid.expose(Purpose::DicomPeer).to_owned();
            match Parcel::new(entry) {
                Some(parcel) => parcels.push(parcel),
                None => tally.failed.push(uid),
            }
        }
        Ok(Ok((parcels, tally)))
    }

    /// Calls the destination of a move. Nothing to send needs no call.
    async fn route(&self, destination: &Peer, parcels: &[Parcel], message_id: u16) -> Route {
        let originator = (self.agreed.peer.ae_title.as_str().to_owned(), message_id);
        match self.shared.caller.call(destination, &proposals(parcels)).await {
            Ok(called) => Route::There(Box::new(called), originator),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(peer = destination.name, error, "the destination of a move does not take it");
                Route::Nowhere
            }
        }
    }

    async fn retrieve(
        &mut self,
        asked: Asked<'_>,
        mut route: Route,
        parcels: Vec<Parcel>,
        mut tally: Tally,
    ) -> Result<(), WireError> {
        let mut cancelled = false;
        let mut reading = parcels.first().map(|parcel| outgoing::read(&self.shared.catalogue, parcel.handle));
        for (index, parcel) in parcels.iter().enumerate() {
            let file = match reading.take() {
                Some(reading) => reading.await.ok().flatten(),
                None => None,
            };
            let next = parcels.get(index + 1);
            reading = next.map(|next| outgoing::read(&self.shared.catalogue, next.handle));
            cancelled |= self.cancelled(asked.command.message_id).await?;
            if cancelled {
                break;
            }
            let (outcome, stop) = self.sub_operation(&asked, &mut route, parcel, file).await?;
            tally.add(outcome, parcel);
            cancelled |= stop;
            let mut pending = asked.command.answered(&Answer::of(Status::Pending));
            pending.counts = tally.counts(true);
            self.channel.send(asked.context, &pending, None).await?;
        }
        if let Route::There(called, _) = route {
            called.leave().await;
        }
        self.end(asked, tally, cancelled).await
    }

    /// Sends one object; also tells whether the caller asked for the end meanwhile.
    async fn sub_operation(
        &mut self,
        asked: &Asked<'_>,
        route: &mut Route,
        parcel: &Parcel,
        file: Option<Vec<u8>>,
    ) -> Result<(Outcome, bool), WireError> {
        match route {
            Route::Back => self.send_back(asked, parcel, file).await,
            Route::Nowhere => Ok((Outcome::Failed, false)),
            Route::There(called, originator) => {
                match store_one(called, parcel, file, Some(originator.clone())).await {
                    Ok(outcome) => Ok((outcome, false)),
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(error, "the association with the destination of a move broke");
                        *route = Route::Nowhere;
                        Ok((Outcome::Failed, false))
                    }
                }
            }
        }
    }

    async fn send_back(
        &mut self,
        asked: &Asked<'_>,
        parcel: &Parcel,
        file: Option<Vec<u8>>,
    ) -> Result<(Outcome, bool), WireError> {
        let contexts = self.agreed.contexts.iter();
        let contexts =
            contexts.filter(|(_, one)| one.requestor_provides && one.sop_class_uid == parcel.class);
        let contexts = contexts.map(|(id, one)| (*id, one.syntax));
        let (context, data) = match ready(parcel, file, outgoing::context_for(parcel, contexts)).await {
            Ok(ready) => ready,
            Err(reason) => {
                tracing::warn!(%reason, "an object cannot be sent");
                return Ok((Outcome::Failed, false));
            }
        };
        let command = store_request(parcel, self.next_message_id(), None);
        self.channel.send(context, &command, Some(&data)).await?;
        let mut cancelled = false;
        loop {
            match self.channel.next().await? {
                Next::Command { command: said, .. } if said.operation == Operation::Cancel => {
                    cancelled |= said.about(asked.command.message_id);
                }
                Next::Command { command: said, .. } if is_answer(&said, &command) => {
                    return Ok((outcome(said.status), cancelled));
                }
                Next::Command { .. } => return Err(WireError::Malformed),
                Next::Release => return Err(WireError::Closed),
            }
        }
    }

    /// The last response, with the UIDs of what failed (PS3.4 §C.4.2.1.4.2).
    async fn end(&mut self, asked: Asked<'_>, tally: Tally, cancelled: bool) -> Result<(), WireError> {
        let answer = if cancelled { Answer::of(Status::Cancelled) } else { tally.end() };
        metrics::counter!("ringfence_dicom_retrievals_total", "status" => answer.status.label()).increment(1);
        metrics::counter!("ringfence_dicom_sent_total").increment((tally.stored + tally.warned) as u64);
        let mut last = asked.command.answered(&answer);
        last.counts = tally.counts(cancelled);
        if tally.failed.is_empty() {
            return self.channel.send(asked.context, &last, None).await;
        }
        let mut failed = Writer::new(asked.accepted.syntax.encoding());
        // An explicit header holds 64 KiB: a thousand UIDs of the longest kind.
        let uids: Vec<&str> = tally.failed.iter().take(1000).map(String::as_str).collect();
        failed.text(tags::FAILED_SOP_INSTANCE_UID_LIST, VR::UI, &uids.join("\\"));
        last.data_set_follows = true;
        self.channel.send(asked.context, &last, Some(&failed.finish())).await
    }
}

fn is_answer(said: &Command, to: &Command) -> bool {
    said.response && !said.data_set_follows && said.operation == Operation::Store && said.about(to.message_id)
}
