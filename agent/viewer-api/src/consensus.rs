//! What was made of the submissions of a task by a rule, for hospital IT.

use std::collections::HashMap;
use std::sync::Arc;

use agent_archive::{
    AuditAction, AuditActor, AuditOutcome, AuditSubject, Consensus, ConsensusRow, PaintRule, StorageError,
};
use agent_formats::nifti;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use proto_ids::{ProjectId, TaskId};
use proto_instruction::Instruction;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::HospitalAdmin;
use crate::app::App;
use crate::facts::label_map;
use crate::json::time_text;
use crate::problem::Problem;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsensusListJson {
    consensus: Vec<ConsensusJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ConsensusJson {
    task_id: String,
    asset_id: String,
    project_title: String,
    object_id: u32,
    object_name: String,
    rule: ConsensusRuleJson,
    voxels: u64,
    /// RFC 3339.
    painted_at: String,
}

/// By which rule a consensus was painted.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConsensusRuleJson {
    Majority,
    Staple,
    Arbiter,
}

impl From<PaintRule> for ConsensusRuleJson {
    fn from(rule: PaintRule) -> Self {
        match rule {
            PaintRule::Majority => Self::Majority,
            PaintRule::Staple => Self::Staple,
            PaintRule::Arbiter => Self::Arbiter,
        }
    }
}

/// The newest consensus of every object of every task, the newest first.
#[utoipa::path(get, path = "/consensus", operation_id = "consensus_list",
    responses((status = 200, body = ConsensusListJson), (status = 401), (status = 403)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
) -> Result<Json<ConsensusListJson>, Problem> {
    let listed = app.blocking(|app| {
        let mut names = Names::default();
        let rows = app.archive.consensus_list()?.into_iter();
        rows.map(|row| names.row(app, row)).collect::<Result<Vec<_>, StorageError>>()
    });
    let consensus = listed.await?.map_err(|cause| Problem::ours(&cause))?;
    Ok(Json(ConsensusListJson { consensus }))
}

/// The mask of a consensus: a gzipped NIfTI label map on the asset's grid, with the label of the object.
#[utoipa::path(get, path = "/consensus/{task_id}/{object_id}/mask",
    params(("task_id" = String, Path), ("object_id" = u32, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn mask(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Path((task, object_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let task: TaskId = task.parse().map_err(|_| Problem::not_found())?;
    let object_id: u32 = object_id.parse().map_err(|_| Problem::not_found())?;
    let by = AuditActor::Person(actor.id());
    // Writing every voxel keeps a processor busy, as measuring does.
    let file = app.measuring(move |app| {
        let found = app.archive.consensus_get(task, object_id).map_err(|cause| Problem::ours(&cause))?;
        let consensus = found.ok_or_else(Problem::not_found)?;
        let subject = AuditSubject::Asset(consensus.row.asset);
        app.audit(by, AuditAction::VolumeRead, subject, AuditOutcome::Done)?;
        nifti_file(app, &consensus)
    });
    let file = file.await??;
    let name = format!("attachment; filename=\"consensus-{task}-{object_id}.nii.gz\"");
    let name = HeaderValue::from_str(&name).map_err(|cause| Problem::ours(&cause))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, file).into_response())
}

/// Blocks.
fn nifti_file(app: &App, consensus: &Consensus) -> Result<Vec<u8>, Problem> {
    let asset = app.archive.asset(consensus.row.asset).map_err(|cause| Problem::ours(&cause))?;
    let grid = asset.ok_or_else(Problem::not_found)?.grid;
    let labels = label_map(grid, &consensus.slices).to_dense();
    nifti::write_labels(&grid, &labels).map_err(|cause| Problem::ours(&cause))
}

/// Titles and instructions that the rows of one list have in common.
#[derive(Default)]
struct Names {
    titles: HashMap<ProjectId, String>,
    instructions: HashMap<(ProjectId, u32), Option<Arc<Instruction>>>,
}

impl Names {
    fn row(&mut self, app: &App, row: ConsensusRow) -> Result<ConsensusJson, StorageError> {
        let project_title = match self.titles.get(&row.project) {
            Some(title) => title.clone(),
            None => {
                let title = app.archive.project(row.project)?.map(|project| project.title);
                self.titles.entry(row.project).or_insert(title.unwrap_or_default()).clone()
            }
        };
        let version = (row.project, row.instruction_version);
        let instruction = match self.instructions.get(&version) {
            Some(instruction) => instruction.clone(),
            None => {
                let found = app.archive.instruction(row.project, row.instruction_version)?;
                self.instructions.entry(version).or_insert(found).clone()
            }
        };
        let object = instruction.as_ref().and_then(|instruction| instruction.object(row.object_id));
        Ok(ConsensusJson {
            task_id: row.task.to_string(),
            asset_id: row.asset.to_string(),
            project_title,
            object_id: row.object_id,
            object_name: object.map(|object| object.name.clone()).unwrap_or_default(),
            rule: row.rule.into(),
            voxels: row.voxels,
            painted_at: time_text(row.painted_at),
        })
    }
}
