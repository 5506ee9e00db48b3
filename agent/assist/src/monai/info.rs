//! What `GET /info/` says of a model.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::error::AssistError;
use crate::registration::{Capabilities, PromptKind};
use crate::request::Request;

/// The kinds that MONAI Label has (`InferType`), as far as they answer with a label map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Automatic; takes no prompt.
    Segmentation,
    /// Clicks, and a box where it knows one (`roi`).
    Deepgrow,
    /// Automatic, refined by clicks.
    Deepedit,
    /// Strokes.
    Scribbles,
    /// Anything else: what it takes is not said.
    Other,
}

/// One model of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Served {
    pub(super) kind: Kind,
    /// Labels and the server's own names for them, background left out.
    pub(super) labels: Vec<(u16, String)>,
    /// The version of the server's app.
    pub(super) version: String,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    version: Value,
    models: BTreeMap<String, Model>,
}

#[derive(Deserialize)]
struct Model {
    #[serde(default, rename = "type")]
    kind: Value,
    #[serde(default)]
    labels: Value,
}

/// # Errors
/// `InvalidAnswer` when it is no such answer; `NotServed` when the model is not in it.
pub(super) fn read(body: &[u8], model: &str) -> Result<Served, AssistError> {
    let invalid = |_| AssistError::InvalidAnswer { what: "not the answer of a MONAI Label server" };
    let info: Info = serde_json::from_slice(body).map_err(invalid)?;
    let model = info.models.get(model).ok_or(AssistError::NotServed)?;
    let kind = match model.kind.as_str() {
        Some("segmentation" | "annotation" | "detection" | "classification") => Kind::Segmentation,
        Some("deepgrow") => Kind::Deepgrow,
        Some("deepedit") => Kind::Deepedit,
        Some("scribbles") => Kind::Scribbles,
        Some(_) | None => Kind::Other,
    };
    let version = info.version.as_str().map(words).unwrap_or_default();
    Ok(Served { kind, labels: labels(&model.labels), version })
}

/// Names of labels come as a list, numbered from 1, or as an object from name to number or from number to name.
fn labels(value: &Value) -> Vec<(u16, String)> {
    let mut found: Vec<(u16, String)> = match value {
        Value::String(name) => vec![(1, words(name))],
        Value::Array(names) => names
            .iter()
            .zip(1..=u16::MAX)
            .filter_map(|(name, label)| Some((label, words(name.as_str()?))))
            .collect(),
        Value::Object(pairs) => pairs.iter().filter_map(|(key, value)| pair(key, value)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    };
    found.retain(|(label, name)| *label != 0 && name != "background");
    found.sort();
    found
}

fn pair(key: &str, value: &Value) -> Option<(u16, String)> {
    match value {
        Value::Number(label) => Some((label.as_u64()?.try_into().ok()?, words(key))),
        Value::String(name) => Some((key.parse().ok()?, words(name))),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A server's words, short and printable.
fn words(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(100).collect()
}

impl Served {
    pub(super) fn prompts(&self) -> BTreeSet<PromptKind> {
        use PromptKind::{Box, Mask, Points, Scribbles};
        let kinds: &[PromptKind] = match self.kind {
            Kind::Segmentation => &[],
            Kind::Deepgrow => &[Points, Box],
            Kind::Deepedit => &[Points],
            Kind::Scribbles => &[Scribbles, Box],
            Kind::Other => &[Points, Box, Mask],
        };
        kinds.iter().copied().collect()
    }

    fn automatic(&self) -> bool {
        matches!(self.kind, Kind::Segmentation | Kind::Deepedit | Kind::Other)
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            prompts: self.prompts(),
            automatic: self.automatic(),
            labels: self.labels.clone(),
            version: self.version.clone(),
        }
    }

    pub(super) fn declared(&self) -> BTreeSet<u16> {
        self.labels.iter().map(|(label, _)| *label).collect()
    }

    /// # Errors
    /// As [`Capabilities::check`].
    pub(super) fn check(&self, request: &Request) -> Result<(), AssistError> {
        self.capabilities().check(&request.prompts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(model: &str) -> Result<Served, AssistError> {
        let body = format!(r#"{{"name":"x","version":"0.1","models":{{"m":{model}}}}}"#);
        read(body.as_bytes(), "m")
    }

    #[test]
    fn names_of_labels_are_read_in_each_form() {
        let of = |labels: &str| served(&format!(r#"{{"labels":{labels}}}"#)).unwrap().labels;
        let expect = vec![(1, "liver".to_owned()), (2, "tumour".to_owned())];
        assert_eq!(of(r#"["liver","tumour"]"#), expect);
        assert_eq!(of(r#"{"tumour":2,"background":0,"liver":1}"#), expect);
        assert_eq!(of(r#"{"1":"liver","2":"tumour","0":"background"}"#), expect);
        assert_eq!(of(r#""liver""#), expect[..1]);
        assert_eq!(of("null"), []);
        assert_eq!(of(r#"{"liver":70000,"tumour":-1}"#), []);
    }

    #[test]
    fn a_model_that_is_not_there_is_not_served() {
        assert_eq!(read(br#"{"models":{}}"#, "m"), Err(AssistError::NotServed));
        let other = Err(AssistError::InvalidAnswer { what: "not the answer of a MONAI Label server" });
        assert_eq!(read(b"<html>", "m"), other);
    }

    #[test]
    fn kinds_say_which_prompts_are_taken() {
        let kind = |name: &str| served(&format!(r#"{{"type":"{name}"}}"#)).unwrap();
        assert!(kind("segmentation").automatic() && kind("segmentation").prompts().is_empty());
        assert!(!kind("deepgrow").automatic() && kind("deepgrow").prompts().contains(&PromptKind::Box));
        assert_eq!(kind("scribbles").kind, Kind::Scribbles);
        assert_eq!(kind("new").kind, Kind::Other);
    }
}
