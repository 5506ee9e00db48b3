//! From what stands on the command line to an operation.

use agent_imaging::ops::{
    Answer, CutAction, CutDepth, CutSide, GrowRange, Holes, IslandRule, LevelSide, LevelTrace, Operation,
    Region, RegionGrow, Scissors, VoxelBox, WALK_POINT_MM, WalkPrompt, sphere,
};
use agent_imaging::{Grid, LabelMap, PatientMm};
use anyhow::{Context, bail, ensure};

use super::parse::{IslandArg, MethodArg};
use super::{Apply, Within, read};

pub(super) fn two(range: &[f64]) -> anyhow::Result<[f64; 2]> {
    <[f64; 2]>::try_from(range).ok().context("a range has two ends")
}

impl Within {
    fn voxel_box(&self, grid: &Grid) -> anyhow::Result<Option<VoxelBox>> {
        self.inside
            .map(|[lower, upper]| VoxelBox::new(grid, lower, upper))
            .transpose()
            .context("--box does not fit")
    }
}

impl Apply {
    pub(super) fn operation(&self, map: &LabelMap) -> anyhow::Result<Operation> {
        let grid = map.grid();
        match self {
            Self::Paint { label, centre, mm, .. } => {
                ensure!(mm.is_finite() && *mm >= 0.0, "--mm is a radius in millimetres, 0 or more");
                Ok(Operation::Paint { region: sphere(grid, centre.map(f64::from), *mm), label: *label })
            }
            Self::Threshold { within, label, range, .. } => {
                let inside = within.voxel_box(grid)?.unwrap_or_else(|| VoxelBox::whole(grid));
                let region = Region::of_box(grid, &inside);
                Ok(Operation::Threshold { region, range: two(range)?, label: *label })
            }
            Self::GrowFromSeeds { within, .. } => Ok(Operation::GrowFromSeeds {
                inside: within.voxel_box(grid)?,
                background: Region::empty(grid),
            }),
            Self::RegionGrow { .. } => self.region_grow(grid),
            Self::LevelTrace { label, seed, axis, dark, .. } => Ok(Operation::LevelTrace(LevelTrace {
                seed: *seed,
                axis: (*axis).into(),
                side: if *dark { LevelSide::Dark } else { LevelSide::Bright },
                label: *label,
            })),
            Self::Walk { within, label, positive, negative, .. } => Ok(Operation::Walk(WalkPrompt {
                positive: balls(grid, positive, WALK_POINT_MM),
                negative: balls(grid, negative, WALK_POINT_MM),
                inside: within.voxel_box(grid)?,
                label: *label,
                answer: Answer::Add,
            })),
            Self::FillBetweenSlices { label, axis, .. } => {
                Ok(Operation::FillBetweenSlices { label: *label, axis: (*axis).into() })
            }
            Self::Islands { label, neighbours, .. } => Ok(Operation::Islands {
                label: *label,
                rule: self.island_rule()?,
                connectivity: (*neighbours).into(),
            }),
            Self::Smooth { labels, method, mm, .. } => smoothing(labels, *method, *mm),
            Self::Margin { label, mm, .. } => Ok(Operation::Margin { label: *label, by_mm: *mm }),
            Self::Shell { label, mm, side, .. } => {
                Ok(Operation::Shell { label: *label, side: (*side).into(), thickness_mm: *mm })
            }
            Self::Logic { label, how, with, from, .. } => Ok(Operation::Logic {
                label: *label,
                logic: (*how).into(),
                operand: with.iter().copied().collect(),
                from: from.as_deref().map(read).transpose()?,
            }),
            Self::FillHoles { label, axis, .. } => {
                let holes = axis.map_or(Holes::Cavities, |axis| Holes::InSlices(axis.into()));
                Ok(Operation::FillHoles { label: *label, holes })
            }
            Self::Scissors { .. } => self.scissors(),
        }
    }

    fn region_grow(&self, grid: &Grid) -> anyhow::Result<Operation> {
        let Self::RegionGrow {
            within,
            label,
            seeds,
            range,
            deviations,
            around_mm,
            rounds,
            gate_mm,
            compactness,
            ..
        } = self
        else {
            bail!("this grows no region")
        };
        let range = match range {
            Some(range) => {
                let [lower, upper] = two(range)?;
                GrowRange::Fixed { lower, upper }
            }
            None => GrowRange::Confidence { deviations: *deviations, around_mm: *around_mm, rounds: *rounds },
        };
        Ok(Operation::RegionGrow(RegionGrow {
            seeds: balls(grid, seeds, 0.0),
            range,
            gate_mm: *gate_mm,
            compactness: *compactness,
            inside: within.voxel_box(grid)?,
            label: *label,
        }))
    }

    fn island_rule(&self) -> anyhow::Result<IslandRule> {
        let Self::Islands { rule, minimum_mm3, minimum_voxels, picked, into, .. } = self else {
            bail!("these are no islands")
        };
        let picked = || picked.context("--picked is missing: a voxel of the island");
        Ok(match rule {
            IslandArg::KeepLargest => IslandRule::KeepLargest,
            IslandArg::RemoveSmall => match (minimum_mm3, minimum_voxels) {
                (Some(minimum_mm3), _) => IslandRule::RemoveSmall { minimum_mm3: *minimum_mm3 },
                (None, Some(minimum)) => IslandRule::RemoveFewer { minimum_voxels: *minimum },
                (None, None) => bail!("--minimum-mm3 or --minimum-voxels is missing"),
            },
            IslandArg::KeepPicked => IslandRule::KeepPicked(picked()?),
            IslandArg::RemovePicked => IslandRule::RemovePicked(picked()?),
            IslandArg::Split => {
                ensure!(!into.is_empty(), "--into is missing: a label for each island");
                IslandRule::Split(into.clone())
            }
        })
    }

    fn scissors(&self) -> anyhow::Result<Operation> {
        let Self::Scissors { corners, direction, depth_mm, outside, erase, fill, .. } = self else {
            bail!("these are no scissors")
        };
        Ok(Operation::Scissors(Scissors {
            polygon: corners.iter().copied().map(PatientMm).collect(),
            direction: *direction,
            depth: depth_mm.map_or(CutDepth::Unlimited, CutDepth::Symmetric),
            side: if *outside { CutSide::Outside } else { CutSide::Inside },
            action: match fill {
                Some(label) => CutAction::Fill(*label),
                None => CutAction::Erase(erase.iter().copied().collect()),
            },
        }))
    }
}

fn smoothing(labels: &[u16], method: MethodArg, radius_mm: f64) -> anyhow::Result<Operation> {
    match (method.of_one(), labels) {
        (None, labels) => Ok(Operation::SmoothTogether { labels: labels.to_vec(), radius_mm }),
        (Some(method), [label]) => Ok(Operation::Smooth { label: *label, method, radius_mm }),
        (Some(_), _) => bail!("only --method joint smooths several labels"),
    }
}

/// The voxels around some.
fn balls(grid: &Grid, centres: &[[u32; 3]], radius_mm: f64) -> Region {
    let ball = |centre: &[u32; 3]| sphere(grid, centre.map(f64::from), radius_mm);
    centres.iter().map(ball).fold(Region::empty(grid), |all, ball| all.union(&ball))
}
