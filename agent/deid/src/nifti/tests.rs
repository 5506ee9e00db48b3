//! NIfTI files with texts in every place.

use super::*;

const CANARY: &[u8] = b"DOE";

fn file(version: &Version, big: bool) -> Vec<u8> {
    let mut bytes = vec![0_u8; version.header];
    let size = u32::try_from(version.header).unwrap();
    bytes[..4].copy_from_slice(&if big { size.to_be_bytes() } else { size.to_le_bytes() });
    let magic = if version.double_offset { 4 } else { 344 };
    bytes[magic..magic + 4].copy_from_slice(if version.double_offset { b"n+2\0" } else { b"n+1\0" });
    for (_, at, _) in version.texts {
        bytes[*at..at + 3].copy_from_slice(CANARY);
    }
    // An extension of 16 bytes: its length, its code (6, a comment), its text.
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(if big { [0, 0, 0, 16, 0, 0, 0, 6] } else { [16, 0, 0, 0, 6, 0, 0, 0] });
    bytes.extend(b"DOE JANE");
    set_offset(&mut bytes, version, big, version.header + 20);
    bytes.extend([1, 2, 3, 4]);
    bytes
}

#[test]
fn texts_and_extensions_go_and_voxels_stay() {
    for version in [&ONE, &TWO] {
        for big in [false, true] {
            let cleaned = clean(&file(version, big)).unwrap();
            assert!(!cleaned.bytes.windows(3).any(|window| window == CANARY));
            assert_eq!(cleaned.cleared.len(), version.texts.len() + 1);
            let start = voxel_offset(&cleaned.bytes, version, big).unwrap();
            assert_eq!(start, version.header + 4);
            assert_eq!(cleaned.bytes[start..], [1, 2, 3, 4]);
            assert_eq!(cleaned.bytes[version.header..start], [0; 4]);
        }
    }
}

#[test]
fn a_packed_file_loses_its_name_too() {
    let mut packer = GzBuilder::new()
        .filename("doe_jane.nii")
        .comment("DOE")
        .mtime(99)
        .write(Vec::new(), Compression::fast());
    packer.write_all(&file(&ONE, false)).unwrap();
    let cleaned = clean(&packer.finish().unwrap()).unwrap();
    assert_eq!(cleaned.suffix, "nii.gz");
    let header = flate2::read::GzDecoder::new(cleaned.bytes.as_slice()).header().unwrap().clone();
    assert!(header.filename().is_none() && header.comment().is_none() && header.mtime() == 0);
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(cleaned.bytes.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, clean(&file(&ONE, false)).unwrap().bytes);
}

#[test]
fn what_contradicts_itself_is_refused() {
    assert_eq!(clean(b"DICM").unwrap_err(), NiftiError::NotNifti);
    assert_eq!(clean(&[0x1F, 0x8B, 0, 0]).unwrap_err(), NiftiError::Unpack);
    let mut beyond = file(&ONE, false);
    set_offset(&mut beyond, &ONE, false, 100_000);
    assert_eq!(clean(&beyond).unwrap_err(), NiftiError::VoxelOffset);
    let mut inside = file(&ONE, false);
    set_offset(&mut inside, &ONE, false, 300);
    assert_eq!(clean(&inside).unwrap_err(), NiftiError::VoxelOffset);
}
