//! Drawn work as the numbers that instructions set limits for. The same at every save and at submit.

use agent_imaging::measure::{self, DrawnMeasures, ShapeMeasures};
use agent_imaging::{Grid, ImageSpace, LabelMap, mask};
use agent_work::{Form, Shape, Slice};
use proto_instruction::{Facts, Geometry, InstanceFacts, Instruction, Object, ObjectFacts};

/// Measures of what was drawn of the objects of `instruction`, as far as `space` defines them. Objects that
/// are not drawn are left out; what was drawn of an object that the instruction does not have, or in
/// another geometry than it has now, counts for nothing. Takes long for large drawings.
pub fn facts(instruction: &Instruction, space: &ImageSpace, slices: &[Slice], shapes: &[Shape]) -> Facts {
    let map = label_map(*space.grid(), slices);
    let measured = |object: &Object| match object.geometry {
        Geometry::LabelMap { label, .. } => {
            measure::label_in(space, &map, u16::from(label)).as_ref().map(of_label)
        }
        Geometry::Box | Geometry::Point | Geometry::Line => of_shapes(object, space, shapes),
        Geometry::Classification => None,
    };
    let objects = instruction.objects.iter();
    Facts { objects: objects.filter_map(|object| measured(object).map(|facts| (object.id, facts))).collect() }
}

/// The label map of drawn slices. The archive checked every run against the grid when it was saved.
pub fn label_map(grid: Grid, slices: &[Slice]) -> LabelMap {
    let runs = |slice: &Slice| -> Vec<mask::Run> {
        let run =
            |run: &agent_work::Run| mask::Run { start: run.start, length: run.length, label: run.label };
        slice.runs.iter().map(run).collect()
    };
    let map = LabelMap::from_slices(grid, slices.iter().map(|slice| (slice.k, runs(slice))));
    map.unwrap_or_else(|_| LabelMap::empty(grid))
}

fn of_label(measures: &DrawnMeasures) -> ObjectFacts {
    ObjectFacts {
        count: measures.components,
        cavities: measures.cavities,
        instances: vec![InstanceFacts {
            diameter_mm: measures.diameter_mm,
            volume_mm3: measures.volume_mm3,
            slices: measures.slices,
            elongation: measures.elongation,
        }],
    }
}

fn of_shapes(object: &Object, space: &ImageSpace, shapes: &[Shape]) -> Option<ObjectFacts> {
    let own = shapes.iter().filter(|shape| shape.object_id == object.id && shape.form.fits(object.geometry));
    let instances: Vec<InstanceFacts> = own.map(|shape| of_shape(space, &shape.form)).collect();
    let count = u32::try_from(instances.len()).unwrap_or(u32::MAX);
    (count > 0).then_some(ObjectFacts { count, cavities: 0, instances })
}

fn of_shape(space: &ImageSpace, form: &Form) -> InstanceFacts {
    let ShapeMeasures { diameter_mm, volume_mm3, slices } = match *form {
        Form::Point { .. } => measure::point(),
        Form::Line { from, to } => measure::line(space, from, to),
        Form::Box { lower, upper } => measure::cuboid(space, lower, upper),
    };
    InstanceFacts { diameter_mm, volume_mm3, slices, elongation: None }
}
