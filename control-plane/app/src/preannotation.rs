//! Pre-annotation of a project: a model of a site proposes something for each task there before
//! anybody opens it. Started and stopped here, run by the site's agent.

use control_plane_domain::{
    Action, Actor, Model, Preannotation, PreannotationProgress, Project, ProjectState, Site, SiteState,
    Subject, UseCase,
};
use proto_ids::{ModelToken, ProjectId, SiteId, Timestamp};

use crate::projects::{open_project_of, project_of};
use crate::{App, AppError, FieldProblem, Reader, Thing, read, transact};

/// A site of a project, its models, and its newest run.
#[derive(Debug, Clone)]
pub struct SitePreannotationView {
    /// The site.
    pub site: Site,
    /// Whether its agent is connected.
    pub connected: bool,
    /// Tasks of the project there that are not withdrawn.
    pub tasks: usize,
    /// Its models, those that can be asked first.
    pub models: Vec<Model>,
    /// The newest run; none before the first.
    pub run: Option<Preannotation>,
    /// How far that run has come and when the site said so; none before its first word.
    pub progress: Option<(PreannotationProgress, Timestamp)>,
}

impl App {
    /// The sites that a project has tasks at, by name.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn preannotation_list(
        &self,
        actor: &Actor,
        id: ProjectId,
    ) -> Result<Vec<SitePreannotationView>, AppError> {
        self.authorise(actor, UseCase::ProjectRead)?;
        read(self.store.as_ref(), |reader| {
            let project = project_of(reader, id)?;
            let models = models_in_order(reader)?;
            let (tasks, told) = (reader.task_list(id)?, reader.preannotation_list(id)?);
            let mut views = Vec::new();
            for site in reader.site_list()? {
                let own = tasks.iter().filter(|task| task.site == site.id && !task.withdrawn).count();
                let run = project.preannotations.get(&site.id).copied();
                if own == 0 && run.is_none() {
                    continue;
                }
                let progress = told.iter().find(|told| told.site == site.id);
                let progress = progress.filter(|told| run.is_some_and(|run| run.run == told.facts.run));
                views.push(SitePreannotationView {
                    connected: self.presence.of(site.id).0,
                    tasks: own,
                    models: models.iter().filter(|model| model.site == site.id).copied().collect(),
                    run,
                    progress: progress.map(|told| (told.facts, told.received_at)),
                    site,
                });
            }
            views.sort_by(|a, b| (&a.site.name, a.site.id).cmp(&(&b.site.name, b.site.id)));
            Ok(views)
        })
    }

    /// Starts a run with a model of a site; a run that goes on there ends with it. The site hears of
    /// it with the project.
    ///
    /// # Errors
    /// Denied; the project is unknown, closed or has no published instruction; the site is unknown,
    /// shut out, or has no task of the project; the model is not the site's or cannot be asked; or
    /// the store failed.
    pub fn preannotation_start(
        &self,
        actor: &Actor,
        id: ProjectId,
        site: SiteId,
        model: ModelToken,
    ) -> Result<(), AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        transact(self.store.as_ref(), |tx| {
            let mut project = open_project_of(tx, id)?;
            may_start(tx, &project, site, model)?;
            let run = Preannotation::next(project.preannotations.get(&site).copied(), model);
            project.preannotations.insert(site, run);
            tx.project_put(&project)?;
            let subject = Subject::Preannotation { project: id, site, model, run: run.run };
            self.audit(tx, actor, Action::PreannotationStarted, subject)
        })
    }

    /// Calls the run at a site off. What is proposed already stays proposed. A run that was called
    /// off before stays so.
    ///
    /// # Errors
    /// Denied, the project is unknown, there never was a run at the site, or the store failed.
    pub fn preannotation_stop(&self, actor: &Actor, id: ProjectId, site: SiteId) -> Result<(), AppError> {
        self.authorise(actor, UseCase::ProjectChange)?;
        transact(self.store.as_ref(), |tx| {
            let mut project = project_of(tx, id)?;
            let run = project.preannotations.get_mut(&site);
            let run = run.ok_or(AppError::NotFound(Thing::Preannotation))?;
            if run.stopped {
                return Ok(());
            }
            run.stopped = true;
            let subject = Subject::Preannotation { project: id, site, model: run.model, run: run.run };
            tx.project_put(&project)?;
            self.audit(tx, actor, Action::PreannotationStopped, subject)
        })
    }
}

/// All models: those that can be asked first, then in the order of their tokens.
pub(crate) fn models_in_order(reader: &dyn Reader) -> Result<Vec<Model>, AppError> {
    let mut models = reader.model_list()?;
    models.sort_by_key(|model| (!model.state.available, model.state.model));
    Ok(models)
}

fn may_start(
    reader: &dyn Reader,
    project: &Project,
    site: SiteId,
    model: ModelToken,
) -> Result<(), AppError> {
    if project.state == ProjectState::Draft {
        return Err(AppError::NotPublished);
    }
    let refused = |field: &str, why: &str| Err(AppError::Invalid(vec![FieldProblem::new(field, why)]));
    let Some(known) = reader.site_get(site)? else { return refused("site_id", "no site has this id") };
    if known.state == SiteState::Revoked {
        return Err(AppError::Revoked);
    }
    if !reader.task_list(project.id)?.iter().any(|task| task.site == site && !task.withdrawn) {
        return refused("site_id", "this site has no task of the project");
    }
    match reader.model_get(model)?.filter(|known| known.site == site) {
        None => refused("model_id", "no model of this site has this id"),
        Some(known) if !known.state.available => refused("model_id", "this model cannot be asked now"),
        Some(_) => Ok(()),
    }
}
