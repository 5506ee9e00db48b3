//! Every operation, by name, through one door.
//!
//! What comes out of the door obeys a masking policy, whatever the operation is; and a new operation must have a
//! kind, which the tests go through.

use std::collections::BTreeSet;

use super::fill::fill_over;
use super::smooth::smooth_over;
use super::{
    Axis, Connectivity, FillRefusal, GrowRefusal, Holes, HolesRefusal, IslandRefusal, IslandRule,
    LevelRefusal, LevelTrace, Logic, LogicRefusal, MarginRefusal, Operand, Over, Policy, PolicyRefusal,
    Progress, Region, RegionGrow, RegionGrowRefusal, Scissors, ScissorsRefusal, Shell, SmoothMethod,
    SmoothRefusal, Threshold, ThresholdRefusal, VoxelBox, WalkPrompt, WalkRefusal, fill_holes,
    grow_from_seeds, islands, level_trace, logic, margin, paint, random_walker, region_grow, scissors, shell,
    smooth_joint, threshold,
};
use crate::mask::{LabelMap, SliceDelta};
use crate::volume::Volume;

/// An operation and its numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Gives a label to a region; see [`paint`].
    Paint {
        /// What is painted.
        region: Region,
        /// The label; 0 erases.
        label: u16,
    },
    /// See [`threshold`].
    Threshold {
        /// Where.
        region: Region,
        /// The lowest and the highest value.
        range: [f64; 2],
        /// The label; 0 erases.
        label: u16,
    },
    /// See [`grow_from_seeds`].
    GrowFromSeeds {
        /// The box, if one is given.
        inside: Option<VoxelBox>,
        /// What is background.
        background: Region,
    },
    /// See [`region_grow`].
    RegionGrow(RegionGrow),
    /// See [`level_trace`].
    LevelTrace(LevelTrace),
    /// See [`random_walker`]. Only unlabelled voxels and those of the label change.
    Walk(WalkPrompt),
    /// See [`super::fill_between_slices`]; other labels are filled over.
    FillBetweenSlices {
        /// What is filled.
        label: u16,
        /// Along which axis the slices lie.
        axis: Axis,
    },
    /// See [`islands`].
    Islands {
        /// Whose.
        label: u16,
        /// What becomes of them.
        rule: IslandRule,
        /// Which voxels are neighbours.
        connectivity: Connectivity,
    },
    /// See [`super::smooth`]; what the label grows over loses its own.
    Smooth {
        /// What is smoothed.
        label: u16,
        /// How.
        method: SmoothMethod,
        /// The radius in millimetres.
        radius_mm: f64,
    },
    /// See [`smooth_joint`]. Labels that are not smoothed stay.
    SmoothTogether {
        /// What is smoothed.
        labels: Vec<u16>,
        /// The radius in millimetres.
        radius_mm: f64,
    },
    /// See [`margin`].
    Margin {
        /// What grows or shrinks.
        label: u16,
        /// By how much, in millimetres; a negative number shrinks.
        by_mm: f64,
    },
    /// See [`shell`].
    Shell {
        /// What becomes hollow.
        label: u16,
        /// On which side of its surface the shell lies.
        side: Shell,
        /// How thick it is, in millimetres.
        thickness_mm: f64,
    },
    /// See [`logic`].
    Logic {
        /// What changes.
        label: u16,
        /// How.
        logic: Logic,
        /// The labels of the operand; 0 is what has none.
        operand: BTreeSet<u16>,
        /// Where the operand is drawn; in the same map if nothing else is said.
        from: Option<LabelMap>,
    },
    /// See [`fill_holes`].
    FillHoles {
        /// Whose.
        label: u16,
        /// What is a hole.
        holes: Holes,
    },
    /// See [`scissors`].
    Scissors(Scissors),
}

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The labels.
    pub map: &'a LabelMap,
    /// The image; some operations need none.
    pub volume: Option<&'a Volume>,
}

/// Declares the kinds of operations, all of them, and which operation is of which kind.
macro_rules! kinds {
    ($($kind:ident: $pattern:pat => $name:literal, $doc:literal;)+) => {
        /// Which operation it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OperationKind {
            $(#[doc = $doc] $kind,)+
        }

        impl OperationKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// A word for it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }

        impl Operation {
            /// Which operation it is.
            pub const fn kind(&self) -> OperationKind {
                match self {
                    $($pattern => OperationKind::$kind,)+
                }
            }
        }
    };
}

kinds! {
    Paint: Operation::Paint { .. } => "paint", "Painting a region.";
    Threshold: Operation::Threshold { .. } => "threshold", "Threshold in a region.";
    GrowFromSeeds: Operation::GrowFromSeeds { .. } => "grow-from-seeds", "GrowCut.";
    RegionGrow: Operation::RegionGrow(_) => "region-grow", "Region growing.";
    LevelTrace: Operation::LevelTrace(_) => "level-trace", "Level tracing.";
    Walk: Operation::Walk(_) => "walk", "The random walker.";
    FillBetweenSlices: Operation::FillBetweenSlices { .. } => "fill-between-slices", "Fill between slices.";
    Islands: Operation::Islands { .. } => "islands", "Islands.";
    Smooth: Operation::Smooth { .. } => "smooth", "Smoothing of one label.";
    SmoothTogether: Operation::SmoothTogether { .. } => "smooth-together", "Smoothing of several labels.";
    Margin: Operation::Margin { .. } => "margin", "Margin.";
    Shell: Operation::Shell { .. } => "shell", "Shell.";
    Logic: Operation::Logic { .. } => "logic", "Logical operations.";
    FillHoles: Operation::FillHoles { .. } => "fill-holes", "Filling of holes.";
    Scissors: Operation::Scissors(_) => "scissors", "Scissors.";
}

/// Why an operation changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OperationRefusal {
    /// The operation looks at the image, and there is none.
    #[error("the operation looks at the image, and there is none")]
    NoVolume,
    /// The region is not on the grid of the labels.
    #[error("the region is not on the grid of the labels")]
    GridMismatch,
    /// The policy cannot be applied.
    #[error(transparent)]
    Policy(PolicyRefusal),
    /// No threshold.
    #[error(transparent)]
    Threshold(ThresholdRefusal),
    /// Nothing grown from seeds.
    #[error(transparent)]
    GrowFromSeeds(GrowRefusal),
    /// No region grown.
    #[error(transparent)]
    RegionGrow(RegionGrowRefusal),
    /// No level traced.
    #[error(transparent)]
    LevelTrace(LevelRefusal),
    /// No answer of the random walker.
    #[error(transparent)]
    Walk(WalkRefusal),
    /// Nothing filled between slices.
    #[error(transparent)]
    FillBetweenSlices(FillRefusal),
    /// Islands left as they were.
    #[error(transparent)]
    Islands(IslandRefusal),
    /// Nothing smoothed.
    #[error(transparent)]
    Smooth(SmoothRefusal),
    /// No margin and no shell.
    #[error(transparent)]
    Margin(MarginRefusal),
    /// Labels not put together.
    #[error(transparent)]
    Logic(LogicRefusal),
    /// No hole filled.
    #[error(transparent)]
    FillHoles(HolesRefusal),
    /// Nothing cut.
    #[error(transparent)]
    Scissors(ScissorsRefusal),
}

type Computed = Result<Vec<SliceDelta>, OperationRefusal>;

impl Operation {
    /// Computes what the operation would change, as far as a policy lets it: the changes of slices, in order.
    ///
    /// # Errors
    /// [`OperationRefusal`] says why.
    pub fn run(
        &self,
        on: Subject<'_>,
        policy: &Policy<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<SliceDelta>, OperationRefusal> {
        let deltas = self.computed(on, progress)?;
        policy.apply(on.map, &self.labels(on.map), deltas).map_err(OperationRefusal::Policy)
    }

    /// The labels that it is about: those that it gives, or takes away.
    pub fn labels(&self, map: &LabelMap) -> BTreeSet<u16> {
        match self {
            Self::Paint { label, .. }
            | Self::Threshold { label, .. }
            | Self::RegionGrow(RegionGrow { label, .. })
            | Self::LevelTrace(LevelTrace { label, .. })
            | Self::Walk(WalkPrompt { label, .. })
            | Self::FillBetweenSlices { label, .. }
            | Self::Islands { label, .. }
            | Self::Smooth { label, .. }
            | Self::Margin { label, .. }
            | Self::Shell { label, .. }
            | Self::Logic { label, .. }
            | Self::FillHoles { label, .. } => [*label].into(),
            Self::GrowFromSeeds { .. } => map.labels(),
            Self::SmoothTogether { labels, .. } => labels.iter().copied().collect(),
            Self::Scissors(cut) => match &cut.action {
                super::CutAction::Erase(labels) => labels.clone(),
                super::CutAction::Fill(label) => [*label].into(),
            },
        }
    }

    fn computed(&self, on: Subject<'_>, progress: &dyn Progress) -> Computed {
        use OperationRefusal as Refusal;
        let map = on.map;
        let image = || on.volume.ok_or(Refusal::NoVolume);
        match self {
            Self::Paint { region, label } => painted(map, region, *label),
            Self::Threshold { region, range, label } => {
                threshold(image()?, map, region, everywhere(*range, *label), progress)
                    .map_err(Refusal::Threshold)
            }
            Self::GrowFromSeeds { inside, background } => {
                grow_from_seeds(image()?, map, *inside, background, progress).map_err(Refusal::GrowFromSeeds)
            }
            Self::RegionGrow(grow) => region_grow(image()?, map, grow, progress).map_err(Refusal::RegionGrow),
            Self::LevelTrace(trace) => {
                level_trace(image()?, map, trace, progress).map_err(Refusal::LevelTrace)
            }
            Self::Walk(prompt) => random_walker(image()?, map, prompt, progress).map_err(Refusal::Walk),
            Self::FillBetweenSlices { label, axis } => {
                fill_over(map, *label, *axis, Over::Everything, progress).map_err(Refusal::FillBetweenSlices)
            }
            Self::Islands { label, rule, connectivity } => {
                islands(map, *label, rule, *connectivity, progress).map_err(Refusal::Islands)
            }
            Self::Smooth { label, method, radius_mm } => {
                smooth_over(map, *label, (*method, *radius_mm), Over::Everything, progress)
                    .map_err(Refusal::Smooth)
            }
            Self::SmoothTogether { labels, radius_mm } => {
                smooth_joint(map, labels, *radius_mm, progress).map_err(Refusal::Smooth)
            }
            Self::Margin { label, by_mm } => margin(map, *label, *by_mm, progress).map_err(Refusal::Margin),
            Self::Shell { label, side, thickness_mm } => {
                shell(map, *label, *side, *thickness_mm, progress).map_err(Refusal::Margin)
            }
            Self::Logic { label, logic: how, operand, from } => {
                let operand = Operand { map: from.as_ref().unwrap_or(map), labels: operand };
                logic(map, *label, *how, operand, progress).map_err(Refusal::Logic)
            }
            Self::FillHoles { label, holes } => {
                fill_holes(map, *label, *holes, progress).map_err(Refusal::FillHoles)
            }
            Self::Scissors(cut) => scissors(map, cut, progress).map_err(Refusal::Scissors),
        }
    }
}

fn painted(map: &LabelMap, region: &Region, label: u16) -> Computed {
    if region.grid_size() == map.grid().size() {
        Ok(paint(map, region, label))
    } else {
        Err(OperationRefusal::GridMismatch)
    }
}

const fn everywhere([lower, upper]: [f64; 2], label: u16) -> Threshold {
    Threshold { lower, upper, label, over: Over::Everything }
}
