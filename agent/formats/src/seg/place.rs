//! On which slice of which grid each frame lies.
//!
//! Frames that are missing are empty slices: what is there must lie at whole multiples of one distance.

use super::found::Frame;
use agent_imaging::geometry::{InvalidGrid, MAX_AXIS};
use agent_imaging::{Grid, PatientMm};

/// More voxels than this are refused, as of other files.
const VOXELS_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Frames nearer to each other than this are on one slice; headers carry six digits.
const SAME_POSITION_MM: f64 = 0.01;
/// A frame may be this share of a voxel off its slice.
const OFF_VOXELS: f64 = 0.05;
/// Orientation and spacing may differ by this and be the same.
const SAME: f64 = 1e-3;

/// Why frames do not lie on a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    #[error("a frame has no position, orientation, pixel spacing or distance to the next")]
    Missing,
    #[error("the frames do not have one orientation")]
    Orientation,
    #[error("the frames do not have one pixel spacing")]
    Spacing,
    #[error("the frames are not at multiples of one distance")]
    Uneven,
    #[error("the frames are shifted against each other")]
    Shifted,
    #[error("more voxels than are accepted")]
    TooLarge,
    #[error("a frame has another size, orientation or spacing than the grid it is to be read onto")]
    OtherGrid,
    #[error("a frame lies on no slice of the grid it is to be read onto")]
    OffGrid,
    #[error("the numbers of the frames make no grid")]
    Invalid {
        #[source]
        cause: InvalidGrid,
    },
}

/// The grid, and of each frame the slice.
pub(super) struct Placed {
    pub(super) grid: Grid,
    pub(super) slices: Vec<u32>,
}

/// Places frames of `size` columns and rows: onto a grid, or on the smallest one that holds them.
pub(super) fn place(
    frames: &[Frame],
    shared: &Frame,
    size: [u32; 2],
    onto: Option<&Grid>,
) -> Result<Placed, PlaceError> {
    let first = frames.first().ok_or(PlaceError::Missing)?.or(shared);
    let plane = Plane::of(&first)?;
    let mut positions = Vec::with_capacity(frames.len());
    for frame in frames {
        let frame = frame.or(shared);
        alike(&frame, &first)?;
        positions.push(frame.position_mm.ok_or(PlaceError::Missing)?);
    }
    match onto {
        Some(grid) => placed_onto(grid, &plane, size, &positions),
        None => {
            // The frames' own distance, else their thickness where there is nothing to measure.
            let gap = first.gap_mm.filter(|mm| *mm > 0.0);
            let thickness = first.thickness_mm.filter(|mm| *mm > 0.0);
            spanned(&plane, size, &positions, (gap, thickness))
        }
    }
}

fn alike(frame: &Frame, first: &Frame) -> Result<(), PlaceError> {
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= SAME);
    let turned = frame.orientation.zip(first.orientation).is_some_and(|(a, b)| !near(&a, &b));
    let spaced = frame.spacing_mm.zip(first.spacing_mm).is_some_and(|(a, b)| !near(&a, &b));
    match (turned, spaced) {
        (true, _) => Err(PlaceError::Orientation),
        (false, true) => Err(PlaceError::Spacing),
        (false, false) => Ok(()),
    }
}

/// How every frame lies, but for where.
struct Plane {
    row: [f64; 3],
    column: [f64; 3],
    normal: [f64; 3],
    /// Along i, then along j.
    spacing_mm: [f64; 2],
}

impl Plane {
    fn of(frame: &Frame) -> Result<Self, PlaceError> {
        let [a, b, c, d, e, f] = frame.orientation.ok_or(PlaceError::Missing)?;
        let [between_rows, between_columns] = frame.spacing_mm.ok_or(PlaceError::Missing)?;
        let (row, column) = ([a, b, c], [d, e, f]);
        let invalid = PlaceError::Invalid { cause: InvalidGrid::Direction };
        if dot(row, column).abs() > 0.01 {
            return Err(invalid);
        }
        // Gram and Schmidt take out what rounding left.
        let row = unit(row).ok_or(invalid)?;
        let along = dot(row, column);
        let [x, y, z] = row;
        let [u, v, w] = column;
        let column = unit([u - along * x, v - along * y, w - along * z]).ok_or(invalid)?;
        Ok(Self { row, column, normal: cross(row, column), spacing_mm: [between_columns, between_rows] })
    }
}

fn placed_onto(
    grid: &Grid,
    plane: &Plane,
    size: [u32; 2],
    positions: &[[f64; 3]],
) -> Result<Placed, PlaceError> {
    let [row, column, _] = grid.direction();
    let [columns, rows, count] = grid.size();
    let [along_i, along_j, _] = grid.spacing_mm();
    let near = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= SAME);
    let [own_i, own_j] = plane.spacing_mm;
    let spaced = (own_i - along_i).abs() <= SAME * along_i && (own_j - along_j).abs() <= SAME * along_j;
    if !(near(plane.row, row) && near(plane.column, column) && spaced && size == [columns, rows]) {
        return Err(PlaceError::OtherGrid);
    }
    let slice = |position: &[f64; 3]| {
        let [i, j, k] = grid.to_voxel(PatientMm(*position)).0;
        let whole = k.round();
        let on = i.abs() <= OFF_VOXELS && j.abs() <= OFF_VOXELS && (k - whole).abs() <= OFF_VOXELS;
        // A whole number within 16 bits.
        (on && whole >= 0.0 && whole < f64::from(count)).then_some(whole as u32).ok_or(PlaceError::OffGrid)
    };
    let slices = positions.iter().map(slice).collect::<Result<_, _>>()?;
    Ok(Placed { grid: *grid, slices })
}

fn spanned(
    plane: &Plane,
    size: [u32; 2],
    positions: &[[f64; 3]],
    (given, thickness): (Option<f64>, Option<f64>),
) -> Result<Placed, PlaceError> {
    let heights: Vec<f64> = positions.iter().map(|position| dot(*position, plane.normal)).collect();
    let mut levels = heights.clone();
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|next, kept| *next - *kept <= SAME_POSITION_MM);
    let lowest = *levels.first().ok_or(PlaceError::Missing)?;
    let gap = distance(&levels, given, thickness)?;
    let [columns, rows] = size;
    let level = |height: f64| ((height - lowest) / gap).round();
    let last = levels.last().map_or(0.0, |height| level(*height));
    if last >= f64::from(MAX_AXIS) {
        return Err(PlaceError::TooLarge);
    }
    // A whole number within 16 bits.
    let count = last as u32 + 1;
    if u64::from(columns) * u64::from(rows) * u64::from(count) > VOXELS_MAX {
        return Err(PlaceError::TooLarge);
    }
    let at = heights.iter().position(|height| *height - lowest <= SAME_POSITION_MM).unwrap_or_default();
    let origin = positions.get(at).copied().ok_or(PlaceError::Missing)?;
    let [along_i, along_j] = plane.spacing_mm;
    let grid = Grid::new(
        [columns, rows, count],
        [along_i, along_j, gap],
        origin,
        [plane.row, plane.column, plane.normal],
    );
    let grid = grid.map_err(|cause| PlaceError::Invalid { cause })?;
    for position in positions {
        let [i, j, _] = grid.to_voxel(PatientMm(*position)).0;
        if i.abs() * along_i > SAME_POSITION_MM.max(gap * 0.02)
            || j.abs() * along_j > SAME_POSITION_MM.max(gap * 0.02)
        {
            return Err(PlaceError::Shifted);
        }
    }
    Ok(Placed { grid, slices: heights.into_iter().map(|height| level(height) as u32).collect() })
}

/// The distance of slices: the given one where the levels are multiples of it, else the smallest between two.
fn distance(levels: &[f64], given: Option<f64>, thickness: Option<f64>) -> Result<f64, PlaceError> {
    let smallest = levels.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?)).reduce(f64::min);
    let Some(smallest) = smallest else { return given.or(thickness).ok_or(PlaceError::Missing) };
    let (Some(lowest), Some(highest)) = (levels.first(), levels.last()) else {
        return Err(PlaceError::Missing);
    };
    for gap in [given, Some(smallest)].into_iter().flatten() {
        let steps = ((highest - lowest) / gap).round();
        if steps < 1.0 {
            continue;
        }
        // Over all of them, so that rounding of one distance does not add up.
        let even = (highest - lowest) / steps;
        let on = |height: &f64| {
            ((height - lowest) / even - ((height - lowest) / even).round()).abs() <= OFF_VOXELS
        };
        let near = (even - gap).abs() <= OFF_VOXELS * gap;
        if near && levels.iter().all(on) {
            return Ok(even);
        }
    }
    Err(PlaceError::Uneven)
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn cross([a, b, c]: [f64; 3], [d, e, f]: [f64; 3]) -> [f64; 3] {
    [b * f - c * e, c * d - a * f, a * e - b * d]
}

/// None for a vector that is nowhere near a unit.
fn unit(vector: [f64; 3]) -> Option<[f64; 3]> {
    let length = dot(vector, vector).sqrt();
    ((length - 1.0).abs() < 0.01).then(|| vector.map(|part| part / length))
}
