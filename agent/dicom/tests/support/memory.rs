//! An archive in memory: keeps what it is given and shows it to peers.

#![allow(
    unreachable_pub,
    dead_code,
    reason = "the tests inside and outside of the crate each use some of it"
)]

use agent_dicom::{
    Catalogue, CatalogueError, Commitment, Each, InstanceEntry, ObjectHandle, PeerAct, ReceivedInstance,
    SeriesEntry, Storage, StoreOutcome, StoreRefusal, StudyEntry,
};
use agent_phi::{InstanceUid, SeriesUid, StudyUid};
use std::sync::Mutex;
use tokio::sync::watch;

#[derive(Default)]
pub struct Memory {
    pub kept: Mutex<Vec<ReceivedInstance>>,
    pub refusal: Option<StoreRefusal>,
    /// Asks for the shutdown while an object is being kept.
    pub asks_shutdown: Mutex<Option<watch::Sender<bool>>>,
    /// Objects that can no longer be read.
    pub damaged: Mutex<Vec<InstanceUid>>,
    pub acts: Mutex<Vec<(String, PeerAct)>>,
    pub trail_broken: bool,
}

impl Storage for Memory {
    fn store(&self, received: ReceivedInstance) -> Result<StoreOutcome, StoreRefusal> {
        if let Some(shutdown) = self.asks_shutdown.lock().unwrap().take() {
            shutdown.send(true).unwrap();
        }
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        self.kept.lock().unwrap().push(received);
        Ok(StoreOutcome::New)
    }
}

impl Memory {
    fn all(&self) -> Vec<ReceivedInstance> {
        self.kept.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.kept.lock().unwrap().len()
    }

    fn series_of(&self, study: &StudyUid) -> Vec<SeriesEntry> {
        let mut found: Vec<SeriesEntry> = Vec::new();
        for one in self.all().into_iter().filter(|one| one.identity.study == *study) {
            match found.iter_mut().find(|series| series.uid == one.identity.series) {
                Some(series) => series.instances += 1,
                None => found.push(SeriesEntry {
                    uid: one.identity.series,
                    text: one.identity.text,
                    instances: 1,
                }),
            }
        }
        found
    }
}

impl Catalogue for Memory {
    fn studies(&self, only: &[StudyUid], each: Each<'_, StudyEntry>) -> Result<(), CatalogueError> {
        let mut seen: Vec<StudyUid> = Vec::new();
        for one in self.all() {
            let study = one.identity.study;
            if seen.contains(&study) || !(only.is_empty() || only.contains(&study)) {
                continue;
            }
            seen.push(study.clone());
            let series = self.series_of(&study);
            let modalities = series.iter().filter_map(|series| series.text.modality.clone()).collect();
            let entry = StudyEntry {
                uid: study,
                text: one.identity.text,
                modalities,
                series: series.len() as u32,
                instances: series.iter().map(|series| series.instances).sum(),
            };
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn series(&self, study: &StudyUid, each: Each<'_, SeriesEntry>) -> Result<(), CatalogueError> {
        for entry in self.series_of(study) {
            if each(entry).is_break() {
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
        for (index, one) in self.all().into_iter().enumerate() {
            if one.identity.study != *study || one.identity.series != *series {
                continue;
            }
            let mut handle = [0; 16];
            handle[..8].copy_from_slice(&(index as u64).to_le_bytes());
            let entry = InstanceEntry {
                uid: one.identity.instance,
                sop_class_uid: one.identity.sop_class_uid,
                transfer_syntax_uid: one.identity.syntax.uid().to_owned(),
                number: one.identity.text.instance_number,
                handle: ObjectHandle(handle),
            };
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn object(&self, handle: ObjectHandle) -> Result<Option<Vec<u8>>, CatalogueError> {
        let index = u64::from_le_bytes(handle.0[..8].try_into().unwrap()) as usize;
        let kept = self.kept.lock().unwrap();
        let Some(one) = kept.get(index) else { return Ok(None) };
        if self.damaged.lock().unwrap().contains(&one.identity.instance) {
            return Err(CatalogueError);
        }
        Ok(Some(one.bytes.clone()))
    }

    fn committed(&self, sop_class_uid: &str, instance: &InstanceUid) -> Result<Commitment, CatalogueError> {
        let kept = self.kept.lock().unwrap();
        let Some(one) = kept.iter().find(|one| one.identity.instance == *instance) else {
            return Ok(Commitment::NoSuchInstance);
        };
        Ok(if one.identity.sop_class_uid != sop_class_uid {
            Commitment::OtherClass
        } else if self.damaged.lock().unwrap().contains(instance) {
            Commitment::Damaged
        } else {
            Commitment::Kept
        })
    }

    fn note(&self, ae_title: &str, act: PeerAct) -> Result<(), CatalogueError> {
        if self.trail_broken {
            return Err(CatalogueError);
        }
        self.acts.lock().unwrap().push((ae_title.to_owned(), act));
        Ok(())
    }
}
