//! The pieces of an nnU-Net v2 dataset that are not images: names of files, `dataset.json`, `splits_final.json`.
//!
//! Source: nnU-Net, documentation/dataset_format.md and `verify_dataset_integrity`.

use agent_imaging::LabelMap;
use serde_json::{Map, Value, json};

/// How the images of a dataset end.
pub const FILE_ENDING: &str = ".nii.gz";

/// Why a dataset cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NnunetError {
    #[error("a case is not named by letters, digits, hyphens and underscores, 1 to 128 of them")]
    Case,
    #[error("labels do not count from 1 without a gap")]
    Labels,
    #[error("a label or channel has no name, or one that another has")]
    Name,
    #[error("there are fewer cases than folds, or fewer than two folds")]
    Folds,
}

fn named(case: &str) -> Result<&str, NnunetError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = (1..=128).contains(&case.len()) && case.bytes().all(plain);
    if fits { Ok(case) } else { Err(NnunetError::Case) }
}

/// Where an image of a case belongs; channels count from 0.
///
/// # Errors
/// `Case` for a name that is no plain one.
pub fn image_path(case: &str, channel: u16) -> Result<String, NnunetError> {
    Ok(format!("imagesTr/{}_{channel:04}{FILE_ENDING}", named(case)?))
}

/// Where the label map of a case belongs.
///
/// # Errors
/// `Case` for a name that is no plain one.
pub fn label_path(case: &str) -> Result<String, NnunetError> {
    Ok(format!("labelsTr/{}{FILE_ENDING}", named(case)?))
}

/// `dataset.json`: the channels in their order, the labels by their numbers from 1 on, and how many cases there are.
///
/// # Errors
/// `Labels` for numbers with a gap, `Name` for names that are missing or come twice.
pub fn dataset_json(channels: &[&str], labels: &[(u16, &str)], cases: usize) -> Result<Vec<u8>, NnunetError> {
    let consecutive = labels.iter().zip(1..).all(|((number, _), place)| *number == place);
    if labels.is_empty() || !consecutive {
        return Err(NnunetError::Labels);
    }
    let mut names = Map::new();
    names.insert("background".into(), json!(0));
    for (number, name) in labels {
        if name.trim().is_empty() || names.insert((*name).to_owned(), json!(number)).is_some() {
            return Err(NnunetError::Name);
        }
    }
    if channels.is_empty() || channels.iter().any(|name| name.trim().is_empty()) {
        return Err(NnunetError::Name);
    }
    let channels: Map<String, Value> =
        channels.iter().enumerate().map(|(place, name)| (place.to_string(), json!(name))).collect();
    let document = json!({
        "channel_names": channels,
        "labels": names,
        "numTraining": cases,
        "file_ending": FILE_ENDING,
    });
    Ok(document.to_string().into_bytes())
}

/// `splits_final.json`: case i is validated on in fold i modulo the number of folds, and trained on in all others.
///
/// # Errors
/// `Folds` for fewer than two folds, or fewer cases than folds.
pub fn splits_json(cases: &[&str], folds: usize) -> Result<Vec<u8>, NnunetError> {
    if folds < 2 || cases.len() < folds {
        return Err(NnunetError::Folds);
    }
    for case in cases {
        named(case)?;
    }
    let fold = |fold: usize| {
        let (mut train, mut validate) = (Vec::new(), Vec::new());
        for (place, case) in cases.iter().enumerate() {
            if place % folds == fold { validate.push(*case) } else { train.push(*case) }
        }
        json!({ "train": train, "val": validate })
    };
    Ok(Value::Array((0..folds).map(fold).collect()).to_string().into_bytes())
}

/// The labels that a map has and a dataset does not: nnU-Net refuses a dataset for them.
#[must_use]
pub fn unknown_labels(map: &LabelMap, labels: &[(u16, &str)]) -> Vec<u16> {
    let known = |label: &u16| labels.iter().any(|(number, _)| number == label);
    map.labels().into_iter().filter(|label| !known(label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_documents_are_those_of_the_format() {
        assert_eq!(image_path("case-1", 0).unwrap(), "imagesTr/case-1_0000.nii.gz");
        assert_eq!(label_path("case-1").unwrap(), "labelsTr/case-1.nii.gz");
        let document = dataset_json(&["CT"], &[(1, "liver"), (2, "tumour")], 7).unwrap();
        let document: Value = serde_json::from_slice(&document).unwrap();
        let expected = json!({
            "channel_names": { "0": "CT" },
            "labels": { "background": 0, "liver": 1, "tumour": 2 },
            "numTraining": 7,
            "file_ending": ".nii.gz",
        });
        assert_eq!(document, expected);
        let splits: Value = serde_json::from_slice(&splits_json(&["a", "b", "c"], 2).unwrap()).unwrap();
        assert_eq!(
            splits,
            json!([{ "train": ["b"], "val": ["a", "c"] }, { "train": ["a", "c"], "val": ["b"] }])
        );
    }

    #[test]
    fn what_nnunet_would_refuse_is_refused() {
        assert_eq!(image_path("../x", 0), Err(NnunetError::Case));
        assert_eq!(dataset_json(&["CT"], &[(1, "a"), (3, "b")], 1), Err(NnunetError::Labels));
        assert_eq!(dataset_json(&["CT"], &[(1, "background")], 1), Err(NnunetError::Name));
        assert_eq!(dataset_json(&[], &[(1, "a")], 1), Err(NnunetError::Name));
        assert_eq!(splits_json(&["a"], 2), Err(NnunetError::Folds));
    }
}
