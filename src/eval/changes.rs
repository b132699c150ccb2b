//! Why not: the smallest changes of a case that change what a decision comes to, and the provisions they would meet.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Case, DecisionId, InputId, Outcome, Program, RuleId, Value};

use super::atoms::Atoms;
use super::decide::same;
use super::term::{BadCase, Eval};

/// Cases tried before the search stops.
const TRIED: usize = 30_000;

/// A change of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The inputs that would be otherwise.
    pub set: Vec<(InputId, Value)>,
    /// What the decision would come to.
    pub outcome: Outcome,
    /// The rules that would then carry it, or defeat what carries it now, and do not now.
    pub meets: Vec<RuleId>,
    /// The rules that carry it now and would then not be effective.
    pub leaves: Vec<RuleId>,
}

/// The answer to "why not".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyNot {
    /// First the changes of one input, then those of two, which are looked for only towards outcomes that no change of
    /// one input gives. Of the changes of the same inputs to the same outcome by the same rules the nearest one.
    pub changes: Vec<Change>,
    /// Whether all changes of at most two inputs were tried.
    pub complete: bool,
}

struct Search<'p> {
    program: &'p Program,
    decision: DecisionId,
    atoms: Atoms,
    now: Outcome,
    carriers: Vec<RuleId>,
    effective: BTreeSet<RuleId>,
    found: BTreeMap<(usize, Vec<InputId>, Outcome, Vec<RuleId>), Change>,
    tried: usize,
}

/// What would have to be otherwise in a complete case for a decision to come to something else.
///
/// # Errors
/// [`BadCase`] if an input has no value or one outside its domain.
pub fn why_not(program: &Program, case: &Case, decision: DecisionId) -> Result<WhyNot, BadCase> {
    why_not_but(program, case, decision, &[])
}

/// The same without changing some inputs: what follows from a chain, and what the chain keeps. Then there may be other changes.
///
/// # Errors
/// As [`why_not`].
pub fn why_not_but(program: &Program, case: &Case, decision: DecisionId, fixed: &[InputId]) -> Result<WhyNot, BadCase> {
    let mut eval = Eval::new(program, case)?;
    let decided = eval.decide(decision).clone();
    let mut atoms = Atoms::of_decision(program, decision);
    let depends = fixed.iter().any(|input| atoms.inputs.contains(input));
    atoms.inputs.retain(|input| !fixed.contains(input));
    let effective = atoms.rules.iter().copied().filter(|rule| eval.effective(*rule)).collect();
    let mut search = Search {
        program,
        decision,
        atoms,
        now: decided.outcome,
        carriers: decided.because,
        effective,
        found: BTreeMap::new(),
        tried: 0,
    };
    search.one(case)?;
    let near: BTreeSet<Outcome> = search.found.values().map(|change| change.outcome.clone()).collect();
    search.two(case, &near)?;
    let complete = search.tried < TRIED && !depends;
    Ok(WhyNot { changes: search.found.into_values().collect(), complete })
}

impl Search<'_> {
    fn one(&mut self, case: &Case) -> Result<(), BadCase> {
        for input in self.atoms.inputs.clone() {
            for value in self.atoms.instead(self.program, case, input) {
                let mut changed = case.clone();
                changed.set(input, value.clone());
                self.attempt(&changed, vec![(input, value)], None)?;
            }
        }
        Ok(())
    }

    fn two(&mut self, case: &Case, near: &BTreeSet<Outcome>) -> Result<(), BadCase> {
        let inputs: Vec<InputId> = self.atoms.inputs.iter().copied().collect();
        for (at, first) in inputs.iter().enumerate() {
            for value in self.atoms.instead(self.program, case, *first) {
                let mut once = case.clone();
                once.set(*first, value.clone());
                for second in &inputs[at + 1..] {
                    // The classes of the second input may depend on the first one's new value.
                    for other in self.atoms.instead(self.program, &once, *second) {
                        let mut twice = once.clone();
                        twice.set(*second, other.clone());
                        self.attempt(&twice, vec![(*first, value.clone()), (*second, other)], Some(near))?;
                        if self.tried >= TRIED {
                            return Ok(());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn attempt(&mut self, case: &Case, set: Vec<(InputId, Value)>, near: Option<&BTreeSet<Outcome>>) -> Result<(), BadCase> {
        self.tried += 1;
        let mut eval = Eval::new(self.program, case)?;
        let decided = eval.decide(self.decision).clone();
        if same(&decided.outcome, &self.now) || near.is_some_and(|near| near.contains(&decided.outcome)) {
            return Ok(());
        }
        let mut meets: Vec<RuleId> = decided.because.iter().copied().filter(|r| !self.effective.contains(r)).collect();
        let mut leaves = Vec::new();
        for rule in &self.carriers {
            if !eval.effective(*rule) {
                leaves.push(*rule);
                for other in &self.program.rule(*rule).overridden_by {
                    // One that concludes another value of this decision did not bring this one about.
                    let speaks = self.program.conclusion(*other, self.decision).is_some();
                    if !speaks && eval.effective(*other) && !self.effective.contains(other) && !meets.contains(other) {
                        meets.push(*other);
                    }
                }
            }
        }
        let key = (set.len(), set.iter().map(|(input, _)| *input).collect(), decided.outcome.clone(), meets.clone());
        // Candidates come nearest first, so the first of a kind stays.
        self.found.entry(key).or_insert(Change { set, outcome: decided.outcome, meets, leaves });
        Ok(())
    }
}
