//! Facts about pictures; DCMTK, which did not make them, reads them back.

use super::*;

fn make(subject: Subject, out: &Path) -> PictureManifest {
    let options =
        PictureOptions { out: out.to_owned(), key: "A".into(), subject, columns: Some(128), jpeg: false };
    generate_pictures(&options).unwrap()
}

fn dump(path: &Path) -> String {
    let output = Command::new("dcmdump").args(["+L", "-q"]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn one_key_gives_one_picture() {
    let directory = tempfile::tempdir().unwrap();
    for subject in Subject::ALL {
        let first = make(subject, &directory.path().join("a").join(subject.name()));
        let again = make(subject, &directory.path().join("b").join(subject.name()));
        for (one, other) in first.files.iter().zip(&again.files) {
            assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
        }
        assert_eq!(first.findings, again.findings);
    }
}

#[test]
fn mammograms_are_four_pictures_of_two_sizes() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = make(Subject::Breasts, directory.path());
    let sizes: Vec<[u32; 2]> = manifest.sizes.iter().map(|size| [size[0], size[1]]).collect();
    assert_eq!(sizes, [[102, 122], [102, 122], [128, 153], [128, 153]]);
    assert_eq!(manifest.findings.iter().filter(|finding| finding.object == "mass").count(), 2);
}

#[test]
fn an_inverted_chest_is_the_same_with_black_and_white_exchanged() {
    let directory = tempfile::tempdir().unwrap();
    let plain = make(Subject::Chest, &directory.path().join("plain"));
    let inverted = make(Subject::ChestInverted, &directory.path().join("inverted"));
    let pixels = |file: &Path| {
        let bytes = std::fs::read(file).unwrap();
        let last = bytes[bytes.len() - 128 * 160 * 2..].to_vec();
        last.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect::<Vec<_>>()
    };
    for (one, other) in pixels(&plain.files[0]).into_iter().zip(pixels(&inverted.files[0])) {
        assert_eq!(one + other, 4095);
    }
    assert!(dump(&inverted.files[0]).contains("MONOCHROME1"));
}

#[test]
fn a_cine_is_colours_with_a_region_and_a_frame_time() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = make(Subject::Cyst, directory.path());
    let text = dump(&manifest.files[0]);
    for expect in ["(0028,0008) IS [20]", "(0018,1063) DS [50]", "(0018,6011) SQ", "(0028,0004) CS [RGB]"] {
        assert!(text.contains(expect), "{expect} in {text}");
    }
}

#[test]
fn every_finding_lies_in_its_picture() {
    let directory = tempfile::tempdir().unwrap();
    for subject in Subject::ALL {
        let manifest = make(subject, &directory.path().join(subject.name()));
        let slices: Vec<[u32; 2]> = manifest
            .sizes
            .iter()
            .flat_map(|[columns, rows, frames]| (0..*frames).map(move |_| [*columns, *rows]))
            .collect();
        for finding in &manifest.findings {
            let [columns, rows] = slices[finding.slice as usize].map(f64::from);
            let inside = |[x, y]: [f64; 2]| (0.0..columns).contains(&x) && (0.0..rows).contains(&y);
            let all = match finding.form {
                FindingForm::Point(at) => inside(at),
                FindingForm::Line(from, to) => inside(from) && inside(to),
                FindingForm::Box(lower, upper) => {
                    inside(lower.map(f64::from)) && inside(upper.map(f64::from))
                }
            };
            assert!(all, "{finding:?}");
        }
    }
}
