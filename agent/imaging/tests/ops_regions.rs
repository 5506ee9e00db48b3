//! Scissors, region growing and level tracing against their definitions.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use std::collections::BTreeSet;

use agent_imaging::ops::{
    Axis, CutAction, CutDepth, CutSide, GrowRange, LevelRefusal, LevelSide, LevelTrace, Region, RegionGrow,
    RegionGrowRefusal, Scissors, ScissorsRefusal, Unwatched, VoxelBox, level_trace, region_grow, scissors,
    sphere,
};
use agent_imaging::{Grid, LabelMap, PatientMm, VoxelIndex};
use ops_support::{after, grid, map_of, square_mm, volume_of, voxels};
use proptest::prelude::*;

const SIZE: [u32; 3] = [10, 8, 6];

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| a[axis] * b[axis]).sum()
}

/// A grid that lies across all axes of the patient.
fn oblique() -> Grid {
    let (s, c) = 0.4_f64.sin_cos();
    let direction = [[c, s, 0.0], [-s * c, c * c, s], [s * s, -c * s, c]];
    Grid::new(SIZE, [0.9, 1.3, 2.0], [5.0, -3.0, 11.0], direction).unwrap()
}

/// Whether a place lies inside a polygon that is seen along a direction, by the angles that its corners turn through;
/// none where it lies on the outline. Only for polygons that do not cross themselves.
fn turns(polygon: &[PatientMm], direction: [f64; 3], place: [f64; 3]) -> Option<bool> {
    let length = dot(direction, direction).sqrt();
    let unit = direction.map(|part| part / length);
    let flat: Vec<[f64; 3]> = polygon
        .iter()
        .map(|corner| {
            let from = [0, 1, 2].map(|axis| corner.0[axis] - place[axis]);
            let deep = dot(from, unit);
            [0, 1, 2].map(|axis| from[axis] - deep * unit[axis])
        })
        .collect();
    let mut turned = 0.0;
    for (from, to) in flat.iter().zip(flat.iter().cycle().skip(1)) {
        let cross = [
            from[1] * to[2] - from[2] * to[1],
            from[2] * to[0] - from[0] * to[2],
            from[0] * to[1] - from[1] * to[0],
        ];
        let edge = [0, 1, 2].map(|axis| to[axis] - from[axis]);
        // The distance from the line of the edge.
        if dot(cross, cross).sqrt() <= 1e-6 * dot(edge, edge).sqrt() {
            return None;
        }
        turned += dot(cross, unit).atan2(dot(*from, *to));
    }
    Some(turned.abs() > 1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_cut_is_what_is_seen_inside_the_polygon_within_its_depth(
        radii in prop::collection::vec(1.0..7.0_f64, 3..9),
        direction in prop_oneof![
            prop::array::uniform3(-1.0..1.0_f64), Just([0.0, 0.0, 2.0]), Just([0.0, 1.0, 0.0]), Just([1.0, 0.0, 0.0])
        ],
        depth_mm in prop::option::of(0.5..12.0_f64), outside in any::<bool>(), fills in any::<bool>(),
        turned in any::<bool>(),
    ) {
        prop_assume!(dot(direction, direction) > 0.01);
        let grid = if turned { oblique() } else { grid(SIZE, [0.9, 1.3, 2.0]) };
        let map = map_of(grid, |[i, j, k]| ((i + 2 * j + 3 * k) % 4) as u16);
        let middle = grid.to_patient(VoxelIndex([4.3, 3.6, 2.4])).0;
        // A star around the middle of the volume, across the direction of view.
        let across = if direction[0].abs() < 0.6 { [1.0, 0.0, 0.0] } else { [0.0, 1.0, 0.0] };
        let cross = |a: [f64; 3], b: [f64; 3]| {
            [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
        };
        let unit = |a: [f64; 3]| a.map(|part| part / dot(a, a).sqrt());
        let u = unit(cross(direction, across));
        let v = unit(cross(direction, u));
        let corner = |(at, radius): (usize, &f64)| {
            let (sine, cosine) = (at as f64 / radii.len() as f64 * std::f64::consts::TAU).sin_cos();
            PatientMm([0, 1, 2].map(|axis| middle[axis] + radius * (cosine * u[axis] + sine * v[axis])))
        };
        let polygon: Vec<PatientMm> = radii.iter().enumerate().map(corner).collect();
        let cut = Scissors {
            polygon: polygon.clone(),
            direction,
            depth: depth_mm.map_or(CutDepth::Unlimited, CutDepth::Symmetric),
            side: if outside { CutSide::Outside } else { CutSide::Inside },
            action: if fills { CutAction::Fill(3) } else { CutAction::Erase([1, 3].into()) },
        };
        let found = after(&map, &scissors(&map, &cut, &Unwatched).unwrap());
        let mean = [0, 1, 2].map(|axis| polygon.iter().map(|at| at.0[axis]).sum::<f64>() / polygon.len() as f64);
        for at in voxels(SIZE) {
            let place = grid.to_patient(VoxelIndex(at.map(f64::from))).0;
            let deep = dot([0, 1, 2].map(|axis| place[axis] - mean[axis]), unit(direction)).abs();
            let half = depth_mm.map_or(f64::INFINITY, |mm| mm / 2.0);
            let Some(seen) = turns(&polygon, direction, place) else { continue };
            if (deep - half).abs() < 1e-6 {
                continue;
            }
            let old = map.label_at(at).unwrap();
            let hit = (seen && deep < half) != outside;
            let expect = match (hit, fills) {
                (false, _) => old,
                (true, true) => 3,
                (true, false) => if old == 1 || old == 3 { 0 } else { old },
            };
            prop_assert_eq!(found.label_at(at), Some(expect), "{:?}", at);
        }
    }

    #[test]
    fn a_region_is_what_is_reached_over_the_range_and_through_the_gate(
        values in prop::collection::vec(0..10_u8, 480), seed in 0..480_usize, upper in 3..9_u8,
        gate_mm in prop_oneof![Just(0.0), 0.9..2.5_f64],
    ) {
        let grid = grid(SIZE, [0.9, 1.0, 1.2]);
        let value = |at: [u32; 3]| values[number(at)];
        let volume = volume_of(grid, |at| f32::from(value(at)));
        let map = map_of(grid, |[i, _, _]| if i > 7 { 2 } else { 0 });
        let seed = voxels(SIZE).nth(seed).unwrap();
        let grow = region(&grid, seed, GrowRange::Fixed { lower: 0.0, upper: f64::from(upper) }, gate_mm);
        let inside = |at: [u32; 3]| value(at) <= upper;
        let ball = |at: [u32; 3], radius: f64| {
            voxels(SIZE).filter(move |&other| square_mm(at, other, [0.9, 1.0, 1.2]) <= radius * radius)
        };
        let way: BTreeSet<[u32; 3]> = voxels(SIZE).filter(|&at| ball(at, gate_mm).all(inside)).collect();
        let mut reached: Vec<[u32; 3]> = ball(seed, gate_mm).filter(|at| way.contains(at)).collect();
        let mut next = 0;
        while let Some(&at) = reached.get(next) {
            next += 1;
            let beside = way.iter().filter(|other| {
                (0..3).map(|axis| at[axis].abs_diff(other[axis])).sum::<u32>() == 1
            });
            let new: Vec<[u32; 3]> = beside.filter(|other| !reached.contains(other)).copied().collect();
            reached.extend(new);
        }
        let expect: BTreeSet<[u32; 3]> = reached.iter().flat_map(|&at| ball(at, gate_mm)).collect();
        match region_grow(&volume, &map, &grow, &Unwatched) {
            Ok(deltas) => {
                let found = after(&map, &deltas);
                let found: BTreeSet<[u32; 3]> = voxels(SIZE).filter(|&at| found.label_at(at) == Some(1)).collect();
                prop_assert_eq!(found, expect);
            }
            Err(refusal) => {
                prop_assert_eq!(refusal, RegionGrowRefusal::Nothing);
                prop_assert!(expect.is_empty());
            }
        }
    }

    #[test]
    fn a_level_encloses_what_is_connected_and_what_cannot_get_out(
        values in prop::collection::vec(0..6_u8, 480), seed in 0..480_usize, dark in any::<bool>(),
        axis in prop_oneof![Just(Axis::I), Just(Axis::J), Just(Axis::K)],
    ) {
        let grid = grid(SIZE, [1.0; 3]);
        let volume = volume_of(grid, |at| f32::from(values[number(at)]));
        let seed = voxels(SIZE).nth(seed).unwrap();
        let side = if dark { LevelSide::Dark } else { LevelSide::Bright };
        let trace = LevelTrace { seed, axis, side, label: 1 };
        let map = LabelMap::empty(grid);
        let found = after(&map, &level_trace(&volume, &map, &trace, &Unwatched).unwrap());
        let across = match axis { Axis::I => 0, Axis::J => 1, Axis::K => 2 };
        let pixels: Vec<[u32; 3]> = voxels(SIZE).filter(|at| at[across] == seed[across]).collect();
        let level = values[number(seed)];
        let beyond = |at: &[u32; 3]| if dark { values[number(*at)] <= level } else { values[number(*at)] >= level };
        let part = spread(&pixels, vec![seed], beyond);
        let at_end = |at: &[u32; 3]| (0..3).any(|axis| axis != across && (at[axis] == 0 || at[axis] + 1 == SIZE[axis]));
        let ends = pixels.iter().filter(|at| at_end(at) && !part.contains(*at)).copied().collect();
        let out = spread(&pixels, ends, |at| !part.contains(at));
        for at in voxels(SIZE) {
            let expect = pixels.contains(&at) && !out.contains(&at);
            prop_assert_eq!(found.label_at(at), Some(u16::from(expect)), "{:?}", at);
        }
    }
}

fn number([i, j, k]: [u32; 3]) -> usize {
    ((k * SIZE[1] + j) * SIZE[0] + i) as usize
}

/// What is reached from some pixels, from side to side, over those that are as asked.
fn spread(pixels: &[[u32; 3]], from: Vec<[u32; 3]>, is: impl Fn(&[u32; 3]) -> bool) -> BTreeSet<[u32; 3]> {
    let mut reached: BTreeSet<[u32; 3]> = from.iter().copied().collect();
    let mut front = from;
    while let Some(at) = front.pop() {
        for &other in pixels {
            let apart: u32 = (0..3).map(|axis| at[axis].abs_diff(other[axis])).sum();
            if apart == 1 && is(&other) && reached.insert(other) {
                front.push(other);
            }
        }
    }
    reached
}

fn region(grid: &Grid, seed: [u32; 3], range: GrowRange, gate_mm: f64) -> RegionGrow {
    let seeds = Region::of_box(grid, &VoxelBox::new(grid, seed, seed).unwrap());
    RegionGrow { seeds, range, gate_mm, compactness: 0.0, inside: None, label: 1 }
}

/// Two balls of 100 in noise-free 0, joined by a thread of one voxel.
fn dumbbell(at: [u32; 3]) -> f32 {
    let ball = |centre: [u32; 3]| square_mm(at, centre, [1.0; 3]) <= 25.0;
    let thread = at[1] == 10 && at[2] == 10 && (5..35).contains(&at[0]);
    if ball([8, 10, 10]) || ball([32, 10, 10]) || thread { 100.0 } else { 0.0 }
}

#[test]
fn a_gate_closes_a_leak_and_compactness_finds_one() {
    let grid = grid([41, 21, 21], [1.0; 3]);
    let (volume, map) = (volume_of(grid, dumbbell), LabelMap::empty(grid));
    let range = GrowRange::Fixed { lower: 50.0, upper: 150.0 };
    let open = region(&grid, [8, 10, 10], range, 0.0);
    let both = after(&map, &region_grow(&volume, &map, &open, &Unwatched).unwrap());
    assert_eq!(both.label_at([32, 10, 10]), Some(1));
    let gated = region(&grid, [8, 10, 10], range, 1.5);
    let one = after(&map, &region_grow(&volume, &map, &gated, &Unwatched).unwrap());
    assert_eq!(
        (one.label_at([8, 10, 10]), one.label_at([20, 10, 10]), one.label_at([32, 10, 10])),
        (Some(1), Some(0), Some(0))
    );
    let asked = RegionGrow { compactness: 0.4, ..open };
    let refused = region_grow(&volume, &map, &asked, &Unwatched);
    assert!(matches!(refused, Err(RegionGrowRefusal::Leaked { share }) if share < 0.3), "{refused:?}");
    assert!(region_grow(&volume, &map, &RegionGrow { compactness: 0.4, ..gated }, &Unwatched).is_ok());
}

#[test]
fn confidence_takes_what_is_like_the_seeds() {
    // 100 and a little, 20 and a little; with two rounds the whole of the ball is reached.
    let grid = grid([21, 21, 21], [1.0; 3]);
    let ball = |at: [u32; 3]| square_mm(at, [10, 10, 10], [1.0; 3]) <= 36.0;
    let value = |at: [u32; 3]| {
        let little = ((at[0] * 7 + at[1] * 13 + at[2] * 29) % 11) as f32;
        if ball(at) { 100.0 + little } else { 20.0 + little }
    };
    let (volume, map) = (volume_of(grid, value), LabelMap::empty(grid));
    let range = GrowRange::Confidence { deviations: 2.5, around_mm: 2.0, rounds: 2 };
    let found = region_grow(&volume, &map, &region(&grid, [10, 10, 10], range, 0.0), &Unwatched).unwrap();
    assert_eq!(after(&map, &found), map_of(grid, |at| u16::from(ball(at))));
}

#[test]
fn a_traced_ring_is_filled() {
    let grid = grid([16, 16, 3], [1.0; 3]);
    let ring = |at: [u32; 3]| (9.0..26.0).contains(&square_mm([at[0], at[1], 0], [8, 8, 0], [1.0; 3]));
    let (volume, map) = (volume_of(grid, |at| if ring(at) { 9.0 } else { 1.0 }), LabelMap::empty(grid));
    let trace = LevelTrace { seed: [4, 8, 1], axis: Axis::K, side: LevelSide::Bright, label: 5 };
    let found = after(&map, &level_trace(&volume, &map, &trace, &Unwatched).unwrap());
    let disc = |at: [u32; 3]| at[2] == 1 && square_mm([at[0], at[1], 0], [8, 8, 0], [1.0; 3]) < 26.0;
    assert_eq!(found, map_of(grid, |at| if disc(at) { 5 } else { 0 }));
}

#[test]
fn what_cannot_be_cut_or_grown_is_refused_by_name() {
    let grid = grid(SIZE, [1.0; 3]);
    let map = map_of(grid, |at| u16::from(at == [3, 3, 3]));
    let cut = Scissors {
        polygon: [[0.0, 0.0, 0.0], [5.0, 0.0, 0.0], [0.0, 5.0, 0.0]].map(PatientMm).to_vec(),
        direction: [0.0, 0.0, 1.0],
        depth: CutDepth::Unlimited,
        side: CutSide::Inside,
        action: CutAction::Erase([1].into()),
    };
    let refused = |cut: Scissors| scissors(&map, &cut, &Unwatched).unwrap_err();
    let two = Scissors { polygon: cut.polygon[..2].to_vec(), ..cut.clone() };
    assert_eq!(refused(two), ScissorsRefusal::Polygon);
    let wild = Scissors { polygon: vec![PatientMm([f64::NAN; 3]); 3], ..cut.clone() };
    assert_eq!(refused(wild), ScissorsRefusal::Polygon);
    for direction in [[0.0; 3], [f64::NAN, 0.0, 1.0], [f64::INFINITY, 0.0, 0.0]] {
        assert_eq!(refused(Scissors { direction, ..cut.clone() }), ScissorsRefusal::Direction);
    }
    let flat = Scissors { depth: CutDepth::Symmetric(0.0), ..cut.clone() };
    assert_eq!(refused(flat), ScissorsRefusal::Depth);
    let zero = Scissors { action: CutAction::Fill(0), ..cut.clone() };
    assert_eq!(refused(zero), ScissorsRefusal::Label);
    let none = Scissors { action: CutAction::Erase([7].into()), ..cut };
    assert_eq!(refused(none), ScissorsRefusal::NothingDrawn);
    let volume = volume_of(grid, |_| 5.0);
    let range = GrowRange::Fixed { lower: 0.0, upper: 1.0 };
    let grow = |grow: RegionGrow| region_grow(&volume, &map, &grow, &Unwatched).unwrap_err();
    let base = || region(&grid, [1, 1, 1], range, 0.0);
    assert_eq!(grow(base()), RegionGrowRefusal::Nothing);
    assert_eq!(grow(RegionGrow { label: 0, ..base() }), RegionGrowRefusal::Label);
    assert!(matches!(grow(RegionGrow { gate_mm: f64::NAN, ..base() }), RegionGrowRefusal::Number { .. }));
    assert!(matches!(grow(RegionGrow { compactness: 1.5, ..base() }), RegionGrowRefusal::Number { .. }));
    let none = RegionGrow {
        seeds: sphere(&grid, [-9.0; 3], 1.0),
        range: GrowRange::Confidence { deviations: 1.0, around_mm: 1.0, rounds: 0 },
        ..base()
    };
    assert_eq!(grow(none), RegionGrowRefusal::NoSeeds);
    let trace = LevelTrace { seed: [10, 0, 0], axis: Axis::I, side: LevelSide::Dark, label: 1 };
    assert_eq!(level_trace(&volume, &map, &trace, &Unwatched), Err(LevelRefusal::Seed));
    let trace = LevelTrace { seed: [1, 0, 0], label: 0, ..trace };
    assert_eq!(level_trace(&volume, &map, &trace, &Unwatched), Err(LevelRefusal::Label));
}
