//! Asset cards, as managers pick from them.

use control_plane_domain::{Actor, Asset, Modality, UseCase};
use proto_ids::{ProjectId, SiteId};

use crate::{App, AppError, read};

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

impl App {
    /// Asset cards, newest first.
    ///
    /// # Errors
    /// Denied, or the store failed.
    pub fn asset_list(&self, actor: &Actor, filter: AssetFilter) -> Result<Vec<AssetView>, AppError> {
        self.authorise(actor, UseCase::AssetList)?;
        let mut views = read(self.store.as_ref(), |reader| {
            let sites = reader.site_list()?;
            let tasks = match filter.project {
                Some(project) => Some(reader.task_list(project)?),
                None => None,
            };
            let mut views = Vec::new();
            for asset in reader.asset_list()? {
                let wanted = filter.site.is_none_or(|site| asset.site == site)
                    && filter.modality.is_none_or(|modality| asset.card.modality == modality)
                    && tasks
                        .as_ref()
                        .is_none_or(|tasks| tasks.iter().any(|task| task.asset == asset.card.asset));
                if wanted {
                    let site = sites.iter().find(|site| site.id == asset.site);
                    let site_name = site.map(|site| site.name.clone()).unwrap_or_default();
                    views.push(AssetView { asset, site_name });
                }
            }
            Ok(views)
        })?;
        views.sort_by_key(|view| (std::cmp::Reverse(view.asset.received_at), view.asset.card.asset));
        Ok(views)
    }
}
