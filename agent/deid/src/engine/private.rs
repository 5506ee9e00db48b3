//! Private elements: which ones table E.3.10-1 knows to be safe, and the reservations that these need.

use std::collections::BTreeSet;

use dicom_core::{Tag, VR};

use crate::dataset::Set;
use crate::profile::{Option as ProfileOption, Options};
use crate::safe_private::safe_private;

/// The private elements of one item that stay.
pub(super) struct Blocks(BTreeSet<Tag>);

impl Blocks {
    pub(super) fn of(set: &Set<'_>, options: &Options) -> Self {
        let mut stay = BTreeSet::new();
        if !options.has(ProfileOption::RetainSafePrivate) {
            return Self(stay);
        }
        for element in set.elements().iter().filter(|element| element.tag.group() % 2 == 1) {
            let tag = element.tag;
            let [block, place] = tag.element().to_be_bytes();
            let Some(safe) = set.creator(tag).and_then(|creator| safe_private(creator, tag.group(), place))
            else {
                continue;
            };
            // A vendor's own words and bulk cannot be looked into; the standard calls them safe, and they go all the
            // same. So does what is written with another representation than the table's.
            if safe.vr == Some(element.vr) && plain(element.vr) {
                stay.insert(tag);
                stay.insert(Tag(tag.group(), u16::from(block)));
            }
        }
        Self(stay)
    }

    pub(super) fn holds(&self, tag: Tag) -> bool {
        self.0.contains(&tag)
    }
}

fn plain(vr: VR) -> bool {
    matches!(
        vr,
        VR::AT
            | VR::CS
            | VR::DS
            | VR::FD
            | VR::FL
            | VR::IS
            | VR::SL
            | VR::SQ
            | VR::SS
            | VR::UI
            | VR::UL
            | VR::US
    )
}
