//! What was drawn, in whichever of the formats that masks come in: NIfTI, NRRD, DICOM segmentations and structure
//! sets, COCO, STL and PLY.

use agent_imaging::mask::InvalidLabelMap;
use agent_imaging::regrid::{RegridRefusal, regrid};
use agent_imaging::surface_mesh::{Mesh, OpenSurface, enclosed};
use agent_imaging::{Grid, LabelMap};

use crate::coco::{self, CocoError};
use crate::header::{self, HeaderError};
use crate::mesh::{self, MeshError};
use crate::nifti::{self, NiftiError};
use crate::nrrd::{self, NrrdError};
use crate::part10;
use crate::rtstruct::{self, RtError};
use crate::seg::{self, Options, SegError, Segment};

/// Label maps on one grid, more than one where segments overlap, and what is said of segments.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The maps; a segment lies on one of them.
    pub layers: Vec<LabelMap>,
    /// What the file says of its segments; empty where it says nothing.
    pub segments: Vec<Segment>,
    /// Two segments that overlap, where any do.
    pub overlap: Option<(u16, u16)>,
}

/// Why a file of masks cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DrawnError {
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error(transparent)]
    Seg(#[from] SegError),
    #[error(transparent)]
    Structures(#[from] RtError),
    #[error(transparent)]
    Nrrd(#[from] NrrdError),
    #[error(transparent)]
    Nifti(#[from] NiftiError),
    #[error(transparent)]
    Coco(#[from] CocoError),
    #[error(transparent)]
    Surface(#[from] MeshError),
    #[error(transparent)]
    Open(#[from] OpenSurface),
    #[error(transparent)]
    Map(#[from] InvalidLabelMap),
    /// The voxels are not those of the grid that is asked for.
    #[error(transparent)]
    Grid(#[from] RegridRefusal),
    #[error("{what} has no grid of its own: name the image that it belongs to")]
    NoGrid { what: &'static str },
    #[error("there is no label map")]
    Nothing,
    #[error("segments lie on {layers} layers, so that no single label map holds them")]
    Layers { layers: usize },
    #[error("no voxel belongs to segment {number}")]
    NoSegment { number: u16 },
}

impl Drawn {
    /// A label map of which nothing is said.
    #[must_use]
    pub fn of_map(map: LabelMap) -> Self {
        Self { layers: vec![map], segments: Vec::new(), overlap: None }
    }

    /// Takes a file apart; what it is, is seen from its first bytes. Onto a grid where one is given: the same voxels,
    /// with axes turned, flipped or cropped, never resampled.
    ///
    /// # Errors
    /// [`DrawnError`]. Structure sets and surfaces need a grid.
    pub fn read(bytes: &[u8], onto: Option<&Grid>) -> Result<Self, DrawnError> {
        let drawn = if part10::looks_like_part10(bytes) {
            return dicom(bytes, onto);
        } else if bytes.starts_with(b"NRRD") {
            let read = nrrd::read(bytes)?;
            let overlap = overlap(&read.layers);
            Self { layers: read.layers, segments: read.segments, overlap }
        } else if bytes.trim_ascii_start().starts_with(b"{") {
            let (segments, (layers, overlap)) = coco::read(bytes, onto)?;
            return Ok(Self { layers, segments, overlap });
        } else if bytes.starts_with(b"ply\n") {
            return surface(&mesh::read_ply(bytes)?, onto);
        } else if bytes.starts_with(b"SPACE=LPS") {
            return surface(&mesh::read_stl(bytes)?, onto);
        } else {
            let (grid, labels) = nifti::read_labels(bytes)?;
            Self::of_map(LabelMap::from_dense(grid, &labels)?)
        };
        match onto {
            Some(grid) => drawn.onto(grid),
            None => Ok(drawn),
        }
    }

    /// The grid of all maps.
    ///
    /// # Errors
    /// [`DrawnError::Nothing`] where there is no map.
    pub fn grid(&self) -> Result<&Grid, DrawnError> {
        self.layers.first().map(LabelMap::grid).ok_or(DrawnError::Nothing)
    }

    /// As one label map.
    ///
    /// # Errors
    /// Where segments overlap, or lie on several layers.
    pub fn label_map(&self) -> Result<&LabelMap, DrawnError> {
        if let Some((first, second)) = self.overlap {
            return Err(SegError::Overlap { first, second }.into());
        }
        match self.layers.as_slice() {
            [one] => Ok(one),
            layers => Err(DrawnError::Layers { layers: layers.len() }),
        }
    }

    /// On another grid that has the same voxels.
    ///
    /// # Errors
    /// [`DrawnError::Grid`] where it has not.
    pub fn onto(self, grid: &Grid) -> Result<Self, DrawnError> {
        let moved = |map: &LabelMap| regrid(map, grid);
        let layers = self.layers.iter().map(moved).collect::<Result<_, RegridRefusal>>()?;
        Ok(Self { layers, ..self })
    }

    /// One segment alone.
    ///
    /// # Errors
    /// [`DrawnError::NoSegment`] where no voxel belongs to it.
    pub fn only(self, number: u16) -> Result<Self, DrawnError> {
        let has = |map: &&LabelMap| map.labels().contains(&number);
        let map = self.layers.iter().find(has).ok_or(DrawnError::NoSegment { number })?;
        let slices = map
            .slices()
            .map(|(k, runs)| (k, runs.iter().filter(|run| run.label == number).copied().collect()));
        let map = LabelMap::from_slices(*map.grid(), slices)?;
        let segments = self.segments.into_iter().filter(|segment| segment.number == number).collect();
        Ok(Self { layers: vec![map], segments, overlap: None })
    }
}

fn dicom(bytes: &[u8], onto: Option<&Grid>) -> Result<Drawn, DrawnError> {
    let class = header::identity(bytes)?.sop_class_uid;
    if class == rtstruct::STRUCTURE_SET_STORAGE {
        let grid = onto.ok_or(DrawnError::NoGrid { what: "a structure set" })?;
        let read = rtstruct::read(bytes, grid)?;
        return Ok(Drawn { layers: read.layers, segments: read.segments, overlap: read.overlap });
    }
    let read = seg::read(bytes, &Options { onto: onto.copied(), ..Options::default() })?;
    Ok(Drawn { layers: read.layers, segments: read.segments, overlap: read.overlap })
}

fn surface(mesh: &Mesh, onto: Option<&Grid>) -> Result<Drawn, DrawnError> {
    let grid = onto.ok_or(DrawnError::NoGrid { what: "a surface" })?;
    Ok(Drawn::of_map(enclosed(mesh, grid, 1)?))
}

/// Whether a voxel has a label on two layers.
fn overlap(layers: &[LabelMap]) -> Option<(u16, u16)> {
    let pairs = layers
        .iter()
        .enumerate()
        .flat_map(|(place, one)| layers.iter().take(place).map(move |other| (other, one)));
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
