//! Tasks of a project: new ones, their list, taking one back.

use std::collections::{BTreeMap, BTreeSet};

use control_plane_domain::{
    Action, Actor, Asset, MAX_OVERLAP, Person, Progress, Project, SiteState, Slot, Subject, Task, TaskState,
    UseCase,
};
use proto_ids::{AssetToken, ProjectId, SiteId, TaskId};

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
    /// Who has the arbiter's place.
    pub arbiter: Option<ArbiterView>,
}

/// Who settles a dispute.
#[derive(Debug, Clone)]
pub struct ArbiterView {
    /// Who.
    pub person: Person,
    /// Whether their work is in.
    pub submitted: bool,
}

impl App {
    /// Makes a task for each asset under the published instruction. An asset that has a task of
    /// this version already gets no second one. Where hidden tests are drawn, an asset that is given
    /// out as a test gets tasks enough for every annotator of the project. Answers how many were made.
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
        transact(self.store.as_ref(), |tx| {
            let created = self.tasks_put(tx, id, new)?;
            self.audit(tx, actor, Action::TasksAdded, Subject::Project(id))?;
            Ok(created)
        })
    }

    fn tasks_put(&self, tx: &mut dyn Tx, id: ProjectId, new: &NewTasks) -> Result<usize, AppError> {
        let mut project = open_project_of(tx, id)?;
        let version = project.published_version.ok_or(AppError::NotPublished)?;
        let instruction = tx.instruction_get(id, version)?.ok_or(AppError::NotPublished)?;
        let (assets, gold_assets) = checked_assets(tx, new)?;
        let existing = tx.task_list(id)?;
        // The instruction and the project go down before the tasks where the site is new to the project. Written
        // again for others, the instruction would come down after orders that moved to it.
        let known: BTreeSet<SiteId> = existing.iter().map(|task| task.site).collect();
        if !assets.iter().all(|asset| known.contains(&asset.site)) {
            tx.instruction_put(&instruction)?;
        }
        project.overlap = new.overlap;
        tx.project_put(&project)?;
        let in_force = existing.iter().filter(|task| task.instruction_version == version && !task.withdrawn);
        let mut there: BTreeMap<(AssetToken, bool), usize> = BTreeMap::new();
        for task in in_force {
            *there.entry((task.asset, task.gold)).or_default() += 1;
        }
        let mut created = 0;
        for asset in &assets {
            let token = asset.card.asset;
            let gold = gold_assets.contains(&token);
            // Nobody may be given the same pictures both as a test and as other work.
            if there.contains_key(&(token, !gold)) {
                continue;
            }
            let (wanted, overlap) = if gold { gold_tasks(&project) } else { (1, new.overlap) };
            for _ in there.get(&(token, gold)).copied().unwrap_or(0)..wanted {
                let task = Task {
                    id: TaskId::from_random(self.chance.bytes()?),
                    project: id,
                    site: asset.site,
                    asset: token,
                    instruction_version: version,
                    overlap,
                    gold,
                    withdrawn: false,
                    consensus: Vec::new(),
                    arbitration: false,
                    created_at: self.now(),
                };
                tx.progress_put(&Progress::new(task.id, task.overlap))?;
                tx.task_put(&task)?;
                created += 1;
            }
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
                views.push(task_view(reader, task)?);
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

/// How many tasks of how many slots a gold asset gets: everybody is tested with the same assets.
fn gold_tasks(project: &Project) -> (usize, u32) {
    if project.policy.gold_percent == 0 {
        return (1, project.overlap);
    }
    let slots = usize::try_from(MAX_OVERLAP).unwrap_or(usize::MAX);
    (project.annotators.len().div_ceil(slots).max(1), MAX_OVERLAP)
}

pub(crate) fn task_view(reader: &dyn Reader, task: Task) -> Result<TaskView, AppError> {
    let progress = reader.progress_get(task.id)?.unwrap_or_else(|| Progress::new(task.id, task.overlap));
    let decision = reader.judgement_get(task.id)?.map(|judgement| judgement.decision);
    let state = task.state(&progress, decision);
    let arbiter = match progress.arbiter.person() {
        Some(person) => reader.person_get(person)?.map(|person| {
            let submitted = matches!(progress.arbiter, Slot::Submitted { .. });
            ArbiterView { person, submitted }
        }),
        None => None,
    };
    Ok(TaskView { task, progress, state, arbiter })
}

pub(crate) fn check_list(assets: &[AssetToken], field: &str) -> Result<(), AppError> {
    let problem = match assets.len() {
        0 => "at least one asset",
        n if n > MAX_ASSETS => "at most 100,000 assets",
        _ => return Ok(()),
    };
    Err(AppError::Invalid(vec![FieldProblem::new(field, problem)]))
}

pub(crate) fn asset_of(reader: &dyn Reader, asset: AssetToken, field: &str) -> Result<Asset, AppError> {
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
