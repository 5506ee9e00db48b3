//! The allow-listed numbers about an asset, mirrored from `asset.proto`.

use proto_ids::{AssetToken, SiteId, Timestamp};

use crate::Refusal;
use crate::closed::closed_enum;

closed_enum! {
    /// What kind of machine made the images.
    Modality {
        /// None of the others.
        Other = 1 "OTHER",
        /// Computed tomography.
        Ct = 2 "CT",
        /// Magnetic resonance.
        Mr = 3 "MR",
        /// Positron emission tomography.
        Pt = 4 "PT",
        /// Computed radiography.
        Cr = 5 "CR",
        /// Digital radiography.
        Dx = 6 "DX",
        /// Mammography.
        Mg = 7 "MG",
        /// Ultrasound.
        Us = 8 "US",
        /// X-ray angiography.
        Xa = 9 "XA",
        /// Fluoroscopy.
        Rf = 10 "RF",
        /// Nuclear medicine.
        Nm = 11 "NM",
        /// Secondary capture.
        Sc = 12 "SC",
        /// A NIfTI file, which does not say.
        Nifti = 13 "NIFTI",
    }
}

closed_enum! {
    /// Which part of the body, from a closed table.
    BodyRegion {
        /// Not said, or not in the table.
        Unknown = 1 "unknown",
        /// Head.
        Head = 2 "head",
        /// Neck.
        Neck = 3 "neck",
        /// Chest.
        Chest = 4 "chest",
        /// Heart.
        Heart = 5 "heart",
        /// Breast.
        Breast = 6 "breast",
        /// Abdomen.
        Abdomen = 7 "abdomen",
        /// Pelvis.
        Pelvis = 8 "pelvis",
        /// Spine.
        Spine = 9 "spine",
        /// Shoulder.
        Shoulder = 10 "shoulder",
        /// Arm.
        Arm = 11 "arm",
        /// Hand.
        Hand = 12 "hand",
        /// Hip.
        Hip = 13 "hip",
        /// Leg.
        Leg = 14 "leg",
        /// Knee.
        Knee = 15 "knee",
        /// Foot.
        Foot = 16 "foot",
        /// Whole body.
        WholeBody = 17 "whole-body",
    }
}

closed_enum! {
    /// How the slices lie, computed from the geometry.
    Plane {
        /// No geometry.
        Unknown = 1 "unknown",
        /// Across the body axis.
        Axial = 2 "axial",
        /// From the side.
        Sagittal = 3 "sagittal",
        /// From the front.
        Coronal = 4 "coronal",
        /// None of the three.
        Oblique = 5 "oblique",
    }
}

closed_enum! {
    /// Whether the images are one regular volume.
    Dimensionality {
        /// Images side by side.
        Stack = 1 "stack",
        /// A regular grid in space.
        Volume = 2 "volume",
    }
}

closed_enum! {
    /// Whether a contrast agent was given; never which.
    Contrast {
        /// Not said.
        Unknown = 1 "unknown",
        /// None.
        None = 2 "none",
        /// Given.
        With = 3 "with",
    }
}

/// What the control plane may know of an asset. Each quantity is a bucket or a rounded number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetCard {
    /// Random token of the asset at its site.
    pub asset: AssetToken,
    /// Kind of machine.
    pub modality: Modality,
    /// Part of the body.
    pub region: BodyRegion,
    /// How the slices lie.
    pub plane: Plane,
    /// Volume or stack.
    pub dimensionality: Dimensionality,
    /// Contrast agent given or not.
    pub contrast: Contrast,
    /// Upper end of the bucket of the slice count: 1, 8, 16 … 2048; 4096 stands for more.
    pub slices_up_to: u32,
    /// Upper end of the size class of the longer in-plane side: 256 … 4096; 8192 stands for more.
    pub size_up_to: u32,
    /// In-plane spacing in tenths of a millimetre, 1 to 100.
    pub spacing_tenths_mm: u32,
    /// Slice distance in halves of a millimetre, 0 to 20; 0 when there is one slice.
    pub thickness_halves_mm: u32,
    /// Upper end of the bucket of the time points, as `slices_up_to`.
    pub frames_up_to: u32,
}

const COUNT_BUCKETS: [u32; 11] = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const SIZE_CLASSES: [u32; 6] = [256, 512, 1024, 2048, 4096, 8192];

impl AssetCard {
    /// Checks that every quantity is a value of its bucket list or range.
    ///
    /// # Errors
    /// The first field that has another value.
    pub fn check(&self) -> Result<(), Refusal> {
        let good = [
            (COUNT_BUCKETS.contains(&self.slices_up_to), "asset.slices_up_to"),
            (SIZE_CLASSES.contains(&self.size_up_to), "asset.size_up_to"),
            ((1..=100).contains(&self.spacing_tenths_mm), "asset.spacing_tenths_mm"),
            (self.thickness_halves_mm <= 20, "asset.thickness_halves_mm"),
            (COUNT_BUCKETS.contains(&self.frames_up_to), "asset.frames_up_to"),
        ];
        match good.iter().find(|(good, _)| !good) {
            Some((_, field)) => Err(Refusal::invalid(*field)),
            None => Ok(()),
        }
    }

    /// The slice bucket for people: `1`, `257–512`, `> 2048`.
    pub fn slices_text(&self) -> String {
        match self.slices_up_to {
            1 => "1".to_owned(),
            8 => "2–8".to_owned(),
            4096 => "> 2048".to_owned(),
            upper => format!("{}–{upper}", upper / 2 + 1),
        }
    }

    /// The size class for people: `≤ 512`, `> 4096`.
    pub fn size_text(&self) -> String {
        match self.size_up_to {
            8192 => "> 4096".to_owned(),
            upper => format!("≤ {upper}"),
        }
    }

    /// In-plane spacing in millimetres, to a tenth.
    pub fn spacing_mm(&self) -> f64 {
        f64::from(self.spacing_tenths_mm) / 10.0
    }

    /// Slice distance in millimetres, to a half; none when there is one slice.
    pub fn thickness_mm(&self) -> Option<f64> {
        (self.thickness_halves_mm > 0).then(|| f64::from(self.thickness_halves_mm) / 2.0)
    }
}

/// An asset as the control plane keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The site that holds it; from the certificate of the agent that reported it.
    pub site: SiteId,
    /// Its allow-listed numbers.
    pub card: AssetCard,
    /// Whether the site said that it has a gold annotation.
    pub gold: bool,
    /// When its card came here first.
    pub received_at: Timestamp,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn card(byte: u8) -> AssetCard {
        AssetCard {
            asset: AssetToken::from_random([byte; 16]),
            modality: Modality::Ct,
            region: BodyRegion::Abdomen,
            plane: Plane::Axial,
            dimensionality: Dimensionality::Volume,
            contrast: Contrast::Unknown,
            slices_up_to: 512,
            size_up_to: 512,
            spacing_tenths_mm: 7,
            thickness_halves_mm: 2,
            frames_up_to: 1,
        }
    }

    #[test]
    fn a_bucket_reads_as_its_range() {
        assert_eq!(card(1).slices_text(), "257–512");
        assert_eq!(AssetCard { slices_up_to: 1, ..card(1) }.slices_text(), "1");
        assert_eq!(AssetCard { slices_up_to: 16, ..card(1) }.slices_text(), "9–16");
        assert_eq!(card(1).size_text(), "≤ 512");
    }

    #[test]
    fn an_exact_count_is_refused() {
        let refused = AssetCard { slices_up_to: 317, ..card(1) }.check();
        assert_eq!(refused, Err(Refusal::invalid("asset.slices_up_to")));
        assert_eq!(card(1).check(), Ok(()));
    }

    #[test]
    fn every_code_reads_back() {
        for value in Modality::ALL {
            assert_eq!(Modality::from_code(value.code()), Some(*value));
            assert_eq!(Modality::from_name(value.name()), Some(*value));
        }
        assert_eq!(Modality::from_code(0), None);
    }
}
