//! Holds finished work against a new version of its instruction. Only how much fits is told.

use agent_archive::{Archive, StorageError, ToRecheck};
use agent_uplink::{Outbound, Recheck};
use agent_work::{Drawn, Run, Shape, submit_problems};
use proto_ids::{ProjectId, Timestamp};
use proto_instruction::Instruction;

/// Holds the work of every project whose instruction has risen against its newest version, once.
///
/// # Errors
/// When the store cannot be read or written. What was done stays done.
pub(super) fn recheck_all(archive: &Archive, now: Timestamp) -> Result<(), StorageError> {
    for (project, version) in archive.rechecks_waiting()? {
        let Some(instruction) = archive.instruction(project, version)? else { continue };
        let (mut checked, mut failing) = (0, 0);
        for old in archive.submissions_to_recheck(project, version)? {
            if let Some(fits) = fits(archive, project, &instruction, &old)? {
                checked += 1;
                failing += u32::from(!fits);
            }
        }
        let told = Outbound::Recheck(Recheck { project, instruction_version: version, checked, failing });
        archive.recheck_put(project, version, vec![told.encode()], now)?;
    }
    Ok(())
}

/// Whether a submission could be handed in under the new version as it is. None when it is gone.
fn fits(
    archive: &Archive,
    project: ProjectId,
    new: &Instruction,
    old: &ToRecheck,
) -> Result<Option<bool>, StorageError> {
    let Some(submission) = archive.submission(old.submission.submission)? else { return Ok(None) };
    let Some(then) = archive.instruction(project, old.submission.instruction_version)? else {
        return Ok(None);
    };
    let drawn = carried(submission.drawn, &then, new);
    let facts = agent_viewer_api::facts(new, &old.asset.space(), &drawn.slices, &drawn.shapes);
    Ok(Some(submit_problems(&drawn, new, &facts, &submission.overrides).is_empty()))
}

/// What of work still means the same under a new version: labels and shapes of objects that are still
/// drawn so, statements that are still asked for. Answers are judged by the questions that there are now.
fn carried(mut drawn: Drawn, then: &Instruction, now: &Instruction) -> Drawn {
    let same_label = |run: &Run| {
        let object = then.object_of_label(run.label).and_then(|object| now.object(object.id));
        object.and_then(proto_instruction::Object::label).map(u16::from) == Some(run.label)
    };
    for slice in &mut drawn.slices {
        slice.runs.retain(same_label);
    }
    drawn.slices.retain(|slice| !slice.runs.is_empty());
    let drawn_so =
        |shape: &Shape| now.object(shape.object_id).is_some_and(|object| shape.form.fits(object.geometry));
    drawn.shapes.retain(drawn_so);
    drawn.statements.retain(|id, _| now.object(*id).is_some_and(proto_instruction::Object::states));
    drawn.answers.retain(|id, _| now.question(*id).is_some());
    drawn
}

#[cfg(test)]
mod tests;
