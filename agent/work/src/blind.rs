//! In which order an arbiter sees the work of the others.

use proto_ids::{SubmissionId, TaskId};
use ring::digest::{Context, SHA256};

/// The submissions of a task in an order that depends on nothing but their ids and the task's, so
/// that it says nothing about people and slots.
pub(crate) fn blinded(
    task: TaskId,
    submissions: impl IntoIterator<Item = SubmissionId>,
) -> Vec<SubmissionId> {
    let mut shuffled: Vec<SubmissionId> = submissions.into_iter().collect();
    shuffled.sort_by_cached_key(|submission| {
        let mut context = Context::new(&SHA256);
        context.update(b"ringfence blinded order");
        context.update(task.bytes());
        context.update(submission.bytes());
        context.finish().as_ref().to_vec()
    });
    shuffled
}

/// The letter of the work at `index`: A for 0. A task has at most 16.
pub fn letter(index: usize) -> char {
    u8::try_from(index).ok().and_then(|index| b'A'.checked_add(index)).map_or('?', char::from)
}
