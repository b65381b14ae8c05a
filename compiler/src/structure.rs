//! A dependency graph in, sequences with parallel branches out.
//!
//! The order that the graph demands is a partial order. It is taken apart from the outside in: parts that nothing
//! connects run side by side; a part whose every stage comes before every stage of another is put before it. Where a
//! graph is series-parallel, this finds exactly its structure and no stage waits for one that it does not need. Where
//! it is not, some stages must wait for others; the cut that keeps the longest chain shortest is taken, and of those, the
//! one that makes the fewest stages wait. [`waits`] tells which wait for what.

use std::collections::{BTreeMap, BTreeSet};

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
    sequence((0..needs.len()).collect(), &all_before(needs), &mut Costs::new())
}

/// Every stage that waits for stages which it does not need, and those that it waits for directly; in order.
pub fn waits(arranged: &[Arranged], needs: &[BTreeSet<usize>]) -> Vec<(usize, Vec<usize>)> {
    let before = all_before(needs);
    let mut last: Vec<(usize, Vec<usize>)> = Vec::new();
    direct(arranged, &[], &mut last);
    let mut found: Vec<(usize, Vec<usize>)> = last
        .into_iter()
        .map(|(stage, earlier)| (stage, earlier.into_iter().filter(|&other| !before[stage][other]).collect::<Vec<_>>()))
        .filter(|(_, needless)| !needless.is_empty())
        .collect();
    found.sort();
    found
}

/// For every stage of a sequence, the stages that end last before it begins; gives those that end the sequence.
fn direct(sequence: &[Arranged], earlier: &[usize], found: &mut Vec<(usize, Vec<usize>)>) -> Vec<usize> {
    let mut last = earlier.to_vec();
    for part in sequence {
        last = match part {
            Arranged::One(stage) => {
                found.push((*stage, last));
                vec![*stage]
            }
            Arranged::Together(branches) => branches.iter().flat_map(|branch| direct(branch, &last, found)).collect(),
        };
    }
    last
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

/// What the best structures of sets of stages cost, as far as it was found out.
type Costs = BTreeMap<Vec<usize>, Cost>;

/// Arranges a set of stages, given in the order written.
fn sequence(mut stages: Vec<usize>, before: &Order, known: &mut Costs) -> Vec<Arranged> {
    let mut made = Vec::new();
    loop {
        match split(&stages, before) {
            Split::Trivial => made.extend(stages.iter().map(|&stage| Arranged::One(stage))),
            Split::SideBySide(parts) => {
                let branches = parts.into_iter().map(|part| sequence(part, before, known)).collect();
                made.push(Arranged::Together(branches));
            }
            Split::InSeries(parts) => {
                for part in parts {
                    made.extend(sequence(part, before, known));
                }
            }
            Split::Neither => {
                let (first, rest) = cut(&stages, before, known);
                made.extend(sequence(first, before, known));
                stages = rest;
                continue;
            }
        }
        return made;
    }
}

/// How a set of stages falls apart.
enum Split {
    /// At most one stage.
    Trivial,
    /// Parts that nothing connects.
    SideBySide(Vec<Vec<usize>>),
    /// Parts of which each comes wholly before the next.
    InSeries(Vec<Vec<usize>>),
    /// Not without waiting.
    Neither,
}

fn split(stages: &[usize], before: &Order) -> Split {
    if stages.len() < 2 {
        return Split::Trivial;
    }
    let ordered = |a: usize, b: usize| before[a][b] || before[b][a];
    let side_by_side = components(stages, ordered);
    if side_by_side.len() > 1 {
        return Split::SideBySide(side_by_side);
    }
    let mut in_series = components(stages, |a, b| !ordered(a, b));
    if in_series.len() < 2 {
        return Split::Neither;
    }
    // All of one part comes before all of another, so any member tells the order.
    in_series.sort_by_cached_key(|part| {
        part.first().map_or(0, |&at| stages.iter().filter(|&&other| before[at][other]).count())
    });
    Split::InSeries(in_series)
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

/// Ways to cut a set that are all tried, each with all ways to cut what it leaves; beyond, only the likely ones are.
const ALL_CUTS: usize = 100;
/// Stages up to which the likely cuts are weighed; beyond, what is ready goes first.
const WEIGHED: usize = 60;

/// What a structure costs: stages in its longest chain, and pairs that wait without need.
type Cost = (usize, usize);

/// The two sequences to make of stages that don't fall apart: a set that is closed under what its stages need, and the rest.
fn cut(stages: &[usize], before: &Order, known: &mut Costs) -> (Vec<usize>, Vec<usize>) {
    let parted =
        |first: &BTreeSet<usize>| -> (Vec<usize>, Vec<usize>) { stages.iter().partition(|at| first.contains(at)) };
    if let Some(cuts) = closed_sets(stages, before) {
        let best = cuts.iter().min_by_key(|first| {
            let (first, rest) = parted(first);
            joined(&first, &rest, before, known)
        });
        if let Some(first) = best {
            return parted(first);
        }
    }
    let ready = stages.iter().copied().filter(|&at| !stages.iter().any(|&other| before[at][other])).collect();
    if stages.len() > WEIGHED {
        return parted(&ready);
    }
    let needed = stages.iter().map(|&at| stages.iter().copied().filter(|&other| before[at][other]).collect());
    let unneeding =
        stages.iter().map(|&at| stages.iter().copied().filter(|&other| other != at && !before[other][at]).collect());
    let likely = [ready].into_iter().chain(needed).chain(unneeding);
    let cuts = likely.filter(|first: &BTreeSet<usize>| !first.is_empty() && first.len() < stages.len());
    let cost = |first: &BTreeSet<usize>| {
        let (first, rest) = parted(first);
        (longest(&first, before) + longest(&rest, before), needless(&first, &rest, before))
    };
    cuts.min_by_key(cost).map_or_else(|| (stages.to_vec(), Vec::new()), |first| parted(&first))
}

/// Every set of these stages, neither empty nor whole, that has what its stages need; `None` when there are very many.
fn closed_sets(stages: &[usize], before: &Order) -> Option<Vec<BTreeSet<usize>>> {
    let mut found = BTreeSet::from([BTreeSet::new()]);
    let mut frontier = vec![BTreeSet::new()];
    while let Some(set) = frontier.pop() {
        let ready = stages
            .iter()
            .copied()
            .filter(|at| !set.contains(at) && stages.iter().all(|other| !before[*at][*other] || set.contains(other)));
        for at in ready.collect::<Vec<_>>() {
            let mut next = set.clone();
            next.insert(at);
            if found.insert(next.clone()) {
                frontier.push(next);
            }
            if found.len() > ALL_CUTS {
                return None;
            }
        }
    }
    found.retain(|set| !set.is_empty() && set.len() < stages.len());
    Some(found.into_iter().collect())
}

/// The least cost of a structure for these stages; `known` keeps what was found out.
fn cost(stages: &[usize], before: &Order, known: &mut Costs) -> Cost {
    if let Some(cost) = known.get(stages) {
        return *cost;
    }
    let found = match split(stages, before) {
        Split::Trivial => (stages.len(), 0),
        Split::SideBySide(parts) => parts.iter().fold((0, 0), |(chain, pairs), part| {
            let (own, more) = cost(part, before, known);
            (chain.max(own), pairs + more)
        }),
        Split::InSeries(parts) => parts.iter().fold((0, 0), |(chain, pairs), part| {
            let (own, more) = cost(part, before, known);
            (chain + own, pairs + more)
        }),
        Split::Neither => {
            let (first, rest) = cut(stages, before, known);
            joined(&first, &rest, before, known)
        }
    };
    known.insert(stages.to_vec(), found);
    found
}

/// The cost of one set before the other.
fn joined(first: &[usize], rest: &[usize], before: &Order, known: &mut Costs) -> Cost {
    let ((a, x), (b, y)) = (cost(first, before, known), cost(rest, before, known));
    (a + b, x + y + needless(first, rest, before))
}

/// Pairs of which the one waits for the other without needing it, when all of `first` comes before all of `rest`.
fn needless(first: &[usize], rest: &[usize], before: &Order) -> usize {
    rest.iter().map(|&at| first.iter().filter(|&&other| !before[at][other]).count()).sum()
}

/// The number of stages in the longest chain of these.
fn longest(stages: &[usize], before: &Order) -> usize {
    let earlier = |at: usize| stages.iter().filter(move |&&other| before[at][other]);
    // A stage that needs another has more before it.
    let mut order = stages.to_vec();
    order.sort_by_cached_key(|&at| earlier(at).count());
    let mut chains: BTreeMap<usize, usize> = BTreeMap::new();
    for at in order {
        let chain = 1 + earlier(at).filter_map(|other| chains.get(other)).max().copied().unwrap_or(0);
        chains.insert(at, chain);
    }
    chains.into_values().max().unwrap_or(0)
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
        let needs = [vec![], vec![], vec![0], vec![0, 1]].map(BTreeSet::from_iter);
        assert_eq!(waits(&arrange(&needs), &needs), [(2, vec![1])]);
        // Waiting for all that is ready would put a fifth stage into the longest chain.
        let needs = [vec![], vec![0], vec![1], vec![2], vec![], vec![4, 0]].map(BTreeSet::from_iter);
        assert_eq!(longest_chain(&arrange(&needs)), 4);
    }

    /// Stages in the longest chain of a structure.
    fn longest_chain(parts: &[Arranged]) -> usize {
        let of = |part: &Arranged| match part {
            Arranged::One(_) => 1,
            Arranged::Together(branches) => branches.iter().map(|branch| longest_chain(branch)).max().unwrap_or(0),
        };
        parts.iter().map(of).sum()
    }

    /// Every pair of which the second comes after the first.
    fn pairs(parts: &[Arranged]) -> BTreeSet<(usize, usize)> {
        fn all(parts: &[Arranged]) -> Vec<usize> {
            let of = |part: &Arranged| match part {
                Arranged::One(stage) => vec![*stage],
                Arranged::Together(branches) => branches.iter().flat_map(|branch| all(branch)).collect(),
            };
            parts.iter().flat_map(of).collect()
        }
        let mut found = BTreeSet::new();
        for (at, part) in parts.iter().enumerate() {
            let (own, later) = (all(std::slice::from_ref(part)), all(&parts[at + 1..]));
            found.extend(own.iter().flat_map(|&a| later.iter().map(move |&b| (a, b))));
            if let Arranged::Together(branches) = part {
                branches.iter().for_each(|branch| found.extend(pairs(branch)));
            }
        }
        found
    }

    fn demanded(needs: &[BTreeSet<usize>]) -> BTreeSet<(usize, usize)> {
        let before = all_before(needs);
        let pairs = (0..needs.len()).flat_map(|a| (0..needs.len()).map(move |b| (a, b)));
        pairs.filter(|&(a, b)| before[b][a]).collect()
    }

    /// A generator of numbers (xorshift), the same in every run.
    fn random(mut state: u64) -> impl FnMut(usize) -> usize {
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        }
    }

    /// A random series-parallel graph of `size` stages: each stage's needs, and the first and last stages.
    fn series_parallel(
        size: usize,
        random: &mut impl FnMut(usize) -> usize,
        needs: &mut Vec<BTreeSet<usize>>,
    ) -> (Vec<usize>, Vec<usize>) {
        if size == 1 {
            needs.push(BTreeSet::new());
            return (vec![needs.len() - 1], vec![needs.len() - 1]);
        }
        let half = 1 + random(size - 1);
        let (first, last) = series_parallel(half, random, needs);
        let (second, end) = series_parallel(size - half, random, needs);
        if random(2) == 0 {
            return ([first, second].concat(), [last, end].concat());
        }
        second.iter().for_each(|&stage| needs[stage].extend(&last));
        (first, end)
    }

    #[test]
    fn random_series_parallel_graphs_lose_nothing() {
        let mut random = random(0x5EED);
        for round in 0..2_000 {
            let mut needs = Vec::new();
            series_parallel(1 + round % 40, &mut random, &mut needs);
            let arranged = arrange(&needs);
            assert_eq!(pairs(&arranged), demanded(&needs), "{needs:?}");
            assert_eq!(waits(&arranged, &needs), [], "{needs:?}");
            let all: Vec<usize> = (0..needs.len()).collect();
            assert_eq!(longest_chain(&arranged), longest(&all, &all_before(&needs)));
        }
    }

    /// The least cost of any structure, by trying all: every way to part a set in two, side by side or one after the other.
    fn least(set: u32, before: &Order, known: &mut BTreeMap<u32, Cost>) -> Cost {
        if set.count_ones() < 2 {
            return (set.count_ones() as usize, 0);
        }
        if let Some(cost) = known.get(&set) {
            return *cost;
        }
        let members = |set: u32| (0..32usize).filter(move |at| set >> at & 1 == 1);
        let mut best = (usize::MAX, usize::MAX);
        let mut first = (set - 1) & set;
        while first > 0 {
            let rest = set & !first;
            let ordered = |a: u32, b: u32| members(a).any(|x| members(b).any(|y| before[y][x]));
            let ((a, x), (b, y)) = (least(first, before, known), least(rest, before, known));
            if !ordered(rest, first) {
                let needless = members(first).map(|x| members(rest).filter(|&y| !before[y][x]).count()).sum::<usize>();
                best = best.min((a + b, x + y + needless));
                if !ordered(first, rest) {
                    best = best.min((a.max(b), x + y));
                }
            }
            first = (first - 1) & set;
        }
        known.insert(set, best);
        best
    }

    #[test]
    fn random_graphs_get_the_best_structure_there_is() {
        let mut random = random(0xBE57);
        for round in 0..1_500 {
            let size = 2 + round % 6;
            let needs: Vec<BTreeSet<usize>> =
                (0..size).map(|at| (0..at).filter(|_| random(3) == 0).collect()).collect();
            let arranged = arrange(&needs);
            let (made, demanded) = (pairs(&arranged), demanded(&needs));
            assert!(made.is_superset(&demanded), "{needs:?}");
            let before = all_before(&needs);
            let best = least((1 << size) - 1, &before, &mut BTreeMap::new());
            assert_eq!((longest_chain(&arranged), made.len() - demanded.len()), best, "{needs:?} {arranged:?}");
            let told: BTreeSet<usize> = waits(&arranged, &needs).into_iter().map(|(stage, _)| stage).collect();
            let waiting: BTreeSet<usize> = made.difference(&demanded).map(|&(_, stage)| stage).collect();
            assert!(told.is_subset(&waiting), "{needs:?}");
            assert_eq!(told.is_empty(), waiting.is_empty(), "{needs:?} {arranged:?}");
        }
    }

    #[test]
    fn a_thousand_stages_of_any_form() {
        let mut random = random(0x1000);
        let needs: Vec<BTreeSet<usize>> =
            (0..1_000usize).map(|at| (0..3).map(|_| random(at + 1)).filter(|&need| need < at).collect()).collect();
        assert!(pairs(&arrange(&needs)).is_superset(&demanded(&needs)));
    }

    #[test]
    fn a_long_chain_does_not_recurse() {
        let chain: Vec<BTreeSet<usize>> = (0..2_000usize).map(|at| at.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(arrange(&chain).len(), 2_000);
    }
}
