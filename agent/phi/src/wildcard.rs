//! Wildcards of queries. They are compared with what stands in headers, in the archive and for DICOM peers alike.

/// Whether `value` has the form of `pattern`: `*` stands for any text, `?` for one character (PS3.4 §C.2.2.2.4).
/// Every other character stands for itself; who does not mind letter case folds both beforehand.
#[must_use]
pub fn like(pattern: &[char], value: &[char]) -> bool {
    let (mut at_pattern, mut at_value) = (0, 0);
    // Where to go on when the text after the last star did not match: one character further.
    let mut retry = None;
    while at_value < value.len() {
        match pattern.get(at_pattern) {
            Some('*') => {
                retry = Some((at_pattern, at_value));
                at_pattern += 1;
            }
            Some(wanted) if *wanted == '?' || value.get(at_value) == Some(wanted) => {
                at_pattern += 1;
                at_value += 1;
            }
            Some(_) | None => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    at_pattern = star + 1;
                    at_value = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at_pattern..).is_some_and(|rest| rest.iter().all(|left| *left == '*'))
}
