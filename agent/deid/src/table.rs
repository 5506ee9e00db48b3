//! Table E.1-1 of PS3.15: for each attribute, what the Basic profile and each option do with it.
//!
//! The rows lie in `data/ps3_15_e1_1.tsv`, with their provenance beside them.

use std::collections::HashMap;
use std::sync::LazyLock;

use dicom_core::Tag;

use crate::profile::Action;

/// The edition of the standard that the tables are those of.
pub const EDITION: &str = "2026d";

const TEXT: &str = include_str!("../data/ps3_15_e1_1.tsv");

/// The option columns, in the order of the file.
pub(crate) const COLUMNS: usize = 10;

/// What a row speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One attribute.
    Attribute(Tag),
    /// All elements of the groups 50xx: curves.
    Curves,
    /// One element of the groups 60xx: overlays.
    Overlay(u16),
    /// All elements of odd groups.
    Private,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub subject: Subject,
    pub name: &'static str,
    pub basic: Action,
    /// One action for each option of [`crate::ProfileOption`] that says something, in the table's order.
    pub(crate) options: [Option<Action>; COLUMNS],
}

impl Row {
    /// What an option says of this row.
    #[must_use]
    pub fn option(&self, option: crate::ProfileOption) -> Option<Action> {
        self.options.get(option.column()).copied().flatten()
    }
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TEXT.lines().skip(1).filter_map(row).collect());
static PLACES: LazyLock<HashMap<Subject, &'static Row>> =
    LazyLock::new(|| ROWS.iter().map(|row| (row.subject, row)).collect());

/// All rows, in ascending order of their tags, the private attributes last.
#[must_use]
pub fn rows() -> &'static [Row] {
    &ROWS
}

/// The row of an attribute; private elements have one row between them.
#[must_use]
pub(crate) fn find(tag: Tag) -> Option<&'static Row> {
    let group = tag.group();
    let subject = match group {
        _ if group % 2 == 1 && group < 0xFF00 => Subject::Private,
        0x5000..=0x50FF => Subject::Curves,
        0x6000..=0x60FF => Subject::Overlay(tag.element()),
        _ => Subject::Attribute(tag),
    };
    PLACES.get(&subject).copied()
}

/// A line of our own file; the tests count them, so that none is lost.
fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split('\t');
    let subject = subject(cells.next()?)?;
    let name = cells.next()?;
    let basic = Action::from_code(cells.next()?)?;
    let mut options = [None; COLUMNS];
    for option in &mut options {
        let code = cells.next()?;
        *option = if code.is_empty() { None } else { Some(Action::from_code(code)?) };
    }
    cells.next().is_none().then_some(Row { subject, name, basic, options })
}

fn subject(text: &str) -> Option<Subject> {
    match text {
        "PRIVATE" => return Some(Subject::Private),
        "50xxxxxx" => return Some(Subject::Curves),
        _ => {}
    }
    let (group, element) = text.split_at_checked(4)?;
    let element = u16::from_str_radix(element, 16).ok()?;
    if group == "60xx" {
        return Some(Subject::Overlay(element));
    }
    Some(Subject::Attribute(Tag(u16::from_str_radix(group, 16).ok()?, element)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProfileOption;

    #[test]
    fn every_line_is_a_row_of_its_own() {
        assert_eq!(rows().len(), TEXT.lines().count() - 1);
        assert_eq!(PLACES.len(), rows().len());
    }

    #[test]
    fn the_counts_are_those_of_the_published_table() {
        // 2026d: the 655 attributes of 2026c, one more, and the private attributes.
        assert_eq!(rows().len(), 657);
        let count = |action| rows().iter().filter(|row| row.basic == action).count();
        let counts = [
            (Action::Remove, 417),
            (Action::Dummy, 93),
            (Action::NewUid, 55),
            (Action::Empty, 42),
            (Action::RemoveOrDummy, 23),
            (Action::RemoveOrEmpty, 11),
            (Action::RemoveOrEmptyOrDummy, 8),
            (Action::EmptyOrDummy, 6),
            (Action::RemoveOrEmptyOrNewUids, 2),
        ];
        for (action, expected) in counts {
            assert_eq!(count(action), expected, "{action:?}");
        }
    }

    #[test]
    fn header_and_columns_agree() {
        let header: Vec<&str> = TEXT.lines().next().unwrap().split('\t').skip(3).collect();
        assert_eq!(header.len(), COLUMNS);
        for option in ProfileOption::ALL {
            assert_eq!(header[option.column()], option.column_name());
        }
    }

    #[test]
    fn repeating_groups_and_private_ones_are_found() {
        assert_eq!(find(Tag(0x6002, 0x3000)).unwrap().name, "Overlay Data");
        assert_eq!(find(Tag(0x5004, 0x0010)).unwrap().name, "Curve Data");
        assert_eq!(find(Tag(0x0029, 0x1010)).unwrap().name, "Private Attributes");
        assert_eq!(find(Tag(0xFFFA, 0xFFFA)).unwrap().basic, Action::Remove);
        assert!(find(Tag(0x0028, 0x0010)).is_none());
    }
}
