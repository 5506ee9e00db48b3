//! Nothing of a DICOM header reaches a model server: canaries in every text, date and UID, searched in all that came.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use agent_assist::*;
use support::canaries;
use support::exchange::Answered;
use support::peer::Peer;
use support::*;

/// A server that keeps what it gets and answers as one that fails after the image has come.
#[tokio::test]
async fn only_voxels_spacing_and_prompts_reach_a_monai_label_server() {
    let info = br#"{"version":"1","models":{"region":{"type":"deepgrow","labels":{"object":1}}}}"#;
    let peer = Peer::taking_anything(vec![
        Answered::new(200, "application/json", info),
        Answered::new(200, "application/json", br#"{"session_id":"abc"}"#),
        Answered::new(500, "text/plain", b""),
        Answered::new(200, "application/json", b"{}"),
    ])
    .await;
    let broker = broker(registration(Provider::MonaiLabel, &peer.address, "region", &[]));
    let prompts = Prompts { points: vec![point([1, 1, 1], Sign::Positive)], ..Prompts::default() };
    let mut asked = request("region", prompts, Some(LIVER));
    asked.volume = canaries::volume();
    asked.objects = canaries::objects();
    assert_eq!(broker.infer(asked, Watch::unwatched()).await, Err(AssistError::ServerFailed { status: 500 }));
    assert_eq!(peer.asked().len(), 4);
    canaries::check(&peer.bytes());
    let image = &peer.asked()[1].parts[0];
    // 352 bytes of header, 36 voxels of 16 bits.
    assert_eq!((image.file_name.as_deref(), image.bytes), (Some("image.nii.gz"), 352 + 72));
}

#[test]
#[should_panic(expected = "CANARY")]
fn the_search_finds_a_canary() {
    canaries::check(b"\x28\x00\x50\x00 CANARYNAME^ANNA");
}

#[test]
#[should_panic(expected = "mm was sent")]
fn the_search_finds_the_place_of_the_patient() {
    let mut bytes = vec![40, 0, 80, 0];
    bytes.extend((-71.375_f32).to_le_bytes());
    canaries::check(&bytes);
}
