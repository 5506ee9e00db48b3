//! Single objects of two label maps: which are the same thing, how many were found, and how well.
//!
//! An instance is a connected part of a label, or each label of a map that numbers its instances. Pairs that may not
//! be the same thing are ruled out first; then as many pairs are made as there can be, and of these the best
//! (Hungarian method), so that the order of the instances does not matter.

mod assignment;

use std::collections::BTreeMap;

use super::{GridMismatch, MetricValue, Undefined};
use crate::geometry::{Grid, PatientMm, VoxelIndex, length, subtract};
use crate::mask::{LabelMap, Run};
use crate::measure::{PartSpan, connected_parts};
use assignment::{Allowed, best};

/// Pairs that one group of instances may have: 128 MiB of costs.
const MOST_PAIRS: usize = 1 << 24;

/// Why instances cannot be matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InstanceRefusal {
    /// The maps are not on one grid.
    #[error(transparent)]
    Grid(#[from] GridMismatch),
    /// So many instances of both maps may be each other's that the best pairs cannot be found in reasonable time.
    #[error("more than 4,096 instances of each map may be each other's")]
    TooMany,
}

/// When two instances are the same thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Criterion {
    /// Their intersection over union is at least this. The most overlap together is best.
    Overlap(f64),
    /// Their intersection over union is above this, as MONAI and the panoptic quality ask; from 0.5 on, no instance
    /// has two such partners.
    OverlapAbove(f64),
    /// The centres of gravity of their voxels are at most so many millimetres apart. The least distance together is
    /// best.
    CentreMm(f64),
}

/// One instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Instance {
    /// Its voxels.
    pub voxels: u64,
    /// Their volume in cubic millimetres.
    pub volume_mm3: f64,
    /// Their centre of gravity.
    pub centre: PatientMm,
    /// The label that it has in its map.
    pub label: u16,
}

/// The instances of a map, by their first voxels, or by their labels.
#[derive(Debug, Clone)]
pub struct Instances {
    grid: Grid,
    instances: Vec<Instance>,
    spans: Vec<PartSpan>,
}

impl Instances {
    /// The connected parts of a label; parts touch by face, edge or corner.
    pub fn parts_of(map: &LabelMap, label: u16) -> Self {
        Self::new(*map.grid(), connected_parts(map, label), |_| label)
    }

    /// Each label of a map that numbers its instances.
    pub fn labels_of(map: &LabelMap) -> Self {
        let labels: Vec<u16> = map.labels().into_iter().collect();
        let mut spans = Vec::new();
        for (k, runs) in map.slices() {
            for run in runs {
                let part = labels.binary_search(&run.label).unwrap_or_default() as u32;
                spans.push(PartSpan { k, start: run.start, end: run.end(), part });
            }
        }
        Self::new(*map.grid(), spans, |part| labels[part])
    }

    fn new(grid: Grid, spans: Vec<PartSpan>, label: impl Fn(usize) -> u16) -> Self {
        let number = spans.iter().map(|span| span.part as usize + 1).max().unwrap_or(0);
        let mut voxels = vec![0_u64; number];
        let mut sums = vec![[0.0; 3]; number];
        let columns = grid.size()[0];
        for span in &spans {
            let part = span.part as usize;
            voxels[part] += u64::from(span.end - span.start);
            let mut start = span.start;
            while start < span.end {
                let end = span.end.min((start / columns + 1) * columns);
                let (first, count) = (f64::from(start % columns), f64::from(end - start));
                let along = count * (first + (count - 1.0) / 2.0);
                let place = [along, count * f64::from(start / columns), count * f64::from(span.k)];
                sums[part] = [0, 1, 2].map(|axis| sums[part][axis] + place[axis]);
                start = end;
            }
        }
        let instance = |part: usize| {
            let count = voxels[part] as f64;
            Instance {
                voxels: voxels[part],
                volume_mm3: count * grid.voxel_mm3(),
                centre: grid.to_patient(VoxelIndex(sums[part].map(|sum| sum / count))),
                label: label(part),
            }
        };
        Self { grid, instances: (0..number).map(instance).collect(), spans }
    }

    /// The instances.
    pub fn all(&self) -> &[Instance] {
        &self.instances
    }

    /// A map with one of the instances alone, under the label that it has; empty for one that is not there.
    pub fn map_of(&self, instance: usize) -> LabelMap {
        let Some(found) = self.instances.get(instance) else { return LabelMap::empty(self.grid) };
        let mut slices: BTreeMap<u32, Vec<Run>> = BTreeMap::new();
        for span in self.spans.iter().filter(|span| span.part as usize == instance) {
            let run = Run { start: span.start, length: span.end - span.start, label: found.label };
            slices.entry(span.k).or_default().push(run);
        }
        // Spans are in order and inside the grid.
        LabelMap::from_slices(self.grid, slices).unwrap_or_else(|_| LabelMap::empty(self.grid))
    }

    /// The stretches of all instances in order: slice, first voxel, the voxel after the last, place of the instance.
    pub(crate) fn stretches(&self) -> impl Iterator<Item = (u32, u32, u32, usize)> {
        self.spans.iter().map(|span| (span.k, span.start, span.end, span.part as usize))
    }

    /// Voxels that instances of two maps share, by their places.
    fn shared(&self, other: &Self) -> BTreeMap<(usize, usize), u64> {
        let mut shared = BTreeMap::new();
        let mut others = other.spans.iter().peekable();
        for span in &self.spans {
            while let Some(next) = others.peek() {
                if (next.k, next.end) <= (span.k, span.start) {
                    others.next();
                    continue;
                }
                let (from, to) = (span.start.max(next.start), span.end.min(next.end));
                if next.k == span.k && from < to {
                    *shared.entry((span.part as usize, next.part as usize)).or_insert(0) +=
                        u64::from(to - from);
                }
                if (next.k, next.end) > (span.k, span.end) {
                    break;
                }
                others.next();
            }
        }
        shared
    }
}

/// Two instances that are the same thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Place among the instances of the reference.
    pub reference: usize,
    /// Place among the instances of the candidate.
    pub candidate: usize,
    /// Intersection over union of the two.
    pub intersection_over_union: f64,
    /// How far apart their centres of gravity are.
    pub centres_mm: f64,
}

/// Which instances of two maps are the same thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// Those found in both, by the reference's.
    pub pairs: Vec<Pair>,
    /// Places of the reference's that the candidate does not have.
    pub missed: Vec<usize>,
    /// Places of the candidate's that the reference does not have.
    pub extra: Vec<usize>,
}

/// How many instances were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detection {
    /// Found in both.
    pub true_positives: u64,
    /// In the candidate alone.
    pub false_positives: u64,
    /// In the reference alone.
    pub false_negatives: u64,
}

impl Detection {
    /// Twice the found by the instances of both maps; also the recognition quality of the panoptic quality.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] when neither map has an instance.
    pub fn f1(self) -> MetricValue {
        let whole = 2 * self.true_positives + self.false_positives + self.false_negatives;
        if whole == 0 {
            Err(Undefined::BothEmpty)
        } else {
            Ok(2.0 * self.true_positives as f64 / whole as f64)
        }
    }

    /// The found by what the candidate has.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] or [`Undefined::OneEmpty`] when the candidate has none.
    pub fn precision(self) -> MetricValue {
        self.share(self.false_positives, self.false_negatives)
    }

    /// The found by what the reference has.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] or [`Undefined::OneEmpty`] when the reference has none.
    pub fn sensitivity(self) -> MetricValue {
        self.share(self.false_negatives, self.false_positives)
    }

    fn share(self, missing: u64, other: u64) -> MetricValue {
        match (self.true_positives + missing, other) {
            (0, 0) => Err(Undefined::BothEmpty),
            (0, _) => Err(Undefined::OneEmpty),
            (whole, _) => Ok(self.true_positives as f64 / whole as f64),
        }
    }
}

impl Matching {
    /// Matches the instances of a reference and a candidate.
    ///
    /// # Errors
    /// [`InstanceRefusal`].
    pub fn new(
        reference: &Instances,
        candidate: &Instances,
        criterion: Criterion,
    ) -> Result<Self, InstanceRefusal> {
        if !reference.grid.same_as(&candidate.grid) {
            return Err(GridMismatch.into());
        }
        let shared = reference.shared(candidate);
        let overlap = |a: usize, b: usize| {
            let both = shared.get(&(a, b)).copied().unwrap_or(0);
            both as f64 / (reference.instances[a].voxels + candidate.instances[b].voxels - both) as f64
        };
        let by_overlap = |fits: &dyn Fn(f64) -> bool| -> Vec<Allowed> {
            let pairs = shared.keys().map(|&(first, second)| (first, second, overlap(first, second)));
            let pairs = pairs.filter(|&(_, _, overlap)| fits(overlap));
            pairs.map(|(first, second, overlap)| Allowed { first, second, cost: 1.0 - overlap }).collect()
        };
        let allowed = match criterion {
            Criterion::Overlap(least) => by_overlap(&|overlap| overlap >= least),
            Criterion::OverlapAbove(limit) => by_overlap(&|overlap| overlap > limit),
            Criterion::CentreMm(most) => near(reference, candidate, most),
        };
        let pairs = best(&allowed, MOST_PAIRS).ok_or(InstanceRefusal::TooMany)?;
        let rest = |number: usize, taken: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..number).filter(|&at| !taken(at)).collect()
        };
        let of_reference: std::collections::BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
        let of_candidate: std::collections::BTreeSet<usize> = pairs.iter().map(|pair| pair.1).collect();
        Ok(Self {
            missed: rest(reference.instances.len(), &|at| of_reference.contains(&at)),
            extra: rest(candidate.instances.len(), &|at| of_candidate.contains(&at)),
            pairs: pairs
                .into_iter()
                .map(|(a, b)| Pair {
                    reference: a,
                    candidate: b,
                    intersection_over_union: overlap(a, b),
                    centres_mm: apart_mm(&reference.instances[a], &candidate.instances[b]),
                })
                .collect(),
        })
    }

    /// How many were found.
    pub fn detection(&self) -> Detection {
        Detection {
            true_positives: self.pairs.len() as u64,
            false_positives: self.extra.len() as u64,
            false_negatives: self.missed.len() as u64,
        }
    }

    /// Mean intersection over union of the pairs; none without a pair.
    pub fn segmentation_quality(&self) -> Option<f64> {
        let sum: f64 = self.pairs.iter().map(|pair| pair.intersection_over_union).sum();
        (!self.pairs.is_empty()).then(|| sum / self.pairs.len() as f64)
    }

    /// Panoptic quality: the overlaps of the pairs, by the pairs and half of what has no partner. For the published
    /// measure, pairs overlap by more than half: [`Criterion::OverlapAbove`] 0.5.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] when neither map has an instance.
    ///
    /// Source: Kirillov et al., Panoptic segmentation, CVPR 2019.
    pub fn panoptic_quality(&self) -> MetricValue {
        self.detection().f1().map(|f1| f1 * self.segmentation_quality().unwrap_or(0.0))
    }

    /// How many were found in each band of volumes. `edges_mm3` rises; the first band lies below its first edge, the
    /// last from its last edge on. What has a partner counts in the band of the reference's volume.
    pub fn by_band(&self, reference: &Instances, candidate: &Instances, edges_mm3: &[f64]) -> Vec<Detection> {
        let mut bands = vec![Detection::default(); edges_mm3.len() + 1];
        let band = |of: &Instances, at: usize| size_band(of.instances[at].volume_mm3, edges_mm3);
        for pair in &self.pairs {
            bands[band(reference, pair.reference)].true_positives += 1;
        }
        for &at in &self.missed {
            bands[band(reference, at)].false_negatives += 1;
        }
        for &at in &self.extra {
            bands[band(candidate, at)].false_positives += 1;
        }
        bands
    }
}

/// Which band a volume lies in, from 0: a volume at an edge lies above it.
pub fn size_band(volume_mm3: f64, edges_mm3: &[f64]) -> usize {
    edges_mm3.iter().filter(|&&edge| volume_mm3 >= edge).count()
}

/// The pairs whose centres are near enough, the near ones the cheap ones.
fn near(reference: &Instances, candidate: &Instances, most_mm: f64) -> Vec<Allowed> {
    let mut along_z: Vec<(f64, usize)> =
        candidate.instances.iter().enumerate().map(|(at, instance)| (instance.centre.0[2], at)).collect();
    along_z.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut allowed = Vec::new();
    for (first, instance) in reference.instances.iter().enumerate() {
        let z_mm = instance.centre.0[2];
        let from = along_z.partition_point(|&(other, _)| other < z_mm - most_mm);
        for &(_, second) in along_z[from..].iter().take_while(|&&(other, _)| other <= z_mm + most_mm) {
            let distance_mm = apart_mm(instance, &candidate.instances[second]);
            if distance_mm <= most_mm {
                let cost = if most_mm > 0.0 { distance_mm / most_mm } else { 0.0 };
                allowed.push(Allowed { first, second, cost });
            }
        }
    }
    allowed
}

fn apart_mm(one: &Instance, other: &Instance) -> f64 {
    length(subtract(one.centre.0, other.centre.0))
}

#[cfg(test)]
mod tests;
