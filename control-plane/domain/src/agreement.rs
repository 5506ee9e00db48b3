//! How far the submissions of a task agree, from voxel counts alone.

use proto_ids::{SubmissionId, TaskId};

use crate::{MetricValue, Undefined, VotingPattern};

/// How far the submissions of a task agree on one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The task.
    pub task: TaskId,
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// The submissions that were compared.
    pub submissions: Vec<SubmissionId>,
    /// Mean Dice over all pairs of submissions of which at least one marked a voxel.
    pub dice_pairwise_mean: MetricValue,
}

/// The agreement in a voting pattern; none with fewer than two submissions. Pairs in which both
/// masks are empty have no Dice and are left out; when all are, the mean is undefined.
pub fn agreement(pattern: &VotingPattern) -> Option<Agreement> {
    let raters = pattern.submissions.len();
    if raters < 2 {
        return None;
    }
    let histogram = pattern.histogram()?;
    let values: Vec<f64> = histogram.pairwise_dice().into_iter().filter_map(|(_, _, dice)| dice).collect();
    let mean = match values.len() {
        0 => MetricValue::Undefined(Undefined::BothEmpty),
        n => MetricValue::Value(values.iter().sum::<f64>() / n as f64),
    };
    Some(Agreement {
        task: pattern.task,
        object_id: pattern.object_id,
        submissions: pattern.submissions.clone(),
        dice_pairwise_mean: mean,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PatternCount;

    /// Three 6×6 masks: rows 1–3 × columns 1–3, rows 1–3 × columns 1–4, rows 2–4 × columns 1–3.
    #[test]
    fn the_worked_example_has_its_pairwise_dice() {
        let count = |marked_by, voxels| PatternCount { marked_by, voxels };
        let pattern = VotingPattern {
            task: TaskId::from_random([1; 16]),
            object_id: 1,
            submissions: [1, 2, 3].map(|byte| SubmissionId::from_random([byte; 16])).to_vec(),
            counts: vec![count(0b010, 3), count(0b011, 3), count(0b100, 3), count(0b111, 6)],
            region_voxels: 36,
        };
        let mean = agreement(&pattern).unwrap().dice_pairwise_mean.value().unwrap();
        assert!((mean - (0.857_142_857 + 0.666_666_667 + 0.571_428_571) / 3.0).abs() < 1e-8, "{mean}");
    }

    #[test]
    fn empty_masks_have_no_agreement_in_numbers() {
        let pattern = VotingPattern {
            task: TaskId::from_random([1; 16]),
            object_id: 1,
            submissions: [1, 2].map(|byte| SubmissionId::from_random([byte; 16])).to_vec(),
            counts: Vec::new(),
            region_voxels: 0,
        };
        let mean = agreement(&pattern).unwrap().dice_pairwise_mean;
        assert_eq!(mean, MetricValue::Undefined(Undefined::BothEmpty));
        assert_eq!(agreement(&VotingPattern { submissions: vec![], ..pattern }), None);
    }
}
