//! `masks consensus`: one label map out of several.

use std::path::{Path, PathBuf};

use agent_imaging::consensus::{
    LabelVote, disagreement, labels_together, paint, patterns, region_voxels, shape_mean,
};
use agent_imaging::metrics::ENGINE;
use agent_imaging::{Grid, LabelMap, Run};
use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use proto_patterns::{StapleSettings, TruthTable};
use serde_json::{Map, Value, json};

use super::{grid, labels_of};

/// Disputed regions that are told of each label.
const REGIONS: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Method {
    /// More than half of the maps mark it
    Majority,
    /// At least as many maps as --quorum mark it
    Quorum,
    /// Any map marks it
    Union,
    /// Every map marks it
    Intersection,
    /// Binary STAPLE of each label (Warfield et al., IEEE TMI 23 (2004) 903), in the box around all maps and 10 mm more
    Staple,
    /// STAPLE of all labels at once (Rohlfing et al., IEEE TMI 23 (2004) 983)
    StapleMulti,
    /// The label that most maps give, also none
    Plurality,
    /// What the truth table of --table paints
    Weighted,
    /// Mean of the signed distances (Rohlfing and Maurer, IEEE TIP 16 (2007) 153)
    ShapeMean,
}

/// How voxels are decided.
#[derive(Debug, Args)]
pub(in crate::cli) struct Rule {
    /// How a voxel is decided
    #[arg(long, value_enum)]
    pub(super) method: Method,
    /// How many maps must mark a voxel
    #[arg(long, value_name = "NUMBER", required_if_eq("method", "quorum"))]
    pub(super) quorum: Option<u32>,
    /// Which patterns of maps are painted: 2^n bits for n maps as hexadecimal digits, bit p % 8 of byte p / 8 for the
    /// pattern p, in which bit r is map r
    #[arg(long, value_name = "HEX", required_if_eq("method", "weighted"))]
    pub(super) table: Option<String>,
    /// Label for voxels that staple-multi or plurality leave undecided [default: no label]
    #[arg(long, value_name = "NUMBER")]
    pub(super) undecided: Option<u16>,
    /// A new NIfTI file for where the maps disagree: the entropy of the votes in thousandths of a bit, the highest of
    /// all labels
    #[arg(long, value_name = "FILE")]
    pub(super) disagreement: Option<PathBuf>,
}

impl Rule {
    /// Where to write the disagreement, and what it is.
    pub(super) fn disputed(
        &self,
        maps: &[&LabelMap],
        wanted: &[u16],
    ) -> anyhow::Result<Option<(&Path, LabelMap)>> {
        let Some(path) = &self.disagreement else { return Ok(None) };
        let first = maps.first().context("there is no map")?;
        let mut highest = LabelMap::empty(*first.grid()).to_dense();
        for label in chosen(maps, wanted)? {
            for (most, level) in highest.iter_mut().zip(disagreement(maps, label)?.entropy.to_dense()) {
                *most = level.max(*most);
            }
        }
        Ok(Some((path, LabelMap::from_dense(*first.grid(), &highest)?)))
    }
}

fn chosen(maps: &[&LabelMap], wanted: &[u16]) -> anyhow::Result<Vec<u16>> {
    let known = labels_of(maps);
    if let Some(missing) = wanted.iter().find(|label| !known.contains(label)) {
        bail!("no map has label {missing}");
    }
    Ok(known.into_iter().filter(|label| wanted.is_empty() || wanted.contains(label)).collect())
}

/// The map that the rule decides for, and what it found of each label.
pub(super) fn decide(maps: &[&LabelMap], rule: &Rule, wanted: &[u16]) -> anyhow::Result<(LabelMap, Value)> {
    let labels = chosen(maps, wanted)?;
    let first = maps.first().context("there is no map")?;
    let vote = match rule.method {
        Method::StapleMulti => Some(LabelVote::Staple),
        Method::Plurality => Some(LabelVote::Plurality),
        Method::Majority
        | Method::Quorum
        | Method::Union
        | Method::Intersection
        | Method::Staple
        | Method::Weighted
        | Method::ShapeMean => None,
    };
    let at_once = match vote {
        Some(vote) => {
            ensure!(wanted.is_empty(), "{:?} decides all labels at once; leave --label out", rule.method);
            Some(labels_together(maps, vote, rule.undecided)?)
        }
        None => None,
    };
    let mut decided = Vec::new();
    let mut found = Vec::new();
    for label in labels {
        let mut line = common(maps, label)?;
        let map = match &at_once {
            Some(map) => map.clone(),
            None => decide_label(maps, rule, label, &mut line)?,
        };
        line.insert("label".into(), json!(label));
        line.insert("voxels".into(), json!(map.count(label)));
        found.push(Value::Object(line));
        if at_once.is_none() {
            decided.push(map);
        }
    }
    let map = at_once.map_or_else(|| together(first.grid(), &decided), Ok)?;
    let mut found = json!({ "engine": ENGINE.to_string(), "grid": grid(first.grid()), "labels": found });
    if let (Some(label), Some(object)) = (rule.undecided, found.as_object_mut()) {
        object.insert("undecided_voxels".into(), json!(map.count(label)));
    }
    Ok((map, found))
}

/// What the maps have in common, whichever way they are put together.
fn common(maps: &[&LabelMap], label: u16) -> anyhow::Result<Map<String, Value>> {
    let histogram = patterns(maps, label)?;
    let agreement = histogram.agreement(region_voxels(maps, label));
    let others: Vec<Option<f64>> =
        (0..maps.len()).map(|map| histogram.dice_to_majority_of_others(map)).collect();
    let disputed = disagreement(maps, label)?;
    let regions: Vec<Value> = disputed
        .regions
        .iter()
        .take(REGIONS)
        .map(|region| {
            json!({
                "volume_mm3": region.volume_mm3,
                "voxels": region.voxels,
                "mean_bits": region.mean_bits,
                "centre_mm": region.centre.0,
            })
        })
        .collect();
    Ok(Map::from_iter([
        ("dice_to_majority_of_others".to_owned(), json!(others)),
        ("fleiss_kappa".to_owned(), json!(agreement.fleiss_kappa)),
        ("gwet_ac1".to_owned(), json!(agreement.gwet_ac1)),
        ("krippendorff_alpha".to_owned(), json!(agreement.krippendorff_alpha)),
        ("mean_entropy_bits".to_owned(), json!(disputed.mean_bits)),
        ("disputed_regions".to_owned(), json!(disputed.regions.len())),
        ("largest_disputed_regions".to_owned(), Value::Array(regions)),
    ]))
}

fn decide_label(
    maps: &[&LabelMap],
    rule: &Rule,
    label: u16,
    line: &mut Map<String, Value>,
) -> anyhow::Result<LabelMap> {
    let all = maps.len() as u32;
    let quorum = match rule.method {
        Method::Majority => all / 2 + 1,
        Method::Quorum => rule.quorum.context("quorum needs --quorum")?,
        Method::Union => 1,
        Method::Intersection => all,
        Method::Staple => return by_staple(maps, label, line),
        Method::Weighted => return by_table(maps, label, rule.table.as_deref()),
        Method::ShapeMean => {
            return shape_mean(maps, label).with_context(|| format!("label {label} has no mean shape"));
        }
        Method::StapleMulti | Method::Plurality => bail!("{:?} decides all labels at once", rule.method),
    };
    ensure!((1..=all).contains(&quorum), "--quorum is a number of maps, 1 to {all}");
    line.insert("maps_needed".into(), json!(quorum));
    Ok(paint(maps, label, |pattern| pattern.count_ones() >= quorum)?)
}

fn by_table(maps: &[&LabelMap], label: u16, table: Option<&str>) -> anyhow::Result<LabelMap> {
    let digits = table.context("weighted needs --table")?;
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            pair.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect();
    let table = TruthTable::new(bytes.context("--table is not hexadecimal")?, maps.len())?;
    Ok(paint(maps, label, |pattern| table.paints(pattern))?)
}

fn by_staple(maps: &[&LabelMap], label: u16, line: &mut Map<String, Value>) -> anyhow::Result<LabelMap> {
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
    line.insert("raters".into(), Value::Array(raters));
    Ok(paint(maps, label, |pattern| staple.paints(pattern))?)
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
