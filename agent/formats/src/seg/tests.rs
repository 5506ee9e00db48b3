//! Segmentations there and back, and those that are refused.

use super::*;
use crate::part10::{FileMeta, file_meta};
use crate::source::{Source, SourceInstance};
use crate::syntax::TransferSyntax;
use crate::test_files::{DataSet, Image};
use agent_imaging::Run;
use agent_phi::{HeaderText, Purpose};
use proptest::prelude::*;

pub(crate) const OBJECT: NewObject<'static> = NewObject {
    instance_uid: "2.25.1",
    series_uid: "2.25.2",
    inner_uid: "2.25.3",
    date: "20260102",
    time: "030405",
    series_number: 300,
    series_description: "Segmentation",
    software_version: "1.0",
};

/// A series of so many slices, 5 rows of 7 columns, 3 mm apart.
pub(crate) fn source(slices: u16) -> Source {
    let instances: Vec<SourceInstance> = (0..slices)
        .map(|k| {
            let mut image = Image::new(5, 7);
            image.instance_uid = format!("1.2.3.{}", k + 1);
            image.position = Some([-10.0, 20.5, f64::from(k) * 3.0]);
            let mut extra = DataSet::new(image.syntax.encoding());
            extra.text((0x0020, 0x0052), "UI", "1.2.3.9");
            image.extra = extra.bytes;
            SourceInstance::read(&image.file()).unwrap()
        })
        .collect();
    Source::new(&instances).unwrap()
}

fn segments(numbers: impl IntoIterator<Item = u16>) -> Vec<Segment> {
    numbers.into_iter().map(|number| Segment::plain(number).unwrap()).collect()
}

fn onto(source: &Source) -> Options {
    Options { onto: Some(*source.grid()), ..Options::default() }
}

fn row(source: &Source, label: u16, slices: &[u32]) -> LabelMap {
    let runs = slices.iter().map(|k| (*k, vec![Run { start: 3, length: 4, label }]));
    LabelMap::from_slices(*source.grid(), runs).unwrap()
}

fn maps() -> impl Strategy<Value = (u16, Vec<u16>)> {
    (1_u16..5).prop_flat_map(|slices| {
        let voxels = usize::from(slices) * 35;
        (
            Just(slices),
            proptest::collection::vec(prop_oneof![3 => Just(0_u16), 2 => 1_u16..6, 1 => Just(300)], voxels),
        )
    })
}

proptest! {
    #[test]
    fn label_maps_come_back_as_they_were((slices, labels) in maps()) {
        let source = source(slices);
        let map = LabelMap::from_dense(*source.grid(), &labels).unwrap();
        prop_assume!(!map.is_empty());
        let segments = segments([1, 2, 3, 4, 5, 300]);
        for content in [Content::Binary(std::slice::from_ref(&map)), Content::LabelMap(&map)] {
            let file = write(content, &segments, &source, &OBJECT).unwrap();
            let found = read(&file, &onto(&source)).unwrap();
            prop_assert_eq!(&found.segments, &segments);
            prop_assert_eq!(found.label_map().unwrap().0, map.clone());
        }
    }

    #[test]
    fn shares_come_back_as_they_were(shares in proptest::collection::vec(any::<u8>(), 70)) {
        prop_assume!(shares.iter().any(|share| *share >= 128));
        let source = source(2);
        let content = Content::Fractional(FractionalType::Probability, &[(4, &shares)]);
        let file = write(content, &segments([4]), &source, &OBJECT).unwrap();
        let found = fractions(&file, 4, Some(source.grid())).unwrap();
        prop_assert_eq!((&found.values, found.maximum), (&shares, 255));
        let read = read(&file, &onto(&source)).unwrap();
        let half: Vec<u16> = shares.iter().map(|share| if *share >= 128 { 4 } else { 0 }).collect();
        prop_assert_eq!(read.label_map().unwrap().0, LabelMap::from_dense(*source.grid(), &half).unwrap());
    }

    #[test]
    fn any_change_of_a_file_is_survived(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in any::<usize>(),
    ) {
        let source = source(3);
        for content in [Content::Binary(&[row(&source, 1, &[0, 2])]), Content::LabelMap(&row(&source, 1, &[0, 2]))] {
            let mut file = write(content, &segments([1]), &source, &OBJECT).unwrap();
            let length = file.len();
            changes.iter().for_each(|(at, byte)| file[at % length] = *byte);
            file.truncate(length - cut % (length / 4));
            let _ = read(&file, &Options::default());
            let _ = read(&file, &onto(&source));
            let _ = fractions(&file, 1, None);
        }
    }
}

#[test]
fn what_is_said_of_a_segment_comes_back() {
    let source = source(2);
    let text = |text: &str| HeaderText::new(text).unwrap();
    let segment = Segment {
        number: 7,
        label: text("Leber, groß"),
        description: Some(text("all of it")),
        category: Code::of("123037004", "SCT", "Anatomical Structure"),
        kind: Code::of("10200004", "SCT", "Liver"),
        modifiers: vec![Code::of("24028007", "SCT", "Right")],
        region: Some(Code::of("a-code-that-is-longer-than-sixteen", "99X", "Somewhere")),
        region_modifiers: vec![Code::of("7771000", "SCT", "Left")],
        algorithm: Algorithm::Semiautomatic { name: text("grow") },
        tracking: Some(Tracking::new(text("lesion 1"), "1.2.3.4.5").unwrap()),
        colour: Some([221, 130, 101]),
    };
    let map = row(&source, 7, &[1]);
    let file = write(Content::LabelMap(&map), std::slice::from_ref(&segment), &source, &OBJECT).unwrap();
    let found = read(&file, &Options::default()).unwrap();
    assert_eq!(found.segments, [segment]);
    assert_eq!(found.layers, [map]);
}

#[test]
fn whose_images_they_are_is_said_of_them_too() {
    let source = source(2);
    let file = write(Content::Binary(&[row(&source, 1, &[0])]), &segments([1]), &source, &OBJECT).unwrap();
    let identity = crate::header::identity(&file).unwrap();
    assert_eq!(identity.study.expose(Purpose::Store), "1.2.3");
    assert_eq!(identity.series.expose(Purpose::Store), "2.25.2");
    assert_eq!(identity.text.patient_name.unwrap().expose(Purpose::Store), "Müller^Anna");
}

#[test]
fn slices_without_a_frame_are_empty() {
    let source = source(6);
    let file = write(Content::Binary(&[row(&source, 1, &[1, 4])]), &segments([1]), &source, &OBJECT).unwrap();
    let alone = read(&file, &Options::default()).unwrap();
    assert_eq!(alone.grid().unwrap().size(), [7, 5, 4]);
    assert_eq!(alone.grid().unwrap().origin_mm(), [-10.0, 20.5, 3.0]);
    assert_eq!(alone.layers[0].count(1), 8);
    let placed = read(&file, &onto(&source)).unwrap();
    assert_eq!(placed.layers, [row(&source, 1, &[1, 4])]);
}

#[test]
fn segments_that_overlap_are_kept_apart_and_refused_as_one_map() {
    let source = source(3);
    let layers = [row(&source, 1, &[0, 1]), row(&source, 2, &[1, 2])];
    let file = write(Content::Binary(&layers), &segments([1, 2]), &source, &OBJECT).unwrap();
    let found = read(&file, &onto(&source)).unwrap();
    assert_eq!(found.layers, layers);
    let refused = found.label_map().unwrap_err();
    assert!(matches!(
        refused,
        SegError::Overlap { first: 1, second: 2 } | SegError::Overlap { first: 2, second: 1 }
    ));
}

#[test]
fn what_cannot_be_an_object_is_not_written() {
    let here = source(2);
    let map = row(&here, 1, &[0]);
    let written =
        |content: Content<'_>, segments: &[Segment]| write(content, segments, &here, &OBJECT).unwrap_err();
    assert_eq!(written(Content::LabelMap(&map), &segments([2])), SegWriteError::Segment { number: 1 });
    assert_eq!(written(Content::LabelMap(&map), &segments([1, 1])), SegWriteError::Segment { number: 1 });
    assert_eq!(written(Content::LabelMap(&map), &segments([0, 1])), SegWriteError::Background);
    assert_eq!(written(Content::LabelMap(&LabelMap::empty(*here.grid())), &[]), SegWriteError::Empty);
    assert_eq!(
        written(Content::LabelMap(&row(&source(3), 1, &[0])), &segments([1])),
        SegWriteError::OtherGrid
    );
    assert_eq!(
        written(Content::Fractional(FractionalType::Occupancy, &[(1, &[1, 2])]), &segments([1])),
        SegWriteError::Shares { expected: 70, found: 2 }
    );
    let object = NewObject { series_uid: "../x", ..OBJECT };
    assert!(write(Content::LabelMap(&map), &segments([1]), &here, &object).is_err());
}

#[test]
fn a_frame_beside_the_grid_is_refused() {
    let here = source(2);
    let file = write(Content::LabelMap(&row(&here, 1, &[0])), &segments([1]), &here, &OBJECT).unwrap();
    let grid = here.grid();
    let mut origin = grid.origin_mm();
    origin[2] += 1.0;
    let moved = Grid::new(grid.size(), grid.spacing_mm(), origin, grid.direction()).unwrap();
    let refused = read(&file, &Options { onto: Some(moved), ..Options::default() }).unwrap_err();
    assert_eq!(refused, SegError::Place { cause: PlaceError::OffGrid });
    let larger = Grid::new([8, 5, 2], grid.spacing_mm(), grid.origin_mm(), grid.direction()).unwrap();
    let refused = read(&file, &Options { onto: Some(larger), ..Options::default() }).unwrap_err();
    assert_eq!(refused, SegError::Place { cause: PlaceError::OtherGrid });
}

/// The data set of a file, after a change, as another file.
fn recoded(file: &[u8], syntax: TransferSyntax, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut data_set = crate::part10::open(file).unwrap().data_set.into_owned();
    change(&mut data_set);
    let meta = FileMeta { sop_class_uid: "1.2", sop_instance_uid: "1.2.3", syntax };
    let mut recoded = file_meta(&meta).unwrap();
    recoded.append(&mut data_set);
    recoded
}

#[test]
fn deflated_and_run_length_coded_objects_are_read() {
    let source = source(2);
    let map = row(&source, 3, &[0, 1]);
    let file = write(Content::LabelMap(&map), &segments([3]), &source, &OBJECT).unwrap();
    let deflated = recoded(&file, TransferSyntax::DeflatedLittle, |data_set| {
        let mut deflater = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut deflater, data_set).unwrap();
        *data_set = deflater.finish().unwrap();
    });
    assert_eq!(read(&deflated, &Options::default()).unwrap().layers, std::slice::from_ref(&map));
    let packed = recoded(&file, TransferSyntax::RleLossless, |data_set| {
        data_set.truncate(data_set.len() - 70 - 12);
        let mut pixels = DataSet::new(TransferSyntax::RleLossless.encoding());
        pixels.header((0x7FE0, 0x0010), "OB", u32::MAX);
        pixels.put((0xFFFE, 0xE000), "OB", &[]);
        for _ in 0..2 {
            let mut frame = vec![1, 0, 0, 0, 64];
            frame.resize(64, 0);
            // Three zeros, four threes, twenty-eight zeros: (PS3.5 §G.3.1) a count and a byte for each.
            frame.extend([254, 0, 253, 3, 229, 0]);
            pixels.put((0xFFFE, 0xE000), "OB", &frame);
        }
        pixels.header((0xFFFE, 0xE0DD), "", 0);
        data_set.append(&mut pixels.bytes);
    });
    assert_eq!(read(&packed, &Options::default()).unwrap().layers, [map]);
}

#[test]
fn a_file_that_was_cut_is_refused() {
    let source = source(2);
    let file = write(Content::Binary(&[row(&source, 1, &[0])]), &segments([1]), &source, &OBJECT).unwrap();
    for end in 0..file.len() {
        assert!(read(&file[..end], &Options::default()).is_err(), "{end}");
    }
}

#[test]
fn an_image_is_no_segmentation() {
    let refused = read(&Image::new(5, 7).file(), &Options::default()).unwrap_err();
    assert_eq!(refused, SegError::NotASegmentation);
}
