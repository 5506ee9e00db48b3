//! How the submissions of a task overlap, object by object. Only those count together that drew the
//! object in the same way: an older version of the instruction may have had another.

use agent_imaging::{ImageSpace, LabelMap, consensus};
use agent_uplink as out;
use agent_uplink::Outbound;
use agent_work::Shape;
use proto_ids::{SubmissionId, TaskId};
use proto_instruction::{Geometry, Instruction, Object};

use super::scores::{count, matched, shapes_of};

/// Voting patterns have a bit for each submission, and 16 bits.
const RATERS: usize = 16;

/// One annotator's work on the task.
#[derive(Debug)]
pub(super) struct Vote<'a> {
    pub(super) submission: SubmissionId,
    /// As it was when the work was done.
    pub(super) instruction: &'a Instruction,
    pub(super) map: &'a LabelMap,
    pub(super) shapes: &'a [Shape],
}

/// One message for each object that two or more submissions drew in the same way as the last one.
pub(super) fn agreements(task: TaskId, votes: &[Vote<'_>], space: &ImageSpace) -> Vec<Outbound> {
    let Some(last) = votes.last() else { return Vec::new() };
    let agreement = |object: &Object| {
        let alike: Vec<&Vote<'_>> = votes.iter().filter(|vote| draws_alike(vote, object)).collect();
        let alike = &alike[alike.len().saturating_sub(RATERS)..];
        if alike.len() < 2 {
            return None;
        }
        match object.geometry {
            Geometry::LabelMap { label, .. } => pattern(task, object.id, u16::from(label), alike),
            Geometry::Box | Geometry::Point | Geometry::Line => {
                Some(shape_agreement(task, object, alike, space))
            }
            Geometry::Classification => None,
        }
    };
    last.instruction.objects.iter().filter_map(agreement).collect()
}

/// Whether a submission drew an object in the same way: by the same label, or as the same shapes.
fn draws_alike(vote: &Vote<'_>, object: &Object) -> bool {
    vote.instruction.object(object.id).is_some_and(|own| {
        // The tolerance is for scores alone.
        own.label() == object.label()
            && std::mem::discriminant(&own.geometry) == std::mem::discriminant(&object.geometry)
    })
}

fn pattern(task: TaskId, object_id: u32, label: u16, votes: &[&Vote<'_>]) -> Option<Outbound> {
    let maps: Vec<&LabelMap> = votes.iter().map(|vote| vote.map).collect();
    let histogram = consensus::patterns(&maps, label).ok()?;
    let count = |(marked_by, voxels)| out::PatternCount { marked_by: u32::from(marked_by), voxels };
    Some(Outbound::Pattern(out::VotingPattern {
        task,
        object_id,
        submissions: votes.iter().map(|vote| vote.submission).collect(),
        counts: histogram.pairs().map(count).collect(),
        region_voxels: consensus::region_voxels(&maps, label),
    }))
}

fn shape_agreement(task: TaskId, object: &Object, votes: &[&Vote<'_>], space: &ImageSpace) -> Outbound {
    let shapes: Vec<_> = votes.iter().map(|vote| shapes_of(object, vote.shapes)).collect();
    let pair = |first: usize, second: usize| out::ShapePair {
        first: count(first),
        second: count(second),
        matched: matched(&shapes[first], &shapes[second], space),
    };
    let numbers = 0..shapes.len();
    let pairs =
        numbers.flat_map(|second| (0..second).map(move |first| (first, second))).map(|(a, b)| pair(a, b));
    Outbound::Shapes(out::ShapeAgreement {
        task,
        object_id: object.id,
        submissions: votes.iter().map(|vote| vote.submission).collect(),
        counts: shapes.iter().map(|shapes| count(shapes.len())).collect(),
        pairs: pairs.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{cuboid, grid, instruction, label_map, map, space};

    fn submission(byte: u8) -> SubmissionId {
        SubmissionId::from_random([byte; 16])
    }

    fn told(votes: &[Vote<'_>]) -> Vec<Outbound> {
        agreements(TaskId::from_random([9; 16]), votes, &space())
    }

    #[test]
    fn one_pattern_for_each_object_over_all_who_drew_it_alike() {
        let now = instruction(&[(1, label_map(1)), (2, label_map(2))]);
        // Then object 1 had another label, and object 2 another tolerance.
        let then = instruction(&[(1, label_map(7)), (2, Geometry::LabelMap { label: 2, tolerance_mm: 9.0 })]);
        let (first, second, third) = (map(100, 10, 2), map(105, 10, 2), map(105, 5, 2));
        let vote =
            |byte, instruction, map| Vote { submission: submission(byte), instruction, map, shapes: &[] };
        let told = told(&[vote(1, &then, &first), vote(2, &now, &second), vote(3, &now, &third)]);
        let [Outbound::Pattern(one), Outbound::Pattern(two)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(
            (one.object_id, one.submissions.as_slice()),
            (1, [submission(2), submission(3)].as_slice())
        );
        assert_eq!((one.counts.len(), one.region_voxels), (0, 0));
        assert_eq!((two.object_id, two.submissions.len()), (2, 3));
        let counts: Vec<(u32, u64)> =
            two.counts.iter().map(|count| (count.marked_by, count.voxels)).collect();
        assert_eq!(counts, [(0b001, 5), (0b010, 5), (0b111, 5)]);
        // Voxels 100 to 114 of slice 5 are columns 20 to 34 of row 2: with 10 mm around, and cut at the
        // edges, columns 10 to 39, rows 0 to 12, slices 1 to 9.
        assert_eq!(two.region_voxels, 30 * 13 * 9);
    }

    #[test]
    fn a_lone_submission_tells_of_no_agreement() {
        let instruction = instruction(&[(1, label_map(1)), (2, Geometry::Box)]);
        let map = map(0, 5, 1);
        let vote = Vote { submission: submission(1), instruction: &instruction, map: &map, shapes: &[] };
        assert_eq!(told(&[vote]), []);
    }

    #[test]
    fn shapes_are_matched_for_every_pair() {
        let instruction = instruction(&[(4, Geometry::Box), (5, Geometry::Classification)]);
        let map = LabelMap::empty(grid());
        let near = cuboid(4, [0, 0, 0], [9, 9, 3]);
        let nearby = cuboid(4, [1, 0, 0], [9, 9, 3]);
        let far = cuboid(4, [20, 20, 0], [29, 29, 3]);
        let other = cuboid(6, [0, 0, 0], [9, 9, 3]);
        let drawn = [vec![near, far], vec![nearby, other], vec![far, near]];
        let votes: Vec<Vote<'_>> = drawn
            .iter()
            .zip(1..)
            .map(|(shapes, byte)| Vote {
                submission: submission(byte),
                instruction: &instruction,
                map: &map,
                shapes,
            })
            .collect();
        let told = told(&votes);
        let [Outbound::Shapes(shapes)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((shapes.object_id, shapes.counts.as_slice()), (4, [2, 1, 2].as_slice()));
        let pairs: Vec<(u32, u32, u32)> =
            shapes.pairs.iter().map(|pair| (pair.first, pair.second, pair.matched)).collect();
        assert_eq!(pairs, [(0, 1, 1), (0, 2, 2), (1, 2, 1)]);
    }
}
