//! Assets: what is annotated as one piece. A row and its asset card in the outbox are one transaction.
//!
//! Does not decide what becomes an asset; the numbers in a row come from geometry, never from header text.

use std::collections::{BTreeMap, BTreeSet};

use agent_imaging::geometry::Reason;
use agent_imaging::window::Modality;
use agent_imaging::{Grid, ImageSpace, Picture};
use proto_ids::{AssetToken, InstanceToken, SeriesToken, StudyToken, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::outbox::outbox_put;
use crate::quarantine::{AtRisk, quarantine_remove};
use crate::record::{IdBytes, Record, Rows, id_in_key, load, load_all, remove, save};
use crate::voxel_layout::{PictureRecord, VoxelLayout, VoxelLayoutRecord};
use crate::work::asset_begun;
use crate::{Archive, StorageError};

/// An asset as the site knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetRow {
    pub token: AssetToken,
    pub study: StudyToken,
    pub series: SeriesToken,
    /// In the order of slices; one file for NIfTI.
    pub instances: Vec<InstanceToken>,
    pub modality: Modality,
    /// Exact for a volume; within slices only where there are reasons.
    pub grid: Grid,
    /// Why 3D tools are off; empty for a volume.
    pub reasons: Vec<Reason>,
    /// Picture of slice k of a stack; empty where every slice fills the grid at its spacing.
    pub pictures: Vec<Picture>,
    /// None for NIfTI, and in rows of an earlier version.
    pub voxels: Option<VoxelLayout>,
    pub received_at: Timestamp,
    /// [`crate::SeriesContent::arrivals`] that the asset was made from; later arrivals stay unclaimed.
    pub arrivals_seen: u32,
}

impl AssetRow {
    /// Whether it is a volume, so that tools may work across slices.
    pub fn tools_3d(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The grid, and what lengths mean on it.
    pub fn space(&self) -> ImageSpace {
        if self.tools_3d() {
            ImageSpace::volume(self.grid)
        } else {
            ImageSpace::stack(self.grid, self.pictures.clone())
        }
    }
}

/// What became of an asset that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetPut {
    /// A new asset under the row's own token.
    Added,
    /// The series' newest asset, which nobody had begun anything with, is now as the row says.
    Replaced(AssetToken),
    /// The series' newest asset has these instances already; the arrivals are claimed.
    Unchanged,
    /// These arrivals were claimed already, or their study was deleted meanwhile; nothing was written.
    AlreadyClaimed,
}

#[derive(Serialize, Deserialize)]
struct AssetRecord {
    study: IdBytes,
    series: IdBytes,
    instances: Vec<IdBytes>,
    modality: String,
    size: [u32; 3],
    spacing_mm: [f64; 3],
    origin_mm: [f64; 3],
    direction: [[f64; 3]; 3],
    reasons: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<PictureRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    voxels: Option<VoxelLayoutRecord>,
    received_at: i64,
    arrivals_seen: u32,
}

impl Record for AssetRecord {
    const TABLE: &'static str = "asset";
}

/// `claim`: series → how many arrivals are dealt with.
#[derive(Serialize, Deserialize)]
pub(crate) struct ClaimRecord {
    pub(crate) arrivals: u32,
    /// Why they make no asset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<String>,
}

impl Record for ClaimRecord {
    const TABLE: &'static str = "claim";
}

impl Archive {
    /// A new random token for an asset.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn asset_token(&self) -> Result<AssetToken, StorageError> {
        Ok(AssetToken::from_random(self.keys.random_id()?))
    }

    /// Keeps an asset, claims its arrivals and puts its `card` up for sending, in one transaction.
    ///
    /// When its series has an asset already, that one takes the row's content and keeps its token, unless it
    /// has an order or gold: then it stays as it is and the row becomes a further asset. `card` is asked for the
    /// row as it is kept. An asset at `risk` is in quarantine from the beginning.
    ///
    /// # Errors
    /// When the store cannot be written; nothing happened.
    pub fn asset_put(
        &self,
        asset: &AssetRow,
        risk: &AtRisk,
        card: impl FnOnce(&AssetRow) -> Option<Vec<u8>>,
    ) -> Result<AssetPut, StorageError> {
        let put = self.work.write(|tx| {
            let claim = load::<ClaimRecord>(tx, asset.series.bytes())?;
            let claimed = claim.as_ref().map_or(0, |claim| claim.arrivals);
            // A deletion destroys the key before it looks for assets, so none can slip in behind it.
            if claimed >= asset.arrivals_seen || self.study_key(asset.study)?.is_none() {
                return Ok::<_, StorageError>(AssetPut::AlreadyClaimed);
            }
            save(tx, asset.series.bytes(), &ClaimRecord { arrivals: asset.arrivals_seen, left: None })?;
            // A series that was never looked at has no asset to search for.
            let earlier = if claim.is_some() { newest_asset(tx, asset.series)? } else { None };
            let (kept, put) = match earlier {
                Some(earlier) if !adds(asset, &earlier) => return Ok(AssetPut::Unchanged),
                Some(earlier) if !asset_begun(tx, earlier.token)? => {
                    let (token, received_at) = (earlier.token, earlier.received_at);
                    (AssetRow { token, received_at, ..asset.clone() }, AssetPut::Replaced(token))
                }
                Some(_) | None => (asset.clone(), AssetPut::Added),
            };
            save(tx, kept.token.bytes(), &AssetRecord::of(&kept))?;
            self.quarantine_put(tx, &kept, risk)?;
            if let Some(bytes) = card(&kept) {
                outbox_put(tx, bytes)?;
            }
            Ok(put)
        })?;
        self.series_look_again(asset.series, asset.arrivals_seen)?;
        self.outbox_tell();
        Ok(put)
    }

    /// Claims arrivals that make no asset, so that the series is quiet no more until another one comes.
    /// `left` is the code of the reason, kept with the claim.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn series_claim(
        &self,
        series: SeriesToken,
        arrivals_seen: u32,
        left: Option<&str>,
    ) -> Result<(), StorageError> {
        self.work.write(|tx| {
            let claimed = load::<ClaimRecord>(tx, series.bytes())?.map_or(0, |claim| claim.arrivals);
            if claimed < arrivals_seen {
                let left = left.map(str::to_owned);
                save(tx, series.bytes(), &ClaimRecord { arrivals: arrivals_seen, left })?;
            }
            Ok::<_, StorageError>(())
        })?;
        self.series_look_again(series, arrivals_seen)
    }

    /// Why series that arrived have no asset: code of the reason → how many series.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn series_left(&self) -> Result<BTreeMap<String, u64>, StorageError> {
        let mut left = Vec::new();
        for (key, claim) in load_all::<ClaimRecord>(&self.work, &[])? {
            left.extend(claim.left.map(|reason| (key, reason)));
        }
        let mut counts = BTreeMap::new();
        if left.is_empty() {
            return Ok(counts);
        }
        let assets = load_all::<AssetRecord>(&self.work, &[])?;
        let annotated: BTreeSet<&[u8]> = assets.iter().map(|(_, record)| record.series.as_slice()).collect();
        for (key, reason) in left {
            // Late instances that fit nowhere do not undo an asset; a deleted study is nobody's concern.
            if !annotated.contains(key.as_slice()) && self.series_there(&key)? {
                *counts.entry(reason).or_default() += 1;
            }
        }
        Ok(counts)
    }

    /// An asset by its token.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn asset(&self, token: AssetToken) -> Result<Option<AssetRow>, StorageError> {
        asset_in(&self.work, token)
    }

    /// All assets, in the order in which they came.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn assets(&self) -> Result<Vec<AssetRow>, StorageError> {
        let mut assets = assets_in(&self.work)?;
        assets.sort_by_key(|asset| (asset.received_at, asset.token));
        Ok(assets)
    }

    /// Takes a series off the list of open ones, unless more has arrived than is claimed.
    fn series_look_again(&self, series: SeriesToken, arrivals_seen: u32) -> Result<(), StorageError> {
        // Closed first: an arrival between the two lines opens it again.
        self.arrivals.closed(series);
        if let Some(content) = self.series_instances(series)?
            && content.arrivals > arrivals_seen
        {
            self.arrivals.arrived(series, content.last_arrival_at);
        }
        Ok(())
    }

    /// Removes everything about a study from the work journal; its key is gone already.
    pub(crate) fn study_work_remove(&self, study: StudyToken) -> Result<(), StorageError> {
        // In a transaction, so that one that is adding an asset of the study at this moment has ended.
        let assets = self.work.write(|tx| load_all::<AssetRecord>(tx, &[]))?;
        for (key, record) in assets.into_iter().filter(|(_, record)| *record.study == *study.bytes()) {
            self.asset_work_remove(AssetToken::from_bytes(id_in_key(AssetRecord::TABLE, &key, 0)?))?;
            self.work.write(|tx| {
                remove::<AssetRecord>(tx, &key);
                quarantine_remove(tx, record.series.as_slice(), &key);
                remove::<ClaimRecord>(tx, record.series.as_slice());
                Ok::<_, StorageError>(())
            })?;
        }
        // A series that was left has no asset to be found by; its own row is gone already.
        self.work.write(|tx| {
            for (key, claim) in load_all::<ClaimRecord>(tx, &[])? {
                if claim.left.is_some() && !self.series_there(&key)? {
                    remove::<ClaimRecord>(tx, &key);
                }
            }
            Ok(())
        })
    }
}

/// Whether there is such an asset.
pub(crate) fn asset_is_in(rows: &impl Rows, token: AssetToken) -> Result<bool, StorageError> {
    Ok(rows.row(AssetRecord::TABLE, token.bytes())?.is_some())
}

pub(crate) fn asset_in(rows: &impl Rows, token: AssetToken) -> Result<Option<AssetRow>, StorageError> {
    load::<AssetRecord>(rows, token.bytes())?.map(|record| record.read(token)).transpose()
}

/// All assets, in no order.
pub(crate) fn assets_in(rows: &impl Rows) -> Result<Vec<AssetRow>, StorageError> {
    let mut assets = Vec::new();
    for (key, record) in load_all::<AssetRecord>(rows, &[])? {
        assets.push(record.read(AssetToken::from_bytes(id_in_key(AssetRecord::TABLE, &key, 0)?))?);
    }
    Ok(assets)
}

/// The asset of a series that has seen most of its arrivals.
fn newest_asset(rows: &impl Rows, series: SeriesToken) -> Result<Option<AssetRow>, StorageError> {
    let assets = load_all::<AssetRecord>(rows, &[])?;
    let own = assets.into_iter().filter(|(_, record)| *record.series == *series.bytes());
    let newest = own.max_by_key(|(_, record)| record.arrivals_seen);
    let Some((key, record)) = newest else { return Ok(None) };
    record.read(AssetToken::from_bytes(id_in_key(AssetRecord::TABLE, &key, 0)?)).map(Some)
}

/// Whether `asset` has an instance that `earlier` does not have.
fn adds(asset: &AssetRow, earlier: &AssetRow) -> bool {
    let had: BTreeSet<InstanceToken> = earlier.instances.iter().copied().collect();
    asset.instances.iter().any(|instance| !had.contains(instance))
}

impl AssetRecord {
    fn of(asset: &AssetRow) -> Self {
        Self {
            study: ByteArray::new(*asset.study.bytes()),
            series: ByteArray::new(*asset.series.bytes()),
            instances: asset.instances.iter().map(|instance| ByteArray::new(*instance.bytes())).collect(),
            modality: asset.modality.code().to_owned(),
            size: asset.grid.size(),
            spacing_mm: asset.grid.spacing_mm(),
            origin_mm: asset.grid.origin_mm(),
            direction: asset.grid.direction(),
            reasons: asset.reasons.iter().map(|reason| reason.code().to_owned()).collect(),
            pictures: asset.pictures.iter().map(PictureRecord::of).collect(),
            voxels: asset.voxels.as_ref().map(VoxelLayoutRecord::of),
            received_at: asset.received_at.millis(),
            arrivals_seen: asset.arrivals_seen,
        }
    }

    fn read(self, token: AssetToken) -> Result<AssetRow, StorageError> {
        let malformed = || StorageError::Record { table: Self::TABLE };
        let reasons: Option<Vec<Reason>> = self.reasons.iter().map(|code| Reason::from_code(code)).collect();
        Ok(AssetRow {
            token,
            study: StudyToken::from_bytes(*self.study),
            series: SeriesToken::from_bytes(*self.series),
            instances: self.instances.iter().map(|bytes| InstanceToken::from_bytes(**bytes)).collect(),
            modality: Modality::from_code(&self.modality),
            grid: Grid::new(self.size, self.spacing_mm, self.origin_mm, self.direction)
                .map_err(|_| malformed())?,
            reasons: reasons.ok_or_else(malformed)?,
            pictures: self.pictures.iter().map(PictureRecord::read).collect(),
            voxels: match self.voxels {
                Some(record) => Some(record.read().ok_or_else(malformed)?),
                None => None,
            },
            received_at: Timestamp::from_millis(self.received_at),
            arrivals_seen: self.arrivals_seen,
        })
    }
}
