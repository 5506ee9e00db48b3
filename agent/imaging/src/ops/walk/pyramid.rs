//! From coarse to fine.

use super::super::progress::{Cancelled, Pace, Progress};
use super::image::{Image, half_place, half_size};
use super::seeds::Seeds;
use super::solve::{SolveFailure, solve};
use super::system::System;

/// The most voxels that are solved all at once.
const MOST_AT_ONCE: usize = 1 << 17;

/// The first solve's share of the work.
const FIRST_SHARE: f64 = 0.4;

/// How far the residual must fall, in the norm of the preconditioner: for the whole, and for the band where
/// only the place of the edge is asked for.
const TOLERANCE: f64 = 1e-6;
const BAND_TOLERANCE: f64 = 1e-4;

/// How far from the edge of the object, in coarse voxels along each axis, it is looked for again on the
/// next level.
const BAND: usize = 1;

/// The probability of each voxel of an image.
pub(super) fn probability(
    image: Image,
    seeds: Seeds,
    progress: &dyn Progress,
) -> Result<Vec<f32>, SolveFailure> {
    let pace = Pace::new(progress, [0.05; 2], 1);
    let mut levels = vec![(image, seeds, [false; 3])];
    while let Some((image, seeds, axes)) = levels.last_mut() {
        *axes = image.halved_axes();
        if image.values.len() <= MOST_AT_ONCE || *axes == [false; 3] {
            break;
        }
        let next = (image.halved(*axes, &pace)?, seeds.halved(image, *axes, &pace)?, [false; 3]);
        levels.push(next);
    }
    let count = levels.len();
    let mut coarse: Option<Vec<f32>> = None;
    for (number, (image, seeds, axes)) in levels.iter().rev().enumerate() {
        let stage = [number, number + 1].map(|at| match at {
            0 => 0.05,
            _ if count == 1 => 1.0,
            _ => FIRST_SHARE + (1.0 - FIRST_SHARE) * (at - 1) as f64 / (count - 1) as f64,
        });
        let mut pace = Pace::new(progress, stage, 1);
        coarse = Some(level(image, seeds, coarse.as_deref().map(|coarse| (coarse, *axes)), &mut pace)?);
    }
    Ok(coarse.unwrap_or_default())
}

/// Solves one level, near the edge of what was found on the level before if there was one.
fn level(
    image: &Image,
    seeds: &Seeds,
    coarse: Option<(&[f32], [bool; 3])>,
    pace: &mut Pace<'_>,
) -> Result<Vec<f32>, SolveFailure> {
    let mut known: Vec<Option<f32>> = seeds.0.iter().map(|seed| seed.probability()).collect();
    let size = coarse.map(|(_, axes)| half_size(image.size, axes));
    let from = |at: usize| coarse.zip(size).map(|((_, axes), size)| half_place(image.place(at), axes, size));
    if let Some(((coarse, _), size)) = coarse.zip(size) {
        let near = near_edge(coarse, size, pace)?;
        for (at, known) in known.iter_mut().enumerate().filter(|(_, known)| known.is_none()) {
            pace.glance(at)?;
            *known = from(at).filter(|&from| !near[from]).map(|from| coarse[from]);
        }
    }
    let guess = |at: usize| coarse.zip(from(at)).map_or(0.5, |((coarse, _), from)| f64::from(coarse[from]));
    let tolerance = if coarse.is_some() { BAND_TOLERANCE } else { TOLERANCE };
    let system = System::new(image, &known, pace)?;
    let mut found: Vec<f64> = system.voxels.iter().map(|&at| guess(at as usize)).collect();
    solve(&system, &mut found, tolerance, pace)?;
    for (&at, found) in system.voxels.iter().zip(found) {
        known[at as usize] = Some(found.clamp(0.0, 1.0) as f32);
    }
    Ok(known.into_iter().map(|known| known.unwrap_or(0.0)).collect())
}

/// Which voxels have both sides of the edge within [`BAND`].
fn near_edge(probability: &[f32], size: [usize; 3], pace: &Pace<'_>) -> Result<Vec<bool>, Cancelled> {
    const OUTSIDE: u8 = 1;
    const INSIDE: u8 = 2;
    let side = |&probability: &f32| if probability >= 0.5 { INSIDE } else { OUTSIDE };
    let mut seen: Vec<u8> = probability.iter().map(side).collect();
    let strides = [1, size[0], size[0] * size[1]];
    for (length, stride) in size.into_iter().zip(strides) {
        let before = seen.clone();
        for (at, seen) in seen.iter_mut().enumerate() {
            pace.glance(at)?;
            let place = at / stride % length;
            for other in place.saturating_sub(BAND)..(place + BAND + 1).min(length) {
                *seen |= before[at - place * stride + other * stride];
            }
        }
    }
    Ok(seen.into_iter().map(|sides| sides == OUTSIDE | INSIDE).collect())
}
