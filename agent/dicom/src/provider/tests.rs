//! What peers are told and given, over a pipe.

use crate::association::tests::{Visitor, call_with, data_set};
use crate::catalogue::PeerAct;
use crate::channel::DATA;
use crate::classes::{COMMITMENT, COMMITMENT_INSTANCE, STUDY_ROOT_FIND, STUDY_ROOT_GET, STUDY_ROOT_MOVE};
use crate::dimse::{Command, Operation};
use crate::memory::Memory;
use crate::negotiate::tests::{EXPLICIT, IMPLICIT, MR, context, request};
use crate::query::Writer;
use crate::storage::ReceivedInstance;
use agent_formats::TransferSyntax;
use agent_formats::part10::{FileMeta, file_meta};
use agent_formats::syntax::Encoding;
use agent_phi::InstanceUid;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_ul::pdu::{AssociationRQ, RequestorRoles, UserVariableItem};
use std::sync::Mutex;

const FIND: u8 = 1;
const GET: u8 = 3;
const MOVE: u8 = 5;
const COMMIT: u8 = 7;
const OBJECTS: u8 = 9;

fn file(instance: &str) -> Vec<u8> {
    let syntax = TransferSyntax::ExplicitLittle;
    let meta = FileMeta { sop_class_uid: MR, sop_instance_uid: instance, syntax };
    let mut file = file_meta(&meta).unwrap();
    file.extend(data_set(instance));
    file
}

fn holding(count: usize) -> Memory {
    let kept = (1..=count).map(|number| {
        let bytes = file(&format!("1.2.1.{number}"));
        let identity = agent_formats::header::identity(&bytes).unwrap();
        ReceivedInstance { identity, calling_ae: None, bytes }
    });
    Memory { kept: Mutex::new(kept.collect()), ..Memory::default() }
}

async fn pacs(memory: Memory, objects_in: &str) -> Visitor {
    let mut pacs = call_with(memory, &|_| {});
    let roles = RequestorRoles { scu: false, scp: true };
    let request = AssociationRQ {
        calling_ae_title: "PACS".into(),
        presentation_contexts: vec![
            context(FIND, STUDY_ROOT_FIND, &[EXPLICIT]),
            context(GET, STUDY_ROOT_GET, &[EXPLICIT]),
            context(MOVE, STUDY_ROOT_MOVE, &[EXPLICIT]),
            context(COMMIT, COMMITMENT, &[EXPLICIT]),
            context(OBJECTS, MR, &[objects_in]),
        ],
        user_variables: vec![UserVariableItem::ScuScpRoleSelectionSubItem(MR.into(), roles)],
        ..request()
    };
    pacs.associate_as(request).await;
    pacs
}

impl Visitor {
    async fn ask(&mut self, context: u8, command: &Command, identifier: &[u8]) {
        self.value(context, 3, &command.write()).await;
        self.value(context, 2, identifier).await;
    }

    /// The next message: its command, and its data set if it has one.
    async fn told(&mut self) -> (Command, Vec<u8>) {
        let (mut command, mut data) = (Vec::new(), Vec::new());
        loop {
            let (kind, body) = self.unit().await;
            assert_eq!(kind, DATA);
            let control = body[5];
            if control & 1 != 0 {
                command.extend(&body[6..])
            } else {
                data.extend(&body[6..])
            }
            if control & 2 != 0 {
                let read = Command::read(&command).unwrap();
                if control & 1 == 0 || !read.data_set_follows {
                    return (read, data);
                }
            }
        }
    }
}

fn keys(level: &str, keys: &[(dicom_core::Tag, VR, &str)]) -> Vec<u8> {
    let mut writer = Writer::new(Encoding::EXPLICIT_LITTLE);
    writer.text(tags::QUERY_RETRIEVE_LEVEL, VR::CS, level);
    for (tag, vr, value) in keys {
        writer.text(*tag, *vr, value);
    }
    writer.finish()
}

fn images_of_the_series() -> Vec<u8> {
    keys(
        "IMAGE",
        &[
            (tags::SOP_INSTANCE_UID, VR::UI, ""),
            (tags::STUDY_INSTANCE_UID, VR::UI, "1.2"),
            (tags::SERIES_INSTANCE_UID, VR::UI, "1.2.1"),
        ],
    )
}

fn with_data(operation: Operation, class: &str) -> Command {
    let mut command = Command::request(operation, 7, class);
    command.data_set_follows = true;
    command
}

#[tokio::test]
async fn every_match_is_told_and_then_the_end() {
    let mut pacs = pacs(holding(3), EXPLICIT).await;
    pacs.ask(FIND, &with_data(Operation::Find, STUDY_ROOT_FIND), &images_of_the_series()).await;
    for number in 1..=3 {
        let (pending, identifier) = pacs.told().await;
        assert_eq!(pending.status, Some(0xFF00));
        let uid = format!("1.2.1.{number}");
        assert!(identifier.windows(uid.len()).any(|window| window == uid.as_bytes()));
    }
    let (last, _) = pacs.told().await;
    assert_eq!((last.status, last.data_set_follows), (Some(0), false));
    assert_eq!(*pacs.memory.acts.lock().unwrap(), [("PACS".to_owned(), PeerAct::Queried)]);
}

#[tokio::test]
async fn a_query_that_is_cancelled_ends_before_its_last_match() {
    let mut pacs = pacs(holding(3_000), EXPLICIT).await;
    pacs.ask(FIND, &with_data(Operation::Find, STUDY_ROOT_FIND), &images_of_the_series()).await;
    pacs.told().await;
    // One that is about another message changes nothing.
    pacs.value(FIND, 3, &Command::cancel(8).write()).await;
    pacs.told().await;
    pacs.value(FIND, 3, &Command::cancel(7).write()).await;
    let mut matches = 0;
    loop {
        match pacs.told().await.0.status {
            Some(0xFF00) => matches += 1,
            status => break assert_eq!(status, Some(0xFE00)),
        }
    }
    assert!(matches < 2_500);
}

#[tokio::test]
async fn a_query_that_is_not_understood_or_not_noted_tells_nobody_anything() {
    let mut pacs_here = pacs(holding(1), EXPLICIT).await;
    let find = with_data(Operation::Find, STUDY_ROOT_FIND);
    let refused: [(Vec<u8>, u16); 4] = [
        (keys("PATIENT", &[]), 0xA900),
        (keys("SERIES", &[]), 0xA900),
        (keys("STUDY", &[(tags::STUDY_DATE, VR::DA, "yesterday")]), 0xA900),
        (vec![0xFF; 40], 0xC000),
    ];
    for (identifier, status) in refused {
        pacs_here.ask(FIND, &find, &identifier).await;
        assert_eq!(pacs_here.told().await.0.status, Some(status));
    }
    let unnoted = Memory { trail_broken: true, ..holding(1) };
    let mut pacs = pacs(unnoted, EXPLICIT).await;
    pacs.ask(FIND, &find, &images_of_the_series()).await;
    assert_eq!(pacs.told().await.0.status, Some(0x0110));
}

#[tokio::test]
async fn objects_come_back_byte_for_byte_and_are_counted() {
    let mut pacs = pacs(holding(2), EXPLICIT).await;
    let study = keys("STUDY", &[(tags::STUDY_INSTANCE_UID, VR::UI, "1.2")]);
    pacs.ask(GET, &with_data(Operation::Get, STUDY_ROOT_GET), &study).await;
    for (number, status) in [(1, 0x0000), (2, 0xA700)] {
        let (command, object) = pacs.told().await;
        assert_eq!(command.operation, Operation::Store);
        assert_eq!(object, data_set(&format!("1.2.1.{number}")));
        let mut answer = command.answered(&crate::dimse::Answer::success());
        answer.status = Some(status);
        pacs.value(OBJECTS, 3, &answer.write()).await;
        let (pending, _) = pacs.told().await;
        assert_eq!((pending.status, pending.counts.remaining), (Some(0xFF00), Some(2 - number)));
    }
    let (last, failed) = pacs.told().await;
    assert_eq!((last.status, last.counts.completed, last.counts.failed), (Some(0xB000), Some(1), Some(1)));
    assert!(failed.windows(7).any(|window| window == b"1.2.1.2"));
}

#[tokio::test]
async fn an_object_in_another_plain_syntax_gets_new_headers_and_a_damaged_one_fails() {
    let memory = holding(2);
    memory.damaged.lock().unwrap().push(InstanceUid::new("1.2.1.2").unwrap());
    let mut pacs = pacs(memory, IMPLICIT).await;
    let study = keys("STUDY", &[(tags::STUDY_INSTANCE_UID, VR::UI, "1.2")]);
    pacs.ask(GET, &with_data(Operation::Get, STUDY_ROOT_GET), &study).await;
    let (command, object) = pacs.told().await;
    assert!(object.starts_with(&[0x08, 0x00, 0x16, 0x00, 26, 0, 0, 0]));
    pacs.value(OBJECTS, 3, &command.answered(&crate::dimse::Answer::success()).write()).await;
    assert_eq!(pacs.told().await.0.counts.completed, Some(1));
    assert_eq!(pacs.told().await.0.counts.failed, Some(1));
    assert_eq!(pacs.told().await.0.status, Some(0xB000));
}

#[tokio::test]
async fn a_get_that_is_cancelled_tells_what_remains() {
    let mut pacs = pacs(holding(5), EXPLICIT).await;
    let study = keys("STUDY", &[(tags::STUDY_INSTANCE_UID, VR::UI, "1.2")]);
    pacs.ask(GET, &with_data(Operation::Get, STUDY_ROOT_GET), &study).await;
    let (command, _) = pacs.told().await;
    pacs.value(GET, 3, &Command::cancel(7).write()).await;
    pacs.value(OBJECTS, 3, &command.answered(&crate::dimse::Answer::success()).write()).await;
    assert_eq!(pacs.told().await.0.status, Some(0xFF00));
    let (last, _) = pacs.told().await;
    assert_eq!((last.status, last.counts.completed, last.counts.remaining), (Some(0xFE00), Some(1), Some(4)));
}

#[tokio::test]
async fn a_move_to_somebody_unknown_is_refused() {
    let mut pacs = pacs(holding(1), EXPLICIT).await;
    let mut command = with_data(Operation::Move, STUDY_ROOT_MOVE);
    // Known, but not allowed to receive.
    for destination in ["NOBODY", "CT1"] {
        command.move_destination = Some(destination.into());
        let study = keys("STUDY", &[(tags::STUDY_INSTANCE_UID, VR::UI, "1.2")]);
        pacs.ask(MOVE, &command, &study).await;
        assert_eq!(pacs.told().await.0.status, Some(0xA801));
    }
}

fn references(instances: &[(&str, &str)]) -> Vec<u8> {
    let encoding = Encoding::EXPLICIT_LITTLE;
    let items = instances.iter().map(|(class, instance)| {
        let mut item = Writer::new(encoding);
        item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class);
        item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance);
        item
    });
    let mut writer = Writer::new(encoding);
    writer.text(tags::TRANSACTION_UID, VR::UI, "1.9.9");
    writer.sequence(tags::REFERENCED_SOP_SEQUENCE, items.collect());
    writer.finish()
}

fn commit() -> Command {
    let mut command = with_data(Operation::Action, "");
    command.sop_class_uid = None;
    command.requested_sop_class_uid = Some(COMMITMENT.into());
    command.requested_sop_instance_uid = Some(COMMITMENT_INSTANCE.into());
    command.action_type = Some(1);
    command
}

#[tokio::test]
async fn what_is_safe_is_reported_on_the_same_association() {
    let mut pacs = pacs(holding(2), EXPLICIT).await;
    pacs.ask(COMMIT, &commit(), &references(&[(MR, "1.2.1.1"), (MR, "1.2.1.2")])).await;
    assert_eq!(pacs.told().await.0.status, Some(0));
    let (report, data) = pacs.told().await;
    assert_eq!((report.operation, report.event_type), (Operation::EventReport, Some(1)));
    assert!(data.windows(5).any(|window| window == b"1.9.9"));
    let answer = report.answered(&crate::dimse::Answer::success());
    pacs.value(COMMIT, 3, &answer.write()).await;
    // The association lives on.
    pacs.ask(FIND, &with_data(Operation::Find, STUDY_ROOT_FIND), &keys("STUDY", &[])).await;
    assert_eq!(pacs.told().await.0.status, Some(0xFF00));
}

#[tokio::test]
async fn what_is_not_safe_is_told_with_its_reason() {
    let memory = holding(3);
    memory.damaged.lock().unwrap().push(InstanceUid::new("1.2.1.2").unwrap());
    let mut pacs = pacs(memory, EXPLICIT).await;
    let other = "1.2.840.10008.5.1.4.1.1.2";
    let asked = [(MR, "1.2.1.1"), (MR, "1.2.1.2"), (other, "1.2.1.3"), (MR, "1.7")];
    pacs.ask(COMMIT, &commit(), &references(&asked)).await;
    assert_eq!(pacs.told().await.0.status, Some(0));
    let (report, data) = pacs.told().await;
    assert_eq!(report.event_type, Some(2));
    // (0008,1197) US, two bytes.
    let reasons =
        data.windows(10).filter(|window| window.starts_with(&[0x08, 0, 0x97, 0x11, b'U', b'S', 2, 0]));
    let reasons: Vec<u16> = reasons.map(|window| u16::from_le_bytes([window[8], window[9]])).collect();
    assert_eq!(reasons, [0x0110, 0x0119, 0x0112]);
}

#[tokio::test]
async fn a_commitment_that_is_not_understood_is_refused() {
    let mut pacs = pacs(holding(1), EXPLICIT).await;
    let mut other_action = commit();
    other_action.action_type = Some(2);
    let mut other_instance = commit();
    other_instance.requested_sop_instance_uid = Some("1.2.3".into());
    let good = references(&[(MR, "1.2.1.1")]);
    let cases = [
        (other_action, good.clone(), 0x0123),
        (other_instance, good, 0x0112),
        (commit(), references(&[]), 0x0115),
        (commit(), references(&[(MR, "../x")]), 0x0115),
        (commit(), vec![0xFF; 30], 0x0115),
    ];
    for (command, data, status) in cases {
        pacs.ask(COMMIT, &command, &data).await;
        assert_eq!(pacs.told().await.0.status, Some(status));
    }
}
