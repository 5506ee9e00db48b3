//! The archive, as DICOM peers see it.

use std::ops::ControlFlow;
use std::sync::Arc;

use agent_archive::{
    Archive, AuditAction, AuditActor, AuditOutcome, AuditSubject, InstanceRow, Keeping, NewAuditEvent,
    SeriesFilter, StorageError, StudyHeader,
};
use agent_dicom::{
    Catalogue, CatalogueError, Commitment, Each, InstanceEntry, ObjectHandle, PeerAct, SeriesEntry,
    StudyEntry,
};
use agent_formats::StudyText;
use agent_phi::{HeaderText, InstanceUid, SeriesUid, StudyUid};
use proto_ids::InstanceToken;

/// The archive behind the port.
#[derive(Debug)]
pub(super) struct ArchiveCatalogue(pub(super) Arc<Archive>);

fn failed(error: StorageError) -> CatalogueError {
    tracing::error!(error = &error as &dyn std::error::Error, "a peer's question cannot be answered");
    CatalogueError
}

fn text(header: StudyHeader) -> StudyText {
    StudyText {
        patient_id: header.patient_id,
        patient_name: header.patient_name,
        patient_birth_date: header.patient_birth_date,
        patient_sex: header.patient_sex,
        study_date: header.study_date,
        study_time: header.study_time,
        study_id: header.study_id,
        accession_number: header.accession_number,
        study_description: header.study_description,
        referring_physician: header.referring_physician,
        modality: header.modality,
        series_description: header.series_description,
        series_number: header.series_number,
        body_part: header.body_part,
        instance_number: header.instance_number,
    }
}

/// An instance as it is told to peers.
pub(super) fn entry(row: InstanceRow) -> InstanceEntry {
    InstanceEntry {
        uid: row.instance_uid,
        sop_class_uid: row.sop_class_uid,
        transfer_syntax_uid: row.transfer_syntax_uid,
        number: row.number,
        handle: ObjectHandle(*row.instance.bytes()),
    }
}

impl Catalogue for ArchiveCatalogue {
    fn studies(&self, only: &[StudyUid], each: Each<'_, StudyEntry>) -> Result<(), CatalogueError> {
        let visited = self.0.studies_visit(only, &mut |row| {
            each(StudyEntry {
                uid: row.study_uid,
                text: text(row.header),
                modalities: row.modalities,
                series: row.series,
                instances: row.instances,
            })
        });
        visited.map_err(failed)
    }

    fn series(&self, study: &StudyUid, each: Each<'_, SeriesEntry>) -> Result<(), CatalogueError> {
        let filter = SeriesFilter { study_uid: Some(study.clone()), ..SeriesFilter::default() };
        for row in self.0.series_find(&filter).map_err(failed)? {
            let entry = SeriesEntry { uid: row.series_uid, text: text(row.header), instances: row.instances };
            if each(entry) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn instances(
        &self,
        study: &StudyUid,
        series: &SeriesUid,
        each: Each<'_, InstanceEntry>,
    ) -> Result<(), CatalogueError> {
        for row in self.0.instances_find(study, series).map_err(failed)? {
            if each(entry(row)) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn object(&self, handle: ObjectHandle) -> Result<Option<Vec<u8>>, CatalogueError> {
        let file = self.0.instance_bytes(InstanceToken::from_bytes(handle.0)).map_err(failed)?;
        Ok(file.map(|file| file.bytes))
    }

    fn committed(&self, sop_class_uid: &str, instance: &InstanceUid) -> Result<Commitment, CatalogueError> {
        Ok(match self.0.instance_keeping(sop_class_uid, instance).map_err(failed)? {
            Keeping::Kept => Commitment::Kept,
            Keeping::Unknown => Commitment::NoSuchInstance,
            Keeping::OtherClass => Commitment::OtherClass,
            Keeping::Damaged => Commitment::Damaged,
        })
    }

    fn note(&self, ae_title: &str, act: PeerAct) -> Result<(), CatalogueError> {
        let action = match act {
            PeerAct::Queried => AuditAction::StudyQueried,
            PeerAct::Retrieved => AuditAction::StudyRetrieved,
            PeerAct::CommitmentAnswered => AuditAction::CommitmentAnswered,
        };
        let event = NewAuditEvent {
            actor: AuditActor::Peer,
            action,
            subject: AuditSubject::Nothing,
            outcome: AuditOutcome::Done,
            detail: HeaderText::new(ae_title).ok(),
        };
        self.0.audit_append(&event).map(|_| ()).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use agent_archive::NewInstance;
    use proto_program::SystemClock;

    use super::*;

    fn new(number: u32, content: &str) -> NewInstance {
        NewInstance {
            study_uid: StudyUid::new("1.2.3").unwrap(),
            series_uid: SeriesUid::new("1.2.3.1").unwrap(),
            instance_uid: InstanceUid::new(format!("1.2.3.1.{number}")).unwrap(),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.4".to_owned(),
            transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
            calling_ae: None,
            header: StudyHeader {
                instance_number: HeaderText::new(number.to_string()).ok(),
                ..StudyHeader::default()
            },
            bytes: content.as_bytes().to_vec(),
        }
    }

    fn images(catalogue: &ArchiveCatalogue) -> Vec<InstanceEntry> {
        let mut found = Vec::new();
        let (study, series) = (StudyUid::new("1.2.3").unwrap(), SeriesUid::new("1.2.3.1").unwrap());
        let each = &mut |entry| {
            found.push(entry);
            ControlFlow::Continue(())
        };
        catalogue.instances(&study, &series, each).unwrap();
        found
    }

    #[test]
    fn peers_see_each_uid_once_and_the_object_that_came_first() {
        let place = tempfile::tempdir().unwrap();
        let archive = Arc::new(Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap());
        for (number, content) in [(1, "first"), (2, "second"), (1, "another of the same UID")] {
            archive.instance_store(new(number, content)).unwrap();
        }
        let catalogue = ArchiveCatalogue(archive);
        let found = images(&catalogue);
        assert_eq!(found.len(), 2);
        assert_eq!(catalogue.object(found[0].handle).unwrap().unwrap(), b"first");
        let number =
            found[1].number.as_ref().map(|text| text.expose(agent_phi::Purpose::DicomPeer).to_owned());
        assert_eq!(number.as_deref(), Some("2"));
        let mut told = Vec::new();
        let each = &mut |study: StudyEntry| {
            told.push((study.series, study.instances));
            ControlFlow::Continue(())
        };
        catalogue.studies(&[], each).unwrap();
        assert_eq!(told, [(1, 2)]);
    }

    #[test]
    fn a_commitment_is_about_the_bytes_on_the_disk() {
        let place = tempfile::tempdir().unwrap();
        let archive = Arc::new(Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap());
        archive.instance_store(new(1, "first")).unwrap();
        let catalogue = ArchiveCatalogue(archive);
        let ask =
            |class: &str, uid: &str| catalogue.committed(class, &InstanceUid::new(uid).unwrap()).unwrap();
        let class = "1.2.840.10008.5.1.4.1.1.4";
        assert_eq!(ask(class, "1.2.3.1.1"), Commitment::Kept);
        assert_eq!(ask(class, "1.2.3.1.7"), Commitment::NoSuchInstance);
        assert_eq!(ask("1.2.840.10008.5.1.4.1.1.2", "1.2.3.1.1"), Commitment::OtherClass);
        damage(&place.path().join("archive/segments"));
        assert_eq!(ask(class, "1.2.3.1.1"), Commitment::Damaged);
    }

    /// Changes one byte in the middle of the last segment's objects.
    fn damage(segments: &std::path::Path) {
        let mut files: Vec<_> =
            std::fs::read_dir(segments).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let file = files.last().unwrap();
        let mut bytes = std::fs::read(file).unwrap();
        // The object is the last thing that was written.
        let at = bytes.len() - 20;
        bytes[at] ^= 1;
        std::fs::write(file, bytes).unwrap();
    }

    #[test]
    fn what_peers_do_is_in_the_audit_trail() {
        let place = tempfile::tempdir().unwrap();
        let archive = Arc::new(Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap());
        let catalogue = ArchiveCatalogue(Arc::clone(&archive));
        for act in [PeerAct::Queried, PeerAct::Retrieved, PeerAct::CommitmentAnswered] {
            catalogue.note("PACS1", act).unwrap();
        }
        let lines = archive.audit_list(0, 10).unwrap();
        let actions: Vec<AuditAction> = lines.iter().map(|line| line.event.action).collect();
        assert_eq!(
            actions,
            [AuditAction::StudyQueried, AuditAction::StudyRetrieved, AuditAction::CommitmentAnswered]
        );
        assert!(lines.iter().all(|line| line.event.actor == AuditActor::Peer && line.event.detail.is_some()));
    }
}
