//! A chest from the back: lungs, heart, spine, ribs, and one or two nodules.

use super::canvas::{Canvas, Chance, Ellipse};
use super::{Finding, FindingForm, Picture, PictureOptions, Samples, Subject};

/// The field of view across.
const WIDTH_MM: f64 = 350.0;

struct Anatomy {
    body: Ellipse,
    lungs: [Ellipse; 2],
    heart: Ellipse,
    carina: [f64; 2],
    nodules: Vec<Ellipse>,
}

impl Anatomy {
    fn new(width: f64, height: f64, chance: &mut Chance) -> Self {
        let at = |x: f64, y: f64| [x * width, y * height];
        let radii = |x: f64, y: f64| [x * width, y * height];
        let lungs = [0.29, 0.71].map(|x| Ellipse { centre: at(x, 0.44), radii: radii(0.165, 0.33) });
        let heart_width = chance.between(0.17, 0.22);
        let count = if chance.next() < 0.5 { 1 } else { 2 };
        let nodules = (0..count).map(|number: usize| {
            // One in each lung, away from the rim and from the heart.
            let lung = &lungs[number % 2];
            let radius = chance.between(0.014, 0.026) * width;
            let outward = if number == 0 { -1.0 } else { 1.0 };
            let x = lung.centre[0] + outward * chance.between(0.15, 0.5) * lung.radii[0];
            let y = lung.centre[1] + chance.between(-0.6, 0.4) * lung.radii[1];
            Ellipse { centre: [x, y], radii: [radius, radius * chance.between(0.85, 1.15)] }
        });
        Self {
            nodules: nodules.collect(),
            body: Ellipse { centre: at(0.5, 0.6), radii: radii(0.49, 0.66) },
            lungs,
            heart: Ellipse { centre: at(0.54, 0.6), radii: radii(heart_width, 0.17) },
            carina: at(0.5, 0.33),
        }
    }

    /// How much is in the way of the rays, 0 to 1.
    fn brightness(&self, at: [f64; 2], width: f64) -> f64 {
        let body = self.body.cover(at, 0.03);
        let lung = self.lungs.iter().map(|lung| lung.cover(at, 0.06)).fold(0.0, f64::max);
        let mut value = body * (0.62 - 0.42 * lung);
        value += 0.3 * self.heart.cover(at, 0.08) * body;
        let spine = 1.0 - ((at[0] - width / 2.0) / (0.05 * width)).abs();
        value += 0.18 * spine.clamp(0.0, 1.0) * body;
        value += 0.09 * rib(at, width) * body;
        let airway = ((at[0] - self.carina[0]) / (0.022 * width)).abs();
        if at[1] < self.carina[1] && airway < 1.0 {
            value -= 0.12 * (1.0 - airway);
        }
        value += self.nodules.iter().map(|nodule| 0.22 * nodule.cover(at, 0.25)).sum::<f64>();
        value.clamp(0.0, 1.0)
    }
}

/// Ribs run downwards from the spine to the sides.
fn rib([x, y]: [f64; 2], width: f64) -> f64 {
    let aside = ((x - width / 2.0) / width).abs();
    let phase = (y / width - aside * aside * 1.2) / 0.085;
    let near = (phase.rem_euclid(1.0) - 0.5).abs() / 0.16;
    if !(0.04..=0.47).contains(&aside) { 0.0 } else { (1.0 - near).max(0.0) }
}

pub(super) fn pictures(options: &PictureOptions, columns: u32) -> (Vec<Picture>, Vec<Finding>) {
    let rows = columns * 5 / 4;
    let (width, height) = (f64::from(columns), f64::from(rows));
    let mut chance = Chance::new(&format!("{}/chest", options.key));
    let anatomy = Anatomy::new(width, height, &mut chance);
    let mut canvas = Canvas::new(columns, rows);
    canvas.each(|at, _| anatomy.brightness(at, width));
    canvas.noise(&format!("{}/chest/noise", options.key), 0.012);
    let mut stored = canvas.stored();
    if options.subject == Subject::ChestInverted {
        stored.iter_mut().for_each(|value| *value = 4095 - *value);
    }
    let picture = Picture {
        columns,
        rows,
        frames: 1,
        samples: Samples::Grey(stored),
        spacing_mm: WIDTH_MM / width,
        view: None,
    };
    (vec![picture], findings(&anatomy))
}

fn findings(anatomy: &Anatomy) -> Vec<Finding> {
    let finding = |object, form| Finding { object, slice: 0, form };
    let nodules = anatomy.nodules.iter().map(|nodule| {
        let (lower, upper) = nodule.bounds();
        finding("nodule", FindingForm::Box(lower, upper))
    });
    let Ellipse { centre, radii } = anatomy.heart;
    let across = FindingForm::Line([centre[0] - radii[0], centre[1]], [centre[0] + radii[0], centre[1]]);
    nodules
        .chain([finding("heart_width", across), finding("carina", FindingForm::Point(anatomy.carina))])
        .collect()
}
