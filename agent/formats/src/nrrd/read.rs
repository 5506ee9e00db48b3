//! Voxels, slice by slice, to label maps.

use super::NrrdError;
use super::header::{self, Header, VoxelType};
use super::slicer::{self, Placed};
use crate::seg::{RUNS_MAX, Segment};
use agent_imaging::{LabelMap, Run};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Nrrd {
    /// Those that the file describes; a plain label map describes none.
    pub segments: Vec<Segment>,
    /// Label maps on one grid, whose labels are the numbers of the segments. Never empty.
    pub layers: Vec<LabelMap>,
}

/// Reads a label map, plain or of 3D Slicer.
///
/// Segments on different layers may have one value; they are then numbered anew, in their order.
///
/// # Errors
/// The variant of `NrrdError` that names what is wrong.
pub fn read(file: &[u8]) -> Result<Nrrd, NrrdError> {
    let header = header::read(file)?;
    let described = slicer::read(&header.keys)?;
    let (segments, numbers) = numbered(described, header.layers)?;
    let mut layers = Layers { header: &header, numbers, slices: BTreeMap::new(), runs: 0 };
    let data = file.get(header.data_at..).ok_or(NrrdError::Truncated)?;
    if header.gzipped {
        // Compressors that work in parallel write several members.
        layers.read(flate2::read::MultiGzDecoder::new(data), NrrdError::Gzip)?;
    } else {
        layers.read(data, NrrdError::Truncated)?;
    }
    Ok(Nrrd { segments, layers: layers.finish()? })
}

/// The label of a value on a layer; values that nothing is said of keep their own.
type Numbers = BTreeMap<(u32, u16), u16>;

fn numbered(described: Vec<Placed>, layers: u32) -> Result<(Vec<Segment>, Numbers), NrrdError> {
    let distinct: BTreeSet<u16> = described.iter().map(|placed| placed.value).collect();
    let keeps = distinct.len() == described.len() && !distinct.contains(&0);
    let mut numbers = Numbers::new();
    let mut segments = Vec::new();
    for (index, placed) in described.into_iter().enumerate() {
        let anew = u16::try_from(index + 1).map_err(|_| NrrdError::TooManySegments)?;
        let number = if keeps { placed.value } else { anew };
        let twice = numbers.insert((placed.layer, placed.value), number).is_some();
        if twice || placed.layer >= layers || placed.value == 0 {
            return Err(NrrdError::Segment { number: index });
        }
        segments.push(Segment { number, ..placed.segment });
    }
    Ok((segments, numbers))
}

struct Layers<'a> {
    header: &'a Header<'a>,
    numbers: Numbers,
    slices: BTreeMap<(u32, u32), Vec<Run>>,
    runs: usize,
}

impl Layers<'_> {
    fn read(&mut self, mut data: impl Read, damaged: NrrdError) -> Result<(), NrrdError> {
        let grid = &self.header.grid;
        let bytes = u64::from(grid.slice_voxels()) * u64::from(self.header.layers);
        // At most 2^31 voxels of 8 bytes.
        let bytes = bytes * self.header.voxel_type.bytes() as u64;
        let mut slice = Vec::new();
        for k in 0..grid.size()[2] {
            slice.clear();
            // Grows with what comes, not with what is claimed.
            let read = data.by_ref().take(bytes).read_to_end(&mut slice).map_err(|_| damaged)?;
            if read as u64 != bytes {
                return Err(NrrdError::Truncated);
            }
            self.slice(k, &labels(self.header, &slice)?)?;
        }
        Ok(())
    }

    /// One slice of all layers, which lie voxel by voxel.
    fn slice(&mut self, k: u32, values: &[u16]) -> Result<(), NrrdError> {
        let layers = self.header.layers;
        for layer in 0..layers {
            let mut runs: Vec<Run> = Vec::new();
            let mine = values.iter().skip(layer as usize).step_by(layers as usize);
            for (value, start) in mine.zip(0_u32..) {
                if *value == 0 {
                    continue;
                }
                match runs.last_mut() {
                    Some(last) if last.start + last.length == start && last.label == *value => {
                        last.length += 1
                    }
                    Some(_) | None => runs.push(Run { start, length: 1, label: *value }),
                }
            }
            self.runs += runs.len();
            if self.runs > RUNS_MAX {
                return Err(NrrdError::TooManyRuns);
            }
            let label = |value| match self.numbers.get(&(layer, value)) {
                Some(number) => Ok(*number),
                // A value without a description must not pass for one that has.
                None if layers == 1 && !self.numbers.values().any(|number| *number == value) => Ok(value),
                None => Err(NrrdError::TooManySegments),
            };
            for run in &mut runs {
                run.label = label(run.label)?;
            }
            if !runs.is_empty() {
                self.slices.insert((layer, k), runs);
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<LabelMap>, NrrdError> {
        let mut layers: Vec<Vec<(u32, Vec<Run>)>> = vec![Vec::new(); self.header.layers as usize];
        for ((layer, k), runs) in self.slices {
            if let Some(layer) = layers.get_mut(layer as usize) {
                layer.push((k, runs));
            }
        }
        let map = |slices| LabelMap::from_slices(self.header.grid, slices);
        // In order and on the grid, by the way they were read.
        layers.into_iter().map(|slices| map(slices).map_err(|_| NrrdError::NotALabel)).collect()
    }
}

fn labels(header: &Header<'_>, bytes: &[u8]) -> Result<Vec<u16>, NrrdError> {
    let big = header.big_endian;
    macro_rules! each {
        ($type:ty, $convert:expr) => {
            bytes
                .as_chunks()
                .0
                .iter()
                .map(|raw: &[u8; size_of::<$type>()]| {
                    let value = if big { <$type>::from_be_bytes(*raw) } else { <$type>::from_le_bytes(*raw) };
                    $convert(value)
                })
                .collect::<Result<Vec<u16>, NrrdError>>()
        };
    }
    macro_rules! whole {
        ($type:ty) => {
            each!($type, |value: $type| u16::try_from(value).map_err(|_| NrrdError::NotALabel))
        };
    }
    let real = |value: f64| {
        let fits = (0.0..=f64::from(u16::MAX)).contains(&value) && value.fract() == 0.0;
        if fits { Ok(value as u16) } else { Err(NrrdError::NotALabel) }
    };
    match header.voxel_type {
        VoxelType::Unsigned8 => Ok(bytes.iter().map(|byte| u16::from(*byte)).collect()),
        VoxelType::Signed8 => whole!(i8),
        VoxelType::Signed16 => whole!(i16),
        VoxelType::Unsigned16 => each!(u16, Ok),
        VoxelType::Signed32 => whole!(i32),
        VoxelType::Unsigned32 => whole!(u32),
        VoxelType::Signed64 => whole!(i64),
        VoxelType::Unsigned64 => whole!(u64),
        VoxelType::Float32 => each!(f32, |value: f32| real(f64::from(value))),
        VoxelType::Float64 => each!(f64, real),
    }
}
