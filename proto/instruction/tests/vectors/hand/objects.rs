//! Objects: how many, how large, and whether it was said that they are there.

use proto_instruction::{Geometry, InstanceFacts, Object, ObjectFacts, ObjectLimits, Presence, Subject};

use crate::case::Case;
use crate::common::{
    counted, instruction, label_map, limited, object, painted, part, shapes, stated, warned,
};

const FIRST: Subject = Subject::Object(1);

fn of(name: &str, object: Object) -> Case {
    Case::new(name, &instruction(vec![object], Vec::new(), Vec::new()))
}

fn one() -> ObjectFacts {
    painted(1, part(4.0, 8.0, 2))
}

pub(crate) fn cases() -> Vec<Case> {
    [numbers(), statements(), contradictions(), sizes(), shape(), instances(), several()].concat()
}

fn numbers() -> Vec<Case> {
    let boxes = |number: usize| shapes(&vec![part(4.0, 8.0, 2); number]);
    let one_to_two = |geometry| counted(object(1, geometry), 1, Some(2));
    let few = "too-few";
    vec![
        of("nothing has to be drawn", label_map(1)),
        of("something has to be drawn", counted(label_map(1), 1, None)).refuses(FIRST, few),
        of("something should be drawn", warned(counted(label_map(1), 1, None))).warns(FIRST, few),
        of("an empty record of facts is nothing drawn", counted(label_map(1), 1, None))
            .draw(1, ObjectFacts::default())
            .refuses(FIRST, few),
        of("as many as there have to be", one_to_two(Geometry::Box)).draw(1, boxes(1)),
        of("as many as there may be", one_to_two(Geometry::Point)).draw(1, boxes(2)),
        of("one more than there may be", one_to_two(Geometry::Box))
            .draw(1, boxes(3))
            .refuses(FIRST, "too-many"),
        of("more parts of a label map than there should be", warned(one_to_two(label_map(1).geometry)))
            .draw(1, painted(5, part(4.0, 8.0, 2)))
            .warns(FIRST, "too-many"),
    ]
}

fn statements() -> Vec<Case> {
    use Presence::{Absent, NotAssessable, Present};
    let missing = "statement-missing";
    let must = || stated(counted(label_map(1), 1, None));
    let class = || object(1, Geometry::Classification);
    vec![
        of("an object to be stated, and nothing said", stated(label_map(1))).refuses(FIRST, missing),
        of("a missing statement is refused where limits only warn", warned(stated(label_map(1))))
            .refuses(FIRST, missing),
        of("neither stated nor drawn", warned(must())).refuses(FIRST, missing).warns(FIRST, "too-few"),
        of("stated absent, so that there may be none", must()).state(1, Absent),
        of("stated not assessable, so that there may be none", must()).state(1, NotAssessable),
        of("what is drawn does not have to be stated", must()).draw(1, one()),
        of("what is drawn may be stated present", must()).draw(1, one()).state(1, Present),
        of("an object that need not be stated may be", counted(label_map(1), 1, None)).state(1, Absent),
        of("a classification has to be stated", class()).refuses(FIRST, missing),
        of("a classification is there", class()).state(1, Present),
        of("a classification is absent", class()).state(1, Absent),
        of("a classification is not assessable", class()).state(1, NotAssessable),
    ]
}

fn contradictions() -> Vec<Case> {
    use Presence::{Absent, NotAssessable, Present};
    let contradicts = "statement-contradicts";
    let must = || stated(label_map(1));
    vec![
        of("stated present and not drawn", must()).state(1, Present).refuses(FIRST, contradicts),
        of("stated present and none of one drawn", counted(must(), 1, None))
            .state(1, Present)
            .refuses(FIRST, contradicts)
            .refuses(FIRST, "too-few"),
        of("stated absent and drawn", must()).state(1, Absent).draw(1, one()).refuses(FIRST, contradicts),
        of("stated not assessable and drawn", warned(must()))
            .state(1, NotAssessable)
            .draw(1, one())
            .refuses(FIRST, contradicts),
        of("stated absent, and too few drawn all the same", counted(must(), 2, None))
            .state(1, Absent)
            .draw(1, one())
            .refuses(FIRST, contradicts),
    ]
}

fn sizes() -> Vec<Case> {
    let none = ObjectLimits::default();
    let least_mm = ObjectLimits { minimum_diameter_mm: Some(4.0), ..none };
    let most_mm = ObjectLimits { maximum_diameter_mm: Some(0.3), ..none };
    let least_mm3 = ObjectLimits { minimum_volume_mm3: Some(8.0), ..none };
    let most_mm3 = ObjectLimits { maximum_volume_mm3: Some(8.0), ..none };
    let least = ObjectLimits { minimum_slices: Some(2), ..none };
    let most = ObjectLimits { maximum_slices: Some(2), ..none };
    let with = |name: &str, limits, diameter_mm, volume_mm3, slices| {
        let facts = painted(1, part(diameter_mm, volume_mm3, slices));
        of(name, limited(label_map(1), limits)).draw(1, facts)
    };
    vec![
        with("a diameter at its minimum", least_mm, 4.0, 8.0, 2),
        with("a diameter below its minimum", least_mm, 3.999, 8.0, 2).refuses(FIRST, "diameter-too-small"),
        with("a diameter of 0.1 and 0.2 at its maximum", most_mm, 0.1 + 0.2, 1.0, 1),
        with("a diameter above its maximum", most_mm, 0.301, 1.0, 1).refuses(FIRST, "diameter-too-large"),
        with("a volume at its minimum", least_mm3, 4.0, 8.0, 2),
        with("a volume below its minimum", least_mm3, 4.0, 7.5, 2).refuses(FIRST, "volume-too-small"),
        with("a volume at its maximum", most_mm3, 4.0, 8.0, 2),
        with("a volume above its maximum", most_mm3, 4.0, 8.5, 2).refuses(FIRST, "volume-too-large"),
        with("in as few slices as it may be", least, 4.0, 8.0, 2),
        with("in too few slices", least, 4.0, 8.0, 1).refuses(FIRST, "too-few-slices"),
        with("in as many slices as it may be", most, 4.0, 8.0, 2),
        with("in too many slices", most, 4.0, 8.0, 3).refuses(FIRST, "too-many-slices"),
        of("limits do not hold for what is not drawn", limited(label_map(1), least_mm)),
    ]
}

fn shape() -> Vec<Case> {
    let none = ObjectLimits::default();
    let long = ObjectLimits { maximum_elongation: Some(2.5), ..none };
    let full = ObjectLimits { no_cavities: true, ..none };
    let elongated = |elongation| painted(1, InstanceFacts { elongation, ..part(4.0, 8.0, 2) });
    let hollow = |cavities| ObjectFacts { cavities, ..one() };
    let with = |name: &str, limits| of(name, limited(label_map(1), limits));
    vec![
        with("as long as it may be", long).draw(1, elongated(Some(2.5))),
        with("too long for its width", long).draw(1, elongated(Some(2.75))).refuses(FIRST, "too-elongated"),
        with("an elongation that is not defined", long).draw(1, elongated(None)),
        with("without cavities", full).draw(1, hollow(0)),
        with("with a cavity that may not be", full).draw(1, hollow(1)).refuses(FIRST, "cavities"),
        with("with a cavity that may be", none).draw(1, hollow(2)),
    ]
}

fn instances() -> Vec<Case> {
    let limits = ObjectLimits {
        minimum_diameter_mm: Some(3.0),
        maximum_diameter_mm: Some(9.0),
        ..ObjectLimits::default()
    };
    let lines = || limited(object(1, Geometry::Line), limits);
    let long = |mm| part(mm, 0.0, 1);
    vec![
        of("every line is within its limits", lines()).draw(1, shapes(&[long(3.0), long(9.0)])),
        of("one line of three is too long", lines())
            .draw(1, shapes(&[long(4.0), long(9.5), long(5.0)]))
            .refuses(FIRST, "diameter-too-large"),
        of("two lines that are too long are one finding", lines())
            .draw(1, shapes(&[long(12.0), long(9.5)]))
            .refuses(FIRST, "diameter-too-large"),
        of("one line too short and one too long", warned(lines()))
            .draw(1, shapes(&[long(12.0), long(2.0)]))
            .warns(FIRST, "diameter-too-small")
            .warns(FIRST, "diameter-too-large"),
    ]
}

fn several() -> Vec<Case> {
    let limits = ObjectLimits {
        minimum_diameter_mm: Some(5.0),
        minimum_volume_mm3: Some(9.0),
        maximum_slices: Some(1),
        no_cavities: true,
        ..ObjectLimits::default()
    };
    let first = warned(counted(limited(label_map(7), limits), 0, Some(1)));
    let second = counted(object(3, Geometry::Point), 1, None);
    let two = instruction(vec![first, second], Vec::new(), Vec::new());
    let facts = ObjectFacts { count: 2, cavities: 1, instances: vec![part(4.0, 8.0, 2)] };
    let (first, second) = (Subject::Object(7), Subject::Object(3));
    vec![
        Case::new("findings come in the order of objects and checks", &two)
            .draw(7, facts)
            .warns(first, "too-many")
            .warns(first, "diameter-too-small")
            .warns(first, "volume-too-small")
            .warns(first, "too-many-slices")
            .warns(first, "cavities")
            .refuses(second, "too-few"),
        Case::new("facts of an object that is not there", &two)
            .draw(9, one())
            .draw(3, shapes(&[part(0.0, 0.0, 1)])),
    ]
}
