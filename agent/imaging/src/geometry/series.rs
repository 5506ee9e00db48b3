//! How a series of slices becomes one grid, or why it does not.
//!
//! Slices are ordered by their position along the normal, never by their number or file name. The
//! distance of slices comes from their positions, never from a slice thickness.

use super::{Grid, Picture, cross, dot, length, scale, subtract};

/// What the header of one slice says about its place. All numbers as in the header, unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SlicePlacement {
    /// Voxels along a row.
    pub columns: u32,
    /// Rows of the slice.
    pub rows: u32,
    /// Centre of the first voxel, LPS, in millimetres (Image Position (Patient)).
    pub position_mm: Option<[f64; 3]>,
    /// Direction of a row, then of a column (Image Orientation (Patient)).
    pub orientation: Option<[f64; 6]>,
    /// Distance between rows, then between columns (Pixel Spacing), in millimetres.
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// The spacing is that at the detector, not in the patient (PS3.3 10.7.1.3).
    pub at_detector: bool,
    /// Orders slices that have no position (Instance Number).
    pub number: Option<i32>,
    /// It was made to plan others by (Image Type value 3, PS3.3 C.8.2.1.1.1 and C.8.3.1.1.1).
    pub localizer: bool,
}

/// Why slices are a stack and not a volume: 3D tools are off. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// There is one slice: its distance to the next is unknown.
    SingleSlice,
    /// A slice has no position, orientation or pixel spacing.
    MissingGeometry,
    /// A position, orientation or spacing is not a usable number.
    InvalidGeometry,
    /// Slices differ in rows or columns.
    MixedSize,
    /// Slices face different ways.
    MixedOrientation,
    /// Slices differ in pixel spacing.
    MixedSpacing,
    /// Two slices lie at one position.
    DuplicatePosition,
    /// Each position was taken as often as every other: several volumes, such as the phases of a heart.
    SeveralVolumes,
    /// There are images that others were planned by.
    Localizer,
    /// Some slices are missing: a gap is a multiple of the others.
    MissingSlices,
    /// The distance between slices varies.
    VariableSpacing,
    /// Slices are shifted against each other: the gantry was tilted.
    GantryTilt,
    /// A picture does not say how far apart its pixels are: nothing in it is measured in millimetres.
    Uncalibrated,
    /// Millimetres are those at the detector; in the patient, who is nearer to the tube, they are fewer.
    DetectorSpacing,
    /// Images of the series that cannot be decoded are left out.
    LeftOut,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 15] = [
        Self::SingleSlice,
        Self::MissingGeometry,
        Self::InvalidGeometry,
        Self::MixedSize,
        Self::MixedOrientation,
        Self::MixedSpacing,
        Self::DuplicatePosition,
        Self::SeveralVolumes,
        Self::Localizer,
        Self::MissingSlices,
        Self::VariableSpacing,
        Self::GantryTilt,
        Self::Uncalibrated,
        Self::DetectorSpacing,
        Self::LeftOut,
    ];

    /// The name on the wire and on disk.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SingleSlice => "single-slice",
            Self::MissingGeometry => "missing-geometry",
            Self::InvalidGeometry => "invalid-geometry",
            Self::MixedSize => "mixed-size",
            Self::MixedOrientation => "mixed-orientation",
            Self::MixedSpacing => "mixed-spacing",
            Self::DuplicatePosition => "duplicate-position",
            Self::SeveralVolumes => "several-volumes",
            Self::Localizer => "localizer",
            Self::MissingSlices => "missing-slices",
            Self::VariableSpacing => "variable-spacing",
            Self::GantryTilt => "gantry-tilt",
            Self::Uncalibrated => "uncalibrated",
            Self::DetectorSpacing => "detector-spacing",
            Self::LeftOut => "left-out",
        }
    }

    /// The reason with this name, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// What a series of slices is. `order` lists the input's indices as they follow each other.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesGeometry {
    /// One regular grid.
    Volume {
        /// Where it lies.
        grid: Grid,
        /// Input index of slice k.
        order: Vec<usize>,
    },
    /// Slices that are looked at one by one.
    Stack {
        /// A grid to keep label maps on, as large as the largest slice: nominal across slices, so that
        /// nothing is measured across them. `None` when it would be too large, or there is no slice.
        grid: Option<Grid>,
        /// Input index of slice k.
        order: Vec<usize>,
        /// Picture of slice k; empty when every slice fills the grid at its spacing.
        pictures: Vec<Picture>,
        /// Why, without repeats; never empty.
        reasons: Vec<Reason>,
    },
}

impl SeriesGeometry {
    /// Input index of slice k.
    pub fn order(&self) -> &[usize] {
        match self {
            Self::Volume { order, .. } | Self::Stack { order, .. } => order,
        }
    }

    /// The grid, exact or nominal.
    pub fn grid(&self) -> Option<&Grid> {
        match self {
            Self::Volume { grid, .. } => Some(grid),
            Self::Stack { grid, .. } => grid.as_ref(),
        }
    }

    /// Picture of slice k; empty when every slice is as the grid says.
    pub fn pictures(&self) -> &[Picture] {
        match self {
            Self::Volume { .. } => &[],
            Self::Stack { pictures, .. } => pictures,
        }
    }

    /// Why it is a stack; empty for a volume.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Volume { .. } => &[],
            Self::Stack { reasons, .. } => reasons,
        }
    }
}

/// Unit vectors may differ by a quarter of a degree and still face one way.
const SAME_DIRECTION: f64 = 0.005;
/// Pixel spacing may differ by one part in a thousand.
const SAME_SPACING: f64 = 0.001;
/// Slice distances may differ by one part in a hundred or 10 micrometres.
const SAME_GAP: f64 = 0.01;
const SAME_POSITION_MM: f64 = 0.01;
/// A shift across the normal of more than this share of the slice distance is a tilt.
const TILT: f64 = 0.02;

/// Sorts slices along their normal and says whether they are one regular grid.
pub fn series_geometry(slices: &[SlicePlacement]) -> SeriesGeometry {
    let mut reasons = Vec::new();
    if slices.len() < 2 {
        reasons.push(Reason::SingleSlice);
    }
    if slices.iter().any(|slice| (slice.rows, slice.columns) != (slices[0].rows, slices[0].columns)) {
        reasons.push(Reason::MixedSize);
    }
    if slices.iter().any(|slice| slice.localizer) {
        reasons.push(Reason::Localizer);
    }
    let placed = match placed(slices) {
        Ok(placed) => placed,
        Err(reason) => {
            reasons.push(reason);
            return stack(slices, by_number(slices), &[], reasons);
        }
    };
    let Some(first) = placed.first().copied() else {
        return stack(slices, Vec::new(), &[], reasons);
    };
    if placed.iter().any(|slice| !facing_alike(slice, &first)) {
        reasons.push(Reason::MixedOrientation);
        return stack(slices, by_number(slices), &placed, reasons);
    }
    let unlike = |a: f64, b: f64| (a - b).abs() > SAME_SPACING * b;
    if placed.iter().any(|slice| {
        unlike(slice.spacing_mm[0], first.spacing_mm[0]) || unlike(slice.spacing_mm[1], first.spacing_mm[1])
    }) {
        reasons.push(Reason::MixedSpacing);
    }
    let normal = cross(first.row, first.column);
    let along = |index: &usize| dot(placed[*index].position_mm, normal);
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_by(|a, b| along(a).total_cmp(&along(b)).then(slices[*a].number.cmp(&slices[*b].number)));
    let positions: Vec<[f64; 3]> = order.iter().map(|&index| placed[index].position_mm).collect();
    reasons.extend(gap_reasons(&positions, normal));
    if reasons.is_empty()
        && let Some(grid) =
            grid_of(&slices[0], &placed[order[0]], slice_distance(&positions, normal), slices.len())
    {
        return SeriesGeometry::Volume { grid, order };
    }
    if reasons.is_empty() {
        reasons.push(Reason::InvalidGeometry);
    }
    stack(slices, order, &placed, reasons)
}

/// One slice with its numbers checked; `row` and `column` are unit vectors at right angles.
#[derive(Debug, Clone, Copy)]
struct Placed {
    position_mm: [f64; 3],
    row: [f64; 3],
    column: [f64; 3],
    /// Between columns (i), then between rows (j).
    spacing_mm: [f64; 2],
}

fn placed(slices: &[SlicePlacement]) -> Result<Vec<Placed>, Reason> {
    slices
        .iter()
        .map(|slice| match (slice.position_mm, slice.orientation, slice.pixel_spacing_mm) {
            (Some(position), Some(orientation), Some(spacing)) => {
                place(position, orientation, spacing).ok_or(Reason::InvalidGeometry)
            }
            (None, _, _) | (_, None, _) | (_, _, None) => Err(Reason::MissingGeometry),
        })
        .collect()
}

fn place(position_mm: [f64; 3], orientation: [f64; 6], spacing: [f64; 2]) -> Option<Placed> {
    let [a, b, c, d, e, f] = orientation;
    let (row, column) = ([a, b, c], [d, e, f]);
    let usable = |vector: [f64; 3]| (length(vector) - 1.0).abs() < 0.01;
    let at_right_angles = dot(row, column).abs() < 0.01;
    let finite = position_mm.iter().all(|mm| mm.is_finite());
    let spaced = spacing.iter().all(|&mm| mm > 0.0 && mm < 1000.0);
    if !(usable(row) && usable(column) && at_right_angles && finite && spaced) {
        return None;
    }
    // Headers carry few digits; Gram and Schmidt take out what rounding left.
    let row = scale(row, 1.0 / length(row));
    let column = subtract(column, scale(row, dot(row, column)));
    let column = scale(column, 1.0 / length(column));
    Some(Placed { position_mm, row, column, spacing_mm: [spacing[1], spacing[0]] })
}

fn facing_alike(a: &Placed, b: &Placed) -> bool {
    length(subtract(a.row, b.row)) < SAME_DIRECTION && length(subtract(a.column, b.column)) < SAME_DIRECTION
}

fn gaps(positions: &[[f64; 3]], normal: [f64; 3]) -> Vec<f64> {
    positions.windows(2).map(|pair| dot(subtract(pair[1], pair[0]), normal)).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The mean distance: rounding of single positions evens out over the series.
fn slice_distance(positions: &[[f64; 3]], normal: [f64; 3]) -> f64 {
    let gaps = gaps(positions, normal);
    if gaps.is_empty() { 1.0 } else { gaps.iter().sum::<f64>() / gaps.len() as f64 }
}

fn gap_reasons(positions: &[[f64; 3]], normal: [f64; 3]) -> Vec<Reason> {
    let gaps = gaps(positions, normal);
    let mut reasons = Vec::new();
    if gaps.iter().any(|&gap| gap < SAME_POSITION_MM) {
        let several = taken_equally_often(&gaps);
        reasons.push(if several { Reason::SeveralVolumes } else { Reason::DuplicatePosition });
    }
    let apart: Vec<f64> = gaps.into_iter().filter(|&gap| gap >= SAME_POSITION_MM).collect();
    let Some(usual) = median(apart.clone()) else { return reasons };
    let tolerance = (SAME_GAP * usual).max(SAME_POSITION_MM);
    let uneven: Vec<f64> = apart.into_iter().filter(|gap| (gap - usual).abs() > tolerance).collect();
    let multiple = |gap: &f64| {
        let times = (gap / usual).round();
        times >= 2.0 && (gap - times * usual).abs() <= tolerance * times
    };
    if !uneven.is_empty() {
        let missing = uneven.iter().all(multiple);
        reasons.push(if missing { Reason::MissingSlices } else { Reason::VariableSpacing });
    }
    let sheared = positions.windows(2).any(|pair| {
        let step = subtract(pair[1], pair[0]);
        let across = subtract(step, scale(normal, dot(step, normal)));
        length(across) > (TILT * usual).max(SAME_POSITION_MM)
    });
    if sheared {
        reasons.push(Reason::GantryTilt);
    }
    reasons
}

/// Whether there are several positions, each with as many slices as every other.
fn taken_equally_often(gaps: &[f64]) -> bool {
    let mut counts = vec![1_u32];
    for gap in gaps {
        match counts.last_mut() {
            Some(count) if *gap < SAME_POSITION_MM => *count += 1,
            Some(_) | None => counts.push(1),
        }
    }
    counts.len() > 1 && counts.iter().all(|count| *count == counts[0])
}

fn grid_of(slice: &SlicePlacement, first: &Placed, distance_mm: f64, slices: usize) -> Option<Grid> {
    let size = [slice.columns, slice.rows, u32::try_from(slices).ok()?];
    let spacing_mm = [first.spacing_mm[0], first.spacing_mm[1], distance_mm];
    let direction = [first.row, first.column, cross(first.row, first.column)];
    Grid::new(size, spacing_mm, first.position_mm, direction).ok()
}

fn by_number(slices: &[SlicePlacement]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..slices.len()).collect();
    order.sort_by_key(|&index| slices[index].number);
    order
}

fn stack(
    slices: &[SlicePlacement],
    order: Vec<usize>,
    placed: &[Placed],
    mut reasons: Vec<Reason>,
) -> SeriesGeometry {
    let pictures: Vec<Picture> = order.iter().map(|&index| picture(&slices[index])).collect();
    let spacing_mm = common_spacing(&pictures);
    if pictures.iter().any(|picture| picture.spacing_mm.is_none()) {
        reasons.push(Reason::Uncalibrated);
    } else if spacing_mm.is_none() && !pictures.is_empty() && !reasons.contains(&Reason::MixedSpacing) {
        reasons.push(Reason::MixedSpacing);
    }
    if slices.iter().any(|slice| slice.at_detector) {
        reasons.push(Reason::DetectorSpacing);
    }
    // Pixels without a common spacing are one millimetre apart on the grid; nothing is measured by that.
    let nominal_mm = spacing_mm.unwrap_or([1.0, 1.0]);
    let unplaced = Placed {
        position_mm: [0.0; 3],
        row: [1.0, 0.0, 0.0],
        column: [0.0, 1.0, 0.0],
        spacing_mm: nominal_mm,
    };
    let first = order.first().and_then(|&index| placed.get(index)).copied().unwrap_or(unplaced);
    let normal = cross(first.row, first.column);
    let positions: Vec<[f64; 3]> =
        order.iter().filter_map(|&index| placed.get(index)).map(|slice| slice.position_mm).collect();
    let apart = gaps(&positions, normal).into_iter().filter(|&gap| gap >= SAME_POSITION_MM).collect();
    let distance_mm = median(apart).unwrap_or(1.0);
    let largest = SlicePlacement {
        columns: slices.iter().map(|slice| slice.columns).max().unwrap_or_default(),
        rows: slices.iter().map(|slice| slice.rows).max().unwrap_or_default(),
        ..SlicePlacement::default()
    };
    let first = Placed { spacing_mm: nominal_mm, ..first };
    let grid = grid_of(&largest, &first, distance_mm, slices.len());
    let whole = Picture { columns: largest.columns, rows: largest.rows, spacing_mm };
    let alike = spacing_mm.is_some()
        && pictures.iter().all(|picture| (picture.columns, picture.rows) == (whole.columns, whole.rows));
    SeriesGeometry::Stack { grid, order, pictures: if alike { Vec::new() } else { pictures }, reasons }
}

fn picture(slice: &SlicePlacement) -> Picture {
    let usable = slice.pixel_spacing_mm.filter(|spacing| spacing.iter().all(|&mm| mm > 0.0 && mm < 1000.0));
    let spacing_mm = usable.map(|[between_rows, between_columns]| [between_columns, between_rows]);
    Picture { columns: slice.columns, rows: slice.rows, spacing_mm }
}

/// The spacing that all pictures have.
fn common_spacing(pictures: &[Picture]) -> Option<[f64; 2]> {
    let first = pictures.first()?.spacing_mm?;
    let alike = |a: f64, b: f64| (a - b).abs() <= SAME_SPACING * b;
    let all = pictures.iter().all(|picture| {
        picture.spacing_mm.is_some_and(|spacing| alike(spacing[0], first[0]) && alike(spacing[1], first[1]))
    });
    all.then_some(first)
}

#[cfg(test)]
#[path = "series_tests.rs"]
mod tests;
