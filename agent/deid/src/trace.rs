//! What was done, element by element, for those who want to see it.

use agent_phi::Phi;
use dicom_core::{Tag, VR};

use crate::dataset::{Element, known};
use crate::text;

/// What became of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Done {
    Kept,
    Removed,
    Emptied,
    Dummy,
    Cleaned,
    NewUid,
    DateMoved,
    Pseudonym,
    Added,
}

impl Done {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Kept,
        Self::Removed,
        Self::Emptied,
        Self::Dummy,
        Self::Cleaned,
        Self::NewUid,
        Self::DateMoved,
        Self::Pseudonym,
        Self::Added,
    ];

    /// As a word for people and for `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Removed => "removed",
            Self::Emptied => "emptied",
            Self::Dummy => "dummy",
            Self::Cleaned => "cleaned",
            Self::NewUid => "new-uid",
            Self::DateMoved => "date-moved",
            Self::Pseudonym => "pseudonym",
            Self::Added => "added",
        }
    }
}

/// Where an element stands: the sequences around it, outermost first, with the item, counted from 0.
pub type Path<'p> = &'p [(Tag, usize)];

/// Hears of every element.
pub trait Trace {
    /// One element; `before` is missing where it is new, `after` where it is gone.
    fn element(
        &mut self,
        path: Path<'_>,
        before: Option<&Element<'_>>,
        after: Option<&Element<'_>>,
        done: Done,
    );
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Trace for Nothing {
    fn element(&mut self, _: Path<'_>, _: Option<&Element<'_>>, _: Option<&Element<'_>>, _: Done) {}
}

/// How many elements had what done to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([u64; Done::ALL.len()]);

impl Counts {
    /// How many elements had this done to them.
    #[must_use]
    pub fn of(&self, done: Done) -> u64 {
        Done::ALL.iter().zip(self.0).find(|(known, _)| **known == done).map_or(0, |(_, count)| count)
    }
}

impl Trace for Counts {
    fn element(&mut self, _: Path<'_>, _: Option<&Element<'_>>, _: Option<&Element<'_>>, done: Done) {
        for (known, count) in Done::ALL.iter().zip(&mut self.0) {
            *count += u64::from(*known == done);
        }
    }
}

/// One element before and after.
#[derive(Debug, Clone)]
pub struct Change {
    /// The sequences around it with the item, then its tag: `(0040,0275)[0].(0032,1060)`.
    pub place: String,
    /// The standard's keyword; empty for private elements and unknown ones.
    pub keyword: &'static str,
    pub vr: VR,
    pub done: Done,
    /// As a person of the hospital may read it; `None` where the element is new.
    pub before: Option<Phi<String>>,
    /// `None` where the element is gone.
    pub after: Option<Phi<String>>,
}

/// Writes everything down.
#[derive(Debug, Default)]
pub struct Changes(pub Vec<Change>);

impl Trace for Changes {
    fn element(
        &mut self,
        path: Path<'_>,
        before: Option<&Element<'_>>,
        after: Option<&Element<'_>>,
        done: Done,
    ) {
        let Some(element) = before.or(after) else { return };
        let mut place = String::new();
        for (tag, item) in path {
            place.push_str(&format!("{}[{item}].", shown(*tag)));
        }
        place.push_str(&shown(element.tag));
        self.0.push(Change {
            place,
            keyword: known(element.tag).map_or("", |known| known.keyword),
            vr: element.vr,
            done,
            before: before.map(|element| Phi::new(text::shown(element))),
            after: after.map(|element| Phi::new(text::shown(element))),
        });
    }
}

fn shown(tag: Tag) -> String {
    format!("({:04X},{:04X})", tag.group(), tag.element())
}
