//! Metadata of a study, a series, an instance: headers in the DICOM JSON model, without pixels (PS3.18 §10.4.1.1.2).
//!
//! No pixel is decoded. What was written of a series is kept as long as it does not grow, up to a limit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_archive::{AuditAction, AuditOutcome};
use agent_formats::json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use proto_ids::SeriesToken;

use super::Call;
use super::accept;
use super::address::{Origin, Target, Uids};
use super::catalogue::SeriesEntry;
use super::listing::InstanceEntry;
use super::parts::{self, Send};
use super::release::Showings;
use super::retrieve::object;
use super::view::{View, ViewKey};
use crate::app::App;
use crate::problem::Problem;

/// Headers of some 20,000 slices.
const KEPT_BYTES_MAX: usize = 192 * 1024 * 1024;
/// What is written before it is sent.
const PIECE_BYTES: usize = 64 * 1024;

/// Headers of series that were asked for, by view and by the address that their own addresses begin with.
#[derive(Debug, Default)]
pub(super) struct Cache {
    kept: Mutex<Kept>,
}

type Key = (ViewKey, SeriesToken, Origin);

#[derive(Debug, Default)]
struct Kept {
    of: HashMap<Key, Entry>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    /// How many instances the series had then.
    instances: u32,
    json: Bytes,
    used: u64,
}

impl Cache {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A sum that a panic left wrong empties it too early, no more.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &Key, instances: u32) -> Option<Bytes> {
        let mut kept = self.kept();
        kept.uses += 1;
        let uses = kept.uses;
        let entry = kept.of.get_mut(key).filter(|entry| entry.instances == instances)?;
        entry.used = uses;
        Some(entry.json.clone())
    }

    fn put(&self, key: Key, instances: u32, json: Bytes) {
        let mut kept = self.kept();
        kept.uses += 1;
        kept.bytes += json.len();
        let entry = Entry { instances, json, used: kept.uses };
        if let Some(before) = kept.of.insert(key, entry) {
            kept.bytes = kept.bytes.saturating_sub(before.json.len());
        }
        while kept.bytes > KEPT_BYTES_MAX {
            let oldest = kept.of.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            let Some(entry) = oldest.and_then(|key| kept.of.remove(&key)) else { break };
            kept.bytes = kept.bytes.saturating_sub(entry.json.len());
        }
    }
}

/// The headers of all objects of what an address names.
pub(super) async fn metadata(call: Call, Path(uids): Path<Uids>) -> Result<Response, Problem> {
    accept::dicom_json(&call.headers)?;
    let found = call.blocking(move |app, holder, _| {
        let target = Target::find(app, &holder.view, &uids)?;
        holder.audit(app, AuditAction::StudyRetrieved, target.subject(), AuditOutcome::Done)?;
        Ok(target)
    });
    let target = found.await?;
    let (view, origin) = (call.holder.view.clone(), call.origin.clone());
    let body = parts::written(&call.app, move |app, send| {
        let showings = Showings::of(app, &view, target.all_series())?;
        let writer = Writer { app, view: &view, origin: &origin, target: &target, showings: &showings };
        writer.write(send)
    });
    let content_type = HeaderValue::from_static("application/dicom+json");
    Ok(([(header::CONTENT_TYPE, content_type)], body.await?).into_response())
}

struct Writer<'w> {
    app: &'w App,
    view: &'w View,
    origin: &'w Origin,
    target: &'w Target,
    showings: &'w Showings,
}

impl Writer<'_> {
    fn write(&self, send: Send<'_>) -> Result<(), Problem> {
        if let (Some(series), Some(instance)) = (self.target.series(), self.target.instance()) {
            let mut out = vec![b'['];
            self.header(series, instance, &mut out)?;
            out.push(b']');
            send(Bytes::from(out));
            return Ok(());
        }
        let mut before = "[";
        for series in self.target.all_series() {
            if series.instances == 0 {
                continue;
            }
            if !send(Bytes::from_static(before.as_bytes())) || !self.series(series, send)? {
                return Ok(());
            }
            before = ",";
        }
        let end = if before == "[" { "[]" } else { "]" };
        send(Bytes::from_static(end.as_bytes()));
        Ok(())
    }

    /// The headers of a series with commas between; false when the client takes no more.
    fn series(&self, series: &SeriesEntry, send: Send<'_>) -> Result<bool, Problem> {
        let cache = &self.app.dicomweb.metadata;
        let key = (self.view.key(), series.series, self.origin.clone());
        // What is painted over can change without a new instance, and is seldom asked for.
        let kept = self.showings.as_they_are();
        if let Some(json) = cache.get(&key, series.instances).filter(|_| kept) {
            return Ok(send(json));
        }
        let listing = self.app.dicomweb.listings.of(&self.app.archive, self.view, series);
        let listing = listing.map_err(|cause| Problem::ours(&cause))?;
        let mut whole = kept.then(Vec::new);
        let mut piece = Vec::with_capacity(2 * PIECE_BYTES);
        for (index, instance) in listing.iter().enumerate() {
            if index > 0 {
                piece.push(b',');
            }
            self.header(series, instance, &mut piece)?;
            if piece.len() >= PIECE_BYTES || index + 1 == listing.len() {
                // A series that would fill the cache alone is not kept.
                whole = whole.filter(|whole| whole.len() + piece.len() <= KEPT_BYTES_MAX / 4);
                if let Some(whole) = &mut whole {
                    whole.extend_from_slice(&piece);
                }
                if !send(Bytes::from(std::mem::take(&mut piece))) {
                    return Ok(false);
                }
            }
        }
        if let Some(whole) = whole {
            cache.put(key, series.instances, Bytes::from(whole));
        }
        Ok(true)
    }

    fn header(
        &self,
        series: &SeriesEntry,
        instance: &InstanceEntry,
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        let file = object(self.app, self.view, self.showings, instance.instance)?;
        let base = self.origin.instance(&self.target.study, series, instance) + "/bulkdata/";
        json::write(&file, &base, out).map_err(|cause| Problem::ours(&cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        let origin = Origin::of(&axum::http::Request::new(()).into_parts().0);
        (None, SeriesToken::from_bytes([byte; 16]), origin)
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_first_and_a_grown_series_is_written_again() {
        let cache = Cache::default();
        let third = Bytes::from(vec![b' '; KEPT_BYTES_MAX / 3]);
        for byte in 1..=3 {
            cache.put(key(byte), 1, third.clone());
        }
        assert!(cache.get(&key(1), 1).is_some());
        assert!(cache.get(&key(1), 2).is_none());
        cache.put(key(4), 1, third.clone());
        let kept: Vec<bool> = (1..=4).map(|byte| cache.get(&key(byte), 1).is_some()).collect();
        assert_eq!(kept, [true, false, true, true]);
        assert!(cache.kept().bytes <= KEPT_BYTES_MAX);
    }
}
