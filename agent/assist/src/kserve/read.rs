//! The output tensor of one inference, as labels.

use super::convert::DataType;
use super::mapping::{Reading, TensorMapping};
use super::wire::model_infer_response::InferOutputTensor;
use super::wire::{InferTensorContents, ModelInferResponse};
use crate::error::AssistError;

/// Where the channels of an output stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channels {
    First(usize),
    Last(usize),
}

impl Channels {
    const fn count(self) -> usize {
        match self {
            Self::First(count) | Self::Last(count) => count,
        }
    }
}

/// One label for each voxel, and how many channels of scores there were if there were scores.
///
/// # Errors
/// `GridDiffers` when the output is not of the image's size; `InvalidAnswer` when its elements are missing or are no
/// labels.
pub(super) fn labels(
    mut answer: ModelInferResponse,
    mapping: &TensorMapping,
    size: [u32; 3],
) -> Result<(Vec<u16>, Option<u16>), AssistError> {
    let found = answer.outputs.iter().position(|output| output.name == mapping.output);
    let index = found.ok_or(AssistError::InvalidAnswer { what: "the output is missing" })?;
    let raw =
        (index < answer.raw_output_contents.len()).then(|| answer.raw_output_contents.swap_remove(index));
    let tensor = answer.outputs.swap_remove(index);
    let kind = DataType::from_name(&tensor.datatype)?;
    let channels = channels(&tensor.shape, size)?;
    let voxels = size.iter().map(|length| *length as usize).product::<usize>();
    let expected = voxels.checked_mul(channels.count()).ok_or(AssistError::GridDiffers)?;
    let elements = Elements::new(kind, raw, tensor)?;
    if elements.count() != expected {
        return Err(AssistError::InvalidAnswer { what: "the output has not as many elements as its shape" });
    }
    match (mapping.reading, channels.count()) {
        (Reading::ArgMax, 1) | (Reading::Labels | Reading::Threshold(_), 2..) => Err(AssistError::Tensors {
            what: "the output has another number of channels than it is read with",
        }),
        (Reading::Auto | Reading::ArgMax, 2..) => {
            let count = u16::try_from(channels.count()).map_err(|_| AssistError::GridDiffers)?;
            Ok((highest(&elements, channels, voxels), Some(count)))
        }
        (Reading::Threshold(least), _) => Ok((above(&elements, f64::from(least)), None)),
        (Reading::Auto, _) if kind.float() && elements.all(|value| (0.0..=1.0).contains(&value)) => {
            Ok((above(&elements, 0.5), None))
        }
        (Reading::Auto | Reading::Labels | Reading::ArgMax, _) => Ok((whole(&elements)?, None)),
    }
}

/// # Errors
/// `GridDiffers` when (depth, row, column) is not found in the shape.
fn channels(shape: &[i64], size: [u32; 3]) -> Result<Channels, AssistError> {
    let [i, j, k] = size.map(i64::from);
    let volume = [k, j, i];
    let count = |length: &i64| usize::try_from(*length).ok().filter(|count| (1..=65_535).contains(count));
    let unbatched = match shape {
        [1, rest @ ..] if rest.len() == 4 => rest,
        other => other,
    };
    match unbatched {
        [k, j, i] if [*k, *j, *i] == volume => Ok(Channels::First(1)),
        [first, k, j, i] if [*k, *j, *i] == volume => {
            count(first).map(Channels::First).ok_or(AssistError::GridDiffers)
        }
        [k, j, i, last] if [*k, *j, *i] == volume => {
            count(last).map(Channels::Last).ok_or(AssistError::GridDiffers)
        }
        _ => Err(AssistError::GridDiffers),
    }
}

/// The channel with the highest score; the first of equals. A score that is no number loses.
fn highest(scores: &Elements, channels: Channels, voxels: usize) -> Vec<u16> {
    let score = |voxel: usize, channel: usize| {
        let at = match channels {
            Channels::First(_) => channel * voxels + voxel,
            Channels::Last(count) => voxel * count + channel,
        };
        Some(scores.at(at)).filter(|score| !score.is_nan()).unwrap_or(f64::NEG_INFINITY)
    };
    let best = |voxel: usize| {
        let mut best = (0, score(voxel, 0));
        for channel in 1..channels.count() {
            let found = score(voxel, channel);
            if found > best.1 {
                best = (channel, found);
            }
        }
        u16::try_from(best.0).unwrap_or(0)
    };
    (0..voxels).map(best).collect()
}

fn above(values: &Elements, least: f64) -> Vec<u16> {
    values.iter().map(|value| u16::from(value >= least)).collect()
}

fn whole(values: &Elements) -> Result<Vec<u16>, AssistError> {
    let label = |value: f64| {
        let fits = (0.0..=f64::from(u16::MAX)).contains(&value) && value.fract() == 0.0;
        fits.then_some(value as u16).ok_or(AssistError::InvalidAnswer { what: "an element is no label" })
    };
    values.iter().map(label).collect()
}

/// The elements of an output. Scores can be many, so raw bytes are read where they stand.
enum Elements {
    Raw { kind: DataType, raw: bytes::Bytes },
    Listed(Vec<f64>),
}

impl Elements {
    fn new(
        kind: DataType,
        raw: Option<bytes::Bytes>,
        tensor: InferOutputTensor,
    ) -> Result<Self, AssistError> {
        match (raw, tensor.contents) {
            (Some(raw), _) if raw.len().is_multiple_of(kind.bytes()) => Ok(Self::Raw { kind, raw }),
            (None, Some(contents)) => Ok(Self::Listed(listed(contents, kind))),
            (Some(_) | None, _) => {
                Err(AssistError::InvalidAnswer { what: "the output's elements are missing" })
            }
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Raw { kind, raw } => raw.len() / kind.bytes(),
            Self::Listed(values) => values.len(),
        }
    }

    /// NaN beyond the end.
    fn at(&self, index: usize) -> f64 {
        match self {
            Self::Raw { kind, raw } => {
                let from = index * kind.bytes();
                raw.get(from..from + kind.bytes()).map_or(f64::NAN, |chunk| kind.one(chunk))
            }
            Self::Listed(values) => values.get(index).copied().unwrap_or(f64::NAN),
        }
    }

    fn iter(&self) -> impl Iterator<Item = f64> {
        (0..self.count()).map(|index| self.at(index))
    }

    fn all(&self, holds: impl Fn(f64) -> bool) -> bool {
        self.iter().all(holds)
    }
}

fn listed(contents: InferTensorContents, kind: DataType) -> Vec<f64> {
    match kind {
        DataType::Bool => contents.bool_contents.iter().map(|value| f64::from(u8::from(*value))).collect(),
        DataType::Int { bytes: 8 } => contents.int64_contents.iter().map(|value| *value as f64).collect(),
        DataType::Int { .. } => contents.int_contents.iter().map(|value| f64::from(*value)).collect(),
        DataType::Uint { bytes: 8 } => contents.uint64_contents.iter().map(|value| *value as f64).collect(),
        DataType::Uint { .. } => contents.uint_contents.iter().map(|value| f64::from(*value)).collect(),
        DataType::Float { bytes: 8 } => contents.fp64_contents,
        DataType::Float { .. } => contents.fp32_contents.iter().map(|value| f64::from(*value)).collect(),
    }
}

#[cfg(test)]
mod tests;
