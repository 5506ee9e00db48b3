//! A report of an agent arrives: its effect and its sequence number are one transaction.
//!
//! Delivery is at least once, effect exactly once. Everything is keyed by the site of the
//! certificate; a report can only speak of that site's things.

mod agreement;
mod assistance;
mod work;

use control_plane_domain::{
    Action, Actor, AgentIdentity, AgentState, Asset, AssetCard, AuditRow, GoldPresence, Health, PersonChange,
    Progress, Refusal, RefusalReason, Report, SiteState, Subject, Task,
};
use proto_ids::{TaskId, Timestamp};

use crate::{AppError, Store, Thing, Tx, transact};

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect is in the store.
    Accepted,
    /// It was dealt with before.
    AlreadySeen,
    /// It had no effect. Unless the reason is `OutOfOrder` it is dealt with: it must not come again.
    Refused(Refusal),
}

/// Takes a report. `now` is the time of arrival.
///
/// The first report of an agent sets where its numbers begin; after that each number is one more
/// than the last. A gap is refused as out of order and nothing is dealt with until it is closed.
///
/// # Errors
/// The store failed, or the agent is not in the registry. Nothing was dealt with.
pub fn accept(
    store: &dyn Store,
    agent: AgentIdentity,
    sequence: u64,
    report: &Report,
    now: Timestamp,
) -> Result<Outcome, AppError> {
    let checked = report.check();
    transact(store, |tx| {
        if let Some(outcome) = order(tx, agent, sequence)? {
            return Ok(outcome);
        }
        let effect = match &checked {
            Ok(()) => take(tx, agent, report, now)?,
            Err(refusal) => Err(refusal.clone()),
        };
        settle(tx, agent, sequence, effect, now)
    })
}

/// Deals with a report that could not be read: its number is used up, it has no effect.
///
/// # Errors
/// The store failed, or the agent is not in the registry. Nothing was dealt with.
pub fn refuse(
    store: &dyn Store,
    agent: AgentIdentity,
    sequence: u64,
    refusal: &Refusal,
    now: Timestamp,
) -> Result<Outcome, AppError> {
    transact(store, |tx| match order(tx, agent, sequence)? {
        Some(outcome) => Ok(outcome),
        None => settle(tx, agent, sequence, Err(refusal.clone()), now),
    })
}

/// The highest sequence of the agent that is dealt with; zero before its first report.
///
/// # Errors
/// The store failed.
pub fn dealt_with(store: &dyn Store, agent: AgentIdentity) -> Result<u64, AppError> {
    crate::read(store, |reader| Ok(reader.agent_high_water_get(agent.agent)?.unwrap_or(0)))
}

/// What the number alone decides; none when the report is the next one.
fn order(tx: &mut dyn Tx, agent: AgentIdentity, sequence: u64) -> Result<Option<Outcome>, AppError> {
    let known = tx.agent_get(agent.agent)?.is_some_and(|row| row.site == agent.site);
    if !known {
        return Err(AppError::NotFound(Thing::Agent));
    }
    if sequence == 0 {
        let refusal = Refusal { reason: RefusalReason::OutOfOrder, field: "sequence".to_owned() };
        return Ok(Some(Outcome::Refused(refusal)));
    }
    let Some(high_water) = tx.agent_high_water_get(agent.agent)? else { return Ok(None) };
    if sequence <= high_water {
        return Ok(Some(Outcome::AlreadySeen));
    }
    if sequence - 1 > high_water {
        let refusal = Refusal { reason: RefusalReason::OutOfOrder, field: "sequence".to_owned() };
        return Ok(Some(Outcome::Refused(refusal)));
    }
    Ok(None)
}

fn settle(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    sequence: u64,
    effect: Result<(), Refusal>,
    now: Timestamp,
) -> Result<Outcome, AppError> {
    tx.agent_high_water_put(agent.agent, sequence)?;
    match effect {
        Ok(()) => {
            activate(tx, agent)?;
            Ok(Outcome::Accepted)
        }
        Err(refusal) => {
            let subject = Subject::Site(agent.site);
            let actor = Actor::Agent(agent.agent);
            tx.audit_put(&AuditRow { at: now, actor, action: Action::ReportRefused, subject })?;
            metrics::counter!("ringfence_reports_refused_total", "reason" => refusal.reason.name())
                .increment(1);
            Ok(Outcome::Refused(refusal))
        }
    }
}

/// An agent that reports is active, and so is its site.
fn activate(tx: &mut dyn Tx, agent: AgentIdentity) -> Result<(), AppError> {
    if let Some(mut row) = tx.agent_get(agent.agent)?.filter(|row| row.state == AgentState::Enrolled) {
        row.state = AgentState::Active;
        tx.agent_put(&row)?;
    }
    if let Some(mut site) = tx.site_get(agent.site)?.filter(|site| site.state == SiteState::Enrolled) {
        site.state = SiteState::Active;
        tx.site_put(&site)?;
    }
    Ok(())
}

type Effect = Result<Result<(), Refusal>, AppError>;

fn take(tx: &mut dyn Tx, agent: AgentIdentity, report: &Report, now: Timestamp) -> Effect {
    match report {
        Report::Asset(card) => take_asset(tx, agent, card, now),
        Report::Lease(event) => work::take_lease(tx, agent, event),
        Report::Submission(submission) => work::take_submission(tx, agent, submission, now),
        Report::Pattern(pattern) => agreement::take_pattern(tx, agent, pattern, now),
        Report::Shapes(shapes) => agreement::take_shapes(tx, agent, shapes, now),
        Report::Consensus(painted) => agreement::take_consensus(tx, agent, painted, now),
        Report::Recheck(recheck) => agreement::take_recheck(tx, agent, recheck, now),
        Report::Model(state) => assistance::take_model(tx, agent, *state, now),
        Report::Preannotation(progress) => assistance::take_progress(tx, agent, *progress, now),
        Report::Gold(gold) => take_gold(tx, agent, gold),
        Report::Person(change) => take_person(tx, agent, change),
        Report::Health(health) => take_health(tx, agent, health, now),
    }
}

fn take_asset(tx: &mut dyn Tx, agent: AgentIdentity, card: &AssetCard, now: Timestamp) -> Effect {
    let asset = match tx.asset_get(card.asset)? {
        Some(known) if known.site != agent.site => return Ok(Err(Refusal::foreign("asset.asset"))),
        Some(known) => Asset { card: card.clone(), ..known },
        None => Asset { site: agent.site, card: card.clone(), gold: false, received_at: now },
    };
    tx.asset_put(&asset)?;
    Ok(Ok(()))
}

fn take_gold(tx: &mut dyn Tx, agent: AgentIdentity, gold: &GoldPresence) -> Effect {
    let Some(asset) = tx.asset_get(gold.asset)? else { return Ok(Err(Refusal::unknown("gold.asset"))) };
    if asset.site != agent.site {
        return Ok(Err(Refusal::foreign("gold.asset")));
    }
    tx.asset_put(&Asset { gold: gold.present, ..asset })?;
    Ok(Ok(()))
}

/// The site's task of an id, or why there is none.
fn own_task(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    task: TaskId,
    field: &str,
) -> Result<Result<(Task, Progress), Refusal>, AppError> {
    let Some(task) = tx.task_get(task)? else { return Ok(Err(Refusal::unknown(field))) };
    if task.site != agent.site {
        return Ok(Err(Refusal::foreign(field)));
    }
    let progress = tx.progress_get(task.id)?.unwrap_or_else(|| Progress::new(task.id, task.overlap));
    Ok(Ok((task, progress)))
}

fn take_person(tx: &mut dyn Tx, agent: AgentIdentity, change: &PersonChange) -> Effect {
    let Some(mut person) = tx.person_get(change.person)? else {
        return Ok(Err(Refusal::unknown("person.person")));
    };
    person.apply(agent.site, change.state);
    tx.person_put(&person)?;
    Ok(Ok(()))
}

fn take_health(tx: &mut dyn Tx, agent: AgentIdentity, health: &Health, now: Timestamp) -> Effect {
    let Some(mut site) = tx.site_get(agent.site)? else { return Err(AppError::NotFound(Thing::Site)) };
    site.health = Some((health.clone(), now));
    tx.site_put(&site)?;
    Ok(Ok(()))
}
