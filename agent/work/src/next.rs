//! Which task a person gets next.

use std::collections::{BTreeMap, BTreeSet};

use proto_ids::{AssetToken, PersonId, ProjectId, TaskId, Timestamp};

use crate::{GoldDraw, Role, TaskSlots, gold_draw};

/// A task that the person may work on: in force, of their project, its asset at this site.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub slots: &'a TaskSlots,
    /// Place of the order in the worklist; smaller is older.
    pub ordered: u64,
    pub project: ProjectId,
    pub asset: AssetToken,
    /// Whether the task is a hidden test.
    pub gold: bool,
    /// Whether the person may annotate in the project.
    pub annotator: bool,
    /// Whether the person may arbitrate in the project.
    pub arbiter: bool,
}

/// How a project mixes hidden tests in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GoldPolicy {
    /// How many of a hundred tasks are tests, 0 to 50. With 0 tests are given like any other task.
    pub percent: u32,
    pub seed: u64,
}

/// Who asks for a task, and what they were given before.
#[derive(Debug, Clone, Copy)]
pub struct Seeker<'a> {
    pub person: PersonId,
    pub policies: &'a BTreeMap<ProjectId, GoldPolicy>,
    /// How many draws there were for the person in each project.
    pub drawn: &'a BTreeMap<ProjectId, u64>,
    /// The tests that the person was given, by project and asset.
    pub seen: &'a BTreeMap<(ProjectId, AssetToken), TaskId>,
}

/// The task that a person gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    pub task: TaskId,
    pub role: Role,
    /// What was drawn for it; none for what the person has already and for arbitration.
    pub draw: Option<GoldDraw>,
}

/// The task that a person gets: the one they hold, then one they left unfinished, then one that
/// waits for them as an arbiter, then the one with the fewest free slots, so that tasks are
/// completed, then the oldest. Tasks they skipped come last. None when no task has a place for them.
///
/// Where a project has hidden tests mixed in, a draw says whether one of them is given in the place
/// of the task that is next. Nobody gets two tests of one asset in a project.
pub fn next_task(candidates: &[Candidate<'_>], seeker: &Seeker<'_>, now: Timestamp) -> Option<Choice> {
    let ranked = candidates.iter().filter_map(|candidate| {
        let (rank, role) = rank(candidate, seeker, now)?;
        Some(((rank, candidate.slots.task), role, candidate))
    });
    let ((rank, task), role, candidate) = ranked.min_by_key(|(rank, ..)| *rank)?;
    let new = role == Role::Annotator && matches!(rank.0, Group::Next | Group::Skipped);
    if !new {
        return Some(Choice { task, role, draw: None });
    }
    let project = candidate.project;
    let policy = seeker.policies.get(&project).copied().unwrap_or_default();
    let number = seeker.drawn.get(&project).copied().unwrap_or(0);
    let drawn = gold_draw(policy.seed, seeker.person, number);
    let wanted = drawn < f64::from(policy.percent) / 100.0;
    let test = wanted.then(|| next_test(candidates, project, seeker, now)).flatten();
    let chosen = test.unwrap_or(candidate);
    let draw = GoldDraw { project, number, drawn, percent: policy.percent, gold: chosen.gold };
    Some(Choice { task: chosen.slots.task, role, draw: Some(draw) })
}

/// The smaller the sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Held,
    Unfinished,
    Arbitration,
    Next,
    Skipped,
}

type Rank = (Group, usize, u64);

fn rank(candidate: &Candidate<'_>, seeker: &Seeker<'_>, now: Timestamp) -> Option<(Rank, Role)> {
    let (slots, person) = (candidate.slots, seeker.person);
    if slots.submitted_by(person) {
        return None;
    }
    if let Some(held) = slots.lease_of(person) {
        let group = if held.lease.live(now) { Group::Held } else { Group::Unfinished };
        let allowed = match held.role {
            Role::Annotator => candidate.annotator,
            Role::Arbiter => candidate.arbiter,
        };
        return allowed.then_some(((group, 0, candidate.ordered), held.role));
    }
    let skipped = slots.skipped_by.contains(&person);
    if candidate.arbiter && slots.waits_for_arbiter(person, now) {
        let group = if skipped { Group::Skipped } else { Group::Arbitration };
        return Some(((group, 0, candidate.ordered), Role::Arbiter));
    }
    if !annotates(candidate, seeker, now) || !in_the_open(candidate, seeker) {
        return None;
    }
    let group = if skipped { Group::Skipped } else { Group::Next };
    Some(((group, slots.free(now), candidate.ordered), Role::Annotator))
}

/// Whether the person could be given a slot of a task that they do not have yet.
fn annotates(candidate: &Candidate<'_>, seeker: &Seeker<'_>, now: Timestamp) -> bool {
    let slots = candidate.slots;
    let fresh = !candidate.gold
        || seeker.seen.get(&(candidate.project, candidate.asset)).is_none_or(|task| *task == slots.task);
    candidate.annotator && fresh && slots.free(now) > 0 && !slots.arbitrated_by.contains(&seeker.person)
}

/// Whether a task is given without a draw: all but the tests of a project that mixes them in. A test that
/// the person was given before comes back like any other task, or its absence would tell what it is.
fn in_the_open(candidate: &Candidate<'_>, seeker: &Seeker<'_>) -> bool {
    let mixed = seeker.policies.get(&candidate.project).is_some_and(|policy| policy.percent > 0);
    let seen = seeker.seen.contains_key(&(candidate.project, candidate.asset));
    !candidate.gold || !mixed || seen
}

/// The test that a draw gives: the one with the fewest submissions, then the oldest. None of pictures that the
/// person was given in another task of the project: they would know it again.
fn next_test<'c, 'a>(
    candidates: &'c [Candidate<'a>],
    project: ProjectId,
    seeker: &Seeker<'_>,
    now: Timestamp,
) -> Option<&'c Candidate<'a>> {
    let (person, seen) = (seeker.person, seeker.seen);
    let had = |slots: &TaskSlots| {
        slots.submitted_by(person) || slots.lease_of(person).is_some() || slots.skipped_by.contains(&person)
    };
    let of_project = candidates.iter().filter(|candidate| candidate.project == project);
    let known: BTreeSet<AssetToken> =
        of_project.filter(|candidate| had(candidate.slots)).map(|candidate| candidate.asset).collect();
    let tests = candidates.iter().filter(|candidate| {
        candidate.gold
            && candidate.project == project
            && !seen.contains_key(&(project, candidate.asset))
            && !known.contains(&candidate.asset)
            && annotates(candidate, seeker, now)
    });
    tests.min_by_key(|candidate| {
        (candidate.slots.submissions().count(), candidate.ordered, candidate.slots.task)
    })
}
