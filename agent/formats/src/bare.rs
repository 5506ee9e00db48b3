//! DICOM files without a preamble: a data set as it went over a wire, or a file meta group at the very beginning.

use dicom_core::Tag;

use crate::part10::{FileMeta, file_meta};
use crate::prescan::{self, Element, Limits, Step, Visitor};
use crate::syntax::{Encoding, TransferSyntax};

const SOP_CLASS_UID: Tag = Tag(0x0008, 0x0016);
const SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x0018);

/// Whether bytes may begin a file without a preamble: the first element is of group 0002, or one of the first of
/// group 0008.
#[must_use]
pub fn looks_bare(bytes: &[u8]) -> bool {
    match bytes.get(..4) {
        Some([0x02, 0x00, element, 0x00]) => *element <= 0x02,
        // (0008,0000) to (0008,0018): a data set that is an object names its class there.
        Some([0x08, 0x00, element, 0x00]) => *element <= 0x18,
        Some(_) | None => false,
    }
}

/// The Part 10 file of bytes without a preamble; none where they are no data set that names its class and instance.
///
/// The whole of it is walked, so that nothing is taken for DICOM that only begins like it.
#[must_use]
pub fn with_preamble(bytes: &[u8]) -> Option<Vec<u8>> {
    if !looks_bare(bytes) {
        return None;
    }
    if bytes.starts_with(&[0x02, 0x00]) {
        let mut file = vec![0; 128];
        file.extend(b"DICM");
        file.extend(bytes);
        return crate::part10::open(&file).is_ok().then_some(file);
    }
    let explicit = bytes.get(4..6).is_some_and(|vr| vr.iter().all(u8::is_ascii_uppercase));
    let (encoding, syntax) = if explicit {
        (Encoding::EXPLICIT_LITTLE, TransferSyntax::ExplicitLittle)
    } else {
        (Encoding::IMPLICIT_LITTLE, TransferSyntax::ImplicitLittle)
    };
    let mut names = Names::default();
    prescan::walk(bytes, encoding, Limits::OBJECT, &mut names).ok()?;
    let (class, instance) = (names.class?, names.instance?);
    let meta = FileMeta { sop_class_uid: &class, sop_instance_uid: &instance, syntax };
    let mut file = file_meta(&meta).ok()?;
    file.extend(bytes);
    Some(file)
}

#[derive(Default)]
struct Names {
    class: Option<String>,
    instance: Option<String>,
}

impl Visitor for Names {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let text = || {
            let text = std::str::from_utf8(element.value).ok()?.trim_end_matches(['\0', ' ']);
            Some(text.to_owned())
        };
        if path.is_empty() && element.tag == SOP_CLASS_UID {
            self.class = text();
        }
        if path.is_empty() && element.tag == SOP_INSTANCE_UID {
            self.instance = text();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header;

    fn element(set: &mut Vec<u8>, element: (u16, u16), vr: Option<&[u8; 2]>, value: &str) {
        set.extend(element.0.to_le_bytes());
        set.extend(element.1.to_le_bytes());
        let padded = value.len().next_multiple_of(2);
        match vr {
            Some(vr) => {
                set.extend(vr);
                set.extend(u16::try_from(padded).unwrap().to_le_bytes());
            }
            None => set.extend(u32::try_from(padded).unwrap().to_le_bytes()),
        }
        set.extend(value.as_bytes());
        set.resize(set.len() + padded - value.len(), 0);
    }

    fn data_set(vr: Option<&[u8; 2]>) -> Vec<u8> {
        let mut set = Vec::new();
        element(&mut set, (0x0008, 0x0016), vr, "1.2.840.10008.5.1.4.1.1.4");
        element(&mut set, (0x0008, 0x0018), vr, "1.2.3.4");
        element(&mut set, (0x0020, 0x000D), vr, "1.2.3");
        element(&mut set, (0x0020, 0x000E), vr, "1.2.3.1");
        set
    }

    #[test]
    fn a_data_set_alone_is_read_in_both_encodings() {
        for (vr, syntax) in
            [(Some(b"UI"), TransferSyntax::ExplicitLittle), (None, TransferSyntax::ImplicitLittle)]
        {
            let file = with_preamble(&data_set(vr)).unwrap();
            assert_eq!(header::identity(&file).unwrap().syntax, syntax);
        }
    }

    #[test]
    fn a_file_meta_group_at_the_beginning_is_read() {
        let meta = FileMeta {
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.4",
            sop_instance_uid: "1.2.3.4",
            syntax: TransferSyntax::ExplicitLittle,
        };
        let mut bytes = file_meta(&meta).unwrap().split_off(132);
        bytes.extend(data_set(Some(b"UI")));
        assert!(header::identity(&with_preamble(&bytes).unwrap()).is_ok());
    }

    #[test]
    fn what_only_begins_like_one_is_none() {
        let set = data_set(Some(b"UI"));
        assert!(with_preamble(&set[..set.len() - 3]).is_none());
        assert!(with_preamble(&set[..33]).is_none(), "no instance is named");
        for bytes in [b"".as_slice(), b"\x08", b"letter to a patient", b"PK\x03\x04rest"] {
            assert!(with_preamble(bytes).is_none());
        }
    }
}
