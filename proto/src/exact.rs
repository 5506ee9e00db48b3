//! Reading a message only if it is understood whole.
//!
//! Protobuf drops unknown fields in silence. On the way up that would let a newer or foreign agent
//! send what nobody agreed to, so a message is encoded again and must give the same bytes.

use prost::Message;
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstCodec, ProstEncoder};

/// Why bytes are not a message that this version understands whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InexactMessage {
    /// Not protobuf, or not of this message.
    #[error("the bytes are not a message of this type")]
    Malformed,
    /// Unknown fields, or known ones in another than the canonical form.
    #[error("the message has fields that this version does not know, or is not in canonical form")]
    NotCanonical,
}

/// Decodes `bytes` if they are the canonical encoding of an `M`, without a field that `M` lacks.
///
/// # Errors
/// `Malformed` when they are not an `M` at all; `NotCanonical` when encoding the `M` again gives
/// other bytes.
pub fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, InexactMessage> {
    let message = M::decode(bytes).map_err(|_| InexactMessage::Malformed)?;
    if message.encode_to_vec() == bytes { Ok(message) } else { Err(InexactMessage::NotCanonical) }
}

/// The codec of the servers: writes like any other, reads exactly.
#[derive(Debug, Clone)]
pub struct ExactCodec<T, U>(ProstCodec<T, U>);

impl<T, U> Default for ExactCodec<T, U> {
    fn default() -> Self {
        Self(ProstCodec::new())
    }
}

impl<T, U> Codec for ExactCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ExactDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        self.0.encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        ExactDecoder(std::marker::PhantomData)
    }
}

/// The reading half of [`ExactCodec`].
#[derive(Debug)]
pub struct ExactDecoder<U>(std::marker::PhantomData<U>);

impl<U: Message + Default> Decoder for ExactDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        decode(&whole(buf)).map(Some).map_err(|reason| Status::invalid_argument(reason.to_string()))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

/// The bytes of one message. tonic hands over exactly one.
pub(crate) fn whole(buf: &mut DecodeBuf<'_>) -> Vec<u8> {
    use prost::bytes::Buf;
    let mut bytes = vec![0; buf.remaining()];
    buf.copy_to_slice(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::v1::{BeginRequest, LeaseEvent, Report, report};

    #[test]
    fn a_message_as_it_was_written_is_read() {
        let report = Report {
            sequence: 4,
            of: Some(report::Of::Lease(LeaseEvent { slot: 2, state: 1, ..LeaseEvent::default() })),
        };
        assert_eq!(decode::<Report>(&report.encode_to_vec()), Ok(report));
    }

    #[test]
    fn an_unknown_field_is_refused_at_any_depth() {
        let mut outer = BeginRequest { slot: 1 }.encode_to_vec();
        outer.extend_from_slice(&[0x7a, 3, b'a', b'b', b'c']);
        assert_eq!(decode::<BeginRequest>(&outer), Err(InexactMessage::NotCanonical));

        // Field 3 (lease) of a report, holding field 15 of two bytes.
        let inner = [0x08, 1, 0x1a, 4, 0x7a, 2, b'x', b'y'];
        assert_eq!(decode::<Report>(&inner), Err(InexactMessage::NotCanonical));
    }

    #[test]
    fn what_is_no_message_is_malformed() {
        assert_eq!(decode::<Report>(&[0xff]), Err(InexactMessage::Malformed));
    }
}
