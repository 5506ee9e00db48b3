//! An object on its way out: the data set of a file that is held, in a syntax that the other side takes.

use crate::catalogue::{Catalogue, InstanceEntry, ObjectHandle};
use crate::plain;
use agent_formats::TransferSyntax;
use agent_formats::part10;
use agent_phi::Purpose;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What is to be sent, before its bytes are read.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) class: String,
    pub(crate) instance: String,
    pub(crate) syntax: TransferSyntax,
    pub(crate) handle: ObjectHandle,
}

impl std::fmt::Debug for Parcel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Parcel").finish_non_exhaustive()
    }
}

impl Parcel {
    pub(crate) fn new(entry: InstanceEntry) -> Option<Self> {
        Some(Self {
            class: entry.sop_class_uid,
            instance: entry.uid.expose(Purpose::DicomPeer).to_owned(),
            syntax: sent_as(TransferSyntax::from_uid(&entry.transfer_syntax_uid)?),
            handle: entry.handle,
        })
    }
}

/// A deflated data set is sent inflated: hardly anybody takes it otherwise.
fn sent_as(syntax: TransferSyntax) -> TransferSyntax {
    if syntax == TransferSyntax::DeflatedLittle { TransferSyntax::ExplicitLittle } else { syntax }
}

/// Why an object cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error("the object is there no longer, or cannot be read")]
    Gone,
    #[error("the object cannot be walked safely")]
    Unreadable,
    #[error("no presentation context takes the object's transfer syntax")]
    NoContext,
}

/// Reads a file on a thread of its own, so that the next object is there when the last one is answered.
pub(crate) fn read(catalogue: &Arc<dyn Catalogue>, handle: ObjectHandle) -> JoinHandle<Option<Vec<u8>>> {
    let catalogue = Arc::clone(catalogue);
    tokio::task::spawn_blocking(move || catalogue.object(handle).ok().flatten())
}

/// The data set of a file, as it goes out in `syntax`.
///
/// # Errors
/// `Unsendable`.
pub(crate) fn data_set(file: &[u8], syntax: TransferSyntax) -> Result<Cow<'_, [u8]>, Unsendable> {
    let opened = part10::open(file).map_err(|_| Unsendable::Unreadable)?;
    let held = sent_as(opened.syntax);
    if held == syntax {
        return Ok(opened.data_set);
    }
    if !plain::convertible(held, syntax) {
        return Err(Unsendable::NoContext);
    }
    plain::convert(&opened.data_set, held.encoding(), syntax.encoding())
        .map(Cow::Owned)
        .map_err(|_| Unsendable::Unreadable)
}

/// The best of the contexts for an object: its own syntax, else one that needs new headers only.
pub(crate) fn context_for(
    parcel: &Parcel,
    contexts: impl Iterator<Item = (u8, TransferSyntax)> + Clone,
) -> Option<(u8, TransferSyntax)> {
    let own = contexts.clone().find(|(_, syntax)| *syntax == parcel.syntax);
    own.or_else(|| contexts.clone().find(|(_, syntax)| plain::convertible(parcel.syntax, *syntax)))
}
