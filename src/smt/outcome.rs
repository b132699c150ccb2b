//! What a decision comes to, as a formula over which of its rules are effective.
//!
//! In: a decision whose rules are encoded. Out: the truth of a test of its outcome. No sort is needed for outcomes: a test of the
//! strictest value is a chain through the values in order, linear in how many there are; only sums are numbers.

use std::collections::BTreeMap;
use std::rc::Rc;

use z3::ast::Bool;

use super::cone::View;
use super::encode::{Encoder, all, any};
use super::sorts::{Amount, signed_width};
use crate::ir::{Combine, DecisionId, MemberSet, OutcomeTest, RuleId, Value};

/// The effective rules of a decision in one view, grouped by what they conclude.
pub(super) struct Groups {
    /// Each rule that is in the program in this view, in the decision's order, with its value, and that it is effective.
    rules: Vec<(Value, Bool)>,
    /// Each value, rising, and that some effective rule concludes it.
    values: Vec<(Value, Bool)>,
    /// No rule is effective.
    none: Bool,
    /// Rules of at least two values are effective.
    several: Bool,
}

/// Whether a value passes a test of values.
fn passes(value: &Value, test: &OutcomeTest) -> bool {
    match (value, test) {
        (Value::Bool(value), OutcomeTest::Members(set)) => set.contains(u32::from(*value)),
        (Value::Member(member), OutcomeTest::Members(set)) => set.contains(*member),
        (Value::Set(set), OutcomeTest::Has(member)) => set.contains(*member),
        (Value::Int(k), OutcomeTest::Within(ranges)) => ranges.contains(*k),
        _ => false,
    }
}

impl Encoder<'_> {
    fn groups(&mut self, decision: DecisionId, view: View) -> Rc<Groups> {
        if let Some(groups) = self.groups.get(&(decision, view)) {
            return Rc::clone(groups);
        }
        let there = |rule: &&RuleId| view.without != Some(**rule);
        let rules: Vec<(Value, Bool)> = (self.program.decision(decision).rules.iter().filter(there))
            .filter_map(|rule| {
                let value = self.program.conclusion(*rule, decision)?;
                Some((value.clone(), self.effective(*rule, view)))
            })
            .collect();
        let mut by_value: BTreeMap<&Value, Vec<Bool>> = BTreeMap::new();
        for (value, effective) in &rules {
            by_value.entry(value).or_default().push(effective.clone());
        }
        let values: Vec<(Value, Bool)> =
            by_value.into_iter().map(|(value, effective)| (value.clone(), any(&effective))).collect();
        let (mut one, mut several) = (Bool::from_bool(false), Bool::from_bool(false));
        for (_, some) in &values {
            several = any(&[several, all(&[one.clone(), some.clone()])]);
            one = any(&[one, some.clone()]);
        }
        let groups = Rc::new(Groups { rules, values, none: one.not(), several });
        self.groups.insert((decision, view), Rc::clone(&groups));
        groups
    }

    /// The outcome of a decision passes a test.
    pub(super) fn outcome(&mut self, decision: DecisionId, view: View, test: &OutcomeTest) -> Bool {
        let groups = self.groups(decision, view);
        let decision = self.program.decision(decision);
        let never = || Bool::from_bool(false);
        match (test, &decision.combine) {
            (OutcomeTest::Gap, Combine::All) => return never(),
            (OutcomeTest::Gap, _) if decision.default.is_some() => return never(),
            (OutcomeTest::Gap, _) => return groups.none.clone(),
            (OutcomeTest::Conflict, Combine::ExactlyOne) => return groups.several.clone(),
            (OutcomeTest::Conflict, _) => return never(),
            _ => {}
        }
        // Without an effective rule, the default speaks; the empty set of `All` passes no test of values.
        let by_default = decision.default.as_ref().is_some_and(|value| passes(value, test));
        let unruled = if by_default { groups.none.clone() } else { never() };
        let passing = || -> Vec<Bool> {
            groups.values.iter().filter(|(value, _)| passes(value, test)).map(|(_, some)| some.clone()).collect()
        };
        match decision.combine {
            Combine::ExactlyOne => any(&[all(&[any(&passing()), groups.several.not()]), unruled]),
            Combine::All => any(&[any(&passing()), unruled]),
            Combine::Strictest => chain(by_default, groups.values.iter(), test),
            Combine::LeastStrict => chain(by_default, groups.values.iter().rev(), test),
            Combine::First => chain(by_default, groups.rules.iter().rev(), test),
            Combine::Sum => {
                let OutcomeTest::Within(ranges) = test else { return never() };
                let (lo, hi) = sum_bounds(&groups);
                let width = signed_width(lo, hi);
                let sum = self.sum(&groups, width);
                // Clamped to what the sum can be, so that the bounds fit its bits.
                let tests: Vec<Bool> = ranges
                    .pairs()
                    .iter()
                    .map(|(from, to)| (i128::from(*from).max(lo), i128::from(*to).min(hi)))
                    .filter(|(from, to)| from <= to)
                    .map(|(from, to)| {
                        let bound = |k| Amount::constant(self.sorts, k, width);
                        all(&[sum.at_least(&bound(from)), bound(to).at_least(&sum)])
                    })
                    .collect();
                any(&[all(&[groups.none.not(), any(&tests)]), unruled])
            }
        }
    }

    /// Two decisions come to the same.
    pub(super) fn same_outcome(&mut self, a: DecisionId, b: DecisionId, view: View) -> Bool {
        let mut tests = vec![OutcomeTest::Gap, OutcomeTest::Conflict];
        let sum = [a, b].iter().any(|decision| self.program.decision(*decision).combine == Combine::Sum);
        if !sum {
            for value in self.possible_values(a).into_iter().chain(self.possible_values(b)) {
                match value {
                    Value::Bool(value) => tests.push(OutcomeTest::Members(MemberSet::of(2, [u32::from(value)]))),
                    // The size of the set does not matter to the test, only the member.
                    Value::Member(member) => tests.push(OutcomeTest::Members(MemberSet::of(member + 1, [member]))),
                    Value::Set(set) => tests.extend(set.iter().map(OutcomeTest::Has)),
                    Value::Int(k) => tests.push(OutcomeTest::Within(crate::ir::Ranges::closed(k, k))),
                }
            }
        }
        // Outcomes are the same exactly if no test tells them apart: a gap or a conflict passes no test of values.
        let mut parts: Vec<Bool> =
            tests.iter().map(|test| self.outcome(a, view, test).iff(self.outcome(b, view, test))).collect();
        if sum {
            let (a_lo, a_hi) = self.amount_bounds(a, view);
            let (b_lo, b_hi) = self.amount_bounds(b, view);
            let width = signed_width(a_lo.min(b_lo), a_hi.max(b_hi));
            let same = self.amount(a, view, width).same(&self.amount(b, view, width));
            let no_value = [OutcomeTest::Gap, OutcomeTest::Conflict].map(|test| self.outcome(a, view, &test));
            parts.push(any(&[no_value[0].clone(), no_value[1].clone(), same]));
        }
        all(&parts)
    }

    fn possible_values(&self, decision: DecisionId) -> Vec<Value> {
        let of = self.program.decision(decision);
        let mut values: Vec<Value> =
            of.rules.iter().filter_map(|rule| self.program.conclusion(*rule, decision)).chain(&of.default).cloned().collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    fn amount_bounds(&mut self, decision: DecisionId, view: View) -> (i128, i128) {
        let ints = self.possible_values(decision).into_iter().map(|value| int(&value));
        let (lo, hi) = ints.fold((0, 0), |(lo, hi): (i128, i128), k| (lo.min(k), hi.max(k)));
        let (sum_lo, sum_hi) = sum_bounds(&self.groups(decision, view));
        (lo.min(sum_lo), hi.max(sum_hi))
    }

    /// The value of a decision of numbers; anything where it has none.
    fn amount(&mut self, decision: DecisionId, view: View, width: u32) -> Amount {
        let groups = self.groups(decision, view);
        let of = self.program.decision(decision);
        let constant = |k: i128| Amount::constant(self.sorts, k, width);
        let default = constant(of.default.as_ref().map_or(0, int));
        if of.combine == Combine::Sum {
            return Amount::choose(&groups.none, &default, &self.sum(&groups, width));
        }
        let mut value = default;
        for (k, some) in groups.values.clone() {
            let test = OutcomeTest::Within(match k {
                Value::Int(k) => crate::ir::Ranges::closed(k, k),
                _ => crate::ir::Ranges::empty(),
            });
            let is = all(&[self.outcome(decision, view, &test), some]);
            value = Amount::choose(&is, &Amount::constant(self.sorts, int(&k), width), &value);
        }
        value
    }

    fn sum(&self, groups: &Groups, width: u32) -> Amount {
        let zero = Amount::constant(self.sorts, 0, width);
        groups.rules.iter().fold(zero.clone(), |sum, (value, effective)| {
            sum.plus(&Amount::choose(effective, &Amount::constant(self.sorts, int(value), width), &zero))
        })
    }
}

/// From the weakest voice to the strongest: each decides where it speaks, and otherwise those before it do.
fn chain<'g>(by_default: bool, rising: impl Iterator<Item = &'g (Value, Bool)>, test: &OutcomeTest) -> Bool {
    rising.fold(Bool::from_bool(by_default), |weaker, (value, speaks)| {
        if passes(value, test) { any(&[speaks.clone(), weaker]) } else { all(&[speaks.not(), weaker]) }
    })
}

fn int(value: &Value) -> i128 {
    match value {
        Value::Int(k) => i128::from(*k),
        _ => 0,
    }
}

fn sum_bounds(groups: &Groups) -> (i128, i128) {
    groups.rules.iter().fold((0, 0), |(lo, hi), (value, _)| (lo + int(value).min(0), hi + int(value).max(0)))
}
