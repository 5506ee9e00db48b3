//! Work against the gold annotation of its asset.

use agent_imaging::metrics::{self, Depth, LabelTarget, MetricValue, Undefined};
use agent_imaging::shapes::{self, Fit};
use agent_imaging::{ImageSpace, LabelMap};
use agent_uplink as out;
use agent_work::{Form, Shape};
use proto_instruction::{Geometry, Instruction, Object};

/// Every object that is drawn into a label map; one that gold makes no statement about is out of scope.
pub(super) fn labels(
    instruction: &Instruction,
    (reference, known): (&LabelMap, &[u16]),
    candidate: &LabelMap,
    depth: Depth,
) -> Vec<out::LabelScore> {
    let target = |object: &Object| match object.geometry {
        Geometry::LabelMap { label, tolerance_mm } => {
            Some((object.id, LabelTarget { label: u16::from(label), tolerance_mm }))
        }
        Geometry::Box | Geometry::Point | Geometry::Line | Geometry::Classification => None,
    };
    let (objects, targets): (Vec<u32>, Vec<LabelTarget>) =
        instruction.objects.iter().filter_map(target).unzip();
    let measured = metrics::compare(reference, candidate, &targets, depth).unwrap_or_default();
    let score = |(object_id, measured): (u32, metrics::LabelScore)| {
        label_score(object_id, &measured, known.contains(&measured.label))
    };
    objects.into_iter().zip(measured).map(score).collect()
}

fn label_score(object_id: u32, measured: &metrics::LabelScore, in_scope: bool) -> out::LabelScore {
    let value = |measure: MetricValue| metric(if in_scope { measure } else { Err(Undefined::OutOfScope) });
    out::LabelScore {
        object_id,
        dice: value(measured.dice),
        nsd: value(measured.nsd),
        hd95_mm: value(measured.hd95_mm),
        reference_voxels: measured.reference_voxels,
        candidate_voxels: measured.candidate_voxels,
    }
}

fn metric(measure: MetricValue) -> out::MetricValue {
    match measure {
        Ok(value) => out::MetricValue::Value(value),
        Err(Undefined::BothEmpty) => out::MetricValue::Undefined(out::Undefined::BothEmpty),
        Err(Undefined::OneEmpty) => out::MetricValue::Undefined(out::Undefined::OneEmpty),
        Err(Undefined::NotMeasured) => out::MetricValue::Undefined(out::Undefined::NotMeasured),
        Err(Undefined::OutOfScope) => out::MetricValue::Undefined(out::Undefined::OutOfScope),
    }
}

/// Every object that is drawn as shapes and that gold makes a statement about.
pub(super) fn shapes(
    instruction: &Instruction,
    (reference, known): (&[Shape], &[u32]),
    candidate: &[Shape],
    space: &ImageSpace,
) -> Vec<out::ShapeScore> {
    let objects = instruction.objects.iter();
    let drawn = objects.filter(|object| object.has_shapes() && known.contains(&object.id));
    let score = |object: &Object| {
        let (reference, candidate) = (shapes_of(object, reference), shapes_of(object, candidate));
        out::ShapeScore {
            object_id: object.id,
            reference_count: count(reference.len()),
            candidate_count: count(candidate.len()),
            matched: matched(&reference, &candidate, space),
        }
    };
    drawn.map(score).collect()
}

/// The shapes of an object, as the measures take them.
pub(super) fn shapes_of(object: &Object, shapes: &[Shape]) -> Vec<shapes::Shape> {
    let own = shapes.iter().filter(|shape| shape.object_id == object.id && shape.form.fits(object.geometry));
    own.map(|shape| match shape.form {
        Form::Point { at } => shapes::Shape::Point(at),
        Form::Line { from, to } => shapes::Shape::Line(from, to),
        Form::Box { lower, upper } => shapes::Shape::Box(lower, upper),
    })
    .collect()
}

/// More shapes of an object are not told apart where counts are told, and matching takes time with their square.
const MATCHED: usize = 1_000;

/// How many shapes of one set fit one of the other, each at most once.
pub(super) fn matched(first: &[shapes::Shape], second: &[shapes::Shape], space: &ImageSpace) -> u32 {
    let (first, second) = (&first[..first.len().min(MATCHED)], &second[..second.len().min(MATCHED)]);
    count(shapes::matched(first, second, space, &Fit::default()).len())
}

pub(super) fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{cuboid, grid, instruction, label_map, map, space};

    #[test]
    fn what_gold_says_nothing_about_is_out_of_scope() {
        let instruction = instruction(&[(1, label_map(1)), (2, label_map(2)), (3, Geometry::Box)]);
        let (reference, candidate) = (map(100, 10, 1), map(105, 5, 1));
        let scores = labels(&instruction, (&reference, &[1]), &candidate, Depth::Volume);
        assert_eq!(scores.iter().map(|score| score.object_id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(scores[0].dice, out::MetricValue::Value(10.0 / 15.0));
        assert_eq!((scores[0].reference_voxels, scores[0].candidate_voxels), (10, 5));
        let out_of_scope = out::MetricValue::Undefined(out::Undefined::OutOfScope);
        assert_eq!([scores[1].dice, scores[1].nsd, scores[1].hd95_mm], [out_of_scope; 3]);
    }

    #[test]
    fn an_object_that_both_left_out_has_no_number() {
        let instruction = instruction(&[(1, label_map(1))]);
        let empty = LabelMap::empty(grid());
        let scores = labels(&instruction, (&empty, &[1]), &empty, Depth::Volume);
        assert_eq!(scores[0].dice, out::MetricValue::Undefined(out::Undefined::BothEmpty));
        let scores = labels(&instruction, (&map(0, 5, 1), &[1]), &empty, Depth::Volume);
        assert_eq!(scores[0].dice, out::MetricValue::Value(0.0));
        assert_eq!(scores[0].hd95_mm, out::MetricValue::Undefined(out::Undefined::OneEmpty));
    }

    /// Whoever piles up shapes must not keep everybody who hands in on the task waiting.
    #[test]
    fn no_more_shapes_are_matched_than_are_told_apart() {
        let pile = |size: usize| vec![shapes::Shape::Point([1.0; 3]); size];
        assert_eq!(matched(&pile(10_000), &pile(4_000), &space()), 1_000);
        assert_eq!(matched(&pile(10_000), &pile(999), &space()), 999);
    }

    #[test]
    fn shapes_that_fit_those_of_gold_are_counted() {
        let instruction = instruction(&[(1, label_map(1)), (2, Geometry::Box), (3, Geometry::Box)]);
        let gold = [cuboid(2, [0; 3], [9, 9, 3]), cuboid(2, [20, 20, 0], [29, 29, 3])];
        let drawn = [cuboid(2, [1, 0, 0], [9, 9, 3]), cuboid(3, [20, 20, 0], [29, 29, 3])];
        let scores = shapes(&instruction, (&gold, &[2]), &drawn, &space());
        let expect = out::ShapeScore { object_id: 2, reference_count: 2, candidate_count: 1, matched: 1 };
        assert_eq!(scores, [expect]);
    }
}
