//! MONAI Label: every request as the real server got it, and its real answers (`tests/peers/recorded`).

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::collections::BTreeSet;

use agent_assist::*;
use support::peer::Peer;
use support::*;

async fn started(model: &str, labels: &[(u16, &str)]) -> (Peer, Broker) {
    started_as(model, model, labels).await
}

async fn started_as(scenario: &str, model: &str, labels: &[(u16, &str)]) -> (Peer, Broker) {
    let peer = Peer::start(scenario).await;
    let broker = broker(registration(Provider::MonaiLabel, &peer.address, model, labels));
    (peer, broker)
}

#[tokio::test]
async fn a_server_says_what_its_model_can() {
    let (peer, broker) = started_as("capabilities", "region", &[]).await;
    let before = broker.models(agent_formats::Modality::Ct);
    assert!(!before[1].available, "{}", before[1].trouble);
    broker.learn().await;
    let models = broker.models(agent_formats::Modality::Ct);
    assert_eq!(models[0].provider, Provider::BuiltIn);
    assert_eq!(models[1].prompts, BTreeSet::from([PromptKind::Points, PromptKind::Box]));
    assert!(models[1].available && !models[1].automatic && models[1].trouble.is_empty());
    let can = broker.try_model(&ModelId("region".into())).await.unwrap();
    assert_eq!((can.version.as_str(), can.labels), ("1.2", vec![(1, "object".to_owned())]));
    assert_eq!(broker.models(agent_formats::Modality::Mr).len(), 1, "it was registered for CT only");
    peer.finish();
}

#[tokio::test]
async fn clicks_and_a_box_mark_one_thing() {
    let (peer, broker) = started("region", &[]).await;
    let prompts = Prompts {
        points: vec![
            point([4, 4, 3], Sign::Positive),
            point([5, 8, 5], Sign::Positive),
            point([9, 9, 6], Sign::Negative),
        ],
        region: Some(VoxelBox { lower: [2, 2, 3], upper: [19, 8, 9] }),
        ..Prompts::default()
    };
    let answer = broker.infer(request("region", prompts, Some(TUMOUR)), Watch::unwatched()).await.unwrap();
    let far = |[i, j, k]: [u32; 3], [a, b, c]: [u32; 3]| {
        let square = |x: u32, y: u32| x.abs_diff(y).pow(2);
        square(i, a) + square(j, b) + square(k, c)
    };
    let marked = expected(|at| {
        let block = inside(at, [3, 3, 3], [9, 8, 6]);
        let nearer = far(at, [4, 4, 3]).min(far(at, [5, 8, 5])) < far(at, [9, 9, 6]);
        if block && nearer { TUMOUR } else { 0 }
    });
    assert_eq!(answer.labels, marked);
    assert!(answer.labels.count(TUMOUR) > 50);
    let by = AnsweredBy {
        model: ModelId("region".into()),
        name: "The region model".into(),
        provider: Provider::MonaiLabel,
        served_as: "region".into(),
        version: "1.2".into(),
    };
    assert_eq!((answer.by, answer.left_out), (by, vec![]));
    let methods: Vec<String> = peer.asked().into_iter().map(|asked| asked.method).collect();
    assert_eq!(methods, ["GET", "PUT", "POST", "DELETE"]);
    peer.finish();
}

#[tokio::test]
async fn labels_of_the_model_become_objects_of_the_task() {
    let (peer, broker) = started("organs", &[(1, "tumour"), (2, "liver")]).await;
    let answer = broker.infer(request("organs", Prompts::default(), None), Watch::unwatched()).await.unwrap();
    let marked = expected(|at| match value(at) {
        300.. => TUMOUR,
        100..300 => LIVER,
        _ => 0,
    });
    assert_eq!(answer.labels, marked);
    assert_eq!(answer.left_out, [3], "air is declared and mapped to nothing");
    peer.finish();
}

#[tokio::test]
async fn strokes_go_as_a_label_image() {
    let (peer, broker) = started("strokes", &[(1, "liver")]).await;
    let stroke = |k, start, sign| ScribbleRun { k, start, length: 4, sign };
    let scribbles = vec![stroke(5, 6 * 20 + 13, Sign::Positive), stroke(1, 2 * 20 + 4, Sign::Negative)];
    let prompts = Prompts { scribbles, ..Prompts::default() };
    let answer = broker.infer(request("strokes", prompts, Some(LIVER)), Watch::unwatched()).await.unwrap();
    assert_eq!(answer.labels, expected(|at| if value(at) > 105 { LIVER } else { 0 }));
    peer.finish();
}

#[tokio::test]
async fn an_initial_mask_is_refined() {
    let (peer, broker) = started("refine", &[]).await;
    let drawn = expected(|at| if at[0] < 6 { LIVER } else { TUMOUR });
    let prompts = Prompts { mask: Some(drawn), ..Prompts::default() };
    let answer = broker.infer(request("refine", prompts, Some(LIVER)), Watch::unwatched()).await.unwrap();
    assert_eq!(answer.labels, expected(|at| if at[0] < 6 && value(at) >= 300 { LIVER } else { 0 }));
    peer.finish();
}

async fn refused(scenario: &str, labels: &[(u16, &str)], expect: AssistError) {
    let (peer, broker) = started(scenario, labels).await;
    let target = labels.is_empty().then_some(LIVER);
    let refused = broker.infer(request(scenario, Prompts::default(), target), Watch::unwatched()).await;
    assert_eq!(refused, Err(expect));
    let last = peer.asked().pop().unwrap();
    assert!(scenario == "missing" || last.method == "DELETE", "the session is ended: {last:?}");
    peer.finish();
}

#[tokio::test]
async fn a_label_that_nobody_declared_is_refused() {
    refused("unknown", &[(1, "liver")], AssistError::UnknownLabel { label: 9 }).await;
}

#[tokio::test]
async fn an_answer_on_another_grid_is_refused() {
    refused("elsewhere", &[], AssistError::GridDiffers).await;
}

#[tokio::test]
async fn an_answer_without_a_label_map_is_refused() {
    refused("numbers", &[], AssistError::InvalidAnswer { what: "no label map" }).await;
}

#[tokio::test]
async fn a_model_that_the_server_does_not_have_is_not_served() {
    refused("missing", &[], AssistError::NotServed).await;
}

#[tokio::test]
async fn a_prompt_that_the_model_does_not_understand_is_refused_before_the_image_is_sent() {
    let (peer, broker) = started_as("not-taken", "organs", &[(1, "liver")]).await;
    let prompts = Prompts { points: vec![point([1, 1, 1], Sign::Positive)], ..Prompts::default() };
    let refused = broker.infer(request("organs", prompts, None), Watch::unwatched()).await;
    assert_eq!(refused, Err(AssistError::PromptNotTaken { what: "points" }));
    assert_eq!(peer.asked().len(), 1);
    peer.finish();
}

#[tokio::test]
async fn a_cancelled_call_ends_and_the_server_is_told_to_forget_the_image() {
    let (peer, broker) = started("slow", &[]).await;
    let watch = Watch::unwatched();
    let call = tokio::spawn({
        let watch = watch.clone();
        async move { broker.infer(request("slow", Prompts::default(), Some(LIVER)), watch).await }
    });
    peer.arrived(3).await;
    watch.cancel.cancel();
    assert_eq!(call.await.unwrap(), Err(AssistError::Cancelled));
    peer.answered(4).await;
    let asked = peer.asked();
    assert_eq!((asked[2].method.as_str(), asked[3].method.as_str()), ("POST", "DELETE"));
    assert_eq!(asked[3].path, format!("/session/{}", asked[2].query["session_id"]));
    peer.finish();
}
