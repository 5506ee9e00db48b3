//! Label maps as COCO annotations with run-length codes, a slice an image, and back.
//!
//! The codes are those of `pycocotools`, which count down the columns; its compressed text and plain counts are both
//! written and read. COCO has no place for where an image lies, so the grid stands in `info`, where others ignore it.
//!
//! Source: cocodataset.org/#format-data, and maskApi.c of cocoapi for the compressed text.

mod codes;

use crate::seg::layers::{Collector, Layers};
use crate::seg::{SegError, Segment};
use agent_imaging::{Grid, LabelMap};
use agent_phi::Purpose;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// More labelled voxels than this are refused.
pub const VOXELS_MAX: usize = 1 << 28;

/// How counts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// As a list of numbers.
    Plain,
    /// As the text of `pycocotools`.
    Compressed,
}

/// Why annotations were not read.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum CocoError {
    #[error("not a JSON document")]
    NotJson,
    #[error("{field} is missing or has no valid value")]
    Invalid { field: &'static str },
    #[error("annotation {annotation} is not a run-length code of its image")]
    Code { annotation: usize },
    #[error("more than {VOXELS_MAX} labelled voxels")]
    TooLarge,
    #[error("the annotations cannot be kept as label maps")]
    Layers {
        #[source]
        cause: SegError,
    },
}

/// Writes layers of labels. Image k + 1 is slice k; a category has the number of its segment.
#[must_use]
pub fn write(layers: &[LabelMap], segments: &[Segment], counts: Counts) -> Vec<u8> {
    let Some(grid) = layers.first().map(LabelMap::grid) else { return b"{}".to_vec() };
    let [columns, rows, slices] = grid.size();
    let images: Vec<Value> = (0..slices)
        .map(|k| json!({ "id": k + 1, "width": columns, "height": rows, "file_name": format!("slice_{:05}", k + 1) }))
        .collect();
    let category = |segment: &Segment| {
        let name = segment.label.expose(Purpose::Store);
        json!({ "id": segment.number, "name": name, "supercategory": segment.category.meaning })
    };
    let mut annotations = Vec::new();
    for (k, runs) in layers.iter().flat_map(LabelMap::slices) {
        let mut voxels: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        for run in runs {
            // Down the columns, from the first.
            let place = |offset: u32| offset % columns * rows + offset / columns;
            voxels.entry(run.label).or_default().extend((run.start..run.start + run.length).map(place));
        }
        for (label, mut places) in voxels {
            places.sort_unstable();
            let id = annotations.len() + 1;
            annotations.push(annotation((id, k, label), &places, [columns, rows], counts));
        }
    }
    let document = json!({
        "info": { "description": "label map", "grid": grid_value(grid) },
        "images": images,
        "categories": segments.iter().map(category).collect::<Vec<_>>(),
        "annotations": annotations,
    });
    document.to_string().into_bytes()
}

fn annotation(
    (id, k, label): (usize, u32, u16),
    places: &[u32],
    [columns, rows]: [u32; 2],
    counts: Counts,
) -> Value {
    let lengths = codes::lengths(places, columns * rows);
    let counts = match counts {
        Counts::Plain => json!(lengths),
        Counts::Compressed => json!(codes::compressed(&lengths)),
    };
    let (first, last) =
        (places.first().copied().unwrap_or_default(), places.last().copied().unwrap_or_default());
    let (left, right) = (first / rows, last / rows);
    let top = places.iter().map(|place| place % rows).min().unwrap_or_default();
    let bottom = places.iter().map(|place| place % rows).max().unwrap_or_default();
    json!({
        "id": id,
        "image_id": k + 1,
        "category_id": label,
        "segmentation": { "size": [rows, columns], "counts": counts },
        "area": places.len(),
        "bbox": [left, top, right - left + 1, bottom - top + 1],
        "iscrowd": 0,
    })
}

fn grid_value(grid: &Grid) -> Value {
    json!({
        "size": grid.size(),
        "spacing_mm": grid.spacing_mm(),
        "origin_mm": grid.origin_mm(),
        "direction": grid.direction(),
    })
}

/// Reads annotations onto a grid; the one in `info` where none is given.
///
/// # Errors
/// The variant of `CocoError` that names what is wrong.
pub fn read(file: &[u8], onto: Option<&Grid>) -> Result<(Vec<Segment>, Layers), CocoError> {
    let document: Value = serde_json::from_slice(file).map_err(|_| CocoError::NotJson)?;
    let grid = match onto {
        Some(grid) => *grid,
        None => grid_of(&document)?,
    };
    let segments = categories(&document)?;
    let list = document.get("annotations").and_then(Value::as_array);
    let list = list.ok_or(CocoError::Invalid { field: "annotations" })?;
    let mut collector = Collector::new(grid.size()[2]);
    let mut voxels = 0;
    for (index, one) in list.iter().enumerate() {
        let number = |field: &'static str| {
            let number = one.get(field).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
            number.ok_or(CocoError::Invalid { field })
        };
        let label = u16::try_from(number("category_id")?).ok();
        let known = label.filter(|label| segments.iter().any(|segment| segment.number == *label));
        let label = known.ok_or(CocoError::Invalid { field: "category_id" })?;
        let k = number("image_id")?.checked_sub(1).filter(|k| *k < grid.size()[2]);
        let k = k.ok_or(CocoError::Invalid { field: "image_id" })?;
        let places = places(one, &grid, index, VOXELS_MAX - voxels)?;
        voxels += places.len();
        for (start, end) in codes::stretches(&places) {
            collector.push(k, (start as usize, end as usize), label);
        }
        collector.check().map_err(|cause| CocoError::Layers { cause })?;
    }
    let layers = collector.finish(grid).map_err(|cause| CocoError::Layers { cause })?;
    Ok((segments, layers))
}

/// The voxels of one annotation, row by row.
fn places(one: &Value, grid: &Grid, annotation: usize, most: usize) -> Result<Vec<u32>, CocoError> {
    let code = CocoError::Code { annotation };
    let [columns, rows, _] = grid.size();
    let segmentation = one.get("segmentation").and_then(Value::as_object).ok_or(code)?;
    let size = segmentation.get("size").and_then(Value::as_array).ok_or(code)?;
    let size: Vec<u64> = size.iter().filter_map(Value::as_u64).collect();
    if size != [u64::from(rows), u64::from(columns)] {
        return Err(code);
    }
    let lengths = match segmentation.get("counts") {
        Some(Value::String(text)) => codes::expanded(text).ok_or(code)?,
        Some(Value::Array(counts)) => {
            let lengths =
                counts.iter().map(|count| count.as_u64().and_then(|count| u32::try_from(count).ok()));
            lengths.collect::<Option<Vec<u32>>>().ok_or(code)?
        }
        Some(_) | None => return Err(code),
    };
    let mut places = Vec::new();
    let mut at = 0_u64;
    for (length, marked) in lengths.iter().zip([false, true].into_iter().cycle()) {
        let end = at + u64::from(*length);
        if end > u64::from(grid.slice_voxels()) {
            return Err(code);
        }
        if marked {
            if places.len() + *length as usize > most {
                return Err(CocoError::TooLarge);
            }
            // Within a slice, which has fewer than 2^32 voxels.
            places.extend((at..end).map(|place| place as u32 % rows * columns + place as u32 / rows));
        }
        at = end;
    }
    if at != u64::from(grid.slice_voxels()) {
        return Err(code);
    }
    places.sort_unstable();
    Ok(places)
}

fn categories(document: &Value) -> Result<Vec<Segment>, CocoError> {
    let field = "categories";
    let list = document.get(field).and_then(Value::as_array).ok_or(CocoError::Invalid { field })?;
    let segment = |one: &Value| {
        let one: &Map<String, Value> = one.as_object()?;
        let number = one.get("id")?.as_u64().and_then(|id| u16::try_from(id).ok()).filter(|id| *id > 0)?;
        let plain = Segment::plain(number).ok()?;
        let name = one.get("name").and_then(Value::as_str).map(agent_phi::HeaderText::new);
        let label = name.and_then(Result::ok).unwrap_or_else(|| plain.label.clone());
        Some(Segment { label, ..plain })
    };
    list.iter().map(segment).collect::<Option<_>>().ok_or(CocoError::Invalid { field })
}

fn grid_of(document: &Value) -> Result<Grid, CocoError> {
    let invalid = CocoError::Invalid { field: "info.grid" };
    let grid = document.get("info").and_then(|info| info.get("grid")).ok_or(invalid)?;
    let numbers = |value: Option<&Value>| -> Option<[f64; 3]> {
        let numbers: Vec<f64> = value?.as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
        numbers.try_into().ok()
    };
    let direction = grid.get("direction").and_then(Value::as_array);
    let direction: Vec<[f64; 3]> =
        direction.and_then(|axes| axes.iter().map(|axis| numbers(Some(axis))).collect()).ok_or(invalid)?;
    let direction: [[f64; 3]; 3] = direction.try_into().map_err(|_| invalid)?;
    let part = |name: &str| numbers(grid.get(name)).ok_or(invalid);
    let size = part("size")?;
    if size.iter().any(|length| !(*length >= 1.0 && *length <= 65_534.0 && length.fract() == 0.0)) {
        return Err(invalid);
    }
    let size = size.map(|length| length as u32);
    Grid::new(size, part("spacing_mm")?, part("origin_mm")?, direction).map_err(|_| invalid)
}

#[cfg(test)]
mod tests;
