//! `masks consensus`: one label map out of several.

use agent_imaging::consensus::{paint, patterns, region_voxels};
use agent_imaging::metrics::ENGINE;
use agent_imaging::{Grid, LabelMap, Run};
use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use proto_patterns::StapleSettings;
use serde_json::{Value, json};

use super::{grid, labels_of};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Method {
    /// More than half of the maps mark it
    Majority,
    /// Any map marks it
    Union,
    /// Every map marks it
    Intersection,
    /// Binary STAPLE of each label (Warfield et al., IEEE TMI 23 (2004) 903), in the box around all maps and 10 mm more
    Staple,
}

/// The map that the method decides for, and what it found of each label.
pub(super) fn decide(
    maps: &[&LabelMap],
    method: Method,
    wanted: &[u16],
) -> anyhow::Result<(LabelMap, Value)> {
    let known = labels_of(maps);
    if let Some(missing) = wanted.iter().find(|label| !known.contains(label)) {
        bail!("no map has label {missing}");
    }
    let labels: Vec<u16> =
        known.into_iter().filter(|label| wanted.is_empty() || wanted.contains(label)).collect();
    let first = maps.first().context("there is no map")?;
    let mut decided = Vec::new();
    let mut found = Vec::new();
    for label in labels {
        let (map, mut line) = decide_label(maps, method, label)?;
        if let Some(object) = line.as_object_mut() {
            object.insert("label".into(), json!(label));
            object.insert("voxels".into(), json!(map.count(label)));
        }
        found.push(line);
        decided.push(map);
    }
    let map = together(first.grid(), &decided)?;
    Ok((map, json!({ "engine": ENGINE.to_string(), "grid": grid(first.grid()), "labels": found })))
}

fn decide_label(maps: &[&LabelMap], method: Method, label: u16) -> anyhow::Result<(LabelMap, Value)> {
    let (all, one) = (maps.len() as u32, 1);
    let quorum = match method {
        Method::Majority => all / 2 + 1,
        Method::Union => one,
        Method::Intersection => all,
        Method::Staple => return by_staple(maps, label),
    };
    Ok((paint(maps, label, |pattern| pattern.count_ones() >= quorum)?, json!({ "maps_needed": quorum })))
}

fn by_staple(maps: &[&LabelMap], label: u16) -> anyhow::Result<(LabelMap, Value)> {
    let staple = patterns(maps, label)?.staple(region_voxels(maps, label), StapleSettings::default())?;
    ensure!(
        !staple.inverted(),
        "STAPLE finds the maps of label {label} worse than chance, so it would paint the opposite; use majority"
    );
    let raters: Vec<Value> = staple
        .raters
        .iter()
        .map(|rater| json!({ "sensitivity": rater.sensitivity, "specificity": rater.specificity }))
        .collect();
    Ok((paint(maps, label, |pattern| staple.paints(pattern))?, json!({ "raters": raters })))
}

/// All labels in one map. A voxel that two of them win has no right answer here.
fn together(grid: &Grid, maps: &[LabelMap]) -> anyhow::Result<LabelMap> {
    let mut slices: std::collections::BTreeMap<u32, Vec<Run>> = std::collections::BTreeMap::new();
    for map in maps {
        for (k, runs) in map.slices() {
            slices.entry(k).or_default().extend_from_slice(runs);
        }
    }
    for runs in slices.values_mut() {
        runs.sort_unstable_by_key(|run| run.start);
        for pair in runs.windows(2) {
            if let [before, after] = pair {
                ensure!(
                    before.start + before.length <= after.start,
                    "labels {} and {} win the same voxels; decide one at a time with --label",
                    before.label,
                    after.label
                );
            }
        }
    }
    Ok(LabelMap::from_slices(*grid, slices)?)
}
