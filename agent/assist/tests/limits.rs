//! Limits of time and size, the circuit breaker at work, and where a client does not go.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agent_assist::breaker::Policy;
use agent_assist::*;
use support::exchange::Answered;
use support::peer::Peer;
use support::*;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::watch as state;

const SHORT: Duration = Duration::from_millis(300);

fn settings(limits: Limits) -> Settings {
    Settings { limits, ..Settings::default() }
}

/// Listens, takes connections and says nothing; counts those that were opened and closed.
struct Silent {
    address: String,
    opened: Arc<AtomicUsize>,
    closed: state::Sender<usize>,
}

impl Silent {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let silent = Self { address, opened: Arc::default(), closed: state::channel(0).0 };
        let (opened, closed) = (Arc::clone(&silent.opened), silent.closed.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                opened.fetch_add(1, Ordering::SeqCst);
                let closed = closed.clone();
                tokio::spawn(async move {
                    let mut buffer = [0; 1024];
                    while let Ok(1..) = stream.read(&mut buffer).await {}
                    closed.send_modify(|closed| *closed += 1);
                });
            }
        });
        silent
    }

    async fn closed(&self, count: usize) {
        self.closed.subscribe().wait_for(|closed| *closed >= count).await.unwrap();
    }
}

async fn ask(broker: &Broker) -> Result<Answer, AssistError> {
    broker.infer(request("m", Prompts::default(), Some(LIVER)), Watch::unwatched()).await
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_and_then_left_alone() {
    for provider in [Provider::MonaiLabel, Provider::KserveV2] {
        let silent = Silent::start().await;
        let limits = Limits { first_byte: SHORT, ..Limits::default() };
        let policy = Policy { failures: 2, rest: Duration::from_secs(60), rest_max: Duration::from_secs(60) };
        let settings = Settings { limits, breaker: policy, ..Settings::default() };
        let broker = with_settings(registration(provider, &silent.address, "m", &[]), settings);
        for count in 1..=2 {
            assert_eq!(
                ask(&broker).await,
                Err(AssistError::Timeout { wait: Wait::FirstByte }),
                "{provider:?}"
            );
            silent.closed(count).await;
        }
        assert!(matches!(ask(&broker).await, Err(AssistError::Resting { seconds: 1..=60 })));
        assert_eq!(silent.opened.load(Ordering::SeqCst), 2, "a resting server is not called");
        let model = &broker.models(agent_formats::Modality::Ct)[1];
        assert!(!model.available && model.trouble.contains("rest"), "{}", model.trouble);
        broker.register(vec![registration(provider, &silent.address, "m", &[(1, "liver")])]);
        assert!(
            matches!(
                broker.infer(request("m", Prompts::default(), None), Watch::unwatched()).await,
                Err(AssistError::Resting { .. })
            ),
            "a new mapping does not wake it"
        );
        broker.register(vec![registration(provider, &silent.address, "other", &[])]);
        assert_eq!(ask(&broker).await, Err(AssistError::UnknownModel));
    }
}

#[tokio::test]
async fn a_trial_call_under_way_while_the_register_changes_still_tells_how_it_ended() {
    let silent = Silent::start().await;
    let limits = Limits { first_byte: SHORT, ..Limits::default() };
    let policy = Policy { failures: 1, rest: Duration::ZERO, rest_max: Duration::ZERO };
    let settings = Settings { limits, breaker: policy, ..Settings::default() };
    let registered = || registration(Provider::MonaiLabel, &silent.address, "m", &[]);
    let broker = with_settings(registered(), settings);
    let unanswered = Err(AssistError::Timeout { wait: Wait::FirstByte });
    assert_eq!(ask(&broker).await, unanswered);
    let change = async {
        while silent.opened.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        broker.register(vec![registered()])
    };
    let (trial, left_out) = tokio::join!(ask(&broker), change);
    assert_eq!((trial, left_out.len()), (unanswered.clone(), 0));
    assert_eq!(ask(&broker).await, unanswered, "the next call is let through");
}

#[tokio::test]
async fn the_whole_call_has_a_limit_and_the_caller_may_set_an_earlier_one() {
    let silent = Silent::start().await;
    let limits = Limits { total: SHORT, ..Limits::default() };
    let broker =
        with_settings(registration(Provider::MonaiLabel, &silent.address, "m", &[]), settings(limits));
    assert_eq!(ask(&broker).await, Err(AssistError::Timeout { wait: Wait::Total }));
    let deadline = Some(SHORT / 3);
    for _ in 0..4 {
        let early = Request { deadline, ..request("m", Prompts::default(), Some(LIVER)) };
        let ended = broker.infer(early, Watch::unwatched()).await;
        assert_eq!(ended, Err(AssistError::Timeout { wait: Wait::Deadline }), "a deadline blames nobody");
    }
}

#[tokio::test]
async fn cancelling_and_dropping_close_the_connection() {
    for provider in [Provider::MonaiLabel, Provider::KserveV2] {
        let silent = Silent::start().await;
        let broker = broker(registration(provider, &silent.address, "m", &[]));
        let watch = Watch::unwatched();
        let call = tokio::spawn({
            let (broker, watch) = (broker.clone(), watch.clone());
            async move { broker.infer(request("m", Prompts::default(), Some(LIVER)), watch).await }
        });
        while silent.opened.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        watch.cancel.cancel();
        assert_eq!(call.await.unwrap(), Err(AssistError::Cancelled));
        silent.closed(1).await;
        let call = tokio::spawn(async move { ask(&broker).await });
        while silent.opened.load(Ordering::SeqCst) == 1 {
            tokio::task::yield_now().await;
        }
        call.abort();
        silent.closed(2).await;
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_unreachable() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for provider in [Provider::MonaiLabel, Provider::KserveV2] {
        let broker = broker(registration(provider, &gone, "m", &[]));
        assert_eq!(ask(&broker).await, Err(AssistError::Unreachable));
        assert_eq!(broker.try_model(&ModelId("m".into())).await, Err(AssistError::Unreachable));
    }
}

async fn answering(answers: Vec<Answered>) -> (Peer, Broker) {
    let peer = Peer::taking_anything(answers).await;
    let limits = Limits { answer_bytes: 1024 * 1024, ..Limits::default() };
    let broker = with_settings(registration(Provider::MonaiLabel, &peer.address, "m", &[]), settings(limits));
    (peer, broker)
}

fn json(body: &str) -> Answered {
    Answered::new(200, "application/json", body.as_bytes())
}

const INFO: &str = r#"{"version":"1","models":{"m":{"type":"segmentation","labels":["object"]}}}"#;

#[tokio::test]
async fn a_server_that_was_down_is_found_when_it_is_up() {
    let failing = Answered::new(503, "text/plain", b"");
    let (peer, broker) = answering(vec![failing.clone(), failing, json(INFO)]).await;
    let learner = tokio::spawn({
        let broker = broker.clone();
        async move { broker.keep_learning(Duration::from_millis(1)).await }
    });
    peer.answered(3).await;
    while !broker.models(agent_formats::Modality::Ct)[1].available {
        tokio::task::yield_now().await;
    }
    let model = &broker.models(agent_formats::Modality::Ct)[1];
    assert!(model.automatic && model.trouble.is_empty());
    learner.abort();
    assert_eq!(peer.asked().len(), 3, "what is known is not asked again");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Silent::start().await;
    let mut redirect = Answered::new(307, "text/plain", b"");
    redirect.location = Some(elsewhere.address.clone());
    let (_peer, broker) = answering(vec![redirect]).await;
    assert_eq!(ask(&broker).await, Err(AssistError::Redirected));
    assert_eq!(elsewhere.opened.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_and_the_session_is_ended() {
    let large = Answered::new(200, "application/octet-stream", &vec![0; 1024 * 1024 + 1]);
    let session = json(r#"{"session_id":"s-1"}"#);
    let (peer, broker) = answering(vec![json(INFO), session, large, json("{}")]).await;
    assert_eq!(ask(&broker).await, Err(AssistError::AnswerTooLarge { limit_mib: 1 }));
    assert_eq!(peer.asked()[3].path, "/session/s-1");
}

#[tokio::test]
async fn a_server_without_sessions_gets_the_image_with_the_inference() {
    let none = Answered::new(406, "application/json", b"{}");
    let failed = Answered::new(500, "application/json", b"{}");
    let (peer, broker) = answering(vec![json(INFO), none, failed]).await;
    assert_eq!(ask(&broker).await, Err(AssistError::ServerFailed { status: 500 }));
    let asked = peer.asked();
    assert_eq!(asked.len(), 3);
    let names: Vec<&str> = asked[2].parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["params", "file"]);
}

#[tokio::test]
async fn a_session_id_that_is_a_path_is_refused() {
    let (peer, broker) = answering(vec![json(INFO), json(r#"{"session_id":"../x"}"#)]).await;
    assert_eq!(ask(&broker).await, Err(AssistError::InvalidAnswer { what: "no session id" }));
    assert_eq!(peer.asked().len(), 2);
}

#[tokio::test]
async fn progress_never_falls() {
    let (_peer, broker) =
        answering(vec![json(INFO), json(r#"{"session_id":"s"}"#), json("{}"), json("{}")]).await;
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let report: Report = {
        let told = Arc::clone(&told);
        Arc::new(move |progress| told.lock().unwrap().push(progress))
    };
    let watch = Watch { report, ..Watch::unwatched() };
    let ended = broker.infer(request("m", Prompts::default(), Some(LIVER)), watch).await;
    assert_eq!(ended, Err(AssistError::InvalidAnswer { what: "no label map" }));
    let told = told.lock().unwrap();
    assert!(told.windows(2).all(|pair| pair[0].share <= pair[1].share), "{told:?}");
    assert!(told.iter().any(|progress| progress.doing == Doing::Sending));
}

#[test]
fn registrations_that_cannot_be_are_refused_by_field() {
    let good = || registration(Provider::MonaiLabel, "http://model.example:8000/monai", "m", &[(1, "liver")]);
    assert_eq!(good().check(), Ok(()));
    let field = |change: &dyn Fn(&mut Registration)| {
        let mut changed = good();
        change(&mut changed);
        changed.check().unwrap_err().field()
    };
    for address in [
        "model.example:8000",
        "ftp://model.example",
        "http://user:word@model.example",
        "http://model.example/?a=b",
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "",
    ] {
        assert_eq!(field(&|changed| changed.address = address.into()), "address", "{address}");
    }
    assert_eq!(field(&|changed| changed.name = " ".into()), "name");
    assert_eq!(field(&|changed| changed.model = "a\nb".into()), "model");
    assert_eq!(field(&|changed| changed.provider = Provider::BuiltIn), "provider");
    assert_eq!(field(&|changed| changed.labels[0].model_label = 0), "labels");
    assert_eq!(field(&|changed| changed.licence = "x".repeat(2_001)), "licence");
    let broker = Broker::new(Settings::default()).unwrap();
    let left_out = broker.register(vec![good(), good()]);
    assert_eq!(left_out, [(ModelId("m".into()), InvalidRegistration::Taken)]);
    assert_eq!(broker.models(agent_formats::Modality::Ct).len(), 2);
}

#[tokio::test]
async fn requests_that_cannot_be_answered_are_refused_before_anybody_is_asked() {
    let silent = Silent::start().await;
    let mut off = registration(Provider::MonaiLabel, &silent.address, "off", &[]);
    off.enabled = false;
    let broker = broker(registration(Provider::MonaiLabel, &silent.address, "m", &[]));
    broker.register(vec![off, registration(Provider::MonaiLabel, &silent.address, "m", &[])]);
    let refused = async |request: Request| broker.infer(request, Watch::unwatched()).await.unwrap_err();
    let whole = || request("m", Prompts::default(), Some(LIVER));
    assert_eq!(refused(request("none", Prompts::default(), None)).await, AssistError::UnknownModel);
    assert_eq!(refused(request("off", Prompts::default(), Some(LIVER))).await, AssistError::Disabled);
    assert_eq!(refused(request("m", Prompts::default(), None)).await, AssistError::NoTarget);
    let modality = agent_formats::Modality::Mr;
    assert_eq!(refused(Request { modality, ..whole() }).await, AssistError::WrongModality);
    let with = |prompts: Prompts| request("m", prompts, Some(LIVER));
    let outside = Prompts { points: vec![point([20, 0, 0], Sign::Positive)], ..Prompts::default() };
    assert_eq!(refused(with(outside)).await, AssistError::InvalidPrompt { field: "points" });
    let upside_down = Some(VoxelBox { lower: [5, 0, 0], upper: [4, 1, 1] });
    let upside_down = Prompts { region: upside_down, ..Prompts::default() };
    assert_eq!(refused(with(upside_down)).await, AssistError::InvalidPrompt { field: "box" });
    let beyond = ScribbleRun { k: 0, start: 319, length: 2, sign: Sign::Positive };
    let beyond = Prompts { scribbles: vec![beyond], ..Prompts::default() };
    assert_eq!(refused(with(beyond)).await, AssistError::InvalidPrompt { field: "scribbles" });
    let unknown = Request { target: Some(1), ..whole() };
    assert_eq!(refused(unknown).await, AssistError::InvalidPrompt { field: "object" });
    let colours = agent_imaging::Voxels::Rgb8(vec![0; 3 * 3200]);
    let volume = Arc::new(agent_imaging::Volume::new(grid(), colours).unwrap());
    assert_eq!(refused(Request { volume, ..whole() }).await, AssistError::ColourImage);
    assert_eq!(silent.opened.load(Ordering::SeqCst), 0);
}
