//! Values that stand in the place of others: valid for their representation, and the same for everybody.

use dicom_core::VR;

/// A dummy value (PS3.15 §E.2, action D). A sequence has none: its items are hollowed out instead.
pub(crate) fn value(vr: VR) -> Vec<u8> {
    match vr {
        VR::DA => b"19000101".to_vec(),
        VR::DT => b"19000101000000".to_vec(),
        VR::TM => b"000000".to_vec(),
        VR::AS => b"000Y".to_vec(),
        VR::DS | VR::IS => b"0".to_vec(),
        VR::PN => b"Anonymized".to_vec(),
        VR::UR => b"urn:anonymized".to_vec(),
        VR::AE | VR::CS | VR::LO | VR::LT | VR::SH | VR::ST | VR::UC | VR::UT => b"ANONYMIZED".to_vec(),
        // A UID of nothing; UIDs are mapped, so this is for such as have a broken form.
        VR::UI => b"2.25.0".to_vec(),
        VR::AT | VR::FL | VR::OF | VR::OL | VR::SL | VR::UL => vec![0; 4],
        VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => vec![0; 8],
        VR::OB | VR::OW | VR::SS | VR::UN | VR::US | VR::SQ => vec![0; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_not_longer_than_their_representation_allows() {
        for (vr, longest) in
            [(VR::AE, 16), (VR::CS, 16), (VR::SH, 16), (VR::AS, 4), (VR::DA, 8), (VR::TM, 14)]
        {
            assert!(value(vr).len() <= longest, "{vr}");
        }
    }
}
