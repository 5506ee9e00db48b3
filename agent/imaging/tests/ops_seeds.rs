//! Sphere brush, threshold and grow from seeds against their definitions.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use std::collections::BTreeSet;

use agent_imaging::ops::{
    GrowRefusal, InvalidRegion, Over, Region, Threshold, ThresholdRefusal, Unwatched, VoxelBox,
    grow_from_seeds, paint, sphere, threshold,
};
use agent_imaging::{LabelMap, Volume, Voxels};
use ops_support::{after, grid, map_of, square_mm, volume_of, voxels};
use proptest::prelude::*;

fn places(region: &Region, columns: u32) -> BTreeSet<[u32; 3]> {
    let mut places = BTreeSet::new();
    for (k, runs) in region.slices() {
        for [start, length] in runs {
            places.extend((start..start + length).map(|at| [at % columns, at / columns, k]));
        }
    }
    places
}

proptest! {
    #[test]
    fn a_sphere_is_the_ball_of_its_definition(
        centre in prop::array::uniform3(-3.0..14.0_f64),
        spacing_mm in prop::array::uniform3(0.3..4.0_f64),
        radius in 0.0..9.0_f64,
    ) {
        let grid = grid([11, 9, 7], spacing_mm);
        let region = sphere(&grid, centre, radius);
        let expect: BTreeSet<[u32; 3]> = voxels(grid.size()).filter(|voxel| {
            let mm = [0, 1, 2].map(|axis| (f64::from(voxel[axis]) - centre[axis]) * spacing_mm[axis]);
            let within = mm[0] * mm[0] + mm[1] * mm[1] + mm[2] * mm[2] <= radius * radius;
            within || (0..3).all(|axis| f64::from(voxel[axis]) == centre[axis].round())
        }).collect();
        prop_assert_eq!(places(&region, 11), expect);
    }

    #[test]
    fn painting_changes_the_region_and_nothing_else(
        labels in prop::collection::vec(0..3_u16, 6 * 5 * 4),
        centre in prop::array::uniform3(0.0..5.0_f64),
        radius in 0.0..4.0_f64,
        label in 0..3_u16,
    ) {
        let grid = grid([6, 5, 4], [1.0, 1.0, 2.0]);
        let map = LabelMap::from_dense(grid, &labels).unwrap();
        let region = sphere(&grid, centre, radius);
        let painted = after(&map, &paint(&map, &region, label));
        let marked = places(&region, 6);
        for voxel in voxels(grid.size()) {
            let expect = if marked.contains(&voxel) { Some(label) } else { map.label_at(voxel) };
            prop_assert_eq!(painted.label_at(voxel), expect);
        }
    }

    #[test]
    fn a_threshold_marks_what_lies_in_its_range(
        values in prop::collection::vec(-3..4_i16, 6 * 5 * 4),
        labels in prop::collection::vec(0..3_u16, 6 * 5 * 4),
        runs in prop::collection::vec((0..4_u32, 0..25_u32, 1..6_u32), 0..8),
        everything in any::<bool>(),
    ) {
        let grid = grid([6, 5, 4], [1.0; 3]);
        let volume = Volume::new(grid, Voxels::Int16(values.clone())).unwrap();
        let map = LabelMap::from_dense(grid, &labels).unwrap();
        let slices = runs.iter().map(|&(k, start, length)| (k, vec![[start, length]]));
        let region = Region::from_runs(&grid, slices).unwrap();
        let over = if everything { Over::Everything } else { Over::Unlabelled };
        let mark = Threshold { lower: -1.0, upper: 1.5, label: 2, over };
        let marked = after(&map, &threshold(&volume, &map, &region, mark, &Unwatched).unwrap());
        let inside = places(&region, 6);
        for (at, voxel) in voxels(grid.size()).enumerate() {
            let meant = inside.contains(&voxel) && (-1..=1).contains(&values[at]);
            let expect = if meant && (everything || labels[at] == 0) { 2 } else { labels[at] };
            prop_assert_eq!(marked.label_at(voxel), Some(expect));
        }
    }

}

proptest! {
    // The automaton of the paper looks at every pair of voxels again and again.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_grows_is_what_the_automaton_settles_on(
        values in prop::collection::vec(0..2000_i16, 6 * 5 * 4),
        seeds in prop::collection::vec((0..120_usize, 1..4_u16), 2..9),
        scribble in 0..25_u32,
    ) {
        let grid = grid([6, 5, 4], [1.0, 1.3, 2.0]);
        let volume = Volume::new(grid, Voxels::Int16(values.clone())).unwrap();
        let mut labels = vec![0; 120];
        for (at, label) in seeds {
            labels[at] = label;
        }
        let map = LabelMap::from_dense(grid, &labels).unwrap();
        let background = Region::from_runs(&grid, [(1, vec![[scribble, 3]])]).unwrap();
        let grown = after(&map, &grow_from_seeds(&volume, &map, None, &background, &Unwatched).unwrap());
        let whole = VoxelBox::whole(&grid);
        let grown_whole = grow_from_seeds(&volume, &map, Some(whole), &background, &Unwatched).unwrap();
        for (map_before, grown, inside) in
            [(&map, grown, agent_imaging::ops::grow_box(&map, &background).unwrap()), (&map, after(&map, &grown_whole), whole)]
        {
            let expect = automaton(&values, map_before, &background, &inside);
            for (voxel, expect) in voxels(grid.size()).zip(expect) {
                if let Some(expect) = expect {
                    prop_assert_eq!(grown.label_at(voxel), Some(expect), "{:?}", voxel);
                }
            }
        }
    }
}

/// Values averaged with weights 1, 2, 1 along each axis within a box whose ends repeat.
fn evened(values: &[i16], size: [u32; 3], inside: &VoxelBox) -> Vec<f64> {
    let mut values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    for axis in 0..3 {
        let before = values.clone();
        for (at, voxel) in voxels(size).enumerate().filter(|(_, voxel)| inside.contains(*voxel)) {
            let moved = |to: u32| {
                let mut voxel = voxel;
                voxel[axis] = to.clamp(inside.lower()[axis], inside.upper()[axis]);
                before[((voxel[2] * size[1] + voxel[1]) * size[0] + voxel[0]) as usize]
            };
            values[at] =
                0.25 * (moved(voxel[axis].saturating_sub(1)) + moved(voxel[axis] + 1)) + 0.5 * before[at];
        }
    }
    values
}

/// The layers of each axis that are background: those at the ends of the box, unless they hold a label and are the
/// end of the volume.
fn rims(map: &LabelMap, inside: &VoxelBox) -> [Vec<u32>; 3] {
    let size = map.grid().size();
    [0, 1, 2].map(|axis| {
        let (lower, upper) = (inside.lower()[axis], inside.upper()[axis]);
        let labelled = |layer: u32| {
            let of_layer = voxels(size).filter(|voxel| inside.contains(*voxel) && voxel[axis] == layer);
            of_layer.into_iter().any(|voxel| map.label_at(voxel).unwrap() != 0)
        };
        let at_end = |layer: u32| layer == 0 || layer + 1 == size[axis];
        let layers = [lower, upper].into_iter().filter(|_| upper - lower >= 2);
        layers.filter(|&layer| !(at_end(layer) && labelled(layer))).collect()
    })
}

/// The label of each voxel after GrowCut has come to rest: for each label the strengths that it alone
/// would reach, by sweeping until nothing changes; the strongest wins. `None` where two are as good as
/// equal: levels are rounded.
fn automaton(values: &[i16], map: &LabelMap, background: &Region, inside: &VoxelBox) -> Vec<Option<u16>> {
    let size = map.grid().size();
    let all: Vec<[u32; 3]> = voxels(size).collect();
    let scribbled = places(background, size[0]);
    let rims = rims(map, inside);
    let rim = |voxel: [u32; 3]| (0..3).any(|axis| rims[axis].contains(&voxel[axis]));
    // 0 is background, u16::MAX no seed.
    let seed: Vec<u16> = all
        .iter()
        .map(|&voxel| match map.label_at(voxel).unwrap() {
            0 if inside.contains(voxel) && (scribbled.contains(&voxel) || rim(voxel)) => 0,
            0 => u16::MAX,
            label => label,
        })
        .collect();
    let values = evened(values, size, inside);
    let within = || all.iter().zip(&values).filter(|(voxel, _)| inside.contains(**voxel)).map(|(_, &v)| v);
    let range = within().fold(f64::NEG_INFINITY, f64::max) - within().fold(f64::INFINITY, f64::min);
    let neighbours =
        |a: [u32; 3], b: [u32; 3]| (0..3).map(|axis| a[axis].abs_diff(b[axis])).sum::<u32>() == 1;
    let reach = |label: u16| {
        let mut strength: Vec<f64> = seed.iter().map(|&seed| f64::from(u8::from(seed == label))).collect();
        loop {
            let mut moved = false;
            for (p, &at) in
                all.iter().enumerate().filter(|&(p, at)| seed[p] == u16::MAX && inside.contains(*at))
            {
                for (q, _) in all
                    .iter()
                    .enumerate()
                    .filter(|&(_, other)| neighbours(at, *other) && inside.contains(*other))
                {
                    let g = 1.0 - (values[p] - values[q]).abs() / range.max(1.0);
                    if g * strength[q] > strength[p] + 1e-15 {
                        strength[p] = g * strength[q];
                        moved = true;
                    }
                }
            }
            if !moved {
                return strength;
            }
        }
    };
    let strengths: Vec<Vec<f64>> = (0..4).map(reach).collect();
    (0..all.len())
        .map(|at| {
            if seed[at] != u16::MAX || !inside.contains(all[at]) {
                return Some(map.label_at(all[at]).unwrap());
            }
            let mut order: Vec<u16> = (0..4).collect();
            let of = |label: u16| strengths[usize::from(label)][at];
            order.sort_by(|&a, &b| of(b).total_cmp(&of(a)));
            (of(order[0]) > of(order[1]) * 1.001 + 1e-3).then_some(order[0])
        })
        .collect()
}

#[test]
fn in_a_flat_image_the_nearest_seed_in_millimetres_wins() {
    let grid = grid([9, 3, 1], [1.0, 1.0, 4.0]);
    let volume = volume_of(grid, |_| 5.0);
    let map = map_of(grid, |voxel| match voxel {
        [2, 1, 0] => 4,
        [7, 1, 0] => 9,
        _ => 0,
    });
    let rim_free = VoxelBox::new(&grid, [0, 1, 0], [8, 1, 0]).unwrap();
    let none = Region::empty(&grid);
    let grown = after(&map, &grow_from_seeds(&volume, &map, Some(rim_free), &none, &Unwatched).unwrap());
    // The ends of the row are rim and stay; in the middle 3 and 4 are nearer to 2 than 5 and 6 are.
    let row: Vec<u16> = (0..9).map(|i| grown.label_at([i, 1, 0]).unwrap()).collect();
    assert_eq!(row, [0, 4, 4, 4, 4, 9, 9, 9, 0]);
}

#[test]
fn seeds_on_one_slice_grow_across_slices_and_to_the_end_of_the_volume() {
    let grid = grid([40, 40, 21], [1.0, 1.0, 3.0]);
    let bar = |[i, j, _]: [u32; 3]| (12..28).contains(&i) && (12..28).contains(&j);
    let volume = volume_of(grid, |voxel| if bar(voxel) { 100.0 } else { 0.0 });
    let none = Region::empty(&grid);
    let slices_from = |k: u32| -> Vec<u32> {
        let map = map_of(grid, |voxel| if voxel[2] == k && bar(voxel) { 1 } else { 0 });
        let grown = after(&map, &grow_from_seeds(&volume, &map, None, &none, &Unwatched).unwrap());
        (0..21).filter(|&k| grown.label_at([20, 20, k]) == Some(1)).collect()
    };
    // The box ends 8 + 5 mm beyond the seeds, which are 16 mm long; its rim is background, and what lies nearer to
    // the seeds is theirs.
    assert_eq!(slices_from(10), [8, 9, 10, 11, 12]);
    assert_eq!(slices_from(0), [0, 1, 2], "the first slice is where the image ends, not the bar");
}

#[test]
fn what_grows_stops_at_an_edge_and_leaves_drawn_voxels_alone() {
    let grid = grid([40, 36, 20], [0.8, 0.8, 2.0]);
    let centre = [20, 18, 10];
    let inside = |voxel| square_mm(voxel, centre, grid.spacing_mm()) <= 81.0;
    let noise = |[i, j, k]: [u32; 3]| ((i * 7919 + j * 104_729 + k * 1_299_709) % 23) as f32 - 11.0;
    let volume = volume_of(grid, |voxel| noise(voxel) + if inside(voxel) { 100.0 } else { 0.0 });
    let map = map_of(grid, |voxel| match voxel {
        [18..=22, 16..=20, 9..=11] => 3,
        [4, 5, 6] => 8,
        _ => 0,
    });
    let none = Region::empty(&grid);
    let whole = Some(VoxelBox::whole(&grid));
    let grown = after(&map, &grow_from_seeds(&volume, &map, whole, &none, &Unwatched).unwrap());
    let marked = |voxel| grown.label_at(voxel) == Some(3);
    // Values are evened out, so the outermost voxel may go either way.
    let deep = |voxel| square_mm(voxel, centre, grid.spacing_mm()) <= 49.0;
    let missed = voxels(grid.size()).filter(|&voxel| deep(voxel) && !marked(voxel)).count();
    let beyond = voxels(grid.size()).filter(|&voxel| !inside(voxel) && marked(voxel)).count();
    assert_eq!((missed, beyond), (0, 0));
    assert_eq!(grown.label_at([4, 5, 6]), Some(8));
}

#[test]
fn what_cannot_grow_is_refused_by_name() {
    let grid = grid([6, 5, 4], [1.0; 3]);
    let volume = volume_of(grid, |_| 0.0);
    let (empty, none) = (LabelMap::empty(grid), Region::empty(&grid));
    let refused = grow_from_seeds(&volume, &empty, None, &none, &Unwatched);
    assert_eq!(refused, Err(GrowRefusal::NoSeeds));
    let map = map_of(grid, |voxel| u16::from(voxel == [5, 4, 3]));
    let away = VoxelBox::new(&grid, [0; 3], [3, 3, 3]).unwrap();
    assert_eq!(grow_from_seeds(&volume, &map, Some(away), &none, &Unwatched), Err(GrowRefusal::NoSeeds));
    let other = ops_support::grid([6, 5, 3], [1.0; 3]);
    let refused = grow_from_seeds(&volume_of(other, |_| 0.0), &map, None, &none, &Unwatched);
    assert_eq!(refused, Err(GrowRefusal::GridMismatch));
    let refused = grow_from_seeds(&volume, &map, None, &Region::empty(&other), &Unwatched);
    assert_eq!(refused, Err(GrowRefusal::GridMismatch));
    let mark = Threshold { lower: 2.0, upper: 1.0, label: 1, over: Over::Everything };
    assert_eq!(threshold(&volume, &map, &none, mark, &Unwatched), Err(ThresholdRefusal::Range));
    let mark = Threshold { lower: f64::NAN, ..mark };
    assert_eq!(threshold(&volume, &map, &none, mark, &Unwatched), Err(ThresholdRefusal::Range));
}

#[test]
fn a_box_or_a_run_beyond_the_grid_is_refused() {
    let grid = grid([6, 5, 4], [1.0; 3]);
    assert_eq!(VoxelBox::new(&grid, [0; 3], [6, 4, 3]), Err(InvalidRegion::Box));
    assert_eq!(VoxelBox::new(&grid, [2, 0, 0], [1, 4, 3]), Err(InvalidRegion::Box));
    let refused = |k, run| Region::from_runs(&grid, [(k, vec![run])]);
    assert_eq!(refused(4, [0, 1]), Err(InvalidRegion::Run { k: 4 }));
    assert_eq!(refused(0, [29, 2]), Err(InvalidRegion::Run { k: 0 }));
    assert_eq!(refused(0, [3, 0]), Err(InvalidRegion::Run { k: 0 }));
    assert_eq!(refused(0, [u32::MAX, 2]), Err(InvalidRegion::Run { k: 0 }));
    let overlapping = Region::from_runs(&grid, [(0, vec![[4, 3], [2, 3]]), (0, vec![[6, 1]])]).unwrap();
    assert_eq!(overlapping.voxels(), 5);
}
