//! Projects, datasets and tasks as JSON.

use control_plane_app::{ProjectRow, ProjectView, TaskView};
use control_plane_domain::{Dataset, Project, Slot};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DraftJson, InstructionJson, LeaseStateJson, PersonJson, ProjectStateJson, TaskStateJson};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectList {
    pub(crate) projects: Vec<ProjectRowJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectRowJson {
    id: String,
    title: String,
    state: ProjectStateJson,
    tasks: usize,
    submitted: usize,
}

impl ProjectRowJson {
    pub(crate) fn of(row: &ProjectRow) -> Self {
        Self { tasks: row.tasks, submitted: row.submitted, ..Self::empty(&row.project) }
    }

    pub(crate) fn empty(project: &Project) -> Self {
        Self {
            id: project.id.to_string(),
            title: project.title.clone(),
            state: project.state.into(),
            tasks: 0,
            submitted: 0,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    pub(crate) title: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectJson {
    id: String,
    title: String,
    state: ProjectStateJson,
    #[schema(required = true)]
    published_version: Option<u32>,
    draft: DraftJson,
    #[schema(required = true)]
    published: Option<InstructionJson>,
    annotators: Vec<PersonJson>,
    overlap: u32,
    asset_ids: Vec<String>,
}

impl ProjectJson {
    pub(crate) fn of(view: &ProjectView) -> Self {
        Self {
            id: view.project.id.to_string(),
            title: view.project.title.clone(),
            state: view.project.state.into(),
            published_version: view.project.published_version,
            draft: DraftJson::of(&view.project.draft),
            published: view.published.as_ref().map(|version| InstructionJson::of(&version.instruction)),
            annotators: view.annotators.iter().map(PersonJson::of).collect(),
            overlap: view.project.overlap,
            asset_ids: view.assets.iter().map(ToString::to_string).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Published {
    pub(crate) version: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Annotators {
    pub(crate) person_ids: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDataset {
    pub(crate) name: String,
    pub(crate) asset_ids: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatasetList {
    pub(crate) datasets: Vec<DatasetJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatasetJson {
    id: String,
    name: String,
    version: u32,
    assets: usize,
    created_at: String,
}

impl DatasetJson {
    pub(crate) fn of(dataset: &Dataset) -> Self {
        Self {
            id: dataset.id.to_string(),
            name: dataset.name.clone(),
            version: dataset.version,
            assets: dataset.assets.len(),
            created_at: super::rfc3339(dataset.created_at),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTasksJson {
    pub(crate) asset_ids: Vec<String>,
    pub(crate) overlap: u32,
    #[serde(default)]
    pub(crate) gold_asset_ids: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Created {
    pub(crate) created: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskList {
    pub(crate) tasks: Vec<TaskJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskJson {
    id: String,
    asset_id: String,
    state: TaskStateJson,
    overlap: u32,
    submitted: usize,
    gold: bool,
    leases: Vec<LeaseJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LeaseJson {
    person_id: String,
    slot: usize,
    state: LeaseStateJson,
}

impl TaskJson {
    pub(crate) fn of(view: &TaskView) -> Self {
        let leases = view.progress.slots.iter().enumerate().filter_map(|(slot, state)| {
            let (person, state) = match state {
                Slot::Free => return None,
                Slot::Leased { person } => (person, LeaseStateJson::Leased),
                Slot::Submitted { person, .. } => (person, LeaseStateJson::Submitted),
            };
            Some(LeaseJson { person_id: person.to_string(), slot, state })
        });
        Self {
            id: view.task.id.to_string(),
            asset_id: view.task.asset.to_string(),
            state: view.state.into(),
            overlap: view.task.overlap,
            submitted: view.progress.submitted(),
            gold: view.task.gold,
            leases: leases.collect(),
        }
    }
}
