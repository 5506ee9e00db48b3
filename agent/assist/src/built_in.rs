//! The model that is always there: a random walker from points, scribbles and a box, computed by this program.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_imaging::ops::{self, Region, WalkPrompt, WalkRefusal};
use agent_imaging::{Grid, LabelMap, Volume};

use crate::answer::{Doing, Watch};
use crate::broker::{Raw, apart};
use crate::error::AssistError;
use crate::labels::Plan;
use crate::registration::{BUILT_IN, Capabilities, PromptKind, Provider, Registration};
use crate::request::{ModelId, Prompts, Request, Sign};

/// Names the method and its parameters: raised when answers to the same prompts change.
const VERSION: &str = "random-walker-1";

pub(crate) fn registration() -> Registration {
    Registration {
        id: ModelId(BUILT_IN.into()),
        name: "Random walker".into(),
        provider: Provider::BuiltIn,
        address: String::new(),
        model: "random-walker".into(),
        labels: Vec::new(),
        modalities: Vec::new(),
        licence: String::new(),
        enabled: true,
        tensors: None,
    }
}

pub(crate) fn capabilities() -> Capabilities {
    Capabilities {
        prompts: BTreeSet::from([PromptKind::Points, PromptKind::Box, PromptKind::Scribbles]),
        automatic: false,
        labels: Vec::new(),
        version: VERSION.into(),
    }
}

/// Marks one thing as label 1.
pub(crate) async fn infer(request: &Request, plan: &Plan, watch: &Watch) -> Result<Raw, AssistError> {
    let Plan::OneThing { .. } = plan else { return Err(AssistError::Internal) };
    capabilities().check(&request.prompts)?;
    let prompt = prompt(request.volume.grid(), &request.prompts)?;
    let volume = Arc::clone(&request.volume);
    let watcher = Watcher { watch: watch.clone(), given_up: Arc::new(AtomicBool::new(false)) };
    let _given_up = GivenUp(Arc::clone(&watcher.given_up));
    watch.tell(Doing::Computing, 0.0);
    let labels = apart(move || walk(&volume, &prompt, &watcher)).await?;
    Ok(Raw { labels, declared: BTreeSet::new(), version: VERSION.into() })
}

fn walk(volume: &Volume, prompt: &WalkPrompt, watcher: &Watcher) -> Result<Vec<u16>, AssistError> {
    let mut map = LabelMap::empty(*volume.grid());
    let changes = ops::random_walker(volume, &map, prompt, watcher).map_err(refused)?;
    map.apply_all(&changes).map_err(|_| AssistError::Internal)?;
    Ok(map.to_dense())
}

fn refused(refusal: WalkRefusal) -> AssistError {
    match refusal {
        WalkRefusal::NoPrompt => AssistError::PromptMissing { what: "a positive point, a scribble or a box" },
        WalkRefusal::TooLarge { .. } => AssistError::ImageTooLarge,
        WalkRefusal::Cancelled => AssistError::Cancelled,
        WalkRefusal::GridMismatch | WalkRefusal::Label | WalkRefusal::NotConverged => AssistError::Internal,
    }
}

fn prompt(grid: &Grid, prompts: &Prompts) -> Result<WalkPrompt, AssistError> {
    let inside = prompts.region.map(|region| ops::VoxelBox::new(grid, region.lower, region.upper));
    Ok(WalkPrompt {
        positive: marked(grid, prompts, Sign::Positive)?,
        negative: marked(grid, prompts, Sign::Negative)?,
        inside: inside.transpose().map_err(|_| AssistError::InvalidPrompt { field: "box" })?,
        label: 1,
        answer: ops::Answer::Add,
    })
}

/// The voxels of points and scribbles of one sign. A point stands for a small ball, as the walker wants it.
fn marked(grid: &Grid, prompts: &Prompts, sign: Sign) -> Result<Region, AssistError> {
    let mut slices: BTreeMap<u32, Vec<[u32; 2]>> = BTreeMap::new();
    for run in prompts.scribbles.iter().filter(|run| run.sign == sign) {
        slices.entry(run.k).or_default().push([run.start, run.length]);
    }
    let strokes = Region::from_runs(grid, slices);
    let strokes = strokes.map_err(|_| AssistError::InvalidPrompt { field: "scribbles" })?;
    let points = prompts.points.iter().filter(|point| point.sign == sign);
    Ok(points.fold(strokes, |marked, point| {
        marked.union(&ops::sphere(grid, point.at.map(f64::from), ops::WALK_POINT_MM))
    }))
}

/// Ends the walk when its call is dropped.
struct GivenUp(Arc<AtomicBool>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Watcher {
    watch: Watch,
    given_up: Arc<AtomicBool>,
}

impl ops::Progress for Watcher {
    fn tell(&self, share: f64) {
        if !self.given_up.load(Ordering::Relaxed) {
            self.watch.tell(Doing::Computing, share as f32 * 0.95);
        }
    }

    fn cancelled(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) || self.watch.cancel.is_cancelled()
    }
}
