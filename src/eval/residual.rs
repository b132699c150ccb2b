//! What is left of a program once the known inputs are put in: terms over the unknown inputs alone, in a pool of their own.
//!
//! Rules and decisions are written out: `Effective(r)` becomes "r applies and none of its overriders is effective", a
//! test of an outcome becomes a test of which rules are effective. Equal residues get equal ids, which is what makes
//! the search of [`super::unknown`] short. All walks go over term ids in rising order (a term refers only to earlier
//! ones), so that no chain of overrides is too long for the stack.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{
    Bound, Builder, Case, Combine, DecisionId, Domain, Input, InputId, Outcome, OutcomeTest, Poly, Pool, Program, RuleId, Term,
    TermId, Value,
};

use super::decide::{fallback, passes, sum};

/// The residue of one program in one case. A polynomial could in principle grow out of 128 bits when values are put in;
/// the builder's limit excludes it, and `broken` records it if it does happen.
pub(super) struct Residual<'p> {
    pub(super) program: &'p Program,
    case: &'p Case,
    /// The inputs, of those that are not known with what is certain of them.
    inputs: Cow<'p, [Input]>,
    pub(super) pool: Pool,
    memo: FxHashMap<(Option<RuleId>, TermId), TermId>,
    effective: FxHashMap<(Option<RuleId>, RuleId), TermId>,
    pub(super) broken: bool,
}

/// A term with known values of numbers put into its polynomial.
pub(super) fn substituted(poly: &Poly, of: impl Fn(crate::ir::InputId) -> Option<i64>) -> Option<Poly> {
    let mut total = Poly::constant(poly.constant);
    for (inputs, coefficient) in &poly.monomials {
        let mut product = Poly::constant(*coefficient);
        for input in inputs {
            product = match of(*input) {
                Some(value) => product.times_constant(i128::from(value))?,
                None => product.times(&Poly::input(*input))?,
            };
        }
        total = total.plus(&product)?;
    }
    Some(total)
}

/// The inputs with narrower domains where more is known of them.
fn bounded<'p>(program: &'p Program, case: &Case) -> Cow<'p, [Input]> {
    let mut inputs = Cow::Borrowed(program.inputs.as_slice());
    for (input, bound) in &case.bounds {
        if let Bound::Range(from, to) = bound {
            match &mut inputs.to_mut()[input.index()].domain {
                Domain::Number(number) => (number.lo, number.hi) = (number.lo.max(*from), number.hi.min(*to)),
                Domain::Date { lo, hi } => (*lo, *hi) = ((*lo).max(*from), (*hi).min(*to)),
                _ => {}
            }
        }
    }
    inputs
}

impl<'p> Residual<'p> {
    pub(super) fn new(program: &'p Program, case: &'p Case) -> Self {
        Residual {
            program,
            case,
            inputs: bounded(program, case),
            pool: Pool::default(),
            memo: FxHashMap::default(),
            effective: FxHashMap::default(),
            broken: false,
        }
    }

    pub(super) fn build(&mut self) -> Builder<'_> {
        Builder::new(&mut self.pool, &self.inputs, &self.program.enums)
    }

    /// What an input can be.
    pub(super) fn domain(&self, input: InputId) -> &Domain {
        &self.inputs[input.index()].domain
    }

    /// The residue of a term of the program.
    pub(super) fn term(&mut self, term: TermId, without: Option<RuleId>) -> TermId {
        let program = self.program;
        // Rising ids: children first.
        let mut todo = vec![term];
        let mut seen = FxHashSet::default();
        while let Some(term) = todo.pop() {
            if self.memo.contains_key(&(without, term)) || !seen.insert(term) {
                continue;
            }
            match program.pool.get(term) {
                Term::Not(inner) | Term::Second(inner) => todo.push(*inner),
                Term::And(all) | Term::Or(all) => todo.extend(all),
                _ => {}
            }
        }
        let mut order: Vec<TermId> = seen.into_iter().collect();
        order.sort_unstable();
        for term in order {
            let residue = self.one(term, without);
            self.memo.insert((without, term), residue);
        }
        self.memo[&(without, term)]
    }

    /// The residue of a term whose parts are in the memo.
    fn one(&mut self, term: TermId, without: Option<RuleId>) -> TermId {
        let program = self.program;
        let case = self.case;
        let whole = program.pool.get(term);
        let made = match whole {
            Term::True => Ok(self.build().constant(true)),
            Term::False => Ok(self.build().constant(false)),
            Term::Not(inner) => {
                let inner = self.memo[&(without, *inner)];
                Ok(self.build().not(inner))
            }
            // There is no second case among unknown inputs: it is the first.
            Term::Second(inner) => Ok(self.memo[&(without, *inner)]),
            Term::And(all) => {
                let all: Vec<TermId> = all.iter().map(|one| self.memo[&(without, *one)]).collect();
                Ok(self.build().and(all))
            }
            Term::Or(any) => {
                let any: Vec<TermId> = any.iter().map(|one| self.memo[&(without, *one)]).collect();
                Ok(self.build().or(any))
            }
            Term::Flag(of) => match case.get(*of) {
                Some(value) => Ok(self.build().constant(*value == Value::Bool(true))),
                None => self.build().flag(*of),
            },
            Term::Member { of, set } => match case.get(*of) {
                Some(value) => {
                    let holds = matches!(value, Value::Member(member) if set.contains(*member));
                    Ok(self.build().constant(holds))
                }
                None => self.build().member(*of, set.clone()),
            },
            Term::Same(a, b) => match (case.get(*a), case.get(*b)) {
                (Some(x), Some(y)) => {
                    let same = x == y;
                    Ok(self.build().constant(same))
                }
                (Some(Value::Member(member)), None) => self.is_member(*b, *member),
                (None, Some(Value::Member(member))) => self.is_member(*a, *member),
                _ => self.build().same(*a, *b),
            },
            Term::Has { of, member } => match case.get(*of) {
                Some(value) => {
                    let holds = matches!(value, Value::Set(set) if set.contains(*member));
                    Ok(self.build().constant(holds))
                }
                None => match case.bounds.get(of) {
                    Some(Bound::Set(certain, _)) if certain.contains(*member) => Ok(self.build().constant(true)),
                    Some(Bound::Set(_, possible)) if !possible.contains(*member) => Ok(self.build().constant(false)),
                    _ => self.build().has(*of, *member),
                },
            },
            Term::Within { of, ranges } => match case.int(*of) {
                Some(int) => Ok(self.build().constant(ranges.contains(int))),
                None => self.build().within(*of, ranges.clone()),
            },
            Term::AtLeastZero(poly) => match substituted(poly, |input| case.int(input)) {
                Some(poly) => self.build().at_least_zero(poly),
                None => Err(crate::ir::BuildError::TooLarge),
            },
            Term::Applies(rule) => Ok(self.applies(*rule, without)),
            Term::Effective(rule) => Ok(self.effective(*rule, without)),
            Term::Outcome { decision, without: inner, test } => Ok(self.outcome(*decision, inner.or(without), test)),
            Term::SameOutcome(a, b) => Ok(self.same_outcome(*a, *b, without)),
        };
        made.unwrap_or_else(|_| {
            self.broken = true;
            self.build().constant(false)
        })
    }

    fn is_member(&mut self, of: crate::ir::InputId, member: u32) -> Result<TermId, crate::ir::BuildError> {
        let size = match &self.program.input(of).domain {
            crate::ir::Domain::Enum(id) => self.program.enumeration(*id).size(),
            _ => 0,
        };
        self.build().member(of, crate::ir::MemberSet::of(size, (member < size).then_some(member)))
    }

    /// When a rule applies.
    pub(super) fn applies(&mut self, rule: RuleId, without: Option<RuleId>) -> TermId {
        if without == Some(rule) {
            return self.build().constant(false);
        }
        self.term(self.program.rule(rule).applies, without)
    }

    /// When a rule is effective: walks the overrides with a stack of its own.
    pub(super) fn effective(&mut self, rule: RuleId, without: Option<RuleId>) -> TermId {
        let program = self.program;
        let mut stack = vec![rule];
        while let Some(&top) = stack.last() {
            if !self.effective.contains_key(&(without, top)) {
                let applies = self.applies(top, without);
                let never = self.build().constant(false);
                let overriders: &[RuleId] = if applies == never { &[] } else { &program.rule(top).overridden_by };
                if let Some(open) = overriders.iter().find(|other| !self.effective.contains_key(&(without, **other))) {
                    stack.push(*open);
                    continue;
                }
                let mut all = vec![applies];
                for other in overriders {
                    let other = self.effective[&(without, *other)];
                    all.push(self.build().not(other));
                }
                let effective = self.build().and(all);
                self.effective.insert((without, top), effective);
            }
            stack.pop();
        }
        self.effective[&(without, rule)]
    }

    /// The rules of a decision that may be effective, with their values, in the decision's order.
    pub(super) fn rules(&mut self, decision: DecisionId, without: Option<RuleId>) -> Vec<(RuleId, Value, TermId)> {
        let program = self.program;
        let never = self.build().constant(false);
        let mut out = Vec::new();
        for rule in &program.decision(decision).rules {
            if let Some(value) = program.conclusion(*rule, decision) {
                let effective = self.effective(*rule, without);
                if effective != never {
                    out.push((*rule, value.clone(), effective));
                }
            }
        }
        out
    }

    /// When an outcome passes a test.
    fn outcome(&mut self, decision: DecisionId, without: Option<RuleId>, test: &OutcomeTest) -> TermId {
        let table = self.table(decision, without, Some(test));
        let passing: Vec<TermId> = table.iter().filter(|(outcome, _)| passes(test, outcome)).map(|(_, when)| *when).collect();
        self.build().or(passing)
    }

    fn same_outcome(&mut self, a: DecisionId, b: DecisionId, without: Option<RuleId>) -> TermId {
        let (of_a, of_b) = (self.table(a, without, None), self.table(b, without, None));
        let of_b: FxHashMap<Outcome, TermId> = of_b.into_iter().collect();
        let mut both = Vec::new();
        for (outcome, when) in of_a {
            if let Some(other) = of_b.get(&outcome) {
                both.push(self.build().and([when, *other]));
            }
        }
        self.build().or(both)
    }

    /// Each outcome of a decision with when it comes out, exclusive and complete; a conflict without its values. For a
    /// test of one member of a set only that member is followed, which keeps the table of a set small.
    fn table(&mut self, id: DecisionId, without: Option<RuleId>, test: Option<&OutcomeTest>) -> Vec<(Outcome, TermId)> {
        let program = self.program;
        let decision = program.decision(id);
        let rules = self.rules(id, without);
        let fallback = fallback(program, decision).map_or(Outcome::Gap, Outcome::Value);
        match decision.combine {
            Combine::Strictest | Combine::LeastStrict | Combine::First => {
                let ordered = by_precedence(&decision.combine, rules.into_iter().map(|(_, value, when)| (value, when)));
                let (mut out, mut before) = (Vec::new(), Vec::new());
                for (value, when) in ordered {
                    let mut all: Vec<TermId> = before.clone();
                    all.push(when);
                    out.push((Outcome::Value(value), self.build().and(all)));
                    before.push(self.build().not(when));
                }
                out.push((fallback, self.build().and(before)));
                merged(self, out)
            }
            Combine::ExactlyOne => {
                let mut groups: Vec<(Value, TermId)> = Vec::new();
                for (value, when) in by_precedence(&Combine::Strictest, rules.into_iter().map(|(_, v, when)| (v, when))) {
                    match groups.last_mut() {
                        Some((last, any)) if *last == value => *any = self.build().or([*any, when]),
                        _ => groups.push((value, when)),
                    }
                }
                let nots: Vec<TermId> = groups.iter().map(|(_, when)| self.build().not(*when)).collect();
                let (mut out, mut pairs) = (Vec::new(), Vec::new());
                for (index, (value, when)) in groups.iter().enumerate() {
                    let mut all = nots.clone();
                    all[index] = *when;
                    out.push((Outcome::Value(value.clone()), self.build().and(all)));
                    let others: Vec<TermId> = groups[index + 1..].iter().map(|(_, other)| *other).collect();
                    let other = self.build().or(others);
                    pairs.push(self.build().and([*when, other]));
                }
                out.push((fallback, self.build().and(nots)));
                out.push((Outcome::Conflict(Vec::new()), self.build().or(pairs)));
                merged(self, out)
            }
            Combine::Sum | Combine::All => {
                // The reachable partial results, rule by rule; `None` before the first effective rule.
                let always = self.build().constant(true);
                let mut partial: Vec<(Option<Value>, TermId)> = vec![(None, always)];
                for (_, value, when) in rules {
                    let value = match (test, value) {
                        (Some(OutcomeTest::Has(member)), Value::Set(set)) => {
                            let only = set.contains(*member).then_some(*member);
                            Value::Set(crate::ir::MemberSet::of(set.size(), only))
                        }
                        (_, value) => value,
                    };
                    let not = self.build().not(when);
                    let mut next: Vec<(Option<Value>, TermId)> = Vec::with_capacity(partial.len() * 2);
                    for (so_far, reached) in &partial {
                        next.push((so_far.clone(), self.build().and([*reached, not])));
                        next.push((Some(added(so_far.as_ref(), &value)), self.build().and([*reached, when])));
                    }
                    partial = merged(self, next);
                }
                let out = partial
                    .into_iter()
                    .map(|(value, when)| (value.map_or_else(|| fallback.clone(), Outcome::Value), when))
                    .collect();
                merged(self, out)
            }
        }
    }
}

/// One more effective rule of a `Sum` or `All`.
pub(super) fn added(so_far: Option<&Value>, value: &Value) -> Value {
    match (so_far, value) {
        (Some(Value::Set(a)), Value::Set(b)) => Value::Set(a.union(b)),
        (Some(first @ Value::Int(_)), second @ Value::Int(_)) => Value::Int(sum([first, second].into_iter())),
        _ => value.clone(),
    }
}

/// Guarded values in the order in which the first that holds wins.
pub(super) fn by_precedence(combine: &Combine, rules: impl Iterator<Item = (Value, TermId)>) -> Vec<(Value, TermId)> {
    let mut ordered: Vec<(Value, TermId)> = rules.collect();
    match combine {
        Combine::Strictest => ordered.sort_by(|a, b| b.0.cmp(&a.0)),
        Combine::LeastStrict => ordered.sort_by(|a, b| a.0.cmp(&b.0)),
        _ => {}
    }
    ordered
}

/// The same with equal keys joined and what can never be left out, in order of the key.
fn merged<K: Ord + Clone>(residual: &mut Residual<'_>, rows: Vec<(K, TermId)>) -> Vec<(K, TermId)> {
    let mut by_key: std::collections::BTreeMap<K, Vec<TermId>> = std::collections::BTreeMap::new();
    for (key, when) in rows {
        by_key.entry(key).or_default().push(when);
    }
    let never = residual.build().constant(false);
    by_key.into_iter().map(|(key, when)| (key, residual.build().or(when))).filter(|(_, when)| *when != never).collect()
}
