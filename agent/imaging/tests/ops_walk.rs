//! The random walker against a direct solution, and what it promises; see `data/*.provenance.txt`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use agent_imaging::ops::{
    Answer, Region, Unwatched, VoxelBox, WALK_MOST_VOXELS, WALK_POINT_MM, WalkPrompt, WalkRefusal,
    random_walker, sphere, walk_probability,
};
use agent_imaging::{Grid, LabelMap, Volume};
use ops_support::{after, grid, map_of, square_mm, volume_of, voxels};

const CASES: &str = include_str!("data/random_walker.txt");

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(line: &str) -> Vec<T> {
    line.split(' ').skip(1).map(|number| number.parse().unwrap()).collect()
}

/// Voxels of a box that begins at (1, 1, 1), by their number in the box.
fn region(grid: &Grid, size: &[u32], offset: u32, places: &[u32]) -> Region {
    let runs = places.iter().map(|at| {
        let (i, j, k) = (at % size[0], at / size[0] % size[1], at / (size[0] * size[1]));
        (k + offset, vec![[(j + offset) * grid.size()[0] + i + offset, 1]])
    });
    Region::from_runs(grid, runs).unwrap()
}

#[test]
fn probabilities_are_those_of_a_direct_solution() {
    let lines: Vec<&str> = CASES.lines().collect();
    for (case, lines) in lines.chunks_exact(7).enumerate() {
        let size: Vec<u32> = numbers(lines[0]);
        let spacing: Vec<f64> = numbers(lines[1]);
        let values: Vec<f32> = numbers(lines[3]);
        let expect: Vec<f64> = numbers(lines[6]);
        // Sides of the box that are the end of the volume are no rim.
        let offset = if lines[2] == "rim 1" { 1 } else { 0 };
        let whole = [0, 1, 2].map(|axis| size[axis] + 2 * offset);
        let grid = grid(whole, [spacing[0], spacing[1], spacing[2]]);
        let volume = volume_of(grid, |at| {
            let [i, j, k] = at.map(|place| place.wrapping_sub(offset));
            let inside = i < size[0] && j < size[1] && k < size[2];
            if inside { values[((k * size[1] + j) * size[0] + i) as usize] } else { 9999.0 }
        });
        let prompt = WalkPrompt {
            positive: region(&grid, &size, offset, &numbers::<u32>(lines[4])),
            negative: region(&grid, &size, offset, &numbers::<u32>(lines[5])),
            inside: VoxelBox::new(&grid, [offset; 3], [0, 1, 2].map(|axis| size[axis] - 1 + offset)).ok(),
            label: 1,
            answer: Answer::Add,
        };
        let (_, found) = walk_probability(&volume, &LabelMap::empty(grid), &prompt, &Unwatched).unwrap();
        for (at, (found, expect)) in found.iter().zip(&expect).enumerate() {
            assert!((f64::from(*found) - expect).abs() < 2e-4, "case {case} voxel {at}: {found} {expect}");
        }
        assert_eq!(found.len(), expect.len());
    }
    assert_eq!(lines.len(), 42);
}

/// An ellipsoid in noise of a third of its contrast.
fn lesion(grid: Grid, centre: [u32; 3], radius_mm: f64) -> Volume {
    let noise = |[i, j, k]: [u32; 3]| {
        let mut hash = u64::from(i) | u64::from(j) << 20 | u64::from(k) << 40;
        for _ in 0..3 {
            hash = (hash ^ (hash >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        // The sum of four even shares of a byte is nearly normal.
        let sum: u64 = (0..4).map(|byte| (hash >> (16 + 8 * byte)) & 255).sum();
        (sum as f32 - 510.0) / 147.8
    };
    volume_of(grid, |at| {
        let inside = square_mm(at, centre, grid.spacing_mm()) <= radius_mm * radius_mm;
        20.0 * noise(at) + if inside { 60.0 } else { 0.0 }
    })
}

fn dice(map: &LabelMap, label: u16, is: impl Fn([u32; 3]) -> bool) -> f64 {
    let (mut both, mut sum) = (0_u32, 0_u32);
    for at in voxels(map.grid().size()) {
        let (found, expect) = (map.label_at(at) == Some(label), is(at));
        both += u32::from(found && expect);
        sum += u32::from(found) + u32::from(expect);
    }
    2.0 * f64::from(both) / f64::from(sum)
}

fn point(grid: &Grid, at: [u32; 3]) -> WalkPrompt {
    WalkPrompt {
        positive: sphere(grid, at.map(f64::from), WALK_POINT_MM),
        negative: Region::empty(grid),
        inside: None,
        label: 4,
        answer: Answer::Add,
    }
}

#[test]
fn one_point_or_one_box_finds_a_lesion_in_noise() {
    let grid = grid([48, 48, 22], [0.8, 0.8, 2.0]);
    let (centre, radius_mm) = ([23, 25, 11], 9.0);
    let volume = lesion(grid, centre, radius_mm);
    let map = LabelMap::empty(grid);
    let is = |at| square_mm(at, centre, grid.spacing_mm()) <= radius_mm * radius_mm;
    let by_point = point(&grid, [26, 23, 10]);
    let found = after(&map, &random_walker(&volume, &map, &by_point, &Unwatched).unwrap());
    assert!(dice(&found, 4, is) > 0.9, "{}", dice(&found, 4, is));
    let inside = VoxelBox::new(&grid, [9, 11, 5], [37, 39, 17]).ok();
    let by_box = WalkPrompt { positive: Region::empty(&grid), inside, ..by_point };
    let found = after(&map, &random_walker(&volume, &map, &by_box, &Unwatched).unwrap());
    assert!(dice(&found, 4, is) > 0.9, "{}", dice(&found, 4, is));
}

#[test]
fn a_large_box_is_solved_from_coarse_to_fine() {
    let grid = grid([96, 96, 40], [0.8, 0.8, 2.0]);
    let (centre, radius_mm) = ([48, 48, 20], 16.0);
    let volume = lesion(grid, centre, radius_mm);
    let map = LabelMap::empty(grid);
    let prompt = WalkPrompt { inside: Some(VoxelBox::whole(&grid)), ..point(&grid, centre) };
    let found = after(&map, &random_walker(&volume, &map, &prompt, &Unwatched).unwrap());
    let is = |at| square_mm(at, centre, grid.spacing_mm()) <= radius_mm * radius_mm;
    assert!(dice(&found, 4, is) > 0.93, "{}", dice(&found, 4, is));
}

#[test]
fn an_answer_adds_or_replaces_and_leaves_other_labels_alone() {
    let grid = grid([30, 30, 16], [1.0, 1.0, 2.0]);
    let volume = lesion(grid, [15, 15, 8], 6.0);
    let map = map_of(grid, |at| match at {
        [3..=5, 3..=5, 8] => 4,
        [15, 15, 8] => 9,
        _ => 0,
    });
    let prompt = WalkPrompt { inside: Some(VoxelBox::whole(&grid)), ..point(&grid, [14, 14, 8]) };
    let added = after(&map, &random_walker(&volume, &map, &prompt, &Unwatched).unwrap());
    assert_eq!((added.label_at([4, 4, 8]), added.label_at([15, 15, 8])), (Some(4), Some(9)));
    let prompt = WalkPrompt { answer: Answer::Replace, ..prompt };
    let replaced = after(&map, &random_walker(&volume, &map, &prompt, &Unwatched).unwrap());
    assert_eq!((replaced.label_at([4, 4, 8]), replaced.label_at([15, 15, 8])), (Some(0), Some(9)));
    assert_eq!(added.count(4), replaced.count(4) + 9);
}

#[test]
fn what_cannot_be_walked_is_refused_by_name() {
    let grid = grid([6, 5, 4], [1.0; 3]);
    let (volume, map) = (volume_of(grid, |_| 1.0), LabelMap::empty(grid));
    let prompt = point(&grid, [3, 3, 2]);
    let refused = |prompt: &WalkPrompt| random_walker(&volume, &map, prompt, &Unwatched);
    let nothing = WalkPrompt { positive: Region::empty(&grid), ..prompt.clone() };
    assert_eq!(refused(&nothing), Err(WalkRefusal::NoPrompt));
    assert_eq!(refused(&WalkPrompt { label: 0, ..prompt.clone() }), Err(WalkRefusal::Label));
    let other = ops_support::grid([6, 5, 3], [1.0; 3]);
    let elsewhere = WalkPrompt { negative: Region::empty(&other), ..prompt };
    assert_eq!(refused(&elsewhere), Err(WalkRefusal::GridMismatch));
    // Wider than the most voxels, in one slice.
    let wide = ops_support::grid([4096, 4097, 1], [1.0; 3]);
    let large = WalkPrompt { inside: Some(VoxelBox::whole(&wide)), ..point(&wide, [3, 3, 0]) };
    let volume = Volume::new(wide, agent_imaging::Voxels::Int16(vec![0; 4096 * 4097])).unwrap();
    let refused = random_walker(&volume, &LabelMap::empty(wide), &large, &Unwatched);
    assert_eq!(refused, Err(WalkRefusal::TooLarge { voxels: WALK_MOST_VOXELS + 4096 }));
}
