//! What lies between two parts that correspond.

use super::parts::{Match, Pixels, bounds, centre};
use crate::metrics::distance::{Block, to_nearest};

/// Rounding must not decide where the two distances are in balance.
const BALANCE_MM: f64 = 1e-9;

/// A match, ready to be interpolated.
#[derive(Debug)]
pub(super) struct Between {
    first: Option<Signed>,
    second: Option<Signed>,
    /// Brings the first part over the second.
    step: [i32; 2],
    /// The box around both.
    lower: [i32; 2],
    upper: [i32; 2],
}

impl Between {
    pub(super) fn new(found: &Match, spacing_mm: [f64; 2]) -> Self {
        let [one, other] = found.pixels.each_ref().map(bounds);
        let lower = [0, 1].map(|axis| one[0][axis].min(other[0][axis]));
        let upper = [0, 1].map(|axis| one[1][axis].max(other[1][axis]));
        let step = if found.parts == [1, 1] { step(&found.pixels, spacing_mm) } else { [0; 2] };
        // Distances are asked for up to a step beyond the box.
        let canvas = Canvas::around([lower, upper], step.map(i32::abs));
        let signed = |part: &Pixels| (!part.is_empty()).then(|| Signed::new(part, canvas, spacing_mm));
        let [first, second] = found.pixels.each_ref().map(signed);
        Self { first, second, step, lower, upper }
    }

    /// How many pixels are looked at for a slice.
    pub(super) const fn pixels(&self) -> u64 {
        (self.upper[0] - self.lower[0] + 1) as u64 * (self.upper[1] - self.lower[1] + 1) as u64
    }

    /// Calls `each` for the pixels of the slice that lies `way` from the first part (0) to the second (1).
    pub(super) fn each(&self, way: f64, mut each: impl FnMut([i32; 2])) {
        let shift = self.step.map(|step| (way * f64::from(step)).round() as i32);
        let depth_mm = |pixel: [i32; 2]| match (&self.first, &self.second) {
            (Some(first), Some(second)) => {
                let back = [pixel[0] - shift[0], pixel[1] - shift[1]];
                let on = [back[0] + self.step[0], back[1] + self.step[1]];
                (1.0 - way) * first.at(back) + way * second.at(on)
            }
            (Some(only), None) => only.at(pixel) - way * only.greatest_mm,
            (None, Some(only)) => only.at(pixel) - (1.0 - way) * only.greatest_mm,
            (None, None) => f64::NEG_INFINITY,
        };
        for v in self.lower[1]..=self.upper[1] {
            for u in (self.lower[0]..=self.upper[0]).filter(|&u| depth_mm([u, v]) >= -BALANCE_MM) {
                each([u, v]);
            }
        }
    }
}

/// The whole step that brings the first part over the second.
fn step(parts: &[Pixels; 2], spacing_mm: [f64; 2]) -> [i32; 2] {
    let [from, to] = parts.each_ref().map(centre);
    let over = [0, 1].map(|axis| (to[axis] - from[axis]).round() as i32);
    let mut second = parts[1].clone();
    second.sort_unstable();
    let overlap = |step: [i32; 2]| {
        let moved = parts[0].iter().map(|pixel| [pixel[0] + step[0], pixel[1] + step[1]]);
        moved.filter(|pixel| second.binary_search(pixel).is_ok()).count()
    };
    match (overlap(over), overlap([0; 2])) {
        (0, 0) => {
            let deepest = |part: &Pixels| {
                let canvas = Canvas::around(bounds(part), [0; 2]);
                Signed::new(part, canvas, spacing_mm).deepest()
            };
            let [from, to] = parts.each_ref().map(deepest);
            [0, 1].map(|axis| to[axis] - from[axis])
        }
        (moved, lying) if lying > moved => [0; 2],
        _ => over,
    }
}

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy)]
struct Canvas {
    origin: [i32; 2],
    size: [usize; 2],
}

impl Canvas {
    /// Around a box, by `reach` and one pixel more, so that something lies outside every part.
    fn around([lower, upper]: [[i32; 2]; 2], reach: [i32; 2]) -> Self {
        let origin = [0, 1].map(|axis| lower[axis] - reach[axis] - 1);
        let size = [0, 1].map(|axis| (upper[axis] + reach[axis] + 2 - origin[axis]) as usize);
        Self { origin, size }
    }

    const fn at(&self, pixel: [i32; 2]) -> usize {
        (pixel[1] - self.origin[1]) as usize * self.size[0] + (pixel[0] - self.origin[0]) as usize
    }
}

/// The signed distance to the edge of a part for each pixel of a canvas: to the nearest pixel outside
/// less to the nearest pixel inside, so positive inside, never 0, and alike on both sides of the edge.
#[derive(Debug)]
struct Signed {
    canvas: Canvas,
    depth_mm: Vec<f64>,
    greatest_mm: f64,
}

impl Signed {
    fn new(part: &Pixels, canvas: Canvas, spacing_mm: [f64; 2]) -> Self {
        let mut inside = vec![false; canvas.size[0] * canvas.size[1]];
        for &pixel in part {
            inside[canvas.at(pixel)] = true;
        }
        let block = Block {
            size: [1, canvas.size[1], canvas.size[0]],
            spacing_mm: [1.0, spacing_mm[1], spacing_mm[0]],
        };
        let mut depth_mm = to_nearest(&block, |at| !inside[at], |_| true);
        let height_mm = to_nearest(&block, |at| inside[at], |_| true);
        for (depth, height) in depth_mm.iter_mut().zip(height_mm) {
            *depth -= height;
        }
        let greatest_mm = depth_mm.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { canvas, depth_mm, greatest_mm }
    }

    fn at(&self, pixel: [i32; 2]) -> f64 {
        self.depth_mm[self.canvas.at(pixel)]
    }

    /// The deepest pixel; of equals the first, row by row.
    fn deepest(&self) -> [i32; 2] {
        let at = self.depth_mm.iter().position(|&depth| depth == self.greatest_mm).unwrap_or(0);
        let [width, _] = self.canvas.size;
        [self.canvas.origin[0] + (at % width) as i32, self.canvas.origin[1] + (at / width) as i32]
    }
}
