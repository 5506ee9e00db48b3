//! How long each operation takes on a label map, in this process: `ops_bench DIRECTORY RUNS`.
//!
//! The directory holds `grid.txt` (three sizes, three spacings), `labels.u16` and `image.i16` (little-endian, i
//! fastest). For each operation it prints one line of JSON with the name, the shortest of the runs in seconds, and
//! writes the labels afterwards beside them as `NAME.u16`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads the clock, prints, and stops at what is not there"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use agent_imaging::ops::{
    Axis, Connectivity, CutAction, CutDepth, CutSide, GrowRange, Holes, IslandRule, LevelSide, LevelTrace,
    Logic, Operation, Policy, Region, RegionGrow, Scissors, Shell, SmoothMethod, Subject, Unwatched,
    VoxelBox,
};
use agent_imaging::{Grid, LabelMap, PatientMm, Volume, Voxels};

const LABEL: u16 = 1;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let place = Path::new(&arguments[1]);
    let runs: usize = arguments[2].parse().unwrap();
    let grid = grid(&std::fs::read_to_string(place.join("grid.txt")).unwrap());
    let words = |name: &str| -> Vec<u16> {
        let bytes = std::fs::read(place.join(name)).unwrap();
        bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
    };
    let map = LabelMap::from_dense(grid, &words("labels.u16")).unwrap();
    let values = words("image.i16").into_iter().map(u16::cast_signed).collect();
    let volume = Volume::new(grid, Voxels::Int16(values)).unwrap();
    let on = Subject { map: &map, volume: Some(&volume) };
    let only = &arguments[3..];
    for (name, operation) in operations(&grid) {
        if !only.is_empty() && !only.iter().any(|wanted| wanted == name) {
            continue;
        }
        let mut shortest = f64::INFINITY;
        let mut deltas = Vec::new();
        for _ in 0..runs {
            let begun = Instant::now();
            deltas = operation.run(on, &Policy::default(), &Unwatched).unwrap();
            shortest = shortest.min(begun.elapsed().as_secs_f64());
        }
        let mut after = map.clone();
        after.apply_all(&deltas).unwrap();
        let bytes: Vec<u8> = after.to_dense().into_iter().flat_map(u16::to_le_bytes).collect();
        std::fs::write(place.join(format!("{name}.u16")), bytes).unwrap();
        println!("{{\"operation\": \"{name}\", \"seconds\": {shortest:.6}}}");
    }
}

fn grid(text: &str) -> Grid {
    let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let size = [0, 1, 2].map(|axis| numbers[axis] as u32);
    let spacing_mm = [numbers[3], numbers[4], numbers[5]];
    Grid::new(size, spacing_mm, [0.0; 3], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).unwrap()
}

/// The operations, with the numbers that the peers are given too.
fn operations(grid: &Grid) -> Vec<(&'static str, Operation)> {
    let smooth = |method| Operation::Smooth { label: LABEL, method, radius_mm: 3.0 };
    let logic = |how| Operation::Logic { label: LABEL, logic: how, operand: BTreeSet::from([2]), from: None };
    let islands = |rule| Operation::Islands { label: LABEL, rule, connectivity: Connectivity::Corners };
    let whole = || Region::of_box(grid, &VoxelBox::whole(grid));
    let middle = grid.size().map(|length| length / 2);
    let far = [0, 1, 2].map(|axis| f64::from(grid.size()[axis]) * grid.spacing_mm()[axis]);
    let polygon = [[0.2, 0.2], [0.8, 0.3], [0.7, 0.8], [0.3, 0.7]]
        .map(|[x, y]| PatientMm([x * far[0], y * far[1], 0.5 * far[2]]))
        .to_vec();
    let seed = VoxelBox::new(grid, middle, middle).unwrap();
    vec![
        ("margin-grow", Operation::Margin { label: LABEL, by_mm: 3.0 }),
        ("margin-shrink", Operation::Margin { label: LABEL, by_mm: -3.0 }),
        ("shell-medial", Operation::Shell { label: LABEL, side: Shell::Medial, thickness_mm: 4.0 }),
        ("median", smooth(SmoothMethod::Median)),
        ("open", smooth(SmoothMethod::Open)),
        ("close", smooth(SmoothMethod::Close)),
        ("gaussian", smooth(SmoothMethod::Gaussian)),
        ("joint", Operation::SmoothTogether { labels: vec![1, 2, 3, 4, 5], radius_mm: 3.0 }),
        ("keep-largest", islands(IslandRule::KeepLargest)),
        ("remove-small", islands(IslandRule::RemoveFewer { minimum_voxels: 500 })),
        ("fill-holes", Operation::FillHoles { label: LABEL, holes: Holes::Cavities }),
        ("fill-holes-k", Operation::FillHoles { label: LABEL, holes: Holes::InSlices(Axis::K) }),
        ("threshold", Operation::Threshold { region: whole(), range: [150.0, 400.0], label: 9 }),
        (
            "region-grow",
            Operation::RegionGrow(RegionGrow {
                seeds: Region::of_box(grid, &seed),
                range: GrowRange::Fixed { lower: 60.0, upper: 400.0 },
                gate_mm: 0.0,
                compactness: 0.0,
                inside: None,
                label: 9,
            }),
        ),
        (
            "level-trace",
            Operation::LevelTrace(LevelTrace {
                seed: middle,
                axis: Axis::K,
                side: LevelSide::Bright,
                label: 9,
            }),
        ),
        ("add", logic(Logic::Add)),
        ("invert", logic(Logic::Invert)),
        ("fill-between", Operation::FillBetweenSlices { label: 6, axis: Axis::K }),
        (
            "scissors",
            Operation::Scissors(Scissors {
                polygon,
                direction: [0.0, 0.0, 1.0],
                depth: CutDepth::Unlimited,
                side: CutSide::Inside,
                action: CutAction::Erase((1..=6).collect()),
            }),
        ),
    ]
}
