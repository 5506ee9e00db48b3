//! The objects of a project: what submissions say of each, how far they agree, who marks it how well.

use std::collections::BTreeSet;

use control_plane_domain::{
    Actor, Decision, DisputeSubject, OverrideCount, Person, PresenceAgreement, PresenceTally,
    ReceivedSubmission, Submission, Summary, UseCase, VotingPattern, WorkRole, annotator_skills,
    override_counts, pairwise_dice, presence_agreement, presence_tally, summarise,
};
use proto_ids::{ProjectId, SubmissionId};
use proto_instruction::{Geometry, Object};

use crate::agreement::{patterns_of, people_of};
use crate::projects::project_of;
use crate::results::Versions;
use crate::{App, AppError, Reader, read};

/// One object over a project. What arbiters drew is not in it.
#[derive(Debug, Clone)]
pub struct LabelView {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// Its name in the newest version that has it.
    pub name: String,
    /// `#rrggbb`.
    pub colour: String,
    /// How it is drawn.
    pub geometry: Geometry,
    /// Submissions under a version that has it.
    pub submissions: usize,
    /// What they say of its presence.
    pub presence: PresenceTally,
    /// How far they agree on its presence, in pairs.
    pub presence_pairs: PresenceAgreement,
    /// Overlap with gold.
    pub dice_gold: Summary,
    /// Share of surface within tolerance of gold.
    pub nsd_gold: Summary,
    /// Overlap of every pair of submissions of a task.
    pub dice_pairs: Summary,
    /// How well each annotator marks it, by user name.
    pub annotators: Vec<LabelAnnotator>,
    /// Warnings about it that were handed in with a reason.
    pub overrides: Vec<OverrideCount>,
    /// How many tasks are or were disputed over it.
    pub disputed: usize,
}

/// How well somebody marks an object, by STAPLE.
#[derive(Debug, Clone)]
pub struct LabelAnnotator {
    /// Who.
    pub person: Person,
    /// Share of the object that was marked, 0 to 1.
    pub sensitivity: Option<f64>,
    /// Share of the rest that was left out, 0 to 1.
    pub specificity: Option<f64>,
    /// Over how many tasks.
    pub n: usize,
}

/// What is known of a project's work.
struct Known {
    received: Vec<ReceivedSubmission>,
    patterns: Vec<VotingPattern>,
    disputed: Vec<DisputeSubject>,
}

impl App {
    /// The objects of every published version of a project: those of the newest, then those that are
    /// gone.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn label_list(&self, actor: &Actor, id: ProjectId) -> Result<Vec<LabelView>, AppError> {
        self.authorise(actor, UseCase::ResultsRead)?;
        read(self.store.as_ref(), |reader| {
            project_of(reader, id)?;
            let versions = Versions::of(reader, id)?;
            let mut received = reader.submission_list(id)?;
            received.retain(|received| received.facts.role == WorkRole::Annotator);
            let known =
                Known { received, patterns: patterns_of(reader, id)?, disputed: disputed_of(reader, id)? };
            let objects = versions.objects().into_iter();
            objects.map(|object| label(reader, &versions, &known, object)).collect()
        })
    }
}

fn label(
    reader: &dyn Reader,
    versions: &Versions,
    known: &Known,
    object: &Object,
) -> Result<LabelView, AppError> {
    let asked = |facts: &&Submission| {
        let instruction = versions.version(facts.instruction_version);
        instruction.is_some_and(|instruction| instruction.object(object.id).is_some())
    };
    let facts: Vec<&Submission> =
        known.received.iter().map(|received| &received.facts).filter(asked).collect();
    let scores = || {
        let scores = facts.iter().flat_map(|facts| &facts.scores);
        scores.filter(|score| score.object_id == object.id)
    };
    let subject = DisputeSubject::Object(object.id);
    Ok(LabelView {
        object_id: object.id,
        name: object.name.clone(),
        colour: object.colour.to_string(),
        geometry: object.geometry,
        submissions: facts.len(),
        presence: presence_tally(facts.iter().copied(), object.id),
        presence_pairs: presence_agreement(facts.iter().copied(), object.id),
        dice_gold: summarise(scores().map(|score| score.dice)),
        nsd_gold: summarise(scores().map(|score| score.nsd)),
        dice_pairs: pairwise_dice(&known.patterns, object.id),
        annotators: annotators(reader, known, object.id)?,
        overrides: override_counts(facts.iter().copied(), object.id),
        disputed: known.disputed.iter().filter(|disputed| **disputed == subject).count(),
    })
}

fn annotators(reader: &dyn Reader, known: &Known, object_id: u32) -> Result<Vec<LabelAnnotator>, AppError> {
    let people = people_of(&known.received);
    let person_of = |submission: SubmissionId| people.get(&submission).copied();
    let mut annotators = Vec::new();
    for (id, skill) in annotator_skills(&known.patterns, object_id, person_of) {
        let Some(person) = reader.person_get(id)? else { continue };
        let (sensitivity, specificity, n) = (skill.sensitivity, skill.specificity, skill.n);
        annotators.push(LabelAnnotator { person, sensitivity, specificity, n });
    }
    annotators.sort_by(|a, b| a.person.user_name.cmp(&b.person.user_name));
    Ok(annotators)
}

/// What each disputed task of a project is disputed over; each subject once for each task.
fn disputed_of(reader: &dyn Reader, id: ProjectId) -> Result<Vec<DisputeSubject>, AppError> {
    let mut disputed = Vec::new();
    for task in reader.task_list(id)?.into_iter().filter(|task| !task.withdrawn) {
        let judgement = reader.judgement_get(task.id)?;
        let reasons = judgement
            .filter(|judgement| judgement.decision == Decision::Disputed)
            .map_or_else(Vec::new, |judgement| judgement.reasons);
        let subjects: BTreeSet<DisputeSubject> = reasons.into_iter().map(|reason| reason.subject).collect();
        disputed.extend(subjects);
    }
    Ok(disputed)
}
