//! The agent: its real rooms over the real archive, and what comes in at the hospital.

use std::path::Path;
use std::sync::Arc;

use agent::rooms::Rooms;
use agent_archive::{Archive, AssetRow, GoldSource, NewGold, NewInstance, StudyHeader};
use agent_imaging::Grid;
use agent_imaging::window::Modality;
use agent_phi::{InstanceUid, SeriesUid, StudyUid};
use agent_uplink::{
    AssetCard, BodyRegion, Contrast, CountBucket, Dimensionality, Outbound, Plane as SlicePlane, SizeClass,
    SpacingTenths, ThicknessHalves,
};
use agent_work::{OperationKind, Run, RunChange, Slice, SliceDelta, Tool};
use anyhow::{Context, Result};
use proto_ids::{AssetToken, Timestamp};
use proto_journal::faults::FaultyIo;

use super::chance::HandClock;
use super::machine::Plane;

/// Voxels along i, j, k.
const SIZE: [u32; 3] = [16, 16, 4];
/// Series of a study: a key is a file, and files are slow.
const SERIES_OF_STUDY: usize = 4;
const LENGTH: u32 = 6;

impl Plane for Rooms {
    fn open(directory: &Path, io: FaultyIo, clock: &Arc<HandClock>) -> Result<Self> {
        let clock = Arc::<HandClock>::clone(clock);
        Ok(Self::join(Archive::open(directory, Arc::new(io), clock)?))
    }

    fn forget_index(directory: &Path) -> Result<()> {
        Ok(agent_archive::reindex(directory)?)
    }
}

/// Stores a series and makes an asset of it.
pub(super) fn arrive(rooms: &Rooms, number: usize, token: AssetToken, now: Timestamp) -> Result<()> {
    let uid = |error| anyhow::anyhow!("a uid is refused: {error:?}");
    let study = number / SERIES_OF_STUDY + 1;
    let stored = rooms.archive().instance_store(NewInstance {
        study_uid: StudyUid::new(format!("1.{study}")).map_err(uid)?,
        series_uid: SeriesUid::new(format!("1.{study}.{number}")).map_err(uid)?,
        instance_uid: InstanceUid::new(format!("1.{study}.{number}.1")).map_err(uid)?,
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
        calling_ae: None,
        header: StudyHeader::default(),
        bytes: b"pixels".to_vec(),
    })?;
    let place = stored.place();
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let grid = Grid::new(SIZE, [1.0, 1.0, 3.0], [0.0; 3], axes).ok().context("a grid")?;
    let row = AssetRow {
        token,
        study: place.study,
        series: place.series,
        instances: vec![place.instance],
        modality: Modality::Ct,
        grid,
        reasons: Vec::new(),
        pictures: Vec::new(),
        voxels: None,
        received_at: now,
        arrivals_seen: 1,
    };
    rooms.archive().asset_put(&row, &agent_archive::AtRisk::default(), |row| {
        Some(Outbound::Asset(card(row.token)).encode())
    })?;
    Ok(())
}

fn card(asset: AssetToken) -> AssetCard {
    AssetCard {
        asset,
        modality: agent_uplink::Modality::Ct,
        region: BodyRegion::Abdomen,
        plane: SlicePlane::Axial,
        dimensionality: Dimensionality::Volume,
        contrast: Contrast::Unknown,
        slices: CountBucket::of(SIZE[2]),
        size: SizeClass::of(SIZE[0]),
        spacing: SpacingTenths::of_mm(1.0),
        thickness: ThicknessHalves::of_mm(3.0),
        frames: CountBucket::of(1),
    }
}

/// Keeps a gold annotation of an asset.
pub(super) fn gold(rooms: &Rooms, asset: AssetToken, now: Timestamp) -> Result<()> {
    let slices = Plan { shift: 2, strokes: 2 }.drawn(2);
    let gold = NewGold { asset, slices, labels: vec![1], source: GoldSource::Upload, person: None };
    rooms.archive().gold_put(&gold, now)?;
    Ok(())
}

/// What somebody means to draw on a task: one stroke in each slice, and again in the next row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// How far to the right.
    pub(super) shift: u32,
    pub(super) strokes: u32,
}

impl Plan {
    fn run(self, stroke: u32) -> (u32, u32) {
        let (k, row) = (stroke % SIZE[2], stroke / SIZE[2]);
        (k, SIZE[0] * (2 + row) + self.shift)
    }

    /// The stroke that makes revision `number + 1`.
    pub(super) fn stroke(self, number: u32) -> OperationKind {
        let (k, start) = self.run(number);
        let runs = vec![RunChange { start, length: LENGTH, old: 0, new: 1 }];
        OperationKind::Paint { tool: Tool::Brush, slices: vec![SliceDelta { k, runs }] }
    }

    /// What stands after as many strokes.
    pub(super) fn drawn(self, strokes: u32) -> Vec<Slice> {
        let mut slices: Vec<Slice> = Vec::new();
        for k in 0..SIZE[2] {
            let runs = (0..strokes).map(|stroke| self.run(stroke)).filter(|(slice, _)| *slice == k);
            let runs: Vec<Run> = runs.map(|(_, start)| Run { start, length: LENGTH, label: 1 }).collect();
            if !runs.is_empty() {
                slices.push(Slice { k, runs });
            }
        }
        slices
    }
}
