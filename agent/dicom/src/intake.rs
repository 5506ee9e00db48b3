//! What all associations of one agent share for taking objects in: where they go, and how much of them is held.

use crate::budget::Budget;
use crate::channel::Sink;
use crate::config::Sizes;
use crate::storage::Storage;
use std::sync::Arc;

/// Made once, and used by the listener and by our own calls, so that one bound holds for both.
#[derive(Clone)]
pub struct Intake {
    pub(crate) storage: Arc<dyn Storage>,
    budget: Arc<Budget>,
    pub(crate) sizes: Sizes,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Intake").field("sizes", &self.sizes).finish_non_exhaustive()
    }
}

impl Intake {
    /// Objects go into `storage`.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, sizes: Sizes) -> Self {
        Self { storage, budget: Budget::new(sizes.buffered_bytes_max), sizes }
    }

    /// Room for one object whose file begins with `bytes`.
    pub(crate) fn object(&self, bytes: Vec<u8>) -> Sink {
        Sink::new(bytes, self.budget.share(), self.sizes.object_bytes_max)
    }

    /// Room for a query or the like.
    pub(crate) fn identifier(&self) -> Sink {
        Sink::new(Vec::new(), self.budget.share(), self.sizes.identifier_bytes_max)
    }
}
