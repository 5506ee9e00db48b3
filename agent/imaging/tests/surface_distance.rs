//! Measures against the numbers of an independent implementation; see `data/*.provenance.txt`.

#![expect(clippy::unwrap_used, reason = "helpers of a test read a file that is committed beside it")]

use agent_imaging::metrics::{Depth, LabelTarget, MaskPair, compare};
use agent_imaging::{Grid, LabelMap};

const CASES: &str = include_str!("data/surface_distance.txt");

fn numbers(line: &str) -> Vec<f64> {
    line.split(' ').map(|number| number.parse().unwrap()).collect()
}

fn label_map(grid: Grid, runs: &str) -> LabelMap {
    let mut labels = vec![0; grid.voxels() as usize];
    for run in runs.split(' ').filter(|run| *run != "-") {
        let (start, length) = run.split_once('+').unwrap();
        let (start, length): (usize, usize) = (start.parse().unwrap(), length.parse().unwrap());
        labels[start..start + length].fill(7);
    }
    LabelMap::from_dense(grid, &labels).unwrap()
}

fn grid(size: &[f64], spacing: &[f64]) -> Grid {
    // An oblique direction: measures depend on the spacing alone.
    let direction = [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]];
    let size = [size[2] as u32, size[1] as u32, size[0] as u32];
    Grid::new(size, [spacing[2], spacing[1], spacing[0]], [5.0, -3.0, 88.0], direction).unwrap()
}

fn near(found: f64, expect: f64, tolerance: f64, what: &str) {
    assert!((found - expect).abs() <= tolerance, "{what}: {found} is not {expect}");
}

#[test]
fn measures_are_those_of_surface_distance() {
    let mut cases = 0;
    let lines: Vec<&str> = CASES.lines().collect();
    for case in lines.chunks_exact(7) {
        let field = |at: usize| case[at].split_once(' ').unwrap().1;
        let what = format!("{} number {cases}", field(0));
        let grid = grid(&numbers(field(1)), &numbers(field(2)));
        let tolerance_mm = numbers(field(3))[0];
        let (reference, candidate) = (label_map(grid, field(4)), label_map(grid, field(5)));
        let expect = numbers(field(6));
        let target = LabelTarget { label: 7, tolerance_mm };
        let score = compare(&reference, &candidate, &[target], Depth::Volume).unwrap()[0];
        near(score.dice.unwrap(), expect[0], 1e-9, &what);
        near(score.nsd.unwrap(), expect[1], 1e-6, &what);
        near(score.hd95_mm.unwrap(), expect[2], 1e-6, &what);
        near(score.hd_mm.unwrap(), expect[3], 1e-6, &what);
        near(score.assd_mm.unwrap(), expect[4], 1e-6, &what);
        let surfaces = MaskPair::new(&reference, &candidate).unwrap().surfaces(7).unwrap();
        near(surfaces.reference_area_mm2(), expect[5], 1e-6, &what);
        near(surfaces.candidate_area_mm2(), expect[6], 1e-6, &what);
        cases += 1;
    }
    assert!(cases > 20, "{cases}");
}
