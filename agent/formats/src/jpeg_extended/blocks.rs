//! From the coefficients of a block to its samples. Source: T.81 §A.3.

/// Values in a block.
pub(super) const BLOCK: usize = 64;

/// What each coefficient is multiplied by, in its place.
pub(super) type Quantization = [u16; BLOCK];

/// 2^(P-1), P being 12 (§A.3.1).
const LEVEL: f64 = 2048.0;

/// cos(n · π / 16), n being the place.
const COSINES: [f64; 8] = [
    1.0,
    0.980_785_280_403_230_4,
    0.923_879_532_511_286_7,
    0.831_469_612_302_545_2,
    std::f64::consts::FRAC_1_SQRT_2,
    0.555_570_233_019_602_2,
    0.382_683_432_365_089_8,
    0.195_090_322_016_128_27,
];

/// The inverse transform in double precision, rounded once.
pub(super) fn samples(coefficients: &[i32; BLOCK], quantization: &Quantization) -> [[u16; 8]; 8] {
    let mut values = [[0.0; 8]; 8];
    let all = coefficients.iter().zip(quantization).map(|(value, by)| f64::from(*value) * f64::from(*by));
    for (place, value) in values.iter_mut().flatten().zip(all) {
        *place = value;
    }
    let lines = transposed(values.map(line));
    let lines = transposed(lines.map(line));
    // A float to integer cast saturates.
    lines.map(|line| line.map(|value| (value + LEVEL).round().clamp(0.0, 4095.0) as u16))
}

/// s(x) = 1/2 Σ C(u) S(u) cos((2x + 1) u π / 16), C(0) being √½ and the others 1.
fn line(from: [f64; 8]) -> [f64; 8] {
    std::array::from_fn(|x| {
        let parts = from
            .iter()
            .enumerate()
            .map(|(u, value)| if u == 0 { *value * COSINES[4] } else { *value * cosine((2 * x + 1) * u) });
        parts.sum::<f64>() / 2.0
    })
}

/// cos(n · π / 16) for any n.
fn cosine(n: usize) -> f64 {
    let n = n % 32;
    // Symmetric about π, and antisymmetric about π / 2.
    let n = if n > 16 { 32 - n } else { n };
    match n {
        0..8 => COSINES.get(n).copied().unwrap_or_default(),
        8 => 0.0,
        _ => -COSINES.get(16 - n).copied().unwrap_or_default(),
    }
}

fn transposed(from: [[f64; 8]; 8]) -> [[f64; 8]; 8] {
    let mut to = [[0.0; 8]; 8];
    for (row, line) in from.into_iter().enumerate() {
        for (target, value) in to.iter_mut().zip(line) {
            if let Some(place) = target.get_mut(row) {
                *place = value;
            }
        }
    }
    to
}
