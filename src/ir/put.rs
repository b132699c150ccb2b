//! Values put in for inputs: what is fixed is then no question any more, and products with it are linear.
//!
//! In: a program or a process, and what some inputs are. Out: the same terms about the others, by the same numbers of inputs. Constants are
//! folded by the builder. (Partial evaluation, as in Jones, Gomard and Sestoft 1993, of the simplest kind.)

use std::collections::BTreeMap;

use super::{
    BuildError, Builder, DecisionId, Domain, InputId, MemberSet, Poly, Pool, Process, Program, RuleId, Term, TermId, Value,
};

/// Puts values into the terms of a program.
pub struct Put<'a> {
    program: &'a Program,
    values: BTreeMap<InputId, Value>,
    /// How far the rules and decisions have moved.
    moved: (u32, u32),
    done: Vec<TermId>,
}

impl<'a> Put<'a> {
    /// These values; those of sets are not put in, because no term asks about a set as a whole.
    pub fn new(program: &'a Program, values: &[(InputId, Value)]) -> Self {
        let whole = |input: InputId| matches!(program.inputs.get(input.index()).map(|one| &one.domain), Some(Domain::Set(_)));
        let values = values.iter().filter(|(input, _)| !whole(*input)).cloned().collect();
        Put { program, values, moved: (0, 0), done: Vec::new() }
    }

    /// What terms say of a rule or of a decision, they say of one that stands so much farther on.
    #[must_use]
    pub fn moved(mut self, rules: u32, decisions: u32) -> Self {
        self.moved = (rules, decisions);
        self
    }

    /// All terms of the program, made anew in a pool: for each of them which it is there.
    ///
    /// # Errors
    /// If a value is far outside of what its input can be, or the program was not made by a builder.
    pub fn terms(mut self, pool: &mut Pool) -> Result<Vec<TermId>, BuildError> {
        // Terms of chains ask about fields of links, which stand behind the inputs.
        let mut inputs = self.program.inputs.clone();
        inputs.extend(self.program.links.iter().flat_map(super::Link::inputs));
        let mut build = Builder::new(pool, &inputs, &self.program.enums);
        // Each term refers to earlier ones only.
        for (_, term) in self.program.pool.iter() {
            let made = self.one(&mut build, term)?;
            self.done.push(made);
        }
        Ok(self.done)
    }

    fn one(&self, build: &mut Builder<'_>, term: &Term) -> Result<TermId, BuildError> {
        let known = |of: &InputId| self.values.get(of);
        let (rules, decisions) = self.moved;
        match term {
            Term::True => Ok(build.constant(true)),
            Term::False => Ok(build.constant(false)),
            Term::Not(inner) => Ok(build.not(self.done[inner.index()])),
            Term::And(all) => Ok(build.and(all.iter().map(|one| self.done[one.index()]))),
            Term::Or(any) => Ok(build.or(any.iter().map(|one| self.done[one.index()]))),
            Term::Flag(of) => match known(of) {
                Some(value) => Ok(build.constant(*value == Value::Bool(true))),
                None => build.flag(*of),
            },
            Term::Member { of, set } => match known(of) {
                Some(value) => Ok(build.constant(matches!(value, Value::Member(member) if set.contains(*member)))),
                None => build.member(*of, set.clone()),
            },
            Term::Same(a, b) => match (known(a), known(b)) {
                (Some(a), Some(b)) => Ok(build.constant(a == b)),
                (Some(value), None) => self.same(build, *b, value),
                (None, Some(value)) => self.same(build, *a, value),
                (None, None) => build.same(*a, *b),
            },
            Term::Has { of, member } => build.has(*of, *member),
            Term::Within { of, ranges } => match known(of) {
                Some(value) => Ok(build.constant(matches!(value, Value::Int(int) if ranges.contains(*int)))),
                None => build.within(*of, ranges.clone()),
            },
            Term::AtLeastZero(poly) => build.at_least_zero(self.poly(poly).ok_or(BuildError::TooLarge)?),
            Term::Applies(rule) => Ok(build.applies(RuleId(rule.0 + rules))),
            Term::Effective(rule) => Ok(build.effective(RuleId(rule.0 + rules))),
            Term::Outcome { decision, without, test } => {
                let decision = DecisionId(decision.0 + decisions);
                Ok(match without {
                    Some(rule) => build.outcome_without(decision, RuleId(rule.0 + rules), test.clone()),
                    None => build.outcome(decision, test.clone()),
                })
            }
            Term::SameOutcome(a, b) => Ok(build.same_outcome(DecisionId(a.0 + decisions), DecisionId(b.0 + decisions))),
            Term::Second(inner) => Ok(build.second(self.done[inner.index()])),
        }
    }

    /// That an enumeration has this value.
    fn same(&self, build: &mut Builder<'_>, of: InputId, value: &Value) -> Result<TermId, BuildError> {
        let (Domain::Enum(id), Value::Member(member)) = (&self.program.input(of).domain, value) else {
            return Err(BuildError::Sort(of));
        };
        let size = self.program.enumeration(*id).size();
        build.member(of, MemberSet::of(size, (*member < size).then_some(*member)))
    }

    /// The polynomial with the values put in; nothing beyond 128 bits.
    fn poly(&self, poly: &Poly) -> Option<Poly> {
        let mut out = Poly::constant(poly.constant);
        for (inputs, coefficient) in &poly.monomials {
            let mut part = Poly::constant(*coefficient);
            for input in inputs {
                part = match self.values.get(input) {
                    Some(Value::Int(value)) => part.times_constant(i128::from(*value))?,
                    _ => part.times(&Poly::input(*input))?,
                };
            }
            out = out.plus(&part)?;
        }
        Some(out)
    }
}

impl Process {
    /// What the start says of what is the same in every step, where that leaves one value: it is that in every state.
    #[must_use]
    pub fn pinned(&self) -> Vec<(InputId, Value)> {
        let pool = &self.world.pool;
        let parts = match pool.get(self.start) {
            Term::And(parts) => parts.clone(),
            _ => vec![self.start],
        };
        let one = |part: &TermId| match pool.get(*part) {
            Term::Flag(of) => Some((*of, Value::Bool(true))),
            Term::Not(inner) => match pool.get(*inner) {
                Term::Flag(of) => Some((*of, Value::Bool(false))),
                _ => None,
            },
            Term::Member { of, set } if set.len() == 1 => Some((*of, Value::Member(set.iter().next()?))),
            Term::Within { of, ranges } => match ranges.pairs() {
                [(lo, hi)] if lo == hi => Some((*of, Value::Int(*lo))),
                _ => None,
            },
            _ => None,
        };
        parts.iter().filter_map(one).filter(|(input, _)| self.rigid.contains(input)).collect()
    }

    /// The process where some inputs have these values throughout. Of what is remembered nothing is put in.
    ///
    /// # Errors
    /// If a value is far outside of what its input can be.
    pub fn with(&self, values: &[(InputId, Value)]) -> Result<Process, BuildError> {
        let remembered = |input: InputId| self.is_now(input) || self.is_next(input);
        let values: Vec<(InputId, Value)> = values.iter().filter(|(input, _)| !remembered(*input)).cloned().collect();
        let mut out = self.clone();
        let world = &mut out.world;
        world.pool = Pool::default();
        let terms = Put::new(&self.world, &values).terms(&mut world.pool)?;
        let put = |term: &mut TermId| *term = terms[term.index()];
        // Words belong to terms that are no more.
        world.words.clear();
        world.carries.clear();
        world.nodes.clear();
        for rule in &mut world.rules {
            [&mut rule.in_force, &mut rule.condition, &mut rule.applies].into_iter().for_each(put);
            rule.alternatives.iter_mut().for_each(|side| put(&mut side.applies));
            rule.limbs.iter_mut().for_each(|(_, term)| put(term));
        }
        put(&mut out.start);
        for step in &mut out.steps {
            [&mut step.guard, &mut step.relation].into_iter().for_each(put);
            step.entries.iter_mut().for_each(|entry| put(&mut entry.is));
        }
        out.goals.iter_mut().for_each(|goal| put(&mut goal.bad));
        Ok(out)
    }
}
