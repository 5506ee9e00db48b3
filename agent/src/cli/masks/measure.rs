//! `masks measure`: how well two label maps agree.

use agent_imaging::LabelMap;
use agent_imaging::metrics::{Depth, ENGINE, LabelScore, LabelTarget, MetricValue, Undefined, compare};
use serde_json::{Map, Value, json};

use super::{grid, labels_of};

/// Names of the measures and why they may be missing, in the words of the file that people's scripts read.
type Named = (&'static str, MetricValue);

pub(super) fn measured(
    reference: &LabelMap,
    candidate: &LabelMap,
    tolerance_mm: f64,
    depth: Depth,
) -> anyhow::Result<Value> {
    let targets: Vec<LabelTarget> = labels_of(&[reference, candidate])
        .into_iter()
        .map(|label| LabelTarget { label, tolerance_mm })
        .collect();
    let scores = compare(reference, candidate, &targets, depth)?;
    Ok(json!({
        "engine": ENGINE.to_string(),
        "grid": grid(reference.grid()),
        "tau_mm": tolerance_mm,
        "labels": scores.iter().map(label).collect::<Vec<_>>(),
    }))
}

fn label(score: &LabelScore) -> Value {
    let measures: [Named; 7] = [
        ("dice", score.dice),
        ("iou", score.intersection_over_union),
        ("nsd", score.nsd),
        ("hd95_mm", score.hd95_mm),
        ("hd_mm", score.hd_mm),
        ("assd_mm", score.assd_mm),
        ("signed_bias_mm", score.signed_bias_mm),
    ];
    let undefined: Map<String, Value> = measures
        .iter()
        .filter_map(|(name, value)| value.err().map(|why| ((*name).to_owned(), json!(word(why)))))
        .collect();
    let mut line = Map::new();
    line.insert("label".into(), json!(score.label));
    for (name, value) in measures {
        line.insert(name.into(), json!(value.ok()));
    }
    line.insert("volume_mm3".into(), json!([score.reference_mm3, score.candidate_mm3]));
    line.insert("undefined".into(), Value::Object(undefined));
    Value::Object(line)
}

const fn word(why: Undefined) -> &'static str {
    match why {
        Undefined::BothEmpty => "both-empty",
        Undefined::OneEmpty => "one-empty",
        Undefined::NotMeasured => "not-measured",
        Undefined::OutOfScope => "out-of-scope",
    }
}
