//! What comes down from the control plane, checked: projects, instructions, people, task orders.
//!
//! Each wire message is converted with `TryFrom`; an error names the field. Newer fields are ignored,
//! so that neighbouring versions work together.

mod instruction;

pub use instruction::{Block, Inline, Instruction, Object, Question, QuestionKind, QuestionOption};

use proto::agent::v1 as wire;
use proto::agent::v1::worklist_event::Of;
use proto_ids::{AssetToken, EpochId, PersonId, ProjectId, TaskId, Timestamp};

/// Bytes of a name or title.
const LONGEST_NAME: usize = 800;
/// Annotators of a project.
const MOST_ANNOTATORS: usize = 10_000;

/// Why a message that came down is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("field {field} of what came down is missing or out of range")]
pub struct InvalidInbound {
    /// The field as the schema names it.
    pub field: &'static str,
}

/// One thing that the control plane says. It replaces what was said before of the same thing.
#[derive(Debug, Clone, PartialEq)]
pub enum InboundItem {
    /// A project of this site.
    Project(Project),
    /// One version of a project's instruction; never changes.
    Instruction(Instruction),
    /// A person as the manager invited them.
    Person(Person),
    /// One asset to be annotated.
    Task(Task),
}

/// A project of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The project.
    pub project: ProjectId,
    /// Its title, for people.
    pub title: String,
    /// The version of the instruction that new work follows; 0 before the first.
    pub instruction_version: u32,
    /// Who may annotate.
    pub annotators: Vec<PersonId>,
    /// Whether nothing more is given out.
    pub closed: bool,
}

/// A one-time invitation that waits to be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// SHA-256 of the code.
    pub sha256: [u8; 32],
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A person as the manager invited them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub person: PersonId,
    /// What they sign in with.
    pub user_name: String,
    /// What others see.
    pub display_name: String,
    /// The invitation, until it was redeemed or withdrawn.
    pub invitation: Option<Invitation>,
    /// Whether they may not work.
    pub suspended: bool,
}

/// One asset to be annotated in one project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// The task.
    pub task: TaskId,
    /// Its project.
    pub project: ProjectId,
    /// Its asset.
    pub asset: AssetToken,
    /// Version of the instruction to follow.
    pub instruction_version: u32,
    /// How many annotators, 1 to 16.
    pub overlap: u8,
    /// Whether submissions are scored against the gold annotation of the asset.
    pub gold: bool,
    /// Whether it is no longer to be done.
    pub withdrawn: bool,
}

/// An event of the worklist: where it stands, and what it says if it says anything.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) epoch: EpochId,
    pub(crate) sequence: u64,
    pub(crate) item: Option<InboundItem>,
}

impl TryFrom<wire::WorklistEvent> for Event {
    type Error = InvalidInbound;

    fn try_from(event: wire::WorklistEvent) -> Result<Self, InvalidInbound> {
        let item = match event.of {
            Some(Of::Project(project)) => Some(InboundItem::Project(project.try_into()?)),
            Some(Of::Instruction(version)) => Some(InboundItem::Instruction(version.try_into()?)),
            Some(Of::Person(person)) => Some(InboundItem::Person(person.try_into()?)),
            Some(Of::Task(task)) => Some(InboundItem::Task(task.try_into()?)),
            Some(Of::CaughtUp(wire::CaughtUp {})) => None,
            // A kind that only a newer control plane has. It is counted and passed over.
            None => return Err(InvalidInbound { field: "of" }),
        };
        Ok(Self { epoch: id(event.epoch, EpochId::from_halves, "epoch")?, sequence: event.sequence, item })
    }
}

pub(crate) fn id<T>(
    id: Option<proto::types::v1::Id>,
    from_halves: fn(u64, u64) -> T,
    field: &'static str,
) -> Result<T, InvalidInbound> {
    id.map(|id| from_halves(id.high, id.low)).ok_or(InvalidInbound { field })
}

pub(crate) fn text(text: String, longest: usize, field: &'static str) -> Result<String, InvalidInbound> {
    let plain = text.len() <= longest && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    if plain { Ok(text) } else { Err(InvalidInbound { field }) }
}

fn name(name: String, field: &'static str) -> Result<String, InvalidInbound> {
    if name.is_empty() { Err(InvalidInbound { field }) } else { text(name, LONGEST_NAME, field) }
}

impl TryFrom<wire::Project> for Project {
    type Error = InvalidInbound;

    fn try_from(project: wire::Project) -> Result<Self, InvalidInbound> {
        if project.annotators.len() > MOST_ANNOTATORS {
            return Err(InvalidInbound { field: "annotators" });
        }
        Ok(Self {
            project: id(project.project, ProjectId::from_halves, "project")?,
            title: name(project.title, "title")?,
            instruction_version: project.instruction_version,
            annotators: project.annotators.iter().map(|id| PersonId::from_halves(id.high, id.low)).collect(),
            closed: project.closed,
        })
    }
}

impl TryFrom<wire::Person> for Person {
    type Error = InvalidInbound;

    fn try_from(person: wire::Person) -> Result<Self, InvalidInbound> {
        let invitation = match person.invitation_sha256.as_slice() {
            [] => None,
            digest => Some(Invitation {
                sha256: digest.try_into().map_err(|_| InvalidInbound { field: "invitation_sha256" })?,
                expires_at: Timestamp::from_millis(person.invitation_expires_at),
            }),
        };
        Ok(Self {
            person: id(person.person, PersonId::from_halves, "person")?,
            user_name: name(person.user_name, "user_name")?,
            display_name: name(person.display_name, "display_name")?,
            invitation,
            suspended: person.suspended,
        })
    }
}

impl TryFrom<wire::TaskOrder> for Task {
    type Error = InvalidInbound;

    fn try_from(task: wire::TaskOrder) -> Result<Self, InvalidInbound> {
        let overlap = u8::try_from(task.overlap).ok().filter(|overlap| (1..=16).contains(overlap));
        Ok(Self {
            task: id(task.task, TaskId::from_halves, "task")?,
            project: id(task.project, ProjectId::from_halves, "project")?,
            asset: id(task.asset, AssetToken::from_halves, "asset")?,
            instruction_version: task.instruction_version,
            overlap: overlap.ok_or(InvalidInbound { field: "overlap" })?,
            gold: task.gold,
            withdrawn: task.withdrawn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::types::v1::Id;

    fn event(of: Option<Of>) -> Result<Event, InvalidInbound> {
        Event::try_from(wire::WorklistEvent { epoch: Some(Id { high: 1, low: 2 }), sequence: 3, of })
    }

    #[test]
    fn an_order_for_too_many_annotators_is_refused_by_field() {
        let id = Some(Id { high: 1, low: 2 });
        let order =
            wire::TaskOrder { task: id, project: id, asset: id, overlap: 17, ..wire::TaskOrder::default() };
        assert_eq!(event(Some(Of::Task(order))), Err(InvalidInbound { field: "overlap" }));
        let read = event(Some(Of::Task(wire::TaskOrder { overlap: 16, ..order }))).unwrap();
        assert!(matches!(read.item, Some(InboundItem::Task(Task { overlap: 16, .. }))));
    }

    #[test]
    fn a_digest_of_another_length_is_refused() {
        let person = wire::Person {
            person: Some(Id { high: 1, low: 2 }),
            user_name: "ada".into(),
            display_name: "Ada".into(),
            invitation_sha256: vec![0; 31],
            ..wire::Person::default()
        };
        assert_eq!(event(Some(Of::Person(person))), Err(InvalidInbound { field: "invitation_sha256" }));
    }

    #[test]
    fn a_kind_that_is_not_known_is_refused() {
        assert_eq!(event(None), Err(InvalidInbound { field: "of" }));
    }
}
