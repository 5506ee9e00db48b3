//! Points, lines and boxes on a grid, and which of two sets of them fit each other.
//!
//! Fitting is counted one to one, as often as can be: what does not fit is ruled out first, then the
//! largest matching is sought, so that the order in which shapes were drawn does not matter.

mod matching;

use crate::geometry::ImageSpace;
use crate::measure::{self, ShapeMeasures};

/// A shape. Places are in voxels, (i, j, k); whole numbers are voxel centres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// One place.
    Point([f64; 3]),
    /// Straight, between two places.
    Line([f64; 3], [f64; 3]),
    /// Whole voxels between two corners, both included; along each axis the first is not above the second.
    Box([u32; 3], [u32; 3]),
}

/// When two shapes fit each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Least intersection over union of two boxes, 0 to 1.
    pub intersection_over_union: f64,
    /// Largest distance of two points, or of the ends of two lines.
    pub distance_mm: f64,
    /// The same where there are no millimetres: as a share of the diagonal of the picture.
    pub share_of_diagonal: f64,
}

impl Default for Fit {
    fn default() -> Self {
        // A picture of half a metre and 10 mm.
        Self { intersection_over_union: 0.5, distance_mm: 10.0, share_of_diagonal: 0.02 }
    }
}

impl Shape {
    /// Diameter, volume and slices.
    pub fn measures(&self, space: &ImageSpace) -> ShapeMeasures {
        match *self {
            Self::Point(_) => measure::point(),
            Self::Line(from, to) => measure::line(space, from, to),
            Self::Box(lower, upper) => measure::cuboid(space, lower, upper),
        }
    }

    /// Whether two shapes fit. Shapes of two kinds never do; a line has no beginning. On a stack, places on two
    /// slices are not near each other.
    pub fn fits(&self, other: &Self, space: &ImageSpace, fit: &Fit) -> bool {
        let near = |a: [f64; 3], b: [f64; 3]| match space.distance_mm(a, b) {
            Some(distance_mm) => distance_mm <= fit.distance_mm,
            None => space.share_of_diagonal(a, b).is_some_and(|share| share <= fit.share_of_diagonal),
        };
        match (*self, *other) {
            (Self::Point(a), Self::Point(b)) => near(a, b),
            (Self::Line(a, b), Self::Line(c, d)) => (near(a, c) && near(b, d)) || (near(a, d) && near(b, c)),
            (Self::Box(..), Self::Box(..)) => {
                self.intersection_over_union(other) >= fit.intersection_over_union
            }
            (Self::Point(_) | Self::Line(..) | Self::Box(..), _) => false,
        }
    }

    /// Voxels of both boxes by voxels in either; 0 where one is no box.
    pub fn intersection_over_union(&self, other: &Self) -> f64 {
        let (Self::Box(lower, upper), Self::Box(other_lower, other_upper)) = (self, other) else {
            return 0.0;
        };
        let (mut both, mut one, mut two) = (1.0, 1.0, 1.0);
        for axis in 0..3 {
            let side = |from: u32, to: u32| (f64::from(to) - f64::from(from) + 1.0).max(0.0);
            both *= side(lower[axis].max(other_lower[axis]), upper[axis].min(other_upper[axis]));
            one *= side(lower[axis], upper[axis]);
            two *= side(other_lower[axis], other_upper[axis]);
        }
        // Whole numbers below 2^53 for every box that an image can have.
        both / (one + two - both)
    }
}

/// The pairs of shapes that fit each other, (place in `first`, place in `second`): each shape at most
/// once, and as many pairs as there can be.
pub fn matched(first: &[Shape], second: &[Shape], space: &ImageSpace, fit: &Fit) -> Vec<(usize, usize)> {
    matching::largest(first.len(), second.len(), |a, b| first[a].fits(&second[b], space, fit))
}

#[cfg(test)]
mod tests;
