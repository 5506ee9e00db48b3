//! Assistance with no server at all: the random walker of this program.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use agent_assist::*;
use support::*;

fn none() -> Broker {
    Broker::new(Settings::default()).unwrap()
}

fn boxed() -> Option<VoxelBox> {
    Some(VoxelBox { lower: [1, 1, 1], upper: [11, 11, 8] })
}

async fn infer(prompts: Prompts) -> Result<Answer, AssistError> {
    none().infer(request(BUILT_IN, prompts, Some(TUMOUR)), Watch::unwatched()).await
}

/// The bright block with one voxel less or more on each side: the walker evens values out before it looks for
/// edges, so it may be off by one.
const CORE: [[u32; 3]; 2] = [[4, 4, 3], [8, 8, 5]];
const AROUND: [[u32; 3]; 2] = [[2, 2, 1], [10, 10, 7]];

#[tokio::test]
async fn a_box_and_a_point_find_a_bright_block() {
    let prompts =
        Prompts { points: vec![point([6, 6, 4], Sign::Positive)], region: boxed(), ..Prompts::default() };
    let answer = infer(prompts.clone()).await.unwrap();
    let marked = |at: [u32; 3]| answer.labels.label_at(at) == Some(TUMOUR);
    let wrong: Vec<[u32; 3]> = voxels()
        .filter(|at| {
            let (core, around) = (inside(*at, CORE[0], CORE[1]), inside(*at, AROUND[0], AROUND[1]));
            (core && !marked(*at)) || (!around && marked(*at))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:?}", wrong.len(), answer.labels.count(TUMOUR));
    assert_eq!((answer.by.provider, answer.by.version.as_str()), (Provider::BuiltIn, "random-walker-1"));
    assert_eq!(infer(prompts).await.unwrap().labels, answer.labels, "the same prompts have the same answer");
}

#[tokio::test]
async fn a_negative_scribble_is_not_marked() {
    let scribble = ScribbleRun { k: 4, start: 4 * 20 + 5, length: 3, sign: Sign::Negative };
    let points = vec![point([6, 8, 4], Sign::Positive)];
    let prompts = Prompts { points, region: boxed(), scribbles: vec![scribble], mask: None };
    let answer = infer(prompts).await.unwrap();
    for i in 5..8 {
        assert_eq!(answer.labels.label_at([i, 4, 4]), Some(0));
    }
    assert_eq!(answer.labels.label_at([6, 8, 4]), Some(TUMOUR));
}

#[tokio::test]
async fn it_is_always_there_and_says_what_it_takes() {
    let models = none().models(agent_formats::Modality::Us);
    assert_eq!(models.len(), 1);
    assert!(models[0].available && !models[0].automatic && models[0].trouble.is_empty());
    assert!(!models[0].prompts.contains(&PromptKind::Mask));
    let missing = infer(Prompts::default()).await.unwrap_err();
    assert_eq!(missing.code(), "prompt-missing");
    let no_target = none().infer(request(BUILT_IN, Prompts::default(), None), Watch::unwatched()).await;
    assert_eq!(no_target, Err(AssistError::NoTarget));
}

#[tokio::test]
async fn a_cancelled_walk_has_no_answer() {
    let watch = Watch::unwatched();
    let cancel = watch.cancel.clone();
    let watch = Watch { report: std::sync::Arc::new(move |_| cancel.cancel()), ..watch };
    let prompts =
        Prompts { points: vec![point([6, 6, 4], Sign::Positive)], region: boxed(), ..Prompts::default() };
    let ended = none().infer(request(BUILT_IN, prompts, Some(TUMOUR)), watch).await;
    assert_eq!(ended, Err(AssistError::Cancelled));
}
