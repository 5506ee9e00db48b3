//! Assets over time: what arrives later completes one that nobody has begun, and changes no other.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use std::collections::BTreeMap;

use agent_archive::{Archive, AssetPut, AssetRow, AtRisk, GoldError, GoldSource, NewGold, WorklistItem};
use agent_imaging::Grid;
use agent_work::{Run, Slice};
use support::{NOON, apply, asset, instance, messages, open, ordered};

/// The series of an asset as it stands now, as a row under a new token.
fn as_it_stands(archive: &Archive, earlier: &AssetRow) -> AssetRow {
    let content = archive.series_instances(earlier.series).expect("read").expect("there");
    let grid = &earlier.grid;
    let slices = u32::try_from(content.instances.len()).expect("few");
    let size = [4, 4, slices];
    AssetRow {
        token: archive.asset_token().expect("a token"),
        instances: content.instances,
        grid: Grid::new(size, grid.spacing_mm(), grid.origin_mm(), grid.direction()).expect("a grid"),
        received_at: NOON.plus_seconds(60),
        arrivals_seen: content.arrivals,
        ..earlier.clone()
    }
}

fn put(archive: &Archive, row: &AssetRow) -> AssetPut {
    archive
        .asset_put(row, &AtRisk::default(), |kept| Some(format!("card of {}", kept.token).into_bytes()))
        .expect("put")
}

fn gold(row: &AssetRow, k: u32) -> NewGold {
    NewGold {
        asset: row.token,
        slices: vec![Slice { k, runs: vec![Run { start: 0, length: 1, label: 1 }] }],
        labels: vec![1],
        source: GoldSource::Upload,
        person: None,
    }
}

#[test]
fn a_resend_in_another_transfer_syntax_makes_no_asset() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let row = asset(&archive, 1);
    let told = messages(&archive);
    archive.instance_store(instance(1, 1, 1, "the same image, packed")).expect("stored");
    assert_eq!(archive.series_quiet(NOON.plus_seconds(60), 5_000), [row.series]);
    assert_eq!(put(&archive, &as_it_stands(&archive, &row)), AssetPut::Unchanged);
    assert_eq!(archive.assets().expect("assets"), [row]);
    assert_eq!(messages(&archive), told);
    drop(archive);
    assert!(open(directory.path()).series_quiet(NOON.plus_seconds(60), 5_000).is_empty());
}

#[test]
fn late_slices_complete_an_asset_that_nobody_has_begun() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let row = asset(&archive, 1);
    archive.instance_store(instance(1, 1, 2, "late")).expect("stored");
    archive.instance_store(instance(1, 1, 3, "later")).expect("stored");
    let grown = as_it_stands(&archive, &row);
    assert_eq!(put(&archive, &grown), AssetPut::Replaced(row.token));
    assert_eq!(put(&archive, &grown), AssetPut::AlreadyClaimed);
    let expect = AssetRow { token: row.token, received_at: row.received_at, ..grown };
    assert_eq!(messages(&archive), ["card".to_owned(), format!("card of {}", row.token)]);
    drop(archive);
    let archive = open(directory.path());
    assert_eq!(archive.assets().expect("assets"), [expect]);
    assert!(archive.series_quiet(NOON.plus_seconds(60), 5_000).is_empty());
}

#[test]
fn an_asset_with_an_order_stays_and_late_slices_make_a_further_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let row = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, row.token, 1))]);
    archive.instance_store(instance(1, 1, 2, "late")).expect("stored");
    let second = as_it_stands(&archive, &row);
    assert_eq!(put(&archive, &second), AssetPut::Added);
    assert_eq!(archive.assets().expect("assets"), [row.clone(), second.clone()]);
    archive.instance_store(instance(1, 1, 3, "later")).expect("stored");
    let third = as_it_stands(&archive, &row);
    assert_eq!(put(&archive, &third), AssetPut::Replaced(second.token));
    assert_eq!(archive.asset(row.token).expect("read"), Some(row));
    assert_eq!(archive.assets().expect("assets").len(), 2);
}

#[test]
fn an_asset_with_gold_stays_and_gold_lies_on_the_asset_as_it_is_now() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let row = asset(&archive, 1);
    assert!(matches!(archive.gold_put(&gold(&row, 2), NOON), Err(GoldError::OutOfGrid { k: 2 })));
    for number in 2..=3 {
        archive.instance_store(instance(1, 1, number, &format!("late {number}"))).expect("stored");
    }
    assert_eq!(put(&archive, &as_it_stands(&archive, &row)), AssetPut::Replaced(row.token));
    archive.gold_put(&gold(&row, 2), NOON).expect("on the grid now");
    archive.instance_store(instance(1, 1, 4, "later")).expect("stored");
    assert_eq!(put(&archive, &as_it_stands(&archive, &row)), AssetPut::Added);
    assert_eq!(archive.asset(row.token).expect("read").map(|row| row.grid.size()), Some([4, 4, 3]));
}

#[test]
fn why_a_series_was_left_is_there_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let place = archive.instance_store(instance(1, 1, 1, "a")).expect("stored").place();
    let other = archive.instance_store(instance(2, 1, 1, "b")).expect("stored").place();
    archive.series_claim(place.series, 1, Some("no-image")).expect("claimed");
    archive.series_claim(other.series, 1, Some("no-image")).expect("claimed");
    drop(archive);
    let archive = open(directory.path());
    assert_eq!(archive.series_left().expect("read"), BTreeMap::from([("no-image".to_owned(), 2)]));
    assert!(archive.study_delete(other.study).expect("deleted"));
    assert_eq!(archive.series_left().expect("read"), BTreeMap::from([("no-image".to_owned(), 1)]));
    archive.instance_store(instance(1, 1, 2, "an image")).expect("stored");
    archive.series_claim(place.series, 2, Some("no-common-grid")).expect("claimed");
    assert_eq!(archive.series_left().expect("read"), BTreeMap::from([("no-common-grid".to_owned(), 1)]));
}

#[test]
fn a_series_with_an_asset_is_not_left() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let row = asset(&archive, 1);
    archive.instance_store(instance(1, 1, 2, "fits nowhere")).expect("stored");
    archive.series_claim(row.series, 2, Some("no-common-grid")).expect("claimed");
    assert!(archive.series_left().expect("read").is_empty());
    assert_eq!(archive.assets().expect("assets"), [row]);
}
