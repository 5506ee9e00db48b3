//! `masks …`: what label maps have in common, for people's own scripts and for anyone who wants to check us. Needs
//! neither a running agent nor a configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use agent_formats::nifti;
use agent_imaging::consensus::{paint, patterns, region_voxels};
use agent_imaging::metrics::{Depth, ENGINE, LabelScore, LabelTarget, MetricValue, Undefined, compare};
use agent_imaging::{Grid, LabelMap, Run};
use anyhow::{Context, bail, ensure};
use clap::{Subcommand, ValueEnum};
use proto_patterns::StapleSettings;
use serde_json::{Map, Value, json};

use super::show;

/// Names of the measures and why they may be missing, in the words of the file that people's scripts read.
type Named = (&'static str, MetricValue);

#[derive(Debug, Subcommand)]
pub(super) enum MasksCommand {
    /// How well two label maps agree, label by label
    #[command(
        after_help = "Example: ringfence-agent masks measure gold.nii.gz drawn.nii.gz --tau-mm 2 --json"
    )]
    Measure {
        /// The reference, a NIfTI label map
        reference: PathBuf,
        /// What is judged, on the same grid
        candidate: PathBuf,
        /// Surface within this distance counts as right, in millimetres
        #[arg(long, value_name = "MM", default_value_t = 2.0)]
        tau_mm: f64,
        /// The slices are single pictures: nothing is measured across them
        #[arg(long)]
        stack: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// One label map out of several
    #[command(
        after_help = "Example: ringfence-agent masks consensus a.nii.gz b.nii.gz c.nii.gz --method staple -o one.nii.gz"
    )]
    Consensus {
        /// NIfTI label maps on one grid, 2 to 16
        #[arg(required = true, num_args = 2..=16)]
        maps: Vec<PathBuf>,
        /// How a voxel is decided
        #[arg(long, value_enum)]
        method: Method,
        /// A new NIfTI file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Only this label; repeat for more [default: every label there is]
        #[arg(long = "label", value_name = "NUMBER")]
        labels: Vec<u16>,
        /// Print what was found as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Method {
    /// More than half of the maps mark it
    Majority,
    /// Any map marks it
    Union,
    /// Every map marks it
    Intersection,
    /// Binary STAPLE of each label (Warfield et al., IEEE TMI 23 (2004) 903), in the box around all maps and 10 mm more
    Staple,
}

pub(super) fn masks(command: MasksCommand) -> anyhow::Result<()> {
    match command {
        MasksCommand::Measure { reference, candidate, tau_mm, stack, json } => {
            ensure!(tau_mm.is_finite() && tau_mm >= 0.0, "--tau-mm is a distance in millimetres, 0 or more");
            let depth = if stack { Depth::Stack } else { Depth::Volume };
            show::result(&measured(&read(&reference)?, &read(&candidate)?, tau_mm, depth)?, json)
        }
        MasksCommand::Consensus { maps, method, output, labels, json } => {
            let maps = maps.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
            let (decided, found) = decide(&maps.iter().collect::<Vec<_>>(), method, &labels)?;
            write(&output, &decided)?;
            show::result(&found, json)
        }
    }
}

fn read(path: &Path) -> anyhow::Result<LabelMap> {
    let named = || format!("cannot use {}", path.display());
    let bytes = std::fs::read(path).with_context(named)?;
    let (grid, labels) = nifti::read_labels(&bytes).with_context(named)?;
    LabelMap::from_dense(grid, &labels).with_context(named)
}

/// Never over a file that is there: nobody loses a mask by a slip of the hand.
fn write(path: &Path, map: &LabelMap) -> anyhow::Result<()> {
    use std::io::Write;
    let bytes = nifti::write_labels(map.grid(), &map.to_dense())?;
    let named = || format!("cannot write {}", path.display());
    let mut file = std::fs::File::options().write(true).create_new(true).open(path).with_context(named)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).with_context(named)
}

fn labels_of(maps: &[&LabelMap]) -> BTreeSet<u16> {
    maps.iter().flat_map(|map| map.labels()).collect()
}

fn measured(
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

fn grid(grid: &Grid) -> Value {
    json!({ "size": grid.size(), "spacing_mm": grid.spacing_mm() })
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

/// The map that the method decides for, and what it found of each label.
fn decide(maps: &[&LabelMap], method: Method, wanted: &[u16]) -> anyhow::Result<(LabelMap, Value)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    fn map(labels: &[u16; 24]) -> LabelMap {
        let grid = Grid::new([4, 3, 2], [1.0, 1.0, 2.0], [0.0; 3], AXES).unwrap();
        LabelMap::from_dense(grid, labels).unwrap()
    }

    fn row(first: [u16; 4]) -> LabelMap {
        let mut labels = [0; 24];
        labels[..4].copy_from_slice(&first);
        map(&labels)
    }

    #[test]
    fn equal_maps_agree_and_what_is_missing_is_named() {
        let value = measured(&row([1, 1, 0, 2]), &row([1, 1, 0, 0]), 1.0, Depth::Volume).unwrap();
        let [first, second] = [&value["labels"][0], &value["labels"][1]];
        assert_eq!(
            (&first["dice"], &first["hd_mm"], &first["signed_bias_mm"]),
            (&json!(1.0), &json!(0.0), &json!(0.0))
        );
        assert_eq!(first["undefined"], json!({}));
        assert_eq!((&second["dice"], &second["hd_mm"]), (&json!(0.0), &Value::Null));
        assert_eq!(second["undefined"]["hd95_mm"], "one-empty");
        assert_eq!(first["volume_mm3"], json!([4.0, 4.0]));
    }

    #[test]
    fn each_method_decides_as_it_says() {
        let maps = [row([1, 1, 1, 0]), row([1, 1, 0, 0]), row([1, 0, 0, 0])];
        let maps: Vec<&LabelMap> = maps.iter().collect();
        for (method, voxels) in [(Method::Majority, 2), (Method::Union, 3), (Method::Intersection, 1)] {
            let (decided, found) = decide(&maps, method, &[]).unwrap();
            assert_eq!(
                (decided.count(1), &found["labels"][0]["voxels"]),
                (voxels, &json!(voxels)),
                "{method:?}"
            );
        }
        let (_, found) = decide(&maps, Method::Staple, &[]).unwrap();
        assert_eq!(found["labels"][0]["raters"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn labels_that_win_the_same_voxel_are_refused_together_and_not_alone() {
        let maps = [row([1, 1, 0, 0]), row([0, 2, 2, 0])];
        let maps: Vec<&LabelMap> = maps.iter().collect();
        let refused = decide(&maps, Method::Union, &[]).unwrap_err();
        assert!(refused.to_string().contains("labels 1 and 2 win the same voxels"), "{refused}");
        assert_eq!(decide(&maps, Method::Union, &[2]).unwrap().0.count(2), 2);
        assert!(decide(&maps, Method::Union, &[9]).is_err());
    }

    #[test]
    fn an_output_that_is_there_stays() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("one.nii");
        write(&file, &row([1, 0, 0, 0])).unwrap();
        assert!(write(&file, &row([0, 0, 0, 0])).is_err());
        assert_eq!(read(&file).unwrap(), row([1, 0, 0, 0]));
    }
}
