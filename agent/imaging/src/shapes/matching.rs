//! The largest one-to-one matching between two sets, by augmenting paths.

use std::collections::VecDeque;

/// As many pairs as there can be of those that fit, each member at most once; by the first member.
pub(super) fn largest(
    first: usize,
    second: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let allowed: Vec<Vec<usize>> =
        (0..first).map(|a| (0..second).filter(|&b| fits(a, b)).collect()).collect();
    let mut taken_by: Vec<Option<usize>> = vec![None; second];
    let mut hopeless = vec![false; second];
    for start in 0..first {
        augment(start, &allowed, &mut taken_by, &mut hopeless);
    }
    let pairs = taken_by.iter().zip(0..).filter_map(|(taken, b)| taken.map(|a| (a, b)));
    let mut pairs: Vec<(usize, usize)> = pairs.collect();
    pairs.sort_unstable();
    pairs
}

/// Seeks the shortest chain that frees a partner for `start` by giving others another one, and takes it.
/// Where there is none, what was reached leads to no free partner for anybody later, either.
fn augment(start: usize, allowed: &[Vec<usize>], taken_by: &mut [Option<usize>], hopeless: &mut [bool]) {
    // For each of the second set, from whom of the first it was reached.
    let mut reached: Vec<Option<usize>> = vec![None; taken_by.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(a) = queue.pop_front() {
        for &b in &allowed[a] {
            if reached[b].is_some() || hopeless[b] {
                continue;
            }
            reached[b] = Some(a);
            match taken_by[b] {
                Some(holder) => queue.push_back(holder),
                None => return take(b, start, &reached, allowed, taken_by),
            }
        }
    }
    for (hopeless, reached) in hopeless.iter_mut().zip(&reached) {
        *hopeless |= reached.is_some();
    }
}

/// Gives the free `last` to whoever reached it, what that one had to whoever reached that, and so on.
fn take(
    last: usize,
    start: usize,
    reached: &[Option<usize>],
    allowed: &[Vec<usize>],
    taken_by: &mut [Option<usize>],
) {
    let mut at = last;
    while let Some(a) = reached[at] {
        let before = allowed[a].iter().copied().find(|&b| taken_by[b] == Some(a));
        taken_by[at] = Some(a);
        match before {
            Some(b) if a != start => at = b,
            Some(_) | None => return,
        }
    }
}
