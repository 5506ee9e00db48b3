//! One label map out of several whose labels exclude each other: STAPLE for all labels at once, and plurality.

use std::collections::BTreeMap;

use proto_patterns::{InvalidTuples, LabelTuples};

use super::{PatternsRefusal, empty_histogram, marked_slices, region_of};
use crate::mask::{LabelMap, Run};

/// Where multi-label STAPLE has converged: no entry of a confusion table changes by more. As ITK.
const LIMIT: f64 = 1e-5;
/// It stops after so many rounds, converged or not.
const ROUNDS: u32 = 1000;

/// Why label maps cannot be put together label by label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelsRefusal {
    /// The maps cannot be put together.
    #[error(transparent)]
    Maps(#[from] PatternsRefusal),
    /// There are more than 255 labels in all maps together.
    #[error("the maps have more than 255 labels together")]
    Labels,
    /// The label for what is undecided is one that a map has, or none.
    #[error("the label for undecided voxels is 0 or one that a map has")]
    Undecided,
    /// The voxels cannot be counted.
    #[error(transparent)]
    Tuples(#[from] InvalidTuples),
}

/// How the labels of a voxel are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelVote {
    /// The label that most maps give, also none; a tie is undecided.
    Plurality,
    /// Multi-label STAPLE in the box around all maps and 10 mm more. It begins with the plurality, so that labels do
    /// not change places as object and background of the binary one may.
    Staple,
}

/// The map that all maps mean together. Undecided voxels get the label `undecided`, or none.
///
/// # Errors
/// [`LabelsRefusal`].
pub fn labels_together(
    maps: &[&LabelMap],
    vote: LabelVote,
    undecided: Option<u16>,
) -> Result<LabelMap, LabelsRefusal> {
    empty_histogram(maps)?;
    // Place 0 is no label.
    let mut names: Vec<u16> = maps.iter().flat_map(|map| map.labels()).chain([0]).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > 256 {
        return Err(LabelsRefusal::Labels);
    }
    if undecided.is_some_and(|label| names.contains(&label)) {
        return Err(LabelsRefusal::Undecided);
    }
    let grid = *maps[0].grid();
    let mut counts: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for k in marked_slices(maps) {
        each_tuple(maps, &names, k, |start, end, tuple| {
            *counts.entry(tuple.to_vec()).or_insert(0) += u64::from(end - start);
        });
    }
    let nobody = region_of(maps, |_| true).saturating_sub(counts.values().sum());
    if nobody > 0 {
        counts.insert(vec![0; maps.len()], nobody);
    }
    if counts.is_empty() {
        return Ok(LabelMap::empty(grid));
    }
    let tuples = LabelTuples::from_pairs(counts.clone())?;
    let decided: BTreeMap<Vec<u8>, Option<u8>> = match vote {
        LabelVote::Staple => tuples.staple(LIMIT, ROUNDS),
        LabelVote::Plurality => counts
            .into_keys()
            .map(|key| {
                let won = tuples.plurality(&key);
                (key, won)
            })
            .collect(),
    };
    let label = |tuple: &[u8]| match decided.get(tuple).copied().flatten() {
        Some(place) => names[usize::from(place)],
        None => undecided.unwrap_or(0),
    };
    let slice = |k: u32| {
        let mut runs = Vec::new();
        each_tuple(maps, &names, k, |start, end, tuple| {
            let label = label(tuple);
            if label != 0 {
                runs.push(Run { start, length: end - start, label });
            }
        });
        (k, runs)
    };
    // Stretches are in order and inside the grid.
    Ok(LabelMap::from_slices(grid, marked_slices(maps).into_iter().map(slice))
        .unwrap_or_else(|_| LabelMap::empty(grid)))
}

/// Calls `each(start, end, tuple)` for the stretches of a slice that some map marks, with the place of each map's
/// label among the names.
fn each_tuple(maps: &[&LabelMap], names: &[u16], k: u32, mut each: impl FnMut(u32, u32, &[u8])) {
    let mut edges: Vec<u32> =
        maps.iter().flat_map(|map| map.slice(k)).flat_map(|run| [run.start, run.end()]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut tuple = vec![0; maps.len()];
    let mut next = vec![0; maps.len()];
    for pair in edges.windows(2) {
        let &[start, end] = pair else { continue };
        for (at, map) in maps.iter().enumerate() {
            let runs = map.slice(k);
            while runs.get(next[at]).is_some_and(|run| run.end() <= start) {
                next[at] += 1;
            }
            let run = runs.get(next[at]).filter(|run| run.start <= start);
            // There are at most 256 names.
            tuple[at] = run.and_then(|run| names.binary_search(&run.label).ok()).unwrap_or(0) as u8;
        }
        if tuple.iter().any(|&label| label != 0) {
            each(start, end, &tuple);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;

    fn row(labels: [u16; 8]) -> LabelMap {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([8, 1, 1], [1.0; 3], [0.0; 3], axes).unwrap();
        LabelMap::from_dense(grid, &labels).unwrap()
    }

    /// The published test images of ITK's multi-label STAPLE filter, re-run in SimpleITK 2.5.
    #[test]
    fn v3_the_published_label_maps_are_painted_as_itk_paints_them() {
        let maps =
            [row([0, 1, 3, 3, 4, 6, 6, 0]), row([1, 1, 2, 4, 4, 5, 7, 1]), row([0, 2, 2, 3, 5, 5, 6, 8])];
        let [a, b, c] = &maps;
        let three = labels_together(&[a, b, c], LabelVote::Staple, Some(9)).unwrap();
        assert_eq!(three, row([0, 1, 2, 3, 4, 5, 6, 9]));
        let two = labels_together(&[a, b], LabelVote::Staple, Some(8)).unwrap();
        assert_eq!(two, row([8, 1, 8, 8, 4, 8, 8, 8]));
        let undecided = labels_together(&[a, b], LabelVote::Staple, None).unwrap();
        assert_eq!(undecided, row([0, 1, 0, 0, 4, 0, 0, 0]));
    }

    #[test]
    fn the_plurality_counts_no_label_too() {
        let maps =
            [row([7, 7, 7, 0, 0, 9, 0, 0]), row([7, 7, 0, 0, 9, 9, 0, 0]), row([7, 0, 0, 9, 7, 9, 0, 0])];
        let maps: Vec<&LabelMap> = maps.iter().collect();
        let decided = labels_together(&maps, LabelVote::Plurality, Some(500)).unwrap();
        assert_eq!(decided, row([7, 7, 0, 0, 500, 9, 0, 0]));
    }

    #[test]
    fn what_cannot_be_put_together_is_refused() {
        let map = row([7, 0, 0, 0, 0, 0, 0, 0]);
        let refused = |undecided| labels_together(&[&map], LabelVote::Staple, Some(undecided));
        assert_eq!((refused(7), refused(0)), (Err(LabelsRefusal::Undecided), Err(LabelsRefusal::Undecided)));
        assert!(matches!(labels_together(&[], LabelVote::Staple, None), Err(LabelsRefusal::Maps(_))));
        let empty = row([0; 8]);
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([300, 1, 1], [1.0; 3], [0.0; 3], axes).unwrap();
        let many = LabelMap::from_dense(grid, &(0..300).collect::<Vec<u16>>()).unwrap();
        assert_eq!(labels_together(&[&many], LabelVote::Staple, None), Err(LabelsRefusal::Labels));
        assert_eq!(labels_together(&[&empty, &empty], LabelVote::Staple, None), Ok(empty.clone()));
    }
}
