//! The best one-to-one assignment, by the Hungarian method.

/// A pair that may be assigned, and its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Allowed {
    pub(super) first: usize,
    pub(super) second: usize,
    /// 0 to 1.
    pub(super) cost: f64,
}

/// As many of the allowed pairs as there can be with each member at most once, and of these the ones that together
/// cost least; by the first member. What is not allowed was left out beforehand, so that it never takes the place of
/// what is. None when one group of things that may all be each other's has more than `most_pairs` pairs.
pub(super) fn best(allowed: &[Allowed], most_pairs: usize) -> Option<Vec<(usize, usize)>> {
    let mut chosen = Vec::new();
    for group in groups(allowed) {
        let mut first: Vec<usize> = group.iter().map(|pair| pair.first).collect();
        let mut second: Vec<usize> = group.iter().map(|pair| pair.second).collect();
        for members in [&mut first, &mut second] {
            members.sort_unstable();
            members.dedup();
        }
        if first.len().checked_mul(second.len()).is_none_or(|pairs| pairs > most_pairs) {
            return None;
        }
        chosen.extend(assigned(&group, &first, &second));
    }
    chosen.sort_unstable();
    Some(chosen)
}

/// The pairs in groups that share no member.
fn groups(allowed: &[Allowed]) -> Vec<Vec<Allowed>> {
    let length = |member: fn(&Allowed) -> usize| allowed.iter().map(member).max().map_or(0, |last| last + 1);
    let (first, second) = (length(|pair| pair.first), length(|pair| pair.second));
    let mut sets = crate::measure::Sets::new(first + second);
    for pair in allowed {
        sets.join(pair.first, first + pair.second);
    }
    let mut of_root: std::collections::BTreeMap<usize, Vec<Allowed>> = std::collections::BTreeMap::new();
    for pair in allowed {
        of_root.entry(sets.root(pair.first)).or_default().push(*pair);
    }
    of_root.into_values().collect()
}

/// The best pairs of one group.
fn assigned(group: &[Allowed], first: &[usize], second: &[usize]) -> Vec<(usize, usize)> {
    // Rows are the fewer.
    let turned = first.len() > second.len();
    let (rows, columns) = if turned { (second, first) } else { (first, second) };
    // One pair more outweighs all costs.
    let forbidden = rows.len() as f64 + 1.0;
    let mut costs = vec![vec![forbidden; columns.len()]; rows.len()];
    for pair in group {
        let (row, column) = if turned { (pair.second, pair.first) } else { (pair.first, pair.second) };
        if let (Ok(row), Ok(column)) = (rows.binary_search(&row), columns.binary_search(&column)) {
            costs[row][column] = pair.cost;
        }
    }
    let pairs = rows_to_columns(&costs).into_iter().enumerate();
    let pairs = pairs.filter(|&(row, column)| costs[row][column] < forbidden);
    let pairs = pairs.map(|(row, column)| (rows[row], columns[column]));
    pairs.map(|(row, column)| if turned { (column, row) } else { (row, column) }).collect()
}

/// For each row a column of its own, so that the sum of the costs is least. There are at least as many columns.
///
/// Source: shortest augmenting paths with potentials, Jonker and Volgenant, Computing 38 (1987) 325.
fn rows_to_columns(costs: &[Vec<f64>]) -> Vec<usize> {
    let columns = costs.first().map_or(0, Vec::len);
    let mut paid_by_row = vec![0.0; costs.len()];
    let mut paid_by_column = vec![0.0; columns];
    let mut row_of: Vec<Option<usize>> = vec![None; columns];
    for start in 0..costs.len() {
        // For each column, the cheapest way to it from `start`, and the column before it on that way.
        let mut way = vec![f64::INFINITY; columns];
        let mut before: Vec<Option<usize>> = vec![None; columns];
        let mut done = vec![false; columns];
        let (mut row, mut last) = (start, None);
        let end = loop {
            let mut nearest: Option<usize> = None;
            for column in (0..columns).filter(|&column| !done[column]) {
                let cost = costs[row][column] - paid_by_row[row] - paid_by_column[column];
                let so_far = last.map_or(0.0, |last: usize| way[last]);
                if so_far + cost < way[column] {
                    (way[column], before[column]) = (so_far + cost, last);
                }
                if nearest.is_none_or(|nearest| way[column] < way[nearest]) {
                    nearest = Some(column);
                }
            }
            let Some(column) = nearest else { break None };
            done[column] = true;
            last = Some(column);
            match row_of[column] {
                Some(next) => row = next,
                None => break Some(column),
            }
        };
        let Some(end) = end else { continue };
        paid_by_row[start] += way[end];
        for column in (0..columns).filter(|&column| done[column] && column != end) {
            if let Some(row) = row_of[column] {
                paid_by_row[row] += way[end] - way[column];
                paid_by_column[column] -= way[end] - way[column];
            }
        }
        let mut at = end;
        while let Some(previous) = before[at] {
            row_of[at] = row_of[previous];
            at = previous;
        }
        row_of[at] = Some(start);
    }
    let mut column_of = vec![0; costs.len()];
    for (column, row) in row_of.iter().enumerate() {
        if let Some(row) = row {
            column_of[*row] = column;
        }
    }
    column_of
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allowed(overlaps: &[&[f64]], least: f64) -> Vec<Allowed> {
        let mut pairs = Vec::new();
        for (first, row) in overlaps.iter().enumerate() {
            for (second, &overlap) in row.iter().enumerate().filter(|&(_, &overlap)| overlap >= least) {
                pairs.push(Allowed { first, second, cost: 1.0 - overlap });
            }
        }
        pairs
    }

    #[test]
    fn v18_the_hungarian_method_finds_two_pairs_where_a_greedy_one_finds_one() {
        let pairs = allowed(&[&[0.60, 0.55], &[0.58, 0.10]], 0.5);
        assert_eq!(best(&pairs, 100), Some(vec![(0, 1), (1, 0)]));
    }

    #[test]
    fn a_group_that_is_too_large_is_refused_and_many_small_ones_are_not() {
        let pair = |first, second| Allowed { first, second, cost: 0.5 };
        let dense: Vec<Allowed> = (0..4).flat_map(|a| (0..4).map(move |b| pair(a, b))).collect();
        assert_eq!(best(&dense, 15), None);
        let apart: Vec<Allowed> = (0..50).map(|at| pair(at, at)).collect();
        assert_eq!(best(&apart, 15).unwrap().len(), 50);
        assert_eq!(best(&[], 0), Some(vec![]));
    }

    /// Tries all ways to give each first member a second one or none.
    fn by_trial(pairs: &[Allowed], first: usize, taken: &mut Vec<usize>) -> (usize, f64) {
        if first == 5 {
            return (0, 0.0);
        }
        let mut found = by_trial(pairs, first + 1, taken);
        for pair in pairs.iter().filter(|pair| pair.first == first) {
            if taken.contains(&pair.second) {
                continue;
            }
            taken.push(pair.second);
            let (number, cost) = by_trial(pairs, first + 1, taken);
            taken.pop();
            let (number, cost) = (number + 1, cost + pair.cost);
            if number > found.0 || number == found.0 && cost < found.1 {
                found = (number, cost);
            }
        }
        found
    }

    proptest! {
        #[test]
        fn no_other_assignment_is_better(
            costs in prop::collection::vec((any::<bool>(), 0.0..1.0_f64), 5 * 6), columns in 1..=6_usize,
        ) {
            let pairs: Vec<Allowed> = costs.iter().enumerate()
                .filter(|&(at, &(there, _))| there && at % 6 < columns)
                .map(|(at, &(_, cost))| Allowed { first: at / 6, second: at % 6, cost })
                .collect();
            let chosen = best(&pairs, 100).unwrap();
            let cost = |&(first, second): &(usize, usize)| {
                pairs.iter().find(|pair| (pair.first, pair.second) == (first, second)).unwrap().cost
            };
            let (number, least) = by_trial(&pairs, 0, &mut Vec::new());
            prop_assert_eq!(chosen.len(), number);
            prop_assert!((chosen.iter().map(cost).sum::<f64>() - least).abs() < 1e-9);
            for (at, one) in chosen.iter().enumerate() {
                prop_assert!(chosen[..at].iter().all(|other| other.0 != one.0 && other.1 != one.1));
            }
        }
    }
}
