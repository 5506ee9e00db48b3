//! `masks convert`: one kind of file to another, read back and compared with what it was made from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use agent_formats::rtstruct;
use agent_formats::seg::{Content, NewObject, Segment, write};
use agent_formats::source::{Source, SourceInstance};
use agent_formats::{nifti, nrrd, part10};
use agent_imaging::metrics::MaskPair;
use agent_imaging::{Grid, LabelMap, Run};
use agent_phi::Purpose;
use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use proto_ids::Clock;
use proto_program::SystemClock;
use serde_json::{Value, json};
use time::OffsetDateTime;

use agent_formats::Drawn;

use super::files::{Form, described, encoded, put};
use super::grid;

/// What a `.dcm` is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum As {
    /// A segmentation with a bit for each voxel of each segment
    Seg,
    /// A segmentation with the number of a segment for each voxel (DICOM Supplement 243)
    LabelMap,
    /// A structure set with contours
    Rtstruct,
}

/// What is converted, and how.
pub(super) struct Wanted<'a> {
    pub(super) input: &'a Path,
    pub(super) output: &'a Path,
    pub(super) segment: Option<u16>,
    pub(super) reference: Option<&'a PathBuf>,
    pub(super) kind: As,
}

pub(super) fn convert(wanted: &Wanted<'_>) -> anyhow::Result<Value> {
    let form = Form::of(wanted.output)?;
    let reference = wanted.reference.map(|path| Reference::read(path)).transpose()?;
    let named = || format!("cannot use {}", wanted.input.display());
    let bytes = std::fs::read(wanted.input).with_context(named)?;
    let mut drawn = Drawn::read(&bytes, reference.as_ref().map(|known| &known.grid)).with_context(named)?;
    if let Some(number) = wanted.segment {
        drawn = drawn.only(number)?;
    }
    let written = match form {
        Form::Dicom => object(&drawn, wanted.kind, reference.as_ref())?,
        Form::Nifti | Form::NiftiGz | Form::Nrrd | Form::Coco | Form::Stl | Form::Ply => {
            encoded(&drawn, form)?
        }
    };
    let certificate = certificate(&drawn, &written, form)?;
    put(wanted.output, &written)?;
    Ok(json!({
        "grid": grid(drawn.grid()?),
        "segments": described(&drawn)?.iter().map(|segment| line(&drawn, segment)).collect::<Vec<_>>(),
        "certificate": certificate,
    }))
}

fn line(drawn: &Drawn, segment: &Segment) -> Value {
    json!({
        "number": segment.number,
        "label": segment.label.expose(Purpose::HospitalScreen),
        "voxels": drawn.layers.iter().map(|map| map.count(segment.number)).sum::<u64>(),
    })
}

/// What the file is to belong to, or at least to lie on.
struct Reference {
    grid: Grid,
    source: Option<Source>,
}

impl Reference {
    /// A folder of DICOM images, one of them, or a NIfTI or NRRD file that has a grid.
    fn read(path: &Path) -> anyhow::Result<Self> {
        let named = || format!("cannot use {}", path.display());
        if path.is_dir() {
            return Self::series(path).with_context(named);
        }
        let bytes = std::fs::read(path).with_context(named)?;
        if part10::looks_like_part10(&bytes) {
            let source =
                Source::new(&[SourceInstance::read(&bytes).with_context(named)?]).with_context(named)?;
            return Ok(Self { grid: *source.grid(), source: Some(source) });
        }
        if bytes.starts_with(b"NRRD") {
            let read = nrrd::read(&bytes).with_context(named)?;
            let map = read.layers.first().context("there is no label map")?;
            return Ok(Self { grid: *map.grid(), source: None });
        }
        Ok(Self { grid: nifti::read_grid(&bytes).with_context(named)?, source: None })
    }

    fn series(folder: &Path) -> anyhow::Result<Self> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        paths.sort();
        let mut instances = Vec::new();
        for path in paths.iter().filter(|path| path.is_file()) {
            let bytes = std::fs::read(path)?;
            if part10::looks_like_part10(&bytes) {
                let read =
                    SourceInstance::read(&bytes).with_context(|| format!("cannot use {}", path.display()))?;
                instances.push(read);
            }
        }
        ensure!(!instances.is_empty(), "no file of the folder is a DICOM image");
        let source = Source::new(&instances)?;
        Ok(Self { grid: *source.grid(), source: Some(source) })
    }
}

fn object(drawn: &Drawn, kind: As, reference: Option<&Reference>) -> anyhow::Result<Vec<u8>> {
    let source = reference.and_then(|known| known.source.as_ref());
    let source = source.context("a DICOM object belongs to a series: --reference names its folder")?;
    let segments = described(drawn)?;
    let now = OffsetDateTime::from_unix_timestamp(SystemClock.now().millis() / 1000)?;
    let date = format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day());
    let clock = format!("{:02}{:02}{:02}", now.hour(), now.minute(), now.second());
    let [instance_uid, series_uid, inner_uid] = [new_uid()?, new_uid()?, new_uid()?];
    let object = NewObject {
        instance_uid: &instance_uid,
        series_uid: &series_uid,
        inner_uid: &inner_uid,
        date: &date,
        time: &clock,
        series_number: 300,
        series_description: "Segmentation",
        software_version: env!("CARGO_PKG_VERSION"),
    };
    Ok(match kind {
        As::Seg => write(Content::Binary(&drawn.layers), &segments, source, &object)?,
        As::LabelMap => write(Content::LabelMap(drawn.label_map()?), &segments, source, &object)?,
        As::Rtstruct => rtstruct::write(&drawn.layers, &segments, source, &object)?,
    })
}

/// A UID from a random UUID (PS3.5 §B.2).
fn new_uid() -> anyhow::Result<String> {
    use ring::rand::SecureRandom;
    let mut bytes = [0; 16];
    let filled = ring::rand::SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
    // RFC 9562 §5.4: version 4, variant 10.
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    Ok(format!("2.25.{}", u128::from_be_bytes(bytes)))
}

/// Reads back what was written, and says how far it is what it was made from.
fn certificate(drawn: &Drawn, written: &[u8], form: Form) -> anyhow::Result<Value> {
    let again = Drawn::read(written, Some(drawn.grid()?)).context("what was written cannot be read back")?;
    // A surface says nothing of a number.
    let surface = matches!(form, Form::Stl | Form::Ply);
    let label = surface.then(|| drawn.layers.iter().flat_map(LabelMap::labels).next()).flatten();
    let (before, after) = (voxels(drawn, label), voxels(&again, None));
    if before == after {
        return Ok(json!({ "voxels": "exact", "sha256": digests(drawn) }));
    }
    let (one, other) = (drawn.label_map()?, again.label_map()?);
    let mut greatest = 0.0_f64;
    for number in one.labels().union(&other.labels()) {
        let surfaces = MaskPair::new(one, other)?.surfaces(*number);
        let Ok(surfaces) = surfaces else { bail!("segment {number} is not in what was written") };
        greatest = greatest.max(surfaces.hausdorff_mm(100.0));
    }
    Ok(json!({ "voxels": "differ", "surface_error_mm": greatest }))
}

type Stretches = BTreeMap<u16, Vec<(u32, u32, u32)>>;

/// The voxels of each segment, on whichever layer they are; `renamed` counts as segment 1.
fn voxels(drawn: &Drawn, renamed: Option<u16>) -> Stretches {
    let mut found = Stretches::new();
    for (k, runs) in drawn.layers.iter().flat_map(LabelMap::slices) {
        for Run { start, length, label } in runs {
            let label = if renamed == Some(*label) { 1 } else { *label };
            found.entry(label).or_default().push((k, *start, *length));
        }
    }
    found.values_mut().for_each(|stretches| stretches.sort_unstable());
    found
}

/// SHA-256 of each layer's labels: 16 bits, little endian, i fastest, then j, then k.
fn digests(drawn: &Drawn) -> Vec<String> {
    let digest = |map: &LabelMap| {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut slice = vec![0_u8; map.grid().slice_voxels() as usize * 2];
        for k in 0..map.grid().size()[2] {
            slice.fill(0);
            for run in map.slice(k) {
                let (from, to) = (run.start as usize * 2, (run.start + run.length) as usize * 2);
                slice[from..to].as_chunks_mut().0.fill(run.label.to_le_bytes());
            }
            context.update(&slice);
        }
        context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    drawn.layers.iter().map(digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    fn map(labels: [u16; 24]) -> LabelMap {
        let grid = Grid::new([4, 3, 2], [1.0, 1.0, 2.0], [5.0, -6.0, 7.0], AXES).unwrap();
        LabelMap::from_dense(grid, &labels).unwrap()
    }

    fn converted(folder: &Path, input: &str, output: &str, segment: Option<u16>) -> anyhow::Result<Value> {
        let (input, output, reference) = (folder.join(input), folder.join(output), folder.join("one.nii.gz"));
        let kind = As::Seg;
        convert(&Wanted { input: &input, output: &output, segment, reference: Some(&reference), kind })
    }

    #[test]
    fn what_goes_through_every_form_comes_back_exactly() {
        let place = tempfile::tempdir().unwrap();
        let mut labels = [0; 24];
        labels[5..9].fill(300);
        labels[17] = 2;
        super::super::files::write(&place.path().join("one.nii.gz"), &map(labels)).unwrap();
        let chain = ["one.nii.gz", "a.nii", "b.seg.nrrd", "c.json", "d.nrrd"];
        for pair in chain.windows(2) {
            let said = converted(place.path(), pair[0], pair[1], None).unwrap();
            assert_eq!(said["certificate"]["voxels"], "exact", "{pair:?}");
            assert_eq!(said["segments"][1]["voxels"], 4, "{pair:?}");
        }
        for end in ["e.stl", "f.ply"] {
            let said = converted(place.path(), "one.nii.gz", end, Some(300)).unwrap();
            assert_eq!(said["certificate"]["voxels"], "exact", "{end}");
            let said = converted(place.path(), end, &format!("{end}.nii"), None).unwrap();
            assert_eq!(said["segments"][0]["voxels"], 4, "{end}");
        }
        let last = super::super::files::read(&place.path().join("d.nrrd")).unwrap();
        assert_eq!(last, map(labels));
    }

    #[test]
    fn what_cannot_be_said_in_a_form_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let mut labels = [0; 24];
        (labels[0], labels[1]) = (1, 2);
        super::super::files::write(&place.path().join("one.nii.gz"), &map(labels)).unwrap();
        for (output, segment, refusal) in [
            ("a.stl", None, "--segment"),
            ("a.stl", Some(7), "segment 7"),
            ("a.dcm", None, "--reference"),
            ("a.docx", None, "ends in none of"),
        ] {
            let refused = converted(place.path(), "one.nii.gz", output, segment).unwrap_err();
            assert!(format!("{refused:#}").contains(refusal), "{refused:#}");
            assert!(!place.path().join(output).exists());
        }
    }
}
