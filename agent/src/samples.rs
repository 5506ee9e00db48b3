//! Small instructions, grids and drawings, and a site to work at, for the tests of this program.

use std::sync::Arc;

use agent_archive::{
    Archive, AssetRow, AtRisk, Holder, InstructionCopy, Invitation, NewInstance, PersonCopy, ProjectCopy,
    StudyHeader, TaskCopy, WorklistCursor, WorklistItem,
};
use agent_imaging::window::Modality;
use agent_imaging::{Grid, LabelMap, Run};
use agent_phi::{InstanceUid, SeriesUid, StudyUid};
use agent_uplink::Outbound;
use agent_viewer_api::{SubmissionReceipt, SubmitRefusal, SubmitRequest, Submitter};
use agent_work::{Form, Operation, OperationKind, RunChange, Shape, SliceDelta, Tool};
use proto_ids::{EpochId, OperationId, PersonId, ProjectId, ShapeId, TaskId, Timestamp};
use proto_instruction::{
    Colour, CountLimits, Geometry, Instruction, Object, ObjectCodes, ObjectLimits, Severity,
};
use proto_program::SystemClock;
use tokio::sync::Notify;

use crate::messages::ToTheControlPlane;
use crate::submit::ScoringSubmitter;

/// 2026-11-23T12:00:00Z.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_435_200_000);

pub(crate) fn grid() -> Grid {
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Grid::new([40, 40, 10], [1.0, 1.0, 3.0], [0.0; 3], axes).unwrap()
}

pub(crate) fn space() -> agent_imaging::ImageSpace {
    agent_imaging::ImageSpace::volume(grid())
}

pub(crate) const fn label_map(label: u8) -> Geometry {
    Geometry::LabelMap { label, tolerance_mm: 2.0 }
}

pub(crate) fn object(id: u32, geometry: Geometry) -> Object {
    Object {
        id,
        key: format!("object_{id}"),
        name: format!("Object {id}"),
        help: String::new(),
        colour: Colour::from_rgb(0x00_80_00).unwrap(),
        hotkey: None,
        geometry,
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    }
}

pub(crate) fn instruction(objects: &[(u32, Geometry)]) -> Instruction {
    Instruction {
        title: "Livers".into(),
        body: Vec::new(),
        objects: objects.iter().map(|(id, geometry)| object(*id, *geometry)).collect(),
        questions: Vec::new(),
        rules: Vec::new(),
    }
}

/// One run in slice 5.
pub(crate) fn map(start: u32, length: u32, label: u16) -> LabelMap {
    LabelMap::from_slices(grid(), [(5, vec![Run { start, length, label }])]).unwrap()
}

pub(crate) fn cuboid(object_id: u32, lower: [u32; 3], upper: [u32; 3]) -> Shape {
    let id = ShapeId::from_random([lower[0] as u8; 16]);
    Shape { id, object_id, form: Form::Box { lower, upper } }
}

pub(crate) fn person(number: u8) -> PersonId {
    PersonId::from_random([number; 16])
}

pub(crate) fn task() -> TaskId {
    TaskId::from_random([100; 16])
}

pub(crate) fn project() -> ProjectId {
    ProjectId::from_random([200; 16])
}

/// A stroke in slice 5.
pub(crate) fn stroke(start: u32, length: u32, label: u16) -> OperationKind {
    let runs = vec![RunChange { start, length, old: 0, new: label }];
    OperationKind::Paint { tool: Tool::Brush, slices: vec![SliceDelta { k: 5, runs }] }
}

/// A store with one asset and a project whose people, 1 to 3 and the arbiter 4, are active.
#[derive(Debug)]
pub(crate) struct Place {
    _directory: tempfile::TempDir,
    pub(crate) archive: Arc<Archive>,
    pub(crate) asset: AssetRow,
    submitter: ScoringSubmitter,
}

impl Place {
    pub(crate) fn new(instruction: &Instruction) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let archive = Arc::new(Archive::open_on_disk(directory.path(), Arc::new(SystemClock)).unwrap());
        archive.messages_join(Arc::new(ToTheControlPlane));
        let asset = asset(&archive);
        let submitter = ScoringSubmitter::new(Arc::clone(&archive), Arc::new(Notify::new()));
        let place = Self { _directory: directory, archive, asset, submitter };
        for number in 1..=4 {
            place.invite(number);
        }
        place.publish(1, instruction);
        place
    }

    fn invite(&self, number: u8) {
        let invitation = Invitation { sha256: [number; 32], expires_at: NOON.plus_seconds(60) };
        self.apply(WorklistItem::Person(PersonCopy {
            person: person(number),
            user_name: format!("user{number}"),
            display_name: format!("User {number}"),
            invitation: Some(invitation),
            suspended: false,
        }));
        self.archive.invitation_redeem(&[number; 32], "$argon2id$x".to_owned(), NOON).unwrap();
    }

    pub(crate) fn apply(&self, item: WorklistItem) {
        let sequence = self.archive.worklist_cursor().unwrap().map_or(0, |cursor| cursor.sequence) + 1;
        let cursor = WorklistCursor { epoch: EpochId::from_random([1; 16]), sequence };
        assert!(self.archive.worklist_apply(cursor, &item).unwrap());
    }

    /// Makes a version of the instruction the one that new work follows.
    pub(crate) fn publish(&self, version: u32, instruction: &Instruction) {
        self.apply(WorklistItem::Instruction(InstructionCopy {
            project: project(),
            version,
            instruction: instruction.clone(),
        }));
        self.apply(WorklistItem::Project(ProjectCopy {
            project: project(),
            title: "Livers".into(),
            instruction_version: version,
            annotators: (1..=3).map(person).collect(),
            closed: false,
            arbiters: vec![person(4)],
            gold_percent: 0,
            gold_seed: 0,
            preannotation: None,
        }));
    }

    /// An order for three annotators.
    pub(crate) fn order(&self) -> TaskCopy {
        TaskCopy {
            task: task(),
            project: project(),
            asset: self.asset.token,
            instruction_version: 1,
            overlap: 3,
            gold: false,
            withdrawn: false,
            consensus: Vec::new(),
            arbitration: false,
        }
    }

    /// Takes the task, works on it and gives what handing it in needs.
    pub(crate) fn work(&self, who: u8, kinds: Vec<OperationKind>) -> SubmitRequest {
        let grant = self.archive.task_next(person(who), NOON).unwrap().unwrap();
        let holder = Holder { task: grant.task, person: person(who), fencing: grant.fencing };
        let operation = |(kind, number): (OperationKind, u8)| Operation {
            id: OperationId::from_random([who * 16 + number; 16]),
            base_revision: u64::from(number),
            kind,
        };
        let operations: Vec<Operation> = kinds.into_iter().zip(0..).map(operation).collect();
        let revision = if operations.is_empty() {
            0
        } else {
            self.archive.operations_append(holder, operations, NOON).unwrap()
        };
        SubmitRequest {
            task: grant.task,
            person: person(who),
            fencing: grant.fencing,
            revision,
            overrides: Vec::new(),
            verdicts: Vec::new(),
            now: NOON.plus_seconds(90),
        }
    }

    pub(crate) fn submit(&self, request: SubmitRequest) -> Result<SubmissionReceipt, SubmitRefusal> {
        self.submitter.submit(request)
    }

    /// Draws and hands in.
    pub(crate) fn hand_in(&self, who: u8, kinds: Vec<OperationKind>) -> SubmissionReceipt {
        self.submit(self.work(who, kinds)).unwrap()
    }

    /// What is in the outbox and not about leases and people.
    pub(crate) fn told(&self) -> Vec<Outbound> {
        let rows = self.archive.outbox_peek(0, 1000).unwrap();
        let cards = rows.into_iter().filter(|row| row.bytes != b"card");
        let told = cards.map(|row| Outbound::decode(&row.bytes).unwrap().1);
        told.filter(|told| !matches!(told, Outbound::Lease(_) | Outbound::Person(_))).collect()
    }
}

fn asset(archive: &Archive) -> AssetRow {
    let stored = archive.instance_store(NewInstance {
        study_uid: StudyUid::new("1.2".to_owned()).unwrap(),
        series_uid: SeriesUid::new("1.2.3".to_owned()).unwrap(),
        instance_uid: InstanceUid::new("1.2.3.4".to_owned()).unwrap(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
        calling_ae: None,
        header: StudyHeader::default(),
        bytes: b"pixels".to_vec(),
    });
    let place = stored.unwrap().place();
    let asset = AssetRow {
        token: archive.asset_token().unwrap(),
        study: place.study,
        series: place.series,
        instances: vec![place.instance],
        modality: Modality::Ct,
        grid: grid(),
        reasons: Vec::new(),
        pictures: Vec::new(),
        voxels: None,
        received_at: NOON,
        arrivals_seen: 1,
    };
    archive.asset_put(&asset, &AtRisk::default(), |_| Some(b"card".to_vec())).unwrap();
    asset
}
