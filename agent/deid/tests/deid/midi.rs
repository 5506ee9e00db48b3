//! The ten kinds of action that the MIDI-B benchmark scores (arXiv 2507.23608), checked on a corpus of our own.
//!
//! Each object comes with its answers. The score is the share of answers that are right; a text that had to go and is
//! anywhere in the file is counted apart, and there may be none.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use agent_deid::blank::{Region, blank};
use agent_deid::dataset::{Element, Set, Value};
use agent_deid::{Deidentifier, File, Nothing, Options, ProfileOption};
use dicom_core::{Tag, VR};

use crate::objects::{bytes, key, sequence, text};

const STUDY_DESCRIPTION: Tag = Tag(0x0008, 0x1030);
const SERIES_DESCRIPTION: Tag = Tag(0x0008, 0x103E);
const IMAGE_COMMENTS: Tag = Tag(0x0020, 0x4000);
const PATIENT_COMMENTS: Tag = Tag(0x0010, 0x4000);
const PATIENT_NAME: Tag = Tag(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const PIXELS: Tag = Tag(0x7FE0, 0x0010);
const DATES: [Tag; 4] = [Tag(0x0008, 0x0020), Tag(0x0008, 0x0021), Tag(0x0008, 0x0022), Tag(0x0008, 0x0023)];
const UIDS: [Tag; 4] = [Tag(0x0008, 0x0018), Tag(0x0020, 0x000D), Tag(0x0020, 0x000E), Tag(0x0020, 0x0052)];

const SIDE: u16 = 16;
const BOX: Region = Region { left: 2, top: 3, width: 9, height: 4 };

/// Family names; the last four are words of the field.
const FAMILIES: [&str; 16] = [
    "Kowalska",
    "Oyelaran",
    "Nakamura",
    "Fitzgerald",
    "Johansson",
    "Ramirez",
    "Okafor",
    "Petrov",
    "Dubois",
    "Haddad",
    "Schwarzenbach",
    "Iyer",
    "Small",
    "Head",
    "Long",
    "Temple",
];
const GIVEN: [&str; 8] = ["Aoife", "Bronislaw", "Chidi", "Dagny", "Emeka", "Farida", "Gustavo", "Hiroko"];

const STUDIES: [&str; 14] = [
    "CT CHEST WITHOUT CONTRAST",
    "CT Abdomen and Pelvis with contrast",
    "MRI BRAIN W WO CONTRAST",
    "MR KNEE LEFT",
    "PET CT skull base to mid thigh",
    "XR CHEST 2 VIEWS",
    "MAMMOGRAM SCREENING BILATERAL",
    "CTA Head and Neck",
    "Cardiac MRI stress perfusion",
    "CT Urogram 3 phase",
    "MR Prostate multiparametric",
    "Low dose lung cancer screening",
    "MRI Lumbar Spine",
    "CT Coronary Angiography",
];
const SERIES: [&str; 22] = [
    "AX T2 FLAIR",
    "SAG T1 SE",
    "COR STIR",
    "AXIAL 5.0 mm B30f",
    "LUNG 1.25mm",
    "t1_mprage_sag_p2_iso",
    "ep2d_diff_3scan_trace_p2",
    "DWI b1000",
    "Apparent Diffusion Coefficient (mm2/s)",
    "localizer",
    "SCOUT",
    "CTA HEAD 0.6 mm",
    "3D TOF MRA",
    "Thick MIP coronal",
    "PET AC WB",
    "R CC",
    "L MLO",
    "POST CONTRAST AXIAL",
    "ARTERIAL PHASE 2.5mm",
    "VENOUS PHASE",
    "DELAYED 10 min",
    "Chest PA",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    TagRetained,
    TextNotNull,
    TextRetained,
    TextRemoved,
    DateShifted,
    UidChanged,
    UidConsistent,
    PatientIdConsistent,
    PixelsHidden,
    PixelsRetained,
}

/// An object, and the texts that must be gone from it and those that must still be there.
struct Case {
    set: Set<'static>,
    removed: Vec<String>,
    retained: Vec<(Tag, &'static str)>,
}

/// Numbers that look drawn and are the same in every run. Source: Steele et al., SplitMix64 (2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ bits >> 31
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.next() % all.len() as u64).expect("an index")]
    }
}

struct Subject {
    family: &'static str,
    given: &'static str,
    id: String,
    birth: String,
}

fn date(draw: &mut Draw, from: u64) -> String {
    format!("{:04}{:02}{:02}", from + draw.next() % 30, 1 + draw.next() % 12, 1 + draw.next() % 28)
}

fn subject(number: usize, draw: &mut Draw) -> Subject {
    Subject {
        family: FAMILIES[number % FAMILIES.len()],
        given: draw.of(&GIVEN),
        id: format!("{:07}", 4_000_000 + draw.next() % 5_000_000),
        birth: date(draw, 1930),
    }
}

/// What people type beside a description, and the parts of it that must go.
fn typed(subject: &Subject, draw: &mut Draw) -> (String, Vec<String>) {
    let Subject { family, given, id, birth } = subject;
    let phone = format!("{}-{}", 200 + draw.next() % 700, 1000 + draw.next() % 9000);
    match draw.next() % 9 {
        0 => (format!(" {family}"), vec![(*family).to_owned()]),
        1 => (format!(" for {given} {family}"), vec![(*given).to_owned(), (*family).to_owned()]),
        2 => (format!(" MRN {id}"), vec![id.clone()]),
        3 => {
            let written = format!("{}/{}/{}", &birth[4..6], &birth[6..8], &birth[..4]);
            (format!(" DOB {written}"), vec![written])
        }
        4 => (format!(" tel {phone}"), vec![phone]),
        5 => (format!(" {birth}"), vec![birth.clone()]),
        6 => (format!(" ({family}^{given})"), vec![format!("{family}^{given}"), (*given).to_owned()]),
        7 => (format!(" Mr. {family}, room 12"), vec![(*family).to_owned()]),
        _ => (String::new(), Vec::new()),
    }
}

fn case(subject: &Subject, place: [usize; 4], draw: &mut Draw) -> Case {
    let [patient, study, series, instance] = place;
    let mut removed =
        vec![subject.id.clone(), format!("{}^{}", subject.family, subject.given), subject.birth.clone()];
    let mut retained = Vec::new();
    let mut described = |tag, words: &'static str, vr, draw: &mut Draw| {
        let (more, gone) = typed(subject, draw);
        removed.extend(gone);
        retained.push((tag, words));
        bytes(tag, vr, format!("{words}{more}").as_bytes())
    };
    let study_text = STUDIES[(patient + study) % STUDIES.len()];
    let mut elements = vec![
        described(STUDY_DESCRIPTION, study_text, VR::LO, draw),
        described(SERIES_DESCRIPTION, draw.of(&SERIES), VR::LO, draw),
        described(IMAGE_COMMENTS, "motion artifact", VR::LT, draw),
        described(PATIENT_COMMENTS, "diabetes", VR::LT, draw),
    ];
    let physician = format!("{}^{}", draw.of(&FAMILIES), draw.of(&GIVEN));
    let hospital = format!("Saint {} Hospital", draw.of(&GIVEN));
    removed.extend([physician.clone(), hospital.clone()]);
    let uid = |tail: String| format!("1.2.276.0.7230010.{tail}");
    let day = date(draw, 1995);
    elements.extend(DATES.map(|tag| bytes(tag, VR::DA, day.as_bytes())));
    elements.extend([
        text((0x0008, 0x0005), VR::CS, "ISO_IR 100"),
        text((0x0008, 0x0008), VR::CS, "ORIGINAL\\PRIMARY\\AXIAL"),
        text((0x0008, 0x0016), VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
        text((0x0008, 0x0018), VR::UI, &uid(format!("{patient}.{study}.{series}.{instance}"))),
        text((0x0008, 0x0030), VR::TM, "101112.5"),
        text((0x0008, 0x0050), VR::SH, &format!("A{}", subject.id)),
        text((0x0008, 0x0060), VR::CS, "CT"),
        text((0x0008, 0x0070), VR::LO, "SIEMENS"),
        text((0x0008, 0x0080), VR::LO, &hospital),
        text((0x0008, 0x0090), VR::PN, &physician),
        text((0x0008, 0x1090), VR::LO, "Aquilion ONE"),
        region_code(),
        bytes(PATIENT_NAME, VR::PN, format!("{}^{}", subject.family, subject.given).as_bytes()),
        bytes(PATIENT_ID, VR::LO, subject.id.as_bytes()),
        bytes(Tag(0x0010, 0x0030), VR::DA, subject.birth.as_bytes()),
        text((0x0010, 0x0040), VR::CS, "F"),
        text((0x0010, 0x1010), VR::AS, "061Y"),
        text((0x0018, 0x0015), VR::CS, "CHEST"),
        text((0x0018, 0x0050), VR::DS, "1.25"),
        text((0x0018, 0x0060), VR::DS, "120"),
        text((0x0018, 0x1000), VR::LO, "SN-31072"),
        text((0x0018, 0x5100), VR::CS, "HFS"),
        text((0x0020, 0x000D), VR::UI, &uid(format!("{patient}.{study}"))),
        text((0x0020, 0x000E), VR::UI, &uid(format!("{patient}.{study}.{series}"))),
        text((0x0020, 0x0013), VR::IS, "3"),
        text((0x0020, 0x0032), VR::DS, "-1.5\\2\\3"),
        text((0x0020, 0x0052), VR::UI, &uid(format!("{patient}.9.{study}"))),
        text((0x0028, 0x0030), VR::DS, "0.7\\0.7"),
        text((0x0029, 0x0010), VR::LO, "ACME"),
        text((0x0029, 0x1010), VR::LO, &format!("{} {}", subject.family, subject.id)),
    ]);
    elements.extend(picture(draw));
    Case { set: Set::new(elements), removed, retained }
}

fn region_code() -> Element<'static> {
    let item = vec![
        text((0x0008, 0x0100), VR::SH, "51185008"),
        text((0x0008, 0x0102), VR::SH, "SCT"),
        text((0x0008, 0x0104), VR::LO, "Chest"),
    ];
    sequence(Tag(0x0008, 0x2218), vec![item])
}

fn picture(draw: &mut Draw) -> Vec<Element<'static>> {
    let short = |element, number: u16| bytes(Tag(0x0028, element), VR::US, &number.to_le_bytes());
    let pixels = (0..usize::from(SIDE) * usize::from(SIDE)).map(|_| 1 + (draw.next() % 255) as u8).collect();
    vec![
        short(0x0002, 1),
        text((0x0028, 0x0004), VR::CS, "MONOCHROME2"),
        short(0x0010, SIDE),
        short(0x0011, SIDE),
        short(0x0100, 8),
        short(0x0101, 8),
        short(0x0102, 7),
        short(0x0103, 0),
        Element { tag: PIXELS, vr: VR::OB, value: Value::Bytes(Cow::Owned(pixels)) },
    ]
}

/// Tags that a user of the images needs.
const NEEDED: [(u16, u16); 22] = [
    (0x0008, 0x0008),
    (0x0008, 0x0016),
    (0x0008, 0x0060),
    (0x0008, 0x0070),
    (0x0008, 0x1030),
    (0x0008, 0x103E),
    (0x0008, 0x1090),
    (0x0008, 0x2218),
    (0x0010, 0x0010),
    (0x0010, 0x0020),
    (0x0010, 0x0040),
    (0x0010, 0x1010),
    (0x0018, 0x0015),
    (0x0018, 0x0050),
    (0x0018, 0x0060),
    (0x0018, 0x1000),
    (0x0018, 0x5100),
    (0x0020, 0x0013),
    (0x0020, 0x0032),
    (0x0028, 0x0010),
    (0x0028, 0x0030),
    (0x7FE0, 0x0010),
];
/// Of these, the value is the same as before.
const SAME: [(u16, u16); 12] = [
    (0x0008, 0x0008),
    (0x0008, 0x0060),
    (0x0008, 0x0070),
    (0x0008, 0x1090),
    (0x0010, 0x0040),
    (0x0010, 0x1010),
    (0x0018, 0x0015),
    (0x0018, 0x0050),
    (0x0018, 0x1000),
    (0x0018, 0x5100),
    (0x0020, 0x0032),
    (0x0028, 0x0030),
];

#[derive(Default)]
struct Score {
    /// Right and asked, by kind.
    kinds: BTreeMap<Kind, (u64, u64)>,
    wrong: Vec<String>,
    uids: BTreeMap<String, BTreeSet<String>>,
    patients: BTreeMap<String, BTreeSet<String>>,
    shifts: BTreeMap<String, BTreeSet<i64>>,
}

impl Score {
    fn answer(&mut self, kind: Kind, right: bool, what: &dyn Fn() -> String) {
        let (correct, asked) = self.kinds.entry(kind).or_default();
        *correct += u64::from(right);
        *asked += 1;
        if !right {
            self.wrong.push(format!("{kind:?}: {}", what()));
        }
    }

    fn object(&mut self, case: &Case, before: &Set<'_>, after: &Set<'_>, file: &[u8]) {
        let value = |set: &Set<'_>, tag| set.ascii(tag).unwrap_or_default().to_owned();
        for tag in NEEDED.map(|(group, element)| Tag(group, element)) {
            self.answer(Kind::TagRetained, after.get(tag).is_some(), &|| format!("{tag:?}"));
        }
        for tag in [PATIENT_NAME, PATIENT_ID, STUDY_DESCRIPTION, SERIES_DESCRIPTION] {
            self.answer(Kind::TextNotNull, !value(after, tag).is_empty(), &|| format!("{tag:?}"));
        }
        for tag in SAME.map(|(group, element)| Tag(group, element)) {
            let same = value(before, tag) == value(after, tag);
            self.answer(Kind::TextRetained, same, &|| format!("{tag:?} {}", value(after, tag)));
        }
        for (tag, words) in &case.retained {
            let there = value(after, *tag).contains(words) || named_like_a_word(before, words);
            self.answer(Kind::TextRetained, there, &|| format!("{words} in {}", value(after, *tag)));
        }
        for gone in &case.removed {
            let there = stands(file, gone);
            self.answer(Kind::TextRemoved, !there, &|| {
                format!("{gone} {:?}", value(after, STUDY_DESCRIPTION))
            });
        }
        for tag in DATES {
            let days = days(&value(before, tag)) - days(&value(after, tag));
            self.shifts.entry(value(before, PATIENT_ID)).or_default().insert(days);
            self.answer(Kind::DateShifted, days > 0, &|| format!("{tag:?}"));
        }
        for tag in UIDS {
            let (old, new) = (value(before, tag), value(after, tag));
            let changed = !new.is_empty() && new != old;
            self.answer(Kind::UidChanged, changed, &|| format!("{tag:?}"));
            self.uids.entry(old).or_default().insert(new);
        }
        self.patients.entry(value(before, PATIENT_ID)).or_default().insert(value(after, PATIENT_ID));
        self.pixels(before, after);
    }

    fn pixels(&mut self, before: &Set<'_>, after: &Set<'_>) {
        let (old, new) = (before.bytes(PIXELS).unwrap_or_default(), after.bytes(PIXELS).unwrap_or_default());
        let inside = |place: usize| {
            let (row, column) = ((place / usize::from(SIDE)) as u32, (place % usize::from(SIDE)) as u32);
            (BOX.top..BOX.top + BOX.height).contains(&row)
                && (BOX.left..BOX.left + BOX.width).contains(&column)
        };
        let hidden = new.iter().enumerate().all(|(place, value)| !inside(place) || *value == 0);
        let same = old.iter().zip(new).enumerate().all(|(place, (old, new))| inside(place) || old == new);
        self.answer(Kind::PixelsHidden, hidden && !new.is_empty(), &|| "the box".to_owned());
        self.answer(Kind::PixelsRetained, same && old.len() == new.len(), &|| "the rest".to_owned());
    }

    /// What can be asked only of the whole corpus.
    fn whole(&mut self) {
        let one_to_one = |map: &BTreeMap<String, BTreeSet<String>>| {
            let values: BTreeSet<_> = map.values().flatten().collect();
            map.values().map(|found| found.len() == 1 && values.len() == map.len()).collect::<Vec<_>>()
        };
        for right in one_to_one(&self.uids) {
            self.answer(Kind::UidConsistent, right, &|| "a UID".to_owned());
        }
        for right in one_to_one(&self.patients) {
            self.answer(Kind::PatientIdConsistent, right, &|| "a patient".to_owned());
        }
        for right in self.shifts.values().map(|found| found.len() == 1).collect::<Vec<_>>() {
            self.answer(Kind::DateShifted, right, &|| "one patient, several shifts".to_owned());
        }
    }

    fn share(&self) -> f64 {
        let (right, asked) = self.kinds.values().fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
        right as f64 / asked as f64
    }
}

/// A patient whose name is a word of the description loses that word; nobody can ask for both.
fn named_like_a_word(before: &Set<'_>, words: &str) -> bool {
    let names = [PATIENT_NAME, Tag(0x0008, 0x0090)]
        .map(|tag| before.ascii(tag).unwrap_or_default().to_ascii_lowercase());
    let lower = words.to_ascii_lowercase();
    names.iter().flat_map(|name| name.split('^')).any(|part| lower.split(' ').any(|word| word == part))
}

/// Whether a text stands in a file as a word, or as several, and not within a longer one.
fn stands(file: &[u8], text: &str) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| file.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let places = file.windows(text.len()).enumerate().filter(|(_, window)| *window == text.as_bytes());
    places.into_iter().any(|(at, _)| !letter(at.checked_sub(1)) && !letter(Some(at + text.len())))
}

fn days(date: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| {
        date.get(range).and_then(|part| part.parse::<i64>().ok()).unwrap_or_default()
    };
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before: i64 = (1..month)
        .map(|month| match month {
            2 => 28 + i64::from(leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        })
        .sum();
    (1900..year).map(|year| 365 + i64::from(leap(year))).sum::<i64>() + before + day
}

#[test]
fn the_score_is_above_the_best_of_the_benchmark() {
    let options = Options::new(&[
        ProfileOption::RetainDevice,
        ProfileOption::RetainPatientCharacteristics,
        ProfileOption::RetainModifiedDates,
        ProfileOption::CleanDescriptors,
    ]);
    let engine = Deidentifier::new(options, key());
    let mut draw = Draw(5);
    let mut score = Score::default();
    for patient in 0..48 {
        let subject = subject(patient, &mut draw);
        for (study, series, instance) in
            (0..2).flat_map(|a| (0..2).flat_map(move |b| (0..3).map(move |c| (a, b, c))))
        {
            let case = case(&subject, [patient, study, series, instance], &mut draw);
            let mut set = case.set.clone();
            let blanked = blank(&mut set, &[BOX], &|| None).expect("native pixels");
            let done = engine.object(set, "1.2.840.10008.1.2.1", Some(&blanked), &mut Nothing);
            let opened = File::open(&done.bytes).expect("our own file");
            let after = opened.set().expect("our own data set");
            score.object(&case, &case.set, &after, &done.bytes);
        }
    }
    score.whole();
    let missed = score.kinds[&Kind::TextRemoved];
    println!("score {:.4} %, by kind {:?}", score.share() * 100.0, score.kinds);
    assert_eq!(score.kinds.len(), 10);
    assert_eq!(missed.0, missed.1, "{:#?}", score.wrong);
    assert!(
        score.share() >= 0.9993,
        "{:.5}: {:#?}",
        score.share(),
        &score.wrong[..score.wrong.len().min(40)]
    );
}
