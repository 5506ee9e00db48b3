//! Which sites are connected now, and when each was last heard of. Kept in memory only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use proto_ids::{SiteId, Timestamp};

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    streams: usize,
    last_seen_at: Option<Timestamp>,
}

/// Which sites are connected.
#[derive(Debug, Clone, Default)]
pub struct Presence(Arc<Mutex<BTreeMap<SiteId, Seen>>>);

impl Presence {
    /// A stream of a site has opened; it counts until the guard is dropped.
    pub fn connected(&self, site: SiteId, now: Timestamp) -> PresenceGuard {
        self.change(site, |seen| {
            seen.streams += 1;
            seen.last_seen_at = Some(now);
        });
        PresenceGuard { presence: self.clone(), site }
    }

    /// A message of a site has come.
    pub fn heard(&self, site: SiteId, now: Timestamp) {
        self.change(site, |seen| seen.last_seen_at = Some(now));
    }

    /// Whether a site has a stream open, and when it was last heard of since this program started.
    pub fn of(&self, site: SiteId) -> (bool, Option<Timestamp>) {
        let sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = sites.get(&site).copied().unwrap_or_default();
        (seen.streams > 0, seen.last_seen_at)
    }

    fn change(&self, site: SiteId, change: impl FnOnce(&mut Seen)) {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(sites.entry(site).or_default());
    }
}

/// An open stream of a site.
#[derive(Debug)]
pub struct PresenceGuard {
    presence: Presence,
    site: SiteId,
}

impl Drop for PresenceGuard {
    fn drop(&mut self) {
        self.presence.change(self.site, |seen| seen.streams = seen.streams.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_connected_while_a_stream_is_open() {
        let presence = Presence::default();
        let site = SiteId::from_random([1; 16]);
        assert_eq!(presence.of(site), (false, None));
        let now = Timestamp::from_millis(7);
        let (first, second) = (presence.connected(site, now), presence.connected(site, now));
        drop(first);
        assert_eq!(presence.of(site), (true, Some(now)));
        drop(second);
        assert_eq!(presence.of(site), (false, Some(now)));
    }
}
