//! Computes a preview: an operation of the mask engine, or the answer of a model.

use std::collections::BTreeSet;
use std::sync::Arc;

use agent_imaging::mask::SliceDelta;
use agent_imaging::ops::{
    self, Axis, Connectivity, FillRefusal, GrowRefusal, IslandRefusal, IslandRule, Region, SmoothMethod,
    SmoothRefusal, VoxelBox,
};
use agent_imaging::{LabelMap, Volume};

use super::registry::{Preview, Source, State, Watching};
use crate::assist::{Assist, AssistRefusal, AssistRequest, AssistWatch};

/// An operation whose numbers were checked against the task.
#[derive(Debug)]
pub(crate) enum Work {
    Grow { volume: Arc<Volume>, inside: Option<VoxelBox>, background: Region },
    Fill { label: u16, axis: Axis },
    Islands { label: u16, rule: IslandRule },
    Smooth { label: u16, method: SmoothMethod, radius_mm: f64 },
    SmoothTogether { labels: Vec<u16>, radius_mm: f64 },
    Assist { request: Box<AssistRequest>, refine: bool },
}

/// Runs an operation to its end, and gives how it ended. Blocks, for seconds.
pub(crate) fn compute(preview: &Arc<Preview>, drawn: &LabelMap, work: Work, assist: &dyn Assist) -> State {
    match result(preview, drawn, work, assist) {
        Ok((mut deltas, source)) => {
            deltas.sort_by_key(SliceDelta::k);
            State::Done { deltas: Arc::new(deltas), source }
        }
        Err(refusal) => State::Failed { code: refusal.code, title: refusal.title },
    }
}

type Computed = Result<(Vec<SliceDelta>, Source), AssistRefusal>;

fn result(preview: &Arc<Preview>, drawn: &LabelMap, work: Work, assist: &dyn Assist) -> Computed {
    let watching = |doing| Watching { preview, doing };
    match work {
        Work::Grow { volume, inside, background } => {
            let watching = watching("growing from the seeds");
            ops::grow_from_seeds(&volume, drawn, inside, &background, &watching)
                .map(|deltas| (deltas, ours("grow_from_seeds", "Grow from seeds")))
                .map_err(not_grown)
        }
        Work::Fill { label, axis } => {
            ops::fill_between_slices(drawn, label, axis, &watching("filling between the slices"))
                .map(|deltas| (deltas, ours("fill_between_slices", "Fill between slices")))
                .map_err(not_filled)
        }
        Work::Islands { label, rule } => {
            ops::islands(drawn, label, &rule, Connectivity::default(), &watching("looking for islands"))
                .map(|deltas| (deltas, ours("islands", "Islands")))
                .map_err(not_parted)
        }
        Work::Smooth { label, method, radius_mm } => {
            ops::smooth(drawn, label, method, radius_mm, &watching("smoothing"))
                .map(|deltas| (deltas, ours("smooth", "Smooth")))
                .map_err(not_smoothed)
        }
        Work::SmoothTogether { labels, radius_mm } => {
            ops::smooth_joint(drawn, &labels, radius_mm, &watching("smoothing all objects"))
                .map(|deltas| (deltas, ours("smooth", "Smooth all objects together")))
                .map_err(not_smoothed)
        }
        Work::Assist { request, refine } => assisted(preview, drawn, *request, refine, assist),
    }
}

fn ours(kind: &'static str, name: &str) -> Source {
    Source { kind, model: None, name: name.to_owned() }
}

fn assisted(
    preview: &Arc<Preview>,
    drawn: &LabelMap,
    request: AssistRequest,
    refine: bool,
    assist: &dyn Assist,
) -> Computed {
    let told = Arc::clone(preview);
    let watch = AssistWatch {
        tell: Arc::new(move |doing, share| told.tell(doing, share)),
        cancel: preview.cancel().clone(),
    };
    let model = request.model;
    let target = request.target;
    let answer = assist.infer(request, watch)?;
    let answered: BTreeSet<u16> = target.map_or_else(|| answer.labels.labels(), |label| [label].into());
    let rule = if refine { ops::Answer::Replace } else { ops::Answer::Add };
    let deltas = ops::take_over(drawn, &answer.labels, &answered, rule)
        .map_err(|mismatch| AssistRefusal::new("grid-mismatch", &mismatch))?;
    let source = Source { kind: "assist", model: Some(model), name: answer.name };
    Ok((deltas, source))
}

fn not_grown(refusal: GrowRefusal) -> AssistRefusal {
    let code = match refusal {
        GrowRefusal::GridMismatch => "grid-mismatch",
        GrowRefusal::NoSeeds => "no-seeds",
        GrowRefusal::TooLarge { .. } => "too-large",
        GrowRefusal::Cancelled => "cancelled",
    };
    AssistRefusal::new(code, &refusal)
}

fn not_filled(refusal: FillRefusal) -> AssistRefusal {
    let code = match refusal {
        FillRefusal::NothingDrawn => "nothing-drawn",
        FillRefusal::NoGap => "no-gap",
        FillRefusal::TooLarge { .. } => "too-large",
        FillRefusal::Cancelled => "cancelled",
    };
    AssistRefusal::new(code, &refusal)
}

fn not_parted(refusal: IslandRefusal) -> AssistRefusal {
    let code = match refusal {
        IslandRefusal::NothingDrawn => "nothing-drawn",
        IslandRefusal::NothingPicked => "nothing-picked",
        IslandRefusal::Volume => "volume",
        IslandRefusal::TooManyIslands { .. } => "too-many-islands",
        IslandRefusal::Label => "label",
        IslandRefusal::Cancelled => "cancelled",
    };
    AssistRefusal::new(code, &refusal)
}

fn not_smoothed(refusal: SmoothRefusal) -> AssistRefusal {
    let code = match refusal {
        SmoothRefusal::NothingDrawn => "nothing-drawn",
        SmoothRefusal::Radius => "radius",
        SmoothRefusal::TooLarge { .. } => "too-large",
        SmoothRefusal::Cancelled => "cancelled",
    };
    AssistRefusal::new(code, &refusal)
}
