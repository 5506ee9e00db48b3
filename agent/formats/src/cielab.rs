//! Colours as DICOM stores them: CIELab, D50, 16 bits each (PS3.3 §C.10.7.1.1).
//!
//! The way there and back is that of the ICC: sRGB (IEC 61966-2-1) to XYZ under D65, adapted to D50 by Bradford.

/// Linear sRGB to XYZ under D50: IEC 61966-2-1 times the Bradford matrix. Source: B. Lindbloom, RGB/XYZ Matrices.
const TO_XYZ: [[f64; 3]; 3] = [
    [0.436_074_7, 0.385_064_9, 0.143_080_4],
    [0.222_504_5, 0.716_878_6, 0.060_616_9],
    [0.013_932_2, 0.097_104_5, 0.714_173_3],
];
/// The way back, of the same source.
const FROM_XYZ: [[f64; 3]; 3] = [
    [3.133_856_1, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454_0],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];
/// The white of D50, ICC.1.
const WHITE: [f64; 3] = [0.964_22, 1.0, 0.825_21];
/// CIE 15: where the cube root goes over into a line.
const KNEE: f64 = 6.0 / 29.0;

fn times(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// Red, green and blue to L\*, a\*, b\* as they stand in Recommended Display CIELab Value (0062,000D).
#[must_use]
pub fn from_srgb(colour: [u8; 3]) -> [u16; 3] {
    let linear = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    let [x, y, z] = times(&TO_XYZ, linear);
    let [white_x, white_y, white_z] = WHITE;
    let [x, y, z] = [x / white_x, y / white_y, z / white_z]
        .map(|part| if part > KNEE.powi(3) { part.cbrt() } else { part / (3.0 * KNEE * KNEE) + 4.0 / 29.0 });
    let (lightness, a, b) = (116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z));
    // From 0 to 100, and from -128 to 127, over 16 bits.
    [lightness / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0]
        .map(|share| (share * 65_535.0).round().clamp(0.0, 65_535.0) as u16)
}

/// The way back. A colour that no screen has becomes the nearest in each of red, green and blue.
#[must_use]
pub fn to_srgb(stored: [u16; 3]) -> [u8; 3] {
    let [lightness, a, b] = stored.map(|part| f64::from(part) / 65_535.0);
    let (lightness, a, b) = (lightness * 100.0, a * 255.0 - 128.0, b * 255.0 - 128.0);
    let y = (lightness + 16.0) / 116.0;
    let [white_x, white_y, white_z] = WHITE;
    let part = |root: f64, white: f64| {
        let cube = if root > KNEE { root.powi(3) } else { 3.0 * KNEE * KNEE * (root - 4.0 / 29.0) };
        cube * white
    };
    let xyz = [part(y + a / 500.0, white_x), part(y, white_y), part(y - b / 200.0, white_z)];
    times(&FROM_XYZ, xyz).map(|linear| {
        let linear = linear.clamp(0.0, 1.0);
        let part =
            if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
        (part * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_red_are_where_the_standard_has_them() {
        // ICC: sRGB white is L* 100, a* and b* 0; red is 54.29, 80.81, 69.89 under D50.
        assert_eq!(from_srgb([0; 3]), [0, 32_896, 32_896]);
        let [white, ..] = from_srgb([255; 3]);
        assert!(white > 65_530);
        let red = from_srgb([255, 0, 0]);
        let expected = [54.29 / 100.0, (80.81 + 128.0) / 255.0, (69.89 + 128.0) / 255.0];
        for (found, expected) in red.into_iter().zip(expected) {
            assert!((f64::from(found) / 65_535.0 - expected).abs() < 1e-3, "{red:?}");
        }
    }

    #[test]
    fn every_colour_comes_back() {
        let steps = || (0..=255_u16).step_by(15).map(|part| part as u8);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    assert_eq!(to_srgb(from_srgb([red, green, blue])), [red, green, blue]);
                }
            }
        }
    }
}
