//! Whether the files of an asset may carry text in their pixels, and what kind of device they come from.

use std::collections::BTreeSet;

use agent_archive::{Archive, AtRisk, SeriesKind, StorageError};
use agent_deid::File;
use agent_deid::risk::{self, Reason};
use proto_ids::AssetToken;

/// What was found in the files so far.
#[derive(Debug, Default)]
pub(crate) struct Examination {
    reasons: BTreeSet<Reason>,
    devices: Devices,
}

#[derive(Debug, Default)]
enum Devices {
    #[default]
    None,
    One(risk::Device),
    /// Of several kinds, or not named everywhere.
    Mixed,
}

impl Examination {
    /// Looks at the header of one more file. What cannot be examined is at risk.
    pub(crate) fn look(&mut self, bytes: &[u8]) {
        let Ok(file) = File::open(bytes) else { return self.unreadable() };
        let Ok(set) = file.set() else { return self.unreadable() };
        self.reasons.extend(risk::assess(&set));
        let device = risk::Device::of(&set);
        self.devices = match (std::mem::take(&mut self.devices), device) {
            (Devices::None, Some(device)) => Devices::One(device),
            (Devices::One(one), Some(other)) if one == other => Devices::One(one),
            (Devices::None | Devices::One(_) | Devices::Mixed, _) => Devices::Mixed,
        };
    }

    fn unreadable(&mut self) {
        self.reasons.insert(Reason::Unreadable);
        self.devices = Devices::Mixed;
    }

    /// What the archive keeps of it.
    pub(crate) fn risk(self) -> AtRisk {
        let device = match self.devices {
            Devices::One(device) => Some(kept(device)),
            Devices::None | Devices::Mixed => None,
        };
        AtRisk { reasons: self.reasons.iter().map(|reason| reason.code().to_owned()).collect(), device }
    }
}

fn kept(device: risk::Device) -> agent_archive::Device {
    let risk::Device { manufacturer, model, software_version, modality, rows, columns } = device;
    agent_archive::Device { manufacturer, model, software_version, modality, rows, columns }
}

/// Looks at the assets that an earlier version made, which wait in quarantine until then, and lets out by rule what
/// waits while there is a rule for it. Gives how many were examined.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) fn catch_up(archive: &Archive) -> Result<u64, StorageError> {
    let mut examined = 0;
    for asset in archive.quarantine_unexamined()? {
        if let Some(risk) = examine(archive, asset)? {
            archive.quarantine_examined(asset, &risk)?;
            examined += 1;
        }
    }
    for row in archive.quarantine()? {
        agent_viewer_api::release_by_rule(archive, row.asset.token)?;
    }
    Ok(examined)
}

/// None when the asset is no more.
fn examine(archive: &Archive, asset: AssetToken) -> Result<Option<AtRisk>, StorageError> {
    let Some(asset) = archive.asset(asset)? else { return Ok(None) };
    let mut examination = Examination::default();
    for instance in &asset.instances {
        let Some(file) = archive.instance_bytes(*instance)? else { return Ok(None) };
        // A NIfTI file holds a volume that was computed, and no header says otherwise.
        if file.kind == SeriesKind::Dicom {
            examination.look(&file.bytes);
        }
    }
    Ok(Some(examination.risk()))
}
