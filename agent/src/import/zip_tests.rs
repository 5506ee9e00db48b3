//! Facts about zip archives: honest ones are read, hostile ones are refused by name.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::tests::dicom;
use super::*;

type Entries<'e> = &'e [(&'e str, Vec<u8>)];

fn archive(entries: Entries<'_>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

type Read = (String, Result<Vec<u8>, EntryRefusal>);

fn read(bytes: &[u8]) -> (Vec<Read>, Option<ArchiveRefusal>) {
    let mut found = Vec::new();
    let mut take = |name: String, read: Result<Vec<u8>, EntryRefusal>| {
        found.push((name, read));
        Ok(())
    };
    let refusal = entries(file_of(bytes), &mut take).unwrap();
    (found, refusal)
}

fn check(bytes: &[u8], refusal: EntryRefusal) {
    let (found, whole) = read(bytes);
    assert_eq!(whole, None);
    assert_eq!(found.first().map(|(_, read)| read.clone()), Some(Err(refusal)));
}

/// Replaces four bytes at a place after each mark.
fn forge(bytes: &mut [u8], mark: &[u8], at: usize, value: u32) {
    let places: Vec<usize> = bytes
        .windows(mark.len())
        .enumerate()
        .filter(|(_, window)| *window == mark)
        .map(|(at, _)| at)
        .collect();
    for place in places {
        bytes[place + at..place + at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

#[test]
fn entries_come_out_as_they_went_in() {
    let zip = archive(&[("a/1.dcm", dicom(1)), ("2", dicom(2))]);
    let (found, refusal) = read(&zip);
    assert_eq!(refusal, None);
    assert_eq!(found, [("a/1.dcm".to_owned(), Ok(dicom(1))), ("2".to_owned(), Ok(dicom(2)))]);
    assert!(looks_like(&mut file_of(&zip)).unwrap() && !looks_like(&mut file_of(&dicom(1))).unwrap());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in ["../x", "/etc/passwd", "a/../../x", "a\\..\\x", "C:/x", "a//b", "./x"] {
        assert_eq!(safe_name(name), Err(EntryRefusal::Name), "{name}");
    }
    check(&archive(&[("../x", dicom(1))]), EntryRefusal::Name);
}

#[test]
fn an_archive_inside_an_archive_is_refused() {
    check(&archive(&[("inner.dcm", archive(&[("1", dicom(1))]))]), EntryRefusal::Nested);
}

#[test]
fn what_is_no_image_is_not_unpacked() {
    check(&archive(&[("zeros", vec![0; 8 << 20])]), EntryRefusal::NotAnImage);
}

#[test]
fn forged_sizes_are_refused() {
    let honest = archive(&[("1", dicom(1))]);
    let mut short = honest.clone();
    // The size before compression: at 22 of the local header, at 24 of the central one.
    forge(&mut short, b"PK\x03\x04", 22, 200);
    forge(&mut short, b"PK\x01\x02", 24, 200);
    check(&short, EntryRefusal::Damaged);
    let mut long = honest.clone();
    forge(&mut long, b"PK\x03\x04", 22, 9_000);
    forge(&mut long, b"PK\x01\x02", 24, 9_000);
    check(&long, EntryRefusal::Damaged);
    let mut huge = honest.clone();
    forge(&mut huge, b"PK\x01\x02", 24, u32::MAX - 1);
    check(&huge, EntryRefusal::TooLarge);
    let mut data = honest;
    let middle = data.len() / 3;
    data[middle] ^= 0x55;
    let (found, refusal) = read(&data);
    assert!(refusal.is_some() || found[0].1.is_err());
}

#[test]
fn entries_over_each_other_and_endless_directories_are_refused() {
    let mut lying = archive(&[("1", dicom(1)), ("2", dicom(2))]);
    forge(&mut lying, b"PK\x01\x02", 20, 60_000);
    let (found, refusal) = read(&lying);
    assert!(found.is_empty() && refusal == Some(ArchiveRefusal::Overlapping), "{refusal:?}");
    let mut long = archive(&[("1", dicom(1))]);
    forge(&mut long, b"PK\x05\x06", 12, u32::MAX - 1);
    assert_eq!(read(&long).1, Some(ArchiveRefusal::DirectoryTooLong));
    assert_eq!(read(b"PK\x03\x04 and nothing more").1, Some(ArchiveRefusal::Broken));
}

proptest! {
    #[test]
    fn a_safe_name_stays_below_any_folder(name in "[a./\\\\:\0]{0,12}") {
        if safe_name(&name).is_ok() {
            let path = std::path::Path::new("/root").join(&name);
            let normal = path.components().skip(1).all(|part| matches!(part, std::path::Component::Normal(_)));
            prop_assert!(normal && path.starts_with("/root") && !name.contains('\0'));
        }
    }

    #[test]
    fn no_bytes_make_it_stumble_or_give_what_was_not_there(
        at in 0_usize..600,
        value in any::<u8>(),
        cut in 0_usize..600,
    ) {
        let whole = archive(&[("1", dicom(1)), ("2", dicom(2))]);
        let mut bytes = whole[..whole.len() - cut.min(whole.len())].to_vec();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
        let known = [dicom(1), dicom(2)];
        let (found, _) = read(&bytes);
        for (_, read) in found {
            prop_assert!(read.map_or(true, |bytes| known.contains(&bytes)));
        }
    }
}
