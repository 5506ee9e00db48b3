//! Assets, projects and tasks of the site, as they come in and down.

use std::sync::Arc;

use agent_archive::{
    Archive, AssetRow, AtRisk, HandIn, Holder, InstructionCopy, ProjectCopy, TaskCopy, WorklistCursor,
    WorklistItem,
};
use agent_imaging::geometry::Grid;
use agent_imaging::window::Modality;
use agent_imaging::{Volume, Voxels};
use agent_viewer_api::{SubmissionReceipt, SubmitRefusal, SubmitRequest, Submitter, facts};
use agent_work::{needed_overrides, submit_problems};
use proto_ids::{AssetToken, EpochId, PersonId, ProjectId, TaskId};
use proto_instruction::{
    Block, ChoiceOption, Colour, CountLimits, Geometry, Inline, Instruction, Object, ObjectCodes,
    ObjectLimits, Question, QuestionKind, Severity,
};

use super::Site;

pub const SIZE: [u32; 3] = [6, 5, 4];
pub const PROJECT: ProjectId = ProjectId::from_bytes([9; 16]);

pub const fn task(number: u8) -> TaskId {
    TaskId::from_bytes([number; 16])
}

pub fn grid() -> Grid {
    let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Grid::new(SIZE, [0.5, 0.5, 2.0], [-10.0, -20.0, 30.0], direction).unwrap()
}

/// Voxels from 0 to 119, with two in the middle exchanged by `number`.
pub fn voxels(number: u8) -> Vec<i16> {
    let mut voxels: Vec<i16> = (0..120).collect();
    voxels.swap(50, 50 + usize::from(number));
    voxels
}

/// An object that is drawn so and has no limits.
pub fn object(id: u32, name: &str, geometry: Geometry) -> Object {
    Object {
        id,
        key: name.to_lowercase(),
        name: name.into(),
        help: String::new(),
        colour: Colour::from_rgb(0x0e_a5_a4).unwrap(),
        hotkey: char::from_digit(id, 10),
        geometry,
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    }
}

pub const fn label_map(label: u8) -> Geometry {
    Geometry::LabelMap { label, tolerance_mm: 2.0 }
}

pub fn question(id: u32, required: bool, kind: QuestionKind) -> Question {
    Question {
        id,
        prompt: "Seen?".into(),
        help: String::new(),
        required,
        parent: None,
        visible_when: None,
        kind,
    }
}

/// Two label maps and a required choice.
pub fn instruction() -> Instruction {
    let options = vec![ChoiceOption { id: 1, text: "Yes".into() }, ChoiceOption { id: 2, text: "No".into() }];
    Instruction {
        title: "Organs".into(),
        body: vec![Block::Paragraph { inlines: vec![Inline::Text("Mark all.".into())] }],
        objects: vec![object(1, "Liver", label_map(1)), object(2, "Spleen", label_map(2))],
        questions: vec![question(1, true, QuestionKind::Choice { options })],
        rules: Vec::new(),
    }
}

/// One object of each geometry, and a text that may stay empty. The label map may not be smaller than
/// 8 mm³ without a reason, and the classification has to be stated.
pub fn every_geometry() -> Instruction {
    let mut liver = object(1, "Liver", label_map(1));
    liver.limits.minimum_volume_mm3 = Some(8.0);
    Instruction {
        objects: vec![
            liver,
            object(2, "Cyst", Geometry::Box),
            object(3, "Tip", Geometry::Point),
            object(4, "Axis", Geometry::Line),
            object(5, "Fracture", Geometry::Classification),
        ],
        questions: vec![question(1, false, QuestionKind::Text { max_length: 100 })],
        ..instruction()
    }
}

impl Site {
    /// Brings in a volume that is told from others by `number`.
    pub fn asset(&self, number: u8) -> AssetToken {
        let volume = Volume::new(grid(), Voxels::Int16(voxels(number))).unwrap();
        let file = agent_formats::nifti::write_volume(&volume).unwrap();
        let place = self.archive.nifti_store(file).unwrap().place();
        let token = self.archive.asset_token().unwrap();
        let row = AssetRow {
            token,
            study: place.study,
            series: place.series,
            instances: vec![place.instance],
            modality: Modality::Nifti,
            grid: grid(),
            reasons: Vec::new(),
            pictures: Vec::new(),
            voxels: None,
            received_at: self.now(),
            arrivals_seen: 1,
        };
        self.archive.asset_put(&row, &AtRisk::default(), |_| None).unwrap();
        token
    }

    pub fn told(&self, item: &WorklistItem) {
        let mut sequence = self.worklist.lock().unwrap();
        *sequence += 1;
        let cursor = WorklistCursor { epoch: EpochId::from_bytes([1; 16]), sequence: *sequence };
        assert!(self.archive.worklist_apply(cursor, item).unwrap());
    }

    pub fn project(&self, annotators: &[PersonId]) {
        self.project_with(instruction(), annotators, &[]);
    }

    /// The project with version 1 of its instruction.
    pub fn project_with(&self, instruction: Instruction, annotators: &[PersonId], arbiters: &[PersonId]) {
        self.told(&WorklistItem::Project(ProjectCopy {
            arbiters: arbiters.to_vec(),
            ..project_copy(annotators)
        }));
        self.version(1, instruction);
    }

    /// The project, with so many hidden tests in a hundred tasks.
    pub fn project_drawn(&self, annotators: &[PersonId], gold_percent: u32) {
        self.told(&WorklistItem::Project(ProjectCopy { gold_percent, ..project_copy(annotators) }));
        self.version(1, instruction());
    }

    pub fn version(&self, version: u32, instruction: Instruction) {
        self.told(&WorklistItem::Instruction(InstructionCopy { project: PROJECT, version, instruction }));
    }

    pub fn order(&self, task: TaskId, asset: AssetToken, gold: bool) {
        self.order_with(TaskCopy { gold, ..ordered(task, asset) });
    }

    pub fn order_with(&self, task: TaskCopy) {
        self.told(&WorklistItem::Task(task));
    }
}

fn project_copy(annotators: &[PersonId]) -> ProjectCopy {
    ProjectCopy {
        project: PROJECT,
        title: "Organs of the abdomen".into(),
        instruction_version: 1,
        annotators: annotators.to_vec(),
        closed: false,
        arbiters: Vec::new(),
        gold_percent: 0,
        gold_seed: 0,
        preannotation: None,
    }
}

/// A task for one annotator under version 1.
pub fn ordered(task: TaskId, asset: AssetToken) -> TaskCopy {
    TaskCopy {
        task,
        project: PROJECT,
        asset,
        instruction_version: 1,
        overlap: 1,
        gold: false,
        withdrawn: false,
        consensus: Vec::new(),
        arbitration: false,
    }
}

/// Checks as the agent does, and hands in without scores.
#[derive(Debug)]
pub struct PlainSubmitter(pub Arc<Archive>);

impl Submitter for PlainSubmitter {
    fn submit(&self, request: SubmitRequest) -> Result<SubmissionReceipt, SubmitRefusal> {
        let SubmitRequest { task, person, fencing, revision, overrides, verdicts, now } = request;
        let prepared = self.0.submission_prepare(Holder { task, person, fencing }, revision, now)?;
        let (drawn, instruction) = (&prepared.drawn, &prepared.instruction);
        let facts = facts(instruction, &prepared.asset.space(), &drawn.slices, &drawn.shapes);
        let problems = submit_problems(drawn, instruction, &facts, &overrides);
        if !problems.is_empty() {
            return Err(SubmitRefusal::Incomplete { problems });
        }
        let hand_in = HandIn {
            answers: drawn.asked_answers(instruction, &facts),
            overrides: needed_overrides(drawn, instruction, &facts, &overrides),
            verdicts,
            messages: Vec::new(),
        };
        Ok(self.0.submission_commit(&prepared, hand_in, now)?)
    }
}
