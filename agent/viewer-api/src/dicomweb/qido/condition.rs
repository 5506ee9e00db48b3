//! How a query's values are compared with those of a row (PS3.4 §C.2.2.2, PS3.18 §8.3.4.1).

use agent_phi::{HeaderText, Purpose, like};

use crate::dicomweb::attributes::{self, Attribute, Fields};
use crate::problem::Problem;

/// UIDs in one list; a viewer that compares studies names a few.
const UIDS_MAX: usize = 1_000;
/// A value of a query is no longer than a header's text.
const VALUE_BYTES_MAX: usize = 4 * 1024;

/// What a row must have.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) attribute: &'static Attribute,
    test: Test,
}

enum Test {
    Uids(Vec<String>),
    /// Texts of digits from one to another, both included; an open end is none.
    Range(Option<String>, Option<String>),
    Number(i64),
    /// A text without wildcards, letter by letter.
    Exact(String),
    Text(Vec<char>),
    /// As `Text`, whatever the letter case (PS3.4 §C.2.2.2.1 leaves it to us for names).
    Folded(Vec<char>),
}

impl std::fmt::Debug for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Test(..)")
    }
}

impl Condition {
    /// None for an empty value, which matches everything (PS3.4 §C.2.2.2.3).
    pub(super) fn read(attribute: &'static Attribute, value: &str) -> Result<Option<Self>, Problem> {
        let refused = || {
            let keyword = attribute.keyword;
            Problem::malformed(format!("the value of {keyword} cannot be used"))
        };
        if value.is_empty() {
            return Ok(None);
        }
        if value.len() > VALUE_BYTES_MAX || value.chars().any(char::is_control) {
            return Err(refused());
        }
        let test = match attribute.vr {
            "UI" => uids(value),
            "DA" => range(value, |day| day.len() == 8 && day.bytes().all(|digit| digit.is_ascii_digit())),
            "TM" => range(value, time),
            "IS" => value.trim().parse().ok().map(Test::Number),
            "PN" => Some(Test::Folded(folded(value).collect())),
            _ if !value.contains(['*', '?']) => Some(Test::Exact(value.to_owned())),
            _ => Some(Test::Text(value.chars().collect())),
        };
        test.map(|test| Some(Self { attribute, test })).ok_or_else(refused)
    }

    pub(super) fn met(&self, fields: &Fields) -> bool {
        fields.values(self.attribute).iter().any(|value| self.test.met(value))
    }

    /// The one UID that is asked for, where it is one.
    pub(super) fn uid(&self) -> Option<&str> {
        match &self.test {
            Test::Uids(uids) => uids.first().filter(|_| uids.len() == 1).map(String::as_str),
            Test::Range(..) | Test::Number(_) | Test::Exact(_) | Test::Text(_) | Test::Folded(_) => None,
        }
    }

    /// The values of which a row must have one, where they are few and each stands for itself.
    pub(super) fn values(&self) -> Option<&[String]> {
        match &self.test {
            Test::Uids(uids) => Some(uids),
            Test::Exact(text) => Some(std::slice::from_ref(text)),
            Test::Range(..) | Test::Number(_) | Test::Text(_) | Test::Folded(_) => None,
        }
    }

    /// A condition that the address makes.
    pub(super) fn of_address(attribute: &'static Attribute, uid: String) -> Self {
        Self { attribute, test: Test::Uids(vec![uid]) }
    }
}

impl Test {
    fn met(&self, value: &HeaderText) -> bool {
        let value = value.expose(Purpose::DicomPeer);
        match self {
            Self::Uids(uids) => uids.iter().any(|uid| uid == value),
            Self::Number(number) => value.trim().parse::<i64>().is_ok_and(|value| value == *number),
            Self::Range(from, to) => {
                let head = |length: usize| value.get(..length.min(value.len())).unwrap_or(value);
                from.as_deref().is_none_or(|from| head(from.len()) >= from)
                    && to.as_deref().is_none_or(|to| head(to.len()) <= to)
            }
            Self::Exact(text) => text == value,
            Self::Text(pattern) => like(pattern, value.chars()),
            Self::Folded(pattern) => like(pattern, folded(value)),
        }
    }
}

fn folded(text: &str) -> impl Iterator<Item = char> + Clone {
    text.chars().flat_map(char::to_lowercase)
}

fn uids(value: &str) -> Option<Test> {
    let uids: Vec<String> = value.split([',', '\\']).map(|uid| uid.trim().to_owned()).collect();
    let form = |uid: &String| {
        (1..=64).contains(&uid.len()) && uid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    (uids.len() <= UIDS_MAX && uids.iter().all(form)).then_some(Test::Uids(uids))
}

/// One value, or two with a hyphen between, of which one may be left out (PS3.4 §C.2.2.2.5).
fn range(value: &str, form: impl Fn(&str) -> bool) -> Option<Test> {
    let end = |text: &str| -> Option<Option<String>> {
        if text.is_empty() { Some(None) } else { form(text).then(|| Some(text.to_owned())) }
    };
    let (from, to) = value.split_once('-').unwrap_or((value, value));
    let (from, to) = (end(from.trim())?, end(to.trim())?);
    (from.is_some() || to.is_some()).then_some(Test::Range(from, to))
}

/// PS3.5 §6.2, TM: hours, then minutes, then seconds with a fraction.
fn time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && matches!(whole.len(), 2 | 4 | 6)
}

/// How far down an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Study,
    Series,
    Instance,
}

/// The level that an attribute is matched at; none where it is not matched.
pub(super) fn level(attribute: &Attribute) -> Option<Level> {
    let study = [
        &attributes::STUDY_DATE,
        &attributes::STUDY_TIME,
        &attributes::ACCESSION_NUMBER,
        &attributes::MODALITIES_IN_STUDY,
        &attributes::REFERRING_PHYSICIAN,
        &attributes::STUDY_DESCRIPTION,
        &attributes::PATIENT_NAME,
        &attributes::PATIENT_ID,
        &attributes::PATIENT_BIRTH_DATE,
        &attributes::PATIENT_SEX,
        &attributes::STUDY_UID,
        &attributes::STUDY_ID,
    ];
    let series = [
        &attributes::MODALITY,
        &attributes::SERIES_DESCRIPTION,
        &attributes::BODY_PART,
        &attributes::SERIES_UID,
        &attributes::SERIES_NUMBER,
    ];
    let instance = [&attributes::SOP_CLASS_UID, &attributes::SOP_INSTANCE_UID, &attributes::INSTANCE_NUMBER];
    let holds = |list: &[&'static Attribute]| list.iter().any(|known| known.tag == attribute.tag);
    if holds(&study) {
        Some(Level::Study)
    } else if holds(&series) {
        Some(Level::Series)
    } else if holds(&instance) {
        Some(Level::Instance)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(attribute: &'static Attribute, query: &str, value: &str, expect: bool) {
        let mut fields = Fields::default();
        fields.text(attribute, value);
        let condition = Condition::read(attribute, query).unwrap().unwrap();
        assert_eq!(condition.met(&fields), expect, "{} {query} {value}", attribute.keyword);
    }

    #[test]
    fn each_representation_is_compared_in_its_way() {
        check(&attributes::PATIENT_NAME, "doe*", "DOE^JANE", true);
        check(&attributes::PATIENT_NAME, "d?e", "DOE^JANE", false);
        check(&attributes::PATIENT_ID, "p1", "P1", false);
        check(&attributes::PATIENT_ID, "P*", "P1", true);
        check(&attributes::STUDY_DATE, "20260101-", "20260304", true);
        check(&attributes::STUDY_DATE, "-20260101", "20260304", false);
        check(&attributes::STUDY_TIME, "08-0930", "093059.5", true);
        check(&attributes::STUDY_TIME, "10", "095959", false);
        check(&attributes::SERIES_NUMBER, "03", "3", true);
        check(&attributes::STUDY_UID, "1.2,1.3", "1.3", true);
        check(&attributes::STUDY_UID, "1.2\\1.3", "1.30", false);
    }

    #[test]
    fn what_has_not_the_form_of_its_attribute_is_refused() {
        for (attribute, value) in [
            (&attributes::STUDY_DATE, "yesterday"),
            (&attributes::STUDY_DATE, "-"),
            (&attributes::STUDY_TIME, "9"),
            (&attributes::SERIES_NUMBER, "x"),
            (&attributes::STUDY_UID, "1.2/3"),
            (&attributes::PATIENT_ID, "a\u{1}"),
        ] {
            assert!(Condition::read(attribute, value).is_err(), "{value}");
        }
        assert!(Condition::read(&attributes::PATIENT_ID, "").unwrap().is_none());
    }
}
