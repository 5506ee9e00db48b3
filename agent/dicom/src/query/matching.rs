//! How a value that is held is compared with what was asked for (PS3.4 §C.2.2.2).

use agent_phi::like;

use super::identifier::{Asked, IdentifierError};
use super::keys::Matching;

/// A key in the form in which it is compared.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Compiled {
    /// Everything matches, also what is not there (§C.2.2.2.3).
    Universal,
    /// One of these, letter by letter.
    OneOf(Vec<String>),
    /// Text with wildcards.
    Pattern(Vec<char>),
    /// The same, whatever the letter case.
    NamePattern(Vec<char>),
    Number(i64),
    /// From the first to the last, both included and both of full length.
    Range(String, String),
}

impl Compiled {
    /// # Errors
    /// `Invalid` when the value has not the form that its attribute demands.
    pub(crate) fn new(asked: &Asked) -> Result<Self, IdentifierError> {
        let value = asked.value.as_str();
        let invalid = IdentifierError::Invalid { keyword: asked.key.keyword };
        if value.is_empty() || asked.key.matching == Matching::ReturnOnly {
            return Ok(Self::Universal);
        }
        match asked.key.matching {
            Matching::Uid => {
                let uids: Vec<String> =
                    value.split('\\').map(|uid| uid.trim_matches([' ', '\0']).to_owned()).collect();
                let valid = uids.iter().all(|uid| agent_formats::part10::valid_uid(uid));
                valid.then_some(Self::OneOf(uids)).ok_or(invalid)
            }
            Matching::Text => Ok(Self::Pattern(value.chars().collect())),
            Matching::Name => Ok(Self::NamePattern(folded(value).collect())),
            Matching::Number => value.parse().map(Self::Number).map_err(|_| invalid),
            Matching::Date => range(value, "00000101", "99991231", day).ok_or(invalid),
            Matching::Time => range(value, FIRST, LAST, time).ok_or(invalid),
            Matching::ReturnOnly => Ok(Self::Universal),
        }
    }
}

/// Whether one of the values that are held is what was asked for.
pub(crate) fn matches(compiled: &Compiled, values: &[&str]) -> bool {
    let any = |test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value.trim_matches([' ', '\0'])));
    match compiled {
        Compiled::Universal => true,
        Compiled::OneOf(wanted) => any(&|value| wanted.iter().any(|one| one == value)),
        Compiled::Pattern(pattern) => any(&|value| like(pattern, value.chars())),
        Compiled::NamePattern(pattern) => any(&|value| like(pattern, folded(value))),
        Compiled::Number(wanted) => any(&|value| value.parse::<i64>() == Ok(*wanted)),
        Compiled::Range(from, to) => any(&|value| {
            let full = if from.len() == 8 { day(value, from) } else { time(value, FIRST) };
            full.is_some_and(|full| *from <= full && full <= *to)
        }),
    }
}

/// Names differ neither in letter case nor in empty components at the end (PS3.5 §6.2.1.1).
fn folded(name: &str) -> impl Iterator<Item = char> + Clone {
    name.trim_end_matches(['^', '=', ' ']).chars().flat_map(char::to_lowercase)
}

const FIRST: &str = "000000.000000";
/// A leap second is one (PS3.5 §6.2, TM).
const LAST: &str = "235960.999999";

/// One value, or two with a hyphen between, of which one may be left out (§C.2.2.2.5).
fn range(value: &str, first: &str, last: &str, full: fn(&str, &str) -> Option<String>) -> Option<Compiled> {
    let (from, to) = value.split_once('-').unwrap_or((value, value));
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() && to.is_empty() {
        return None;
    }
    let from = if from.is_empty() { first.to_owned() } else { full(from, first)? };
    let to = if to.is_empty() { last.to_owned() } else { full(to, last)? };
    Some(Compiled::Range(from, to))
}

/// Eight digits compare as text as they do as days. The form with full stops is that of ACR-NEMA (PS3.5 §6.2, DA).
fn day(value: &str, _rest: &str) -> Option<String> {
    let digits: String = if value.len() == 10 { value.replace('.', "") } else { value.to_owned() };
    (digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// HHMMSS.FFFFFF compares as text as it does as a time; what is left out is taken from `rest`.
fn time(value: &str, rest: &str) -> Option<String> {
    let value = value.replace(':', "");
    let (whole, fraction) = value.split_once('.').unwrap_or((&value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let form = matches!(whole.len(), 2 | 4 | 6) && digits(whole) && fraction.len() <= 6 && digits(fraction);
    let lonely = whole.len() < 6 && !fraction.is_empty();
    if !form || lonely {
        return None;
    }
    let mut full = value.clone();
    full.push_str(rest.get(value.len()..)?);
    Some(full)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::keys::Key;
    use proptest::prelude::*;

    fn check(keyword: &str, asked: &str, held: &str) -> bool {
        let key = Key::named(keyword).unwrap();
        let compiled = Compiled::new(&Asked { key, value: asked.into() });
        matches(&compiled.unwrap_or_else(|error| panic!("{asked}: {error}")), &[held])
    }

    #[test]
    fn each_kind_of_attribute_is_compared_in_its_own_way() {
        let cases = [
            ("PatientID", "4711", "4711", true),
            ("PatientID", "4711", "47110", false),
            ("PatientID", "47*", "47110", true),
            ("PatientID", "a*", "A1", false),
            ("PatientName", "doe*", "DOE^JANE", true),
            ("PatientName", "Doe^Jane", "DOE^JANE^^^", true),
            ("PatientName", "Doe^J?ne", "Doe^Jane", true),
            ("PatientName", "Doe^J?", "Doe^Jane", false),
            ("PatientName", "*müller*", "MÜLLER^ÄNNE", true),
            ("StudyInstanceUID", "1.2\\1.3", "1.3", true),
            ("StudyInstanceUID", "1.2\\1.3", "1.33", false),
            ("SeriesNumber", "7", "007", true),
            ("SeriesNumber", "7", "70", false),
            ("StudyDate", "20240229", "20240229", true),
            ("StudyDate", "20240101-20240229", "20240301", false),
            ("StudyDate", "-20240229", "20240229", true),
            ("StudyDate", "20240229-", "20240228", false),
            ("StudyDate", "2024.02.29", "20240229", true),
            ("StudyTime", "1030", "103059.5", true),
            ("StudyTime", "1030", "1031", false),
            ("StudyTime", "10-12", "125959.999", true),
            ("StudyTime", "10-12", "130000", false),
            ("StudyTime", "-0800", "075959", true),
            ("ModalitiesInStudy", "CT", "CT", true),
            ("NumberOfStudyRelatedSeries", "7", "1", true),
            ("StudyDescription", "", "", true),
            ("StudyDescription", "*", "", true),
        ];
        for (keyword, asked, held, expect) in cases {
            assert_eq!(check(keyword, asked, held), expect, "{keyword} {asked} {held}");
        }
    }

    #[test]
    fn what_is_not_held_matches_only_when_nothing_is_asked() {
        let key = Key::named("StudyDate").unwrap();
        for (value, expect) in [("", true), ("20240101-", false)] {
            let compiled = Compiled::new(&Asked { key, value: value.into() }).unwrap();
            assert_eq!(matches(&compiled, &[]), expect);
        }
    }

    #[test]
    fn values_of_a_wrong_form_are_refused_by_keyword() {
        let cases = [
            ("StudyDate", "yesterday"),
            ("StudyDate", "-"),
            ("StudyDate", "2024"),
            ("StudyTime", "1"),
            ("StudyTime", "10.5"),
            ("SeriesNumber", "one"),
            ("StudyInstanceUID", "1.2.*"),
        ];
        for (keyword, value) in cases {
            let key = Key::named(keyword).unwrap();
            let refused = Compiled::new(&Asked { key, value: value.into() });
            assert!(matches!(refused, Err(IdentifierError::Invalid { .. })), "{keyword} {value}");
        }
    }

    proptest! {
        #[test]
        fn a_text_has_its_own_form(text in "[a-zA-Z^]{1,20}", at in 0_usize..20) {
            prop_assert!(check("PatientID", &text, &text));
            let (head, _) = text.split_at(at.min(text.len()));
            let prefix = format!("{head}*");
            prop_assert!(check("PatientID", &prefix, &text));
        }

        #[test]
        fn any_value_is_compared_or_refused(value in "\\PC{0,30}", index in 0_usize..22) {
            let key = &crate::query::keys::KEYS[index];
            if let Ok(compiled) = Compiled::new(&Asked { key, value: value.clone() }) {
                let _ = matches(&compiled, &[&value]);
            }
        }
    }
}
