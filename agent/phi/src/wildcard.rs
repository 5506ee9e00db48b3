//! Wildcards of queries. They are compared with what stands in headers, in the archive and for DICOM peers alike.

/// Whether `value` has the form of `pattern`: `*` stands for any text, `?` for one character (PS3.4 §C.2.2.2.4).
/// Every other character stands for itself; who does not mind letter case folds both beforehand.
#[must_use]
pub fn like(pattern: &[char], mut value: impl Iterator<Item = char> + Clone) -> bool {
    let mut at_pattern = 0;
    // Where to go on when the text after the last star did not match: one character further.
    let mut retry = None;
    loop {
        let rest = value.clone();
        let Some(letter) = value.next() else { break };
        match pattern.get(at_pattern) {
            Some('*') => {
                retry = Some((at_pattern, rest.clone()));
                at_pattern += 1;
                value = rest;
            }
            Some(wanted) if *wanted == '?' || letter == *wanted => at_pattern += 1,
            Some(_) | None => match &mut retry {
                Some((star, from)) => {
                    from.next();
                    value = from.clone();
                    at_pattern = *star + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at_pattern..).is_some_and(|rest| rest.iter().all(|left| *left == '*'))
}
