//! Pictures that are smaller than the grid, brought to its size: below and to the right, with one value.

/// Columns, then rows.
type Size = (u32, u32);

/// Values of a picture of size `from` on a slice of size `to`, which is at least as large.
pub(super) fn padded(values: Vec<i32>, from: Size, to: Size, with: i32) -> Vec<i32> {
    if from == to { values } else { enlarged(&values, from, to, with) }
}

/// Colours likewise; the rest is black.
pub(super) fn padded_colours(bytes: Vec<u8>, from: Size, to: Size) -> Vec<u8> {
    if from == to { bytes } else { enlarged(&bytes, (from.0 * 3, from.1), (to.0 * 3, to.1), 0) }
}

fn enlarged<T: Copy>(values: &[T], from: Size, to: Size, with: T) -> Vec<T> {
    let (width, wide) = (from.0 as usize, to.0 as usize);
    let mut all = Vec::with_capacity(wide * to.1 as usize);
    for row in values.chunks(width.max(1)) {
        all.extend_from_slice(row);
        all.resize(all.len() + wide.saturating_sub(row.len()), with);
    }
    all.resize(wide * to.1 as usize, with);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_picture_lies_in_the_first_corner() {
        assert_eq!(padded(vec![1, 2, 3, 4], (2, 2), (3, 3), 9), [1, 2, 9, 3, 4, 9, 9, 9, 9]);
        assert_eq!(padded_colours(vec![1, 2, 3], (1, 1), (2, 1)), [1, 2, 3, 0, 0, 0]);
        assert_eq!(padded(vec![1, 2], (2, 1), (2, 1), 9), [1, 2]);
    }
}
