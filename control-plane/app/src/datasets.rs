//! Datasets: frozen lists of a project's assets.

use std::collections::BTreeSet;

use control_plane_domain::{Action, Actor, Dataset, Subject, UseCase, check_display_name};
use proto_ids::{AssetToken, DatasetId, ProjectId};

use crate::assets::{AssetView, asset_view};
use crate::projects::{open_project_of, project_of};
use crate::tasks::{asset_of, check_list};
use crate::{App, AppError, FieldProblem, Thing, read, transact};

/// A dataset with its assets.
#[derive(Debug, Clone)]
pub struct DatasetDetail {
    /// The dataset.
    pub dataset: Dataset,
    /// The title of its project.
    pub project_title: String,
    /// Its assets, in its order.
    pub assets: Vec<AssetView>,
}

impl App {
    /// Freezes a list of assets under a name; the same name again makes the next version.
    ///
    /// # Errors
    /// Denied, the project or an asset is unknown, an asset comes twice, the newest version of the name
    /// has the same assets, a name that cannot be used, or the store failed.
    pub fn dataset_freeze(
        &self,
        actor: &Actor,
        id: ProjectId,
        name: &str,
        assets: &[AssetToken],
    ) -> Result<Dataset, AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        if let Err(problem) = check_display_name(name) {
            return Err(AppError::Invalid(vec![FieldProblem::new("name", problem.to_string())]));
        }
        check_list(assets, "asset_ids")?;
        let mut seen = BTreeSet::new();
        if let Some(index) = assets.iter().position(|asset| !seen.insert(asset)) {
            let field = format!("asset_ids[{index}]");
            return Err(AppError::Invalid(vec![FieldProblem::new(
                field,
                "the asset is in the list already",
            )]));
        }
        let dataset_id = DatasetId::from_random(self.chance.bytes()?);
        let now = self.now();
        transact(self.store.as_ref(), |tx| {
            open_project_of(tx, id)?;
            for (index, asset) in assets.iter().enumerate() {
                asset_of(tx, *asset, &format!("asset_ids[{index}]"))?;
            }
            let former = tx.dataset_list(id)?.into_iter().filter(|other| other.name == name);
            let newest = former.max_by_key(|other| other.version);
            if let Some(same) = newest.as_ref().filter(|newest| same_assets(&newest.assets, assets)) {
                let problem = format!("these are the assets of version {}", same.version);
                return Err(AppError::Invalid(vec![FieldProblem::new("asset_ids", problem)]));
            }
            let version = newest.map_or(0, |newest| newest.version) + 1;
            let (name, assets) = (name.to_owned(), assets.to_vec());
            let dataset = Dataset { id: dataset_id, project: id, name, version, assets, created_at: now };
            tx.dataset_put(&dataset)?;
            self.audit(tx, actor, Action::DatasetFrozen, Subject::Dataset(dataset.id))?;
            Ok(dataset)
        })
    }

    /// The datasets of a project, newest first.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn dataset_list(&self, actor: &Actor, id: ProjectId) -> Result<Vec<Dataset>, AppError> {
        self.authorise(actor, UseCase::ProjectRead)?;
        let mut datasets = read(self.store.as_ref(), |reader| {
            project_of(reader, id)?;
            Ok(reader.dataset_list(id)?)
        })?;
        datasets.sort_by_key(|dataset| std::cmp::Reverse(dataset.created_at));
        Ok(datasets)
    }

    /// One dataset.
    ///
    /// # Errors
    /// Denied, the dataset is unknown, or the store failed.
    pub fn dataset_get(&self, actor: &Actor, id: DatasetId) -> Result<DatasetDetail, AppError> {
        self.authorise(actor, UseCase::ProjectRead)?;
        read(self.store.as_ref(), |reader| {
            let dataset = reader.dataset_get(id)?.ok_or(AppError::NotFound(Thing::Dataset))?;
            let project_title = project_of(reader, dataset.project)?.title;
            let sites = reader.site_list()?;
            let mut assets = Vec::new();
            for token in &dataset.assets {
                assets.extend(reader.asset_get(*token)?.map(|asset| asset_view(&sites, asset)));
            }
            Ok(DatasetDetail { dataset, project_title, assets })
        })
    }
}

/// Whether two lists hold the same assets, in whatever order.
fn same_assets(one: &[AssetToken], other: &[AssetToken]) -> bool {
    one.iter().collect::<BTreeSet<_>>() == other.iter().collect::<BTreeSet<_>>()
}
