//! What is wrong with objects.

use std::collections::BTreeSet;

use super::{Checker, LABEL_RANGE, NO_ID, colour};
use crate::{Code, CountLimits, Geometry, Limits, Object, ObjectLimits};

/// What only one object may have.
#[derive(Default)]
struct Taken {
    ids: BTreeSet<u32>,
    keys: BTreeSet<String>,
    labels: BTreeSet<u8>,
    hotkeys: BTreeSet<char>,
}

impl Checker {
    pub(super) fn objects(&mut self, objects: &[Object]) {
        let mut taken = Taken::default();
        for (at, object) in objects.iter().enumerate() {
            let field = format!("objects[{at}]");
            self.say_unread(&format!("{field}."));
            self.object_names(&field, object, &mut taken);
            self.colour(&field, object, &objects[..at]);
            self.geometry(&field, object.geometry, &mut taken);
            self.object_count(&field, object.geometry, object.count);
            self.limits(&field, object.geometry, &object.limits);
            let codes = &object.codes;
            self.code(&format!("{field}.codes.category"), codes.category.as_ref());
            self.code(&format!("{field}.codes.kind"), codes.kind.as_ref());
            self.code(&format!("{field}.codes.anatomy"), codes.anatomy.as_ref());
        }
    }

    fn object_names(&mut self, field: &str, object: &Object, taken: &mut Taken) {
        let at = |name: &str| format!("{field}.{name}");
        self.need(object.id > 0, &at("id"), NO_ID);
        self.need(taken.ids.insert(object.id), &at("id"), "another object has this id");
        let small = |next: char| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_';
        let sound = object.key.starts_with(|first: char| first.is_ascii_lowercase());
        let sound = sound && object.key.chars().all(small);
        self.need(sound, &at("key"), "a key has small letters, digits and _, and starts with a letter");
        self.length(&at("key"), &object.key, Limits::KEY);
        self.need(taken.keys.insert(object.key.clone()), &at("key"), "another object has this key");
        self.text(&at("name"), &object.name, Limits::NAME);
        self.length(&at("help"), &object.help, Limits::HELP);
        if let Some(hotkey) = object.hotkey {
            self.need(hotkey.is_ascii_alphanumeric(), &at("hotkey"), "a hotkey is one letter or digit");
            self.need(taken.hotkeys.insert(hotkey), &at("hotkey"), "another object has this hotkey");
        }
    }

    /// Said of the later object of two.
    fn colour(&mut self, field: &str, object: &Object, earlier: &[Object]) {
        let alike = earlier.iter().enumerate().find(|(at, other)| {
            let known = !self.is_unread(&format!("objects[{at}].colour"));
            known && colour::difference(object.colour, other.colour) < Limits::COLOUR_DIFFERENCE
        });
        if let Some((_, other)) = alike {
            let problem = format!("this colour is too like that of {}", other.name);
            self.say(&format!("{field}.colour"), &problem);
        }
    }

    fn geometry(&mut self, field: &str, geometry: Geometry, taken: &mut Taken) {
        if let Geometry::LabelMap { label, tolerance_mm } = geometry {
            let at = format!("{field}.geometry.label");
            self.need(label > 0, &at, LABEL_RANGE);
            self.need(taken.labels.insert(label), &at, "another object has this label");
            let sound = tolerance_mm > 0.0 && tolerance_mm <= Limits::TOLERANCE_MM;
            let at = format!("{field}.geometry.tolerance_mm");
            self.need(sound, &at, "a tolerance is more than 0 and at most 100 mm");
        }
    }

    fn object_count(&mut self, field: &str, geometry: Geometry, count: CountLimits) {
        let at = |name: &str| format!("{field}.count.{name}");
        if geometry == Geometry::Classification {
            let none = "nothing is drawn of a classification, so it has no number";
            self.need(count.minimum == 0, &at("minimum"), none);
            self.need(count.maximum.is_none(), &at("maximum"), none);
            return;
        }
        if let Some(maximum) = count.maximum {
            self.need(maximum > 0, &at("maximum"), "an object of which there may be none is no object");
            let ordered = maximum == 0 || maximum >= count.minimum;
            self.need(ordered, &at("maximum"), "the maximum is below the minimum");
        }
    }

    fn limits(&mut self, field: &str, geometry: Geometry, limits: &ObjectLimits) {
        let whole = |slices: Option<u32>| slices.map(f64::from);
        let ranges = [
            ("diameter_mm", limits.minimum_diameter_mm, limits.maximum_diameter_mm, has_size(geometry)),
            ("volume_mm3", limits.minimum_volume_mm3, limits.maximum_volume_mm3, has_volume(geometry)),
            ("slices", whole(limits.minimum_slices), whole(limits.maximum_slices), has_size(geometry)),
        ];
        for (name, minimum, maximum, fits) in ranges {
            let at = |end: &str| format!("{field}.limits.{end}_{name}");
            self.limit(&at("minimum"), minimum, fits);
            self.limit(&at("maximum"), maximum, fits);
            let ordered = minimum.zip(maximum).is_none_or(|(minimum, maximum)| minimum <= maximum);
            self.need(ordered, &at("maximum"), "the maximum is below the minimum");
        }
        let painted = matches!(geometry, Geometry::LabelMap { .. });
        let at = format!("{field}.limits.maximum_elongation");
        self.limit(&at, limits.maximum_elongation, painted);
        let round = limits.maximum_elongation.is_none_or(|most| !(most > 0.0 && most < 1.0));
        self.need(round, &at, "nothing has an elongation below 1");
        let at = format!("{field}.limits.no_cavities");
        self.need(painted || !limits.no_cavities, &at, "only what is painted has cavities");
    }

    fn limit(&mut self, field: &str, limit: Option<f64>, fits: bool) {
        let Some(limit) = limit else { return };
        self.need(limit.is_finite() && limit > 0.0, field, "a limit is more than 0");
        self.need(fits, field, "this limit does not fit how the object is drawn");
    }

    fn code(&mut self, field: &str, code: Option<&Code>) {
        let Some(code) = code else { return };
        let parts = [
            ("value", (&code.value, Limits::CODE_VALUE)),
            ("scheme", (&code.scheme, Limits::CODE_SCHEME)),
            ("meaning", (&code.meaning, Limits::CODE_MEANING)),
        ];
        for (name, (part, longest)) in parts {
            let at = format!("{field}.{name}");
            self.text(&at, part, longest);
            // It separates values in DICOM.
            self.need(!part.contains(['\\', '\n']), &at, "a code has no backslash and no line break");
        }
    }
}

/// Whether shapes of it have a length and lie in slices.
pub(super) fn has_size(geometry: Geometry) -> bool {
    match geometry {
        Geometry::LabelMap { .. } | Geometry::Box | Geometry::Line => true,
        Geometry::Point | Geometry::Classification => false,
    }
}

pub(super) fn has_volume(geometry: Geometry) -> bool {
    match geometry {
        Geometry::LabelMap { .. } | Geometry::Box => true,
        Geometry::Line | Geometry::Point | Geometry::Classification => false,
    }
}
