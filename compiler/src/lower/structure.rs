//! A dependency graph in, sequences with parallel branches out.
//!
//! The order that the graph demands is a partial order. It is taken apart from the outside in: parts that nothing
//! connects run side by side; a part whose every stage comes before every stage of another is put before it. Where a
//! graph is series-parallel, this finds exactly its structure and no stage waits for one that it does not need. Where
//! it is not, the stages that are ready first go first, together, and the rest waits for them.

use std::collections::BTreeSet;

/// A part of the structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arranged {
    /// The stage with this index.
    One(usize),
    /// Sequences that run side by side; at least two.
    Together(Vec<Vec<Arranged>>),
}

/// Arranges stages so that each comes after those it needs. `needs` has no circle.
pub fn arrange(needs: &[BTreeSet<usize>]) -> Vec<Arranged> {
    let before = all_before(needs);
    sequence(&(0..needs.len()).collect::<Vec<_>>(), &before)
}

/// Which stages must have ended before a stage begins: a row for each stage, a column for each other.
type Order = Vec<Vec<bool>>;

fn all_before(needs: &[BTreeSet<usize>]) -> Order {
    let mut before: Vec<Option<Vec<bool>>> = vec![None; needs.len()];
    // Depth first, without recursion: a chain may be long.
    let mut stack: Vec<usize> = (0..needs.len()).rev().collect();
    while let Some(&at) = stack.last() {
        let open: Vec<usize> = needs[at].iter().copied().filter(|&need| before[need].is_none()).collect();
        if before[at].is_none() && !open.is_empty() {
            stack.extend(open);
            continue;
        }
        stack.pop();
        if before[at].is_none() {
            let mut all = vec![false; needs.len()];
            for &need in &needs[at] {
                all[need] = true;
                for (all, earlier) in all.iter_mut().zip(before[need].iter().flatten()) {
                    *all |= earlier;
                }
            }
            before[at] = Some(all);
        }
    }
    before.into_iter().map(Option::unwrap_or_default).collect()
}

/// Arranges a set of stages, given in the order written.
fn sequence(stages: &[usize], before: &Order) -> Vec<Arranged> {
    match stages {
        [] => return Vec::new(),
        [only] => return vec![Arranged::One(*only)],
        _ => {}
    }
    let ordered = |a: usize, b: usize| before[a][b] || before[b][a];
    let side_by_side = components(stages, ordered);
    if side_by_side.len() > 1 {
        return vec![Arranged::Together(side_by_side.iter().map(|part| sequence(part, before)).collect())];
    }
    let mut in_series = components(stages, |a, b| !ordered(a, b));
    if in_series.len() > 1 {
        // All of one part comes before all of another, so any member tells the order.
        in_series.sort_by_cached_key(|part| {
            part.first().map_or(0, |&at| stages.iter().filter(|&&other| before[at][other]).count())
        });
        return in_series.iter().flat_map(|part| sequence(part, before)).collect();
    }
    let (ready, rest): (Vec<usize>, Vec<usize>) =
        stages.iter().partition(|&&at| !stages.iter().any(|other| before[at][*other]));
    [sequence(&ready, before), sequence(&rest, before)].concat()
}

/// The connected parts of a set of stages, where `connected` tells neighbours; each in the order written.
fn components(stages: &[usize], connected: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = stages.to_vec();
    let mut found = Vec::new();
    while let Some(&first) = left.first() {
        let mut part = BTreeSet::from([first]);
        left.remove(0);
        let mut frontier = vec![first];
        while let Some(at) = frontier.pop() {
            let (near, far): (Vec<usize>, Vec<usize>) = left.iter().partition(|&&other| connected(at, other));
            part.extend(&near);
            frontier.extend(near);
            left = far;
        }
        found.push(stages.iter().copied().filter(|at| part.contains(at)).collect());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a b>a c>a` as text: `0 (1 | 2)`.
    fn shown(needs: &[&[usize]]) -> String {
        fn show(parts: &[Arranged]) -> String {
            let shown = parts.iter().map(|part| match part {
                Arranged::One(at) => at.to_string(),
                Arranged::Together(branches) => {
                    format!("({})", branches.iter().map(|branch| show(branch)).collect::<Vec<_>>().join(" | "))
                }
            });
            shown.collect::<Vec<_>>().join(" ")
        }
        let needs: Vec<BTreeSet<usize>> = needs.iter().map(|needs| needs.iter().copied().collect()).collect();
        show(&arrange(&needs))
    }

    #[test]
    fn series_parallel_graphs_lose_no_parallelism() {
        assert_eq!(shown(&[]), "");
        assert_eq!(shown(&[&[]]), "0");
        assert_eq!(shown(&[&[], &[0], &[1]]), "0 1 2");
        assert_eq!(shown(&[&[], &[0], &[1], &[1]]), "0 1 (2 | 3)");
        assert_eq!(shown(&[&[], &[0], &[], &[2]]), "(0 1 | 2 3)");
        assert_eq!(shown(&[&[], &[0], &[0], &[1, 2]]), "0 (1 | 2) 3");
        assert_eq!(shown(&[&[2], &[], &[1]]), "1 2 0");
        assert_eq!(shown(&[&[], &[], &[0, 1], &[0, 1]]), "(0 | 1) (2 | 3)");
    }

    #[test]
    fn other_graphs_keep_their_order() {
        // 2 needs 0; 3 needs 0 and 1: an N, which has no exact form.
        assert_eq!(shown(&[&[], &[], &[0], &[0, 1]]), "(0 | 1) (2 | 3)");
    }

    #[test]
    fn a_long_chain_does_not_recurse() {
        let chain: Vec<BTreeSet<usize>> = (0..2_000usize).map(|at| at.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(arrange(&chain).len(), 2_000);
    }
}
