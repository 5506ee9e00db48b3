//! Queries, retrievals and TLS with DCMTK's tools (Debian package `dcmtk`) on the other side.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of a test fail as the test does")]

mod support;

use agent_dicom::{Catalogue, Level, Peer, PeerAct, Query, Sent, Way};
use agent_phi::StudyUid;
use std::path::Path;
use std::sync::Arc;
use support::{
    ASKS, GO_ON, Listener, Memory, files_in, free_port, listen, pacs, peer, run, said, slice, slice_of,
    start, tls,
};
use tokio::process::Child;

async fn holding_three() -> Listener {
    let listener = listen(vec![peer("WORK", &ASKS)], |_| {}).await;
    listener.hold((1..=3).map(|number| slice(number, 32)));
    listener.hold((1..=2).map(|number| slice_of("1.2.5", number, 32)));
    listener
}

async fn findscu(listener: &Listener, keys: &[&str]) -> (bool, String) {
    let mut arguments = vec!["-v", "-S", "-aet", "WORK", "-aec", "RINGFENCE", "127.0.0.1", &listener.port];
    for key in keys {
        arguments.extend(["-k", key]);
    }
    let output = run("findscu", &arguments).await;
    // DCMTK shows the padding of a value.
    (output.status.success(), said(&output).replace(['\0', ' '], ""))
}

#[tokio::test(flavor = "multi_thread")]
async fn findscu_finds_at_each_level() {
    let listener = holding_three().await;
    let study =
        ["QueryRetrieveLevel=STUDY", "PatientName=M*", "PatientID", "StudyInstanceUID", "StudyDate=2024-"];
    let wrong = findscu(&listener, &study).await;
    assert!(wrong.1.contains("DataSetDoesNotMatchSOPClass"), "{}", wrong.1);
    let study = [
        "QueryRetrieveLevel=STUDY",
        "PatientName=M*",
        "PatientID",
        "StudyInstanceUID",
        "StudyDate=20240101-",
    ];
    let (done, found) = findscu(&listener, &study).await;
    assert!(
        done && found.contains("[1.2.3]") && found.contains("[1.2.5]") && found.contains("[4711]"),
        "{found}"
    );
    let series = ["QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.3", "SeriesInstanceUID", "Modality=MR"];
    let (_, found) = findscu(&listener, &series).await;
    assert!(found.contains("[1.2.3.4]") && !found.contains("1.2.5.4"), "{found}");
    let image = [
        "QueryRetrieveLevel=IMAGE",
        "StudyInstanceUID=1.2.3",
        "SeriesInstanceUID=1.2.3.4",
        "SOPInstanceUID",
        "InstanceNumber=2",
    ];
    let (_, found) = findscu(&listener, &image).await;
    assert!(found.contains("[1.2.3.4.2]") && !found.contains("[1.2.3.4.3]"), "{found}");
    let acts = listener.memory.acts.lock().unwrap().clone();
    assert!(acts.len() == 3 && acts.iter().all(|act| *act == ("WORK".to_owned(), PeerAct::Queried)));
    listener.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn getscu_gets_the_very_objects() {
    let listener = holding_three().await;
    let directory = tempfile::tempdir().unwrap();
    let output = run(
        "getscu",
        &[
            "-v",
            "-S",
            "-aet",
            "WORK",
            "-aec",
            "RINGFENCE",
            "-od",
            directory.path().to_str().unwrap(),
            "127.0.0.1",
            &listener.port,
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            "StudyInstanceUID=1.2.3",
        ],
    )
    .await;
    assert!(output.status.success(), "{}", said(&output));
    same_pixels(&files_in(directory.path()), 3, 32);
    listener.stop().await;
}

/// Each slice of study `1.2.3` is there once, pixel for pixel.
fn same_pixels(files: &[Vec<u8>], count: usize, side: u16) {
    let decode = |file: &[u8]| agent_formats::pixels::decode(file).unwrap().stored;
    assert_eq!(files.len(), count);
    for number in 1..=count {
        let expect = decode(&slice(number, side));
        assert!(files.iter().any(|file| decode(file) == expect), "slice {number} is missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn movescu_has_objects_moved_to_itself() {
    let directory = tempfile::tempdir().unwrap();
    let port = free_port().await;
    let listener = listen(vec![pacs("WORK", port)], |_| {}).await;
    listener.hold((1..=3).map(|number| slice(number, 32)));
    let output = run(
        "movescu",
        &[
            "-v",
            "-S",
            "-aet",
            "WORK",
            "-aec",
            "RINGFENCE",
            "-aem",
            "WORK",
            "+P",
            &port.to_string(),
            "-od",
            directory.path().to_str().unwrap(),
            "127.0.0.1",
            &listener.port,
            "-k",
            "QueryRetrieveLevel=SERIES",
            "-k",
            "StudyInstanceUID=1.2.3",
            "-k",
            "SeriesInstanceUID=1.2.3.4",
        ],
    )
    .await;
    assert!(output.status.success(), "{}", said(&output));
    same_pixels(&files_in(directory.path()), 3, 32);
    let nowhere = run(
        "movescu",
        &[
            "-v",
            "-S",
            "-aet",
            "WORK",
            "-aec",
            "RINGFENCE",
            "-aem",
            "NOBODY",
            "127.0.0.1",
            &listener.port,
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            "StudyInstanceUID=1.2.3",
        ],
    )
    .await;
    assert!(said(&nowhere).contains("MoveDestinationUnknown"), "{}", said(&nowhere));
    listener.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_send_may_not_query() {
    let listener = listen(vec![peer("WORK", &[agent_dicom::Right::Store])], |_| {}).await;
    let (done, found) = findscu(&listener, &["QueryRetrieveLevel=STUDY", "StudyInstanceUID"]).await;
    assert!(!done && found.contains("NoAcceptablePresentationContexts"), "{found}");
    listener.stop().await;
}

/// DCMTK's archive, which knows us and answers everybody.
async fn dcmqrscp(directory: &Path, ours: u16) -> (Child, Peer) {
    let port = free_port().await;
    let store = directory.join("archive");
    std::fs::create_dir(&store).unwrap();
    let config = format!(
        "NetworkTCPPort = {port}\nMaxPDUSize = 131072\nMaxAssociations = 16\n\
         HostTable BEGIN\nours = (RINGFENCE, 127.0.0.1, {ours})\nHostTable END\n\
         VendorTable BEGIN\nVendorTable END\n\
         AETable BEGIN\nARCHIVE {} RW (9, 1024mb) ANY\nAETable END\n",
        store.display()
    );
    let file = directory.join("dcmqrscp.cfg");
    std::fs::write(&file, config).unwrap();
    let child = start("dcmqrscp", &["-c", file.to_str().unwrap()], port).await;
    (child, pacs("ARCHIVE", port))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_goes_to_dcmtk_s_archive_is_found_there_and_comes_back_both_ways() {
    let directory = tempfile::tempdir().unwrap();
    let ours = listen(vec![peer("ARCHIVE", &ASKS)], |_| {}).await;
    let (_archive, there) = dcmqrscp(directory.path(), ours.port()).await;
    ours.hold((1..=3).map(|number| slice(number, 32)));
    ours.caller.echo(&there).await.unwrap();
    let sent = ours.caller.store(&there, &catalogue(&ours), ours.entries(), &mut |_| GO_ON).await.unwrap();
    assert_eq!(sent, Sent { stored: 3, warned: 0, failed: 0 });
    let query = Query::new(Level::Study, &[("PatientID".into(), "4711".into())]).unwrap();
    let (found, _) = ours.caller.find(&there, &query, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    let study = StudyUid::new("1.2.3").unwrap();
    for way in [Way::Get, Way::Move] {
        ours.memory.kept.lock().unwrap().clear();
        let pulled = ours.caller.pull(&there, (&study, None), way, &mut |_, _| GO_ON).await.unwrap();
        assert_eq!((pulled.completed, pulled.failed, pulled.status), (3, 0, 0), "{way:?}");
        let files: Vec<Vec<u8>> =
            ours.memory.kept.lock().unwrap().iter().map(|one| one.bytes.clone()).collect();
        same_pixels(&files, 3, 32);
    }
    ours.stop().await;
}

fn catalogue(listener: &Listener) -> Arc<dyn Catalogue> {
    Arc::<Memory>::clone(&listener.memory)
}

#[tokio::test(flavor = "multi_thread")]
async fn storescp_takes_what_we_send_plainly_and_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    tls::write(directory.path());
    let ours = listen(Vec::new(), |_| {}).await;
    ours.hold((1..=3).map(|number| slice(number, 32)));
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    for (folder, sealed) in [("plain", false), ("sealed", true)] {
        std::fs::create_dir(directory.path().join(folder)).unwrap();
        let port = free_port().await;
        let (folder_path, text) = (path(folder), port.to_string());
        let (key, certificate, authority) = (path("own.key"), path("own.pem"), path("ca.pem"));
        let mut arguments = vec!["-aet", "STORE", "-od", &folder_path];
        if sealed {
            arguments.extend(["+tls", &key, &certificate, "+cf", &authority]);
        }
        arguments.push(&text);
        let _child = start("storescp", &arguments, port).await;
        let mut there = pacs("STORE", port);
        there.tls = sealed;
        let sent =
            ours.caller.store(&there, &catalogue(&ours), ours.entries(), &mut |_| GO_ON).await.unwrap();
        assert_eq!(sent, Sent { stored: 3, warned: 0, failed: 0 }, "{folder}");
        same_pixels(&files_in(&directory.path().join(folder)), 3, 32);
    }
    ours.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dcmtk_s_tools_come_in_over_tls_with_a_certificate_and_not_without() {
    let directory = tempfile::tempdir().unwrap();
    tls::write(directory.path());
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (key, certificate, authority) = (path("own.key"), path("own.pem"), path("ca.pem"));
    let listener = listen(vec![peer("WORK", &ASKS)], |_| {}).await;
    let named = ["-aet", "WORK", "-aec", "RINGFENCE"];
    let with = ["+tls", &key, &certificate, "+cf", &authority, "127.0.0.1", &listener.tls_port];
    let output = run("echoscu", &[&named[..], &with[..]].concat()).await;
    assert!(output.status.success(), "{}", said(&output));
    std::fs::write(directory.path().join("one.dcm"), slice(1, 32)).unwrap();
    let file = path("one.dcm");
    let output = run("storescu", &[&named[..], &with[..], &[file.as_str()][..]].concat()).await;
    assert!(output.status.success(), "{}", said(&output));
    let without = ["+tla", "+cf", &authority, "127.0.0.1", &listener.tls_port];
    let output = run("echoscu", &[&named[..], &without[..]].concat()).await;
    assert!(!output.status.success(), "{}", said(&output));
    let plain = ["127.0.0.1", &listener.tls_port];
    let output = run("echoscu", &[&named[..], &plain[..]].concat()).await;
    assert!(!output.status.success(), "{}", said(&output));
    assert_eq!(listener.stop().await.len(), 1);
}
