//! The agent's DICOM side with Orthanc (Debian package `orthanc`) and pynetdicom on the other; `tests/run peers`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of a test fail as the test does")]

mod support;

use agent_dicom::{Catalogue, Level, PeerAct, Query, Sent, Way};
use agent_phi::StudyUid;
use std::sync::Arc;
use std::time::Duration;
use support::{ASKS, GO_ON, Memory, free_port, listen, pacs, peer, run, said, series, slice, start};
use tokio::process::Child;

/// Orthanc, which knows us, and the port of its REST interface.
struct Orthanc {
    _child: Child,
    http: u16,
    dicom: u16,
    _directory: tempfile::TempDir,
}

/// Orthanc is told where we are after it has started, since both have to know the other.
async fn orthanc(dicom: u16) -> Orthanc {
    let directory = tempfile::tempdir().unwrap();
    let http = free_port().await;
    let config = format!(
        r#"{{"Name": "peer", "StorageDirectory": "{0}/store", "IndexDirectory": "{0}/store", "HttpPort": {http},
            "DicomAet": "ORTHANC", "DicomPort": {dicom}, "DicomAlwaysAllowGet": true, "DicomAlwaysAllowMove": true,
            "DicomAlwaysAllowFind": true, "DicomAlwaysAllowStore": true, "AuthenticationEnabled": false,
            "RemoteAccessAllowed": false, "HttpsCACertificates": "", "Plugins": []}}"#,
        directory.path().display()
    );
    let file = directory.path().join("orthanc.json");
    std::fs::write(&file, config).unwrap();
    let child = start("Orthanc", &[file.to_str().unwrap()], http).await;
    Orthanc { _child: child, http, dicom, _directory: directory }
}

impl Orthanc {
    async fn rest(&self, method: &str, path: &str, body: &str) -> String {
        let url = format!("http://127.0.0.1:{}{path}", self.http);
        let output = run("curl", &["-s", "--noproxy", "*", "-X", method, "-d", body, &url]).await;
        said(&output)
    }

    async fn knows(&self, port: u16) {
        let place = format!(r#"{{"AET": "RINGFENCE", "Host": "127.0.0.1", "Port": {port}}}"#);
        self.rest("PUT", "/modalities/ours", &place).await;
    }

    async fn count(&self) -> usize {
        self.rest("GET", "/instances", "").await.matches("\"").count() / 2
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_goes_to_orthanc_and_comes_back_both_ways() {
    let port = free_port().await;
    let ours = listen(vec![pacs("ORTHANC", port)], |_| {}).await;
    let orthanc = orthanc(port).await;
    orthanc.knows(ours.port()).await;
    let there = pacs("ORTHANC", orthanc.dicom);
    ours.hold((1..=3).map(|number| slice(number, 32)));
    ours.caller.echo(&there).await.unwrap();
    let catalogue: Arc<dyn Catalogue> = Arc::<Memory>::clone(&ours.memory);
    let sent = ours.caller.store(&there, &catalogue, ours.entries(), &mut |_| GO_ON).await.unwrap();
    assert_eq!(sent, Sent { stored: 3, warned: 0, failed: 0 });
    assert_eq!(orthanc.count().await, 3);
    let query = Query::new(Level::Study, &[("PatientName".into(), "M*".into())]).unwrap();
    let (found, _) = ours.caller.find(&there, &query, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    let study = StudyUid::new("1.2.3").unwrap();
    for way in [Way::Get, Way::Move] {
        ours.memory.kept.lock().unwrap().clear();
        let pulled = ours.caller.pull(&there, (&study, None), way, &mut |_, _| GO_ON).await.unwrap();
        assert_eq!((pulled.completed, pulled.failed), (3, 0), "{way:?}");
        assert_eq!(ours.memory.count(), 3, "{way:?}");
    }
    ours.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orthanc_queries_us_has_a_study_moved_and_asks_whether_it_is_safe() {
    let port = free_port().await;
    let ours = listen(vec![pacs("ORTHANC", port)], |_| {}).await;
    let orthanc = orthanc(port).await;
    orthanc.knows(ours.port()).await;
    ours.hold((1..=3).map(|number| slice(number, 32)));
    assert!(orthanc.rest("POST", "/modalities/ours/echo", "{}").await.contains("{}"));
    let query = r#"{"Level": "Study", "Query": {"PatientID": "4711", "StudyDate": "20240101-20241231"}}"#;
    let made = orthanc.rest("POST", "/modalities/ours/query", query).await;
    let id = made.split("\"ID\" : \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let answers = orthanc.rest("GET", &format!("/queries/{id}/answers"), "").await;
    assert!(answers.contains("\"0\"") && !answers.contains("\"1\""), "{answers}");
    orthanc.rest("POST", &format!("/queries/{id}/answers/0/retrieve"), "ORTHANC").await;
    assert_eq!(orthanc.count().await, 3);
    let asked = r#"{"DicomInstances": [["1.2.840.10008.5.1.4.1.1.4", "1.2.3.4.1"]], "Timeout": 10}"#;
    let made = orthanc.rest("POST", "/modalities/ours/storage-commitment", asked).await;
    let path = made.split("\"Path\" : \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    // The report is a call of ours to Orthanc, some time after its question.
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    let state = loop {
        let state = orthanc.rest("GET", &path, "").await;
        if !state.contains("Pending") {
            break state;
        }
        tick.tick().await;
    };
    assert!(state.contains("\"Status\" : \"Success\""), "{state}");
    let acts = ours.memory.acts.lock().unwrap().clone();
    for act in [PeerAct::Queried, PeerAct::Retrieved, PeerAct::CommitmentAnswered] {
        assert!(acts.contains(&("ORTHANC".to_owned(), act)), "{acts:?}");
    }
    ours.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pynetdicom_is_answered_whatever_it_asks() {
    let python =
        std::env::var("RINGFENCE_PYNETDICOM").expect("tests/run peers installs it and says where it is");
    let directory = tempfile::tempdir().unwrap();
    series(directory.path(), 40, 16);
    let ours = listen(vec![peer("WORK", &ASKS)], |_| {}).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/ask.py");
    let output = run(&python, &[script, &ours.port, directory.path().to_str().unwrap()]).await;
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    let expect = [
        "\"echo\": 0,",
        // One key that is not looked at, so the match comes with a warning.
        "\"studies\": [[65281, \"1.2.3\"], [0, null]]",
        "\"name\": \"M\\u00fcller^Jane\"",
        "\"get\": [0, 40, [\"1.2.3.4.0\",",
        "\"action\": 0",
        // Of 41 objects one is not here.
        "\"commitment\": [2, true], \"failed\": [274]",
    ];
    for part in expect {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    // A cancel may come too late for so few images, and then everything is told.
    assert!(told.contains("\"images\": [65280, 65024]") || told.contains("\"images\": [65280, 0]"), "{told}");
    ours.stop().await;
}
