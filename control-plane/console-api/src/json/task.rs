//! Tasks as JSON.

use control_plane_app::TaskView;
use control_plane_domain::Slot;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LeaseStateJson, TaskStateJson};

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
    instruction_version: u32,
    leases: Vec<LeaseJson>,
    #[schema(required = true)]
    arbiter: Option<ArbiterJson>,
}

/// Who settles the task.
#[derive(Debug, Serialize, ToSchema)]
struct ArbiterJson {
    person_id: String,
    submitted: bool,
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
            instruction_version: view.task.instruction_version,
            leases: leases.collect(),
            arbiter: view.progress.arbiter.person().map(|person| ArbiterJson {
                person_id: person.to_string(),
                submitted: matches!(view.progress.arbiter, Slot::Submitted { .. }),
            }),
        }
    }
}
