//! Which tensor of a model is what.

use std::collections::BTreeSet;

use super::wire::ModelMetadataResponse;
use super::wire::model_metadata_response::TensorMetadata;
use crate::error::AssistError;
use crate::registration::{Capabilities, PromptKind};

/// Axes of length one around (depth, row, column), such as batch and channel. A grid's storage order is row-major
/// (k, j, i), so the elements are the same whatever stands around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Axes before: 2 in NCDHW.
    leading: u8,
    /// Axes behind: 1 in NDHWC, which has 1 leading.
    trailing: u8,
}

/// How elements of the output are labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// By their form: several channels are scores, whole numbers are labels, numbers from 0 to 1 are a probability.
    Auto,
    /// Whole numbers that are labels.
    Labels,
    /// A score for each label, the first for none: the highest wins, the first of equals.
    ArgMax,
    /// One number a voxel; at or above this it is label 1.
    Threshold(f32),
}

/// Names of tensors. Optional ones are sent when the model has them.
///
/// Shapes and element order: `image`, `scribbles`, `mask` (depth, row, column) within their layout; `spacing` (3):
/// mm along depth, row, column; `points` (n, 3): (k, j, i); `point_labels` (n): 1 positive, 0 negative; `region`
/// (2, 3) or (6): lower then upper corner (k, j, i), both included, the whole image without a box. `scribbles`
/// hold 0 none, 1 positive, 2 negative; `mask` holds labels of the model, or 1 where it marks
/// one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorMapping {
    pub image: String,
    pub spacing: Option<String>,
    pub points: Option<String>,
    pub point_labels: Option<String>,
    pub region: Option<String>,
    pub scribbles: Option<String>,
    pub mask: Option<String>,
    pub output: String,
    pub reading: Reading,
}

const IMAGE_NAMES: [&str; 5] = ["image", "volume", "input", "input_0", "input__0"];

impl TensorMapping {
    /// From the names and shapes that a server declares: prompts by their names above, the image by a usual name or
    /// as the only other input, the labels as the only output or the one of that name.
    ///
    /// # Errors
    /// `Tensors` says what cannot be told.
    pub(super) fn derive(declared: &ModelMetadataResponse) -> Result<Self, AssistError> {
        let named = |wanted: &str| {
            let found = declared.inputs.iter().find(|input| input.name.eq_ignore_ascii_case(wanted));
            found.map(|input| input.name.clone())
        };
        let prompts = [
            named("spacing"),
            named("points"),
            named("point_labels"),
            named("box"),
            named("scribbles"),
            named("mask"),
        ];
        let rest: Vec<&TensorMetadata> = declared
            .inputs
            .iter()
            .filter(|input| !prompts.iter().flatten().any(|name| *name == input.name))
            .collect();
        let image = match rest.as_slice() {
            [only] => only.name.clone(),
            several => IMAGE_NAMES
                .iter()
                .find_map(|name| several.iter().find(|input| input.name.eq_ignore_ascii_case(name)))
                .map(|input| input.name.clone())
                .ok_or(AssistError::Tensors { what: "none of the inputs is known as the image" })?,
        };
        let output = match declared.outputs.as_slice() {
            [only] => only.name.clone(),
            several => several
                .iter()
                .find(|output| {
                    ["labels", "label", "segmentation"].contains(&output.name.to_lowercase().as_str())
                })
                .map(|output| output.name.clone())
                .ok_or(AssistError::Tensors { what: "none of the outputs is known as the labels" })?,
        };
        let [spacing, points, point_labels, region, scribbles, mask] = prompts;
        Ok(Self {
            image,
            spacing,
            points,
            point_labels,
            region,
            scribbles,
            mask,
            output,
            reading: Reading::Auto,
        })
    }

    fn inputs(&self) -> impl Iterator<Item = &String> {
        let optional =
            [&self.spacing, &self.points, &self.point_labels, &self.region, &self.scribbles, &self.mask];
        std::iter::once(&self.image).chain(optional.into_iter().flatten())
    }

    /// Whether the mapping and the model name the same inputs: a model that has an input more would not answer.
    ///
    /// # Errors
    /// `Tensors`.
    pub(super) fn check(&self, declared: &ModelMetadataResponse) -> Result<(), AssistError> {
        let ours: BTreeSet<&String> = self.inputs().collect();
        let theirs: BTreeSet<&String> = declared.inputs.iter().map(|input| &input.name).collect();
        if ours != theirs {
            return Err(AssistError::Tensors { what: "the model has other inputs than are known" });
        }
        if self.points.is_some() != self.point_labels.is_some() {
            return Err(AssistError::Tensors { what: "points without labels of points" });
        }
        if declared.outputs.iter().any(|output| output.name == self.output) {
            Ok(())
        } else {
            Err(AssistError::Tensors { what: "the model has no output of that name" })
        }
    }

    pub(super) fn capabilities(&self, version: String) -> Capabilities {
        let kinds = [
            (PromptKind::Points, &self.points),
            (PromptKind::Box, &self.region),
            (PromptKind::Scribbles, &self.scribbles),
            (PromptKind::Mask, &self.mask),
        ];
        let prompts: BTreeSet<PromptKind> =
            kinds.into_iter().filter(|(_, name)| name.is_some()).map(|(kind, _)| kind).collect();
        Capabilities { automatic: prompts.is_empty(), prompts, labels: Vec::new(), version }
    }
}

impl Layout {
    /// The shape that a tensor of (depth, row, column) has in a model's own terms. `declared` may leave lengths
    /// open (-1).
    ///
    /// # Errors
    /// `Tensors` when the model wants several channels, another rank, or one size that this is not.
    pub(super) fn fit(declared: &[i64], volume: [i64; 3]) -> Result<Vec<i64>, AssistError> {
        let layout = match declared {
            [_, _, _] => Self { leading: 0, trailing: 0 },
            [first, _, _, 1] if *first != 1 => Self { leading: 0, trailing: 1 },
            [_, _, _, _] => Self { leading: 1, trailing: 0 },
            [_, second, _, _, 1] if *second != 1 => Self { leading: 1, trailing: 1 },
            [_, _, _, _, _] => Self { leading: 2, trailing: 0 },
            _ => return Err(AssistError::Tensors { what: "the image is no tensor of 3 to 5 axes" }),
        };
        let shape = layout.shape(volume);
        let open = |(length, declared): (&i64, &i64)| *declared < 0 || length == declared;
        if shape.iter().zip(declared).all(open) {
            return Ok(shape);
        }
        let ones = shape.iter().zip(declared).any(|(length, declared)| *length == 1 && *declared > 1);
        let what =
            if ones { "the model wants several channels" } else { "the model takes images of one size only" };
        Err(AssistError::Tensors { what })
    }

    fn shape(self, volume: [i64; 3]) -> Vec<i64> {
        let ones = |count: u8| std::iter::repeat_n(1, usize::from(count));
        ones(self.leading).chain(volume).chain(ones(self.trailing)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(name: &str, shape: &[i64]) -> TensorMetadata {
        TensorMetadata { name: name.into(), datatype: "FP32".into(), shape: shape.into() }
    }

    fn model(inputs: &[&str], outputs: &[&str]) -> ModelMetadataResponse {
        let tensors = |names: &[&str]| names.iter().map(|name| tensor(name, &[-1; 5])).collect();
        ModelMetadataResponse { inputs: tensors(inputs), outputs: tensors(outputs), ..Default::default() }
    }

    #[test]
    fn tensors_are_known_by_their_names() {
        let declared = model(&["INPUT__0", "Points", "point_labels", "box"], &["OUTPUT__0"]);
        let mapping = TensorMapping::derive(&declared).unwrap();
        assert_eq!((mapping.image.as_str(), mapping.output.as_str()), ("INPUT__0", "OUTPUT__0"));
        assert_eq!(mapping.points.as_deref(), Some("Points"));
        mapping.check(&declared).unwrap();
        let can = mapping.capabilities("3".into());
        assert_eq!(can.prompts, BTreeSet::from([PromptKind::Points, PromptKind::Box]));
        assert!(!can.automatic);
        assert!(TensorMapping::derive(&model(&["x"], &["y"])).unwrap().capabilities(String::new()).automatic);
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        assert!(TensorMapping::derive(&model(&["a", "b"], &["y"])).is_err());
        assert!(TensorMapping::derive(&model(&["image"], &["a", "b"])).is_err());
        let extra = model(&["image", "temperature"], &["labels"]);
        let refused = TensorMapping::derive(&extra).unwrap().check(&extra);
        assert_eq!(refused, Err(AssistError::Tensors { what: "the model has other inputs than are known" }));
        let half = model(&["image", "points"], &["labels"]);
        assert!(TensorMapping::derive(&half).unwrap().check(&half).is_err());
    }

    #[test]
    fn a_volume_takes_the_shape_that_the_model_declares() {
        let volume = [9, 8, 7];
        let fits =
            |declared: &[i64], shape: &[i64]| assert_eq!(Layout::fit(declared, volume).as_deref(), Ok(shape));
        fits(&[-1, -1, -1], &[9, 8, 7]);
        fits(&[1, -1, -1, -1], &[1, 9, 8, 7]);
        fits(&[-1, -1, -1, -1], &[1, 9, 8, 7]);
        fits(&[-1, -1, -1, 1], &[9, 8, 7, 1]);
        fits(&[-1, 1, -1, -1, -1], &[1, 1, 9, 8, 7]);
        fits(&[-1, 9, 8, 7, 1], &[1, 9, 8, 7, 1]);
        let refused = |declared: &[i64]| Layout::fit(declared, volume).unwrap_err();
        let what = "the model wants several channels";
        assert_eq!(refused(&[1, 4, -1, -1, -1]), AssistError::Tensors { what });
        let what = "the model takes images of one size only";
        assert_eq!(refused(&[1, 1, 64, 64, 64]), AssistError::Tensors { what });
        let what = "the image is no tensor of 3 to 5 axes";
        assert_eq!(refused(&[-1, -1]), AssistError::Tensors { what });
    }
}
