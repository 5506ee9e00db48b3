//! Asset cards, as managers pick from them.

use std::collections::{BTreeMap, BTreeSet};

use control_plane_domain::{Actor, Asset, Dataset, Modality, Site, UseCase};
use proto_ids::{AssetToken, ProjectId, SiteId};

use crate::tasks::{TaskView, task_view};
use crate::{App, AppError, Thing, read};

/// Which assets to list; all of them when nothing is set.
#[derive(Debug, Clone, Copy, Default)]
pub struct AssetFilter {
    /// Of this site.
    pub site: Option<SiteId>,
    /// Of this kind.
    pub modality: Option<Modality>,
    /// With a task in this project.
    pub project: Option<ProjectId>,
}

/// An asset with the name of its site.
#[derive(Debug, Clone)]
pub struct AssetView {
    /// The asset.
    pub asset: Asset,
    /// What managers call its site.
    pub site_name: String,
}

/// An asset with everything that it is in.
#[derive(Debug, Clone)]
pub struct AssetDetail {
    /// The asset.
    pub asset: AssetView,
    /// Its tasks with the titles of their projects, oldest first.
    pub tasks: Vec<(TaskView, String)>,
    /// Datasets that it is in with the titles of their projects, oldest first.
    pub datasets: Vec<(Dataset, String)>,
}

impl App {
    /// Asset cards, newest first.
    ///
    /// # Errors
    /// Denied, or the store failed.
    pub fn asset_list(&self, actor: &Actor, filter: AssetFilter) -> Result<Vec<AssetView>, AppError> {
        self.authorise(actor, UseCase::AssetList)?;
        let mut views = read(self.store.as_ref(), |reader| {
            let sites = reader.site_list()?;
            let of_project: Option<BTreeSet<AssetToken>> = match filter.project {
                Some(project) => {
                    Some(reader.task_list(project)?.into_iter().map(|task| task.asset).collect())
                }
                None => None,
            };
            let mut views = Vec::new();
            for asset in reader.asset_list()? {
                let wanted = filter.site.is_none_or(|site| asset.site == site)
                    && filter.modality.is_none_or(|modality| asset.card.modality == modality)
                    && of_project.as_ref().is_none_or(|assets| assets.contains(&asset.card.asset));
                if wanted {
                    views.push(asset_view(&sites, asset));
                }
            }
            Ok(views)
        })?;
        views.sort_by_key(|view| (std::cmp::Reverse(view.asset.received_at), view.asset.card.asset));
        Ok(views)
    }

    /// One asset.
    ///
    /// # Errors
    /// Denied, the asset is unknown, or the store failed.
    pub fn asset_get(&self, actor: &Actor, id: AssetToken) -> Result<AssetDetail, AppError> {
        self.authorise(actor, UseCase::AssetList)?;
        read(self.store.as_ref(), |reader| {
            let asset = reader.asset_get(id)?.ok_or(AppError::NotFound(Thing::Asset))?;
            let projects = reader.project_list()?;
            let titles: BTreeMap<ProjectId, &str> =
                projects.iter().map(|project| (project.id, project.title.as_str())).collect();
            let title = |project| titles.get(&project).copied().unwrap_or_default().to_owned();
            let mut tasks = Vec::new();
            for task in reader.task_list_of_asset(id)? {
                let title = title(task.project);
                tasks.push((task_view(reader, task)?, title));
            }
            tasks.sort_by_key(|(view, _)| (view.task.created_at, view.task.id));
            let mut datasets = Vec::new();
            for project in &projects {
                let lists = reader.dataset_list(project.id)?.into_iter();
                datasets.extend(lists.filter(|dataset| dataset.assets.contains(&id)));
            }
            let age = |dataset: &Dataset| {
                (dataset.created_at, dataset.project, dataset.name.clone(), dataset.version)
            };
            datasets.sort_by_key(age);
            let titled = |dataset: Dataset| {
                let title = title(dataset.project);
                (dataset, title)
            };
            Ok(AssetDetail {
                asset: asset_view(&reader.site_list()?, asset),
                tasks,
                datasets: datasets.into_iter().map(titled).collect(),
            })
        })
    }
}

pub(crate) fn asset_view(sites: &[Site], asset: Asset) -> AssetView {
    let site = sites.iter().find(|site| site.id == asset.site);
    let site_name = site.map(|site| site.name.clone()).unwrap_or_default();
    AssetView { asset, site_name }
}
