//! What a compressed frame says about its own size, read before any decoder sees it.
//!
//! Decodes nothing. A frame that disagrees with the header would decode to something wrong, or to something huge.

use crate::jpeg_ls;

/// Size and sample format as the codestream gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) components: u16,
    pub(crate) precision: u16,
    /// JPEG and JPEG-LS do not say.
    pub(crate) signed: Option<bool>,
    /// The JPEG start-of-frame marker's second byte: 0xC0 baseline, 0xC1 extended, 0xC3 lossless. 0 for what is not
    /// of that family.
    pub(crate) process: u8,
    pub(crate) colour: Colour,
}

/// What a codestream of three components says about its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// Nothing.
    Unsaid,
    /// The components are red, green and blue: an Adobe segment says so.
    Rgb,
    /// The components are brightness and two differences: an Adobe segment says so, or the differences have
    /// fewer samples.
    Ybr,
    /// The decoder makes red, green and blue of them: JPEG 2000's own transform.
    Transformed,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(pair.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// The frame header of a JPEG stream. Source: ITU-T T.81 §B.2.2.
pub(crate) fn jpeg(bytes: &[u8]) -> Option<Shape> {
    if bytes.get(..2)? != [0xFF, 0xD8] {
        return None;
    }
    let mut at = 2;
    let mut said = Colour::Unsaid;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // Fill bytes before a marker.
            0xFF => at += 1,
            0xEE => {
                said = adobe(bytes, at).unwrap_or(said);
                at = at.checked_add(2)?.checked_add(usize::from(u16_at(bytes, at + 2)?))?;
            }
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Some(Shape {
                    precision: u16::from(*bytes.get(at + 4)?),
                    rows: u32::from(u16_at(bytes, at + 5)?),
                    columns: u32::from(u16_at(bytes, at + 7)?),
                    components: u16::from(*bytes.get(at + 9)?),
                    signed: None,
                    process: marker,
                    colour: if said == Colour::Unsaid && subsampled(bytes, at) { Colour::Ybr } else { said },
                });
            }
            // Scan data before any frame header, or the end.
            0xD8..=0xDA | 0x00 => return None,
            _ => at = at.checked_add(2)?.checked_add(usize::from(u16_at(bytes, at + 2)?))?,
        }
    }
}

/// The transform of an Adobe APP14 segment at `at`. Source: Adobe Technical Note #5116, §18.
fn adobe(bytes: &[u8], at: usize) -> Option<Colour> {
    let length = usize::from(u16_at(bytes, at + 2)?);
    let named = bytes.get(at + 4..at + 9)? == b"Adobe" && length >= 14;
    match *bytes.get(at + 15)? {
        0 if named => Some(Colour::Rgb),
        1 if named => Some(Colour::Ybr),
        _ => None,
    }
}

/// Whether the components of the frame header at `at` differ in their sampling.
fn subsampled(bytes: &[u8], at: usize) -> bool {
    let count = bytes.get(at + 9).copied().map_or(0, usize::from);
    let factor = |index: usize| bytes.get(at + 11 + index * 3);
    (1..count).any(|index| factor(index) != factor(0))
}

/// The frame header of a JPEG-LS stream. Source: ITU-T T.87 §C.2.2.
pub(crate) fn jpeg_ls(bytes: &[u8]) -> Option<Shape> {
    let header = jpeg_ls::frame_header(bytes)?;
    Some(Shape {
        columns: u32::from(header.columns),
        rows: u32::from(header.rows),
        components: u16::from(header.components),
        precision: header.precision,
        signed: None,
        process: 0,
        colour: Colour::Unsaid,
    })
}

/// Whether a main header behind its SIZ segment asks for the transform of the first three components: the COD
/// segment, ITU-T T.800 §A.6.1.
fn multiple_component(bytes: &[u8]) -> Option<bool> {
    let mut at = 2;
    while let Some([0xFF, marker]) = bytes.get(at..at + 2) {
        match marker {
            0x52 => return Some(*bytes.get(at + 8)? == 1),
            // The first tile, or the end.
            0x90 | 0x93 | 0xD9 => return None,
            _ => at = at.checked_add(2)?.checked_add(usize::from(u16_at(bytes, at + 2)?))?,
        }
    }
    None
}

/// The SIZ marker segment of a JPEG 2000 codestream. Source: ITU-T T.800 §A.5.1.
pub(crate) fn jpeg2000(bytes: &[u8]) -> Option<Shape> {
    // PS3.5 §A.4.4: the fragment is a bare codestream; SIZ follows the start marker at once.
    if bytes.get(..4)? != [0xFF, 0x4F, 0xFF, 0x51] {
        return None;
    }
    let extent = |far: usize, near: usize| u32_at(bytes, far)?.checked_sub(u32_at(bytes, near)?);
    let components = u16_at(bytes, 40)?;
    let first = *bytes.get(42)?;
    let subsampled = *bytes.get(43)? != 1 || *bytes.get(44)? != 1;
    let alike = (0..usize::from(components)).all(|index| bytes.get(42 + index * 3) == Some(&first));
    if subsampled || !alike {
        return None;
    }
    Some(Shape {
        columns: extent(8, 16)?,
        rows: extent(12, 20)?,
        components,
        precision: u16::from(first & 0x7F) + 1,
        signed: Some(first & 0x80 != 0),
        process: 0,
        colour: if multiple_component(bytes)? { Colour::Transformed } else { Colour::Unsaid },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_lossless_frame_header_is_read_behind_other_segments() {
        let stream = [
            0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x04, 1, 2, 0xFF, 0xFF, 0xC3, 0x00, 0x0B, 16, 0x02, 0x00, 0x01,
            0x00, 1, 1, 0x11, 0,
        ];
        let shape = jpeg(&stream).unwrap();
        assert_eq!((shape.rows, shape.columns, shape.precision, shape.process), (512, 256, 16, 0xC3));
        assert_eq!(shape.colour, Colour::Unsaid);
    }

    fn baseline(app: &[u8], chroma: u8) -> Vec<u8> {
        let frame = [0xFF, 0xC0, 0, 17, 8, 0, 8, 0, 8, 3, 1, 0x22, 0, 2, chroma, 1, 3, chroma, 1];
        [&[0xFF, 0xD8], app, &frame].concat()
    }

    #[test]
    fn an_adobe_segment_or_the_sampling_says_what_colours_are() {
        let adobe = |transform| {
            let mut app = vec![0xFF, 0xEE, 0, 14];
            app.extend(b"Adobe\0\x64\0\0\0\0");
            app.push(transform);
            app
        };
        let colour = |stream: Vec<u8>| jpeg(&stream).unwrap().colour;
        assert_eq!(colour(baseline(&adobe(0), 0x22)), Colour::Rgb);
        assert_eq!(colour(baseline(&adobe(1), 0x22)), Colour::Ybr);
        assert_eq!(colour(baseline(&[], 0x22)), Colour::Unsaid);
        assert_eq!(colour(baseline(&[], 0x11)), Colour::Ybr);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let with_start: Vec<u8> = [0xFF, 0xD8].into_iter().chain(bytes.iter().copied()).collect();
            let _ = jpeg(&with_start);
            let with_size: Vec<u8> = [0xFF, 0x4F, 0xFF, 0x51].into_iter().chain(bytes.iter().copied()).collect();
            let _ = jpeg2000(&with_size);
            let _ = (jpeg(&bytes), jpeg2000(&bytes));
        }
    }
}
