//! Run lengths of `pycocotools`: of unmarked, then of marked voxels, by turns.

/// The lengths of the runs of an image of `count` voxels whose marked ones are at `places`, in order.
pub(super) fn lengths(places: &[u32], count: u32) -> Vec<u32> {
    let mut lengths = Vec::new();
    let mut at = 0;
    for (start, end) in stretches(places) {
        lengths.extend([start - at, end - start]);
        at = end;
    }
    if at < count || lengths.is_empty() {
        lengths.push(count - at);
    }
    lengths
}

/// Places that follow each other, from the first to behind the last.
pub(super) fn stretches(places: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    let stretches = places.chunk_by(|a, b| a + 1 == *b);
    stretches.filter_map(|stretch| Some((*stretch.first()?, *stretch.last()? + 1)))
}

/// maskApi.c, `rleToString`: each length less the one two before it, five bits a character, the lowest first.
pub(super) fn compressed(lengths: &[u32]) -> String {
    let mut text = String::new();
    for (index, length) in lengths.iter().enumerate() {
        let before = if index > 2 { lengths.get(index - 2).copied().unwrap_or_default() } else { 0 };
        let mut rest = i64::from(*length) - i64::from(before);
        loop {
            let bits = rest & 0x1F;
            rest >>= 5;
            // The highest of the five is the sign of what follows.
            let more = if bits & 0x10 != 0 { rest != -1 } else { rest != 0 };
            let character = (bits | if more { 0x20 } else { 0 }) as u8 + 48;
            text.push(char::from(character));
            if !more {
                break;
            }
        }
    }
    text
}

/// maskApi.c, `rleFrString`; none for what is no such text.
pub(super) fn expanded(text: &str) -> Option<Vec<u32>> {
    let mut lengths: Vec<u32> = Vec::new();
    let mut bytes = text.bytes();
    while bytes.len() > 0 {
        let (mut value, mut shift) = (0_i64, 0);
        loop {
            let bits = i64::from(bytes.next()?.checked_sub(48)?);
            // Seven characters hold more than 32 bits.
            if bits > 0x3F || shift > 30 {
                return None;
            }
            value |= (bits & 0x1F) << shift;
            shift += 5;
            if bits & 0x20 == 0 {
                if bits & 0x10 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
        }
        let before = lengths.len().checked_sub(2).filter(|at| *at > 0).and_then(|at| lengths.get(at));
        value += before.map_or(0, |before| i64::from(*before));
        lengths.push(u32::try_from(value).ok()?);
    }
    Some(lengths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_text_is_that_of_pycocotools() {
        // pycocotools 2.0.11: encode of a 3 by 4 image whose middle row of columns 1 and 2 is marked.
        assert_eq!(lengths(&[4, 7], 12), [4, 1, 2, 1, 4]);
        assert_eq!(compressed(&[4, 1, 2, 1, 4]), "41202");
    }

    proptest! {
        #[test]
        fn lengths_come_back(lengths in proptest::collection::vec(0_u32..300_000, 0..40)) {
            prop_assert_eq!(expanded(&compressed(&lengths)), Some(lengths));
        }

        #[test]
        fn any_text_is_survived(text in "[\\x00-\\x7f]{0,40}") {
            let _ = expanded(&text);
        }
    }
}
