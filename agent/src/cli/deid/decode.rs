//! The decoder of the room of formats, for pictures that are to be painted over.

use agent_deid::blank::Native;
use agent_formats::pixels::Frames;

/// All frames of a file as native pixels; `None` where any of them cannot be decoded.
pub(super) fn native(file: &[u8]) -> Option<Native> {
    let frames = Frames::open(file).ok()?;
    let native = frames.native(0..frames.count()).ok()?;
    Some(Native {
        bytes: native.bytes,
        samples: native.samples,
        photometric: native.photometric,
        bits_allocated: native.bits_allocated,
        bits_stored: native.bits_stored,
        signed: native.signed,
    })
}
