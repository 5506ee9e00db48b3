//! Projects: the list, one of them, a new one; their instruction; their annotators.

use std::collections::{BTreeMap, BTreeSet};

use control_plane_domain::{
    Action, Actor, InstructionVersion, Person, Policy, Project, ProjectState, Role, Subject, Task, UseCase,
    check_display_name,
};
use proto_ids::{AssetToken, PersonId, ProjectId};
use proto_instruction::{Draft, Instruction, Problem};

use crate::policy::drawn_seed;
use crate::{App, AppError, FieldProblem, Reader, Thing, read, transact};

/// A project in a list.
#[derive(Debug, Clone)]
pub struct ProjectRow {
    /// The project.
    pub project: Project,
    /// Tasks that are not withdrawn.
    pub tasks: usize,
    /// Submissions that came in.
    pub submitted: usize,
}

/// A project with what belongs to it.
#[derive(Debug, Clone)]
pub struct ProjectView {
    /// The project.
    pub project: Project,
    /// The newest published instruction.
    pub published: Option<InstructionVersion>,
    /// Who may annotate.
    pub annotators: Vec<Person>,
    /// The assets of its tasks that are not withdrawn.
    pub assets: Vec<AssetToken>,
}

impl App {
    /// All projects, newest first.
    ///
    /// # Errors
    /// Denied, or the store failed.
    pub fn project_list(&self, actor: &Actor) -> Result<Vec<ProjectRow>, AppError> {
        self.authorise(actor, UseCase::ProjectRead)?;
        let mut rows = read(self.store.as_ref(), |reader| {
            let mut rows = Vec::new();
            for project in reader.project_list()? {
                let tasks = reader.task_list(project.id)?.iter().filter(|task| !task.withdrawn).count();
                let submitted = reader.submission_list(project.id)?.len();
                rows.push(ProjectRow { project, tasks, submitted });
            }
            Ok(rows)
        })?;
        rows.sort_by_key(|row| (std::cmp::Reverse(row.project.created_at), row.project.id));
        Ok(rows)
    }

    /// One project.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn project_get(&self, actor: &Actor, id: ProjectId) -> Result<ProjectView, AppError> {
        self.authorise(actor, UseCase::ProjectRead)?;
        read(self.store.as_ref(), |reader| {
            let project = project_of(reader, id)?;
            let published = match project.published_version {
                Some(version) => reader.instruction_get(id, version)?,
                None => None,
            };
            let mut annotators = Vec::new();
            for person in &project.annotators {
                annotators.extend(reader.person_get(*person)?);
            }
            annotators.sort_by(|a, b| a.user_name.cmp(&b.user_name));
            let tasks = reader.task_list(id)?;
            let assets: BTreeSet<AssetToken> =
                tasks.iter().filter(|task| !task.withdrawn).map(|task: &Task| task.asset).collect();
            Ok(ProjectView { project, published, annotators, assets: assets.into_iter().collect() })
        })
    }

    /// Makes a project with an empty draft.
    ///
    /// # Errors
    /// Denied, a title that cannot be used, or the store failed.
    pub fn project_add(&self, actor: &Actor, title: &str) -> Result<Project, AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        if let Err(problem) = check_display_name(title) {
            return Err(AppError::Invalid(vec![FieldProblem::new("title", problem.to_string())]));
        }
        let project = Project {
            id: ProjectId::from_random(self.chance.bytes()?),
            title: title.to_owned(),
            state: ProjectState::Draft,
            draft: Draft { title: title.to_owned(), ..Draft::default() },
            published_version: None,
            annotators: BTreeSet::new(),
            arbiters: BTreeSet::new(),
            overlap: 1,
            policy: Policy { gold_seed: drawn_seed(&self.chance)?, ..Policy::default() },
            preannotations: BTreeMap::new(),
            created_at: self.now(),
        };
        transact(self.store.as_ref(), |tx| {
            tx.project_put(&project)?;
            self.audit(tx, actor, Action::ProjectAdded, Subject::Project(project.id))?;
            self.audit_seed(tx, actor, &project)
        })?;
        Ok(project)
    }

    /// Saves a draft, if an instruction can be made of it, and answers with that instruction.
    ///
    /// # Errors
    /// Denied, the project is unknown or closed, fields that cannot be taken, or the store failed.
    pub fn draft_save(&self, actor: &Actor, id: ProjectId, draft: &Draft) -> Result<Instruction, AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        let instruction = draft.check().map_err(invalid)?;
        transact(self.store.as_ref(), |tx| {
            let mut project = open_project_of(tx, id)?;
            project.draft = draft.clone();
            tx.project_put(&project)?;
            self.audit(tx, actor, Action::DraftSaved, Subject::Project(id))
        })?;
        Ok(instruction)
    }

    /// Sets who may annotate.
    ///
    /// # Errors
    /// Denied, the project or an annotator is unknown, the project is closed, or the store failed.
    pub fn annotators_set(&self, actor: &Actor, id: ProjectId, people: &[PersonId]) -> Result<(), AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        transact(self.store.as_ref(), |tx| {
            let mut project = open_project_of(tx, id)?;
            project.annotators = annotators_of(tx, people, "person_ids")?;
            tx.project_put(&project)?;
            self.audit(tx, actor, Action::AnnotatorsSet, Subject::Project(id))
        })
    }
}

pub(crate) fn project_of(reader: &dyn Reader, id: ProjectId) -> Result<Project, AppError> {
    reader.project_get(id)?.ok_or(AppError::NotFound(Thing::Project))
}

pub(crate) fn open_project_of(reader: &dyn Reader, id: ProjectId) -> Result<Project, AppError> {
    let project = project_of(reader, id)?;
    if project.state == ProjectState::Closed { Err(AppError::Closed) } else { Ok(project) }
}

/// People who work at sites, by their ids.
pub(crate) fn annotators_of(
    reader: &dyn Reader,
    people: &[PersonId],
    field: &str,
) -> Result<BTreeSet<PersonId>, AppError> {
    for (index, person) in people.iter().enumerate() {
        let known = reader.person_get(*person)?.is_some_and(|person| person.roles.contains(&Role::Annotator));
        if !known {
            let problem = FieldProblem::new(format!("{field}[{index}]"), "no annotator has this id");
            return Err(AppError::Invalid(vec![problem]));
        }
    }
    Ok(people.iter().copied().collect())
}

pub(crate) fn invalid(problems: Vec<Problem>) -> AppError {
    AppError::Invalid(
        problems.into_iter().map(|problem| FieldProblem::new(problem.field, problem.problem)).collect(),
    )
}
