//! WADO-RS for whole objects: a study, a series, an instance (PS3.18 §10.4).

use std::collections::VecDeque;
use std::sync::Arc;

use agent_archive::{AuditAction, AuditOutcome};
use agent_formats::TransferSyntax;
use axum::extract::Path;
use axum::response::Response;
use proto_ids::InstanceToken;

use super::Call;
use super::accept::{self, Form, Range};
use super::address::{Origin, Target, Uids};
use super::parts::{Part, related};
use super::release::{Showings, may_leave};
use super::token::Holder;
use super::transcode::{Wanted, file_as};
use super::view::View;
use crate::app::App;
use crate::files_of_asset::painted;
use crate::problem::Problem;

const DICOM: &str = "application/dicom";

/// An object to be given.
struct Job {
    instance: InstanceToken,
    syntax: String,
    location: String,
}

/// All objects of what an address names.
pub(super) async fn objects(call: Call, Path(uids): Path<Uids>) -> Result<Response, Problem> {
    let ranges = accept::ranges(&call.headers)?;
    let prepared = call.holding(move |app, holder, origin| {
        let (mut jobs, showings) = jobs(app, holder, origin, &uids)?;
        let (form, wanted) = chosen(&ranges, &jobs)?;
        let job = jobs.pop_front().ok_or_else(Problem::not_found)?;
        Ok((form, wanted, part(app, &holder.view, &showings, &job, wanted)?, jobs, showings))
    });
    let (form, wanted, first, jobs, showings) = prepared.await?;
    if form == Form::Single {
        return first.single();
    }
    let view = Arc::clone(&call.holder.view);
    let rest = move |app: &App, give: super::parts::Give<'_>| {
        for job in &jobs {
            if !give(part(app, &view, &showings, job, wanted)?) {
                break;
            }
        }
        Ok(())
    };
    related(&call.app, DICOM, first, rest).await
}

/// What is to be given, if it may leave; either is written down.
fn jobs(
    app: &App,
    holder: &Holder,
    origin: &Origin,
    uids: &Uids,
) -> Result<(VecDeque<Job>, Showings), Problem> {
    let view = &holder.view;
    let target = Target::find(app, view, uids)?;
    let showings = released(app, holder, &target)?;
    let syntax = |instance: &super::listing::InstanceEntry| {
        // What is painted over was decoded for it.
        let painted = !showings.regions(instance.instance).is_empty();
        if painted { TransferSyntax::ExplicitLittle.uid().to_owned() } else { instance.syntax.clone() }
    };
    let job = |series, instance: &super::listing::InstanceEntry| Job {
        instance: instance.instance,
        syntax: syntax(instance),
        location: origin.instance(&target.study, series, instance),
    };
    if let (Some(series), Some(instance)) = (target.series(), target.instance()) {
        let jobs = VecDeque::from([job(series, instance)]);
        return Ok((jobs, showings));
    }
    let mut jobs = VecDeque::new();
    for series in target.all_series() {
        let listing = app.dicomweb.listings.of(&app.archive, view, series);
        let listing = listing.map_err(|cause| Problem::ours(&cause))?;
        jobs.extend(listing.iter().map(|instance| job(series, instance)));
    }
    Ok((jobs, showings))
}

/// How pixels of what is named are given, if they may leave. Writes down that they were asked for, and what came of
/// it. Blocks.
pub(super) fn released(app: &App, holder: &Holder, target: &Target) -> Result<Showings, Problem> {
    let all = may_leave(app, &holder.view, target.all_series());
    let outcome = if all.is_ok() { AuditOutcome::Done } else { AuditOutcome::Refused };
    holder.audit(app, AuditAction::StudyRetrieved, target.subject(), outcome)?;
    all
}

/// The form and the transfer syntax that the client likes best of what there is.
fn chosen(ranges: &[Range], jobs: &VecDeque<Job>) -> Result<(Form, Wanted), Problem> {
    let explicit = TransferSyntax::ExplicitLittle.uid();
    for range in ranges {
        let (form, media) = range.of_parts();
        if !matches!(media.as_str(), "*/*" | DICOM) || (form == Form::Single && jobs.len() > 1) {
            continue;
        }
        // PS3.18 §8.7.3.5.2: without a parameter, the default of the media type holds.
        match range.transfer_syntax().unwrap_or(explicit) {
            "*" => return Ok((form, Wanted::AsStored)),
            uid if jobs.iter().all(|job| job.syntax == uid) => return Ok((form, Wanted::AsStored)),
            uid if uid == explicit => return Ok((form, Wanted::ExplicitLittle)),
            _ => {}
        }
    }
    let offered = "application/dicom in the transfer syntax that objects are stored in (transfer-syntax=*) or in \
                   explicit VR little endian, several of them as multipart/related";
    Err(accept::refused(offered))
}

fn part(app: &App, view: &View, showings: &Showings, job: &Job, wanted: Wanted) -> Result<Part, Problem> {
    let bytes = file_as(object(app, view, showings, job.instance)?, wanted)?;
    let syntax = match wanted {
        Wanted::AsStored => job.syntax.as_str(),
        Wanted::ExplicitLittle => TransferSyntax::ExplicitLittle.uid(),
    };
    let content_type = format!("{DICOM}; transfer-syntax={syntax}");
    Ok(Part { content_type, location: Some(job.location.clone()), bytes: bytes.into() })
}

/// The file of an object as a view shows it. Blocks.
pub(super) fn object(
    app: &App,
    view: &View,
    showings: &Showings,
    instance: InstanceToken,
) -> Result<Vec<u8>, Problem> {
    let file = app.archive.instance_bytes(instance).map_err(|cause| Problem::ours(&cause))?;
    let bytes = file.ok_or_else(Problem::not_found)?.bytes;
    match showings.regions(instance) {
        [] => view.file(bytes),
        regions => view.file(painted(&bytes, regions).map_err(|cause| Problem::ours(&cause))?),
    }
}
