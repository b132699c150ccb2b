//! Decisions read together: one row of look-ups that answers them all.
//!
//! In: a table and some of its decisions. Out: a [`Machine`]. Its states on a cut between two tests are the rows of nodes, one for
//! each decision, that stand there together; decisions of one regime look at the same things, so there are far fewer of these
//! than products (48 for five decisions that have 5 to 25 each). Runs of tests are then one look-up each, as in
//! `diagram::fuse`, with costs of a database: a look-up is a join of small tables or an index into an array, and costs so
//! much more than an addition that few of them, and larger ones, are best.
//!
//! Whose idea: classes of combinations, phase by phase (P. Gupta and N. McKeown, SIGCOMM 1999); the product of automata.

use std::collections::BTreeMap;

use lexport_runtime::{HEAD, LEAF, Test};
use rustc_hash::FxHashMap;

use crate::diagram::OwnedTable;

/// The most states on a cut, and the most answers, of decisions that are read together.
const STATES: usize = 4096;

/// The most entries of a look-up, as it is first written down.
const ENTRIES: usize = 1 << 17;

/// A run of tests as one look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The tests, each with what one of its classes counts in the number of a combination.
    pub parts: Vec<(usize, usize)>,
    /// By combination its column; empty if each has its own.
    pub columns: Vec<u32>,
    /// How many columns there are.
    pub width: usize,
    /// By `state * width + column` the state behind; of the last step the answer.
    pub next: Vec<u32>,
}

/// Some decisions, answered together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Which.
    pub decisions: Vec<usize>,
    /// The steps; without any there is one answer.
    pub steps: Vec<Step>,
    /// By answer the outcome of each of the decisions.
    pub answers: Vec<Vec<u32>>,
}

/// The number of classes of a test.
pub(crate) fn classes(test: Test) -> usize {
    match test {
        Test::Member { classes, .. } | Test::Interval { classes, .. } => classes as usize,
        _ => 2,
    }
}

/// All decisions of a well-formed table, in as few machines as stay small. A decision goes into the first that has room for it.
pub(crate) fn machines(table: &OwnedTable) -> Vec<Machine> {
    let mut groups: Vec<(Vec<usize>, Levels)> = Vec::new();
    for decision in 0..table.roots.len() {
        let with = |group: &[usize]| -> Vec<usize> { group.iter().copied().chain([decision]).collect() };
        let joined = groups.iter().enumerate().find_map(|(at, (group, _))| {
            let more = with(group);
            Levels::new(table, &more, STATES).map(|levels| (at, more, levels))
        });
        match joined {
            Some((at, more, levels)) => groups[at] = (more, levels),
            // A decision alone has no more states than nodes.
            None => groups.extend(Levels::new(table, &[decision], usize::MAX).map(|levels| (vec![decision], levels))),
        }
    }
    groups.into_iter().map(|(decisions, levels)| levels.machine(decisions)).collect()
}

/// The product of diagrams, test by test.
struct Levels {
    /// The tests that count, with their classes.
    tests: Vec<(usize, usize)>,
    /// Before each test, and behind the last, how many states there are.
    states: Vec<usize>,
    /// By test, for each state and class the state behind.
    behind: Vec<Vec<u32>>,
    /// The states behind the last: outcomes, by decision.
    answers: Vec<Vec<u32>>,
}

impl Levels {
    /// Nothing if there are more states than `limit` anywhere.
    fn new(table: &OwnedTable, decisions: &[usize], limit: usize) -> Option<Levels> {
        let mut front: Vec<Vec<u32>> = vec![decisions.iter().map(|decision| table.roots[*decision]).collect()];
        let mut levels = Levels { tests: Vec::new(), states: vec![1], behind: Vec::new(), answers: Vec::new() };
        for (number, test) in table.tests.iter().enumerate() {
            let tests = |word: u32| word & LEAF == 0 && (table.nodes[word as usize] & !HEAD) as usize == number;
            if !front.iter().any(|state| state.iter().any(|word| tests(*word))) {
                continue;
            }
            let count = classes(*test);
            let mut number_of: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
            let mut next: Vec<Vec<u32>> = Vec::new();
            let mut behind = Vec::with_capacity(front.len() * count);
            for state in &front {
                for class in 0..count {
                    let child = |word: &u32| if tests(*word) { table.nodes[*word as usize + 1 + class] } else { *word };
                    let state: Vec<u32> = state.iter().map(child).collect();
                    let fresh = next.len() as u32;
                    let at = *number_of.entry(state).or_insert_with_key(|state| {
                        next.push(state.clone());
                        fresh
                    });
                    behind.push(at);
                }
            }
            if next.len() > limit {
                return None;
            }
            levels.tests.push((number, count));
            levels.states.push(next.len());
            levels.behind.push(behind);
            front = next;
        }
        levels.answers = front.into_iter().map(|state| state.into_iter().map(|word| word & !HEAD).collect()).collect();
        Some(levels)
    }

    /// The cheapest row of steps: cuts are placed by dynamic programming.
    fn machine(self, decisions: Vec<usize>) -> Machine {
        let count = self.tests.len();
        let mut best: Vec<Option<(u64, usize, Step)>> = vec![None; count + 1];
        for from in 0..count {
            let so_far = if from == 0 { 0 } else { best[from].as_ref().map_or(u64::MAX, |(cost, _, _)| *cost) };
            let states = self.states[from];
            // By state and combination the state behind the run.
            let mut reached: Vec<u32> = (0..states as u32).collect();
            let mut combinations = 1;
            let mut parts = Vec::new();
            for (to, best) in best.iter_mut().enumerate().skip(from + 1) {
                let (test, classes) = self.tests[to - 1];
                if to > from + 1 && states * combinations * classes > ENTRIES {
                    break;
                }
                parts.push((test, combinations));
                let behind = &self.behind[to - 1];
                let rows = reached.chunks(combinations).flat_map(|row| {
                    (0..classes).flat_map(move |class| row.iter().map(move |state| behind[*state as usize * classes + class]))
                });
                reached = rows.collect();
                combinations *= classes;
                let (cost, step) = step(&parts, states, combinations, &reached);
                let cost = so_far.saturating_add(cost);
                if best.as_ref().is_none_or(|(known, _, _)| cost < *known) {
                    *best = Some((cost, from, step));
                }
            }
        }
        let mut steps = Vec::new();
        let mut at = count;
        while let Some((_, from, step)) = best[at].take().filter(|_| at > 0) {
            steps.push(step);
            at = from;
        }
        steps.reverse();
        Machine { decisions, steps, answers: self.answers }
    }
}

/// A run as a look-up, with its columns apart if that is cheaper.
fn step(parts: &[(usize, usize)], states: usize, combinations: usize, reached: &[u32]) -> (u64, Step) {
    let direct = look_up(states * combinations);
    let parts = parts.to_vec();
    if states > 1 && direct > 2 * look_up(1) {
        let mut column_of: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let (mut columns, mut firsts) = (Vec::with_capacity(combinations), Vec::new());
        for combination in 0..combinations {
            let fresh = column_of.len() as u32;
            let column = reached.iter().skip(combination).step_by(combinations).copied().collect();
            let at = *column_of.entry(column).or_insert(fresh);
            if at == fresh {
                firsts.push(combination);
            }
            columns.push(at);
        }
        let width = firsts.len();
        let apart = look_up(combinations) + look_up(states * width);
        if apart < direct {
            let next = reached.chunks(combinations).flat_map(|row| firsts.iter().map(|first| row[*first])).collect();
            return (apart, Step { parts, columns, width, next });
        }
    }
    (direct, Step { parts, columns: Vec::new(), width: combinations, next: reached.to_vec() })
}

/// What a look-up among so many entries is expected to cost, in tenths of a nanosecond: DuckDB's joins, measured; and the bytes of the file.
fn look_up(entries: usize) -> u64 {
    let join = match entries {
        0..=4_096 => 180,
        4_097..=16_384 => 290,
        16_385..=65_536 => 460,
        _ => 800,
    };
    join + entries as u64 / 500
}
