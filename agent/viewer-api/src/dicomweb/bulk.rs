//! Bulk data: the values that metadata gives by their address (PS3.18 §10.4.1.1.5).

use agent_formats::json::{BulkPath, BulkValue, bulk};
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::accept::{self, Form};
use super::address::{Target, Uids};
use super::objects::kept;
use super::parts::{Part, related};
use super::retrieve::released;
use super::{Call, frames};
use crate::app::App;
use crate::problem::Problem;

const OCTETS: &str = "application/octet-stream";

/// The part of an address that names an element.
#[derive(Debug, Deserialize)]
pub(super) struct ElementPath {
    path: String,
}

/// The value of one element of an instance.
pub(super) async fn value(
    call: Call,
    Path(uids): Path<Uids>,
    Path(element): Path<ElementPath>,
) -> Result<Response, Problem> {
    let path: BulkPath = element.path.parse().map_err(|_| Problem::not_found())?;
    let ranges = accept::ranges(&call.headers)?;
    let asked = uids.clone();
    let found = call.holding(move |app, holder, origin| {
        let target = Target::find(app, &holder.view, &asked)?;
        let showings = released(app, holder, &target)?;
        let (Some(series), Some(instance)) = (target.series(), target.instance()) else {
            return Err(Problem::not_found());
        };
        let file = kept(app, &holder.view, &showings, (target.study.study, instance.instance))?;
        let value =
            bulk(&file, &path).map_err(|cause| Problem::ours(&cause))?.ok_or_else(Problem::not_found)?;
        Ok((value, format!("{}/bulkdata/{path}", origin.instance(&target.study, series, instance))))
    });
    let (bytes, location) = match found.await? {
        (BulkValue::Bytes(bytes), location) => (bytes, location),
        // Compressed pixels have no value of their own: they are given frame by frame.
        (BulkValue::Encapsulated, _) => return frames::given(call, uids, None).await,
    };
    let part = Part { content_type: OCTETS.to_owned(), location: Some(location), bytes: bytes.into() };
    let taken = ranges.iter().find_map(|range| {
        let (form, media) = range.of_parts();
        matches!(media.as_str(), "*/*" | OCTETS).then_some(form)
    });
    match taken {
        Some(Form::Single) => part.single(),
        Some(Form::Parts) => related(&call.app, OCTETS, part, |_: &App, _| Ok(())).await,
        None => Err(accept::refused("application/octet-stream, alone or as multipart/related")),
    }
}
