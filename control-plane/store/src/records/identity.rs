//! Records of sites, agents, join tokens, and the audit.

use std::collections::BTreeSet;

use control_plane_domain::{
    Action, Actor, Agent, AgentState, AuditRow, Health, Issued, JoinToken, JoinTokenUse, Role, Site,
    SiteState, Subject,
};
use proto_ids::{AgentId, AssetToken, DatasetId, ModelToken, PersonId, ProjectId, SiteId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Bytes32, Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SiteV1 {
    id: Id,
    name: String,
    state: u32,
    created_at: i64,
    health: Option<HealthV1>,
}

#[derive(Debug, Serialize, Deserialize)]
struct HealthV1 {
    version: u32,
    queue_depth: u32,
    disk_free_percent: u32,
    certificate_days_left: u32,
    at: i64,
}

impl Record for SiteV1 {
    type Thing = Site;
    const TABLE: &'static str = "site";

    fn of(site: &Site) -> Self {
        let health = site.health.as_ref().map(|(health, at)| HealthV1 {
            version: health.version,
            queue_depth: health.queue_depth,
            disk_free_percent: health.disk_free_percent,
            certificate_days_left: health.certificate_days_left,
            at: at.millis(),
        });
        Self {
            id: Id(*site.id.bytes()),
            name: site.name.clone(),
            state: site.state.code(),
            created_at: site.created_at.millis(),
            health,
        }
    }

    fn thing(self) -> Option<Site> {
        let health = self.health.map(|health| {
            let at = Timestamp::from_millis(health.at);
            let health = Health {
                version: health.version,
                queue_depth: health.queue_depth,
                disk_free_percent: health.disk_free_percent,
                certificate_days_left: health.certificate_days_left,
            };
            (health, at)
        });
        Some(Site {
            id: SiteId::from_bytes(self.id.0),
            name: self.name,
            state: SiteState::from_code(self.state)?,
            created_at: Timestamp::from_millis(self.created_at),
            health,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct IssuedV1 {
    csr_sha256: Bytes32,
    chain_der: Vec<ByteBuf>,
    expires_at: i64,
}

impl IssuedV1 {
    fn of(issued: &Issued) -> Self {
        Self {
            csr_sha256: Bytes32(issued.csr_sha256),
            chain_der: issued.chain_der.iter().cloned().map(ByteBuf::from).collect(),
            expires_at: issued.expires_at.millis(),
        }
    }

    fn thing(self) -> Issued {
        Issued {
            csr_sha256: self.csr_sha256.0,
            chain_der: self.chain_der.into_iter().map(ByteBuf::into_vec).collect(),
            expires_at: Timestamp::from_millis(self.expires_at),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AgentV1 {
    id: Id,
    site: Id,
    state: u32,
    identity_key: Bytes32,
    generation: u64,
    issued: IssuedV1,
    enrolled_at: i64,
    rejoined_at: Vec<i64>,
}

impl Record for AgentV1 {
    type Thing = Agent;
    const TABLE: &'static str = "agent";

    fn of(agent: &Agent) -> Self {
        Self {
            id: Id(*agent.id.bytes()),
            site: Id(*agent.site.bytes()),
            state: agent.state.code(),
            identity_key: Bytes32(agent.identity_key),
            generation: agent.generation,
            issued: IssuedV1::of(&agent.issued),
            enrolled_at: agent.enrolled_at.millis(),
            rejoined_at: agent.rejoined_at.iter().map(|at| at.millis()).collect(),
        }
    }

    fn thing(self) -> Option<Agent> {
        Some(Agent {
            id: AgentId::from_bytes(self.id.0),
            site: SiteId::from_bytes(self.site.0),
            state: AgentState::from_code(self.state)?,
            identity_key: self.identity_key.0,
            generation: self.generation,
            issued: self.issued.thing(),
            enrolled_at: Timestamp::from_millis(self.enrolled_at),
            rejoined_at: self.rejoined_at.into_iter().map(Timestamp::from_millis).collect(),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JoinTokenV1 {
    slot: u64,
    site: Id,
    secret_sha256: Bytes32,
    created_at: i64,
    expires_at: i64,
    failed_tries: u32,
    taken: Option<TakenV1>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TakenV1 {
    agent: Id,
    issued: IssuedV1,
    taken_at: i64,
}

impl Record for JoinTokenV1 {
    type Thing = JoinToken;
    const TABLE: &'static str = "join_token";

    fn of(token: &JoinToken) -> Self {
        let taken = token.taken.as_ref().map(|taken| TakenV1 {
            agent: Id(*taken.agent.bytes()),
            issued: IssuedV1::of(&taken.issued),
            taken_at: taken.taken_at.millis(),
        });
        Self {
            slot: token.slot,
            site: Id(*token.site.bytes()),
            secret_sha256: Bytes32(token.secret_sha256),
            created_at: token.created_at.millis(),
            expires_at: token.expires_at.millis(),
            failed_tries: token.failed_tries,
            taken,
        }
    }

    fn thing(self) -> Option<JoinToken> {
        let taken = self.taken.map(|taken| JoinTokenUse {
            agent: AgentId::from_bytes(taken.agent.0),
            issued: taken.issued.thing(),
            taken_at: Timestamp::from_millis(taken.taken_at),
        });
        Some(JoinToken {
            slot: self.slot,
            site: SiteId::from_bytes(self.site.0),
            secret_sha256: self.secret_sha256.0,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            failed_tries: self.failed_tries,
            taken,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AuditV1 {
    at: i64,
    actor: ActorV1,
    action: u32,
    subject: SubjectV1,
}

#[derive(Debug, Serialize, Deserialize)]
enum ActorV1 {
    Person { id: Id, roles: Vec<u32> },
    Operator,
    Agent(Id),
    Unknown,
}

#[derive(Debug, Serialize, Deserialize)]
enum SubjectV1 {
    Store,
    Site(Id),
    Agent(Id),
    Person(Id),
    Project(Id),
    Dataset(Id),
    Task(Id),
    Asset(Id),
    GoldSeed { project: Id, seed: u64 },
    Preannotation { project: Id, site: Id, model: Id, run: u32 },
}

impl Record for AuditV1 {
    type Thing = AuditRow;
    const TABLE: &'static str = "audit";

    fn of(row: &AuditRow) -> Self {
        let actor = match &row.actor {
            Actor::Person { id, roles } => {
                ActorV1::Person { id: Id(*id.bytes()), roles: roles.iter().map(|role| role.code()).collect() }
            }
            Actor::Operator => ActorV1::Operator,
            Actor::Agent(id) => ActorV1::Agent(Id(*id.bytes())),
            Actor::Unknown => ActorV1::Unknown,
        };
        let subject = match row.subject {
            Subject::Store => SubjectV1::Store,
            Subject::Site(id) => SubjectV1::Site(Id(*id.bytes())),
            Subject::Agent(id) => SubjectV1::Agent(Id(*id.bytes())),
            Subject::Person(id) => SubjectV1::Person(Id(*id.bytes())),
            Subject::Project(id) => SubjectV1::Project(Id(*id.bytes())),
            Subject::Dataset(id) => SubjectV1::Dataset(Id(*id.bytes())),
            Subject::Task(id) => SubjectV1::Task(Id(*id.bytes())),
            Subject::Asset(id) => SubjectV1::Asset(Id(*id.bytes())),
            Subject::GoldSeed { project, seed } => {
                SubjectV1::GoldSeed { project: Id(*project.bytes()), seed }
            }
            Subject::Preannotation { project, site, model, run } => SubjectV1::Preannotation {
                project: Id(*project.bytes()),
                site: Id(*site.bytes()),
                model: Id(*model.bytes()),
                run,
            },
        };
        Self { at: row.at.millis(), actor, action: row.action.code(), subject }
    }

    fn thing(self) -> Option<AuditRow> {
        let actor = match self.actor {
            ActorV1::Person { id, roles } => Actor::Person {
                id: PersonId::from_bytes(id.0),
                roles: roles.into_iter().map(Role::from_code).collect::<Option<BTreeSet<Role>>>()?,
            },
            ActorV1::Operator => Actor::Operator,
            ActorV1::Agent(id) => Actor::Agent(AgentId::from_bytes(id.0)),
            ActorV1::Unknown => Actor::Unknown,
        };
        let subject = match self.subject {
            SubjectV1::Store => Subject::Store,
            SubjectV1::Site(id) => Subject::Site(SiteId::from_bytes(id.0)),
            SubjectV1::Agent(id) => Subject::Agent(AgentId::from_bytes(id.0)),
            SubjectV1::Person(id) => Subject::Person(PersonId::from_bytes(id.0)),
            SubjectV1::Project(id) => Subject::Project(ProjectId::from_bytes(id.0)),
            SubjectV1::Dataset(id) => Subject::Dataset(DatasetId::from_bytes(id.0)),
            SubjectV1::Task(id) => Subject::Task(TaskId::from_bytes(id.0)),
            SubjectV1::Asset(id) => Subject::Asset(AssetToken::from_bytes(id.0)),
            SubjectV1::GoldSeed { project, seed } => {
                Subject::GoldSeed { project: ProjectId::from_bytes(project.0), seed }
            }
            SubjectV1::Preannotation { project, site, model, run } => Subject::Preannotation {
                project: ProjectId::from_bytes(project.0),
                site: SiteId::from_bytes(site.0),
                model: ModelToken::from_bytes(model.0),
                run,
            },
        };
        let at = Timestamp::from_millis(self.at);
        Some(AuditRow { at, actor, action: Action::from_code(self.action)?, subject })
    }
}
