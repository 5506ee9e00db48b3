//! A picture in the making: brightness from 0 to 1 at each pixel, shapes with soft rims, noise.

use super::super::slices::Noise;

/// Brightness; rows, then columns.
pub(super) struct Canvas {
    columns: u32,
    values: Vec<f64>,
}

/// An ellipse in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ellipse {
    pub(super) centre: [f64; 2],
    pub(super) radii: [f64; 2],
}

impl Ellipse {
    /// 0 in the middle, 1 on the rim.
    pub(super) fn distance(&self, [x, y]: [f64; 2]) -> f64 {
        ((x - self.centre[0]) / self.radii[0]).hypot((y - self.centre[1]) / self.radii[1])
    }

    /// 1 inside, 0 outside, and between them over a share of the radius.
    pub(super) fn cover(&self, at: [f64; 2], softness: f64) -> f64 {
        let t = ((1.0 + softness - self.distance(at)) / (2.0 * softness)).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    }

    /// The pixels that it covers.
    pub(super) fn bounds(&self) -> ([u32; 2], [u32; 2]) {
        // Inside of the picture, so above 0.
        let lower = [0, 1].map(|axis| (self.centre[axis] - self.radii[axis]).ceil().max(0.0) as u32);
        let upper = [0, 1].map(|axis| (self.centre[axis] + self.radii[axis]).floor().max(0.0) as u32);
        (lower, upper)
    }
}

impl Canvas {
    pub(super) fn new(columns: u32, rows: u32) -> Self {
        Self { columns, values: vec![0.0; (columns * rows) as usize] }
    }

    /// Changes each pixel by what `change` makes of its place and brightness.
    pub(super) fn each(&mut self, change: impl Fn([f64; 2], f64) -> f64) {
        let columns = self.columns as usize;
        for (index, value) in self.values.iter_mut().enumerate() {
            let at = [(index % columns) as f64, (index / columns) as f64];
            *value = change(at, *value);
        }
    }

    /// Adds noise of this spread where there is anything.
    pub(super) fn noise(&mut self, key: &str, spread: f64) {
        let mut noise = Noise(seed(key));
        for value in self.values.iter_mut().filter(|value| **value > 0.0) {
            *value += noise.next() * spread;
        }
    }

    /// As stored numbers of 12 bits.
    pub(super) fn stored(&self) -> Vec<u16> {
        self.values.iter().map(|value| (value * 4000.0).round().clamp(0.0, 4095.0) as u16).collect()
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }
}

fn seed(key: &str) -> u64 {
    let digest = blake3::hash(key.as_bytes());
    digest.as_bytes().iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// Numbers from 0 to 1, drawn from a key.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(key: &str) -> Self {
        Self(seed(key))
    }

    /// SplitMix64, as the noise.
    pub(super) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}
