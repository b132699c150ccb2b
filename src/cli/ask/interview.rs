//! An interview as such, without a person: which question comes next, and what the answers so far come to.
//!
//! In: a table, and answers. Out: the next question, or that there is none. A decision is settled when one answer is left, whoever carries it; until
//! then the first input in the table's order (`ask` in `docs/tables.md`) is asked for of those that the answer still hangs on.

use lexport_runtime::{TableError, Value as Held};
use rustc_hash::FxHashMap;

use crate::cli::schema::{self, fixed, guards, not_good_for};
use crate::diagram::{Leaves, OwnedTable, Residual, runtime_value, set_words};
use crate::driver::{Given, Misfit};
use crate::ir::{Domain, InputId, Program, Value};

/// What is said of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Its value.
    Known(Value),
    /// That it is not known: it is not asked for again.
    Skipped,
}

/// A question, and why it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The input that is asked for.
    pub input: u32,
    /// The decision that hangs on it.
    pub decision: u32,
    /// The answers that are still possible: for each an outcome that has it.
    pub possible: Vec<u32>,
    /// Whether each of them is reached in some case, as far as is known.
    pub exact: bool,
    /// The rules that some answer to the question rules out; nothing where finding them would take long.
    pub rules: Option<Vec<u32>>,
    /// The other rules that may speak below the question: that they do may hang on it together with other answers.
    pub together: Vec<u32>,
}

/// What a decision comes to so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The answers that are still possible: for each an outcome that has it. One: it is settled.
    pub possible: Vec<u32>,
    /// Whether each of them is reached in some case.
    pub exact: bool,
    /// The rules that carry it however the rest turns out.
    pub carried: Vec<u32>,
    /// The rules that carry it in some cases that are left, and not in others.
    pub perhaps: Vec<u32>,
    /// The inputs that the answer hangs on, the most telling first.
    pub hangs_on: Vec<u32>,
}

/// A table, the decisions that are asked about, and what was said so far.
#[derive(Clone, Debug)]
pub struct Interview<'t> {
    /// The table.
    pub table: &'t OwnedTable,
    /// Its inputs and decisions.
    pub schema: Program,
    /// The decisions, in the order in which they are finished.
    pub decisions: Vec<u32>,
    /// By input.
    said: Vec<Option<Said>>,
    /// By input the words of a set that was said.
    words: Vec<Vec<u64>>,
    fixed: Vec<Option<Held<'static>>>,
    /// The questions that were answered, in order.
    pub asked: Vec<Question>,
}

impl<'t> Interview<'t> {
    /// An interview about some decisions of a table that was checked.
    pub fn new(table: &'t OwnedTable, decisions: Vec<u32>) -> Self {
        let schema = schema::program(table);
        let fixed = fixed(&schema, &guards(table));
        let count = schema.inputs.len();
        Interview { table, schema, decisions, said: vec![None; count], words: vec![Vec::new(); count], fixed, asked: Vec::new() }
    }

    /// What was said of an input.
    pub fn said(&self, input: u32) -> Option<&Said> {
        self.said.get(input as usize).and_then(Option::as_ref)
    }

    /// Says something of an input, or takes it back.
    pub fn put(&mut self, input: u32, said: Option<Said>) {
        self.words[input as usize] = match &said {
            Some(Said::Known(Value::Set(set))) => set_words(set),
            _ => Vec::new(),
        };
        self.said[input as usize] = said;
    }

    /// Answers a question.
    pub fn answer(&mut self, question: Question, said: Said) {
        self.put(question.input, Some(said));
        self.asked.push(question);
    }

    /// Takes the last answer back; its input, if there was one.
    pub fn back(&mut self) -> Option<u32> {
        let last = self.asked.pop()?;
        self.put(last.input, None);
        Some(last.input)
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// Why it does not fit the input, or the table.
    pub fn read(&self, input: u32, text: &str) -> Result<Value, Misfit> {
        let id = InputId(input);
        let read = crate::driver::value(&self.schema, id, &Given::Text(text.to_owned()))?;
        let domain = &self.schema.input(id).domain;
        let value = read.ok_or_else(|| not_good_for(text, &crate::driver::allowed(&self.schema, domain)))?;
        match self.unfit(input, &value) {
            Some(misfit) => Err(misfit),
            None => Ok(value),
        }
    }

    /// Why the table is not good for a value of an input, if it is not.
    pub fn unfit(&self, input: u32, value: &Value) -> Option<Misfit> {
        let mut values = vec![Held::Unknown; self.schema.inputs.len()];
        let words = if let Value::Set(set) = value { set_words(set) } else { Vec::new() };
        values[input as usize] = runtime_value(value, &words);
        let table = self.table.as_table();
        let mut classes = vec![0; table.classes_len()];
        if table.classify(&values, &mut classes).is_ok() {
            return None;
        }
        let domain = &self.schema.input(InputId(input)).domain;
        let good = match (domain, self.fixed[input as usize]) {
            (Domain::Enum(of), Some(Held::Member(member))) => {
                let member = self.schema.enumeration(*of).members.get(member as usize);
                format!("`{}`", member.map_or("", |member| member.name.as_str()))
            }
            _ => "other values".to_owned(),
        };
        Some(not_good_for(&self.schema.value_text(domain, value), &good))
    }

    fn values(&self) -> Vec<Held<'_>> {
        let rows = self.said.iter().zip(&self.words).zip(&self.fixed);
        rows.map(|((said, words), fixed)| match said {
            Some(Said::Known(value)) => runtime_value(value, words),
            _ => fixed.unwrap_or(Held::Unknown),
        })
        .collect()
    }

    /// The inputs that a decision's answer hangs on, the most telling first.
    fn hanging(&self, decision: u32, residual: &Residual, values: &[Held<'_>]) -> Vec<u32> {
        let mut inputs = residual.inputs(self.table, values);
        let order = self.table.decisions.get(decision as usize).map_or(&[][..], |decision| &decision.ask);
        let place: FxHashMap<u32, usize> = order.iter().copied().zip(0..).collect();
        // What no order names comes last: a table of somebody else's may lack it.
        inputs.sort_by_key(|input| (place.get(input).copied().unwrap_or(order.len()), *input));
        inputs
    }

    /// What a decision comes to so far.
    ///
    /// # Errors
    /// For a table that cannot be evaluated, which none is that was checked.
    pub fn standing(&self, decision: u32) -> Result<Standing, TableError> {
        let values = self.values();
        let answers = Residual::new(self.table, decision, &values, Leaves::Answers)?;
        let outcomes = Residual::new(self.table, decision, &values, Leaves::Outcomes)?.outcomes();
        let rules: Vec<Vec<u32>> = outcomes.iter().map(|outcome| self.rules(*outcome)).collect();
        let mut all: Vec<u32> = rules.concat();
        all.sort_unstable();
        all.dedup();
        let (carried, perhaps) = all.into_iter().partition(|rule| rules.iter().all(|of| of.contains(rule)));
        let hangs_on = self.hanging(decision, &answers, &values);
        Ok(Standing { possible: answers.outcomes(), exact: answers.exact(self.table), carried, perhaps, hangs_on })
    }

    fn rules(&self, outcome: u32) -> Vec<u32> {
        let table = self.table.as_table();
        table.outcomes.get(outcome as usize).map_or(&[][..], |outcome| table.rules(*outcome)).to_vec()
    }

    /// The next question about a decision; none if it is settled, or hangs on nothing but what is not known.
    ///
    /// # Errors
    /// As [`Interview::standing`].
    pub fn question(&self, decision: u32) -> Result<Option<Question>, TableError> {
        let values = self.values();
        let answers = Residual::new(self.table, decision, &values, Leaves::Answers)?;
        let hanging = self.hanging(decision, &answers, &values);
        let Some(input) = hanging.into_iter().find(|input| self.said(*input).is_none()) else { return Ok(None) };
        let outcomes = Residual::new(self.table, decision, &values, Leaves::Outcomes)?;
        let rules_of = |outcomes: &[u32]| {
            let mut rules: Vec<u32> = outcomes.iter().flat_map(|outcome| self.rules(*outcome)).collect();
            rules.sort_unstable();
            rules.dedup();
            rules
        };
        let all = outcomes.outcomes();
        let ruled_out = |after: Vec<Vec<u32>>| {
            let after: Vec<Vec<u32>> = after.iter().map(|left| rules_of(left)).collect();
            let mut rules = rules_of(&all);
            rules.retain(|rule| after.iter().any(|left| left.binary_search(rule).is_err()));
            rules
        };
        let rules = outcomes.outcomes_after(self.table, input).map(ruled_out);
        let mut together = rules_of(&outcomes.outcomes_below(self.table, input));
        let sure = |rule: &u32| all.iter().all(|outcome| self.rules(*outcome).contains(rule));
        together.retain(|rule| !sure(rule) && rules.as_ref().is_none_or(|rules| rules.binary_search(rule).is_err()));
        Ok(Some(Question { input, decision, possible: answers.outcomes(), exact: answers.exact(self.table), rules, together }))
    }

    /// The next question: about the first decision that has one.
    ///
    /// # Errors
    /// As [`Interview::standing`].
    pub fn next(&self) -> Result<Option<Question>, TableError> {
        for decision in &self.decisions {
            if let Some(question) = self.question(*decision)? {
                return Ok(Some(question));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
