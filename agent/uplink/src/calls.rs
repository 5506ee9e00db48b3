//! The six calls of the schema, and a message of one of them on its way out.

use prost::Message;
use proto::agent::v1 as wire;

use crate::outbound::{InvalidOutbound, Outbound};

/// A call that the agent makes. There are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `Enrolment.Begin`.
    Begin,
    /// `Enrolment.Enrol`.
    Enrol,
    /// `Enrolment.Rejoin`.
    Rejoin,
    /// `Enrolment.Renew`.
    Renew,
    /// `Worklist.Follow`.
    Follow,
    /// `Results.Push`.
    Push,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Begin, Self::Enrol, Self::Rejoin, Self::Renew, Self::Follow, Self::Push];

    /// The call as the schema names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Begin => "Enrolment.Begin",
            Self::Enrol => "Enrolment.Enrol",
            Self::Rejoin => "Enrolment.Rejoin",
            Self::Renew => "Enrolment.Renew",
            Self::Follow => "Worklist.Follow",
            Self::Push => "Results.Push",
        }
    }

    /// The call of a message of this kind: all kinds but those of the other calls are reports.
    pub fn of_kind(kind: &str) -> Self {
        Self::ALL.into_iter().find(|call| call.kind() == Some(kind)).unwrap_or(Self::Push)
    }

    /// The call with this path, if there is one.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let (service, method) = path.strip_prefix("/ringfence.agent.v1.")?.split_once('/')?;
        Self::ALL.into_iter().find(|call| call.name().split_once('.') == Some((service, method)))
    }

    /// The kind of its one message; a report has one of its own.
    const fn kind(self) -> Option<&'static str> {
        match self {
            Self::Begin => Some("begin"),
            Self::Enrol => Some("enrol"),
            Self::Rejoin => Some("rejoin"),
            Self::Renew => Some("renew"),
            Self::Follow => Some("follow"),
            Self::Push => None,
        }
    }
}

/// Why bytes are no message that may leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAMessage {
    /// Not a message of the call, not in canonical form, or with fields that the schema lacks.
    #[error("the bytes are not a message of this call in canonical form")]
    Malformed,
    /// A field holds what may not leave.
    #[error("the report may not leave")]
    Value(#[source] InvalidOutbound),
    /// Compressed, so that the ledger could not hold it in plain.
    #[error("the message is compressed")]
    Compressed,
}

/// A message that is about to leave, checked against the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    call: Call,
    kind: &'static str,
    number: u64,
    bytes: Vec<u8>,
}

impl Leaving {
    /// Reads the bytes of one message as they go onto the wire.
    pub(crate) fn read(call: Call, bytes: Vec<u8>) -> Result<Self, NotAMessage> {
        let (kind, number) = match call.kind() {
            None => report(&bytes)?,
            Some(kind) => {
                exact(call, &bytes)?;
                (kind, 0)
            }
        };
        Ok(Self { call, kind, number, bytes })
    }

    /// The call that it belongs to.
    pub fn call(&self) -> Call {
        self.call
    }

    /// What kind it is: that of the report, or the call's. `empty` is a report that says nothing.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Number of the report; 0 for other messages.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The plaintext, exactly as it goes onto the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Kind and number of a report that may leave.
fn report(bytes: &[u8]) -> Result<(&'static str, u64), NotAMessage> {
    let report: wire::Report = proto::exact::decode(bytes).map_err(|_| NotAMessage::Malformed)?;
    match report.of {
        None => Ok((crate::drain::PLACEHOLDER, report.sequence)),
        Some(of) => {
            let outbound = Outbound::try_from(of).map_err(NotAMessage::Value)?;
            Ok((outbound.kind(), report.sequence))
        }
    }
}

fn exact(call: Call, bytes: &[u8]) -> Result<(), NotAMessage> {
    fn read<M: Message + Default>(bytes: &[u8]) -> Result<(), NotAMessage> {
        proto::exact::decode::<M>(bytes).map(|_| ()).map_err(|_| NotAMessage::Malformed)
    }
    match call {
        Call::Begin => read::<wire::BeginRequest>(bytes),
        Call::Enrol => read::<wire::EnrolRequest>(bytes),
        Call::Rejoin => read::<wire::RejoinRequest>(bytes),
        Call::Renew => read::<wire::RenewRequest>(bytes),
        Call::Follow => read::<wire::FollowRequest>(bytes),
        Call::Push => read::<wire::Report>(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_of_the_schema_is_known_by_its_path_and_no_other() {
        let pool = prost_reflect::DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
        let mut known = 0;
        for service in pool.services() {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                let call = Call::of_path(&path).unwrap();
                assert_eq!(call.name(), format!("{}.{}", service.name(), method.name()));
                known += 1;
            }
        }
        assert_eq!(known, Call::ALL.len());
        assert_eq!(Call::of_path("/ringfence.agent.v1.Results/Pull"), None);
        assert_eq!(Call::of_path("/other.Results/Push"), None);
    }

    #[test]
    fn a_message_of_another_call_is_none_of_this_one() {
        let begin = wire::BeginRequest { slot: 5 }.encode_to_vec();
        assert_eq!(Leaving::read(Call::Begin, begin.clone()).unwrap().kind(), "begin");
        assert_eq!(Leaving::read(Call::Push, begin), Err(NotAMessage::Malformed));
    }

    #[test]
    fn a_report_with_a_value_that_may_not_leave_is_refused() {
        let of = wire::report::Of::Lease(wire::LeaseEvent { slot: 99, ..Default::default() });
        let report = wire::Report { sequence: 1, of: Some(of) }.encode_to_vec();
        assert!(matches!(Leaving::read(Call::Push, report), Err(NotAMessage::Value(_))));
    }
}
