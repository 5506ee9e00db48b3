//! A control plane over an embedded store, with a clock to turn, one site with one agent, one
//! project with an instruction, one annotator and one asset.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "each test file uses its own part of what is shared"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use control_plane_app::reports::{Outcome, accept};
use control_plane_app::{App, AppError, NewTasks, Presence, TaskView, transact};
use control_plane_domain::*;
use control_plane_store::Embedded;
use proto_ids::*;
use proto_instruction::{
    ChoiceOption, CountLimits, Draft, DraftGeometry, DraftObject, NumberGrid, ObjectCodes, ObjectLimits,
    Question, QuestionKind, Severity,
};

#[derive(Debug)]
pub struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub struct Plane {
    pub app: App,
    clock: Arc<Turned>,
    _place: tempfile::TempDir,
}

impl Plane {
    pub fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let clock = Arc::new(Turned(AtomicI64::new(1_800_000_000_000)));
        let store = Embedded::open_on_disk(place.path(), [1; 16]).unwrap().store;
        let app = App::new(Arc::new(store), clock.clone(), Presence::default());
        Self { app, clock, _place: place }
    }

    pub fn turn(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A site with an agent that has a certificate.
    pub fn site(&self, byte: u8) -> AgentIdentity {
        let site = self.app.site_add(&Actor::Operator, &format!("Site {byte}")).unwrap().site;
        let issued = Issued { csr_sha256: [byte; 32], chain_der: Vec::new(), expires_at: self.now() };
        let agent = Agent {
            id: AgentId::from_random([byte; 16]),
            site: site.id,
            state: AgentState::Enrolled,
            identity_key: [byte; 32],
            generation: 1,
            issued,
            enrolled_at: self.now(),
            rejoined_at: Vec::new(),
        };
        transact(self.app.store().as_ref(), |tx| {
            tx.site_put(&Site { state: SiteState::Enrolled, ..site.clone() })?;
            Ok(tx.agent_put(&agent)?)
        })
        .unwrap();
        AgentIdentity { site: site.id, agent: agent.id, generation: 1 }
    }

    pub fn push(&self, agent: AgentIdentity, sequence: u64, report: &Report) -> Result<Outcome, AppError> {
        accept(self.app.store().as_ref(), agent, sequence, report, self.now())
    }

    /// Pushes what must be accepted under the agent's next number.
    pub fn told(&self, agent: AgentIdentity, report: &Report) {
        let last = control_plane_app::reports::dealt_with(self.app.store().as_ref(), agent).unwrap();
        assert_eq!(self.push(agent, last + 1, report).unwrap(), Outcome::Accepted);
    }

    pub fn asset(&self, agent: AgentIdentity, byte: u8, gold: bool) -> AssetToken {
        let card = card(byte);
        self.told(agent, &Report::Asset(card.clone()));
        if gold {
            self.told(agent, &Report::Gold(GoldPresence { asset: card.asset, present: true }));
        }
        card.asset
    }

    pub fn annotator(&self, name: &str) -> Person {
        self.app.annotator_add(&Actor::Operator, name, name).unwrap().person
    }

    /// A project with a published instruction.
    pub fn project(&self) -> ProjectId {
        self.project_of(&draft())
    }

    /// A project whose published instruction is this.
    pub fn project_of(&self, draft: &Draft) -> ProjectId {
        let id = self.app.project_add(&Actor::Operator, "Livers").unwrap().id;
        assert_eq!(self.publish(id, draft), 1);
        id
    }

    /// Publishes another version.
    pub fn publish(&self, id: ProjectId, draft: &Draft) -> u32 {
        self.app.draft_save(&Actor::Operator, id, draft).unwrap();
        self.app.instruction_publish(&Actor::Operator, id).unwrap()
    }

    /// The task as it is now.
    pub fn task_now(&self, task: &Task) -> TaskView {
        let views = self.app.task_list(&Actor::Operator, task.project).unwrap();
        views.into_iter().find(|view| view.task.id == task.id).unwrap()
    }

    pub fn task(&self, project: ProjectId, asset: AssetToken, overlap: u32, gold: bool) -> Task {
        let gold_assets = if gold { vec![asset] } else { Vec::new() };
        let new = NewTasks { assets: vec![asset], overlap, gold_assets };
        assert_eq!(self.app.tasks_add(&Actor::Operator, project, &new).unwrap(), 1);
        let views = self.app.task_list(&Actor::Operator, project).unwrap();
        views.into_iter().find(|view| view.task.asset == asset).unwrap().task
    }
}

pub fn card(byte: u8) -> AssetCard {
    AssetCard {
        asset: AssetToken::from_random([byte; 16]),
        modality: Modality::Ct,
        region: BodyRegion::Abdomen,
        plane: Plane_::Axial,
        dimensionality: Dimensionality::Volume,
        contrast: Contrast::Unknown,
        slices_up_to: 512,
        size_up_to: 512,
        spacing_tenths_mm: 7,
        thickness_halves_mm: 2,
        frames_up_to: 1,
    }
}

use control_plane_domain::Plane as Plane_;

pub fn object(id: u32, name: &str, colour: &str, geometry: DraftGeometry) -> DraftObject {
    DraftObject {
        id,
        key: name.to_lowercase(),
        name: name.to_owned(),
        colour: colour.to_owned(),
        hotkey: name.chars().next().map(|first| first.to_ascii_lowercase().to_string()).unwrap_or_default(),
        help: String::new(),
        geometry,
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    }
}

pub fn question(id: u32, kind: QuestionKind) -> Question {
    Question {
        id,
        prompt: "What?".to_owned(),
        help: String::new(),
        required: false,
        parent: None,
        visible_when: None,
        kind,
    }
}

pub fn draft() -> Draft {
    let liver = DraftGeometry::LabelMap { label: 1, tolerance_mm: 2.0 };
    let options =
        vec![ChoiceOption { id: 1, text: "yes".to_owned() }, ChoiceOption { id: 2, text: "no".to_owned() }];
    let grid = NumberGrid { minimum: 10.0, maximum: 20.0, step: 0.5, unit: "mm".to_owned() };
    Draft {
        title: "Livers".to_owned(),
        body_markdown: "Mark all of it.".to_owned(),
        objects: vec![object(1, "Liver", "#0ea5a4", liver)],
        questions: vec![
            question(1, QuestionKind::Choice { options }),
            question(2, QuestionKind::Number(grid)),
            question(3, QuestionKind::Text { max_length: 10 }),
        ],
        rules: Vec::new(),
    }
}

/// A label map, boxes, a classification and a yes/no question.
pub fn mixed_draft() -> Draft {
    let liver = DraftGeometry::LabelMap { label: 1, tolerance_mm: 2.0 };
    Draft {
        objects: vec![
            object(1, "Liver", "#0ea5a4", liver),
            object(2, "Nodule", "#e11d48", DraftGeometry::Box),
            object(3, "Fat", "#2563eb", DraftGeometry::Classification),
        ],
        questions: vec![question(1, QuestionKind::YesNo)],
        ..draft()
    }
}

pub fn submission_id(byte: u8) -> SubmissionId {
    SubmissionId::from_random([byte; 16])
}

pub fn submission(byte: u8, task: &Task, person: PersonId, slot: u32) -> Submission {
    Submission {
        id: submission_id(byte),
        task: task.id,
        person,
        slot,
        role: WorkRole::Annotator,
        instruction_version: 1,
        duration_seconds: 60,
        active_seconds: 30,
        reading_seconds: 20,
        idle_seconds: 10,
        engine: 1,
        scores: Vec::new(),
        answers: Vec::new(),
        objects: Vec::new(),
        shapes: Vec::new(),
        overrides: Vec::new(),
        verdicts: Vec::new(),
        assists: Vec::new(),
    }
}

/// A voting pattern of the submissions 1, 2, … in a region of 1,000 voxels.
pub fn pattern(task: &Task, object_id: u32, raters: u8, counts: &[(u32, u64)]) -> VotingPattern {
    VotingPattern {
        task: task.id,
        object_id,
        submissions: (1..=raters).map(submission_id).collect(),
        counts: counts.iter().map(|&(marked_by, voxels)| PatternCount { marked_by, voxels }).collect(),
        region_voxels: 1000,
    }
}

pub fn score(dice: f64) -> LabelScore {
    LabelScore {
        object_id: 1,
        dice: MetricValue::Value(dice),
        nsd: MetricValue::Value(0.5),
        hd95_mm: MetricValue::Undefined(Undefined::OneEmpty),
        reference_voxels: 10,
        candidate_voxels: 20,
    }
}
