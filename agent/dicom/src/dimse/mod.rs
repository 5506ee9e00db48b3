//! DIMSE command sets: read and written. Always implicit VR little endian (PS3.7 §6.3.1).
//!
//! Knows the elements of every command that this room speaks; what a command is about is decided by the services.

mod status;

pub(crate) use status::{Answer, Status};

use agent_formats::prescan::{self, Element, Limits, PrescanError, Step, Visitor};
use agent_formats::syntax::Encoding;
use dicom_core::Tag;

/// The longest command set that is taken.
pub(crate) const COMMAND_BYTES_MAX: usize = 64 * 1024;

const GROUP_LENGTH: u16 = 0x0000;
const AFFECTED_SOP_CLASS_UID: u16 = 0x0002;
const REQUESTED_SOP_CLASS_UID: u16 = 0x0003;
const COMMAND_FIELD: u16 = 0x0100;
const MESSAGE_ID: u16 = 0x0110;
const MESSAGE_ID_RESPONDED_TO: u16 = 0x0120;
const MOVE_DESTINATION: u16 = 0x0600;
const PRIORITY: u16 = 0x0700;
const COMMAND_DATA_SET_TYPE: u16 = 0x0800;
const STATUS: u16 = 0x0900;
const ERROR_COMMENT: u16 = 0x0902;
const AFFECTED_SOP_INSTANCE_UID: u16 = 0x1000;
const REQUESTED_SOP_INSTANCE_UID: u16 = 0x1001;
const EVENT_TYPE_ID: u16 = 0x1002;
const ACTION_TYPE_ID: u16 = 0x1008;
const REMAINING: u16 = 0x1020;
const COMPLETED: u16 = 0x1021;
const FAILED: u16 = 0x1022;
const WARNING: u16 = 0x1023;
const MOVE_ORIGINATOR: u16 = 0x1030;
const MOVE_ORIGINATOR_MESSAGE_ID: u16 = 0x1031;

/// PS3.7 §E.1: any other value of Command Data Set Type says that a data set follows.
const NO_DATA_SET: u16 = 0x0101;
const DATA_SET: u16 = 0x0001;
/// PS3.7 Table E.1-1, Priority: medium.
const MEDIUM: u16 = 0x0000;
/// Set in the command field of a response (PS3.7 §E.1).
const RESPONSE: u16 = 0x8000;

/// What a command is. Values: PS3.7 Table E.1-1, Command Field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Store,
    Get,
    Find,
    Move,
    Echo,
    EventReport,
    Action,
    Cancel,
    Other(u16),
}

const OPERATIONS: [(u16, Operation); 8] = [
    (0x0001, Operation::Store),
    (0x0010, Operation::Get),
    (0x0020, Operation::Find),
    (0x0021, Operation::Move),
    (0x0030, Operation::Echo),
    (0x0100, Operation::EventReport),
    (0x0130, Operation::Action),
    (0x0FFF, Operation::Cancel),
];

impl Operation {
    fn from_field(field: u16) -> Self {
        let known = OPERATIONS.iter().find(|(value, _)| *value == field);
        known.map_or(Self::Other(field), |(_, operation)| *operation)
    }

    fn field(self) -> u16 {
        if let Self::Other(field) = self {
            return field;
        }
        OPERATIONS.iter().find(|(_, operation)| *operation == self).map_or(0, |(field, _)| *field)
    }
}

/// Numbers of sub-operations in the responses to C-MOVE and C-GET (PS3.7 §9.1.3.1, §9.1.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) remaining: Option<u16>,
    pub(crate) completed: Option<u16>,
    pub(crate) failed: Option<u16>,
    pub(crate) warning: Option<u16>,
}

/// A command set: a request, or a response.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) operation: Operation,
    pub(crate) response: bool,
    /// Of a request.
    pub(crate) message_id: u16,
    /// Of a response and of a cancel: the message that it is about.
    pub(crate) responded_to: u16,
    pub(crate) data_set_follows: bool,
    pub(crate) status: Option<u16>,
    pub(crate) comment: Option<String>,
    pub(crate) sop_class_uid: Option<String>,
    pub(crate) sop_instance_uid: Option<String>,
    pub(crate) requested_sop_class_uid: Option<String>,
    pub(crate) requested_sop_instance_uid: Option<String>,
    pub(crate) move_destination: Option<String>,
    pub(crate) move_originator: Option<(String, u16)>,
    pub(crate) event_type: Option<u16>,
    pub(crate) action_type: Option<u16>,
    pub(crate) counts: Counts,
}

impl std::fmt::Debug for Command {
    // UIDs and titles of others are left out.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Command")
            .field("operation", &self.operation)
            .field("response", &self.response)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
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
    shorts: Vec<(u16, u16)>,
    texts: Vec<(u16, String)>,
}

impl Found {
    fn short(&self, number: u16) -> Option<u16> {
        self.shorts.iter().find(|(found, _)| *found == number).map(|(_, value)| *value)
    }

    fn text(&mut self, number: u16) -> Option<String> {
        let found = self.texts.iter_mut().find(|(found, _)| *found == number);
        found.map(|(_, value)| std::mem::take(value)).filter(|value| !value.is_empty())
    }
}

impl Visitor for Found {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let Tag(0x0000, number) = element.tag else { return };
        if !path.is_empty() {
            return;
        }
        match number {
            AFFECTED_SOP_CLASS_UID
            | REQUESTED_SOP_CLASS_UID
            | AFFECTED_SOP_INSTANCE_UID
            | REQUESTED_SOP_INSTANCE_UID
            | MOVE_DESTINATION
            | MOVE_ORIGINATOR => {
                if let Ok(text) = std::str::from_utf8(element.value) {
                    self.texts.push((number, text.trim_matches(['\0', ' ']).to_owned()));
                }
            }
            _ => self
                .shorts
                .extend(element.value.try_into().ok().map(|value| (number, u16::from_le_bytes(value)))),
        }
    }
}

impl Command {
    /// A request that has nothing but its class yet.
    pub(crate) fn request(operation: Operation, message_id: u16, class: &str) -> Self {
        Self {
            operation,
            response: false,
            message_id,
            responded_to: 0,
            data_set_follows: false,
            status: None,
            comment: None,
            sop_class_uid: Some(class.to_owned()),
            sop_instance_uid: None,
            requested_sop_class_uid: None,
            requested_sop_instance_uid: None,
            move_destination: None,
            move_originator: None,
            event_type: None,
            action_type: None,
            counts: Counts::default(),
        }
    }

    /// Asks the other side to end what message `message_id` asked for (PS3.7 §9.3.2.3).
    pub(crate) fn cancel(message_id: u16) -> Self {
        let mut cancel = Self::request(Operation::Cancel, 0, "");
        cancel.sop_class_uid = None;
        cancel.responded_to = message_id;
        cancel
    }

    /// The response to this request.
    pub(crate) fn answered(&self, answer: &Answer) -> Self {
        Self {
            response: true,
            responded_to: self.message_id,
            data_set_follows: false,
            status: Some(answer.status.code()),
            comment: answer.comment.clone(),
            // N-ACTION and its like name the class and the instance that were requested (PS3.7 §10.1.4.1).
            sop_class_uid: self.sop_class_uid.clone().or_else(|| self.requested_sop_class_uid.clone()),
            sop_instance_uid: self
                .sop_instance_uid
                .clone()
                .or_else(|| self.requested_sop_instance_uid.clone()),
            requested_sop_class_uid: None,
            requested_sop_instance_uid: None,
            move_destination: None,
            move_originator: None,
            ..self.clone()
        }
    }

    /// Whether this is the response to, or the cancelling of, that message.
    pub(crate) fn about(&self, message_id: u16) -> bool {
        self.responded_to == message_id
    }

    /// Reads a command set.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, CommandError> {
        let mut found = Found::default();
        prescan::walk(bytes, Encoding::IMPLICIT_LITTLE, Limits::COMMAND, &mut found)
            .map_err(CommandError::Unreadable)?;
        let missing = |keyword| CommandError::Element { keyword };
        let data_set_type = found.short(COMMAND_DATA_SET_TYPE).ok_or(missing("CommandDataSetType"))?;
        let field = found.short(COMMAND_FIELD).ok_or(missing("CommandField"))?;
        let response = field & RESPONSE != 0;
        let operation = Operation::from_field(field & !RESPONSE);
        let about = found.short(MESSAGE_ID_RESPONDED_TO);
        if response && about.is_none() {
            return Err(missing("MessageIDBeingRespondedTo"));
        }
        let message_id = found.short(MESSAGE_ID);
        // A cancel names the message it is about instead.
        if !response && operation != Operation::Cancel && message_id.is_none() {
            return Err(missing("MessageID"));
        }
        let originator = found.text(MOVE_ORIGINATOR);
        let originator_id = found.short(MOVE_ORIGINATOR_MESSAGE_ID).unwrap_or_default();
        Ok(Self {
            operation,
            response,
            message_id: message_id.unwrap_or_default(),
            responded_to: about.unwrap_or_default(),
            data_set_follows: data_set_type != NO_DATA_SET,
            status: found.short(STATUS),
            comment: None,
            sop_class_uid: found.text(AFFECTED_SOP_CLASS_UID),
            sop_instance_uid: found.text(AFFECTED_SOP_INSTANCE_UID),
            requested_sop_class_uid: found.text(REQUESTED_SOP_CLASS_UID),
            requested_sop_instance_uid: found.text(REQUESTED_SOP_INSTANCE_UID),
            move_destination: found.text(MOVE_DESTINATION),
            move_originator: originator.map(|title| (title, originator_id)),
            event_type: found.short(EVENT_TYPE_ID),
            action_type: found.short(ACTION_TYPE_ID),
            counts: Counts {
                remaining: found.short(REMAINING),
                completed: found.short(COMPLETED),
                failed: found.short(FAILED),
                warning: found.short(WARNING),
            },
        })
    }

    /// The bytes of the command set. Elements stand in the order of their tags (PS3.7 §6.3.1).
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut set = Vec::with_capacity(256);
        text(&mut set, AFFECTED_SOP_CLASS_UID, self.sop_class_uid.as_deref(), 0);
        text(&mut set, REQUESTED_SOP_CLASS_UID, self.requested_sop_class_uid.as_deref(), 0);
        let field = self.operation.field() | if self.response { RESPONSE } else { 0 };
        short(&mut set, COMMAND_FIELD, Some(field));
        let cancel = self.operation == Operation::Cancel;
        short(&mut set, MESSAGE_ID, (!self.response && !cancel).then_some(self.message_id));
        short(&mut set, MESSAGE_ID_RESPONDED_TO, (self.response || cancel).then_some(self.responded_to));
        text(&mut set, MOVE_DESTINATION, self.move_destination.as_deref(), b' ');
        short(&mut set, PRIORITY, self.has_priority().then_some(MEDIUM));
        let data_set = if self.data_set_follows { DATA_SET } else { NO_DATA_SET };
        short(&mut set, COMMAND_DATA_SET_TYPE, Some(data_set));
        short(&mut set, STATUS, self.status);
        // PS3.5 §6.2: LO has at most 64 characters.
        let comment = self.comment.as_ref();
        let comment = comment.map(|text| text.chars().filter(char::is_ascii).take(64).collect::<String>());
        text(&mut set, ERROR_COMMENT, comment.as_deref(), b' ');
        text(&mut set, AFFECTED_SOP_INSTANCE_UID, self.sop_instance_uid.as_deref(), 0);
        text(&mut set, REQUESTED_SOP_INSTANCE_UID, self.requested_sop_instance_uid.as_deref(), 0);
        short(&mut set, EVENT_TYPE_ID, self.event_type);
        short(&mut set, ACTION_TYPE_ID, self.action_type);
        short(&mut set, REMAINING, self.counts.remaining);
        short(&mut set, COMPLETED, self.counts.completed);
        short(&mut set, FAILED, self.counts.failed);
        short(&mut set, WARNING, self.counts.warning);
        let originator = self.move_originator.as_ref();
        text(&mut set, MOVE_ORIGINATOR, originator.map(|(title, _)| title.as_str()), b' ');
        short(&mut set, MOVE_ORIGINATOR_MESSAGE_ID, originator.map(|(_, id)| *id));
        let mut whole = Vec::with_capacity(set.len() + 12);
        put(&mut whole, GROUP_LENGTH, &u32::try_from(set.len()).unwrap_or_default().to_le_bytes());
        whole.append(&mut set);
        whole
    }

    fn has_priority(&self) -> bool {
        let prioritised =
            matches!(self.operation, Operation::Store | Operation::Find | Operation::Get | Operation::Move);
        prioritised && !self.response
    }
}

fn short(set: &mut Vec<u8>, element: u16, value: Option<u16>) {
    if let Some(value) = value {
        put(set, element, &value.to_le_bytes());
    }
}

fn text(set: &mut Vec<u8>, element: u16, text: Option<&str>, padding: u8) {
    let Some(text) = text else { return };
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
#[path = "tests.rs"]
pub(crate) mod tests;
