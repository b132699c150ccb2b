//! From terms of the IR to terms of Z3. The only file, with `outcome.rs` and `sorts.rs`, that makes them.
//!
//! In: places in the order in which `cone.rs` lists them. Out: one Boolean for each, made once. Z3 coerces ill-sorted terms in silence;
//! here a number is a `Number`, a truth is a `Bool`, and Rust's types keep them apart. Equality is `.eq()`, never `==`.
//!
//! Each effective rule is a constant with a definition: it is effective exactly if its condition holds and no overrider is.
//! Definitions only give names to what the inputs settle, so a solver that knows more of them gives the same answers.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use z3::ast::Bool;

use super::cone::{At, Graph, View, What, outcome_view};
use super::outcome::Groups;
use super::query::Pair;
use super::sorts::{Amount, Codes, Number, Sorts, signed_width};
use crate::ir::{DecisionId, Domain, InputId, Poly, Program, RuleId, Term, TermId, Value};

/// Whether a variable is of the first or of the second case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Copy {
    First,
    Second,
}

/// Encodes one program in one choice of sorts.
pub(super) struct Encoder<'p> {
    pub program: &'p Program,
    pub graph: Rc<Graph<'p>>,
    pub sorts: Sorts,
    codes: Rc<Codes>,
    terms: FxHashMap<At, Bool>,
    /// Of each place that has a constant: its definition.
    definitions: FxHashMap<At, Bool>,
    pub(super) groups: FxHashMap<(DecisionId, View), Rc<Groups>>,
    numbers: FxHashMap<(InputId, Copy), Number>,
}

/// The pairs of a session; a view's `pair` is an index into it, from 1.
pub(super) type Pairs = [Pair];

impl<'p> Encoder<'p> {
    pub fn new(graph: Rc<Graph<'p>>, sorts: Sorts, codes: Rc<Codes>) -> Self {
        Encoder {
            program: graph.program,
            graph,
            sorts,
            codes,
            terms: FxHashMap::default(),
            definitions: FxHashMap::default(),
            groups: FxHashMap::default(),
            numbers: FxHashMap::default(),
        }
    }

    /// The term of a place, with everything below it. Its constants mean nothing without [`Encoder::definition`].
    pub fn encode(&mut self, pairs: &Pairs, root: At) -> Result<Bool, String> {
        let graph = Rc::clone(&self.graph);
        for at in graph.post_order(root, |at| self.terms.contains_key(at))? {
            let mut term = self.build(pairs, at)?;
            if matches!(at.what, What::Effective(_)) {
                let constant = Bool::new_const(format!("e{}", self.definitions.len()));
                self.definitions.insert(at, constant.iff(&term));
                term = constant;
            }
            self.terms.insert(at, term);
        }
        Ok(self.done(root))
    }

    /// What the constant of an encoded place means, if it has one.
    pub fn definition(&self, at: At) -> Option<&Bool> {
        self.definitions.get(&at)
    }

    /// A rule that is encoded already is effective.
    pub(super) fn effective(&self, rule: RuleId, view: View) -> Bool {
        self.done(self.graph.effective(rule, view))
    }

    /// The term of a place that is encoded already: `post_order` lists children first.
    pub(super) fn done(&self, at: At) -> Bool {
        self.terms[&at].clone()
    }

    fn build(&mut self, pairs: &Pairs, at: At) -> Result<Bool, String> {
        let view = at.view;
        let id = match at.what {
            What::Effective(rule) if view.without == Some(rule) => return Ok(Bool::from_bool(false)),
            What::Effective(rule) => {
                let rule = self.program.rule(rule);
                let mut parts = vec![self.done(At::term(rule.applies, view))];
                let overriders = rule.overridden_by.iter().filter(|other| view.without != Some(**other));
                parts.extend(overriders.map(|other| self.effective(*other, view).not()));
                return Ok(all(&parts));
            }
            What::Term(id) => id,
        };
        let copy = |of: InputId| copy_of(pairs, view, of);
        let parts = |encoder: &Self, inner: &[TermId]| -> Vec<Bool> {
            inner.iter().map(|inner| encoder.done(At::term(*inner, view))).collect()
        };
        Ok(match self.program.pool.get(id) {
            Term::True => Bool::from_bool(true),
            Term::False => Bool::from_bool(false),
            Term::Not(inner) => self.done(At::term(*inner, view)).not(),
            Term::And(inner) => all(&parts(self, inner)),
            Term::Or(inner) => any(&parts(self, inner)),
            Term::Flag(of) => self.flag(*of, copy(*of)),
            Term::Member { of, set } => self.is_member(*of, copy(*of), set.iter())?,
            Term::Same(a, b) => {
                let (a, b) = (self.number(*a, copy(*a))?, self.number(*b, copy(*b))?);
                a.same(&b)
            }
            Term::Has { of, member } => self.has(*of, copy(*of), *member),
            Term::Within { of, ranges } => self.number(*of, copy(*of))?.within(ranges),
            Term::AtLeastZero(poly) => self.at_least_zero(pairs, view, poly)?,
            Term::Applies(rule) if view.without == Some(*rule) => Bool::from_bool(false),
            Term::Applies(rule) => self.done(At::term(self.program.rule(*rule).applies, view)),
            Term::Effective(rule) => self.effective(*rule, view),
            Term::Outcome { decision, without, test } => self.outcome(*decision, outcome_view(view, *without)?, test),
            Term::SameOutcome(a, b) => self.same_outcome(*a, *b, view),
            Term::Second(inner) => self.done(At::term(*inner, View { second: true, ..view })),
        })
    }

    /// The constant of a Boolean input.
    pub fn flag(&self, of: InputId, copy: Copy) -> Bool {
        Bool::new_const(name(of, copy))
    }

    /// The constant that says that a set input has a member.
    pub fn has(&self, of: InputId, copy: Copy, member: u32) -> Bool {
        Bool::new_const(format!("{}.{member}", name(of, copy)))
    }

    /// The constant of a number, a date, or the code of a member.
    pub fn number(&mut self, of: InputId, copy: Copy) -> Result<Number, String> {
        if let Some(number) = self.numbers.get(&(of, copy)) {
            return Ok(number.clone());
        }
        let (lo, hi) = match &self.program.input(of).domain {
            Domain::Enum(id) => (0, i64::from(self.program.enumeration(*id).size()) - 1),
            domain => domain.bounds().ok_or_else(|| format!("`{}` is no number", self.program.input(of).name))?,
        };
        if lo > hi {
            return Err(format!("`{}` has no value at all", self.program.input(of).name));
        }
        let number = Number::new(self.sorts, &name(of, copy), lo, hi);
        self.numbers.insert((of, copy), number.clone());
        Ok(number)
    }

    /// An enumeration input is one of the members.
    pub fn is_member(&mut self, of: InputId, copy: Copy, members: impl IntoIterator<Item = u32>) -> Result<Bool, String> {
        let Domain::Enum(id) = self.program.input(of).domain else {
            return Err(format!("`{}` is no enumeration", self.program.input(of).name));
        };
        let ranges = self.codes.ranges(id, members);
        Ok(self.number(of, copy)?.within(&ranges))
    }

    /// The member that a model gives an enumeration input.
    pub fn read_member(&mut self, of: InputId, copy: Copy, model: &z3::Model) -> Result<Option<u32>, String> {
        let Domain::Enum(id) = self.program.input(of).domain else {
            return Err(format!("`{}` is no enumeration", self.program.input(of).name));
        };
        let code = self.number(of, copy)?.read(model);
        Ok(code.and_then(|code| self.codes.member(id, code)))
    }

    /// The constants of an input stay within its domain.
    pub fn in_domain(&mut self, of: InputId, copy: Copy) -> Result<Bool, String> {
        match self.program.input(of).domain {
            Domain::Bool | Domain::Set(_) => Ok(Bool::from_bool(true)),
            Domain::Enum(_) | Domain::Number(_) | Domain::Date { .. } => Ok(self.number(of, copy)?.in_domain()),
        }
    }

    /// An input has a value; false for a value outside its domain.
    pub fn equals(&mut self, of: InputId, copy: Copy, value: &Value) -> Result<Bool, String> {
        Ok(match (&self.program.input(of).domain, value) {
            (Domain::Bool, Value::Bool(true)) => self.flag(of, copy),
            (Domain::Bool, Value::Bool(false)) => self.flag(of, copy).not(),
            (Domain::Enum(id), Value::Member(member)) if *member < self.program.enumeration(*id).size() => {
                self.is_member(of, copy, [*member])?
            }
            (Domain::Set(id), Value::Set(set)) if set.size() == self.program.enumeration(*id).size() => {
                let bits: Vec<Bool> = (0..set.size())
                    .map(|member| {
                        let has = self.has(of, copy, member);
                        if set.contains(member) { has } else { has.not() }
                    })
                    .collect();
                all(&bits)
            }
            (Domain::Number(_) | Domain::Date { .. }, Value::Int(k)) => {
                let number = self.number(of, copy)?;
                if number.lo <= *k && *k <= number.hi { number.is(*k) } else { Bool::from_bool(false) }
            }
            (Domain::Enum(_), Value::Member(_)) => Bool::from_bool(false),
            _ => return Err(format!("`{}` is given a value of another sort", self.program.input(of).name)),
        })
    }

    /// An input is less in the first case than in the second.
    pub fn rises(&mut self, of: InputId) -> Result<Bool, String> {
        match &self.program.input(of).domain {
            Domain::Bool => Ok(all(&[self.flag(of, Copy::First).not(), self.flag(of, Copy::Second)])),
            Domain::Number(_) | Domain::Date { .. } => {
                let (first, second) = (self.number(of, Copy::First)?, self.number(of, Copy::Second)?);
                Ok(first.less(&second))
            }
            // Codes do not follow the order of members, so the order is spelled out.
            Domain::Enum(id) => {
                let size = self.program.enumeration(*id).size();
                let mut steps = Vec::new();
                for member in 1..size {
                    steps.push(all(&[self.is_member(of, Copy::First, 0..member)?, self.is_member(of, Copy::Second, [member])?]));
                }
                Ok(any(&steps))
            }
            Domain::Set(_) => Err(format!("`{}` is a set, and sets have no order", self.program.input(of).name)),
        }
    }

    fn at_least_zero(&mut self, pairs: &Pairs, view: View, poly: &Poly) -> Result<Bool, String> {
        let bounds = |input: InputId| self.program.input(input).domain.bounds().unwrap_or((0, 0));
        let (lo, hi) = poly.bounds(bounds).ok_or("a number beyond 128 bits")?;
        let mut width = signed_width(lo, hi);
        for input in poly.inputs() {
            width = width.max(self.number(input, copy_of(pairs, view, input))?.width() + 1);
        }
        let mut total = Amount::constant(self.sorts, poly.constant, width);
        for (inputs, coefficient) in &poly.monomials {
            let mut product = Amount::constant(self.sorts, *coefficient, width);
            for input in inputs {
                product = product.times(&self.number(*input, copy_of(pairs, view, *input))?.amount(width));
            }
            total = total.plus(&product);
        }
        Ok(total.at_least(&Amount::constant(self.sorts, 0, width)))
    }
}

/// Which variable an input is in a view: the second case has its own only of what may differ.
pub(super) fn copy_of(pairs: &Pairs, view: View, of: InputId) -> Copy {
    let differs = || view.pair > 0 && pairs[view.pair as usize - 1].differing.contains(&of);
    if view.second && differs() { Copy::Second } else { Copy::First }
}

/// Names are made from ids: two constants of one name and sort would be one constant, and input names may hold anything.
fn name(of: InputId, copy: Copy) -> String {
    match copy {
        Copy::First => format!("i{}", of.0),
        Copy::Second => format!("s{}", of.0),
    }
}

/// All hold.
pub(super) fn all(parts: &[Bool]) -> Bool {
    match parts {
        [only] => only.clone(),
        _ => Bool::and(parts),
    }
}

/// One holds.
pub(super) fn any(parts: &[Bool]) -> Bool {
    match parts {
        [only] => only.clone(),
        _ => Bool::or(parts),
    }
}
