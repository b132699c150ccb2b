//! A vector beside the table: whether it says the same, and which inputs settle it there whatever the others are.

use lexport_runtime::Value as Packed;

use crate::diagram::{OwnedTable, runtime_value, set_words};
use crate::eval::Decided;
use crate::ir::{Case, DecisionId, InputId, Program, Value};

/// Asks a table.
pub struct Matter<'a> {
    program: &'a Program,
    table: &'a OwnedTable,
    decisions: Vec<DecisionId>,
    classes: Vec<u32>,
    marks: Vec<u64>,
}

impl<'a> Matter<'a> {
    /// Of a table of the program.
    pub fn new(program: &'a Program, table: &'a OwnedTable) -> Self {
        let packed = table.as_table();
        let decisions = program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect();
        Matter { program, table, decisions, classes: vec![0; packed.tests.len()], marks: vec![0; packed.marks_len()] }
    }

    /// The outcome of each decision, by number, if what is known settles it. The inputs of a table are the first ones of its program.
    fn outcomes(&mut self, case: &Case) -> Option<Vec<u32>> {
        let packed = self.table.as_table();
        let words: Vec<Vec<u64>> = case
            .values
            .iter()
            .map(|value| match value {
                Some(Value::Set(set)) => set_words(set),
                _ => Vec::new(),
            })
            .collect();
        let values: Vec<Packed<'_>> = (0..self.table.inputs.len())
            .map(|at| case.values[at].as_ref().map_or(Packed::Unknown, |value| runtime_value(value, &words[at])))
            .collect();
        packed.classify(&values, &mut self.classes).ok()?;
        let mut out = Vec::with_capacity(self.decisions.len());
        for decision in 0..self.decisions.len() as u32 {
            let outcome = match packed.decide(decision, &self.classes).ok()? {
                Some(outcome) => outcome,
                None => {
                    let open = packed.open(decision, &values, &self.classes, &mut self.marks).ok()?;
                    if open.possible != 1 {
                        return None;
                    }
                    let word = self.marks.iter().position(|word| *word != 0)?;
                    word as u32 * 64 + self.marks[word].trailing_zeros()
                }
            };
            out.push(outcome);
        }
        Some(out)
    }

    /// The first decision of which the table says something else than the interpreter: another outcome, or other rules.
    pub fn differs(&mut self, case: &Case, decided: &[Decided]) -> Option<DecisionId> {
        let Some(outcomes) = self.outcomes(case) else { return self.decisions.first().copied() };
        let packed = self.table.as_table();
        let other = outcomes.iter().zip(decided).zip(&self.table.decisions).position(|((outcome, decided), declared)| {
            let row = packed.outcomes[*outcome as usize];
            let mut rules: Vec<u32> = packed.rules(row).to_vec();
            let mut because: Vec<u32> = decided.because.iter().map(|rule| rule.0).collect();
            rules.sort_unstable();
            because.sort_unstable();
            self.table.outcome(row.answer, &declared.domain) != decided.outcome || rules != because
        });
        other.map(|at| self.decisions[at])
    }

    /// Inputs that settle all outcomes with their rules, whatever the others are: each is left out, the last first, that the rest can do without.
    pub fn of(&mut self, case: &Case) -> Vec<InputId> {
        let Some(settled) = self.outcomes(case) else { return self.program.input_ids().collect() };
        let mut known = case.clone();
        let inputs: Vec<InputId> = (0..self.table.inputs.len() as u32).map(InputId).collect();
        for input in inputs.iter().rev() {
            let mut less = known.clone();
            less.forget(*input);
            if self.outcomes(&less).as_ref() == Some(&settled) {
                known = less;
            }
        }
        inputs.into_iter().filter(|input| known.get(*input).is_some()).collect()
    }
}
