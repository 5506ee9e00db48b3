//! Words and numbers of the command line.

use std::collections::BTreeSet;

use agent_imaging::ops::{Axis, Connectivity, EditableArea, Logic, Overwrite, Shell, SmoothMethod};
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AxisArg {
    /// Slices of one i
    I,
    /// Slices of one j
    J,
    /// Slices of one k
    K,
}

impl From<AxisArg> for Axis {
    fn from(axis: AxisArg) -> Self {
        match axis {
            AxisArg::I => Self::I,
            AxisArg::J => Self::J,
            AxisArg::K => Self::K,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum IslandArg {
    /// The largest stays
    KeepLargest,
    /// Those below a least volume or number of voxels go
    RemoveSmall,
    /// The picked one stays
    KeepPicked,
    /// The picked one goes
    RemovePicked,
    /// Each gets a label of its own
    Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NeighboursArg {
    /// Those that share a face
    #[value(name = "6")]
    Faces,
    /// Those that share a face or an edge
    #[value(name = "18")]
    Edges,
    /// Those that share a face, an edge or a corner
    #[value(name = "26")]
    Corners,
}

impl From<NeighboursArg> for Connectivity {
    fn from(neighbours: NeighboursArg) -> Self {
        match neighbours {
            NeighboursArg::Faces => Self::Faces,
            NeighboursArg::Edges => Self::Edges,
            NeighboursArg::Corners => Self::Corners,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum MethodArg {
    /// The majority of the ball around each voxel
    Median,
    /// Thin parts go
    Open,
    /// Gaps and notches are filled
    Close,
    /// A Gaussian average of at least one half
    Gaussian,
    /// Several labels together, by Gaussian averages, without gaps between them
    Joint,
}

impl MethodArg {
    /// How one label is smoothed; none for several together.
    pub(super) const fn of_one(self) -> Option<SmoothMethod> {
        match self {
            Self::Median => Some(SmoothMethod::Median),
            Self::Open => Some(SmoothMethod::Open),
            Self::Close => Some(SmoothMethod::Close),
            Self::Gaussian => Some(SmoothMethod::Gaussian),
            Self::Joint => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ShellArg {
    /// Inside of it
    Inward,
    /// Half inside, half outside
    Medial,
    /// Outside of it
    Outward,
}

impl From<ShellArg> for Shell {
    fn from(side: ShellArg) -> Self {
        match side {
            ShellArg::Inward => Self::Inward,
            ShellArg::Medial => Self::Medial,
            ShellArg::Outward => Self::Outward,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LogicArg {
    /// The label becomes the others
    Copy,
    /// The others are added to it
    Add,
    /// The others are taken from it
    Subtract,
    /// What is not in the others is taken from it
    Intersect,
    /// It has what it had not
    Invert,
    /// It loses all
    Clear,
    /// It has every voxel
    Fill,
}

impl From<LogicArg> for Logic {
    fn from(logic: LogicArg) -> Self {
        match logic {
            LogicArg::Copy => Self::Copy,
            LogicArg::Add => Self::Add,
            LogicArg::Subtract => Self::Subtract,
            LogicArg::Intersect => Self::Intersect,
            LogicArg::Invert => Self::Invert,
            LogicArg::Clear => Self::Clear,
            LogicArg::Fill => Self::Fill,
        }
    }
}

/// `everywhere`, `inside-all`, `outside-all`, `inside:1,2` or `outside:1,2`.
pub(super) fn area(text: &str) -> Result<EditableArea, String> {
    match (text, text.split_once(':')) {
        ("everywhere", _) => Ok(EditableArea::Everywhere),
        ("inside-all", _) => Ok(EditableArea::InsideAll),
        ("outside-all", _) => Ok(EditableArea::OutsideAll),
        (_, Some(("inside", labels))) => list(labels).map(EditableArea::Inside),
        (_, Some(("outside", labels))) => list(labels).map(EditableArea::Outside),
        _ => Err("an area is everywhere, inside-all, outside-all, inside:1,2 or outside:1,2".to_owned()),
    }
}

/// `all`, `nothing` or `1,2`.
pub(super) fn overwrite(text: &str) -> Result<Overwrite, String> {
    match text {
        "all" => Ok(Overwrite::All),
        "nothing" => Ok(Overwrite::Nothing),
        labels => list(labels).map(Overwrite::Only),
    }
}

fn list(text: &str) -> Result<BTreeSet<u16>, String> {
    text.split(',')
        .map(|label| label.trim().parse().map_err(|_| format!("'{label}' is no label, 0 to 65535")))
        .collect()
}

/// `i,j,k`.
pub(super) fn voxel(text: &str) -> Result<[u32; 3], String> {
    three(text).ok_or_else(|| "a voxel is three whole numbers, as 40,52,17".to_owned())
}

/// `i,j,k:i,j,k`.
pub(super) fn boxed(text: &str) -> Result<[[u32; 3]; 2], String> {
    let corners = text.split_once(':').and_then(|(lower, upper)| Some([three(lower)?, three(upper)?]));
    corners.ok_or_else(|| "a box is two voxels, as 0,0,10:63,63,20".to_owned())
}

/// `x,y,z`.
pub(super) fn place(text: &str) -> Result<[f64; 3], String> {
    three(text).ok_or_else(|| "a place is three numbers, as -12.5,40,7".to_owned())
}

fn three<N: std::str::FromStr>(text: &str) -> Option<[N; 3]> {
    let numbers: Option<Vec<N>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    <[N; 3]>::try_from(numbers?).ok()
}
