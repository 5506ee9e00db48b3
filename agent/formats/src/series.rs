//! From the instances of one series to one volume.
//!
//! Orders slices and fills voxels; whether they are a regular grid is decided by `agent_imaging::geometry`.

use crate::header::{InstanceHeader, WindowSetting};
use crate::pixels::{self, Decoded, PixelError};
use crate::vocabulary::{BodyRegion, Contrast, Modality, Photometric};
use agent_imaging::Volume;
use agent_imaging::geometry::{SeriesGeometry, SlicePlacement, series_geometry};
use agent_imaging::volume::{InvalidVolume, Rescale, VolumeBuilder};
use agent_phi::Purpose;

/// More slices than this are refused before anything is sorted.
pub const SLICES_MAX: usize = 65_534;
/// More voxels than this are refused before anything is allocated: 4 GiB of 16-bit values.
pub const VOXELS_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Which frame of which instance a slice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceSource {
    /// Index into the headers that were assembled.
    pub instance: usize,
    /// Frame of that instance, counted from 0.
    pub frame: usize,
}

/// What a series turned out to be.
#[derive(Debug, Clone)]
pub struct Series {
    pub geometry: SeriesGeometry,
    /// Slice k's frame, in the order of the geometry.
    pub slices: Vec<SliceSource>,
    pub modality: Modality,
    pub body_region: BodyRegion,
    pub contrast: Contrast,
    /// The lowest value is to be shown white.
    pub inverted: bool,
    pub slice_thickness_mm: Option<f64>,
    /// The windows of the middle slice.
    pub windows: Vec<WindowSetting>,
}

/// Why headers are not one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    #[error("there is no image")]
    Empty,
    #[error("the images belong to different series")]
    MixedSeries,
    #[error("more than {SLICES_MAX} slices")]
    TooManySlices,
    #[error("{keyword} differs between the images")]
    Mixed { keyword: &'static str },
}

/// Why a series was not made a volume.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    #[error("slices of different sizes have no common grid")]
    NoGrid,
    #[error("more than {VOXELS_MAX} voxels")]
    TooLarge,
    #[error("instance {instance} is missing")]
    Missing { instance: usize },
    #[error("instance {instance} is not the image it was when the series was assembled")]
    Changed { instance: usize },
    #[error("instance {instance} cannot be decoded")]
    Pixels {
        instance: usize,
        #[source]
        cause: PixelError,
    },
    #[error("the voxels do not fill the grid")]
    Voxels {
        #[source]
        cause: InvalidVolume,
    },
}

/// Orders the frames of a series and says what they are together.
///
/// # Errors
/// `SeriesError`, when the images cannot be looked at as one thing at all. Irregular geometry is no error: it
/// comes back as a stack with its reasons.
pub fn assemble(headers: &[InstanceHeader]) -> Result<Series, SeriesError> {
    let first = headers.first().ok_or(SeriesError::Empty)?;
    if headers.iter().any(|header| !same_series(header, first)) {
        return Err(SeriesError::MixedSeries);
    }
    if headers.iter().any(|header| header.layout.photometric != first.layout.photometric) {
        return Err(SeriesError::Mixed { keyword: "PhotometricInterpretation" });
    }
    let mut sources = Vec::new();
    for (instance, header) in headers.iter().enumerate() {
        let frames = usize::try_from(header.layout.frames).unwrap_or(usize::MAX);
        if frames.saturating_add(sources.len()) > SLICES_MAX {
            return Err(SeriesError::TooManySlices);
        }
        sources.extend((0..frames).map(|frame| SliceSource { instance, frame }));
    }
    let placements: Vec<SlicePlacement> = sources.iter().map(|source| placement(headers, *source)).collect();
    let geometry = series_geometry(&placements);
    let slices: Vec<SliceSource> =
        geometry.order().iter().filter_map(|index| sources.get(*index).copied()).collect();
    let middle = slices.get(slices.len() / 2).or(slices.first()).ok_or(SeriesError::Empty)?;
    let facts = headers.get(middle.instance).and_then(|header| header.frame(middle.frame));
    Ok(Series {
        modality: first.identity.modality,
        body_region: first.body_region,
        contrast: first.contrast,
        inverted: first.layout.photometric == Photometric::Monochrome1,
        slice_thickness_mm: facts.and_then(|facts| facts.slice_thickness_mm),
        windows: facts.map(|facts| facts.windows.clone()).unwrap_or_default(),
        geometry,
        slices,
    })
}

fn same_series(a: &InstanceHeader, b: &InstanceHeader) -> bool {
    let uid = |header: &InstanceHeader| header.identity.series.expose(Purpose::Store).to_owned();
    uid(a) == uid(b)
}

fn placement(headers: &[InstanceHeader], source: SliceSource) -> SlicePlacement {
    let Some(header) = headers.get(source.instance) else { return SlicePlacement::default() };
    let facts = header.frame(source.frame);
    // Frames of one object follow their object's number.
    let number = match header.layout.frames {
        1 => header.instance_number.and_then(|number| i32::try_from(number).ok()),
        _ => i32::try_from(source.frame).ok(),
    };
    SlicePlacement {
        columns: u32::from(header.layout.columns),
        rows: u32::from(header.layout.rows),
        position_mm: facts.and_then(|facts| facts.position_mm),
        orientation: facts.and_then(|facts| facts.orientation),
        pixel_spacing_mm: facts.and_then(|facts| facts.pixel_spacing_mm),
        number,
    }
}

/// Fills the series' grid, slice after slice. `file` gives an instance's bytes by its index in the headers that
/// were assembled; each is asked for once where its frames follow each other.
///
/// # Errors
/// `VolumeError` names the instance at fault.
pub fn volume(
    series: &Series,
    file: &mut dyn FnMut(usize) -> Option<Vec<u8>>,
) -> Result<Volume, VolumeError> {
    let grid = *series.geometry.grid().ok_or(VolumeError::NoGrid)?;
    if grid.voxels() > VOXELS_MAX {
        return Err(VolumeError::TooLarge);
    }
    let [columns, rows, _] = grid.size();
    let slice_voxels =
        usize::try_from(u64::from(columns) * u64::from(rows)).map_err(|_| VolumeError::TooLarge)?;
    let mut builder = VolumeBuilder::new(grid);
    let mut current: Option<(usize, Decoded)> = None;
    for source in &series.slices {
        let instance = source.instance;
        let decoded = match current.take() {
            Some((index, decoded)) if index == instance => decoded,
            Some(_) | None => {
                let bytes = file(instance).ok_or(VolumeError::Missing { instance })?;
                pixels::decode(&bytes).map_err(|cause| VolumeError::Pixels { instance, cause })?
            }
        };
        let layout = &decoded.header.layout;
        let same_size = u32::from(layout.columns) == columns && u32::from(layout.rows) == rows;
        let stored = decoded.stored.chunks(slice_voxels.max(1)).nth(source.frame);
        let stored = stored.filter(|stored| same_size && stored.len() == slice_voxels);
        let rescale = decoded.header.frame(source.frame).map_or(Rescale::NONE, |facts| facts.rescale);
        builder.push_integers(stored.ok_or(VolumeError::Changed { instance })?, rescale);
        current = Some((instance, decoded));
    }
    builder.finish().map_err(|cause| VolumeError::Voxels { cause })
}

#[cfg(test)]
#[path = "series_tests.rs"]
mod tests;
