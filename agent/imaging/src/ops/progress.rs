//! How a long operation is watched and stopped.

/// Whoever waits for an operation. The operation tells how far it is and asks whether to go on, both
/// every few milliseconds of work.
pub trait Progress {
    /// The share of the work that is done, 0 to 1; it never falls within one operation.
    fn tell(&self, share: f64);

    /// Whether nobody wants the answer any more. The operation then ends with its `Cancelled` refusal.
    fn cancelled(&self) -> bool;
}

/// Watches nothing and never cancels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn tell(&self, _share: f64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody wants the answer any more. Each refusal has a variant for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cancelled;

/// Steps between two looks at the watcher: 65,536 steps of tens of nanoseconds are a few milliseconds.
const LOOK: u64 = 1 << 16;

/// Counts the steps of one stage of an operation and looks at the watcher now and then.
pub(crate) struct Pace<'a> {
    progress: &'a dyn Progress,
    from: f64,
    share: f64,
    total: u64,
    done: u64,
    next_look: u64,
    told: f64,
}

impl<'a> Pace<'a> {
    /// A stage that leads from one share of the work to another in `total` steps.
    pub(crate) fn new(progress: &'a dyn Progress, stage: [f64; 2], total: u64) -> Self {
        Self {
            progress,
            from: stage[0],
            share: stage[1] - stage[0],
            total: total.max(1),
            done: 0,
            next_look: 0,
            told: 0.0,
        }
    }

    /// Some steps were made. A step is tens of nanoseconds of work.
    pub(crate) fn step(&mut self, steps: u64) -> Result<(), Cancelled> {
        self.done += steps;
        if self.done < self.next_look {
            return Ok(());
        }
        self.next_look = self.done + LOOK;
        self.at(self.done as f64 / self.total as f64)
    }

    /// The stage has come to this share of itself, for stages whose steps cannot be counted.
    pub(crate) fn at(&mut self, share: f64) -> Result<(), Cancelled> {
        self.look()?;
        // A maximum with a NaN is the other number.
        self.told = self.told.max(share.min(1.0));
        self.progress.tell(self.from + self.share * self.told);
        Ok(())
    }

    /// Looks whether to go on, once in 65,536 numbers: for loops over voxels that have no share of their
    /// own.
    pub(crate) fn glance(&self, at: usize) -> Result<(), Cancelled> {
        if (at as u64).is_multiple_of(LOOK) { self.look() } else { Ok(()) }
    }

    /// Looks only whether to go on.
    pub(crate) fn look(&self) -> Result<(), Cancelled> {
        if self.progress.cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}
