//! What became of imports, for hospital IT: the one place besides the command line that names files.

use std::sync::Arc;

use agent_archive::{ImportReport, ImportSource};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::HospitalAdmin;
use crate::app::App;
use crate::json::time_text;
use crate::problem::Problem;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportsJson {
    /// The newest first; 200 are kept.
    imports: Vec<ImportJson>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ImportSourceJson {
    /// Somebody at the command line.
    Command,
    WatchedFolder,
}

/// What became of the files of one import.
#[derive(Debug, Serialize, ToSchema)]
struct ImportJson {
    id: String,
    source: ImportSourceJson,
    begun_at: String,
    ended_at: String,
    files: u64,
    bytes: u64,
    taken: u64,
    /// Already there, by their digest.
    skipped: u64,
    /// Another object of the same UID was there; both are kept.
    kept_beside: u64,
    refused: u64,
    /// The first 1,000 of them.
    refusals: Vec<ImportRefusalJson>,
    /// Assets that were made, or have grown.
    assets: u64,
    /// Series that arrived and could not become an asset.
    left: Vec<ImportLeftJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ImportRefusalJson {
    file: String,
    /// In words.
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct ImportLeftJson {
    /// A short code, such as `no-image`.
    reason: String,
    count: u64,
}

/// Recent imports.
#[utoipa::path(get, path = "/admin/imports", operation_id = "imports_list",
    responses((status = 200, body = ImportsJson), (status = 401), (status = 403)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
) -> Result<Json<ImportsJson>, Problem> {
    let reports = app.blocking(|app| app.archive.import_reports()).await?;
    let reports = reports.map_err(|cause| Problem::ours(&cause))?;
    Ok(Json(ImportsJson { imports: reports.into_iter().map(ImportJson::from).collect() }))
}

impl From<ImportReport> for ImportJson {
    fn from(report: ImportReport) -> Self {
        let refusals = report.refusals.into_iter();
        let left = report.left.into_iter();
        Self {
            id: report.id.to_string(),
            source: match report.source {
                ImportSource::Command => ImportSourceJson::Command,
                ImportSource::WatchedFolder => ImportSourceJson::WatchedFolder,
            },
            begun_at: time_text(report.begun_at),
            ended_at: time_text(report.ended_at),
            files: report.files,
            bytes: report.bytes,
            taken: report.taken,
            skipped: report.skipped,
            kept_beside: report.kept_beside,
            refused: report.refused,
            refusals: refusals
                .map(|refusal| ImportRefusalJson { file: refusal.file, reason: refusal.reason })
                .collect(),
            assets: report.assets,
            left: left.map(|(reason, count)| ImportLeftJson { reason, count }).collect(),
        }
    }
}
