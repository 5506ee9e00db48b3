//! JPEG with 12 bits of precision, sequential, Huffman coded, one component: process 4 of transfer syntax .51.
//!
//! The decoder for all other JPEG knows 8 bits only. Source: ITU-T T.81 (1992). Works on one block at a time and
//! writes into a buffer of the size that the frame header says, which the caller has checked.

mod blocks;
mod huffman;

use blocks::{BLOCK, Quantization, samples};
use huffman::{Bits, Table};

/// The place in a block of the coefficient that is written at each place. Source: T.81 Figure A.6.
const ZIGZAG: [u8; BLOCK] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

struct Frame {
    rows: usize,
    columns: usize,
    component: u8,
    quantization: usize,
}

/// Tables, as they were defined last.
#[derive(Default)]
struct Tables {
    quantization: [Option<Quantization>; 4],
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    restart_interval: usize,
}

/// Decodes a stream. `None` for one that is damaged, of another kind, or not of `rows` and `columns`.
///
/// Shape: rows, then columns, of samples from 0 to 4,095.
pub(crate) fn decode(bytes: &[u8], rows: u16, columns: u16) -> Option<Vec<u16>> {
    let size = (usize::from(rows), usize::from(columns));
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    let (mut tables, mut frame) = (Tables::default(), None);
    loop {
        // Fill bytes may stand in front of a marker.
        while let [0xFF, 0xFF, ..] = rest {
            rest = rest.get(1..)?;
        }
        let [0xFF, marker, high, low, ..] = rest else { return None };
        let end = 2 + usize::from(u16::from_be_bytes([*high, *low]));
        let segment = rest.get(4..end)?;
        rest = rest.get(end..)?;
        match marker {
            0xDB => quantization(segment, &mut tables)?,
            0xC4 => huffman(segment, &mut tables)?,
            0xDD => {
                let [high, low] = segment else { return None };
                tables.restart_interval = usize::from(u16::from_be_bytes([*high, *low]));
            }
            0xC1 if frame.is_none() => {
                frame = Some(frame_header(segment).filter(|frame| (frame.rows, frame.columns) == size)?);
            }
            0xDA => return scan(segment, rest, frame.as_ref()?, &tables),
            0xE0..=0xEF | 0xFE => {}
            _ => return None,
        }
    }
}

/// §B.2.4.1.
fn quantization(mut segment: &[u8], tables: &mut Tables) -> Option<()> {
    while let Some((kind, rest)) = segment.split_first() {
        let (wide, target) = (kind >> 4, usize::from(kind & 0x0F));
        let width = match wide {
            0 => 1,
            1 => 2,
            _ => return None,
        };
        let (entries, rest) = rest.split_at_checked(BLOCK * width)?;
        let mut table = [0_u16; BLOCK];
        for (entry, place) in entries.chunks_exact(width).zip(ZIGZAG) {
            let value = entry.iter().fold(0, |value, byte| value << 8 | u16::from(*byte));
            *table.get_mut(usize::from(place))? = value;
        }
        *tables.quantization.get_mut(target)? = Some(table);
        segment = rest;
    }
    Some(())
}

/// §B.2.4.2.
fn huffman(mut segment: &[u8], tables: &mut Tables) -> Option<()> {
    while let Some((kind, rest)) = segment.split_first() {
        let (counts, rest) = rest.split_first_chunk::<16>()?;
        let total = counts.iter().map(|count| usize::from(*count)).sum();
        let (values, rest) = rest.split_at_checked(total)?;
        let class = match kind >> 4 {
            0 => &mut tables.dc,
            1 => &mut tables.ac,
            _ => return None,
        };
        *class.get_mut(usize::from(kind & 0x0F))? = Some(Table::new(counts, values)?);
        segment = rest;
    }
    Some(())
}

/// §B.2.2.
fn frame_header(segment: &[u8]) -> Option<Frame> {
    let [12, y1, y2, x1, x2, 1, component, _sampling, quantization] = segment else { return None };
    let size =
        |high: &u8, low: &u8| Some(usize::from(u16::from_be_bytes([*high, *low]))).filter(|size| *size > 0);
    Some(Frame {
        rows: size(y1, y2)?,
        columns: size(x1, x2)?,
        component: *component,
        quantization: usize::from(*quantization),
    })
}

/// §B.2.3 and what follows it. A scan of one component has its blocks line after line, whatever its sampling
/// (§A.2.2).
fn scan(header: &[u8], bytes: &[u8], frame: &Frame, tables: &Tables) -> Option<Vec<u16>> {
    let [1, component, selectors, 0, 63, 0] = header else { return None };
    let dc = tables.dc.get(usize::from(selectors >> 4))?.as_ref()?;
    let ac = tables.ac.get(usize::from(selectors & 0x0F))?.as_ref()?;
    let quantization = tables.quantization.get(frame.quantization)?.as_ref()?;
    if *component != frame.component {
        return None;
    }
    let (mut bits, mut before) = (Bits::new(bytes), 0);
    let (across, down) = (frame.columns.div_ceil(8), frame.rows.div_ceil(8));
    let mut all = vec![0_u16; frame.rows * frame.columns];
    for block in 0..across * down {
        if tables.restart_interval > 0 && block > 0 && block % tables.restart_interval == 0 {
            bits.restart()?;
            before = 0;
        }
        let coefficients = coefficients(&mut bits, dc, ac, &mut before)?;
        let decoded = samples(&coefficients, quantization);
        let (row, column) = (block / across * 8, block % across * 8);
        for (line, values) in decoded.iter().enumerate().take(frame.rows - row) {
            let from = (row + line) * frame.columns + column;
            let to = from + 8.min(frame.columns - column);
            all.get_mut(from..to)?.iter_mut().zip(values).for_each(|(place, value)| *place = *value);
        }
    }
    Some(all)
}

/// The coefficients of one block, in their places (§F.2.2).
fn coefficients(bits: &mut Bits<'_>, dc: &Table, ac: &Table, before: &mut i32) -> Option<[i32; BLOCK]> {
    let mut block = [0; BLOCK];
    let width = dc.symbol(bits)?;
    // Table F.6 has 15 for the differences of 12-bit samples.
    let difference = if width <= 15 { bits.signed(u32::from(width))? } else { return None };
    // Damaged streams must not overflow; whole ones stay far below.
    *before = (*before + difference).clamp(-(1 << 20), 1 << 20);
    *block.first_mut()? = *before;
    let mut index = 1;
    while index < BLOCK {
        let symbol = ac.symbol(bits)?;
        let (zeros, width) = (usize::from(symbol >> 4), symbol & 0x0F);
        match (zeros, width) {
            (15, 0) => index += 16,
            (0, 0) => break,
            (_, 0) => return None,
            (_, 15) => return None,
            (_, _) => {
                index += zeros;
                let place = usize::from(*ZIGZAG.get(index)?);
                *block.get_mut(place)? = bits.signed(u32::from(width))?;
                index += 1;
            }
        }
    }
    Some(block)
}

#[cfg(test)]
mod tests;
