//! What people did with the proposals of models, by model and by annotator.

use std::collections::BTreeMap;

use control_plane_domain::{
    Actor, AssistTally, Model, Person, Site, Submission, UseCase, WorkRole, assists_by,
};
use proto_ids::{ModelToken, PersonId, ProjectId, Timestamp};

use crate::projects::project_of;
use crate::{App, AppError, Reader, read};

/// The proposals of one model.
#[derive(Debug, Clone)]
pub struct ModelAssistance {
    /// The model.
    pub model: Model,
    /// Its site.
    pub site: Site,
    /// What became of its proposals.
    pub tally: AssistTally,
    /// What each annotator did with them, by user name.
    pub annotators: Vec<AssistedBy>,
}

/// What one annotator did with proposals.
#[derive(Debug, Clone)]
pub struct AssistedBy {
    /// Who.
    pub person: Person,
    /// What they did.
    pub tally: AssistTally,
}

/// Model assistance in a project. What arbiters did is not in it.
#[derive(Debug, Clone)]
pub struct AssistanceView {
    /// The time of the figures.
    pub as_of: Timestamp,
    /// Submissions of annotators that came in.
    pub submissions: usize,
    /// How many of them had a proposal, whatever became of it.
    pub assisted: usize,
    /// By model, in the order of their tokens.
    pub models: Vec<ModelAssistance>,
    /// By annotator over all models, by user name.
    pub annotators: Vec<AssistedBy>,
}

impl App {
    /// What people did with the proposals of models in a project.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn assistance(&self, actor: &Actor, id: ProjectId) -> Result<AssistanceView, AppError> {
        self.authorise(actor, UseCase::ResultsRead)?;
        let as_of = self.now();
        read(self.store.as_ref(), |reader| {
            project_of(reader, id)?;
            let received = reader.submission_list(id)?;
            let facts: Vec<&Submission> = received
                .iter()
                .map(|received| &received.facts)
                .filter(|facts| facts.role == WorkRole::Annotator)
                .collect();
            Ok(AssistanceView {
                as_of,
                submissions: facts.len(),
                assisted: facts.iter().filter(|facts| !facts.assists.is_empty()).count(),
                models: by_model(reader, &facts)?,
                annotators: people_of(reader, assists_by(facts.iter().copied(), |facts, _| facts.person))?,
            })
        })
    }
}

fn by_model(reader: &dyn Reader, facts: &[&Submission]) -> Result<Vec<ModelAssistance>, AppError> {
    let mut by_both: BTreeMap<ModelToken, BTreeMap<PersonId, AssistTally>> = BTreeMap::new();
    let both = assists_by(facts.iter().copied(), |facts, used| (used.model, facts.person));
    for ((model, person), tally) in both {
        by_both.entry(model).or_default().insert(person, tally);
    }
    let mut models = Vec::new();
    for (token, tally) in assists_by(facts.iter().copied(), |_, used| used.model) {
        let Some(model) = reader.model_get(token)? else { continue };
        let Some(site) = reader.site_get(model.site)? else { continue };
        let annotators = people_of(reader, by_both.remove(&token).unwrap_or_default())?;
        models.push(ModelAssistance { model, site, tally, annotators });
    }
    Ok(models)
}

fn people_of(
    reader: &dyn Reader,
    tallies: BTreeMap<PersonId, AssistTally>,
) -> Result<Vec<AssistedBy>, AppError> {
    let mut people = Vec::new();
    for (id, tally) in tallies {
        let Some(person) = reader.person_get(id)? else { continue };
        people.push(AssistedBy { person, tally });
    }
    people.sort_by(|a, b| a.person.user_name.cmp(&b.person.user_name));
    Ok(people)
}
