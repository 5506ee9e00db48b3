//! C-MOVE and C-GET as a user: objects of a peer into our own archive.

use super::{CallError, Called, Caller, Proposal};
use crate::channel::Next;
use crate::classes::{
    COMPRESSED_SYNTAXES, PLAIN_SYNTAXES, RETRIEVED_CLASSES, STUDY_ROOT_GET, STUDY_ROOT_MOVE,
};
use crate::dimse::{Command, Counts, Operation};
use crate::peers::Peer;
use crate::query::{Level, Writer};
use crate::store;
use crate::wire::WireError;
use agent_formats::syntax::Encoding;
use agent_phi::{Purpose, SeriesUid, StudyUid};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use std::ops::ControlFlow;

/// The status of a retrieval that ended because it was cancelled (PS3.4 Table C.4-2).
const CANCELLED: u16 = 0xFE00;

/// How objects come here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The peer calls us, under the address that it knows of us.
    Move,
    /// Over the association that we opened.
    Get,
}

/// What became of the objects that were asked for, as the peer counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pulled {
    pub completed: u16,
    pub warned: u16,
    pub failed: u16,
    /// The status of the last response; 0 when everything came, FE00H when the call was cancelled.
    pub status: u16,
}

/// A study, or one series of it.
fn identifier(study: &StudyUid, series: Option<&SeriesUid>, encoding: Encoding) -> Vec<u8> {
    let level = if series.is_some() { Level::Series } else { Level::Study };
    let mut writer = Writer::new(encoding);
    writer.text(tags::QUERY_RETRIEVE_LEVEL, VR::CS, level.code());
    writer.text(tags::STUDY_INSTANCE_UID, VR::UI, study.expose(Purpose::DicomPeer));
    if let Some(series) = series {
        writer.text(tags::SERIES_INSTANCE_UID, VR::UI, series.expose(Purpose::DicomPeer));
    }
    writer.finish()
}

fn pulled(counts: Counts, status: u16) -> Pulled {
    Pulled {
        completed: counts.completed.unwrap_or_default(),
        warned: counts.warning.unwrap_or_default(),
        failed: counts.failed.unwrap_or_default(),
        status,
    }
}

/// The contexts of a C-GET: for each class one without and one with a codec, since each context has one syntax.
fn proposals() -> Vec<Proposal> {
    let mut proposals = vec![Proposal::using(STUDY_ROOT_GET, &PLAIN_SYNTAXES)];
    for (class, _) in RETRIEVED_CLASSES {
        proposals.push(Proposal::providing(class, &PLAIN_SYNTAXES));
        proposals.push(Proposal::providing(class, &COMPRESSED_SYNTAXES));
    }
    proposals
}

impl Caller {
    /// Has a peer send a study, or one series of it, to us; `progress` hears how many objects are done and how many
    /// remain, and cancels the rest by breaking off. What has come stays.
    ///
    /// # Errors
    /// `CallError`; `Refused` when nothing was sent. Objects that failed are counted.
    pub async fn pull(
        &self,
        peer: &Peer,
        (study, series): (&StudyUid, Option<&SeriesUid>),
        way: Way,
        progress: &mut (dyn FnMut(u16, u16) -> ControlFlow<()> + Send),
    ) -> Result<Pulled, CallError> {
        let (class, service, operation) = match way {
            Way::Move => (STUDY_ROOT_MOVE, "C-MOVE", Operation::Move),
            Way::Get => (STUDY_ROOT_GET, "C-GET", Operation::Get),
        };
        let proposed = match way {
            Way::Move => vec![Proposal::using(STUDY_ROOT_MOVE, &PLAIN_SYNTAXES)],
            Way::Get => proposals(),
        };
        let mut called = self.call(peer, &proposed).await?;
        let context = called.context(class, service)?;
        let encoding = called.contexts.get(&context).map(|(_, syntax)| syntax.encoding());
        let encoding = encoding.unwrap_or(Encoding::IMPLICIT_LITTLE);
        let mut command = Command::request(operation, called.message_id(), class);
        command.data_set_follows = true;
        command.move_destination = (way == Way::Move).then(|| self.ae_title.as_str().to_owned());
        called.channel.send(context, &command, Some(&identifier(study, series, encoding))).await?;
        let mut cancelled = false;
        loop {
            let Next::Command { context: from, command: said } = called.channel.next().await? else {
                return Err(WireError::Closed.into());
            };
            if !said.response {
                self.take(&mut called, (from, &said), peer, way).await?;
                continue;
            }
            if !said.about(command.message_id) || from != context {
                return Err(WireError::Malformed.into());
            }
            if said.data_set_follows {
                // The UIDs of what failed: there is nobody to show them to.
                called.channel.data_skip(context).await?;
            }
            let status = said.status.unwrap_or_default();
            let done = pulled(said.counts, status);
            if status == 0xFF00 {
                let finished = done.completed.saturating_add(done.warned).saturating_add(done.failed);
                let asked = progress(finished, said.counts.remaining.unwrap_or_default());
                if asked.is_break() && !cancelled {
                    cancelled = true;
                    called.channel.send(context, &Command::cancel(command.message_id), None).await?;
                }
                continue;
            }
            called.leave().await;
            let some = done.completed > 0 || done.warned > 0 || matches!(status, 0 | 0xB000 | CANCELLED);
            return if some { Ok(done) } else { Err(CallError::Refused { status }) };
        }
    }

    /// One object that comes in answer to our C-GET.
    async fn take(
        &self,
        called: &mut Called,
        (context, command): (u8, &Command),
        peer: &Peer,
        way: Way,
    ) -> Result<(), CallError> {
        let Some((class, syntax)) = called.contexts.get(&context) else {
            return Err(WireError::Malformed.into());
        };
        let query = class == STUDY_ROOT_GET || class == STUDY_ROOT_MOVE;
        if way != Way::Get || query || command.operation != Operation::Store {
            return Err(WireError::Malformed.into());
        }
        let sender = peer.ae_title.as_str();
        let way = store::Way { context, class, syntax: *syntax, sender };
        let answer = store::take(&mut called.channel, &self.intake, way, command).await?;
        Ok(called.channel.send(context, &command.answered(&answer), None).await?)
    }
}
