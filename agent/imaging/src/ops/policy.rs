//! The masking policy: what any operation may change, as 3D Slicer's Segment Editor has it.
//!
//! A policy is applied to an operation's answer, in one place, and so holds for every operation alike. It takes
//! changes away and never adds one.

use std::collections::BTreeSet;

use super::block::Changes;
use crate::mask::{LabelMap, SliceDelta};
use crate::volume::Volume;

/// Where voxels may change, by the label that they have before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum EditableArea {
    /// Anywhere.
    #[default]
    Everywhere,
    /// Where there is a label.
    InsideAll,
    /// Where there is none.
    OutsideAll,
    /// Where there is one of these labels: a single one, or those that are visible.
    Inside(BTreeSet<u16>),
    /// Where there is none of these labels.
    Outside(BTreeSet<u16>),
}

impl EditableArea {
    fn holds(&self, old: u16) -> bool {
        match self {
            Self::Everywhere => true,
            Self::InsideAll => old != 0,
            Self::OutsideAll => old == 0,
            Self::Inside(labels) => labels.contains(&old),
            Self::Outside(labels) => !labels.contains(&old),
        }
    }
}

/// Which labels an operation may write over, besides those that it edits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Overwrite {
    /// Every label.
    #[default]
    All,
    /// These labels: those that are visible.
    Only(BTreeSet<u16>),
    /// None. Labels of a map exclude each other, so that what Slicer calls allowing overlap is here to leave the
    /// other label where it is.
    Nothing,
}

impl Overwrite {
    fn allows(&self, old: u16) -> bool {
        match self {
            Self::All => true,
            Self::Only(labels) => old == 0 || labels.contains(&old),
            Self::Nothing => old == 0,
        }
    }
}

/// Only voxels whose value lies in a closed range may change.
#[derive(Debug, Clone, Copy)]
pub struct EditableRange<'a> {
    /// The values, on the grid of the map.
    pub volume: &'a Volume,
    /// The lowest value that may change, in the unit of the volume.
    pub lower: f64,
    /// The highest.
    pub upper: f64,
}

/// What may change: area and range and overwriting must all allow it. The default allows everything.
#[derive(Debug, Clone, Default)]
pub struct Policy<'a> {
    /// Where.
    pub area: EditableArea,
    /// At which values; at all, without a range.
    pub range: Option<EditableRange<'a>>,
    /// Over which labels.
    pub overwrite: Overwrite,
}

/// Why a policy cannot be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefusal {
    /// The values are not on the grid of the labels.
    #[error("the values of the editable range are not on the grid of the labels")]
    GridMismatch,
    /// The range is upside down or not a number.
    #[error("the editable range of values is upside down or not a number")]
    Range,
}

impl Policy<'_> {
    /// What the policy leaves of changes of a map: each voxel changes as the operation says, or not at all.
    ///
    /// `edited` are the labels that the operation is about: their voxels may always change as far as overwriting
    /// goes. A value that is not finite is in no range. Changes are judged by the labels before, so that the answer
    /// does not depend on their order.
    ///
    /// # Errors
    /// [`PolicyRefusal`] says why.
    pub fn apply(
        &self,
        map: &LabelMap,
        edited: &BTreeSet<u16>,
        deltas: Vec<SliceDelta>,
    ) -> Result<Vec<SliceDelta>, PolicyRefusal> {
        if let Some(range) = &self.range {
            if !range.volume.grid().same_as(map.grid()) {
                return Err(PolicyRefusal::GridMismatch);
            }
            // A comparison with a NaN is false.
            let ordered = range.lower <= range.upper;
            if !ordered {
                return Err(PolicyRefusal::Range);
            }
        } else if self.area == EditableArea::Everywhere && self.overwrite == Overwrite::All {
            return Ok(deltas);
        }
        Ok(deltas.iter().filter_map(|delta| self.left_of(map, edited, delta)).collect())
    }

    fn left_of(&self, map: &LabelMap, edited: &BTreeSet<u16>, delta: &SliceDelta) -> Option<SliceDelta> {
        let mut changes = Changes::default();
        let slice = delta.k() as usize * map.grid().slice_voxels() as usize;
        for run in delta.runs() {
            let over = edited.contains(&run.old) || self.overwrite.allows(run.old);
            if !over || !self.area.holds(run.old) {
                continue;
            }
            let Some(range) = &self.range else {
                changes.push_run(run.start, run.start + run.length, run.old, run.new);
                continue;
            };
            for at in run.start..run.start + run.length {
                let value = range.volume.voxels().value(slice + at as usize);
                // A NaN and the infinities are in no range.
                if value
                    .is_some_and(|value| value.is_finite() && (range.lower..=range.upper).contains(&value))
                {
                    changes.push(at, run.old, run.new);
                }
            }
        }
        changes.finish(delta.k())
    }
}
