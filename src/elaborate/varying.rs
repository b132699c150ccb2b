//! Conclusions whose value varies: `then duty is origin.rate`, `then duty is duty_232`.
//!
//! Such a rule stands for one rule for each value that can come out, called `NAME[VALUE]`: the interpreter, the diagram and
//! the solver then know only rules that conclude constants. In the source the name means all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Code;
use crate::ir::{Combine, DecisionId, Domain, InputId, MemberSet, NumberDomain, Ranges, Value};
use crate::model::{Cond, CondKind, DecisionTest, NumKind, Rational, Relation, TimedSet, in_steps, node};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

use super::Elaborator;
use super::operand::{Env, Operand};

/// A rule may stand for at most so many.
const MAX_INSTANCES: usize = 512;

/// Where the value comes from.
#[derive(Clone, Debug, PartialEq)]
enum Source {
    /// An attribute of the member that an input is.
    Attribute(InputId, usize),
    /// An input.
    Input(InputId),
    /// Another decision.
    Decision(DecisionId),
}

/// One of the rules that a rule with a varying value stands for.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    /// The value in words.
    pub(super) text: String,
    /// The value in each decision whose value varies.
    pub(super) values: Vec<(DecisionId, Value)>,
    /// Holds where this is the value.
    pub(super) condition: Cond,
}

impl Elaborator<'_> {
    /// The rules that a rule stands for; empty if its values are constant.
    pub(super) fn instances(&mut self, regime: usize, decl: &ast::RuleDecl) -> Vec<Instance> {
        let mut source: Option<(Source, Span)> = None;
        let mut varying: Vec<(DecisionId, Domain)> = Vec::new();
        for conclusion in &decl.then {
            let Some(id) = self.scopes[regime].decisions.get(&conclusion.decision.node).copied() else { continue };
            let domain = self.policy.decisions[id.index()].domain.clone();
            let Some((found, span)) = self.source(regime, &conclusion.value, &domain) else { continue };
            match &source {
                Some((first, at)) if *first != found => {
                    let at = *at;
                    self.error(Code::NotConstant, "two values that vary in one rule", span, "this one")
                        .also(at, "and this one")
                        .help("write a rule for each of them");
                    return Vec::new();
                }
                _ => source = Some((found, span)),
            }
            varying.push((id, domain));
        }
        let Some((source, span)) = source else { return Vec::new() };
        let Some(own) = self.domain_of(&source) else { return Vec::new() };
        let mut instances = Vec::new();
        let possible = self.values_of(regime, &source, &mut Vec::new());
        if possible.len() > MAX_INSTANCES {
            self.error(
                Code::TooLarge,
                "a value that varies too much",
                span,
                format!("more than {MAX_INSTANCES} values can come out"),
            )
            .help("give it a narrower range or a larger step: the rule stands for one rule for each value");
            return Vec::new();
        }
        for value in possible {
            let mut values = Vec::new();
            for (id, domain) in &varying {
                let Some(there) = converted(&own, &value, domain) else {
                    let (text, name) = (self.value_words(&own, &value), self.policy.decisions[id.index()].name.clone());
                    self.error(Code::OutOfRange, format!("{text} is no value of `{name}`"), span, "this can be it")
                        .note("every value that can come out must lie in the range of the decision, and on its steps");
                    return Vec::new();
                };
                values.push((*id, there));
            }
            let condition = self.is_value(&source, &value, span);
            instances.push(Instance { text: self.value_words(&own, &value), values, condition });
        }
        instances
    }

    /// Whether a value that is written varies.
    pub(super) fn varies(&mut self, regime: usize, value: &ast::Value, domain: &Domain) -> bool {
        self.source(regime, value, domain).is_some()
    }

    /// Whether a value that is written varies, and with what.
    fn source(&mut self, regime: usize, value: &ast::Value, domain: &Domain) -> Option<(Source, Span)> {
        let ast::Value::Path(path) = value else { return None };
        if path.regime.is_some() {
            return None;
        }
        let expected = match domain {
            Domain::Enum(of) => Some(*of),
            _ => None,
        };
        if let (Some(of), [name]) = (expected, path.parts.as_slice())
            && self.policy.enums[of.index()].member(&name.node).is_some()
        {
            return None;
        }
        // What is wrong with it is said where the value is read.
        let expr = ast::Expr { kind: ast::ExprKind::Path(path.clone()), span: path.span };
        let operand = self.quietly(|quiet| quiet.operand(&Env::of(regime), &expr, expected));
        let source = match operand? {
            Operand::Attribute(input, index) => Source::Attribute(input, index),
            Operand::Input(input, _) => Source::Input(input),
            Operand::Decision(id) => Source::Decision(id),
            Operand::Number(number, _) => match number.kind {
                NumKind::Input(input) => Source::Input(input),
                _ => return None,
            },
            Operand::Bool(condition) => match condition.kind {
                CondKind::Flag(input) => Source::Input(input),
                _ => return None,
            },
            _ => return None,
        };
        Some((source, path.span))
    }

    fn domain_of(&self, source: &Source) -> Option<Domain> {
        match source {
            Source::Attribute(_, index) => Some(self.policy.attributes[*index].domain.clone()),
            Source::Input(input) => Some(self.policy.inputs[input.index()].domain.clone()),
            Source::Decision(id) => Some(self.policy.decisions[id.index()].domain.clone()),
        }
    }

    /// The values that can come out, rising; more than anyone counts if there are too many.
    fn values_of(&mut self, regime: usize, source: &Source, open: &mut Vec<DecisionId>) -> Vec<Value> {
        match source {
            Source::Attribute(_, index) => {
                let values: BTreeSet<Value> = self.policy.attributes[*index].values.iter().flatten().cloned().collect();
                values.into_iter().collect()
            }
            Source::Input(input) => match &self.policy.inputs[input.index()].domain {
                Domain::Bool => vec![Value::Bool(false), Value::Bool(true)],
                Domain::Enum(of) => (0..self.policy.enums[of.index()].size()).map(Value::Member).collect(),
                Domain::Number(NumberDomain { lo, hi, .. }) => (*lo..=*hi).take(MAX_INSTANCES + 1).map(Value::Int).collect(),
                _ => Vec::new(),
            },
            Source::Decision(id) => self.values_of_decision(regime, *id, open),
        }
    }

    fn values_of_decision(&mut self, regime: usize, id: DecisionId, open: &mut Vec<DecisionId>) -> Vec<Value> {
        if open.contains(&id) {
            return Vec::new(); // A circle of decisions, which is reported as such.
        }
        open.push(id);
        let (domain, combine) = {
            let decision = &self.policy.decisions[id.index()];
            (decision.domain.clone(), decision.combine.clone())
        };
        let mut values: BTreeSet<Value> = self.policy.decisions[id.index()].default.iter().cloned().collect();
        let mut sums: BTreeSet<i64> = BTreeSet::from([0]);
        let items: Vec<_> = self.items(regime).collect();
        for (_, item) in items {
            let ItemKind::Rule(decl) = &item.kind else { continue };
            let own = decl.then.iter().filter(|one| self.scopes[regime].decisions.get(&one.decision.node) == Some(&id));
            for conclusion in own.collect::<Vec<_>>() {
                let found: Vec<Value> = match self.source(regime, &conclusion.value, &domain) {
                    Some((source, _)) => {
                        let from = self.domain_of(&source);
                        let values = self.values_of(regime, &source, open);
                        values.iter().filter_map(|value| converted(from.as_ref()?, value, &domain)).collect()
                    }
                    None => {
                        let value = self.quietly(|quiet| quiet.value(regime, &conclusion.value, &domain));
                        value.into_iter().collect()
                    }
                };
                if combine == Combine::Sum {
                    let steps: Vec<i64> =
                        found.iter().filter_map(|value| if let Value::Int(k) = value { Some(*k) } else { None }).collect();
                    let more: Vec<i64> = sums.iter().flat_map(|sum| steps.iter().map(move |k| sum + k)).take(1 << 16).collect();
                    sums.extend(more);
                }
                values.extend(found);
            }
        }
        open.pop();
        if let (Combine::Sum, Domain::Number(number)) = (&combine, &domain) {
            values.extend(sums.into_iter().filter(|k| (number.lo..=number.hi).contains(k)).map(Value::Int));
        }
        values.into_iter().collect()
    }

    /// The source has a value.
    fn is_value(&self, source: &Source, value: &Value, span: Span) -> Cond {
        let kind = match (source, value) {
            (Source::Attribute(input, index), value) => {
                let values = &self.policy.attributes[*index].values;
                let with = values.iter().enumerate().filter(|(_, own)| own.as_ref() == Some(value));
                let set = MemberSet::of(values.len() as u32, with.map(|(member, _)| member as u32));
                CondKind::In(*input, TimedSet::always(&set))
            }
            (Source::Input(input), Value::Bool(true)) => CondKind::Flag(*input),
            (Source::Input(input), Value::Bool(false)) => CondKind::Not(node(CondKind::Flag(*input), span)),
            (Source::Input(input), Value::Member(member)) => {
                let size = match &self.policy.inputs[input.index()].domain {
                    Domain::Enum(of) => self.policy.enums[of.index()].size(),
                    _ => member + 1,
                };
                CondKind::In(*input, TimedSet::always(&MemberSet::of(size, [*member])))
            }
            (Source::Input(input), Value::Int(k)) => {
                let exact = match &self.policy.inputs[input.index()].domain {
                    Domain::Number(number) => in_units(number, *k),
                    _ => Some(Rational::from_integer(i128::from(*k))),
                };
                match exact {
                    Some(exact) => {
                        let (own, there) = (node(NumKind::Input(*input), span), node(NumKind::Const(exact), span));
                        CondKind::Compare(Relation::Equal, own, there)
                    }
                    None => CondKind::Const(false),
                }
            }
            (Source::Decision(id), Value::Int(k)) => CondKind::Decided(*id, DecisionTest::Within(Ranges::closed(*k, *k))),
            (Source::Decision(id), Value::Member(member)) => {
                let size = match &self.policy.decisions[id.index()].domain {
                    Domain::Enum(of) => self.policy.enums[of.index()].size(),
                    _ => member + 1,
                };
                CondKind::Decided(*id, DecisionTest::Members(MemberSet::of(size, [*member])))
            }
            (Source::Decision(id), Value::Bool(value)) => {
                CondKind::Decided(*id, DecisionTest::Members(MemberSet::of(2, [u32::from(*value)])))
            }
            _ => CondKind::Const(false),
        };
        node(kind, span)
    }

    fn value_words(&self, domain: &Domain, value: &Value) -> String {
        match (domain, value) {
            (Domain::Enum(of), Value::Member(member)) => self.policy.enums[of.index()].members[*member as usize].name.clone(),
            (Domain::Number(number), Value::Int(k)) if number.unit == "%" => format!("{}%", number.text(*k)),
            (Domain::Number(number), Value::Int(k)) if number.unit.is_empty() => number.text(*k),
            (Domain::Number(number), Value::Int(k)) => format!("{} {}", number.text(*k), number.unit),
            (_, Value::Bool(value)) => value.to_string(),
            (_, value) => format!("{value:?}"),
        }
    }
}

/// The exact value of so many steps, in the unit.
fn in_units(number: &NumberDomain, k: i64) -> Option<Rational> {
    let power = 10i128.checked_pow(number.step.scale)?;
    Some(Rational::new(i128::from(k).checked_mul(i128::from(number.step.mantissa))?, power))
}

/// A value of one domain in another.
fn converted(from: &Domain, value: &Value, to: &Domain) -> Option<Value> {
    match (from, to, value) {
        (Domain::Number(from), Domain::Number(to), Value::Int(k)) if from.unit == to.unit => {
            let steps = in_steps(&in_units(from, *k)?, to.step)?;
            let k = steps.is_integer().then(|| i64::try_from(steps.to_integer()).ok())??;
            (to.lo..=to.hi).contains(&k).then_some(Value::Int(k))
        }
        (Domain::Enum(a), Domain::Enum(b), Value::Member(_)) if a == b => Some(value.clone()),
        (Domain::Bool, Domain::Bool, Value::Bool(_)) => Some(value.clone()),
        _ => None,
    }
}

/// The instances of all rules of a regime, by the place of the rule.
pub(super) type Instances = BTreeMap<(usize, super::ItemRef), Vec<Instance>>;
