//! The control plane: the real use cases over the real store, and what a manager does with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use control_plane_app::{App, NewPolicy, NewTasks, Presence, read, transact};
use control_plane_domain::{
    Actor, Agent, AgentIdentity, AgentState, ConsensusKind, Invitation, Issued, Person, Role, Site, SiteState,
};
use control_plane_store::Embedded;
use proto_ids::{AgentId, AssetToken, PersonId, ProjectId, TaskId, Timestamp};
use proto_instruction::{
    CountLimits, Draft, DraftGeometry, DraftObject, ObjectCodes, ObjectLimits, Severity,
};
use proto_journal::faults::FaultyIo;

use super::chance::{Chance, HandClock};
use super::machine::Plane;

/// How many work on each task.
const OVERLAP: u32 = 3;

impl Plane for App {
    fn open(directory: &Path, io: FaultyIo, clock: &Arc<HandClock>) -> Result<Self> {
        let store = Embedded::open(directory, Arc::new(io), [7; 16])?.store;
        Ok(Self::new(Arc::new(store), Arc::<HandClock>::clone(clock), Presence::default()))
    }

    fn forget_index(directory: &Path) -> Result<()> {
        Ok(Embedded::forget_index(directory)?)
    }
}

/// The one project and who has to do with it.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) agent: AgentIdentity,
    pub(super) project: ProjectId,
    pub(super) gold_seed: u64,
    pub(super) gold_percent: u32,
}

/// A task as it was ordered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ordered {
    pub(super) asset: AssetToken,
    pub(super) gold: bool,
}

/// What spends the invitation of a person.
pub(super) fn invitation_sha256(person: PersonId) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(person.bytes());
    digest
}

/// Makes a site with its agent, people and a project whose instruction is published.
pub(super) fn set_up(
    app: &App,
    annotators: &[PersonId],
    arbiters: &[PersonId],
    chance: &mut Chance,
) -> Result<Order> {
    let agent = site(app, chance)?;
    for person in annotators.iter().chain(arbiters).collect::<BTreeSet<_>>() {
        invite(app, *person)?;
    }
    let project = app.project_add(&Actor::Operator, "Livers")?.id;
    app.draft_save(&Actor::Operator, project, &draft(None))?;
    app.instruction_publish(&Actor::Operator, project)?;
    app.annotators_set(&Actor::Operator, project, annotators)?;
    let (gold_seed, gold_percent) = (chance.next() | 1, if chance.happens(500) { 25 } else { 50 });
    let rule = if chance.happens(500) { ConsensusKind::Majority } else { ConsensusKind::Staple };
    let policy = NewPolicy {
        gold_percent,
        rule,
        minimum_agreement: 0.7,
        arbitration: true,
        arbiters: arbiters.to_vec(),
    };
    app.policy_set(&Actor::Operator, project, &policy)?;
    // The seed that the project drew for itself would make each run another one.
    transact(app.store().as_ref(), |tx| {
        if let Some(mut row) = tx.project_get(project)? {
            row.policy.gold_seed = gold_seed;
            tx.project_put(&row)?;
        }
        Ok(())
    })?;
    Ok(Order { agent, project, gold_seed, gold_percent })
}

fn site(app: &App, chance: &mut Chance) -> Result<AgentIdentity> {
    let site = app.site_add(&Actor::Operator, "Site")?.site;
    let issued = Issued { csr_sha256: [1; 32], chain_der: Vec::new(), expires_at: app.now() };
    let agent = Agent {
        id: AgentId::from_random(chance.id()),
        site: site.id,
        state: AgentState::Enrolled,
        identity_key: [1; 32],
        generation: 1,
        issued,
        enrolled_at: app.now(),
        rejoined_at: Vec::new(),
    };
    transact(app.store().as_ref(), |tx| {
        tx.site_put(&Site { state: SiteState::Enrolled, ..site.clone() })?;
        Ok(tx.agent_put(&agent)?)
    })?;
    Ok(AgentIdentity { site: site.id, agent: agent.id, generation: 1 })
}

fn invite(app: &App, id: PersonId) -> Result<()> {
    let now: Timestamp = app.now();
    let invitation =
        Invitation { code_sha256: invitation_sha256(id), expires_at: now.plus_seconds(3600 * 24) };
    let person = Person {
        id,
        user_name: format!("user.{id}"),
        display_name: "Annotator".to_owned(),
        roles: BTreeSet::from([Role::Annotator]),
        suspended: false,
        invitation: Some(invitation),
        redeemed_sites: BTreeSet::new(),
        suspended_sites: BTreeSet::new(),
        created_at: now,
    };
    Ok(transact(app.store().as_ref(), |tx| Ok(tx.person_put(&person)?))?)
}

/// One object; a limit on its pieces makes the change narrowing.
fn draft(most_pieces: Option<u32>) -> Draft {
    let object = DraftObject {
        id: 1,
        key: "liver".to_owned(),
        name: "Liver".to_owned(),
        colour: "#0ea5a4".to_owned(),
        hotkey: "l".to_owned(),
        help: String::new(),
        geometry: DraftGeometry::LabelMap { label: 1, tolerance_mm: 2.0 },
        count: CountLimits { minimum: 0, maximum: most_pieces },
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    };
    Draft {
        title: "Livers".to_owned(),
        body_markdown: "Mark all of it.".to_owned(),
        objects: vec![object],
        ..Draft::default()
    }
}

/// Publishes a narrower version.
pub(super) fn publish_narrower(app: &App, project: ProjectId) -> Result<u32> {
    app.draft_save(&Actor::Operator, project, &draft(Some(60)))?;
    Ok(app.instruction_publish(&Actor::Operator, project)?)
}

/// Whether the control plane has heard of all these, and of the gold of some.
pub(super) fn has_heard_of(app: &App, assets: &[AssetToken], gold: &[AssetToken]) -> Result<bool> {
    Ok(read(app.store().as_ref(), |reader| {
        for asset in assets {
            let Some(row) = reader.asset_get(*asset)? else { return Ok(false) };
            if gold.contains(asset) && !row.gold {
                return Ok(false);
            }
        }
        Ok(true)
    })?)
}

/// Orders tasks.
pub(super) fn order(app: &App, project: ProjectId, assets: &[AssetToken], gold: &[AssetToken]) -> Result<()> {
    let new = NewTasks { assets: assets.to_vec(), overlap: OVERLAP, gold_assets: gold.to_vec() };
    app.tasks_add(&Actor::Operator, project, &new)?;
    Ok(())
}

/// All tasks there are.
pub(super) fn tasks(app: &App, project: ProjectId) -> Result<BTreeMap<TaskId, Ordered>> {
    let tasks = read(app.store().as_ref(), |reader| Ok(reader.task_list(project)?))?;
    Ok(tasks.into_iter().map(|task| (task.id, Ordered { asset: task.asset, gold: task.gold })).collect())
}
