//! The decoder of the room of formats, for pictures that are to be painted over.

use agent_deid::blank::Native;
use agent_formats::pixels::{Frames, Samples};
use agent_formats::vocabulary::Photometric;

/// All frames of a file as native pixels; `None` where any of them cannot be decoded.
pub(super) fn native(file: &[u8]) -> Option<Native> {
    let frames = Frames::open(file).ok()?;
    let layout = frames.header().layout;
    let mut native = Native {
        bytes: Vec::new(),
        samples: 1,
        photometric: if layout.photometric == Photometric::Monochrome1 {
            "MONOCHROME1"
        } else {
            "MONOCHROME2"
        },
        bits_allocated: layout.bits_allocated.next_multiple_of(8),
        bits_stored: layout.bits_stored,
        signed: layout.signed,
    };
    for frame in 0..frames.count() {
        match frames.decode(frame).ok()? {
            Samples::Grey(stored) => grey(&stored, native.bits_allocated, &mut native.bytes)?,
            Samples::Rgb(bytes) => {
                native = Native {
                    samples: 3,
                    photometric: "RGB",
                    bits_allocated: 8,
                    bits_stored: 8,
                    signed: false,
                    ..native
                };
                native.bytes.extend(bytes);
            }
        }
    }
    Some(native)
}

fn grey(stored: &[i32], bits_allocated: u16, bytes: &mut Vec<u8>) -> Option<()> {
    let width = usize::from(bits_allocated / 8);
    if !matches!(width, 1 | 2 | 4) {
        return None;
    }
    bytes.extend(stored.iter().flat_map(|sample| sample.to_le_bytes().into_iter().take(width)));
    Some(())
}
