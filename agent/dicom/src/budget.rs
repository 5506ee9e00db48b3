//! One allowance of bytes that all associations share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that may be held at once.
#[derive(Debug)]
pub(crate) struct Budget {
    free: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { free: AtomicUsize::new(bytes) })
    }

    /// Nothing yet, but able to grow.
    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share { budget: Arc::clone(self), taken: 0 }
    }
}

/// What one object holds; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    taken: usize,
}

impl Share {
    /// Takes so many bytes more, or none.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let free = &self.budget.free;
        let taken =
            free.fetch_update(Ordering::AcqRel, Ordering::Acquire, |free| free.checked_sub(bytes)).is_ok();
        if taken {
            self.taken += bytes;
        }
        taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.free.fetch_add(self.taken, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_share_gives_its_bytes_back() {
        let budget = Budget::new(10);
        let mut first = budget.share();
        assert!(first.grow(6));
        let mut second = budget.share();
        assert!(!second.grow(5));
        assert!(second.grow(4));
        drop(first);
        assert!(second.grow(6));
        assert!(!second.grow(1));
    }
}
