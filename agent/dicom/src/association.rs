//! One association from its request to its release.
//!
//! Holds at most one message at a time. What breaks the protocol aborts the association; what is wrong with one
//! object is answered with a status and the association lives on.

use crate::budget::{Budget, Share};
use crate::config::ScpConfig;
use crate::dimse::{self, Answer, COMMAND_BYTES_MAX, Operation, Request, Status};
use crate::negotiate::{self, Agreed, Context, Rejection};
use crate::serve;
use crate::storage::Storage;
use crate::store;
use crate::wire::{UnitHeader, Wire, WireError};
use agent_formats::part10::{FileMeta, file_meta};
use dicom_ul::pdu::{
    AbortRQServiceProviderReason, AbortRQSource, AssociationRJ, AssociationRJResult,
    AssociationRJServiceProviderPresentationReason, AssociationRJSource, AssociationRQ, Pdu, read_pdu,
    write_pdu,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// PS3.8 Table 9-11 to 9-26: the first byte of a unit.
const ASSOCIATE_REQUEST: u8 = 0x01;
const DATA: u8 = 0x04;
const RELEASE_REQUEST: u8 = 0x05;
const RELEASE_RESPONSE: u8 = 0x06;
const ABORT: u8 = 0x07;

/// 128 contexts of 30 syntaxes each fit; nobody has to be trusted with more before they are known.
const REQUEST_BYTES_MAX: u32 = 256 * 1024;
/// Where an object's buffer begins; most slices fit.
const OBJECT_BYTES_START: usize = 640 * 1024;

/// After an abort the caller's last bytes are read past for so long: closing on unread bytes would reset the
/// connection, and the caller would never see why.
const ABORT_LINGER: Duration = Duration::from_secs(2);

/// What all associations share.
pub(crate) struct Shared {
    pub(crate) config: ScpConfig,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) shutdown: watch::Receiver<bool>,
}

/// How an association ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Released,
    Rejected(Rejection),
}

/// Where the bytes of a data set go.
enum Sink {
    Object {
        bytes: Vec<u8>,
        share: Share,
    },
    /// Refused already: read past, then answered.
    Refused(Answer),
}

struct Incoming {
    context: u8,
    request: Request,
    sink: Sink,
}

struct Association<'a, S> {
    wire: Wire<S>,
    shared: &'a Shared,
    agreed: Agreed,
    /// Fragments of a command set, and their context.
    command: Option<(u8, Vec<u8>)>,
    incoming: Option<Incoming>,
}

/// Serves one connection to its end.
pub(crate) async fn run<S>(stream: S, shared: &Shared) -> Result<Ending, WireError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut wire = Wire::new(stream);
    let request = match request(&mut wire, shared).await {
        Ok(request) => request,
        Err(error) => return Err(abort(&mut wire, shared, error).await),
    };
    let write = shared.config.patience.write;
    match negotiate::negotiate(request, &shared.config) {
        Ok((answer, agreed)) => {
            wire.write(&encoded(&Pdu::AssociationAC(answer))?, write).await?;
            let mut association = Association { wire, shared, agreed, command: None, incoming: None };
            let ended = association.serve().await;
            let mut wire = association.wire;
            match ended {
                Ok(()) => {
                    wire.linger(shared.config.patience.artim).await;
                    Ok(Ending::Released)
                }
                Err(error) => Err(abort(&mut wire, shared, error).await),
            }
        }
        Err(rejection) => {
            wire.write(&encoded(&Pdu::AssociationRJ(rejection.pdu()))?, write).await?;
            wire.linger(shared.config.patience.artim).await;
            Ok(Ending::Rejected(rejection))
        }
    }
}

/// Tells a caller to come again later, without holding anything for it.
pub(crate) async fn turn_away<S>(stream: S, shared: &Shared) -> Result<(), WireError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut wire = Wire::new(stream);
    request(&mut wire, shared).await?;
    let busy = AssociationRJSource::ServiceProviderPresentation(
        AssociationRJServiceProviderPresentationReason::LocalLimitExceeded,
    );
    let rejection = AssociationRJ { result: AssociationRJResult::Transient, source: busy };
    wire.write(&encoded(&Pdu::AssociationRJ(rejection))?, shared.config.patience.write).await?;
    wire.linger(shared.config.patience.artim).await;
    Ok(())
}

async fn request<S>(wire: &mut Wire<S>, shared: &Shared) -> Result<AssociationRQ, WireError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let artim = shared.config.patience.artim;
    let header = wire
        .header(artim, artim)
        .await
        .map_err(|error| if matches!(error, WireError::Closed) { WireError::Silent } else { error })?;
    if header.kind != ASSOCIATE_REQUEST {
        return Err(WireError::Unexpected { kind: header.kind });
    }
    if header.length > REQUEST_BYTES_MAX {
        return Err(WireError::TooLong);
    }
    let mut unit = vec![header.kind, 0];
    unit.extend_from_slice(&header.length.to_be_bytes());
    let mut left = usize::try_from(header.length).map_err(|_| WireError::TooLong)?;
    // In steps, so that memory follows what has come and not what was claimed.
    while left > 0 {
        let step = left.min(4096);
        wire.append(step, &mut unit).await?;
        left -= step;
    }
    match read_pdu(unit.as_slice(), REQUEST_BYTES_MAX, true) {
        Ok(Some(Pdu::AssociationRQ(request))) => Ok(request),
        Ok(_) | Err(_) => Err(WireError::Malformed),
    }
}

/// Says goodbye where the caller is still there to hear it, and gives the error back.
async fn abort<S>(wire: &mut Wire<S>, shared: &Shared, error: WireError) -> WireError
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let reason = match &error {
        WireError::Closed
        | WireError::Silent
        | WireError::Aborted
        | WireError::Broken(_)
        | WireError::NotTaken => return error,
        WireError::Idle | WireError::Slow | WireError::Shutdown => {
            AbortRQServiceProviderReason::ReasonNotSpecified
        }
        WireError::TooLong | WireError::Malformed => AbortRQServiceProviderReason::InvalidPduParameter,
        WireError::Unexpected { kind: 0x01..=0x07 } => AbortRQServiceProviderReason::UnexpectedPdu,
        WireError::Unexpected { .. } => AbortRQServiceProviderReason::UnrecognizedPdu,
    };
    let pdu = Pdu::AbortRQ { source: AbortRQSource::ServiceProvider(reason) };
    if let Ok(bytes) = encoded(&pdu) {
        let _ = wire.write(&bytes, shared.config.patience.write).await;
        wire.linger(ABORT_LINGER).await;
    }
    error
}

fn encoded(pdu: &Pdu) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    write_pdu(&mut bytes, pdu).map_err(|_| WireError::Malformed)?;
    Ok(bytes)
}

impl<S> Association<'_, S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    async fn serve(&mut self) -> Result<(), WireError> {
        loop {
            let header = self.next().await?;
            match header.kind {
                DATA => self.data(header.length).await?,
                RELEASE_REQUEST => {
                    let answer = [RELEASE_RESPONSE, 0, 0, 0, 0, 4, 0, 0, 0, 0];
                    return self.wire.write(&answer, self.shared.config.patience.write).await;
                }
                ABORT => return Err(WireError::Aborted),
                kind => return Err(WireError::Unexpected { kind }),
            }
        }
    }

    /// Waits for the next unit; between messages, a shutdown ends the wait.
    async fn next(&mut self) -> Result<UnitHeader, WireError> {
        let patience = self.shared.config.patience;
        if self.command.is_some() || self.incoming.is_some() {
            return self.wire.header(patience.idle, patience.unit).await;
        }
        let mut shutdown = self.shared.shutdown.clone();
        tokio::select! {
            biased;
            () = serve::asked(&mut shutdown) => Err(WireError::Shutdown),
            header = self.wire.header(patience.idle, patience.unit) => header,
        }
    }

    /// One P-DATA unit: presentation data values, each with a context and two bits (PS3.8 §9.3.5, Annex E).
    async fn data(&mut self, length: u32) -> Result<(), WireError> {
        if length > self.shared.config.sizes.pdu_bytes_max {
            return Err(WireError::TooLong);
        }
        let mut left = usize::try_from(length).map_err(|_| WireError::TooLong)?;
        while left > 0 {
            if left < 6 {
                return Err(WireError::Malformed);
            }
            let [a, b, c, d, context, control] = self.wire.array::<6>().await?;
            let value =
                usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| WireError::Malformed)?;
            if value < 2 || value > left - 4 {
                return Err(WireError::Malformed);
            }
            left -= value + 4;
            let count = value - 2;
            let last = control & 2 != 0;
            if control & 1 != 0 {
                self.command_fragment(context, count, last).await?;
            } else {
                self.data_fragment(context, count, last).await?;
            }
        }
        Ok(())
    }

    async fn command_fragment(&mut self, context: u8, count: usize, last: bool) -> Result<(), WireError> {
        if self.incoming.is_some() {
            return Err(WireError::Malformed);
        }
        let (begun_in, mut bytes) = self.command.take().unwrap_or((context, Vec::new()));
        if begun_in != context || bytes.len() + count > COMMAND_BYTES_MAX {
            return Err(WireError::Malformed);
        }
        self.wire.append(count, &mut bytes).await?;
        if !last {
            self.command = Some((context, bytes));
            return Ok(());
        }
        let accepted = self.agreed.contexts.get(&context).cloned().ok_or(WireError::Malformed)?;
        let request = dimse::read(&bytes).map_err(|_| WireError::Malformed)?;
        self.begin(context, &accepted, request).await
    }

    async fn begin(&mut self, context: u8, accepted: &Context, request: Request) -> Result<(), WireError> {
        let sink = match request.operation {
            Operation::Echo => Sink::Refused(Answer::success()),
            // Nothing runs that could be cancelled.
            Operation::Cancel => return Ok(()),
            Operation::Other(field) if field & 0x8000 != 0 => return Err(WireError::Malformed),
            Operation::Other(_) => Sink::Refused(Answer::failure(
                Status::UnrecognisedOperation,
                "only C-ECHO and C-STORE are offered",
            )),
            Operation::Store if !request.data_set_follows => {
                Sink::Refused(Answer::failure(Status::CannotUnderstand, "the data set is missing"))
            }
            Operation::Store => self.open_sink(accepted, &request),
        };
        match sink {
            Sink::Refused(answer) if !request.data_set_follows => {
                self.answer(context, &request, &answer).await
            }
            Sink::Refused(_) | Sink::Object { .. } => {
                self.incoming = Some(Incoming { context, request, sink });
                Ok(())
            }
        }
    }

    fn open_sink(&self, accepted: &Context, request: &Request) -> Sink {
        if request.sop_class_uid.as_deref() != Some(accepted.sop_class_uid.as_str()) {
            let comment = "AffectedSOPClassUID differs from the context's";
            return Sink::Refused(Answer::failure(Status::SopClassNotSupported, comment));
        }
        let meta = FileMeta {
            sop_class_uid: &accepted.sop_class_uid,
            sop_instance_uid: request.sop_instance_uid.as_deref().unwrap_or_default(),
            syntax: accepted.syntax,
        };
        match file_meta(&meta) {
            Ok(mut bytes) => {
                bytes.reserve(OBJECT_BYTES_START);
                Sink::Object { bytes, share: self.shared.budget.share() }
            }
            Err(_) => {
                let comment = "AffectedSOPInstanceUID is not a valid UID";
                Sink::Refused(Answer::failure(Status::CannotUnderstand, comment))
            }
        }
    }

    async fn data_fragment(&mut self, context: u8, count: usize, last: bool) -> Result<(), WireError> {
        let object_bytes_max = self.shared.config.sizes.object_bytes_max;
        let incoming = self.incoming.as_mut().filter(|incoming| incoming.context == context);
        let incoming = incoming.ok_or(WireError::Malformed)?;
        match &mut incoming.sink {
            Sink::Object { bytes, share } => {
                if bytes.len() + count <= object_bytes_max && share.grow(count) {
                    self.wire.append(count, bytes).await?;
                } else {
                    let comment = "the object is larger than can be taken now";
                    incoming.sink = Sink::Refused(Answer::failure(Status::OutOfResources, comment));
                    self.wire.skip(count).await?;
                }
            }
            Sink::Refused(_) => self.wire.skip(count).await?,
        }
        match self.incoming.take() {
            Some(incoming) if last => self.finish(incoming).await,
            unfinished => {
                self.incoming = unfinished;
                Ok(())
            }
        }
    }

    async fn finish(&mut self, incoming: Incoming) -> Result<(), WireError> {
        let Incoming { context, request, sink } = incoming;
        let (bytes, share) = match sink {
            Sink::Refused(answer) => return self.answer(context, &request, &answer).await,
            Sink::Object { bytes, share } => (bytes, share),
        };
        metrics::counter!("ringfence_dicom_received_bytes_total").increment(bytes.len() as u64);
        let storage = Arc::clone(&self.shared.storage);
        let calling_ae = self.agreed.calling_ae.clone();
        let kept = tokio::task::spawn_blocking(move || {
            let answer = store::store(&request, &calling_ae, bytes, &*storage);
            drop(share);
            (request, answer)
        });
        // A storage that panics takes this association with it, not the listener.
        let (request, answer) = kept.await.map_err(|_| WireError::Malformed)?;
        metrics::counter!("ringfence_dicom_instances_total", "status" => answer.status.label()).increment(1);
        if let (Some(comment), false) = (&answer.comment, answer.status == Status::Success) {
            tracing::warn!(status = answer.status.label(), reason = %comment, "an object was refused");
        }
        self.answer(context, &request, &answer).await
    }

    async fn answer(&mut self, context: u8, request: &Request, answer: &Answer) -> Result<(), WireError> {
        let command = dimse::respond(request, answer);
        // Six bytes of each value's header count against the caller's limit; 0 means no limit.
        let room = match self.agreed.peer_unit_max {
            0..=6 => negotiate::PEER_UNIT_DEFAULT,
            limit => limit - 6,
        };
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let mut units = Vec::with_capacity(command.len() + 12);
        let count = command.chunks(room).count();
        for (index, part) in command.chunks(room).enumerate() {
            let length = u32::try_from(part.len()).unwrap_or_default();
            units.extend_from_slice(&[DATA, 0]);
            units.extend_from_slice(&(length + 6).to_be_bytes());
            units.extend_from_slice(&(length + 2).to_be_bytes());
            let last = if index + 1 == count { 2 } else { 0 };
            units.extend_from_slice(&[context, 1 | last]);
            units.extend_from_slice(part);
        }
        self.wire.write(&units, self.shared.config.patience.write).await
    }
}

#[cfg(test)]
#[path = "association_tests.rs"]
mod tests;
