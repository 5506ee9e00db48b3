//! What became of the answers of models in the work that is handed in.

use std::collections::{BTreeMap, BTreeSet};

use agent_archive::AssistOffer;
use agent_assist::{Edit, edit_distance};
use agent_imaging::{Grid, LabelMap};
use agent_uplink::{AssistOutcome, AssistUse};
use agent_viewer_api::label_map;
use agent_work::{Operation, OperationKind, Run, Slice, SliceDelta, Tool, Work};
use proto_ids::PreviewId;

/// One use for each offer, oldest first. `operations`: the log of the work, in order.
///
/// An offer was accepted when the operation that took it over stands. It is then compared with the work handed
/// in: what it drew of its labels is still there or was removed, and of the same labels something was added since.
/// What the person had drawn before counts for neither.
pub(super) fn uses(
    offers: &[AssistOffer],
    operations: &[Operation],
    grid: Grid,
    made: &LabelMap,
) -> Vec<AssistUse> {
    let standing = standing(operations, grid);
    let told = |offer: &AssistOffer| {
        let accepted = standing.iter().find(|(preview, _)| *preview == offer.preview);
        let edits = accepted.map(|(_, revision)| edits(operations, *revision, grid, made));
        let (added_voxels, removed_voxels) = edits.unwrap_or((0, 0));
        // A browser may take over more than it was offered.
        let removed_voxels = removed_voxels.min(offer.voxels);
        let outcome = match (accepted, offer.rejected) {
            (Some(_), _) => AssistOutcome::Accepted,
            (None, true) => AssistOutcome::Rejected,
            (None, false) => AssistOutcome::Unused,
        };
        AssistUse { model: offer.model, outcome, proposed_voxels: offer.voxels, added_voxels, removed_voxels }
    };
    offers.iter().map(told).collect()
}

/// The answers of models that the work has taken over, with the revision that each made.
fn standing(operations: &[Operation], grid: Grid) -> Vec<(PreviewId, usize)> {
    let Ok(work) = Work::replay(operations.iter().cloned(), grid.size()) else { return Vec::new() };
    let stands: BTreeSet<_> = work.undo_stack().iter().copied().collect();
    let taken = operations.iter().zip(1..).filter(|(operation, _)| stands.contains(&operation.id));
    taken
        .filter_map(|(operation, revision)| match operation.kind {
            OperationKind::Paint { tool: Tool::Assist { preview }, .. } => Some((preview, revision)),
            OperationKind::Paint { .. }
            | OperationKind::PutShape { .. }
            | OperationKind::RemoveShape { .. }
            | OperationKind::Undo { .. }
            | OperationKind::Redo { .. }
            | OperationKind::Answer { .. }
            | OperationKind::State { .. } => None,
        })
        .collect()
}

/// Voxels that were added to the labels that the operation of a revision wrote, and those of it that are gone.
fn edits(operations: &[Operation], revision: usize, grid: Grid, made: &LabelMap) -> (u64, u64) {
    let Some(OperationKind::Paint { slices, .. }) =
        revision.checked_sub(1).and_then(|at| operations.get(at)).map(|operation| &operation.kind)
    else {
        return (0, 0);
    };
    let own = label_map(grid, &drawn(slices));
    let before = operations.iter().take(revision).cloned();
    let Ok(then) = Work::replay(before, grid.size()) else { return (0, 0) };
    let then = label_map(grid, &then.slices());
    let (Ok(since), Ok(of_own)) = (edit_distance(&then, made), edit_distance(&own, made)) else {
        return (0, 0);
    };
    let of = |edits: &BTreeMap<u16, Edit>, count: fn(&Edit) -> u64| -> u64 {
        own.labels().iter().filter_map(|label| edits.get(label)).map(count).sum()
    };
    (of(&since, |edit| edit.added), of(&of_own, |edit| edit.removed))
}

/// What a stroke drew, without what it erased.
fn drawn(slices: &[SliceDelta]) -> Vec<Slice> {
    let runs = |delta: &SliceDelta| {
        let drew = delta.runs.iter().filter(|run| run.new != 0);
        drew.map(|run| Run { start: run.start, length: run.length, label: run.new }).collect()
    };
    slices.iter().map(|delta| Slice { k: delta.k, runs: runs(delta) }).collect()
}

#[cfg(test)]
mod tests {
    use agent_work::RunChange;
    use proto_ids::{ModelToken, OperationId, Timestamp};

    use super::*;

    fn grid() -> Grid {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([10, 1, 1], [1.0; 3], [0.0; 3], direction).unwrap()
    }

    fn preview(number: u8) -> PreviewId {
        PreviewId::from_random([number; 16])
    }

    fn offer(number: u8, rejected: bool) -> AssistOffer {
        AssistOffer {
            preview: preview(number),
            model: ModelToken::from_random([1; 16]),
            voxels: 4,
            offered_at: Timestamp::from_millis(i64::from(number)),
            rejected,
        }
    }

    fn operation(number: u8, kind: OperationKind) -> Operation {
        Operation { id: OperationId::from_random([number; 16]), base_revision: u64::from(number) - 1, kind }
    }

    fn paint(number: u8, tool: Tool, [start, length]: [u32; 2], [old, new]: [u16; 2]) -> Operation {
        let runs = vec![RunChange { start, length, old, new }];
        operation(number, OperationKind::Paint { tool, slices: vec![SliceDelta { k: 0, runs }] })
    }

    fn outcome(offers: &[AssistOffer], log: &[Operation]) -> Vec<(AssistOutcome, u64, u64)> {
        let work = Work::replay(log.iter().cloned(), grid().size()).unwrap();
        let made = label_map(grid(), &work.slices());
        let uses = uses(offers, log, grid(), &made);
        uses.iter().map(|one| (one.outcome, one.added_voxels, one.removed_voxels)).collect()
    }

    #[test]
    fn an_answer_that_was_not_touched_is_accepted_unedited() {
        let log = [
            paint(1, Tool::Brush, [0, 1], [0, 1]),
            paint(2, Tool::Assist { preview: preview(1) }, [1, 4], [0, 1]),
            paint(3, Tool::Brush, [8, 2], [0, 2]),
        ];
        assert_eq!(outcome(&[offer(1, false)], &log), [(AssistOutcome::Accepted, 0, 0)]);
    }

    #[test]
    fn what_was_added_and_removed_afterwards_is_counted() {
        let log = [
            paint(1, Tool::Assist { preview: preview(1) }, [1, 4], [0, 1]),
            paint(2, Tool::Brush, [5, 3], [0, 1]),
            paint(3, Tool::Eraser, [1, 1], [1, 0]),
        ];
        assert_eq!(outcome(&[offer(1, false)], &log), [(AssistOutcome::Accepted, 3, 1)]);
    }

    #[test]
    fn what_the_person_had_drawn_before_is_no_edit_of_the_answer() {
        let log = [
            paint(1, Tool::Brush, [0, 4], [0, 1]),
            paint(2, Tool::Assist { preview: preview(1) }, [4, 4], [0, 1]),
            paint(3, Tool::Eraser, [0, 5], [1, 0]),
        ];
        assert_eq!(outcome(&[offer(1, false)], &log), [(AssistOutcome::Accepted, 0, 1)]);
    }

    #[test]
    fn never_more_is_gone_than_was_offered() {
        let log = [
            paint(1, Tool::Assist { preview: preview(1) }, [0, 9], [0, 1]),
            paint(2, Tool::Eraser, [0, 9], [1, 0]),
        ];
        assert_eq!(outcome(&[offer(1, false)], &log), [(AssistOutcome::Accepted, 0, 4)]);
    }

    #[test]
    fn an_answer_that_was_undone_is_unused_and_one_that_was_refused_is_rejected() {
        let taken = paint(1, Tool::Assist { preview: preview(1) }, [1, 4], [0, 1]);
        let undone = operation(2, OperationKind::Undo { operation: taken.id });
        assert_eq!(
            outcome(&[offer(1, false), offer(2, true), offer(3, false)], &[taken, undone]),
            [(AssistOutcome::Unused, 0, 0), (AssistOutcome::Rejected, 0, 0), (AssistOutcome::Unused, 0, 0)]
        );
    }
}
