//! Models of a site, runs of pre-annotation and what became of proposals, off the wire.

use control_plane_domain::{
    AssistOutcome, AssistUse, ModelProvider, ModelState, PreannotationProgress, Refusal,
};
use proto::agent::v1 as agent;
use proto_ids::{ModelToken, ProjectId};

use super::{code, id};

pub(super) fn model(state: agent::ModelState) -> Result<ModelState, Refusal> {
    Ok(ModelState {
        model: id(state.model, ModelToken::from_halves, "model.model")?,
        provider: code(state.provider, ModelProvider::from_code, "model.provider")?,
        available: state.available,
    })
}

pub(super) fn progress(told: agent::PreannotationProgress) -> Result<PreannotationProgress, Refusal> {
    Ok(PreannotationProgress {
        project: id(told.project, ProjectId::from_halves, "preannotation.project")?,
        run: told.run,
        waiting: told.waiting,
        done: told.done,
        failed: told.failed,
        report: told.report,
    })
}

pub(super) fn assist(used: agent::AssistUse, index: usize) -> Result<AssistUse, Refusal> {
    let field = |name: &str| format!("submission.assists[{index}].{name}");
    Ok(AssistUse {
        model: id(used.model, ModelToken::from_halves, &field("model"))?,
        outcome: code(used.outcome, AssistOutcome::from_code, &field("outcome"))?,
        proposed_voxels: used.proposed_voxels,
        added_voxels: used.added_voxels,
        removed_voxels: used.removed_voxels,
    })
}

#[cfg(test)]
mod tests {
    use proto::types::v1::Id;

    use super::*;

    const ID: Option<Id> = Some(Id { high: 1, low: 2 });

    #[test]
    fn what_is_missing_or_unknown_is_refused_by_its_field() {
        let state = agent::ModelState { model: ID, provider: 3, available: true };
        assert_eq!(model(state).map(|state| state.provider), Ok(ModelProvider::KserveV2));
        let refused = |field: &str| Refusal::invalid(field);
        assert_eq!(model(agent::ModelState { provider: 4, ..state }), Err(refused("model.provider")));
        assert_eq!(model(agent::ModelState { model: None, ..state }), Err(refused("model.model")));
        let told = agent::PreannotationProgress { run: 1, ..Default::default() };
        assert_eq!(progress(told), Err(refused("preannotation.project")));
        let used = agent::AssistUse { model: ID, outcome: 2, ..Default::default() };
        assert_eq!(assist(used, 0).map(|used| used.outcome), Ok(AssistOutcome::Rejected));
        let unsaid = agent::AssistUse { outcome: 0, ..used };
        assert_eq!(assist(unsaid, 3), Err(refused("submission.assists[3].outcome")));
        assert_eq!(
            assist(agent::AssistUse { model: None, ..used }, 1),
            Err(refused("submission.assists[1].model"))
        );
    }

    #[test]
    fn the_codes_of_the_domain_are_those_of_the_wire() {
        assert_eq!(ModelProvider::ALL.len(), agent::ModelProvider::KserveV2 as usize);
        assert_eq!(AssistOutcome::ALL.len(), agent::AssistOutcome::Unused as usize);
        let built_in = ModelProvider::from_code(agent::ModelProvider::BuiltIn as u32);
        assert_eq!(built_in, Some(ModelProvider::BuiltIn));
        let accepted = AssistOutcome::from_code(agent::AssistOutcome::Accepted as u32);
        assert_eq!(accepted, Some(AssistOutcome::Accepted));
    }
}
