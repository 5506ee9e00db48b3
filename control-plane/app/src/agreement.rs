//! Who agrees with whom in a project, for one object.

use std::collections::{BTreeMap, BTreeSet};

use control_plane_domain::{
    Actor, AgreementCell, Person, ReceivedSubmission, UseCase, VotingPattern, agreement_matrix,
};
use proto_ids::{PersonId, ProjectId, SubmissionId};

use crate::projects::project_of;
use crate::results::Versions;
use crate::{App, AppError, FieldProblem, Reader, read};

/// The agreement between the annotators of a project.
#[derive(Debug, Clone)]
pub struct AgreementView {
    /// Objects of which there are voting patterns: number in the instruction, and name.
    pub objects: Vec<(u32, String)>,
    /// The object of the cells; none while there is no object.
    pub object_id: Option<u32>,
    /// Annotators whose work is in a voting pattern of the project, by user name.
    pub people: Vec<Person>,
    /// Every pair of them who share a task.
    pub cells: Vec<AgreementCell>,
}

impl App {
    /// Who agrees with whom for one object; without a choice, for the first one that there is.
    ///
    /// # Errors
    /// Denied, the project is unknown, the object has no voting patterns, or the store failed.
    pub fn agreement(
        &self,
        actor: &Actor,
        id: ProjectId,
        object: Option<u32>,
    ) -> Result<AgreementView, AppError> {
        self.authorise(actor, UseCase::ResultsRead)?;
        read(self.store.as_ref(), |reader| {
            project_of(reader, id)?;
            let patterns = patterns_of(reader, id)?;
            let people_of = people_of(&reader.submission_list(id)?);
            let person_of = |submission| people_of.get(&submission).copied();
            let object_id = chosen(&patterns, object)?;
            let cells = object_id
                .map_or_else(Vec::new, |object_id| agreement_matrix(&patterns, object_id, person_of));
            let versions = Versions::of(reader, id)?;
            let numbers: BTreeSet<u32> = patterns.iter().map(|pattern| pattern.object_id).collect();
            let objects = numbers.into_iter().map(|number| (number, versions.object_name(number))).collect();
            let submissions = patterns.iter().flat_map(|pattern| &pattern.submissions);
            let people = submissions.filter_map(|&submission| person_of(submission)).collect();
            Ok(AgreementView { objects, object_id, people: by_user_name(reader, &people)?, cells })
        })
    }
}

/// The newest voting patterns of all tasks of a project.
pub(crate) fn patterns_of(reader: &dyn Reader, id: ProjectId) -> Result<Vec<VotingPattern>, AppError> {
    let mut patterns = Vec::new();
    for task in reader.task_list(id)? {
        patterns.extend(reader.pattern_list(task.id)?);
    }
    Ok(patterns)
}

/// Who handed in what.
pub(crate) fn people_of(received: &[ReceivedSubmission]) -> BTreeMap<SubmissionId, PersonId> {
    received.iter().map(|submission| (submission.facts.id, submission.facts.person)).collect()
}

fn chosen(patterns: &[VotingPattern], object: Option<u32>) -> Result<Option<u32>, AppError> {
    let mut numbers = patterns.iter().map(|pattern| pattern.object_id);
    match object {
        None => Ok(numbers.min()),
        Some(object) if numbers.any(|number| number == object) => Ok(Some(object)),
        Some(_) => Err(AppError::Invalid(vec![FieldProblem::new("object", "no such object")])),
    }
}

fn by_user_name(reader: &dyn Reader, ids: &BTreeSet<PersonId>) -> Result<Vec<Person>, AppError> {
    let mut people = Vec::new();
    for &id in ids {
        people.extend(reader.person_get(id)?);
    }
    people.sort_by(|a, b| a.user_name.cmp(&b.user_name));
    Ok(people)
}
