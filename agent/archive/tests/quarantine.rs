//! Facts about quarantine: what is kept back, what lets it out, and what a store remembers of it.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use agent_archive::{
    Archive, AssetRow, AtRisk, Device, DeviceRuleError, NOT_EXAMINED, QuarantineCounts, QuarantineError,
    QuarantineState, Rectangle, Showing, WorklistItem, reindex,
};
use proto_ids::AssetToken;
use support::{NOON, apply, grid, hand_in, instance, next, open, ordered, person, staffed};

const REGION: Rectangle = Rectangle { left: 0, top: 1, width: 2, height: 1 };

fn device() -> Device {
    Device {
        manufacturer: "CANARYMAKER".to_owned(),
        model: "CANARYMODEL".to_owned(),
        software_version: Some("1.0".to_owned()),
        modality: "US".to_owned(),
        rows: 4,
        columns: 4,
    }
}

fn at_risk() -> AtRisk {
    AtRisk { reasons: vec!["modality".to_owned()], device: Some(device()) }
}

fn asset_of(archive: &Archive, study: u32, content: &str, number: u32) -> AssetRow {
    let place = archive.instance_store(instance(study, 1, number, content)).expect("stored").place();
    let content = archive.series_instances(place.series).expect("read").expect("there");
    AssetRow {
        token: archive.asset_token().expect("a token"),
        study: place.study,
        series: place.series,
        instances: content.instances,
        modality: agent_imaging::window::Modality::Us,
        grid: grid(),
        reasons: Vec::new(),
        pictures: Vec::new(),
        voxels: None,
        received_at: NOON,
        arrivals_seen: content.arrivals,
    }
}

fn risky(archive: &Archive, study: u32) -> AssetToken {
    let row = asset_of(archive, study, "a", 1);
    archive.asset_put(&row, &at_risk(), |_| None).expect("put");
    row.token
}

fn state(archive: &Archive, asset: AssetToken) -> QuarantineState {
    archive.quarantined(asset).expect("read").expect("at risk").state
}

fn rule(archive: &Archive, device: &Device) -> proto_ids::DeviceRuleId {
    archive.device_rule_add(device, &[REGION], person(9), NOON).expect("added")
}

#[test]
fn what_waits_is_given_to_nobody_until_it_is_released_and_stays_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = risky(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset, 1))]);
    assert!(next(&archive, 1, NOON).is_none());
    assert_eq!(archive.asset_showing(asset).expect("read"), Showing::Held);
    let counts = QuarantineCounts { waiting: 1, withheld: 0, tasks: 1 };
    assert_eq!(archive.quarantine_counts().expect("read"), counts);
    archive.quarantine_release(asset, person(9), NOON).expect("released");
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    let archive = open(directory.path());
    let row = archive.quarantined(asset).expect("read").expect("at risk");
    assert_eq!(
        (row.state, row.decided_by, row.decided_at),
        (QuarantineState::Released, Some(person(9)), Some(NOON))
    );
    assert_eq!((row.reasons, row.device), (at_risk().reasons, Some(device())));
    assert!(next(&archive, 1, NOON).is_some());
    assert_eq!(archive.quarantine_counts().expect("read"), QuarantineCounts::default());
}

#[test]
fn what_is_withheld_is_withheld_for_good_even_from_who_holds_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = support::asset(&archive, 1).token;
    apply(&archive, [WorklistItem::Task(ordered(1, asset, 1))]);
    assert!(next(&archive, 1, NOON).is_some(), "it is not at risk");
    assert!(matches!(
        archive.quarantine_release(asset, person(9), NOON),
        Err(QuarantineError::NotQuarantined)
    ));
    archive.quarantine_withhold(asset, person(9), NOON).expect("withheld");
    assert!(next(&archive, 1, NOON).is_none());
    assert!(matches!(archive.quarantine_release(asset, person(9), NOON), Err(QuarantineError::Withheld)));
    let unknown = AssetToken::from_bytes([7; 16]);
    assert!(matches!(
        archive.quarantine_withhold(unknown, person(9), NOON),
        Err(QuarantineError::UnknownAsset)
    ));
}

#[test]
fn an_asset_that_grows_goes_back_into_quarantine() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let asset = risky(&archive, 1);
    archive.quarantine_release(asset, person(9), NOON).expect("released");
    let grown = asset_of(&archive, 1, "b", 2);
    archive.asset_put(&grown, &at_risk(), |_| None).expect("put");
    assert_eq!(state(&archive, asset), QuarantineState::Waiting);
    let [first, second] = grown.instances[..] else { panic!("two instances") };
    archive.instance_store(instance(1, 1, 3, "c")).expect("stored");
    let showing = archive.series_showing(grown.series).expect("read");
    // What came last is in no asset yet.
    assert_eq!(showing, [first, second].map(|instance| (instance, Showing::Held)).into());
}

#[test]
fn a_rule_lets_out_what_waits_and_takes_back_what_nobody_works_on() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let (idle, worked) = (risky(&archive, 1), risky(&archive, 2));
    apply(&archive, [WorklistItem::Task(ordered(1, worked, 1))]);
    let any_version = Device { software_version: None, ..device() };
    let rule = rule(&archive, &any_version);
    assert!(matches!(
        archive.device_rule_add(&any_version, &[REGION], person(9), NOON),
        Err(DeviceRuleError::Exists)
    ));
    assert_eq!(archive.device_rule_for(&device()).expect("read").map(|rule| rule.id), Some(rule));
    for asset in [idle, worked] {
        assert!(archive.quarantine_blank(asset, rule).expect("blanked"));
        assert_eq!(archive.asset_showing(asset).expect("read"), Showing::Blanked(vec![REGION]));
        assert!(matches!(archive.quarantine_release(asset, person(9), NOON), Err(QuarantineError::Blanked)));
    }
    assert!(!archive.quarantine_blank(idle, rule).expect("read"), "it waits no more");
    hand_in(&archive, next(&archive, 1, NOON).expect("a place"), 0);
    let removed = archive.device_rule_remove(rule).expect("removed");
    assert_eq!((removed.returned, removed.kept), (vec![idle], vec![worked]));
    assert_eq!(archive.asset_showing(idle).expect("read"), Showing::Held);
    assert_eq!(archive.asset_showing(worked).expect("read"), Showing::Blanked(vec![REGION]));
    assert!(!archive.quarantine_blank(idle, rule).expect("read"), "the rule is gone");
    assert!(matches!(archive.device_rule_remove(rule), Err(DeviceRuleError::Unknown)));
}

#[test]
fn a_rule_of_one_version_goes_before_one_of_all() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let (all, one) =
        (rule(&archive, &Device { software_version: None, ..device() }), rule(&archive, &device()));
    let found = |device: &Device| archive.device_rule_for(device).expect("read").map(|rule| rule.id);
    assert_eq!(found(&device()), Some(one));
    assert_eq!(found(&Device { software_version: Some("2.0".to_owned()), ..device() }), Some(all));
    assert_eq!(found(&Device { columns: 5, ..device() }), None);
}

#[test]
fn nothing_of_a_device_stands_in_the_journals() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    risky(&archive, 1);
    rule(&archive, &device());
    drop(archive);
    let segments = std::fs::read_dir(directory.path().join("work/segments")).expect("a listing");
    for entry in segments {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("read");
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
    }
}

#[test]
fn deletion_leaves_nothing_in_quarantine() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let asset = risky(&archive, 1);
    let study = archive.asset(asset).expect("read").expect("there").study;
    archive.study_delete(study).expect("deleted");
    assert!(archive.quarantine().expect("read").is_empty());
    assert_eq!(archive.quarantine_counts().expect("read"), QuarantineCounts::default());
}

#[test]
fn assets_made_without_a_look_wait_until_there_was_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let unexamined = AtRisk { reasons: vec![NOT_EXAMINED.to_owned()], device: None };
    let put = |study| {
        let row = asset_of(&archive, study, "a", 1);
        archive.asset_put(&row, &unexamined, |_| None).expect("put");
        row.token
    };
    let (safe, risky) = (put(1), put(2));
    assert_eq!(archive.quarantine_unexamined().expect("read").len(), 2);
    archive.quarantine_examined(safe, &AtRisk::default()).expect("kept");
    archive.quarantine_examined(risky, &at_risk()).expect("kept");
    assert!(archive.quarantine_unexamined().expect("read").is_empty());
    assert_eq!(archive.asset_showing(safe).expect("read"), Showing::AsIs);
    assert_eq!(archive.quarantined(risky).expect("read").expect("at risk").device, Some(device()));
}
