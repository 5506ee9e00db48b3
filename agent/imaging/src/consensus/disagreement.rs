//! Where maps disagree about a label, and how much.

use super::{PatternsRefusal, empty_histogram, marked_slices, stretches};
use crate::geometry::PatientMm;
use crate::mask::{LabelMap, Run, pieces};
use crate::metrics::instances::Instances;

/// How uncertain voxels are, and the connected parts that are uncertain at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    /// Entropy of the votes of each voxel in thousandths of a bit, rounded, 0 to 1000; where it is 0, all agree.
    pub entropy: LabelMap,
    /// Mean entropy in bits over the voxels that some map marks; none when no map marks any.
    pub mean_bits: Option<f64>,
    /// The parts, the largest first; they touch by face, edge or corner.
    pub regions: Vec<DisputedRegion>,
}

/// A connected part that maps disagree about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DisputedRegion {
    /// Its voxels.
    pub voxels: u64,
    /// Their volume in cubic millimetres.
    pub volume_mm3: f64,
    /// Its centre of gravity.
    pub centre: PatientMm,
    /// Mean entropy of its voxels in bits.
    pub mean_bits: f64,
}

/// Entropy of a vote in bits: 0 where all say the same, 1 where half say yes.
fn entropy_bits(votes: u32, of: usize) -> f64 {
    let share = f64::from(votes) / of as f64;
    let part = |share: f64| if share > 0.0 { -share * share.log2() } else { 0.0 };
    part(share) + part(1.0 - share)
}

/// Where the maps disagree about a label.
///
/// # Errors
/// As [`super::patterns`].
pub fn disagreement(maps: &[&LabelMap], label: u16) -> Result<Disagreement, PatternsRefusal> {
    empty_histogram(maps)?;
    let grid = *maps[0].grid();
    let (mut entropy, mut disputed) = (Vec::new(), Vec::new());
    let (mut sum, mut marked) = (0.0, 0_u64);
    for k in marked_slices(maps) {
        let (mut levels, mut runs) = (Vec::new(), Vec::new());
        for (start, end, pattern) in stretches(maps, label, k) {
            let (bits, length) = (entropy_bits(pattern.count_ones(), maps.len()), end - start);
            sum += bits * f64::from(length);
            marked += u64::from(length);
            if bits > 0.0 {
                levels.push(Run { start, length, label: (bits * 1000.0).round() as u16 });
                runs.push(Run { start, length, label: 1 });
            }
        }
        entropy.push((k, levels));
        disputed.push((k, runs));
    }
    // Stretches of runs that are in order and inside the grid are so, too.
    let map = |slices| LabelMap::from_slices(grid, slices).unwrap_or_else(|_| LabelMap::empty(grid));
    let (entropy, disputed) = (map(entropy), map(disputed));
    let regions = regions(&Instances::parts_of(&disputed, 1), &entropy);
    let mean_bits = (marked > 0).then(|| sum / marked as f64);
    Ok(Disagreement { entropy, mean_bits, regions })
}

fn regions(parts: &Instances, entropy: &LabelMap) -> Vec<DisputedRegion> {
    let mut thousandths = vec![0_u64; parts.all().len()];
    for (k, from, to, part) in parts.stretches() {
        pieces(entropy.slice(k), from, to, |start, end, level| {
            thousandths[part] += u64::from(end - start) * u64::from(level);
        });
    }
    let region = |(part, sum): (&crate::metrics::instances::Instance, u64)| DisputedRegion {
        voxels: part.voxels,
        volume_mm3: part.volume_mm3,
        centre: part.centre,
        mean_bits: sum as f64 / 1000.0 / part.voxels as f64,
    };
    let mut regions: Vec<DisputedRegion> = parts.all().iter().zip(thousandths).map(region).collect();
    regions.sort_by_key(|region| std::cmp::Reverse(region.voxels));
    regions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;

    fn row(labels: [u16; 12]) -> LabelMap {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([12, 1, 1], [2.0, 1.0, 1.0], [0.0; 3], axes).unwrap();
        LabelMap::from_dense(grid, &labels).unwrap()
    }

    #[test]
    fn the_parts_that_are_disputed_are_told_by_size() {
        let maps = [
            row([1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0]),
            row([1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]),
            row([0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]),
        ];
        let found = disagreement(&maps.iter().collect::<Vec<_>>(), 1).unwrap();
        // One of three, or two of three: 0.918 bits.
        let bits = entropy_bits(1, 3);
        assert!((bits - 0.918_295_834).abs() < 1e-9 && entropy_bits(2, 3) == bits);
        assert_eq!(found.entropy, row([918, 0, 0, 918, 0, 0, 918, 918, 0, 0, 0, 0]));
        assert!((found.mean_bits.unwrap() - 4.0 * bits / 6.0).abs() < 1e-12);
        let sizes: Vec<(u64, f64)> =
            found.regions.iter().map(|region| (region.voxels, region.volume_mm3)).collect();
        assert_eq!(sizes, [(2, 4.0), (1, 2.0), (1, 2.0)]);
        assert_eq!(found.regions[0].centre, PatientMm([13.0, 0.0, 0.0]));
        assert!((found.regions[0].mean_bits - 0.918).abs() < 1e-12);
    }

    #[test]
    fn maps_that_agree_dispute_nothing_and_empty_ones_have_no_mean() {
        let map = row([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let found = disagreement(&[&map, &map], 1).unwrap();
        assert!(found.entropy.is_empty() && found.regions.is_empty());
        assert_eq!(found.mean_bits, Some(0.0));
        assert_eq!(disagreement(&[&map, &map], 2).unwrap().mean_bits, None);
        assert_eq!(entropy_bits(1, 2), 1.0);
    }
}
