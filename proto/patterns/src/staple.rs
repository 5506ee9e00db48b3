//! STAPLE for one label: how well each submission marks, and how likely each pattern is the object.
//!
//! Expectation maximisation after Warfield, Zou and Wells (IEEE Trans. Med. Imaging 23(7), 2004)
//! over voting patterns in place of voxels: voxels with one pattern have one weight, so the
//! histogram and the size of the region are all that is needed. The result depends on the region;
//! with fewer than three submissions it says little. It does not paint: it says which patterns are
//! to be painted.

use crate::{Histogram, majority};

/// Why STAPLE cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStaple {
    /// The region is empty, or smaller than what was marked.
    #[error("the region has no voxels, or fewer than were marked")]
    Region,
    /// The prior is not a probability between 0 and 1.
    #[error("the prior lies between 0 and 1")]
    Prior,
    /// The limit of change is not a positive number.
    #[error("the limit of change is a positive number")]
    Convergence,
}

/// How STAPLE is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StapleSettings {
    /// How likely a voxel of the region is the object before anybody has marked, above 0 and
    /// below 1. Without one: the share of all votes that say yes.
    pub prior: Option<f64>,
    /// It has converged when the square of no change of a sensitivity or specificity is above this.
    pub convergence: f64,
    /// It stops after so many rounds, converged or not.
    pub rounds: u32,
}

impl Default for StapleSettings {
    fn default() -> Self {
        Self { prior: None, convergence: 1e-14, rounds: 1000 }
    }
}

/// How well one submission marks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rater {
    /// Share of the object that it marked, 0 to 1; none when there is no object.
    pub sensitivity: Option<f64>,
    /// Share of the rest that it left out, 0 to 1; none when everything is object.
    pub specificity: Option<f64>,
}

impl Rater {
    /// Sensitivity + specificity − 1: 1 is faultless, 0 is chance, below 0 is worse than chance.
    pub fn youden(self) -> Option<f64> {
        Some(self.sensitivity? + self.specificity? - 1.0)
    }
}

/// What STAPLE found.
#[derive(Debug, Clone, PartialEq)]
pub struct Staple {
    /// Each submission, by its place in the histogram.
    pub raters: Vec<Rater>,
    /// The prior that was used; 0 when nobody marked anything.
    pub prior: f64,
    /// Pattern, its voxels, and how likely they are the object, 0 to 1; by pattern. The pattern
    /// that nobody marked is among them when the region has such voxels.
    pub weights: Vec<(u16, u64, f64)>,
    /// Rounds of estimation.
    pub rounds: u32,
    /// Whether the last round changed nothing that counts.
    pub converged: bool,
}

impl Staple {
    /// Whether object and background have changed places: by this result the submissions are on the
    /// whole worse than chance. It happens when they are few and poor. What an inverted result says
    /// must not be used; the majority stands in its place.
    pub fn inverted(&self) -> bool {
        let known: Vec<f64> = self.raters.iter().filter_map(|rater| rater.youden()).collect();
        !known.is_empty() && known.iter().sum::<f64>() < 0.0
    }

    /// How likely voxels of a pattern are the object; none for a pattern without voxels.
    pub fn weight(&self, pattern: u16) -> Option<f64> {
        let place = self.weights.binary_search_by_key(&pattern, |&(pattern, _, _)| pattern).ok()?;
        self.weights.get(place).map(|&(_, _, weight)| weight)
    }

    /// Whether voxels of a pattern belong to the consensus: as likely as not, or likelier. An
    /// inverted result gives the majority. A pattern without voxels, and what nobody marked, do not
    /// belong.
    pub fn paints(&self, pattern: u16) -> bool {
        match self.weight(pattern).filter(|_| pattern != 0) {
            None => false,
            Some(_) if self.inverted() => majority(pattern, self.voters()),
            Some(weight) => weight >= 0.5,
        }
    }

    /// Voxels of the consensus.
    pub fn painted(&self) -> u64 {
        let painted = self.weights.iter().filter(|&&(pattern, _, _)| self.paints(pattern));
        painted.map(|&(_, voxels, _)| voxels).sum()
    }

    fn voters(&self) -> u32 {
        u32::try_from(self.raters.len()).unwrap_or(u32::MAX)
    }

    /// Sensitivities and specificities under the present weights.
    fn estimate(&self) -> Vec<Rater> {
        let object: f64 = self.weights.iter().map(|&(_, voxels, weight)| weight * voxels as f64).sum();
        let rest: f64 = self.weights.iter().map(|&(_, voxels, weight)| (1.0 - weight) * voxels as f64).sum();
        let rater = |index: usize| {
            let (mut marked, mut left) = (0.0, 0.0);
            for &(pattern, voxels, weight) in &self.weights {
                if pattern >> index & 1 == 1 {
                    marked += weight * voxels as f64;
                } else {
                    left += (1.0 - weight) * voxels as f64;
                }
            }
            // Sums in another order differ in the last digit; a share is never above 1.
            let share = |part: f64, whole: f64| (whole > 0.0).then(|| (part / whole).min(1.0));
            Rater { sensitivity: share(marked, object), specificity: share(left, rest) }
        };
        (0..self.raters.len()).map(rater).collect()
    }

    /// Weights under the present sensitivities and specificities. What these cannot tell keeps its weight.
    fn expect(&mut self) {
        for (pattern, _, weight) in &mut self.weights {
            let (mut object, mut rest) = (self.prior, 1.0 - self.prior);
            for (index, rater) in self.raters.iter().enumerate() {
                let (Some(sensitivity), Some(specificity)) = (rater.sensitivity, rater.specificity) else {
                    return;
                };
                if *pattern >> index & 1 == 1 {
                    object *= sensitivity;
                    rest *= 1.0 - specificity;
                } else {
                    object *= 1.0 - sensitivity;
                    rest *= specificity;
                }
            }
            if object + rest > 0.0 {
                *weight = object / (object + rest);
            }
        }
    }
}

impl Histogram {
    /// STAPLE over a region of so many voxels, in which everything that was marked lies.
    ///
    /// # Errors
    /// [`InvalidStaple`] names what is not possible.
    pub fn staple(&self, region_voxels: u64, settings: StapleSettings) -> Result<Staple, InvalidStaple> {
        let nobody = region_voxels.checked_sub(self.total()).ok_or(InvalidStaple::Region)?;
        if region_voxels == 0 {
            return Err(InvalidStaple::Region);
        }
        if settings.prior.is_some_and(|prior| !(prior > 0.0 && prior < 1.0)) {
            return Err(InvalidStaple::Prior);
        }
        if !(settings.convergence > 0.0 && settings.convergence.is_finite()) {
            return Err(InvalidStaple::Convergence);
        }
        let mut staple = self.start(nobody, region_voxels, settings.prior);
        while staple.rounds < settings.rounds && !staple.converged {
            let raters = staple.estimate();
            // The first round has nothing to be compared with.
            staple.converged = staple.rounds > 0 && settled(&staple.raters, &raters, settings.convergence);
            staple.raters = raters;
            staple.expect();
            staple.rounds += 1;
        }
        Ok(staple)
    }

    /// Before the first round: each pattern weighs as many as voted for it.
    fn start(&self, nobody: u64, region_voxels: u64, prior: Option<f64>) -> Staple {
        let submissions = f64::from(self.submissions);
        let weigh =
            |(pattern, voxels): (u16, u64)| (pattern, voxels, f64::from(pattern.count_ones()) / submissions);
        let unmarked = (nobody > 0).then_some((0, nobody));
        let weights: Vec<_> = unmarked.into_iter().chain(self.pairs()).map(weigh).collect();
        let votes: f64 = weights.iter().map(|&(_, voxels, weight)| weight * voxels as f64).sum();
        let unknown = Rater { sensitivity: None, specificity: None };
        Staple {
            raters: vec![unknown; self.submissions()],
            prior: prior.unwrap_or(votes / region_voxels as f64),
            weights,
            rounds: 0,
            converged: false,
        }
    }
}

fn settled(before: &[Rater], after: &[Rater], limit: f64) -> bool {
    let still = |before: Option<f64>, after: Option<f64>| match (before, after) {
        (Some(before), Some(after)) => (before - after).powi(2) <= limit,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    before.iter().zip(after).all(|(before, after)| {
        still(before.sensitivity, after.sensitivity) && still(before.specificity, after.specificity)
    })
}

#[cfg(test)]
mod tests;
