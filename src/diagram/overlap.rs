//! Which rules can meet at all: a box around each rule, and an index over the boxes.
//!
//! In: a program. Out: for every rule the rules whose boxes share a point with its own: an over-approximation of overlap, so
//! that questions about pairs of rules are asked of neighbours only. A box has for each input the values that the rule's
//! condition does not rule out by itself; a disjunction gets the hull of its sides, input by input.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::classes::Allowed;
use crate::ir::{InputId, MemberSet, Program, RuleId, Term, TermId};

/// What a box says of an input; inputs that are not in a box are free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// The values that are possible.
    Values(Allowed),
    /// Members that the set must have, and that it must not have.
    Set(Vec<u32>, Vec<u32>),
}

/// A box: an over-approximation of the cases in which a rule applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleBox {
    /// Whether no case at all is in it.
    pub empty: bool,
    /// The sides, by input.
    pub sides: Vec<(InputId, Side)>,
}

/// At most so many buckets for the values of one input.
const BUCKETS: usize = 256;

/// The boxes of all rules, and an index of them.
#[derive(Debug)]
pub struct Overlap {
    boxes: Vec<RuleBox>,
    axes: Vec<Axis>,
}

/// One input: which rules can be in which bucket of its values.
#[derive(Debug)]
struct Axis {
    input: InputId,
    /// For numbers: the least number of each bucket. For members a bucket is a member (modulo [`BUCKETS`]).
    starts: Option<Vec<i64>>,
    buckets: Vec<Vec<u32>>,
    /// Rules whose boxes leave the input free.
    free: Vec<u32>,
}

impl Side {
    fn meets(&self, other: &Side) -> bool {
        match (self, other) {
            (Side::Values(a), Side::Values(b)) => a.intersects(b),
            (Side::Set(must, not), Side::Set(also, nor)) => {
                !must.iter().any(|member| nor.contains(member)) && !also.iter().any(|member| not.contains(member))
            }
            _ => true,
        }
    }

    /// In both; `None` if nothing is.
    fn and(&self, other: &Side) -> Option<Side> {
        match (self, other) {
            (Side::Values(a), Side::Values(b)) => {
                let both = a.intersection(b);
                (!both.is_empty()).then_some(Side::Values(both))
            }
            (Side::Set(a, b), Side::Set(c, d)) => {
                let union = |x: &[u32], y: &[u32]| {
                    let mut all = [x, y].concat();
                    all.sort_unstable();
                    all.dedup();
                    all
                };
                self.meets(other).then(|| Side::Set(union(a, c), union(b, d)))
            }
            _ => Some(self.clone()),
        }
    }

    /// The hull of both; `None` if that leaves the input free.
    fn or(&self, other: &Side) -> Option<Side> {
        match (self, other) {
            (Side::Values(a), Side::Values(b)) => Some(Side::Values(a.union(b))),
            (Side::Set(a, b), Side::Set(c, d)) => {
                let common = |x: &[u32], y: &[u32]| -> Vec<u32> { x.iter().copied().filter(|m| y.contains(m)).collect() };
                let (must, not) = (common(a, c), common(b, d));
                (!must.is_empty() || !not.is_empty()).then_some(Side::Set(must, not))
            }
            _ => None,
        }
    }
}

impl RuleBox {
    fn free() -> Self {
        RuleBox { empty: false, sides: Vec::new() }
    }

    fn nothing() -> Self {
        RuleBox { empty: true, sides: Vec::new() }
    }

    fn one(input: InputId, side: Side) -> Self {
        RuleBox { empty: false, sides: vec![(input, side)] }
    }

    fn and(mut self, other: &Self) -> Self {
        if self.empty || other.empty {
            return Self::nothing();
        }
        for (input, side) in &other.sides {
            match self.sides.binary_search_by_key(input, |(input, _)| *input) {
                Ok(at) => match self.sides[at].1.and(side) {
                    Some(both) => self.sides[at].1 = both,
                    None => return Self::nothing(),
                },
                Err(at) => self.sides.insert(at, (*input, side.clone())),
            }
        }
        self
    }

    fn or(self, other: &Self) -> Self {
        if self.empty {
            return other.clone();
        }
        if other.empty {
            return self;
        }
        let mut sides = Vec::new();
        for (input, side) in self.sides {
            if let Ok(at) = other.sides.binary_search_by_key(&input, |(input, _)| *input)
                && let Some(hull) = side.or(&other.sides[at].1)
            {
                sides.push((input, hull));
            }
        }
        RuleBox { empty: false, sides }
    }

    /// Whether some point is in both, as far as boxes can tell.
    pub fn meets(&self, other: &Self) -> bool {
        if self.empty || other.empty {
            return false;
        }
        let (mut a, mut b) = (0, 0);
        while let (Some((x, side)), Some((y, other))) = (self.sides.get(a), other.sides.get(b)) {
            if x == y && !side.meets(other) {
                return false;
            }
            if x <= y {
                a += 1
            }
            if y <= x {
                b += 1
            }
        }
        true
    }
}

/// The box of a term; `memo` is shared by all terms of a program.
fn term_box(program: &Program, term: TermId, memo: &mut FxHashMap<TermId, RuleBox>) -> RuleBox {
    let mut stack = vec![term];
    while let Some(top) = stack.last().copied() {
        let inner: &[TermId] = match program.pool.get(top) {
            Term::And(all) | Term::Or(all) => all,
            _ => &[],
        };
        let before = stack.len();
        stack.extend(inner.iter().filter(|term| !memo.contains_key(term)));
        if stack.len() > before {
            continue;
        }
        stack.pop();
        let made = match program.pool.get(top) {
            Term::False => RuleBox::nothing(),
            Term::And(all) => all.iter().fold(RuleBox::free(), |all, term| all.and(&memo[term])),
            Term::Or(all) => all.iter().fold(RuleBox::nothing(), |all, term| all.or(&memo[term])),
            Term::Not(inner) => match program.pool.get(*inner) {
                Term::Flag(of) => RuleBox::one(*of, Side::Values(Allowed::Members(MemberSet::of(2, [0])))),
                Term::Has { of, member } => RuleBox::one(*of, Side::Set(Vec::new(), vec![*member])),
                _ => RuleBox::free(),
            },
            Term::Flag(of) => RuleBox::one(*of, Side::Values(Allowed::Members(MemberSet::of(2, [1])))),
            Term::Member { of, set } => RuleBox::one(*of, Side::Values(Allowed::Members(set.clone()))),
            Term::Within { of, ranges } => RuleBox::one(*of, Side::Values(Allowed::Ranges(ranges.clone()))),
            Term::Has { of, member } => RuleBox::one(*of, Side::Set(vec![*member], Vec::new())),
            // What hangs on other rules, on decisions or on arithmetic is free: the box only ever gets too large.
            _ => RuleBox::free(),
        };
        memo.insert(top, made);
    }
    memo[&term].clone()
}

impl Overlap {
    /// The boxes and the index of all rules of a program.
    pub fn new(program: &Program) -> Self {
        let mut memo = FxHashMap::default();
        let boxes: Vec<RuleBox> = program.rules.iter().map(|rule| term_box(program, rule.applies, &mut memo)).collect();
        let mut by_input: BTreeMap<InputId, Vec<(u32, &Allowed)>> = BTreeMap::new();
        for (rule, it) in boxes.iter().enumerate() {
            for (input, side) in &it.sides {
                if let Side::Values(allowed) = side {
                    by_input.entry(*input).or_default().push((rule as u32, allowed));
                }
            }
        }
        let axes = by_input.into_iter().map(|(input, sides)| Axis::new(input, &sides, boxes.len())).collect();
        Overlap { boxes, axes }
    }

    /// The box of a rule.
    pub fn box_of(&self, rule: RuleId) -> &RuleBox {
        &self.boxes[rule.index()]
    }

    /// The other rules whose boxes meet this one's, rising.
    pub fn neighbours(&self, rule: RuleId) -> Vec<RuleId> {
        let mine = &self.boxes[rule.index()];
        if mine.empty {
            return Vec::new();
        }
        // Candidates come from the input that leaves the fewest.
        let mut best: Option<(usize, &Axis, Vec<usize>)> = None;
        for (input, side) in &mine.sides {
            let (Side::Values(allowed), Ok(at)) = (side, self.axes.binary_search_by_key(input, |axis| axis.input)) else {
                continue;
            };
            let axis = &self.axes[at];
            let buckets = axis.buckets_of(allowed);
            let size = axis.free.len() + buckets.iter().map(|bucket| axis.buckets[*bucket].len()).sum::<usize>();
            if best.as_ref().is_none_or(|(least, _, _)| size < *least) {
                best = Some((size, axis, buckets));
            }
        }
        let mut candidates: Vec<u32> = match best {
            Some((size, axis, buckets)) if size < self.boxes.len() => {
                let listed = buckets.iter().flat_map(|bucket| &axis.buckets[*bucket]);
                listed.chain(&axis.free).copied().collect()
            }
            _ => (0..self.boxes.len() as u32).collect(),
        };
        candidates.sort_unstable();
        candidates.dedup();
        candidates.retain(|other| *other != rule.0 && mine.meets(&self.boxes[*other as usize]));
        candidates.into_iter().map(RuleId).collect()
    }
}

impl Axis {
    fn new(input: InputId, sides: &[(u32, &Allowed)], rules: usize) -> Self {
        let mut starts: Vec<i64> = Vec::new();
        let mut numbers = false;
        let mut bound = vec![false; rules];
        for (rule, allowed) in sides {
            bound[*rule as usize] = true;
            if let Allowed::Ranges(ranges) = allowed {
                numbers = true;
                starts.extend(ranges.pairs().iter().map(|(lo, _)| *lo));
            }
        }
        starts.sort_unstable();
        starts.dedup();
        let every = starts.len().div_ceil(BUCKETS).max(1);
        let starts: Vec<i64> = starts.into_iter().step_by(every).collect();
        let free = (0..rules as u32).filter(|rule| !bound[*rule as usize]).collect();
        let mut axis = Axis { input, starts: numbers.then_some(starts), buckets: vec![Vec::new(); BUCKETS + 1], free };
        for (rule, allowed) in sides {
            for bucket in axis.buckets_of(allowed) {
                axis.buckets[bucket].push(*rule);
            }
        }
        axis
    }

    /// The buckets that values are in, rising, each once.
    fn buckets_of(&self, allowed: &Allowed) -> Vec<usize> {
        let mut buckets: Vec<usize> = match (allowed, &self.starts) {
            (Allowed::Members(set), _) => set.iter().map(|member| member as usize % BUCKETS).collect(),
            (Allowed::Ranges(ranges), Some(starts)) => {
                let bucket = |value: i64| starts.partition_point(|start| *start <= value);
                ranges.pairs().iter().flat_map(|(lo, hi)| bucket(*lo)..=bucket(*hi)).collect()
            }
            (Allowed::Ranges(_), None) => Vec::new(),
        };
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{all_cases, plain, random_program};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn rules_that_meet_are_neighbours(seed in any::<u64>()) {
            let program = random_program(seed);
            let overlap = Overlap::new(&program);
            for case in all_cases(&program) {
                let plain = plain(&program, &case);
                let applying: Vec<RuleId> = program.rule_ids().filter(|rule| plain.applies(*rule)).collect();
                for rule in &applying {
                    let neighbours = overlap.neighbours(*rule);
                    prop_assert!(applying.iter().all(|other| other == rule || neighbours.contains(other)));
                }
            }
        }
    }
}
