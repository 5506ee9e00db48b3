//! What people do with the proposals of models. Somebody who takes nearly every proposal as it is
//! may be leaning on the model (automation bias), or the model may be good: gold tells which.

use std::collections::BTreeMap;

use crate::{AssistOutcome, AssistUse, PassRate, Submission, median};

/// What became of some proposals. Shares are of those that somebody decided on: accepted or rejected.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AssistTally {
    /// Accepted and handed in as they were proposed, of all that were decided on.
    pub unedited: PassRate,
    /// Rejected, of all that were decided on.
    pub rejected: PassRate,
    /// Neither accepted nor rejected.
    pub unused: u32,
    /// Median over accepted proposals of (added + removed) / proposed voxels; 0 is as proposed, and more
    /// than 1 is possible. None where no accepted proposal had a voxel.
    pub edit_share: Option<f64>,
    /// How many accepted proposals had a voxel.
    pub edit_n: u32,
}

impl AssistTally {
    /// Proposals that were decided on.
    pub fn decided(&self) -> u32 {
        self.rejected.n
    }
}

/// Tallies proposals, in any order.
pub fn assist_tally<'a>(uses: impl IntoIterator<Item = &'a AssistUse>) -> AssistTally {
    let mut tally = AssistTally::default();
    let mut shares = Vec::new();
    for used in uses {
        let edits = used.added_voxels.saturating_add(used.removed_voxels);
        match used.outcome {
            AssistOutcome::Accepted => {
                tally.unedited.n += 1;
                tally.unedited.passes += u32::from(edits == 0);
                if used.proposed_voxels > 0 {
                    shares.push(edits as f64 / used.proposed_voxels as f64);
                }
            }
            AssistOutcome::Rejected => {
                tally.unedited.n += 1;
                tally.rejected.passes += 1;
            }
            AssistOutcome::Unused => tally.unused += 1,
        }
    }
    tally.rejected.n = tally.unedited.n;
    shares.sort_by(f64::total_cmp);
    tally.edit_share = median(&shares);
    tally.edit_n = u32::try_from(shares.len()).unwrap_or(u32::MAX);
    tally
}

/// Tallies the proposals in some submissions by what `key` makes of each: its model, who decided, or both.
pub fn assists_by<'a, K: Ord>(
    submissions: impl IntoIterator<Item = &'a Submission>,
    key: impl Fn(&Submission, &AssistUse) -> K,
) -> BTreeMap<K, AssistTally> {
    let mut uses: BTreeMap<K, Vec<&AssistUse>> = BTreeMap::new();
    for submission in submissions {
        for used in &submission.assists {
            uses.entry(key(submission, used)).or_default().push(used);
        }
    }
    uses.into_iter().map(|(key, uses)| (key, assist_tally(uses))).collect()
}

#[cfg(test)]
mod tests {
    use proto_ids::{ModelToken, PersonId};

    use super::*;
    use crate::submission::tests::submission;

    fn used(byte: u8, outcome: AssistOutcome, voxels: (u64, u64, u64)) -> AssistUse {
        let (proposed_voxels, added_voxels, removed_voxels) = voxels;
        let model = ModelToken::from_random([byte; 16]);
        AssistUse { model, outcome, proposed_voxels, added_voxels, removed_voxels }
    }

    const ACCEPTED: AssistOutcome = AssistOutcome::Accepted;
    const REJECTED: AssistOutcome = AssistOutcome::Rejected;

    #[test]
    fn shares_are_of_what_was_decided_on() {
        let uses = [
            used(1, ACCEPTED, (100, 0, 0)),
            used(1, ACCEPTED, (100, 30, 20)),
            used(1, ACCEPTED, (100, 150, 100)),
            used(1, REJECTED, (40, 0, 0)),
            used(1, AssistOutcome::Unused, (40, 0, 0)),
        ];
        let tally = assist_tally(&uses);
        assert_eq!(
            (tally.unedited, tally.rejected),
            (PassRate { passes: 1, n: 4 }, PassRate { passes: 1, n: 4 })
        );
        assert_eq!((tally.decided(), tally.unused), (4, 1));
        assert_eq!((tally.edit_share, tally.edit_n), (Some(0.5), 3));
    }

    #[test]
    fn an_empty_proposal_that_was_accepted_has_no_edit_share() {
        let tally = assist_tally(&[used(1, ACCEPTED, (0, 7, 0)), used(1, ACCEPTED, (0, 0, 0))]);
        assert_eq!((tally.edit_share, tally.edit_n), (None, 0));
        assert_eq!(tally.unedited, PassRate { passes: 1, n: 2 });
        assert_eq!(assist_tally(&[]).unedited.interval(), None);
        let huge = assist_tally(&[used(1, ACCEPTED, (1, u64::MAX, 1))]);
        assert!(huge.edit_share.is_some_and(|share| share.is_finite() && share > 1.0));
    }

    #[test]
    fn proposals_count_for_their_model_and_for_whoever_decided() {
        let work = [
            Submission {
                assists: vec![used(1, ACCEPTED, (9, 0, 0)), used(2, REJECTED, (9, 0, 0))],
                ..submission(1, Vec::new())
            },
            Submission { assists: vec![used(1, REJECTED, (9, 0, 0))], ..submission(2, Vec::new()) },
            submission(3, Vec::new()),
        ];
        let models = assists_by(&work, |_, used| used.model);
        let of = |byte| models[&ModelToken::from_random([byte; 16])].rejected;
        assert_eq!((of(1), of(2)), (PassRate { passes: 1, n: 2 }, PassRate { passes: 1, n: 1 }));
        let people = assists_by(&work, |submission, _| submission.person);
        let of = |byte| people.get(&PersonId::from_random([byte; 16])).map(|tally| tally.unedited);
        assert_eq!(of(1), Some(PassRate { passes: 1, n: 2 }));
        assert_eq!(of(2), Some(PassRate { passes: 0, n: 1 }));
        assert_eq!(of(3), None);
    }
}
