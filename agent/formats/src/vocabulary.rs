//! Closed lists that header texts are mapped onto.
//!
//! What does not map becomes `Other` or `Unknown`: the header's own text never gets through.

/// What kind of machine made an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modality {
    Ct,
    Mr,
    Pt,
    Cr,
    Dx,
    Mg,
    Us,
    Xa,
    Rf,
    Nm,
    Sc,
    Nifti,
    Other,
}

impl Modality {
    /// From Modality (0008,0060), PS3.3 §C.7.3.1.1.1.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code.trim() {
            "CT" => Self::Ct,
            "MR" => Self::Mr,
            "PT" => Self::Pt,
            "CR" => Self::Cr,
            "DX" | "DR" => Self::Dx,
            "MG" => Self::Mg,
            "US" | "IVUS" => Self::Us,
            "XA" => Self::Xa,
            "RF" => Self::Rf,
            "NM" => Self::Nm,
            "SC" | "OT" => Self::Sc,
            _ => Self::Other,
        }
    }

    /// The defined term, for screens and presets.
    #[must_use]
    pub fn code(self) -> &'static str {
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
}

/// Which part of the body is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyRegion {
    Unknown,
    Head,
    Neck,
    Chest,
    Heart,
    Breast,
    Abdomen,
    Pelvis,
    Spine,
    Shoulder,
    Arm,
    Hand,
    Hip,
    Leg,
    Knee,
    Foot,
    WholeBody,
}

/// PS3.16 Annex L, Table L-1, the terms that modalities send.
const REGIONS: [(&str, BodyRegion); 60] = [
    ("HEAD", BodyRegion::Head),
    ("BRAIN", BodyRegion::Head),
    ("SKULL", BodyRegion::Head),
    ("FACE", BodyRegion::Head),
    ("ORBIT", BodyRegion::Head),
    ("SINUS", BodyRegion::Head),
    ("IAC", BodyRegion::Head),
    ("PITUITARY", BodyRegion::Head),
    ("JAW", BodyRegion::Head),
    ("TMJ", BodyRegion::Head),
    ("NECK", BodyRegion::Neck),
    ("HEADNECK", BodyRegion::Neck),
    ("CAROTID", BodyRegion::Neck),
    ("THYROID", BodyRegion::Neck),
    ("LARYNX", BodyRegion::Neck),
    ("CHEST", BodyRegion::Chest),
    ("THORAX", BodyRegion::Chest),
    ("LUNG", BodyRegion::Chest),
    ("RIB", BodyRegion::Chest),
    ("STERNUM", BodyRegion::Chest),
    ("MEDIASTINUM", BodyRegion::Chest),
    ("CLAVICLE", BodyRegion::Chest),
    ("HEART", BodyRegion::Heart),
    ("CARDIAC", BodyRegion::Heart),
    ("CORONARYARTERY", BodyRegion::Heart),
    ("BREAST", BodyRegion::Breast),
    ("ABDOMEN", BodyRegion::Abdomen),
    ("LIVER", BodyRegion::Abdomen),
    ("KIDNEY", BodyRegion::Abdomen),
    ("PANCREAS", BodyRegion::Abdomen),
    ("SPLEEN", BodyRegion::Abdomen),
    ("STOMACH", BodyRegion::Abdomen),
    ("COLON", BodyRegion::Abdomen),
    ("ABDOMENPELVIS", BodyRegion::Abdomen),
    ("CHESTABDOMEN", BodyRegion::Abdomen),
    ("PELVIS", BodyRegion::Pelvis),
    ("PROSTATE", BodyRegion::Pelvis),
    ("BLADDER", BodyRegion::Pelvis),
    ("UTERUS", BodyRegion::Pelvis),
    ("SPINE", BodyRegion::Spine),
    ("CSPINE", BodyRegion::Spine),
    ("TSPINE", BodyRegion::Spine),
    ("LSPINE", BodyRegion::Spine),
    ("SSPINE", BodyRegion::Spine),
    ("WSPINE", BodyRegion::Spine),
    ("SHOULDER", BodyRegion::Shoulder),
    ("SCAPULA", BodyRegion::Shoulder),
    ("ARM", BodyRegion::Arm),
    ("HUMERUS", BodyRegion::Arm),
    ("ELBOW", BodyRegion::Arm),
    ("FOREARM", BodyRegion::Arm),
    ("HAND", BodyRegion::Hand),
    ("WRIST", BodyRegion::Hand),
    ("HIP", BodyRegion::Hip),
    ("LEG", BodyRegion::Leg),
    ("FEMUR", BodyRegion::Leg),
    ("KNEE", BodyRegion::Knee),
    ("FOOT", BodyRegion::Foot),
    ("ANKLE", BodyRegion::Foot),
    ("WHOLEBODY", BodyRegion::WholeBody),
];

impl BodyRegion {
    /// From Body Part Examined (0018,0015). Spaces, underscores and letter case are not told apart.
    #[must_use]
    pub fn from_body_part(text: &str) -> Self {
        let term: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let term = term.to_ascii_uppercase();
        REGIONS.iter().find(|(known, _)| *known == term).map_or(Self::Unknown, |(_, region)| *region)
    }
}

/// Whether a contrast agent was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contrast {
    /// The header does not say.
    Unknown,
    /// The header says that none was given.
    Without,
    /// The header names an agent.
    With,
}

impl Contrast {
    /// From Contrast/Bolus Agent (0018,0010), which is present and empty where none was given.
    #[must_use]
    pub fn from_agent(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Unknown };
        match text.trim().to_ascii_uppercase().as_str() {
            "" => Self::Unknown,
            "NO" | "NONE" | "N" | "WITHOUT" | "NO CONTRAST" => Self::Without,
            _ => Self::With,
        }
    }
}

/// How samples are to be read as brightness or colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Photometric {
    /// The lowest value is white.
    Monochrome1,
    /// The lowest value is black.
    Monochrome2,
    PaletteColour,
    Rgb,
    YbrFull,
    YbrFull422,
    YbrIct,
    YbrRct,
}

impl Photometric {
    /// From Photometric Interpretation (0028,0004), PS3.3 §C.7.6.3.1.2.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code.trim() {
            "MONOCHROME1" => Some(Self::Monochrome1),
            "MONOCHROME2" => Some(Self::Monochrome2),
            "PALETTE COLOR" => Some(Self::PaletteColour),
            "RGB" => Some(Self::Rgb),
            "YBR_FULL" => Some(Self::YbrFull),
            "YBR_FULL_422" => Some(Self::YbrFull422),
            "YBR_ICT" => Some(Self::YbrIct),
            "YBR_RCT" => Some(Self::YbrRct),
            _ => None,
        }
    }

    /// Whether one sample is one brightness.
    #[must_use]
    pub fn monochrome(self) -> bool {
        matches!(self, Self::Monochrome1 | Self::Monochrome2)
    }

    /// Whether a colour has three samples, not one that stands for it.
    #[must_use]
    pub fn colour_samples(self) -> bool {
        !self.monochrome() && self != Self::PaletteColour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_part_is_found_however_it_is_written() {
        for written in ["WHOLEBODY", "Whole Body", "WHOLE_BODY "] {
            assert_eq!(BodyRegion::from_body_part(written), BodyRegion::WholeBody);
        }
        assert_eq!(BodyRegion::from_body_part("Doe^Jane"), BodyRegion::Unknown);
    }

    #[test]
    fn an_unknown_modality_is_other() {
        assert_eq!(Modality::from_code("MR "), Modality::Mr);
        assert_eq!(Modality::from_code("Smith"), Modality::Other);
    }

    #[test]
    fn an_absent_agent_is_not_no_agent() {
        assert_eq!(Contrast::from_agent(None), Contrast::Unknown);
        assert_eq!(Contrast::from_agent(Some("NONE")), Contrast::Without);
        assert_eq!(Contrast::from_agent(Some("anything")), Contrast::With);
    }
}
