//! What comes down from the control plane, checked: projects, instructions, people, task orders.
//!
//! Each wire message is converted with `TryFrom`; an error names the field. Newer fields are ignored,
//! so that neighbouring versions work together.

mod instruction;

pub use instruction::InstructionVersion;

use proto::agent::v1 as wire;
use proto::agent::v1::worklist_event::Of;
use proto_ids::{AssetToken, EpochId, ModelToken, PersonId, ProjectId, SubmissionId, TaskId, Timestamp};

/// Bytes of a name or title.
const LONGEST_NAME: usize = 800;
/// Annotators or arbiters of a project.
const MOST_PEOPLE: usize = 10_000;
/// Hidden tests among a hundred tasks.
const HIGHEST_GOLD_PERCENT: u8 = 50;
/// Rules of a task: one for each object.
const MOST_RULES: usize = 255;
/// Submissions of a rule.
const MOST_SUBMISSIONS: usize = 16;

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
    Instruction(InstructionVersion),
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
    /// Who may settle disputes.
    pub arbiters: Vec<PersonId>,
    /// How many of a hundred tasks are hidden tests, 0 to 50.
    pub gold_percent: u8,
    /// Seed of the draw of hidden tests.
    pub gold_seed: u64,
    /// What to prepare the tasks of this site with; none: nothing, and a run that goes on is stopped.
    pub preannotation: Option<PreannotationOrder>,
}

/// A run of pre-annotation by a model of this site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreannotationOrder {
    /// The model.
    pub model: ModelToken,
    /// Counts up with each start, from 1.
    pub run: u32,
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// What is to be painted from the submissions.
    pub consensus: Vec<ConsensusRule>,
    /// Whether an arbiter has to settle the task.
    pub arbitration: bool,
}

/// How the control plane came to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsensusKind {
    /// More than half of the submissions.
    Majority,
    /// How well each submission marks, estimated from all of them.
    Staple,
}

/// Which voxels of one object are painted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusRule {
    /// Object number of the instruction.
    pub object_id: u32,
    /// In the order of the bits of a pattern; 1 to 16.
    pub submissions: Vec<SubmissionId>,
    /// How the control plane came to it.
    pub kind: ConsensusKind,
    /// Bit p % 8 of byte p / 8 says whether pattern p is painted; 2^n bits, at least one byte.
    pub truth_table: Vec<u8>,
}

/// An event of the worklist: where it stands, and what it says if it says anything.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Which start of the control plane's store.
    pub epoch: EpochId,
    /// Its number in that epoch.
    pub sequence: u64,
    /// What it says; none when it only says that there is nothing more.
    pub item: Option<InboundItem>,
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

fn people(ids: &[proto::types::v1::Id], field: &'static str) -> Result<Vec<PersonId>, InvalidInbound> {
    if ids.len() > MOST_PEOPLE {
        return Err(InvalidInbound { field });
    }
    Ok(ids.iter().map(|id| PersonId::from_halves(id.high, id.low)).collect())
}

impl TryFrom<wire::Project> for Project {
    type Error = InvalidInbound;

    fn try_from(project: wire::Project) -> Result<Self, InvalidInbound> {
        let gold_percent = u8::try_from(project.gold_percent).ok();
        let gold_percent = gold_percent.filter(|percent| *percent <= HIGHEST_GOLD_PERCENT);
        Ok(Self {
            project: id(project.project, ProjectId::from_halves, "project")?,
            title: name(project.title, "title")?,
            instruction_version: project.instruction_version,
            annotators: people(&project.annotators, "annotators")?,
            closed: project.closed,
            arbiters: people(&project.arbiters, "arbiters")?,
            gold_percent: gold_percent.ok_or(InvalidInbound { field: "gold_percent" })?,
            gold_seed: project.gold_seed,
            preannotation: preannotation(project.preannotation)?,
        })
    }
}

/// Run 0 is no run, as is no order at all.
fn preannotation(
    order: Option<wire::PreannotationOrder>,
) -> Result<Option<PreannotationOrder>, InvalidInbound> {
    let read = |order: wire::PreannotationOrder| {
        let model = id(order.model, ModelToken::from_halves, "preannotation.model")?;
        Ok(PreannotationOrder { model, run: order.run })
    };
    order.filter(|order| order.run > 0).map(read).transpose()
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
            consensus: rules(task.consensus)?,
            arbitration: task.arbitration,
        })
    }
}

fn rules(rules: Vec<wire::ConsensusRule>) -> Result<Vec<ConsensusRule>, InvalidInbound> {
    if rules.len() > MOST_RULES {
        return Err(InvalidInbound { field: "consensus" });
    }
    rules.into_iter().map(ConsensusRule::try_from).collect()
}

impl TryFrom<wire::ConsensusRule> for ConsensusRule {
    type Error = InvalidInbound;

    fn try_from(rule: wire::ConsensusRule) -> Result<Self, InvalidInbound> {
        let submissions = rule.submissions.len();
        if !(1..=MOST_SUBMISSIONS).contains(&submissions) {
            return Err(InvalidInbound { field: "submissions" });
        }
        if rule.truth_table.len() != ((1 << submissions) / 8).max(1) {
            return Err(InvalidInbound { field: "truth_table" });
        }
        let kind = match wire::ConsensusKind::try_from(rule.kind) {
            Ok(wire::ConsensusKind::Majority) => ConsensusKind::Majority,
            Ok(wire::ConsensusKind::Staple) => ConsensusKind::Staple,
            Ok(wire::ConsensusKind::Unspecified) | Err(_) => return Err(InvalidInbound { field: "kind" }),
        };
        let id = |id: &proto::types::v1::Id| SubmissionId::from_halves(id.high, id.low);
        Ok(Self {
            object_id: rule.object_id,
            submissions: rule.submissions.iter().map(id).collect(),
            kind,
            truth_table: rule.truth_table,
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
        assert_eq!(event(Some(Of::Task(order.clone()))), Err(InvalidInbound { field: "overlap" }));
        let read = event(Some(Of::Task(wire::TaskOrder { overlap: 16, ..order }))).unwrap();
        assert!(matches!(read.item, Some(InboundItem::Task(Task { overlap: 16, .. }))));
    }

    fn rule(submissions: usize, bytes: usize, kind: i32) -> Result<ConsensusRule, InvalidInbound> {
        let rule = wire::ConsensusRule {
            object_id: 4,
            submissions: vec![Id { high: 1, low: 2 }; submissions],
            kind,
            truth_table: vec![0x80; bytes],
        };
        rule.try_into()
    }

    #[test]
    fn a_rule_has_a_bit_for_each_pattern_of_1_to_16_submissions() {
        for (submissions, bytes) in [(1, 1), (2, 1), (3, 1), (4, 2), (8, 32), (16, 8192)] {
            assert_eq!(rule(submissions, bytes, 1).unwrap().truth_table.len(), bytes);
            let refused = Err(InvalidInbound { field: "truth_table" });
            assert_eq!(rule(submissions, bytes + 1, 1), refused);
            assert_eq!(rule(submissions, bytes - 1, 1), refused);
        }
        assert_eq!(rule(0, 1, 1), Err(InvalidInbound { field: "submissions" }));
        assert_eq!(rule(17, 16_384, 1), Err(InvalidInbound { field: "submissions" }));
    }

    #[test]
    fn a_rule_of_an_unknown_kind_is_refused() {
        assert_eq!(rule(3, 1, 2).unwrap().kind, ConsensusKind::Staple);
        assert_eq!(rule(3, 1, 0), Err(InvalidInbound { field: "kind" }));
        assert_eq!(rule(3, 1, 3), Err(InvalidInbound { field: "kind" }));
    }

    #[test]
    fn more_hidden_tests_than_half_are_refused() {
        let project = |gold_percent| wire::Project {
            project: Some(Id { high: 1, low: 2 }),
            title: "Livers".into(),
            arbiters: vec![Id { high: 3, low: 4 }],
            gold_percent,
            gold_seed: u64::MAX,
            ..wire::Project::default()
        };
        let read = Project::try_from(project(50)).unwrap();
        assert_eq!((read.gold_percent, read.gold_seed, read.arbiters.len()), (50, u64::MAX, 1));
        assert_eq!(Project::try_from(project(51)), Err(InvalidInbound { field: "gold_percent" }));
    }

    #[test]
    fn a_run_of_pre_annotation_has_a_model_and_a_number_from_1() {
        let project = |preannotation| {
            let project = Some(Id { high: 1, low: 2 });
            let title = "Livers".into();
            Project::try_from(wire::Project { project, title, preannotation, ..wire::Project::default() })
        };
        let model = Some(Id { high: 5, low: 6 });
        let ordered = project(Some(wire::PreannotationOrder { model, run: 2 })).unwrap().preannotation;
        let expected = PreannotationOrder { model: ModelToken::from_halves(5, 6), run: 2 };
        assert_eq!(ordered, Some(expected));
        assert_eq!(project(None).unwrap().preannotation, None);
        let none = wire::PreannotationOrder { model, run: 0 };
        assert_eq!(project(Some(none)).unwrap().preannotation, None);
        let refused = Err(InvalidInbound { field: "preannotation.model" });
        assert_eq!(project(Some(wire::PreannotationOrder { model: None, run: 2 })), refused);
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
