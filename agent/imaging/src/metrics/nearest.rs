//! Exact distances from some places of a block to the nearest of many marks.
//!
//! Two drawings of one thing lie near each other. So each place looks around itself, row by row, the nearest rows
//! first, until no row can hold anything nearer. Where that takes more looks than a transform of the whole block, the
//! places that are left are answered by the transform.

use super::bits::{Bits, Place, steps_along};
use super::distance::{Block, to_nearest};

/// Rows around a place that are looked at before the place is left to the transform.
const ROWS: f64 = 4096.0;
/// Looks, for each place of the block, before the transform is cheaper.
const LOOKS: usize = 4;

/// A row beside that of a place.
#[derive(Debug, Clone, Copy)]
struct Row {
    k: i32,
    j: i32,
    square_mm: f64,
}

/// The rows around a place, nearest first.
#[derive(Debug)]
struct Around {
    rows: Vec<Row>,
    /// Rows nearer than this are all there.
    reach_square_mm: f64,
}

impl Around {
    fn new(size: [usize; 3], [k_mm, j_mm, _]: [f64; 3]) -> Self {
        let reach_square_mm = ROWS * k_mm * j_mm / std::f64::consts::PI;
        let most = |length: usize, mm: f64| {
            let whole = (reach_square_mm.sqrt() / mm) as usize;
            // An axis has fewer than 65,536 places.
            whole.min(length - 1) as i32
        };
        let (planes, lines) = (most(size[0], k_mm), most(size[1], j_mm));
        let mut rows = Vec::new();
        for k in -planes..=planes {
            for j in -lines..=lines {
                let square_mm = (f64::from(k) * k_mm).powi(2) + (f64::from(j) * j_mm).powi(2);
                if square_mm <= reach_square_mm {
                    rows.push(Row { k, j, square_mm });
                }
            }
        }
        rows.sort_by(|a, b| a.square_mm.total_cmp(&b.square_mm));
        let whole_block = (size[0] as f64 * k_mm).powi(2) + (size[1] as f64 * j_mm).powi(2);
        let complete = whole_block <= reach_square_mm;
        Self { rows, reach_square_mm: if complete { f64::INFINITY } else { reach_square_mm } }
    }

    /// The squared distance to the nearest mark, in mm², and how many rows were looked at; none when it is too far.
    fn look(&self, marks: &Bits, [k, j, i]: Place, i_mm: f64) -> (Option<f64>, usize) {
        let (mut best, mut looks) = (f64::INFINITY, 0);
        let mut steps = usize::MAX;
        for row in &self.rows {
            if row.square_mm >= best {
                return (Some(best), looks);
            }
            let (Some(k), Some(j)) = (k.checked_add_signed(row.k), j.checked_add_signed(row.j)) else {
                continue;
            };
            let (k, j) = (k as usize, j as usize);
            if k >= marks.size[0] || j >= marks.size[1] {
                continue;
            }
            looks += 1;
            if let Some(found) = steps_along(marks.row(k, j), i as usize, steps) {
                let square = row.square_mm + (found as f64 * i_mm).powi(2);
                if square < best {
                    (best, steps) = (square, found);
                }
            }
        }
        ((best <= self.reach_square_mm && best.is_finite()).then_some(best), looks)
    }
}

/// For each of the places, in storage order, the distance in mm to the nearest mark; there is at least one.
/// `spacing_mm` is along (k, j, i).
pub(crate) fn nearest_mm(marks: &Bits, places: &[Place], spacing_mm: [f64; 3]) -> Vec<f64> {
    let around = Around::new(marks.size, spacing_mm);
    let mut looks_left = LOOKS * marks.size.iter().product::<usize>();
    let mut far = Vec::new();
    let mut found = Vec::with_capacity(places.len());
    for (number, &place) in places.iter().enumerate() {
        let (square, looks) =
            if looks_left > 0 { around.look(marks, place, spacing_mm[2]) } else { (None, 0) };
        looks_left = looks_left.saturating_sub(looks);
        found.push(square.unwrap_or(f64::INFINITY).sqrt());
        if square.is_none() {
            far.push(number);
        }
    }
    if !far.is_empty() {
        let mut asked = Bits::new(marks.size);
        for &number in &far {
            asked.mark(places[number]);
        }
        let block = Block { size: marks.size, spacing_mm };
        let distances = to_nearest(&block, |place| marks.has(place), |place| asked.has(place));
        for (number, distance) in far.into_iter().zip(distances) {
            found[number] = distance;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agrees(marks: &Bits, spacing_mm: [f64; 3]) {
        let places: Vec<Place> = (0..marks.size.iter().product::<usize>())
            .map(|number| {
                let [_, rows, columns] = marks.size;
                [number / columns / rows, number / columns % rows, number % columns].map(|at| at as u32)
            })
            .collect();
        let block = Block { size: marks.size, spacing_mm };
        let expect = to_nearest(&block, |place| marks.has(place), |_| true);
        for (found, expect) in nearest_mm(marks, &places, spacing_mm).iter().zip(&expect) {
            assert!((found - expect).abs() < 1e-12, "{found} {expect}");
        }
    }

    #[test]
    fn what_is_too_far_to_be_looked_for_is_found_all_the_same() {
        let mut marks = Bits::new([90, 160, 70]);
        marks.mark([3, 5, 66]);
        agrees(&marks, [1.0, 0.7, 0.7]);
        marks.mark([80, 150, 1]);
        marks.mark([81, 20, 34]);
        agrees(&marks, [1.0, 0.7, 0.7]);
    }

    proptest! {
        #[test]
        fn looking_around_and_the_transform_agree(
            marked in prop::collection::vec(0..700_u32, 1..40),
            spacing_mm in prop::array::uniform3(0.2..4.0_f64),
        ) {
            let mut marks = Bits::new([7, 10, 10]);
            for number in marked {
                marks.mark([number / 100, number / 10 % 10, number % 10]);
            }
            agrees(&marks, spacing_mm);
        }
    }
}
