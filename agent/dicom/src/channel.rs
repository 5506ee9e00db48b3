//! Messages on an established association: command sets and data sets in presentation data values (PS3.8 Annex E).
//!
//! The same for the side that called and for the side that was called. Holds at most one message at a time; what
//! breaks the protocol is an error that ends the association.

use crate::budget::Share;
use crate::config::{Patience, Sizes};
use crate::dimse::{COMMAND_BYTES_MAX, Command};
use crate::negotiate::PEER_UNIT_DEFAULT;
use crate::wire::{Wire, WireError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// PS3.8 Tables 9-11 to 9-26: the first byte of a unit.
pub(crate) const ASSOCIATE_REQUEST: u8 = 0x01;
pub(crate) const ASSOCIATE_ACCEPT: u8 = 0x02;
pub(crate) const ASSOCIATE_REJECT: u8 = 0x03;
pub(crate) const DATA: u8 = 0x04;
pub(crate) const RELEASE_REQUEST: u8 = 0x05;
pub(crate) const RELEASE_RESPONSE: u8 = 0x06;
pub(crate) const ABORT: u8 = 0x07;

/// Each value's length, context and control bits.
const VALUE_HEADER: usize = 6;
/// The longest unit that we send, whatever the other side would take.
const UNIT_SENT_MAX: u32 = 131_072;

/// The bytes of a data set, as they come.
pub(crate) struct Sink {
    pub(crate) bytes: Vec<u8>,
    share: Share,
    limit: usize,
    /// More came than may be kept; the rest is read past.
    pub(crate) overflowed: bool,
}

impl Sink {
    /// Appends to `bytes` up to `limit` of them in all, as far as the common budget goes.
    pub(crate) fn new(bytes: Vec<u8>, share: Share, limit: usize) -> Self {
        Self { bytes, share, limit, overflowed: false }
    }

    /// The bytes, and what keeps their place in the budget.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Share) {
        (self.bytes, self.share)
    }
}

/// What came next.
#[derive(Debug)]
pub(crate) enum Next {
    Command { context: u8, command: Box<Command> },
    Release,
}

/// One fragment of a message, whose bytes are still to be read.
#[derive(Clone, Copy)]
struct Piece {
    context: u8,
    command: bool,
    last: bool,
    count: usize,
}

pub(crate) struct Channel<S> {
    pub(crate) wire: Wire<S>,
    pub(crate) patience: Patience,
    unit_bytes_max: u32,
    /// How much of a message fits into one unit to the other side.
    room: usize,
    /// Of the unit that is being read.
    left: usize,
    shutdown: watch::Receiver<bool>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Channel<S> {
    /// A channel on a wire on which the association is agreed; `peer_unit_max` is 0 for "any".
    pub(crate) fn new(
        wire: Wire<S>,
        (patience, sizes): (Patience, &Sizes),
        peer_unit_max: u32,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        let unit = match peer_unit_max {
            0 => UNIT_SENT_MAX,
            // Room for nothing behind the value's header cannot be meant.
            1..=6 => PEER_UNIT_DEFAULT,
            most => most.min(UNIT_SENT_MAX),
        };
        let room = usize::try_from(unit).unwrap_or(usize::MAX).saturating_sub(VALUE_HEADER).max(2);
        Self { wire, patience, unit_bytes_max: sizes.pdu_bytes_max, room, left: 0, shutdown }
    }

    /// Waits for the next command, or for the end. Between messages, a shutdown ends the wait.
    pub(crate) async fn next(&mut self) -> Result<Next, WireError> {
        if self.left == 0 {
            let mut shutdown = self.shutdown.clone();
            tokio::select! {
                biased;
                () = asked(&mut shutdown) => return Err(WireError::Shutdown),
                waited = tokio::time::timeout(self.patience.idle, self.wire.readable()) => {
                    waited.map_err(|_| WireError::Idle)?;
                }
            }
        }
        let mut begun: Option<(u8, Vec<u8>)> = None;
        loop {
            let Some(piece) = self.piece().await? else {
                // A release in the middle of a command has no place (PS3.8 §9.2.2, AR-2 in Sta6 only).
                return if begun.is_none() { Ok(Next::Release) } else { Err(WireError::Malformed) };
            };
            let (context, mut bytes) = begun.take().unwrap_or((piece.context, Vec::new()));
            let fits = bytes.len() + piece.count <= COMMAND_BYTES_MAX;
            if !piece.command || context != piece.context || !fits {
                return Err(WireError::Malformed);
            }
            self.wire.append(piece.count, &mut bytes).await?;
            if piece.last {
                let command = Command::read(&bytes).map_err(|_| WireError::Malformed)?;
                return Ok(Next::Command { context, command: Box::new(command) });
            }
            begun = Some((context, bytes));
        }
    }

    /// Whether the other side has begun to say something.
    pub(crate) async fn waiting(&mut self) -> bool {
        self.left > 0 || self.wire.ready().await
    }

    /// Reads the data set that follows a command.
    pub(crate) async fn data_into(&mut self, context: u8, sink: &mut Sink) -> Result<(), WireError> {
        loop {
            let piece = self.data_piece(context).await?;
            let fits = sink.bytes.len().checked_add(piece.count).is_some_and(|bytes| bytes <= sink.limit);
            if !sink.overflowed && fits && sink.share.grow(piece.count) {
                self.wire.append(piece.count, &mut sink.bytes).await?;
            } else {
                sink.overflowed = true;
                sink.bytes = Vec::new();
                self.wire.skip(piece.count).await?;
            }
            if piece.last {
                return Ok(());
            }
        }
    }

    /// Reads past the data set that follows a command.
    pub(crate) async fn data_skip(&mut self, context: u8) -> Result<(), WireError> {
        loop {
            let piece = self.data_piece(context).await?;
            self.wire.skip(piece.count).await?;
            if piece.last {
                return Ok(());
            }
        }
    }

    async fn data_piece(&mut self, context: u8) -> Result<Piece, WireError> {
        let piece = self.piece().await?.ok_or(WireError::Malformed)?;
        if piece.command || piece.context != context { Err(WireError::Malformed) } else { Ok(piece) }
    }

    /// The next fragment; none for a release.
    async fn piece(&mut self) -> Result<Option<Piece>, WireError> {
        while self.left == 0 {
            let header = self.wire.header(self.patience.idle, self.patience.unit).await?;
            match header.kind {
                DATA if header.length > self.unit_bytes_max => return Err(WireError::TooLong),
                DATA => self.left = usize::try_from(header.length).map_err(|_| WireError::TooLong)?,
                RELEASE_REQUEST => return Ok(None),
                ABORT => return Err(WireError::Aborted),
                kind => return Err(WireError::Unexpected { kind }),
            }
        }
        if self.left < VALUE_HEADER {
            return Err(WireError::Malformed);
        }
        let [a, b, c, d, context, control] = self.wire.array::<6>().await?;
        let value = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| WireError::Malformed)?;
        if value < 2 || value > self.left - 4 {
            return Err(WireError::Malformed);
        }
        self.left -= value + 4;
        Ok(Some(Piece { context, command: control & 1 != 0, last: control & 2 != 0, count: value - 2 }))
    }

    /// Sends one message.
    pub(crate) async fn send(
        &mut self,
        context: u8,
        command: &Command,
        data: Option<&[u8]>,
    ) -> Result<(), WireError> {
        let mut units = Vec::with_capacity(self.room.min(64 * 1024));
        self.fragments(context, true, &command.write(), &mut units).await?;
        if let Some(data) = data {
            self.fragments(context, false, data, &mut units).await?;
        }
        self.wire.write(&units, self.patience.write).await
    }

    /// Cuts bytes into units; all but the last that fit together are on their way when this returns.
    async fn fragments(
        &mut self,
        context: u8,
        command: bool,
        bytes: &[u8],
        units: &mut Vec<u8>,
    ) -> Result<(), WireError> {
        // An empty data set is still one fragment, the last one.
        let count = bytes.len().div_ceil(self.room).max(1);
        for index in 0..count {
            let from = index * self.room;
            let part = bytes.get(from..bytes.len().min(from + self.room)).unwrap_or_default();
            let length = u32::try_from(part.len()).map_err(|_| WireError::TooLong)?;
            units.extend_from_slice(&[DATA, 0]);
            units.extend_from_slice(&(length + 6).to_be_bytes());
            units.extend_from_slice(&(length + 2).to_be_bytes());
            let last = if index + 1 == count { 2 } else { 0 };
            units.extend_from_slice(&[context, u8::from(command) | last]);
            units.extend_from_slice(part);
            if units.len() >= self.room {
                self.wire.write(units, self.patience.write).await?;
                units.clear();
            }
        }
        Ok(())
    }

    /// Answers the request to release.
    pub(crate) async fn released(&mut self) -> Result<(), WireError> {
        let answer = [RELEASE_RESPONSE, 0, 0, 0, 0, 4, 0, 0, 0, 0];
        self.wire.write(&answer, self.patience.write).await
    }

    /// Asks for the release and waits for the answer (PS3.8 §7.2).
    pub(crate) async fn release(&mut self) -> Result<(), WireError> {
        let request = [RELEASE_REQUEST, 0, 0, 0, 0, 4, 0, 0, 0, 0];
        self.wire.write(&request, self.patience.write).await?;
        let header = self.wire.header(self.patience.artim, self.patience.unit).await?;
        if header.kind == RELEASE_RESPONSE {
            Ok(())
        } else {
            Err(WireError::Unexpected { kind: header.kind })
        }
    }
}

/// Waits for the shutdown. A sender that is gone has taken the whole process with it.
pub(crate) async fn asked(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|asked| *asked).await;
}
