//! STOW-RS (PS3.18 §10.5): objects come in, part by part.
//!
//! Each part is read to its end, checked as at the other doors, and kept before the next is read. What was kept stays
//! kept, whatever becomes of the rest of the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agent_archive::{AuditAction, AuditOutcome, AuditSubject, StoreError};
use agent_formats::HeaderError;
use agent_formats::header as instance_header;
use agent_phi::Purpose;
use axum::body::{Body, BodyDataStream};
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use multer::{Field, Multipart};
use serde_json::{Map, Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Call;
use super::accept;
use super::address::{Origin, Uids};
use crate::arriving::new_instance;
use crate::problem::Problem;

/// An object beyond this is refused, as at the other doors.
pub(super) const OBJECT_BYTES_MAX: usize = 1 << 30;
/// Objects that are held at a time, over all requests, in mebibytes.
pub(super) const ROOM_MIB: usize = 1536;
const MIB: usize = 1024 * 1024;
/// Objects in one request.
pub(super) const PARTS_MAX: usize = 100_000;
/// Bytes that came and belong to no part yet: a head without end is no head.
const UNCLAIMED_BYTES_MAX: usize = 64 * MIB;
/// How long a sender may send nothing.
const STALLED: Duration = Duration::from_secs(60);

/// Takes objects of any study.
pub(super) async fn store(call: Call, body: Body) -> Result<Response, Problem> {
    taken(call, None, body).await
}

/// Takes objects of one study.
pub(super) async fn store_in_study(
    call: Call,
    Path(uids): Path<Uids>,
    body: Body,
) -> Result<Response, Problem> {
    taken(call, Some(uids.study().to_owned()), body).await
}

async fn taken(call: Call, study: Option<String>, body: Body) -> Result<Response, Problem> {
    if !call.holder.may_store() {
        let title = "This token may not bring objects in.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "may-not-store", title));
    }
    accept::dicom_json(&call.headers)?;
    let boundary = boundary(&call)?;
    let unclaimed = Arc::new(AtomicUsize::new(0));
    let stream = watched(body.into_data_stream(), Arc::clone(&unclaimed));
    let mut parts = Multipart::new(stream, boundary);
    let mut report = Report::default();
    let mut count = 0;
    loop {
        match parts.next_field().await {
            Ok(Some(part)) if count < PARTS_MAX => {
                count += 1;
                match read(&call, part, &unclaimed).await {
                    Ok(object) => report.add(keep(&call, study.clone(), object).await?),
                    Err(Unread::Refused(reason)) => report.others.push(reason),
                    Err(Unread::Broken) => {
                        report.others.push(Reason::CannotUnderstand);
                        break;
                    }
                }
            }
            Ok(None) => break,
            Ok(Some(_)) => {
                report.others.push(Reason::OutOfResources);
                break;
            }
            Err(_) => {
                report.others.push(Reason::CannotUnderstand);
                break;
            }
        }
    }
    report.answer(&call.origin)
}

fn boundary(call: &Call) -> Result<String, Problem> {
    let title = "Objects come as multipart/related; type=\"application/dicom\".";
    let refused = || Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", title);
    let value = call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let range = value.and_then(accept::range).filter(|range| range.media == "multipart/related");
    let range = range.ok_or_else(refused)?;
    let dicom = range.parameter("type").is_none_or(|media| media.eq_ignore_ascii_case("application/dicom"));
    // RFC 2046 §5.1.1 has 70 characters at the most; those of Orthanc are two UUIDs and a hyphen.
    let boundary = range.parameter("boundary").filter(|text| (1..=200).contains(&text.len()) && dicom);
    boundary.map(str::to_owned).ok_or_else(refused)
}

#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the sender sends nothing")]
    Stalled,
    #[error("too much came that belongs to no part")]
    Unclaimed,
    #[error("the line broke")]
    Line(#[source] axum::Error),
}

/// The body, as long as it goes on and its parts have an end.
fn watched(
    body: BodyDataStream,
    unclaimed: Arc<AtomicUsize>,
) -> impl Stream<Item = Result<bytes::Bytes, Interrupted>> {
    futures::stream::unfold((body, unclaimed), |(mut body, unclaimed)| async move {
        let piece = match tokio::time::timeout(STALLED, body.next()).await {
            Err(_) => Err(Interrupted::Stalled),
            Ok(None) => return None,
            Ok(Some(Err(cause))) => Err(Interrupted::Line(cause)),
            Ok(Some(Ok(piece))) => {
                let before = unclaimed.fetch_add(piece.len(), Ordering::Relaxed);
                // One piece may be as long as it is: what counts is what was waiting before it.
                if before > UNCLAIMED_BYTES_MAX { Err(Interrupted::Unclaimed) } else { Ok(piece) }
            }
        };
        Some((piece, (body, unclaimed)))
    })
}

/// Why an object was not kept, as the standard numbers it (PS3.18 Table I.2-2, PS3.4 Table B.2-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    OutOfResources,
    /// The object is of another study than the address.
    DoesNotMatch,
    CannotUnderstand,
    ProcessingFailure,
}

impl Reason {
    pub(super) const ALL: [Self; 4] =
        [Self::OutOfResources, Self::DoesNotMatch, Self::CannotUnderstand, Self::ProcessingFailure];

    pub(super) const fn code(self) -> u16 {
        match self {
            Self::OutOfResources => 0xA700,
            Self::DoesNotMatch => 0xA900,
            Self::CannotUnderstand => 0xC000,
            Self::ProcessingFailure => 0x0110,
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::OutOfResources => "out-of-resources",
            Self::DoesNotMatch => "does-not-match",
            Self::CannotUnderstand => "cannot-understand",
            Self::ProcessingFailure => "processing-failure",
        }
    }
}

enum Unread {
    Refused(Reason),
    /// Nothing can be read after it.
    Broken,
}

/// An object, and its share of the room.
struct Object {
    bytes: Vec<u8>,
    share: Vec<OwnedSemaphorePermit>,
}

/// Reads a part to its end, also one that is refused.
async fn read(call: &Call, mut part: Field<'_>, unclaimed: &AtomicUsize) -> Result<Object, Unread> {
    let media = part.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let dicom = media
        .is_none_or(|media| accept::range(media).is_some_and(|range| range.media == "application/dicom"));
    let mut refused = (!dicom).then_some(Reason::CannotUnderstand);
    let mut object = Object { bytes: Vec::new(), share: Vec::new() };
    unclaimed.store(0, Ordering::Relaxed);
    while let Some(piece) = part.chunk().await.map_err(|_| Unread::Broken)? {
        unclaimed.store(0, Ordering::Relaxed);
        if refused.is_some() {
            continue;
        }
        if !object.grow(&piece, &call.app.dicomweb.room) {
            refused = Some(Reason::OutOfResources);
            object = Object { bytes: Vec::new(), share: Vec::new() };
        }
    }
    refused.map_or(Ok(object), |reason| Err(Unread::Refused(reason)))
}

impl Object {
    /// False where there is no room.
    fn grow(&mut self, piece: &[u8], room: &Arc<Semaphore>) -> bool {
        let length = self.bytes.len() + piece.len();
        if length > OBJECT_BYTES_MAX {
            return false;
        }
        let needed = length
            .div_ceil(MIB)
            .saturating_sub(self.share.iter().map(OwnedSemaphorePermit::num_permits).sum());
        if needed > 0 {
            let Ok(needed) = u32::try_from(needed) else { return false };
            let Ok(share) = Arc::clone(room).try_acquire_many_owned(needed) else { return false };
            self.share.push(share);
        }
        self.bytes.extend_from_slice(piece);
        true
    }
}

/// What became of an object that could be read.
struct Kept {
    study: String,
    series: String,
    instance: String,
    class: String,
    refused: Option<Reason>,
}

async fn keep(call: &Call, study: Option<String>, object: Object) -> Result<Result<Kept, Reason>, Problem> {
    call.blocking(move |app, holder, _| {
        let Object { bytes, share } = object;
        let identity = match instance_header::identity(&bytes) {
            Ok(identity) => identity,
            Err(error) => {
                tracing::warn!(reason = %sentence(error), "an object was refused");
                return Ok(Err(Reason::CannotUnderstand));
            }
        };
        let mut kept = Kept {
            study: identity.study.expose(Purpose::DicomPeer).to_owned(),
            series: identity.series.expose(Purpose::DicomPeer).to_owned(),
            instance: identity.instance.expose(Purpose::DicomPeer).to_owned(),
            class: identity.sop_class_uid.clone(),
            refused: None,
        };
        if study.is_some_and(|study| study != kept.study) {
            kept.refused = Some(Reason::DoesNotMatch);
            return Ok(Ok(kept));
        }
        match app.archive.instance_store(new_instance(identity, bytes)) {
            Ok(stored) => {
                let subject = AuditSubject::Instance(stored.place().instance);
                holder.audit(app, AuditAction::InstanceReceived, subject, AuditOutcome::Done)?;
            }
            Err(error) => kept.refused = Some(reason(&error)),
        }
        drop(share);
        Ok(Ok(kept))
    })
    .await
}

fn reason(error: &StoreError) -> Reason {
    tracing::error!(cause = %error, "an object was not stored");
    match error {
        StoreError::StudyDeleted | StoreError::Storage(_) => Reason::ProcessingFailure,
    }
}

fn sentence(error: HeaderError) -> String {
    match error {
        HeaderError::Unreadable { cause } => cause.to_string(),
        HeaderError::Missing { .. } | HeaderError::Invalid { .. } => error.to_string(),
    }
}

/// What the answer tells (PS3.18 Table I.1-1).
#[derive(Default)]
struct Report {
    stored: Vec<Kept>,
    failed: Vec<(Kept, Reason)>,
    /// Parts that are no object.
    others: Vec<Reason>,
}

impl Report {
    fn add(&mut self, kept: Result<Kept, Reason>) {
        match kept {
            Ok(kept) => match kept.refused {
                Some(reason) => self.failed.push((kept, reason)),
                None => self.stored.push(kept),
            },
            Err(reason) => self.others.push(reason),
        }
    }

    fn status(&self) -> StatusCode {
        let refused = !self.failed.is_empty() || !self.others.is_empty();
        match (self.stored.is_empty(), refused) {
            (false, false) => StatusCode::OK,
            (false, true) => StatusCode::ACCEPTED,
            (true, true) => StatusCode::CONFLICT,
            // A request without any part brings nothing.
            (true, false) => StatusCode::BAD_REQUEST,
        }
    }

    fn answer(self, origin: &Origin) -> Result<Response, Problem> {
        let status = self.status();
        if status == StatusCode::BAD_REQUEST {
            return Err(Problem::malformed("the request has no part"));
        }
        for reason in self.failed.iter().map(|(_, reason)| reason).chain(&self.others) {
            metrics::counter!("ringfence_stow_refused_total", "reason" => reason.label()).increment(1);
        }
        metrics::counter!("ringfence_stow_stored_total").increment(self.stored.len() as u64);
        let mut set = Map::new();
        let studies: std::collections::BTreeSet<&str> =
            self.stored.iter().map(|kept| kept.study.as_str()).collect();
        if let (Some(study), 1) = (studies.first(), studies.len()) {
            set.insert("00081190".into(), element("UR", json!(origin.stored(study))));
        }
        sequence(
            &mut set,
            "00081198",
            self.failed.iter().map(|(kept, reason)| failed(kept, *reason)).collect(),
        );
        sequence(&mut set, "00081199", self.stored.iter().map(|kept| referenced(kept, origin)).collect());
        sequence(
            &mut set,
            "0008119A",
            self.others.iter().map(|reason| json!({"00081197": code(*reason)})).collect(),
        );
        let content_type = HeaderValue::from_static("application/dicom+json");
        let body = Value::Object(set).to_string();
        Ok((status, [(header::CONTENT_TYPE, content_type)], body).into_response())
    }
}

fn element(vr: &str, value: Value) -> Value {
    json!({"vr": vr, "Value": [value]})
}

fn code(reason: Reason) -> Value {
    element("US", json!(reason.code()))
}

fn sequence(set: &mut Map<String, Value>, tag: &str, items: Vec<Value>) {
    if !items.is_empty() {
        set.insert(tag.to_owned(), json!({"vr": "SQ", "Value": items}));
    }
}

fn referenced(kept: &Kept, origin: &Origin) -> Value {
    let below = format!("{}/series/{}/instances/{}", kept.study, kept.series, kept.instance);
    json!({
        "00081150": element("UI", json!(kept.class)),
        "00081155": element("UI", json!(kept.instance)),
        "00081190": element("UR", json!(origin.stored(&below))),
    })
}

fn failed(kept: &Kept, reason: Reason) -> Value {
    json!({
        "00081150": element("UI", json!(kept.class)),
        "00081155": element("UI", json!(kept.instance)),
        "00081197": code(reason),
    })
}
