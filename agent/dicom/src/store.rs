//! What happens to one received object: its data set is read into a file, checked to be what its command says, and
//! handed to the port. The same whether a peer sends it by itself or because we asked for it.

use crate::channel::Channel;
use crate::dimse::{Answer, Command, Status};
use crate::intake::Intake;
use crate::storage::{ReceivedInstance, Storage, StoreOutcome, StoreRefusal};
use crate::wire::WireError;
use agent_formats::TransferSyntax;
use agent_formats::header::{self, HeaderError};
use agent_formats::part10::{FileMeta, file_meta};
use agent_phi::{HeaderText, Purpose};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// Where an object's buffer begins; most slices fit.
const OBJECT_BYTES_START: usize = 640 * 1024;

/// The presentation context that an object comes in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way<'a> {
    pub(crate) context: u8,
    pub(crate) class: &'a str,
    pub(crate) syntax: TransferSyntax,
    /// The title of the peer at the other end.
    pub(crate) sender: &'a str,
}

/// Takes the object that a C-STORE request announces, whole or past it, and says what to answer.
///
/// # Errors
/// When the association broke.
pub(crate) async fn take<S>(
    channel: &mut Channel<S>,
    intake: &Intake,
    way: Way<'_>,
    command: &Command,
) -> Result<Answer, WireError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    if !command.data_set_follows {
        return Ok(Answer::failure(Status::CannotUnderstand, "the data set is missing"));
    }
    let mut sink = match begin(way, command) {
        Ok(bytes) => intake.object(bytes),
        Err(answer) => {
            channel.data_skip(way.context).await?;
            return Ok(answer);
        }
    };
    channel.data_into(way.context, &mut sink).await?;
    if sink.overflowed {
        return Ok(Answer::failure(Status::OutOfResources, "the object is larger than can be taken now"));
    }
    let (bytes, share) = sink.into_parts();
    metrics::counter!("ringfence_dicom_received_bytes_total").increment(bytes.len() as u64);
    let storage = Arc::clone(&intake.storage);
    let (command, sender) = (command.clone(), way.sender.to_owned());
    let kept = tokio::task::spawn_blocking(move || {
        let answer = store(&command, &sender, bytes, &*storage);
        drop(share);
        answer
    });
    // A storage that panics takes this association with it, not the listener.
    let answer = kept.await.map_err(|_| WireError::Malformed)?;
    metrics::counter!("ringfence_dicom_instances_total", "status" => answer.status.label()).increment(1);
    if let (Some(comment), false) = (&answer.comment, answer.status == Status::Success) {
        tracing::warn!(status = answer.status.label(), reason = %comment, "an object was refused");
    }
    Ok(answer)
}

/// The beginning of the object's file.
fn begin(way: Way<'_>, command: &Command) -> Result<Vec<u8>, Answer> {
    if command.sop_class_uid.as_deref() != Some(way.class) {
        let comment = "AffectedSOPClassUID differs from the context's";
        return Err(Answer::failure(Status::SopClassNotSupported, comment));
    }
    let meta = FileMeta {
        sop_class_uid: way.class,
        sop_instance_uid: command.sop_instance_uid.as_deref().unwrap_or_default(),
        syntax: way.syntax,
    };
    let comment = "AffectedSOPInstanceUID is not a valid UID";
    let mut bytes = file_meta(&meta).map_err(|_| Answer::failure(Status::CannotUnderstand, comment))?;
    bytes.reserve(OBJECT_BYTES_START);
    Ok(bytes)
}

/// Checks a file and keeps it. Blocks; runs on a thread for blocking work.
fn store(command: &Command, sender: &str, bytes: Vec<u8>, storage: &dyn Storage) -> Answer {
    let identity = match header::identity(&bytes) {
        Ok(identity) => identity,
        Err(error) => return Answer::failure(Status::CannotUnderstand, sentence(error)),
    };
    if command.sop_instance_uid.as_deref() != Some(identity.instance.expose(Purpose::DicomPeer)) {
        return Answer::failure(Status::DataSetDoesNotMatch, "SOPInstanceUID differs from the command's");
    }
    if command.sop_class_uid.as_deref() != Some(identity.sop_class_uid.as_str()) {
        return Answer::failure(Status::DataSetDoesNotMatch, "SOPClassUID differs from the command's");
    }
    let calling_ae = HeaderText::new(sender).ok();
    match storage.store(ReceivedInstance { identity, calling_ae, bytes }) {
        Ok(StoreOutcome::New | StoreOutcome::Duplicate | StoreOutcome::KeptBeside) => Answer::success(),
        Err(StoreRefusal::OutOfResources) => Answer::failure(Status::OutOfResources, "the store is full"),
        Err(StoreRefusal::Failed) => Answer::failure(Status::ProcessingFailure, "the store failed"),
    }
}

fn sentence(error: HeaderError) -> String {
    match error {
        HeaderError::Unreadable { cause } => cause.to_string(),
        HeaderError::Missing { .. } | HeaderError::Invalid { .. } => error.to_string(),
    }
}
