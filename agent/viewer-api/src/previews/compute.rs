//! Computes a preview: an operation of the mask engine, or the answer of a model.

use std::collections::BTreeSet;
use std::sync::Arc;

use agent_imaging::mask::SliceDelta;
use agent_imaging::ops::{
    self, EditableArea, EditableRange, FillRefusal, GrowRefusal, HolesRefusal, IslandRefusal, LevelRefusal,
    LogicRefusal, MarginRefusal, Operation, OperationKind, OperationRefusal, Overwrite, Policy,
    RegionGrowRefusal, ScissorsRefusal, SmoothRefusal, Subject, ThresholdRefusal,
};
use agent_imaging::{LabelMap, Volume};

use super::registry::{Preview, Source, State, Watching};
use crate::assist::{Assist, AssistRefusal, AssistRequest, AssistWatch};

/// An operation whose numbers were checked against the task.
#[derive(Debug)]
pub(crate) enum Work {
    Operation { operation: Box<Operation>, volume: Option<Arc<Volume>>, masking: Masking },
    Assist { request: Box<AssistRequest>, refine: bool },
}

/// What an operation may change.
#[derive(Debug)]
pub(crate) struct Masking {
    pub(super) area: EditableArea,
    /// The least and the greatest value.
    pub(super) values: Option<[f64; 2]>,
    pub(super) overwrite: Overwrite,
}

impl Default for Masking {
    /// What belongs to another object stays.
    fn default() -> Self {
        Self { area: EditableArea::Everywhere, values: None, overwrite: Overwrite::Nothing }
    }
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
    match work {
        Work::Operation { operation, volume, masking } => {
            let (doing, name) = words(operation.kind());
            let subject = Subject { map: drawn, volume: volume.as_deref() };
            let policy = policy(masking, volume.as_deref())?;
            let deltas = operation.run(subject, &policy, &Watching { preview, doing }).map_err(refused)?;
            Ok((deltas, ours(operation.kind(), name)))
        }
        Work::Assist { request, refine } => assisted(preview, drawn, *request, refine, assist),
    }
}

fn policy(masking: Masking, volume: Option<&Volume>) -> Result<Policy<'_>, AssistRefusal> {
    let Masking { area, values, overwrite } = masking;
    let range = values.map(|[lower, upper]| {
        let volume = volume.ok_or_else(|| refused(OperationRefusal::NoVolume))?;
        Ok::<_, AssistRefusal>(EditableRange { volume, lower, upper })
    });
    Ok(Policy { area, range: range.transpose()?, overwrite })
}

/// What is being done, and what it is called.
const fn words(kind: OperationKind) -> (&'static str, &'static str) {
    match kind {
        OperationKind::Paint => ("painting", "Paint"),
        OperationKind::Threshold => ("looking at the values", "Threshold"),
        OperationKind::GrowFromSeeds => ("growing from the seeds", "Grow from seeds"),
        OperationKind::RegionGrow => ("growing the region", "Grow region"),
        OperationKind::LevelTrace => ("tracing the level", "Trace level"),
        OperationKind::Walk => ("walking from the seeds", "Random walker"),
        OperationKind::FillBetweenSlices => ("filling between the slices", "Fill between slices"),
        OperationKind::Islands => ("looking for islands", "Islands"),
        OperationKind::Smooth => ("smoothing", "Smooth"),
        OperationKind::SmoothTogether => ("smoothing all objects", "Smooth all objects together"),
        OperationKind::Margin => ("measuring distances", "Margin"),
        OperationKind::Shell => ("measuring distances", "Shell"),
        OperationKind::Logic => ("putting objects together", "Combine objects"),
        OperationKind::FillHoles => ("looking for holes", "Fill holes"),
        OperationKind::Scissors => ("cutting", "Scissors"),
    }
}

/// Kinds are told as the request names them.
fn ours(kind: OperationKind, name: &str) -> Source {
    let kind = match kind {
        OperationKind::Paint => "paint",
        OperationKind::Threshold => "threshold",
        OperationKind::GrowFromSeeds => "grow_from_seeds",
        OperationKind::RegionGrow => "region_grow",
        OperationKind::LevelTrace => "level_trace",
        OperationKind::Walk => "walk",
        OperationKind::FillBetweenSlices => "fill_between_slices",
        OperationKind::Islands => "islands",
        OperationKind::Smooth | OperationKind::SmoothTogether => "smooth",
        OperationKind::Margin => "margin",
        OperationKind::Shell => "shell",
        OperationKind::Logic => "logic",
        OperationKind::FillHoles => "fill_holes",
        OperationKind::Scissors => "scissors",
    };
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

/// A refusal of the mask engine, under a word that programs know.
fn refused(refusal: OperationRefusal) -> AssistRefusal {
    AssistRefusal::new(code(refusal), &refusal)
}

const fn code(refusal: OperationRefusal) -> &'static str {
    use OperationRefusal as Refusal;
    match refusal {
        Refusal::NoVolume => "no-volume",
        Refusal::GridMismatch
        | Refusal::GrowFromSeeds(GrowRefusal::GridMismatch)
        | Refusal::RegionGrow(RegionGrowRefusal::GridMismatch)
        | Refusal::LevelTrace(LevelRefusal::GridMismatch)
        | Refusal::Logic(LogicRefusal::GridMismatch) => "grid-mismatch",
        Refusal::GrowFromSeeds(GrowRefusal::NoSeeds) | Refusal::RegionGrow(RegionGrowRefusal::NoSeeds) => {
            "no-seeds"
        }
        Refusal::GrowFromSeeds(GrowRefusal::TooLarge { .. })
        | Refusal::RegionGrow(RegionGrowRefusal::TooLarge { .. })
        | Refusal::FillBetweenSlices(FillRefusal::TooLarge { .. })
        | Refusal::Smooth(SmoothRefusal::TooLarge { .. })
        | Refusal::Margin(MarginRefusal::TooLarge { .. })
        | Refusal::FillHoles(HolesRefusal::TooLarge { .. })
        | Refusal::Scissors(ScissorsRefusal::TooLarge { .. }) => "too-large",
        Refusal::GrowFromSeeds(GrowRefusal::Cancelled)
        | Refusal::RegionGrow(RegionGrowRefusal::Cancelled)
        | Refusal::LevelTrace(LevelRefusal::Cancelled)
        | Refusal::FillBetweenSlices(FillRefusal::Cancelled)
        | Refusal::Islands(IslandRefusal::Cancelled)
        | Refusal::Smooth(SmoothRefusal::Cancelled)
        | Refusal::Margin(MarginRefusal::Cancelled)
        | Refusal::Logic(LogicRefusal::Cancelled)
        | Refusal::FillHoles(HolesRefusal::Cancelled)
        | Refusal::Threshold(ThresholdRefusal::Cancelled)
        | Refusal::Scissors(ScissorsRefusal::Cancelled) => "cancelled",
        Refusal::FillBetweenSlices(FillRefusal::NothingDrawn)
        | Refusal::Islands(IslandRefusal::NothingDrawn)
        | Refusal::Smooth(SmoothRefusal::NothingDrawn)
        | Refusal::Margin(MarginRefusal::NothingDrawn)
        | Refusal::FillHoles(HolesRefusal::NothingDrawn)
        | Refusal::Scissors(ScissorsRefusal::NothingDrawn) => "nothing-drawn",
        Refusal::FillBetweenSlices(FillRefusal::NoGap) => "no-gap",
        Refusal::Islands(IslandRefusal::NothingPicked) => "nothing-picked",
        Refusal::Islands(IslandRefusal::Volume) => "volume",
        Refusal::Islands(IslandRefusal::TooManyIslands { .. }) => "too-many-islands",
        Refusal::Islands(_)
        | Refusal::RegionGrow(RegionGrowRefusal::Label)
        | Refusal::LevelTrace(LevelRefusal::Label)
        | Refusal::Logic(LogicRefusal::Label)
        | Refusal::Scissors(ScissorsRefusal::Label) => "label",
        Refusal::Smooth(SmoothRefusal::Radius) => "radius",
        Refusal::Margin(MarginRefusal::Length) => "length",
        Refusal::RegionGrow(RegionGrowRefusal::Nothing) => "nothing-grown",
        Refusal::RegionGrow(RegionGrowRefusal::Leaked { .. }) => "leaked",
        Refusal::LevelTrace(LevelRefusal::Seed) => "seed",
        Refusal::Policy(_) => "masking",
        Refusal::Threshold(_) => "values",
        Refusal::RegionGrow(_) => "number",
        Refusal::Walk(_) => "walk",
        Refusal::Scissors(_) => "polygon",
    }
}
