//! `masks apply OP`: one operation of the mask engine on a label map.

mod build;
mod parse;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use agent_formats::nifti;
use agent_imaging::ops::{EditableArea, EditableRange, Overwrite, Policy, Subject, Unwatched};
use agent_imaging::{LabelMap, SliceDelta, Volume};
use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::files::{read, write};
use super::{grid, labels_of, show};
use build::two;
use parse::{
    AxisArg, IslandArg, LogicArg, MethodArg, NeighboursArg, ShellArg, area, boxed, overwrite, place, voxel,
};

/// What every operation takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct On {
    /// A NIfTI label map
    input: PathBuf,
    /// A new NIfTI file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The NIfTI image that it is drawn on, for what looks at values
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Where voxels may change: everywhere, inside-all, outside-all, inside:1,2 or outside:1,2
    #[arg(long, value_name = "AREA", default_value = "everywhere", value_parser = area)]
    editable: EditableArea,
    /// Only voxels with values of this range may change
    #[arg(long, num_args = 2, value_names = ["LOWER", "UPPER"], allow_negative_numbers = true, requires = "image")]
    editable_range: Option<Vec<f64>>,
    /// Which other labels may be written over: all, nothing, or those named, as 1,2
    #[arg(long, value_name = "LABELS", default_value = "all", value_parser = overwrite)]
    overwrite: Overwrite,
    /// Print what changed as JSON
    #[arg(long)]
    json: bool,
}

/// A box of voxels, where an operation takes one.
#[derive(Debug, Args)]
pub(in crate::cli) struct Within {
    /// Stay in this box of voxels; both corners belong to it
    #[arg(long = "box", value_name = "I,J,K:I,J,K", value_parser = boxed)]
    inside: Option<[[u32; 3]; 2]>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Apply {
    /// Paint a ball
    #[command(
        after_help = "Example: ringfence-agent masks apply paint in.nii.gz --label 1 --centre 40,52,17 --mm 5 -o out.nii.gz"
    )]
    Paint {
        #[command(flatten)]
        on: On,
        /// The label; 0 erases
        #[arg(long)]
        label: u16,
        /// The voxel in its middle
        #[arg(long, value_name = "I,J,K", value_parser = voxel)]
        centre: [u32; 3],
        /// Its radius in millimetres
        #[arg(long)]
        mm: f64,
    },
    /// Mark the voxels whose values lie in a range
    #[command(
        after_help = "Example: ringfence-agent masks apply threshold in.nii.gz --image ct.nii.gz --label 1 --range 150 3000 -o out.nii.gz"
    )]
    Threshold {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        within: Within,
        /// The label; 0 erases
        #[arg(long)]
        label: u16,
        /// The lowest and the highest value
        #[arg(long, num_args = 2, value_names = ["LOWER", "UPPER"], allow_negative_numbers = true)]
        range: Vec<f64>,
    },
    /// Grow all labels as seeds (GrowCut)
    #[command(
        after_help = "Example: ringfence-agent masks apply grow-from-seeds seeds.nii.gz --image ct.nii.gz -o out.nii.gz"
    )]
    GrowFromSeeds {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        within: Within,
    },
    /// Grow a region of like values from a voxel, with gates against leaks
    #[command(
        after_help = "Example: ringfence-agent masks apply region-grow in.nii.gz --image ct.nii.gz --label 2 --seed 40,52,17 --deviations 2.5 --gate-mm 1.5 -o out.nii.gz"
    )]
    RegionGrow {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        within: Within,
        /// The label
        #[arg(long)]
        label: u16,
        /// Where it begins; repeat for more
        #[arg(long = "seed", required = true, value_name = "I,J,K", value_parser = voxel)]
        seeds: Vec<[u32; 3]>,
        /// Values that belong to it [default: those that are like the seeds]
        #[arg(long, num_args = 2, value_names = ["LOWER", "UPPER"], allow_negative_numbers = true)]
        range: Option<Vec<f64>>,
        /// Values within so many standard deviations of the mean are like the seeds
        #[arg(long, default_value_t = 2.5, conflicts_with = "range")]
        deviations: f64,
        /// The first mean is taken so far around the seeds, in millimetres
        #[arg(long, default_value_t = 2.0, conflicts_with = "range")]
        around_mm: f64,
        /// How often the mean is taken anew of what was reached
        #[arg(long, default_value_t = 2, conflicts_with = "range")]
        rounds: u32,
        /// Nothing leads through passages that a ball of this radius does not fit through
        #[arg(long, default_value_t = 0.0)]
        gate_mm: f64,
        /// Refuse what fills a smaller share of the box around it, 0 to 1
        #[arg(long, default_value_t = 0.0)]
        compactness: f64,
    },
    /// Mark what the line of one value through a voxel encloses in its slice
    #[command(
        after_help = "Example: ringfence-agent masks apply level-trace in.nii.gz --image ct.nii.gz --label 1 --seed 40,52,17 -o out.nii.gz"
    )]
    LevelTrace {
        #[command(flatten)]
        on: On,
        /// The label
        #[arg(long)]
        label: u16,
        /// The voxel whose value is the level
        #[arg(long, value_name = "I,J,K", value_parser = voxel)]
        seed: [u32; 3],
        /// The axis that the slice lies across
        #[arg(long, value_enum, default_value_t = AxisArg::K)]
        axis: AxisArg,
        /// Trace the dark side of the level
        #[arg(long)]
        dark: bool,
    },
    /// Mark the object that points lie in (random walker)
    #[command(
        after_help = "Example: ringfence-agent masks apply walk in.nii.gz --image ct.nii.gz --label 1 --positive 40,52,17 --negative 60,52,17 -o out.nii.gz"
    )]
    Walk {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        within: Within,
        /// The label
        #[arg(long)]
        label: u16,
        /// A voxel of the object; repeat for more
        #[arg(long, required = true, value_name = "I,J,K", value_parser = voxel)]
        positive: Vec<[u32; 3]>,
        /// A voxel that is not of the object; repeat for more
        #[arg(long, value_name = "I,J,K", value_parser = voxel)]
        negative: Vec<[u32; 3]>,
    },
    /// Fill the slices between those that a label is drawn on
    #[command(
        after_help = "Example: ringfence-agent masks apply fill-between-slices in.nii.gz --label 1 --axis k -o out.nii.gz"
    )]
    FillBetweenSlices {
        #[command(flatten)]
        on: On,
        /// What is filled
        #[arg(long)]
        label: u16,
        /// The axis that the slices lie across
        #[arg(long, value_enum, default_value_t = AxisArg::K)]
        axis: AxisArg,
    },
    /// Keep, remove or split the connected parts of a label
    #[command(
        after_help = "Example: ringfence-agent masks apply islands in.nii.gz --label 1 --rule remove-small --minimum-mm3 50 -o out.nii.gz"
    )]
    Islands {
        #[command(flatten)]
        on: On,
        /// Whose
        #[arg(long)]
        label: u16,
        /// What becomes of them
        #[arg(long, value_enum)]
        rule: IslandArg,
        /// The least volume that remove-small leaves
        #[arg(long, conflicts_with = "minimum_voxels")]
        minimum_mm3: Option<f64>,
        /// The fewest voxels that remove-small leaves
        #[arg(long)]
        minimum_voxels: Option<u64>,
        /// The voxel that picks one
        #[arg(long, value_name = "I,J,K", value_parser = voxel)]
        picked: Option<[u32; 3]>,
        /// The labels that split gives, the largest first
        #[arg(long, value_delimiter = ',', value_name = "LABELS")]
        into: Vec<u16>,
        /// Which voxels are neighbours: 6, 18 or 26 around each
        #[arg(long, value_enum, default_value_t = NeighboursArg::Corners)]
        neighbours: NeighboursArg,
    },
    /// Smooth one label, or several together without gaps
    #[command(
        after_help = "Example: ringfence-agent masks apply smooth in.nii.gz --label 1 --label 2 --method joint --mm 3 -o out.nii.gz"
    )]
    Smooth {
        #[command(flatten)]
        on: On,
        /// What is smoothed; repeat for more with joint
        #[arg(long = "label", required = true, value_name = "LABEL")]
        labels: Vec<u16>,
        /// How
        #[arg(long, value_enum)]
        method: MethodArg,
        /// The radius in millimetres
        #[arg(long)]
        mm: f64,
    },
    /// Grow a label by a margin, or shrink it by a negative one
    #[command(
        after_help = "Example: ringfence-agent masks apply margin in.nii.gz --label 1 --mm 3 -o out.nii.gz"
    )]
    Margin {
        #[command(flatten)]
        on: On,
        /// What grows or shrinks
        #[arg(long)]
        label: u16,
        /// By how much, in millimetres
        #[arg(long, allow_negative_numbers = true)]
        mm: f64,
    },
    /// Make a label hollow
    #[command(
        after_help = "Example: ringfence-agent masks apply shell in.nii.gz --label 1 --mm 2 --side inward -o out.nii.gz"
    )]
    Shell {
        #[command(flatten)]
        on: On,
        /// What becomes hollow
        #[arg(long)]
        label: u16,
        /// How thick the shell is, in millimetres
        #[arg(long)]
        mm: f64,
        /// On which side of the surface it lies
        #[arg(long, value_enum)]
        side: ShellArg,
    },
    /// Put a label and others together: copy, add, subtract, intersect, invert, clear, fill
    #[command(
        after_help = "Example: ringfence-agent masks apply logic in.nii.gz --label 1 --how subtract --with 2 --from other.nii.gz -o out.nii.gz"
    )]
    Logic {
        #[command(flatten)]
        on: On,
        /// What changes
        #[arg(long)]
        label: u16,
        /// How
        #[arg(long, value_enum)]
        how: LogicArg,
        /// The labels that it is put together with; 0 is what has none
        #[arg(long, value_delimiter = ',', value_name = "LABELS")]
        with: Vec<u16>,
        /// Where those are drawn [default: in the same file]
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// Fill the holes of a label
    #[command(
        after_help = "Example: ringfence-agent masks apply fill-holes in.nii.gz --label 1 --axis k -o out.nii.gz"
    )]
    FillHoles {
        #[command(flatten)]
        on: On,
        /// Whose
        #[arg(long)]
        label: u16,
        /// Fill each slice across this axis by itself [default: cavities in three dimensions]
        #[arg(long, value_enum)]
        axis: Option<AxisArg>,
    },
    /// Cut with a polygon that is projected through the volume
    #[command(
        after_help = "Example: ringfence-agent masks apply scissors in.nii.gz --corner=-20,0,50 --corner=20,0,50 --corner=0,35.5,50 --direction 0,0,1 --erase 1 -o out.nii.gz"
    )]
    Scissors {
        #[command(flatten)]
        on: On,
        /// A corner of the polygon, in millimetres of the patient (LPS); repeat for all, in order
        #[arg(long = "corner", required = true, value_name = "X,Y,Z", value_parser = place, allow_hyphen_values = true)]
        corners: Vec<[f64; 3]>,
        /// The direction of view
        #[arg(long, value_name = "X,Y,Z", value_parser = place, allow_hyphen_values = true)]
        direction: [f64; 3],
        /// How deep the cut is in all, half on each side of the polygon [default: through everything]
        #[arg(long)]
        depth_mm: Option<f64>,
        /// Work on what is outside of the cut
        #[arg(long)]
        outside: bool,
        /// Take these labels away
        #[arg(long, value_delimiter = ',', value_name = "LABELS", required_unless_present = "fill")]
        erase: Vec<u16>,
        /// Give this label
        #[arg(long, value_name = "LABEL", conflicts_with = "erase")]
        fill: Option<u16>,
    },
}

pub(super) fn apply(command: &Apply) -> anyhow::Result<()> {
    let on = command.on();
    let map = read(&on.input)?;
    let image = on.image.as_deref().map(image).transpose()?;
    let (after, found) = applied(command, &map, image.as_ref())?;
    write(&on.output, &after)?;
    show::result(&found, on.json)
}

fn image(path: &Path) -> anyhow::Result<Volume> {
    let named = || format!("cannot use {}", path.display());
    nifti::read_volume(&std::fs::read(path).with_context(named)?).with_context(named)
}

/// The map after the operation, and what it changed.
fn applied(command: &Apply, map: &LabelMap, image: Option<&Volume>) -> anyhow::Result<(LabelMap, Value)> {
    let operation = command.operation(map)?;
    let on = command.on();
    let range = match (&on.editable_range, image) {
        (Some(range), Some(volume)) => {
            let [lower, upper] = two(range)?;
            Some(EditableRange { volume, lower, upper })
        }
        (None | Some(_), _) => None,
    };
    let policy = Policy { area: on.editable.clone(), range, overwrite: on.overwrite.clone() };
    let deltas = operation.run(Subject { map, volume: image }, &policy, &Unwatched)?;
    let mut after = map.clone();
    after.apply_all(&deltas)?;
    let voxels: u64 = deltas.iter().map(SliceDelta::voxels).sum();
    let labels: Vec<Value> = labels_of(&[map, &after])
        .into_iter()
        .map(|label| json!({ "label": label, "voxels": [map.count(label), after.count(label)] }))
        .collect();
    let found = json!({
        "operation": operation.kind().name(),
        "grid": grid(map.grid()),
        "changed_voxels": voxels,
        "changed_slices": deltas.len(),
        "labels": labels,
    });
    Ok((after, found))
}

impl Apply {
    const fn on(&self) -> &On {
        match self {
            Self::Paint { on, .. }
            | Self::Threshold { on, .. }
            | Self::GrowFromSeeds { on, .. }
            | Self::RegionGrow { on, .. }
            | Self::LevelTrace { on, .. }
            | Self::Walk { on, .. }
            | Self::FillBetweenSlices { on, .. }
            | Self::Islands { on, .. }
            | Self::Smooth { on, .. }
            | Self::Margin { on, .. }
            | Self::Shell { on, .. }
            | Self::Logic { on, .. }
            | Self::FillHoles { on, .. }
            | Self::Scissors { on, .. } => on,
        }
    }
}
