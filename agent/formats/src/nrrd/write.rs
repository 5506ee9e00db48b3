//! Label maps and descriptions to a `.seg.nrrd`, as 3D Slicer writes it.

use super::slicer::{self, Placed};
use crate::seg::Segment;
use agent_imaging::{Grid, LabelMap};
use std::fmt::Write as _;
use std::io::Write;

/// How the voxels are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Raw,
    Gzip,
}

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NrrdWriteError {
    #[error("there is no label map, or they lie on different grids")]
    Grid,
    #[error("the voxels cannot be compressed")]
    Gzip,
}

/// Writes layers of labels, which are the numbers of segments; a label that no segment describes is called by its
/// number.
///
/// # Errors
/// `Grid` for no layers or layers on different grids; `Gzip` when the compressor fails.
pub fn write(
    layers: &[LabelMap],
    segments: &[Segment],
    encoding: Encoding,
) -> Result<Vec<u8>, NrrdWriteError> {
    let grid = *layers.first().ok_or(NrrdWriteError::Grid)?.grid();
    if layers.iter().any(|map| !map.grid().same_as(&grid)) {
        return Err(NrrdWriteError::Grid);
    }
    let small = layers.iter().all(|map| map.labels().last().is_none_or(|label| *label <= u16::from(u8::MAX)));
    let mut header = start(&grid, layers.len(), small, encoding);
    for (number, (placed, extent)) in described(layers, segments).into_iter().enumerate() {
        slicer::write(&mut header, number, &placed, extent);
    }
    header.push_str("Segmentation_ContainedRepresentationNames:=Binary labelmap|\n");
    header.push_str("Segmentation_MasterRepresentation:=Binary labelmap\n");
    header.push_str("Segmentation_ReferenceImageExtentOffset:=0 0 0\n\n");
    let mut file = header.into_bytes();
    match encoding {
        Encoding::Raw => put_voxels(&mut file, layers, small).map_err(|_| NrrdWriteError::Gzip)?,
        Encoding::Gzip => {
            let mut gzip = flate2::write::GzEncoder::new(&mut file, flate2::Compression::fast());
            let written = put_voxels(&mut gzip, layers, small).and_then(|()| gzip.finish().map(|_| ()));
            written.map_err(|_| NrrdWriteError::Gzip)?;
        }
    }
    Ok(file)
}

fn start(grid: &Grid, layers: usize, small: bool, encoding: Encoding) -> String {
    let [i, j, k] = grid.size();
    let listed = layers > 1;
    let mut axes = grid.direction();
    for (axis, spacing) in axes.iter_mut().zip(grid.spacing_mm()) {
        *axis = axis.map(|part| part * spacing);
    }
    let vector = |[x, y, z]: [f64; 3]| format!("({x},{y},{z})");
    let directions = axes.map(vector).join(" ");
    let mut header = String::from("NRRD0004\n");
    // Writing into a text does not fail.
    let _ = writeln!(header, "type: {}", if small { "unsigned char" } else { "unsigned short" });
    let _ = writeln!(header, "dimension: {}", if listed { 4 } else { 3 });
    let _ = writeln!(header, "space: left-posterior-superior");
    let list = if listed { format!("{layers} ") } else { String::new() };
    let _ = writeln!(header, "sizes: {list}{i} {j} {k}");
    let _ = writeln!(header, "space directions: {}{directions}", if listed { "none " } else { "" });
    let _ = writeln!(header, "kinds: {}domain domain domain", if listed { "list " } else { "" });
    let _ = writeln!(header, "endian: little");
    let _ = writeln!(header, "encoding: {}", if encoding == Encoding::Raw { "raw" } else { "gzip" });
    let _ = writeln!(header, "space origin: {}", vector(grid.origin_mm()));
    header
}

/// Every label of every layer with what is known of it, and the box of its voxels; then segments without any.
fn described(layers: &[LabelMap], segments: &[Segment]) -> Vec<(Placed, Option<[u32; 6]>)> {
    let mut described = Vec::new();
    let mut left: Vec<&Segment> = segments.iter().collect();
    for (map, layer) in layers.iter().zip(0..) {
        for value in map.labels() {
            let known = segments.iter().find(|segment| segment.number == value).cloned();
            let Some(segment) = known.or_else(|| Segment::plain(value).ok()) else { continue };
            left.retain(|segment| segment.number != value);
            described.push((Placed { segment, layer, value }, Some(extent(map, value))));
        }
    }
    described.extend(
        left.into_iter()
            .filter(|segment| segment.number != 0)
            .map(|segment| (Placed { segment: segment.clone(), layer: 0, value: segment.number }, None)),
    );
    described
}

/// First and last column, row and slice.
fn extent(map: &LabelMap, label: u16) -> [u32; 6] {
    let columns = map.grid().size()[0];
    let mut extent = [u32::MAX, 0, u32::MAX, 0, u32::MAX, 0];
    let [i_low, i_high, j_low, j_high, k_low, k_high] = &mut extent;
    for (k, runs) in map.slices() {
        for run in runs.iter().filter(|run| run.label == label) {
            let last = run.start + run.length - 1;
            let (first_row, last_row) = (run.start / columns, last / columns);
            // A run that goes on in the next row reaches from edge to edge.
            let one_row = first_row == last_row;
            *i_low = (*i_low).min(if one_row { run.start % columns } else { 0 });
            *i_high = (*i_high).max(if one_row { last % columns } else { columns - 1 });
            (*j_low, *j_high) = ((*j_low).min(first_row), (*j_high).max(last_row));
            (*k_low, *k_high) = ((*k_low).min(k), (*k_high).max(k));
        }
    }
    extent
}

/// Voxel by voxel, of each all layers.
fn put_voxels(out: &mut impl Write, layers: &[LabelMap], small: bool) -> std::io::Result<()> {
    let Some(grid) = layers.first().map(LabelMap::grid) else { return Ok(()) };
    let slice_voxels = grid.slice_voxels() as usize;
    let mut slice = vec![0_u16; slice_voxels * layers.len()];
    for k in 0..grid.size()[2] {
        slice.fill(0);
        for (layer, map) in layers.iter().enumerate() {
            for run in map.slice(k) {
                let from = run.start as usize * layers.len() + layer;
                let voxels = slice.iter_mut().skip(from).step_by(layers.len());
                voxels.take(run.length as usize).for_each(|voxel| *voxel = run.label);
            }
        }
        let bytes: Vec<u8> = match small {
            true => slice.iter().map(|label| *label as u8).collect(),
            false => slice.iter().flat_map(|label| label.to_le_bytes()).collect(),
        };
        out.write_all(&bytes)?;
    }
    Ok(())
}
