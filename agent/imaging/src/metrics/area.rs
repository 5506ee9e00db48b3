//! The area of the surface that passes between eight voxels.
//!
//! Marching cubes gives each of the 256 patterns of eight neighbours its triangles. Only the size of
//! their normals matters here, so that nine kinds of triangle are enough, and a pattern has the same
//! triangles as its complement.
//!
//! Source: the triangles are those of `lookup_tables.py` in DeepMind's surface-distance 0.1
//! (Apache-2.0), described in Nikolov et al., J. Med. Internet Res. 23 (2021) e26151.

/// Components of the nine kinds of normal along (k, j, i), in eighths of a voxel face.
const NORMALS: [[f64; 3]; 9] = [
    [0.0, 0.0, 4.0],
    [0.0, 2.0, 2.0],
    [0.0, 4.0, 0.0],
    [1.0, 1.0, 1.0],
    [2.0, 0.0, 2.0],
    [2.0, 2.0, 0.0],
    [2.0, 2.0, 2.0],
    [3.0, 3.0, 3.0],
    [4.0, 0.0, 0.0],
];

/// The triangles of patterns 0 to 127, as letters that number [`NORMALS`] from `a`.
const TRIANGLES: [&str; 128] = [
    "", "d", "d", "ff", "d", "ee", "dd", "dgi", "d", "dd", "ee", "dgi", "ff", "dgi", "dgi", "ii", "d", "bb",
    "dd", "cdg", "dd", "adg", "ddd", "ddgg", "dd", "bbd", "dee", "bdeh", "dff", "bdfh", "ddgi", "dgi", "d",
    "dd", "bb", "cdg", "dd", "dee", "bbd", "bdeh", "dd", "ddd", "adg", "ddgg", "dff", "ddgi", "bdfh", "dgi",
    "ff", "cdg", "cdg", "cc", "dff", "defh", "cddg", "cdg", "dff", "cddg", "defh", "cdg", "ffff", "dff",
    "dff", "ff", "d", "dd", "dd", "dff", "bb", "adg", "bbd", "bdfh", "dd", "ddd", "dee", "ddgi", "cdg",
    "ddgg", "bdeh", "dgi", "ee", "adg", "dee", "defh", "adg", "aa", "addg", "adg", "dee", "addg", "eeee",
    "dee", "defh", "adg", "dee", "ee", "dd", "ddd", "bbd", "cddg", "bbd", "addg", "bbbb", "bbd", "ddd",
    "dddd", "addg", "ddd", "cddg", "ddd", "bbd", "dd", "dgi", "ddgg", "bdeh", "cdg", "bdfh", "adg", "bbd",
    "bb", "ddgi", "ddd", "dee", "dd", "dff", "dd", "dd", "d",
];

/// The area in mm² for each pattern of eight neighbours, on voxels with this spacing along (k, j, i).
///
/// Bit 0 of a pattern is the last of the eight voxels, bit 7 the first: +1 along i is one bit down,
/// along j two, along k four.
pub(super) fn areas_mm2(spacing_mm: [f64; 3]) -> [f64; 256] {
    let [k, j, i] = spacing_mm;
    let faces_mm2 = [j * i, k * i, k * j];
    let kinds = NORMALS.map(|normal| {
        let component = |axis: usize| normal[axis] / 8.0 * faces_mm2[axis];
        (component(0).powi(2) + component(1).powi(2) + component(2).powi(2)).sqrt()
    });
    let mut areas = [0.0; 256];
    for (pattern, triangles) in TRIANGLES.iter().enumerate() {
        let area = triangles.bytes().map(|letter| kinds[usize::from(letter - b'a')]).sum();
        areas[pattern] = area;
        areas[255 - pattern] = area;
    }
    areas
}

/// The length in mm for each pattern of four neighbours in a slice, on pixels with this spacing along (j, i). Bits
/// as in [`areas_mm2`], without k.
///
/// Source: the contour lengths of `lookup_tables.py` in surface-distance 0.1.
pub(super) fn lengths_mm([j_mm, i_mm]: [f64; 2]) -> [f64; 16] {
    let corner = j_mm.hypot(i_mm) / 2.0;
    std::array::from_fn(|pattern| match pattern {
        0b0000 | 0b1111 => 0.0,
        0b0011 | 0b1100 => i_mm,
        0b0101 | 0b1010 => j_mm,
        0b0110 | 0b1001 => 2.0 * corner,
        _ => corner,
    })
}
