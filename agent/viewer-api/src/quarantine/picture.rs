//! One slice as a picture that any browser shows.

use agent_imaging::{Volume, Voxels};

use crate::problem::Problem;
use crate::volumes::Description;

/// The first slice of a volume as PNG, through its first window; `size` where it has fewer columns and rows than
/// the grid.
pub(super) fn png(
    volume: &Volume,
    description: &Description,
    size: Option<[u32; 2]>,
) -> Result<Vec<u8>, Problem> {
    let [wide, high, _] = volume.grid().size();
    let [columns, rows] = size.unwrap_or([wide, high]);
    let colour = matches!(volume.voxels(), Voxels::Rgb8(_));
    let (all, samples) = if colour { (colours(volume), 3) } else { (greys(volume, description), 1) };
    let line = |bytes: &[u8]| bytes.get(..columns as usize * samples).map(<[u8]>::to_vec);
    let lines = all.chunks(wide as usize * samples).take(rows as usize).filter_map(line);
    let bytes: Vec<u8> = lines.flatten().collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, columns, rows);
    encoder.set_color(if colour { png::ColorType::Rgb } else { png::ColorType::Grayscale });
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&bytes));
    written.map_err(|cause| Problem::ours(&cause))?;
    Ok(out)
}

fn colours(volume: &Volume) -> Vec<u8> {
    match volume.voxels() {
        Voxels::Rgb8(bytes) => bytes.clone(),
        Voxels::Int16(_) | Voxels::Float32(_) => Vec::new(),
    }
}

/// The values of a slice between black and white.
fn greys(volume: &Volume, description: &Description) -> Vec<u8> {
    let (centre, width) =
        description.windows.first().map_or((0.5, 1.0), |window| (window.centre, window.width));
    let grey = |value: f64| {
        let share = ((value - centre) / width + 0.5).clamp(0.0, 1.0);
        let shown = if description.inverted { 1.0 - share } else { share };
        (shown * 255.0).round() as u8
    };
    let voxels = volume.voxels();
    (0..voxels.len()).map(|place| voxels.value(place).map_or(0, grey)).collect()
}
