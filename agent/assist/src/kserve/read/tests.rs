//! Facts about output tensors.

use super::*;

const SIZE: [u32; 3] = [2, 1, 3];

fn mapping(reading: Reading) -> TensorMapping {
    TensorMapping {
        image: "image".into(),
        spacing: None,
        points: None,
        point_labels: None,
        region: None,
        scribbles: None,
        mask: None,
        output: "labels".into(),
        reading,
    }
}

fn answer(datatype: &str, shape: &[i64], values: &[f64]) -> ModelInferResponse {
    let raw = DataType::from_name(datatype).unwrap().encode(values.iter().copied()).unwrap();
    let tensor = InferOutputTensor {
        name: "labels".into(),
        datatype: datatype.into(),
        shape: shape.into(),
        ..Default::default()
    };
    ModelInferResponse { outputs: vec![tensor], raw_output_contents: vec![raw.into()], ..Default::default() }
}

fn read(answer: ModelInferResponse) -> Result<(Vec<u16>, Option<u16>), AssistError> {
    labels(answer, &mapping(Reading::Auto), SIZE)
}

const SIX: [f64; 6] = [0.0, 1.0, 2.0, 0.0, 1.0, 2.0];

#[test]
fn whole_numbers_are_labels_in_storage_order() {
    let expect = Ok((vec![0, 1, 2, 0, 1, 2], None));
    for shape in [&[3, 1, 2][..], &[1, 3, 1, 2], &[1, 1, 3, 1, 2], &[1, 3, 1, 2, 1]] {
        for datatype in ["UINT8", "INT16", "INT64", "FP32", "FP16"] {
            assert_eq!(read(answer(datatype, shape, &SIX)), expect, "{datatype} {shape:?}");
        }
    }
}

#[test]
fn the_highest_score_wins_wherever_channels_stand() {
    let first = [0.1, 0.9, 0.3, 0.3, 0.3, f64::NAN, 0.8, 0.1, 0.3, 0.4, 0.2, -1.0];
    let expect = Ok((vec![1, 0, 0, 1, 0, 1], Some(2)));
    assert_eq!(read(answer("FP64", &[1, 2, 3, 1, 2], &first)), expect);
    let last: Vec<f64> = (0..6).flat_map(|voxel| [first[voxel], first[voxel + 6]]).collect();
    assert_eq!(read(answer("FP64", &[3, 1, 2, 2], &last)), expect);
}

#[test]
fn a_probability_is_cut_at_a_half() {
    let values = [0.0, 0.5, 0.49, 1.0, 0.6, 0.1];
    assert_eq!(read(answer("FP64", &[3, 1, 2], &values)), Ok((vec![0, 1, 0, 1, 1, 0], None)));
    let at = labels(answer("FP64", &[3, 1, 2], &values), &mapping(Reading::Threshold(0.6)), SIZE);
    assert_eq!(at.unwrap().0, [0, 0, 0, 1, 0, 0], "0.6 as 32 bits lies above 0.6");
}

#[test]
fn an_output_that_does_not_fit_is_refused_by_name() {
    let six = |shape: &[i64]| read(answer("UINT8", shape, &SIX));
    assert_eq!(six(&[2, 1, 3]), Err(AssistError::GridDiffers), "the axes are in another order");
    assert_eq!(six(&[0, 3, 1, 2]), Err(AssistError::GridDiffers));
    assert_eq!(six(&[6]), Err(AssistError::GridDiffers));
    let short = Err(AssistError::InvalidAnswer { what: "the output has not as many elements as its shape" });
    assert_eq!(read(answer("UINT8", &[3, 1, 2], &SIX[1..])), short);
    let logits = read(answer("FP32", &[3, 1, 2], &[-0.5; 6]));
    assert_eq!(logits, Err(AssistError::InvalidAnswer { what: "an element is no label" }));
    let mut other = answer("UINT8", &[3, 1, 2], &SIX);
    other.outputs[0].name = "other".into();
    assert_eq!(read(other), Err(AssistError::InvalidAnswer { what: "the output is missing" }));
    let mut none = answer("UINT8", &[3, 1, 2], &SIX);
    none.raw_output_contents.clear();
    assert_eq!(read(none), Err(AssistError::InvalidAnswer { what: "the output's elements are missing" }));
    let scores = labels(answer("UINT8", &[3, 1, 2], &SIX), &mapping(Reading::ArgMax), SIZE);
    assert!(scores.is_err());
}

#[test]
fn elements_may_come_in_a_list() {
    let mut listed = answer("INT32", &[3, 1, 2], &SIX);
    listed.raw_output_contents.clear();
    listed.outputs[0].contents =
        Some(InferTensorContents { int_contents: vec![0, 1, 2, 0, 1, 2], ..Default::default() });
    assert_eq!(read(listed), Ok((vec![0, 1, 2, 0, 1, 2], None)));
}
