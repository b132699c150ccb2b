//! A regime beside itself with one input set to two values: what differs between two days, or two readings, is then what
//! differs between two regimes.

use crate::ir::{DecisionId, Domain, InputId, Pool, Program, Put, RuleId, TermId, Value};

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

/// The two halves. `None` if the input is a set, whose values are not put in as a whole, or a value cannot be one of the input's.
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
    let copy = out.regimes.len() as u32;
    let mut regime = out.regimes.first()?.clone();
    regime.name.push_str(" (after)");
    out.regimes.push(regime);
    let halves = [(first, 0, 0), (second, rules, decisions)];
    let mut terms: Vec<Vec<TermId>> = Vec::new();
    for (value, rule, decision) in halves {
        let put = Put::new(program, &[(input, value.clone())]).moved(rule, decision);
        terms.push(put.terms(&mut out.pool).ok()?);
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
