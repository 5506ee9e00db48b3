//! One change of one slice, with what was there before.

use super::Run;
use super::runs::{Builder, pieces};

/// Voxels that follow each other in a slice and change alike: `start` counts j * columns + i. `old`
/// may equal `new`; such a run changes nothing and still says what must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeltaRun {
    /// First voxel within the slice.
    pub start: u32,
    /// How many voxels; at least one.
    pub length: u32,
    /// The label before.
    pub old: u16,
    /// The label after.
    pub new: u16,
}

impl DeltaRun {
    const fn end(&self) -> u32 {
        self.start + self.length
    }
}

/// Why runs are not a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDelta {
    /// There is no run.
    #[error("a slice delta has no runs")]
    Empty,
    /// A run has no voxels or more than a slice can have.
    #[error("a run of a slice delta is empty or longer than a slice")]
    Length,
    /// A run overlaps or precedes the one before it.
    #[error("the runs of a slice delta are out of order or overlap")]
    Order,
}

/// Why a delta does not fit a label map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeltaRefusal {
    /// A voxel does not have the label that the delta says it had.
    #[error("slice {k} does not have the labels that the change was made on")]
    OutOfStep {
        /// Number of the slice.
        k: u32,
    },
    /// The delta reaches beyond the grid.
    #[error("a change of slice {k} reaches beyond the grid")]
    OutsideGrid {
        /// Number of the slice.
        k: u32,
    },
    /// Two deltas to be joined are of two slices.
    #[error("changes of slices {first} and {second} cannot be one")]
    TwoSlices {
        /// Slice of the first delta.
        first: u32,
        /// Slice of the second delta.
        second: u32,
    },
}

/// A change of slice `k`: runs are sorted, disjoint and not empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SliceDelta {
    k: u32,
    runs: Vec<DeltaRun>,
}

impl SliceDelta {
    /// Checks the runs and builds the delta. Whether it fits a grid is checked when it is applied.
    ///
    /// # Errors
    /// [`InvalidDelta`] when there is no run, or a run is empty, out of order, or beyond 32 bits.
    pub fn new(k: u32, runs: Vec<DeltaRun>) -> Result<Self, InvalidDelta> {
        if runs.is_empty() {
            return Err(InvalidDelta::Empty);
        }
        let mut from = 0;
        for run in &runs {
            let end = run.start.checked_add(run.length).filter(|_| run.length > 0);
            let end = end.ok_or(InvalidDelta::Length)?;
            if run.start < from {
                return Err(InvalidDelta::Order);
            }
            from = end;
        }
        Ok(Self { k, runs })
    }

    /// Number of the slice.
    pub const fn k(&self) -> u32 {
        self.k
    }

    /// The runs, sorted and disjoint.
    pub fn runs(&self) -> &[DeltaRun] {
        &self.runs
    }

    /// How many voxels it names.
    pub fn voxels(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.length)).sum()
    }

    /// The voxel after the last one.
    pub(super) fn end(&self) -> u32 {
        self.runs.last().map_or(0, DeltaRun::end)
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let runs = self.runs.iter().map(|run| DeltaRun { old: run.new, new: run.old, ..*run }).collect();
        Self { k: self.k, runs }
    }

    /// One change that does what this one and then `next` do.
    ///
    /// # Errors
    /// [`DeltaRefusal::OutOfStep`] when `next` was made on other labels than this one leaves, and
    /// [`DeltaRefusal::TwoSlices`] when the two are of different slices.
    pub fn then(&self, next: &Self) -> Result<Self, DeltaRefusal> {
        if self.k != next.k {
            return Err(DeltaRefusal::TwoSlices { first: self.k, second: next.k });
        }
        let mut cuts: Vec<u32> =
            self.runs.iter().chain(&next.runs).flat_map(|run| [run.start, run.end()]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut joined: Vec<DeltaRun> = Vec::new();
        for pair in cuts.windows(2) {
            let (start, length) = (pair[0], pair[1] - pair[0]);
            let (old, new) = match (at(&self.runs, start), at(&next.runs, start)) {
                (Some(first), Some(second)) if first.new == second.old => (first.old, second.new),
                (Some(_), Some(_)) => return Err(DeltaRefusal::OutOfStep { k: self.k }),
                (Some(only), None) | (None, Some(only)) => (only.old, only.new),
                (None, None) => continue,
            };
            match joined.last_mut() {
                Some(last) if last.end() == start && (last.old, last.new) == (old, new) => {
                    last.length += length;
                }
                Some(_) | None => joined.push(DeltaRun { start, length, old, new }),
            }
        }
        Ok(Self { k: self.k, runs: joined })
    }

    /// The runs of a slice after the change.
    pub(super) fn changed(&self, current: &[Run]) -> Result<Vec<Run>, DeltaRefusal> {
        let mut builder = Builder::default();
        let mut at = 0;
        for run in &self.runs {
            pieces(current, at, run.start, |start, end, label| builder.push(start, end, label));
            let mut in_step = true;
            pieces(current, run.start, run.end(), |_, _, label| in_step &= label == run.old);
            if !in_step {
                return Err(DeltaRefusal::OutOfStep { k: self.k });
            }
            builder.push(run.start, run.end(), run.new);
            at = run.end();
        }
        let rest = current.last().map_or(at, Run::end);
        pieces(current, at, rest, |start, end, label| builder.push(start, end, label));
        Ok(builder.finish())
    }
}

fn at(runs: &[DeltaRun], offset: u32) -> Option<&DeltaRun> {
    let index = runs.partition_point(|run| run.end() <= offset);
    runs.get(index).filter(|run| run.start <= offset)
}
