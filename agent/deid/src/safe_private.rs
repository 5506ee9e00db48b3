//! Table E.3.10-1 of PS3.15: private elements that are known to hold nothing of a patient.

use std::collections::HashMap;
use std::sync::LazyLock;

use dicom_core::VR;

const TEXT: &str = include_str!("../data/safe_private.txt");

/// One element of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SafeElement {
    /// `None` where the table gives no representation.
    pub vr: Option<VR>,
}

type Place = (&'static str, u16, u8);

static TABLE: LazyLock<HashMap<Place, SafeElement>> =
    LazyLock::new(|| TEXT.lines().filter(|line| !line.starts_with('#')).flat_map(elements).collect());

/// What the table says of an element of a creator's block; `element` is its place within the block.
#[must_use]
pub fn safe_private(creator: &str, group: u16, element: u8) -> Option<SafeElement> {
    // The key of a static table has a static lifetime, so the creator is looked for among those that are known.
    let (known, _, _) = TABLE.keys().find(|(known, _, _)| *known == creator)?;
    TABLE.get(&(*known, group, element)).copied()
}

fn elements(line: &'static str) -> Vec<(Place, SafeElement)> {
    let mut cells = line.split('|');
    let (Some(creator), Some(group)) = (cells.next(), cells.next()) else { return Vec::new() };
    let Ok(group) = u16::from_str_radix(group, 16) else { return Vec::new() };
    let mut found = Vec::new();
    for (letters, list) in cells.filter_map(|cell| cell.split_once(':')) {
        let vr = letters.as_bytes().try_into().ok().and_then(VR::from_binary);
        let list = list.split(' ').filter_map(|element| u8::from_str_radix(element, 16).ok());
        found.extend(list.map(|element| ((creator, group, element), SafeElement { vr })));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_counts_are_those_of_the_published_table() {
        assert_eq!(TABLE.len(), 479);
        assert_eq!(TABLE.keys().map(|(creator, _, _)| creator).collect::<HashSet<_>>().len(), 20);
        assert_eq!(TABLE.values().filter(|element| element.vr.is_none()).count(), 5);
    }

    #[test]
    fn a_place_is_safe_for_its_creator_alone() {
        let slope = safe_private("Philips MR Imaging DD 001", 0x2005, 0x0E);
        assert_eq!(slope, Some(SafeElement { vr: Some(VR::FL) }));
        assert_eq!(safe_private("Somebody else", 0x2005, 0x0E), None);
        assert_eq!(safe_private("Philips MR Imaging DD 001", 0x2001, 0x0E), None);
    }
}
