//! Walking and building the runs of one slice.

use super::Run;

/// Collects runs in order; neighbours with one label become one run, label 0 none.
#[derive(Debug, Default)]
pub(super) struct Builder(Vec<Run>);

impl Builder {
    /// Adds voxels `start..end`, which do not begin before the end of those added last.
    pub(super) fn push(&mut self, start: u32, end: u32, label: u16) {
        if start >= end || label == 0 {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.end() == start && last.label == label => last.length += end - start,
            Some(_) | None => self.0.push(Run { start, length: end - start, label }),
        }
    }

    pub(super) fn finish(self) -> Vec<Run> {
        self.0
    }
}

/// Calls `each(start, end, label)` for the stretches of one label that make up `from..to`, in order,
/// the unlabelled ones too.
pub(crate) fn pieces(runs: &[Run], from: u32, to: u32, mut each: impl FnMut(u32, u32, u16)) {
    let first = runs.partition_point(|run| run.end() <= from);
    let mut at = from;
    for run in runs[first..].iter().take_while(|run| run.start < to) {
        if run.start > at {
            each(at, run.start, 0);
            at = run.start;
        }
        let end = run.end().min(to);
        each(at, end, run.label);
        at = end;
    }
    if at < to {
        each(at, to, 0);
    }
}
