//! A queue of voxels by cost, for costs that never fall.

/// A radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, J. ACM 37 (1990) 213): bucket b holds the costs whose
/// highest bit that differs from the last popped cost is bit b - 1. What is pushed must not cost less
/// than what was popped last.
#[derive(Debug)]
pub(super) struct CostQueue {
    last: u64,
    buckets: Vec<Vec<(u64, u32)>>,
    /// Room of a bucket that was emptied, for the next one.
    spare: Vec<(u64, u32)>,
}

impl CostQueue {
    pub(super) fn new() -> Self {
        Self { last: 0, buckets: vec![Vec::new(); 65], spare: Vec::new() }
    }

    pub(super) fn push(&mut self, cost: u64, voxel: u32) {
        let bucket = self.bucket(cost);
        self.buckets[bucket].push((cost, voxel));
    }

    /// One of those that cost least.
    pub(super) fn pop(&mut self) -> Option<(u64, u32)> {
        if self.buckets[0].is_empty() {
            let first = self.buckets.iter().position(|bucket| !bucket.is_empty())?;
            let mut entries = std::mem::replace(&mut self.buckets[first], std::mem::take(&mut self.spare));
            self.last = entries.iter().map(|&(cost, _)| cost).min()?;
            for &(cost, voxel) in &entries {
                self.push(cost, voxel);
            }
            entries.clear();
            self.spare = entries;
        }
        self.buckets[0].pop()
    }

    const fn bucket(&self, cost: u64) -> usize {
        (u64::BITS - (cost ^ self.last).leading_zeros()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn entries_leave_by_cost(steps in prop::collection::vec((0..1_u64 << 40, any::<bool>()), 1..200)) {
            let (mut queue, mut held, mut last) = (CostQueue::new(), Vec::new(), 0);
            for (number, (more, pop)) in steps.into_iter().enumerate() {
                queue.push(last + more, number as u32);
                held.push(last + more);
                if pop {
                    held.sort_unstable();
                    last = held.remove(0);
                    prop_assert_eq!(queue.pop().map(|(cost, _)| cost), Some(last));
                }
            }
            held.sort_unstable();
            for cost in held {
                prop_assert_eq!(queue.pop().map(|(cost, _)| cost), Some(cost));
            }
            prop_assert_eq!(queue.pop(), None);
        }
    }
}
