//! The tests of inputs that something depends on, through rules and decisions; and the values of an input near a case
//! that make a difference to them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::ir::{Case, DecisionId, Domain, InputId, MemberSet, Poly, Program, Ranges, RuleId, Term, TermId, Value};

use super::residual::substituted;
use super::split::form_of;

/// Tests by input.
#[derive(Clone, Debug, Default)]
pub struct Atoms {
    /// Every input that is tested, in either case of a pair.
    pub inputs: BTreeSet<InputId>,
    sets: BTreeMap<InputId, BTreeSet<MemberSet>>,
    ranges: BTreeMap<InputId, BTreeSet<Ranges>>,
    members: BTreeMap<InputId, BTreeSet<u32>>,
    same: BTreeSet<(InputId, InputId)>,
    polys: BTreeSet<Poly>,
    /// The rules whose condition or overriders matter.
    pub rules: BTreeSet<RuleId>,
    /// The decisions that matter.
    pub decisions: BTreeSet<DecisionId>,
}

/// What is still to be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Item {
    Term(TermId),
    Rule(RuleId),
    Effective(RuleId),
    Decision(DecisionId),
}

impl Atoms {
    /// What a decision depends on.
    pub fn of_decision(program: &Program, decision: DecisionId) -> Self {
        Self::walk(program, Item::Decision(decision))
    }

    /// What a term depends on.
    pub fn of_term(program: &Program, term: TermId) -> Self {
        Self::walk(program, Item::Term(term))
    }

    fn walk(program: &Program, start: Item) -> Self {
        let mut atoms = Atoms::default();
        let mut todo = vec![start];
        let mut seen = FxHashSet::default();
        while let Some(item) = todo.pop() {
            if !seen.insert(item) {
                continue;
            }
            match item {
                Item::Decision(decision) => {
                    atoms.decisions.insert(decision);
                    todo.extend(program.decision(decision).rules.iter().map(|rule| Item::Effective(*rule)));
                }
                Item::Effective(rule) => {
                    todo.push(Item::Rule(rule));
                    todo.extend(program.rule(rule).overridden_by.iter().map(|other| Item::Effective(*other)));
                }
                Item::Rule(rule) => {
                    atoms.rules.insert(rule);
                    todo.push(Item::Term(program.rule(rule).applies));
                }
                Item::Term(term) => atoms.term(program.pool.get(term), &mut todo),
            }
        }
        atoms
    }

    fn term(&mut self, term: &Term, todo: &mut Vec<Item>) {
        match term {
            Term::True | Term::False => {}
            Term::Not(inner) | Term::Second(inner) => todo.push(Item::Term(*inner)),
            Term::And(all) | Term::Or(all) => todo.extend(all.iter().map(|one| Item::Term(*one))),
            Term::Flag(of) => {
                self.inputs.insert(*of);
            }
            Term::Member { of, set } => {
                self.inputs.insert(*of);
                self.sets.entry(*of).or_default().insert(set.clone());
            }
            Term::Same(a, b) => {
                self.inputs.extend([*a, *b]);
                self.same.insert((*a, *b));
            }
            Term::Has { of, member } => {
                self.inputs.insert(*of);
                self.members.entry(*of).or_default().insert(*member);
            }
            Term::Within { of, ranges } => {
                self.inputs.insert(*of);
                self.ranges.entry(*of).or_default().insert(ranges.clone());
            }
            Term::AtLeastZero(poly) => {
                self.inputs.extend(poly.inputs());
                self.polys.insert(poly.clone());
            }
            Term::Applies(rule) => todo.push(Item::Rule(*rule)),
            Term::Effective(rule) => todo.push(Item::Effective(*rule)),
            Term::Outcome { decision, .. } => todo.push(Item::Decision(*decision)),
            Term::SameOutcome(a, b) => todo.extend([Item::Decision(*a), Item::Decision(*b)]),
        }
    }

    /// The first numbers of the classes that tests of a number or date alone make, rising.
    pub fn edges(&self, input: InputId) -> impl Iterator<Item = i64> + '_ {
        let ranges = self.ranges.get(&input).into_iter().flatten();
        let edges: BTreeSet<i64> = ranges
            .flat_map(|ranges| ranges.pairs().iter())
            .flat_map(|(lo, hi)| [Some(*lo), hi.checked_add(1)])
            .flatten()
            .collect();
        edges.into_iter()
    }

    /// Values that an input could have instead, one of each class of values that the tests tell apart while the other
    /// inputs stay as they are; the value's own class is left out. Of numbers and dates the value nearest to the present
    /// one, the nearest first; of members a preferred one if there is one. Of sets, each tested member put in or taken out.
    pub fn instead(&self, program: &Program, case: &Case, input: InputId) -> Vec<Value> {
        let declared = program.input(input);
        match (&declared.domain, case.get(input)) {
            (Domain::Bool, Some(Value::Bool(value))) => vec![Value::Bool(!value)],
            (Domain::Enum(id), Some(Value::Member(now))) => {
                self.other_members(program, case, input, program.enumeration(*id).size(), *now)
            }
            (Domain::Set(_), Some(Value::Set(set))) => {
                let toggled = |member: &u32| {
                    let one = MemberSet::of(set.size(), (*member < set.size()).then_some(*member));
                    Value::Set(if set.contains(*member) { set.difference(&one) } else { set.union(&one) })
                };
                self.members.get(&input).into_iter().flatten().map(toggled).collect()
            }
            (domain, Some(Value::Int(now))) => {
                let Some((lo, hi)) = domain.bounds() else { return Vec::new() };
                self.other_numbers(case, input, lo, hi, *now)
            }
            _ => Vec::new(),
        }
    }

    fn other_members(&self, program: &Program, case: &Case, input: InputId, size: u32, now: u32) -> Vec<Value> {
        let mut tests: Vec<MemberSet> = self.sets.get(&input).into_iter().flatten().cloned().collect();
        for (a, b) in &self.same {
            let other = if *a == input { *b } else { *a };
            if (*a == input || *b == input)
                && let Some(Value::Member(member)) = case.get(other)
            {
                tests.push(MemberSet::of(size, (*member < size).then_some(*member)));
            }
        }
        let class = |member: u32| tests.iter().map(|set| set.contains(member)).collect::<Vec<bool>>();
        let preferred = program.input(input).preferred.iter().filter_map(|value| match value {
            Value::Member(member) if *member < size => Some(*member),
            _ => None,
        });
        let mut seen = BTreeSet::from([class(now)]);
        preferred.chain(0..size).filter(|member| seen.insert(class(*member))).map(Value::Member).collect()
    }

    /// The first numbers of the classes of an input, the others as in the case.
    fn starts(&self, case: &Case, input: InputId, lo: i64, hi: i64) -> BTreeSet<i64> {
        let mut starts = BTreeSet::from([lo]);
        for (a, b) in self.ranges.get(&input).into_iter().flatten().flat_map(|ranges| ranges.pairs()) {
            starts.insert(*a);
            starts.extend(b.checked_add(1));
        }
        for poly in self.polys.iter().filter(|poly| poly.inputs().contains(&input)) {
            let rest = substituted(poly, |other| if other == input { None } else { case.int(other) });
            let Some(rest) = rest else { continue };
            if let [(inputs, coefficient)] = rest.monomials.as_slice()
                && inputs.len() == 1
            {
                let (_, least, bound) = form_of(&rest);
                debug_assert!(*coefficient != 0);
                let start = if least { bound } else { bound.saturating_add(1) };
                starts.extend(i64::try_from(start).ok());
            }
        }
        starts.retain(|start| lo <= *start && *start <= hi);
        starts
    }

    fn other_numbers(&self, case: &Case, input: InputId, lo: i64, hi: i64, now: i64) -> Vec<Value> {
        let starts = self.starts(case, input, lo, hi);
        let mut out: Vec<i64> = starts.range(now.saturating_add(1)..).copied().collect();
        // Of a class below, its last number; it stands just before the next start.
        out.extend(starts.range(..=now).filter_map(|start| start.checked_sub(1)).filter(|last| *last >= lo));
        out.sort_by_key(|value| (value.abs_diff(now), *value));
        out.into_iter().map(Value::Int).collect()
    }

    /// The boundary values of a number or date, the others as in the case: the first and last number of each class.
    pub fn boundaries(&self, program: &Program, case: &Case, input: InputId) -> Vec<i64> {
        let Some((lo, hi)) = program.input(input).domain.bounds() else { return Vec::new() };
        let starts = self.starts(case, input, lo, hi);
        let mut out: BTreeSet<i64> = starts.iter().copied().collect();
        out.extend(starts.iter().filter_map(|start| start.checked_sub(1)).filter(|last| *last >= lo));
        out.insert(hi);
        out.into_iter().collect()
    }
}
