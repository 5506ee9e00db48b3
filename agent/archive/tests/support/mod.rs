//! What the tests of the archive share: a store in a directory of its own, and things to put into it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use agent_archive::{
    Archive, AssetRow, AtRisk, HandIn, Holder, InstructionCopy, LeaseChange, Messages, ModelChange,
    NewInstance, PersonChange, PersonCopy, Prepared, ProjectCopy, Stored, StudyHeader, TaskCopy,
    WorklistCursor, WorklistItem,
};
use agent_imaging::Grid;
use agent_imaging::window::Modality;
use agent_phi::{HeaderText, InstanceUid, PatientId, SeriesUid, StudyUid};
use agent_work::{Operation, OperationKind, Role, Run, RunChange, Slice, SliceDelta, Tool};
use proto_ids::{AssetToken, Clock, EpochId, OperationId, PersonId, ProjectId, TaskId, Timestamp};
use proto_instruction::{
    Answer, Colour, CountLimits, Geometry, Instruction, Object, ObjectCodes, ObjectLimits, Question,
    QuestionKind, Severity,
};

/// 2026-11-23T12:00:00Z.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_435_200_000);

/// A clock that stands still until it is set.
#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now.millis())))
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.millis(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Messages that say in letters what happened.
#[derive(Debug)]
pub(crate) struct PlainMessages;

impl Messages for PlainMessages {
    fn lease(&self, change: LeaseChange) -> Option<Vec<u8>> {
        let LeaseChange { role, slot, state, .. } = change;
        Some(match role {
            Role::Annotator => format!("{state:?} slot {slot}").into_bytes(),
            Role::Arbiter => format!("{state:?} arbiter {slot}").into_bytes(),
        })
    }

    fn person(&self, _person: PersonId, change: PersonChange) -> Option<Vec<u8>> {
        Some(format!("{change:?}").into_bytes())
    }

    fn gold(&self, _asset: AssetToken) -> Option<Vec<u8>> {
        Some(b"Gold".to_vec())
    }

    fn model(&self, _change: ModelChange) -> Option<Vec<u8>> {
        Some(b"Model".to_vec())
    }
}

pub(crate) fn open(directory: &Path) -> Archive {
    let archive = Archive::open_on_disk(directory, HandClock::at(NOON)).expect("a store");
    archive.messages_join(Arc::new(PlainMessages));
    archive
}

pub(crate) fn text(text: &str) -> Option<HeaderText> {
    Some(HeaderText::new(text).expect("a text"))
}

/// Instance `number` of series `1.study.series`, with a header that tells the study.
pub(crate) fn instance(study: u32, series: u32, number: u32, content: &str) -> NewInstance {
    NewInstance {
        study_uid: StudyUid::new(format!("1.{study}")).expect("a uid"),
        series_uid: SeriesUid::new(format!("1.{study}.{series}")).expect("a uid"),
        instance_uid: InstanceUid::new(format!("1.{study}.{series}.{number}")).expect("a uid"),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
        calling_ae: text("CANARYAE"),
        header: StudyHeader {
            patient_name: text(&format!("Canary{study}^Jane")),
            patient_id: Some(PatientId::new(format!("CANARYID{study}")).expect("an id")),
            study_date: text(&format!("2026010{study}")),
            accession_number: text(&format!("CANARYACC{study}")),
            modality: text(if series == 1 { "CT" } else { "MR" }),
            ..StudyHeader::default()
        },
        bytes: format!("CANARYPIXELS {content}").into_bytes(),
    }
}

pub(crate) fn grid() -> Grid {
    Grid::new([4, 4, 2], [1.0; 3], [0.0; 3], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        .expect("a grid")
}

/// Stores one instance, makes an asset of it and gives its token.
pub(crate) fn asset(archive: &Archive, study: u32) -> AssetRow {
    let stored = archive.instance_store(instance(study, 1, 1, "a")).expect("stored");
    let place = stored.place();
    let asset = AssetRow {
        token: archive.asset_token().expect("a token"),
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
    assert!(matches!(stored, Stored::New(_)));
    archive.asset_put(&asset, &AtRisk::default(), |_| Some(b"card".to_vec())).expect("put");
    asset
}

pub(crate) fn person(number: u8) -> PersonId {
    PersonId::from_random([number; 16])
}

pub(crate) fn project() -> ProjectId {
    ProjectId::from_random([200; 16])
}

pub(crate) fn task(number: u8) -> TaskId {
    TaskId::from_random([number; 16])
}

pub(crate) fn code(number: u8) -> [u8; 32] {
    [number; 32]
}

pub(crate) fn instruction() -> Instruction {
    Instruction {
        title: "Look".to_owned(),
        body: Vec::new(),
        objects: vec![Object {
            id: 1,
            key: "nodule".to_owned(),
            name: "Nodule".to_owned(),
            help: String::new(),
            colour: Colour::from_rgb(0x0e_a5a4).expect("a colour"),
            hotkey: Some('1'),
            geometry: Geometry::LabelMap { label: 1, tolerance_mm: 2.0 },
            count: CountLimits::default(),
            limits: ObjectLimits::default(),
            severity: Severity::Warn,
            must_state: false,
            codes: ObjectCodes::default(),
        }],
        questions: vec![Question {
            id: 1,
            prompt: "Anything else?".to_owned(),
            help: String::new(),
            required: true,
            parent: None,
            visible_when: None,
            kind: QuestionKind::Text { max_length: 100 },
        }],
        rules: Vec::new(),
    }
}

/// Applies items as the next events of one epoch.
pub(crate) fn apply(archive: &Archive, items: impl IntoIterator<Item = WorklistItem>) {
    for item in items {
        let sequence = archive.worklist_cursor().expect("a cursor").map_or(0, |cursor| cursor.sequence) + 1;
        let cursor = WorklistCursor { epoch: EpochId::from_random([1; 16]), sequence };
        assert!(archive.worklist_apply(cursor, &item).expect("applied"));
    }
}

pub(crate) fn invited(number: u8) -> PersonCopy {
    PersonCopy {
        person: person(number),
        user_name: format!("user{number}"),
        display_name: format!("User {number}"),
        invitation: Some(agent_archive::Invitation {
            sha256: code(number),
            expires_at: NOON.plus_seconds(60),
        }),
        suspended: false,
    }
}

pub(crate) fn ordered(number: u8, asset: AssetToken, overlap: u32) -> TaskCopy {
    TaskCopy {
        task: task(number),
        project: project(),
        asset,
        instruction_version: 1,
        overlap,
        gold: true,
        withdrawn: false,
        consensus: Vec::new(),
        arbitration: false,
    }
}

/// The project with these people.
pub(crate) fn project_of(people: &[u8]) -> ProjectCopy {
    ProjectCopy {
        project: project(),
        title: "Nodules".to_owned(),
        instruction_version: 1,
        annotators: people.iter().map(|number| person(*number)).collect(),
        closed: false,
        arbiters: Vec::new(),
        gold_percent: 0,
        gold_seed: 7,
        preannotation: None,
    }
}

/// A project with these people, who have redeemed their invitations.
pub(crate) fn staffed(archive: &Archive, people: &[u8]) {
    apply(archive, people.iter().map(|number| WorklistItem::Person(invited(*number))));
    for number in people {
        archive.invitation_redeem(&code(*number), "$argon2id$x".to_owned(), NOON).expect("redeemed");
    }
    apply(
        archive,
        [
            WorklistItem::Project(project_of(people)),
            WorklistItem::Instruction(InstructionCopy {
                project: project(),
                version: 1,
                instruction: instruction(),
            }),
        ],
    );
}

pub(crate) fn paint(number: u8, base_revision: u64, start: u32) -> Operation {
    let runs = vec![RunChange { start, length: 2, old: 0, new: 1 }];
    let slices = vec![SliceDelta { k: 0, runs }];
    operation(number, base_revision, OperationKind::Paint { tool: Tool::Brush, slices })
}

pub(crate) fn answer(number: u8, base_revision: u64) -> Operation {
    let answer = Some(Answer::Text("CANARYANSWER".to_owned()));
    operation(number, base_revision, OperationKind::Answer { question_id: 1, answer })
}

pub(crate) fn operation(number: u8, base_revision: u64, kind: OperationKind) -> Operation {
    Operation { id: OperationId::from_random([number; 16]), base_revision, kind }
}

pub(crate) fn drawn(start: u32) -> Vec<Slice> {
    vec![Slice { k: 0, runs: vec![Run { start, length: 2, label: 1 }] }]
}

pub(crate) fn next(archive: &Archive, who: u8, now: Timestamp) -> Option<Holder> {
    let grant = archive.task_next(person(who), now).expect("an answer")?;
    Some(Holder { task: grant.task, person: person(who), fencing: grant.fencing })
}

/// Draws, answers and hands in; gives what was prepared.
pub(crate) fn hand_in(archive: &Archive, holder: Holder, start: u32) -> Prepared {
    let operations = vec![paint(1, 0, start), answer(2, 1)];
    assert_eq!(archive.operations_append(holder, operations, NOON).expect("taken"), 2);
    let prepared = archive.submission_prepare(holder, 2, NOON).expect("prepared");
    archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON).expect("handed in");
    prepared
}

/// All that was prepared, with one message.
pub(crate) fn handing_in(prepared: &Prepared, message: &str) -> HandIn {
    let answers = prepared.drawn.answers.clone();
    HandIn { answers, messages: vec![message.as_bytes().to_vec()], ..HandIn::default() }
}

/// Every message in the outbox, as text.
pub(crate) fn messages(archive: &Archive) -> Vec<String> {
    let rows = archive.outbox_peek(0, 1000).expect("a peek");
    for (index, row) in (1..).zip(&rows) {
        assert_eq!(row.sequence, index, "numbers have no gaps");
    }
    rows.into_iter().map(|row| String::from_utf8(row.bytes).expect("text")).collect()
}
