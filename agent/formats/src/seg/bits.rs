//! Single bits of pixel data, packed from the lowest of a byte on; frames follow each other without a gap (PS3.5
//! §8.1.1).

/// Calls `each(start, end)` for the stretches of ones among `count` bits from bit `from` on, counted from there. Bits
/// beyond the end of the bytes are zeros.
pub(super) fn ones(bytes: &[u8], from: usize, count: usize, mut each: impl FnMut(usize, usize)) {
    let mut at = 0;
    let mut start = None;
    while at < count {
        let width = (count - at).min(64);
        let word = word(bytes, from + at) & (u64::MAX >> (64 - width));
        // All alike: most of a mask is nothing, and most of the rest is inside.
        if word == 0 {
            if let Some(begun) = start.take() {
                each(begun, at);
            }
        } else if width == 64 && word == u64::MAX {
            start = start.or(Some(at));
        } else {
            start = mixed(word, width, at, start, &mut each);
        }
        at += width;
    }
    if let Some(begun) = start {
        each(begun, count);
    }
}

/// One word with ones and zeros; answers where the run begins that reaches its end.
fn mixed(
    word: u64,
    width: usize,
    at: usize,
    mut start: Option<usize>,
    each: &mut impl FnMut(usize, usize),
) -> Option<usize> {
    let mut done = 0;
    while done < width {
        let rest = word >> done;
        let zeros = (rest.trailing_zeros() as usize).min(width - done);
        if zeros > 0 {
            if let Some(begun) = start.take() {
                each(begun, at + done);
            }
            done += zeros;
        } else {
            start = start.or(Some(at + done));
            done += (rest.trailing_ones() as usize).min(width - done);
        }
    }
    start
}

/// Sixty-four bits from any bit on.
fn word(bytes: &[u8], from: usize) -> u64 {
    let (byte, shift) = (from / 8, from % 8);
    let low = eight(bytes, byte) >> shift;
    if shift == 0 {
        return low;
    }
    let next = bytes.get(byte + 8).copied().unwrap_or_default();
    low | u64::from(next) << (64 - shift)
}

fn eight(bytes: &[u8], from: usize) -> u64 {
    let rest = bytes.get(from..).unwrap_or_default();
    if let Some(first) = rest.first_chunk() {
        return u64::from_le_bytes(*first);
    }
    rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Sets `count` bits from bit `from` on, as far as there are bytes.
pub(super) fn set(bytes: &mut [u8], from: usize, count: usize) {
    if count == 0 {
        return;
    }
    let (first, last) = (from / 8, (from + count - 1) / 8);
    let head = u8::MAX << (from % 8);
    let tail = u8::MAX >> (7 - (from + count - 1) % 8);
    let Some(bytes) = bytes.get_mut(first..=last) else { return };
    match bytes {
        [] => {}
        [only] => *only |= head & tail,
        [begin, middle @ .., end] => {
            *begin |= head;
            middle.fill(u8::MAX);
            *end |= tail;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_come_back(
            lengths in proptest::collection::vec((1_usize..200, 1_usize..200), 0..12),
            from in 0_usize..70,
            tail in 0_usize..200,
        ) {
            let mut expected = Vec::new();
            let mut at = 0;
            for (zeros, ones) in lengths {
                expected.push((at + zeros, at + zeros + ones));
                at += zeros + ones;
            }
            let count = at + tail;
            let mut bytes = vec![0; (from + count).div_ceil(8)];
            for (start, end) in &expected {
                set(&mut bytes, from + start, end - start);
            }
            // What lies in front of and behind the stretch has no say.
            set(&mut bytes, 0, from);
            let mut found = Vec::new();
            ones(&bytes, from, count, |start, end| found.push((start, end)));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn bits_beyond_the_end_are_zeros() {
        let mut found = Vec::new();
        ones(&[0xFF], 4, 100, |start, end| found.push((start, end)));
        assert_eq!(found, [(0, 4)]);
    }
}
