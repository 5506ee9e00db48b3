//! Whether a submission passes against gold, and how often an annotator's do.

use crate::{LabelScore, MetricValue, PassRate, Submission, Undefined};

/// A submission passes where at least this share of each object's surface lies within the object's
/// tolerance of gold (NSD, 0 to 1).
pub const GOLD_NSD_TARGET: f64 = 0.85;

/// Whether a submission passes against gold: every object that is asked for is right. An object is
/// right when its NSD is at least [`GOLD_NSD_TARGET`]; or when neither gold nor the submission has
/// it, which is agreement that it is absent. It is wrong when only one of the two has it. `None`
/// where no object is asked for, or one was not measured: such a submission is no trial.
pub fn gold_pass(scores: &[LabelScore]) -> Option<bool> {
    let mut passes = None;
    for score in scores {
        if score.dice == MetricValue::Undefined(Undefined::OutOfScope) {
            continue;
        }
        let right = object_right(score)?;
        passes = Some(passes.unwrap_or(true) && right);
    }
    passes
}

/// Whether one object is right; none where it was not measured.
fn object_right(score: &LabelScore) -> Option<bool> {
    match (score.dice, score.nsd) {
        (MetricValue::Undefined(Undefined::BothEmpty), _) => Some(true),
        (MetricValue::Undefined(Undefined::OneEmpty), _)
        | (MetricValue::Value(_), MetricValue::Undefined(Undefined::OneEmpty)) => Some(false),
        (MetricValue::Value(_), MetricValue::Value(nsd)) => Some(nsd >= GOLD_NSD_TARGET),
        (MetricValue::Undefined(Undefined::NotMeasured | Undefined::OutOfScope), _)
        | (
            MetricValue::Value(_),
            MetricValue::Undefined(Undefined::BothEmpty | Undefined::NotMeasured | Undefined::OutOfScope),
        ) => None,
    }
}

/// How many of some submissions pass against gold. Those without gold are not counted.
pub fn gold_pass_rate<'a>(submissions: impl IntoIterator<Item = &'a Submission>) -> PassRate {
    let mut rate = PassRate::default();
    for passed in submissions.into_iter().filter_map(|submission| gold_pass(&submission.scores)) {
        rate.n += 1;
        rate.passes += u32::from(passed);
    }
    rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::tests::{score, submission};

    fn with(object_id: u32, dice: MetricValue, nsd: MetricValue) -> LabelScore {
        LabelScore { dice, nsd, ..score(object_id, 1.0) }
    }

    const fn number(value: f64) -> MetricValue {
        MetricValue::Value(value)
    }

    const fn none(why: Undefined) -> MetricValue {
        MetricValue::Undefined(why)
    }

    #[test]
    fn every_object_has_to_reach_the_target() {
        let good = with(1, number(0.6), number(GOLD_NSD_TARGET));
        let poor = with(2, number(0.9), number(0.849));
        assert_eq!(gold_pass(std::slice::from_ref(&good)), Some(true));
        assert_eq!(gold_pass(&[good, poor]), Some(false));
    }

    #[test]
    fn rightly_absent_passes_and_missed_or_invented_fails() {
        let absent = with(1, none(Undefined::BothEmpty), none(Undefined::BothEmpty));
        assert_eq!(gold_pass(std::slice::from_ref(&absent)), Some(true));
        assert_eq!(gold_pass(&[absent.clone(), with(2, number(0.0), number(0.0))]), Some(false));
        assert_eq!(gold_pass(&[absent, with(2, number(0.0), none(Undefined::OneEmpty))]), Some(false));
    }

    #[test]
    fn what_is_not_asked_for_or_not_measured_is_no_trial() {
        let outside = with(1, none(Undefined::OutOfScope), none(Undefined::OutOfScope));
        assert_eq!(gold_pass(&[]), None);
        assert_eq!(gold_pass(std::slice::from_ref(&outside)), None);
        assert_eq!(gold_pass(&[outside, with(2, number(1.0), number(1.0))]), Some(true));
        assert_eq!(gold_pass(&[with(1, number(1.0), none(Undefined::NotMeasured))]), None);
    }

    #[test]
    fn submissions_without_gold_are_not_counted() {
        let submissions = [
            submission(1, vec![score(1, 1.0)]),
            submission(2, Vec::new()),
            submission(3, vec![with(1, number(0.9), number(0.5))]),
        ];
        assert_eq!(gold_pass_rate(&submissions), PassRate { passes: 1, n: 2 });
    }
}
