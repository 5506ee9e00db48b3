//! Who agrees with whom, over the tasks that two people share, from voting patterns.

use std::collections::BTreeMap;

use proto_ids::{PersonId, SubmissionId, TaskId};

use crate::{MetricValue, Summary, Undefined, VotingPattern, summarise};

/// How far two annotators agree on one object.
#[derive(Debug, Clone, PartialEq)]
pub struct AgreementCell {
    /// One of them; the lower id.
    pub a: PersonId,
    /// The other.
    pub b: PersonId,
    /// Dice over the tasks of both: one value for each task, so that large objects weigh no more.
    pub dice: Summary,
}

/// The agreement of every pair of annotators who share a task, for one object; by pair. A task where
/// both left the object out has no Dice and is counted as such.
pub fn agreement_matrix<'a>(
    patterns: impl IntoIterator<Item = &'a VotingPattern>,
    object_id: u32,
    person_of: impl Fn(SubmissionId) -> Option<PersonId>,
) -> Vec<AgreementCell> {
    let mut shared: BTreeMap<(PersonId, PersonId), BTreeMap<TaskId, MetricValue>> = BTreeMap::new();
    for pattern in patterns.into_iter().filter(|pattern| pattern.object_id == object_id) {
        let Some(histogram) = pattern.histogram() else { continue };
        for (first, second, dice) in histogram.pairwise_dice() {
            let person = |index: usize| pattern.submissions.get(index).copied().and_then(&person_of);
            if let (Some(first), Some(second)) = (person(first), person(second))
                && first != second
            {
                let pair = (first.min(second), first.max(second));
                shared.entry(pair).or_default().insert(pattern.task, measure(dice));
            }
        }
    }
    let cell =
        |((a, b), tasks): (_, BTreeMap<_, _>)| AgreementCell { a, b, dice: summarise(tasks.into_values()) };
    shared.into_iter().map(cell).collect()
}

/// Each annotator's Dice to the majority of the others, over tasks and objects. With two submissions
/// the other one is that majority; with three, what both others marked.
pub fn leave_one_out<'a>(
    patterns: impl IntoIterator<Item = &'a VotingPattern>,
    person_of: impl Fn(SubmissionId) -> Option<PersonId>,
) -> BTreeMap<PersonId, Summary> {
    let mut measures: BTreeMap<PersonId, Vec<MetricValue>> = BTreeMap::new();
    for pattern in patterns.into_iter().filter(|pattern| pattern.submissions.len() > 1) {
        let Some(histogram) = pattern.histogram() else { continue };
        for (index, &submission) in pattern.submissions.iter().enumerate() {
            if let Some(person) = person_of(submission) {
                let dice = histogram.dice_to_majority_of_others(index);
                measures.entry(person).or_default().push(measure(dice));
            }
        }
    }
    measures.into_iter().map(|(person, measures)| (person, summarise(measures))).collect()
}

fn measure(dice: Option<f64>) -> MetricValue {
    dice.map_or(MetricValue::Undefined(Undefined::BothEmpty), MetricValue::Value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PatternCount;

    fn id(byte: u8) -> SubmissionId {
        SubmissionId::from_random([byte; 16])
    }

    fn person(byte: u8) -> PersonId {
        PersonId::from_random([byte; 16])
    }

    /// The submission 10 × task + p is of person p.
    fn person_of(submission: SubmissionId) -> Option<PersonId> {
        (1..100).find(|&byte| id(byte) == submission).map(|byte| person(byte % 10))
    }

    fn pattern(task: u8, object_id: u32, people: &[u8], counts: &[(u32, u64)]) -> VotingPattern {
        VotingPattern {
            task: TaskId::from_random([task; 16]),
            object_id,
            submissions: people.iter().map(|&person| id(10 * task + person)).collect(),
            counts: counts.iter().map(|&(marked_by, voxels)| PatternCount { marked_by, voxels }).collect(),
            region_voxels: 0,
        }
    }

    /// Dice of 1 and 2: 2/3 in the first task, 1 in the second, none in the third. Person 3 has one task.
    fn patterns() -> Vec<VotingPattern> {
        vec![
            pattern(1, 1, &[1, 2], &[(0b01, 10), (0b11, 10)]),
            pattern(2, 1, &[2, 1, 3], &[(0b011, 10), (0b100, 10)]),
            pattern(3, 1, &[1, 2], &[]),
            pattern(3, 2, &[1, 2], &[(0b01, 5), (0b10, 5)]),
        ]
    }

    #[test]
    fn each_shared_task_counts_once_whoever_is_first_in_the_pattern() {
        let cells = agreement_matrix(&patterns(), 1, person_of);
        let found = |a: u8, b: u8| {
            let pair = (person(a).min(person(b)), person(a).max(person(b)));
            &cells.iter().find(|cell| (cell.a, cell.b) == pair).unwrap().dice
        };
        assert_eq!(cells.len(), 3);
        assert_eq!((found(1, 2).n, found(1, 2).n_both_empty), (2, 1));
        assert!((found(1, 2).mean.unwrap() - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!((found(1, 3).n, found(1, 3).mean), (1, Some(0.0)));
    }

    #[test]
    fn objects_are_kept_apart() {
        let cells = agreement_matrix(&patterns(), 2, person_of);
        assert_eq!(cells.len(), 1);
        assert_eq!((cells[0].dice.n, cells[0].dice.mean), (1, Some(0.0)));
        assert_eq!(agreement_matrix(&patterns(), 3, person_of), []);
    }

    #[test]
    fn submissions_of_nobody_known_are_left_out() {
        assert_eq!(agreement_matrix(&patterns(), 1, |_| None), []);
        assert!(leave_one_out(&patterns(), |_| None).is_empty());
    }

    #[test]
    fn nobody_is_measured_against_a_vote_of_their_own() {
        let people = leave_one_out(&patterns(), person_of);
        // In the second task person 3 marked beside what 1 and 2 agree on, and the others of person 1
        // have no voxel in common: both have nothing in common with the others.
        let first = &people[&person(1)];
        assert_eq!((first.n, first.n_both_empty), (3, 1));
        assert!((first.mean.unwrap() - (2.0 / 3.0) / 3.0).abs() < 1e-12, "{first:?}");
        assert_eq!((people[&person(3)].n, people[&person(3)].mean), (1, Some(0.0)));
        let alone = pattern(4, 1, &[4], &[(1, 5)]);
        assert!(leave_one_out([&alone], person_of).is_empty());
    }
}
