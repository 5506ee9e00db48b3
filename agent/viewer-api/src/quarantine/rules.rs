//! Rules for devices: who may say what is painted over, and what that lets out of quarantine.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_archive::{
    Archive, AssetRow, AuditAction, AuditActor, AuditOutcome, AuditSubject, Device, DeviceRule,
    DeviceRuleError, NewAuditEvent, QuarantineRow, QuarantineState, Rectangle, StorageError,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_ids::{AssetToken, DeviceRuleId, PersonId};

use super::ours;
use crate::access::{Body, Named, QuarantineKeeper, Reviewer};
use crate::app::App;
use crate::files_of_asset::painted;
use crate::json::quarantine::{
    DeviceRuleAddedJson, DeviceRuleDraftJson, DeviceRuleJson, DeviceRuleRemovedJson, DeviceRulesJson,
    rule_helps,
};
use crate::problem::Problem;

/// More regions than this are a mistake.
const MOST_REGIONS: usize = 50;
/// More rules than this are a mistake.
const MOST_RULES: usize = 1_000;
/// The length of the VR LO (PS3.5 §6.2).
const LONGEST_TEXT: usize = 64;

/// All rules for devices.
#[utoipa::path(get, path = "/device-rules", operation_id = "device_rules_list",
    responses((status = 200, body = DeviceRulesJson), (status = 401), (status = 403)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _keeper: QuarantineKeeper,
) -> Result<Json<DeviceRulesJson>, Problem> {
    let rules = app.blocking(|app| {
        let released = released(&app.archive)?;
        let rules = app.archive.device_rules()?.into_iter();
        rules.map(|rule| rule_json(app, rule, &released)).collect::<Result<_, StorageError>>()
    });
    Ok(Json(DeviceRulesJson { rules: rules.await?.map_err(ours)? }))
}

/// Says what is painted over in the pictures of a kind of device, and releases what waits of it.
#[utoipa::path(post, path = "/device-rules", operation_id = "device_rule_add", request_body = DeviceRuleDraftJson,
    responses((status = 201, body = DeviceRuleAddedJson), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    Reviewer(actor): Reviewer,
    Body(draft): Body<DeviceRuleDraftJson>,
) -> Result<(StatusCode, Json<DeviceRuleAddedJson>), Problem> {
    let device = Device::from(draft.device);
    let regions: Vec<Rectangle> = draft.regions.into_iter().map(Rectangle::from).collect();
    check(&device, &regions)?;
    let (person, now) = (actor.id(), app.now());
    let added = app.computing(move |app| {
        let rules = app.archive.device_rules().map_err(ours)?;
        if rules.len() >= MOST_RULES {
            return Err(Problem::invalid("there are 1,000 rules already"));
        }
        let possible = rules.iter().all(|rule| rule.device != device);
        audit(app, person, AuditAction::DeviceRuleAdded, possible)?;
        let id = app.archive.device_rule_add(&device, &regions, person, now).map_err(refused)?;
        let still_waiting = apply(app, id)?;
        let rule = app.archive.device_rules().map_err(ours)?.into_iter().find(|rule| rule.id == id);
        let rule = rule.ok_or_else(Problem::not_found)?;
        let rule = rule_json(app, rule, &released(&app.archive).map_err(ours)?).map_err(ours)?;
        Ok::<_, Problem>(DeviceRuleAddedJson { rule, still_waiting })
    });
    Ok((StatusCode::CREATED, Json(added.await??)))
}

/// Forgets a rule. What it released goes back into quarantine, but for assets on which work was begun.
#[utoipa::path(delete, path = "/device-rules/{id}", operation_id = "device_rule_remove", params(("id" = String, Path)),
    responses((status = 200, body = DeviceRuleRemovedJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Reviewer(actor): Reviewer,
    Named(rule): Named<DeviceRuleId>,
) -> Result<Json<DeviceRuleRemovedJson>, Problem> {
    let person = actor.id();
    let removed = app.blocking(move |app| {
        let known = app.archive.device_rules().map_err(ours)?.iter().any(|kept| kept.id == rule);
        audit(app, person, AuditAction::DeviceRuleRemoved, known)?;
        app.archive.device_rule_remove(rule).map_err(refused)
    });
    let removed = removed.await??;
    let (returned, kept) = (removed.returned.len() as u64, removed.kept.len() as u64);
    Ok(Json(DeviceRuleRemovedJson { returned, kept }))
}

/// Lets an asset that waits out of quarantine where there is a rule for its device, painting over helps, and its
/// first file can be painted. Says whether it did. Blocks.
///
/// # Errors
/// When the store cannot be read or written.
pub fn release_by_rule(archive: &Archive, asset: AssetToken) -> Result<bool, StorageError> {
    let Some(row) = archive.quarantined(asset)?.filter(|row| row.state == QuarantineState::Waiting) else {
        return Ok(false);
    };
    let Some(device) = row.device.as_ref().filter(|_| rule_helps(&row.reasons)) else { return Ok(false) };
    let Some(rule) = archive.device_rule_for(device)? else { return Ok(false) };
    if !paintable(archive, &row.asset, &rule)? {
        tracing::warn!(asset = %asset, "the pictures of an asset cannot be painted over; it stays in quarantine");
        return Ok(false);
    }
    archive.audit_append(&NewAuditEvent {
        actor: AuditActor::Agent,
        action: AuditAction::QuarantineReleased,
        subject: AuditSubject::Asset(asset),
        outcome: AuditOutcome::Done,
        detail: None,
    })?;
    archive.quarantine_blank(asset, rule.id)
}

/// Files of one series share their encoding, so the first speaks for all; one that is different after all is shown
/// to nobody.
fn paintable(archive: &Archive, asset: &AssetRow, rule: &DeviceRule) -> Result<bool, StorageError> {
    let Some(first) = asset.instances.first() else { return Ok(false) };
    let file = archive.instance_bytes(*first)?;
    Ok(file.is_some_and(|file| painted(&file.bytes, &rule.regions).is_ok()))
}

/// Applies a new rule to what waits, and counts what it is for and stays.
fn apply(app: &App, id: DeviceRuleId) -> Result<u64, Problem> {
    let rule = app.archive.device_rules().map_err(ours)?.into_iter().find(|rule| rule.id == id);
    let Some(rule) = rule else { return Ok(0) };
    let concerned = |row: &QuarantineRow| {
        row.state == QuarantineState::Waiting
            && row.device.as_ref().is_some_and(|device| rule.matches(device))
    };
    let mut still_waiting = 0;
    for row in app.archive.quarantine().map_err(ours)?.into_iter().filter(concerned) {
        if !release_by_rule(&app.archive, row.asset.token).map_err(ours)? {
            still_waiting += 1;
        }
    }
    Ok(still_waiting)
}

/// How many assets each rule has released.
fn released(archive: &Archive) -> Result<BTreeMap<DeviceRuleId, u64>, StorageError> {
    let mut counts = BTreeMap::new();
    for row in archive.quarantine()? {
        if let QuarantineState::Blanked { rule, .. } = row.state {
            *counts.entry(rule).or_default() += 1;
        }
    }
    Ok(counts)
}

fn rule_json(
    app: &App,
    rule: DeviceRule,
    released: &BTreeMap<DeviceRuleId, u64>,
) -> Result<DeviceRuleJson, StorageError> {
    let by = app.archive.person(rule.added_by)?.map(|person| person.display_name);
    let released = released.get(&rule.id).copied().unwrap_or_default();
    Ok(DeviceRuleJson::new(rule, by.unwrap_or_default(), released))
}

fn check(device: &Device, regions: &[Rectangle]) -> Result<(), Problem> {
    let version = device.software_version.as_deref();
    let texts = [
        ("device.manufacturer", Some(device.manufacturer.as_str())),
        ("device.model", Some(device.model.as_str())),
        ("device.software_version", version),
        ("device.modality", Some(device.modality.as_str())),
    ];
    for (field, text) in texts.into_iter().filter_map(|(field, text)| Some((field, text?))) {
        let plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if text.trim() != text || text.is_empty() || text.len() > LONGEST_TEXT || !plain {
            return Err(Problem::invalid_field(field, "1 to 64 ASCII characters, as the header has them"));
        }
    }
    if [device.rows, device.columns].iter().any(|size| !(1..=65_535).contains(size)) {
        return Err(Problem::invalid_field("device.rows", "rows and columns are 1 to 65,535"));
    }
    if !(1..=MOST_REGIONS).contains(&regions.len()) {
        return Err(Problem::invalid_field("regions", "1 to 50 regions"));
    }
    let inside = |start: u32, length: u32, end: u32| {
        length > 0 && start.checked_add(length).is_some_and(|last| last <= end)
    };
    let outside = |region: &Rectangle| {
        !inside(region.left, region.width, device.columns) || !inside(region.top, region.height, device.rows)
    };
    if let Some(place) = regions.iter().position(outside) {
        let field = format!("regions.{place}");
        return Err(Problem::invalid_field(field, "the region does not lie in the picture, or is empty"));
    }
    Ok(())
}

fn refused(error: DeviceRuleError) -> Problem {
    match error {
        DeviceRuleError::Unknown => Problem::not_found(),
        DeviceRuleError::Exists => {
            let title = "There is a rule for this kind of device; remove it first.";
            Problem::new(StatusCode::CONFLICT, "rule-exists", title)
        }
        DeviceRuleError::Storage(cause) => ours(cause),
    }
}

fn audit(app: &App, person: PersonId, action: AuditAction, done: bool) -> Result<(), Problem> {
    let outcome = if done { AuditOutcome::Done } else { AuditOutcome::Refused };
    app.audit(AuditActor::Person(person), action, AuditSubject::Nothing, outcome)
}
