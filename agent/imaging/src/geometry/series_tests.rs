//! What slices become together.

use super::*;
use proptest::prelude::*;

fn slice(z: f64, number: i32) -> SlicePlacement {
    SlicePlacement {
        columns: 64,
        rows: 32,
        position_mm: Some([-10.0, -20.0, z]),
        orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
        pixel_spacing_mm: Some([0.5, 0.75]),
        at_detector: false,
        number: Some(number),
        localizer: false,
    }
}

fn series(zs: &[f64]) -> Vec<SlicePlacement> {
    zs.iter().zip(1..).map(|(&z, number)| slice(z, number)).collect()
}

fn check(slices: &[SlicePlacement], expect: &[Reason]) {
    assert_eq!(series_geometry(slices).reasons(), expect);
}

#[test]
fn slices_are_sorted_by_position_and_not_by_number() {
    let geometry = series_geometry(&series(&[4.0, 0.0, 2.0]));
    let SeriesGeometry::Volume { grid, order } = geometry else { panic!("{geometry:?}") };
    assert_eq!(order, [1, 2, 0]);
    assert_eq!(grid.size(), [64, 32, 3]);
    assert_eq!(grid.spacing_mm(), [0.75, 0.5, 2.0]);
    assert_eq!(grid.origin_mm(), [-10.0, -20.0, 0.0]);
}

#[test]
fn what_is_no_volume_is_a_stack_with_its_reason() {
    check(&series(&[1.0]), &[Reason::SingleSlice]);
    check(&series(&[0.0, 1.0, 1.0, 2.0]), &[Reason::DuplicatePosition]);
    check(&series(&[0.0, 1.0, 2.0, 4.0, 5.0]), &[Reason::MissingSlices]);
    check(&series(&[0.0, 1.0, 2.0, 3.4, 4.4]), &[Reason::VariableSpacing]);
    let mut tilted = series(&[0.0, 1.0, 2.0]);
    for (slice, y) in tilted.iter_mut().zip([0.0, 0.2, 0.4]) {
        slice.position_mm = slice.position_mm.map(|[a, b, c]| [a, b + y, c]);
    }
    check(&tilted, &[Reason::GantryTilt]);
    let mut mixed = series(&[0.0, 1.0, 2.0]);
    mixed[1].rows = 33;
    check(&mixed, &[Reason::MixedSize]);
    let mut turned = series(&[0.0, 1.0, 2.0]);
    turned[2].orientation = Some([0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    check(&turned, &[Reason::MixedOrientation]);
    let mut zoomed = series(&[0.0, 1.0, 2.0]);
    zoomed[2].pixel_spacing_mm = Some([0.6, 0.75]);
    check(&zoomed, &[Reason::MixedSpacing]);
    let mut bare = series(&[0.0, 1.0, 2.0]);
    bare[0].position_mm = None;
    check(&bare, &[Reason::MissingGeometry]);
    let mut wild = series(&[0.0, 1.0, 2.0]);
    wild[0].orientation = Some([f64::NAN, 0.0, 0.0, 0.0, 1.0, 0.0]);
    check(&wild, &[Reason::InvalidGeometry]);
    check(&[], &[Reason::SingleSlice]);
}

#[test]
fn phases_are_several_volumes_and_not_duplicates() {
    check(&series(&[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]), &[Reason::SeveralVolumes]);
    check(&series(&[0.0, 0.0, 1.0, 1.0, 3.0, 3.0]), &[Reason::SeveralVolumes, Reason::VariableSpacing]);
    check(&series(&[0.0, 0.0, 1.0, 1.0, 2.0]), &[Reason::DuplicatePosition]);
    check(&series(&[1.0, 1.0, 1.0]), &[Reason::DuplicatePosition]);
}

#[test]
fn what_others_were_planned_by_is_no_volume() {
    let mut scouts = series(&[0.0, 1.0, 2.0]);
    scouts[1].localizer = true;
    check(&scouts, &[Reason::Localizer]);
    scouts[1].orientation = Some([0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    check(&scouts, &[Reason::Localizer, Reason::MixedOrientation]);
}

#[test]
fn one_slice_too_many_and_one_too_few_are_both_said() {
    check(&series(&[0.0, 1.0, 1.0, 2.0, 4.0]), &[Reason::DuplicatePosition, Reason::MissingSlices]);
}

#[test]
fn a_step_aside_in_one_place_is_no_grid() {
    let mut shifted = series(&[0.0, 1.0, 2.0, 3.0]);
    shifted[2].position_mm = Some([-10.0, -19.0, 2.0]);
    check(&shifted, &[Reason::GantryTilt]);
}

#[test]
fn a_stack_without_geometry_goes_by_number() {
    let mut slices = series(&[0.0, 1.0, 2.0]);
    for (slice, number) in slices.iter_mut().zip([3, 1, 2]) {
        slice.position_mm = None;
        slice.number = Some(number);
    }
    let geometry = series_geometry(&slices);
    assert_eq!(geometry.order(), [1, 2, 0]);
    assert_eq!(geometry.grid().map(Grid::spacing_mm), Some([0.75, 0.5, 1.0]));
}

fn picture_of(columns: u32, rows: u32, spacing: Option<[f64; 2]>) -> SlicePlacement {
    SlicePlacement { columns, rows, pixel_spacing_mm: spacing, number: Some(1), ..SlicePlacement::default() }
}

#[test]
fn pictures_of_different_sizes_share_a_grid_that_holds_the_largest() {
    let set = [picture_of(40, 30, Some([0.1, 0.2])), picture_of(20, 50, Some([0.1, 0.2]))];
    let geometry = series_geometry(&set);
    assert_eq!(geometry.reasons(), [Reason::MixedSize, Reason::MissingGeometry]);
    let grid = geometry.grid().unwrap();
    assert_eq!((grid.size(), grid.spacing_mm()), ([40, 50, 2], [0.2, 0.1, 1.0]));
    let pictures: Vec<(u32, u32)> =
        geometry.pictures().iter().map(|picture| (picture.columns, picture.rows)).collect();
    assert_eq!(pictures, [(40, 30), (20, 50)]);
    assert_eq!(geometry.pictures()[1].spacing_mm, Some([0.2, 0.1]));
}

#[test]
fn pictures_without_a_common_spacing_say_so() {
    let reasons = |set: &[SlicePlacement]| series_geometry(set).reasons().to_vec();
    let mixed = [picture_of(4, 4, Some([0.1, 0.1])), picture_of(4, 4, Some([0.2, 0.2]))];
    assert_eq!(reasons(&mixed), [Reason::MissingGeometry, Reason::MixedSpacing]);
    let unknown = [picture_of(4, 4, Some([0.1, 0.1])), picture_of(4, 4, None)];
    assert_eq!(reasons(&unknown), [Reason::MissingGeometry, Reason::Uncalibrated]);
    assert_eq!(series_geometry(&unknown).pictures()[1].spacing_mm, None);
    let detector = SlicePlacement { at_detector: true, ..picture_of(4, 4, Some([0.1, 0.1])) };
    let expect = [Reason::SingleSlice, Reason::MissingGeometry, Reason::DetectorSpacing];
    assert_eq!(reasons(&[detector]), expect);
    assert!(series_geometry(&[detector]).pictures().is_empty());
    assert_eq!(reasons(&[picture_of(4, 4, Some([0.0, 1.0]))]).last(), Some(&Reason::Uncalibrated));
}

#[test]
fn a_reason_comes_back_from_its_code() {
    for reason in Reason::ALL {
        assert_eq!(Reason::from_code(reason.code()), Some(reason));
    }
    assert_eq!(Reason::from_code("bad weather"), None);
}

proptest! {
    #[test]
    fn an_oblique_series_is_a_volume_in_any_order(
        degrees in -80.0..80.0_f64,
        distance in 0.3..6.0_f64,
        shuffled in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let digits = |value: f64| (value * 1e6).round() / 1e6;
        let slices: Vec<SlicePlacement> = shuffled.iter().map(|&k| {
            let along = distance * k as f64;
            SlicePlacement {
                position_mm: Some([-100.0, digits(-sine * along), digits(cosine * along)]),
                orientation: Some([1.0, 0.0, 0.0, 0.0, digits(cosine), digits(sine)]),
                ..slice(0.0, k as i32)
            }
        }).collect();
        let geometry = series_geometry(&slices);
        prop_assert!(matches!(geometry, SeriesGeometry::Volume { .. }), "{:?}", geometry);
        let sorted: Vec<usize> = geometry.order().iter().map(|&index| shuffled[index]).collect();
        prop_assert_eq!(sorted, (0..24).collect::<Vec<_>>());
        prop_assert!((geometry.grid().unwrap().spacing_mm()[2] - distance).abs() < 1e-4);
    }

    #[test]
    fn no_numbers_bring_it_down(
        numbers in prop::collection::vec(prop::array::uniform6(any::<f64>()), 0..6),
    ) {
        let slices: Vec<SlicePlacement> = numbers.iter().map(|n| SlicePlacement {
            columns: 4, rows: 4,
            position_mm: Some([n[0], n[1], n[2]]),
            orientation: Some(*n),
            pixel_spacing_mm: Some([n[3], n[4]]),
            at_detector: false,
            number: None,
            localizer: false,
        }).collect();
        prop_assert_eq!(series_geometry(&slices).order().len(), slices.len());
    }
}
