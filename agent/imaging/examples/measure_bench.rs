//! Times the measures and STAPLE in-process on label maps that others drew, and tells seconds and memory as JSON.
//!
//! measure_bench FILE…: each file is 300 slices of 512 by 512 bytes, one label a voxel. The first is the reference,
//! the second the candidate; the first label of all is put through STAPLE. A file is read slice by slice into runs,
//! the form in which the agent holds masks, so that no map is ever in memory voxel by voxel; what reading takes is told
//! by itself.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark, run by hand and by tests/run bench"
)]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::io::Read;
use std::time::Instant;

use agent_imaging::metrics::{Depth, LabelTarget, compare};
use agent_imaging::{Grid, LabelMap, Run, consensus};
use proto_patterns::StapleSettings;

const SIZE: [u32; 3] = [512, 512, 300];
const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
const ROUNDS: u32 = 5;

fn read(path: &str) -> LabelMap {
    let mut file = std::fs::File::open(path).unwrap();
    let grid = Grid::new(SIZE, [0.7, 0.7, 1.0], [0.0; 3], AXES).unwrap();
    let mut slice = vec![0_u8; grid.slice_voxels() as usize];
    let slices = (0..SIZE[2]).map(|k| {
        file.read_exact(&mut slice).unwrap();
        let mut runs = Vec::new();
        let mut start = 0;
        for stretch in slice.chunk_by(|a, b| a == b) {
            let length = stretch.len() as u32;
            if stretch[0] > 0 {
                runs.push(Run { start, length, label: u16::from(stretch[0]) });
            }
            start += length;
        }
        (k, runs)
    });
    LabelMap::from_slices(grid, slices).unwrap()
}

/// Best of a few rounds, in seconds.
fn best<T>(mut work: impl FnMut() -> T) -> (f64, T) {
    let mut seconds = f64::INFINITY;
    let mut last = None;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        last = Some(work());
        seconds = seconds.min(started.elapsed().as_secs_f64());
    }
    (seconds, last.unwrap())
}

/// The most memory that this process held, in MiB.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn main() {
    let started = Instant::now();
    let maps: Vec<LabelMap> = std::env::args().skip(1).map(|path| read(&path)).collect();
    let reading = started.elapsed().as_secs_f64() / maps.len() as f64;
    let labels: Vec<u16> = maps[0].labels().into_iter().collect();
    let targets: Vec<LabelTarget> =
        labels.iter().map(|&label| LabelTarget { label, tolerance_mm: 2.0 }).collect();
    let (measuring, scores) = best(|| compare(&maps[0], &maps[1], &targets, Depth::Volume).unwrap());
    let measured_mib = peak_mib();
    let all: Vec<&LabelMap> = maps.iter().collect();
    let (estimating, painted) = best(|| {
        let histogram = consensus::patterns(&all, labels[0]).unwrap();
        let staple =
            histogram.staple(consensus::region_voxels(&all, labels[0]), StapleSettings::default()).unwrap();
        consensus::paint(&all, labels[0], |pattern| staple.paints(pattern)).unwrap().count(labels[0])
    });
    println!("{{");
    println!(
        "  \"read_one_s\": {reading}, \"measure_s\": {measuring}, \"measure_peak_mib\": {measured_mib},"
    );
    println!("  \"staple_s\": {estimating}, \"staple_voxels\": {painted}, \"peak_mib\": {},", peak_mib());
    println!("  \"labels\": [");
    for (at, score) in scores.iter().enumerate() {
        let comma = if at + 1 < scores.len() { "," } else { "" };
        println!(
            "    {{\"label\": {}, \"dice\": {}, \"nsd\": {}, \"hd95_mm\": {}, \"volumes_mm3\": [{}, {}]}}{comma}",
            score.label,
            score.dice.unwrap(),
            score.nsd.unwrap(),
            score.hd95_mm.unwrap(),
            score.reference_mm3,
            score.candidate_mm3
        );
    }
    println!("  ]\n}}");
}
