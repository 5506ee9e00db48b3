//! Prompts in the words of MONAI Label: clicks as `foreground` and `background`, a box as `roi`, strokes and an
//! initial mask as the label image.

use agent_imaging::{LabelMap, Run};
use serde_json::{Map, Value, json};

use super::info::{Kind, Served};
use crate::error::AssistError;
use crate::labels::Plan;
use crate::request::{Request, Sign};

/// Labels of strokes in a scribbles image (monailabel/scribbles/infer.py, `scribbles_bg_label` and
/// `scribbles_fg_label`).
const STROKE_BACKGROUND: u16 = 2;
const STROKE_FOREGROUND: u16 = 3;

/// The form field `params`. Clicks are voxels (i, j, k).
pub(super) fn params(request: &Request, plan: &Plan, served: &Served) -> Value {
    let clicks = |sign: Sign| -> Value {
        let points = request.prompts.points.iter().filter(|point| point.sign == sign);
        points.map(|point| json!(point.at)).collect()
    };
    let mut params = Map::new();
    if matches!(served.kind, Kind::Deepgrow | Kind::Deepedit | Kind::Other) {
        params.insert("foreground".into(), clicks(Sign::Positive));
        params.insert("background".into(), clicks(Sign::Negative));
    }
    if served.kind == Kind::Deepedit {
        // DeepEdit reads the clicks of each label under the server's own name for it.
        for name in clicked(request, plan, served) {
            params.insert(name, clicks(Sign::Positive));
        }
    }
    if let Some(region) = &request.prompts.region {
        let sides = region.lower.iter().zip(&region.upper);
        let roi: Vec<u32> = sides.flat_map(|(lower, upper)| [*lower, *upper]).collect();
        params.insert("roi".into(), json!(roi));
    }
    Value::Object(params)
}

/// The server's names of the labels that positive clicks are for.
fn clicked(request: &Request, plan: &Plan, served: &Served) -> Vec<String> {
    let sources = match (plan, request.target) {
        (Plan::OneThing { .. }, _) if served.labels.len() == 1 => {
            return served.labels.iter().map(|(_, name)| name.clone()).collect();
        }
        (_, Some(target)) => plan.sources(target),
        (_, None) => Vec::new(),
    };
    let named = served.labels.iter().filter(|(label, _)| sources.contains(label));
    named.map(|(_, name)| name.clone()).collect()
}

/// The label image that goes along: strokes for a model that takes strokes, the initial mask for others.
///
/// # Errors
/// `InvalidPrompt` when strokes lie over each other.
pub(super) fn label_map(request: &Request, served: &Served) -> Result<Option<LabelMap>, AssistError> {
    match (served.kind, &request.prompts.mask) {
        (Kind::Scribbles, _) => strokes(request).map(Some),
        (_, mask) => Ok(mask.clone()),
    }
}

fn strokes(request: &Request) -> Result<LabelMap, AssistError> {
    let mut runs = request.prompts.scribbles.clone();
    runs.sort_by_key(|run| (run.k, run.start));
    let slices = runs.chunk_by(|a, b| a.k == b.k).filter_map(|slice| {
        let label = |sign| match sign {
            Sign::Positive => STROKE_FOREGROUND,
            Sign::Negative => STROKE_BACKGROUND,
        };
        let of = |run: &crate::request::ScribbleRun| Run {
            start: run.start,
            length: run.length,
            label: label(run.sign),
        };
        slice.first().map(|first| (first.k, slice.iter().map(of).collect()))
    });
    LabelMap::from_slices(*request.volume.grid(), slices)
        .map_err(|_| AssistError::InvalidPrompt { field: "scribbles" })
}
