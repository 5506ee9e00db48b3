//! A small MR series of the site, written byte by byte (PS3.5 §7.1.2, explicit little endian).

use agent_archive::{AssetRow, NewInstance, StudyHeader};
use agent_formats::TransferSyntax;
use agent_formats::part10::{FileMeta, file_meta};
use agent_imaging::geometry::Grid;
use agent_imaging::window::Modality;
use agent_phi::{InstanceUid, SeriesUid, StudyUid};
use proto_ids::AssetToken;

use super::Site;

const MR: &str = "1.2.840.10008.5.1.4.1.1.4";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";

fn put(set: &mut Vec<u8>, tag: (u16, u16), vr: &str, value: &[u8]) {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" { 0 } else { b' ' });
    }
    set.extend(tag.0.to_le_bytes());
    set.extend(tag.1.to_le_bytes());
    set.extend(vr.bytes());
    if vr == "OW" {
        set.extend([0, 0]);
        set.extend((value.len() as u32).to_le_bytes());
    } else {
        set.extend((value.len() as u16).to_le_bytes());
    }
    set.extend(value);
}

/// Slice `k` of three, 2 × 2 voxels of value 10 k, 10 k + 1, 10 k + 2, 10 k + 3.
fn instance(k: u16) -> NewInstance {
    let uid = format!("1.2.3.1.{}", k + 1);
    let mut set = Vec::new();
    let short = |value: u16| value.to_le_bytes();
    put(&mut set, (0x0008, 0x0016), "UI", MR.as_bytes());
    put(&mut set, (0x0008, 0x0018), "UI", uid.as_bytes());
    put(&mut set, (0x0008, 0x0060), "CS", b"MR");
    put(&mut set, (0x0020, 0x000D), "UI", b"1.2.3");
    put(&mut set, (0x0020, 0x000E), "UI", b"1.2.3.1");
    put(&mut set, (0x0020, 0x0032), "DS", format!("0\\0\\{}", k * 3).as_bytes());
    put(&mut set, (0x0020, 0x0037), "DS", b"1\\0\\0\\0\\1\\0");
    put(&mut set, (0x0028, 0x0002), "US", &short(1));
    put(&mut set, (0x0028, 0x0004), "CS", b"MONOCHROME2");
    put(&mut set, (0x0028, 0x0010), "US", &short(2));
    put(&mut set, (0x0028, 0x0011), "US", &short(2));
    put(&mut set, (0x0028, 0x0030), "DS", b"0.5\\0.5");
    put(&mut set, (0x0028, 0x0100), "US", &short(16));
    put(&mut set, (0x0028, 0x0101), "US", &short(12));
    put(&mut set, (0x0028, 0x0102), "US", &short(11));
    put(&mut set, (0x0028, 0x0103), "US", &short(0));
    put(&mut set, (0x0028, 0x1050), "DS", b"20");
    put(&mut set, (0x0028, 0x1051), "DS", b"30");
    let voxels: Vec<u8> = (0..4).flat_map(|voxel| short(k * 10 + voxel)).collect();
    put(&mut set, (0x7FE0, 0x0010), "OW", &voxels);
    let meta = FileMeta {
        sop_class_uid: MR,
        sop_instance_uid: &uid,
        syntax: TransferSyntax::from_uid(EXPLICIT).unwrap(),
    };
    let mut bytes = file_meta(&meta).unwrap();
    bytes.extend(set);
    NewInstance {
        study_uid: StudyUid::new("1.2.3").unwrap(),
        series_uid: SeriesUid::new("1.2.3.1").unwrap(),
        instance_uid: InstanceUid::new(uid).unwrap(),
        sop_class_uid: MR.into(),
        transfer_syntax_uid: EXPLICIT.into(),
        calling_ae: None,
        header: StudyHeader::default(),
        bytes,
    }
}

impl Site {
    /// Three slices that arrive out of order.
    pub fn mr_series(&self) -> AssetToken {
        let place = |k| self.archive.instance_store(instance(k)).unwrap().place();
        let (last, first, middle) = (place(2), place(0), place(1));
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let token = self.archive.asset_token().unwrap();
        let row = AssetRow {
            token,
            study: first.study,
            series: first.series,
            instances: vec![first.instance, middle.instance, last.instance],
            modality: Modality::Mr,
            grid: Grid::new([2, 2, 3], [0.5, 0.5, 3.0], [0.0; 3], direction).unwrap(),
            reasons: Vec::new(),
            received_at: self.now(),
            arrivals_seen: 3,
        };
        self.archive.asset_put(&row, |_| None).unwrap();
        token
    }
}
