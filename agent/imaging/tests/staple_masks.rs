//! Masks painted from voting patterns against masks of an independent implementation that saw the
//! voxels; see `data/staple_masks.provenance.txt`.

#![expect(clippy::unwrap_used, reason = "helpers of a test read a file that is committed beside it")]

use agent_imaging::{Grid, LabelMap, consensus};
use proto_patterns::StapleSettings;

const CASES: &str = include_str!("data/staple_masks.txt");
const LABEL: u16 = 9;

fn mask(hex: &str) -> LabelMap {
    let byte = |at: usize| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap();
    let bit = |voxel: usize| byte(voxel / 8) >> (voxel % 8) & 1 == 1;
    let labels: Vec<u16> = (0..864).map(|voxel| if bit(voxel) { LABEL } else { 0 }).collect();
    let direction = [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]];
    let grid = Grid::new([12, 12, 6], [0.8, 0.8, 3.0], [5.0, -3.0, 88.0], direction).unwrap();
    LabelMap::from_dense(grid, &labels).unwrap()
}

#[test]
fn forty_masks_painted_from_patterns_are_those_of_simpleitk_voxel_for_voxel() {
    let mut cases = 0;
    for case in CASES.lines() {
        let parts: Vec<&str> = case.split(" | ").collect();
        let maps: Vec<LabelMap> = parts[1].split(' ').map(mask).collect();
        assert_eq!(maps.len().to_string(), parts[0]);
        let maps: Vec<&LabelMap> = maps.iter().collect();
        let histogram = consensus::patterns(&maps, LABEL).unwrap();
        let staple = histogram.staple(864, StapleSettings::default()).unwrap();
        let painted = consensus::paint(&maps, LABEL, |pattern| staple.paints(pattern)).unwrap();
        let expect = mask(parts[2]);
        assert_eq!(painted, expect, "case {cases}");
        assert!(!expect.is_empty() && staple.painted() == expect.count(LABEL));
        cases += 1;
    }
    assert_eq!(cases, 40);
}
