//! From the instances of one series to one volume.
//!
//! Orders slices and fills voxels; whether they are a regular grid is decided by `agent_imaging::geometry`.

mod padding;

use crate::header::{InstanceHeader, WindowSetting};
use crate::pixels::{Frames, PixelError, Samples};
use crate::vocabulary::{BodyRegion, Contrast, Modality, Photometric};
use agent_imaging::geometry::{SeriesGeometry, SlicePlacement, series_geometry};
use agent_imaging::volume::{InvalidVolume, Rescale, VolumeBuilder};
use agent_imaging::{Grid, Picture, Volume, VoxelType};
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
    /// What a voxel of the volume is, and the lowest and highest value that its headers allow.
    pub values: ValueBounds,
    /// Time from one slice to the next, in milliseconds, of a cine loop.
    pub frame_time_ms: Option<f64>,
}

/// How the slices of a volume or a stack lie in its instances: all that it takes to decode them.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub grid: Grid,
    /// Picture of slice k; empty when every slice fills the grid.
    pub pictures: Vec<Picture>,
    /// Slice k's frame.
    pub slices: Vec<SliceSource>,
    /// The lowest value is to be shown white.
    pub inverted: bool,
    pub voxel_type: VoxelType,
}

impl Series {
    /// How to decode the series; none when its slices have no common grid.
    #[must_use]
    pub fn reading(&self) -> Option<Reading> {
        Some(Reading {
            grid: *self.geometry.grid()?,
            pictures: self.geometry.pictures().to_vec(),
            slices: self.slices.clone(),
            inverted: self.inverted,
            voxel_type: self.values.voxel_type,
        })
    }
}

/// What the headers of a series say of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueBounds {
    /// A type that holds every value that can occur.
    pub voxel_type: VoxelType,
    pub lowest: f64,
    pub highest: f64,
    /// Every value is a whole number, so that 16 bits may hold those that do occur.
    pub whole: bool,
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
    #[error("more than {VOXELS_MAX} voxels")]
    TooLarge,
    #[error("there is no slice {k}")]
    NoSlice { k: usize },
    #[error("slice {k} has values beyond what its header allows")]
    Beyond { k: usize },
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
    // One picture of a set must not be shown inverted beside one that must.
    let inverted = |header: &InstanceHeader| header.layout.photometric == Photometric::Monochrome1;
    if headers.iter().any(|header| inverted(header) != inverted(first)) {
        return Err(SeriesError::Mixed { keyword: "PhotometricInterpretation" });
    }
    let values = bounds(headers)?;
    let sources = sources(headers)?;
    let placements: Vec<SlicePlacement> =
        sources.iter().zip(0..).map(|(source, number)| placement(headers, *source, number)).collect();
    let geometry = series_geometry(&placements);
    let slices: Vec<SliceSource> =
        geometry.order().iter().filter_map(|index| sources.get(*index).copied()).collect();
    let middle = slices.get(slices.len() / 2).or(slices.first()).ok_or(SeriesError::Empty)?;
    let facts = headers.get(middle.instance).and_then(|header| header.frame(middle.frame));
    Ok(Series {
        modality: first.identity.modality,
        body_region: first.body_region,
        contrast: first.contrast,
        inverted: inverted(first),
        slice_thickness_mm: facts.and_then(|facts| facts.slice_thickness_mm),
        windows: facts.map(|facts| facts.windows.clone()).unwrap_or_default(),
        values,
        frame_time_ms: first.frame_time_ms.filter(|_| first.layout.frames > 1),
        geometry,
        slices,
    })
}

/// The frames in the order of their numbers: image after image, and the frames of an image as they follow.
fn sources(headers: &[InstanceHeader]) -> Result<Vec<SliceSource>, SeriesError> {
    let mut instances: Vec<usize> = (0..headers.len()).collect();
    instances.sort_by_key(|instance| headers.get(*instance).and_then(|header| header.instance_number));
    let mut sources = Vec::new();
    for instance in instances {
        let frames = headers.get(instance).map_or(0, |header| header.layout.frames);
        let frames = usize::try_from(frames).unwrap_or(usize::MAX);
        if frames.saturating_add(sources.len()) > SLICES_MAX {
            return Err(SeriesError::TooManySlices);
        }
        sources.extend((0..frames).map(|frame| SliceSource { instance, frame }));
    }
    Ok(sources)
}

/// What the values of all headers together can be. Grey pictures of 8 bits among colours are grey colours.
fn bounds(headers: &[InstanceHeader]) -> Result<ValueBounds, SeriesError> {
    let colour = |header: &InstanceHeader| !header.layout.photometric.monochrome();
    if headers.iter().any(colour) {
        let shown_alike = |header: &InstanceHeader| {
            let layout = &header.layout;
            layout.photometric == Photometric::Monochrome2 && layout.bits_stored <= 8 && !layout.signed
        };
        if headers.iter().any(|header| !colour(header) && !shown_alike(header)) {
            return Err(SeriesError::Mixed { keyword: "PhotometricInterpretation" });
        }
        return Ok(ValueBounds { voxel_type: VoxelType::Rgb8, lowest: 0.0, highest: 255.0, whole: true });
    }
    let (mut lowest, mut highest, mut whole) = (f64::INFINITY, f64::NEG_INFINITY, true);
    for header in headers {
        let bits = i32::from(header.layout.bits_stored.min(32));
        let (low, high) = match header.layout.signed {
            true => (-(2_f64.powi(bits - 1)), 2_f64.powi(bits - 1) - 1.0),
            false => (0.0, 2_f64.powi(bits) - 1.0),
        };
        for frame in &header.frames {
            let (one, other) = (frame.rescale.value(low), frame.rescale.value(high));
            lowest = lowest.min(one.min(other));
            highest = highest.max(one.max(other));
            whole = whole && frame.rescale.keeps_integers();
        }
    }
    let small = whole && lowest >= f64::from(i16::MIN) && highest <= f64::from(i16::MAX);
    let voxel_type = if small { VoxelType::Int16 } else { VoxelType::Float32 };
    Ok(ValueBounds { voxel_type, lowest, highest, whole })
}

fn same_series(a: &InstanceHeader, b: &InstanceHeader) -> bool {
    let uid = |header: &InstanceHeader| header.identity.series.expose(Purpose::Store).to_owned();
    uid(a) == uid(b)
}

fn placement(headers: &[InstanceHeader], source: SliceSource, number: i32) -> SlicePlacement {
    let Some(header) = headers.get(source.instance) else { return SlicePlacement::default() };
    let facts = header.frame(source.frame);
    SlicePlacement {
        columns: u32::from(header.layout.columns),
        rows: u32::from(header.layout.rows),
        position_mm: facts.and_then(|facts| facts.position_mm),
        orientation: facts.and_then(|facts| facts.orientation),
        pixel_spacing_mm: facts.and_then(|facts| facts.pixel_spacing_mm),
        at_detector: facts.is_some_and(|facts| facts.at_detector),
        number: Some(number),
        localizer: header.localizer,
    }
}

/// Fills the series' grid, slice after slice. `file` gives an instance's bytes by its index in the headers that
/// were assembled; each is asked for once where its frames follow each other.
///
/// # Errors
/// `VolumeError` names the instance at fault.
pub fn volume(
    reading: &Reading,
    file: &mut dyn FnMut(usize) -> Option<Vec<u8>>,
) -> Result<Volume, VolumeError> {
    if reading.grid.voxels() > VOXELS_MAX {
        return Err(VolumeError::TooLarge);
    }
    let mut builder = VolumeBuilder::new(reading.grid);
    let order: Vec<usize> = (0..reading.slices.len()).collect();
    let mut push = |slice: Slice| {
        match slice.samples {
            Samples::Grey(stored) => builder.push_integers(&stored, slice.rescale),
            Samples::Rgb(colours) => builder.push_colours(&colours),
        }
        true
    };
    slices(reading, &order, file, &mut push)?;
    builder.finish().map_err(|cause| VolumeError::Voxels { cause })
}

/// One slice, as large as the grid: where its picture is smaller, the rest is black.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    pub k: usize,
    pub samples: Samples,
    pub rescale: Rescale,
}

impl Slice {
    /// The slice's voxels as little-endian bytes; none when one does not fit the type.
    #[must_use]
    pub fn little_endian(&self, voxel_type: VoxelType) -> Option<Vec<u8>> {
        let stored = match (&self.samples, voxel_type) {
            (Samples::Rgb(colours), VoxelType::Rgb8) => return Some(colours.clone()),
            (Samples::Grey(stored), VoxelType::Int16 | VoxelType::Float32) => stored,
            (Samples::Rgb(_) | Samples::Grey(_), _) => return None,
        };
        let real = stored.iter().map(|value| self.rescale.value(f64::from(*value)));
        let mut bytes = Vec::with_capacity(stored.len() * voxel_type.bytes());
        if voxel_type == VoxelType::Float32 {
            real.for_each(|value| bytes.extend((value as f32).to_le_bytes()));
            return Some(bytes);
        }
        for value in real {
            let fits = value >= f64::from(i16::MIN) && value <= f64::from(i16::MAX);
            bytes.extend(Some(value as i16).filter(|_| fits)?.to_le_bytes());
        }
        Some(bytes)
    }
}

/// Whether 16 bits hold every value of a series that is whole numbers; found by decoding all of it, slice by slice.
///
/// # Errors
/// As [`slices`].
pub fn fits_sixteen_bits(
    reading: &Reading,
    file: &mut dyn FnMut(usize) -> Option<Vec<u8>>,
) -> Result<bool, VolumeError> {
    let mut fits = true;
    let order: Vec<usize> = (0..reading.slices.len()).collect();
    let mut look = |slice: Slice| {
        let Samples::Grey(stored) = &slice.samples else { return false };
        let ends = stored.iter().min().zip(stored.iter().max());
        let inside = |value: &i32| {
            let value = slice.rescale.value(f64::from(*value));
            value >= f64::from(i16::MIN) && value <= f64::from(i16::MAX)
        };
        fits = fits && ends.is_none_or(|(low, high)| inside(low) && inside(high));
        fits
    };
    slices(reading, &order, file, &mut look)?;
    Ok(fits)
}

/// Decodes slices in the order of `ks` and hands each to `take`, which says whether to go on. No more than one
/// instance and one slice are held at a time.
///
/// # Errors
/// `VolumeError` names the instance at fault; slices before it were handed on.
pub fn slices(
    reading: &Reading,
    ks: &[usize],
    file: &mut dyn FnMut(usize) -> Option<Vec<u8>>,
    take: &mut dyn FnMut(Slice) -> bool,
) -> Result<(), VolumeError> {
    let source = |k: &usize| reading.slices.get(*k).copied().ok_or(VolumeError::NoSlice { k: *k });
    let sources: Vec<(usize, SliceSource)> =
        ks.iter().map(|k| source(k).map(|source| (*k, source))).collect::<Result<_, _>>()?;
    for same in sources.chunk_by(|(_, one), (_, other)| one.instance == other.instance) {
        let Some(instance) = same.first().map(|(_, source)| source.instance) else { continue };
        let bytes = file(instance).ok_or(VolumeError::Missing { instance })?;
        let frames = Frames::open(&bytes).map_err(|cause| VolumeError::Pixels { instance, cause })?;
        for (k, source) in same {
            if !take(one_slice(reading, &frames, *k, *source)?) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn one_slice(
    reading: &Reading,
    frames: &Frames<'_>,
    k: usize,
    source: SliceSource,
) -> Result<Slice, VolumeError> {
    let instance = source.instance;
    let changed = VolumeError::Changed { instance };
    let [columns, rows, _] = reading.grid.size();
    let layout = &frames.header().layout;
    let size = (u32::from(layout.columns), u32::from(layout.rows));
    let expected = reading.pictures.get(k).map_or((columns, rows), |one| (one.columns, one.rows));
    if size != expected {
        return Err(changed);
    }
    let samples = frames.decode(source.frame).map_err(|cause| VolumeError::Pixels { instance, cause })?;
    let rescale = frames.header().frame(source.frame).map_or(Rescale::NONE, |facts| facts.rescale);
    let colours = reading.voxel_type == VoxelType::Rgb8;
    let samples = match samples {
        Samples::Grey(stored) if colours => Samples::Rgb(grey_colours(&stored, layout.bits_stored)),
        Samples::Rgb(_) if !colours => return Err(changed),
        samples @ (Samples::Grey(_) | Samples::Rgb(_)) => samples,
    };
    if samples.pixels() as u64 != layout.frame_pixels() {
        return Err(changed);
    }
    // The value that is shown darkest of those in the picture, so that the rest has no part in the range.
    let padded = match samples {
        Samples::Grey(stored) => {
            let darkest = if reading.inverted { stored.iter().max() } else { stored.iter().min() };
            let darkest = darkest.copied().unwrap_or_default();
            Samples::Grey(padding::padded(stored, size, (columns, rows), darkest))
        }
        Samples::Rgb(colours) => Samples::Rgb(padding::padded_colours(colours, size, (columns, rows))),
    };
    Ok(Slice { k, samples: padded, rescale })
}

/// Grey values of at most 8 bits as colours.
fn grey_colours(stored: &[i32], bits_stored: u16) -> Vec<u8> {
    let drop = 8_u16.saturating_sub(bits_stored);
    let byte = |value: &i32| u8::try_from(*value << drop).unwrap_or(if *value < 0 { 0 } else { u8::MAX });
    stored.iter().flat_map(|value| [byte(value); 3]).collect()
}

#[cfg(test)]
mod tests;
