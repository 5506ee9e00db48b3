//! The clock that TLS checks certificates with: the one that the control plane was given.

use std::sync::Arc;
use std::time::Duration;

use proto_ids::Clock;
use rustls_pki_types::UnixTime;

/// Lets rustls read the control plane's clock.
pub(crate) struct TlsClock(pub(crate) Arc<dyn Clock>);

impl std::fmt::Debug for TlsClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsClock")
    }
}

impl rustls::time_provider::TimeProvider for TlsClock {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.now().millis()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}
