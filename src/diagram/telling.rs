//! Which input to ask for first: the order that a table carries for each decision.
//!
//! In: a table, and a decision. Out: the inputs that its answer can hang on, the most telling first. The measure is the *influence* of a variable
//! on a function (M. Ben-Or and N. Linial, "Collective coin flipping", 1985), counted exactly: of all combinations of one class for each test, in
//! how many the answer is open when this input alone is unknown. Classes count alike, not values: a threshold that parts one value from a million
//! parts two kinds of case all the same.

use lexport_runtime::{Kind, LEAF, Value};
use num_bigint::BigUint;
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;

use super::build::DiagramError;
use super::residual::{Arena, Leaves, Residual, classes, read_by};
use super::table::{OwnedTable, TableBuildError};

/// The leaf of several answers; no outcome has this number.
const OPEN: u32 = u32::MAX;

/// The inputs that the answer of a decision can hang on, the most telling first; of two that tell the same, the one with the lower number.
///
/// # Errors
/// If counting takes more nodes than the limit, for a decision that is not there, or a malformed table.
pub fn most_telling_first(table: &OwnedTable, decision: u32, limit: usize) -> Result<Vec<u32>, TableBuildError> {
    let mut order = influence(table, decision, limit)?;
    order.sort_by(|(a, telling_a), (b, telling_b)| telling_b.cmp(telling_a).then(a.cmp(b)));
    Ok(order.into_iter().map(|(input, _)| input).collect())
}

/// For each input that the answer of a decision can hang on, rising: in how many combinations of classes of the decision's tests the answer is open
/// when it alone is unknown.
pub(super) fn influence(table: &OwnedTable, decision: u32, limit: usize) -> Result<Vec<(u32, BigUint)>, TableBuildError> {
    let unknown: Vec<Value<'_>> = (table.kinds.iter())
        .map(|kind| match kind {
            Kind::Int(lo, hi) if lo == hi => Value::Int(*lo),
            _ => Value::Unknown,
        })
        .collect();
    let residual = Residual::new(table, decision, &unknown, Leaves::Answers).map_err(TableBuildError::Table)?;
    let tests = residual.tests();
    let inputs = residual.inputs(table, &unknown);
    let Residual { arena, root } = residual;
    let below = arena.reached(root, |_| None);
    let arities: Vec<u32> = tests.iter().map(|test| classes(table.tests[*test as usize])).collect();
    let mut agreement = Agreement { arena, memo: FxHashMap::default(), limit };
    let mut counts = Vec::with_capacity(inputs.len());
    for input in inputs {
        let reads: Vec<bool> = tests.iter().map(|test| read_by(table, *test).contains(&input)).collect();
        let mut made: FxHashMap<u32, u32> = FxHashMap::default();
        for node in below.iter().copied().filter(|word| word & LEAF == 0) {
            let arena = &mut agreement.arena;
            let test = arena.test(node);
            let of = |child: &u32| if child & LEAF == 0 { made[child] } else { *child };
            let mut children: Vec<u32> = arena.children(node).iter().map(of).collect();
            let word = match tests.binary_search(&test) {
                Ok(at) if reads[at] => {
                    children.sort_unstable();
                    children.dedup();
                    let (first, rest) = children.split_first().unwrap_or((&OPEN, &[]));
                    rest.iter()
                        .try_fold(*first, |one, other| agreement.of(one, *other))
                        .ok_or(TableBuildError::Diagram(DiagramError::Nodes(limit)))?
                }
                _ => arena.make(test, &children),
            };
            made.insert(node, word);
        }
        let word = if root & LEAF == 0 { made[&root] } else { root };
        counts.push((input, open_in(&agreement.arena, word, &tests, &arities)));
    }
    Ok(counts)
}

/// Functions made of others, each pair once.
struct Agreement {
    arena: Arena,
    memo: FxHashMap<(u32, u32), u32>,
    /// How many words of nodes and pairs there may be.
    limit: usize,
}

impl Agreement {
    /// The answer on which two functions agree, [`OPEN`] where they do not; nothing if that is beyond the limit.
    fn of(&mut self, a: u32, b: u32) -> Option<u32> {
        if a == b {
            return Some(a);
        }
        if a == OPEN || b == OPEN || (a & LEAF != 0 && b & LEAF != 0) {
            return Some(OPEN);
        }
        let key = (a.min(b), a.max(b));
        if let Some(word) = self.memo.get(&key) {
            return Some(*word);
        }
        let test = self.arena.test(a).min(self.arena.test(b));
        let (of_a, of_b) = (self.arena.test(a) == test, self.arena.test(b) == test);
        let count = self.arena.children(if of_a { a } else { b }).len();
        let mut children = Vec::with_capacity(count);
        for class in 0..count {
            let one = if of_a { self.arena.children(a)[class] } else { a };
            let other = if of_b { self.arena.children(b)[class] } else { b };
            children.push(self.of(one, other)?);
        }
        let word = self.arena.make(test, &children);
        self.memo.insert(key, word);
        (self.arena.words() + self.memo.len() <= self.limit).then_some(word)
    }
}

/// In how many combinations of classes of these tests a walk ends at [`OPEN`].
fn open_in(arena: &Arena, root: u32, tests: &[u32], arities: &[u32]) -> BigUint {
    // `rest[k]`: how many combinations the tests from the k-th on have.
    let mut rest = vec![BigUint::one(); tests.len() + 1];
    for at in (0..tests.len()).rev() {
        rest[at] = &rest[at + 1] * arities[at];
    }
    let level = |word: u32| tests.partition_point(|test| *test < arena.test(word));
    let mut count: FxHashMap<u32, BigUint> = FxHashMap::default();
    for node in arena.reached(root, |_| None) {
        let below = match node {
            OPEN => BigUint::one(),
            _ if node & LEAF != 0 => BigUint::zero(),
            _ => {
                let next = level(node) + 1;
                let of = |child: &u32| match (*child, child & LEAF) {
                    (OPEN, _) => rest[next].clone(),
                    (_, 0) => &count[child] * (&rest[next] / &rest[level(*child)]),
                    _ => BigUint::zero(),
                };
                arena.children(node).iter().map(of).sum()
            }
        };
        count.insert(node, below);
    }
    match root & LEAF {
        0 => &count[&root] * (&rest[0] / &rest[level(root)]),
        _ if root == OPEN => rest[0].clone(),
        _ => BigUint::zero(),
    }
}

#[cfg(test)]
mod tests;
