//! Which rules can meet at all, so that each question is asked of the rules it is about and not of all.
//!
//! Of each rule a box is kept: for each input the values outside of which its condition surely fails. Two rules whose
//! boxes do not meet never apply together. That is all that is ever concluded from it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::ir::{InputId, MemberSet, Program, Ranges, RuleId, Term, TermId};

/// Rules that may apply in one case, by rule.
#[derive(Clone, Debug, Default)]
pub struct Overlaps {
    neighbours: Vec<Vec<RuleId>>,
}

/// What a condition leaves of one input.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hull {
    /// Of a Boolean: false is 0, true is 1.
    Members(MemberSet),
    Numbers(Ranges),
    /// Of a set: members that must be in, and members that must not.
    Set(Vec<u32>, Vec<u32>),
}

type Box = BTreeMap<InputId, Hull>;

impl Hull {
    fn meets(&self, other: &Hull) -> bool {
        match (self, other) {
            (Hull::Members(a), Hull::Members(b)) => a.intersects(b),
            (Hull::Numbers(a), Hull::Numbers(b)) => !a.intersection(b).is_empty(),
            (Hull::Set(a, not_a), Hull::Set(b, not_b)) => {
                !a.iter().any(|member| not_b.contains(member)) && !b.iter().any(|member| not_a.contains(member))
            }
            _ => true,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Hull::Members(set) => set.is_empty(),
            Hull::Numbers(ranges) => ranges.is_empty(),
            Hull::Set(..) => false,
        }
    }

    fn both(&self, other: &Hull) -> Hull {
        match (self, other) {
            (Hull::Members(a), Hull::Members(b)) => Hull::Members(a.intersection(b)),
            (Hull::Numbers(a), Hull::Numbers(b)) => Hull::Numbers(a.intersection(b)),
            (Hull::Set(a, not_a), Hull::Set(b, not_b)) => {
                Hull::Set([a.as_slice(), b].concat(), [not_a.as_slice(), not_b].concat())
            }
            _ => self.clone(),
        }
    }

    fn either(&self, other: &Hull) -> Option<Hull> {
        match (self, other) {
            (Hull::Members(a), Hull::Members(b)) => Some(Hull::Members(a.union(b))),
            (Hull::Numbers(a), Hull::Numbers(b)) => Some(Hull::Numbers(a.union(b))),
            _ => None,
        }
    }
}

/// The box of a term; what it does not understand it leaves open.
fn hull(program: &Program, term: TermId, depth: u32) -> Box {
    let one = |input: InputId, hull: Hull| Box::from([(input, hull)]);
    match program.pool.get(term) {
        // What never holds meets nothing; it stands under any input.
        Term::False => one(InputId(0), Hull::Numbers(Ranges::empty())),
        Term::Flag(of) => one(*of, Hull::Members(MemberSet::of(2, [1]))),
        Term::Member { of, set } => one(*of, Hull::Members(set.clone())),
        Term::Has { of, member } => one(*of, Hull::Set(vec![*member], Vec::new())),
        Term::Within { of, ranges } => one(*of, Hull::Numbers(ranges.clone())),
        Term::Not(inner) => match program.pool.get(*inner) {
            Term::Flag(of) => one(*of, Hull::Members(MemberSet::of(2, [0]))),
            Term::Has { of, member } => one(*of, Hull::Set(Vec::new(), vec![*member])),
            _ => Box::new(),
        },
        Term::And(all) if depth > 0 => {
            let mut out = Box::new();
            for term in all {
                for (input, hull) in hull(program, *term, depth - 1) {
                    let both = out.get(&input).map_or_else(|| hull.clone(), |before: &Hull| before.both(&hull));
                    out.insert(input, both);
                }
            }
            out
        }
        Term::Or(any) if depth > 0 => {
            // A side that never holds takes no part.
            let sides = any.iter().map(|term| hull(program, *term, depth - 1));
            let mut sides = sides.filter(|side| !side.values().any(Hull::is_empty));
            let mut out = sides.next().unwrap_or_default();
            for side in sides {
                out = out.into_iter().filter_map(|(input, hull)| Some((input, hull.either(side.get(&input)?)?))).collect();
            }
            out
        }
        Term::Applies(rule) | Term::Effective(rule) if depth > 0 => hull(program, program.rule(*rule).applies, depth - 1),
        _ => Box::new(),
    }
}

/// How deep a condition is looked into.
const DEPTH: u32 = 6;

impl Overlaps {
    /// Of some rules of a program. Up to `few` of them, everything is held to meet everything: asking is cheaper than sorting
    /// out.
    pub fn new(program: &Program, rules: &[RuleId], few: usize) -> Self {
        let mut neighbours = vec![Vec::new(); program.rules.len()];
        if rules.len() <= few {
            for rule in rules {
                neighbours[rule.index()] = rules.iter().copied().filter(|other| other != rule).collect();
            }
            return Overlaps { neighbours };
        }
        let boxes: Vec<Box> = rules.par_iter().map(|rule| hull(program, program.rule(*rule).applies, DEPTH)).collect();
        let sketches = sketches(&boxes);
        let found: Vec<Vec<usize>> = (0..rules.len())
            .into_par_iter()
            .map(|at| {
                let (sketch, own) = (&sketches[at], &boxes[at]);
                (at + 1..rules.len()).filter(|other| meet(sketch, &sketches[*other]) && boxes_meet(own, &boxes[*other])).collect()
            })
            .collect();
        for (at, found) in found.into_iter().enumerate() {
            for other in found {
                neighbours[rules[at].index()].push(rules[other]);
                neighbours[rules[other].index()].push(rules[at]);
            }
        }
        neighbours.iter_mut().for_each(|list| list.sort_unstable());
        Overlaps { neighbours }
    }

    /// Of some rules of a program only the neighbours among all.
    pub fn of_some(program: &Program, all: &[RuleId], some: &[RuleId]) -> Self {
        let boxes: Vec<Box> = all.par_iter().map(|rule| hull(program, program.rule(*rule).applies, DEPTH)).collect();
        let found: Vec<(RuleId, Vec<RuleId>)> = some
            .par_iter()
            .map(|rule| {
                let own = hull(program, program.rule(*rule).applies, DEPTH);
                let near = all.iter().zip(&boxes).filter(|(other, b)| *other != rule && boxes_meet(&own, b));
                (*rule, near.map(|(other, _)| *other).collect())
            })
            .collect();
        let mut neighbours = vec![Vec::new(); program.rules.len()];
        for (rule, near) in found {
            neighbours[rule.index()] = near;
        }
        Overlaps { neighbours }
    }

    /// The rules that may apply where this one does.
    pub fn of(&self, rule: RuleId) -> &[RuleId] {
        self.neighbours.get(rule.index()).map_or(&[], Vec::as_slice)
    }
}

fn boxes_meet(a: &Box, b: &Box) -> bool {
    let vacant = |a: &Box| a.values().any(Hull::is_empty);
    !vacant(a) && !vacant(b) && a.iter().all(|(input, hull)| b.get(input).is_none_or(|other| hull.meets(other)))
}

/// A coarse picture of a box that compares in a few instructions: for each input up to 64 buckets of values.
fn sketches(boxes: &[Box]) -> Vec<Vec<u64>> {
    let inputs: Vec<InputId> = {
        let mut inputs: Vec<InputId> = boxes.iter().flat_map(|b| b.keys().copied()).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    };
    let cuts: Vec<Vec<i64>> = inputs.iter().map(|input| cuts(boxes, *input)).collect();
    let bucket = |cuts: &[i64], k: i64| cuts.partition_point(|cut| *cut <= k).min(63);
    let of = |a: &Box| {
        inputs
            .iter()
            .zip(&cuts)
            .map(|(input, cuts)| match a.get(input) {
                Some(hull) if hull.is_empty() => 0,
                Some(Hull::Members(set)) => {
                    let size = set.size().max(1);
                    set.iter().fold(0, |bits, member| bits | 1 << (u64::from(member) * 64 / u64::from(size)).min(63))
                }
                Some(Hull::Numbers(ranges)) => ranges
                    .pairs()
                    .iter()
                    .fold(0, |bits, (lo, hi)| (bucket(cuts, *lo)..=bucket(cuts, *hi)).fold(bits, |bits, at| bits | 1 << at)),
                _ => u64::MAX,
            })
            .collect()
    };
    let wide: Vec<Vec<u64>> = boxes.par_iter().map(of).collect();
    // The input that tells the most apart comes first: most comparisons end there.
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    let bits = |at: &usize| wide.iter().map(|sketch| u64::from(sketch[*at].count_ones())).sum::<u64>();
    order.sort_by_cached_key(|at| (bits(at), *at));
    wide.into_iter().map(|sketch| order.iter().map(|at| sketch[*at]).collect()).collect()
}

/// At most 63 cuts that split the ends of ranges evenly.
fn cuts(boxes: &[Box], input: InputId) -> Vec<i64> {
    let mut starts: Vec<i64> = boxes
        .iter()
        .filter_map(|b| match b.get(&input) {
            Some(Hull::Numbers(ranges)) => ranges.first(),
            _ => None,
        })
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let step = starts.len().div_ceil(63).max(1);
    starts.into_iter().step_by(step).collect()
}

fn meet(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a & b != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Eval, sample};
    use crate::ir::Case;

    #[test]
    fn rules_that_meet_are_neighbours() {
        for seed in 0..40 {
            let program = sample::random(seed);
            let rules: Vec<RuleId> = program.rule_ids().collect();
            let boxes: Vec<Box> = rules.iter().map(|rule| hull(&program, program.rule(*rule).applies, DEPTH)).collect();
            let sketches = sketches(&boxes);
            for case in sample::completions(&program, &Case::unknown(program.inputs.len())).iter().step_by(13) {
                let mut eval = Eval::new(&program, case).expect("a good case");
                let applying: Vec<usize> = (0..rules.len()).filter(|at| eval.applies(rules[*at])).collect();
                for a in &applying {
                    for b in &applying {
                        assert!(boxes_meet(&boxes[*a], &boxes[*b]), "seed {seed}");
                        assert!(meet(&sketches[*a], &sketches[*b]), "seed {seed}");
                    }
                }
            }
        }
    }
}
