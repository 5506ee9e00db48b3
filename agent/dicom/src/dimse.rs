//! DIMSE command sets: requests read, responses written. Always implicit VR little endian (PS3.7 §6.3.1).
//!
//! Knows C-ECHO and C-STORE; any other request is only known well enough to be refused politely.

use agent_formats::prescan::{self, Element, Limits, PrescanError, Step, Visitor};
use agent_formats::syntax::Encoding;
use dicom_core::Tag;

/// The longest command set that is taken.
pub(crate) const COMMAND_BYTES_MAX: usize = 64 * 1024;

const AFFECTED_SOP_CLASS_UID: u16 = 0x0002;
const COMMAND_FIELD: u16 = 0x0100;
const MESSAGE_ID: u16 = 0x0110;
const MESSAGE_ID_RESPONDED_TO: u16 = 0x0120;
const COMMAND_DATA_SET_TYPE: u16 = 0x0800;
const STATUS: u16 = 0x0900;
const ERROR_COMMENT: u16 = 0x0902;
const AFFECTED_SOP_INSTANCE_UID: u16 = 0x1000;

/// PS3.7 §E.1: any other value of Command Data Set Type says that a data set follows.
const NO_DATA_SET: u16 = 0x0101;

/// What a caller wants. Values: PS3.7 Table E.1-1, Command Field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Store,
    Echo,
    Cancel,
    Other(u16),
}

impl Operation {
    fn from_field(field: u16) -> Self {
        match field {
            0x0001 => Self::Store,
            0x0030 => Self::Echo,
            0x0FFF => Self::Cancel,
            other => Self::Other(other),
        }
    }

    fn field(self) -> u16 {
        match self {
            Self::Store => 0x0001,
            Self::Echo => 0x0030,
            Self::Cancel => 0x0FFF,
            Self::Other(field) => field,
        }
    }
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) operation: Operation,
    pub(crate) message_id: u16,
    pub(crate) sop_class_uid: Option<String>,
    pub(crate) sop_instance_uid: Option<String>,
    pub(crate) data_set_follows: bool,
}

/// Why a command set was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("the command set cannot be walked safely")]
    Unreadable(#[source] PrescanError),
    #[error("{keyword} is missing or has no valid value")]
    Element { keyword: &'static str },
}

#[derive(Default)]
struct Found {
    sop_class_uid: Option<String>,
    sop_instance_uid: Option<String>,
    field: Option<u16>,
    message_id: Option<u16>,
    data_set_type: Option<u16>,
}

impl Visitor for Found {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let Tag(0x0000, number) = element.tag else { return };
        if !path.is_empty() {
            return;
        }
        let short = || <[u8; 2]>::try_from(element.value).ok().map(u16::from_le_bytes);
        let uid = || {
            std::str::from_utf8(element.value).ok().map(|text| text.trim_end_matches(['\0', ' ']).to_owned())
        };
        match number {
            AFFECTED_SOP_CLASS_UID => self.sop_class_uid = uid(),
            AFFECTED_SOP_INSTANCE_UID => self.sop_instance_uid = uid(),
            COMMAND_FIELD => self.field = short(),
            MESSAGE_ID => self.message_id = short(),
            COMMAND_DATA_SET_TYPE => self.data_set_type = short(),
            _ => {}
        }
    }
}

/// Reads a command set.
pub(crate) fn read(bytes: &[u8]) -> Result<Request, CommandError> {
    let mut found = Found::default();
    prescan::walk(bytes, Encoding::IMPLICIT_LITTLE, Limits::COMMAND, &mut found)
        .map_err(CommandError::Unreadable)?;
    let missing = |keyword| CommandError::Element { keyword };
    let data_set_type = found.data_set_type.ok_or(missing("CommandDataSetType"))?;
    let operation = Operation::from_field(found.field.ok_or(missing("CommandField"))?);
    let message_id = match operation {
        // A cancel names the message it is about instead.
        Operation::Cancel => found.message_id.unwrap_or_default(),
        Operation::Store | Operation::Echo | Operation::Other(_) => {
            found.message_id.ok_or(missing("MessageID"))?
        }
    };
    Ok(Request {
        operation,
        message_id,
        sop_class_uid: found.sop_class_uid,
        sop_instance_uid: found.sop_instance_uid,
        data_set_follows: data_set_type != NO_DATA_SET,
    })
}

/// How a request went. Values: PS3.4 Table B.2-1 and PS3.7 Annex C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Success,
    ProcessingFailure,
    SopClassNotSupported,
    UnrecognisedOperation,
    OutOfResources,
    DataSetDoesNotMatch,
    CannotUnderstand,
}

impl Status {
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::Success => 0x0000,
            Self::ProcessingFailure => 0x0110,
            Self::SopClassNotSupported => 0x0122,
            Self::UnrecognisedOperation => 0x0211,
            Self::OutOfResources => 0xA700,
            Self::DataSetDoesNotMatch => 0xA900,
            Self::CannotUnderstand => 0xC000,
        }
    }

    /// The word under which it is counted.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Success => "0000",
            Self::ProcessingFailure => "0110",
            Self::SopClassNotSupported => "0122",
            Self::UnrecognisedOperation => "0211",
            Self::OutOfResources => "A700",
            Self::DataSetDoesNotMatch => "A900",
            Self::CannotUnderstand => "C000",
        }
    }
}

/// A status and, for a failure, a sentence that names a keyword and no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) comment: Option<String>,
}

impl Answer {
    pub(crate) fn success() -> Self {
        Self { status: Status::Success, comment: None }
    }

    pub(crate) fn failure(status: Status, comment: impl Into<String>) -> Self {
        Self { status, comment: Some(comment.into()) }
    }
}

/// Writes the response to a request.
pub(crate) fn respond(request: &Request, answer: &Answer) -> Vec<u8> {
    let mut set = Vec::with_capacity(256);
    if let Some(uid) = &request.sop_class_uid {
        put_text(&mut set, AFFECTED_SOP_CLASS_UID, uid, 0);
    }
    put(&mut set, COMMAND_FIELD, &(request.operation.field() | 0x8000).to_le_bytes());
    put(&mut set, MESSAGE_ID_RESPONDED_TO, &request.message_id.to_le_bytes());
    put(&mut set, COMMAND_DATA_SET_TYPE, &NO_DATA_SET.to_le_bytes());
    put(&mut set, STATUS, &answer.status.code().to_le_bytes());
    if let Some(comment) = &answer.comment {
        // PS3.5 §6.2: LO has at most 64 characters.
        let short: String = comment.chars().filter(char::is_ascii).take(64).collect();
        put_text(&mut set, ERROR_COMMENT, &short, b' ');
    }
    if let Some(uid) = &request.sop_instance_uid {
        put_text(&mut set, AFFECTED_SOP_INSTANCE_UID, uid, 0);
    }
    let mut whole = Vec::with_capacity(set.len() + 12);
    put(&mut whole, 0x0000, &u32::try_from(set.len()).unwrap_or_default().to_le_bytes());
    whole.append(&mut set);
    whole
}

fn put_text(set: &mut Vec<u8>, element: u16, text: &str, padding: u8) {
    let mut value = text.as_bytes().to_vec();
    if value.len() % 2 == 1 {
        value.push(padding);
    }
    put(set, element, &value);
}

fn put(set: &mut Vec<u8>, element: u16, value: &[u8]) {
    set.extend_from_slice(&[0, 0]);
    set.extend_from_slice(&element.to_le_bytes());
    set.extend_from_slice(&u32::try_from(value.len()).unwrap_or_default().to_le_bytes());
    set.extend_from_slice(value);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The bytes of a request.
    pub(crate) fn write(request: &Request) -> Vec<u8> {
        let mut set = Vec::new();
        if let Some(uid) = &request.sop_class_uid {
            put_text(&mut set, AFFECTED_SOP_CLASS_UID, uid, 0);
        }
        put(&mut set, COMMAND_FIELD, &request.operation.field().to_le_bytes());
        put(&mut set, MESSAGE_ID, &request.message_id.to_le_bytes());
        let data_set_type = if request.data_set_follows { 0x0001 } else { NO_DATA_SET };
        put(&mut set, COMMAND_DATA_SET_TYPE, &data_set_type.to_le_bytes());
        if let Some(uid) = &request.sop_instance_uid {
            put_text(&mut set, AFFECTED_SOP_INSTANCE_UID, uid, 0);
        }
        set
    }

    /// The status in the bytes of a response.
    pub(crate) fn status(bytes: &[u8]) -> Option<u16> {
        let at = bytes.windows(8).position(|window| window == [0, 0, 0, 9, 2, 0, 0, 0])?;
        bytes.get(at + 8..at + 10).map(|pair| u16::from_le_bytes(pair.try_into().unwrap()))
    }

    pub(crate) fn store(message_id: u16) -> Request {
        Request {
            operation: Operation::Store,
            message_id,
            sop_class_uid: Some("1.2.840.10008.5.1.4.1.1.4".into()),
            sop_instance_uid: Some("1.2.3".into()),
            data_set_follows: true,
        }
    }

    #[test]
    fn a_request_comes_back_as_it_was_written() {
        let request = store(7);
        assert_eq!(read(&write(&request)), Ok(request));
    }

    #[test]
    fn a_response_names_the_message_and_the_status() {
        let answer = Answer::failure(Status::CannotUnderstand, "StudyInstanceUID is missing");
        let bytes = respond(&store(7), &answer);
        assert_eq!(status(&bytes), Some(0xC000));
        assert_eq!(bytes.len() % 2, 0);
        assert!(bytes.windows(16).any(|window| window == b"StudyInstanceUID"));
        assert_eq!(read(&bytes), Err(CommandError::Element { keyword: "MessageID" }));
    }

    #[test]
    fn a_long_comment_is_cut_to_its_representation() {
        let bytes = respond(&store(7), &Answer::failure(Status::CannotUnderstand, "x".repeat(200)));
        assert_eq!(bytes.iter().filter(|byte| **byte == b'x').count(), 64);
    }

    #[test]
    fn an_incomplete_command_names_what_is_missing() {
        assert_eq!(read(&[]), Err(CommandError::Element { keyword: "CommandDataSetType" }));
        let bytes = vec![0xFF; 40];
        assert!(matches!(read(&bytes), Err(CommandError::Unreadable(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn changed_commands_are_survived(at in 0_usize..100, byte in any::<u8>()) {
            let mut bytes = write(&store(7));
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = read(&bytes);
        }
    }
}
