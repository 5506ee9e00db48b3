//! Grey-value windows: which values are shown between black and white.

use crate::volume::{Volume, VoxelType};

/// What made an image, as far as display and the asset card care. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Modality {
    /// Computed tomography.
    Ct,
    /// Magnetic resonance.
    Mr,
    /// Positron emission tomography.
    Pt,
    /// Computed radiography.
    Cr,
    /// Digital radiography.
    Dx,
    /// Mammography.
    Mg,
    /// Ultrasound.
    Us,
    /// Angiography.
    Xa,
    /// Fluoroscopy.
    Rf,
    /// Nuclear medicine.
    Nm,
    /// Secondary capture.
    Sc,
    /// A NIfTI file, which does not say what made it.
    Nifti,
    /// Anything else.
    Other,
}

impl Modality {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Ct,
        Self::Mr,
        Self::Pt,
        Self::Cr,
        Self::Dx,
        Self::Mg,
        Self::Us,
        Self::Xa,
        Self::Rf,
        Self::Nm,
        Self::Sc,
        Self::Nifti,
        Self::Other,
    ];

    /// The short name, as DICOM has it where DICOM has one (PS3.3 C.7.3.1.1.1).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ct => "CT",
            Self::Mr => "MR",
            Self::Pt => "PT",
            Self::Cr => "CR",
            Self::Dx => "DX",
            Self::Mg => "MG",
            Self::Us => "US",
            Self::Xa => "XA",
            Self::Rf => "RF",
            Self::Nm => "NM",
            Self::Sc => "SC",
            Self::Nifti => "NIFTI",
            Self::Other => "OTHER",
        }
    }

    /// The modality with this name; any other text is [`Modality::Other`].
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|modality| modality.code() == code.trim()).unwrap_or(Self::Other)
    }

    /// The unit of voxel values, where the modality fixes one.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Ct => "HU",
            Self::Mr
            | Self::Pt
            | Self::Cr
            | Self::Dx
            | Self::Mg
            | Self::Us
            | Self::Xa
            | Self::Rf
            | Self::Nm
            | Self::Sc
            | Self::Nifti
            | Self::Other => "",
        }
    }
}

/// Values from `centre - width / 2` (black) to `centre + width / 2` (white).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// What people call it.
    pub name: &'static str,
    /// The value shown as middle grey.
    pub centre: f64,
    /// How many values lie between black and white; above 0.
    pub width: f64,
}

/// Customary CT windows, in Hounsfield units.
const CT: [Window; 7] = [
    Window { name: "Soft tissue", centre: 40.0, width: 400.0 },
    Window { name: "Lung", centre: -600.0, width: 1500.0 },
    Window { name: "Bone", centre: 400.0, width: 1800.0 },
    Window { name: "Brain", centre: 40.0, width: 80.0 },
    Window { name: "Liver", centre: 60.0, width: 160.0 },
    Window { name: "Mediastinum", centre: 50.0, width: 350.0 },
    Window { name: "Angiography", centre: 300.0, width: 600.0 },
];

/// What the windows of a header are called, in its order: what it calls them itself is text of the header.
const SCANNER: [&str; 4] = ["Scanner", "Scanner 2", "Scanner 3", "Scanner 4"];

/// The windows to offer, the first one to open with. `from_header` are (centre, width) pairs of the
/// header, unchecked; those that make no window are left out. Colours have none; for values, never empty.
pub fn windows(modality: Modality, volume: &Volume, from_header: &[(f64, f64)]) -> Vec<Window> {
    if volume.voxels().voxel_type() == VoxelType::Rgb8 {
        return Vec::new();
    }
    let usable =
        from_header.iter().filter(|(centre, width)| centre.is_finite() && *width >= 1.0 && *width < 1e6);
    let named = SCANNER.into_iter().zip(usable);
    let scanner = named.map(|(name, &(centre, width))| Window { name, centre, width });
    if modality == Modality::Ct {
        return CT.into_iter().chain(scanner).collect();
    }
    // The middle 98 of 100 values above the background, so that a few bright voxels do not darken all.
    let ends = volume.quantiles(&[0.01, 0.99, 0.05, 0.95]);
    let (automatic, contrast) = match ends.as_slice() {
        [low, high, low_5, high_5] => {
            (between("Automatic", *low, *high), between("High contrast", *low_5, *high_5))
        }
        _ => (None, None),
    };
    let all = between("Full range", volume.minimum(), volume.maximum());
    let found: Vec<Window> = scanner.chain(automatic).chain(contrast).chain(all).collect();
    if found.is_empty() {
        return vec![Window { name: "Full range", centre: volume.minimum(), width: 1.0 }];
    }
    found
}

fn between(name: &'static str, low: f64, high: f64) -> Option<Window> {
    (high > low).then(|| Window { name, centre: low + (high - low) / 2.0, width: high - low })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;
    use crate::volume::Voxels;

    fn volume(values: &[i16]) -> Volume {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([values.len() as u32, 1, 1], [1.0; 3], [0.0; 3], direction).unwrap();
        Volume::new(grid, Voxels::Int16(values.to_vec())).unwrap()
    }

    #[test]
    fn a_ct_opens_with_soft_tissue() {
        let windows = windows(Modality::Ct, &volume(&[-1000, 1000]), &[(10.0, 20.0)]);
        assert_eq!(windows[0], Window { name: "Soft tissue", centre: 40.0, width: 400.0 });
        assert_eq!(windows.last().map(|window| window.name), Some("Scanner"));
    }

    #[test]
    fn an_mr_opens_with_the_window_of_its_header_or_of_its_values() {
        let values: Vec<i16> = (0..=1000).collect();
        let offered = windows(Modality::Mr, &volume(&values), &[(f64::NAN, 1.0), (500.0, 900.0)]);
        assert_eq!(offered[0], Window { name: "Scanner", centre: 500.0, width: 900.0 });
        let offered = windows(Modality::Mr, &volume(&values), &[(5.0, 0.0)]);
        assert_eq!(offered[0], Window { name: "Automatic", centre: 500.0, width: 980.0 });
    }

    #[test]
    fn colours_have_no_window() {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([1, 1, 1], [1.0; 3], [0.0; 3], direction).unwrap();
        let volume = Volume::new(grid, Voxels::Rgb8(vec![1, 2, 3])).unwrap();
        assert!(windows(Modality::Us, &volume, &[(40.0, 400.0)]).is_empty());
    }

    #[test]
    fn a_volume_of_one_value_has_a_window_too() {
        let offered = windows(Modality::Nifti, &volume(&[7, 7]), &[]);
        assert_eq!(offered, [Window { name: "Full range", centre: 7.0, width: 1.0 }]);
    }

    #[test]
    fn a_modality_comes_back_from_its_code() {
        for modality in Modality::ALL {
            assert_eq!(Modality::from_code(modality.code()), modality);
        }
        assert_eq!(Modality::from_code("ZZ"), Modality::Other);
    }
}
