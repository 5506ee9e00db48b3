//! How different two colours look: CIEDE2000.
//!
//! After Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula" (Color Research and
//! Application 30(1), 2005), whose test data the tests use.

use crate::Colour;

/// A colour in CIELAB under D65.
#[derive(Clone, Copy)]
struct Lab {
    lightness: f64,
    a: f64,
    b: f64,
}

/// The difference of two colours: about 1 can just be seen side by side.
pub(super) fn difference(first: Colour, second: Colour) -> f64 {
    ciede2000(lab(first), lab(second))
}

fn lab(colour: Colour) -> Lab {
    let channel = |shift: u32| {
        let value = f64::from(colour.rgb() >> shift & 0xff) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let (red, green, blue) = (channel(16), channel(8), channel(0));
    // sRGB to XYZ (IEC 61966-2-1), each as a share of the white point.
    let x = (0.412_456_4 * red + 0.357_576_1 * green + 0.180_437_5 * blue) / 0.950_47;
    let y = 0.212_672_9 * red + 0.715_152_2 * green + 0.072_175 * blue;
    let z = (0.019_333_9 * red + 0.119_192 * green + 0.950_304_1 * blue) / 1.088_83;
    let root = |share: f64| {
        if share > 216.0 / 24_389.0 { share.cbrt() } else { (24_389.0 / 27.0 * share + 16.0) / 116.0 }
    };
    let (x, y, z) = (root(x), root(y), root(z));
    Lab { lightness: 116.0 * y - 16.0, a: 500.0 * (x - y), b: 200.0 * (y - z) }
}

/// With all weights 1.
fn ciede2000(first: Lab, second: Lab) -> f64 {
    let chroma = (first.a.hypot(first.b) + second.a.hypot(second.b)) / 2.0;
    let stretch = 1.5 - 0.5 * seventh_root(chroma);
    let (c1, h1) = polar(first, stretch);
    let (c2, h2) = polar(second, stretch);
    let grey = c1 * c2 == 0.0;
    let mut turn = if grey { 0.0 } else { h2 - h1 };
    if turn > 180.0 {
        turn -= 360.0;
    } else if turn < -180.0 {
        turn += 360.0;
    }
    let mut hue = h1 + h2;
    if !grey {
        hue /= 2.0;
        // The mean lies on the shorter way round.
        if (h1 - h2).abs() > 180.0 {
            hue += if hue < 180.0 { 180.0 } else { -180.0 };
        }
    }
    let lightness = (first.lightness + second.lightness) / 2.0;
    let chroma = (c1 + c2) / 2.0;
    let middle = (lightness - 50.0).powi(2);
    let weight = 1.0 - 0.17 * cos(hue - 30.0) + 0.24 * cos(2.0 * hue) + 0.32 * cos(3.0 * hue + 6.0)
        - 0.20 * cos(4.0 * hue - 63.0);
    let by_lightness = (second.lightness - first.lightness) / (1.0 + 0.015 * middle / (20.0 + middle).sqrt());
    let by_chroma = (c2 - c1) / (1.0 + 0.045 * chroma);
    let by_hue = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin() / (1.0 + 0.015 * chroma * weight);
    let bend = 60.0 * (-((hue - 275.0) / 25.0).powi(2)).exp();
    let rotation = -bend.to_radians().sin() * 2.0 * seventh_root(chroma);
    (by_lightness.powi(2) + by_chroma.powi(2) + by_hue.powi(2) + rotation * by_chroma * by_hue).sqrt()
}

/// Chroma, and hue in degrees from 0 to 360.
fn polar(colour: Lab, stretch: f64) -> (f64, f64) {
    let a = colour.a * stretch;
    (a.hypot(colour.b), colour.b.atan2(a).to_degrees().rem_euclid(360.0))
}

fn seventh_root(chroma: f64) -> f64 {
    let seventh = chroma.powi(7);
    (seventh / (seventh + 25.0_f64.powi(7))).sqrt()
}

fn cos(degrees: f64) -> f64 {
    degrees.to_radians().cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the published test data: blue hues, hues on either side of 0, greys, large differences.
    #[test]
    fn the_published_pairs_have_their_differences() {
        let pairs = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
            ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
            ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ];
        for (first, second, expect) in pairs {
            let lab = |[lightness, a, b]: [f64; 3]| Lab { lightness, a, b };
            for found in [ciede2000(lab(first), lab(second)), ciede2000(lab(second), lab(first))] {
                assert!((found - expect).abs() < 1e-4, "{first:?} {second:?}: {found} is not {expect}");
            }
        }
    }

    #[test]
    fn white_and_the_primaries_have_their_places() {
        let near = |colour: &str, [lightness, a, b]: [f64; 3]| {
            let found = lab(colour.parse().unwrap());
            let off = (found.lightness - lightness).abs() + (found.a - a).abs() + (found.b - b).abs();
            assert!(off < 0.05, "{colour}: {} {} {}", found.lightness, found.a, found.b);
        };
        near("#ffffff", [100.0, 0.0, 0.0]);
        near("#000000", [0.0, 0.0, 0.0]);
        near("#ff0000", [53.24, 80.09, 67.20]);
        near("#0000ff", [32.30, 79.19, -107.86]);
    }
}
