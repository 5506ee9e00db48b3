//! What operations are checked against: the size of the volume and the instruction.

use proto_instruction::{Answer, Instruction, Presence, check_answer};

use crate::{Form, OperationKind, OperationRefusal, RunChange, Shape, SliceDelta, Tool};

/// What operations are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Voxels along i, j, k.
    pub size: [u32; 3],
    /// Columns and rows of the picture on each slice of a stack, from voxel (0, 0) on; empty where every slice is full.
    pub pictures: &'a [[u32; 2]],
    pub instruction: &'a Instruction,
}

impl Terms<'_> {
    /// Whether the instruction allows `kind`. A stored operation is not asked again: the version it was
    /// made under may have had other objects.
    pub(crate) fn allow(&self, kind: &OperationKind) -> Result<(), OperationRefusal> {
        match kind {
            OperationKind::Paint { slices, .. } => {
                slices.iter().try_for_each(|slice| self.check_picture(slice))?;
                let labels = slices.iter().flat_map(|slice| slice.runs.iter().map(|run| run.new));
                labels.into_iter().try_for_each(|label| check_label(label, self.instruction))
            }
            OperationKind::PutShape { shape } => {
                self.check_shape_in_picture(&shape.form)?;
                check_object(shape, self.instruction)
            }
            OperationKind::Answer { question_id, answer } => {
                check_question(*question_id, answer.as_ref(), self.instruction)
            }
            OperationKind::State { object_id, presence } => {
                check_statement(*object_id, *presence, self.instruction)
            }
            OperationKind::RemoveShape { .. } | OperationKind::Undo { .. } | OperationKind::Redo { .. } => {
                Ok(())
            }
        }
    }
}

/// Drawing beside a picture that is smaller than the volume is drawing on nothing.
impl Terms<'_> {
    fn check_picture(&self, slice: &SliceDelta) -> Result<(), OperationRefusal> {
        let Some([columns, rows]) = self.picture(slice.k) else { return Ok(()) };
        let [wide, _, _] = self.size;
        let inside = |run: &RunChange| {
            let (Some(from), Some(row)) = (run.start.checked_rem(wide), run.start.checked_div(wide)) else {
                return false;
            };
            let last = u64::from(run.start) + u64::from(run.length).saturating_sub(1);
            let last_row = last / u64::from(wide);
            // A run that goes on into the next row covers the end of its own.
            let fits = u64::from(from) + u64::from(run.length) <= u64::from(columns);
            let within_row = u64::from(row) == last_row && fits;
            last_row < u64::from(rows) && (within_row || columns == wide)
        };
        let all = slice.runs.iter().all(inside);
        if all { Ok(()) } else { Err(OperationRefusal::OutOfPicture { k: slice.k }) }
    }

    fn check_shape_in_picture(&self, form: &Form) -> Result<(), OperationRefusal> {
        if self.pictures.is_empty() {
            return Ok(());
        }
        // The volume was asked before, so these are whole numbers from 0 on.
        let last = self.size[2].saturating_sub(1);
        let slice = |at: &[f64; 3]| (at[2].round().max(0.0) as u32).min(last);
        let (first, last) = match form {
            Form::Point { at } => (slice(at), slice(at)),
            Form::Line { from, to } => (slice(from).min(slice(to)), slice(from).max(slice(to))),
            Form::Box { lower, upper } => (lower[2], upper[2]),
        };
        for k in first..=last {
            let Some([columns, rows]) = self.picture(k) else { continue };
            if !form.inside([columns, rows, self.size[2]]) {
                return Err(OperationRefusal::OutOfPicture { k });
            }
        }
        Ok(())
    }

    fn picture(&self, k: u32) -> Option<[u32; 2]> {
        usize::try_from(k).ok().and_then(|k| self.pictures.get(k)).copied()
    }
}

/// Whether strokes are in order and inside of the volume.
pub(crate) fn check_paint(
    tool: Tool,
    slices: &[SliceDelta],
    [size_i, size_j, size_k]: [u32; 3],
) -> Result<(), OperationRefusal> {
    if slices.is_empty() || slices.iter().any(|slice| slice.runs.is_empty()) {
        return Err(OperationRefusal::EmptyPaint);
    }
    if slices.windows(2).any(|pair| matches!(pair, [first, second] if first.k >= second.k)) {
        return Err(OperationRefusal::Unordered);
    }
    let voxels_in_slice = u64::from(size_i) * u64::from(size_j);
    for slice in slices {
        if slice.k >= size_k {
            return Err(OperationRefusal::OutOfVolume { k: slice.k });
        }
        let mut at = 0;
        for run in &slice.runs {
            if u64::from(run.start) < at || run.length == 0 {
                return Err(OperationRefusal::Unordered);
            }
            at = u64::from(run.start) + u64::from(run.length);
            if at > voxels_in_slice || at > u64::from(u32::MAX) {
                return Err(OperationRefusal::OutOfVolume { k: slice.k });
            }
            if !tool.sets(run.new) {
                return Err(OperationRefusal::WrongTool);
            }
        }
    }
    Ok(())
}

fn check_label(label: u16, instruction: &Instruction) -> Result<(), OperationRefusal> {
    if label == 0 || instruction.object_of_label(label).is_some() {
        Ok(())
    } else {
        Err(OperationRefusal::UnknownLabel { label })
    }
}

/// Whether a shape lies inside of the volume.
pub(crate) fn check_shape(shape: &Shape, size: [u32; 3]) -> Result<(), OperationRefusal> {
    if shape.form.inside(size) { Ok(()) } else { Err(OperationRefusal::ShapeOutOfVolume) }
}

fn check_object(shape: &Shape, instruction: &Instruction) -> Result<(), OperationRefusal> {
    let object_id = shape.object_id;
    let object = instruction.object(object_id).ok_or(OperationRefusal::UnknownObject { object_id })?;
    if shape.form.fits(object.geometry) { Ok(()) } else { Err(OperationRefusal::WrongForm { object_id }) }
}

fn check_statement(
    object_id: u32,
    presence: Option<Presence>,
    instruction: &Instruction,
) -> Result<(), OperationRefusal> {
    let object = instruction.object(object_id).ok_or(OperationRefusal::UnknownObject { object_id })?;
    // What was stated may be taken back, also when a later version does not ask for it any more.
    if presence.is_none() || object.states() {
        Ok(())
    } else {
        Err(OperationRefusal::NotStated { object_id })
    }
}

fn check_question(
    question_id: u32,
    answer: Option<&Answer>,
    instruction: &Instruction,
) -> Result<(), OperationRefusal> {
    let question =
        instruction.question(question_id).ok_or(OperationRefusal::UnknownQuestion { question_id })?;
    answer
        .map_or(Ok(()), |answer| check_answer(question, answer))
        .map_err(|problem| OperationRefusal::InvalidAnswer { question_id, problem })
}
