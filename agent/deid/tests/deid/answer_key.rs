//! The answer key: what happens to every row of the table, seen from outside, under the bare profile and each option.
//!
//! The key was made from other sources than the table that the engine reads; `tests/data/answer_key.txt` says which.

use agent_deid::dataset::{Element, Set, Value};
use agent_deid::{Options, ProfileOption, Subject, rows};
use dicom_core::{Tag, VR};

use crate::objects::{PATIENT_ID, bytes, holds, key, object, run, sequence, text};

const KEY: &str = include_str!("../data/answer_key.tsv");

/// Stands nowhere but where it is planted.
const CANARY: &str = "Zqxvcanary";
/// A sequence that the table does not name, so that its items stay.
const NESTED: Tag = Tag(0x5200, 0x9229);

/// What can be seen of an element afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Gone,
    Empty,
    Same,
    /// Another value, none of the old one in it.
    Other,
    /// A sequence that is there, without what was planted in it.
    Hollow,
    /// The known word of a description without the rest.
    Cleaned,
    NewUid,
    DateMoved,
}

struct Line {
    tag: Tag,
    vr: VR,
    basic: &'static str,
    options: [&'static str; 4],
}

const OPTIONS: [ProfileOption; 4] = [
    ProfileOption::RetainDevice,
    ProfileOption::RetainPatientCharacteristics,
    ProfileOption::RetainModifiedDates,
    ProfileOption::CleanDescriptors,
];

fn lines() -> Vec<Line> {
    let line = |line: &'static str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let number =
            |range: std::ops::Range<usize>| u16::from_str_radix(&cells[0][range], 16).expect("a tag");
        Line {
            tag: Tag(number(0..4), number(4..8)),
            vr: VR::from_binary(cells[1].as_bytes().try_into().expect("two letters"))
                .expect("a representation"),
            basic: cells[2],
            options: [cells[3], cells[4], cells[5], cells[6]],
        }
    };
    KEY.lines().skip(1).map(line).collect()
}

/// A value that is valid for its representation and easy to see again.
fn planted(tag: Tag, vr: VR) -> Element<'static> {
    let value: &[u8] = match vr {
        VR::SQ => {
            let item =
                vec![text((0x0008, 0x0104), VR::LO, CANARY), text((0x0008, 0x1155), VR::UI, "1.2.276.0.9.9")];
            return sequence(tag, vec![item]);
        }
        VR::DA => b"19870605",
        VR::DT => b"19870605112233",
        VR::TM => b"112233",
        VR::UI => b"1.2.276.0.9.9",
        VR::AS => b"077Y",
        VR::DS | VR::IS => b"77",
        VR::US => &[77, 0],
        VR::CS => b"ZQXVCANARY",
        VR::AE | VR::PN | VR::UR => CANARY.as_bytes(),
        VR::OB | VR::OW | VR::UN => b"Zqxvcanary__",
        _ => b"Brain Zqxvcanary",
    };
    bytes(tag, vr, value)
}

fn seen(tag: Tag, vr: VR, before: &Element<'_>, after: &Set<'_>) -> Seen {
    let Some(element) = after.get(tag) else { return Seen::Gone };
    let value = match &element.value {
        Value::Items(items) if items.is_empty() => return Seen::Empty,
        Value::Items(_) => return Seen::Hollow,
        Value::Bytes(value) => value,
        Value::Fragments(_) => panic!("nothing was encapsulated"),
    };
    if value.is_empty() {
        return Seen::Empty;
    }
    if Some(value.as_ref()) == before.bytes() {
        return Seen::Same;
    }
    let days = i64::from(key().days(PATIENT_ID.as_bytes()));
    match vr {
        VR::UI if value.as_ref() == key().uid(b"1.2.276.0.9.9").as_bytes() => Seen::NewUid,
        VR::DA | VR::DT if value[..8] == *moved(days).as_bytes() => Seen::DateMoved,
        _ if value.as_ref() == b"Brain" => Seen::Cleaned,
        _ => Seen::Other,
    }
}

/// 5 June 1987 some days earlier, counted day by day.
fn moved(days: i64) -> String {
    let (mut year, mut month, mut day) = (1987, 6, 5);
    for _ in 0..days {
        day -= 1;
        if day == 0 {
            month = if month == 1 { 12 } else { month - 1 };
            year -= i64::from(month == 12);
            let leap = year % 4 == 0;
            day = match month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
        }
    }
    format!("{year:04}{month:02}{day:02}")
}

/// What the standard lets an action make of an element of this representation.
fn allowed(action: &str, vr: VR) -> Vec<Seen> {
    let sequence = vr == VR::SQ;
    let dummy = if sequence { Seen::Hollow } else { Seen::Other };
    match action {
        "X" => vec![Seen::Gone],
        "Z" => vec![Seen::Empty, dummy],
        "D" => vec![dummy],
        "U" => vec![Seen::NewUid],
        "X/Z" => vec![Seen::Gone, Seen::Empty, dummy],
        "X/D" => vec![Seen::Gone, dummy],
        "Z/D" => vec![Seen::Empty, dummy],
        "X/Z/D" => vec![Seen::Gone, Seen::Empty, dummy],
        "X/Z/U*" => vec![Seen::Gone, Seen::Empty, Seen::Hollow],
        "K" if sequence => vec![Seen::Hollow],
        "K" => vec![Seen::Same],
        "C" => match vr {
            VR::SQ => vec![Seen::Hollow],
            VR::DA | VR::DT => vec![Seen::DateMoved],
            VR::TM => vec![Seen::Same],
            VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC => vec![Seen::Cleaned],
            // Nothing is left of a name of a machine or a code that nobody knows.
            _ => vec![Seen::Gone, Seen::Empty, Seen::Other],
        },
        _ => panic!("{action}"),
    }
}

/// Elements of these groups are no part of a data set; none of them goes out, whatever the table says.
fn outside(tag: Tag) -> bool {
    tag.group() < 0x0008
}

fn wrong(line: &Line, option: Option<usize>, nested: bool) -> Option<String> {
    let chosen: Vec<ProfileOption> = option.map(|index| OPTIONS[index]).into_iter().collect();
    let said = option.map_or("", |index| line.options[index]);
    let action = if said.is_empty() { line.basic } else { said };
    let mut elements = vec![planted(line.tag, line.vr)];
    if line.tag.group() % 2 == 1 {
        elements.push(text((line.tag.group(), 0x0010), VR::LO, "ACME"));
    }
    let before = planted(line.tag, line.vr);
    let after = if nested {
        let after = run(object(vec![sequence(NESTED, vec![elements])]), Options::new(&chosen));
        let Some(Value::Items(items)) = after.get(NESTED).map(|element| element.value.clone()) else {
            panic!("the sequence around it stays")
        };
        items.into_iter().next().expect("its item")
    } else {
        run(object(elements), Options::new(&chosen))
    };
    let found = seen(line.tag, line.vr, &before, &after);
    let expected = match line.tag {
        tag if outside(tag) => vec![Seen::Gone],
        // Timezone Offset From UTC: a text that is no offset has nothing to keep.
        Tag(0x0008, 0x0201) if option == Some(2) => vec![Seen::Gone],
        _ => allowed(action, line.vr),
    };
    let leaks = line.vr != VR::SQ && action == "K";
    let leaked =
        !leaks && (holds(&after, CANARY.as_bytes()) || after.get(line.tag).is_some() && uid_left(&after));
    let right = expected.contains(&found) && !leaked;
    (!right).then(|| {
        format!("{:?} {} {action} {option:?} nested {nested}: {found:?}, leaked {leaked}", line.tag, line.vr)
    })
}

fn uid_left(set: &Set<'_>) -> bool {
    holds(set, b"1.2.276.0.9.9")
}

#[test]
fn no_row_gets_a_wrong_action() {
    let lines = lines();
    let mut wrongs = Vec::new();
    for line in &lines {
        for option in [None, Some(0), Some(1), Some(2), Some(3)] {
            wrongs.extend([false, true].into_iter().filter_map(|nested| wrong(line, option, nested)));
        }
    }
    assert_eq!(lines.len(), 657);
    assert!(wrongs.is_empty(), "{} wrong:\n{}", wrongs.len(), wrongs.join("\n"));
}

#[test]
fn the_key_has_a_line_for_every_row() {
    let lines = lines();
    for row in rows() {
        let tag = match row.subject {
            Subject::Attribute(tag) => tag,
            Subject::Curves => Tag(0x5000, 0x0005),
            Subject::Overlay(element) => Tag(0x6002, element),
            Subject::Private => Tag(0x0029, 0x1010),
        };
        let line = lines.iter().find(|line| line.tag == tag).unwrap_or_else(|| panic!("{tag:?}"));
        assert_eq!(line.basic, row.basic.code(), "{tag:?}");
        for (option, said) in OPTIONS.into_iter().zip(line.options) {
            assert_eq!(row.option(option).map_or("", |action| action.code()), said, "{tag:?} {option:?}");
        }
    }
}
