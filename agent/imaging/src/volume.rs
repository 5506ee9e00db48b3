//! Voxels on a grid, in the units of the modality: rescale slope and intercept are applied.
//!
//! A volume holds 16-bit integers where every value is one, and 32-bit floats otherwise; colours are red, green and
//! blue of 8 bits and have no values.

use crate::geometry::Grid;

/// The values of a volume: i fastest, then j, then k.
#[derive(Debug, Clone, PartialEq)]
pub enum Voxels {
    /// Every value is a whole number in the range of 16 bits.
    Int16(Vec<i16>),
    /// Any other values.
    Float32(Vec<f32>),
    /// Red, green and blue of each voxel. A colour is no value: it has no unit, no window and no statistics.
    Rgb8(Vec<u8>),
}

/// How a voxel is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VoxelType {
    /// A 16-bit integer.
    Int16,
    /// A 32-bit float.
    Float32,
    /// Three bytes: red, green, blue.
    Rgb8,
}

impl VoxelType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Int16, Self::Float32, Self::Rgb8];

    /// Bytes of one voxel.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Int16 => 2,
            Self::Float32 => 4,
            Self::Rgb8 => 3,
        }
    }

    /// As the viewer's API and the archive name it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Int16 => "int16",
            Self::Float32 => "float32",
            Self::Rgb8 => "rgb8",
        }
    }

    /// The type with this name, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

impl Voxels {
    /// How many voxels there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Int16(values) => values.len(),
            Self::Float32(values) => values.len(),
            Self::Rgb8(bytes) => bytes.len() / 3,
        }
    }

    /// Whether there is no voxel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at a position in storage order; none for a colour.
    pub fn value(&self, position: usize) -> Option<f64> {
        match self {
            Self::Rgb8(_) => None,
            Self::Int16(values) => values.get(position).map(|&value| f64::from(value)),
            Self::Float32(values) => values.get(position).map(|&value| f64::from(value)),
        }
    }

    /// How a voxel is written.
    pub const fn voxel_type(&self) -> VoxelType {
        match self {
            Self::Int16(_) => VoxelType::Int16,
            Self::Float32(_) => VoxelType::Float32,
            Self::Rgb8(_) => VoxelType::Rgb8,
        }
    }

    /// `int16`, `float32` or `rgb8`, as the viewer's API names the types.
    pub const fn data_type(&self) -> &'static str {
        self.voxel_type().code()
    }

    /// The voxels as little-endian bytes, for a stretch of them in storage order. A stretch that
    /// reaches beyond the end is cut there.
    pub fn little_endian(&self, from: usize, count: usize) -> Vec<u8> {
        let to = from.saturating_add(count).min(self.len());
        let from = from.min(to);
        match self {
            Self::Int16(values) => values[from..to].iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::Float32(values) => values[from..to].iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::Rgb8(bytes) => bytes[from * 3..to * 3].to_vec(),
        }
    }
}

/// Why voxels do not fill a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVolume {
    /// The number of values is not the number of voxels of the grid.
    #[error("the grid has {expected} voxels and {found} values came")]
    Count {
        /// Voxels of the grid.
        expected: u64,
        /// Values that came.
        found: u64,
    },
    /// A slope is zero or not finite, or an intercept is not finite.
    #[error("the rescale slope or intercept is not a usable number")]
    Rescale,
    /// Some slices are colours and some are values.
    #[error("some slices are colours and some are values")]
    Mixed,
}

/// Voxels on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    grid: Grid,
    voxels: Voxels,
    minimum: f64,
    maximum: f64,
}

impl Volume {
    /// Puts values on a grid and finds their range. Values that are not finite have no part in it.
    ///
    /// # Errors
    /// [`InvalidVolume::Count`] when there are more or fewer values than voxels.
    pub fn new(grid: Grid, voxels: Voxels) -> Result<Self, InvalidVolume> {
        let found = voxels.len() as u64;
        if found != grid.voxels() {
            return Err(InvalidVolume::Count { expected: grid.voxels(), found });
        }
        let (minimum, maximum) = range(&voxels);
        Ok(Self { grid, voxels, minimum, maximum })
    }

    /// Where the voxels lie.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The values.
    pub const fn voxels(&self) -> &Voxels {
        &self.voxels
    }

    /// The smallest finite value; 0 when there is none, as for colours.
    pub const fn minimum(&self) -> f64 {
        self.minimum
    }

    /// The largest finite value; 0 when there is none, and 255 for colours.
    pub const fn maximum(&self) -> f64 {
        self.maximum
    }

    /// The values below which the given shares (0 to 1) of the finite values lie, from a sample of at
    /// most about 65,536 voxels evenly over the volume. Empty when no value is finite.
    pub fn quantiles(&self, shares: &[f64]) -> Vec<f64> {
        let step = (self.voxels.len() / 65_536).max(1);
        let mut sample: Vec<f64> = (0..self.voxels.len())
            .step_by(step)
            .filter_map(|position| self.voxels.value(position))
            .filter(|value| value.is_finite())
            .collect();
        sample.sort_by(f64::total_cmp);
        let Some(last) = sample.len().checked_sub(1) else { return Vec::new() };
        shares.iter().map(|share| sample[((share.clamp(0.0, 1.0) * last as f64).round()) as usize]).collect()
    }
}

fn range(voxels: &Voxels) -> (f64, f64) {
    let ends = match voxels {
        Voxels::Int16(values) => {
            let ends = values.iter().min().zip(values.iter().max());
            ends.map(|(&low, &high)| (f64::from(low), f64::from(high)))
        }
        Voxels::Float32(values) => {
            let finite = || values.iter().copied().filter(|value| value.is_finite());
            let ends = finite().reduce(f32::min).zip(finite().reduce(f32::max));
            ends.map(|(low, high)| (f64::from(low), f64::from(high)))
        }
        Voxels::Rgb8(_) => Some((0.0, 255.0)),
    };
    ends.unwrap_or((0.0, 0.0))
}

/// Stored value times slope plus intercept gives the value in the modality's unit (PS3.3 C.11.1.1.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rescale {
    slope: f64,
    intercept: f64,
}

impl Rescale {
    /// Leaves values as they are.
    pub const NONE: Self = Self { slope: 1.0, intercept: 0.0 };

    /// Checks the numbers.
    ///
    /// # Errors
    /// [`InvalidVolume::Rescale`] when the slope is zero or a number is not finite.
    pub fn new(slope: f64, intercept: f64) -> Result<Self, InvalidVolume> {
        if slope == 0.0 || !slope.is_finite() || !intercept.is_finite() {
            return Err(InvalidVolume::Rescale);
        }
        Ok(Self { slope, intercept })
    }

    /// The value in the modality's unit.
    pub fn value(&self, stored: f64) -> f64 {
        stored * self.slope + self.intercept
    }

    /// Whether every integer becomes an integer.
    pub fn keeps_integers(&self) -> bool {
        self.slope.fract() == 0.0 && self.intercept.fract() == 0.0
    }
}

/// Collects a volume slice by slice. It holds 16-bit integers until a value does not fit, and goes
/// over to floats then.
#[derive(Debug)]
pub struct VolumeBuilder {
    grid: Grid,
    integers: Vec<i16>,
    floats: Option<Vec<f32>>,
    colours: Vec<u8>,
}

impl VolumeBuilder {
    /// Starts an empty volume.
    pub fn new(grid: Grid) -> Self {
        Self { grid, integers: Vec::new(), floats: None, colours: Vec::new() }
    }

    /// Adds stored integers in storage order, rescaled.
    pub fn push_integers(&mut self, stored: &[i32], rescale: Rescale) {
        if self.floats.is_none() && rescale.keeps_integers() && self.push_small(stored, rescale) {
            return;
        }
        let rescaled = stored.iter().map(|&value| rescale.value(f64::from(value)) as f32);
        self.floats().extend(rescaled);
    }

    /// Adds stored floats in storage order, rescaled.
    pub fn push_floats(&mut self, stored: &[f32], rescale: Rescale) {
        let rescaled = stored.iter().map(|&value| rescale.value(f64::from(value)) as f32);
        self.floats().extend(rescaled);
    }

    /// Adds colours in storage order: red, green and blue of each voxel.
    pub fn push_colours(&mut self, colours: &[u8]) {
        self.reserve(|builder| &mut builder.colours, colours.len());
        self.colours.extend_from_slice(colours);
    }

    /// Ends the volume.
    ///
    /// # Errors
    /// [`InvalidVolume::Count`] when more or fewer values came than the grid has voxels;
    /// [`InvalidVolume::Mixed`] when colours and values came.
    pub fn finish(self) -> Result<Volume, InvalidVolume> {
        let values = self.floats.map_or(Voxels::Int16(self.integers), Voxels::Float32);
        match (self.colours.is_empty(), values.is_empty()) {
            (true, _) => Volume::new(self.grid, values),
            (false, true) => Volume::new(self.grid, Voxels::Rgb8(self.colours)),
            (false, false) => Err(InvalidVolume::Mixed),
        }
    }

    /// Adds all values, or none and says so, when one does not fit 16 bits.
    fn push_small(&mut self, stored: &[i32], rescale: Rescale) -> bool {
        let before = self.integers.len();
        self.reserve(|builder| &mut builder.integers, stored.len());
        for &value in stored {
            let value = rescale.value(f64::from(value));
            if value < f64::from(i16::MIN) || value > f64::from(i16::MAX) {
                self.integers.truncate(before);
                return false;
            }
            self.integers.push(value as i16);
        }
        true
    }

    /// Makes room for the whole volume with the first slice, and not for twice as much by doubling.
    fn reserve<T>(&mut self, list: impl Fn(&mut Self) -> &mut Vec<T>, slice: usize) {
        let slices = self.grid.size()[2] as usize;
        let list = list(self);
        if list.is_empty() {
            list.reserve_exact(slice.saturating_mul(slices));
        }
    }

    fn floats(&mut self) -> &mut Vec<f32> {
        let integers = &mut self.integers;
        let count = usize::try_from(self.grid.voxels()).unwrap_or_default();
        self.floats.get_or_insert_with(|| {
            let mut floats = Vec::with_capacity(count);
            floats.extend(std::mem::take(integers).into_iter().map(f32::from));
            floats
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(slices: u32) -> Grid {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([2, 1, slices], [1.0; 3], [0.0; 3], direction).unwrap()
    }

    #[test]
    fn whole_numbers_in_range_stay_sixteen_bits() {
        let mut builder = VolumeBuilder::new(grid(1));
        builder.push_integers(&[0, 4095], Rescale::new(1.0, -1024.0).unwrap());
        let volume = builder.finish().unwrap();
        assert_eq!(volume.voxels(), &Voxels::Int16(vec![-1024, 3071]));
        assert_eq!((volume.minimum(), volume.maximum()), (-1024.0, 3071.0));
        assert_eq!(volume.voxels().little_endian(1, 9), 3071_i16.to_le_bytes());
    }

    #[test]
    fn a_value_out_of_range_or_between_makes_floats_of_all() {
        let mut builder = VolumeBuilder::new(grid(2));
        builder.push_integers(&[1, 2], Rescale::NONE);
        builder.push_integers(&[3, 40_000], Rescale::NONE);
        assert_eq!(builder.finish().unwrap().voxels(), &Voxels::Float32(vec![1.0, 2.0, 3.0, 40_000.0]));
        let mut builder = VolumeBuilder::new(grid(1));
        builder.push_integers(&[1, 2], Rescale::new(0.5, 0.0).unwrap());
        assert_eq!(builder.finish().unwrap().voxels(), &Voxels::Float32(vec![0.5, 1.0]));
    }

    #[test]
    fn a_volume_has_one_value_for_each_voxel() {
        let refused = Volume::new(grid(1), Voxels::Int16(vec![1]));
        assert_eq!(refused, Err(InvalidVolume::Count { expected: 2, found: 1 }));
        assert_eq!(Rescale::new(0.0, 0.0), Err(InvalidVolume::Rescale));
        assert_eq!(Rescale::new(1.0, f64::NAN), Err(InvalidVolume::Rescale));
    }

    #[test]
    fn colours_are_three_bytes_a_voxel_and_no_values() {
        let mut builder = VolumeBuilder::new(grid(2));
        builder.push_colours(&[1, 2, 3, 4, 5, 6]);
        builder.push_colours(&[7, 8, 9, 10, 11, 12]);
        let volume = builder.finish().unwrap();
        assert_eq!((volume.voxels().len(), volume.voxels().data_type()), (4, "rgb8"));
        assert_eq!(volume.voxels().little_endian(1, 2), [4, 5, 6, 7, 8, 9]);
        assert_eq!(volume.voxels().value(0), None);
        assert!(volume.quantiles(&[0.5]).is_empty());
        let mut mixed = VolumeBuilder::new(grid(2));
        mixed.push_colours(&[0; 6]);
        mixed.push_integers(&[1, 2], Rescale::NONE);
        assert_eq!(mixed.finish(), Err(InvalidVolume::Mixed));
    }

    #[test]
    fn a_value_that_is_not_finite_has_no_part_in_the_range() {
        let volume = Volume::new(grid(1), Voxels::Float32(vec![f32::NAN, 2.0])).unwrap();
        assert_eq!((volume.minimum(), volume.maximum()), (2.0, 2.0));
        assert_eq!(volume.quantiles(&[0.0, 1.0]), [2.0, 2.0]);
    }
}
