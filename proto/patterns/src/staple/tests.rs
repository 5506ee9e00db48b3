//! STAPLE against reference values, against STAPLE over voxels, and where it has no answer.

use proptest::prelude::*;

use super::*;

/// Sensitivities and specificities of STAPLE over single voxels, written for this comparison: each
/// voxel has its own weight, and nothing is summed by pattern.
fn by_voxel(votes: &[u16], submissions: usize, rounds: u32) -> (Vec<f64>, Vec<f64>) {
    let number = submissions as f64;
    let mut weights: Vec<f64> = votes.iter().map(|vote| f64::from(vote.count_ones()) / number).collect();
    let prior = weights.iter().sum::<f64>() / votes.len() as f64;
    let mut raters = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let object: f64 = weights.iter().sum();
        let rest = votes.len() as f64 - object;
        let has = |vote: u16, who: usize| vote >> who & 1 == 1;
        let share = |who: usize, yes: bool| -> f64 {
            let voxels = votes.iter().zip(&weights).filter(|&(&vote, _)| has(vote, who) == yes);
            let part: f64 = voxels.map(|(_, &weight)| if yes { weight } else { 1.0 - weight }).sum();
            part / if yes { object } else { rest }
        };
        raters = (
            (0..submissions).map(|who| share(who, true)).collect(),
            (0..submissions).map(|who| share(who, false)).collect(),
        );
        for (weight, &vote) in weights.iter_mut().zip(votes) {
            let (mut yes, mut no) = (prior, 1.0 - prior);
            for who in 0..submissions {
                let (sensitivity, specificity): (f64, f64) = (raters.0[who], raters.1[who]);
                yes *= if has(vote, who) { sensitivity } else { 1.0 - sensitivity };
                no *= if has(vote, who) { 1.0 - specificity } else { specificity };
            }
            *weight = yes / (yes + no);
        }
    }
    raters
}

fn check(staple: &Staple, sensitivity: &[f64], specificity: &[f64]) {
    let near = |found: Option<f64>, expect: f64| found.is_some_and(|found| (found - expect).abs() < 1e-9);
    for (index, rater) in staple.raters.iter().enumerate() {
        assert!(near(rater.sensitivity, sensitivity[index]), "sensitivity {index}: {rater:?}");
        assert!(near(rater.specificity, specificity[index]), "specificity {index}: {rater:?}");
    }
    assert_eq!(staple.raters.len(), sensitivity.len());
}

/// A rows 1-3 columns 1-3, B rows 1-3 columns 1-4, C rows 2-4 columns 1-3 of 6 by 6. Values:
/// SimpleITK 2.5.7.
#[test]
fn v1_three_masks_have_the_reference_values_and_paint_the_first() {
    let histogram = Histogram::from_pairs(3, [(0b010, 3), (0b011, 3), (0b100, 3), (0b111, 6)]).unwrap();
    let staple = histogram.staple(36, StapleSettings::default()).unwrap();
    check(
        &staple,
        &[0.999_999_930_491, 1.0, 0.666_666_620_327],
        &[1.0, 0.888_888_909_484, 0.888_888_886_314],
    );
    assert!(staple.converged && !staple.inverted());
    assert!((staple.prior - 30.0 / 108.0).abs() < 1e-12);
    let painted: Vec<u16> = (0..8).filter(|&pattern| staple.paints(pattern)).collect();
    assert_eq!((painted, staple.painted()), (vec![0b011, 0b111], 9));
    assert!(staple.weight(0b010).unwrap() < 1e-6);
    assert_eq!(staple.weight(0b101), None);
}

/// Five raters of known skill, sensitivity and specificity (.95, .99) (.9, .98) (.8, .995) (.97, .95)
/// (.7, .999), drawn once over 20 by 40 by 40 voxels of which 10 by 20 by 16 are the object. Values:
/// SimpleITK 2.5.7 on the voxels.
#[test]
fn v2_five_raters_of_known_skill_have_the_reference_values() {
    let counts: [(u32, u64); 29] = [
        (1, 282),
        (2, 557),
        (3, 7),
        (4, 116),
        (5, 6),
        (6, 3),
        (7, 14),
        (8, 1414),
        (9, 24),
        (10, 42),
        (11, 157),
        (12, 9),
        (13, 72),
        (14, 30),
        (15, 658),
        (16, 27),
        (18, 2),
        (19, 11),
        (21, 3),
        (22, 1),
        (23, 50),
        (24, 2),
        (25, 42),
        (26, 17),
        (27, 350),
        (28, 8),
        (29, 159),
        (30, 80),
        (31, 1511),
    ];
    let histogram = Histogram::from_pairs(5, counts).unwrap();
    let staple = histogram.staple(32_000, StapleSettings::default()).unwrap();
    check(
        &staple,
        &[0.952_472_548_582, 0.904_250_712_796, 0.810_920_570_069, 0.972_354_589_405, 0.698_479_495_026],
        &[0.989_601_550_987, 0.979_246_564_787, 0.995_616_595_695, 0.949_138_108_033, 0.998_996_775_722],
    );
    assert_eq!(staple.painted(), 3195);
    assert!(staple.converged && staple.rounds < 20);
}

/// `reference.txt` says how it was made.
#[test]
fn forty_random_cases_have_the_reference_values_and_paint_the_reference_mask() {
    let cases: Vec<&str> =
        include_str!("reference.txt").lines().filter(|line| !line.starts_with('#')).collect();
    for case in &cases {
        let parts: Vec<Vec<&str>> = case.split('|').map(|part| part.split_whitespace().collect()).collect();
        let shares =
            |part: usize| -> Vec<f64> { parts[part].iter().map(|word| word.parse().unwrap()).collect() };
        let pairs = parts[1].iter().map(|pair| {
            let (pattern, voxels) = pair.split_once(':').unwrap();
            (pattern.parse().unwrap(), voxels.parse().unwrap())
        });
        let histogram = Histogram::from_pairs(parts[0][0].parse().unwrap(), pairs).unwrap();
        let staple = histogram.staple(parts[0][1].parse().unwrap(), StapleSettings::default()).unwrap();
        check(&staple, &shares(2), &shares(3));
        let painted: Vec<u16> =
            (0..1 << histogram.submissions()).filter(|&pattern| staple.paints(pattern)).collect();
        let mask: Vec<u16> = parts[4].iter().map(|word| word.parse().unwrap()).collect();
        assert_eq!(painted, mask, "{case}");
        let table = crate::TruthTable::new(staple.table(), histogram.submissions()).unwrap();
        assert_eq!((0..64).filter(|&pattern| table.paints(pattern)).collect::<Vec<u16>>(), mask, "{case}");
    }
    assert_eq!(cases.len(), 40);
}

#[test]
fn more_background_lowers_the_sensitivities() {
    let histogram = Histogram::from_pairs(3, [(0b001, 40), (0b011, 300), (0b110, 60), (0b111, 900)]).unwrap();
    let sum = |region| -> f64 {
        let staple = histogram.staple(region, StapleSettings::default()).unwrap();
        staple.raters.iter().filter_map(|rater| rater.sensitivity).sum()
    };
    assert!(sum(200_000) < sum(2_000));
}

/// One submission marks what the others leave out; by this result the background is the object.
#[test]
fn an_inverted_result_is_told_and_the_majority_is_painted() {
    let counts = [(0b001, 20), (0b010, 5), (0b011, 20), (0b100, 400), (0b110, 20)];
    let staple = Histogram::from_pairs(3, counts).unwrap().staple(565, StapleSettings::default()).unwrap();
    assert!(staple.weight(0).unwrap() > 0.99);
    assert!(staple.inverted());
    let painted: Vec<u16> = (0..8).filter(|&pattern| staple.paints(pattern)).collect();
    assert_eq!((painted, staple.painted()), (vec![0b011, 0b110], 40));
}

#[test]
fn without_an_object_there_is_no_sensitivity() {
    let staple = Histogram::empty(3).unwrap().staple(1000, StapleSettings::default()).unwrap();
    let expect = Rater { sensitivity: None, specificity: Some(1.0) };
    assert_eq!((staple.raters.as_slice(), staple.painted()), ([expect; 3].as_slice(), 0));
    assert!(staple.converged && !staple.inverted());
}

#[test]
fn without_a_background_there_is_no_specificity() {
    let histogram = Histogram::from_pairs(2, [(0b11, 10)]).unwrap();
    let staple = histogram.staple(10, StapleSettings::default()).unwrap();
    let expect = Rater { sensitivity: Some(1.0), specificity: None };
    assert_eq!((staple.raters.as_slice(), staple.painted()), ([expect; 2].as_slice(), 10));
}

#[test]
fn what_is_not_possible_is_refused() {
    let histogram = Histogram::from_pairs(2, [(0b11, 10)]).unwrap();
    let of = |region, settings| histogram.staple(region, settings).unwrap_err();
    let base = StapleSettings::default();
    assert_eq!(of(9, base), InvalidStaple::Region);
    assert_eq!(Histogram::empty(2).unwrap().staple(0, base), Err(InvalidStaple::Region));
    for prior in [0.0, 1.0, -0.5, f64::NAN] {
        assert_eq!(of(20, StapleSettings { prior: Some(prior), ..base }), InvalidStaple::Prior);
    }
    for convergence in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(of(20, StapleSettings { convergence, ..base }), InvalidStaple::Convergence);
    }
}

#[test]
fn what_does_not_settle_in_the_rounds_allowed_has_not_converged() {
    let histogram = Histogram::from_pairs(3, [(0b010, 3), (0b011, 3), (0b100, 3), (0b111, 6)]).unwrap();
    let staple = histogram.staple(36, StapleSettings { rounds: 3, ..StapleSettings::default() }).unwrap();
    assert_eq!((staple.rounds, staple.converged), (3, false));
}

proptest! {
    #[test]
    fn v2_patterns_give_what_single_voxels_give(
        object in prop::collection::vec(0..16_u16, 20..80),
        rest in prop::collection::vec(0..16_u16, 20..200),
    ) {
        // In the object more say yes than in the rest, and both kinds of voxel are there.
        let object = object.into_iter().map(|vote| vote | 0b0101);
        let rest = rest.into_iter().map(|vote| vote & 0b1010);
        let votes: Vec<u16> = object.chain(rest).chain([0, 0b1111]).collect();
        let mut histogram = Histogram::empty(4).unwrap();
        for &vote in votes.iter().filter(|&&vote| vote != 0) {
            histogram.add(vote, 1).unwrap();
        }
        let settings = StapleSettings { rounds: 12, ..StapleSettings::default() };
        let staple = histogram.staple(votes.len() as u64, settings).unwrap();
        let (sensitivity, specificity) = by_voxel(&votes, 4, staple.rounds);
        for (index, rater) in staple.raters.iter().enumerate() {
            prop_assert!((rater.sensitivity.unwrap() - sensitivity[index]).abs() < 1e-9);
            prop_assert!((rater.specificity.unwrap() - specificity[index]).abs() < 1e-9);
        }
    }

    #[test]
    fn every_number_is_a_share_or_absent(
        counts in prop::collection::btree_map(1..64_u32, 1..10_000_u64, 0..20), nobody in 0..100_000_u64,
    ) {
        let histogram = Histogram::from_pairs(6, counts).unwrap();
        prop_assume!(histogram.total() + nobody > 0);
        let region = histogram.total() + nobody;
        let staple = histogram.staple(region, StapleSettings::default()).unwrap();
        let share = |value: f64| (0.0..=1.0).contains(&value);
        for rater in &staple.raters {
            prop_assert!(rater.sensitivity.is_none_or(share) && rater.specificity.is_none_or(share), "{rater:?}");
        }
        prop_assert!(staple.weights.iter().all(|&(_, _, weight)| share(weight)));
        prop_assert!(staple.painted() <= region);
        prop_assert_eq!(staple.weights.iter().map(|&(_, voxels, _)| voxels).sum::<u64>(), region);
    }
}
