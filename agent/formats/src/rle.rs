//! RLE Lossless, PS3.5 Annex G: byte planes, each packed by runs.
//!
//! Writes into a buffer of the size the header declares and never grows it.

/// Why a frame was not unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RleError {
    #[error("the segment header does not fit the frame's samples and bytes")]
    Segments,
    #[error("a segment ends before its plane is full")]
    Short,
}

const HEADER_BYTES: usize = 64;

/// Unpacks one frame to little-endian samples, pixel by pixel.
///
/// Shape: `pixels` groups of `samples` values of `bytes` bytes each.
///
/// # Errors
/// `Segments` when the number or place of segments is wrong; `Short` when one ends too early.
pub(crate) fn unpack(
    frame: &[u8],
    pixels: usize,
    (samples, bytes): (usize, usize),
) -> Result<Vec<u8>, RleError> {
    let planes = samples.saturating_mul(bytes);
    let word = |index: usize| -> Option<usize> {
        let bytes = frame.get(index * 4..index * 4 + 4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    if planes == 0 || planes > 15 || word(0) != Some(planes) || frame.len() < HEADER_BYTES {
        return Err(RleError::Segments);
    }
    let mut unpacked = vec![0; pixels.checked_mul(planes).ok_or(RleError::Segments)?];
    for plane in 0..planes {
        let start = word(plane + 1).filter(|start| *start >= HEADER_BYTES).ok_or(RleError::Segments)?;
        let end = if plane + 1 < planes { word(plane + 2).ok_or(RleError::Segments)? } else { frame.len() };
        let segment = frame.get(start..end).ok_or(RleError::Segments)?;
        // PS3.5 §G.2: one sample after the other, of each the most significant byte first; they are little
        // endian here.
        let place = plane / bytes * bytes + (bytes - 1 - plane % bytes);
        unpack_plane(segment, unpacked.iter_mut().skip(place).step_by(planes))?;
    }
    Ok(unpacked)
}

fn unpack_plane<'a>(
    segment: &[u8],
    mut plane: impl ExactSizeIterator<Item = &'a mut u8>,
) -> Result<(), RleError> {
    let mut rest = segment;
    while plane.len() > 0 {
        let (&control, after) = rest.split_first().ok_or(RleError::Short)?;
        rest = match control {
            0..=127 => {
                let count = usize::from(control) + 1;
                let (literal, after) = after.split_at_checked(count).ok_or(RleError::Short)?;
                plane.by_ref().zip(literal).for_each(|(place, byte)| *place = *byte);
                after
            }
            // PS3.5 §G.3.1: -128 is not used.
            128 => after,
            129..=255 => {
                let (&byte, after) = after.split_first().ok_or(RleError::Short)?;
                plane.by_ref().take(257 - usize::from(control)).for_each(|place| *place = byte);
                after
            }
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(segments: &[&[u8]]) -> Vec<u8> {
        let mut frame = (segments.len() as u32).to_le_bytes().to_vec();
        let mut at = 64_u32;
        for segment in segments {
            frame.extend_from_slice(&at.to_le_bytes());
            at += segment.len() as u32;
        }
        frame.resize(64, 0);
        frame.extend(segments.iter().flat_map(|segment| segment.iter().copied()));
        frame
    }

    #[test]
    fn byte_planes_become_little_endian_samples() {
        let packed = frame(&[&[0xFE, 0x01], &[0x02, 0x10, 0x20, 0x30]]);
        assert_eq!(unpack(&packed, 3, (1, 2)), Ok(vec![0x10, 0x01, 0x20, 0x01, 0x30, 0x01]));
    }

    #[test]
    fn planes_of_three_samples_become_pixels() {
        let packed = frame(&[&[0x01, 1, 2], &[0x01, 3, 4], &[0xFF, 5]]);
        assert_eq!(unpack(&packed, 2, (3, 1)), Ok(vec![1, 3, 5, 2, 4, 5]));
    }

    #[test]
    fn a_plane_that_is_not_full_is_refused() {
        assert_eq!(unpack(&frame(&[&[0xFE, 0x01]]), 4, (1, 1)), Err(RleError::Short));
        assert_eq!(unpack(&frame(&[&[0xFE, 0x01]]), 3, (1, 2)), Err(RleError::Segments));
        assert_eq!(unpack(&[], 3, (1, 1)), Err(RleError::Segments));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200), planes in 0_usize..5) {
            let _ = unpack(&bytes, 50, (planes, 1));
            let _ = unpack(&frame(&[&bytes]), 50, (1, planes));
        }
    }
}
