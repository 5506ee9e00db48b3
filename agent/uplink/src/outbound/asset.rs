//! The asset card: what the control plane may know of an asset, already generalised.

use proto::types::v1 as wire;
use proto_ids::AssetToken;

use super::read::{id, wire_id};
use super::{InvalidOutbound, closed};

closed! {
    /// Kind of imaging. Values outside the list are `Other`.
    Modality = wire::Modality { Other, Ct, Mr, Pt, Cr, Dx, Mg, Us, Xa, Rf, Nm, Sc, Nifti }
}
closed! {
    /// Part of the body, from a closed table; never the header's text.
    BodyRegion = wire::BodyRegion {
        Unknown, Head, Neck, Chest, Heart, Breast, Abdomen, Pelvis, Spine, Shoulder, Arm, Hand, Hip, Leg, Knee,
        Foot, WholeBody,
    }
}
closed! {
    /// Plane of the slices, computed from the geometry.
    Plane = wire::Plane { Unknown, Axial, Sagittal, Coronal, Oblique }
}
closed! {
    /// Whether the asset is a volume or a stack of images.
    Dimensionality = wire::Dimensionality { Stack, Volume }
}
closed! {
    /// Whether a contrast agent was given; never which.
    Contrast = wire::Contrast { Unknown, None, With }
}

const COUNT_BUCKETS: [u32; 11] = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const SIZE_CLASSES: [u32; 6] = [256, 512, 1024, 2048, 4096, 8192];

fn bucket(ends: &[u32], count: u32) -> u32 {
    ends.iter().copied().find(|end| count <= *end).unwrap_or_else(|| ends.last().copied().unwrap_or(0))
}

/// A count known only up to a power of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountBucket(u32);

impl CountBucket {
    /// The bucket of a count: 1, 2 to 8, 9 to 16, and so on to 2,048 and more.
    pub fn of(count: u32) -> Self {
        Self(bucket(&COUNT_BUCKETS, count))
    }

    /// Upper end of the bucket; 4,096 stands for more than 2,048.
    pub fn up_to(self) -> u32 {
        self.0
    }

    fn read(up_to: u32, field: &'static str) -> Result<Self, InvalidOutbound> {
        COUNT_BUCKETS.contains(&up_to).then_some(Self(up_to)).ok_or(InvalidOutbound::Field { field })
    }
}

/// Size of the image plane in classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeClass(u32);

impl SizeClass {
    /// The class of the longer in-plane side, in pixels.
    pub fn of(longer_side: u32) -> Self {
        Self(bucket(&SIZE_CLASSES, longer_side))
    }

    /// Upper end of the class; 8,192 stands for more than 4,096.
    pub fn up_to(self) -> u32 {
        self.0
    }

    fn read(up_to: u32) -> Result<Self, InvalidOutbound> {
        SIZE_CLASSES
            .contains(&up_to)
            .then_some(Self(up_to))
            .ok_or(InvalidOutbound::Field { field: "size_up_to" })
    }
}

/// Pixel spacing in tenths of a millimetre, 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpacingTenths(u32);

impl SpacingTenths {
    /// A spacing in millimetres, rounded to 0.1 mm and clamped to 0.1 to 10 mm.
    pub fn of_mm(spacing_mm: f64) -> Self {
        Self(rounded(spacing_mm * 10.0, 1.0, 100.0))
    }

    /// Tenths of a millimetre.
    pub fn tenths(self) -> u32 {
        self.0
    }
}

/// Slice thickness in halves of a millimetre, 0 to 20; 0 where there is one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThicknessHalves(u32);

impl ThicknessHalves {
    /// A thickness in millimetres, rounded to 0.5 mm and clamped to 10 mm.
    pub fn of_mm(thickness_mm: f64) -> Self {
        Self(rounded(thickness_mm * 2.0, 0.0, 20.0))
    }

    /// Halves of a millimetre.
    pub fn halves(self) -> u32 {
        self.0
    }
}

// A float to integer cast saturates and turns NaN, which clamp lets through, into 0.
fn rounded(value: f64, lowest: f64, highest: f64) -> u32 {
    value.round().max(lowest).min(highest) as u32
}

/// The allow-listed numbers about an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetCard {
    /// Random token, drawn for this asset.
    pub asset: AssetToken,
    /// Kind of imaging.
    pub modality: Modality,
    /// Part of the body.
    pub region: BodyRegion,
    /// Plane of the slices.
    pub plane: Plane,
    /// Volume or stack.
    pub dimensionality: Dimensionality,
    /// Contrast agent given or not.
    pub contrast: Contrast,
    /// Number of slices.
    pub slices: CountBucket,
    /// Longer in-plane side.
    pub size: SizeClass,
    /// In-plane spacing.
    pub spacing: SpacingTenths,
    /// Slice thickness.
    pub thickness: ThicknessHalves,
    /// Time points.
    pub frames: CountBucket,
}

impl AssetCard {
    pub(crate) fn wire(&self) -> wire::AssetCard {
        wire::AssetCard {
            asset: wire_id(self.asset.halves()),
            modality: self.modality.wire(),
            region: self.region.wire(),
            plane: self.plane.wire(),
            dimensionality: self.dimensionality.wire(),
            contrast: self.contrast.wire(),
            slices_up_to: self.slices.0,
            size_up_to: self.size.0,
            spacing_tenths_mm: self.spacing.0,
            thickness_halves_mm: self.thickness.0,
            frames_up_to: self.frames.0,
        }
    }
}

impl TryFrom<wire::AssetCard> for AssetCard {
    type Error = InvalidOutbound;

    fn try_from(card: wire::AssetCard) -> Result<Self, InvalidOutbound> {
        let spacing = SpacingTenths(card.spacing_tenths_mm);
        if !(1..=100).contains(&spacing.0) {
            return Err(InvalidOutbound::Field { field: "spacing_tenths_mm" });
        }
        let thickness = ThicknessHalves(card.thickness_halves_mm);
        if thickness.0 > 20 {
            return Err(InvalidOutbound::Field { field: "thickness_halves_mm" });
        }
        Ok(Self {
            asset: id(card.asset, AssetToken::from_halves, "asset")?,
            modality: Modality::read(card.modality, "modality")?,
            region: BodyRegion::read(card.region, "region")?,
            plane: Plane::read(card.plane, "plane")?,
            dimensionality: Dimensionality::read(card.dimensionality, "dimensionality")?,
            contrast: Contrast::read(card.contrast, "contrast")?,
            slices: CountBucket::read(card.slices_up_to, "slices_up_to")?,
            size: SizeClass::read(card.size_up_to)?,
            spacing,
            thickness,
            frames: CountBucket::read(card.frames_up_to, "frames_up_to")?,
        })
    }
}
