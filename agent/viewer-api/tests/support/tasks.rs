//! Assets, projects and tasks of the site, as they come in and down.

use std::sync::Arc;

use agent_archive::{
    Archive, AssetRow, Holder, InstructionCopy, ProjectCopy, TaskCopy, WorklistCursor, WorklistItem,
};
use agent_imaging::geometry::Grid;
use agent_imaging::window::Modality;
use agent_imaging::{Volume, Voxels};
use agent_viewer_api::{SubmissionReceipt, SubmitRefusal, SubmitRequest, Submitter};
use proto_ids::{AssetToken, EpochId, PersonId, ProjectId, TaskId};
use proto_instruction::{Block, ChoiceOption, Colour, Inline, Instruction, Object, Question, QuestionKind};

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

pub fn instruction() -> Instruction {
    let object = |label: u8, name: &str| Object {
        id: u32::from(label),
        key: name.to_lowercase(),
        name: name.into(),
        colour: Colour::from_rgb(0x0e_a5_a4).unwrap(),
        hotkey: Some(char::from(b'0' + label)),
        label,
        tolerance_mm: 2.0,
    };
    let options = vec![ChoiceOption { id: 1, text: "Yes".into() }, ChoiceOption { id: 2, text: "No".into() }];
    let choice = QuestionKind::Choice { options };
    Instruction {
        title: "Organs".into(),
        body: vec![Block::Paragraph { inlines: vec![Inline::Text("Mark all.".into())] }],
        objects: vec![object(1, "Liver"), object(2, "Spleen")],
        questions: vec![Question { id: 1, prompt: "Seen?".into(), required: true, kind: choice }],
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
            received_at: self.now(),
            arrivals_seen: 1,
        };
        self.archive.asset_put(&row, |_| None).unwrap();
        token
    }

    pub fn told(&self, item: &WorklistItem) {
        let mut sequence = self.worklist.lock().unwrap();
        *sequence += 1;
        let cursor = WorklistCursor { epoch: EpochId::from_bytes([1; 16]), sequence: *sequence };
        assert!(self.archive.worklist_apply(cursor, item).unwrap());
    }

    pub fn project(&self, annotators: &[PersonId]) {
        self.told(&WorklistItem::Project(ProjectCopy {
            project: PROJECT,
            title: "Organs of the abdomen".into(),
            instruction_version: 1,
            annotators: annotators.to_vec(),
            closed: false,
        }));
        let instruction = instruction();
        self.told(&WorklistItem::Instruction(InstructionCopy { project: PROJECT, version: 1, instruction }));
    }

    pub fn order(&self, task: TaskId, asset: AssetToken, gold: bool) {
        self.told(&WorklistItem::Task(TaskCopy {
            task,
            project: PROJECT,
            asset,
            instruction_version: 1,
            overlap: 1,
            gold,
            withdrawn: false,
        }));
    }
}

/// Hands in without scores.
#[derive(Debug)]
pub struct PlainSubmitter(pub Arc<Archive>);

impl Submitter for PlainSubmitter {
    fn submit(&self, request: SubmitRequest) -> Result<SubmissionReceipt, SubmitRefusal> {
        let SubmitRequest { task, person, fencing, revision, now } = request;
        let prepared = self.0.submission_prepare(Holder { task, person, fencing }, revision)?;
        Ok(self.0.submission_commit(&prepared, Vec::new(), now)?)
    }
}
