//! Conditions: resolved, typed, with the place of every part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ir::{DecisionId, InputId, MemberSet, Ranges};
use crate::source::Span;

use super::TimedSet;

/// An exact fraction.
pub type Rational = num_rational::Ratio<i128>;

/// A value in steps of a size; `None` beyond 128 bits.
pub fn in_steps(value: &Rational, step: crate::ir::Decimal) -> Option<Rational> {
    use num_traits::{CheckedDiv, CheckedMul};
    let power = 10i128.checked_pow(step.scale)?;
    value.checked_mul(&Rational::from_integer(power))?.checked_div(&Rational::from_integer(i128::from(step.mantissa)))
}

/// A condition; shared, so that a definition used twice is stored once.
pub type Cond = Arc<Node<CondKind>>;

/// A number.
pub type Num = Arc<Node<NumKind>>;

/// Something with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<K> {
    /// Which.
    pub kind: K,
    /// Where it was written (inside a definition: there).
    pub span: Span,
    /// Its words, where those at its place speak of parameters: with what they stand for.
    pub words: Option<Arc<str>>,
}

/// Makes a node.
pub fn node<K>(kind: K, span: Span) -> Arc<Node<K>> {
    Arc::new(Node { kind, span, words: None })
}

/// The conditions.
#[derive(Clone, Debug, PartialEq)]
pub enum CondKind {
    /// True or false.
    Const(bool),
    /// A Boolean input.
    Flag(InputId),
    /// A member input is in a set, on the day of the case.
    In(InputId, TimedSet),
    /// Two member inputs are equal.
    Same(InputId, InputId),
    /// A set input has a member.
    Has(InputId, u32),
    /// Two numbers compare.
    Compare(Relation, Num, Num),
    /// A decision has come to something.
    Decided(DecisionId, DecisionTest),
    /// Not.
    Not(Cond),
    /// All.
    And(Vec<Cond>),
    /// One.
    Or(Vec<Cond>),
}

/// Shows every part of a condition, shared ones once, those inside numbers too; without recursion.
pub fn visit<'c>(condition: &'c Cond, mut show: impl FnMut(&'c Cond)) {
    let mut seen = rustc_hash::FxHashSet::default();
    let mut stack = vec![condition];
    while let Some(condition) = stack.pop() {
        if !seen.insert(&raw const condition.kind) {
            continue;
        }
        show(condition);
        match &condition.kind {
            CondKind::Not(inner) => stack.push(inner),
            CondKind::And(parts) | CondKind::Or(parts) => stack.extend(parts),
            CondKind::Compare(_, a, b) => {
                let mut numbers = vec![a, b];
                while let Some(number) = numbers.pop() {
                    match &number.kind {
                        NumKind::If(condition, a, b) => {
                            stack.push(condition);
                            numbers.extend([a, b]);
                        }
                        NumKind::Add(a, b) | NumKind::Subtract(a, b) | NumKind::Multiply(a, b) | NumKind::Divide(a, b) => {
                            numbers.extend([a, b]);
                        }
                        NumKind::Const(_) | NumKind::Input(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// The decisions that a condition tests.
pub fn tested(condition: &Cond) -> BTreeSet<DecisionId> {
    let mut found = BTreeSet::new();
    visit(condition, |part| {
        if let CondKind::Decided(id, test) = &part.kind {
            found.insert(*id);
            if let DecisionTest::Same(other) = test {
                found.insert(*other);
            }
        }
    });
    found
}

/// What can be asked of a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum DecisionTest {
    /// One of these members (false and true are 0 and 1).
    Members(MemberSet),
    /// A set with this member.
    Has(u32),
    /// A number, in steps, in these ranges.
    Within(Ranges),
    /// The same outcome as another decision.
    Same(DecisionId),
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// =
    Equal,
    /// ≤
    LessOrEqual,
    /// <
    Less,
}

/// The numbers. Divisors are known to be positive wherever the comparison matters.
#[derive(Clone, Debug, PartialEq)]
pub enum NumKind {
    /// A constant, in the base of its unit.
    Const(Rational),
    /// A number input (its value in its unit) or a date input (days since 1970-01-01).
    Input(InputId),
    /// Sum.
    Add(Num, Num),
    /// Difference.
    Subtract(Num, Num),
    /// Product.
    Multiply(Num, Num),
    /// Quotient.
    Divide(Num, Num),
    /// One or the other.
    If(Cond, Num, Num),
}

/// A product of powers of units. Empty: a plain number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Dims(pub BTreeMap<String, i32>);

impl Dims {
    /// One unit.
    pub fn unit(name: &str) -> Self {
        Dims(BTreeMap::from([(name.to_owned(), 1)]))
    }

    /// The dimension of `a · b` (`sign` 1) or `a / b` (`sign` -1).
    #[must_use]
    pub fn combine(&self, other: &Self, sign: i32) -> Self {
        let mut powers = self.0.clone();
        for (unit, power) in &other.0 {
            *powers.entry(unit.clone()).or_insert(0) += sign * power;
        }
        powers.retain(|_, power| *power != 0);
        Dims(powers)
    }

    /// Whether it is a plain number.
    pub fn is_plain(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is `%`.
    pub fn is_percent(&self) -> bool {
        self == &Dims::unit("%")
    }

    /// Whether it is a day of the calendar.
    pub fn is_date(&self) -> bool {
        self == &Dims::unit("date")
    }
}

impl std::fmt::Display for Dims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let power = |unit: &str, power: i32| match power {
            1 => unit.to_owned(),
            n => format!("{unit}^{n}"),
        };
        let above: Vec<String> = self.0.iter().filter(|(_, n)| **n > 0).map(|(unit, n)| power(unit, *n)).collect();
        let below: Vec<String> = self.0.iter().filter(|(_, n)| **n < 0).map(|(unit, n)| power(unit, -*n)).collect();
        match (above.is_empty(), below.is_empty()) {
            (true, true) => f.write_str("a plain number"),
            (false, true) => f.write_str(&above.join("*")),
            (true, false) => write!(f, "1/{}", below.join("/")),
            (false, false) => write!(f, "{}/{}", above.join("*"), below.join("/")),
        }
    }
}
