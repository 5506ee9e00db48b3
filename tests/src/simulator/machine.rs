//! A machine that a plane runs on: its calls may end in a crash, and their answers may be lost.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use proto_journal::faults::FaultyIo;

use super::chance::{Chance, HandClock};

/// The rooms of a plane over its store.
pub(super) trait Plane: Sized {
    /// Opens the store as it is found.
    fn open(directory: &Path, io: FaultyIo, clock: &Arc<HandClock>) -> Result<Self>;

    /// Deletes the indexes of a store that nobody has open.
    fn forget_index(directory: &Path) -> Result<()>;
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Fine,
    /// It is done, but the answer does not arrive.
    Lost,
    /// The power goes while it is being done.
    Crash,
}

impl Fate {
    pub(super) const fn drawn(chance: &mut Chance) -> Self {
        match chance.below(1000) {
            0..5 => Self::Crash,
            5..85 => Self::Lost,
            _ => Self::Fine,
        }
    }
}

/// What is known of a call.
#[derive(Debug)]
pub(super) enum Reply<T, E> {
    /// The caller has the answer.
    Came(Result<T, E>),
    /// It is done with this answer, which the caller does not have.
    Lost(Result<T, E>),
    /// The machine crashed; nobody knows whether anything was done.
    Gone,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Machine<P> {
    directory: PathBuf,
    io: FaultyIo,
    clock: Arc<HandClock>,
    plane: Option<P>,
    pub(super) crashes: u64,
}

impl<P: Plane> Machine<P> {
    pub(super) fn start(directory: PathBuf, clock: &Arc<HandClock>) -> Result<Self> {
        let io = FaultyIo::default();
        let plane = Some(P::open(&directory, io.clone(), clock)?);
        Ok(Self { directory, io, clock: Arc::clone(clock), plane, crashes: 0 })
    }

    /// What runs on it.
    pub(super) fn plane(&self) -> Result<&P> {
        self.plane.as_ref().context("the machine is down")
    }

    /// Calls something.
    pub(super) fn call<T, E: Error + Send + Sync + 'static>(
        &mut self,
        fate: Fate,
        chance: &mut Chance,
        call: impl FnOnce(&P) -> Result<T, E>,
    ) -> Result<Reply<T, E>> {
        if fate == Fate::Crash {
            // A transaction has two to four operations, so that it ends before, inside of or after it.
            self.io.fail_from(self.io.operations() + chance.below(5));
        }
        let answer = call(self.plane()?);
        Ok(match (fate, answer) {
            (Fate::Fine, answer) => Reply::Came(answer),
            (Fate::Lost, answer) => Reply::Lost(answer),
            (Fate::Crash, answer) => {
                self.crash(chance)?;
                // What was answered before the power went is promised.
                answer.map_or(Reply::Gone, |answer| Reply::Came(Ok(answer)))
            }
        })
    }

    /// Loses power and starts again, half of the times without its indexes.
    pub(super) fn crash(&mut self, chance: &mut Chance) -> Result<()> {
        self.crashes += 1;
        self.plane = None;
        self.io = self.io.crash(chance.next());
        if chance.happens(500) {
            P::forget_index(&self.directory)?;
        }
        let opened = P::open(&self.directory, self.io.clone(), &self.clock);
        self.plane = Some(opened.context("the store does not open after a crash")?);
        Ok(())
    }
}
