//! How large, how long and in how many parts something is that was drawn: label maps and shapes.
//!
//! Lengths are in millimetres of the patient, between voxel centres. Parts of a label touch by face,
//! edge or corner; parts of what is not labelled touch by face.

mod axes;
mod diameter;
mod drawn;
mod parts;
mod segment;

use crate::geometry::ImageSpace;
use crate::mask::LabelMap;
use axes::Moments;
use diameter::slice_hull;
pub use drawn::{DrawnMeasures, label_in};
pub(crate) use parts::{PartSpan, Sets, bounds, connected_parts};
use parts::{Rows, Span};
pub use segment::{SegmentStatistics, SliceDiameter, ValueStatistics, segment};

/// Measures of all voxels of one label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelMeasures {
    /// How many voxels; at least one.
    pub voxels: u64,
    /// Parts that do not touch, not even by a corner.
    pub components: u32,
    /// Parts of what lies between that are closed in and not filled by other labels.
    pub cavities: u32,
    /// Largest distance between two voxel centres.
    pub diameter_mm: f64,
    /// Volume of the voxels.
    pub volume_mm3: f64,
    /// Slices that have the label.
    pub slices: u32,
    /// Longest over second longest principal axis of the voxel centres, at least 1; none when they lie
    /// on one line.
    pub elongation: Option<f64>,
}

/// Measures of one shape, as far as its space defines them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapeMeasures {
    /// Largest distance between two of its places; 0 for a point. None across the slices of a stack, and where a
    /// picture does not say how far apart its pixels are.
    pub diameter_mm: Option<f64>,
    /// 0 for a point and a line; none for a box on a stack, whose slices have no depth.
    pub volume_mm3: Option<f64>,
    /// Slices that it is in.
    pub slices: u32,
}

/// The measures of a label; none when no voxel has it.
pub fn label(map: &LabelMap, label: u16) -> Option<LabelMeasures> {
    let (marked, open) = parts::rows(map, label)?;
    let moments = Moments::of(&marked);
    Some(LabelMeasures {
        voxels: moments.voxels(),
        components: parts::components(&marked),
        cavities: parts::cavities(&open),
        diameter_mm: diameter::largest_mm(map.grid(), &marked),
        volume_mm3: moments.voxels() as f64 * map.grid().voxel_mm3(),
        slices: slices(&marked),
        elongation: moments.elongation(map.grid().spacing_mm()),
    })
}

fn slices(rows: &Rows) -> u32 {
    let slices = rows.chunks(|row: &[Span]| !row.is_empty());
    slices.filter(|marked| *marked).count() as u32
}

/// The measures of a point.
pub const fn point() -> ShapeMeasures {
    ShapeMeasures { diameter_mm: Some(0.0), volume_mm3: Some(0.0), slices: 1 }
}

/// The measures of a straight line between two places.
pub fn line(space: &ImageSpace, from: [f64; 3], to: [f64; 3]) -> ShapeMeasures {
    let crossed = (to[2].round() - from[2].round()).abs();
    ShapeMeasures {
        diameter_mm: space.distance_mm(from, to),
        volume_mm3: Some(0.0),
        // A float to integer cast saturates.
        slices: (crossed as u32).saturating_add(1),
    }
}

/// The measures of a box of whole voxels, both corners included. Its corners are those of its voxels; on a stack,
/// those of its largest face in one slice.
pub fn cuboid(space: &ImageSpace, lower: [u32; 3], upper: [u32; 3]) -> ShapeMeasures {
    let corner = |voxel: [u32; 3], off: f64| voxel.map(|index| f64::from(index) + off);
    let (first, last) = (corner(lower, -0.5), corner(upper, 0.5));
    let slices = upper[2].saturating_sub(lower[2]) + 1;
    if space.is_volume() {
        let sides = [0, 1, 2].map(|axis| f64::from(upper[axis].saturating_sub(lower[axis])) + 1.0);
        let volume_mm3 = sides.iter().product::<f64>() * space.grid().voxel_mm3();
        let diameter_mm = space.distance_mm(first, last);
        return ShapeMeasures { diameter_mm, volume_mm3: Some(volume_mm3), slices };
    }
    let faces: Option<Vec<f64>> = (lower[2]..=upper[2])
        .map(|k| space.distance_mm([first[0], first[1], f64::from(k)], [last[0], last[1], f64::from(k)]))
        .collect();
    let diameter_mm = faces.and_then(|faces| faces.into_iter().reduce(f64::max));
    ShapeMeasures { diameter_mm, volume_mm3: None, slices }
}

#[cfg(test)]
mod tests;
