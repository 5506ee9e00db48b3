//! Operations of the mask engine, out of what a browser asks for.

use agent_imaging::VoxelIndex;
use agent_imaging::ops::{
    Axis, Connectivity, CutAction, CutDepth, CutSide, GrowRange, Holes, IslandRule, LevelSide, LevelTrace,
    Logic, Operation, Region, RegionGrow, Scissors, Shell, SmoothMethod, VoxelBox,
};

use super::check::{Bench, region, voxel_box, wrong};
use crate::json::preview::{
    BoxJson, IslandModeJson, LogicJson, PreviewOperationJson, ShellJson, SmoothMethodJson,
};
use crate::problem::Problem;

/// How far around the seeds the first mean of a growing region is taken, and how often it is taken anew.
const GROW_AROUND_MM: f64 = 2.0;
const GROW_ROUNDS: u32 = 4;
/// Corners of a polygon that a hand draws.
const MOST_CORNERS: usize = 10_000;

impl Bench<'_> {
    /// # Errors
    /// A problem that names the field.
    pub(super) fn operation(&self, operation: PreviewOperationJson) -> Result<Operation, Problem> {
        match operation {
            PreviewOperationJson::GrowFromSeeds { inside, background } => Ok(Operation::GrowFromSeeds {
                inside: self.inside(inside)?,
                background: region(self.grid(), background)?,
            }),
            PreviewOperationJson::FillBetweenSlices { label, axis } => {
                Ok(Operation::FillBetweenSlices { label: self.label(label)?, axis: axis_of(axis)? })
            }
            PreviewOperationJson::Islands { label, mode, minimum_mm3, picked } => Ok(Operation::Islands {
                label: self.label(label)?,
                rule: island_rule(mode, minimum_mm3, picked)?,
                connectivity: Connectivity::default(),
            }),
            PreviewOperationJson::Smooth { label, method, radius_mm } => {
                self.smooth(label, method, radius_mm)
            }
            PreviewOperationJson::Margin { label, by_mm } => {
                Ok(Operation::Margin { label: self.label(label)?, by_mm })
            }
            PreviewOperationJson::Shell { label, side, thickness_mm } => {
                Ok(Operation::Shell { label: self.label(label)?, side: shell(side), thickness_mm })
            }
            PreviewOperationJson::Logic { label, how, operand } => self.logic(label, how, operand),
            PreviewOperationJson::FillHoles { label, axis } => {
                let holes = axis.map(axis_of).transpose()?.map_or(Holes::Cavities, Holes::InSlices);
                Ok(Operation::FillHoles { label: self.label(label)?, holes })
            }
            operation @ (PreviewOperationJson::Threshold { .. }
            | PreviewOperationJson::RegionGrow { .. }
            | PreviewOperationJson::LevelTrace { .. }
            | PreviewOperationJson::Scissors { .. }
            | PreviewOperationJson::Assist { .. }) => self.of_values_or_view(operation),
        }
    }

    /// Those that look at values, and the scissors.
    fn of_values_or_view(&self, operation: PreviewOperationJson) -> Result<Operation, Problem> {
        match operation {
            PreviewOperationJson::Threshold { label, values, inside } => {
                let whole = || VoxelBox::whole(self.grid());
                let region = Region::of_box(self.grid(), &self.inside(inside)?.unwrap_or_else(whole));
                Ok(Operation::Threshold { region, range: values, label: self.label(label)? })
            }
            PreviewOperationJson::RegionGrow {
                label,
                seeds,
                values,
                deviations,
                gate_mm,
                compactness,
                inside,
            } => {
                let confidence =
                    GrowRange::Confidence { deviations, around_mm: GROW_AROUND_MM, rounds: GROW_ROUNDS };
                let fixed = |[lower, upper]: [f64; 2]| GrowRange::Fixed { lower, upper };
                Ok(Operation::RegionGrow(RegionGrow {
                    seeds: region(self.grid(), seeds).map_err(|problem| problem.detail("the seeds"))?,
                    range: values.map_or(confidence, fixed),
                    gate_mm,
                    compactness,
                    inside: self.inside(inside)?,
                    label: self.label(label)?,
                }))
            }
            PreviewOperationJson::LevelTrace { label, at, axis, bright } => {
                let side = if bright { LevelSide::Bright } else { LevelSide::Dark };
                let trace = LevelTrace { seed: at, axis: axis_of(axis)?, side, label: self.label(label)? };
                Ok(Operation::LevelTrace(trace))
            }
            PreviewOperationJson::Scissors { polygon, direction, depth_mm, outside, erase, fill } => {
                let action = match fill {
                    Some(label) => CutAction::Fill(self.label(label)?),
                    None => {
                        let known = erase.into_iter().map(|label| self.label(label));
                        CutAction::Erase(known.collect::<Result<_, _>>()?)
                    }
                };
                self.scissors(&polygon, direction, depth_mm, (outside, action))
            }
            PreviewOperationJson::GrowFromSeeds { .. }
            | PreviewOperationJson::FillBetweenSlices { .. }
            | PreviewOperationJson::Islands { .. }
            | PreviewOperationJson::Smooth { .. }
            | PreviewOperationJson::Margin { .. }
            | PreviewOperationJson::Shell { .. }
            | PreviewOperationJson::Logic { .. }
            | PreviewOperationJson::FillHoles { .. }
            | PreviewOperationJson::Assist { .. } => {
                Err(wrong("kind", "this is no operation that looks at values"))
            }
        }
    }

    fn inside(&self, inside: Option<BoxJson>) -> Result<Option<VoxelBox>, Problem> {
        inside.map(|inside| voxel_box(self.grid(), inside)).transpose()
    }

    fn smooth(
        &self,
        label: Option<u16>,
        method: SmoothMethodJson,
        radius_mm: f64,
    ) -> Result<Operation, Problem> {
        let method = match method {
            SmoothMethodJson::Median => SmoothMethod::Median,
            SmoothMethodJson::Open => SmoothMethod::Open,
            SmoothMethodJson::Close => SmoothMethod::Close,
            SmoothMethodJson::Gaussian => SmoothMethod::Gaussian,
            SmoothMethodJson::Joint => {
                let labels = self.objects().map(|(_, label)| label).collect();
                return Ok(Operation::SmoothTogether { labels, radius_mm });
            }
        };
        let label = label.ok_or_else(|| wrong("label", "only joint smoothing takes all objects"))?;
        Ok(Operation::Smooth { label: self.label(label)?, method, radius_mm })
    }

    fn logic(&self, label: u16, how: LogicJson, operand: Vec<u16>) -> Result<Operation, Problem> {
        let logic = match how {
            LogicJson::Copy => Logic::Copy,
            LogicJson::Add => Logic::Add,
            LogicJson::Subtract => Logic::Subtract,
            LogicJson::Intersect => Logic::Intersect,
            LogicJson::Invert => Logic::Invert,
            LogicJson::Clear => Logic::Clear,
            LogicJson::Fill => Logic::Fill,
        };
        let known = operand.into_iter().map(|other| if other == 0 { Ok(0) } else { self.label(other) });
        let operand = known.collect::<Result<_, _>>()?;
        Ok(Operation::Logic { label: self.label(label)?, logic, operand, from: None })
    }

    fn scissors(
        &self,
        polygon: &[[f64; 3]],
        direction: [f64; 3],
        depth_mm: Option<f64>,
        (outside, action): (bool, CutAction),
    ) -> Result<Operation, Problem> {
        if polygon.len() > MOST_CORNERS {
            return Err(wrong("polygon", "a polygon has at most 10,000 corners"));
        }
        let place = |voxel: [f64; 3]| self.grid().to_patient(VoxelIndex(voxel));
        let (from, to) = (place([0.0; 3]).0, place(direction).0);
        Ok(Operation::Scissors(Scissors {
            polygon: polygon.iter().map(|corner| place(*corner)).collect(),
            direction: std::array::from_fn(|axis| to[axis] - from[axis]),
            depth: depth_mm.map_or(CutDepth::Unlimited, CutDepth::Symmetric),
            side: if outside { CutSide::Outside } else { CutSide::Inside },
            action,
        }))
    }
}

fn axis_of(axis: u8) -> Result<Axis, Problem> {
    Axis::from_index(axis).ok_or_else(|| wrong("axis", "an axis is 0, 1 or 2"))
}

const fn shell(side: ShellJson) -> Shell {
    match side {
        ShellJson::Inward => Shell::Inward,
        ShellJson::Medial => Shell::Medial,
        ShellJson::Outward => Shell::Outward,
    }
}

fn island_rule(
    mode: IslandModeJson,
    minimum_mm3: Option<f64>,
    picked: Option<[u32; 3]>,
) -> Result<IslandRule, Problem> {
    let picked = || picked.ok_or_else(|| wrong("picked", "no voxel is picked"));
    Ok(match mode {
        IslandModeJson::KeepLargest => IslandRule::KeepLargest,
        IslandModeJson::RemoveSmall => IslandRule::RemoveSmall {
            minimum_mm3: minimum_mm3
                .filter(|minimum| minimum.is_finite() && *minimum >= 0.0)
                .ok_or_else(|| wrong("minimum_mm3", "there is no least volume"))?,
        },
        IslandModeJson::KeepPicked => IslandRule::KeepPicked(picked()?),
        IslandModeJson::RemovePicked => IslandRule::RemovePicked(picked()?),
    })
}
