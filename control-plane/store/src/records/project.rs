//! Records of projects with their drafts.

use control_plane_domain::{ConsensusKind, Policy, Project, ProjectState};
use proto_ids::{PersonId, ProjectId, Timestamp};
use proto_instruction::Draft;
use serde::{Deserialize, Serialize};

use super::assistance::RunV1;
use super::object::DraftObjectV1;
use super::question::{QuestionV1, RuleV1};
use super::{Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProjectV1 {
    id: Id,
    title: String,
    state: u32,
    draft: DraftV1,
    published_version: Option<u32>,
    annotators: Vec<Id>,
    overlap: u32,
    created_at: i64,
    #[serde(default)]
    arbiters: Vec<Id>,
    #[serde(default)]
    policy: Option<PolicyV1>,
    #[serde(default)]
    preannotations: Vec<RunV1>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PolicyV1 {
    gold_percent: u32,
    gold_seed: u64,
    rule: u32,
    minimum_agreement: f64,
    arbitration: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct DraftV1 {
    title: String,
    body_markdown: String,
    objects: Vec<DraftObjectV1>,
    questions: Vec<QuestionV1>,
    #[serde(default)]
    rules: Vec<RuleV1>,
}

impl Record for ProjectV1 {
    type Thing = Project;
    const TABLE: &'static str = "project";

    fn of(project: &Project) -> Self {
        Self {
            id: Id(*project.id.bytes()),
            title: project.title.clone(),
            state: project.state.code(),
            draft: DraftV1::of(&project.draft),
            published_version: project.published_version,
            annotators: project.annotators.iter().map(|person| Id(*person.bytes())).collect(),
            overlap: project.overlap,
            arbiters: project.arbiters.iter().map(|person| Id(*person.bytes())).collect(),
            policy: Some(PolicyV1::of(&project.policy)),
            preannotations: project.preannotations.iter().map(RunV1::of).collect(),
            created_at: project.created_at.millis(),
        }
    }

    fn thing(self) -> Option<Project> {
        Some(Project {
            id: ProjectId::from_bytes(self.id.0),
            title: self.title,
            state: ProjectState::from_code(self.state)?,
            draft: self.draft.thing()?,
            published_version: self.published_version,
            annotators: self.annotators.into_iter().map(|id| PersonId::from_bytes(id.0)).collect(),
            overlap: self.overlap,
            arbiters: self.arbiters.into_iter().map(|id| PersonId::from_bytes(id.0)).collect(),
            policy: match self.policy {
                Some(policy) => policy.thing()?,
                None => Policy::default(),
            },
            preannotations: self.preannotations.into_iter().map(RunV1::thing).collect(),
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

impl PolicyV1 {
    fn of(policy: &Policy) -> Self {
        Self {
            gold_percent: policy.gold_percent,
            gold_seed: policy.gold_seed,
            rule: policy.rule.code(),
            minimum_agreement: policy.minimum_agreement,
            arbitration: policy.arbitration,
        }
    }

    fn thing(self) -> Option<Policy> {
        Some(Policy {
            gold_percent: self.gold_percent,
            gold_seed: self.gold_seed,
            rule: ConsensusKind::from_code(self.rule)?,
            minimum_agreement: self.minimum_agreement,
            arbitration: self.arbitration,
        })
    }
}

impl DraftV1 {
    fn of(draft: &Draft) -> Self {
        Self {
            title: draft.title.clone(),
            body_markdown: draft.body_markdown.clone(),
            objects: draft.objects.iter().map(DraftObjectV1::of).collect(),
            questions: draft.questions.iter().map(QuestionV1::of).collect(),
            rules: draft.rules.iter().map(RuleV1::of).collect(),
        }
    }

    fn thing(self) -> Option<Draft> {
        Some(Draft {
            title: self.title,
            body_markdown: self.body_markdown,
            objects: self.objects.into_iter().map(DraftObjectV1::thing).collect::<Option<_>>()?,
            questions: self.questions.into_iter().map(QuestionV1::thing).collect::<Option<_>>()?,
            rules: self.rules.into_iter().map(RuleV1::thing).collect::<Option<_>>()?,
        })
    }
}
