//! From decoded samples to a picture that any browser shows: window, size, file.

use agent_formats::header::{FrameFacts, WindowSetting};
use agent_formats::pixels::Samples;

/// Pixels of 8 bits, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub(super) samples: usize,
    pub(super) bytes: Vec<u8>,
}

/// How values become brightness (PS3.3 §C.11.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Linear,
    LinearExact,
    Sigmoid,
}

/// A window, and how it is applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) setting: WindowSetting,
    pub(super) function: Function,
}

impl Window {
    /// Brightness from 0 to 1. Source: PS3.3 §C.11.2.1.2.1, §C.11.2.1.3.1 and §C.11.2.1.3.2.
    fn brightness(&self, value: f64) -> f64 {
        let WindowSetting { centre, width } = self.setting;
        let brightness = match self.function {
            // A window of one value is a threshold.
            Function::Linear if width <= 1.0 => f64::from(u8::from(value > centre - 0.5)),
            Function::Linear => (value - (centre - 0.5)) / (width - 1.0) + 0.5,
            Function::LinearExact => (value - centre) / width + 0.5,
            Function::Sigmoid => 1.0 / (1.0 + (-4.0 * (value - centre) / width).exp()),
        };
        brightness.clamp(0.0, 1.0)
    }
}

/// Writes samples as a picture. Grey values are looked at through `window`, else through the first of the object's
/// own, else from the lowest to the highest of them; `inverted` says that high values are dark.
pub(super) fn shown(
    samples: Samples,
    size: (u16, u16),
    facts: &FrameFacts,
    window: Option<Window>,
    inverted: bool,
) -> Picture {
    let (columns, rows) = (usize::from(size.0), usize::from(size.1));
    let stored = match samples {
        Samples::Rgb(bytes) => return Picture { columns, rows, samples: 3, bytes },
        Samples::Grey(stored) => stored,
    };
    let own = facts.windows.first().map(|setting| Window { setting: *setting, function: Function::Linear });
    let value = |stored: i32| facts.rescale.value(f64::from(stored));
    let window = window.or(own).unwrap_or_else(|| whole_range(stored.iter().map(|stored| value(*stored))));
    let shade = |stored: &i32| {
        let brightness = window.brightness(value(*stored)) * 255.0;
        let shade = brightness.round() as u8;
        if inverted { 255 - shade } else { shade }
    };
    Picture { columns, rows, samples: 1, bytes: stored.iter().map(shade).collect() }
}

fn whole_range(values: impl Iterator<Item = f64>) -> Window {
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    // One value, or none, has no range.
    let width = (high - low).max(f64::MIN_POSITIVE);
    let setting = WindowSetting { centre: (low + high) / 2.0, width };
    Window { setting, function: Function::LinearExact }
}

impl Picture {
    /// As large as fits into a box of this size, with its own proportions. Each pixel is the mean of those that it
    /// covers; a larger picture repeats its pixels.
    pub(super) fn fitted(self, columns: usize, rows: usize) -> Self {
        let scale = (columns as f64 / self.columns as f64).min(rows as f64 / self.rows as f64);
        let side = |length: usize| ((length as f64 * scale).round() as usize).max(1);
        let (columns, rows) = (side(self.columns), side(self.rows));
        if (columns, rows) == (self.columns, self.rows) {
            return self;
        }
        let mut bytes = Vec::with_capacity(columns * rows * self.samples);
        for row in 0..rows {
            let from_rows = covered(row, rows, self.rows);
            for column in 0..columns {
                let from_columns = covered(column, columns, self.columns);
                bytes.extend((0..self.samples).map(|sample| self.mean(&from_rows, &from_columns, sample)));
            }
        }
        Self { columns, rows, bytes, ..self }
    }

    fn mean(&self, rows: &std::ops::Range<usize>, columns: &std::ops::Range<usize>, sample: usize) -> u8 {
        let at = |row: usize, column: usize| (row * self.columns + column) * self.samples + sample;
        let mut sum = 0_u64;
        for row in rows.clone() {
            for column in columns.clone() {
                sum += u64::from(self.bytes.get(at(row, column)).copied().unwrap_or_default());
            }
        }
        let count = (rows.len() * columns.len()).max(1) as u64;
        // A mean of bytes is a byte.
        ((sum + count / 2) / count) as u8
    }

    /// As a file of Portable Network Graphics; none where it has no pixel.
    pub(super) fn png(&self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let size = (u32::try_from(self.columns).ok()?, u32::try_from(self.rows).ok()?);
        let mut encoder = png::Encoder::new(&mut out, size.0, size.1);
        encoder.set_color(if self.samples == 3 { png::ColorType::Rgb } else { png::ColorType::Grayscale });
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.bytes).ok()?;
        writer.finish().ok()?;
        Some(out)
    }

    /// As a JPEG file of this quality, 1 to 100; none where it has no pixel.
    pub(super) fn jpeg(&self, quality: u8) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let colour =
            if self.samples == 3 { jpeg_encoder::ColorType::Rgb } else { jpeg_encoder::ColorType::Luma };
        let size = (u16::try_from(self.columns).ok()?, u16::try_from(self.rows).ok()?);
        jpeg_encoder::Encoder::new(&mut out, quality).encode(&self.bytes, size.0, size.1, colour).ok()?;
        Some(out)
    }
}

/// Which of `from` pixels one of `to` pixels covers.
fn covered(place: usize, to: usize, from: usize) -> std::ops::Range<usize> {
    let start = place * from / to;
    start..((place + 1) * from / to).max(start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(centre: f64, width: f64) -> Window {
        Window { setting: WindowSetting { centre, width }, function: Function::Linear }
    }

    #[test]
    fn a_window_goes_from_dark_to_bright_as_the_standard_says() {
        // PS3.3 §C.11.2.1.2.1, the standard's own example: centre 2048, width 4096, values 0 to 4095.
        let window = linear(2048.0, 4096.0);
        for (value, expect) in [(-1.0, 0.0), (0.0, 0.0), (4095.0, 1.0), (5000.0, 1.0)] {
            assert!((window.brightness(value) - expect).abs() < 1e-9, "{value}");
        }
        assert!((window.brightness(2047.5) - 0.5).abs() < 1e-9);
        assert_eq!([0.0, 1.0].map(|value| linear(1.0, 1.0).brightness(value)), [0.0, 1.0]);
        let exact = Window { function: Function::LinearExact, ..linear(10.0, 4.0) };
        assert_eq!([8.0, 10.0, 12.0].map(|value| exact.brightness(value)), [0.0, 0.5, 1.0]);
        let sigmoid = Window { function: Function::Sigmoid, ..linear(10.0, 4.0) };
        assert!((sigmoid.brightness(10.0) - 0.5).abs() < 1e-9 && sigmoid.brightness(12.0) > 0.85);
    }

    #[test]
    fn a_smaller_picture_has_the_means_of_what_it_covers() {
        let picture = Picture { columns: 4, rows: 2, samples: 1, bytes: vec![0, 2, 10, 10, 4, 6, 10, 30] };
        let small = picture.clone().fitted(2, 9);
        assert_eq!((small.columns, small.rows, small.bytes.as_slice()), (2, 1, [3, 15].as_slice()));
        let large = small.fitted(4, 4);
        assert_eq!((large.columns, large.rows), (4, 2));
        assert_eq!(large.bytes, [3, 3, 15, 15, 3, 3, 15, 15]);
        assert_eq!(picture.clone().fitted(4, 2), picture);
    }

    #[test]
    fn colours_are_scaled_sample_by_sample() {
        let picture = Picture { columns: 2, rows: 1, samples: 3, bytes: vec![0, 10, 20, 2, 30, 40] };
        assert_eq!(picture.fitted(1, 1).bytes, [1, 20, 30]);
    }

    #[test]
    fn files_begin_as_they_must() {
        let picture = Picture { columns: 2, rows: 2, samples: 1, bytes: vec![0, 64, 128, 255] };
        assert!(picture.png().unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(picture.jpeg(90).unwrap().starts_with(&[0xFF, 0xD8, 0xFF]));
        assert_eq!(Picture { columns: 0, rows: 0, samples: 1, bytes: Vec::new() }.png(), None);
    }
}
