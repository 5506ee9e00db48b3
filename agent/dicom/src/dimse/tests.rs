//! Command sets written and read.

use super::*;
use proptest::prelude::*;

/// The status in the bytes of a response.
pub(crate) fn status(bytes: &[u8]) -> Option<u16> {
    let at = bytes.windows(8).position(|window| window == [0, 0, 0, 9, 2, 0, 0, 0])?;
    bytes.get(at + 8..at + 10).map(|pair| u16::from_le_bytes(pair.try_into().unwrap()))
}

pub(crate) fn store(message_id: u16) -> Command {
    let mut command = Command::request(Operation::Store, message_id, "1.2.840.10008.5.1.4.1.1.4");
    command.sop_instance_uid = Some("1.2.3".into());
    command.data_set_follows = true;
    command
}

#[test]
fn a_request_comes_back_as_it_was_written() {
    let mut action = Command::request(Operation::Action, 9, "1.2");
    action.sop_class_uid = None;
    action.requested_sop_class_uid = Some("1.2.840.10008.1.20.1".into());
    action.requested_sop_instance_uid = Some("1.2.840.10008.1.20.1.1".into());
    action.action_type = Some(1);
    let mut moving = Command::request(Operation::Move, 3, "1.2");
    moving.move_destination = Some("STORE SCP".into());
    let mut sub_operation = store(4);
    sub_operation.move_originator = Some(("WORKSTATION".into(), 77));
    let mut got = Command::request(Operation::Get, 5, "1.2").answered(&Answer::of(Status::Pending));
    // A response has no id of its own.
    got.message_id = 0;
    got.counts = Counts { remaining: Some(3), completed: Some(65_535), failed: Some(0), warning: Some(1) };
    for command in [store(7), action, moving, sub_operation, got, Command::cancel(12)] {
        assert!(Command::read(&command.write()) == Ok(command.clone()), "{command:?}");
    }
}

#[test]
fn a_response_names_the_message_and_the_status() {
    let answer = Answer::failure(Status::CannotUnderstand, "StudyInstanceUID is missing");
    let bytes = store(7).answered(&answer).write();
    assert_eq!(status(&bytes), Some(0xC000));
    assert_eq!(bytes.len() % 2, 0);
    assert!(bytes.windows(16).any(|window| window == b"StudyInstanceUID"));
    let read = Command::read(&bytes).unwrap();
    assert!(read.response && read.about(7));
}

#[test]
fn the_response_to_an_action_names_what_was_requested() {
    let mut action = Command::request(Operation::Action, 9, "");
    action.sop_class_uid = None;
    action.requested_sop_class_uid = Some("1.2.3".into());
    action.requested_sop_instance_uid = Some("1.2.3.4".into());
    let answered = action.answered(&Answer::success());
    assert_eq!(answered.sop_class_uid.as_deref(), Some("1.2.3"));
    assert_eq!(answered.sop_instance_uid.as_deref(), Some("1.2.3.4"));
}

#[test]
fn a_long_comment_is_cut_to_its_representation() {
    let bytes = store(7).answered(&Answer::failure(Status::CannotUnderstand, "x".repeat(200))).write();
    assert_eq!(bytes.iter().filter(|byte| **byte == b'x').count(), 64);
}

#[test]
fn an_incomplete_command_names_what_is_missing() {
    assert_eq!(Command::read(&[]), Err(CommandError::Element { keyword: "CommandDataSetType" }));
    let bytes = vec![0xFF; 40];
    assert!(matches!(Command::read(&bytes), Err(CommandError::Unreadable(_))));
    let mut unnumbered = Command::cancel(1);
    unnumbered.operation = Operation::Find;
    unnumbered.response = true;
    let mut bytes = unnumbered.write();
    let at = bytes.windows(4).position(|window| window == [0, 0, 0x20, 0x01]).unwrap();
    bytes[at + 2] = 0x21;
    let missing = CommandError::Element { keyword: "MessageIDBeingRespondedTo" };
    assert_eq!(Command::read(&bytes), Err(missing));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Command::read(&bytes);
    }

    #[test]
    fn changed_commands_are_survived(at in 0_usize..100, byte in any::<u8>()) {
        let mut bytes = store(7).write();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = Command::read(&bytes);
    }
}
