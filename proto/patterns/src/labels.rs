//! STAPLE for label maps: which of several labels the submissions of a task mean together.
//!
//! Like `staple.rs`, over tuples of labels in place of voxels. Each submission has a confusion
//! table; a voxel whose best labels tie is undecided. After Rohlfing, Russakoff and Maurer (IEEE
//! Trans. Med. Imaging 23(8), 2004).

use std::collections::BTreeMap;

/// Why tuples of labels are not a histogram of label maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTuples {
    /// There is no tuple, or the tuples name no submission.
    #[error("a label map histogram has at least one submission and one voxel")]
    Empty,
    /// Tuples are over different numbers of submissions.
    #[error("a tuple of labels names another number of submissions")]
    Submissions,
    /// A count is zero, or the counts together do not fit 64 bits.
    #[error("a tuple of labels has no voxels, or too many")]
    Count,
}

/// How many voxels were given exactly each tuple of labels. Place r of a tuple is the r-th submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelTuples {
    submissions: usize,
    labels: usize,
    counts: BTreeMap<Vec<u8>, u64>,
}

/// A table of one submission, by its label, then by the true label.
type Confusion = Vec<Vec<f64>>;

impl LabelTuples {
    /// From tuples and their voxel counts; a tuple may come several times.
    ///
    /// # Errors
    /// [`InvalidTuples`] says which rule a tuple breaks.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (Vec<u8>, u64)>) -> Result<Self, InvalidTuples> {
        let (mut counts, mut total) = (BTreeMap::<Vec<u8>, u64>::new(), 0_u64);
        let mut submissions = None;
        for (tuple, voxels) in pairs {
            if *submissions.get_or_insert(tuple.len()) != tuple.len() {
                return Err(InvalidTuples::Submissions);
            }
            total = total.checked_add(voxels).filter(|_| voxels > 0).ok_or(InvalidTuples::Count)?;
            *counts.entry(tuple).or_insert(0) += voxels;
        }
        let submissions = submissions.filter(|&number| number > 0).ok_or(InvalidTuples::Empty)?;
        let highest = counts.keys().flatten().copied().max().unwrap_or(0);
        Ok(Self { submissions, labels: usize::from(highest) + 1, counts })
    }

    /// How many voxels of all submissions together have each label, as shares; by label.
    pub fn shares(&self) -> Vec<f64> {
        let mut shares = vec![0.0; self.labels];
        for (tuple, &voxels) in &self.counts {
            for &label in tuple {
                shares[usize::from(label)] += voxels as f64;
            }
        }
        let total: f64 = shares.iter().sum();
        shares.into_iter().map(|share| share / total).collect()
    }

    /// The label that most submissions of a tuple give; none when two tie.
    pub fn plurality(&self, tuple: &[u8]) -> Option<u8> {
        let mut votes = vec![0.0; self.labels];
        for &label in tuple {
            *votes.get_mut(usize::from(label))? += 1.0;
        }
        only_best(&votes)
    }

    /// The consensus label of each tuple, by tuple; none where it is undecided. It ends when no entry
    /// of a confusion table changes by `limit` (1e-5 is usual), or after `rounds`.
    pub fn staple(&self, limit: f64, rounds: u32) -> BTreeMap<Vec<u8>, Option<u8>> {
        let priors = self.shares();
        let mut tables = self.start();
        for _ in 0..rounds {
            let next = self.estimate(&priors, &tables);
            let change = largest_change(&tables, &next);
            tables = next;
            if change < limit {
                break;
            }
        }
        let decide = |tuple: &Vec<u8>| (tuple.clone(), only_best(&weights(tuple, &priors, &tables)));
        self.counts.keys().map(decide).collect()
    }

    /// The first tables: the submissions against their plurality, where there is one. Each label of a
    /// submission is one row with the sum 1.
    fn start(&self) -> Vec<Confusion> {
        let mut tables = self.empty_tables();
        for (tuple, &voxels) in &self.counts {
            let Some(voted) = self.plurality(tuple) else { continue };
            for (table, &label) in tables.iter_mut().zip(tuple) {
                table[usize::from(label)][usize::from(voted)] += voxels as f64;
            }
        }
        for row in tables.iter_mut().flatten() {
            let sum: f64 = row.iter().sum();
            if sum > 0.0 {
                row.iter_mut().for_each(|entry| *entry /= sum);
            }
        }
        tables
    }

    /// The next tables: each true label is one column with the sum 1.
    fn estimate(&self, priors: &[f64], tables: &[Confusion]) -> Vec<Confusion> {
        let mut next = self.empty_tables();
        for (tuple, &voxels) in &self.counts {
            let weights = weights(tuple, priors, tables);
            let sum: f64 = weights.iter().sum();
            if sum <= 0.0 {
                continue;
            }
            for (table, &label) in next.iter_mut().zip(tuple) {
                for (entry, weight) in table[usize::from(label)].iter_mut().zip(&weights) {
                    *entry += voxels as f64 * weight / sum;
                }
            }
        }
        for table in &mut next {
            for truth in 0..self.labels {
                let sum: f64 = table.iter().map(|row| row[truth]).sum();
                if sum > 0.0 {
                    table.iter_mut().for_each(|row| row[truth] /= sum);
                }
            }
        }
        next
    }

    fn empty_tables(&self) -> Vec<Confusion> {
        vec![vec![vec![0.0; self.labels]; self.labels]; self.submissions]
    }
}

/// How likely each label is the true one for a tuple, up to a factor.
fn weights(tuple: &[u8], priors: &[f64], tables: &[Confusion]) -> Vec<f64> {
    let mut weights = priors.to_vec();
    for (table, &label) in tables.iter().zip(tuple) {
        for (weight, entry) in weights.iter_mut().zip(&table[usize::from(label)]) {
            *weight *= entry;
        }
    }
    weights
}

fn largest_change(before: &[Confusion], after: &[Confusion]) -> f64 {
    let before = before.iter().flatten().flatten();
    before.zip(after.iter().flatten().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The place of the greatest value above zero; none when two share it.
fn only_best(values: &[f64]) -> Option<u8> {
    let best = values.iter().copied().fold(0.0, f64::max);
    let mut places = values.iter().enumerate().filter(|&(_, &value)| value > 0.0 && value >= best);
    let (place, _) = places.next()?;
    if places.next().is_some() {
        return None;
    }
    u8::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [u8; 8] = [0, 1, 3, 3, 4, 6, 6, 0];
    const B: [u8; 8] = [1, 1, 2, 4, 4, 5, 7, 1];
    const C: [u8; 8] = [0, 2, 2, 3, 5, 5, 6, 8];

    fn tuples(maps: &[[u8; 8]]) -> Vec<Vec<u8>> {
        (0..8).map(|voxel| maps.iter().map(|map| map[voxel]).collect()).collect()
    }

    fn consensus(maps: &[[u8; 8]]) -> Vec<Option<u8>> {
        let voxels = tuples(maps);
        let labels = LabelTuples::from_pairs(voxels.iter().map(|tuple| (tuple.clone(), 1))).unwrap();
        let found = labels.staple(1e-5, 1000);
        voxels.iter().map(|tuple| found[tuple]).collect()
    }

    /// The published test images of ITK's multi-label STAPLE filter, re-run in SimpleITK 2.5.
    #[test]
    fn v3_the_published_label_maps_have_their_consensus() {
        let three = [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), None];
        assert_eq!(consensus(&[A, B, C]), three);
        let two = [None, Some(1), None, None, Some(4), None, None, None];
        assert_eq!(consensus(&[A, B]), two);
    }

    #[test]
    fn v3_the_published_label_maps_have_their_priors() {
        let voxels = tuples(&[A, B, C]).into_iter().map(|tuple| (tuple, 1));
        let shares = LabelTuples::from_pairs(voxels).unwrap().shares();
        let expect = [3.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0, 1.0, 1.0].map(|count| count / 24.0);
        assert_eq!(shares.len(), expect.len());
        assert!(shares.iter().zip(expect).all(|(found, expect)| (found - expect).abs() < 1e-9), "{shares:?}");
    }

    #[test]
    fn a_tie_is_no_plurality() {
        let labels = LabelTuples::from_pairs([(vec![1, 1, 2], 4), (vec![0, 1, 2], 1)]).unwrap();
        assert_eq!(labels.plurality(&[1, 1, 2]), Some(1));
        assert_eq!(labels.plurality(&[0, 1, 2]), None);
        assert_eq!(labels.plurality(&[9, 9, 9]), None);
    }

    #[test]
    fn tuples_that_are_no_histogram_are_refused() {
        let check = |pairs: Vec<(Vec<u8>, u64)>, expect| {
            assert_eq!(LabelTuples::from_pairs(pairs), Err(expect));
        };
        check(vec![], InvalidTuples::Empty);
        check(vec![(vec![], 1)], InvalidTuples::Empty);
        check(vec![(vec![1], 1), (vec![1, 1], 1)], InvalidTuples::Submissions);
        check(vec![(vec![1], 0)], InvalidTuples::Count);
        check(vec![(vec![1], u64::MAX), (vec![1], 1)], InvalidTuples::Count);
    }
}
