//! Versions of an instruction: publishing one, what publishing would do, and what was published.

use std::collections::BTreeMap;

use control_plane_domain::{
    Action, Actor, InstructionVersion, Project, ProjectState, SiteRecheck, Subject, Task, UseCase,
};
use proto_ids::ProjectId;
use proto_instruction::{Edit, EditClass, Instruction, edit_class, edits};

use crate::projects::{invalid, open_project_of, project_of};
use crate::{App, AppError, FieldProblem, Reader, read, transact};

/// What publishing the draft would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishPreview {
    /// The number of the next version; of the newest one when the draft says nothing new.
    pub version: u32,
    /// The gravest class of the edits; none for the first version and when nothing is new.
    pub class: Option<EditClass>,
    /// What changed since the newest version, the gravest first.
    pub edits: Vec<Edit>,
    /// How many tasks would go on under the new version.
    pub tasks_moved: usize,
    /// How many tasks would stay under theirs.
    pub tasks_pinned: usize,
}

/// A published version and what became of it.
#[derive(Debug, Clone)]
pub struct VersionView {
    /// The version.
    pub version: InstructionVersion,
    /// The gravest class of the edits; none for the first version.
    pub class: Option<EditClass>,
    /// What changed since the version before, the gravest first.
    pub edits: Vec<Edit>,
    /// What sites found when they checked finished work under it, with the names of the sites.
    pub rechecks: Vec<(SiteRecheck, String)>,
}

/// What a publication comes to.
struct Plan {
    version: u32,
    instruction: Instruction,
    /// Against the newest version; none for the first one.
    edits: Option<Vec<Edit>>,
    /// Whether the draft says anything that the newest version does not.
    new: bool,
    moved: Vec<Task>,
    pinned: usize,
}

impl App {
    /// Publishes the draft as the next version, which never changes. A draft that is the newest
    /// version already is not published again; its number is the answer. Tasks that nobody has
    /// begun go on under the new version; so do the others unless the change is breaking.
    ///
    /// # Errors
    /// Denied, the project is unknown or closed, fields that cannot be taken, or the store failed.
    pub fn instruction_publish(&self, actor: &Actor, id: ProjectId) -> Result<u32, AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        let now = self.now();
        transact(self.store.as_ref(), |tx| {
            let mut project = open_project_of(tx, id)?;
            let Plan { version, instruction, new, moved, .. } = plan(tx, &project)?;
            if !new {
                return Ok(version);
            }
            tx.instruction_put(&InstructionVersion { project: id, version, instruction, published_at: now })?;
            project.published_version = Some(version);
            project.state = ProjectState::Running;
            tx.project_put(&project)?;
            for task in moved {
                tx.task_put(&Task { instruction_version: version, ..task })?;
            }
            self.audit(tx, actor, Action::InstructionPublished, Subject::Project(id))?;
            Ok(version)
        })
    }

    /// What publishing the draft would do now.
    ///
    /// # Errors
    /// Denied, the project is unknown or closed, fields that cannot be taken, or the store failed.
    pub fn publish_preview(&self, actor: &Actor, id: ProjectId) -> Result<PublishPreview, AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        read(self.store.as_ref(), |reader| {
            let plan = plan(reader, &open_project_of(reader, id)?)?;
            let class = plan.edits.as_deref().filter(|_| plan.new).map(edit_class);
            Ok(PublishPreview {
                version: plan.version,
                class,
                edits: plan.edits.unwrap_or_default(),
                tasks_moved: plan.moved.len(),
                tasks_pinned: plan.pinned,
            })
        })
    }

    /// The published versions of a project, newest first.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn instruction_versions(&self, actor: &Actor, id: ProjectId) -> Result<Vec<VersionView>, AppError> {
        self.authorise(actor, UseCase::ProjectRead)?;
        read(self.store.as_ref(), |reader| {
            project_of(reader, id)?;
            let (sites, rechecks) = (reader.site_list()?, reader.recheck_list(id)?);
            let name = |recheck: &SiteRecheck| {
                let site = sites.iter().find(|site| site.id == recheck.site);
                site.map(|site| site.name.clone()).unwrap_or_default()
            };
            let mut views: Vec<VersionView> = Vec::new();
            for version in reader.instruction_list(id)? {
                let before = views.last().map(|view| &view.version.instruction);
                let edits = before.map(|before| edits(before, &version.instruction));
                let of_version =
                    rechecks.iter().filter(|recheck| recheck.facts.instruction_version == version.version);
                views.push(VersionView {
                    rechecks: of_version.map(|recheck| (recheck.clone(), name(recheck))).collect(),
                    class: edits.as_deref().map(edit_class),
                    edits: edits.unwrap_or_default(),
                    version,
                });
            }
            views.reverse();
            Ok(views)
        })
    }
}

fn plan(reader: &dyn Reader, project: &Project) -> Result<Plan, AppError> {
    let instruction = project.draft.check().map_err(invalid)?;
    // A draft may begin with its text alone; nobody could work with it.
    if instruction.objects.is_empty() && instruction.questions.is_empty() {
        let problem = FieldProblem::new("objects", "an instruction needs an object or a question");
        return Err(AppError::Invalid(vec![problem]));
    }
    let newest = match project.published_version {
        Some(version) => reader.instruction_get(project.id, version)?,
        None => None,
    };
    let since_newest = newest.as_ref().map(|newest| edits(&newest.instruction, &instruction));
    let mut plan =
        Plan { version: 1, instruction, edits: since_newest, new: true, moved: Vec::new(), pinned: 0 };
    let Some(newest) = newest else { return Ok(plan) };
    if newest.instruction == plan.instruction {
        return Ok(Plan { version: newest.version, new: false, ..plan });
    }
    plan.version = newest.version + 1;
    // A task that stayed behind is compared with its own version, not with the newest.
    let mut breaking: BTreeMap<u32, bool> = BTreeMap::new();
    for version in reader.instruction_list(project.id)? {
        let changes = edits(&version.instruction, &plan.instruction);
        breaking.insert(version.version, edit_class(&changes) == EditClass::Breaking);
    }
    for task in reader.task_list(project.id)?.into_iter().filter(|task| !task.withdrawn) {
        let started = reader.progress_get(task.id)?.is_some_and(|progress| progress.started());
        if started && breaking.get(&task.instruction_version).copied().unwrap_or(true) {
            plan.pinned += 1;
        } else {
            plan.moved.push(task);
        }
    }
    Ok(plan)
}
