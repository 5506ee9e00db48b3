//! Assets: what is annotated as one piece. A row and its asset card in the outbox are one transaction.
//!
//! Does not decide what becomes an asset; the numbers in a row come from geometry, never from header text.

use agent_imaging::Grid;
use agent_imaging::geometry::Reason;
use agent_imaging::window::Modality;
use proto_ids::{AssetToken, InstanceToken, SeriesToken, StudyToken, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::outbox::outbox_put;
use crate::record::{IdBytes, Record, id_in_key, load, load_all, remove, save};
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
    pub received_at: Timestamp,
    /// [`crate::SeriesContent::arrivals`] that the asset was made from; later arrivals stay unclaimed.
    pub arrivals_seen: u32,
}

impl AssetRow {
    /// Whether it is a volume, so that tools may work across slices.
    pub fn tools_3d(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// What became of an asset that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetPut {
    Added,
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

    /// Keeps an asset, claims its arrivals and puts `outbox` up for sending, in one transaction.
    ///
    /// # Errors
    /// When the store cannot be written; nothing happened.
    pub fn asset_put(&self, asset: &AssetRow, outbox: Option<Vec<u8>>) -> Result<AssetPut, StorageError> {
        let record = AssetRecord::of(asset);
        let put = self.work.write(|tx| {
            let claimed = load::<ClaimRecord>(tx, asset.series.bytes())?.map_or(0, |claim| claim.arrivals);
            // A deletion destroys the key before it looks for assets, so none can slip in behind it.
            if claimed >= asset.arrivals_seen || self.study_key(asset.study)?.is_none() {
                return Ok::<_, StorageError>(AssetPut::AlreadyClaimed);
            }
            save(tx, asset.token.bytes(), &record)?;
            save(tx, asset.series.bytes(), &ClaimRecord { arrivals: asset.arrivals_seen })?;
            if let Some(bytes) = outbox {
                outbox_put(tx, bytes)?;
            }
            Ok(AssetPut::Added)
        })?;
        self.series_look_again(asset.series, asset.arrivals_seen)?;
        self.outbox_tell();
        Ok(put)
    }

    /// Claims arrivals that make no asset, so that the series is quiet no more until another one comes.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn series_claim(&self, series: SeriesToken, arrivals_seen: u32) -> Result<(), StorageError> {
        self.work.write(|tx| {
            let claimed = load::<ClaimRecord>(tx, series.bytes())?.map_or(0, |claim| claim.arrivals);
            if claimed < arrivals_seen {
                save(tx, series.bytes(), &ClaimRecord { arrivals: arrivals_seen })?;
            }
            Ok::<_, StorageError>(())
        })?;
        self.series_look_again(series, arrivals_seen)
    }

    /// An asset by its token.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn asset(&self, token: AssetToken) -> Result<Option<AssetRow>, StorageError> {
        load::<AssetRecord>(&self.work, token.bytes())?.map(|record| record.read(token)).transpose()
    }

    /// All assets, in the order in which they came.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn assets(&self) -> Result<Vec<AssetRow>, StorageError> {
        let mut assets = Vec::new();
        for (key, record) in load_all::<AssetRecord>(&self.work, &[])? {
            assets.push(record.read(AssetToken::from_bytes(id_in_key(AssetRecord::TABLE, &key, 0)?))?);
        }
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
                remove::<ClaimRecord>(tx, record.series.as_slice());
                Ok::<_, StorageError>(())
            })?;
        }
        Ok(())
    }
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
            received_at: Timestamp::from_millis(self.received_at),
            arrivals_seen: self.arrivals_seen,
        })
    }
}
