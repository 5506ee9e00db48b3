//! The certificate is renewed at half of its life, while the streams stay open.

use std::time::Duration;

use proto::agent::v1 as wire;
use proto::agent::v1::enrolment_client::EnrolmentClient;
use proto_ids::Timestamp;
use tonic::Code;

use crate::channel::Dialler;
use crate::enrol::{CALL_TIMEOUT, accept};
use crate::gate::Gate;
use crate::identity::{Credentials, Directory};

/// Why a certificate was not renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenewError {
    /// The control plane refuses this agent.
    #[error("the control plane refuses to renew the certificate")]
    Refused,
    /// It did not answer, or not as it should.
    #[error("the control plane did not answer the renewal")]
    Unanswered,
    /// The new credentials could not be stored.
    #[error("the renewed certificate cannot be kept")]
    Identity,
}

/// When to renew: at half of the life, 10 % earlier or later as `chance` (0 to 1) has it.
pub(crate) fn due_at((begins, ends): (Timestamp, Timestamp), chance: f64) -> Timestamp {
    let life = ends.millis_since(begins) as f64;
    begins.plus_millis((life * (0.45 + 0.1 * chance.clamp(0.0, 1.0))) as i64)
}

/// How long to sleep until `due`. A machine that slept must not sleep on, so never more than an hour.
pub(crate) fn wait(due: Timestamp, now: Timestamp) -> Duration {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    Duration::from_millis(due.millis_since(now).clamp(0, HOUR_MS).unsigned_abs())
}

/// Asks for the next certificate over the open connection and stores it.
pub(crate) async fn renew(
    gate: Gate,
    dialler: &Dialler,
    directory: &Directory,
    credentials: &Credentials,
) -> Result<Credentials, RenewError> {
    let pending = directory
        .pending(&format!("generation {}", credentials.generation))
        .map_err(|_| RenewError::Identity)?;
    let mut request = tonic::Request::new(wire::RenewRequest {
        csr_der: pending.csr_der.clone(),
        generation: credentials.generation,
    });
    request.set_timeout(CALL_TIMEOUT);
    let unanswered = |status: tonic::Status| {
        let refused = matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated);
        if refused { RenewError::Refused } else { RenewError::Unanswered }
    };
    let answer = EnrolmentClient::new(gate).renew(request).await.map_err(unanswered)?;
    let renewed = accept(answer.into_inner(), dialler, &pending).map_err(|_| RenewError::Unanswered)?;
    directory.store(&renewed).map_err(|_| RenewError::Identity)?;
    Ok(renewed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewal_is_due_at_half_of_the_life_give_or_take_a_tenth() {
        let week = (Timestamp::from_millis(0), Timestamp::from_millis(1000));
        assert_eq!([0.0, 0.5, 1.0].map(|chance| due_at(week, chance).millis()), [450, 500, 550]);
    }

    #[test]
    fn waiting_ends_at_once_when_the_time_has_passed() {
        let now = Timestamp::from_millis(1000);
        assert_eq!(wait(Timestamp::from_millis(10), now), Duration::ZERO);
        assert_eq!(wait(Timestamp::from_millis(i64::MAX), now), Duration::from_secs(3600));
    }
}
