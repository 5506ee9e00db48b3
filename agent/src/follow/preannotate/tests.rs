//! Facts about runs of pre-annotation.

use std::collections::VecDeque;
use std::sync::Mutex;

use agent_archive::{ProjectCopy, WorklistItem};
use agent_formats::nifti;
use agent_imaging::window::Modality;
use agent_viewer_api::{AssistAnswer, AssistModel, InvalidModel, TriedModel};
use proto_ids::{AssetToken, ModelToken, Timestamp};

use super::*;
use crate::ingest::ingest;
use crate::samples::{NOON, Place, grid, instruction, label_map, map, project};

const MODEL: ModelToken = ModelToken::from_random([7; 16]);

/// What a model does when it is asked, in the order of the calls; it marks something when nothing is left.
#[derive(Clone, Copy)]
enum Does {
    Refuse(AssistRetry),
    Stumble,
    Mark,
}

struct Scripted {
    available: bool,
    script: Mutex<VecDeque<Does>>,
}

impl Scripted {
    fn asked(&self) -> AssistModel {
        let trouble = String::new();
        AssistModel { model: MODEL, prompts: Vec::new(), automatic: true, available: self.available, trouble }
    }
}

impl Assist for Scripted {
    fn models(&self, _modality: Option<Modality>) -> Vec<AssistModel> {
        vec![self.asked()]
    }

    fn infer(&self, _request: AssistRequest, _watch: AssistWatch) -> Result<AssistAnswer, AssistRefusal> {
        assert!(self.available, "a model that rests is not asked");
        let does = self.script.lock().unwrap().pop_front().unwrap_or(Does::Mark);
        match does {
            Does::Refuse(retry) => Err(AssistRefusal { retry, ..AssistRefusal::new("failed", &"it failed") }),
            Does::Stumble => panic!("a reader stumbles"),
            Does::Mark => Ok(AssistAnswer { labels: map(3, 4, 1), name: "Scripted".into() }),
        }
    }

    fn try_model(&self, _model: ModelToken) -> Result<TriedModel, AssistRefusal> {
        Err(AssistRefusal::new("unreachable", &"the server cannot be reached"))
    }

    fn registered(&self) {}

    fn check(&self, _model: &agent_archive::NewModel) -> Result<(), InvalidModel> {
        Ok(())
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        NOON
    }
}

fn task_id(number: u8) -> TaskId {
    TaskId::from_random([number; 16])
}

/// A site with an image that can be decoded and so many tasks of it.
fn site(tasks: u8) -> (Place, AssetToken) {
    let place = Place::new(&instruction(&[(1, label_map(1))]));
    let image = nifti::write_labels(&grid(), &vec![1; grid().voxels() as usize]).unwrap();
    let series = place.archive.nifti_store(image).unwrap().place().series;
    ingest(&place.archive, series).unwrap();
    let asset =
        place.archive.assets().unwrap().into_iter().find(|asset| asset.series == series).unwrap().token;
    (1..=tasks).for_each(|number| place.apply(WorklistItem::Task(ordered(&place, asset, number))));
    run(&place, Some(1));
    (place, asset)
}

fn ordered(place: &Place, asset: AssetToken, number: u8) -> TaskCopy {
    TaskCopy { task: task_id(number), asset, ..place.order() }
}

fn run(place: &Place, run: Option<u32>) {
    let before = place.archive.project(project()).unwrap().unwrap();
    let preannotation = run.map(|run| PreannotationOrder { model: MODEL, run });
    place.apply(WorklistItem::Project(ProjectCopy { preannotation, ..before }));
}

fn runner(place: &Place, available: bool, script: &[Does]) -> Runner {
    let script = Mutex::new(script.iter().copied().collect());
    let assist = Arc::new(Scripted { available, script });
    Runner::new(Arc::clone(&place.archive), assist, Arc::new(Noon))
}

/// Number of the report, and tasks that wait, are done and failed, of each report of a run.
fn told(place: &Place, run: u32) -> Vec<(u32, [u32; 3])> {
    let mut reports = Vec::new();
    for told in place.told() {
        if let Outbound::Preannotation(told) = told
            && told.run == run
        {
            reports.push((told.report, [told.waiting, told.done, told.failed]));
        }
    }
    reports
}

#[test]
fn each_task_gets_a_proposal_and_each_step_is_told_once() {
    let (place, _) = site(2);
    let mut runner = runner(&place, true, &[]);
    runner.pass().unwrap();
    runner.pass().unwrap();
    assert_eq!(told(&place, 1), [(1, [2, 0, 0]), (2, [1, 1, 0]), (3, [0, 2, 0])]);
    let proposal = place.archive.proposal(task_id(1)).unwrap().unwrap();
    let drawn = agent_viewer_api::label_map(grid(), &proposal.slices);
    assert_eq!((proposal.run, drawn), (1, map(3, 4, 1)));
}

#[test]
fn a_model_that_cannot_be_asked_fails_no_task() {
    let (place, _) = site(1);
    runner(&place, false, &[]).pass().unwrap();
    let mut away = runner(&place, true, &[Does::Refuse(AssistRetry::Yes); 9]);
    (0..9).for_each(|_| away.pass().unwrap());
    assert_eq!(told(&place, 1), [(1, [1, 0, 0])]);
    away.pass().unwrap();
    assert_eq!(told(&place, 1), [(1, [1, 0, 0]), (2, [0, 1, 0])]);
}

#[test]
fn a_task_at_which_the_model_fails_again_and_again_is_given_up_and_the_next_is_prepared() {
    let (place, _) = site(2);
    let mut runner = runner(&place, true, &[Does::Refuse(AssistRetry::Perhaps); TRIES as usize]);
    (1..TRIES).for_each(|_| runner.pass().unwrap());
    assert_eq!(told(&place, 1), [(1, [2, 0, 0])], "it waits for another try");
    runner.pass().unwrap();
    assert_eq!(told(&place, 1)[1..], [(2, [1, 0, 1]), (3, [0, 1, 1])]);
}

#[test]
fn what_would_be_refused_again_and_what_a_reader_stumbles_over_fails_at_once() {
    let (place, _) = site(3);
    runner(&place, true, &[Does::Refuse(AssistRetry::No), Does::Stumble]).pass().unwrap();
    assert_eq!(told(&place, 1).last(), Some(&(4, [0, 1, 2])));
}

#[test]
fn tasks_that_are_taken_back_or_whose_images_are_gone_wait_no_more_and_that_is_told() {
    let (place, asset) = site(3);
    runner(&place, false, &[]).pass().unwrap();
    place.apply(WorklistItem::Task(TaskCopy { withdrawn: true, ..ordered(&place, asset, 1) }));
    runner(&place, false, &[]).pass().unwrap();
    assert_eq!(told(&place, 1), [(1, [3, 0, 0]), (2, [2, 0, 0])]);
    let study = place.archive.asset(asset).unwrap().unwrap().study;
    place.archive.study_delete(study).unwrap();
    runner(&place, true, &[]).pass().unwrap();
    assert_eq!(told(&place, 1)[2..], [(3, [0, 0, 0])]);
}

#[test]
fn a_new_run_begins_anew_and_one_that_was_called_off_does_nothing() {
    let (place, _) = site(1);
    runner(&place, true, &[]).pass().unwrap();
    run(&place, Some(2));
    runner(&place, true, &[Does::Refuse(AssistRetry::No)]).pass().unwrap();
    assert_eq!(told(&place, 2), [(1, [1, 0, 0]), (2, [0, 0, 1])]);
    assert_eq!(place.archive.proposal(task_id(1)).unwrap(), None, "the newest run counts");
    run(&place, None);
    let before = told(&place, 2).len() + told(&place, 1).len();
    runner(&place, true, &[]).pass().unwrap();
    assert_eq!(told(&place, 2).len() + told(&place, 1).len(), before);
}
