//! A program in a complete case: which rules are effective, and what each decision comes to.

use crate::ir::{Case, Combine, Decision, DecisionId, Domain, MemberSet, Outcome, OutcomeTest, Program, RuleId, Value};

use super::term::{BadCase, Eval};

/// What a decision comes to, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The outcome.
    pub outcome: Outcome,
    /// The rules that carry it, in the order of [`Decision::rules`]: under `Strictest` and `LeastStrict` the effective
    /// rules with the winning value, under `First` the first effective one, otherwise all effective ones; none for a
    /// default or a gap.
    pub because: Vec<RuleId>,
}

/// Every decision of a program in a complete case, by [`DecisionId`].
///
/// # Errors
/// [`BadCase`] if an input has no value or one outside its domain.
pub fn decide(program: &Program, case: &Case) -> Result<Vec<Decided>, BadCase> {
    let mut eval = Eval::new(program, case)?;
    Ok(program.decision_ids().map(|decision| eval.decide(decision).clone()).collect())
}

/// Whether an outcome passes a test. A gap and a conflict meet none of the tests of values.
pub fn passes(test: &OutcomeTest, outcome: &Outcome) -> bool {
    match (test, outcome) {
        (OutcomeTest::Gap, Outcome::Gap) | (OutcomeTest::Conflict, Outcome::Conflict(_)) => true,
        (OutcomeTest::Members(set), Outcome::Value(Value::Member(member))) => set.contains(*member),
        (OutcomeTest::Members(set), Outcome::Value(Value::Bool(value))) => set.contains(u32::from(*value)),
        (OutcomeTest::Has(member), Outcome::Value(Value::Set(set))) => set.contains(*member),
        (OutcomeTest::Within(ranges), Outcome::Value(Value::Int(int))) => ranges.contains(*int),
        _ => false,
    }
}

/// Whether two outcomes are the same: the same value, or both a gap, or both a conflict (of whatever values).
pub fn same(a: &Outcome, b: &Outcome) -> bool {
    match (a, b) {
        (Outcome::Conflict(_), Outcome::Conflict(_)) => true,
        _ => a == b,
    }
}

/// The combination of the conclusions of the effective rules, which stand in the order of [`Decision::rules`].
pub fn combine(program: &Program, decision: &Decision, effective: &[(RuleId, &Value)]) -> Decided {
    let all = || effective.iter().map(|(rule, _)| *rule).collect::<Vec<_>>();
    let carried_by =
        |value: &Value| effective.iter().filter(|(_, other)| *other == value).map(|(rule, _)| *rule).collect::<Vec<_>>();
    let values = effective.iter().map(|(_, value)| *value);
    let decided = match &decision.combine {
        Combine::ExactlyOne => {
            let mut values: Vec<Value> = values.cloned().collect();
            values.sort();
            values.dedup();
            match values.len() {
                0 => None,
                1 => values.pop().map(|value| (Outcome::Value(value), all())),
                _ => Some((Outcome::Conflict(values), all())),
            }
        }
        Combine::Strictest => values.max().map(|value| (Outcome::Value(value.clone()), carried_by(value))),
        Combine::LeastStrict => values.min().map(|value| (Outcome::Value(value.clone()), carried_by(value))),
        Combine::First => effective.first().map(|(rule, value)| (Outcome::Value((*value).clone()), vec![*rule])),
        Combine::Sum if effective.is_empty() => None,
        Combine::Sum => Some((Outcome::Value(Value::Int(sum(values))), all())),
        Combine::All => values
            .fold(None, |union, value| match (union, value) {
                (Some(Value::Set(a)), Value::Set(b)) => Some(Value::Set(a.union(b))),
                (_, value) => Some(value.clone()),
            })
            .map(|value| (Outcome::Value(value), all())),
    };
    let (outcome, because) =
        decided.unwrap_or_else(|| (fallback(program, decision).map_or(Outcome::Gap, Outcome::Value), Vec::new()));
    Decided { outcome, because }
}

/// The value of a decision without an effective rule.
pub(super) fn fallback(program: &Program, decision: &Decision) -> Option<Value> {
    match (&decision.default, &decision.combine, &decision.domain) {
        (None, Combine::All, Domain::Set(id)) => Some(Value::Set(MemberSet::empty(program.enumeration(*id).size()))),
        (default, ..) => default.clone(),
    }
}

/// The sum of numbers, exact in 128 bits; a total beyond 64 bits, which no declared range holds, stops at the end of them.
pub(super) fn sum<'v>(values: impl Iterator<Item = &'v Value>) -> i64 {
    let total: i128 = values.map(|value| if let Value::Int(int) = value { i128::from(*int) } else { 0 }).sum();
    i64::try_from(total).unwrap_or(if total < 0 { i64::MIN } else { i64::MAX })
}

impl<'p> Eval<'p> {
    /// Whether a rule applies and none of those that override it is effective. Overrides can be long chains, so this
    /// walks them on a stack of its own.
    pub(super) fn effective_in(&mut self, world: usize, rule: RuleId) -> bool {
        let program = self.program;
        let mut stack = vec![rule];
        while let Some(&top) = stack.last() {
            if !self.worlds[world].effective.contains_key(&top) {
                let known = if self.applies_in(world, top) {
                    let overriders = &program.rule(top).overridden_by;
                    let of = |other: &RuleId| self.worlds[world].effective.get(other).copied();
                    if overriders.iter().any(|other| of(other) == Some(true)) {
                        Some(false)
                    } else if let Some(open) = overriders.iter().find(|other| of(other).is_none()) {
                        stack.push(*open);
                        None
                    } else {
                        Some(true)
                    }
                } else {
                    Some(false)
                };
                let Some(known) = known else { continue };
                self.worlds[world].effective.insert(top, known);
            }
            stack.pop();
        }
        self.worlds[world].effective.get(&rule) == Some(&true)
    }

    pub(super) fn decide_in(&mut self, world: usize, id: DecisionId) -> &Decided {
        if !self.worlds[world].decided.contains_key(&id) {
            let decision = self.program.decision(id);
            let mut effective = Vec::new();
            for rule in &decision.rules {
                if let Some(value) = self.program.conclusion(*rule, id)
                    && self.effective_in(world, *rule)
                {
                    effective.push((*rule, value));
                }
            }
            let decided = combine(self.program, decision, &effective);
            self.worlds[world].decided.insert(id, decided);
        }
        &self.worlds[world].decided[&id]
    }
}
