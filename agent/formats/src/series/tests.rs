//! From instances to a volume.

use super::*;
use crate::header;
use crate::test_files::Image;
use agent_imaging::Voxels;
use agent_imaging::geometry::Reason;

fn slice(z: f64, value: u16) -> Vec<u8> {
    let mut image = Image::new(2, 3);
    image.position = Some([0.0, 0.0, z]);
    image.instance_uid = format!("1.2.3.4.{value}");
    image.pixels = [value; 6].into_iter().flat_map(u16::to_le_bytes).collect();
    image.intercept = "-1000";
    image.file()
}

fn headers(files: &[Vec<u8>]) -> Vec<InstanceHeader> {
    files.iter().map(|file| header::read(file).unwrap()).collect()
}

#[test]
fn slices_are_ordered_by_position_and_not_by_arrival() {
    let files = [slice(5.0, 3), slice(0.0, 1), slice(2.5, 2)];
    let series = assemble(&headers(&files)).unwrap();
    let grid = series.geometry.grid().unwrap();
    assert!(matches!(series.geometry, SeriesGeometry::Volume { .. }));
    assert_eq!(grid.size(), [3, 2, 3]);
    assert_eq!(grid.spacing_mm(), [0.7, 0.5, 2.5]);
    let volume = volume(&series.reading().unwrap(), &mut |index| files.get(index).cloned()).unwrap();
    let expect: Vec<i16> = [-999, -998, -997].into_iter().flat_map(|value| [value; 6]).collect();
    assert_eq!(volume.voxels(), &Voxels::Int16(expect));
}

#[test]
fn frames_of_one_object_become_slices() {
    let mut image = Image::new(1, 2);
    image.frames = Some(3);
    image.pixels = (1..=6_u16).flat_map(u16::to_le_bytes).collect();
    let file = image.file();
    let series = assemble(&[header::read(&file).unwrap()]).unwrap();
    assert!(!series.geometry.reasons().is_empty());
    let mut asked = 0;
    let volume = volume(&series.reading().unwrap(), &mut |_| {
        asked += 1;
        Some(file.clone())
    });
    assert_eq!(volume.unwrap().voxels(), &Voxels::Int16(vec![1, 2, 3, 4, 5, 6]));
    assert_eq!(asked, 1);
}

#[test]
fn two_phases_are_a_stack_with_its_reason() {
    let files = [slice(0.0, 1), slice(1.0, 2), slice(0.0, 3), slice(1.0, 4)];
    let series = assemble(&headers(&files)).unwrap();
    assert_eq!(series.geometry.reasons(), [Reason::SeveralVolumes]);
    assert_eq!(series.slices.len(), 4);
    assert!(volume(&series.reading().unwrap(), &mut |index| files.get(index).cloned()).is_ok());
}

#[test]
fn a_localizer_is_looked_at_and_not_measured_across() {
    let mut files: Vec<Vec<u8>> = (0..3).map(|k| slice(f64::from(k), k as u16 + 1)).collect();
    let mut image = Image::new(2, 3);
    image.position = Some([0.0, 0.0, 3.0]);
    let mut data = crate::test_files::DataSet::new(image.syntax.encoding());
    data.text((0x0008, 0x0008), "CS", "ORIGINAL\\PRIMARY\\LOCALIZER");
    image.extra = data.bytes;
    files.push(image.file());
    let series = assemble(&headers(&files)).unwrap();
    assert_eq!(series.geometry.reasons(), [Reason::Localizer]);
    assert!(series.geometry.grid().is_some());
}

#[test]
fn a_missing_or_changed_instance_is_named() {
    let files = [slice(0.0, 1), slice(1.0, 2)];
    let series = assemble(&headers(&files)).unwrap();
    let missing =
        volume(&series.reading().unwrap(), &mut |index| files.get(index).filter(|_| index == 0).cloned());
    assert!(matches!(missing, Err(VolumeError::Missing { instance: 1 })));
    let other = Image::new(4, 4).file();
    let changed = volume(&series.reading().unwrap(), &mut |_| Some(other.clone()));
    assert!(matches!(changed, Err(VolumeError::Changed { instance: 0 })));
}

#[test]
fn images_of_two_series_are_refused() {
    let mut other = slice(1.0, 2);
    let at = other.windows(7).rposition(|window| window == b"1.2.3.1").unwrap();
    other[at + 6] = b'2';
    assert_eq!(assemble(&headers(&[slice(0.0, 1), other])).unwrap_err(), SeriesError::MixedSeries);
    assert_eq!(assemble(&[]).unwrap_err(), SeriesError::Empty);
}

/// A picture without a place, of one value.
fn picture(
    number: &'static str,
    [rows, columns]: [u16; 2],
    value: u16,
    change: &dyn Fn(&mut Image),
) -> Vec<u8> {
    let mut image = Image::new(rows, columns);
    image.position = None;
    image.modality = "MG".into();
    image.instance_number = number;
    image.instance_uid = format!("1.2.3.4.{number}");
    image.pixels = vec![value; usize::from(rows * columns)].into_iter().flat_map(u16::to_le_bytes).collect();
    change(&mut image);
    image.file()
}

#[test]
fn pictures_of_different_sizes_are_padded_with_what_is_shown_black() {
    let ramp = |image: &mut Image| image.pixels = [5_u16, 9].into_iter().flat_map(u16::to_le_bytes).collect();
    for (photometric, black) in [("MONOCHROME2", 5), ("MONOCHROME1", 9)] {
        let inverted = |image: &mut Image| image.photometric = photometric;
        let files = [
            picture("2", [1, 2], 0, &|image| {
                ramp(image);
                inverted(image);
            }),
            picture("1", [2, 1], 7, &inverted),
        ];
        let series = assemble(&headers(&files)).unwrap();
        assert_eq!(series.geometry.grid().unwrap().size(), [2, 2, 2]);
        assert_eq!(series.inverted, photometric == "MONOCHROME1");
        let volume = volume(&series.reading().unwrap(), &mut |index| files.get(index).cloned()).unwrap();
        assert_eq!(volume.voxels(), &Voxels::Int16(vec![7, 7, 7, 7, 5, 9, black, black]));
    }
}

#[test]
fn cines_follow_each_other_by_number_and_their_frames_stay_together() {
    let cine = |number, value: u16| {
        picture(number, [1, 2], 0, &|image| {
            image.frames = Some(2);
            image.pixels = [value; 2].into_iter().chain([value + 1; 2]).flat_map(u16::to_le_bytes).collect();
        })
    };
    let files = [cine("3", 30), cine("1", 10)];
    let series = assemble(&headers(&files)).unwrap();
    let volume = volume(&series.reading().unwrap(), &mut |index| files.get(index).cloned()).unwrap();
    assert_eq!(volume.voxels(), &Voxels::Int16(vec![10, 10, 11, 11, 30, 30, 31, 31]));
}

fn coloured(image: &mut Image) {
    (image.samples, image.photometric, image.bits_allocated, image.bits_stored) = (3, "RGB", 8, 8);
    image.pixels = vec![1, 2, 3, 4, 5, 6];
}

#[test]
fn grey_pictures_among_colours_are_grey_colours() {
    let narrow = |image: &mut Image| {
        (image.bits_allocated, image.bits_stored, image.pixels) = (8, 8, vec![7, 8]);
    };
    let files = [picture("1", [1, 2], 0, &coloured), picture("2", [1, 2], 0, &narrow)];
    let series = assemble(&headers(&files)).unwrap();
    let volume = volume(&series.reading().unwrap(), &mut |index| files.get(index).cloned()).unwrap();
    assert_eq!(volume.voxels(), &Voxels::Rgb8(vec![1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 8, 8]));
    let wide = [picture("1", [1, 2], 0, &coloured), picture("2", [1, 2], 0, &|_| {})];
    let keyword = "PhotometricInterpretation";
    assert_eq!(assemble(&headers(&wide)).unwrap_err(), SeriesError::Mixed { keyword });
}

#[test]
fn slices_come_in_the_order_that_is_asked_for_and_no_further() {
    let files = [slice(0.0, 1), slice(1.0, 2), slice(2.0, 3)];
    let series = assemble(&headers(&files)).unwrap();
    let reading = series.reading().unwrap();
    assert_eq!(
        series.values,
        ValueBounds { voxel_type: VoxelType::Float32, lowest: -1000.0, highest: 64_535.0, whole: true }
    );
    let mut came = Vec::new();
    let mut take = |slice: Slice| {
        came.push((slice.k, slice.little_endian(VoxelType::Int16).unwrap()[0]));
        came.len() < 2
    };
    slices(&reading, &[2, 0, 1], &mut |index| files.get(index).cloned(), &mut take).unwrap();
    // -997 and -999 begin with these bytes.
    assert_eq!(came, [(2, 0x1B), (0, 0x19)]);
    let nowhere = slices(&reading, &[3], &mut |_| None, &mut |_| true);
    assert!(matches!(nowhere, Err(VolumeError::NoSlice { k: 3 })));
}
