//! How a query's text is compared with a header's.

use agent_phi::like;

/// Whether `value` has the form of `pattern`: `*` stands for any text, `?` for one character (PS3.4 §C.2.2.2.4).
///
/// Letter case does not matter, as PS3.4 allows for names.
pub(super) fn matches(pattern: &str, value: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().flat_map(char::to_lowercase).collect();
    like(&pattern, value.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_a_question_mark_for_one_character() {
        for (pattern, value, expect) in [
            ("", "", true),
            ("*", "", true),
            ("Doe*", "DOE^JANE", true),
            ("*jane*", "Doe^Jane^A", true),
            ("d?e*", "Doe", true),
            ("d?e", "De", false),
            ("Doe", "Doe^Jane", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("MÜLLER*", "Müller^Änne", true),
        ] {
            assert_eq!(matches(pattern, value), expect, "{pattern} {value}");
        }
    }

    proptest! {
        #[test]
        fn a_text_has_its_own_form(text in "[a-zA-Z^ ]{0,20}", at in 0_usize..20) {
            prop_assert!(matches(&text, &text));
            let (head, _) = text.split_at(at.min(text.len()));
            let prefix = format!("{head}*");
            prop_assert!(matches(&prefix, &text));
        }
    }
}
