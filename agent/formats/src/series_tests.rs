//! From instances to a volume.

use super::*;
use crate::header;
use crate::test_files::Image;
use agent_imaging::Voxels;

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
    let volume = volume(&series, &mut |index| files.get(index).cloned()).unwrap();
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
    let volume = volume(&series, &mut |_| {
        asked += 1;
        Some(file.clone())
    });
    assert_eq!(volume.unwrap().voxels(), &Voxels::Int16(vec![1, 2, 3, 4, 5, 6]));
    assert_eq!(asked, 1);
}

#[test]
fn a_missing_or_changed_instance_is_named() {
    let files = [slice(0.0, 1), slice(1.0, 2)];
    let series = assemble(&headers(&files)).unwrap();
    let missing = volume(&series, &mut |index| files.get(index).filter(|_| index == 0).cloned());
    assert!(matches!(missing, Err(VolumeError::Missing { instance: 1 })));
    let other = Image::new(4, 4).file();
    let changed = volume(&series, &mut |_| Some(other.clone()));
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
