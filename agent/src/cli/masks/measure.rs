//! `masks measure`: how well two label maps agree, and what is in each segment.

use agent_formats::nifti;
use agent_imaging::measure::{SegmentStatistics, segment};
use agent_imaging::metrics::instances::{Criterion, Detection, Instances, Matching, size_band};
use agent_imaging::metrics::{
    BorderDistances, Depth, ENGINE, LabelScore, LabelTarget, MaskPair, MetricValue, Undefined, compare,
    compare_slice,
};
use agent_imaging::{LabelMap, Volume};
use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::{grid, labels_of};

/// What is measured beside the agreement of each label.
#[derive(Debug, Args)]
pub(in crate::cli) struct Asked {
    /// Surface within this distance counts as right, in millimetres
    #[arg(long, value_name = "MM", default_value_t = 2.0)]
    pub(super) tau_mm: f64,
    /// The slices are single pictures: each is measured by itself
    #[arg(long)]
    pub(super) stack: bool,
    /// Also single objects: connected parts of each label, or the labels themselves
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) instances: Option<Which>,
    /// Objects are the same from this intersection over union on
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    pub(super) iou: f64,
    /// Objects are the same up to this distance of their centres instead, in millimetres
    #[arg(long, value_name = "MM")]
    pub(super) centre_mm: Option<f64>,
    /// Edges between size bands, in cubic millimetres, rising: 100,1000
    #[arg(long, value_name = "MM3", value_delimiter = ',')]
    pub(super) bands: Vec<f64>,
    /// A NIfTI image on the same grid, for mean and deviation in each segment
    #[arg(long, value_name = "FILE")]
    pub(super) image: Option<std::path::PathBuf>,
    /// Also distances between border voxels, the definition of MONAI
    #[arg(long)]
    pub(super) borders: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Which {
    /// Connected parts of each label
    Parts,
    /// Each label is one object
    Labels,
}

impl Asked {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let not_below_0 = |value: f64| value.is_finite() && value >= 0.0;
        ensure!(not_below_0(self.tau_mm), "--tau-mm is a distance in millimetres, 0 or more");
        ensure!(self.iou > 0.0 && self.iou <= 1.0, "--iou is a share above 0 and up to 1");
        ensure!(
            self.centre_mm.is_none_or(not_below_0),
            "--centre-mm is a distance in millimetres, 0 or more"
        );
        let rising = self.bands.windows(2).all(|pair| matches!(pair, [low, high] if low < high));
        let sizes = self.bands.iter().all(|&edge| edge.is_finite() && edge > 0.0);
        ensure!(rising && sizes, "--bands are volumes in cubic millimetres, above 0 and rising");
        Ok(())
    }

    fn image(&self) -> anyhow::Result<Option<Volume>> {
        let Some(path) = &self.image else { return Ok(None) };
        let named = || format!("cannot use {}", path.display());
        let bytes = std::fs::read(path).with_context(named)?;
        Ok(Some(nifti::read_volume(&bytes).with_context(named)?))
    }
}

/// Names of the measures and why they may be missing, in the words of the file that people's scripts read.
type Named = (&'static str, MetricValue);

pub(super) fn measured(reference: &LabelMap, candidate: &LabelMap, asked: &Asked) -> anyhow::Result<Value> {
    let image = asked.image()?;
    let depth = if asked.stack { Depth::Stack } else { Depth::Volume };
    let pair = MaskPair::new(reference, candidate)?;
    let labels: Vec<u16> = labels_of(&[reference, candidate]).into_iter().collect();
    let target = |&label: &u16| LabelTarget { label, tolerance_mm: asked.tau_mm };
    let targets: Vec<LabelTarget> = labels.iter().map(target).collect();
    let scores = compare(reference, candidate, &targets, depth)?;
    let mut lines = Vec::new();
    let (mut segments, mut slices, mut instances) = (Vec::new(), Vec::new(), Vec::new());
    for score in &scores {
        let mut line = label(score);
        if asked.borders {
            line.extend(borders(pair.borders(score.label), asked.tau_mm));
        }
        if !asked.bands.is_empty() {
            line.insert("size_band".into(), json!(size_band(score.reference_mm3, &asked.bands)));
        }
        lines.push(Value::Object(line));
        for (map, name) in [(reference, "reference"), (candidate, "candidate")] {
            let found = segment(map, score.label, image.as_ref()).context("the image does not fit")?;
            segments.extend(found.map(|found| statistics(score.label, name, &found)));
        }
        if asked.stack {
            slices.extend(by_slice(reference, candidate, score.label, asked.tau_mm)?);
        }
        if asked.instances == Some(Which::Parts) {
            let both = [reference, candidate].map(|map| Instances::parts_of(map, score.label));
            instances.push(objects(&both, asked, Some(score.label))?);
        }
    }
    if asked.instances == Some(Which::Labels) {
        instances.push(objects(&[reference, candidate].map(Instances::labels_of), asked, None)?);
    }
    let mut found = json!({
        "engine": ENGINE.to_string(),
        "grid": grid(reference.grid()),
        "tau_mm": asked.tau_mm,
        "labels": lines,
        "segments": segments,
    });
    let parts = [("slices", slices, asked.stack), ("instances", instances, asked.instances.is_some())];
    if let Some(object) = found.as_object_mut() {
        for (name, lines, _) in parts.into_iter().filter(|&(_, _, wanted)| wanted) {
            object.insert(name.into(), Value::Array(lines));
        }
    }
    Ok(found)
}

fn label(score: &LabelScore) -> Map<String, Value> {
    let measures: [Named; 11] = [
        ("dice", score.dice),
        ("iou", score.intersection_over_union),
        ("nsd", score.nsd),
        ("hd95_mm", score.hd95_mm),
        ("hd_mm", score.hd_mm),
        ("assd_mm", score.assd_mm),
        ("masd_mm", score.masd_mm),
        ("signed_bias_mm", score.signed_bias_mm),
        ("volume_difference_mm3", score.volume_difference_mm3),
        ("relative_volume_difference", score.relative_volume_difference),
        ("symmetric_volume_difference", score.symmetric_volume_difference),
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
    line
}

/// Where a mask is missing there is no distance; `undefined` of the line says why.
fn borders(found: Result<BorderDistances, Undefined>, tau_mm: f64) -> Map<String, Value> {
    let found = found.ok();
    let of = |value: fn(&BorderDistances) -> f64| json!(found.as_ref().map(value));
    Map::from_iter([
        ("border_hd95_mm".to_owned(), of(|borders| borders.hausdorff_mm(95.0))),
        ("border_hd_mm".to_owned(), of(|borders| borders.hausdorff_mm(100.0))),
        ("border_assd_mm".to_owned(), of(BorderDistances::average_mm)),
        ("border_masd_mm".to_owned(), of(BorderDistances::mean_average_mm)),
        ("border_nsd".to_owned(), json!(found.as_ref().map(|borders| borders.within(tau_mm)))),
    ])
}

/// A line for each slice in which a map has the label: areas count for volumes, contours for surfaces.
fn by_slice(
    reference: &LabelMap,
    candidate: &LabelMap,
    of: u16,
    tolerance_mm: f64,
) -> anyhow::Result<Vec<Value>> {
    let mut slices: Vec<u32> = reference.slices().chain(candidate.slices()).map(|(k, _)| k).collect();
    slices.sort_unstable();
    slices.dedup();
    let mut lines = Vec::new();
    for k in slices {
        for score in compare_slice(reference, candidate, &[LabelTarget { label: of, tolerance_mm }], k)? {
            if score.reference_voxels + score.candidate_voxels > 0 {
                let mut line = label(&score);
                line.retain(|name, _| !name.contains("volume"));
                line.insert("slice".into(), json!(k));
                line.insert("dim".into(), json!(2));
                lines.push(Value::Object(line));
            }
        }
    }
    Ok(lines)
}

fn statistics(label: u16, map: &str, found: &SegmentStatistics) -> Value {
    let mut line = json!({
        "label": label,
        "map": map,
        "voxels": found.voxels,
        "volume_mm3": found.volume_mm3,
        "surface_mm2": found.surface_mm2,
        "components": found.components.len(),
        "largest_component_voxels": found.components.first(),
        "bounds": found.bounds,
        "centre_mm": found.centre.0,
        "longest_diameter_mm": found.diameter.longest_mm,
        "longest_diameter_slice": found.diameter.k,
        "perpendicular_diameter_mm": found.diameter.perpendicular_mm,
    });
    if let (Some(object), Some(values)) = (line.as_object_mut(), &found.values) {
        object.extend([
            ("mean".to_owned(), json!(values.mean)),
            ("standard_deviation".to_owned(), json!(values.standard_deviation)),
            ("minimum".to_owned(), json!(values.minimum)),
            ("maximum".to_owned(), json!(values.maximum)),
            ("median".to_owned(), json!(values.percentiles[1])),
            ("percentile_5".to_owned(), json!(values.percentiles[0])),
            ("percentile_95".to_owned(), json!(values.percentiles[2])),
        ]);
    }
    line
}

fn objects([reference, candidate]: &[Instances; 2], asked: &Asked, of: Option<u16>) -> anyhow::Result<Value> {
    let criterion = asked.centre_mm.map_or(Criterion::Overlap(asked.iou), Criterion::CentreMm);
    let matching = Matching::new(reference, candidate, criterion)?;
    let panoptic = Matching::new(reference, candidate, Criterion::OverlapAbove(0.5))?;
    let mut pairs = Vec::new();
    for pair in &matching.pairs {
        let (one, mut other) = (reference.map_of(pair.reference), candidate.map_of(pair.candidate));
        let label_of_one = reference.all().get(pair.reference).map_or(0, |found| found.label);
        if let Some(found) = candidate.all().get(pair.candidate).filter(|found| found.label != label_of_one) {
            other = renamed(&other, found.label, label_of_one)?;
        }
        let target = LabelTarget { label: label_of_one, tolerance_mm: asked.tau_mm };
        let depth = if asked.stack { Depth::Stack } else { Depth::Volume };
        for score in compare(&one, &other, &[target], depth)? {
            let mut line = label(&score);
            line.extend([
                ("reference".to_owned(), json!(pair.reference)),
                ("candidate".to_owned(), json!(pair.candidate)),
                ("centres_mm".to_owned(), json!(pair.centres_mm)),
            ]);
            pairs.push(Value::Object(line));
        }
    }
    let bands = matching.by_band(reference, candidate, &asked.bands);
    let band = |(number, found): (usize, &Detection)| {
        let mut line = detection(*found);
        line.insert("size_band".into(), json!(number));
        Value::Object(line)
    };
    let mut line = detection(matching.detection());
    line.extend([
        ("label".to_owned(), json!(of)),
        ("panoptic_quality".to_owned(), json!(panoptic.panoptic_quality().ok())),
        ("segmentation_quality".to_owned(), json!(panoptic.segmentation_quality())),
        ("recognition_quality".to_owned(), json!(panoptic.detection().f1().ok())),
        ("bands".to_owned(), bands.iter().enumerate().map(band).collect()),
        ("pairs".to_owned(), Value::Array(pairs)),
        ("missed".to_owned(), json!(matching.missed)),
        ("extra".to_owned(), json!(matching.extra)),
    ]);
    Ok(Value::Object(line))
}

/// The same voxels under another label.
fn renamed(map: &LabelMap, from: u16, to: u16) -> anyhow::Result<LabelMap> {
    let slices = map.slices().map(|(k, runs)| {
        let mut runs = runs.to_vec();
        runs.iter_mut().filter(|run| run.label == from).for_each(|run| run.label = to);
        (k, runs)
    });
    Ok(LabelMap::from_slices(*map.grid(), slices)?)
}

fn detection(found: Detection) -> Map<String, Value> {
    Map::from_iter([
        ("true_positives".to_owned(), json!(found.true_positives)),
        ("false_positives".to_owned(), json!(found.false_positives)),
        ("false_negatives".to_owned(), json!(found.false_negatives)),
        ("f1".to_owned(), json!(found.f1().ok())),
        ("precision".to_owned(), json!(found.precision().ok())),
        ("sensitivity".to_owned(), json!(found.sensitivity().ok())),
    ])
}

const fn word(why: Undefined) -> &'static str {
    match why {
        Undefined::BothEmpty => "both-empty",
        Undefined::OneEmpty => "one-empty",
        Undefined::NotMeasured => "not-measured",
        Undefined::OutOfScope => "out-of-scope",
    }
}
