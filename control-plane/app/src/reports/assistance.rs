//! What sites say of their models, and how far their runs of pre-annotation have come.

use control_plane_domain::{
    AgentIdentity, AssistUse, Model, ModelState, PreannotationProgress, Refusal, SitePreannotation,
};
use proto_ids::Timestamp;

use super::Effect;
use crate::{AppError, Reader, Tx};

pub(super) fn take_model(tx: &mut dyn Tx, agent: AgentIdentity, state: ModelState, now: Timestamp) -> Effect {
    if tx.model_get(state.model)?.is_some_and(|known| known.site != agent.site) {
        return Ok(Err(Refusal::foreign("model.model")));
    }
    tx.model_put(&Model { site: agent.site, state, received_at: now })?;
    Ok(Ok(()))
}

pub(super) fn take_progress(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    progress: PreannotationProgress,
    now: Timestamp,
) -> Effect {
    let Some(project) = tx.project_get(progress.project)? else {
        return Ok(Err(Refusal::unknown("preannotation.project")));
    };
    // A site may speak only of projects that it has tasks of.
    if !tx.task_list(progress.project)?.iter().any(|task| task.site == agent.site) {
        return Ok(Err(Refusal::foreign("preannotation.project")));
    }
    let ordered = project.preannotations.get(&agent.site).map_or(0, |run| run.run);
    if progress.run > ordered {
        return Ok(Err(Refusal::unknown("preannotation.run")));
    }
    let known = tx.preannotation_list(progress.project)?.into_iter().find(|known| known.site == agent.site);
    let furthest = known.map_or(progress, |known| known.facts.furthest(progress));
    if known.is_none_or(|known| known.facts != furthest) {
        tx.preannotation_put(&SitePreannotation { site: agent.site, facts: furthest, received_at: now })?;
    }
    Ok(Ok(()))
}

/// The first proposal of a model that is not one of the site.
pub(super) fn unknown_model(
    reader: &dyn Reader,
    agent: AgentIdentity,
    assists: &[AssistUse],
) -> Result<Option<Refusal>, AppError> {
    let mut known = std::collections::BTreeSet::new();
    for (index, used) in assists.iter().enumerate().filter(|(_, used)| known.insert(used.model)) {
        let field = format!("submission.assists[{index}].model");
        match reader.model_get(used.model)? {
            Some(model) if model.site == agent.site => {}
            Some(_) => return Ok(Some(Refusal::foreign(field))),
            None => return Ok(Some(Refusal::unknown(field))),
        }
    }
    Ok(None)
}
