//! Conditions to terms.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_traits::{CheckedAdd, CheckedMul, CheckedSub};
use rustc_hash::FxHashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{BuildError, Builder, Domain, InputId, OutcomeTest, Poly, TermId};
use crate::model::{Cond, CondKind, DecisionTest, Num, NumKind, Policy, Rational, Relation, in_steps, visit};
use crate::source::Span;

use super::order::Order;

/// One side of an `or` inside a condition.
pub(super) struct Side {
    /// The condition with this side alone.
    pub(super) alone: TermId,
    /// See [`crate::ir::Alternative::junction`].
    pub(super) junction: u32,
    /// See [`crate::ir::Alternative::within`].
    pub(super) within: Option<u32>,
    /// Where the side is.
    pub(super) span: Span,
}

/// The most alternatives of one rule that are looked at: definitions that use definitions twice double them each time.
const MAX_ALTERNATIVES: usize = 1_024;

/// A polynomial with rational coefficients over the steps of inputs. The empty product is the constant.
type Rationals = BTreeMap<Vec<InputId>, Rational>;

/// A quotient of polynomials; the divisor is positive wherever it matters.
#[derive(Clone, Debug)]
struct Fraction {
    above: Rationals,
    below: Rationals,
}

/// Lowers conditions, each shared one once.
pub(super) struct Conditions<'a> {
    policy: &'a Policy,
    order: &'a Order,
    /// By address: the policy keeps every condition alive.
    memo: FxHashMap<*const CondKind, TermId>,
    /// Where each term was first written, and its words where those at its place speak of parameters.
    pub(super) words: BTreeMap<TermId, (Span, Option<Arc<str>>)>,
    pub(super) messages: Vec<Diagnostic>,
    /// Where the conditions stand that are being put into terms, the outermost first.
    around: Vec<Span>,
}

fn constant(value: Rational) -> Rationals {
    BTreeMap::from([(Vec::new(), value)])
}

fn one() -> Rationals {
    constant(Rational::from_integer(1))
}

fn multiply(a: &Rationals, b: &Rationals) -> Option<Rationals> {
    let mut product = Rationals::new();
    for (x, p) in a {
        for (y, q) in b {
            let mut inputs: Vec<InputId> = x.iter().chain(y).copied().collect();
            inputs.sort_unstable();
            let slot = product.entry(inputs).or_insert_with(|| Rational::from_integer(0));
            *slot = slot.checked_add(&p.checked_mul(q)?)?;
        }
    }
    Some(product)
}

fn subtract(a: &Rationals, b: &Rationals) -> Option<Rationals> {
    let mut difference = a.clone();
    for (inputs, value) in b {
        let slot = difference.entry(inputs.clone()).or_insert_with(|| Rational::from_integer(0));
        *slot = slot.checked_sub(value)?;
    }
    Some(difference)
}

fn add(a: &Rationals, b: &Rationals) -> Option<Rationals> {
    let mut sum = a.clone();
    for (inputs, value) in b {
        let slot = sum.entry(inputs.clone()).or_insert_with(|| Rational::from_integer(0));
        *slot = slot.checked_add(value)?;
    }
    Some(sum)
}

/// The same sign in whole numbers.
fn whole(rationals: &Rationals) -> Option<Poly> {
    let mut common: i128 = 1;
    for value in rationals.values() {
        let divisor = num_integer::gcd(common, *value.denom());
        common = common.checked_mul(*value.denom() / divisor)?;
    }
    let mut poly = Poly::default();
    for (inputs, value) in rationals {
        let coefficient = value.numer().checked_mul(&(common / *value.denom()))?;
        if inputs.is_empty() {
            poly.constant = coefficient;
        } else if coefficient != 0 {
            poly.monomials.push((inputs.clone(), coefficient));
        }
    }
    Some(poly)
}

/// The simplest polynomial that is 0 or more for the same whole numbers: coefficients without a common divisor.
fn simplest(mut poly: Poly) -> Poly {
    let divisor = poly.monomials.iter().fold(0i128, |divisor, (_, coefficient)| num_integer::gcd(divisor, *coefficient));
    if divisor > 1 {
        for (_, coefficient) in &mut poly.monomials {
            *coefficient /= divisor;
        }
        poly.constant = num_integer::Integer::div_floor(&poly.constant, &divisor);
    }
    poly
}

impl<'a> Conditions<'a> {
    pub(super) fn new(policy: &'a Policy, order: &'a Order) -> Self {
        Conditions { policy, order, memo: FxHashMap::default(), words: BTreeMap::new(), messages: Vec::new(), around: Vec::new() }
    }

    /// The term of a condition.
    pub(super) fn term(&mut self, builder: &mut Builder<'_>, condition: &Cond) -> TermId {
        let key = &raw const condition.kind;
        if let Some(term) = self.memo.get(&key) {
            return *term;
        }
        self.around.push(condition.span);
        let term = self.fresh(builder, condition);
        self.around.pop();
        self.memo.insert(key, term);
        // What was made up inside of something written (a cap, `implies`) has no words of its own.
        if self.around.last() != Some(&condition.span) {
            self.words.entry(term).or_insert_with(|| (condition.span, condition.words.clone()));
        }
        term
    }

    fn fresh(&mut self, builder: &mut Builder<'_>, condition: &Cond) -> TermId {
        let built = match &condition.kind {
            CondKind::Const(value) => Ok(builder.constant(*value)),
            CondKind::Flag(input) => builder.flag(*input),
            CondKind::Same(a, b) => builder.same(*a, *b),
            CondKind::Has(input, member) => builder.has(*input, *member),
            CondKind::In(input, set) => {
                let date = self.policy.date;
                let (lo, hi) =
                    date.and_then(|date| self.policy.inputs[date.index()].domain.bounds()).unwrap_or(crate::model::ALWAYS);
                let mut parts = Vec::new();
                for (days, members) in set.periods(lo, hi) {
                    let member = match builder.member(*input, members) {
                        Ok(member) => member,
                        Err(error) => return self.failed(builder, error, condition.span),
                    };
                    parts.push(match (days, date) {
                        (None, _) => member,
                        (Some(days), Some(date)) => match builder.within(date, days) {
                            Ok(within) => builder.and([member, within]),
                            Err(error) => return self.failed(builder, error, condition.span),
                        },
                        (Some(_), None) => {
                            self.messages.push(
                                Diagnostic::new(
                                    Code::NoDateInput,
                                    "a group that changes, in a regime without a date",
                                    condition.span,
                                    "it depends on the day",
                                )
                                .help("declare: input date : date from 2022-10-07 to 2027-12-31"),
                            );
                            builder.constant(false)
                        }
                    });
                }
                Ok(builder.or(parts))
            }
            CondKind::Compare(relation, a, b) => return self.compare(builder, *relation, a, b, condition.span),
            CondKind::Decided(id, test) => {
                let id = self.order.new[id.index()];
                Ok(match test {
                    DecisionTest::Members(set) => builder.outcome(id, OutcomeTest::Members(set.clone())),
                    DecisionTest::Has(member) => builder.outcome(id, OutcomeTest::Has(*member)),
                    DecisionTest::Within(ranges) => builder.outcome(id, OutcomeTest::Within(ranges.clone())),
                    DecisionTest::Same(other) => builder.same_outcome(id, self.order.new[other.index()]),
                })
            }
            CondKind::Not(inner) => {
                // `x not in G`: the words are those of the whole, and the inner part was never written.
                let unwritten = inner.span == condition.span && !self.memo.contains_key(&(&raw const inner.kind));
                let inner = if unwritten { self.fresh(builder, inner) } else { self.term(builder, inner) };
                Ok(builder.not(inner))
            }
            CondKind::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.term(builder, part)).collect();
                Ok(builder.and(parts))
            }
            CondKind::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.term(builder, part)).collect();
                Ok(builder.or(parts))
            }
        };
        match built {
            Ok(term) => term,
            Err(error) => self.failed(builder, error, condition.span),
        }
    }

    fn failed(&mut self, builder: &mut Builder<'_>, error: BuildError, span: Span) -> TermId {
        let message = match error {
            BuildError::TooLarge => Diagnostic::new(Code::TooBig, "numbers that grow too large", span, "beyond 120 bits")
                .note("numbers are exact in Lexport: what could leave 120 bits is refused rather than rounded")
                .help("narrow the ranges of the inputs, or take larger steps"),
            BuildError::Sort(_) | BuildError::DifferentEnums(..) => {
                Diagnostic::new(Code::TypeMismatch, "two things that cannot be compared", span, "compared here")
            }
        };
        self.messages.push(message);
        builder.constant(false)
    }

    fn compare(&mut self, builder: &mut Builder<'_>, relation: Relation, a: &Num, b: &Num, span: Span) -> TermId {
        let (Some(left), Some(right)) = (self.fractions(builder, a), self.fractions(builder, b)) else {
            return self.failed(builder, BuildError::TooLarge, span);
        };
        let mut cases = Vec::new();
        for (when_left, x) in &left {
            for (when_right, y) in &right {
                // x ≤ y: 0 ≤ y.above · x.below - x.above · y.below, as both divisors are positive.
                let poly = multiply(&y.above, &x.below)
                    .zip(multiply(&x.above, &y.below))
                    .and_then(|(p, q)| subtract(&p, &q))
                    .and_then(|difference| whole(&difference));
                let Some(poly) = poly else { return self.failed(builder, BuildError::TooLarge, span) };
                let term = match relation {
                    Relation::LessOrEqual => builder.at_least_zero(simplest(poly)),
                    Relation::Less => match poly.plus(&Poly::constant(-1)) {
                        Some(poly) => builder.at_least_zero(simplest(poly)),
                        None => Err(BuildError::TooLarge),
                    },
                    Relation::Equal => match poly.times_constant(-1) {
                        Some(negative) => builder
                            .at_least_zero(simplest(poly))
                            .and_then(|least| Ok((least, builder.at_least_zero(simplest(negative))?)))
                            .map(|(least, most)| builder.and([least, most])),
                        None => Err(BuildError::TooLarge),
                    },
                };
                match term {
                    Ok(term) => cases.push(builder.and([*when_left, *when_right, term])),
                    Err(error) => return self.failed(builder, error, span),
                }
            }
        }
        builder.or(cases)
    }

    /// What a number can be, with the condition for each.
    fn fractions(&mut self, builder: &mut Builder<'_>, number: &Num) -> Option<Vec<(TermId, Fraction)>> {
        let always = builder.constant(true);
        let single = |above| Some(vec![(always, Fraction { above, below: one() })]);
        match &number.kind {
            NumKind::Const(value) => single(constant(*value)),
            NumKind::Input(input) => {
                let step = match &self.policy.inputs[input.index()].domain {
                    Domain::Number(number) => number.step,
                    _ => crate::ir::Decimal::whole(1),
                };
                // One step is worth `step` units.
                let per_unit = in_steps(&Rational::from_integer(1), step)?;
                single(BTreeMap::from([(vec![*input], per_unit.recip())]))
            }
            NumKind::If(condition, a, b) => {
                let holds = self.term(builder, condition);
                let fails = builder.not(holds);
                let mut all = Vec::new();
                for (guard, branch) in [(holds, a), (fails, b)] {
                    for (when, fraction) in self.fractions(builder, branch)? {
                        all.push((builder.and([guard, when]), fraction));
                    }
                }
                Some(all)
            }
            NumKind::Add(a, b) | NumKind::Subtract(a, b) | NumKind::Multiply(a, b) | NumKind::Divide(a, b) => {
                let (left, right) = (self.fractions(builder, a)?, self.fractions(builder, b)?);
                let mut all = Vec::new();
                for (when_left, x) in &left {
                    for (when_right, y) in &right {
                        let fraction = match &number.kind {
                            NumKind::Multiply(..) => {
                                Fraction { above: multiply(&x.above, &y.above)?, below: multiply(&x.below, &y.below)? }
                            }
                            NumKind::Divide(..) => {
                                Fraction { above: multiply(&x.above, &y.below)?, below: multiply(&x.below, &y.above)? }
                            }
                            kind => {
                                let (p, q) = (multiply(&x.above, &y.below)?, multiply(&y.above, &x.below)?);
                                let above = if matches!(kind, NumKind::Add(..)) { add(&p, &q)? } else { subtract(&p, &q)? };
                                Fraction { above, below: multiply(&x.below, &y.below)? }
                            }
                        };
                        all.push((builder.and([*when_left, *when_right]), fraction));
                    }
                }
                Some(all)
            }
        }
    }

    /// The alternatives of a condition: each side of an `or` that stands where the condition can hold through it. Whether these are all
    /// of them is said beside them.
    pub(super) fn alternatives(&mut self, builder: &mut Builder<'_>, condition: &Cond) -> (Vec<Side>, bool) {
        let mut left = Some(MAX_ALTERNATIVES);
        let found = self.alternatives_within(builder, condition, &mut left);
        (found, left.is_some())
    }

    /// `left` is how many more there may be; none once there were more.
    fn alternatives_within(&mut self, builder: &mut Builder<'_>, condition: &Cond, left: &mut Option<usize>) -> Vec<Side> {
        if left.is_none() {
            return Vec::new();
        }
        match &condition.kind {
            CondKind::Or(parts) => {
                let (mut all, mut junctions) = (Vec::new(), 1);
                for part in parts {
                    *left = left.and_then(|left| left.checked_sub(1));
                    if left.is_none() {
                        break;
                    }
                    let at = all.len() as u32;
                    all.push(Side { alone: self.term(builder, part), junction: 0, within: None, span: part.span });
                    let inner = self.alternatives_within(builder, part, left);
                    let more = junctions_of(&inner);
                    all.extend(inner.into_iter().map(|side| Side {
                        junction: side.junction + junctions,
                        within: Some(side.within.map_or(at, |within| within + at + 1)),
                        ..side
                    }));
                    junctions += more;
                }
                all
            }
            CondKind::And(parts) => {
                let terms: Vec<TermId> = parts.iter().map(|part| self.term(builder, part)).collect();
                let (mut all, mut junctions) = (Vec::new(), 0);
                for (index, part) in parts.iter().enumerate() {
                    let before = all.len() as u32;
                    let inner = self.alternatives_within(builder, part, left);
                    let more = junctions_of(&inner);
                    for side in inner {
                        let rest = terms.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, term)| *term);
                        let alone = builder.and(rest.chain([side.alone]));
                        let within = side.within.map(|within| within + before);
                        all.push(Side { alone, junction: side.junction + junctions, within, span: side.span });
                    }
                    junctions += more;
                }
                all
            }
            _ => Vec::new(),
        }
    }
}

/// How many `or`s these are sides of.
fn junctions_of(sides: &[Side]) -> u32 {
    sides.iter().map(|side| side.junction + 1).max().unwrap_or(0)
}

/// The value of a number that is made of constants alone, by sums and differences.
fn constant_value(number: &Num) -> Option<Rational> {
    match &number.kind {
        NumKind::Const(value) => Some(*value),
        NumKind::Add(a, b) => constant_value(a)?.checked_add(&constant_value(b)?),
        NumKind::Subtract(a, b) => constant_value(a)?.checked_sub(&constant_value(b)?),
        _ => None,
    }
}

/// The days that a condition compares the date with: the first day of the new state.
pub(super) fn dates_named(condition: &Cond, date: InputId) -> Vec<(i64, Span)> {
    let mut found = Vec::new();
    visit(condition, |part| {
        if let CondKind::Compare(relation, a, b) = &part.kind {
            let day = |number: &Num| constant_value(number).and_then(|value| i64::try_from(value.to_integer()).ok());
            let is_date = |number: &Num| number.kind == NumKind::Input(date);
            let days = match (is_date(a), is_date(b), relation) {
                // date ≤ d ends after d; date < d ends before d; d ≤ date begins on d; d < date after it.
                (true, _, Relation::LessOrEqual) => day(b).map(|d| vec![d + 1]),
                (true, _, Relation::Less) => day(b).map(|d| vec![d]),
                (_, true, Relation::LessOrEqual) => day(a).map(|d| vec![d]),
                (_, true, Relation::Less) => day(a).map(|d| vec![d + 1]),
                (true, _, Relation::Equal) => day(b).map(|d| vec![d, d + 1]),
                (_, true, Relation::Equal) => day(a).map(|d| vec![d, d + 1]),
                _ => None,
            };
            found.extend(days.into_iter().flatten().map(|day| (day, part.span)));
        }
    });
    found
}
