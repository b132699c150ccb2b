//! The labels of outcome diagrams: what the conclusions of some effective rules combine to.
//!
//! Combining is associative and commutative for every [`Combine`], so that rules can be merged in any order, two by two.

use rustc_hash::FxHashMap;

use super::node::{FALSE, Node, label, label_index};
use crate::ir::{Combine, Decision, Domain, MemberSet, Outcome, OutcomeTest, Program, RuleId, Value};

/// A combination of conclusions, and the rules that carry it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Label {
    /// The outcome so far.
    pub outcome: Outcome,
    /// The rules that carried it, rising; empty where nobody asks.
    pub rules: Vec<RuleId>,
    /// For [`Combine::First`]: the place of the rule in the decision.
    pub rank: u32,
}

/// Interned labels, and sets of rules as labels without an outcome.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    all: Vec<Label>,
    ids: FxHashMap<Label, usize>,
}

impl Labels {
    pub fn intern(&mut self, it: Label) -> Node {
        if let Some(index) = self.ids.get(&it) {
            return label(*index);
        }
        self.ids.insert(it.clone(), self.all.len());
        self.all.push(it);
        label(self.all.len() - 1)
    }

    pub fn get(&self, node: Node) -> Option<&Label> {
        label_index(node).and_then(|index| self.all.get(index))
    }

    /// The set of rules of a terminal of a partition; none for [`FALSE`].
    pub fn rules(&self, node: Node) -> &[RuleId] {
        self.get(node).map_or(&[], |label| &label.rules)
    }

    /// The union of two sets of rules.
    pub fn union(&mut self, a: Node, b: Node) -> Node {
        let rules = merge(self.rules(a), self.rules(b));
        self.intern(Label { outcome: Outcome::Gap, rules, rank: 0 })
    }

    /// Combines two labels; `None` if a sum leaves 64 bits.
    pub fn combine(&mut self, combine: &Combine, a: Node, b: Node) -> Option<Node> {
        let (Some(one), Some(two)) = (self.get(a), self.get(b)) else {
            return Some(if a == FALSE { b } else { a });
        };
        let both = |outcome| Label { outcome, rules: merge(&one.rules, &two.rules), rank: 0 };
        let better = |first: bool| if first { one.clone() } else { two.clone() };
        let out = match (combine, &one.outcome, &two.outcome) {
            (Combine::First, _, _) => better(one.rank <= two.rank),
            (Combine::Strictest, x, y) if x != y => better(x > y),
            (Combine::LeastStrict, x, y) if x != y => better(x < y),
            (Combine::Sum, Outcome::Value(Value::Int(x)), Outcome::Value(Value::Int(y))) => {
                both(Outcome::Value(Value::Int(x.checked_add(*y)?)))
            }
            (Combine::All, Outcome::Value(Value::Set(x)), Outcome::Value(Value::Set(y))) => {
                both(Outcome::Value(Value::Set(x.union(y))))
            }
            (_, x, y) if x == y => both(x.clone()),
            (_, x, y) => {
                let mut values: Vec<Value> = Vec::new();
                for outcome in [x, y] {
                    match outcome {
                        Outcome::Value(value) => values.push(value.clone()),
                        Outcome::Conflict(all) => values.extend(all.iter().cloned()),
                        Outcome::Gap => {}
                    }
                }
                values.sort_unstable();
                values.dedup();
                both(Outcome::Conflict(values))
            }
        };
        Some(self.intern(out))
    }

    /// What stands where no rule is effective.
    pub fn otherwise(&mut self, program: &Program, decision: &Decision) -> Node {
        let outcome = match (&decision.default, &decision.combine, &decision.domain) {
            (Some(value), _, _) => Outcome::Value(value.clone()),
            (None, Combine::All, Domain::Set(id)) => {
                Outcome::Value(Value::Set(MemberSet::empty(program.enumeration(*id).size())))
            }
            _ => Outcome::Gap,
        };
        self.intern(Label { outcome, rules: Vec::new(), rank: 0 })
    }

    /// Whether the outcome of a terminal passes a test.
    pub fn passes(&self, node: Node, test: &OutcomeTest) -> bool {
        let Some(label) = self.get(node) else { return false };
        match (&label.outcome, test) {
            (Outcome::Gap, OutcomeTest::Gap) | (Outcome::Conflict(_), OutcomeTest::Conflict) => true,
            (Outcome::Value(Value::Member(member)), OutcomeTest::Members(set)) => set.contains(*member),
            (Outcome::Value(Value::Bool(value)), OutcomeTest::Members(set)) => set.contains(u32::from(*value)),
            (Outcome::Value(Value::Set(set)), OutcomeTest::Has(member)) => set.contains(*member),
            (Outcome::Value(Value::Int(int)), OutcomeTest::Within(ranges)) => ranges.contains(*int),
            _ => false,
        }
    }

    /// Whether two outcomes are the same: one value, both gaps, or both conflicts.
    pub fn same(&self, a: Node, b: Node) -> bool {
        match (self.get(a).map(|label| &label.outcome), self.get(b).map(|label| &label.outcome)) {
            (Some(Outcome::Conflict(_)), Some(Outcome::Conflict(_))) => true,
            (x, y) => x == y,
        }
    }
}

fn merge(a: &[RuleId], b: &[RuleId]) -> Vec<RuleId> {
    let mut rules: Vec<RuleId> = a.iter().chain(b).copied().collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}
