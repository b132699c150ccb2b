//! A term in a complete case, or in a pair of them.

use rustc_hash::FxHashMap;

use crate::ir::{Case, DecisionId, Domain, InputId, Program, RuleId, Term, TermId, Value};

use super::decide::{Decided, passes, same};

/// Why a case cannot be evaluated: the input has no value, or one outside its domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCase(pub InputId);

/// Whether a value lies in a domain.
pub fn fits(program: &Program, domain: &Domain, value: &Value) -> bool {
    match (domain, value) {
        (Domain::Bool, Value::Bool(_)) => true,
        (Domain::Enum(id), Value::Member(member)) => *member < program.enumeration(*id).size(),
        (Domain::Set(id), Value::Set(set)) => set.size() == program.enumeration(*id).size(),
        (Domain::Number(_) | Domain::Date { .. }, Value::Int(int)) => {
            domain.bounds().is_some_and(|(lo, hi)| lo <= *int && *int <= hi)
        }
        _ => false,
    }
}

/// One evaluation: a program, one case or a pair, and what has been computed so far. Everything is computed at most once.
#[derive(Debug)]
pub struct Eval<'p> {
    pub(super) program: &'p Program,
    cases: [&'p Case; 2],
    pub(super) worlds: Vec<World>,
}

/// What is known in one case, with one rule taken out or none.
#[derive(Debug)]
pub(super) struct World {
    second: bool,
    pub(super) without: Option<RuleId>,
    terms: FxHashMap<TermId, bool>,
    pub(super) effective: FxHashMap<RuleId, bool>,
    pub(super) decided: FxHashMap<DecisionId, Decided>,
}

impl<'p> Eval<'p> {
    /// An evaluation in one case.
    ///
    /// # Errors
    /// [`BadCase`] if an input has no value or one outside its domain.
    pub fn new(program: &'p Program, case: &'p Case) -> Result<Self, BadCase> {
        Self::pair(program, case, case)
    }

    /// An evaluation in a pair of cases; [`Term::Second`] is read in the second.
    ///
    /// # Errors
    /// As [`Eval::new`].
    pub fn pair(program: &'p Program, first: &'p Case, second: &'p Case) -> Result<Self, BadCase> {
        for case in [first, second] {
            for (index, input) in program.inputs.iter().enumerate() {
                let value = case.values.get(index).and_then(Option::as_ref);
                if !value.is_some_and(|value| fits(program, &input.domain, value)) {
                    return Err(BadCase(InputId(index as u32)));
                }
            }
        }
        let mut eval = Eval { program, cases: [first, second], worlds: Vec::new() };
        eval.world(false, None);
        Ok(eval)
    }

    /// Whether a term holds.
    pub fn holds(&mut self, term: TermId) -> bool {
        self.holds_in(0, term)
    }

    /// Whether a rule applies.
    pub fn applies(&mut self, rule: RuleId) -> bool {
        self.applies_in(0, rule)
    }

    /// Whether a rule is effective.
    pub fn effective(&mut self, rule: RuleId) -> bool {
        self.effective_in(0, rule)
    }

    /// What a decision comes to, and which rules carry it.
    pub fn decide(&mut self, decision: DecisionId) -> &Decided {
        self.decide_in(0, decision)
    }

    /// What a decision comes to in the second case of a pair.
    pub fn decide_second(&mut self, decision: DecisionId) -> &Decided {
        let world = self.world(true, None);
        self.decide_in(world, decision)
    }

    /// What a decision comes to as if a rule were not in the program at all.
    pub fn decide_without(&mut self, decision: DecisionId, without: RuleId) -> &Decided {
        let world = self.world(false, Some(without));
        self.decide_in(world, decision)
    }

    /// Whether a rule is effective as if another were not in the program at all.
    pub fn effective_without(&mut self, rule: RuleId, without: RuleId) -> bool {
        let world = self.world(false, Some(without));
        self.effective_in(world, rule)
    }

    fn world(&mut self, second: bool, without: Option<RuleId>) -> usize {
        if let Some(found) = self.worlds.iter().position(|world| world.second == second && world.without == without) {
            return found;
        }
        let (terms, effective, decided) = (FxHashMap::default(), FxHashMap::default(), FxHashMap::default());
        self.worlds.push(World { second, without, terms, effective, decided });
        self.worlds.len() - 1
    }

    pub(super) fn applies_in(&mut self, world: usize, rule: RuleId) -> bool {
        self.worlds[world].without != Some(rule) && self.holds_in(world, self.program.rule(rule).applies)
    }

    pub(super) fn holds_in(&mut self, world: usize, term: TermId) -> bool {
        let program = self.program;
        let compound = matches!(program.pool.get(term), Term::And(_) | Term::Or(_));
        if compound && let Some(known) = self.worlds[world].terms.get(&term) {
            return *known;
        }
        let case = self.cases[usize::from(self.worlds[world].second)];
        let holds = match program.pool.get(term) {
            Term::True => true,
            Term::False => false,
            Term::Not(inner) => !self.holds_in(world, *inner),
            Term::And(all) => all.iter().all(|one| self.holds_in(world, *one)),
            Term::Or(any) => any.iter().any(|one| self.holds_in(world, *one)),
            Term::Flag(of) => matches!(case.get(*of), Some(Value::Bool(true))),
            Term::Member { of, set } => matches!(case.get(*of), Some(Value::Member(member)) if set.contains(*member)),
            Term::Same(a, b) => case.get(*a) == case.get(*b),
            Term::Has { of, member } => matches!(case.get(*of), Some(Value::Set(set)) if set.contains(*member)),
            Term::Within { of, ranges } => case.int(*of).is_some_and(|int| ranges.contains(int)),
            // The builder keeps every polynomial inside 120 bits, so the value is always there.
            Term::AtLeastZero(poly) => poly.value(|input| case.int(input)).is_some_and(|value| value >= 0),
            Term::Applies(rule) => self.applies_in(world, *rule),
            Term::Effective(rule) => self.effective_in(world, *rule),
            Term::Outcome { decision, without, test } => {
                // Inside a world without a rule everything else is without it too.
                let (second, outer) = (self.worlds[world].second, self.worlds[world].without);
                let world = self.world(second, without.or(outer));
                passes(test, &self.decide_in(world, *decision).outcome)
            }
            Term::SameOutcome(a, b) => {
                let first = self.decide_in(world, *a).outcome.clone();
                same(&first, &self.decide_in(world, *b).outcome)
            }
            Term::Second(inner) => {
                let without = self.worlds[world].without;
                let world = self.world(true, without);
                self.holds_in(world, *inner)
            }
        };
        if compound {
            // A term can stand in many others; a test of an input costs less than remembering it.
            self.worlds[world].terms.insert(term, holds);
        }
        holds
    }
}
