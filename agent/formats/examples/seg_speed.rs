//! How long a segmentation takes to write and to read, for `tests/peers/masks/formats_speed.py`, which times others
//! on the same voxels.
//!
//!   seg_speed SERIES LABELS.nii.gz OUT.dcm

#![allow(clippy::print_stdout, reason = "its answer is read by a script")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use agent_formats::nifti;
use agent_formats::seg::{Content, NewObject, Options, Segment, read, write};
use agent_formats::source::{Source, SourceInstance};
use agent_imaging::LabelMap;
use std::error::Error;
use std::time::Instant;

const OBJECT: NewObject<'static> = NewObject {
    instance_uid: "2.25.1",
    series_uid: "2.25.2",
    inner_uid: "2.25.3",
    date: "20260102",
    time: "030405",
    series_number: 300,
    series_description: "Segmentation",
    software_version: "1.0",
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [series, labels, out] = arguments.as_slice() else {
        return Err("seg_speed SERIES LABELS.nii.gz OUT.dcm".into());
    };
    let mut instances = Vec::new();
    for entry in std::fs::read_dir(series)? {
        instances.push(SourceInstance::read(&std::fs::read(entry?.path())?)?);
    }
    let source = Source::new(&instances)?;
    let (_, labels) = nifti::read_labels(&std::fs::read(labels)?)?;
    let map = LabelMap::from_dense(*source.grid(), &labels)?;
    let segments: Vec<Segment> = map.labels().into_iter().map(Segment::plain).collect::<Result<_, _>>()?;

    let begun = Instant::now();
    let file = write(Content::Binary(std::slice::from_ref(&map)), &segments, &source, &OBJECT)?;
    std::fs::write(out, &file)?;
    let written = begun.elapsed();
    drop(file);

    let begun = Instant::now();
    let file = std::fs::read(out)?;
    let found = read(&file, &Options { onto: Some(*source.grid()), ..Options::default() })?;
    let dense = found.label_map()?.0.to_dense();
    let read = begun.elapsed();
    if dense != labels {
        return Err("the voxels that were read are not those that were written".into());
    }
    println!("{{\"write_s\": {}, \"read_s\": {}}}", written.as_secs_f64(), read.as_secs_f64());
    Ok(())
}
