//! From a model of Z3 to a case: the way back of `encode.rs`. Total, and refuses what is outside the domain.
//!
//! In: a model, and which inputs the question depended on. Out: a complete case. An input that the question does not depend on has
//! the value that people expect to see: its first preferred one.

use super::encode::{Copy, Encoder};
use crate::ir::{Domain, Input, InputId, MemberSet, Program, Value};

/// Whether a value is of a domain.
pub(super) fn within_domain(program: &Program, domain: &Domain, value: &Value) -> bool {
    match (domain, value) {
        (Domain::Bool, Value::Bool(_)) => true,
        (Domain::Enum(id), Value::Member(member)) => *member < program.enumeration(*id).size(),
        (Domain::Set(id), Value::Set(set)) => set.size() == program.enumeration(*id).size(),
        (Domain::Number(_) | Domain::Date { .. }, Value::Int(k)) => domain.bounds().is_some_and(|(lo, hi)| lo <= *k && *k <= hi),
        _ => false,
    }
}

/// Whether a domain has no value, so that there is no case at all.
pub(super) fn is_empty(program: &Program, domain: &Domain) -> bool {
    match domain {
        Domain::Enum(id) => program.enumeration(*id).size() == 0,
        domain => domain.bounds().is_some_and(|(lo, hi)| lo > hi),
    }
}

/// The preferred values of an input that are of its domain.
pub(super) fn preferred<'p>(program: &'p Program, input: &'p Input) -> impl Iterator<Item = &'p Value> {
    input.preferred.iter().filter(|value| within_domain(program, &input.domain, value))
}

/// The value of an input that does not matter.
pub(super) fn ordinary(program: &Program, input: &Input) -> Value {
    if let Some(value) = preferred(program, input).next() {
        return value.clone();
    }
    match &input.domain {
        Domain::Bool => Value::Bool(false),
        Domain::Enum(_) => Value::Member(0),
        Domain::Set(id) => Value::Set(MemberSet::empty(program.enumeration(*id).size())),
        Domain::Number(_) | Domain::Date { .. } => Value::Int(input.domain.bounds().map_or(0, |(lo, _)| lo)),
    }
}

impl Encoder<'_> {
    /// The value that a model gives an input.
    ///
    /// # Errors
    /// If the model has none, or one outside the domain.
    pub(super) fn read(&mut self, of: InputId, copy: Copy, model: &z3::Model) -> Result<Value, String> {
        let input = self.program.input(of);
        let truth = |term: &z3::ast::Bool| model.eval(term, true).and_then(|value| value.as_bool());
        let value = match &input.domain {
            Domain::Bool => truth(&self.flag(of, copy)).map(Value::Bool),
            Domain::Enum(_) => self.read_member(of, copy, model)?.map(Value::Member),
            Domain::Set(id) => {
                let size = self.program.enumeration(*id).size();
                let mut set = MemberSet::empty(size);
                for member in 0..size {
                    if truth(&self.has(of, copy, member)).ok_or("a set without a value")? {
                        set.insert(member);
                    }
                }
                Some(Value::Set(set))
            }
            Domain::Number(_) | Domain::Date { .. } => self.number(of, copy)?.read(model).map(Value::Int),
        };
        value
            .filter(|value| within_domain(self.program, &input.domain, value))
            .ok_or_else(|| format!("the model has no value of the domain of `{}`", input.name))
    }
}
