//! The most telling case, and always the same one: input by input, the most preferred value that is still possible.
//!
//! In: a satisfied solver. Out: the case that comes first in the order "preferred values, then the least", inputs in their order. It
//! depends on the question alone and not on which model Z3 happened upon, so the same question has the same witness on
//! every machine and in every order of asking. The least value of a number is a boundary value by itself.
//!
//! Where a further check is not settled within the limits, the value of the model at hand is kept: still a case, only
//! perhaps not the first.

use z3::ast::Bool;
use z3::{Model, Solver};

use super::cone::Cone;
use super::decode::{ordinary, preferred};
use super::encode::{Copy, Encoder};
use super::query::Pair;
use super::session::{Checked, checked};
use crate::ir::{Case, Domain, InputId, MemberSet, Ranges, Value};

/// Narrows a satisfied solver down to one case.
pub(super) struct Narrowing<'e, 'p> {
    pub encoder: &'e mut Encoder<'p>,
    pub solver: &'e Solver,
    pub model: Model,
    /// Fails where a check is not settled, instead of keeping what the model has.
    pub strict: bool,
}

impl Narrowing<'_, '_> {
    /// The first case; for a pair, the second with it.
    pub fn run(&mut self, cone: &Cone, pair: Option<&Pair>) -> Result<(Case, Option<Case>), String> {
        let program = self.encoder.program;
        let differs = |of: InputId| pair.is_some_and(|pair| pair.differing.contains(&of));
        let mut case = Case::unknown(program.inputs.len());
        for of in program.input_ids() {
            // What the second case reads and may not differ in is read in the first.
            let value = if cone.first.contains(of) || (cone.second.contains(of) && !differs(of)) {
                self.settle(of, Copy::First, None)?
            } else {
                ordinary(program, program.input(of))
            };
            case.set(of, value);
        }
        let Some(pair) = pair else { return Ok((case, None)) };
        let mut second = case.clone();
        for of in &pair.differing {
            if cone.second.contains(*of) {
                let value = self.settle(*of, Copy::Second, case.get(*of))?;
                second.set(*of, value);
            }
        }
        Ok((case, Some(second)))
    }

    /// Finds the first possible value of an input, and keeps it. `first` is tried before the preferred ones.
    fn settle(&mut self, of: InputId, copy: Copy, first: Option<&Value>) -> Result<Value, String> {
        let program = self.encoder.program;
        let input = program.input(of);
        let mut tried: Vec<&Value> = Vec::new();
        for value in first.into_iter().chain(preferred(program, input)) {
            if tried.contains(&value) {
                continue;
            }
            tried.push(value);
            let is = self.encoder.equals(of, copy, value)?;
            if self.encoder.read(of, copy, &self.model)? == *value || self.possible(is.clone())? {
                self.keep(is)?;
                return Ok(value.clone());
            }
        }
        match &input.domain {
            Domain::Bool => {
                let yes = self.encoder.flag(of, copy);
                self.settle_truth(yes).map(Value::Bool)
            }
            Domain::Set(id) => {
                let size = program.enumeration(*id).size();
                let mut set = MemberSet::empty(size);
                for member in 0..size {
                    let has = self.encoder.has(of, copy, member);
                    if self.settle_truth(has)? {
                        set.insert(member);
                    }
                }
                Ok(Value::Set(set))
            }
            Domain::Enum(id) => {
                let size = i64::from(program.enumeration(*id).size());
                self.least(of, copy, 0, size - 1).map(|k| Value::Member(k as u32))
            }
            Domain::Number(_) | Domain::Date { .. } => {
                let (lo, hi) = input.domain.bounds().ok_or("a number without bounds")?;
                self.least(of, copy, lo, hi).map(Value::Int)
            }
        }
    }

    /// False if that is possible.
    fn settle_truth(&mut self, yes: Bool) -> Result<bool, String> {
        let truth = |model: &Model| model.eval(&yes, true).and_then(|value| value.as_bool()).ok_or("no truth value");
        let mut value = truth(&self.model)?;
        if value && self.possible(yes.not())? {
            value = false;
        }
        self.keep(if value { yes } else { yes.not() })?;
        Ok(value)
    }

    /// The least possible value (of an enumeration: the first possible member), by halving.
    fn least(&mut self, of: InputId, copy: Copy, lo: i64, hi: i64) -> Result<i64, String> {
        let (mut lo, mut found) = (lo, self.position(of, copy)?.min(hi));
        let mut upto = lo; // The least by itself first: most often it is possible, and one check is enough.
        while lo < found {
            let below = self.between(of, copy, lo, upto)?;
            if self.possible(below)? {
                found = self.position(of, copy)?.min(upto);
            } else {
                lo = upto + 1;
            }
            upto = (i128::from(lo) + (i128::from(found) - i128::from(lo) - 1).max(0) / 2) as i64;
        }
        let is = self.between(of, copy, found, found)?;
        self.keep(is)?;
        Ok(found)
    }

    fn position(&mut self, of: InputId, copy: Copy) -> Result<i64, String> {
        match self.encoder.read(of, copy, &self.model)? {
            Value::Int(k) => Ok(k),
            Value::Member(member) => Ok(i64::from(member)),
            _ => Err("a value without a position".into()),
        }
    }

    fn between(&mut self, of: InputId, copy: Copy, lo: i64, hi: i64) -> Result<Bool, String> {
        match self.encoder.program.input(of).domain {
            Domain::Enum(_) => self.encoder.is_member(of, copy, lo as u32..=hi as u32),
            _ => Ok(self.encoder.number(of, copy)?.within(&Ranges::closed(lo, hi))),
        }
    }

    /// Whether the case can be so, besides what is kept; if so, the model is one in which it is.
    fn possible(&mut self, also: Bool) -> Result<bool, String> {
        match checked(self.solver, &[also])? {
            Checked::Sat(model) => {
                self.model = model;
                Ok(true)
            }
            Checked::Unknown(reason) if self.strict => Err(reason),
            Checked::Unsat | Checked::Unknown(_) => Ok(false),
        }
    }

    /// From here on it is so; the model at hand already says it.
    fn keep(&mut self, also: Bool) -> Result<(), String> {
        super::session::asserted(self.solver, &also)
    }
}
