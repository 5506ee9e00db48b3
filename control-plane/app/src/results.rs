//! Results of a project: by label, by annotator, by submission, and how far submissions agree.

use std::collections::BTreeMap;

use control_plane_domain::{
    Actor, Agreement, CodedValue, LabelScore, PassRate, Person, ReceivedSubmission, Submission, Summary,
    TimeMedians, UseCase, VerdictTally, WorkRole, agreement, gold_pass_rate, leave_one_out, median,
    summarise, time_medians, verdict_tallies,
};
use proto_ids::{PersonId, ProjectId, Timestamp};
use proto_instruction::{Instruction, Object};

use crate::agreement::{patterns_of, people_of};
use crate::projects::project_of;
use crate::{App, AppError, Reader, read};

/// One object over submissions that were scored against gold.
#[derive(Debug, Clone)]
pub struct LabelResult {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// Its name in the newest version that has it.
    pub name: String,
    /// How many submissions were scored.
    pub n: usize,
    /// Overlap.
    pub dice: Summary,
    /// Share of surface within tolerance.
    pub nsd: Summary,
    /// 95th percentile of the surface distance, in millimetres.
    pub hd95_mm: Summary,
}

/// One annotator. What somebody did as an arbiter is not in it.
#[derive(Debug, Clone)]
pub struct AnnotatorResult {
    /// Who.
    pub person: Person,
    /// How many submissions came in.
    pub submissions: usize,
    /// How many of them were scored against gold.
    pub gold_n: usize,
    /// How many of those passed against gold.
    pub gold_pass: PassRate,
    /// Dice to the majority of the others, over tasks and objects.
    pub leave_one_out: Summary,
    /// By object.
    pub labels: Vec<LabelResult>,
    /// Median time from lease to submission, in seconds.
    pub duration_median_s: Option<f64>,
    /// Medians of the parts of that time.
    pub time: TimeMedians,
    /// What arbiters say of the work.
    pub verdicts: VerdictTally,
    /// How many warnings were handed in with a reason.
    pub overrides: usize,
}

/// A coded answer as people read it.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerValue {
    /// The option's number.
    Option(u32),
    /// The number itself.
    Number(f64),
}

/// One submission.
#[derive(Debug, Clone)]
pub struct SubmissionResult {
    /// What came in.
    pub received: ReceivedSubmission,
    /// Answers with grid steps turned back into numbers.
    pub answers: Vec<(u32, AnswerValue)>,
}

/// Results of a project.
#[derive(Debug, Clone)]
pub struct Results {
    /// The time of the figures.
    pub as_of: Timestamp,
    /// By object.
    pub labels: Vec<LabelResult>,
    /// By annotator, by user name.
    pub annotators: Vec<AnnotatorResult>,
    /// Newest first.
    pub submissions: Vec<SubmissionResult>,
    /// By task and object.
    pub agreement: Vec<Agreement>,
}

/// What is known of the instruction versions of a project.
pub(crate) struct Versions(BTreeMap<u32, Instruction>);

impl App {
    /// Results of a project.
    ///
    /// # Errors
    /// Denied, the project is unknown, or the store failed.
    pub fn results(&self, actor: &Actor, id: ProjectId) -> Result<Results, AppError> {
        self.authorise(actor, UseCase::ResultsRead)?;
        let as_of = self.now();
        read(self.store.as_ref(), |reader| {
            project_of(reader, id)?;
            let versions = Versions::of(reader, id)?;
            let mut received = reader.submission_list(id)?;
            received
                .sort_by_key(|submission| (std::cmp::Reverse(submission.received_at), submission.facts.id));
            let labels = label_results(received.iter(), &versions);
            let patterns = patterns_of(reader, id)?;
            let people = people_of(&received);
            let person_of = |submission| people.get(&submission).copied();
            let seen_by_others = SeenByOthers {
                leave_one_out: leave_one_out(&patterns, person_of),
                verdicts: verdict_tallies(received.iter().map(|received| &received.facts), person_of),
            };
            let annotators = annotator_results(reader, &received, &versions, seen_by_others)?;
            let agreement = patterns.iter().filter_map(agreement).collect();
            let submissions = received.into_iter().map(|received| versions.result(received)).collect();
            Ok(Results { as_of, labels, annotators, submissions, agreement })
        })
    }
}

impl Versions {
    pub(crate) fn of(reader: &dyn Reader, id: ProjectId) -> Result<Self, AppError> {
        let versions = reader.instruction_list(id)?.into_iter();
        Ok(Self(versions.map(|version| (version.version, version.instruction)).collect()))
    }

    /// An object as the newest version has it that has it.
    pub(crate) fn object(&self, object_id: u32) -> Option<&Object> {
        self.0.values().rev().find_map(|instruction| instruction.object(object_id))
    }

    pub(crate) fn object_name(&self, object_id: u32) -> String {
        self.object(object_id).map_or_else(|| format!("object {object_id}"), |object| object.name.clone())
    }

    /// Every object of every version, as the newest version has it that has it: those of the newest
    /// version in its order, then those that are gone.
    pub(crate) fn objects(&self) -> Vec<&Object> {
        let mut objects: Vec<&Object> = Vec::new();
        for object in self.0.values().rev().flat_map(|instruction| &instruction.objects) {
            if !objects.iter().any(|known| known.id == object.id) {
                objects.push(object);
            }
        }
        objects
    }

    pub(crate) fn version(&self, number: u32) -> Option<&Instruction> {
        self.0.get(&number)
    }

    pub(crate) fn result(&self, received: ReceivedSubmission) -> SubmissionResult {
        let instruction = self.0.get(&received.facts.instruction_version);
        let answers = received.facts.answers.iter();
        let answers = answers
            .filter_map(|answer| {
                Some((answer.question_id, value(instruction, answer.question_id, answer.value)?))
            })
            .collect();
        SubmissionResult { received, answers }
    }
}

fn value(instruction: Option<&Instruction>, question_id: u32, coded: CodedValue) -> Option<AnswerValue> {
    match coded {
        CodedValue::Option(option) => Some(AnswerValue::Option(option)),
        CodedValue::GridStep(step) => {
            let grid = instruction?.question(question_id)?.kind.grid()?;
            Some(AnswerValue::Number(grid.minimum + grid.step * f64::from(step)))
        }
    }
}

fn label_results<'a>(
    received: impl Iterator<Item = &'a ReceivedSubmission>,
    versions: &Versions,
) -> Vec<LabelResult> {
    let mut by_object: BTreeMap<u32, Vec<&LabelScore>> = BTreeMap::new();
    for score in received.flat_map(|submission| &submission.facts.scores) {
        by_object.entry(score.object_id).or_default().push(score);
    }
    let results = by_object.into_iter().map(|(object_id, scores)| LabelResult {
        object_id,
        name: versions.object_name(object_id),
        n: scores.len(),
        dice: summarise(scores.iter().map(|score| score.dice)),
        nsd: summarise(scores.iter().map(|score| score.nsd)),
        hd95_mm: summarise(scores.iter().map(|score| score.hd95_mm)),
    });
    results.collect()
}

/// What the work of others says of each annotator.
struct SeenByOthers {
    leave_one_out: BTreeMap<PersonId, Summary>,
    verdicts: BTreeMap<PersonId, VerdictTally>,
}

fn annotator_results(
    reader: &dyn Reader,
    received: &[ReceivedSubmission],
    versions: &Versions,
    mut others: SeenByOthers,
) -> Result<Vec<AnnotatorResult>, AppError> {
    let mut by_person: BTreeMap<PersonId, Vec<&ReceivedSubmission>> = BTreeMap::new();
    for submission in received.iter().filter(|received| received.facts.role == WorkRole::Annotator) {
        by_person.entry(submission.facts.person).or_default().push(submission);
    }
    let mut results = Vec::new();
    for (id, submissions) in by_person {
        let Some(person) = reader.person_get(id)? else { continue };
        let facts: Vec<&Submission> = submissions.iter().map(|submission| &submission.facts).collect();
        let mut durations: Vec<f64> = facts.iter().map(|facts| f64::from(facts.duration_seconds)).collect();
        durations.sort_by(f64::total_cmp);
        results.push(AnnotatorResult {
            person,
            submissions: submissions.len(),
            gold_n: facts.iter().filter(|facts| !facts.scores.is_empty()).count(),
            gold_pass: gold_pass_rate(facts.iter().copied()),
            leave_one_out: others.leave_one_out.remove(&id).unwrap_or_default(),
            labels: label_results(submissions.iter().copied(), versions),
            duration_median_s: median(&durations),
            time: time_medians(facts.iter().copied()),
            verdicts: others.verdicts.remove(&id).unwrap_or_default(),
            overrides: facts.iter().map(|facts| facts.overrides.len()).sum(),
        });
    }
    results.sort_by(|a, b| a.person.user_name.cmp(&b.person.user_name));
    Ok(results)
}
