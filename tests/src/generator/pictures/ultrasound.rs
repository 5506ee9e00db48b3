//! An ultrasound cine: a fan of speckle, a dark cyst that moves with the breath, a vessel in colour.

use super::canvas::{Canvas, Ellipse};
use super::{Finding, FindingForm, Picture, PictureOptions, Samples};

const FRAMES: u32 = 20;
/// How deep the fan reaches.
const DEPTH_MM: f64 = 160.0;

pub(super) fn pictures(options: &PictureOptions, columns: u32) -> (Vec<Picture>, Vec<Finding>) {
    let rows = columns * 3 / 4;
    let spacing_mm = DEPTH_MM / f64::from(rows);
    let mut colours = Vec::with_capacity((columns * rows * FRAMES * 3) as usize);
    let mut findings = Vec::new();
    for frame in 0..FRAMES {
        let moment = f64::from(frame) / f64::from(FRAMES) * std::f64::consts::TAU;
        let fan = Fan::new([columns, rows], moment);
        let speckle = format!("{}/cyst/{frame}", options.key);
        colours.extend(fan.draw(&speckle));
        if frame == FRAMES / 2 {
            let (lower, upper) = fan.cyst.bounds();
            let Ellipse { centre: [x, y], radii: [across, _] } = fan.cyst;
            let found = [
                ("cyst", FindingForm::Box(lower, upper)),
                ("cyst_diameter", FindingForm::Line([x - across, y], [x + across, y])),
                ("vessel", FindingForm::Point(fan.vessel.centre)),
            ];
            findings.extend(found.map(|(object, form)| Finding { object, slice: frame, form }));
        }
    }
    let samples = Samples::Colour(colours);
    let picture = Picture { columns, rows, frames: FRAMES, samples, spacing_mm, view: None };
    (vec![picture], findings)
}

struct Fan {
    size: [u32; 2],
    cyst: Ellipse,
    vessel: Ellipse,
    pulse: f64,
}

impl Fan {
    fn new([columns, rows]: [u32; 2], moment: f64) -> Self {
        let (width, height) = (f64::from(columns), f64::from(rows));
        let shift = moment.sin() * 0.04 * height;
        let cyst =
            Ellipse { centre: [0.46 * width, 0.5 * height + shift], radii: [0.09 * width, 0.1 * height] };
        let vessel =
            Ellipse { centre: [0.62 * width, 0.66 * height + shift], radii: [0.05 * width, 0.022 * height] };
        Self { size: [columns, rows], cyst, vessel, pulse: 0.6 + 0.4 * (2.0 * moment).cos() }
    }

    /// Red, green and blue of each pixel.
    fn draw(&self, speckle: &str) -> Vec<u8> {
        let [columns, rows] = self.size;
        let (width, height) = (f64::from(columns), f64::from(rows));
        let apex = [width / 2.0, -0.08 * height];
        let mut canvas = Canvas::new(columns, rows);
        canvas.each(|at, _| {
            let (across, down) = (at[0] - apex[0], at[1] - apex[1]);
            let (radius, angle) = (across.hypot(down), across.atan2(down).abs());
            if angle > 0.62 || radius < 0.16 * height || radius > 1.05 * height {
                return 0.0;
            }
            let deep = 0.5 - 0.25 * radius / height;
            let behind =
                self.cyst.centre[1] < at[1] && (at[0] - self.cyst.centre[0]).abs() < self.cyst.radii[0];
            let bright = if behind { 0.12 } else { 0.0 };
            (deep + bright) * (1.0 - 0.9 * self.cyst.cover(at, 0.08)) + 0.02
        });
        canvas.noise(speckle, 0.06);
        let byte = |value: f64| (value * 255.0).round().clamp(0.0, 255.0) as u8;
        let pixels = canvas.values().iter().zip(0_u32..);
        let colour = |(value, index): (&f64, u32)| {
            let at = [f64::from(index % columns), f64::from(index / columns)];
            let flow = self.vessel.cover(at, 0.15) * self.pulse;
            let grey = value * (1.0 - flow);
            [byte(grey + flow), byte(grey + 0.25 * flow), byte(grey)]
        };
        pixels.flat_map(colour).collect()
    }
}
