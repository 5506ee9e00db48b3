//! KServe v2 against a real server (MLServer with `tests/peers/mlserver_app`), started by `tests/run peers`.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use agent_assist::*;
use support::*;

fn address() -> String {
    std::env::var("RINGFENCE_KSERVE").expect("tests/run peers starts the server and says where it is")
}

fn served(model: &str, labels: &[(u16, &str)]) -> Broker {
    broker(registration(Provider::KserveV2, &address(), model, labels))
}

async fn infer(model: &str, prompts: Prompts, target: Option<u16>) -> Result<Answer, AssistError> {
    served(model, &[]).infer(request(model, prompts, target), Watch::unwatched()).await
}

#[tokio::test]
async fn a_server_says_what_its_model_can() {
    let broker = served("region", &[]);
    broker.learn().await;
    let models = broker.models(agent_formats::Modality::Ct);
    assert_eq!(models[1].prompts, BTreeSet::from([PromptKind::Points, PromptKind::Box]));
    assert!(models[1].available && !models[1].automatic, "{}", models[1].trouble);
    let strokes = served("strokes", &[]).try_model(&ModelId("strokes".into())).await.unwrap();
    assert_eq!(strokes.prompts, BTreeSet::from([PromptKind::Scribbles, PromptKind::Mask]));
    let scores = served("scores", &[(1, "liver")]).try_model(&ModelId("scores".into())).await.unwrap();
    assert!(scores.automatic && scores.prompts.is_empty());
}

#[tokio::test]
async fn points_and_a_box_mark_one_thing() {
    let prompts = Prompts {
        points: vec![point([4, 4, 3], Sign::Positive), point([15, 9, 6], Sign::Negative)],
        region: Some(VoxelBox { lower: [0, 0, 3], upper: [19, 7, 9] }),
        ..Prompts::default()
    };
    let answer = infer("region", prompts, Some(TUMOUR)).await.unwrap();
    let mean = f64::from(value([4, 4, 3]));
    let marked = expected(|at| {
        let [i, j, k] = at.map(f64::from);
        let apart = ((i - 4.0) * 0.8).powi(2) + ((j - 4.0) * 0.9).powi(2) + ((k - 3.0) * 2.5).powi(2);
        let alike = (f64::from(value(at)) - mean).abs() <= 50.0;
        let boxed = inside(at, [0, 0, 3], [19, 7, 9]);
        if boxed && alike && apart <= 400.0 { TUMOUR } else { 0 }
    });
    assert_eq!(answer.labels, marked);
    assert!(answer.labels.count(TUMOUR) > 50);
    assert_eq!((answer.by.version.as_str(), answer.by.provider), ("v4", Provider::KserveV2));
}

#[tokio::test]
async fn no_point_is_an_empty_tensor_and_no_box_the_whole_image() {
    let prompts =
        Prompts { region: Some(VoxelBox { lower: [0; 3], upper: [6, 15, 9] }), ..Prompts::default() };
    let answer = infer("region", prompts, Some(LIVER)).await.unwrap();
    assert_eq!(answer.labels, expected(|at| if at[0] <= 6 && value(at) >= 300 { LIVER } else { 0 }));
    let missing = infer("region", Prompts::default(), Some(LIVER)).await;
    assert_eq!(missing, Err(AssistError::PromptMissing { what: "a point or a box" }));
}

#[tokio::test]
async fn the_highest_score_becomes_an_object_of_the_task() {
    let broker = served("scores", &[(1, "liver"), (2, "tumour")]);
    let answer = broker.infer(request("scores", Prompts::default(), None), Watch::unwatched()).await.unwrap();
    let marked = expected(|at| match value(at) {
        300.. => TUMOUR,
        101..300 => LIVER,
        _ => 0,
    });
    assert_eq!(answer.labels, marked);
    let broker = served("scores", &[(1, "liver")]);
    let answer = broker.infer(request("scores", Prompts::default(), None), Watch::unwatched()).await.unwrap();
    assert_eq!(answer.left_out, [2], "a channel that is mapped to nothing");
}

#[tokio::test]
async fn strokes_and_a_mask_go_as_tensors() {
    let stroke = |k, start, sign| ScribbleRun { k, start, length: 4, sign };
    let scribbles = vec![stroke(5, 6 * 20 + 13, Sign::Positive), stroke(1, 2 * 20 + 4, Sign::Negative)];
    let mask = Some(expected(|at| if at == [0, 0, 0] { LIVER } else { TUMOUR }));
    let answer =
        infer("strokes", Prompts { scribbles, mask, ..Prompts::default() }, Some(LIVER)).await.unwrap();
    assert_eq!(answer.labels, expected(|at| if value(at) > 105 || at == [0, 0, 0] { LIVER } else { 0 }));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name() {
    assert_eq!(infer("missing", Prompts::default(), Some(LIVER)).await, Err(AssistError::NotServed));
    let fixed = infer("fixed", Prompts::default(), Some(LIVER)).await;
    assert_eq!(fixed, Err(AssistError::Tensors { what: "the model takes images of one size only" }));
    let prompts = Prompts { points: vec![point([1, 1, 1], Sign::Positive)], ..Prompts::default() };
    assert_eq!(
        infer("slow", prompts, Some(LIVER)).await,
        Err(AssistError::PromptNotTaken { what: "points" })
    );
}

#[tokio::test]
async fn a_declared_mapping_wins_over_names() {
    let mapping = TensorMapping {
        image: "image".into(),
        spacing: None,
        points: None,
        point_labels: None,
        region: None,
        scribbles: None,
        mask: None,
        output: "labels".into(),
        reading: Reading::Labels,
    };
    let mut scores = registration(Provider::KserveV2, &address(), "scores", &[]);
    scores.tensors = Some(mapping);
    let refused =
        broker(scores).infer(request("scores", Prompts::default(), Some(LIVER)), Watch::unwatched()).await;
    let what = "the output has another number of channels than it is read with";
    assert_eq!(refused, Err(AssistError::Tensors { what }));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read() {
    let limits = Limits { answer_bytes: 1024, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let broker =
        with_settings(registration(Provider::KserveV2, &address(), "scores", &[(1, "liver")]), settings);
    let refused = broker.infer(request("scores", Prompts::default(), None), Watch::unwatched()).await;
    assert_eq!(refused, Err(AssistError::AnswerTooLarge { limit_mib: 0 }));
}

#[tokio::test]
async fn a_deadline_and_a_cancelled_call_close_the_connection() {
    let tap = tap::Tap::start(&address()).await;
    let broker = broker(registration(Provider::KserveV2, &tap.address, "slow", &[]));
    let late = Request {
        deadline: Some(Duration::from_millis(800)),
        ..request("slow", Prompts::default(), Some(LIVER))
    };
    let ended = broker.infer(late, Watch::unwatched()).await;
    assert_eq!(ended, Err(AssistError::Timeout { wait: Wait::Deadline }));
    tap.closed(1).await;
    let watch = Watch::unwatched();
    let call = tokio::spawn({
        let (broker, watch) = (broker.clone(), watch.clone());
        async move { broker.infer(request("slow", Prompts::default(), Some(LIVER)), watch).await }
    });
    // The image is 6,400 bytes of voxels; all of it has gone by.
    tap.passed_since_open(2, 6_400).await;
    watch.cancel.cancel();
    assert_eq!(call.await.unwrap(), Err(AssistError::Cancelled));
    tap.closed(2).await;
}

#[tokio::test]
async fn only_voxels_spacing_and_prompts_go_over_the_wire() {
    let tap = tap::Tap::start(&address()).await;
    let volume = canaries::volume();
    let broker = broker(registration(Provider::KserveV2, &tap.address, "region", &[]));
    let prompts =
        Prompts { region: Some(VoxelBox { lower: [0; 3], upper: [2, 2, 2] }), ..Prompts::default() };
    let mut asked = request("region", prompts, Some(LIVER));
    asked.volume = volume;
    asked.objects = canaries::objects();
    broker.infer(asked, Watch::unwatched()).await.unwrap();
    canaries::check(&tap.bytes());
}

/// A line between client and server that remembers what the client sent.
mod tap {
    use std::sync::{Arc, Mutex};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::watch;

    #[derive(Clone, Default)]
    struct Seen {
        /// Bytes of the client, by connection.
        passed: Vec<usize>,
        closed: usize,
    }

    pub struct Tap {
        pub address: String,
        bytes: Arc<Mutex<Vec<u8>>>,
        seen: watch::Sender<Seen>,
    }

    impl Tap {
        pub async fn start(upstream: &str) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let upstream = upstream.trim_start_matches("http://").to_owned();
            let tap = Self { address, bytes: Arc::default(), seen: watch::channel(Seen::default()).0 };
            let (bytes, seen) = (Arc::clone(&tap.bytes), tap.seen.clone());
            tokio::spawn(async move {
                while let Ok((client, _)) = listener.accept().await {
                    let server = TcpStream::connect(&upstream).await.unwrap();
                    tokio::spawn(line(client, server, Arc::clone(&bytes), seen.clone()));
                }
            });
            tap
        }

        pub fn bytes(&self) -> Vec<u8> {
            self.bytes.lock().unwrap().clone()
        }

        pub async fn closed(&self, count: usize) {
            self.seen.subscribe().wait_for(|seen| seen.closed >= count).await.unwrap();
        }

        /// Waits until the client has sent so many bytes on its nth connection.
        pub async fn passed_since_open(&self, nth: usize, bytes: usize) {
            let enough = |seen: &Seen| seen.passed.get(nth - 1).is_some_and(|passed| *passed >= bytes);
            self.seen.subscribe().wait_for(enough).await.unwrap();
        }
    }

    async fn line(
        client: TcpStream,
        server: TcpStream,
        bytes: Arc<Mutex<Vec<u8>>>,
        seen: watch::Sender<Seen>,
    ) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        let mut index = 0;
        seen.send_modify(|seen| {
            index = seen.passed.len();
            seen.passed.push(0);
        });
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
            bytes.lock().unwrap().extend_from_slice(&buffer[..count]);
            to_server.write_all(&buffer[..count]).await.unwrap();
            seen.send_modify(|seen| seen.passed[index] += count);
        }
        seen.send_modify(|seen| seen.closed += 1);
    }
}
