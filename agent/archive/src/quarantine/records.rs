//! Stored forms of quarantine and of rules for devices.

use proto_ids::{DeviceRuleId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{Device, QuarantineState, Rectangle, Showing};
use crate::record::{IdBytes, Record};

/// `quarantine`: asset → why its pixels may carry text, and what was decided.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct QuarantineRecord {
    pub(super) state: StateRecord,
    pub(super) reasons: Vec<String>,
    /// A [`DeviceRecord`], sealed under the key of the asset's study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) device: Option<ByteBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<IdBytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<i64>,
}

impl Record for QuarantineRecord {
    const TABLE: &'static str = "quarantine";
}

#[derive(Serialize, Deserialize, Default, Clone, PartialEq, Eq)]
pub(super) enum StateRecord {
    #[default]
    Waiting,
    Released,
    Blanked {
        rule: IdBytes,
        regions: Vec<RectangleRecord>,
    },
    Withheld,
}

/// Left, top, width and height.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
pub(super) struct RectangleRecord([u32; 4]);

/// `quarantine_begun`: nothing → assets are looked at when they are made.
#[derive(Serialize, Deserialize)]
pub(super) struct QuarantineBegun {}

impl Record for QuarantineBegun {
    const TABLE: &'static str = "quarantine_begun";
}

/// `asset_of_series`: series and asset → nothing more.
#[derive(Serialize, Deserialize)]
pub(super) struct AssetOfSeries {}

impl Record for AssetOfSeries {
    const TABLE: &'static str = "asset_of_series";
}

/// What names a kind of device.
#[derive(Serialize, Deserialize)]
pub(super) struct DeviceRecord {
    manufacturer: String,
    model: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    software_version: Option<String>,
    modality: String,
    rows: u32,
    columns: u32,
}

impl Record for DeviceRecord {
    const TABLE: &'static str = "quarantine";
}

/// `device_rule`: id → what to paint over.
#[derive(Serialize, Deserialize)]
pub(super) struct RuleRecord {
    pub(super) by: IdBytes,
    pub(super) at: i64,
    /// A [`SealedRule`], sealed under the key of the site.
    pub(super) sealed: ByteBuf,
}

impl Record for RuleRecord {
    const TABLE: &'static str = "device_rule";
}

#[derive(Serialize, Deserialize)]
pub(super) struct SealedRule {
    pub(super) device: DeviceRecord,
    pub(super) regions: Vec<RectangleRecord>,
}

impl Record for SealedRule {
    const TABLE: &'static str = "device_rule";
}

impl QuarantineRecord {
    pub(super) fn showing(&self) -> Showing {
        match &self.state {
            StateRecord::Waiting | StateRecord::Withheld => Showing::Held,
            StateRecord::Released => Showing::AsIs,
            StateRecord::Blanked { regions, .. } => {
                Showing::Blanked(regions.iter().copied().map(RectangleRecord::read).collect())
            }
        }
    }

    pub(super) fn unexamined(&self) -> bool {
        self.state == StateRecord::Waiting && self.reasons == [super::NOT_EXAMINED]
    }

    pub(super) fn decided(self, state: StateRecord, by: Option<PersonId>, now: Timestamp) -> Self {
        Self { state, by: by.map(|by| ByteArray::new(*by.bytes())), at: Some(now.millis()), ..self }
    }
}

impl StateRecord {
    pub(super) fn blanked(rule: DeviceRuleId, regions: &[Rectangle]) -> Self {
        let regions = regions.iter().map(RectangleRecord::of).collect();
        Self::Blanked { rule: ByteArray::new(*rule.bytes()), regions }
    }

    pub(super) fn by_rule(&self, rule: DeviceRuleId) -> bool {
        matches!(self, Self::Blanked { rule: by, .. } if **by == *rule.bytes())
    }

    pub(super) fn read(self) -> QuarantineState {
        match self {
            Self::Waiting => QuarantineState::Waiting,
            Self::Released => QuarantineState::Released,
            Self::Blanked { rule, regions } => QuarantineState::Blanked {
                rule: DeviceRuleId::from_bytes(*rule),
                regions: regions.into_iter().map(RectangleRecord::read).collect(),
            },
            Self::Withheld => QuarantineState::Withheld,
        }
    }
}

impl RectangleRecord {
    pub(super) fn of(rectangle: &Rectangle) -> Self {
        Self([rectangle.left, rectangle.top, rectangle.width, rectangle.height])
    }

    pub(super) fn read(self) -> Rectangle {
        let [left, top, width, height] = self.0;
        Rectangle { left, top, width, height }
    }
}

pub(super) fn device_of(device: &Device) -> DeviceRecord {
    let Device { manufacturer, model, software_version, modality, rows, columns } = device.clone();
    DeviceRecord { manufacturer, model, software_version, modality, rows, columns }
}

impl DeviceRecord {
    pub(super) fn read(self) -> Device {
        let Self { manufacturer, model, software_version, modality, rows, columns } = self;
        Device { manufacturer, model, software_version, modality, rows, columns }
    }
}
