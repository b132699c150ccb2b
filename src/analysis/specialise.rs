//! A regime beside itself with one input set to two values: what differs between two days, or two readings, is then what
//! differs between two regimes.

use crate::ir::{Builder, DecisionId, Domain, InputId, Poly, Pool, Program, RuleId, Term, TermId, Value};

/// A program that holds the first regime twice.
#[derive(Debug)]
pub struct Twice {
    /// Regime 0 with the first value, and as a last regime the copy with the second.
    pub program: Program,
    /// The number of the copy's regime.
    pub copy: u32,
    rules: u32,
    decisions: u32,
}

impl Twice {
    /// The rule of which a rule is the copy, or itself.
    pub fn rule(&self, rule: RuleId) -> RuleId {
        RuleId(rule.0 % self.rules.max(1))
    }

    /// The decision of which a decision is the copy, or itself.
    pub fn decision(&self, decision: DecisionId) -> DecisionId {
        DecisionId(decision.0 % self.decisions.max(1))
    }
}

/// The two halves. `None` if the input is a set, whose values are not put in as a whole.
pub fn twice(program: &Program, input: InputId, first: &Value, second: &Value) -> Option<Twice> {
    if matches!(program.input(input).domain, Domain::Set(_)) {
        return None;
    }
    let (rules, decisions) = (program.rules.len() as u32, program.decisions.len() as u32);
    let mut out = program.clone();
    out.pool = Pool::default();
    // Words belong to terms of the original.
    out.words.clear();
    out.properties.clear();
    out.scenarios.clear();
    out.acceptances.clear();
    // Chains are no part of a comparison of cases; their terms ask about fields of links, which stand behind the inputs.
    out.carries.clear();
    out.nodes.clear();
    let mut inputs = program.inputs.clone();
    inputs.extend(program.links.iter().flat_map(crate::ir::Link::inputs));
    let copy = out.regimes.len() as u32;
    let mut regime = out.regimes.first()?.clone();
    regime.name.push_str(" (after)");
    out.regimes.push(regime);
    let halves = [(first, 0, 0), (second, rules, decisions)];
    let mut terms: Vec<Vec<TermId>> = Vec::new();
    for (value, rule, decision) in halves {
        let mut put = Put { program, input, value, rule, decision, done: Vec::with_capacity(program.pool.len()) };
        let mut build = Builder::new(&mut out.pool, &inputs, &program.enums);
        for (_, term) in program.pool.iter() {
            let made = put.one(&mut build, term);
            put.done.push(made);
        }
        terms.push(put.done);
    }
    out.rules.clear();
    out.decisions.clear();
    for ((_, rule, decision), terms) in halves.iter().zip(&terms) {
        let half = if *rule == 0 { 0 } else { copy };
        for one in &program.rules {
            let mut one = one.clone();
            one.regime = if one.regime == 0 { half } else { one.regime };
            for term in [&mut one.in_force, &mut one.condition, &mut one.applies] {
                *term = terms[term.index()];
            }
            one.alternatives.iter_mut().for_each(|side| side.applies = terms[side.applies.index()]);
            one.overridden_by.iter_mut().for_each(|by| by.0 += rule);
            one.conclusions.iter_mut().for_each(|(id, _)| id.0 += decision);
            out.rules.push(one);
        }
        for one in &program.decisions {
            let mut one = one.clone();
            one.regime = if one.regime == 0 { half } else { one.regime };
            if half != 0 {
                one.name = format!("after::{}", one.name);
            }
            one.rules.iter_mut().for_each(|of| of.0 += rule);
            out.decisions.push(one);
        }
    }
    Some(Twice { program: out, copy, rules, decisions })
}

/// Puts a value into terms, and moves what they say of rules and decisions to one half.
struct Put<'a> {
    program: &'a Program,
    input: InputId,
    value: &'a Value,
    rule: u32,
    decision: u32,
    done: Vec<TermId>,
}

impl Put<'_> {
    fn one(&mut self, build: &mut Builder<'_>, term: &Term) -> TermId {
        let here = |of: &InputId| *of == self.input;
        let made = match term {
            Term::True => Ok(build.constant(true)),
            Term::False => Ok(build.constant(false)),
            Term::Not(inner) => Ok(build.not(self.done[inner.index()])),
            Term::And(all) => Ok(build.and(all.iter().map(|one| self.done[one.index()]))),
            Term::Or(any) => Ok(build.or(any.iter().map(|one| self.done[one.index()]))),
            Term::Flag(of) if here(of) => Ok(build.constant(*self.value == Value::Bool(true))),
            Term::Flag(of) => build.flag(*of),
            Term::Member { of, set } if here(of) => {
                Ok(build.constant(matches!(self.value, Value::Member(member) if set.contains(*member))))
            }
            Term::Member { of, set } => build.member(*of, set.clone()),
            Term::Same(a, b) if here(a) || here(b) => match (&self.program.input(*a).domain, self.value) {
                (Domain::Enum(id), Value::Member(member)) => {
                    let size = self.program.enumeration(*id).size();
                    let set = crate::ir::MemberSet::of(size, (*member < size).then_some(*member));
                    build.member(if here(a) { *b } else { *a }, set)
                }
                _ => build.same(*a, *b),
            },
            Term::Same(a, b) => build.same(*a, *b),
            Term::Has { of, member } => build.has(*of, *member),
            Term::Within { of, ranges } if here(of) => {
                Ok(build.constant(matches!(self.value, Value::Int(int) if ranges.contains(*int))))
            }
            Term::Within { of, ranges } => build.within(*of, ranges.clone()),
            Term::AtLeastZero(poly) => build.at_least_zero(self.poly(poly)),
            Term::Applies(rule) => Ok(build.applies(RuleId(rule.0 + self.rule))),
            Term::Effective(rule) => Ok(build.effective(RuleId(rule.0 + self.rule))),
            Term::Outcome { decision, without, test } => {
                let decision = DecisionId(decision.0 + self.decision);
                Ok(match without {
                    Some(rule) => build.outcome_without(decision, RuleId(rule.0 + self.rule), test.clone()),
                    None => build.outcome(decision, test.clone()),
                })
            }
            Term::SameOutcome(a, b) => Ok(build.same_outcome(DecisionId(a.0 + self.decision), DecisionId(b.0 + self.decision))),
            Term::Second(inner) => Ok(build.second(self.done[inner.index()])),
        };
        // The sorts are those of a program that was built with the same builder.
        made.unwrap_or_else(|_| build.constant(false))
    }

    /// The polynomial with the value put in. Its value stays below the builder's limit, so no step leaves 128 bits.
    fn poly(&self, poly: &Poly) -> Poly {
        let Value::Int(value) = self.value else { return poly.clone() };
        let mut out = Poly::constant(poly.constant);
        for (inputs, coefficient) in &poly.monomials {
            let mut part = Some(Poly::constant(*coefficient));
            for input in inputs {
                part = part.and_then(|part| {
                    if *input == self.input { part.times_constant(i128::from(*value)) } else { part.times(&Poly::input(*input)) }
                });
            }
            out = part.and_then(|part| out.plus(&part)).unwrap_or(out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Eval, sample};
    use crate::ir::Case;

    #[test]
    fn each_half_says_what_the_regime_says_with_its_value() {
        for seed in 0..25 {
            let program = sample::random(seed);
            for (input, first, second) in [
                (sample::DATE, Value::Int(0), Value::Int(2)),
                (sample::PLACE, Value::Member(2), Value::Member(0)),
                (sample::TPP, Value::Int(3), Value::Int(1)),
                (sample::FLAG, Value::Bool(true), Value::Bool(false)),
            ] {
                let twice = twice(&program, input, &first, &second).expect("not a set");
                for case in sample::completions(&program, &Case::unknown(program.inputs.len())).iter().step_by(61) {
                    let (mut before, mut after) = (case.clone(), case.clone());
                    before.set(input, first.clone());
                    after.set(input, second.clone());
                    let mut both = Eval::new(&twice.program, case).expect("a good case");
                    for id in program.decision_ids() {
                        let half = DecisionId(id.0 + program.decisions.len() as u32);
                        let old = Eval::new(&program, &before).expect("good").decide(id).outcome.clone();
                        let new = Eval::new(&program, &after).expect("good").decide(id).outcome.clone();
                        assert_eq!(both.decide(id).outcome, old, "seed {seed}");
                        assert_eq!(both.decide(half).outcome, new, "seed {seed}");
                    }
                }
            }
        }
    }
}
