//! The port behind which the store's engines stand.
//!
//! A store is tables of domain things. Every write of a thing that goes down to sites (projects,
//! instruction versions, people, tasks) gets the next revision of the store, one counter for all of
//! them; sites read in the order of revisions.

use control_plane_domain::{
    Agent, Asset, AuditRow, Changes, Credential, Dataset, InstructionVersion, JoinToken, Judgement, Model,
    Person, Progress, Project, ReceivedConsensus, ReceivedSubmission, Session, ShapeAgreement, Site,
    SitePreannotation, SiteRecheck, Task, VotingPattern,
};
use proto_ids::{
    AgentId, AssetToken, DatasetId, EpochId, ModelToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId,
};
use tokio::sync::watch;

use crate::{AppError, StoreError};

type Found<T> = Result<Option<T>, StoreError>;
type Listed<T> = Result<Vec<T>, StoreError>;
type Written = Result<(), StoreError>;

/// Reads. Lists are in the order of the keys unless they say otherwise.
#[expect(clippy::missing_errors_doc, reason = "each method fails in one way: the store could not be read")]
pub trait Reader {
    fn site_get(&self, id: SiteId) -> Found<Site>;
    fn site_list(&self) -> Listed<Site>;
    fn agent_get(&self, id: AgentId) -> Found<Agent>;
    fn agent_list(&self) -> Listed<Agent>;
    /// The highest sequence of an agent's reports that is dealt with; none before its first report.
    fn agent_high_water_get(&self, id: AgentId) -> Found<u64>;
    fn join_token_get(&self, slot: u64) -> Found<JoinToken>;
    fn join_token_list(&self) -> Listed<JoinToken>;
    fn person_get(&self, id: PersonId) -> Found<Person>;
    fn person_by_user_name(&self, user_name: &str) -> Found<Person>;
    fn person_list(&self) -> Listed<Person>;
    fn credential_get(&self, person: PersonId) -> Found<Credential>;
    fn session_get(&self, token_sha256: &[u8; 32]) -> Found<Session>;
    fn session_list(&self) -> Listed<Session>;
    fn project_get(&self, id: ProjectId) -> Found<Project>;
    fn project_list(&self) -> Listed<Project>;
    fn instruction_get(&self, project: ProjectId, version: u32) -> Found<InstructionVersion>;
    /// All versions of a project, oldest first.
    fn instruction_list(&self, project: ProjectId) -> Listed<InstructionVersion>;
    fn asset_get(&self, asset: AssetToken) -> Found<Asset>;
    fn asset_list(&self) -> Listed<Asset>;
    fn dataset_get(&self, id: DatasetId) -> Found<Dataset>;
    fn dataset_list(&self, project: ProjectId) -> Listed<Dataset>;
    fn task_get(&self, id: TaskId) -> Found<Task>;
    /// The tasks of a project.
    fn task_list(&self, project: ProjectId) -> Listed<Task>;
    /// The tasks of an asset, of all projects.
    fn task_list_of_asset(&self, asset: AssetToken) -> Listed<Task>;
    fn progress_get(&self, task: TaskId) -> Found<Progress>;
    fn submission_get(&self, id: SubmissionId) -> Found<ReceivedSubmission>;
    /// The submissions of a project.
    fn submission_list(&self, project: ProjectId) -> Listed<ReceivedSubmission>;
    /// The newest voting pattern of each object of a task.
    fn pattern_list(&self, task: TaskId) -> Listed<VotingPattern>;
    /// The newest matches of shapes of each object of a task.
    fn shape_agreement_list(&self, task: TaskId) -> Listed<ShapeAgreement>;
    fn judgement_get(&self, task: TaskId) -> Found<Judgement>;
    /// The newest consensus of each object of a task.
    fn consensus_painted_list(&self, task: TaskId) -> Listed<ReceivedConsensus>;
    /// What each site last said of each version of a project's instruction, oldest version first.
    fn recheck_list(&self, project: ProjectId) -> Listed<SiteRecheck>;
    fn model_get(&self, id: ModelToken) -> Found<Model>;
    /// The models of all sites.
    fn model_list(&self) -> Listed<Model>;
    /// How far each site has come with the pre-annotation of a project.
    fn preannotation_list(&self, project: ProjectId) -> Listed<SitePreannotation>;
    /// Audit rows, newest first, at most `limit`.
    fn audit_list(&self, limit: usize) -> Listed<AuditRow>;
}

/// Reads that see the transaction's own writes, and writes. A put of a thing that is there
/// replaces it.
#[expect(
    clippy::missing_errors_doc,
    reason = "each method fails in one way: the row could not be read or written"
)]
pub trait Tx: Reader {
    fn site_put(&mut self, site: &Site) -> Written;
    fn agent_put(&mut self, agent: &Agent) -> Written;
    fn agent_high_water_put(&mut self, id: AgentId, sequence: u64) -> Written;
    fn join_token_put(&mut self, token: &JoinToken) -> Written;
    fn person_put(&mut self, person: &Person) -> Written;
    fn credential_put(&mut self, credential: &Credential) -> Written;
    fn session_put(&mut self, session: &Session) -> Written;
    fn session_delete(&mut self, token_sha256: &[u8; 32]) -> Written;
    fn project_put(&mut self, project: &Project) -> Written;
    fn instruction_put(&mut self, version: &InstructionVersion) -> Written;
    fn asset_put(&mut self, asset: &Asset) -> Written;
    fn dataset_put(&mut self, dataset: &Dataset) -> Written;
    fn task_put(&mut self, task: &Task) -> Written;
    fn progress_put(&mut self, progress: &Progress) -> Written;
    fn submission_put(&mut self, submission: &ReceivedSubmission) -> Written;
    fn pattern_put(&mut self, pattern: &VotingPattern) -> Written;
    fn shape_agreement_put(&mut self, shapes: &ShapeAgreement) -> Written;
    fn judgement_put(&mut self, judgement: &Judgement) -> Written;
    fn consensus_painted_put(&mut self, painted: &ReceivedConsensus) -> Written;
    fn recheck_put(&mut self, recheck: &SiteRecheck) -> Written;
    fn model_put(&mut self, model: &Model) -> Written;
    fn preannotation_put(&mut self, progress: &SitePreannotation) -> Written;
    fn audit_put(&mut self, row: &AuditRow) -> Written;
}

/// A store. All calls block.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// One transaction: on `Ok` everything that `decide` wrote is durable before this returns; on
    /// `Err` none of it happened. Transactions are serialised. Use [`transact`], which returns values.
    ///
    /// # Errors
    /// What `decide` returned, or that the store could not write.
    fn transact(&self, decide: &mut dyn FnMut(&mut dyn Tx) -> Result<(), AppError>) -> Result<(), AppError>;

    /// Reads what is committed. Use [`read`], which returns values.
    ///
    /// # Errors
    /// What `look` returned.
    fn read(&self, look: &mut dyn FnMut(&dyn Reader) -> Result<(), AppError>) -> Result<(), AppError>;

    /// What a site has to know of the writes after a revision, oldest first: projects, instruction
    /// versions and tasks of the site, and annotators. Looks at no more than `limit` writes. Only
    /// durable writes are told, so that no revision is ever told twice with different things.
    ///
    /// # Errors
    /// The store could not be read.
    fn changes_since(&self, site: SiteId, after: u64, limit: usize) -> Result<Changes, StoreError>;

    /// The id of this start of the store's history; another one after a restore.
    fn epoch(&self) -> EpochId;

    /// The newest durable revision; wakes whoever waits for writes.
    fn revisions(&self) -> watch::Receiver<u64>;
}

/// [`Store::transact`] with a value.
///
/// # Errors
/// What `decide` returned, or that the store could not write.
pub fn transact<R>(
    store: &dyn Store,
    mut decide: impl FnMut(&mut dyn Tx) -> Result<R, AppError>,
) -> Result<R, AppError> {
    let mut result = None;
    store.transact(&mut |tx| {
        result = Some(decide(tx)?);
        Ok(())
    })?;
    result.ok_or_else(never_decided)
}

/// [`Store::read`] with a value.
///
/// # Errors
/// What `look` returned.
pub fn read<R>(
    store: &dyn Store,
    mut look: impl FnMut(&dyn Reader) -> Result<R, AppError>,
) -> Result<R, AppError> {
    let mut result = None;
    store.read(&mut |reader| {
        result = Some(look(reader)?);
        Ok(())
    })?;
    result.ok_or_else(never_decided)
}

fn never_decided() -> AppError {
    AppError::Store(StoreError::Read("the store did not call back".into()))
}
