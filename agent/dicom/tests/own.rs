//! Our calls to our own listener, over TCP and TLS.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of a test fail as the test does")]

mod support;

use agent_dicom::{
    CallError, Catalogue, Found, InstanceEntry, Level, Network, Peer, Query, QueryError, Right, Sent, Way,
};
use agent_phi::{Purpose, SeriesUid, StudyUid};
use std::ops::ControlFlow;
use std::sync::Arc;
use support::{ASKS, GO_ON, Listener, free_port, listen, pacs, peer, slice, slice_of, tls};

fn uid(text: &str) -> StudyUid {
    StudyUid::new(text).unwrap()
}

fn query(level: Level, wanted: &[(&str, &str)]) -> Query {
    let wanted: Vec<_> = wanted.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Query::new(level, &wanted).unwrap()
}

fn value(found: &Found, keyword: &str) -> String {
    let text = found.0.iter().find(|(known, _)| *known == keyword).map(|(_, text)| text);
    text.map(|text| text.expose(Purpose::HospitalScreen).to_owned()).unwrap_or_default()
}

/// Two agents of one title that know each other: the first holds three slices of each of two studies.
async fn two() -> (Listener, Listener, Peer) {
    let back = free_port().await;
    let theirs = listen(vec![pacs("RINGFENCE", back)], |_| {}).await;
    theirs.hold((1..=3).map(|number| slice_of("1.2.3", number, 16)));
    theirs.hold((1..=3).map(|number| slice_of("1.2.5", number, 16)));
    let there = pacs("RINGFENCE", theirs.port());
    let ours = listen(vec![there.clone()], |_| {}).await;
    (ours, theirs, there)
}

fn entries(listener: &Listener, study: &str) -> Vec<InstanceEntry> {
    let mut entries = Vec::new();
    let series = SeriesUid::new(format!("{study}.4")).unwrap();
    let each = &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    };
    listener.memory.instances(&uid(study), &series, each).unwrap();
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_knows_us_answers_an_echo_and_one_that_does_not_says_why() {
    let (ours, theirs, there) = two().await;
    ours.caller.echo(&there).await.unwrap();
    let mut stranger = ours.caller.clone();
    stranger.ae_title = agent_dicom::AeTitle::new("STRANGER").unwrap();
    let refusal = stranger.echo(&there).await.unwrap_err();
    assert!(matches!(refusal, CallError::Rejected { transient: false, .. }));
    assert!(refusal.to_string().contains("calling AE title not recognized"), "{refusal}");
    let nobody = ours.caller.echo(&pacs("NOBODY", free_port().await)).await;
    assert!(matches!(nobody, Err(CallError::Unreachable(_))));
    let hidden = ours.caller.echo(&peer("HIDDEN", &[])).await;
    assert!(matches!(hidden, Err(CallError::NoAddress)));
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_tells_its_studies_series_and_images() {
    let (ours, theirs, there) = two().await;
    let wanted = query(Level::Study, &[("PatientName", "müller*"), ("StudyDate", "20240101-")]);
    let (found, more) = ours.caller.find(&there, &wanted, 100).await.unwrap();
    assert_eq!((found.len(), more), (2, false));
    assert_eq!(value(&found[0], "StudyInstanceUID"), "1.2.3");
    assert_eq!(value(&found[0], "PatientName"), "Müller^Jane");
    assert_eq!(value(&found[0], "NumberOfStudyRelatedInstances"), "3");
    let wanted = query(Level::Series, &[("StudyInstanceUID", "1.2.5")]);
    let (found, _) = ours.caller.find(&there, &wanted, 100).await.unwrap();
    assert_eq!(value(&found[0], "SeriesInstanceUID"), "1.2.5.4");
    let above = [("StudyInstanceUID", "1.2.5"), ("SeriesInstanceUID", "1.2.5.4")];
    let (found, more) = ours.caller.find(&there, &query(Level::Image, &above), 2).await.unwrap();
    assert_eq!((found.len(), more), (2, true));
    assert_eq!(value(&found[1], "InstanceNumber"), "2");
    let none = query(Level::Study, &[("PatientID", "0815")]);
    assert!(ours.caller.find(&there, &none, 100).await.unwrap().0.is_empty());
    theirs.stop().await;
}

#[test]
fn a_query_that_cannot_be_asked_is_refused_by_name() {
    let refused = |level, key: &str, value: &str| {
        Query::new(level, &[(key.to_owned(), value.to_owned())]).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(Level::Series, "Modality", "CT"), QueryError::Needed { keyword: "StudyInstanceUID" });
    let unknown = refused(Level::Study, "Modality", "CT");
    assert_eq!(unknown, QueryError::UnknownKey { keyword: "Modality".into() });
    assert!(matches!(refused(Level::Study, "PatientName", "a\nb"), QueryError::Value { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_is_pulled_over_our_own_association() {
    let (ours, theirs, there) = two().await;
    let mut told = Vec::new();
    let mut progress = |done, left| {
        told.push((done, left));
        GO_ON
    };
    let pulled = ours.caller.pull(&there, (&uid("1.2.3"), None), Way::Get, &mut progress).await.unwrap();
    assert_eq!((pulled.completed, pulled.failed, pulled.status), (3, 0, 0));
    assert_eq!(told, [(1, 2), (2, 1), (3, 0)]);
    let kept = ours.stop().await;
    assert!(kept.iter().zip(1..).all(|(one, number)| one.bytes == slice(number, 16)));
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_is_cancelled_keeps_what_has_come_and_ends_with_the_status_of_the_standard() {
    let (ours, theirs, there) = two().await;
    let mut cancel = |_, _| ControlFlow::Break(());
    let pulled = ours.caller.pull(&there, (&uid("1.2.3"), None), Way::Get, &mut cancel).await.unwrap();
    assert_eq!(pulled.status, 0xFE00);
    let kept = ours.stop().await.len();
    assert!((1..3).contains(&kept) && usize::from(pulled.completed) == kept, "{pulled:?} {kept}");
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sending_that_is_cancelled_sends_no_further_object() {
    let (ours, theirs, there) = two().await;
    ours.hold((1..=4).map(|number| slice_of("1.2.7", number, 16)));
    let catalogue: Arc<dyn Catalogue> = Arc::<support::Memory>::clone(&ours.memory);
    let mut cancel = |done| if done < 2 { GO_ON } else { ControlFlow::Break(()) };
    let sent = ours.caller.store(&there, &catalogue, entries(&ours, "1.2.7"), &mut cancel).await.unwrap();
    assert_eq!(sent, Sent { stored: 2, warned: 0, failed: 0 });
    assert_eq!(theirs.stop().await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_is_moved_to_the_address_that_the_peer_knows() {
    let first = free_port().await;
    let theirs = listen(vec![pacs("RINGFENCE", first)], |_| {}).await;
    theirs.hold((1..=3).map(|number| slice_of("1.2.3", number, 16)));
    let there = pacs("RINGFENCE", theirs.port());
    // The one that is called back has to listen where the peer's settings say.
    let destination = listen(vec![there.clone()], |_| {}).await;
    let relay = relay(first, destination.port()).await;
    let series = SeriesUid::new("1.2.3.4").unwrap();
    let wanted = (&uid("1.2.3"), Some(&series));
    let pulled = destination.caller.pull(&there, wanted, Way::Move, &mut |_, _| GO_ON).await.unwrap();
    assert_eq!((pulled.completed, pulled.failed), (3, 0));
    assert_eq!(destination.memory.count(), 3);
    relay.abort();
    theirs.stop().await;
}

/// Passes connections on, since both ports have to be known before either side starts.
async fn relay(from: u16, to: u16) -> tokio::task::JoinHandle<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", from)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut inward, _)) = listener.accept().await {
            let mut outward = tokio::net::TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut inward, &mut outward).await });
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_to_a_destination_that_does_not_answer_fails_for_each_object() {
    let (ours, theirs, there) = two().await;
    let refused = ours.caller.pull(&there, (&uid("1.2.3"), None), Way::Move, &mut |_, _| GO_ON).await;
    assert!(matches!(refused, Err(CallError::Refused { status: 0xA702 })), "{refused:?}");
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_sent_and_a_peer_without_the_right_takes_nothing() {
    let (ours, theirs, there) = two().await;
    ours.hold((1..=4).map(|number| slice_of("1.2.7", number, 16)));
    let catalogue: Arc<dyn Catalogue> = Arc::<support::Memory>::clone(&ours.memory);
    let sent = ours.caller.store(&there, &catalogue, entries(&ours, "1.2.7"), &mut |_| GO_ON).await.unwrap();
    assert_eq!(sent, Sent { stored: 4, warned: 0, failed: 0 });
    assert_eq!(theirs.stop().await.len(), 10);
    let shut = listen(vec![peer("RINGFENCE", &[Right::Find])], |_| {}).await;
    let there = pacs("RINGFENCE", shut.port());
    let refused = ours.caller.store(&there, &catalogue, entries(&ours, "1.2.7"), &mut |_| GO_ON).await;
    assert!(matches!(refused, Err(CallError::NotOffered { .. })));
    shut.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_both_sides_show_who_they_are() {
    let mut known = peer("RINGFENCE", &ASKS);
    known.tls = true;
    let theirs = listen(vec![known], |_| {}).await;
    let mut there = pacs("RINGFENCE", theirs.tls_port.parse().unwrap());
    there.tls = true;
    theirs.caller.echo(&there).await.unwrap();
    // The name in the certificate may be another than the one that is called.
    let name = |name: &str| {
        let mut there = there.clone();
        there.address.as_mut().unwrap().tls_name = Some(name.into());
        there
    };
    theirs.caller.echo(&name("pacs.hospital.example")).await.unwrap();
    let other = theirs.caller.echo(&name("other.hospital.example")).await;
    assert!(matches!(other, Err(CallError::Tls(_))), "{other:?}");
    let mut bare = theirs.caller.clone();
    bare.tls = Some(tls::client_without_certificate());
    // In TLS 1.3 the refusal comes after the handshake looks done.
    assert!(matches!(bare.echo(&there).await, Err(CallError::Broken { .. } | CallError::Tls(_))));
    // The same title without TLS is a stranger.
    let plain = theirs.caller.echo(&pacs("RINGFENCE", theirs.port())).await;
    assert!(matches!(plain, Err(CallError::Rejected { .. })));
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_from_another_network_is_a_stranger() {
    let mut placed = peer("RINGFENCE", &ASKS);
    placed.from = vec![Network::new("192.0.2.0/24").unwrap()];
    let theirs = listen(vec![placed], |_| {}).await;
    let refused = theirs.caller.echo(&pacs("RINGFENCE", theirs.port())).await;
    assert!(matches!(refused, Err(CallError::Rejected { .. })));
    theirs.stop().await;
}
