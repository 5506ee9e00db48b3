//! Models of sites, runs of pre-annotation, and what people did with proposals, as JSON.

use control_plane_app::{AssistanceView, AssistedBy, ModelAssistance, SitePreannotationView};
use control_plane_domain::{AssistTally, Model, PassRate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ModelProviderJson, PersonJson, RunStateJson, rfc3339};

/// A model of a site. What the hospital calls it is not known here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelJson {
    id: String,
    provider: ModelProviderJson,
    available: bool,
    heard_at: String,
}

impl ModelJson {
    pub(super) fn of(model: &Model) -> Self {
        Self {
            id: model.state.model.to_string(),
            provider: model.state.provider.into(),
            available: model.state.available,
            heard_at: rfc3339(model.received_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreannotationList {
    sites: Vec<SitePreannotationJson>,
}

impl PreannotationList {
    pub(crate) fn of(views: &[SitePreannotationView]) -> Self {
        Self { sites: views.iter().map(SitePreannotationJson::of).collect() }
    }
}

/// A site of a project, its models, and its newest run of pre-annotation.
#[derive(Debug, Serialize, ToSchema)]
struct SitePreannotationJson {
    site_id: String,
    site_name: String,
    connected: bool,
    /// Tasks of the project there that are not withdrawn.
    tasks: usize,
    models: Vec<ModelJson>,
    #[schema(required = true)]
    run: Option<RunJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RunJson {
    model_id: String,
    /// Counts up with each start, from 1.
    run: u32,
    state: RunStateJson,
    /// None before the site has said anything of the run.
    #[schema(required = true)]
    progress: Option<RunProgressJson>,
}

/// In tasks.
#[derive(Debug, Serialize, ToSchema)]
struct RunProgressJson {
    waiting: u32,
    done: u32,
    failed: u32,
    heard_at: String,
}

impl SitePreannotationJson {
    fn of(view: &SitePreannotationView) -> Self {
        let told = view.progress.as_ref();
        Self {
            site_id: view.site.id.to_string(),
            site_name: view.site.name.clone(),
            connected: view.connected,
            tasks: view.tasks,
            models: view.models.iter().map(ModelJson::of).collect(),
            run: view.run.map(|run| RunJson {
                model_id: run.model.to_string(),
                run: run.run,
                state: run.state(told.map(|(facts, _)| facts)).into(),
                progress: told.map(|(facts, at)| RunProgressJson {
                    waiting: facts.waiting,
                    done: facts.done,
                    failed: facts.failed,
                    heard_at: rfc3339(*at),
                }),
            }),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRun {
    pub(crate) site_id: String,
    pub(crate) model_id: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunOfSite {
    pub(crate) site_id: String,
}

/// Part of a whole, with the 95 % Wilson interval of the share.
#[derive(Debug, Serialize, ToSchema)]
struct ShareJson {
    count: u32,
    n: u32,
    #[schema(required = true)]
    low: Option<f64>,
    #[schema(required = true)]
    high: Option<f64>,
}

impl ShareJson {
    fn of(rate: PassRate) -> Self {
        let interval = rate.interval();
        Self {
            count: rate.passes,
            n: rate.n,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        }
    }
}

/// What became of proposals. Shares are of those that somebody accepted or rejected.
#[derive(Debug, Serialize, ToSchema)]
struct AssistTallyJson {
    /// Handed in as they were proposed.
    unedited: ShareJson,
    rejected: ShareJson,
    /// Neither accepted nor rejected.
    unused: u32,
    /// Median over accepted proposals of (added + removed) / proposed voxels.
    #[schema(required = true)]
    edit_share_median: Option<f64>,
    /// Accepted proposals that had a voxel.
    edit_share_n: u32,
}

impl AssistTallyJson {
    fn of(tally: &AssistTally) -> Self {
        Self {
            unedited: ShareJson::of(tally.unedited),
            rejected: ShareJson::of(tally.rejected),
            unused: tally.unused,
            edit_share_median: tally.edit_share,
            edit_share_n: tally.edit_n,
        }
    }
}

/// What one annotator did with proposals.
#[derive(Debug, Serialize, ToSchema)]
struct AssistedByJson {
    person: PersonJson,
    tally: AssistTallyJson,
}

impl AssistedByJson {
    fn of(by: &AssistedBy) -> Self {
        Self { person: PersonJson::of(&by.person), tally: AssistTallyJson::of(&by.tally) }
    }
}

/// The proposals of one model.
#[derive(Debug, Serialize, ToSchema)]
struct ModelAssistanceJson {
    model: ModelJson,
    site_id: String,
    site_name: String,
    tally: AssistTallyJson,
    annotators: Vec<AssistedByJson>,
}

impl ModelAssistanceJson {
    fn of(view: &ModelAssistance) -> Self {
        Self {
            model: ModelJson::of(&view.model),
            site_id: view.site.id.to_string(),
            site_name: view.site.name.clone(),
            tally: AssistTallyJson::of(&view.tally),
            annotators: view.annotators.iter().map(AssistedByJson::of).collect(),
        }
    }
}

/// Model assistance in a project. What arbiters did is not in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssistanceJson {
    as_of: String,
    /// Submissions of annotators.
    submissions: usize,
    /// How many of them had a proposal.
    assisted: usize,
    models: Vec<ModelAssistanceJson>,
    /// Over all models.
    annotators: Vec<AssistedByJson>,
}

impl AssistanceJson {
    pub(crate) fn of(view: &AssistanceView) -> Self {
        Self {
            as_of: rfc3339(view.as_of),
            submissions: view.submissions,
            assisted: view.assisted,
            models: view.models.iter().map(ModelAssistanceJson::of).collect(),
            annotators: view.annotators.iter().map(AssistedByJson::of).collect(),
        }
    }
}
