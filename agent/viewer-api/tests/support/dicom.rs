//! A small MR series and a set of pictures of the site, written byte by byte (PS3.5 §7.1.2, explicit little endian).

use agent_archive::{AssetRow, AtRisk, NewInstance, StudyHeader, VoxelLayout};
use agent_formats::TransferSyntax;
use agent_formats::part10::{FileMeta, file_meta};
use agent_imaging::geometry::{Grid, Reason};
use agent_imaging::window::Modality;
use agent_imaging::{Picture, VoxelType};
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

/// What a picture of a set holds.
#[derive(Debug, Clone)]
pub struct PictureFile {
    pub columns: u16,
    pub rows: u16,
    pub photometric: &'static str,
    /// Pixel data, 8 bits a sample.
    pub bytes: Vec<u8>,
}

fn picture(number: usize, file: &PictureFile) -> NewInstance {
    let uid = format!("1.2.4.1.{}", number + 1);
    let samples: u16 = if file.photometric == "RGB" { 3 } else { 1 };
    let mut set = Vec::new();
    let short = |value: u16| value.to_le_bytes();
    put(&mut set, (0x0008, 0x0016), "UI", MR.as_bytes());
    put(&mut set, (0x0008, 0x0018), "UI", uid.as_bytes());
    put(&mut set, (0x0008, 0x0060), "CS", b"DX");
    put(&mut set, (0x0020, 0x000D), "UI", b"1.2.4");
    put(&mut set, (0x0020, 0x000E), "UI", b"1.2.4.1");
    put(&mut set, (0x0020, 0x0013), "IS", (number + 1).to_string().as_bytes());
    put(&mut set, (0x0028, 0x0002), "US", &short(samples));
    put(&mut set, (0x0028, 0x0004), "CS", file.photometric.as_bytes());
    put(&mut set, (0x0028, 0x0010), "US", &short(file.rows));
    put(&mut set, (0x0028, 0x0011), "US", &short(file.columns));
    for (element, value) in [(0x0100, 8), (0x0101, 8), (0x0102, 7), (0x0103, 0)] {
        put(&mut set, (0x0028, element), "US", &short(value));
    }
    put(&mut set, (0x7FE0, 0x0010), "OW", &file.bytes);
    let syntax = TransferSyntax::from_uid(EXPLICIT).unwrap();
    let meta = FileMeta { sop_class_uid: MR, sop_instance_uid: &uid, syntax };
    let mut bytes = file_meta(&meta).unwrap();
    bytes.extend(set);
    NewInstance {
        study_uid: StudyUid::new("1.2.4").unwrap(),
        series_uid: SeriesUid::new("1.2.4.1").unwrap(),
        instance_uid: InstanceUid::new(uid).unwrap(),
        sop_class_uid: MR.into(),
        transfer_syntax_uid: EXPLICIT.into(),
        calling_ae: None,
        header: StudyHeader::default(),
        bytes,
    }
}

const RLE: &str = "1.2.840.10008.1.2.5";

/// One frame of `value` alone, packed in runs (PS3.5 G.3).
fn run_length_frame(side: usize, value: u8) -> Vec<u8> {
    let mut frame: Vec<u8> = [1_u32, 64].into_iter().flat_map(u32::to_le_bytes).collect();
    frame.resize(64, 0);
    frame.extend([129, value].repeat(side * side / 128));
    frame
}

/// `frames` frames of `side` by `side` pixels; all of frame k are k. Takes little room as a file.
fn packed_cine(frames: u8, side: u16) -> NewInstance {
    let uid = "1.2.5.1.1";
    let mut set = Vec::new();
    let short = |value: u16| value.to_le_bytes();
    put(&mut set, (0x0008, 0x0016), "UI", MR.as_bytes());
    put(&mut set, (0x0008, 0x0018), "UI", uid.as_bytes());
    put(&mut set, (0x0008, 0x0060), "CS", b"XA");
    put(&mut set, (0x0020, 0x000D), "UI", b"1.2.5");
    put(&mut set, (0x0020, 0x000E), "UI", b"1.2.5.1");
    put(&mut set, (0x0028, 0x0002), "US", &short(1));
    put(&mut set, (0x0028, 0x0004), "CS", b"MONOCHROME2");
    put(&mut set, (0x0028, 0x0008), "IS", frames.to_string().as_bytes());
    for (element, value) in
        [(0x0010, side), (0x0011, side), (0x0100, 8), (0x0101, 8), (0x0102, 7), (0x0103, 0)]
    {
        put(&mut set, (0x0028, element), "US", &short(value));
    }
    set.extend([0xE0, 0x7F, 0x10, 0x00, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    let packed = (0..frames).map(|value| run_length_frame(side.into(), value));
    for item in std::iter::once(Vec::new()).chain(packed) {
        set.extend([0xFE, 0xFF, 0x00, 0xE0]);
        set.extend((item.len() as u32).to_le_bytes());
        set.extend(item);
    }
    set.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    let syntax = TransferSyntax::from_uid(RLE).unwrap();
    let mut bytes = file_meta(&FileMeta { sop_class_uid: MR, sop_instance_uid: uid, syntax }).unwrap();
    bytes.extend(set);
    NewInstance {
        study_uid: StudyUid::new("1.2.5").unwrap(),
        series_uid: SeriesUid::new("1.2.5.1").unwrap(),
        instance_uid: InstanceUid::new(uid).unwrap(),
        sop_class_uid: MR.into(),
        transfer_syntax_uid: RLE.into(),
        calling_ae: None,
        header: StudyHeader::default(),
        bytes,
    }
}

impl Site {
    /// One instance of many frames, see `packed_cine`.
    pub fn cine(&self, frames: u8, side: u16) -> AssetToken {
        let place = self.archive.instance_store(packed_cine(frames, side)).unwrap().place();
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let size = [u32::from(side), u32::from(side), u32::from(frames)];
        let token = self.archive.asset_token().unwrap();
        let row = AssetRow {
            token,
            study: place.study,
            series: place.series,
            instances: vec![place.instance],
            modality: Modality::Xa,
            grid: Grid::new(size, [1.0; 3], [0.0; 3], direction).unwrap(),
            reasons: vec![Reason::MissingGeometry],
            pictures: Vec::new(),
            voxels: Some(VoxelLayout {
                voxel_type: VoxelType::Int16,
                inverted: false,
                frames: (0..u32::from(frames)).map(|frame| (0, frame)).collect(),
                frame_time_ms: Some(40.0),
            }),
            received_at: self.now(),
            arrivals_seen: 1,
        };
        self.archive.asset_put(&row, &AtRisk::default(), |_| None).unwrap();
        token
    }

    /// A set of pictures without any geometry; the first is as wide and as high as any.
    pub fn picture_set(&self, pictures: &[PictureFile], spacings_mm: &[Option<[f64; 2]>]) -> AssetToken {
        self.picture_set_at_risk(pictures, spacings_mm, &AtRisk::default())
    }

    /// The same, in quarantine.
    pub fn picture_set_at_risk(
        &self,
        pictures: &[PictureFile],
        spacings_mm: &[Option<[f64; 2]>],
        risk: &AtRisk,
    ) -> AssetToken {
        let store = |(number, file): (usize, &PictureFile)| {
            self.archive.instance_store(picture(number, file)).unwrap().place()
        };
        let places: Vec<_> = pictures.iter().enumerate().map(store).collect();
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let size = [u32::from(pictures[0].columns), u32::from(pictures[0].rows), pictures.len() as u32];
        let token = self.archive.asset_token().unwrap();
        let of = |(file, spacing_mm): (&PictureFile, &Option<[f64; 2]>)| Picture {
            columns: file.columns.into(),
            rows: file.rows.into(),
            spacing_mm: *spacing_mm,
        };
        let colour = pictures[0].photometric == "RGB";
        let row = AssetRow {
            token,
            study: places[0].study,
            series: places[0].series,
            instances: places.iter().map(|place| place.instance).collect(),
            modality: Modality::Dx,
            grid: Grid::new(size, [1.0; 3], [0.0; 3], direction).unwrap(),
            reasons: vec![Reason::MixedSize, Reason::MissingGeometry],
            pictures: pictures.iter().zip(spacings_mm).map(of).collect(),
            voxels: Some(VoxelLayout {
                voxel_type: if colour { VoxelType::Rgb8 } else { VoxelType::Int16 },
                inverted: pictures[0].photometric == "MONOCHROME1",
                frames: Vec::new(),
                frame_time_ms: None,
            }),
            received_at: self.now(),
            arrivals_seen: pictures.len() as u32,
        };
        self.archive.asset_put(&row, risk, |_| None).unwrap();
        token
    }

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
            pictures: Vec::new(),
            voxels: None,
            received_at: self.now(),
            arrivals_seen: 3,
        };
        self.archive.asset_put(&row, &AtRisk::default(), |_| None).unwrap();
        token
    }
}
