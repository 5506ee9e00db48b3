//! Four mammograms: each breast from above (CC) and obliquely (MLO), a mass in one of them.

use super::canvas::{Canvas, Chance, Ellipse};
use super::{Finding, FindingForm, Picture, PictureOptions, Samples};

/// One of the four usual views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    pub(super) left: bool,
    pub(super) oblique: bool,
}

/// In the order in which they are hung.
const VIEWS: [View; 4] = [
    View { left: false, oblique: false },
    View { left: true, oblique: false },
    View { left: false, oblique: true },
    View { left: true, oblique: true },
];

/// The widest field of view.
const WIDTH_MM: f64 = 240.0;

struct Mass {
    left: bool,
    /// Depth from the chest wall and height, as shares of the breast.
    place: [f64; 2],
    radius_mm: f64,
}

pub(super) fn pictures(options: &PictureOptions, columns: u32) -> (Vec<Picture>, Vec<Finding>) {
    let mut chance = Chance::new(&format!("{}/breasts", options.key));
    let mass = Mass {
        left: chance.next() < 0.5,
        place: [chance.between(0.3, 0.6), chance.between(-0.4, 0.4)],
        radius_mm: chance.between(5.0, 9.0),
    };
    let spacing_mm = WIDTH_MM / f64::from(columns);
    let mut pictures = Vec::new();
    let mut findings = Vec::new();
    for (view, slice) in VIEWS.into_iter().zip(0_u32..) {
        // From above the breast is shown on the smaller plate.
        let share = if view.oblique { 1.0 } else { 0.8 };
        let wide = (f64::from(columns) * share) as u32 / 2 * 2;
        let rows = wide * 6 / 5;
        let noise = format!("{}/breasts/{slice}", options.key);
        let (canvas, found) = draw(view, [wide, rows], &mass, (spacing_mm, &noise));
        findings.extend(found.into_iter().map(|(object, form)| Finding { object, slice, form }));
        let samples = Samples::Grey(canvas.stored());
        pictures.push(Picture { columns: wide, rows, frames: 1, samples, spacing_mm, view: Some(view) });
    }
    (pictures, findings)
}

type Found = Vec<(&'static str, FindingForm)>;

fn draw(
    view: View,
    [columns, rows]: [u32; 2],
    mass: &Mass,
    (spacing_mm, noise): (f64, &str),
) -> (Canvas, Found) {
    let (width, height) = (f64::from(columns), f64::from(rows));
    // The right breast points to the right of the picture's left edge, the left one is its mirror image.
    let place = |depth: f64, y: f64| [if view.left { width - 1.0 - depth } else { depth }, y];
    let middle = height * if view.oblique { 0.58 } else { 0.5 };
    let reach = width * 0.72;
    let breast = Ellipse { centre: place(0.0, middle), radii: [reach, height * 0.42] };
    let at = [mass.place[0] * reach, middle + mass.place[1] * height * 0.3];
    let radius = mass.radius_mm / spacing_mm;
    let shown = (view.left == mass.left)
        .then_some(Ellipse { centre: place(at[0], at[1]), radii: [radius, radius * 0.9] });
    let mut canvas = Canvas::new(columns, rows);
    canvas.each(|at, _| {
        let depth = if view.left { width - 1.0 - at[0] } else { at[0] };
        let inside = breast.cover(at, 0.02);
        let gland = (1.0 - breast.distance(at)).max(0.0);
        let strands = (depth * 0.06 + (at[1] - middle) * 0.02).sin() * (at[1] * 0.045 - depth * 0.01).cos();
        let mut value = inside * (0.22 + 0.35 * gland + 0.06 * strands * gland);
        if view.oblique && depth + at[1] * 0.6 < width * 0.34 {
            value = value.max(0.72);
        }
        value + shown.map_or(0.0, |mass| 0.25 * mass.cover(at, 0.2))
    });
    canvas.noise(noise, 0.01);
    let mut found = vec![("nipple", FindingForm::Point(place(reach, middle)))];
    if let Some(mass) = shown {
        let (lower, upper) = mass.bounds();
        let Ellipse { centre: [x, y], radii: [across, _] } = mass;
        found.push(("mass", FindingForm::Box(lower, upper)));
        found.push(("mass_diameter", FindingForm::Line([x - across, y], [x + across, y])));
    }
    (canvas, found)
}
