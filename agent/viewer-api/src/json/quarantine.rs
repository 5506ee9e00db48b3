//! Assets in quarantine and rules for devices, as who decides about them sees them.

use agent_archive::{Device, DeviceRule, QuarantineRow, QuarantineState, Rectangle};
use agent_deid::risk::Reason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time_text;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantineJson {
    /// The newest first.
    pub(crate) assets: Vec<QuarantinedJson>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QuarantineStateJson {
    /// Nobody has decided.
    Waiting,
    /// Shown as it is: somebody has looked.
    Released,
    /// Shown with the regions of a rule for its device painted over.
    Blanked,
    /// Never shown.
    Withheld,
}

impl From<&QuarantineState> for QuarantineStateJson {
    fn from(state: &QuarantineState) -> Self {
        match state {
            QuarantineState::Waiting => Self::Waiting,
            QuarantineState::Released => Self::Released,
            QuarantineState::Blanked { .. } => Self::Blanked,
            QuarantineState::Withheld => Self::Withheld,
        }
    }
}

/// An asset whose pixels may carry text, or that somebody has withheld.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantinedJson {
    asset_id: String,
    state: QuarantineStateJson,
    /// Why its pixels may carry text; empty for one that was withheld without any.
    reasons: Vec<RiskJson>,
    modality: &'static str,
    /// Columns, rows, pictures. A picture may be smaller than the first two say.
    #[schema(value_type = (u32, u32, u32))]
    dimensions: [u32; 3],
    /// The kind of device that all its pictures come from, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    device: Option<DeviceJson>,
    /// Whether a rule for its device could release it.
    rule_helps: bool,
    /// Regions that are painted over; empty unless it was released so.
    regions: Vec<RegionJson>,
    /// The rule that released it. It may have been removed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rule_id: Option<String>,
    received_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    decided_at: Option<String>,
    /// Display name of who decided; missing for a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    decided_by: Option<String>,
}

/// Why pixels may carry text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RiskJson {
    /// A short code, such as `modality`.
    code: String,
    /// In words, as part of a sentence.
    text: String,
}

/// A kind of device, as the headers of its pictures name it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceJson {
    pub(crate) manufacturer: String,
    pub(crate) model: String,
    /// In a rule: missing where it holds for every version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) software_version: Option<String>,
    /// Such as `US`.
    pub(crate) modality: String,
    pub(crate) rows: u32,
    pub(crate) columns: u32,
}

/// A rectangle, in pixels from the upper left corner of each picture.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionJson {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// What is to be painted over in the pictures of a kind of device.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceRuleDraftJson {
    pub(crate) device: DeviceJson,
    /// One at least.
    pub(crate) regions: Vec<RegionJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceRulesJson {
    /// The oldest first.
    pub(crate) rules: Vec<DeviceRuleJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceRuleJson {
    id: String,
    device: DeviceJson,
    regions: Vec<RegionJson>,
    added_at: String,
    /// Display name.
    added_by: String,
    /// How many assets it has released that are shown so now.
    released: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceRuleAddedJson {
    pub(crate) rule: DeviceRuleJson,
    /// Assets of the device that stay in quarantine: their pictures cannot be painted over, or that does not help.
    pub(crate) still_waiting: u64,
}

/// What became of the assets that a rule had released.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceRuleRemovedJson {
    /// They are in quarantine again.
    pub(crate) returned: u64,
    /// Work was begun on them: they stay released, painted over as they were.
    pub(crate) kept: u64,
}

impl QuarantinedJson {
    pub(crate) fn new(row: QuarantineRow, decided_by: Option<String>) -> Self {
        let (regions, rule_id) = match &row.state {
            QuarantineState::Blanked { rule, regions } => (regions.as_slice(), Some(rule.to_string())),
            QuarantineState::Waiting | QuarantineState::Released | QuarantineState::Withheld => {
                ([].as_slice(), None)
            }
        };
        Self {
            asset_id: row.asset.token.to_string(),
            state: (&row.state).into(),
            rule_helps: row.device.is_some() && rule_helps(&row.reasons),
            regions: regions.iter().copied().map(RegionJson::from).collect(),
            rule_id,
            reasons: row.reasons.into_iter().map(RiskJson::new).collect(),
            modality: row.asset.modality.code(),
            dimensions: row.asset.grid.size(),
            device: row.device.map(DeviceJson::from),
            received_at: time_text(row.asset.received_at),
            decided_at: row.decided_at.map(time_text),
            decided_by,
        }
    }
}

/// Whether painting over the places of a device's texts does away with all reasons.
pub(crate) fn rule_helps(reasons: &[String]) -> bool {
    reasons.iter().all(|code| Reason::from_code(code).is_some_and(Reason::regions_help))
}

impl RiskJson {
    fn new(code: String) -> Self {
        let text = match Reason::from_code(&code) {
            Some(reason) => reason.text(),
            None if code == agent_archive::NOT_EXAMINED => "its files are still to be examined",
            None => "a later version of this program found a reason",
        };
        Self { code, text: text.to_owned() }
    }
}

impl DeviceRuleJson {
    pub(crate) fn new(rule: DeviceRule, added_by: String, released: u64) -> Self {
        Self {
            id: rule.id.to_string(),
            device: rule.device.into(),
            regions: rule.regions.into_iter().map(RegionJson::from).collect(),
            added_at: time_text(rule.added_at),
            added_by,
            released,
        }
    }
}

impl From<Device> for DeviceJson {
    fn from(device: Device) -> Self {
        let Device { manufacturer, model, software_version, modality, rows, columns } = device;
        Self { manufacturer, model, software_version, modality, rows, columns }
    }
}

impl From<DeviceJson> for Device {
    fn from(device: DeviceJson) -> Self {
        let DeviceJson { manufacturer, model, software_version, modality, rows, columns } = device;
        Self { manufacturer, model, software_version, modality, rows, columns }
    }
}

impl From<Rectangle> for RegionJson {
    fn from(region: Rectangle) -> Self {
        let Rectangle { left, top, width, height } = region;
        Self { left, top, width, height }
    }
}

impl From<RegionJson> for Rectangle {
    fn from(region: RegionJson) -> Self {
        let RegionJson { left, top, width, height } = region;
        Self { left, top, width, height }
    }
}
