//! The input tensors of one inference.

use agent_imaging::{Volume, Voxels};

use super::convert::DataType;
use super::mapping::{Layout, TensorMapping};
use super::wire::model_infer_request::InferInputTensor;
use super::wire::model_metadata_response::TensorMetadata;
use crate::error::AssistError;
use crate::request::{Prompts, Sign};

/// A tensor and its elements.
type Tensor = (InferInputTensor, bytes::Bytes);

/// Scribbles as elements.
const STROKE_POSITIVE: u16 = 1;
const STROKE_NEGATIVE: u16 = 2;

/// All inputs that the mapping names, in the order in which the server declares them.
///
/// # Errors
/// `Tensors` says what does not fit.
pub(super) fn inputs(
    volume: &Volume,
    prompts: &Prompts,
    declared: &[TensorMetadata],
    mapping: &TensorMapping,
) -> Result<Vec<Tensor>, AssistError> {
    let writer = Writer { volume, prompts, mapping };
    declared.iter().map(|input| writer.input(input)).collect()
}

struct Writer<'a> {
    volume: &'a Volume,
    prompts: &'a Prompts,
    mapping: &'a TensorMapping,
}

impl Writer<'_> {
    fn input(&self, declared: &TensorMetadata) -> Result<Tensor, AssistError> {
        let kind = DataType::from_name(&declared.datatype)?;
        let is = |name: &Option<String>| name.as_ref() == Some(&declared.name);
        let mapping = self.mapping;
        let (shape, raw) = if declared.name == mapping.image {
            (self.grid_shape(declared)?, image(self.volume.voxels(), kind)?)
        } else if is(&mapping.mask) {
            (self.grid_shape(declared)?, kind.encode(self.mask().into_iter().map(f64::from))?)
        } else if is(&mapping.scribbles) {
            (self.grid_shape(declared)?, kind.encode(self.scribbles().into_iter().map(f64::from))?)
        } else if is(&mapping.spacing) {
            let [i, j, k] = self.volume.grid().spacing_mm();
            (batched(declared, &[3])?, kind.encode([k, j, i].into_iter())?)
        } else if is(&mapping.points) {
            let places = self.prompts.points.iter().flat_map(|point| corner(point.at));
            (batched(declared, &[self.prompts.points.len() as i64, 3])?, kind.encode(places)?)
        } else if is(&mapping.point_labels) {
            let signs = self.prompts.points.iter().map(|point| match point.sign {
                Sign::Positive => 1.0,
                Sign::Negative => 0.0,
            });
            (batched(declared, &[self.prompts.points.len() as i64])?, kind.encode(signs)?)
        } else if is(&mapping.region) {
            (region_shape(declared)?, kind.encode(self.region().into_iter())?)
        } else {
            return Err(AssistError::Tensors { what: "the model has other inputs than are known" });
        };
        let tensor = InferInputTensor {
            name: declared.name.clone(),
            datatype: declared.datatype.clone(),
            shape,
            ..Default::default()
        };
        Ok((tensor, raw.into()))
    }

    fn grid_shape(&self, declared: &TensorMetadata) -> Result<Vec<i64>, AssistError> {
        let [i, j, k] = self.volume.grid().size().map(i64::from);
        Layout::fit(&declared.shape, [k, j, i])
    }

    fn mask(&self) -> Vec<u16> {
        let empty = || vec![0; self.volume.voxels().len()];
        self.prompts.mask.as_ref().map_or_else(empty, agent_imaging::LabelMap::to_dense)
    }

    fn scribbles(&self) -> Vec<u16> {
        let slice = self.volume.grid().slice_voxels() as usize;
        let mut marks = vec![0; self.volume.voxels().len()];
        for run in &self.prompts.scribbles {
            let from = run.k as usize * slice + run.start as usize;
            let mark = match run.sign {
                Sign::Positive => STROKE_POSITIVE,
                Sign::Negative => STROKE_NEGATIVE,
            };
            // The request was checked: a run lies within its slice.
            if let Some(stretch) = marks.get_mut(from..from + run.length as usize) {
                stretch.fill(mark);
            }
        }
        marks
    }

    fn region(&self) -> [f64; 6] {
        let whole = || ([0; 3], self.volume.grid().size().map(|length| length - 1));
        let (lower, upper) = self.prompts.region.map_or_else(whole, |region| (region.lower, region.upper));
        let ([a, b, c], [d, e, f]) = (corner(lower), corner(upper));
        [a, b, c, d, e, f]
    }
}

fn image(voxels: &Voxels, kind: DataType) -> Result<Vec<u8>, AssistError> {
    match voxels {
        Voxels::Int16(values) => kind.encode(values.iter().map(|value| f64::from(*value))),
        Voxels::Float32(values) => kind.encode(values.iter().map(|value| f64::from(*value))),
        // A tensor has one number for each voxel.
        Voxels::Rgb8(_) => Err(AssistError::ColourImage),
    }
}

/// (k, j, i), as tensors count.
fn corner([i, j, k]: [u32; 3]) -> [f64; 3] {
    [k, j, i].map(f64::from)
}

fn region_shape(declared: &TensorMetadata) -> Result<Vec<i64>, AssistError> {
    match declared.shape.as_slice() {
        [6 | -1] => Ok(vec![6]),
        _ => batched(declared, &[2, 3]),
    }
}

/// The shape of a small tensor, with an axis of one before it when the model has one.
fn batched(declared: &TensorMetadata, shape: &[i64]) -> Result<Vec<i64>, AssistError> {
    let fits = |declared: &[i64]| {
        declared.len() == shape.len()
            && declared.iter().zip(shape).all(|(open, length)| *open < 0 || open == length)
    };
    match declared.shape.as_slice() {
        plain if fits(plain) => Ok(shape.to_vec()),
        [-1 | 1, rest @ ..] if fits(rest) => Ok(std::iter::once(1).chain(shape.iter().copied()).collect()),
        _ => Err(AssistError::Tensors { what: "a prompt has another shape in the model" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Point, ScribbleRun, VoxelBox};
    use agent_imaging::{Grid, LabelMap};

    fn volume(voxels: Voxels) -> Volume {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Volume::new(Grid::new([4, 3, 2], [0.5, 0.75, 2.5], [9.0; 3], direction).unwrap(), voxels).unwrap()
    }

    fn mapping() -> TensorMapping {
        let name = |text: &str| Some(text.to_owned());
        TensorMapping {
            image: "image".into(),
            spacing: name("spacing"),
            points: name("points"),
            point_labels: name("point_labels"),
            region: name("box"),
            scribbles: name("scribbles"),
            mask: name("mask"),
            output: "labels".into(),
            reading: super::super::Reading::Auto,
        }
    }

    fn declared(name: &str, datatype: &str, shape: &[i64]) -> TensorMetadata {
        TensorMetadata { name: name.into(), datatype: datatype.into(), shape: shape.into() }
    }

    fn one(prompts: &Prompts, tensor: TensorMetadata) -> Result<(Vec<i64>, Vec<f64>), AssistError> {
        let kind = DataType::from_name(&tensor.datatype)?;
        let volume = volume(Voxels::Int16((0..24).collect()));
        let (tensor, raw) = inputs(&volume, prompts, &[tensor], &mapping())?.remove(0);
        Ok((tensor.shape, raw.chunks_exact(kind.bytes()).map(|chunk| kind.one(chunk)).collect()))
    }

    #[test]
    fn prompts_count_depth_row_column() {
        let prompts = Prompts {
            points: vec![
                Point { at: [3, 2, 1], sign: Sign::Positive },
                Point { at: [0, 1, 0], sign: Sign::Negative },
            ],
            region: Some(VoxelBox { lower: [1, 0, 0], upper: [3, 2, 1] }),
            scribbles: vec![ScribbleRun { k: 1, start: 5, length: 2, sign: Sign::Negative }],
            mask: None,
        };
        let of = |name: &str, shape: &[i64]| one(&prompts, declared(name, "INT32", shape)).unwrap();
        assert_eq!(of("points", &[-1, 3]), (vec![2, 3], vec![1.0, 2.0, 3.0, 0.0, 1.0, 0.0]));
        assert_eq!(of("points", &[1, -1, 3]).0, [1, 2, 3]);
        assert_eq!(of("point_labels", &[-1]), (vec![2], vec![1.0, 0.0]));
        assert_eq!(of("box", &[2, 3]), (vec![2, 3], vec![0.0, 0.0, 1.0, 1.0, 2.0, 3.0]));
        assert_eq!(of("box", &[6]).0, [6]);
        let (shape, strokes) = of("scribbles", &[1, -1, -1, -1]);
        assert_eq!(shape, [1, 2, 3, 4]);
        let marked: Vec<usize> = (0..24).filter(|index| strokes[*index] == 2.0).collect();
        assert_eq!(marked, [17, 18]);
        assert_eq!(of("mask", &[-1, -1, -1]).1, [0.0; 24]);
        let spacing = one(&prompts, declared("spacing", "FP64", &[3])).unwrap();
        assert_eq!(spacing, (vec![3], vec![2.5, 0.75, 0.5]));
    }

    #[test]
    fn the_image_keeps_its_storage_order() {
        let (shape, values) =
            one(&Prompts::default(), declared("image", "FP32", &[1, 1, -1, -1, -1])).unwrap();
        assert_eq!(shape, [1, 1, 2, 3, 4]);
        assert_eq!(values, (0..24).map(f64::from).collect::<Vec<_>>());
        assert_eq!(
            one(&Prompts::default(), declared("box", "INT64", &[2, 3])).unwrap().1,
            [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]
        );
        let mask = LabelMap::from_dense(*volume(Voxels::Int16(vec![0; 24])).grid(), &[7; 24]).unwrap();
        let prompts = Prompts { mask: Some(mask), ..Prompts::default() };
        assert_eq!(one(&prompts, declared("mask", "UINT8", &[-1, -1, -1])).unwrap().1, [7.0; 24]);
    }

    #[test]
    fn what_a_model_cannot_take_is_refused() {
        let halves = volume(Voxels::Float32(vec![0.5; 24]));
        let image = |kind: &str| {
            inputs(&halves, &Prompts::default(), &[declared("image", kind, &[-1; 3])], &mapping())
        };
        assert!(image("FP16").is_ok());
        assert!(matches!(image("INT16"), Err(AssistError::Tensors { .. })));
        assert!(matches!(image("BYTES"), Err(AssistError::Tensors { .. })));
        let other = one(&Prompts::default(), declared("temperature", "FP32", &[1]));
        assert!(matches!(other, Err(AssistError::Tensors { .. })));
        let shape = one(&Prompts::default(), declared("points", "INT64", &[4, 3]));
        assert!(matches!(shape, Err(AssistError::Tensors { .. })));
    }
}
