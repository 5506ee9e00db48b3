//! The anatomy: intensities and labels over patient space.

use std::path::Path;

use super::nifti::{LabelImage, read_labels};
use super::{GenerateError, density};

/// Where Debian's mricron-data puts Colin27 (`ch2.nii.gz`) and AAL (`aal.nii.gz`).
pub const TEMPLATES: &str = "/usr/share/mricron/templates";

/// The gold labels: label 1 is the first.
pub const LABEL_NAMES: [&str; 3] = ["Hippocampus", "Striatum", "Thalamus"];

/// A head: intensities 0 to 1 and labels on a regular grid of its own.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) size: [u32; 3],
    /// The centre of voxel (0, 0, 0), LPS.
    origin_mm: [f64; 3],
    /// From one voxel to the next along the LPS axes; negative where the grid runs the other way.
    step_mm: [f64; 3],
    intensities: Vec<f32>,
    hounsfield: Vec<f32>,
    labels: Vec<u8>,
}

impl Template {
    fn new(
        size: [u32; 3],
        origin_mm: [f64; 3],
        step_mm: [f64; 3],
        intensities: Vec<f32>,
        labels: Vec<u8>,
    ) -> Self {
        let hounsfield = density::hounsfield(size, step_mm[0].abs(), &intensities);
        Self { size, origin_mm, step_mm, intensities, hounsfield, labels }
    }

    /// The middle of the grid, LPS.
    pub(super) fn centre_mm(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.origin_mm[axis] + self.step_mm[axis] * f64::from(self.size[axis] - 1) / 2.0)
    }

    /// The whole extent along the LPS axes.
    pub(super) fn extent_mm(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.step_mm[axis].abs() * f64::from(self.size[axis]))
    }

    /// The T1 intensity at a place, 0 to 1; 0 outside.
    pub(super) fn intensity(&self, place_mm: [f64; 3]) -> f64 {
        self.between(&self.intensities, 0.0, place_mm)
    }

    /// The density at a place in Hounsfield units; air outside.
    pub(super) fn hounsfield(&self, place_mm: [f64; 3]) -> f64 {
        self.between(&self.hounsfield, -1000.0, place_mm)
    }

    /// The value at a place, between the eight voxels around it.
    fn between(&self, values: &[f32], outside: f64, place_mm: [f64; 3]) -> f64 {
        let index = self.index(place_mm);
        let floor = index.map(f64::floor);
        let mut sum = 0.0;
        for corner in 0..8_u8 {
            let mut weight = 1.0;
            let mut voxel = [0.0; 3];
            for axis in 0..3 {
                let upper = f64::from(corner >> axis & 1);
                let share = index[axis] - floor[axis];
                weight *= if upper > 0.5 { share } else { 1.0 - share };
                voxel[axis] = floor[axis] + upper;
            }
            if weight > 0.0 {
                sum += weight * self.offset(voxel).map_or(outside, |offset| f64::from(values[offset]));
            }
        }
        sum
    }

    /// The label of the nearest voxel; 0 outside.
    pub(super) fn label(&self, place_mm: [f64; 3]) -> u8 {
        self.offset(self.index(place_mm).map(f64::round)).map_or(0, |offset| self.labels[offset])
    }

    fn index(&self, place_mm: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| (place_mm[axis] - self.origin_mm[axis]) / self.step_mm[axis])
    }

    fn offset(&self, voxel: [f64; 3]) -> Option<usize> {
        let inside = (0..3).all(|axis| voxel[axis] >= 0.0 && voxel[axis] < f64::from(self.size[axis]));
        let [i, j, k] = voxel.map(|index| index as usize);
        let [columns, rows, _] = self.size.map(|length| length as usize);
        inside.then(|| (k * rows + j) * columns + i)
    }
}

/// Colin27 with groups of AAL regions as labels.
pub(super) fn colin27() -> Result<Template, GenerateError> {
    let read = |name: &str| {
        let path = Path::new(TEMPLATES).join(name);
        if path.exists() { read_labels(&path) } else { Err(GenerateError::TemplateMissing(path)) }
    };
    let (head, atlas) = (read("ch2.nii.gz")?, read("aal.nii.gz")?);
    if (head.size, head.affine_ras) != (atlas.size, atlas.affine_ras) {
        let path = Path::new(TEMPLATES).join("aal.nii.gz");
        return Err(GenerateError::Template { path, problem: "it is not on the grid of ch2.nii.gz" });
    }
    let brightest = head.labels.iter().copied().max().unwrap_or(1).max(1);
    let intensities = head.labels.iter().map(|&value| f32::from(value) / f32::from(brightest)).collect();
    let labels = atlas.labels.iter().map(|&region| aal_group(region)).collect();
    straight(&head, intensities, labels).ok_or_else(|| GenerateError::Template {
        path: Path::new(TEMPLATES).join("ch2.nii.gz"),
        problem: "its axes are not those of the patient",
    })
}

/// Region numbers are those of `aal.nii.txt`.
const fn aal_group(region: u16) -> u8 {
    match region {
        37 | 38 => 1,
        71..=74 => 2,
        77 | 78 => 3,
        _ => 0,
    }
}

/// A template whose axes are (right, anterior, superior) or their opposites.
fn straight(image: &LabelImage, intensities: Vec<f32>, labels: Vec<u8>) -> Option<Template> {
    let (mut origin_mm, mut step_mm) = ([0.0; 3], [0.0; 3]);
    for (axis, sign) in [-1.0, -1.0, 1.0].into_iter().enumerate() {
        let row = image.affine_ras[axis];
        let skewed = (0..3).any(|other| other != axis && row[other] != 0.0);
        if skewed || row[axis] == 0.0 {
            return None;
        }
        step_mm[axis] = sign * row[axis];
        origin_mm[axis] = sign * row[3];
    }
    Some(Template::new(image.size, origin_mm, step_mm, intensities, labels))
}

/// An ellipsoid: its middle and half axes in millimetres along LPS, its intensity and label.
struct Ellipsoid([f64; 3], [f64; 3], f32, u8);

/// A head of ellipsoids, left and right alike; later ones lie inside earlier ones.
const HEAD: [Ellipsoid; 12] = [
    Ellipsoid([0.0, 0.0, 0.0], [78.0, 95.0, 82.0], 0.85, 0),
    Ellipsoid([0.0, 0.0, 0.0], [73.0, 90.0, 77.0], 0.10, 0),
    Ellipsoid([0.0, 2.0, 2.0], [67.0, 83.0, 70.0], 0.45, 0),
    Ellipsoid([0.0, 2.0, 4.0], [52.0, 66.0, 52.0], 0.68, 0),
    Ellipsoid([10.0, 2.0, 16.0], [6.0, 26.0, 7.0], 0.16, 0),
    Ellipsoid([-10.0, 2.0, 16.0], [6.0, 26.0, 7.0], 0.16, 0),
    Ellipsoid([28.0, 14.0, -18.0], [6.0, 20.0, 7.0], 0.50, 1),
    Ellipsoid([-28.0, 14.0, -18.0], [6.0, 20.0, 7.0], 0.50, 1),
    Ellipsoid([25.0, -14.0, 4.0], [8.0, 18.0, 13.0], 0.53, 2),
    Ellipsoid([-25.0, -14.0, 4.0], [8.0, 18.0, 13.0], 0.53, 2),
    Ellipsoid([11.0, 14.0, 4.0], [8.0, 13.0, 9.0], 0.56, 3),
    Ellipsoid([-11.0, 14.0, 4.0], [8.0, 13.0, 9.0], 0.56, 3),
];

/// The phantom: [`HEAD`] on a grid of 2 mm.
pub(super) fn phantom() -> Template {
    let size = [92, 110, 92];
    let step_mm = 2.0;
    let origin_mm = size.map(|length| -f64::from(length - 1) / 2.0 * step_mm);
    let voxels = size.iter().product::<u32>() as usize;
    let (mut intensities, mut labels) = (Vec::with_capacity(voxels), Vec::with_capacity(voxels));
    for offset in 0..size.iter().product::<u32>() {
        let voxel = [offset % size[0], offset / size[0] % size[1], offset / size[0] / size[1]];
        let place = [0, 1, 2].map(|axis| origin_mm[axis] + f64::from(voxel[axis]) * step_mm);
        let innermost = HEAD.iter().rev().find(|Ellipsoid(middle, half, ..)| {
            (0..3).map(|axis| ((place[axis] - middle[axis]) / half[axis]).powi(2)).sum::<f64>() <= 1.0
        });
        let (intensity, label) =
            innermost.map_or((0.0, 0), |&Ellipsoid(_, _, intensity, label)| (intensity, label));
        // Slow waves, so that no two places look alike.
        let wave = (place[0] / 7.0).sin() * (place[1] / 9.0).sin() * (place[2] / 8.0).cos();
        intensities.push(if intensity > 0.0 { intensity + 0.03 * wave as f32 } else { 0.0 });
        labels.push(label);
    }
    Template::new(size, origin_mm, [step_mm; 3], intensities, labels)
}
