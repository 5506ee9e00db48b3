//! What happens to one received data set: checked to be what its command says, then handed to the port.
//!
//! Blocks; runs on a thread for blocking work.

use crate::dimse::{Answer, Request, Status};
use crate::storage::{ReceivedInstance, Storage, StoreOutcome, StoreRefusal};
use agent_formats::header::{self, HeaderError};
use agent_phi::{HeaderText, Purpose};

/// Checks a file and keeps it.
pub(crate) fn store(request: &Request, calling_ae: &str, bytes: Vec<u8>, storage: &dyn Storage) -> Answer {
    let identity = match header::identity(&bytes) {
        Ok(identity) => identity,
        Err(error) => return Answer::failure(Status::CannotUnderstand, sentence(error)),
    };
    if request.sop_instance_uid.as_deref() != Some(identity.instance.expose(Purpose::DicomPeer)) {
        return Answer::failure(Status::DataSetDoesNotMatch, "SOPInstanceUID differs from the command's");
    }
    if request.sop_class_uid.as_deref() != Some(identity.sop_class_uid.as_str()) {
        return Answer::failure(Status::DataSetDoesNotMatch, "SOPClassUID differs from the command's");
    }
    let calling_ae = HeaderText::new(calling_ae).ok();
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
