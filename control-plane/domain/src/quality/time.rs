//! How long work takes: with the hand at work, looking, and neither.

use crate::{Submission, median};

/// Medians over submissions, in seconds. Looking without drawing is work, too.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TimeMedians {
    /// With the hand at work.
    pub active_seconds: Option<f64>,
    /// Looking without drawing.
    pub reading_seconds: Option<f64>,
    /// The rest.
    pub idle_seconds: Option<f64>,
}

/// Medians of the times of some submissions. A submission whose time was not told apart, as of sites
/// of an earlier version, is left out.
pub fn time_medians<'a>(submissions: impl IntoIterator<Item = &'a Submission>) -> TimeMedians {
    let told: Vec<&Submission> = submissions
        .into_iter()
        .filter(|one| {
            let parts = one.active_seconds.max(one.reading_seconds).max(one.idle_seconds);
            parts > 0 || one.duration_seconds == 0
        })
        .collect();
    let of = |part: fn(&Submission) -> u32| {
        let mut seconds: Vec<f64> = told.iter().map(|one| f64::from(part(one))).collect();
        seconds.sort_by(f64::total_cmp);
        median(&seconds)
    };
    TimeMedians {
        active_seconds: of(|one| one.active_seconds),
        reading_seconds: of(|one| one.reading_seconds),
        idle_seconds: of(|one| one.idle_seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::tests::submission;

    fn times(active_seconds: u32, reading_seconds: u32, idle_seconds: u32) -> Submission {
        Submission { active_seconds, reading_seconds, idle_seconds, ..submission(1, Vec::new()) }
    }

    #[test]
    fn the_parts_have_their_own_medians() {
        let medians = time_medians(&[times(10, 5, 0), times(30, 1, 0), times(20, 3, 8), times(50, 9, 2)]);
        let expected =
            TimeMedians { active_seconds: Some(25.0), reading_seconds: Some(4.0), idle_seconds: Some(1.0) };
        assert_eq!(medians, expected);
    }

    #[test]
    fn work_whose_time_was_not_told_apart_is_no_work_without_a_hand() {
        assert_eq!(time_medians(&[times(0, 0, 0)]), TimeMedians::default());
        assert_eq!(time_medians(&[times(0, 0, 0), times(7, 0, 0)]).active_seconds, Some(7.0));
        assert_eq!(time_medians(&[]), TimeMedians::default());
    }
}
