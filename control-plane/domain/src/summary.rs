//! Summaries of measures. What is undefined is counted beside the numbers, never among them.

use crate::{MetricValue, Undefined};

/// A summary of one measure over submissions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// How many have a value.
    pub n: usize,
    /// Mean of the values; none without values.
    pub mean: Option<f64>,
    /// Median of the values.
    pub median: Option<f64>,
    /// The least value.
    pub minimum: Option<f64>,
    /// The greatest value.
    pub maximum: Option<f64>,
    /// How many have none since both masks were empty.
    pub n_both_empty: usize,
    /// How many have none since one mask was empty.
    pub n_one_empty: usize,
}

/// Summarises measures, in any order.
pub fn summarise(measures: impl IntoIterator<Item = MetricValue>) -> Summary {
    let mut values = Vec::new();
    let mut summary = Summary::default();
    for measure in measures {
        match measure {
            MetricValue::Value(value) => values.push(value),
            MetricValue::Undefined(Undefined::BothEmpty) => summary.n_both_empty += 1,
            MetricValue::Undefined(Undefined::OneEmpty) => summary.n_one_empty += 1,
            MetricValue::Undefined(Undefined::NotMeasured | Undefined::OutOfScope) => {}
        }
    }
    values.sort_by(f64::total_cmp);
    summary.n = values.len();
    summary.median = median(&values);
    summary.minimum = values.first().copied();
    summary.maximum = values.last().copied();
    if !values.is_empty() {
        summary.mean = Some(values.iter().sum::<f64>() / values.len() as f64);
    }
    summary
}

/// The median of sorted values: the mean of the middle two when their number is even.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = sorted[sorted.len() / 2 - 1];
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_undefined_is_no_zero() {
        let summary = summarise([
            MetricValue::Value(0.5),
            MetricValue::Undefined(Undefined::BothEmpty),
            MetricValue::Undefined(Undefined::OneEmpty),
            MetricValue::Undefined(Undefined::NotMeasured),
            MetricValue::Value(1.0),
        ]);
        assert_eq!((summary.n, summary.mean, summary.median), (2, Some(0.75), Some(0.75)));
        assert_eq!((summary.n_both_empty, summary.n_one_empty), (1, 1));
    }

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!(summarise([]), Summary::default());
    }

    proptest! {
        #[test]
        fn the_mean_and_the_median_lie_between_the_ends(values in proptest::collection::vec(0.0_f64..1.0, 1..40)) {
            let summary = summarise(values.iter().copied().map(MetricValue::Value));
            let (low, high) = (summary.minimum.unwrap() - 1e-12, summary.maximum.unwrap() + 1e-12);
            prop_assert!((low..=high).contains(&summary.mean.unwrap()));
            prop_assert!((low..=high).contains(&summary.median.unwrap()));
        }
    }
}
