//! A share of passes and how far chance may have moved it.

/// The 97.5th percentile of the normal distribution: an interval that holds the true share 95 times
/// in 100.
const Z: f64 = 1.959_963_984_540_054;

/// Two ends of what a share may truly be, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How many of some trials passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassRate {
    /// How many passed.
    pub passes: u32,
    /// How many were judged.
    pub n: u32,
}

impl PassRate {
    /// The 95 % Wilson interval; none where nothing was judged.
    pub fn interval(self) -> Option<Interval> {
        wilson(self.passes, self.n)
    }
}

/// The 95 % Wilson score interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927). Unlike the
/// normal interval it stays within 0 to 1 and is honest for few trials and for shares near the ends.
/// `None` without trials, or with more passes than trials.
pub fn wilson(passes: u32, n: u32) -> Option<Interval> {
    if n == 0 || passes > n {
        return None;
    }
    let trials = f64::from(n);
    let share = f64::from(passes) / trials;
    let square = Z * Z;
    let scale = 1.0 + square / trials;
    let centre = share + square / (2.0 * trials);
    let half = Z * (share * (1.0 - share) / trials + square / (4.0 * trials * trials)).sqrt();
    // At the ends the formula gives 0 and 1 but for the last digit.
    let low = if passes == 0 { 0.0 } else { (centre - half) / scale };
    let high = if passes == n { 1.0 } else { (centre + half) / scale };
    Some(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values: statsmodels 0.14, `proportion_confint(method="wilson")`.
    #[test]
    fn the_intervals_are_those_of_the_reference() {
        let reference = [
            (0, 10, 0.0, 0.277_533),
            (1, 10, 0.017_876, 0.404_150),
            (9, 10, 0.595_850, 0.982_124),
            (10, 10, 0.722_467, 1.0),
            (18, 20, 0.698_966, 0.972_134),
            (45, 50, 0.786_398, 0.956_524),
            (90, 100, 0.825_634, 0.944_771),
            (81, 263, 0.255_289, 0.366_210),
            (15, 148, 0.062_386, 0.160_487),
        ];
        for (passes, n, low, high) in reference {
            let found = wilson(passes, n).unwrap();
            assert!((found.low - low).abs() < 1e-6, "{passes} of {n}: {found:?}");
            assert!((found.high - high).abs() < 1e-6, "{passes} of {n}: {found:?}");
        }
    }

    #[test]
    fn nothing_judged_has_no_interval() {
        assert_eq!(PassRate::default().interval(), None);
        assert_eq!(wilson(2, 1), None);
    }

    proptest! {
        #[test]
        fn the_share_lies_in_its_interval(passes in 0..10_000_u32, fails in 0..10_000_u32) {
            prop_assume!(passes + fails > 0);
            let share = f64::from(passes) / f64::from(passes + fails);
            let found = wilson(passes, passes + fails).unwrap();
            prop_assert!(0.0 <= found.low && found.low <= share && share <= found.high && found.high <= 1.0);
        }
    }
}
