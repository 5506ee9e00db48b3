//! Records of models, of runs of pre-annotation, and of what became of proposals.

use control_plane_domain::{
    AssistOutcome, AssistUse, Model, ModelProvider, ModelState, Preannotation, PreannotationProgress,
    SitePreannotation,
};
use proto_ids::{ModelToken, ProjectId, SiteId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ModelV1 {
    model: Id,
    site: Id,
    provider: u32,
    available: bool,
    received_at: i64,
}

impl Record for ModelV1 {
    type Thing = Model;
    const TABLE: &'static str = "model";

    fn of(model: &Model) -> Self {
        Self {
            model: Id(*model.state.model.bytes()),
            site: Id(*model.site.bytes()),
            provider: model.state.provider.code(),
            available: model.state.available,
            received_at: model.received_at.millis(),
        }
    }

    fn thing(self) -> Option<Model> {
        let state = ModelState {
            model: ModelToken::from_bytes(self.model.0),
            provider: ModelProvider::from_code(self.provider)?,
            available: self.available,
        };
        let received_at = Timestamp::from_millis(self.received_at);
        Some(Model { site: SiteId::from_bytes(self.site.0), state, received_at })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SitePreannotationV1 {
    project: Id,
    site: Id,
    run: u32,
    waiting: u32,
    done: u32,
    failed: u32,
    /// 0 in a record from before reports were counted.
    #[serde(default)]
    report: u32,
    received_at: i64,
}

impl Record for SitePreannotationV1 {
    type Thing = SitePreannotation;
    const TABLE: &'static str = "preannotation";

    fn of(progress: &SitePreannotation) -> Self {
        let facts = &progress.facts;
        Self {
            project: Id(*facts.project.bytes()),
            site: Id(*progress.site.bytes()),
            run: facts.run,
            waiting: facts.waiting,
            done: facts.done,
            failed: facts.failed,
            report: facts.report,
            received_at: progress.received_at.millis(),
        }
    }

    fn thing(self) -> Option<SitePreannotation> {
        let facts = PreannotationProgress {
            project: ProjectId::from_bytes(self.project.0),
            run: self.run,
            waiting: self.waiting,
            done: self.done,
            failed: self.failed,
            report: self.report,
        };
        let received_at = Timestamp::from_millis(self.received_at);
        Some(SitePreannotation { site: SiteId::from_bytes(self.site.0), facts, received_at })
    }
}

/// The newest run of one site, within the record of its project.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RunV1 {
    site: Id,
    model: Id,
    run: u32,
    stopped: bool,
}

impl RunV1 {
    pub(super) fn of((site, run): (&SiteId, &Preannotation)) -> Self {
        Self { site: Id(*site.bytes()), model: Id(*run.model.bytes()), run: run.run, stopped: run.stopped }
    }

    pub(super) fn thing(self) -> (SiteId, Preannotation) {
        let model = ModelToken::from_bytes(self.model.0);
        (SiteId::from_bytes(self.site.0), Preannotation { model, run: self.run, stopped: self.stopped })
    }
}

/// One proposal, within the record of a submission.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AssistV1 {
    model: Id,
    outcome: u32,
    proposed_voxels: u64,
    added_voxels: u64,
    removed_voxels: u64,
}

impl AssistV1 {
    pub(super) fn of(used: &AssistUse) -> Self {
        Self {
            model: Id(*used.model.bytes()),
            outcome: used.outcome.code(),
            proposed_voxels: used.proposed_voxels,
            added_voxels: used.added_voxels,
            removed_voxels: used.removed_voxels,
        }
    }

    pub(super) fn thing(self) -> Option<AssistUse> {
        Some(AssistUse {
            model: ModelToken::from_bytes(self.model.0),
            outcome: AssistOutcome::from_code(self.outcome)?,
            proposed_voxels: self.proposed_voxels,
            added_voxels: self.added_voxels,
            removed_voxels: self.removed_voxels,
        })
    }
}
