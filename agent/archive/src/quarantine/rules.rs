//! Rules for devices: what is painted over in the pictures of one kind of device.

use proto_ids::{AssetToken, DeviceRuleId, PersonId, Timestamp};
use serde_bytes::{ByteArray, ByteBuf};

use super::records::{QuarantineRecord, RectangleRecord, RuleRecord, SealedRule, StateRecord, device_of};
use super::{Device, Rectangle};
use crate::keys::{Place, open_sealed};
use crate::record::{Record, Rows, decode, encode, id_in_key, load, load_all, remove, save};
use crate::work::asset_worked_on;
use crate::{Archive, StorageError};

/// What is painted over in the pictures of a kind of device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRule {
    pub id: DeviceRuleId,
    pub device: Device,
    pub regions: Vec<Rectangle>,
    pub added_by: PersonId,
    pub added_at: Timestamp,
}

/// What became of the assets that a removed rule had let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRuleRemoved {
    /// They are in quarantine again.
    pub returned: Vec<AssetToken>,
    /// Work was begun on them, which refers to the painted pictures: they stay as they are.
    pub kept: Vec<AssetToken>,
}

/// Why a rule was not added or removed.
#[derive(Debug, thiserror::Error)]
pub enum DeviceRuleError {
    #[error("there is no such rule")]
    Unknown,
    #[error("there is a rule for this kind of device already")]
    Exists,
    #[error("the rule cannot be kept")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for DeviceRuleError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl DeviceRule {
    /// Whether it holds for a kind of device: what its key names is equal.
    pub fn matches(&self, device: &Device) -> bool {
        let version = &self.device.software_version;
        let any_version = Device { software_version: version.clone(), ..device.clone() };
        self.device == any_version && (version.is_none() || *version == device.software_version)
    }
}

impl Archive {
    /// Keeps a rule. It lets nothing out by itself: see [`Archive::quarantine_blank`].
    ///
    /// # Errors
    /// [`DeviceRuleError::Exists`] when there is one with the same key; nothing changed.
    pub fn device_rule_add(
        &self,
        device: &Device,
        regions: &[Rectangle],
        by: PersonId,
        now: Timestamp,
    ) -> Result<DeviceRuleId, DeviceRuleError> {
        let id = DeviceRuleId::from_random(self.keys.random_id().map_err(StorageError::from)?);
        let content = SealedRule {
            device: device_of(device),
            regions: regions.iter().map(RectangleRecord::of).collect(),
        };
        let place = Place { table: RuleRecord::TABLE, key: id.bytes() };
        let sealed = ByteBuf::from(self.keys.seal(self.keys.site(), place, encode(&content)?)?);
        self.work.write(|tx| {
            if self.rules_in(tx)?.iter().any(|rule| rule.device == *device) {
                return Err(DeviceRuleError::Exists);
            }
            let record = RuleRecord { by: ByteArray::new(*by.bytes()), at: now.millis(), sealed };
            save(tx, id.bytes(), &record)?;
            Ok(id)
        })
    }

    /// All rules, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn device_rules(&self) -> Result<Vec<DeviceRule>, StorageError> {
        self.rules_in(&self.work)
    }

    /// The rule for a kind of device; one that names its version goes before one for all versions.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn device_rule_for(&self, device: &Device) -> Result<Option<DeviceRule>, StorageError> {
        let rules = self.device_rules()?.into_iter().filter(|rule| rule.matches(device));
        Ok(rules.max_by_key(|rule| rule.device.software_version.is_some()))
    }

    /// Lets an asset that waits out of quarantine, with the regions of a rule painted over. False when the rule is
    /// gone, or the asset does not wait. Durable when this returns.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn quarantine_blank(&self, asset: AssetToken, rule: DeviceRuleId) -> Result<bool, StorageError> {
        let now = self.clock.now();
        self.work.write(|tx| {
            let waiting = load::<QuarantineRecord>(tx, asset.bytes())?
                .filter(|record| record.state == StateRecord::Waiting);
            let rule = self.rules_in(tx)?.into_iter().find(|kept| kept.id == rule);
            let (Some(waiting), Some(rule)) = (waiting, rule) else { return Ok(false) };
            let state = StateRecord::blanked(rule.id, &rule.regions);
            save(tx, asset.bytes(), &waiting.decided(state, None, now))?;
            Ok(true)
        })
    }

    /// Forgets a rule. What it let out goes back into quarantine, but for assets on which work was begun.
    ///
    /// # Errors
    /// [`DeviceRuleError`]; nothing changed.
    pub fn device_rule_remove(&self, rule: DeviceRuleId) -> Result<DeviceRuleRemoved, DeviceRuleError> {
        self.work.write(|tx| {
            tx.row(RuleRecord::TABLE, rule.bytes())?.ok_or(DeviceRuleError::Unknown)?;
            let mut removed = DeviceRuleRemoved { returned: Vec::new(), kept: Vec::new() };
            for (key, record) in load_all::<QuarantineRecord>(tx, &[])? {
                if !record.state.by_rule(rule) {
                    continue;
                }
                let asset = AssetToken::from_bytes(id_in_key(QuarantineRecord::TABLE, &key, 0)?);
                if asset_worked_on(tx, asset)? {
                    removed.kept.push(asset);
                } else {
                    let waiting =
                        QuarantineRecord { state: StateRecord::Waiting, by: None, at: None, ..record };
                    save(tx, &key, &waiting)?;
                    removed.returned.push(asset);
                }
            }
            remove::<RuleRecord>(tx, rule.bytes());
            Ok(removed)
        })
    }

    fn rules_in(&self, rows: &impl Rows) -> Result<Vec<DeviceRule>, StorageError> {
        let mut rules = Vec::new();
        for (key, record) in load_all::<RuleRecord>(rows, &[])? {
            let place = Place { table: RuleRecord::TABLE, key: &key };
            let content: SealedRule = decode(&open_sealed(self.keys.site(), place, &record.sealed)?)?;
            rules.push(DeviceRule {
                id: DeviceRuleId::from_bytes(id_in_key(RuleRecord::TABLE, &key, 0)?),
                device: content.device.read(),
                regions: content.regions.into_iter().map(RectangleRecord::read).collect(),
                added_by: PersonId::from_bytes(*record.by),
                added_at: Timestamp::from_millis(record.at),
            });
        }
        rules.sort_by_key(|rule| (rule.added_at, rule.id));
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(version: Option<&str>) -> Device {
        Device {
            manufacturer: "Maker".to_owned(),
            model: "One".to_owned(),
            software_version: version.map(str::to_owned),
            modality: "US".to_owned(),
            rows: 480,
            columns: 640,
        }
    }

    #[test]
    fn a_rule_holds_for_its_key_and_a_version_only_where_it_names_one() {
        let rule = |version| DeviceRule {
            id: DeviceRuleId::from_bytes([1; 16]),
            device: device(version),
            regions: Vec::new(),
            added_by: PersonId::from_bytes([2; 16]),
            added_at: Timestamp::from_millis(0),
        };
        assert!(rule(None).matches(&device(Some("1"))) && rule(None).matches(&device(None)));
        assert!(rule(Some("1")).matches(&device(Some("1"))));
        assert!(!rule(Some("1")).matches(&device(Some("2"))) && !rule(Some("1")).matches(&device(None)));
        for other in [
            Device { rows: 481, ..device(None) },
            Device { columns: 641, ..device(None) },
            Device { model: "Two".to_owned(), ..device(None) },
            Device { manufacturer: "Other".to_owned(), ..device(None) },
            Device { modality: "XA".to_owned(), ..device(None) },
        ] {
            assert!(!rule(None).matches(&other));
        }
    }
}
