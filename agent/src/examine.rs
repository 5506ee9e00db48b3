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

/// So many assets are examined before something else may have its turn.
const STEP: usize = 20;

/// Looks at some of the assets that an earlier version made, which wait in quarantine until then; after the last of
/// them, lets out by rule what waits while there is a rule for it. Says whether there is more to do.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) fn catch_up(archive: &Archive) -> Result<bool, StorageError> {
    let unexamined = archive.quarantine_unexamined()?;
    let mut examined = 0;
    for asset in unexamined.into_iter().take(STEP) {
        if let Some(risk) = examine(archive, asset)? {
            archive.quarantine_examined(asset, &risk)?;
            examined += 1;
        }
    }
    if examined == STEP {
        return Ok(true);
    }
    for row in archive.quarantine()? {
        agent_viewer_api::release_by_rule(archive, row.asset.token)?;
    }
    Ok(false)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use agent_archive::{AssetRow, NOT_EXAMINED, QuarantineState};
    use agent_formats::TransferSyntax;
    use agent_formats::part10::{FileMeta, file_meta};
    use agent_imaging::Grid;
    use agent_imaging::window::Modality;
    use agent_viewer_api::new_instance;
    use proto_ids::{Clock, PersonId};
    use proto_program::SystemClock;

    use super::*;
    use crate::import::tests::elements;

    const CLASS: &str = "1.2.840.10008.5.1.4.1.1.6.1";

    /// An ultrasound picture of so many columns.
    fn ultrasound(columns: &str) -> Vec<u8> {
        let meta = FileMeta {
            sop_class_uid: CLASS,
            sop_instance_uid: "1.2.3",
            syntax: TransferSyntax::ExplicitLittle,
        };
        let mut file = file_meta(&meta).unwrap();
        file.extend(elements(&[
            ((0x0008, 0x0016), "UI", CLASS),
            ((0x0008, 0x0018), "UI", "1.2.3"),
            ((0x0008, 0x0060), "CS", "US"),
            ((0x0008, 0x0070), "LO", "Maker"),
            ((0x0008, 0x1090), "LO", "One"),
            ((0x0020, 0x000D), "UI", "1.2"),
            ((0x0020, 0x000E), "UI", "1.2.1"),
            ((0x0028, 0x0010), "US", "\x03\0"),
            ((0x0028, 0x0011), "US", columns),
        ]));
        file
    }

    fn examined(files: &[&[u8]]) -> AtRisk {
        let mut examination = Examination::default();
        files.iter().for_each(|file| examination.look(file));
        examination.risk()
    }

    #[test]
    fn a_device_is_named_where_all_files_name_it() {
        let four = ultrasound("\x04\0");
        let found = examined(&[&four, &four]);
        assert_eq!(found.reasons, ["modality"]);
        let device = found.device.unwrap();
        assert_eq!((device.model.as_str(), device.rows, device.columns), ("One", 3, 4));
        assert_eq!(device.software_version, None);
        assert_eq!(examined(&[&four, &ultrasound("\x05\0"), &four]).device, None);
        let unreadable = examined(&[&four, b"no file"]);
        assert_eq!(
            (unreadable.device, unreadable.reasons),
            (None, vec!["modality".into(), "unreadable".into()])
        );
        assert_eq!(examined(&[]), AtRisk::default());
    }

    #[test]
    fn an_asset_of_an_earlier_version_is_examined_once() {
        let place = tempfile::tempdir().unwrap();
        let archive = Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap();
        let bytes = ultrasound("\x04\0");
        let identity = agent_formats::header::identity(&bytes).unwrap();
        let stored = archive.instance_store(new_instance(identity, bytes)).unwrap().place();
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let row = AssetRow {
            token: archive.asset_token().unwrap(),
            study: stored.study,
            series: stored.series,
            instances: vec![stored.instance],
            modality: Modality::Us,
            grid: Grid::new([4, 3, 1], [1.0; 3], [0.0; 3], direction).unwrap(),
            reasons: Vec::new(),
            pictures: Vec::new(),
            voxels: None,
            received_at: SystemClock.now(),
            arrivals_seen: 1,
        };
        let before = AtRisk { reasons: vec![NOT_EXAMINED.to_owned()], device: None };
        archive.asset_put(&row, &before, |_| None).unwrap();
        assert!(!catch_up(&archive).unwrap(), "nothing is left to do");
        let after = archive.quarantined(row.token).unwrap().unwrap();
        assert_eq!((after.reasons, after.state), (vec!["modality".to_owned()], QuarantineState::Waiting));
        archive.quarantine_release(row.token, PersonId::from_bytes([1; 16]), SystemClock.now()).unwrap();
        assert!(!catch_up(&archive).unwrap());
        assert_eq!(archive.quarantined(row.token).unwrap().unwrap().state, QuarantineState::Released);
    }
}
