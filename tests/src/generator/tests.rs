//! Facts about what is made; DCMTK, which did not make it, reads it back.

use std::process::Command;

use super::*;

fn dump(path: &Path) -> String {
    let output = Command::new("dcmdump").args(["+L", "-q"]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn pixels(path: &Path) -> Vec<u8> {
    let raw = path.with_extension("raw.dcm");
    // Decodes whatever dcmconv cannot; each refuses what it is not for.
    for program in ["dcmdrle", "dcmdjpeg", "dcmdjpls", "dcmconv"] {
        let ran = Command::new(program).arg("+te").arg(path).arg(&raw).output().unwrap();
        if ran.status.success() {
            break;
        }
    }
    let bytes = std::fs::read(&raw).unwrap();
    // Explicit VR, OW: tag, VR, two bytes reserved, four of length; the last element.
    let tag = [0xe0, 0x7f, 0x10, 0x00, b'O', b'W', 0, 0];
    let at = bytes.windows(8).rposition(|window| window == tag).unwrap();
    bytes[at + 12..].to_vec()
}

#[test]
fn one_key_gives_one_series_and_another_key_another() {
    let directory = tempfile::tempdir().unwrap();
    let make = |name: &str, key| generate(&Options::small(directory.path().join(name), key)).unwrap();
    let (first, again, other) = (make("a", "A"), make("b", "A"), make("c", "B"));
    for (a, b) in first.files.iter().zip(&again.files) {
        assert_eq!(std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
    }
    assert_eq!(first.canaries, again.canaries);
    assert!(first.canaries.keys().all(|canary| !other.canaries.contains_key(canary)));
}

#[test]
fn every_planted_identifier_stands_in_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = generate(&Options::small(directory.path(), "A")).unwrap();
    let files: Vec<Vec<u8>> = manifest.files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    for (canary, place) in &manifest.canaries {
        let found = files.iter().any(|file| file.windows(canary.len()).any(|part| part == canary.as_bytes()));
        assert!(found, "{place}");
    }
    assert!(manifest.canaries.len() > 70);
}

#[test]
fn the_header_says_where_the_slice_lies() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options { oblique_degrees: 12.0, ..Options::small(directory.path(), "A") };
    let manifest = generate(&options).unwrap();
    let text = dump(&manifest.files[31]);
    let place = manifest.geometry.place_mm([0.0, 0.0, 31.0]).map(|mm| format!("{mm:.6}")).join("\\");
    assert!(text.contains(&format!("[{place}]")), "{place} in {text}");
    assert!(text.contains("[1.000000000\\0.000000000\\0.000000000\\0.000000000\\0.978147601\\0.207911691]"));
    assert!(text.contains("(0028,0010) US 64"));
}

#[test]
fn every_transfer_syntax_holds_the_same_pixels() {
    let directory = tempfile::tempdir().unwrap();
    let make = |transfer_syntax: TransferSyntax| {
        let out = directory.path().join(transfer_syntax.name());
        let small = Options::small(out, "A");
        generate(&Options { transfer_syntax, size: Some(32), slices: Some(2), nifti: false, ..small })
            .unwrap()
    };
    let expect = pixels(&make(TransferSyntax::Explicit).files[1]);
    assert_eq!(expect.len(), 2 * 32 * 32);
    for transfer_syntax in TransferSyntax::ALL {
        let file = &make(transfer_syntax).files[1];
        assert!(dump(file).contains("(0002,0010) UI ="), "{}", transfer_syntax.name());
        assert_eq!(pixels(file), expect, "{}", transfer_syntax.name());
    }
}

#[test]
fn gold_lies_on_the_grid_of_the_series() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = generate(&Options::small(directory.path(), "A")).unwrap();
    let gold = read_labels(&directory.path().join("gold.nii.gz")).unwrap();
    assert_eq!(gold.size, manifest.geometry.size);
    let last = manifest.geometry.size.map(|length| f64::from(length - 1));
    let place = manifest.geometry.place_mm(last);
    for ((row, sign), mm) in gold.affine_ras.iter().zip([-1.0, -1.0, 1.0]).zip(place) {
        let ras = (0..3).map(|axis| row[axis] * last[axis]).sum::<f64>() + row[3];
        assert!((ras * sign - mm).abs() < 1e-3, "{ras} {mm}");
    }
    for (label, &voxels) in (1..).zip(&manifest.label_voxels) {
        assert!(voxels > 20, "{label}");
        assert_eq!(gold.labels.iter().filter(|&&found| found == label).count() as u64, voxels);
    }
}

#[test]
fn a_label_lies_left_and_right_alike_in_the_phantom() {
    let directory = tempfile::tempdir().unwrap();
    generate(&Options { nifti: false, ..Options::small(directory.path(), "A") }).unwrap();
    let gold = read_labels(&directory.path().join("gold.nii.gz")).unwrap();
    for row in gold.labels.chunks_exact(64) {
        let mirrored: Vec<u16> = row.iter().rev().copied().collect();
        assert_eq!(row, mirrored);
    }
}

#[test]
fn a_size_that_dicom_cannot_say_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for size in [0, 1, 4097] {
        let options = Options { size: Some(size), ..Options::small(directory.path(), "A") };
        assert!(matches!(generate(&options), Err(GenerateError::Size)));
    }
}
