//! C-STORE as a user: objects to a peer.

use super::{CallError, Called, Caller, Proposal};
use crate::catalogue::{Catalogue, InstanceEntry};
use crate::dimse::{Command, Operation};
use crate::outgoing::{self, Parcel, Unsendable};
use crate::peers::Peer;
use agent_formats::TransferSyntax;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What became of the objects of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    pub stored: usize,
    /// Stored, but the peer changed or missed something (status Bxxx).
    pub warned: usize,
    pub failed: usize,
}

/// What became of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Stored,
    Warned,
    Failed,
}

/// One context for each class and syntax that is held; what is plain may also go in the other plain syntax.
pub(crate) fn proposals(parcels: &[Parcel]) -> Vec<Proposal> {
    let mut pairs: BTreeSet<(&str, &'static str)> = BTreeSet::new();
    for parcel in parcels {
        pairs.insert((&parcel.class, parcel.syntax.uid()));
    }
    let plain = [TransferSyntax::ExplicitLittle, TransferSyntax::ImplicitLittle];
    let proposal = |(class, syntax): (&str, &str)| {
        let own = TransferSyntax::from_uid(syntax)?;
        let others = plain.into_iter().filter(|other| plain.contains(&own) && *other != own);
        let syntaxes: Vec<TransferSyntax> = std::iter::once(own).chain(others).collect();
        Some(Proposal::using(class, &syntaxes))
    };
    // Objects beyond the contexts of one association fail, each by itself.
    pairs.into_iter().filter_map(proposal).take(crate::negotiate::CONTEXTS_MAX).collect()
}

/// Sends one object and waits for the answer. `originator` is who asked for it with a C-MOVE.
///
/// # Errors
/// When the association broke; an object that cannot be sent is an outcome.
pub(crate) async fn store_one(
    called: &mut Called,
    parcel: &Parcel,
    file: Option<Vec<u8>>,
    originator: Option<(String, u16)>,
) -> Result<Outcome, CallError> {
    let contexts = called.contexts.iter().filter(|(_, (class, _))| *class == parcel.class);
    let contexts = contexts.map(|(id, (_, syntax))| (*id, *syntax));
    let ready = ready(parcel, file, outgoing::context_for(parcel, contexts)).await;
    let (context, data) = match ready {
        Ok(ready) => ready,
        Err(reason) => {
            tracing::warn!(%reason, "an object cannot be sent");
            return Ok(Outcome::Failed);
        }
    };
    let command = request(parcel, called.message_id(), originator);
    called.channel.send(context, &command, Some(&data)).await?;
    let response = called.response(command.message_id).await?;
    Ok(outcome(response.status))
}

/// The C-STORE request for an object.
pub(crate) fn request(parcel: &Parcel, message_id: u16, originator: Option<(String, u16)>) -> Command {
    let mut command = Command::request(Operation::Store, message_id, &parcel.class);
    command.sop_instance_uid = Some(parcel.instance.clone());
    command.data_set_follows = true;
    command.move_originator = originator;
    command
}

/// What a response to C-STORE says (PS3.4 Table B.2-1).
pub(crate) fn outcome(status: Option<u16>) -> Outcome {
    match status {
        Some(0) => Outcome::Stored,
        Some(warning) if warning & 0xF000 == 0xB000 => Outcome::Warned,
        Some(_) | None => Outcome::Failed,
    }
}

/// The data set in the syntax of its context. Decoding headers can take a while, so a thread of its own does it.
pub(crate) async fn ready(
    parcel: &Parcel,
    file: Option<Vec<u8>>,
    context: Option<(u8, TransferSyntax)>,
) -> Result<(u8, Vec<u8>), Unsendable> {
    let (context, syntax) = context.ok_or(Unsendable::NoContext)?;
    let file = file.ok_or(Unsendable::Gone)?;
    let converts = syntax != parcel.syntax;
    let made = move || outgoing::data_set(&file, syntax).map(std::borrow::Cow::into_owned);
    let data = if converts {
        tokio::task::spawn_blocking(made).await.map_err(|_| Unsendable::Unreadable)?
    } else {
        made()
    };
    Ok((context, data?))
}

impl Caller {
    /// Sends objects that are held to a peer, over one association. `progress` hears how many are done, and ends
    /// the call before the next one by breaking off.
    ///
    /// # Errors
    /// `CallError` when no association comes about or it breaks; single objects that fail are counted.
    pub async fn store(
        &self,
        peer: &Peer,
        catalogue: &Arc<dyn Catalogue>,
        entries: Vec<InstanceEntry>,
        progress: &mut (dyn FnMut(usize) -> ControlFlow<()> + Send),
    ) -> Result<Sent, CallError> {
        let of = entries.len();
        let parcels: Vec<Parcel> = entries.into_iter().filter_map(Parcel::new).collect();
        let mut sent = Sent { failed: of - parcels.len(), ..Sent::default() };
        let mut called = self.call(peer, &proposals(&parcels)).await?;
        if called.contexts.is_empty() && !parcels.is_empty() {
            called.leave().await;
            return Err(CallError::NotOffered { service: "storage of these objects" });
        }
        let mut next = parcels.first().map(|parcel| outgoing::read(catalogue, parcel.handle));
        for (index, parcel) in parcels.iter().enumerate() {
            if progress(index).is_break() {
                called.leave().await;
                return Ok(sent);
            }
            let file = match next.take() {
                Some(reading) => reading.await.ok().flatten(),
                None => None,
            };
            next = parcels.get(index + 1).map(|parcel| outgoing::read(catalogue, parcel.handle));
            match store_one(&mut called, parcel, file, None).await? {
                Outcome::Stored => sent.stored += 1,
                Outcome::Warned => sent.warned += 1,
                Outcome::Failed => sent.failed += 1,
            }
        }
        let _ = progress(of);
        called.leave().await;
        Ok(sent)
    }
}
