//! Quarantine: assets whose pixels may carry text, kept from annotators and models until somebody of the hospital
//! has decided about them, or a rule for their device says what to paint over.
//!
//! An asset without a row here is not at risk and is shown as it is. What the reasons mean is not known here; they
//! are codes. Paints nothing.

mod records;
mod rules;

use proto_ids::{AssetToken, DeviceRuleId, PersonId, SeriesToken, Timestamp};
use proto_journal::Tx;
use serde_bytes::ByteBuf;

use self::records::{AssetOfSeries, QuarantineBegun, QuarantineRecord, StateRecord, device_of};
pub use self::rules::{DeviceRule, DeviceRuleError, DeviceRuleRemoved};
use crate::assets::{AssetRow, asset_in, assets_in};
use crate::keys::{Place, open_sealed};
use crate::record::{Record, Rows, decode, encode, id_in_key, joined, load, load_all, remove, save};
use crate::worklist::tasks_in;
use crate::{Archive, StorageError};

/// The reason of an asset that an earlier version made, until its files have been looked at.
pub const NOT_EXAMINED: &str = "not-examined";

/// A rectangle, in pixels from the upper left corner of each picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rectangle {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// A kind of device, as the headers of its pictures name it: what a rule holds for.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    pub manufacturer: String,
    pub model: String,
    /// None in a rule that holds for every version, and where the header has none.
    pub software_version: Option<String>,
    pub modality: String,
    pub rows: u32,
    pub columns: u32,
}

impl std::fmt::Debug for Device {
    // Out of a header: nobody checked that no name stands in it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Device(..)")
    }
}

/// What was found when the files of an asset were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AtRisk {
    /// Codes of the reasons why pixels may carry text; none where no rule applies.
    pub reasons: Vec<String>,
    /// None where the files do not all come from one kind of device.
    pub device: Option<Device>,
}

/// What was decided about an asset at risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuarantineState {
    /// Nobody has decided.
    Waiting,
    /// Somebody has looked: it is shown as it is.
    Released,
    /// It is shown with these regions painted over, as a rule for its device said.
    Blanked { rule: DeviceRuleId, regions: Vec<Rectangle> },
    /// It is never shown.
    Withheld,
}

/// An asset at risk.
#[derive(Debug, Clone)]
pub struct QuarantineRow {
    pub asset: AssetRow,
    pub state: QuarantineState,
    pub reasons: Vec<String>,
    pub device: Option<Device>,
    /// Who decided; none for a rule.
    pub decided_by: Option<PersonId>,
    /// None while nobody has.
    pub decided_at: Option<Timestamp>,
}

/// How the pixels of an asset may be shown to annotators, given to models and leave in de-identified copies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Showing {
    AsIs,
    /// With these regions of every picture painted over.
    Blanked(Vec<Rectangle>),
    /// Not at all.
    Held,
}

/// How many assets wait, and what waits for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuarantineCounts {
    pub waiting: u64,
    pub withheld: u64,
    /// Orders in force that nobody is given, since their asset is kept back.
    pub tasks: u64,
}

/// Why nothing was decided about an asset.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    #[error("there is no such asset")]
    UnknownAsset,
    #[error("the asset is not in quarantine")]
    NotQuarantined,
    #[error("the asset was released already, with regions painted over")]
    Blanked,
    #[error("the asset was withheld for good")]
    Withheld,
    #[error("the decision cannot be kept")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for QuarantineError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl Archive {
    /// How the pixels of an asset may be shown.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn asset_showing(&self, asset: AssetToken) -> Result<Showing, StorageError> {
        Ok(load::<QuarantineRecord>(&self.work, asset.bytes())?.map_or(Showing::AsIs, |row| row.showing()))
    }

    /// How the pixels of an instance of a series may be shown: as those of the newest asset that has it. None where
    /// no asset has it, so that nobody has looked at it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instance_showing(
        &self,
        series: SeriesToken,
        instance: proto_ids::InstanceToken,
    ) -> Result<Option<Showing>, StorageError> {
        let mut newest: Option<AssetRow> = None;
        for (key, _) in self.work.rows(AssetOfSeries::TABLE, series.bytes())? {
            let token = AssetToken::from_bytes(id_in_key(AssetOfSeries::TABLE, &key, 16)?);
            let Some(asset) = asset_in(&self.work, token)? else { continue };
            let newer = newest.as_ref().is_none_or(|newest| newest.arrivals_seen < asset.arrivals_seen);
            if newer && asset.instances.contains(&instance) {
                newest = Some(asset);
            }
        }
        newest.map(|asset| self.asset_showing(asset.token)).transpose()
    }

    /// All assets at risk, whatever was decided about them, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn quarantine(&self) -> Result<Vec<QuarantineRow>, StorageError> {
        let mut rows = Vec::new();
        for (key, record) in load_all::<QuarantineRecord>(&self.work, &[])? {
            let token = AssetToken::from_bytes(id_in_key(QuarantineRecord::TABLE, &key, 0)?);
            // A study that is being deleted at this moment has no key any more.
            if let Some(asset) = asset_in(&self.work, token)?
                && self.study_key(asset.study)?.is_some()
            {
                rows.push(self.quarantine_row(asset, record)?);
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse((row.asset.received_at, row.asset.token)));
        Ok(rows)
    }

    /// An asset at risk; none when there is no such asset, or it is not at risk.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn quarantined(&self, asset: AssetToken) -> Result<Option<QuarantineRow>, StorageError> {
        let Some(record) = load::<QuarantineRecord>(&self.work, asset.bytes())? else { return Ok(None) };
        let Some(asset) = self.asset(asset)? else { return Ok(None) };
        self.quarantine_row(asset, record).map(Some)
    }

    /// How many assets are kept back, and orders for them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn quarantine_counts(&self) -> Result<QuarantineCounts, StorageError> {
        let mut counts = QuarantineCounts::default();
        let mut held = std::collections::BTreeSet::new();
        for (key, record) in load_all::<QuarantineRecord>(&self.work, &[])? {
            match record.state {
                StateRecord::Waiting => counts.waiting += 1,
                StateRecord::Withheld => counts.withheld += 1,
                StateRecord::Released | StateRecord::Blanked { .. } => continue,
            }
            held.insert(id_in_key(QuarantineRecord::TABLE, &key, 0)?);
        }
        if !held.is_empty() {
            let waits = |task: &crate::TaskCopy| !task.withdrawn && held.contains(task.asset.bytes());
            counts.tasks = tasks_in(&self.work)?.iter().filter(|(task, _)| waits(task)).count() as u64;
        }
        Ok(counts)
    }

    /// Lets annotators and models have an asset as it is. Durable when this returns.
    ///
    /// # Errors
    /// [`QuarantineError`]; nothing changed.
    pub fn quarantine_release(
        &self,
        asset: AssetToken,
        by: PersonId,
        now: Timestamp,
    ) -> Result<(), QuarantineError> {
        self.work.write(|tx| {
            asset_in(tx, asset)?.ok_or(QuarantineError::UnknownAsset)?;
            let before =
                load::<QuarantineRecord>(tx, asset.bytes())?.ok_or(QuarantineError::NotQuarantined)?;
            match before.state {
                StateRecord::Waiting => {}
                StateRecord::Released => return Ok(()),
                StateRecord::Blanked { .. } => return Err(QuarantineError::Blanked),
                StateRecord::Withheld => return Err(QuarantineError::Withheld),
            }
            Ok(save(tx, asset.bytes(), &before.decided(StateRecord::Released, Some(by), now))?)
        })
    }

    /// Keeps an asset from annotators and models for good, whether it was at risk or not. Durable when this returns.
    ///
    /// # Errors
    /// [`QuarantineError::UnknownAsset`], or when the store cannot be written; nothing changed.
    pub fn quarantine_withhold(
        &self,
        asset: AssetToken,
        by: PersonId,
        now: Timestamp,
    ) -> Result<(), QuarantineError> {
        self.work.write(|tx| {
            asset_in(tx, asset)?.ok_or(QuarantineError::UnknownAsset)?;
            let before = load::<QuarantineRecord>(tx, asset.bytes())?.unwrap_or_default();
            if before.state == StateRecord::Withheld {
                return Ok(());
            }
            Ok(save(tx, asset.bytes(), &before.decided(StateRecord::Withheld, Some(by), now))?)
        })
    }

    /// Assets that an earlier version made, whose files nobody has looked at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn quarantine_unexamined(&self) -> Result<Vec<AssetToken>, StorageError> {
        let rows = load_all::<QuarantineRecord>(&self.work, &[])?;
        let unexamined = rows.into_iter().filter(|(_, record)| record.unexamined());
        unexamined.map(|(key, _)| Ok(AssetToken::from_bytes(id_in_key("quarantine", &key, 0)?))).collect()
    }

    /// Keeps what was found in the files of an asset that an earlier version made.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn quarantine_examined(&self, asset: AssetToken, risk: &AtRisk) -> Result<(), StorageError> {
        self.work.write(|tx| {
            let before = load::<QuarantineRecord>(tx, asset.bytes())?;
            let (Some(row), Some(_)) = (asset_in(tx, asset)?, before.filter(QuarantineRecord::unexamined))
            else {
                return Ok(());
            };
            remove::<QuarantineRecord>(tx, asset.bytes());
            self.quarantine_put(tx, &row, risk)
        })
    }

    /// Puts an asset into quarantine where it is at risk; one that has grown goes back into it.
    pub(crate) fn quarantine_put(
        &self,
        tx: &mut Tx<'_>,
        asset: &AssetRow,
        risk: &AtRisk,
    ) -> Result<(), StorageError> {
        save(tx, &joined(asset.series.bytes(), asset.token.bytes()), &AssetOfSeries {})?;
        let before = load::<QuarantineRecord>(tx, asset.token.bytes())?;
        let withheld = before.is_some_and(|before| before.state == StateRecord::Withheld);
        if withheld || risk.reasons.is_empty() {
            return Ok(());
        }
        let device = risk.device.as_ref().map(|device| self.device_sealed(asset, device)).transpose()?;
        let record = QuarantineRecord {
            reasons: risk.reasons.clone(),
            device: device.flatten(),
            ..Default::default()
        };
        save(tx, asset.token.bytes(), &record)
    }

    /// In a store that an earlier version wrote, nobody has looked at the files of the assets: they wait until the
    /// agent has. Done once.
    pub(crate) fn quarantine_begin(&self) -> Result<(), StorageError> {
        if load::<QuarantineBegun>(&self.work, &[])?.is_some() {
            return Ok(());
        }
        self.work.write(|tx| {
            for asset in assets_in(tx)? {
                let reasons = vec![NOT_EXAMINED.to_owned()];
                self.quarantine_put(tx, &asset, &AtRisk { reasons, device: None })?;
            }
            save(tx, &[], &QuarantineBegun {})
        })
    }

    fn quarantine_row(
        &self,
        asset: AssetRow,
        record: QuarantineRecord,
    ) -> Result<QuarantineRow, StorageError> {
        let device = record.device.as_ref().map(|sealed| self.device_opened(&asset, sealed)).transpose()?;
        Ok(QuarantineRow {
            asset,
            state: record.state.read(),
            device: device.flatten(),
            decided_by: record.by.map(|by| PersonId::from_bytes(*by)),
            decided_at: record.at.map(Timestamp::from_millis),
            reasons: record.reasons,
        })
    }

    /// None when the study was deleted meanwhile.
    fn device_sealed(&self, asset: &AssetRow, device: &Device) -> Result<Option<ByteBuf>, StorageError> {
        let Some(key) = self.study_key(asset.study)? else { return Ok(None) };
        let place = Place { table: QuarantineRecord::TABLE, key: asset.token.bytes() };
        Ok(Some(ByteBuf::from(self.keys.seal(&key, place, encode(&device_of(device))?)?)))
    }

    fn device_opened(&self, asset: &AssetRow, sealed: &[u8]) -> Result<Option<Device>, StorageError> {
        let Some(key) = self.study_key(asset.study)? else { return Ok(None) };
        let place = Place { table: QuarantineRecord::TABLE, key: asset.token.bytes() };
        Ok(Some(decode::<records::DeviceRecord>(&open_sealed(&key, place, sealed)?)?.read()))
    }
}

/// Whether an asset is kept from annotators and models.
pub(crate) fn asset_held(rows: &impl Rows, asset: AssetToken) -> Result<bool, StorageError> {
    Ok(load::<QuarantineRecord>(rows, asset.bytes())?.is_some_and(|row| row.showing() == Showing::Held))
}

/// Forgets what was decided about an asset that is no more.
pub(crate) fn quarantine_remove(tx: &mut Tx<'_>, series: &[u8], asset: &[u8]) {
    remove::<QuarantineRecord>(tx, asset);
    remove::<AssetOfSeries>(tx, &joined(series, asset));
}
