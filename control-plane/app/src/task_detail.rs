//! One task: what came in, how far it agrees, what was decided, what was painted.

use std::collections::BTreeMap;

use control_plane_domain::{
    Actor, Judgement, MetricValue, ReceivedSubmission, RuleKind, ShapeAgreement, Skill, Undefined, UseCase,
    VotingPattern, WorkRole, submission_skills,
};
use proto_ids::{SubmissionId, TaskId, Timestamp};

use crate::assets::{AssetView, asset_view};
use crate::judging::submissions_of;
use crate::projects::project_of;
use crate::results::{SubmissionResult, Versions};
use crate::tasks::{TaskView, task_view};
use crate::{App, AppError, Reader, Thing, read};

/// A task with everything that is known of it.
#[derive(Debug, Clone)]
pub struct TaskDetail {
    /// The task.
    pub task: TaskView,
    /// The title of its project.
    pub project_title: String,
    /// What is annotated.
    pub asset: AssetView,
    /// What was handed in: slots in their order, then what is surplus, then the arbiter's.
    pub submissions: Vec<SubmissionResult>,
    /// By object: label maps and objects with shapes of which there is anything to compare.
    pub agreement: Vec<ObjectAgreement>,
    /// What was decided.
    pub judgement: Option<Judgement>,
    /// What is painted or to be painted, by object.
    pub consensus: Vec<ConsensusView>,
}

/// How far the submissions of a task agree on one object.
#[derive(Debug, Clone)]
pub struct ObjectAgreement {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// Its name.
    pub name: String,
    /// `#rrggbb`.
    pub colour: String,
    /// Every pair of submissions.
    pub pairs: Vec<PairAgreement>,
    /// How well each submission marks by STAPLE; none with fewer than three, for shapes, and where
    /// STAPLE says nothing that can be used.
    pub staple: Option<Vec<(SubmissionId, Skill)>>,
}

/// How far two submissions agree on one object.
#[derive(Debug, Clone, PartialEq)]
pub struct PairAgreement {
    /// One submission.
    pub first: SubmissionId,
    /// The other.
    pub second: SubmissionId,
    /// Overlap of label maps.
    pub dice: Option<MetricValue>,
    /// How many shapes fit each other.
    pub matched: Option<u32>,
    /// How many shapes each has.
    pub counts: Option<[u32; 2]>,
}

/// The consensus of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusView {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// Its name.
    pub name: String,
    /// What it is painted by.
    pub rule: RuleKind,
    /// How many voxels; none before it is painted.
    pub voxels: Option<u64>,
    /// When word came that it is painted.
    pub painted_at: Option<Timestamp>,
}

impl App {
    /// One task.
    ///
    /// # Errors
    /// Denied, the task is unknown, or the store failed.
    pub fn task_get(&self, actor: &Actor, id: TaskId) -> Result<TaskDetail, AppError> {
        self.authorise(actor, UseCase::ResultsRead)?;
        read(self.store.as_ref(), |reader| {
            let task = reader.task_get(id)?.ok_or(AppError::NotFound(Thing::Task))?;
            let asset = reader.asset_get(task.asset)?.ok_or(AppError::NotFound(Thing::Asset))?;
            let versions = Versions::of(reader, task.project)?;
            let project_title = project_of(reader, task.project)?.title;
            let view = task_view(reader, task)?;
            let received = submissions_of(reader, &view.progress)?;
            Ok(TaskDetail {
                project_title,
                asset: asset_view(&reader.site_list()?, asset),
                agreement: agreement(reader, id, &versions)?,
                judgement: reader.judgement_get(id)?,
                consensus: consensus(reader, &view, &received, &versions)?,
                submissions: received.into_iter().map(|received| versions.result(received)).collect(),
                task: view,
            })
        })
    }
}

fn agreement(reader: &dyn Reader, id: TaskId, versions: &Versions) -> Result<Vec<ObjectAgreement>, AppError> {
    let patterns = reader.pattern_list(id)?;
    let shapes = reader.shape_agreement_list(id)?;
    let view = |object_id, pairs, staple| ObjectAgreement {
        object_id,
        name: versions.object_name(object_id),
        colour: versions.object(object_id).map(|object| object.colour.to_string()).unwrap_or_default(),
        pairs,
        staple,
    };
    let of_patterns = patterns
        .iter()
        .map(|pattern| view(pattern.object_id, dice_pairs(pattern), submission_skills(pattern)));
    let of_shapes = shapes.iter().map(|shapes| view(shapes.object_id, shape_pairs(shapes), None));
    let mut all: Vec<ObjectAgreement> =
        of_patterns.chain(of_shapes).filter(|agreement| !agreement.pairs.is_empty()).collect();
    all.sort_by_key(|agreement| agreement.object_id);
    Ok(all)
}

fn dice_pairs(pattern: &VotingPattern) -> Vec<PairAgreement> {
    let Some(histogram) = pattern.histogram() else { return Vec::new() };
    let pair = |(first, second, dice): (usize, usize, Option<f64>)| {
        let undefined = MetricValue::Undefined(Undefined::BothEmpty);
        Some(PairAgreement {
            first: *pattern.submissions.get(first)?,
            second: *pattern.submissions.get(second)?,
            dice: Some(dice.map_or(undefined, MetricValue::Value)),
            matched: None,
            counts: None,
        })
    };
    histogram.pairwise_dice().into_iter().filter_map(pair).collect()
}

fn shape_pairs(shapes: &ShapeAgreement) -> Vec<PairAgreement> {
    let pair = |(first, second, counts, matched): (usize, usize, _, _)| {
        Some(PairAgreement {
            first: *shapes.submissions.get(first)?,
            second: *shapes.submissions.get(second)?,
            dice: None,
            matched: Some(matched),
            counts: Some(counts),
        })
    };
    shapes.all_pairs().into_iter().filter_map(pair).collect()
}

/// What is to be painted by the task's rules or an arbiter's work, and what was painted.
fn consensus(
    reader: &dyn Reader,
    view: &TaskView,
    received: &[ReceivedSubmission],
    versions: &Versions,
) -> Result<Vec<ConsensusView>, AppError> {
    let wanted = |object_id, rule| ConsensusView {
        object_id,
        name: versions.object_name(object_id),
        rule,
        voxels: None,
        painted_at: None,
    };
    let mut by_object: BTreeMap<u32, ConsensusView> = BTreeMap::new();
    for rule in &view.task.consensus {
        by_object.insert(rule.object_id, wanted(rule.object_id, rule.kind.into()));
    }
    let arbiters = received.iter().filter(|one| one.facts.role == WorkRole::Arbiter && !one.surplus);
    for arbiter in arbiters {
        let instruction = versions.version(arbiter.facts.instruction_version);
        let objects = instruction.into_iter().flat_map(|instruction| &instruction.objects);
        for object in objects.filter(|object| object.label().is_some()) {
            by_object.insert(object.id, wanted(object.id, RuleKind::Arbiter));
        }
    }
    for painted in reader.consensus_painted_list(view.task.id)? {
        let facts = painted.facts;
        let (voxels, painted_at) = (Some(facts.voxels), Some(painted.received_at));
        let view = ConsensusView { voxels, painted_at, ..wanted(facts.object_id, facts.rule) };
        by_object.insert(facts.object_id, view);
    }
    Ok(by_object.into_values().collect())
}
