//! The port's reads and writes, as reads and writes of rows.

use control_plane_app::{Reader, StoreError, Tx};
use control_plane_domain::{
    Agent, Asset, AuditRow, Credential, Dataset, InstructionVersion, JoinToken, Judgement, Model, Person,
    Progress, Project, ReceivedConsensus, ReceivedSubmission, Session, ShapeAgreement, Site,
    SitePreannotation, SiteRecheck, Task, VotingPattern,
};
use proto_ids::{
    AgentId, AssetToken, DatasetId, ModelToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId,
};

use super::feed::{self, Thing};
use super::rows::{AUDIT_COUNT, InTransaction, Rows, number_of, pair, table};
use crate::records::{
    AgentV1, AssetV1, AuditV1, ConsensusPaintedV1, CredentialV1, DatasetV1, InstructionVersionV1,
    JoinTokenV1, JudgementV1, ModelV1, PatternV1, PersonV1, ProgressV1, ProjectV1, RecheckV1, Record,
    SessionV1, ShapeAgreementV1, SitePreannotationV1, SiteV1, SubmissionV1, TaskV1, decode, encode,
};

/// The port over some rows.
pub(crate) struct View<R>(pub(crate) R);

type Found<T> = Result<Option<T>, StoreError>;
type Listed<T> = Result<Vec<T>, StoreError>;
type Written = Result<(), StoreError>;

impl<R: Rows> View<R> {
    fn one<V: Record>(&self, table: &'static str, key: &[u8]) -> Found<V::Thing> {
        self.0.get(table, key)?.map(|bytes| decode::<V>(&bytes)).transpose()
    }

    fn all<V: Record>(&self, table: &'static str, prefix: &[u8]) -> Listed<V::Thing> {
        self.0.scan(table, prefix)?.iter().map(|(_, bytes)| decode::<V>(bytes)).collect()
    }

    /// The things that an index table lists under an id.
    fn listed<V: Record>(&self, index: &'static str, id: &[u8; 16], table: &'static str) -> Listed<V::Thing> {
        let mut things = Vec::new();
        for (key, _) in self.0.scan(index, id)? {
            things.extend(self.one::<V>(table, &key[16..])?);
        }
        Ok(things)
    }
}

fn instruction_key(project: ProjectId, version: u32) -> Vec<u8> {
    pair(project.bytes(), &version.to_be_bytes())
}

fn object_key(task: TaskId, object_id: u32) -> Vec<u8> {
    pair(task.bytes(), &object_id.to_be_bytes())
}

impl<R: Rows> Reader for View<R> {
    fn site_get(&self, id: SiteId) -> Found<Site> {
        self.one::<SiteV1>(table::SITE, id.bytes())
    }

    fn site_list(&self) -> Listed<Site> {
        self.all::<SiteV1>(table::SITE, &[])
    }

    fn agent_get(&self, id: AgentId) -> Found<Agent> {
        self.one::<AgentV1>(table::AGENT, id.bytes())
    }

    fn agent_list(&self) -> Listed<Agent> {
        self.all::<AgentV1>(table::AGENT, &[])
    }

    fn agent_high_water_get(&self, id: AgentId) -> Found<u64> {
        let bytes = self.0.get(table::HIGH_WATER, id.bytes())?;
        bytes.map(|bytes| number_of(table::HIGH_WATER, &bytes)).transpose()
    }

    fn join_token_get(&self, slot: u64) -> Found<JoinToken> {
        self.one::<JoinTokenV1>(table::JOIN_TOKEN, &slot.to_be_bytes())
    }

    fn join_token_list(&self) -> Listed<JoinToken> {
        self.all::<JoinTokenV1>(table::JOIN_TOKEN, &[])
    }

    fn person_get(&self, id: PersonId) -> Found<Person> {
        self.one::<PersonV1>(table::PERSON, id.bytes())
    }

    fn person_by_user_name(&self, user_name: &str) -> Found<Person> {
        match self.0.get(table::PERSON_BY_USER_NAME, user_name.as_bytes())? {
            Some(id) => self.one::<PersonV1>(table::PERSON, &id),
            None => Ok(None),
        }
    }

    fn person_list(&self) -> Listed<Person> {
        self.all::<PersonV1>(table::PERSON, &[])
    }

    fn credential_get(&self, person: PersonId) -> Found<Credential> {
        self.one::<CredentialV1>(table::CREDENTIAL, person.bytes())
    }

    fn session_get(&self, token_sha256: &[u8; 32]) -> Found<Session> {
        self.one::<SessionV1>(table::SESSION, token_sha256)
    }

    fn session_list(&self) -> Listed<Session> {
        self.all::<SessionV1>(table::SESSION, &[])
    }

    fn project_get(&self, id: ProjectId) -> Found<Project> {
        self.one::<ProjectV1>(table::PROJECT, id.bytes())
    }

    fn project_list(&self) -> Listed<Project> {
        self.all::<ProjectV1>(table::PROJECT, &[])
    }

    fn instruction_get(&self, project: ProjectId, version: u32) -> Found<InstructionVersion> {
        self.one::<InstructionVersionV1>(table::INSTRUCTION, &instruction_key(project, version))
    }

    fn instruction_list(&self, project: ProjectId) -> Listed<InstructionVersion> {
        self.all::<InstructionVersionV1>(table::INSTRUCTION, project.bytes())
    }

    fn asset_get(&self, asset: AssetToken) -> Found<Asset> {
        self.one::<AssetV1>(table::ASSET, asset.bytes())
    }

    fn asset_list(&self) -> Listed<Asset> {
        self.all::<AssetV1>(table::ASSET, &[])
    }

    fn dataset_get(&self, id: DatasetId) -> Found<Dataset> {
        match self.0.get(table::PROJECT_BY_DATASET, id.bytes())? {
            Some(project) => {
                self.one::<DatasetV1>(table::DATASET, &[project.as_slice(), id.bytes()].concat())
            }
            None => Ok(None),
        }
    }

    fn dataset_list(&self, project: ProjectId) -> Listed<Dataset> {
        self.all::<DatasetV1>(table::DATASET, project.bytes())
    }

    fn task_get(&self, id: TaskId) -> Found<Task> {
        self.one::<TaskV1>(table::TASK, id.bytes())
    }

    fn task_list(&self, project: ProjectId) -> Listed<Task> {
        self.listed::<TaskV1>(table::TASK_BY_PROJECT, project.bytes(), table::TASK)
    }

    fn task_list_of_asset(&self, asset: AssetToken) -> Listed<Task> {
        self.listed::<TaskV1>(table::TASK_BY_ASSET, asset.bytes(), table::TASK)
    }

    fn progress_get(&self, task: TaskId) -> Found<Progress> {
        self.one::<ProgressV1>(table::PROGRESS, task.bytes())
    }

    fn submission_get(&self, id: SubmissionId) -> Found<ReceivedSubmission> {
        self.one::<SubmissionV1>(table::SUBMISSION, id.bytes())
    }

    fn submission_list(&self, project: ProjectId) -> Listed<ReceivedSubmission> {
        self.listed::<SubmissionV1>(table::SUBMISSION_BY_PROJECT, project.bytes(), table::SUBMISSION)
    }

    fn pattern_list(&self, task: TaskId) -> Listed<VotingPattern> {
        self.all::<PatternV1>(table::PATTERN, task.bytes())
    }

    fn shape_agreement_list(&self, task: TaskId) -> Listed<ShapeAgreement> {
        self.all::<ShapeAgreementV1>(table::SHAPE_AGREEMENT, task.bytes())
    }

    fn judgement_get(&self, task: TaskId) -> Found<Judgement> {
        self.one::<JudgementV1>(table::JUDGEMENT, task.bytes())
    }

    fn consensus_painted_list(&self, task: TaskId) -> Listed<ReceivedConsensus> {
        self.all::<ConsensusPaintedV1>(table::CONSENSUS_PAINTED, task.bytes())
    }

    fn recheck_list(&self, project: ProjectId) -> Listed<SiteRecheck> {
        self.all::<RecheckV1>(table::RECHECK, project.bytes())
    }

    fn model_get(&self, id: ModelToken) -> Found<Model> {
        self.one::<ModelV1>(table::MODEL, id.bytes())
    }

    fn model_list(&self) -> Listed<Model> {
        self.all::<ModelV1>(table::MODEL, &[])
    }

    fn preannotation_list(&self, project: ProjectId) -> Listed<SitePreannotation> {
        self.all::<SitePreannotationV1>(table::PREANNOTATION, project.bytes())
    }

    fn audit_list(&self, limit: usize) -> Listed<AuditRow> {
        let count = self.0.number(AUDIT_COUNT)?;
        let first = count.saturating_sub(limit as u64);
        let newest_first = (first..count).rev();
        let rows = newest_first.map(|number| self.one::<AuditV1>(table::AUDIT, &number.to_be_bytes()));
        rows.filter_map(Result::transpose).collect()
    }
}

impl View<InTransaction<'_, '_>> {
    fn set<V: Record>(&mut self, table: &'static str, key: &[u8], thing: &V::Thing) -> Written {
        self.0.0.put(table, key, encode::<V>(thing)?);
        Ok(())
    }
}

impl Tx for View<InTransaction<'_, '_>> {
    fn site_put(&mut self, site: &Site) -> Written {
        self.set::<SiteV1>(table::SITE, site.id.bytes(), site)
    }

    fn agent_put(&mut self, agent: &Agent) -> Written {
        self.set::<AgentV1>(table::AGENT, agent.id.bytes(), agent)
    }

    fn agent_high_water_put(&mut self, id: AgentId, sequence: u64) -> Written {
        self.0.0.put(table::HIGH_WATER, id.bytes(), sequence.to_be_bytes().to_vec());
        Ok(())
    }

    fn join_token_put(&mut self, token: &JoinToken) -> Written {
        self.set::<JoinTokenV1>(table::JOIN_TOKEN, &token.slot.to_be_bytes(), token)
    }

    fn person_put(&mut self, person: &Person) -> Written {
        if let Some(before) =
            self.person_get(person.id)?.filter(|before| before.user_name != person.user_name)
        {
            self.0.0.delete(table::PERSON_BY_USER_NAME, before.user_name.as_bytes());
        }
        self.set::<PersonV1>(table::PERSON, person.id.bytes(), person)?;
        self.0.0.put(table::PERSON_BY_USER_NAME, person.user_name.as_bytes(), person.id.bytes().to_vec());
        feed::note(&mut self.0, &Thing::Person(person.id.bytes()))
    }

    fn credential_put(&mut self, credential: &Credential) -> Written {
        self.set::<CredentialV1>(table::CREDENTIAL, credential.person.bytes(), credential)
    }

    fn session_put(&mut self, session: &Session) -> Written {
        self.set::<SessionV1>(table::SESSION, &session.token_sha256, session)
    }

    fn session_delete(&mut self, token_sha256: &[u8; 32]) -> Written {
        self.0.0.delete(table::SESSION, token_sha256);
        Ok(())
    }

    fn project_put(&mut self, project: &Project) -> Written {
        self.set::<ProjectV1>(table::PROJECT, project.id.bytes(), project)?;
        feed::note(&mut self.0, &Thing::Project(project.id.bytes()))
    }

    fn instruction_put(&mut self, version: &InstructionVersion) -> Written {
        let key = instruction_key(version.project, version.version);
        self.set::<InstructionVersionV1>(table::INSTRUCTION, &key, version)?;
        feed::note(&mut self.0, &Thing::Instruction(&key))
    }

    fn asset_put(&mut self, asset: &Asset) -> Written {
        self.set::<AssetV1>(table::ASSET, asset.card.asset.bytes(), asset)
    }

    fn dataset_put(&mut self, dataset: &Dataset) -> Written {
        let project = dataset.project.bytes();
        self.0.0.put(table::PROJECT_BY_DATASET, dataset.id.bytes(), project.to_vec());
        self.set::<DatasetV1>(table::DATASET, &pair(project, dataset.id.bytes()), dataset)
    }

    fn task_put(&mut self, task: &Task) -> Written {
        self.set::<TaskV1>(table::TASK, task.id.bytes(), task)?;
        self.0.0.put(table::TASK_BY_PROJECT, &pair(task.project.bytes(), task.id.bytes()), Vec::new());
        self.0.0.put(table::TASK_BY_ASSET, &pair(task.asset.bytes(), task.id.bytes()), Vec::new());
        self.0.0.put(table::PROJECT_BY_SITE, &pair(task.site.bytes(), task.project.bytes()), Vec::new());
        feed::note(&mut self.0, &Thing::Task(task.id.bytes()))
    }

    fn progress_put(&mut self, progress: &Progress) -> Written {
        self.set::<ProgressV1>(table::PROGRESS, progress.task.bytes(), progress)
    }

    fn submission_put(&mut self, submission: &ReceivedSubmission) -> Written {
        let id = submission.facts.id.bytes();
        self.set::<SubmissionV1>(table::SUBMISSION, id, submission)?;
        self.0.0.put(table::SUBMISSION_BY_PROJECT, &pair(submission.project.bytes(), id), Vec::new());
        Ok(())
    }

    fn pattern_put(&mut self, pattern: &VotingPattern) -> Written {
        self.set::<PatternV1>(table::PATTERN, &object_key(pattern.task, pattern.object_id), pattern)
    }

    fn shape_agreement_put(&mut self, shapes: &ShapeAgreement) -> Written {
        let key = object_key(shapes.task, shapes.object_id);
        self.set::<ShapeAgreementV1>(table::SHAPE_AGREEMENT, &key, shapes)
    }

    fn judgement_put(&mut self, judgement: &Judgement) -> Written {
        self.set::<JudgementV1>(table::JUDGEMENT, judgement.task.bytes(), judgement)
    }

    fn consensus_painted_put(&mut self, painted: &ReceivedConsensus) -> Written {
        let key = object_key(painted.facts.task, painted.facts.object_id);
        self.set::<ConsensusPaintedV1>(table::CONSENSUS_PAINTED, &key, painted)
    }

    fn recheck_put(&mut self, recheck: &SiteRecheck) -> Written {
        let version = instruction_key(recheck.facts.project, recheck.facts.instruction_version);
        let key = [version.as_slice(), recheck.site.bytes()].concat();
        self.set::<RecheckV1>(table::RECHECK, &key, recheck)
    }

    fn model_put(&mut self, model: &Model) -> Written {
        self.set::<ModelV1>(table::MODEL, model.state.model.bytes(), model)
    }

    fn preannotation_put(&mut self, progress: &SitePreannotation) -> Written {
        let key = pair(progress.facts.project.bytes(), progress.site.bytes());
        self.set::<SitePreannotationV1>(table::PREANNOTATION, &key, progress)
    }

    fn audit_put(&mut self, row: &AuditRow) -> Written {
        let number = self.0.number(AUDIT_COUNT)?;
        self.set::<AuditV1>(table::AUDIT, &number.to_be_bytes(), row)?;
        self.0.0.put(table::META, AUDIT_COUNT, (number + 1).to_be_bytes().to_vec());
        Ok(())
    }
}
