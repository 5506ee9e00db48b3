//! One association from its request to its release.
//!
//! What breaks the protocol aborts the association; what is wrong with one message is answered with a status and
//! the association lives on.

use crate::catalogue::Catalogue;
use crate::channel::{ASSOCIATE_REQUEST, Channel};
use crate::config::ScpConfig;
use crate::intake::Intake;
use crate::negotiate::{self, Origin, Rejection};
use crate::provider::{Association, Owed};
use crate::user::Caller;
use crate::wire::{Wire, WireError};
use dicom_ul::pdu::{
    AbortRQServiceProviderReason, AbortRQSource, AssociationRJ, AssociationRJResult,
    AssociationRJServiceProviderPresentationReason, AssociationRJSource, AssociationRQ, Pdu, read_pdu,
    write_pdu,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// 128 contexts of 30 syntaxes each fit; nobody has to be trusted with more before they are known.
const REQUEST_BYTES_MAX: u32 = 256 * 1024;

/// After an abort the caller's last bytes are read past for so long: closing on unread bytes would reset the
/// connection, and the caller would never see why.
const ABORT_LINGER: Duration = Duration::from_secs(2);

/// What all associations share.
pub(crate) struct Shared {
    pub(crate) config: ScpConfig,
    pub(crate) intake: Intake,
    pub(crate) catalogue: Arc<dyn Catalogue>,
    /// For what we have to call others for: the destinations of moves, and late answers.
    pub(crate) caller: Caller,
    pub(crate) shutdown: watch::Receiver<bool>,
}

/// How an association ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Released,
    Rejected(Rejection),
}

/// How an association ended, and what it still owes its caller.
pub(crate) struct Ended {
    pub(crate) how: Result<Ending, WireError>,
    pub(crate) owed: Option<Owed>,
}

/// Serves one connection to its end.
pub(crate) async fn run<S>(stream: S, origin: Origin, shared: &Shared) -> Ended
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut wire = Wire::new(stream);
    let request = match request(&mut wire, shared).await {
        Ok(request) => request,
        Err(error) => return Ended { how: Err(abort(&mut wire, shared, error).await), owed: None },
    };
    match negotiate::negotiate(request, origin, &shared.config) {
        Ok((answer, agreed)) => {
            let write = shared.config.patience.write;
            let accepted = match encoded(&Pdu::AssociationAC(answer)) {
                Ok(bytes) => wire.write(&bytes, write).await,
                Err(error) => Err(error),
            };
            if let Err(error) = accepted {
                return Ended { how: Err(error), owed: None };
            }
            let limits = (shared.config.patience, &shared.config.sizes);
            let channel = Channel::new(wire, limits, agreed.peer_unit_max, shared.shutdown.clone());
            let mut association = Association::new(channel, shared, agreed);
            let served = association.serve().await;
            let (mut channel, owed) = association.into_parts();
            let how = match served {
                Ok(()) => {
                    channel.wire.linger(shared.config.patience.artim).await;
                    Ok(Ending::Released)
                }
                Err(error) => Err(abort(&mut channel.wire, shared, error).await),
            };
            Ended { how, owed }
        }
        Err(rejection) => Ended { how: reject(&mut wire, shared, rejection).await, owed: None },
    }
}

async fn reject<S>(wire: &mut Wire<S>, shared: &Shared, rejection: Rejection) -> Result<Ending, WireError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    wire.write(&encoded(&Pdu::AssociationRJ(rejection.pdu()))?, shared.config.patience.write).await?;
    wire.linger(shared.config.patience.artim).await;
    Ok(Ending::Rejected(rejection))
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
        | WireError::Handshake(_)
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

#[cfg(test)]
#[path = "association_tests.rs"]
pub(crate) mod tests;
