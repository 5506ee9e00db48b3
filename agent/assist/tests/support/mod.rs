//! What the tests of this room share: an image, requests about it, and a model server or its recording.

#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test file uses a part, and a test that cannot go on has failed"
)]

pub mod canaries;
pub mod exchange;
pub mod peer;

use std::sync::Arc;

use agent_assist::*;
use agent_formats::Modality;
use agent_imaging::{Grid, LabelMap, Volume, Voxels};

pub const SIZE: [u32; 3] = [20, 16, 10];
pub const LIVER: u16 = 7;
pub const TUMOUR: u16 = 9;

/// Oblique, anisotropic, and far from the scanner's centre.
pub fn grid() -> Grid {
    let (sine, cosine) = 12.0_f64.to_radians().sin_cos();
    let direction = [[1.0, 0.0, 0.0], [0.0, cosine, sine], [0.0, -sine, cosine]];
    Grid::new(SIZE, [0.8, 0.9, 2.5], [-101.25, 57.5, 1234.5], direction).unwrap()
}

pub fn inside([i, j, k]: [u32; 3], lower: [u32; 3], upper: [u32; 3]) -> bool {
    VoxelBox { lower, upper }.contains([i, j, k])
}

/// A block of 400 and one of 200 in tissue of 0, with air of -1000 around; each voxel differs a little.
pub fn value(at: [u32; 3]) -> i16 {
    let [i, j, k] = at;
    let ripple = (i * 7 + j * 3 + k * 5) as i16 % 11;
    let block = match at {
        _ if inside(at, [3, 3, 2], [9, 9, 6]) => 400,
        _ if inside(at, [12, 5, 4], [17, 12, 8]) => 200,
        _ if inside(at, [1, 1, 0], [18, 14, 9]) => 0,
        _ => -1000,
    };
    block + ripple
}

/// All voxels in storage order.
pub fn voxels() -> impl Iterator<Item = [u32; 3]> {
    let [columns, rows, slices] = SIZE;
    (0..slices).flat_map(move |k| (0..rows).flat_map(move |j| (0..columns).map(move |i| [i, j, k])))
}

pub fn volume() -> Arc<Volume> {
    Arc::new(Volume::new(grid(), Voxels::Int16(voxels().map(value).collect())).unwrap())
}

/// The label map that has `label(voxel)`.
pub fn expected(label: impl Fn([u32; 3]) -> u16) -> LabelMap {
    LabelMap::from_dense(grid(), &voxels().map(label).collect::<Vec<_>>()).unwrap()
}

pub fn objects() -> Vec<Object> {
    [("liver", LIVER), ("tumour", TUMOUR)].map(|(key, label)| Object { key: key.into(), label }).into()
}

pub fn request(model: &str, prompts: Prompts, target: Option<u16>) -> Request {
    Request {
        model: ModelId(model.into()),
        volume: volume(),
        modality: Modality::Ct,
        prompts,
        objects: objects(),
        target,
        deadline: None,
    }
}

pub fn point(at: [u32; 3], sign: Sign) -> Point {
    Point { at, sign }
}

/// A registration under the model's own name.
pub fn registration(provider: Provider, address: &str, model: &str, labels: &[(u16, &str)]) -> Registration {
    let rule = |(model_label, key): &(u16, &str)| LabelRule {
        model_label: *model_label,
        object_key: (*key).to_owned(),
    };
    Registration {
        id: ModelId(model.into()),
        name: format!("The {model} model"),
        provider,
        address: address.into(),
        model: model.into(),
        labels: labels.iter().map(rule).collect(),
        modalities: vec![Modality::Ct],
        licence: "ours".into(),
        enabled: true,
        tensors: None,
    }
}

pub fn broker(registration: Registration) -> Broker {
    with_settings(registration, Settings::default())
}

pub fn with_settings(registration: Registration, settings: Settings) -> Broker {
    let broker = Broker::new(settings).unwrap();
    assert_eq!(broker.register(vec![registration]), []);
    broker
}
