//! From what a browser asks for to an operation that fits the task.

use std::collections::BTreeSet;
use std::sync::Arc;

use agent_imaging::ops::{EditableArea, Overwrite, Region, VoxelBox};
use agent_imaging::window::Modality;
use agent_imaging::{Grid, LabelMap, Volume};
use proto_ids::ModelToken;
use proto_instruction::{Instruction, Object};

use super::compute::{Masking, Work};
use crate::assist::AssistRequest;
use crate::json::preview::{
    AreaJson, BoxJson, MaskingJson, OverwriteJson, PointJson, PreviewOperationJson, ScribbleJson, SeedsJson,
};
use crate::problem::Problem;

/// More clicks than this are no hint any more.
const MOST_POINTS: usize = 1_000;

/// The task that an operation is for.
pub(super) struct Bench<'a> {
    pub(super) instruction: &'a Instruction,
    pub(super) drawn: &'a LabelMap,
    /// For what looks at the image.
    pub(super) volume: Option<&'a Arc<Volume>>,
    pub(super) modality: Modality,
}

impl Bench<'_> {
    /// # Errors
    /// A problem that names the field.
    pub(super) fn work(
        &self,
        operation: PreviewOperationJson,
        masking: Option<MaskingJson>,
    ) -> Result<Work, Problem> {
        if let PreviewOperationJson::Assist { model_id, object_id, points, inside, scribbles, from_mask } =
            operation
        {
            let model = model_id.parse().map_err(|_| wrong("model_id", "this is no id of a model"))?;
            let prompts = Prompts { points, inside, scribbles };
            let request = AssistRequest {
                mask: from_mask.then(|| self.drawn.clone()),
                target: object_id.map(|id| self.label_of(id)).transpose()?,
                ..self.request(model, prompts)?
            };
            return Ok(Work::Assist { request: Box::new(request), refine: from_mask });
        }
        Ok(Work::Operation {
            masking: masking.map_or_else(|| Ok(Masking::default()), |json| self.masking(json))?,
            operation: Box::new(self.operation(operation)?),
            volume: self.volume.cloned(),
        })
    }

    fn masking(&self, json: MaskingJson) -> Result<Masking, Problem> {
        let labels = |field, labels: Vec<u16>| -> Result<BTreeSet<u16>, Problem> {
            let known = labels.into_iter().map(|label| self.label(label));
            known.collect::<Result<_, _>>().map_err(|_| {
                Problem::invalid_field(
                    format!("masking.{field}"),
                    "the instruction draws no object with this label",
                )
            })
        };
        let area = match json.area {
            AreaJson::Everywhere => EditableArea::Everywhere,
            AreaJson::InsideAll => EditableArea::InsideAll,
            AreaJson::OutsideAll => EditableArea::OutsideAll,
            AreaJson::Inside => EditableArea::Inside(labels("area_labels", json.area_labels)?),
            AreaJson::Outside => EditableArea::Outside(labels("area_labels", json.area_labels)?),
        };
        let overwrite = match json.overwrite {
            OverwriteJson::All => Overwrite::All,
            OverwriteJson::Only => Overwrite::Only(labels("overwrite_labels", json.overwrite_labels)?),
            OverwriteJson::Nothing => Overwrite::Nothing,
        };
        Ok(Masking { area, values: json.values, overwrite })
    }

    pub(super) fn volume(&self) -> Result<Arc<Volume>, Problem> {
        self.volume.cloned().ok_or_else(Problem::unavailable)
    }

    pub(super) const fn grid(&self) -> &Grid {
        self.drawn.grid()
    }

    pub(super) fn label(&self, label: u16) -> Result<u16, Problem> {
        let known = self.objects().any(|(_, own)| own == label);
        known
            .then_some(label)
            .ok_or_else(|| wrong("label", "the instruction draws no object with this label"))
    }

    fn label_of(&self, object_id: u32) -> Result<u16, Problem> {
        let object = self.instruction.object(object_id);
        let label = object.and_then(|object| object.label()).map(u16::from);
        label.ok_or_else(|| wrong("object_id", "the instruction has no such object that is painted"))
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = (&str, u16)> {
        let painted = |object: &'_ Object| object.label().map(u16::from);
        self.instruction
            .objects
            .iter()
            .filter_map(move |object| Some((object.key.as_str(), painted(object)?)))
    }

    fn request(&self, model: ModelToken, prompts: Prompts) -> Result<AssistRequest, Problem> {
        let grid = self.grid();
        if prompts.points.len() > MOST_POINTS {
            return Err(wrong("points", "there are more than 1,000 points"));
        }
        let outside = |at: [u32; 3]| (0..3).any(|axis| at[axis] >= grid.size()[axis]);
        if prompts.points.iter().any(|point| outside(point.at)) {
            return Err(wrong("points", "a point lies outside of the volume"));
        }
        let mut scribbles = Vec::new();
        for scribble in &prompts.scribbles {
            let runs = scribble.runs.iter().map(|[start, length, _]| [*start, *length]).collect();
            region(grid, vec![SeedsJson { k: scribble.k, runs }])
                .map_err(|_| wrong("scribbles", "a scribble is empty or lies outside of the volume"))?;
            let run = |[start, length, on]: &[u32; 3]| (scribble.k, *start, *length, *on != 0);
            scribbles.extend(scribble.runs.iter().map(run));
        }
        let inside = prompts.inside.map(|inside| voxel_box(grid, inside)).transpose()?;
        Ok(AssistRequest {
            model,
            volume: self.volume()?,
            modality: self.modality,
            points: prompts.points.iter().map(|point| (point.at, point.positive)).collect(),
            inside: inside.map(|inside| (inside.lower(), inside.upper())),
            scribbles,
            mask: None,
            objects: self.objects().map(|(key, label)| (key.to_owned(), label)).collect(),
            target: None,
        })
    }
}

struct Prompts {
    points: Vec<PointJson>,
    inside: Option<BoxJson>,
    scribbles: Vec<ScribbleJson>,
}

pub(super) fn voxel_box(grid: &Grid, inside: BoxJson) -> Result<VoxelBox, Problem> {
    VoxelBox::new(grid, inside.lower, inside.upper).map_err(|refusal| wrong("box", &refusal.to_string()))
}

pub(super) fn region(grid: &Grid, seeds: Vec<SeedsJson>) -> Result<Region, Problem> {
    Region::from_runs(grid, seeds.into_iter().map(|seeds| (seeds.k, seeds.runs)))
        .map_err(|refusal| wrong("background", &refusal.to_string()))
}

pub(super) fn wrong(field: &'static str, problem: &str) -> Problem {
    Problem::invalid_field(format!("operation.{field}"), problem)
}
