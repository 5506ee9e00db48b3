//! Agreement beyond chance, voxel by voxel, from the patterns alone.
//!
//! Each voxel of the region is a subject, each submission a rater with yes or no. The coefficients depend on how much
//! background the region has; a confidence interval would have to be taken over tasks, never over voxels.

use crate::Histogram;

/// How far submissions agree beyond chance. Each is none where there are fewer than two submissions or no voxel, or
/// where chance alone would agree always.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Mean share of the pairs of submissions that say the same of a voxel, 0 to 1.
    pub observed: Option<f64>,
    /// Fleiss, Psychol. Bull. 76 (1971) 378.
    pub fleiss_kappa: Option<f64>,
    /// Gwet, Br. J. Math. Stat. Psychol. 61 (2008) 29: steady where hardly anything, or nearly all, is marked.
    pub gwet_ac1: Option<f64>,
    /// Krippendorff's alpha for nominal values.
    pub krippendorff_alpha: Option<f64>,
}

impl Histogram {
    /// Agreement over a region of so many voxels; a region smaller than what was marked counts as what was marked.
    pub fn agreement(&self, region_voxels: u64) -> Agreement {
        let raters = self.submissions() as f64;
        let voxels = region_voxels.max(self.total()) as f64;
        let none = Agreement { observed: None, fleiss_kappa: None, gwet_ac1: None, krippendorff_alpha: None };
        if self.submissions() < 2 || voxels == 0.0 {
            return none;
        }
        let (mut yes, mut differing) = (0.0, 0.0);
        for (pattern, count) in self.pairs() {
            let votes = f64::from(pattern.count_ones());
            yes += votes * count as f64;
            differing += votes * (raters - votes) * count as f64;
        }
        let answers = raters * voxels;
        let share = yes / answers;
        let observed = 1.0 - 2.0 * differing / (answers * (raters - 1.0));
        let beyond = |chance: f64| (chance < 1.0).then(|| (observed - chance) / (1.0 - chance));
        // Pairs of answers taken without putting the first one back.
        let expected_difference = 2.0 * yes * (answers - yes) / (answers * (answers - 1.0));
        Agreement {
            observed: Some(observed),
            fleiss_kappa: beyond(share * share + (1.0 - share) * (1.0 - share)),
            gwet_ac1: beyond(2.0 * share * (1.0 - share)),
            krippendorff_alpha: (expected_difference > 0.0)
                .then(|| 1.0 - (1.0 - observed) / expected_difference),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rows 1-3 columns 1-3, B rows 1-3 columns 1-4, C rows 2-4 columns 1-3 of 6 by 6. Values: irrCAC and the
    /// krippendorff package on the masks.
    #[test]
    fn v1_three_masks_have_the_published_coefficients() {
        let histogram = Histogram::from_pairs(3, [(0b010, 3), (0b011, 3), (0b100, 3), (0b111, 6)]).unwrap();
        let found = histogram.agreement(36);
        let near = |found: Option<f64>, expect: f64| (found.unwrap() - expect).abs() < 1e-6;
        assert!(near(found.fleiss_kappa, 0.584_615), "{found:?}");
        assert!(near(found.gwet_ac1, 0.721_649), "{found:?}");
        assert!(near(found.krippendorff_alpha, 0.588_462), "{found:?}");
    }

    #[test]
    fn where_chance_alone_agrees_there_is_no_coefficient() {
        let nobody = Histogram::empty(3).unwrap().agreement(10);
        assert_eq!(
            (nobody.observed, nobody.fleiss_kappa, nobody.krippendorff_alpha),
            (Some(1.0), None, None)
        );
        assert_eq!(nobody.gwet_ac1, Some(1.0));
        let alone = Histogram::from_pairs(1, [(1, 5)]).unwrap().agreement(10);
        assert_eq!((alone.observed, alone.gwet_ac1), (None, None));
        assert_eq!(Histogram::empty(2).unwrap().agreement(0).observed, None);
    }
}
