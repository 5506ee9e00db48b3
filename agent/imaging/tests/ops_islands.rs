//! Islands against a flood of each of them.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use agent_imaging::LabelMap;
use agent_imaging::ops::{Connectivity, IslandRefusal, IslandRule, Unwatched, islands};
use ops_support::{after, grid, map_of, voxels};
use proptest::prelude::*;

const SIZE: [u32; 3] = [6, 5, 4];

/// The islands of a label, each in storage order, in order of their first voxels.
fn flood(map: &LabelMap, label: u16, connectivity: Connectivity) -> Vec<Vec<[u32; 3]>> {
    let marked: Vec<[u32; 3]> =
        voxels(map.grid().size()).filter(|&voxel| map.label_at(voxel) == Some(label)).collect();
    let touch = |a: [u32; 3], b: [u32; 3]| {
        let apart = [0, 1, 2].map(|axis| a[axis].abs_diff(b[axis]));
        match connectivity {
            Connectivity::Faces => apart.iter().sum::<u32>() == 1,
            Connectivity::Edges => {
                apart.iter().all(|&steps| steps <= 1) && (1..=2).contains(&apart.iter().sum::<u32>())
            }
            Connectivity::Corners => apart.iter().all(|&steps| steps <= 1),
        }
    };
    let mut islands: Vec<Vec<[u32; 3]>> = Vec::new();
    for &start in &marked {
        if islands.iter().flatten().any(|&known| known == start) {
            continue;
        }
        let mut island = vec![start];
        let mut next = 0;
        while next < island.len() {
            let at = island[next];
            let more = marked.iter().filter(|&&voxel| touch(at, voxel) && !island.contains(&voxel));
            let more: Vec<_> = more.copied().collect();
            island.extend(more);
            next += 1;
        }
        island.sort_by_key(|voxel| [voxel[2], voxel[1], voxel[0]]);
        islands.push(island);
    }
    islands
}

fn check(map: &LabelMap, rule: &IslandRule, connectivity: Connectivity, expect: impl Fn([u32; 3]) -> u16) {
    let found = after(map, &islands(map, 1, rule, connectivity, &Unwatched).unwrap());
    for voxel in voxels(map.grid().size()) {
        assert_eq!(found.label_at(voxel), Some(expect(voxel)), "{rule:?} {connectivity:?} {voxel:?}");
    }
}

proptest! {
    #[test]
    fn islands_are_those_of_a_flood(
        labels in prop::collection::vec(prop_oneof![3 => Just(0_u16), 2 => Just(1), 1 => Just(2)], 120),
        picked in 0..120_usize,
        connectivity in prop_oneof![
            Just(Connectivity::Faces), Just(Connectivity::Edges), Just(Connectivity::Corners)
        ],
        minimum in 0.0..12.0_f64,
    ) {
        let map = LabelMap::from_dense(grid(SIZE, [1.0, 1.0, 2.0]), &labels).unwrap();
        let parts = flood(&map, 1, connectivity);
        prop_assume!(!parts.is_empty());
        let part_of = |voxel| parts.iter().position(|part| part.contains(&voxel));
        let old = |voxel| map.label_at(voxel).unwrap();
        // The first of the largest: `max_by_key` would give the last.
        let largest = (0..parts.len()).min_by_key(|&part| std::cmp::Reverse(parts[part].len()));
        let kept = |kept: Option<usize>| move |part: Option<usize>, old: u16| match part {
            Some(part) if Some(part) != kept => 0,
            _ => old,
        };
        let keep_largest = kept(largest);
        check(&map, &IslandRule::KeepLargest, connectivity, |voxel| keep_largest(part_of(voxel), old(voxel)));
        let small = |voxel| part_of(voxel).is_some_and(|part| (parts[part].len() as f64) * 2.0 < minimum);
        check(&map, &IslandRule::RemoveSmall { minimum_mm3: minimum }, connectivity, |voxel| {
            if small(voxel) { 0 } else { old(voxel) }
        });
        let fewer = |voxel| part_of(voxel).is_some_and(|part| (parts[part].len() as u64) < minimum as u64);
        check(&map, &IslandRule::RemoveFewer { minimum_voxels: minimum as u64 }, connectivity, |voxel| {
            if fewer(voxel) { 0 } else { old(voxel) }
        });
        let picked = voxels(SIZE).nth(picked).unwrap();
        match part_of(picked) {
            Some(part) => {
                let keep = kept(Some(part));
                check(&map, &IslandRule::KeepPicked(picked), connectivity, |v| keep(part_of(v), old(v)));
                check(&map, &IslandRule::RemovePicked(picked), connectivity, |voxel| {
                    if part_of(voxel) == Some(part) { 0 } else { old(voxel) }
                });
            }
            None => {
                let refused = islands(&map, 1, &IslandRule::KeepPicked(picked), connectivity, &Unwatched);
                prop_assert_eq!(refused, Err(IslandRefusal::NothingPicked));
            }
        }
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|&part| std::cmp::Reverse(parts[part].len()));
        let names: Vec<u16> = (1..=parts.len() as u16).map(|number| number * 10).collect();
        check(&map, &IslandRule::Split(names.clone()), connectivity, |voxel| match part_of(voxel) {
            Some(part) => names[order.iter().position(|&other| other == part).unwrap()],
            None => old(voxel),
        });
    }
}

#[test]
fn corners_join_by_default_and_faces_do_not() {
    let map = map_of(grid([2, 2, 2], [1.0; 3]), |voxel| u16::from(voxel == [0; 3] || voxel == [1; 3]));
    let rule = IslandRule::KeepPicked([0; 3]);
    assert_eq!(islands(&map, 1, &rule, Connectivity::default(), &Unwatched).unwrap(), []);
    let faces = after(&map, &islands(&map, 1, &rule, Connectivity::Faces, &Unwatched).unwrap());
    assert_eq!((faces.count(1), faces.label_at([0; 3])), (1, Some(1)));
}

#[test]
fn what_cannot_be_done_with_islands_is_refused_by_name() {
    let map = map_of(grid([5, 1, 1], [1.0; 3]), |voxel| u16::from(voxel[0] % 2 == 0));
    let refused = |label, rule| islands(&map, label, &rule, Connectivity::Corners, &Unwatched);
    assert_eq!(refused(2, IslandRule::KeepLargest), Err(IslandRefusal::NothingDrawn));
    assert_eq!(refused(1, IslandRule::KeepPicked([9, 0, 0])), Err(IslandRefusal::NothingPicked));
    assert_eq!(refused(1, IslandRule::RemovePicked([1, 0, 0])), Err(IslandRefusal::NothingPicked));
    assert_eq!(refused(1, IslandRule::RemoveSmall { minimum_mm3: f64::NAN }), Err(IslandRefusal::Volume));
    assert_eq!(refused(1, IslandRule::Split(vec![1, 2, 2])), Err(IslandRefusal::Label));
    assert_eq!(refused(1, IslandRule::Split(vec![1, 0, 2])), Err(IslandRefusal::Label));
    let few = IslandRefusal::TooManyIslands { islands: 3, labels: 2 };
    assert_eq!(refused(1, IslandRule::Split(vec![1, 2])), Err(few));
}
