//! The equations of the unknown voxels.

use super::super::progress::{Cancelled, Pace};
use super::image::Image;

/// How fast the weight of an edge falls with the squared difference, and what is left of it at the least.
const BETA: f64 = 1.0;
const LEAST_WEIGHT: f64 = 1e-4;

/// No neighbour, or not an unknown one.
pub(super) const NONE: u32 = u32::MAX;

/// A symmetric positive definite system of one equation for each unknown voxel, in storage order: the
/// graph's Laplacian among the unknown voxels, and on the right what the known ones give.
#[derive(Debug)]
pub(super) struct System {
    /// Where each unknown is in the image.
    pub(super) voxels: Vec<u32>,
    /// The next unknown along i, j and k.
    pub(super) next: Vec<[u32; 3]>,
    /// The weights of the edges there; 0 where there is none.
    pub(super) weights: Vec<[f32; 3]>,
    pub(super) diagonal: Vec<f64>,
    pub(super) right: Vec<f64>,
}

impl System {
    /// The equations of the voxels whose probability is not `known`.
    pub(super) fn new(image: &Image, known: &[Option<f32>], pace: &Pace<'_>) -> Result<Self, Cancelled> {
        let mut number = vec![NONE; known.len()];
        let mut voxels = Vec::new();
        for (at, _) in known.iter().enumerate().filter(|(_, known)| known.is_none()) {
            number[at] = voxels.len() as u32;
            voxels.push(at as u32);
        }
        let count = voxels.len();
        let mut system = Self {
            voxels,
            next: vec![[NONE; 3]; count],
            weights: vec![[0.0; 3]; count],
            diagonal: vec![0.0; count],
            right: vec![0.0; count],
        };
        let weigh = Weigh::new(image, pace)?;
        let strides = image.strides();
        for at in 0..known.len() {
            pace.glance(at)?;
            let place = image.place(at);
            for axis in (0..3).filter(|&axis| place[axis] + 1 < image.size[axis]) {
                let beside = at + strides[axis];
                if known[at].is_none() || known[beside].is_none() {
                    let weight = weigh.edge(image, [at, beside], axis);
                    system.join([number[at], number[beside]], [known[at], known[beside]], axis, weight);
                }
            }
        }
        Ok(system)
    }

    fn join(&mut self, numbers: [u32; 2], known: [Option<f32>; 2], axis: usize, weight: f32) {
        for (side, other) in [(0, 1), (1, 0)] {
            if known[side].is_none() {
                let unknown = numbers[side] as usize;
                self.diagonal[unknown] += f64::from(weight);
                self.right[unknown] += f64::from(weight) * f64::from(known[other].unwrap_or(0.0));
            }
        }
        if known == [None; 2] {
            self.next[numbers[0] as usize][axis] = numbers[1];
            self.weights[numbers[0] as usize][axis] = weight;
        }
    }
}

/// How edges are weighted.
struct Weigh {
    fall: f64,
    share: [f64; 3],
}

impl Weigh {
    fn new(image: &Image, pace: &Pace<'_>) -> Result<Self, Cancelled> {
        let smallest = image.spacing_mm.into_iter().fold(f64::INFINITY, f64::min);
        Ok(Self {
            fall: image.usual_square(pace)?.map_or(0.0, |usual| BETA / usual),
            share: image.spacing_mm.map(|mm| (smallest / mm).powi(2)),
        })
    }

    fn edge(&self, image: &Image, [a, b]: [usize; 2], axis: usize) -> f32 {
        let difference = f64::from(image.values[a]) - f64::from(image.values[b]);
        (((-self.fall * difference * difference).exp() + LEAST_WEIGHT) * self.share[axis]) as f32
    }
}
