//! Margin, shell, fill holes and logical operations against their definitions.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use std::collections::BTreeSet;

use agent_imaging::LabelMap;
use agent_imaging::ops::{
    Axis, Holes, HolesRefusal, Logic, LogicRefusal, MarginRefusal, Operand, Shell, SmoothMethod, Unwatched,
    fill_holes, logic, margin, shell, smooth,
};
use ops_support::{after, grid, map_of, square_mm, voxels};
use proptest::prelude::*;

const SIZE: [u32; 3] = [9, 7, 6];
const VOXELS: usize = 9 * 7 * 6;

fn labels() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(prop_oneof![4 => Just(0_u16), 2 => Just(1), 1 => Just(2)], VOXELS)
}

/// Lumps that are wider than the margins.
fn lumps() -> impl Strategy<Value = Vec<u16>> {
    let lump = (prop::array::uniform3(0.0..9.0_f64), 0.5..3.5_f64, 0..3_u16);
    prop::collection::vec(lump, 1..6).prop_map(|lumps| {
        let label = |voxel: [u32; 3]| {
            let within = |centre: &[f64; 3], radius: &f64| {
                (0..3).map(|axis| (f64::from(voxel[axis]) - centre[axis]).powi(2)).sum::<f64>()
                    <= radius * radius
            };
            let last = lumps.iter().rev().find(|(centre, radius, _)| within(centre, radius));
            last.map_or(0, |(_, _, label)| *label)
        };
        voxels(SIZE).map(label).collect()
    })
}

fn spacing() -> impl Strategy<Value = [f64; 3]> {
    prop::array::uniform3(0.3..3.0_f64)
}

fn number([i, j, k]: [u32; 3]) -> usize {
    ((k * SIZE[1] + j) * SIZE[0] + i) as usize
}

fn map(labels: &[u16], spacing_mm: [f64; 3]) -> LabelMap {
    LabelMap::from_dense(grid(SIZE, spacing_mm), labels).unwrap()
}

/// A margin reaches a millionth of itself further.
const ROUNDING: f64 = 1.0 + 1e-6;

/// Whether a voxel that is as asked lies within a radius.
fn near(at: [u32; 3], spacing_mm: [f64; 3], radius_mm: f64, is: impl Fn(usize) -> bool) -> bool {
    voxels(SIZE)
        .any(|other| is(number(other)) && square_mm(at, other, spacing_mm).sqrt() <= radius_mm * ROUNDING)
}

fn grown(map: &LabelMap, by_mm: f64) -> LabelMap {
    after(map, &margin(map, 1, by_mm, &Unwatched).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_margin_is_what_lies_within_its_distance(
        labels in labels(), spacing_mm in spacing(), radius_mm in 0.2..6.0_f64,
    ) {
        prop_assume!(labels.contains(&1));
        let map = map(&labels, spacing_mm);
        let (bigger, smaller) = (grown(&map, radius_mm), grown(&map, -radius_mm));
        for at in voxels(SIZE) {
            let old = labels[number(at)];
            let reached = near(at, spacing_mm, radius_mm, |other| labels[other] == 1);
            prop_assert_eq!(bigger.label_at(at), Some(if reached { 1 } else { old }), "{:?}", at);
            let lost = old == 1 && near(at, spacing_mm, radius_mm, |other| labels[other] != 1);
            prop_assert_eq!(smaller.label_at(at), Some(if lost { 0 } else { old }), "{:?}", at);
        }
    }

    #[test]
    fn a_margin_of_many_voxels_is_the_same_by_distances(
        labels in lumps(), radius_mm in 41.0..400.0_f64, along in 0..3_usize, shrinks in any::<bool>(),
    ) {
        prop_assume!(labels.contains(&1));
        let mut spacing_mm = [60.0; 3];
        spacing_mm[along] = 1.0;
        let map = map(&labels, spacing_mm);
        let found = grown(&map, if shrinks { -radius_mm } else { radius_mm });
        for at in voxels(SIZE) {
            let own = labels[number(at)] == 1;
            let hit = near(at, spacing_mm, radius_mm, |other| (labels[other] == 1) != shrinks);
            prop_assert_eq!(found.label_at(at) == Some(1), if shrinks { own && !hit } else { hit }, "{:?}", at);
        }
    }

    #[test]
    fn there_and_back_is_a_closing_and_back_and_there_an_opening(
        labels in lumps(), spacing_mm in spacing(), radius_mm in 0.3..3.0_f64,
    ) {
        prop_assume!(labels.contains(&1));
        let one: Vec<u16> = labels.iter().map(|&label| u16::from(label == 1)).collect();
        let map = map(&one, spacing_mm);
        let smoothed = |method| after(&map, &smooth(&map, 1, method, radius_mm * ROUNDING, &Unwatched).unwrap());
        let closed = grown(&grown(&map, radius_mm), -radius_mm);
        prop_assert_eq!(&closed, &smoothed(SmoothMethod::Close));
        let shrunk = grown(&map, -radius_mm);
        let opened = if shrunk.is_empty() { shrunk } else { grown(&shrunk, radius_mm) };
        prop_assert_eq!(&opened, &smoothed(SmoothMethod::Open));
        for at in voxels(SIZE) {
            let [open, own, close] = [&opened, &map, &closed].map(|map| map.label_at(at).unwrap());
            prop_assert!(open <= own && own <= close);
        }
        // What is opened, or closed, stays so.
        prop_assert_eq!(&grown(&grown(&closed, radius_mm), -radius_mm), &closed);
    }

    #[test]
    fn a_shell_lies_along_the_surface_on_its_side(
        labels in lumps(), spacing_mm in spacing(), thick_mm in 0.3..4.0_f64,
    ) {
        prop_assume!(labels.contains(&1));
        let map = map(&labels, spacing_mm);
        let own = |at: usize| labels[at] == 1;
        let within = |at, radius_mm| near(at, spacing_mm, radius_mm, own);
        let stays = |at, radius_mm| own(number(at)) && !near(at, spacing_mm, radius_mm, |other| !own(other));
        for side in [Shell::Inward, Shell::Medial, Shell::Outward] {
            let found = after(&map, &shell(&map, 1, side, thick_mm, &Unwatched).unwrap());
            for at in voxels(SIZE) {
                let expect = match side {
                    Shell::Inward => own(number(at)) && !stays(at, thick_mm),
                    Shell::Medial => within(at, thick_mm / 2.0) && !stays(at, thick_mm / 2.0),
                    Shell::Outward => within(at, thick_mm) && !own(number(at)),
                };
                prop_assert_eq!(found.label_at(at) == Some(1), expect, "{:?} {:?}", side, at);
            }
        }
    }

    #[test]
    fn holes_are_what_no_way_leads_out_of(
        labels in prop::collection::vec(prop_oneof![2 => Just(0_u16), 3 => Just(1), 1 => Just(2)], VOXELS),
    ) {
        prop_assume!(labels.contains(&1));
        let map = map(&labels, [1.0, 0.6, 2.0]);
        for (holes, axes) in [
            (Holes::Cavities, vec![0, 1, 2]),
            (Holes::InSlices(Axis::I), vec![1, 2]),
            (Holes::InSlices(Axis::J), vec![0, 2]),
            (Holes::InSlices(Axis::K), vec![0, 1]),
        ] {
            let outside = outside(&labels, &axes);
            let found = after(&map, &fill_holes(&map, 1, holes, &Unwatched).unwrap());
            for at in voxels(SIZE) {
                let expect = if outside[number(at)] { labels[number(at)] } else { 1 };
                prop_assert_eq!(found.label_at(at), Some(expect), "{:?} {:?}", holes, at);
            }
        }
    }

    #[test]
    fn logic_does_to_each_voxel_what_it_says(labels in labels(), others in labels(), zero in any::<bool>()) {
        let (map, other) = (map(&labels, [1.0; 3]), map(&others, [1.0; 3]));
        let chosen: BTreeSet<u16> = if zero { [0].into() } else { [2].into() };
        for (own_map, drawn) in [(true, &labels), (false, &others)] {
            let operand = Operand { map: if own_map { &map } else { &other }, labels: &chosen };
            for (how, says) in [
                (Logic::Copy, (|_, b| b) as fn(bool, bool) -> bool),
                (Logic::Add, |a, b| a || b),
                (Logic::Subtract, |a, b| a && !b),
                (Logic::Intersect, |a, b| a && b),
                (Logic::Invert, |a, _| !a),
                (Logic::Clear, |_, _| false),
                (Logic::Fill, |_, _| true),
            ] {
                let found = after(&map, &logic(&map, 1, how, operand, &Unwatched).unwrap()).to_dense();
                for at in 0..VOXELS {
                    let own = labels[at] == 1;
                    let expect = match says(own, chosen.contains(&drawn[at])) {
                        true => 1,
                        false if own => 0,
                        false => labels[at],
                    };
                    prop_assert_eq!(found[at], expect, "{:?}", how);
                }
            }
        }
    }
}

/// The voxels without label 1 from which a way along some axes leads to the end.
fn outside(labels: &[u16], axes: &[usize]) -> Vec<bool> {
    let mut outside = vec![false; VOXELS];
    loop {
        let before = outside.clone();
        for at in voxels(SIZE).filter(|&at| labels[number(at)] != 1) {
            let out = axes.iter().any(|&axis| {
                let beside = |step: u32| {
                    let mut other = at;
                    other[axis] = at[axis].wrapping_add(step);
                    other[axis] >= SIZE[axis] || outside[number(other)]
                };
                beside(1) || beside(u32::MAX)
            });
            outside[number(at)] |= out;
        }
        if outside == before {
            return outside;
        }
    }
}

#[test]
fn a_margin_of_whole_voxels_is_not_lost_to_rounding() {
    // Three times 0.1 in single precision is more than 0.3.
    let map = map_of(grid([9, 1, 1], [f64::from(0.1_f32); 3]), |at| u16::from(at[0] == 4));
    assert_eq!(grown(&map, 0.3).count(1), 7);
}

#[test]
fn a_label_that_the_volume_cuts_does_not_shrink_there() {
    let map = map_of(grid([6, 4, 4], [1.0; 3]), |at| u16::from(at[0] < 3));
    assert_eq!(grown(&map, -1.0), map_of(grid([6, 4, 4], [1.0; 3]), |at| u16::from(at[0] < 2)));
    let whole = map_of(grid([3, 3, 3], [1.0; 3]), |_| 1);
    assert_eq!(grown(&whole, -9.0), whole);
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let map = map_of(grid(SIZE, [1.0; 3]), |at| u16::from(at == [3, 3, 3]));
    assert_eq!(margin(&map, 2, 1.0, &Unwatched), Err(MarginRefusal::NothingDrawn));
    assert_eq!(margin(&map, 0, 1.0, &Unwatched), Err(MarginRefusal::NothingDrawn));
    assert_eq!(fill_holes(&map, 2, Holes::Cavities, &Unwatched), Err(HolesRefusal::NothingDrawn));
    for mm in [0.0, f64::NAN, f64::INFINITY] {
        assert_eq!(margin(&map, 1, mm, &Unwatched), Err(MarginRefusal::Length));
        assert_eq!(shell(&map, 1, Shell::Medial, mm, &Unwatched), Err(MarginRefusal::Length));
    }
    assert_eq!(shell(&map, 1, Shell::Inward, -1.0, &Unwatched), Err(MarginRefusal::Length));
    let (none, other) = (BTreeSet::new(), map_of(grid([1, 1, 1], [1.0; 3]), |_| 1));
    let put = |map: &LabelMap, label, from| {
        logic(map, label, Logic::Add, Operand { map: from, labels: &none }, &Unwatched)
    };
    assert_eq!(put(&map, 1, &other), Err(LogicRefusal::GridMismatch));
    assert_eq!(put(&map, 0, &map), Err(LogicRefusal::Label));
}
