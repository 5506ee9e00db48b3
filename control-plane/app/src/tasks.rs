//! Datasets and tasks of a project.

use std::collections::BTreeSet;

use control_plane_domain::{
    Action, Actor, Asset, Dataset, MAX_OVERLAP, Progress, SiteState, Subject, Task, TaskState, UseCase,
    check_display_name,
};
use proto_ids::{AssetToken, DatasetId, ProjectId, TaskId};

use crate::projects::{open_project_of, project_of};
use crate::{App, AppError, FieldProblem, Reader, Thing, Tx, read, transact};

/// A request names at most this many assets.
const MAX_ASSETS: usize = 100_000;

/// Tasks to be made.
#[derive(Debug, Clone)]
pub struct NewTasks {
    /// One task for each.
    pub assets: Vec<AssetToken>,
    /// How many annotators each gets: 1 to 16.
    pub overlap: u32,
    /// Those that are given out as a test; each must have a gold annotation at its site.
    pub gold_assets: Vec<AssetToken>,
}

/// A task with its progress.
#[derive(Debug, Clone)]
pub struct TaskView {
    /// The task.
    pub task: Task,
    /// Its progress.
    pub progress: Progress,
    /// How far it has come.
    pub state: TaskState,
}

impl App {
    /// Freezes a list of assets under a name; the same name again makes the next version.
    ///
    /// # Errors
    /// Denied, the project or an asset is unknown, a name that cannot be used, or the store failed.
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
        let dataset_id = DatasetId::from_random(self.chance.bytes()?);
        let now = self.now();
        transact(self.store.as_ref(), |tx| {
            open_project_of(tx, id)?;
            for (index, asset) in assets.iter().enumerate() {
                asset_of(tx, *asset, &format!("asset_ids[{index}]"))?;
            }
            let versions = tx.dataset_list(id)?.into_iter().filter(|other| other.name == name);
            let version = versions.map(|other| other.version).max().unwrap_or(0) + 1;
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

    /// Makes a task for each asset under the published instruction. An asset that has a task of
    /// this version already gets no second one. Answers how many were made.
    ///
    /// # Errors
    /// Denied; the project is unknown, closed or has no published instruction; an asset is unknown,
    /// of a revoked site, or has no gold annotation where one is asked for; the store failed.
    pub fn tasks_add(&self, actor: &Actor, id: ProjectId, new: &NewTasks) -> Result<usize, AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        check_list(&new.assets, "asset_ids")?;
        if !(1..=MAX_OVERLAP).contains(&new.overlap) {
            return Err(AppError::Invalid(vec![FieldProblem::new("overlap", "a number from 1 to 16")]));
        }
        let wanted: BTreeSet<AssetToken> = new.assets.iter().copied().collect();
        if let Some(index) = new.gold_assets.iter().position(|gold| !wanted.contains(gold)) {
            let field = format!("gold_asset_ids[{index}]");
            return Err(AppError::Invalid(vec![FieldProblem::new(
                field,
                "not among the assets of the tasks",
            )]));
        }
        let ids = wanted.iter().map(|_| Ok(TaskId::from_random(self.chance.bytes()?)));
        let ids = ids.collect::<Result<Vec<_>, AppError>>()?;
        transact(self.store.as_ref(), |tx| {
            let created = self.tasks_put(tx, id, new, &ids)?;
            self.audit(tx, actor, Action::TasksAdded, Subject::Project(id))?;
            Ok(created)
        })
    }

    fn tasks_put(
        &self,
        tx: &mut dyn Tx,
        id: ProjectId,
        new: &NewTasks,
        ids: &[TaskId],
    ) -> Result<usize, AppError> {
        let mut project = open_project_of(tx, id)?;
        let version = project.published_version.ok_or(AppError::NotPublished)?;
        let instruction = tx.instruction_get(id, version)?.ok_or(AppError::NotPublished)?;
        let (assets, gold) = checked_assets(tx, new)?;
        let existing = tx.task_list(id)?;
        // The instruction and the project go down before the tasks: the site may be new to the project.
        tx.instruction_put(&instruction)?;
        project.overlap = new.overlap;
        tx.project_put(&project)?;
        let mut created = 0;
        for (asset, task_id) in assets.iter().zip(ids) {
            let token = asset.card.asset;
            let there = existing
                .iter()
                .any(|task| task.asset == token && task.instruction_version == version && !task.withdrawn);
            if there {
                continue;
            }
            let task = Task {
                id: *task_id,
                project: id,
                site: asset.site,
                asset: token,
                instruction_version: version,
                overlap: new.overlap,
                gold: gold.contains(&token),
                withdrawn: false,
                created_at: self.now(),
            };
            tx.progress_put(&Progress::new(task.id, task.overlap))?;
            tx.task_put(&task)?;
            created += 1;
        }
        Ok(created)
    }

    /// The tasks of a project with their progress, oldest first.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn task_list(&self, actor: &Actor, id: ProjectId) -> Result<Vec<TaskView>, AppError> {
        self.authorise(actor, UseCase::ProjectRead)?;
        let mut views = read(self.store.as_ref(), |reader| {
            project_of(reader, id)?;
            let mut views = Vec::new();
            for task in reader.task_list(id)? {
                let progress =
                    reader.progress_get(task.id)?.unwrap_or_else(|| Progress::new(task.id, task.overlap));
                let state = task.state(&progress);
                views.push(TaskView { task, progress, state });
            }
            Ok(views)
        })?;
        views.sort_by_key(|view| (view.task.created_at, view.task.id));
        Ok(views)
    }

    /// Takes a task back. What was submitted stays.
    ///
    /// # Errors
    /// Denied, the task is unknown, or the store failed.
    pub fn task_withdraw(&self, actor: &Actor, id: TaskId) -> Result<(), AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        transact(self.store.as_ref(), |tx| {
            let mut task = tx.task_get(id)?.ok_or(AppError::NotFound(Thing::Task))?;
            if task.withdrawn {
                return Ok(());
            }
            task.withdrawn = true;
            tx.task_put(&task)?;
            self.audit(tx, actor, Action::TaskWithdrawn, Subject::Task(id))
        })
    }
}

fn check_list(assets: &[AssetToken], field: &str) -> Result<(), AppError> {
    let problem = match assets.len() {
        0 => "at least one asset",
        n if n > MAX_ASSETS => "at most 100,000 assets",
        _ => return Ok(()),
    };
    Err(AppError::Invalid(vec![FieldProblem::new(field, problem)]))
}

fn asset_of(reader: &dyn Reader, asset: AssetToken, field: &str) -> Result<Asset, AppError> {
    let unknown = || AppError::Invalid(vec![FieldProblem::new(field, "no asset has this id")]);
    reader.asset_get(asset)?.ok_or_else(unknown)
}

/// The assets of the tasks, each once, and those of them that are given out as a test.
fn checked_assets(tx: &mut dyn Tx, new: &NewTasks) -> Result<(Vec<Asset>, BTreeSet<AssetToken>), AppError> {
    let revoked: BTreeSet<_> = tx
        .site_list()?
        .into_iter()
        .filter(|site| site.state == SiteState::Revoked)
        .map(|site| site.id)
        .collect();
    let mut assets = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, token) in new.assets.iter().enumerate() {
        let field = format!("asset_ids[{index}]");
        let asset = asset_of(tx, *token, &field)?;
        if revoked.contains(&asset.site) {
            return Err(AppError::Invalid(vec![FieldProblem::new(field, "its site is revoked")]));
        }
        if seen.insert(*token) {
            assets.push(asset);
        }
    }
    for (index, token) in new.gold_assets.iter().enumerate() {
        let field = format!("gold_asset_ids[{index}]");
        if !asset_of(tx, *token, &field)?.gold {
            return Err(AppError::AssetHasNoGold { field });
        }
    }
    Ok((assets, new.gold_assets.iter().copied().collect()))
}
