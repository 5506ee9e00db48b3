//! Who holds which task: looked at anew on every call.

use agent_archive::{AssetRow, Showing, StorageError, TaskCopy};
use agent_work::{Lease, Role};
use proto_ids::{PersonId, TaskId, Timestamp};

use crate::app::App;
use crate::problem::Problem;

/// A task whose lease the caller holds.
pub(crate) struct Held {
    pub(crate) task: TaskCopy,
    pub(crate) asset: AssetRow,
    pub(crate) role: Role,
    pub(crate) lease: Lease,
}

/// The task, if `person` holds a live lease on it and it is still in force. Blocks.
pub(crate) fn held(app: &App, task: TaskId, person: PersonId, now: Timestamp) -> Result<Held, Problem> {
    let ours = |cause: StorageError| Problem::ours(&cause);
    let copy = app.archive.task(task).map_err(ours)?.ok_or_else(Problem::not_found)?;
    let held = app.archive.lease(task, person).map_err(ours)?;
    let live = held.filter(|held| held.lease.live(now) && !copy.withdrawn);
    let Some(held) = live else { return Err(Problem::not_yours()) };
    in_project(app, &copy, person, Some(held.role))?;
    if app.archive.asset_showing(copy.asset).map_err(ours)? == Showing::Held {
        return Err(Problem::quarantined());
    }
    let asset = app.archive.asset(copy.asset).map_err(ours)?.ok_or_else(Problem::not_found)?;
    Ok(Held { task: copy, asset, role: held.role, lease: held.lease })
}

/// Whether `person` still takes part in the task's project in the role in which they hold the task; their
/// lease is another matter. Blocks.
pub(crate) fn member(app: &App, task: TaskId, person: PersonId) -> Result<(), Problem> {
    let ours = |cause: StorageError| Problem::ours(&cause);
    let copy = app.archive.task(task).map_err(ours)?.ok_or_else(Problem::not_found)?;
    let held = app.archive.lease(task, person).map_err(ours)?;
    in_project(app, &copy, person, held.map(|held| held.role))
}

fn in_project(app: &App, task: &TaskCopy, person: PersonId, role: Option<Role>) -> Result<(), Problem> {
    let project = app.archive.project(task.project).map_err(|cause| Problem::ours(&cause))?;
    let takes_part = project.filter(|project| !project.closed).is_some_and(|project| {
        let annotates = project.annotators.contains(&person);
        let arbitrates = project.arbiters.contains(&person);
        match role {
            Some(Role::Annotator) => annotates,
            Some(Role::Arbiter) => arbitrates,
            None => annotates || arbitrates,
        }
    });
    if takes_part { Ok(()) } else { Err(Problem::not_yours()) }
}
