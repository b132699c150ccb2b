//! No witness leaves before the interpreter agrees.

use crate::eval::Eval;
use crate::ir::{Case, DecisionId, Program, RuleId};

use super::Options;
use super::finding::{Came, Witness};
use super::method::Question;

/// Whether a witness shows what was asked for: it lies in the domains and the scope, the two cases of a pair differ as
/// they should and nowhere else, and the goal holds.
pub fn replays(program: &Program, question: Question, witness: &Witness, options: &Options) -> bool {
    let in_scope =
        |case: &Case| options.fixed.iter().all(|(input, value)| Some(*input) == question.pair || case.get(*input) == Some(value));
    match (witness, question.pair) {
        (Witness::Case(case), None) => in_scope(case) && Eval::new(program, case).is_ok_and(|mut eval| eval.holds(question.goal)),
        (Witness::Pair(first, second), Some(differs)) => {
            let alike = program.input_ids().all(|input| input == differs || first.get(input) == second.get(input));
            alike
                && first.get(differs) < second.get(differs)
                && in_scope(first)
                && Eval::pair(program, first, second).is_ok_and(|mut eval| eval.holds(question.goal))
        }
        _ => false,
    }
}

/// The effective rules that defeat rules of a decision.
fn freed_by(program: &Program, eval: &mut Eval<'_>, decision: DecisionId) -> Vec<RuleId> {
    let mut out: Vec<RuleId> = Vec::new();
    for rule in &program.decision(decision).rules {
        if eval.applies(*rule) && !eval.effective(*rule) {
            out.extend(program.rule(*rule).overridden_by.iter().filter(|by| eval.effective(**by)));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// What decisions come to in a witness.
pub fn came(program: &Program, witness: &Witness, decisions: &[DecisionId]) -> Vec<Came> {
    let one = |case: &Case| {
        let mut eval = Eval::new(program, case).ok()?;
        let came = |decision: &DecisionId| {
            let decided = eval.decide(*decision).clone();
            let freed_by = if decided.because.is_empty() { freed_by(program, &mut eval, *decision) } else { Vec::new() };
            Came { decision: *decision, outcome: decided.outcome, because: decided.because, freed_by }
        };
        Some(decisions.iter().map(came).collect::<Vec<_>>())
    };
    match witness {
        Witness::Case(case) => one(case).unwrap_or_default(),
        Witness::Trace(trace) => trace.taken.iter().flat_map(|taken| taken.came.clone()).chain(trace.came.clone()).collect(),
        Witness::Pair(first, second) => {
            let mut both = one(first).unwrap_or_default();
            both.extend(one(second).unwrap_or_default());
            both
        }
    }
}
