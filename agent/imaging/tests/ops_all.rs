//! What every operation keeps to: its changes can be taken back, a cancelled one leaves nothing, and the
//! numbers of labels have no part in it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use agent_imaging::ops::random_walker;
use agent_imaging::ops::{
    Answer, Axis, Connectivity, IslandRule, Over, Progress, Region, SmoothMethod, Threshold, Unwatched,
    VoxelBox, WalkPrompt, fill_between_slices, grow_from_seeds, islands, smooth, smooth_joint, sphere,
    threshold,
};
use agent_imaging::{LabelMap, SliceDelta, Volume, Voxels};
use ops_support::{Watcher, after, grid};
use proptest::prelude::*;

const SIZE: [u32; 3] = [9, 8, 7];
const VOXELS: usize = 9 * 8 * 7;

type Outcome = Result<Vec<SliceDelta>, String>;

/// What an operation works on; labels are named by `name`.
struct Bench<'a> {
    volume: &'a Volume,
    map: &'a LabelMap,
    name: fn(u16) -> u16,
    progress: &'a dyn Progress,
}

/// An operation and what it is called.
type Operation = (&'static str, fn(&Bench<'_>) -> Outcome);

const OPERATIONS: [Operation; 10] = [
    ("threshold", |on| {
        let region = sphere(on.map.grid(), [4.0, 4.0, 3.0], 3.0);
        let mark = Threshold { lower: 0.0, upper: 50.0, label: (on.name)(1), over: Over::Everything };
        threshold(on.volume, on.map, &region, mark, on.progress).map_err(|refusal| refusal.to_string())
    }),
    ("grow", |on| {
        let none = Region::empty(on.map.grid());
        grow_from_seeds(on.volume, on.map, None, &none, on.progress).map_err(|refusal| refusal.to_string())
    }),
    ("fill", |on| {
        fill_between_slices(on.map, (on.name)(2), Axis::J, on.progress).map_err(|refusal| refusal.to_string())
    }),
    ("islands", |on| {
        let rule = IslandRule::KeepLargest;
        islands(on.map, (on.name)(1), &rule, Connectivity::Corners, on.progress)
            .map_err(|refusal| refusal.to_string())
    }),
    ("median", |on| smoothed(on, SmoothMethod::Median)),
    ("open", |on| smoothed(on, SmoothMethod::Open)),
    ("close", |on| smoothed(on, SmoothMethod::Close)),
    ("gaussian", |on| smoothed(on, SmoothMethod::Gaussian)),
    ("joint", |on| {
        let labels = [1, 2, 3].map(on.name);
        smooth_joint(on.map, &labels, 2.5, on.progress).map_err(|refusal| refusal.to_string())
    }),
    ("walk", |on| {
        let grid = on.map.grid();
        let prompt = WalkPrompt {
            positive: sphere(grid, [4.0, 4.0, 3.0], 1.0),
            negative: Region::empty(grid),
            inside: Some(VoxelBox::whole(grid)),
            label: (on.name)(3),
            answer: Answer::Replace,
        };
        random_walker(on.volume, on.map, &prompt, on.progress).map_err(|refusal| refusal.to_string())
    }),
];

fn smoothed(on: &Bench<'_>, method: SmoothMethod) -> Outcome {
    smooth(on.map, (on.name)(1), method, 2.0, on.progress).map_err(|refusal| refusal.to_string())
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
        for (what, operation) in OPERATIONS {
            let found = operation(&Bench { volume: &volume, map: &map, name: same, progress: &Unwatched });
            let again = operation(&Bench { volume: &volume, map: &map, name: same, progress: &Unwatched });
            prop_assert_eq!(&found, &again, "{}", what);
            let named = operation(&Bench { volume: &volume, map: &other, name: renamed, progress: &Unwatched });
            match (found, named) {
                (Ok(found), Ok(named)) => {
                    // `after` checks that the changes are true and takes them back.
                    let found = after(&map, &found).to_dense();
                    let named = after(&other, &named).to_dense();
                    let found: Vec<u16> = found.into_iter().map(renamed).collect();
                    prop_assert_eq!(found, named, "{}", what);
                }
                (found, named) => prop_assert_eq!(found, named, "{}", what),
            }
        }
    }

    #[test]
    fn a_cancelled_operation_leaves_nothing_and_progress_only_grows(
        labels in labels(), values in prop::collection::vec(-100..100_i16, VOXELS), look in 1..6_u32,
    ) {
        let volume = Volume::new(grid(SIZE, [1.0, 0.8, 1.7]), Voxels::Int16(values)).unwrap();
        let map = map(&labels, same);
        for (what, operation) in OPERATIONS {
            let watched = Watcher::default();
            let done = operation(&Bench { volume: &volume, map: &map, name: same, progress: &watched });
            let told = watched.told.borrow();
            prop_assert!(told.iter().all(|share| (0.0..=1.0).contains(share)), "{} {:?}", what, told);
            prop_assert!(told.windows(2).all(|pair| pair[0] <= pair[1]), "{} {:?}", what, told);
            let watcher = Watcher::that_cancels_at(look);
            let cancelled = operation(&Bench { volume: &volume, map: &map, name: same, progress: &watcher });
            let found = done.is_ok();
            if found && watched.looks.get() >= look {
                prop_assert_eq!(cancelled, Err("cancelled".to_owned()), "{}", what);
                prop_assert_eq!(watcher.looks.get(), look, "{} goes on after it was cancelled", what);
            } else {
                prop_assert_eq!(cancelled, done, "{}", what);
            }
            prop_assert!(!found || watched.looks.get() > 0, "{} never looks", what);
        }
    }
}
