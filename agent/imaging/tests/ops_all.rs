//! What every operation keeps to: its changes can be taken back, they obey the masking policy, a cancelled one leaves
//! nothing, and the numbers of labels have no part in it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use std::collections::BTreeSet;

use agent_imaging::ops::{
    Answer, Axis, Connectivity, CutAction, CutDepth, CutSide, EditableArea, EditableRange, GrowRange, Holes,
    IslandRule, LevelSide, LevelTrace, Logic, Operation, OperationKind, OperationRefusal, Overwrite, Policy,
    PolicyRefusal, Progress, Region, RegionGrow, Scissors, Shell, SmoothMethod, Subject, Unwatched, VoxelBox,
    WalkPrompt, sphere,
};
use agent_imaging::{Grid, LabelMap, PatientMm, SliceDelta, Volume, Voxels};
use ops_support::{Watcher, after, grid};
use proptest::prelude::*;

const SIZE: [u32; 3] = [9, 8, 7];
const VOXELS: usize = 9 * 8 * 7;

type Outcome = Result<Vec<SliceDelta>, String>;

/// What an operation works on.
struct Bench<'a> {
    volume: &'a Volume,
    map: &'a LabelMap,
    policy: &'a Policy<'a>,
    progress: &'a dyn Progress,
}

impl Bench<'_> {
    fn run(&self, operation: &Operation) -> Outcome {
        let on = Subject { map: self.map, volume: Some(self.volume) };
        operation.run(on, self.policy, self.progress).map_err(|refusal| refusal.to_string())
    }
}

/// Operations of every kind; labels are named by `name`. A new kind cannot be forgotten: without an arm of its own
/// this does not compile.
fn operations(grid: &Grid, name: fn(u16) -> u16) -> Vec<Operation> {
    let of_kind = |kind: OperationKind| -> Vec<Operation> {
        let label = name(1);
        let region = || sphere(grid, [4.0, 4.0, 3.0], 3.0);
        match kind {
            OperationKind::Paint => vec![Operation::Paint { region: region(), label }],
            OperationKind::Threshold => {
                vec![Operation::Threshold { region: region(), range: [0.0, 50.0], label }]
            }
            OperationKind::GrowFromSeeds => {
                vec![Operation::GrowFromSeeds { inside: None, background: Region::empty(grid) }]
            }
            OperationKind::RegionGrow => region_grows(grid, label),
            OperationKind::LevelTrace => [LevelSide::Bright, LevelSide::Dark]
                .map(|side| LevelTrace { seed: [4, 4, 3], axis: Axis::J, side, label })
                .map(Operation::LevelTrace)
                .into(),
            OperationKind::Walk => vec![walk(grid, name(3))],
            OperationKind::FillBetweenSlices => {
                vec![Operation::FillBetweenSlices { label: name(2), axis: Axis::J }]
            }
            OperationKind::Islands => island_rules(name)
                .map(|rule| Operation::Islands { label, rule, connectivity: Connectivity::Edges })
                .into(),
            OperationKind::Smooth => {
                [SmoothMethod::Median, SmoothMethod::Open, SmoothMethod::Close, SmoothMethod::Gaussian]
                    .map(|method| Operation::Smooth { label, method, radius_mm: 2.0 })
                    .into()
            }
            OperationKind::SmoothTogether => {
                vec![Operation::SmoothTogether { labels: [1, 2, 3].map(name).into(), radius_mm: 2.5 }]
            }
            OperationKind::Margin => [-1.2, 0.9, 60.0].map(|by_mm| Operation::Margin { label, by_mm }).into(),
            OperationKind::Shell => [Shell::Inward, Shell::Medial, Shell::Outward]
                .map(|side| Operation::Shell { label, side, thickness_mm: 2.1 })
                .into(),
            OperationKind::Logic => logics(label, name(2)),
            OperationKind::FillHoles => [
                Holes::Cavities,
                Holes::InSlices(Axis::I),
                Holes::InSlices(Axis::J),
                Holes::InSlices(Axis::K),
            ]
            .map(|holes| Operation::FillHoles { label, holes })
            .into(),
            OperationKind::Scissors => cuts(name),
        }
    };
    OperationKind::ALL
        .iter()
        .flat_map(|&kind| {
            let operations = of_kind(kind);
            assert!(operations.iter().all(|operation| operation.kind() == kind), "{kind:?}");
            assert!(!operations.is_empty(), "{kind:?}");
            operations
        })
        .collect()
}

fn walk(grid: &Grid, label: u16) -> Operation {
    Operation::Walk(WalkPrompt {
        positive: sphere(grid, [4.0, 4.0, 3.0], 1.0),
        negative: Region::empty(grid),
        inside: Some(VoxelBox::whole(grid)),
        label,
        answer: Answer::Replace,
    })
}

fn logics(label: u16, other: u16) -> Vec<Operation> {
    use Logic::{Add, Clear, Copy, Fill, Intersect, Invert, Subtract};
    [Add, Clear, Copy, Fill, Intersect, Invert, Subtract]
        .map(|logic| Operation::Logic { label, logic, operand: BTreeSet::from([other]), from: None })
        .into()
}

fn region_grows(grid: &Grid, label: u16) -> Vec<Operation> {
    let fixed = GrowRange::Fixed { lower: -60.0, upper: 60.0 };
    let confidence = GrowRange::Confidence { deviations: 1.0, around_mm: 2.0, rounds: 2 };
    [(fixed, 0.0), (fixed, 1.0), (confidence, 0.0)]
        .map(|(range, gate_mm)| RegionGrow {
            seeds: sphere(grid, [4.0, 4.0, 3.0], 1.0),
            range,
            gate_mm,
            compactness: 0.0,
            inside: None,
            label,
        })
        .map(Operation::RegionGrow)
        .into()
}

fn island_rules(name: fn(u16) -> u16) -> [IslandRule; 4] {
    [
        IslandRule::KeepLargest,
        IslandRule::RemoveSmall { minimum_mm3: 9.0 },
        IslandRule::RemoveFewer { minimum_voxels: 12 },
        IslandRule::Split(vec![name(1), name(2), name(3)]),
    ]
}

fn cuts(name: fn(u16) -> u16) -> Vec<Operation> {
    let polygon = [[1.2, 0.7, 1.9], [7.1, 1.1, 3.0], [4.4, 5.9, 8.8]].map(PatientMm);
    let direction = [0.3, -0.2, 1.0];
    let erase = || CutAction::Erase([name(1), name(3)].into());
    [
        (CutDepth::Unlimited, CutSide::Inside, CutAction::Fill(name(1))),
        (CutDepth::Symmetric(4.0), CutSide::Outside, CutAction::Fill(name(2))),
        (CutDepth::Symmetric(6.0), CutSide::Inside, erase()),
        (CutDepth::Unlimited, CutSide::Outside, erase()),
    ]
    .map(|(depth, side, action)| Scissors { polygon: polygon.to_vec(), direction, depth, side, action })
    .map(Operation::Scissors)
    .into()
}

/// Policies of all sorts.
fn policies<'a>(volume: &'a Volume, name: fn(u16) -> u16) -> Vec<Policy<'a>> {
    let range = Some(EditableRange { volume, lower: -40.0, upper: 70.0 });
    let some = || BTreeSet::from([name(2), 0]);
    let areas = [
        EditableArea::Everywhere,
        EditableArea::InsideAll,
        EditableArea::OutsideAll,
        EditableArea::Inside(some()),
        EditableArea::Outside(some()),
    ];
    let over = [Overwrite::All, Overwrite::Only([name(2)].into()), Overwrite::Nothing];
    let mut policies = Vec::new();
    for (number, area) in areas.into_iter().enumerate() {
        for overwrite in &over {
            let range = range.filter(|_| number % 2 == 1);
            policies.push(Policy { area: area.clone(), range, overwrite: overwrite.clone() });
        }
    }
    policies.push(Policy { range, ..Policy::default() });
    policies
}

fn same(label: u16) -> u16 {
    label
}

/// Other names, in another order.
fn renamed(label: u16) -> u16 {
    [0, 700, 3, 1][usize::from(label)]
}

fn map(labels: &[u16], name: fn(u16) -> u16) -> LabelMap {
    let labels: Vec<u16> = labels.iter().map(|&label| name(label)).collect();
    LabelMap::from_dense(grid(SIZE, [1.0, 0.8, 1.7]), &labels).unwrap()
}

/// Labels in lumps, so that every operation has something to do.
fn labels() -> impl Strategy<Value = Vec<u16>> {
    let lump = (prop::array::uniform3(0.0..9.0_f64), 0.5..3.0_f64, 0..4_u16);
    prop::collection::vec(lump, 2..8).prop_map(|lumps| {
        let mut labels = vec![0; VOXELS];
        for (at, voxel) in ops_support::voxels(SIZE).enumerate() {
            for (centre, radius, label) in &lumps {
                let square: f64 = (0..3).map(|axis| (f64::from(voxel[axis]) - centre[axis]).powi(2)).sum();
                if square <= radius * radius {
                    labels[at] = *label;
                }
            }
        }
        labels
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changes_are_true_and_can_be_taken_back_whatever_labels_are_called(
        labels in labels(), values in prop::collection::vec(-100..100_i16, VOXELS),
    ) {
        let volume = Volume::new(grid(SIZE, [1.0, 0.8, 1.7]), Voxels::Int16(values)).unwrap();
        let (map, other) = (map(&labels, same), map(&labels, renamed));
        let (policy, grid) = (Policy::default(), *map.grid());
        for (operation, named) in operations(&grid, same).iter().zip(operations(&grid, renamed)) {
            let bench = Bench { volume: &volume, map: &map, policy: &policy, progress: &Unwatched };
            let found = bench.run(operation);
            prop_assert_eq!(&found, &bench.run(operation), "{:?}", operation);
            match (found, Bench { map: &other, ..bench }.run(&named)) {
                (Ok(found), Ok(named)) => {
                    // `after` checks that the changes are true and takes them back.
                    let found = after(&map, &found).to_dense();
                    let named = after(&other, &named).to_dense();
                    let found: Vec<u16> = found.into_iter().map(renamed).collect();
                    prop_assert_eq!(found, named, "{:?}", operation);
                }
                (found, named) => prop_assert_eq!(found, named, "{:?}", operation),
            }
        }
    }

    #[test]
    fn every_operation_obeys_every_policy(
        labels in labels(), values in prop::collection::vec(-100..100_i16, VOXELS),
    ) {
        let volume = Volume::new(grid(SIZE, [1.0, 0.8, 1.7]), Voxels::Int16(values)).unwrap();
        let map = map(&labels, same);
        let free = Policy::default();
        let bench = Bench { volume: &volume, map: &map, policy: &free, progress: &Unwatched };
        for operation in operations(map.grid(), same) {
            let Ok(all) = bench.run(&operation) else { continue };
            let (all, edited) = (after(&map, &all).to_dense(), operation.labels(&map));
            for policy in policies(&volume, same) {
                let left = Bench { policy: &policy, ..bench }.run(&operation).unwrap();
                let left = after(&map, &left).to_dense();
                for (at, &old) in labels.iter().enumerate() {
                    let may = may(&policy, &edited, old, volume.voxels().value(at).unwrap());
                    prop_assert_eq!(left[at], if may { all[at] } else { old }, "{:?} {:?}", operation, policy.area);
                }
            }
        }
    }

    #[test]
    fn a_cancelled_operation_leaves_nothing_and_progress_only_grows(
        labels in labels(), values in prop::collection::vec(-100..100_i16, VOXELS), look in 1..6_u32,
    ) {
        let volume = Volume::new(grid(SIZE, [1.0, 0.8, 1.7]), Voxels::Int16(values)).unwrap();
        let map = map(&labels, same);
        let policy = Policy::default();
        for operation in operations(map.grid(), same) {
            // What a brush marks is there at once.
            let instant = operation.kind() == OperationKind::Paint;
            let watched = Watcher::default();
            let bench = Bench { volume: &volume, map: &map, policy: &policy, progress: &watched };
            let done = bench.run(&operation);
            let told = watched.told.borrow();
            prop_assert!(told.iter().all(|share| (0.0..=1.0).contains(share)), "{:?} {:?}", operation, told);
            prop_assert!(told.windows(2).all(|pair| pair[0] <= pair[1]), "{:?} {:?}", operation, told);
            let watcher = Watcher::that_cancels_at(look);
            let cancelled = Bench { progress: &watcher, ..bench }.run(&operation);
            if watched.looks.get() >= look {
                prop_assert_eq!(cancelled, Err("cancelled".to_owned()), "{:?}", operation);
                prop_assert_eq!(watcher.looks.get(), look, "{:?} goes on after it was cancelled", operation);
            } else {
                prop_assert_eq!(&cancelled, &done, "{:?}", operation);
            }
            prop_assert!(done.is_err() || instant || watched.looks.get() > 0, "{:?} never looks", operation);
        }
    }
}

/// Whether a voxel may change, as 3D Slicer's masking says it.
fn may(policy: &Policy<'_>, edited: &BTreeSet<u16>, old: u16, value: f64) -> bool {
    let area = match &policy.area {
        EditableArea::Everywhere => true,
        EditableArea::InsideAll => old > 0,
        EditableArea::OutsideAll => old == 0,
        EditableArea::Inside(labels) => labels.contains(&old),
        EditableArea::Outside(labels) => !labels.contains(&old),
    };
    let range = policy.range.is_none_or(|range| range.lower <= value && value <= range.upper);
    let free = old == 0 || edited.contains(&old);
    let over = match &policy.overwrite {
        Overwrite::All => true,
        Overwrite::Only(labels) => free || labels.contains(&old),
        Overwrite::Nothing => free,
    };
    area && range && over
}

#[test]
fn what_a_policy_cannot_judge_is_refused_by_name() {
    let map = map(&[1; VOXELS], same);
    let volume = Volume::new(*map.grid(), Voxels::Int16(vec![0; VOXELS])).unwrap();
    let elsewhere = Volume::new(grid([2, 1, 1], [1.0; 3]), Voxels::Int16(vec![0; 2])).unwrap();
    let cleared = |range| {
        let policy = Policy { range: Some(range), ..Policy::default() };
        let clear = Operation::Logic { label: 1, logic: Logic::Clear, operand: BTreeSet::new(), from: None };
        let on = Subject { map: &map, volume: None };
        clear.run(on, &policy, &Unwatched)
    };
    let grids = cleared(EditableRange { volume: &elsewhere, lower: 0.0, upper: 1.0 });
    assert_eq!(grids, Err(OperationRefusal::Policy(PolicyRefusal::GridMismatch)));
    for (lower, upper) in [(1.0, 0.0), (f64::NAN, 1.0)] {
        let range = cleared(EditableRange { volume: &volume, lower, upper });
        assert_eq!(range, Err(OperationRefusal::Policy(PolicyRefusal::Range)));
    }
    let trace =
        Operation::LevelTrace(LevelTrace { seed: [0; 3], axis: Axis::K, side: LevelSide::Dark, label: 1 });
    let on = Subject { map: &map, volume: None };
    assert_eq!(trace.run(on, &Policy::default(), &Unwatched), Err(OperationRefusal::NoVolume));
}
