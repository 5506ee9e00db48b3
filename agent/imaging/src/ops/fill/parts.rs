//! Which parts of two drawn slices are one thing.

use std::collections::BTreeMap;

use crate::measure::Sets;

/// Pixels (u, v) of a slice, row by row.
pub(super) type Pixels = Vec<[i32; 2]>;

const NONE: usize = usize::MAX;

/// Parts of two slices that correspond; one side is empty when a part has no match.
#[derive(Debug, Default)]
pub(super) struct Match {
    pub(super) pixels: [Pixels; 2],
    /// How many parts are on each side.
    pub(super) parts: [usize; 2],
}

/// Which parts of two slices correspond, in storage order of their first parts.
pub(super) fn corresponding(ends: &[Pixels; 2], size: [usize; 2], spacing_mm: [f64; 2]) -> Vec<Match> {
    let [first, second] = ends.each_ref().map(|pixels| parts(pixels, size));
    let count = first.parts.len();
    let mut sets = Sets::new(count + second.parts.len());
    for (at, &part) in first.part_of.iter().enumerate() {
        let other = second.part_of[at];
        if part != NONE && other != NONE {
            sets.join(part, count + other);
        }
    }
    if [count, second.parts.len()] == [1, 1] {
        sets.join(0, 1);
    }
    let mut members = vec![0; count + second.parts.len()];
    for part in 0..members.len() {
        members[sets.root(part)] += 1;
    }
    let mut alone = |part: usize| members[sets.root(part)] == 1;
    let left: Vec<usize> = (0..count).filter(|&part| alone(part)).collect();
    let right: Vec<usize> = (0..second.parts.len()).filter(|&part| alone(count + part)).collect();
    let [first, second] = [first.parts, second.parts];
    for (one, other) in nearest_pairs([&first, &second], [left, right], spacing_mm) {
        sets.join(one, count + other);
    }
    let mut matches: BTreeMap<usize, Match> = BTreeMap::new();
    for (number, part) in first.into_iter().chain(second).enumerate() {
        let side = usize::from(number >= count);
        let found = matches.entry(sets.root(number)).or_default();
        found.pixels[side].extend(part);
        found.parts[side] += 1;
    }
    matches.into_values().collect()
}

/// Parts that are each other's nearest, again and again until none are near enough.
fn nearest_pairs(parts: [&[Pixels]; 2], alone: [Vec<usize>; 2], spacing_mm: [f64; 2]) -> Vec<(usize, usize)> {
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    for &one in &alone[0] {
        for &other in &alone[1] {
            let [a, b] = [&parts[0][one], &parts[1][other]].map(|part| Extent::of(part, spacing_mm));
            let apart = (a.centre_mm[0] - b.centre_mm[0]).hypot(a.centre_mm[1] - b.centre_mm[1]);
            if apart <= a.length_mm + b.length_mm {
                near.push((apart, one, other));
            }
        }
    }
    // The nearest of all pairs are each other's nearest; so are the nearest of the pairs that remain.
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, one, other) in near {
        if pairs.iter().all(|pair| pair.0 != one && pair.1 != other) {
            pairs.push((one, other));
        }
    }
    pairs
}

/// Where a part lies and how long its box is from corner to corner.
struct Extent {
    centre_mm: [f64; 2],
    length_mm: f64,
}

impl Extent {
    fn of(part: &Pixels, spacing_mm: [f64; 2]) -> Self {
        let centre = centre(part);
        let [lower, upper] = bounds(part);
        let side_mm = |axis: usize| f64::from(upper[axis] - lower[axis] + 1) * spacing_mm[axis];
        Self {
            centre_mm: [centre[0] * spacing_mm[0], centre[1] * spacing_mm[1]],
            length_mm: side_mm(0).hypot(side_mm(1)),
        }
    }
}

/// The centre of gravity of pixels, of which there is at least one.
pub(super) fn centre(part: &Pixels) -> [f64; 2] {
    let mean = |axis: usize| {
        let sum: i64 = part.iter().map(|pixel| i64::from(pixel[axis])).sum();
        sum as f64 / part.len() as f64
    };
    [mean(0), mean(1)]
}

/// The lowest and the highest place along each axis.
pub(super) fn bounds(part: &Pixels) -> [[i32; 2]; 2] {
    let mut bounds = [[i32::MAX; 2], [i32::MIN; 2]];
    for pixel in part {
        for axis in 0..2 {
            bounds[0][axis] = bounds[0][axis].min(pixel[axis]);
            bounds[1][axis] = bounds[1][axis].max(pixel[axis]);
        }
    }
    bounds
}

/// The parts of a slice, and for each of its pixels the part that it belongs to.
struct Parts {
    parts: Vec<Pixels>,
    part_of: Vec<usize>,
}

/// Pixels that touch by side or corner, in order of their first pixels.
fn parts(pixels: &Pixels, size: [usize; 2]) -> Parts {
    const OPEN: usize = NONE - 1;
    let at = |pixel: [i32; 2]| pixel[1] as usize * size[0] + pixel[0] as usize;
    let mut part_of = vec![NONE; size[0] * size[1]];
    for &pixel in pixels {
        part_of[at(pixel)] = OPEN;
    }
    let mut parts = Vec::new();
    for &start in pixels {
        if part_of[at(start)] != OPEN {
            continue;
        }
        part_of[at(start)] = parts.len();
        let mut part = vec![start];
        let mut next = 0;
        while let Some(&[u, v]) = part.get(next) {
            next += 1;
            for beside in (-1..=1).flat_map(|dv| (-1..=1).map(move |du| [u + du, v + dv])) {
                let inside = (0..2).all(|axis| (0..size[axis] as i32).contains(&beside[axis]));
                if inside && part_of[at(beside)] == OPEN {
                    part_of[at(beside)] = parts.len();
                    part.push(beside);
                }
            }
        }
        parts.push(part);
    }
    Parts { parts, part_of }
}
