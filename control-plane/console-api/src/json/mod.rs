//! The JSON of the API. Types of this room alone; ids are UUID text, times RFC 3339.

mod agreement;
mod assistance;
mod dataset;
mod instruction;
mod label;
mod measure;
mod names;
mod project;
mod results;
mod submission;
mod task;
mod task_detail;

use control_plane_app::{AssetView, SiteView};
use control_plane_domain::Person;
use proto_ids::Timestamp;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

pub(crate) use agreement::{AgreementMatrixJson, AgreementQuery};
use assistance::ModelJson;
pub(crate) use assistance::{AssistanceJson, NewRun, PreannotationList, RunOfSite};
pub(crate) use dataset::{AssetDetailJson, DatasetDetailJson, DatasetJson, DatasetList, NewDataset};
pub(crate) use instruction::{DraftJson, InstructionJson, ParsedBody, PublishPreviewJson, VersionList};
pub(crate) use label::LabelList;
pub(crate) use names::{
    CheckCodeJson, ConsensusKindJson, DecisionJson, LeaseStateJson, ModelProviderJson, OverrideReasonJson,
    PersonStateJson, ProjectStateJson, RoleJson, RuleKindJson, RunStateJson, SiteStateJson,
    StatedPresenceJson, TaskStateJson, UndefinedJson, VerdictKindJson, WorkRoleJson,
};
pub(crate) use project::{
    Annotators, NewPolicyJson, NewProject, ProjectJson, ProjectList, ProjectRowJson, Published,
};
pub(crate) use results::ResultsJson;
pub(crate) use task::{Created, NewTasksJson, TaskJson, TaskList};
pub(crate) use task_detail::TaskDetailJson;

/// RFC 3339, UTC, milliseconds.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000).ok();
    moment.and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    pub(crate) user_name: String,
    pub(crate) password: String,
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionJson {
    person: StaffJson,
}

#[derive(Debug, Serialize, ToSchema)]
struct StaffJson {
    id: String,
    user_name: String,
    display_name: String,
    roles: Vec<RoleJson>,
}

impl SessionJson {
    pub(crate) fn of(person: &Person) -> Self {
        Self {
            person: StaffJson {
                id: person.id.to_string(),
                user_name: person.user_name.clone(),
                display_name: person.display_name.clone(),
                roles: person.roles.iter().filter_map(|role| RoleJson::of(*role)).collect(),
            },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteList {
    pub(crate) sites: Vec<SiteJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteJson {
    id: String,
    name: String,
    state: SiteStateJson,
    connected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_seen_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    certificate_expires_at: Option<String>,
    assets: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    queue_depth: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    disk_free_percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    version: Option<String>,
    models: Vec<ModelJson>,
}

impl SiteJson {
    pub(crate) fn of(view: &SiteView) -> Self {
        let health = view.site.health.as_ref().map(|(health, _)| health);
        Self {
            id: view.site.id.to_string(),
            name: view.site.name.clone(),
            state: view.site.state.into(),
            connected: view.connected,
            last_seen_at: view.last_seen_at.map(rfc3339),
            certificate_expires_at: view.certificate_expires_at.map(rfc3339),
            assets: view.assets,
            queue_depth: health.map(|health| health.queue_depth),
            disk_free_percent: health.map(|health| health.disk_free_percent),
            version: health.map(control_plane_domain::Health::version_text),
            models: view.models.iter().map(ModelJson::of).collect(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSite {
    pub(crate) name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JoinTokenJson {
    /// Shown once; only a digest of its secret is stored.
    pub(crate) join_string: String,
    pub(crate) expires_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonList {
    pub(crate) people: Vec<PersonJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonJson {
    id: String,
    user_name: String,
    display_name: String,
    state: PersonStateJson,
}

impl PersonJson {
    pub(crate) fn of(person: &Person) -> Self {
        Self {
            id: person.id.to_string(),
            user_name: person.user_name.clone(),
            display_name: person.display_name.clone(),
            state: person.standing().into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    pub(crate) user_name: String,
    pub(crate) display_name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitedJson {
    pub(crate) person: PersonJson,
    /// Shown once; only its digest is stored.
    pub(crate) code: String,
    pub(crate) expires_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationJson {
    /// Shown once; only its digest is stored.
    pub(crate) code: String,
    pub(crate) expires_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssetList {
    pub(crate) assets: Vec<AssetJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssetJson {
    id: String,
    site_id: String,
    site_name: String,
    modality: &'static str,
    region: &'static str,
    plane: &'static str,
    dimensionality: &'static str,
    contrast: &'static str,
    /// A range, as `257–512`.
    slices: String,
    /// A size class, as `≤ 512`.
    size: String,
    spacing_mm: f64,
    #[schema(required = true)]
    thickness_mm: Option<f64>,
    gold: bool,
    received_at: String,
}

impl AssetJson {
    pub(crate) fn of(view: &AssetView) -> Self {
        let card = &view.asset.card;
        Self {
            id: card.asset.to_string(),
            site_id: view.asset.site.to_string(),
            site_name: view.site_name.clone(),
            modality: card.modality.name(),
            region: card.region.name(),
            plane: card.plane.name(),
            dimensionality: card.dimensionality.name(),
            contrast: card.contrast.name(),
            slices: card.slices_text(),
            size: card.size_text(),
            spacing_mm: card.spacing_mm(),
            thickness_mm: card.thickness_mm(),
            gold: view.asset.gold,
            received_at: rfc3339(view.asset.received_at),
        }
    }
}

/// Which assets to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AssetQuery {
    /// Id of a site.
    #[param(required = false)]
    pub(crate) site: Option<String>,
    /// As `CT`.
    #[param(required = false)]
    pub(crate) modality: Option<String>,
    /// Id of a project in which the asset has a task.
    #[param(required = false)]
    pub(crate) project: Option<String>,
}
