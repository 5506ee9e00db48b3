//! Cleaning of descriptions: what stays is known words of the field and plain numbers; everything else goes.
//!
//! A list of what identifies people is never complete; a list of the words that describe pictures can be. The words
//! lie in `data/words.txt`. A word that is also part of a person's name in the same object goes, too.

use std::collections::HashSet;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../data/words.txt");

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| TEXT.lines().collect());

/// More characters than any description has; the rest of a text is not kept.
const LONGEST: usize = 10_240;

/// What cleaning made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cleaned {
    /// Nothing in it could identify anybody.
    Same,
    /// What is left of it.
    Less(String),
    /// Nothing is left.
    Nothing,
}

/// The parts of all persons' names in one object, in lower case.
#[derive(Default)]
pub(crate) struct Guard(HashSet<String>);

impl Guard {
    /// Takes the parts of a name or of another identifier in.
    pub(crate) fn add(&mut self, identifier: &[u8]) {
        for (part, _) in tokens(identifier).iter().filter(|(part, _)| part.len() >= 3) {
            self.0.insert(part.to_ascii_lowercase());
        }
    }

    fn holds(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// Whether a code string has a part of a name in it that is no word of the field.
    pub(crate) fn stands_in(&self, value: &[u8]) -> bool {
        let named = |part: &str| self.holds(part) && !WORDS.contains(part);
        tokens(value).iter().any(|(part, _)| named(&part.to_ascii_lowercase()))
    }
}

/// Words that a number stands before.
const UNITS: [&str; 34] = [
    "mm", "cm", "m", "ml", "l", "min", "mins", "minute", "minutes", "s", "sec", "secs", "ms", "h", "kv",
    "kvp", "ma", "mas", "t", "hz", "deg", "mg", "mgi", "kg", "mbq", "view", "views", "phase", "phases",
    "slice", "slices", "d", "echo", "echoes",
];

/// Keeps of a text what is known.
pub(crate) fn clean(text: &[u8], guard: &Guard) -> Cleaned {
    let text = text.get(..text.len().min(LONGEST)).unwrap_or_default();
    let tokens = tokens(text);
    let mut kept: Vec<bool> = tokens.iter().map(|(token, _)| known(token, guard)).collect();
    let measures = drop_chains(text, &tokens, &mut kept);
    if kept.iter().all(|kept| *kept) && harmless(text) {
        return if tokens.is_empty() { Cleaned::Nothing } else { Cleaned::Same };
    }
    drop_doubtful(text, &tokens, &measures, &mut kept);
    joined(text, &tokens, &kept)
}

/// Beside something unknown, a number may be part of it (a day, a room), if it measures nothing; so may a single
/// letter that stands next to it (an initial).
fn drop_doubtful(text: &[u8], tokens: &[Token<'_>], measures: &[bool], kept: &mut [bool]) {
    let known = kept.to_vec();
    let at = |index: Option<usize>| index.and_then(|index| known.get(index)).copied().unwrap_or(true);
    for (index, ((token, place), kept)) in tokens.iter().zip(kept.iter_mut()).enumerate() {
        let number = token.bytes().all(|byte| byte.is_ascii_digit());
        // mm2/s, W/O
        let joined = place.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'/')
            && at(index.checked_sub(1));
        let alone = token.len() == 1 && !joined && !(at(index.checked_sub(1)) && at(Some(index + 1)));
        *kept &= if number { measures.get(index) == Some(&true) } else { !alone };
    }
}

type Token<'a> = (&'a str, usize);

/// Runs of letters and digits, with their places. What is not ASCII is a run that no word equals.
fn tokens(text: &[u8]) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, byte) in text.iter().chain([&b' ']).enumerate() {
        match (byte.is_ascii_alphanumeric() || !byte.is_ascii(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let run = text.get(from..at).unwrap_or_default();
                tokens.push((std::str::from_utf8(run).unwrap_or("\u{fffd}"), from));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    tokens
}

fn known(token: &str, guard: &Guard) -> bool {
    let lower = token.to_ascii_lowercase();
    if guard.holds(&lower) || !token.is_ascii() {
        return false;
    }
    if WORDS.contains(lower.as_str()) {
        return true;
    }
    let digits = lower.bytes().filter(u8::is_ascii_digit).count();
    // Up to three digits are a thickness or a count; four are a year, and more a number of a person.
    let letters = || lower.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty());
    let short = digits <= if letters().next().is_none() { 3 } else { 4 };
    digits > 0 && short && letters().all(|part| WORDS.contains(part) && !guard.holds(part))
}

/// Numbers that hang together are dates, times and telephone numbers; a decimal fraction is not. Tells which numbers
/// have a unit behind them.
fn drop_chains(text: &[u8], tokens: &[Token<'_>], kept: &mut [bool]) -> Vec<bool> {
    let starts =
        |index: usize| tokens.get(index).filter(|(token, _)| token.starts_with(|c: char| c.is_ascii_digit()));
    let number = |index: usize| starts(index).filter(|(token, _)| token.bytes().all(|b| b.is_ascii_digit()));
    let mut measures = vec![false; tokens.len()];
    let mut first = 0;
    while first < tokens.len() {
        let mut last = first;
        let mut points_only = true;
        while let (Some((token, at)), Some((_, next))) = (number(last), starts(last + 1)) {
            let between = text.get(at + token.len()..*next).unwrap_or_default();
            if !matches!(between, [b'/' | b'-' | b':' | b'.' | b'_']) {
                break;
            }
            points_only &= between == b".";
            last += 1;
        }
        let decimal = points_only && last - first == 1;
        if last > first && !decimal {
            kept.iter_mut().skip(first).take(last - first + 1).for_each(|kept| *kept = false);
        }
        let unit = if number(last).is_some() { last + 1 } else { last };
        let measured = tokens.get(unit).is_some_and(|(token, _)| {
            UNITS.contains(
                &token.trim_start_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase().as_str(),
            )
        });
        measures.iter_mut().skip(first).take(last - first + 1).for_each(|measure| *measure = measured);
        first = last + 1;
    }
    measures
}

/// Whether what stands between the words is what people write between words.
fn harmless(text: &[u8]) -> bool {
    let plain =
        |byte: &u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\r' | b'\n' | b'\t' | 0x0C | 0);
    text.iter().all(plain)
}

/// What is kept, with what stood between neighbours, and the brackets of those that lost one.
fn joined(text: &[u8], tokens: &[Token<'_>], kept: &[bool]) -> Cleaned {
    let byte = |at: usize, among: &[u8]| {
        text.get(at).filter(|byte| among.contains(byte)).map(|byte| char::from(*byte))
    };
    let mut result = String::new();
    let mut previous: Option<(usize, usize)> = None;
    for (index, (token, at)) in tokens.iter().enumerate() {
        if kept.get(index) != Some(&true) {
            continue;
        }
        let end = previous.map_or(0, |(_, end)| end);
        let between = text.get(end..*at).unwrap_or_default();
        let neighbours = previous.map_or(index == 0, |(before, _)| before + 1 == index);
        match std::str::from_utf8(between) {
            Ok(between) if neighbours && harmless(between.as_bytes()) => result.push_str(between),
            Ok(_) | Err(_) => {
                result.extend(byte(end, b")]%"));
                result.extend((!result.is_empty()).then_some(' '));
                result.extend(
                    at.checked_sub(1).filter(|before| *before > end).and_then(|before| byte(before, b"([+")),
                );
            }
        }
        result.push_str(token);
        previous = Some((index, at + token.len()));
    }
    match previous {
        Some((_, end)) => result.extend(byte(end, b")]%")),
        None => return Cleaned::Nothing,
    }
    Cleaned::Less(result.trim_start().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let mut guard = Guard::default();
        guard.add("Foot^Jane".as_bytes());
        match (clean(text.as_bytes(), &guard), expected) {
            (Cleaned::Same, Some(expected)) => assert_eq!(text, expected),
            (Cleaned::Less(left), Some(expected)) => assert_eq!(left, expected),
            (Cleaned::Nothing, None) => {}
            (found, expected) => panic!("{text}: {found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn descriptions_of_pictures_stay_as_they_are() {
        for text in [
            "CT CHEST W/O CONTRAST",
            "t2_tse_sag 3mm",
            "Ax T1 FLAIR +C",
            "ABD/PELVIS, 5.0 mm, B30f",
            "MR Brain 3D (1.5 T)",
            "DWI b1000",
        ] {
            check(text, Some(text));
        }
    }

    #[test]
    fn what_is_no_known_word_goes() {
        check("CT chest for Kowalska, J", Some("CT chest for"));
        check("Chest of Foot", Some("Chest of"));
        check("Brain 12 Mar 1958", Some("Brain"));
        check("Brain 12/03/58", Some("Brain"));
        check("Abdomen 555-1234", Some("Abdomen"));
        check("MRN 4711008", None);
        check("Müller", None);
        check("", None);
    }
}
