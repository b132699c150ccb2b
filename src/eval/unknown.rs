//! A case with unknown inputs: exactly the outcomes that are still possible, and what to ask next.
//!
//! The decision is reduced to guarded values over the unknown inputs ([`Guards`]); then one question after the other
//! is answered in every way that makes a difference, and the outcomes are collected. A branch ends as soon as nothing
//! new can come of it, and no state is entered twice. Tests that join several unknown numbers (`100·tpp ≥ 592·area`)
//! are answered as questions of their own, and each combination of answers is kept only if whole numbers exist that give
//! it ([`feasible`]). The result is exact unless one of the fixed limits was met; then `exact` is false, and
//! everything in `outcomes` is possible, but something may be missing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::ir::{Case, Combine, DecisionId, Domain, InputId, Outcome, Program, RuleId, TermId, Value};

use super::feasible::feasible;
use super::guards::Guards;
use super::residual::Residual;
use super::split::{Answer, Question, Questions, Restrict, reachable};

/// States entered before a search gives up.
const STATES: usize = 100_000;

/// Outcomes listed before a search gives up.
const OUTCOMES: usize = 4_096;

/// What a decision can still come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Possible {
    /// The outcomes that some completion of the case gives, rising. Where several outcomes are possible, a conflict
    /// stands without its values.
    pub outcomes: Vec<Outcome>,
    /// The rules that carry the outcome in every completion, if only one outcome is possible.
    pub because: Vec<RuleId>,
    /// The unknown inputs on which it depends, most useful first. The measure: for each answer to the question the number
    /// of outcomes that would be left; the least average is best, then the more answers that settle it, then the
    /// fewer answers, then the order of inputs. An answer stands for all values that no test tells apart; of an input
    /// in an expression with another unknown one, the ends of these classes are tried; of a set, the ways to contain its
    /// first four members that matter.
    pub ask: Vec<InputId>,
    /// Whether `outcomes` is known to be complete.
    pub exact: bool,
}

impl Possible {
    /// The outcome, if it does not depend on what is unknown.
    pub fn settled(&self) -> Option<&Outcome> {
        match self.outcomes.as_slice() {
            [one] if self.exact => Some(one),
            _ => None,
        }
    }
}

/// What one decision can still come to. Values of the case outside their domains are a bug of the caller.
pub fn possible(program: &Program, case: &Case, decision: DecisionId) -> Possible {
    one(&mut Residual::new(program, case), decision)
}

/// What every decision can still come to, by [`DecisionId`].
pub fn possible_all(program: &Program, case: &Case) -> Vec<Possible> {
    let mut residual = Residual::new(program, case);
    program.decision_ids().map(|decision| one(&mut residual, decision)).collect()
}

/// Whether a term holds in every completion of a case (`Some(true)`), in none (`Some(false)`), or it depends or is not
/// known (`None`).
pub fn always(program: &Program, case: &Case, term: TermId) -> Option<bool> {
    let mut residual = Residual::new(program, case);
    let term = residual.term(term, None);
    always_in(&mut residual, term)
}

/// The rules that are effective, and the alternatives of rules that hold, whatever the unknown inputs are.
pub fn certain(program: &Program, case: &Case, rules: &[RuleId]) -> (BTreeSet<RuleId>, BTreeSet<(RuleId, usize)>) {
    let mut residual = Residual::new(program, case);
    let (mut effective, mut sides) = (BTreeSet::new(), BTreeSet::new());
    for rule in rules {
        let term = residual.effective(*rule, None);
        if always_in(&mut residual, term) == Some(true) {
            effective.insert(*rule);
        }
        for (at, side) in program.rule(*rule).alternatives.iter().enumerate() {
            let term = residual.term(side.applies, None);
            if always_in(&mut residual, term) == Some(true) {
                sides.insert((*rule, at));
            }
        }
    }
    (effective, sides)
}

pub(super) fn always_in(residual: &mut Residual<'_>, term: TermId) -> Option<bool> {
    let guards = Guards::First(vec![(Value::Bool(true), term)], Outcome::Value(Value::Bool(false)));
    let guards = guards.normal(residual);
    let found = search(residual, guards);
    match (found.outcomes.first(), found.outcomes.len(), found.exact) {
        (Some(Outcome::Value(Value::Bool(holds))), 1, true) => Some(*holds),
        _ => None,
    }
}

pub(super) fn one(residual: &mut Residual<'_>, decision: DecisionId) -> Possible {
    let guards = Guards::of(residual, decision);
    let found = search(residual, guards.clone());
    let (mut outcomes, exact) = (found.outcomes.into_iter().collect::<Vec<_>>(), found.exact && !residual.broken);
    let mut because = Vec::new();
    let mut ask = Vec::new();
    if outcomes.len() == 1 && exact {
        because = carriers(residual, decision, &outcomes[0]);
    } else {
        ask = ranked(residual, &guards);
    }
    if let Some(Outcome::Conflict(values)) = outcomes.iter_mut().find(|outcome| matches!(outcome, Outcome::Conflict(_))) {
        *values = clashing(residual, decision);
    }
    Possible { outcomes, because, ask, exact }
}

/// The values that may be among those of a conflict: with unknown inputs perhaps not all of them are in each completion.
fn clashing(residual: &mut Residual<'_>, decision: DecisionId) -> Vec<Value> {
    let rules = residual.rules(decision, None);
    let may = |(_, value, when): (RuleId, Value, TermId)| (always_in(residual, when) != Some(false)).then_some(value);
    let mut values: Vec<Value> = rules.into_iter().filter_map(may).collect();
    values.sort();
    values.dedup();
    values
}

/// The rules that carry an outcome in every completion.
fn carriers(residual: &mut Residual<'_>, id: DecisionId, outcome: &Outcome) -> Vec<RuleId> {
    let decision = residual.program.decision(id);
    let mut out = Vec::new();
    let mut earlier: Vec<TermId> = Vec::new();
    for (rule, value, when) in residual.rules(id, None) {
        let carries = match decision.combine {
            Combine::Strictest | Combine::LeastStrict if *outcome != Outcome::Value(value.clone()) => continue,
            Combine::First => {
                let mut all = earlier.clone();
                all.push(when);
                earlier.push(residual.build().not(when));
                residual.build().and(all)
            }
            _ => when,
        };
        if always_in(residual, carries) == Some(true) {
            out.push(rule);
        }
    }
    out
}

struct Found {
    outcomes: BTreeSet<Outcome>,
    exact: bool,
}

fn search(residual: &mut Residual<'_>, guards: Guards) -> Found {
    let terms = reachable(residual, guards.terms());
    let questions = Questions::among(residual, &terms);
    // Free inputs first, the most tested first; then the numbers that constrain each other, then what joins them: so the
    // constraints are carried along only where they matter.
    let mut order: Vec<(&Question, usize)> = questions.count.iter().map(|(question, count)| (question, *count)).collect();
    order.sort_by_key(|(question, count)| {
        let late = match question {
            Question::Input(of) if questions.coupled.contains(of) => 1,
            Question::Form(_) => 2,
            _ => 0,
        };
        (late, Reverse(*count))
    });
    let rank = order.into_iter().enumerate().map(|(rank, (question, _))| (question.clone(), rank)).collect();
    let always = residual.build().constant(true);
    let mut search = Search {
        residual,
        always,
        coupled: questions.coupled.clone(),
        rank,
        entered: FxHashSet::default(),
        found: Found { outcomes: BTreeSet::new(), exact: true },
    };
    search.enter(guards, Vec::new());
    search.found
}

struct Search<'r, 'p> {
    residual: &'r mut Residual<'p>,
    always: TermId,
    coupled: BTreeSet<InputId>,
    rank: BTreeMap<Question, usize>,
    entered: FxHashSet<(Guards, Vec<(Question, Answer)>)>,
    found: Found,
}

impl Search<'_, '_> {
    fn enter(&mut self, guards: Guards, given: Vec<(Question, Answer)>) {
        let conceivable = guards.conceivable(self.always);
        if conceivable.as_ref().is_some_and(|all| all.iter().all(|one| self.found.outcomes.contains(one))) {
            return;
        }
        if self.entered.len() >= STATES || self.found.outcomes.len() >= OUTCOMES {
            self.found.exact = false;
            return;
        }
        if !self.entered.insert((guards.clone(), given.clone())) {
            return;
        }
        if !given.is_empty() {
            match self.feasible(&given) {
                Some(true) => {}
                Some(false) => return,
                None => {
                    self.found.exact = false;
                    return;
                }
            }
        }
        let terms = reachable(self.residual, guards.terms());
        let mut questions = Questions::among(self.residual, &terms);
        questions.coupled.extend(self.coupled.iter().copied());
        let next = questions.count.keys().min_by_key(|question| self.rank.get(*question).copied().unwrap_or(usize::MAX));
        let Some(question) = next.cloned() else {
            // Nothing to ask: every guard is certain, so one outcome is left.
            self.found.outcomes.extend(conceivable.into_iter().flatten().take(1));
            return;
        };
        for answer in questions.answers(self.residual, &question) {
            let to = Restrict::all(self.residual, &terms, &question, &answer);
            let guards = guards.map(self.residual, |term| to.get(&term).copied().unwrap_or(term));
            let mut given = given.clone();
            let constrains = match &question {
                Question::Input(of) => self.coupled.contains(of),
                Question::Has(..) => false,
                Question::Form(_) => true,
            };
            if constrains {
                given.push((question.clone(), answer));
                given.sort_by(|a, b| a.0.cmp(&b.0));
            }
            self.enter(guards, given);
        }
    }

    fn feasible(&self, given: &[(Question, Answer)]) -> Option<bool> {
        let mut bounds = Vec::new();
        let mut variables: BTreeMap<InputId, (i64, i64)> = BTreeMap::new();
        for (question, answer) in given {
            if let (Question::Form(form), Answer::Form(lo, hi)) = (question, answer) {
                for input in form.inputs() {
                    variables.entry(input).or_insert(self.residual.domain(input).bounds()?);
                }
                bounds.push((form.clone(), *lo, *hi));
            }
        }
        for (question, answer) in given {
            if let (Question::Input(of), Answer::Numbers(part)) = (question, answer)
                && let (Some(first), Some(last)) = (part.first(), part.last())
            {
                variables.insert(*of, (first, last));
            }
        }
        feasible(variables.into_iter().map(|(input, (lo, hi))| (input, lo, hi)).collect(), &bounds)
    }
}

/// The inputs on which guards depend, most useful first.
fn ranked(residual: &mut Residual<'_>, guards: &Guards) -> Vec<InputId> {
    let terms = reachable(residual, guards.terms());
    let questions = Questions::among(residual, &terms);
    let mut ranked = Vec::new();
    for input in questions.inputs() {
        let mut left = 0usize;
        let mut settled = 0usize;
        let mut states = FxHashSet::default();
        let ways = ways(residual, &questions, input);
        for way in &ways {
            let mut state = guards.clone();
            for (question, answer) in way {
                let terms = reachable(residual, state.terms());
                let to = Restrict::all(residual, &terms, question, answer);
                state = state.map(residual, |term| to.get(&term).copied().unwrap_or(term));
            }
            let outcomes = search(residual, state.clone()).outcomes.len();
            left += outcomes;
            settled += usize::from(outcomes <= 1);
            states.insert(state);
        }
        // Whatever the answer, the rest is the same: not worth asking. (Where answers only stand for others that give
        // similar rests, sameness of the rests says nothing.)
        if states.len() > 1 || questions.is_entangled(input) {
            ranked.push((input, left, settled, ways.len()));
        }
    }
    // Averages are compared by cross-multiplication.
    ranked.sort_by(|a, b| {
        let averages = (a.1 * b.3).cmp(&(b.1 * a.3));
        averages.then(b.2.cmp(&a.2)).then(a.3.cmp(&b.3)).then(a.0.cmp(&b.0))
    });
    ranked.into_iter().map(|(input, ..)| input).collect()
}

/// The ways to answer what an input is, as far as it matters.
fn ways(residual: &Residual<'_>, questions: &Questions, input: InputId) -> Vec<Vec<(Question, Answer)>> {
    let question = Question::Input(input);
    if matches!(residual.program.input(input).domain, Domain::Set(_)) {
        let members: Vec<u32> = questions.members_of(input).into_iter().take(4).collect();
        return (0..1u32 << members.len())
            .map(|bits| {
                let has = |(at, member): (usize, &u32)| (Question::Has(input, *member), Answer::Bool(bits >> at & 1 == 1));
                members.iter().enumerate().map(has).collect()
            })
            .collect();
    }
    let mut answers = questions.answers(residual, &question);
    if questions.coupled.contains(&input) {
        let mut ends = BTreeSet::new();
        for answer in &answers {
            if let Answer::Numbers(part) = answer {
                ends.extend(part.first().into_iter().chain(part.last()));
            }
        }
        answers = ends.into_iter().map(Answer::Number).collect();
    }
    answers.into_iter().map(|answer| vec![(question.clone(), answer)]).collect()
}
