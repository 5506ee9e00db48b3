//! Label maps as files: NIfTI, NRRD, DICOM segmentations and structure sets, COCO, STL and PLY.
//!
//! What a file is, is seen from its first bytes; how one is to be written, from the end of its name.

use std::path::Path;

use agent_formats::seg::{Options, SegError, Segment};
use agent_formats::{coco, mesh, nifti, nrrd, part10, rtstruct, seg};
use agent_imaging::regrid::regrid;
use agent_imaging::surface_mesh::{enclosed, surface_mesh};
use agent_imaging::{Grid, LabelMap};
use anyhow::{Context, bail, ensure};

/// What a file holds: label maps on one grid, more than one where segments overlap, and what is said of segments.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    pub(super) layers: Vec<LabelMap>,
    pub(super) segments: Vec<Segment>,
    /// Two segments that overlap, where any do.
    pub(super) overlap: Option<(u16, u16)>,
}

impl Drawn {
    pub(super) fn of_map(map: LabelMap) -> Self {
        Self { layers: vec![map], segments: Vec::new(), overlap: None }
    }

    pub(super) fn grid(&self) -> anyhow::Result<&Grid> {
        self.layers.first().map(LabelMap::grid).context("there is no label map")
    }

    /// As one label map.
    pub(super) fn label_map(&self) -> anyhow::Result<&LabelMap> {
        if let Some((first, second)) = self.overlap {
            return Err(SegError::Overlap { first, second }.into());
        }
        match self.layers.as_slice() {
            [one] => Ok(one),
            _ => {
                bail!("segments lie on {} layers, so that no single label map holds them", self.layers.len())
            }
        }
    }

    /// On another grid that has the same voxels.
    pub(super) fn onto(self, grid: &Grid) -> anyhow::Result<Self> {
        let moved = |map: &LabelMap| regrid(map, grid);
        let layers = self.layers.iter().map(moved).collect::<Result<_, _>>()?;
        Ok(Self { layers, ..self })
    }

    /// One segment alone.
    pub(super) fn only(self, number: u16) -> anyhow::Result<Self> {
        let has = |map: &&LabelMap| map.labels().contains(&number);
        let Some(map) = self.layers.iter().find(has) else { bail!("no voxel belongs to segment {number}") };
        let slices = map
            .slices()
            .map(|(k, runs)| (k, runs.iter().filter(|run| run.label == number).copied().collect()));
        let map = LabelMap::from_slices(*map.grid(), slices)?;
        let segments = self.segments.into_iter().filter(|segment| segment.number == number).collect();
        Ok(Self { layers: vec![map], segments, overlap: None })
    }
}

/// Reads a file that must hold one label map.
pub(super) fn read(path: &Path) -> anyhow::Result<LabelMap> {
    let named = || format!("cannot use {}", path.display());
    let bytes = std::fs::read(path).with_context(named)?;
    let drawn = decoded(&bytes, None).with_context(named)?;
    Ok(drawn.label_map().with_context(named)?.clone())
}

/// Takes a file apart, onto a grid where one is given.
pub(super) fn decoded(bytes: &[u8], onto: Option<&Grid>) -> anyhow::Result<Drawn> {
    let drawn = if part10::looks_like_part10(bytes) {
        return dicom(bytes, onto);
    } else if bytes.starts_with(b"NRRD") {
        let read = nrrd::read(bytes)?;
        let overlap = overlap(&read.layers);
        Drawn { layers: read.layers, segments: read.segments, overlap }
    } else if bytes.trim_ascii_start().starts_with(b"{") {
        let (segments, (layers, overlap)) = coco::read(bytes, onto)?;
        return Ok(Drawn { layers, segments, overlap });
    } else if bytes.starts_with(b"ply\n") {
        return surface(&mesh::read_ply(bytes)?, onto);
    } else if bytes.starts_with(b"SPACE=LPS") {
        return surface(&mesh::read_stl(bytes)?, onto);
    } else {
        let (grid, labels) = nifti::read_labels(bytes)?;
        Drawn::of_map(LabelMap::from_dense(grid, &labels)?)
    };
    match onto {
        Some(grid) => drawn.onto(grid),
        None => Ok(drawn),
    }
}

fn dicom(bytes: &[u8], onto: Option<&Grid>) -> anyhow::Result<Drawn> {
    let class = agent_formats::header::identity(bytes)?.sop_class_uid;
    if class == rtstruct::STRUCTURE_SET_STORAGE {
        let grid = onto.context("a structure set has no grid: --reference names the series it belongs to")?;
        let read = rtstruct::read(bytes, grid)?;
        return Ok(Drawn { layers: read.layers, segments: read.segments, overlap: read.overlap });
    }
    let read = seg::read(bytes, &Options { onto: onto.copied(), ..Options::default() })?;
    Ok(Drawn { layers: read.layers, segments: read.segments, overlap: read.overlap })
}

fn surface(mesh: &agent_imaging::surface_mesh::Mesh, onto: Option<&Grid>) -> anyhow::Result<Drawn> {
    let grid = onto.context("a surface has no grid: --reference names an image that has")?;
    Ok(Drawn::of_map(enclosed(mesh, grid, 1)?))
}

/// Whether a voxel has a label on two layers.
fn overlap(layers: &[LabelMap]) -> Option<(u16, u16)> {
    let pairs = layers
        .iter()
        .enumerate()
        .flat_map(|(place, one)| layers[..place].iter().map(move |other| (other, one)));
    for (one, other) in pairs {
        for (k, runs) in one.slices() {
            let others = other.slice(k);
            for run in runs {
                let first = others.partition_point(|other| other.start + other.length <= run.start);
                if let Some(other) = others.get(first).filter(|other| other.start < run.start + run.length) {
                    return Some((run.label, other.label));
                }
            }
        }
    }
    None
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
