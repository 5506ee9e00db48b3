//! Arithmetic on the runs of one slice.

use crate::{Run, RunChange};

/// A change whose old label is not what the slice has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfStep;

/// The runs after `changes`; both rising and disjoint.
pub(crate) fn apply(runs: &[Run], changes: impl Iterator<Item = RunChange>) -> Result<Vec<Run>, OutOfStep> {
    let mut reader = Reader { runs, next: 0 };
    let mut result = Vec::with_capacity(runs.len() + 2);
    let mut at = 0;
    for change in changes {
        reader.read(at, change.start, |piece| push(&mut result, piece));
        let end = change.start + change.length;
        let mut in_step = true;
        reader.read(change.start, end, |piece| in_step &= piece.label == change.old);
        if !in_step {
            return Err(OutOfStep);
        }
        push(&mut result, Run { start: change.start, length: change.length, label: change.new });
        at = end;
    }
    reader.read(at, u32::MAX, |piece| push(&mut result, piece));
    Ok(result)
}

/// Appends a run, joined to the last one where they touch and agree. Label 0 is not kept.
fn push(runs: &mut Vec<Run>, run: Run) {
    if run.label == 0 || run.length == 0 {
        return;
    }
    match runs.last_mut() {
        Some(last) if last.label == run.label && last.start + last.length == run.start => {
            last.length += run.length;
        }
        _ => runs.push(run),
    }
}

/// Reads a slice from left to right in pieces of one label, label 0 included.
struct Reader<'a> {
    runs: &'a [Run],
    next: usize,
}

impl Reader<'_> {
    fn read(&mut self, from: u32, to: u32, mut take: impl FnMut(Run)) {
        let mut at = from;
        while at < to {
            let Some(run) = self.runs.get(self.next) else {
                take(Run { start: at, length: to - at, label: 0 });
                return;
            };
            let end = run.start + run.length;
            if end <= at {
                self.next += 1;
            } else if run.start > at {
                let stop = run.start.min(to);
                take(Run { start: at, length: stop - at, label: 0 });
                at = stop;
            } else {
                let stop = end.min(to);
                take(Run { start: at, length: stop - at, label: run.label });
                at = stop;
            }
        }
    }
}
