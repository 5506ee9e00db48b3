//! Logical operations on labels, run by run.

use std::collections::BTreeSet;

use super::block::Changes;
use super::progress::{Cancelled, Pace, Progress};
use crate::mask::{LabelMap, SliceDelta, pieces};

/// What becomes of a label. The operand is a set of voxels: what has one of some labels, in the same or another map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Logic {
    /// The label becomes the operand.
    Copy,
    /// The operand is added to it.
    Add,
    /// The operand is taken from it.
    Subtract,
    /// What is not in the operand is taken from it.
    Intersect,
    /// It has what it had not, and loses what it had. The operand has no part.
    Invert,
    /// It loses all. The operand has no part.
    Clear,
    /// It has every voxel. The operand has no part.
    Fill,
}

impl Logic {
    const fn holds(self, own: bool, operand: bool) -> bool {
        match self {
            Self::Copy => operand,
            Self::Add => own || operand,
            Self::Subtract => own && !operand,
            Self::Intersect => own && operand,
            Self::Invert => !own,
            Self::Clear => false,
            Self::Fill => true,
        }
    }
}

/// The operand of a logical operation.
#[derive(Debug, Clone, Copy)]
pub struct Operand<'a> {
    /// Where it is drawn.
    pub map: &'a LabelMap,
    /// Its labels; 0 is what has none.
    pub labels: &'a BTreeSet<u16>,
}

/// Why labels were not put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogicRefusal {
    /// The operand is on another grid.
    #[error("the operand is not on the grid of the labels")]
    GridMismatch,
    /// The label is 0, which is no label.
    #[error("the label is 0, which is no label")]
    Label,
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for LogicRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Puts a label and an operand together.
///
/// The label is given over every other label; [`super::Policy`] says which may be written over. What it loses becomes
/// unlabelled. Labels of one map exclude each other: to intersect two of a map is to clear one. Memory: the runs.
///
/// # Errors
/// [`LogicRefusal`] says why.
pub fn logic(
    map: &LabelMap,
    label: u16,
    logic: Logic,
    operand: Operand<'_>,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, LogicRefusal> {
    if label == 0 {
        return Err(LogicRefusal::Label);
    }
    let grid = map.grid();
    if !operand.map.grid().same_as(grid) {
        return Err(LogicRefusal::GridMismatch);
    }
    let slices = grid.size()[2];
    let mut pace = Pace::new(progress, [0.0, 1.0], u64::from(slices));
    let mut deltas = Vec::new();
    for k in 0..slices {
        let others = operand.map.slice(k);
        let mut changes = Changes::default();
        let mut each = |start, end, old: u16, inside| {
            let new = match (old == label, logic.holds(old == label, inside)) {
                (true, false) => 0,
                (false, true) => label,
                (true | false, _) => old,
            };
            changes.push_run(start, end, old, new);
        };
        pieces(map.slice(k), 0, grid.slice_voxels(), |start, end, old| {
            pieces(others, start, end, |start, end, other| {
                each(start, end, old, operand.labels.contains(&other));
            });
        });
        deltas.extend(changes.finish(k));
        pace.step(1)?;
        pace.look()?;
    }
    Ok(deltas)
}
