//! What changed about objects.

use super::{Bound, EditClass, EditSubject, Edits};
use crate::{Code, Geometry, Object, ObjectLimits};

impl Edits {
    pub(super) fn objects(&mut self, old: &[Object], new: &[Object]) {
        let ids = |objects: &[Object]| objects.iter().map(|object| object.id).collect::<Vec<u32>>();
        self.subject = EditSubject::Instruction;
        self.order(&ids(old), &ids(new), "order of the objects");
        for object in new {
            self.subject = EditSubject::Object(object.id);
            match old.iter().find(|before| before.id == object.id) {
                Some(before) => self.object(before, object),
                None if object.states() || object.count.minimum > 0 => {
                    self.say(EditClass::Narrowing, format!("new object that is required: {}", object.name));
                }
                None => self.say(EditClass::Widening, format!("new object: {}", object.name)),
            }
        }
        for object in old.iter().filter(|object| !new.iter().any(|after| after.id == object.id)) {
            self.subject = EditSubject::Object(object.id);
            self.say(EditClass::Breaking, format!("object removed: {}", object.name));
        }
    }

    fn object(&mut self, old: &Object, new: &Object) {
        self.breaking(old.key != new.key, "key");
        self.cosmetic(old.name != new.name, "name");
        self.cosmetic(old.help != new.help, "help");
        self.cosmetic(old.colour != new.colour, "colour");
        self.cosmetic(old.hotkey != new.hotkey, "hotkey");
        self.geometry(old.geometry, new.geometry);
        self.bound(
            Bound::Least,
            none_if_zero(old.count.minimum),
            none_if_zero(new.count.minimum),
            ("smallest number", ""),
        );
        self.bound(Bound::Most, old.count.maximum, new.count.maximum, ("largest number", ""));
        self.limits(&old.limits, &new.limits);
        self.severity(old.severity, new.severity);
        self.demand(old.must_state, new.must_state, "it has to be stated where nothing is drawn");
        self.code(old.codes.category.as_ref(), new.codes.category.as_ref(), "code of the category");
        self.code(old.codes.kind.as_ref(), new.codes.kind.as_ref(), "code of the type");
        self.code(old.codes.anatomy.as_ref(), new.codes.anatomy.as_ref(), "code of the region");
    }

    fn geometry(&mut self, old: Geometry, new: Geometry) {
        match (old, new) {
            (
                Geometry::LabelMap { label: old, tolerance_mm: old_mm },
                Geometry::LabelMap { label: new, tolerance_mm: new_mm },
            ) => {
                self.breaking(old != new, "label");
                // Work is as valid as before; only what is measured from now on is measured otherwise.
                self.cosmetic(old_mm != new_mm, "tolerance of the surface measure");
            }
            (
                Geometry::LabelMap { .. }
                | Geometry::Box
                | Geometry::Point
                | Geometry::Line
                | Geometry::Classification,
                _,
            ) => self.breaking(old != new, "how the object is drawn"),
        }
    }

    fn limits(&mut self, old: &ObjectLimits, new: &ObjectLimits) {
        let diameter = ("smallest diameter", " mm");
        self.bound(Bound::Least, old.minimum_diameter_mm, new.minimum_diameter_mm, diameter);
        let diameter = ("largest diameter", " mm");
        self.bound(Bound::Most, old.maximum_diameter_mm, new.maximum_diameter_mm, diameter);
        let volume = ("smallest volume", " mm³");
        self.bound(Bound::Least, old.minimum_volume_mm3, new.minimum_volume_mm3, volume);
        let volume = ("largest volume", " mm³");
        self.bound(Bound::Most, old.maximum_volume_mm3, new.maximum_volume_mm3, volume);
        self.bound(Bound::Least, old.minimum_slices, new.minimum_slices, ("fewest slices", ""));
        self.bound(Bound::Most, old.maximum_slices, new.maximum_slices, ("most slices", ""));
        let elongation = ("largest elongation", "");
        self.bound(Bound::Most, old.maximum_elongation, new.maximum_elongation, elongation);
        self.demand(old.no_cavities, new.no_cavities, "it may have no cavities");
    }

    /// Another code is another thing. That a code is added or left out asks nothing of an annotator.
    fn code(&mut self, old: Option<&Code>, new: Option<&Code>, what: &str) {
        match (old, new) {
            (Some(old), Some(new)) => {
                let same = old.value == new.value && old.scheme == new.scheme;
                self.breaking(!same, what);
                self.cosmetic(same && old.meaning != new.meaning, &format!("{what}, its meaning in words"));
            }
            (Some(_), None) | (None, Some(_)) => self.cosmetic(true, what),
            (None, None) => {}
        }
    }
}

/// A smallest number of none is no limit.
fn none_if_zero(count: u32) -> Option<u32> {
    (count > 0).then_some(count)
}
