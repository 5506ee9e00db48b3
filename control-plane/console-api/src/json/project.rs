//! Projects as JSON.

use control_plane_app::{NewPolicy, ProjectRow, ProjectView};
use control_plane_domain::Project;
use proto_ids::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ConsensusKindJson, DraftJson, InstructionJson, PersonJson, ProjectStateJson};

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
    policy: PolicyJson,
    arbiter_ids: Vec<String>,
    asset_ids: Vec<String>,
}

/// How work is given out and judged.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyJson {
    overlap: u32,
    /// How many of a hundred tasks are hidden tests.
    gold_percent: u32,
    /// Seed of the draw of hidden tests, 16 hexadecimal digits.
    gold_seed: String,
    consensus: ConsensusKindJson,
    minimum_agreement: f64,
    arbitration: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPolicyJson {
    /// 0 to 50.
    gold_percent: u32,
    consensus: ConsensusKindJson,
    /// 0 to 1.
    minimum_agreement: f64,
    arbitration: bool,
    pub(crate) arbiter_ids: Vec<String>,
}

impl NewPolicyJson {
    pub(crate) fn policy(&self, arbiters: Vec<PersonId>) -> NewPolicy {
        NewPolicy {
            gold_percent: self.gold_percent,
            rule: self.consensus.into(),
            minimum_agreement: self.minimum_agreement,
            arbitration: self.arbitration,
            arbiters,
        }
    }
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
            policy: PolicyJson {
                overlap: view.project.overlap,
                gold_percent: view.project.policy.gold_percent,
                gold_seed: format!("{:016x}", view.project.policy.gold_seed),
                consensus: view.project.policy.rule.into(),
                minimum_agreement: view.project.policy.minimum_agreement,
                arbitration: view.project.policy.arbitration,
            },
            arbiter_ids: view.project.arbiters.iter().map(ToString::to_string).collect(),
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
