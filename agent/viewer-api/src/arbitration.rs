//! What an arbiter sees of the others: their work under letters, never who they are.

use std::sync::Arc;

use agent_work::{Role, letter};
use axum::Json;
use axum::extract::{Path, State};
use proto_ids::TaskId;

use crate::access::Annotator;
use crate::app::App;
use crate::held::{Held, held};
use crate::json::submit::letter_of;
use crate::json::work::OtherWorkJson;
use crate::problem::Problem;

/// The work of somebody else on a task that the caller arbitrates.
#[utoipa::path(get, path = "/tasks/{id}/others/{letter}", operation_id = "work_of_other",
    params(("id" = String, Path), ("letter" = String, Path)),
    responses((status = 200, body = OtherWorkJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn other(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Path((task, letter)): Path<(String, String)>,
) -> Result<Json<OtherWorkJson>, Problem> {
    let task: TaskId = task.parse().map_err(|_| Problem::not_found())?;
    let letter = letter_of(&letter).ok_or_else(Problem::not_found)?;
    let (person, now) = (actor.id(), app.now());
    let work = app.blocking(move |app| {
        let held = held(app, task, person, now)?;
        if held.role != Role::Arbiter {
            return Err(Problem::not_yours());
        }
        let others = app.archive.others_blinded(task, person).map_err(|cause| Problem::ours(&cause))?;
        let found = others.iter().find(|other| other.letter == letter);
        found.map(|other| OtherWorkJson::from(&other.drawn)).ok_or_else(Problem::not_found)
    });
    work.await?.map(Json)
}

/// The letters of the work to be judged; none for annotators. Blocks.
pub(crate) fn letters(app: &App, held: &Held) -> Result<Vec<String>, Problem> {
    match held.role {
        Role::Annotator => Ok(Vec::new()),
        Role::Arbiter => {
            let slots = app.archive.task_slots(held.task.task).map_err(|cause| Problem::ours(&cause))?;
            let works = slots.map_or(0, |slots| slots.blinded.len());
            Ok((0..works).map(|index| letter(index).to_string()).collect())
        }
    }
}
