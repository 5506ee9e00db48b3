//! Dates that move by whole days. Times of day stay as they are.

/// Moves a value of DA, or the date in front of a value of DT, into the past; several values are moved one by one.
/// `None` where one of them is no date. An empty value stays empty.
pub(crate) fn moved(text: &str, days: u32) -> Option<String> {
    let values: Option<Vec<String>> = text.split('\\').map(|value| value_moved(value.trim(), days)).collect();
    values.map(|values| values.join("\\"))
}

/// Whether a value is a time of day (VR TM), which says nothing of a date.
pub(crate) fn is_time(text: &str) -> bool {
    let valid = |value: &str| {
        let value = value.trim();
        // PS3.5 §6.2: HHMMSS.FFFFFF, and the colons of ACR-NEMA.
        value.len() <= 16
            && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'-'))
    };
    text.split('\\').all(valid)
}

fn value_moved(value: &str, days: u32) -> Option<String> {
    if value.is_empty() {
        return Some(String::new());
    }
    // PS3.5 §6.2 note 1: ACR-NEMA wrote yyyy.mm.dd.
    let (date, rest) = match value.as_bytes().get(4) {
        Some(b'.') if value.len() == 10 => (value.replace('.', ""), ""),
        _ => {
            let (date, rest) = value.split_at_checked(8)?;
            (date.to_owned(), rest)
        }
    };
    // What follows a date in a DT: time of day and offset from UTC.
    if !date.bytes().all(|byte| byte.is_ascii_digit())
        || rest.len() > 18
        || !rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-'))
    {
        return None;
    }
    let number = |from: usize, to: usize| date.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return None;
    }
    let (year, month, day) = civil(day_number(year, month, day) - i64::from(days));
    (0..=9999).contains(&year).then(|| format!("{year:04}{month:02}{day:02}{rest}"))
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1 March of the year 0. Source: Hinnant, chrono-compatible low-level date algorithms (2013).
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
}

fn civil(number: i64) -> (i64, i64, i64) {
    let era = number.div_euclid(146_097);
    let of_era = number.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_move_over_month_and_leap_year() {
        assert_eq!(moved("20240301", 1).as_deref(), Some("20240229"));
        assert_eq!(moved("19000301", 1).as_deref(), Some("19000228"));
        assert_eq!(moved("20000101\\20000102", 1).as_deref(), Some("19991231\\20000101"));
        assert_eq!(moved("2024.03.01", 1).as_deref(), Some("20240229"));
        assert_eq!(moved("20240301123000.5+0100", 366).as_deref(), Some("20230301123000.5+0100"));
        assert_eq!(moved("", 5).as_deref(), Some(""));
    }

    #[test]
    fn what_is_no_date_is_not_moved() {
        for text in [
            "2024",
            "20241301",
            "20230229",
            "2024-03-01",
            "Doe^Jane",
            "20240301Doe",
            "20240301-20240401-1234567890123",
        ] {
            assert_eq!(moved(text, 1), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn intervals_stay(start in 700_000_i64..750_000, gap in 0_i64..4_000, days in 1_u32..1_827) {
            let text = |number| { let (y, m, d) = civil(number); format!("{y:04}{m:02}{d:02}") };
            let back = |text: &str| {
                let part = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
                day_number(part(0, 4), part(4, 6), part(6, 8))
            };
            let first = moved(&text(start), days).unwrap();
            let second = moved(&text(start + gap), days).unwrap();
            prop_assert_eq!(back(&second) - back(&first), gap);
            prop_assert_eq!(start - back(&first), i64::from(days));
        }
    }
}
