//! What a hospital chooses: the options of PS3.15 beside the Basic profile, and the action each row then asks for.

use dicom_core::VR;

use crate::table::Row;

/// An action of table E.1-1.
///
/// A compound one leaves the choice to the type that the attribute has in the object's IOD. Of the choices, the one
/// that is conformant for the strictest type is taken, so that the object stays valid whatever its IOD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// X
    Remove,
    /// Z
    Empty,
    /// D
    Dummy,
    /// K
    Keep,
    /// C
    Clean,
    /// U
    NewUid,
    /// Z/D
    EmptyOrDummy,
    /// X/Z
    RemoveOrEmpty,
    /// X/D
    RemoveOrDummy,
    /// X/Z/D
    RemoveOrEmptyOrDummy,
    /// X/Z/U*
    RemoveOrEmptyOrNewUids,
}

impl Action {
    const CODES: [(&'static str, Self); 11] = [
        ("X", Self::Remove),
        ("Z", Self::Empty),
        ("D", Self::Dummy),
        ("K", Self::Keep),
        ("C", Self::Clean),
        ("U", Self::NewUid),
        ("Z/D", Self::EmptyOrDummy),
        ("X/Z", Self::RemoveOrEmpty),
        ("X/D", Self::RemoveOrDummy),
        ("X/Z/D", Self::RemoveOrEmptyOrDummy),
        ("X/Z/U*", Self::RemoveOrEmptyOrNewUids),
    ];

    /// The action with the table's code.
    #[must_use]
    pub fn from_code(code: &str) -> std::option::Option<Self> {
        Self::CODES.iter().find(|(known, _)| *known == code).map(|(_, action)| *action)
    }

    /// The table's code.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::CODES.iter().find(|(_, action)| *action == self).map_or("", |(code, _)| code)
    }
}

/// An option of PS3.15 that a hospital can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Option {
    /// Private elements of table E.3.10-1 stay.
    RetainSafePrivate,
    /// Serial numbers, stations and other identities of devices stay.
    RetainDevice,
    /// Age, sex, size, weight and the like stay.
    RetainPatientCharacteristics,
    /// Dates move by a number of days that is the same for all of a patient's objects; times of day stay.
    RetainModifiedDates,
    /// Descriptions lose what is no known word; without it they go as a whole.
    CleanDescriptors,
}

impl Option {
    /// All of them, in the table's order.
    pub const ALL: [Self; 5] = [
        Self::RetainSafePrivate,
        Self::RetainDevice,
        Self::RetainPatientCharacteristics,
        Self::RetainModifiedDates,
        Self::CleanDescriptors,
    ];

    /// Its name in settings and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RetainSafePrivate => "safe-private",
            Self::RetainDevice => "device",
            Self::RetainPatientCharacteristics => "patient-characteristics",
            Self::RetainModifiedDates => "modified-dates",
            Self::CleanDescriptors => "clean-descriptors",
        }
    }

    /// Code and meaning in PS3.16 CID 7050.
    #[must_use]
    pub fn coded(self) -> (&'static str, &'static str) {
        match self {
            Self::RetainSafePrivate => ("113111", "Retain Safe Private Option"),
            Self::RetainDevice => ("113109", "Retain Device Identity Option"),
            Self::RetainPatientCharacteristics => ("113108", "Retain Patient Characteristics Option"),
            Self::RetainModifiedDates => {
                ("113107", "Retain Longitudinal Temporal Information Modified Dates Option")
            }
            Self::CleanDescriptors => ("113105", "Clean Descriptors Option"),
        }
    }

    pub(crate) fn column(self) -> usize {
        match self {
            Self::RetainSafePrivate => 0,
            Self::RetainDevice => 2,
            Self::RetainPatientCharacteristics => 4,
            Self::RetainModifiedDates => 6,
            Self::CleanDescriptors => 7,
        }
    }

    #[cfg(test)]
    pub(crate) fn column_name(self) -> &'static str {
        match self {
            Self::RetainSafePrivate => "retain_safe_private",
            Self::RetainDevice => "retain_device_identity",
            Self::RetainPatientCharacteristics => "retain_patient_characteristics",
            Self::RetainModifiedDates => "retain_longitudinal_modified_dates",
            Self::CleanDescriptors => "clean_descriptors",
        }
    }
}

/// What happens to texts of the standard's attributes that table E.1-1 does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unlisted {
    /// They keep known words and codes of known schemes. Nobody can promise what people type where.
    #[default]
    Clean,
    /// They stay, as the bare standard has it.
    Keep,
}

/// The options that hold for a de-identification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    chosen: Vec<Option>,
    pub unlisted: Unlisted,
}

impl Default for Options {
    /// The Basic profile with the private elements that the standard knows to be safe.
    fn default() -> Self {
        Self::new(&[Option::RetainSafePrivate])
    }
}

impl Options {
    /// The Basic profile with these options.
    #[must_use]
    pub fn new(chosen: &[Option]) -> Self {
        let chosen = Option::ALL.into_iter().filter(|option| chosen.contains(option)).collect();
        Self { chosen, unlisted: Unlisted::default() }
    }

    /// Whether an option holds.
    #[must_use]
    pub fn has(&self, option: Option) -> bool {
        self.chosen.contains(&option)
    }

    /// The options that hold, in the table's order.
    #[must_use]
    pub fn chosen(&self) -> &[Option] {
        &self.chosen
    }

    /// What to do with an attribute of a row.
    pub(crate) fn step(&self, row: &Row, vr: VR) -> Step {
        let says = |option: &Option| row.option(*option);
        if self.has(Option::RetainModifiedDates) && says(&Option::RetainModifiedDates).is_some() {
            return Step::Shift;
        }
        let mut said = self.chosen.iter().filter_map(says);
        if said.clone().any(|action| action == Action::Keep) {
            return Step::Keep;
        }
        if said.any(|action| action == Action::Clean) {
            return Step::Clean;
        }
        match row.basic {
            Action::Remove => Step::Remove,
            Action::Empty | Action::RemoveOrEmpty => Step::Empty,
            Action::Dummy | Action::EmptyOrDummy | Action::RemoveOrDummy | Action::RemoveOrEmptyOrDummy => {
                Step::Dummy
            }
            Action::RemoveOrEmptyOrNewUids if vr == VR::SQ => Step::Keep,
            Action::NewUid | Action::RemoveOrEmptyOrNewUids => Step::NewUid,
            Action::Keep => Step::Keep,
            Action::Clean => Step::Clean,
        }
    }

    /// What to do where cleaning leaves nothing, or the form of a value is broken.
    pub(crate) fn fallback(row: &Row) -> Step {
        match row.basic {
            Action::Remove => Step::Remove,
            Action::Empty | Action::RemoveOrEmpty => Step::Empty,
            Action::Dummy
            | Action::Keep
            | Action::Clean
            | Action::NewUid
            | Action::EmptyOrDummy
            | Action::RemoveOrDummy
            | Action::RemoveOrEmptyOrDummy
            | Action::RemoveOrEmptyOrNewUids => Step::Dummy,
        }
    }
}

/// What is done with one element. The items of a sequence that stays are gone through like everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Remove,
    Empty,
    Dummy,
    Keep,
    Clean,
    NewUid,
    Shift,
}
