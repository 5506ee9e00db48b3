//! JPEG-LS, lossless and near-lossless: 2 to 16 bits, one or three components, in any interleaving.
//!
//! Source: ITU-T T.87 (1998); its names are kept where it has them. Writes into a buffer of the size that its frame
//! header says, which the caller has checked, and never grows it. Palettes inside the stream, restart intervals and
//! colour transforms of one maker are not decoded.

mod bits;
mod scan;

use bits::Bits;
use scan::{Coding, Scan};

/// The frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) precision: u16,
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    pub(crate) components: u8,
}

/// How the samples of one scan follow each other (§C.2.3, ILV).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interleave {
    None,
    Line,
    Sample,
}

struct ScanHeader {
    components: Vec<u8>,
    near: i32,
    interleave: Interleave,
}

/// Parameters that the stream may set (§C.2.4.1.1); 0 stands for the default.
#[derive(Clone, Copy, Default)]
struct Preset {
    maximum: u16,
    thresholds: [u16; 3],
    reset: u16,
}

/// The frame header of a stream, read without decoding anything.
pub(crate) fn frame_header(bytes: &[u8]) -> Option<FrameHeader> {
    let mut segments = Segments::new(bytes)?;
    loop {
        let (marker, segment) = segments.next()?;
        match marker {
            0xF7 => return frame(segment).map(|(header, _)| header),
            0xDA | 0xD9 => return None,
            _ => {}
        }
    }
}

/// Decodes a stream. `None` for one that is damaged or of a kind that is not decoded.
///
/// Shape: rows, then columns, then components.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<u16>> {
    let mut segments = Segments::new(bytes)?;
    let (mut found, mut preset) = (None, Preset::default());
    let mut samples = Vec::new();
    let mut done: Vec<u8> = Vec::new();
    loop {
        let (marker, segment) = segments.next()?;
        match marker {
            0xF7 if found.is_none() => {
                let (header, names) = frame(segment)?;
                let pixels = usize::from(header.rows) * usize::from(header.columns);
                samples = vec![0; pixels * usize::from(header.components)];
                found = Some((header, names));
            }
            0xF8 => preset = presets(segment)?,
            0xDA => {
                let (header, names) = found.as_ref()?;
                let scan = scan_header(segment)?;
                // Each component once, and all of them in one scan where they are interleaved.
                let whole = scan.interleave == Interleave::None || scan.components == *names;
                if !whole || scan.components.iter().any(|name| done.contains(name)) {
                    return None;
                }
                let first = names.iter().position(|name| scan.components.first() == Some(name))?;
                let coding = coding(header, &scan, preset)?;
                let together = scan.components.len();
                let columns = usize::from(header.columns);
                let state = Scan::new(coding, Bits::new(segments.rest()), columns, together);
                let used = one_scan(state, header, &scan, first, &mut samples)?;
                done.extend(&scan.components);
                if done.len() == names.len() {
                    return Some(samples);
                }
                segments.skip(used)?;
            }
            // Restart intervals; "mrfx", a colour transform that is in no standard.
            0xDD => return None,
            0xE8 if segment.starts_with(b"mrfx") && segment.get(4) != Some(&0) => return None,
            0xE0..=0xEF | 0xFE => {}
            _ => return None,
        }
    }
}

/// Decodes a scan, whose first component is the `first` of the frame's, and says how many bytes it had.
fn one_scan(
    mut state: Scan<'_>,
    header: &FrameHeader,
    scan: &ScanHeader,
    first: usize,
    samples: &mut [u16],
) -> Option<usize> {
    let together = scan.components.len();
    let all = usize::from(header.components);
    for row in samples.chunks_exact_mut(usize::from(header.columns) * all) {
        match scan.interleave {
            Interleave::None | Interleave::Line => (0..together).try_for_each(|component| {
                state.line(component)?;
                put(row, all, first + component, state.decoded(component));
                Some(())
            })?,
            Interleave::Sample => {
                state.lines_together()?;
                (0..together).for_each(|component| put(row, all, component, state.decoded(component)));
            }
        }
    }
    Some(state.used())
}

fn put(row: &mut [u16], all: usize, component: usize, decoded: &[i32]) {
    for (pixel, value) in row.chunks_exact_mut(all).zip(decoded) {
        if let Some(place) = pixel.get_mut(component) {
            // Decoded values lie within 0 and MAXVAL, which has 16 bits.
            *place = u16::try_from(*value).unwrap_or_default();
        }
    }
}

/// Marker segments, one after the other.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        bytes.starts_with(&[0xFF, 0xD8]).then_some(Self { bytes, at: 2 })
    }

    /// The next marker and what its segment holds.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        if *self.bytes.get(self.at)? != 0xFF {
            return None;
        }
        while *self.bytes.get(self.at)? == 0xFF {
            self.at += 1;
        }
        let marker = *self.bytes.get(self.at)?;
        let length = self.bytes.get(self.at + 1..self.at + 3)?;
        let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
        let segment = self.bytes.get(self.at + 3..(self.at + 1).checked_add(length)?)?;
        self.at += 1 + length;
        Some((marker, segment))
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Goes on to the marker behind so many bytes of a scan.
    fn skip(&mut self, bytes: usize) -> Option<()> {
        let rest = self.bytes.get(self.at.checked_add(bytes)?..)?;
        let marker = rest.windows(2).position(|pair| matches!(pair, [0xFF, 0x80..=0xFF]))?;
        self.at += bytes + marker;
        Some(())
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// §C.2.2: the frame header, and the names of its components.
fn frame(segment: &[u8]) -> Option<(FrameHeader, Vec<u8>)> {
    let [precision, _, _, _, _, components, names @ ..] = segment else { return None };
    let header = FrameHeader {
        precision: u16::from(*precision),
        rows: short(segment, 1)?,
        columns: short(segment, 3)?,
        components: *components,
    };
    let (names, rest) = names.as_chunks::<3>();
    let plain = names.iter().all(|[_, sampling, _]| *sampling == 0x11) && rest.is_empty();
    let counted = names.len() == usize::from(*components) && matches!(components, 1 | 3);
    let sized = header.rows > 0 && header.columns > 0 && (2..=16).contains(precision);
    let names: Vec<u8> = names.iter().map(|[name, _, _]| *name).collect();
    (plain && counted && sized).then_some((header, names))
}

/// §C.2.3: the scan header.
fn scan_header(segment: &[u8]) -> Option<ScanHeader> {
    let (count, rest) = segment.split_first()?;
    let (components, rest) = rest.split_at_checked(usize::from(*count) * 2)?;
    let [near, interleave, 0] = rest else { return None };
    // No mapping tables.
    let (pairs, _) = components.as_chunks::<2>();
    if pairs.iter().any(|[_, table]| *table != 0) {
        return None;
    }
    let interleave = match (interleave, pairs.len()) {
        (0, 1) => Interleave::None,
        // One component is the same in any interleaving.
        (1 | 2, 1) => Interleave::None,
        (1, 3) => Interleave::Line,
        (2, 3) => Interleave::Sample,
        (_, _) => return None,
    };
    let components = pairs.iter().map(|[name, _]| *name).collect();
    Some(ScanHeader { components, near: i32::from(*near), interleave })
}

/// §C.2.4: of the four kinds of preset parameters only coding parameters are known.
fn presets(segment: &[u8]) -> Option<Preset> {
    if segment.first() != Some(&1) || segment.len() != 11 {
        return None;
    }
    let thresholds = [short(segment, 3)?, short(segment, 5)?, short(segment, 7)?];
    Some(Preset { maximum: short(segment, 1)?, thresholds, reset: short(segment, 9)? })
}

fn coding(header: &FrameHeader, scan: &ScanHeader, preset: Preset) -> Option<Coding> {
    let highest = (1_i32 << header.precision) - 1;
    let maximum = if preset.maximum == 0 { highest } else { i32::from(preset.maximum) };
    let near = scan.near;
    if maximum > highest || near > 255.min(maximum / 2) {
        return None;
    }
    let defaults = default_thresholds(maximum, near);
    let mut thresholds = defaults;
    for (threshold, set) in thresholds.iter_mut().zip(preset.thresholds) {
        if set != 0 {
            *threshold = i32::from(set);
        }
    }
    let [first, second, third] = thresholds;
    let rising = near < first && first <= second && second <= third && third <= maximum;
    let reset = if preset.reset == 0 { 64 } else { i32::from(preset.reset) };
    (rising && reset >= 3).then(|| Coding::new(maximum, near, thresholds, reset))
}

/// §C.2.4.1.1.1.
fn default_thresholds(maximum: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, lowest: i32| if value > maximum || value < lowest { lowest } else { value };
    let [first, second, third] = if maximum >= 128 {
        let factor = (maximum.min(4095) + 128) / 256;
        [factor + 2 + 3 * near, factor * 4 + 3 + 5 * near, factor * 17 + 4 + 7 * near]
    } else {
        let factor = 256 / (maximum + 1);
        [2.max(3 / factor + 3 * near), 3.max(7 / factor + 5 * near), 4.max(21 / factor + 7 * near)]
    };
    let first = clamp(first, near + 1);
    let second = clamp(second, first);
    [first, second, clamp(third, second)]
}

#[cfg(test)]
mod tests;
