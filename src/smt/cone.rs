//! The cone of influence of a question: what has to be encoded, in which order, and over which inputs.
//!
//! In: a program and a root. Out: the places below it, children first; for each, the inputs it may depend on and whether it
//! needs arithmetic. Walks with a stack of its own, so the depth of a program cannot overflow ours, and a cycle between
//! rules (possible only in a program that nobody validated) is an error and not a loop.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{DecisionId, InputId, Program, RuleId, Term, TermId};

/// How a term is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct View {
    /// Which pair of the session the question is about; 0 for none. What `Second` means depends on it.
    pub pair: u32,
    /// In the second case.
    pub second: bool,
    /// As if this rule were not in the program.
    pub without: Option<RuleId>,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Term(TermId),
    Effective(RuleId),
}

/// A place: something, read in some way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At {
    pub what: What,
    pub view: View,
}

impl At {
    pub fn term(term: TermId, view: View) -> Self {
        At { what: What::Term(term), view }
    }
}

/// The view in which an outcome is computed.
pub(super) fn outcome_view(view: View, without: Option<RuleId>) -> Result<View, String> {
    match (view.without, without) {
        (_, None) => Ok(view),
        (None, some) => Ok(View { without: some, ..view }),
        (Some(a), Some(b)) if a == b => Ok(view),
        _ => Err("an outcome without one rule inside an outcome without another".into()),
    }
}

/// What places are made of.
pub(super) struct Graph<'p> {
    pub program: &'p Program,
    /// Who refers to a rule or a decision; made when the first question leaves a rule out.
    users: RefCell<Option<Rc<Users>>>,
    /// The rules that depend on a rule, itself included.
    dependents: RefCell<FxHashMap<RuleId, Rc<FxHashSet<RuleId>>>>,
}

/// The rules that refer to a rule, and those that refer to a decision.
struct Users {
    of_rule: Vec<Vec<RuleId>>,
    of_decision: Vec<Vec<RuleId>>,
}

impl<'p> Graph<'p> {
    pub fn new(program: &'p Program) -> Self {
        Graph { program, users: RefCell::default(), dependents: RefCell::default() }
    }

    /// A rule in a view. A rule that does not depend on the one left out is the same with and without it, and is
    /// not encoded twice: asking about each rule in turn stays linear in what depends on it.
    pub fn effective(&self, rule: RuleId, view: View) -> At {
        let view = match view.without {
            Some(out) if !self.dependents(out).contains(&rule) => View { without: None, ..view },
            _ => view,
        };
        At { what: What::Effective(rule), view }
    }

    /// What a place is made of.
    ///
    /// # Errors
    /// If it is out of place, or not in the program.
    pub fn children(&self, at: At) -> Result<Vec<At>, String> {
        let At { what, view } = at;
        let program = self.program;
        let term = |term: TermId| At::term(term, view);
        Ok(match what {
            What::Effective(rule) if view.without == Some(rule) => Vec::new(),
            What::Effective(rule) => {
                let rule = program.rules.get(rule.index()).ok_or("a rule that is not in the program")?;
                let overriders = rule.overridden_by.iter().filter(|other| view.without != Some(**other));
                std::iter::once(term(rule.applies)).chain(overriders.map(|other| self.effective(*other, view))).collect()
            }
            What::Term(id) if id.index() >= program.pool.len() => return Err("a term that is not in the program".into()),
            What::Term(id) => match program.pool.get(id) {
                Term::Not(inner) => vec![term(*inner)],
                Term::And(inner) | Term::Or(inner) => inner.iter().map(|inner| term(*inner)).collect(),
                Term::Applies(rule) if view.without == Some(*rule) => Vec::new(),
                Term::Applies(rule) => vec![term(program.rule(*rule).applies)],
                Term::Effective(rule) => vec![self.effective(*rule, view)],
                Term::Outcome { decision, without, .. } => self.rules_of(*decision, outcome_view(view, *without)?).collect(),
                Term::SameOutcome(a, b) => self.rules_of(*a, view).chain(self.rules_of(*b, view)).collect(),
                Term::Second(_) if view.second => return Err("a second case inside a second case".into()),
                Term::Second(_) if view.pair == 0 => return Err("a second case in a question about one".into()),
                Term::Second(inner) => vec![At::term(*inner, View { second: true, ..view })],
                _ => Vec::new(),
            },
        })
    }

    fn rules_of(&self, decision: DecisionId, view: View) -> impl Iterator<Item = At> + '_ {
        self.program.decision(decision).rules.iter().map(move |rule| self.effective(*rule, view))
    }

    /// The places at and below the root for which `done` does not hold yet, each after its children.
    pub fn post_order(&self, root: At, done: impl Fn(&At) -> bool) -> Result<Vec<At>, String> {
        let mut out = Vec::new();
        let mut finished: FxHashSet<At> = FxHashSet::default();
        let mut open: FxHashSet<At> = FxHashSet::default();
        let mut stack = vec![(root, false)];
        while let Some((at, expanded)) = stack.pop() {
            if expanded {
                open.remove(&at);
                finished.insert(at);
                out.push(at);
            } else if finished.contains(&at) || done(&at) {
            } else if !open.insert(at) {
                return Err("rules that depend on each other in a circle".into());
            } else {
                stack.push((at, true));
                // Reversed, so that the first child comes first: a fixed order is part of what makes work limits repeatable.
                let below = self.children(at)?.into_iter().rev();
                stack.extend(below.filter(|at| !finished.contains(at)).map(|at| (at, false)));
            }
        }
        Ok(out)
    }

    fn dependents(&self, of: RuleId) -> Rc<FxHashSet<RuleId>> {
        if let Some(known) = self.dependents.borrow().get(&of) {
            return Rc::clone(known);
        }
        let users = Rc::clone(self.users.borrow_mut().get_or_insert_with(|| Rc::new(Users::new(self.program))));
        let mut found: FxHashSet<RuleId> = FxHashSet::from_iter([of]);
        let mut decisions: FxHashSet<DecisionId> = FxHashSet::default();
        let mut stack = vec![of];
        while let Some(rule) = stack.pop() {
            let Some(direct) = users.of_rule.get(rule.index()) else { continue };
            let concluded = self.program.rule(rule).conclusions.iter().map(|(decision, _)| *decision);
            let fresh: Vec<DecisionId> = concluded.filter(|decision| decisions.insert(*decision)).collect();
            let through = fresh.iter().flat_map(|decision| &users.of_decision[decision.index()]);
            for user in direct.iter().chain(through) {
                if found.insert(*user) {
                    stack.push(*user);
                }
            }
        }
        let found = Rc::new(found);
        self.dependents.borrow_mut().insert(of, Rc::clone(&found));
        found
    }
}

impl Users {
    fn new(program: &Program) -> Self {
        // What a term refers to, terms in their order, each after its parts.
        type Refers = Rc<(Vec<RuleId>, Vec<DecisionId>)>;
        let nothing: Refers = Rc::default();
        let mut refers: Vec<Refers> = Vec::with_capacity(program.pool.len());
        for (_, term) in program.pool.iter() {
            let one = |rules: Vec<RuleId>, decisions: Vec<DecisionId>| Rc::new((rules, decisions));
            let entry = match term {
                Term::Applies(rule) | Term::Effective(rule) => one(vec![*rule], Vec::new()),
                Term::Outcome { decision, .. } => one(Vec::new(), vec![*decision]),
                Term::SameOutcome(a, b) => one(Vec::new(), vec![*a, *b]),
                Term::Not(inner) | Term::Second(inner) => Rc::clone(&refers[inner.index()]),
                Term::And(inner) | Term::Or(inner) => {
                    let mut below = inner.iter().map(|inner| &refers[inner.index()]).filter(|below| ***below != *nothing);
                    match (below.next(), below.next()) {
                        (None, _) => Rc::clone(&nothing),
                        (Some(only), None) => Rc::clone(only),
                        (Some(_), Some(_)) => {
                            let all = || inner.iter().map(|inner| &refers[inner.index()]);
                            let mut rules: Vec<RuleId> = all().flat_map(|below| below.0.iter().copied()).collect();
                            let mut decisions: Vec<DecisionId> = all().flat_map(|below| below.1.iter().copied()).collect();
                            rules.sort_unstable();
                            rules.dedup();
                            decisions.sort_unstable();
                            decisions.dedup();
                            one(rules, decisions)
                        }
                    }
                }
                _ => Rc::clone(&nothing),
            };
            refers.push(entry);
        }
        let mut users =
            Users { of_rule: vec![Vec::new(); program.rules.len()], of_decision: vec![Vec::new(); program.decisions.len()] };
        for user in program.rule_ids() {
            let rule = program.rule(user);
            let refers = &refers[rule.applies.index()];
            for of in &refers.0 {
                users.of_rule[of.index()].push(user);
            }
            for of in &refers.1 {
                users.of_decision[of.index()].push(user);
            }
            for other in &rule.overridden_by {
                users.of_rule[other.index()].push(user);
            }
        }
        users
    }
}

/// A set of inputs as bits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Inputs(Vec<u64>);

impl Inputs {
    pub fn insert(&mut self, input: InputId) {
        let word = input.index() / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (input.index() % 64);
    }
    pub fn contains(&self, input: InputId) -> bool {
        self.0.get(input.index() / 64).is_some_and(|word| word >> (input.index() % 64) & 1 == 1)
    }
    fn absorb(&mut self, other: &Inputs) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }
}

/// What a place may depend on; perhaps more than it does.
#[derive(Clone, Debug, Default)]
pub(super) struct Cone {
    /// Inputs read in the first case.
    pub first: Inputs,
    /// Inputs read in the second.
    pub second: Inputs,
    /// Whether inputs are added or compared with each other.
    pub arithmetic: bool,
    /// Whether inputs are multiplied.
    pub product: bool,
}

impl Cone {
    pub fn absorb(&mut self, other: &Cone) {
        self.first.absorb(&other.first);
        self.second.absorb(&other.second);
        self.arithmetic |= other.arithmetic;
        self.product |= other.product;
    }
}

/// The cones of a program's places, computed once each.
#[derive(Default)]
pub(super) struct Cones(FxHashMap<At, Rc<Cone>>);

impl Cones {
    pub fn of(&mut self, graph: &Graph<'_>, root: At) -> Result<Rc<Cone>, String> {
        for at in graph.post_order(root, |at| self.0.contains_key(at))? {
            let below = graph.children(at)?;
            let cone = match (below.as_slice(), own(graph.program, at)) {
                ([only], None) => Rc::clone(&self.0[only]),
                (below, cone) => {
                    let mut cone = cone.unwrap_or_default();
                    for child in below {
                        cone.absorb(&self.0[child]);
                    }
                    Rc::new(cone)
                }
            };
            self.0.insert(at, cone);
        }
        Ok(Rc::clone(&self.0[&root]))
    }
}

/// What the place itself reads.
fn own(program: &Program, at: At) -> Option<Cone> {
    let What::Term(id) = at.what else { return None };
    let mut cone = Cone::default();
    let inputs = if at.view.second { &mut cone.second } else { &mut cone.first };
    match program.pool.get(id) {
        Term::Flag(of) | Term::Member { of, .. } | Term::Has { of, .. } | Term::Within { of, .. } => inputs.insert(*of),
        Term::Same(a, b) => {
            inputs.insert(*a);
            inputs.insert(*b);
        }
        Term::AtLeastZero(poly) => {
            poly.inputs().into_iter().for_each(|input| inputs.insert(input));
            cone.arithmetic = true;
            cone.product = !poly.is_linear();
        }
        _ => return None,
    }
    Some(cone)
}
