//! The walk over an object: each element meets its row of the table, or the rule for those that have none.

mod apply;
mod private;
mod unlisted;

use dicom_core::Tag;

use crate::dataset::{Element, ReadError, Set, Value};
use crate::part10::{self, File};
use crate::profile::Options;
use crate::pseudonym::ProjectKey;
use crate::text::trimmed;
use crate::trace::{Done, Trace};
use crate::words::Guard;
use crate::{blank, codes, stamp, table};

const PATIENT_NAME: Tag = Tag(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const STUDY_UID: Tag = Tag(0x0020, 0x000D);
const INSTANCE_UID: Tag = Tag(0x0008, 0x0018);

/// De-identifies objects under the options of a hospital and the key of a project.
///
/// The same object under the same key and options always gives the same bytes.
#[derive(Debug, Clone)]
pub struct Deidentifier {
    options: Options,
    key: ProjectKey,
}

/// A de-identified object.
#[derive(Debug, Clone)]
pub struct Deidentified {
    /// A DICOM file: preamble of zeros, file meta group of our own, data set.
    pub bytes: Vec<u8>,
    /// Its new SOP Instance UID; empty where the object had none.
    pub instance_uid: String,
}

impl Deidentifier {
    /// For these options and this key.
    #[must_use]
    pub fn new(options: Options, key: ProjectKey) -> Self {
        Self { options, key }
    }

    /// A file without what identifies a patient.
    ///
    /// # Errors
    /// The rule of the encoding that the data set breaks.
    pub fn file(&self, file: &File<'_>, trace: &mut dyn Trace) -> Result<Deidentified, ReadError> {
        Ok(self.object(file.set()?, file.syntax(), None, trace))
    }

    /// As [`Self::file`], for a data set that was read already and whose pixels may have been painted over.
    ///
    /// `syntax` is the UID of its transfer syntax; one without encapsulated pixels becomes explicit VR little endian.
    #[must_use]
    pub fn object(
        &self,
        set: Set<'_>,
        syntax: &str,
        blanked: Option<&blank::Blanked>,
        trace: &mut dyn Trace,
    ) -> Deidentified {
        let mut set = self.data_set(set, trace);
        stamp::mark(&mut set, &self.options, blanked.is_some(), trace);
        let instance_uid = set.ascii(INSTANCE_UID).unwrap_or_default().to_owned();
        let bytes = part10::write(&set, syntax);
        Deidentified { bytes, instance_uid }
    }

    /// The elements alone, without the marks that tell what was done.
    #[must_use]
    pub fn data_set<'a>(&self, set: Set<'a>, trace: &mut dyn Trace) -> Set<'a> {
        let scope = scope(&set).to_vec();
        let mut guard = Guard::default();
        guard_names(&set, &mut guard);
        let mut walk = Walk {
            options: &self.options,
            key: &self.key,
            pseudonym: self.key.patient(&scope),
            days: self.key.days(&scope),
            guard,
            trace,
            path: Vec::new(),
        };
        walk.set(set, Mode::Plain)
    }
}

/// What stands for the patient: the identifier, else the name, else the study.
fn scope<'s>(set: &'s Set<'_>) -> &'s [u8] {
    let value = |tag| set.bytes(tag).map(trimmed).filter(|value: &&[u8]| !value.is_empty());
    value(PATIENT_ID).or_else(|| value(PATIENT_NAME)).or_else(|| value(STUDY_UID)).unwrap_or_default()
}

/// The parts of all persons' names, at any depth, and of the patient's identifier.
fn guard_names(set: &Set<'_>, guard: &mut Guard) {
    for element in set.elements() {
        match &element.value {
            Value::Items(items) => items.iter().for_each(|item| guard_names(item, guard)),
            Value::Bytes(bytes) if element.vr == dicom_core::VR::PN || element.tag == PATIENT_ID => {
                guard.add(bytes)
            }
            Value::Bytes(_) | Value::Fragments(_) => {}
        }
    }
}

/// Whether an item's content stays or only its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    /// Inside a sequence that is to be a dummy: every text goes.
    Hollow,
}

/// What holds for the elements of one item.
struct Around {
    mode: Mode,
    /// The item's code, where it is one of a public scheme.
    code: Option<String>,
    private: private::Blocks,
}

struct Walk<'d, 't> {
    options: &'d Options,
    key: &'d ProjectKey,
    pseudonym: String,
    days: u32,
    guard: Guard,
    trace: &'t mut dyn Trace,
    path: Vec<(Tag, usize)>,
}

impl Walk<'_, '_> {
    fn set<'a>(&mut self, set: Set<'a>, mode: Mode) -> Set<'a> {
        let code = if mode == Mode::Plain { codes::trusted(&set).map(str::to_owned) } else { None };
        let private = private::Blocks::of(&set, self.options);
        let around = Around { mode, code, private };
        let elements = set.into_elements();
        Set::new(elements.into_iter().filter_map(|element| self.element(element, &around)).collect())
    }

    fn element<'a>(&mut self, element: Element<'a>, around: &Around) -> Option<Element<'a>> {
        let tag = element.tag;
        if !part_of_data_set(tag) {
            return self.removed(&element);
        }
        if tag.group() % 2 == 1 && !around.private.holds(tag) {
            return self.removed(&element);
        }
        match tag {
            PATIENT_ID | PATIENT_NAME => return Some(self.patient(element)),
            _ => {}
        }
        match table::find(tag) {
            Some(row) if tag.group().is_multiple_of(2) => {
                let step = self.options.step(row, element.vr);
                self.apply(element, step, Some(row), around)
            }
            _ => self.unlisted(element, around),
        }
    }

    /// The pseudonym in the place of the patient's name or identifier.
    fn patient<'a>(&mut self, element: Element<'a>) -> Element<'a> {
        let value = element.bytes().map(trimmed).unwrap_or_default();
        let own = element.tag == PATIENT_ID && !value.is_empty();
        let pseudonym = if own { self.key.patient(value) } else { self.pseudonym.clone() };
        let vr = if element.tag == PATIENT_ID { dicom_core::VR::LO } else { dicom_core::VR::PN };
        self.replaced(&element, Element::text(element.tag, vr, pseudonym), Done::Pseudonym)
    }

    fn removed<'a>(&mut self, element: &Element<'a>) -> Option<Element<'a>> {
        self.trace.element(&self.path, Some(element), None, Done::Removed);
        None
    }

    fn replaced<'a>(&mut self, before: &Element<'a>, after: Element<'a>, done: Done) -> Element<'a> {
        self.trace.element(&self.path, Some(before), Some(&after), done);
        after
    }

    fn kept<'a>(&mut self, element: Element<'a>) -> Element<'a> {
        self.trace.element(&self.path, Some(&element), Some(&element), Done::Kept);
        element
    }

    /// Goes through the items of a sequence that stays.
    fn items<'a>(&mut self, tag: Tag, items: Vec<Set<'a>>, mode: Mode) -> Value<'a> {
        let mut done = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            self.path.push((tag, index));
            done.push(self.set(item, mode));
            self.path.pop();
        }
        Value::Items(done)
    }
}

/// Group lengths, commands, file meta elements, directory records, curves and overlays are no part of what goes out.
fn part_of_data_set(tag: Tag) -> bool {
    let group = tag.group();
    tag.element() != 0
        && group >= 0x0008
        && !(0x5000..=0x50FF).contains(&group)
        && !(0x6000..=0x60FF).contains(&group)
}

/// What one element's rule asks for.
type Outcome<'a> = Option<Element<'a>>;
