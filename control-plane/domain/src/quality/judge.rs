//! Whether the submissions of a task agree well enough, once all of them are in.
//!
//! Each object and each question is judged by itself; there is no mean over unlike things. What was
//! not asked of everybody is left out.

use std::collections::BTreeMap;
use std::mem::discriminant;

use proto_ids::{SubmissionId, Timestamp};
use proto_instruction::{Geometry, Instruction, Object, Question, QuestionKind};

use crate::{
    CodedValue, Decision, DisputeReason, DisputeSubject, Judgement, Progress, ShapeAgreement, Slot,
    StatedPresence, Submission, Task, VotingPattern, WorkRole, median,
};

/// More than this share of the submissions has to say the same.
const MAJORITY: f64 = 0.5;

/// What is known of a task.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The task.
    pub task: &'a Task,
    /// Who has which place.
    pub progress: &'a Progress,
    /// What was asked of everybody; see [`asked_of_all`].
    pub instruction: &'a Instruction,
    /// What was handed in.
    pub submissions: &'a [Submission],
    /// The newest voting pattern of each object.
    pub patterns: &'a [VotingPattern],
    /// The newest matches of each object's shapes.
    pub shapes: &'a [ShapeAgreement],
}

/// Judges a task: each label map by the mean Dice of all pairs, each object with shapes by their mean
/// F1, each classification and each option that everybody chose by the share of the largest group, each
/// number by the share near the median.
/// `None` while something is missing, and for tests and tasks that were taken back. A task with one
/// slot has nobody to differ from and is accepted.
pub fn judge(evidence: &Evidence<'_>, minimum_agreement: f64, now: Timestamp) -> Option<Judgement> {
    let (task, progress) = (evidence.task, evidence.progress);
    if task.gold || task.withdrawn || !progress.complete() {
        return None;
    }
    let mut reasons = Vec::new();
    if progress.slots.len() > 1 {
        for object in &evidence.instruction.objects {
            let subject = DisputeSubject::Object(object.id);
            let (measure, target, enough) = match object.geometry {
                Geometry::LabelMap { .. } => {
                    let measure = evidence.dice(object.id)?;
                    (measure, minimum_agreement, measure.is_none_or(|mean| mean >= minimum_agreement))
                }
                Geometry::Box | Geometry::Point | Geometry::Line => {
                    let measure = evidence.f1(object.id)?;
                    (measure, minimum_agreement, measure.is_none_or(|mean| mean >= minimum_agreement))
                }
                Geometry::Classification => {
                    let measure = evidence.presence(object.id);
                    (measure, MAJORITY, measure.is_none_or(|share| share > MAJORITY))
                }
            };
            if !enough {
                reasons.push(DisputeReason { subject, measure, target: Some(target) });
            }
        }
        for question in &evidence.instruction.questions {
            let measure = evidence.answers(question);
            if measure.is_some_and(|share| share <= MAJORITY) {
                let subject = DisputeSubject::Question(question.id);
                reasons.push(DisputeReason { subject, measure, target: Some(MAJORITY) });
            }
        }
    }
    let decision = if reasons.is_empty() { Decision::Accepted } else { Decision::Disputed };
    Some(Judgement { task: task.id, decision, reasons, judged_at: now })
}

impl Evidence<'_> {
    /// Mean Dice of all pairs of which at least one marked a voxel; the outer `None` while a
    /// submission is missing in the pattern.
    fn dice(&self, object_id: u32) -> Option<Option<f64>> {
        let pattern = self.patterns.iter().find(|pattern| pattern.object_id == object_id)?;
        let histogram = pattern.histogram().filter(|_| self.covered_by(&pattern.submissions))?;
        Some(mean(histogram.pairwise_dice().into_iter().filter_map(|(_, _, dice)| dice)))
    }

    /// Mean F1 of all pairs of which at least one has a shape; the outer `None` while a submission
    /// is missing in the matches.
    fn f1(&self, object_id: u32) -> Option<Option<f64>> {
        let shapes = self.shapes.iter().find(|shapes| shapes.object_id == object_id)?;
        if !self.covered_by(&shapes.submissions) {
            return None;
        }
        let f1 = |(_, _, [first, second], matched): (_, _, [u32; 2], u32)| {
            let all = f64::from(first) + f64::from(second);
            (all > 0.0).then(|| 2.0 * f64::from(matched) / all)
        };
        Some(mean(shapes.all_pairs().into_iter().filter_map(f1)))
    }

    /// The share of the largest group that says the same of an object's presence.
    fn presence(&self, object_id: u32) -> Option<f64> {
        let said = self.annotated().map(|submission| {
            let object = submission.objects.iter().find(|object| object.object_id == object_id);
            object.map_or(StatedPresence::NotStated, |object| object.presence).code()
        });
        largest_share(said)
    }

    /// How far the answers to a question agree; none where not everybody answered, as where the
    /// question was not asked of all. Options: the share of the largest group. Numbers: the share that
    /// lies close to their median, since two people seldom measure the very same.
    fn answers(&self, question: &Question) -> Option<f64> {
        let said: Option<Vec<CodedValue>> = self
            .annotated()
            .map(|submission| {
                let answer = submission.answers.iter().find(|answer| answer.question_id == question.id)?;
                Some(answer.value)
            })
            .collect();
        let said = said?;
        let options = said.iter().filter_map(|value| match value {
            CodedValue::Option(option) => Some(*option),
            CodedValue::GridStep(_) => None,
        });
        let steps: Vec<f64> = said
            .iter()
            .filter_map(|value| match value {
                CodedValue::GridStep(step) => Some(f64::from(*step)),
                CodedValue::Option(_) => None,
            })
            .collect();
        let values = question.kind.grid().and_then(|grid| grid.values());
        match values {
            Some(values) => share_near_median(steps, f64::from(values)),
            None => largest_share(options),
        }
    }

    fn annotated(&self) -> impl Iterator<Item = &Submission> {
        self.submissions.iter().filter(|submission| submission.role == WorkRole::Annotator)
    }

    /// Whether every slot's submission is among these.
    fn covered_by(&self, submissions: &[SubmissionId]) -> bool {
        self.progress.slots.iter().all(|slot| match slot {
            Slot::Free | Slot::Leased { .. } => true,
            Slot::Submitted { submission, .. } => submissions.contains(submission),
        })
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn largest_share<T: Ord>(said: impl Iterator<Item = T>) -> Option<f64> {
    let mut groups: BTreeMap<T, usize> = BTreeMap::new();
    for what in said {
        *groups.entry(what).or_default() += 1;
    }
    let all: usize = groups.values().sum();
    groups.values().max().map(|largest| *largest as f64 / all as f64)
}

/// The share of steps within one step of their median, or within a twentieth of the grid where that
/// is more.
fn share_near_median(mut steps: Vec<f64>, values: f64) -> Option<f64> {
    steps.sort_by(f64::total_cmp);
    let middle = median(&steps)?;
    let near = (values / 20.0).max(1.0);
    let close = steps.iter().filter(|step| (*step - middle).abs() <= near).count();
    Some(close as f64 / steps.len() as f64)
}

/// What was asked of everybody who worked under one of several versions of an instruction: objects
/// and questions of the newest that each of the others has in the same way. `versions` are oldest
/// first; none when there are none.
pub fn asked_of_all(versions: &[&Instruction]) -> Option<Instruction> {
    let (newest, others) = versions.split_last()?;
    let mut common = (*newest).clone();
    common.objects.retain(|object| {
        others.iter().all(|other| other.object(object.id).is_some_and(|same| drawn_alike(same, object)))
    });
    common.questions.retain(|question| {
        others.iter().all(|other| {
            let same = other.question(question.id);
            same.is_some_and(|same| coded_alike(&same.kind, &question.kind))
        })
    });
    Some(common)
}

/// Whether a site counts two objects together: drawn by the same label, or as the same shapes.
fn drawn_alike(one: &Object, other: &Object) -> bool {
    one.label() == other.label() && discriminant(&one.geometry) == discriminant(&other.geometry)
}

/// Whether the same code is the same answer: steps count from the smallest number of their own grid.
fn coded_alike(one: &QuestionKind, other: &QuestionKind) -> bool {
    let steps = |kind: &QuestionKind| kind.grid().map(|grid| (grid.minimum, grid.step, grid.unit));
    discriminant(one) == discriminant(other) && steps(one) == steps(other)
}

#[cfg(test)]
mod tests;
