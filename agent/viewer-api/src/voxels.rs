//! The voxels of an asset out of its files: as a whole, or slice by slice where the whole is large.
//!
//! A large asset is described from a few of its slices and never held as a whole for a viewer; what computes on it
//! asks for the whole. Everything here blocks.

use std::sync::Arc;

use agent_archive::{Archive, AssetRow, SeriesKind, StorageError};
use agent_formats::series::{self, Reading, SliceSource, VolumeError};
use agent_formats::{Samples, header, nifti};
use agent_imaging::volume::VolumeBuilder;
use agent_imaging::window::windows;
use agent_imaging::{Grid, Volume, VoxelType};
use axum::http::StatusCode;

use crate::files_of_asset::Files;
use crate::problem::Problem;
use crate::volumes::{Description, Prepared};

/// More bytes of voxels than this go to a viewer without being held as a whole.
const LARGE_BYTES: u64 = 256 << 20;
/// How many slices of a large asset are looked at to describe it.
const SAMPLED: usize = 9;

/// Bytes of all voxels, where their type is known without decoding them.
pub(crate) fn known_bytes(asset: &AssetRow) -> Option<u64> {
    let voxels = asset.voxels.as_ref()?;
    Some(asset.grid.voxels() * voxels.voxel_type.bytes() as u64)
}

/// Whether so many voxels are described and sent slice by slice.
pub fn sent_by_slices(voxels: u64, voxel_type: VoxelType) -> bool {
    voxels * voxel_type.bytes() as u64 > LARGE_BYTES
}

/// Whether an asset is described and sent slice by slice.
pub(crate) fn is_large(asset: &AssetRow) -> bool {
    asset.voxels.as_ref().is_some_and(|voxels| sent_by_slices(asset.grid.voxels(), voxels.voxel_type))
}

/// Decodes all voxels.
pub(crate) fn whole(archive: &Archive, asset: &AssetRow) -> Result<Prepared, Problem> {
    let files = Files::shown(archive, asset)?;
    let ours = |cause: StorageError| Problem::ours(&cause);
    let content = archive.series_instances(asset.series).map_err(ours)?.ok_or_else(Problem::not_found)?;
    if content.kind == SeriesKind::Nifti {
        let instance = asset.instances.first().ok_or_else(Problem::not_found)?;
        let volume = nifti::read_volume(&files.bytes(*instance)?).map_err(|cause| Problem::ours(&cause))?;
        return prepared(asset, volume, Vec::new(), false);
    }
    let reading = reading(&files, asset)?;
    let middle = windows_of_header(&files, asset, &reading)?;
    let volume =
        series::volume(&reading, &mut |index| files.give(index)).map_err(|cause| Problem::ours(&cause))?;
    prepared(asset, volume, middle, reading.inverted)
}

/// Why an asset has no voxels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the images are gone or cannot be decoded")]
pub struct Undecodable;

/// The voxels of an asset, decoded for something else than a viewer. Blocks, for seconds.
///
/// # Errors
/// [`Undecodable`]; why stands in the log.
pub fn decoded(archive: &Archive, asset: &AssetRow) -> Result<Arc<Volume>, Undecodable> {
    whole(archive, asset).map(|prepared| prepared.volume).map_err(|_| Undecodable)
}

fn prepared(
    asset: &AssetRow,
    volume: Volume,
    from_header: Vec<(f64, f64)>,
    inverted: bool,
) -> Result<Prepared, Problem> {
    if !volume.grid().same_as(&asset.grid) {
        tracing::error!(asset = %asset.token, "the decoded volume has another grid than its asset");
        return Err(Problem::unavailable());
    }
    let description = describe(asset, &volume, &from_header, inverted);
    Ok(Prepared { volume: volume.into(), description: description.into() })
}

/// Describes a large asset by a few slices, evenly over it.
pub(crate) fn sampled(archive: &Archive, asset: &AssetRow) -> Result<Description, Problem> {
    let files = Files::shown(archive, asset)?;
    let reading = reading(&files, asset)?;
    let last = reading.slices.len().saturating_sub(1);
    let mut ks: Vec<usize> = (0..SAMPLED).map(|number| number * last / (SAMPLED - 1)).collect();
    ks.dedup();
    let sample = some_slices(&files, asset, &reading, &ks)?;
    let from_header = windows_of_header(&files, asset, &reading)?;
    let description = describe(asset, &sample, &from_header, reading.inverted);
    Ok(Description { voxel_type: reading.voxel_type, ..description })
}

/// Some slices of an asset, as a volume of their own.
fn some_slices(
    files: &Files<'_>,
    asset: &AssetRow,
    reading: &Reading,
    ks: &[usize],
) -> Result<Volume, Problem> {
    let [columns, rows, _] = asset.grid.size();
    let size = [columns, rows, ks.len() as u32];
    let (spacing, origin) = (asset.grid.spacing_mm(), asset.grid.origin_mm());
    let grid =
        Grid::new(size, spacing, origin, asset.grid.direction()).map_err(|cause| Problem::ours(&cause))?;
    let mut builder = VolumeBuilder::new(grid);
    let mut take = |slice: series::Slice| {
        match slice.samples {
            Samples::Grey(stored) => builder.push_integers(&stored, slice.rescale),
            Samples::Rgb(colours) => builder.push_colours(&colours),
        }
        true
    };
    let decoded = series::slices(reading, ks, &mut |index| files.give(index), &mut take);
    decoded.map_err(|cause| Problem::ours(&cause))?;
    builder.finish().map_err(|cause| Problem::ours(&cause))
}

/// One slice as it came, and how to show it, for who decides about quarantine.
pub(crate) fn original_slice(
    archive: &Archive,
    asset: &AssetRow,
    k: usize,
) -> Result<(Volume, Description), Problem> {
    let files = Files::original(archive, asset);
    let content = archive.series_instances(asset.series).map_err(|cause| Problem::ours(&cause))?;
    if content.ok_or_else(Problem::not_found)?.kind == SeriesKind::Nifti {
        let title = "A NIfTI file has no pictures that could carry text.";
        return Err(Problem::new(StatusCode::NOT_FOUND, "no-picture", title));
    }
    let reading = reading(&files, asset)?;
    if k >= reading.slices.len() {
        return Err(Problem::not_found());
    }
    let slice = some_slices(&files, asset, &reading, &[k])?;
    let from_header = windows_of_header(&files, asset, &reading)?;
    let description = describe(asset, &slice, &from_header, reading.inverted);
    Ok((slice, description))
}

fn describe(asset: &AssetRow, volume: &Volume, from_header: &[(f64, f64)], inverted: bool) -> Description {
    Description {
        voxel_type: volume.voxels().voxel_type(),
        minimum: volume.minimum(),
        maximum: volume.maximum(),
        windows: windows(asset.modality, volume, from_header),
        inverted,
        frame_time_ms: asset.voxels.as_ref().and_then(|voxels| voxels.frame_time_ms),
    }
}

/// Hands on the bytes of the slices of a large asset, in the order of `ks`, until `take` says no.
pub(crate) fn send(
    archive: &Archive,
    asset: &AssetRow,
    ks: &[usize],
    take: &mut dyn FnMut(Vec<u8>) -> bool,
) -> Result<(), Problem> {
    let files = Files::shown(archive, asset)?;
    let reading = reading(&files, asset)?;
    let mut beyond = None;
    let mut encode = |slice: series::Slice| match slice.little_endian(reading.voxel_type) {
        Some(bytes) => take(bytes),
        None => {
            beyond = Some(slice.k);
            false
        }
    };
    let sent = series::slices(&reading, ks, &mut |index| files.give(index), &mut encode);
    sent.map_err(|cause| Problem::ours(&cause))?;
    match beyond {
        Some(k) => Err(Problem::ours(&VolumeError::Beyond { k })),
        None => Ok(()),
    }
}

/// Where the slices of a DICOM asset lie: as its row says, or out of the headers where the row is an old one.
fn reading(files: &Files<'_>, asset: &AssetRow) -> Result<Reading, Problem> {
    if let Some(voxels) = &asset.voxels {
        let source = |(instance, frame): (u32, u32)| SliceSource {
            instance: instance as usize,
            frame: frame as usize,
        };
        let slices: Vec<SliceSource> = if voxels.frames.is_empty() {
            (0..asset.instances.len()).map(|instance| SliceSource { instance, frame: 0 }).collect()
        } else {
            voxels.frames.iter().copied().map(source).collect()
        };
        return Ok(Reading {
            grid: asset.grid,
            pictures: asset.pictures.clone(),
            slices,
            inverted: voxels.inverted,
            voxel_type: voxels.voxel_type,
        });
    }
    let mut headers = Vec::with_capacity(asset.instances.len());
    for instance in &asset.instances {
        let read = header::read(&files.bytes(*instance)?);
        headers.push(read.map_err(|cause| Problem::ours(&cause))?);
    }
    let series = series::assemble(&headers).map_err(|cause| Problem::ours(&cause))?;
    series.reading().ok_or_else(Problem::unavailable)
}

/// The windows of the middle slice's header.
fn windows_of_header(
    files: &Files<'_>,
    asset: &AssetRow,
    reading: &Reading,
) -> Result<Vec<(f64, f64)>, Problem> {
    let Some(middle) = reading.slices.get(reading.slices.len() / 2) else { return Ok(Vec::new()) };
    let instance = asset.instances.get(middle.instance).ok_or_else(Problem::not_found)?;
    let header = header::read(&files.bytes(*instance)?).map_err(|cause| Problem::ours(&cause))?;
    let windows = header.frame(middle.frame).map(|facts| facts.windows.clone()).unwrap_or_default();
    Ok(windows.iter().map(|window| (window.centre, window.width)).collect())
}
