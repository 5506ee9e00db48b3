//! What the submissions of a project say of one object: presence, skill, warnings passed over.

use std::collections::BTreeMap;

use proto_ids::{PersonId, SubmissionId, TaskId};

use crate::{
    CheckCode, MetricValue, Override, OverrideReason, OverrideSubject, StatedPresence, Submission, Summary,
    Undefined, VotingPattern, WorkRole, sound_staple, summarise,
};

/// STAPLE of fewer submissions says little of any of them.
const STAPLE_SUBMISSIONS: usize = 3;

/// How many submissions say what of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PresenceTally {
    /// It is there.
    pub present: usize,
    /// It is not there.
    pub absent: usize,
    /// It cannot be told.
    pub not_assessable: usize,
    /// Nothing was said of it.
    pub not_stated: usize,
}

/// How many pairs of submissions of one task agree on the presence of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PresenceAgreement {
    /// Pairs that say the same.
    pub agree: usize,
    /// Pairs of which at least one says something.
    pub n: usize,
}

/// How often a warning about an object was handed in with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverrideCount {
    /// The warning.
    pub check: CheckCode,
    /// The reason.
    pub reason: OverrideReason,
    /// How often.
    pub count: usize,
}

/// How well somebody marks an object by STAPLE: means over tasks, each task alike, so that large
/// objects weigh no more.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Skill {
    /// Share of the object that was marked, 0 to 1; none where no task says.
    pub sensitivity: Option<f64>,
    /// Share of the rest that was left out, 0 to 1; none where no task says.
    pub specificity: Option<f64>,
    /// How many tasks.
    pub n: usize,
}

/// What the submissions of annotators say of the presence of an object.
pub fn presence_tally<'a>(
    submissions: impl IntoIterator<Item = &'a Submission>,
    object_id: u32,
) -> PresenceTally {
    let mut tally = PresenceTally::default();
    for presence in submissions.into_iter().filter_map(|submission| presence_of(submission, object_id)) {
        let count = match presence {
            StatedPresence::Present => &mut tally.present,
            StatedPresence::Absent => &mut tally.absent,
            StatedPresence::NotAssessable => &mut tally.not_assessable,
            StatedPresence::NotStated => &mut tally.not_stated,
        };
        *count += 1;
    }
    tally
}

/// How far annotators agree on the presence of an object, over all pairs of submissions of one task.
/// What is neither drawn nor stated counts as absent beside something that is; a pair of which
/// neither says anything is left out.
pub fn presence_agreement<'a>(
    submissions: impl IntoIterator<Item = &'a Submission>,
    object_id: u32,
) -> PresenceAgreement {
    let mut by_task: BTreeMap<TaskId, Vec<StatedPresence>> = BTreeMap::new();
    for submission in submissions {
        if let Some(presence) = presence_of(submission, object_id) {
            by_task.entry(submission.task).or_default().push(presence);
        }
    }
    let mut agreement = PresenceAgreement::default();
    for said in by_task.values() {
        for (place, &second) in said.iter().enumerate() {
            for &first in &said[..place] {
                let silent = first == StatedPresence::NotStated && second == StatedPresence::NotStated;
                agreement.n += usize::from(!silent);
                agreement.agree += usize::from(!silent && as_stated(first) == as_stated(second));
            }
        }
    }
    agreement
}

fn presence_of(submission: &Submission, object_id: u32) -> Option<StatedPresence> {
    let annotated = submission.role == WorkRole::Annotator;
    let object = submission.objects.iter().find(|object| annotated && object.object_id == object_id)?;
    Some(object.presence)
}

const fn as_stated(presence: StatedPresence) -> StatedPresence {
    match presence {
        StatedPresence::NotStated => StatedPresence::Absent,
        StatedPresence::Present | StatedPresence::Absent | StatedPresence::NotAssessable => presence,
    }
}

/// The warnings about an object that were handed in with a reason, by warning and reason.
pub fn override_counts<'a>(
    submissions: impl IntoIterator<Item = &'a Submission>,
    object_id: u32,
) -> Vec<OverrideCount> {
    let mut counts: BTreeMap<(CheckCode, OverrideReason), usize> = BTreeMap::new();
    for Override { subject, check, reason } in submissions.into_iter().flat_map(|one| &one.overrides) {
        if *subject == OverrideSubject::Object(object_id) {
            *counts.entry((*check, *reason)).or_default() += 1;
        }
    }
    counts.into_iter().map(|((check, reason), count)| OverrideCount { check, reason, count }).collect()
}

/// Dice of every pair of submissions of one task, for one object.
pub fn pairwise_dice<'a>(patterns: impl IntoIterator<Item = &'a VotingPattern>, object_id: u32) -> Summary {
    let of_object = patterns.into_iter().filter(|pattern| pattern.object_id == object_id);
    let pairs =
        of_object.filter_map(VotingPattern::histogram).flat_map(|histogram| histogram.pairwise_dice());
    summarise(
        pairs.map(|(_, _, dice)| {
            dice.map_or(MetricValue::Undefined(Undefined::BothEmpty), MetricValue::Value)
        }),
    )
}

/// How well each submission of a voting pattern marks, by STAPLE and in the order of the pattern; none
/// with fewer than three submissions, and where STAPLE says nothing that can be used.
pub fn submission_skills(pattern: &VotingPattern) -> Option<Vec<(SubmissionId, Skill)>> {
    if pattern.submissions.len() < STAPLE_SUBMISSIONS {
        return None;
    }
    let staple = sound_staple(pattern)?;
    let skills = pattern.submissions.iter().zip(staple.raters).map(|(submission, rater)| {
        (*submission, Skill { sensitivity: rater.sensitivity, specificity: rater.specificity, n: 1 })
    });
    Some(skills.collect())
}

/// How well each annotator marks one object, by STAPLE.
pub fn annotator_skills<'a>(
    patterns: impl IntoIterator<Item = &'a VotingPattern>,
    object_id: u32,
    person_of: impl Fn(SubmissionId) -> Option<PersonId>,
) -> BTreeMap<PersonId, Skill> {
    let mut found: BTreeMap<PersonId, Vec<Skill>> = BTreeMap::new();
    let of_object = patterns.into_iter().filter(|pattern| pattern.object_id == object_id);
    for (submission, skill) in of_object.filter_map(submission_skills).flatten() {
        if let Some(person) = person_of(submission) {
            found.entry(person).or_default().push(skill);
        }
    }
    let mean = |skills: &[Skill], of: fn(&Skill) -> Option<f64>| {
        let values: Vec<f64> = skills.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let skill = |skills: Vec<Skill>| Skill {
        sensitivity: mean(&skills, |skill| skill.sensitivity),
        specificity: mean(&skills, |skill| skill.specificity),
        n: skills.len(),
    };
    found.into_iter().map(|(person, skills)| (person, skill(skills))).collect()
}

#[cfg(test)]
mod tests;
