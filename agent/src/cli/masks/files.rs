//! Label maps as files: NIfTI, NRRD, DICOM segmentations and structure sets, COCO, STL and PLY.
//!
//! What a file is, is seen from its first bytes; how one is to be written, from the end of its name.

use std::path::Path;

use agent_formats::seg::Segment;
use agent_formats::{Drawn, coco, mesh, nifti, nrrd};
use agent_imaging::LabelMap;
use agent_imaging::surface_mesh::surface_mesh;
use anyhow::{Context, bail, ensure};

/// Reads a file that must hold one label map.
pub(super) fn read(path: &Path) -> anyhow::Result<LabelMap> {
    let named = || format!("cannot use {}", path.display());
    let bytes = std::fs::read(path).with_context(named)?;
    let drawn = Drawn::read(&bytes, None).with_context(named)?;
    Ok(drawn.label_map().with_context(named)?.clone())
}

/// What a file can be written as without knowing whose images it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Nifti,
    NiftiGz,
    Nrrd,
    Coco,
    Stl,
    Ply,
    Dicom,
}

impl Form {
    pub(super) fn of(path: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let ends = |end: &str| name.ends_with(end);
        Ok(match () {
            () if ends(".nii.gz") => Self::NiftiGz,
            () if ends(".nii") => Self::Nifti,
            () if ends(".nrrd") => Self::Nrrd,
            () if ends(".json") => Self::Coco,
            () if ends(".stl") => Self::Stl,
            () if ends(".ply") => Self::Ply,
            () if ends(".dcm") => Self::Dicom,
            () => bail!("{name} ends in none of .nii .nii.gz .nrrd .seg.nrrd .dcm .json .stl .ply"),
        })
    }
}

/// The bytes of a file that is not DICOM.
pub(super) fn encoded(drawn: &Drawn, form: Form) -> anyhow::Result<Vec<u8>> {
    let one_segment = || -> anyhow::Result<_> {
        let map = drawn.label_map()?;
        let labels = map.labels();
        ensure!(labels.len() == 1, "a surface is of one segment: --segment names it");
        Ok(surface_mesh(map, labels.first().copied().unwrap_or_default())?)
    };
    Ok(match form {
        Form::Nifti | Form::NiftiGz => {
            let map = drawn.label_map()?;
            let gzipped = nifti::write_labels(map.grid(), &map.to_dense())?;
            if form == Form::NiftiGz { gzipped } else { nifti::inflated(&gzipped)? }
        }
        Form::Nrrd => nrrd::write(&drawn.layers, &drawn.segments, nrrd::Encoding::Gzip)?,
        Form::Coco => coco::write(&drawn.layers, &described(drawn)?, coco::Counts::Compressed),
        Form::Stl => mesh::write_stl(&one_segment()?),
        Form::Ply => mesh::write_ply(&one_segment()?),
        Form::Dicom => bail!("a DICOM object belongs to a series: masks convert --reference names it"),
    })
}

/// Every segment that has a voxel, with what is known of it.
pub(super) fn described(drawn: &Drawn) -> anyhow::Result<Vec<Segment>> {
    let mut segments = drawn.segments.clone();
    for label in drawn.layers.iter().flat_map(LabelMap::labels) {
        if segments.iter().all(|segment| segment.number != label) {
            segments.push(Segment::plain(label)?);
        }
    }
    segments.retain(|segment| segment.number != 0);
    segments.sort_by_key(|segment| segment.number);
    Ok(segments)
}

/// Writes one label map. Never over a file that is there: nobody loses a mask by a slip of the hand.
pub(super) fn write(path: &Path, map: &LabelMap) -> anyhow::Result<()> {
    put(path, &encoded(&Drawn::of_map(map.clone()), Form::of(path)?)?)
}

/// Writes a new file.
pub(super) fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write;
    let named = || format!("cannot write {}", path.display());
    let mut file = std::fs::File::options().write(true).create_new(true).open(path).with_context(named)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(named)
}
