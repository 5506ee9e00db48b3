//! The transfer syntaxes that are known by name, and how each one lays out a data set.
//!
//! Holds no codec: which of these can be turned into pixels is decided in `pixels`.

/// Byte order and value-representation rule of one data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// Each element header names its value representation.
    pub explicit: bool,
    /// Numbers have their most significant byte first.
    pub big_endian: bool,
}

impl Encoding {
    /// Implicit VR little endian, the encoding of every DIMSE command set.
    pub const IMPLICIT_LITTLE: Self = Self { explicit: false, big_endian: false };
    /// Explicit VR little endian, the encoding of the file meta group.
    pub const EXPLICIT_LITTLE: Self = Self { explicit: true, big_endian: false };
    /// Explicit VR big endian, retired from the standard but still in archives.
    pub const EXPLICIT_BIG: Self = Self { explicit: true, big_endian: true };

    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// A transfer syntax of PS3.5 Annex A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferSyntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
    DeflatedLittle,
    EncapsulatedUncompressed,
    RleLossless,
    JpegBaseline,
    JpegExtended,
    /// JPEG lossless, process 14, any predictor.
    JpegLossless,
    /// JPEG lossless, process 14, first-order prediction.
    JpegLosslessFirstOrder,
    JpegLsLossless,
    JpegLsNearLossless,
    Jpeg2000Lossless,
    Jpeg2000,
    HighThroughputJpeg2000Lossless,
    HighThroughputJpeg2000LosslessRpcl,
    HighThroughputJpeg2000,
    JpegXlLossless,
    JpegXlRecompression,
    JpegXl,
    /// Known to the standard, stored as it came, never decoded: video, JPIP and the multi-component parts.
    StoredOnly(StoredOnly),
}

/// Transfer syntaxes that are kept but not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoredOnly {
    Jpeg2000Part2Lossless,
    Jpeg2000Part2,
    JpipReferenced,
    Mpeg2Main,
    Mpeg2High,
    Mpeg4High,
    Mpeg4BluRay,
    Mpeg4For2d,
    Mpeg4For3d,
    Mpeg4Stereo,
    HevcMain,
    HevcMain10,
    SmpteSt2110,
}

/// PS3.6 Table A-1, without the retired JPEG processes that no modality has sent since 1998.
const TABLE: [(&str, TransferSyntax); 33] = [
    ("1.2.840.10008.1.2", TransferSyntax::ImplicitLittle),
    ("1.2.840.10008.1.2.1", TransferSyntax::ExplicitLittle),
    ("1.2.840.10008.1.2.2", TransferSyntax::ExplicitBig),
    ("1.2.840.10008.1.2.1.99", TransferSyntax::DeflatedLittle),
    ("1.2.840.10008.1.2.1.98", TransferSyntax::EncapsulatedUncompressed),
    ("1.2.840.10008.1.2.5", TransferSyntax::RleLossless),
    ("1.2.840.10008.1.2.4.50", TransferSyntax::JpegBaseline),
    ("1.2.840.10008.1.2.4.51", TransferSyntax::JpegExtended),
    ("1.2.840.10008.1.2.4.57", TransferSyntax::JpegLossless),
    ("1.2.840.10008.1.2.4.70", TransferSyntax::JpegLosslessFirstOrder),
    ("1.2.840.10008.1.2.4.80", TransferSyntax::JpegLsLossless),
    ("1.2.840.10008.1.2.4.81", TransferSyntax::JpegLsNearLossless),
    ("1.2.840.10008.1.2.4.90", TransferSyntax::Jpeg2000Lossless),
    ("1.2.840.10008.1.2.4.91", TransferSyntax::Jpeg2000),
    ("1.2.840.10008.1.2.4.201", TransferSyntax::HighThroughputJpeg2000Lossless),
    ("1.2.840.10008.1.2.4.202", TransferSyntax::HighThroughputJpeg2000LosslessRpcl),
    ("1.2.840.10008.1.2.4.203", TransferSyntax::HighThroughputJpeg2000),
    ("1.2.840.10008.1.2.4.110", TransferSyntax::JpegXlLossless),
    ("1.2.840.10008.1.2.4.111", TransferSyntax::JpegXlRecompression),
    ("1.2.840.10008.1.2.4.112", TransferSyntax::JpegXl),
    ("1.2.840.10008.1.2.4.92", TransferSyntax::StoredOnly(StoredOnly::Jpeg2000Part2Lossless)),
    ("1.2.840.10008.1.2.4.93", TransferSyntax::StoredOnly(StoredOnly::Jpeg2000Part2)),
    ("1.2.840.10008.1.2.4.94", TransferSyntax::StoredOnly(StoredOnly::JpipReferenced)),
    ("1.2.840.10008.1.2.4.100", TransferSyntax::StoredOnly(StoredOnly::Mpeg2Main)),
    ("1.2.840.10008.1.2.4.101", TransferSyntax::StoredOnly(StoredOnly::Mpeg2High)),
    ("1.2.840.10008.1.2.4.102", TransferSyntax::StoredOnly(StoredOnly::Mpeg4High)),
    ("1.2.840.10008.1.2.4.103", TransferSyntax::StoredOnly(StoredOnly::Mpeg4BluRay)),
    ("1.2.840.10008.1.2.4.104", TransferSyntax::StoredOnly(StoredOnly::Mpeg4For2d)),
    ("1.2.840.10008.1.2.4.105", TransferSyntax::StoredOnly(StoredOnly::Mpeg4For3d)),
    ("1.2.840.10008.1.2.4.106", TransferSyntax::StoredOnly(StoredOnly::Mpeg4Stereo)),
    ("1.2.840.10008.1.2.4.107", TransferSyntax::StoredOnly(StoredOnly::HevcMain)),
    ("1.2.840.10008.1.2.4.108", TransferSyntax::StoredOnly(StoredOnly::HevcMain10)),
    ("1.2.840.10008.1.2.7.1", TransferSyntax::StoredOnly(StoredOnly::SmpteSt2110)),
];

impl TransferSyntax {
    /// The syntax with this UID; padding (a zero byte or spaces) is ignored.
    #[must_use]
    pub fn from_uid(uid: &str) -> Option<Self> {
        let uid = uid.trim_end_matches(['\0', ' ']);
        TABLE.iter().find(|(known, _)| *known == uid).map(|(_, syntax)| *syntax)
    }

    /// The UID of PS3.6 Table A-1.
    #[must_use]
    pub fn uid(self) -> &'static str {
        // Every variant has its row, which a test checks; the first row is what the type system asks for.
        TABLE.iter().find(|(_, syntax)| *syntax == self).map_or(TABLE[0].0, |(uid, _)| *uid)
    }

    /// Every syntax that is accepted on the wire.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(_, syntax)| *syntax)
    }

    /// Layout of the data set. Deflated data sets have this layout once they are inflated.
    #[must_use]
    pub fn encoding(self) -> Encoding {
        if self == Self::ImplicitLittle {
            Encoding::IMPLICIT_LITTLE
        } else if self == Self::ExplicitBig {
            Encoding::EXPLICIT_BIG
        } else {
            // PS3.5 A.4: every encapsulated syntax is explicit VR little endian.
            Encoding::EXPLICIT_LITTLE
        }
    }

    /// Whether pixel data is laid out sample after sample, without a codec.
    #[must_use]
    pub fn native_pixels(self) -> bool {
        matches!(self, Self::ImplicitLittle | Self::ExplicitLittle | Self::ExplicitBig | Self::DeflatedLittle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_has_one_uid() {
        for (uid, syntax) in TABLE {
            assert_eq!(TransferSyntax::from_uid(uid), Some(syntax));
            assert_eq!(syntax.uid(), uid);
        }
    }

    #[test]
    fn padding_of_a_uid_is_ignored() {
        assert_eq!(TransferSyntax::from_uid("1.2.840.10008.1.2\0"), Some(TransferSyntax::ImplicitLittle));
        assert_eq!(TransferSyntax::from_uid("1.2.3"), None);
    }
}
