//! Terms, rules and decisions as diagrams, each built at most once and only when asked for.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::classes::Allowed;
use super::layout::{AtomKey, Layout, LevelKind, Order, Tests, poly_key};
use super::node::{FALSE, Node, Store, TRUE};
use super::outcome::{Label, Labels};
use crate::ir::{DecisionId, Domain, InputId, MemberSet, Outcome, OutcomeTest, Program, RuleId, Term, TermId, Value};
use crate::words::{Sentence, say};

/// Why a diagram gives no answer. All are deterministic: the same question always ends the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiagramError {
    /// The diagrams would hold more than so many words.
    Nodes(usize),
    /// The question takes more than so many paths.
    Steps(usize),
    /// The term tests what the diagram was not built for (see [`Diagram::build`]).
    NotCovered(TermId),
    /// The input is restricted to no value at all.
    EmptyDomain(InputId),
    /// The input cannot be ordered, so no pair of cases differs upwards in it.
    NotOrdered(InputId),
    /// The term reads a second case, which only questions about pairs have.
    NoSecond(TermId),
    /// A number leaves its bits: a sum of conclusions 64, a coefficient 128.
    Overflow,
}

impl DiagramError {
    /// It in words.
    pub fn sentence(&self) -> Sentence {
        match self {
            DiagramError::Nodes(limit) => say!("the decision diagram needs more than {limit} words", limit),
            DiagramError::Steps(limit) => say!("the question takes more than {limit} steps", limit),
            DiagramError::NotCovered(_) => say!("the question tests what the diagram was not built for"),
            DiagramError::EmptyDomain(input) => say!("input {number} is left without a value", number = input.index()),
            DiagramError::NotOrdered(input) => say!("input {number} has no order", number = input.index()),
            DiagramError::NoSecond(_) => say!("the question is about two cases"),
            DiagramError::Overflow => say!("a sum or coefficient is too large"),
        }
    }
}

/// Why a diagram may leave a question open within some limits: all reasons that say nothing of the program. They are the same each time.
pub fn reasons(options: &Options) -> Vec<Sentence> {
    let errors = [DiagramError::Nodes(options.node_limit), DiagramError::Steps(options.step_limit), DiagramError::Overflow];
    errors.iter().map(DiagramError::sentence).chain([super::answer::undecided()]).collect()
}

impl std::fmt::Display for DiagramError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sentence().fmt(f)
    }
}

impl std::error::Error for DiagramError {}

/// Limits and choices.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most words of children (4 bytes each) that nodes may take; the memo has at most as many entries.
    pub node_limit: usize,
    /// The most paths through clusters that one question may look at.
    pub step_limit: usize,
    /// How the variables are ordered.
    pub order: Order,
    /// Inputs whose values are restricted (a fixed reading, a range of dates). Answers and counts are within.
    pub restrict: Vec<(InputId, Allowed)>,
    /// The input in which the two cases of a pair differ, for [`Diagram::exists_pair`].
    pub pair: Option<InputId>,
}

impl Default for Options {
    fn default() -> Self {
        let order = Order::default();
        Options { node_limit: 1 << 24, step_limit: 1 << 20, order, restrict: Vec::new(), pair: None }
    }
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    Term(TermId),
    Applies(RuleId),
    Effective(RuleId),
    /// Labels without rules.
    Outcome(DecisionId),
    /// Labels with the rules that carry them.
    Carried(DecisionId),
    /// That a set which takes all has a member.
    Has(DecisionId, u32),
}

/// And as seen from where: without some rules (an index of [`Diagram::contexts`]), in the first or the second case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    what: What,
    without: usize,
    second: bool,
}

/// A rule set taken out, and all that may change by it.
#[derive(Debug, Default)]
struct Context {
    rules: Vec<RuleId>,
    affected_rules: FxHashSet<RuleId>,
    affected_decisions: FxHashSet<DecisionId>,
}

/// Diagrams over the variables of one program, or of a slice of it.
#[derive(Debug)]
pub struct Diagram<'p> {
    pub(crate) program: &'p Program,
    pub(crate) layout: Layout,
    pub(crate) store: Store,
    pub(crate) labels: Labels,
    pub(crate) step_limit: usize,
    memo: FxHashMap<Key, Node>,
    contexts: Vec<Context>,
    users: Option<Users>,
    combine_tags: FxHashMap<u32, u32>,
}

/// Which rules and decisions look at a rule or decision.
#[derive(Debug, Default)]
struct Users {
    of_rule: FxHashMap<RuleId, (Vec<RuleId>, Vec<DecisionId>)>,
    of_decision: FxHashMap<DecisionId, Vec<RuleId>>,
}

impl<'p> Diagram<'p> {
    /// A diagram for questions about everything that can be reached from these terms: they and any combination of what
    /// they test are *covered*. A slice of a large program has few classes, so build one for each slice.
    ///
    /// # Errors
    /// [`DiagramError::EmptyDomain`], [`DiagramError::NotOrdered`], [`DiagramError::Overflow`]; no diagram is built yet.
    pub fn build(program: &'p Program, roots: &[TermId], options: &Options) -> Result<Self, DiagramError> {
        Self::with_classes(program, &Tests::below(program, roots), options, None)
    }

    /// A diagram for questions about all rules and decisions of a program.
    ///
    /// # Errors
    /// As [`Diagram::build`].
    pub fn of_program(program: &'p Program, options: &Options) -> Result<Self, DiagramError> {
        let roots: Vec<TermId> = program.rules.iter().map(|rule| rule.applies).collect();
        Self::build(program, &roots, options)
    }

    pub(crate) fn with_classes(
        program: &'p Program,
        tests: &Tests,
        options: &Options,
        given: Option<&BTreeMap<InputId, Vec<Allowed>>>,
    ) -> Result<Self, DiagramError> {
        let mut domains: Vec<Option<Allowed>> = program.inputs.iter().map(|input| Allowed::all(program, &input.domain)).collect();
        for (input, allowed) in &options.restrict {
            if let Some(domain) = &mut domains[input.index()] {
                *domain = domain.intersection(allowed);
            }
        }
        if let Some(input) = options.pair.filter(|input| domains[input.index()].is_none()) {
            return Err(DiagramError::NotOrdered(input));
        }
        let layout = Layout::new(program, tests, options.order, domains, options.pair, given)?;
        let arity = (0..layout.levels.len() as u32).map(|level| layout.arity(level)).collect();
        Ok(Diagram {
            program,
            store: Store::new(arity, options.node_limit),
            layout,
            labels: Labels::default(),
            step_limit: options.step_limit,
            memo: FxHashMap::default(),
            contexts: vec![Context::default()],
            users: None,
            combine_tags: FxHashMap::default(),
        })
    }

    /// How many nodes have been made.
    pub fn nodes(&self) -> usize {
        self.store.len()
    }

    /// The diagram of a term, as true and false.
    pub(crate) fn term(&mut self, term: TermId) -> Result<Node, DiagramError> {
        self.demand(Key { what: What::Term(term), without: 0, second: false })
    }

    /// The diagram of a decision's outcomes, with the rules that carry them.
    pub(crate) fn carried(&mut self, decision: DecisionId) -> Result<Node, DiagramError> {
        self.demand(Key { what: What::Carried(decision), without: 0, second: false })
    }

    /// Computes what a key needs, then the key, on a stack of its own: chains of overrides may be long.
    fn demand(&mut self, key: Key) -> Result<Node, DiagramError> {
        let mut stack = vec![key];
        while let Some(top) = stack.last().copied() {
            if self.memo.contains_key(&top) {
                stack.pop();
                continue;
            }
            let needs = self.needs(top)?;
            let before = stack.len();
            stack.extend(needs.into_iter().filter(|need| !self.memo.contains_key(need)));
            if stack.len() == before {
                let node = self.compute(top)?;
                self.memo.insert(top, node);
                stack.pop();
            }
        }
        Ok(self.memo[&key])
    }

    /// The key, as seen without rules only if that can make a difference.
    fn key(&self, what: What, from: Key) -> Key {
        let context = &self.contexts[from.without];
        let affected = match what {
            What::Term(_) => true,
            What::Applies(rule) | What::Effective(rule) => context.affected_rules.contains(&rule),
            What::Outcome(decision) | What::Carried(decision) | What::Has(decision, _) => {
                context.affected_decisions.contains(&decision)
            }
        };
        Key { what, without: if affected { from.without } else { 0 }, second: from.second }
    }

    fn needs(&mut self, key: Key) -> Result<Vec<Key>, DiagramError> {
        let excluded = |rule: &RuleId| self.contexts[key.without].rules.contains(rule);
        Ok(match key.what {
            What::Applies(rule) if !excluded(&rule) => {
                vec![self.key(What::Term(self.program.rule(rule).applies), key)]
            }
            What::Effective(rule) if !excluded(&rule) => {
                let over = &self.program.rule(rule).overridden_by;
                let mut needs = vec![self.key(What::Applies(rule), key)];
                needs.extend(over.iter().map(|rule| self.key(What::Effective(*rule), key)));
                needs
            }
            What::Applies(_) | What::Effective(_) => Vec::new(),
            What::Outcome(decision) | What::Carried(decision) => {
                let rules = self.program.decision(decision).rules.iter().filter(|rule| !excluded(rule));
                rules.map(|rule| self.key(What::Effective(*rule), key)).collect()
            }
            What::Has(decision, member) => {
                let rules = self.rules_with(decision, member).into_iter().filter(|rule| !excluded(rule));
                rules.map(|rule| self.key(What::Effective(rule), key)).collect()
            }
            What::Term(term) => match self.program.pool.get(term) {
                Term::Not(inner) => vec![self.key(What::Term(*inner), key)],
                Term::And(all) | Term::Or(all) => all.iter().map(|term| self.key(What::Term(*term), key)).collect(),
                Term::Applies(rule) => vec![self.key(What::Applies(*rule), key)],
                Term::Effective(rule) => vec![self.key(What::Effective(*rule), key)],
                Term::Outcome { decision, without, test } => {
                    let from = self.without(key, *without);
                    vec![self.key(self.tested(*decision, test), from)]
                }
                Term::SameOutcome(a, b) => match self.members_of_both(*a, *b) {
                    Some(size) => {
                        (0..size).flat_map(|member| [*a, *b].map(|decision| self.key(What::Has(decision, member), key))).collect()
                    }
                    None => [a, b].map(|decision| self.key(What::Outcome(*decision), key)).to_vec(),
                },
                Term::Second(_) if self.layout.pair.is_none() => return Err(DiagramError::NoSecond(term)),
                Term::Second(inner) => vec![self.key(What::Term(*inner), Key { second: true, ..key })],
                _ => Vec::new(),
            },
        })
    }

    /// What has to be known for a test of a decision. Of a set that takes all, one member is tested without the others: their
    /// combinations would be as many as there are sets.
    fn tested(&self, decision: DecisionId, test: &OutcomeTest) -> What {
        match (test, &self.program.decision(decision).combine) {
            (OutcomeTest::Has(member), crate::ir::Combine::All) => What::Has(decision, *member),
            _ => What::Outcome(decision),
        }
    }

    /// How many members two sets that take all have, if both are that.
    fn members_of_both(&self, a: DecisionId, b: DecisionId) -> Option<u32> {
        let size = |id: DecisionId| {
            let decision = self.program.decision(id);
            match (&decision.domain, &decision.combine) {
                (Domain::Set(of), crate::ir::Combine::All) => Some(self.program.enumeration(*of).size()),
                _ => None,
            }
        };
        size(a).filter(|own| size(b) == Some(*own))
    }

    /// The rules that can put a member into a set, or keep it out by being effective at all.
    fn rules_with(&self, decision: DecisionId, member: u32) -> Vec<RuleId> {
        let declared = self.program.decision(decision);
        let has = |value: &Value| matches!(value, Value::Set(set) if set.contains(member));
        let by_default = declared.default.as_ref().is_some_and(has);
        let puts = |rule: &RuleId| by_default || self.program.conclusion(*rule, decision).is_some_and(has);
        declared.rules.iter().copied().filter(puts).collect()
    }

    /// The key's view with one more rule taken out.
    fn without(&mut self, key: Key, rule: Option<RuleId>) -> Key {
        let Some(rule) = rule.filter(|rule| !self.contexts[key.without].rules.contains(rule)) else { return key };
        let mut rules = self.contexts[key.without].rules.clone();
        rules.push(rule);
        rules.sort_unstable();
        if let Some(without) = self.contexts.iter().position(|context| context.rules == rules) {
            return Key { without, ..key };
        }
        let users = self.users.get_or_insert_with(|| Users::of(self.program));
        let mut context = Context { affected_rules: rules.iter().copied().collect(), rules, ..Context::default() };
        let mut stack = context.rules.clone();
        while let Some(rule) = stack.pop() {
            let Some((by_rules, by_decisions)) = users.of_rule.get(&rule) else { continue };
            let mut next = by_rules.clone();
            for decision in by_decisions {
                if context.affected_decisions.insert(*decision) {
                    next.extend(users.of_decision.get(decision).into_iter().flatten().copied());
                }
            }
            stack.extend(next.into_iter().filter(|rule| context.affected_rules.insert(*rule)));
        }
        self.contexts.push(context);
        Key { without: self.contexts.len() - 1, ..key }
    }

    fn done(&self, what: What, from: Key) -> Node {
        self.memo.get(&self.key(what, from)).copied().unwrap_or(FALSE)
    }

    fn compute(&mut self, key: Key) -> Result<Node, DiagramError> {
        let program = self.program;
        let excluded = |this: &Self, rule: &RuleId| this.contexts[key.without].rules.contains(rule);
        match key.what {
            What::Applies(rule) if !excluded(self, &rule) => Ok(self.done(What::Term(program.rule(rule).applies), key)),
            What::Effective(rule) if !excluded(self, &rule) => {
                let applies = self.done(What::Applies(rule), key);
                let over = &program.rule(rule).overridden_by;
                let over: Vec<Node> = over.iter().map(|rule| self.done(What::Effective(*rule), key)).collect();
                let defeated = self.store.any(over)?;
                let stands = self.store.not(defeated)?;
                self.store.and(applies, stands)
            }
            What::Applies(_) | What::Effective(_) => Ok(FALSE),
            What::Outcome(decision) | What::Carried(decision) => {
                let mut rules = program.decision(decision).rules.clone();
                rules.retain(|rule| !excluded(self, rule));
                let effective: Vec<(RuleId, Node)> =
                    rules.into_iter().map(|rule| (rule, self.done(What::Effective(rule), key))).collect();
                self.outcome(decision, &effective, matches!(key.what, What::Carried(_)))
            }
            What::Has(decision, member) => {
                let has = |value: &Value| matches!(value, Value::Set(set) if set.contains(member));
                let by_default = program.decision(decision).default.as_ref().is_some_and(has);
                let mut rules = self.rules_with(decision, member);
                rules.retain(|rule| !excluded(self, rule));
                let (mut with, mut all) = (Vec::new(), Vec::new());
                for rule in rules {
                    let effective = self.done(What::Effective(rule), key);
                    all.push(effective);
                    if program.conclusion(rule, decision).is_some_and(has) {
                        with.push(effective);
                    }
                }
                let with = self.store.any(with)?;
                if !by_default {
                    return Ok(with);
                }
                let spoken = self.store.any(all)?;
                let silent = self.store.not(spoken)?;
                self.store.any(vec![with, silent])
            }
            What::Term(term) => match program.pool.get(term) {
                Term::True => Ok(TRUE),
                Term::False => Ok(FALSE),
                Term::Not(inner) => {
                    let inner = self.done(What::Term(*inner), key);
                    self.store.not(inner)
                }
                Term::And(all) => {
                    let all = all.iter().map(|term| self.done(What::Term(*term), key)).collect();
                    self.store.all(all)
                }
                Term::Or(all) => {
                    let all = all.iter().map(|term| self.done(What::Term(*term), key)).collect();
                    self.store.any(all)
                }
                Term::Flag(of) => self.class_test(term, *of, key.second, &Allowed::Members(MemberSet::of(2, [1]))),
                Term::Member { of, set } => self.class_test(term, *of, key.second, &Allowed::Members(set.clone())),
                Term::Within { of, ranges } => self.class_test(term, *of, key.second, &Allowed::Ranges(ranges.clone())),
                Term::Has { of, member } => {
                    let level = self.layout.level_of_has.get(&(*of, *member)).copied();
                    self.store.make(level.ok_or(DiagramError::NotCovered(term))?, &[FALSE, TRUE])
                }
                Term::Same(a, b) => {
                    let column = |input| self.layout.column(input, key.second).ok_or(DiagramError::NotCovered(term));
                    let (a, b) = (column(*a)?, column(*b)?);
                    self.atom_test(term, &AtomKey::Same(a.min(b), a.max(b)), false)
                }
                Term::AtLeastZero(poly) => {
                    let (atom, negated) =
                        poly_key(poly, |input| self.layout.column(input, key.second)).ok_or(DiagramError::NotCovered(term))?;
                    self.atom_test(term, &atom, negated)
                }
                Term::Applies(rule) => Ok(self.done(What::Applies(*rule), key)),
                Term::Effective(rule) => Ok(self.done(What::Effective(*rule), key)),
                Term::Outcome { decision, without, test } => {
                    let from = self.without(key, *without);
                    let what = self.tested(*decision, test);
                    let found = self.done(what, from);
                    if matches!(what, What::Has(..)) { Ok(found) } else { self.outcome_test(found, test) }
                }
                Term::SameOutcome(a, b) if self.members_of_both(*a, *b).is_some() => {
                    let mut alike = Vec::new();
                    for member in 0..self.members_of_both(*a, *b).unwrap_or(0) {
                        let (one, two) = (self.done(What::Has(*a, member), key), self.done(What::Has(*b, member), key));
                        let (not_one, not_two) = (self.store.not(one)?, self.store.not(two)?);
                        let (both, neither) = (self.store.and(one, two)?, self.store.and(not_one, not_two)?);
                        alike.push(self.store.any(vec![both, neither])?);
                    }
                    self.store.all(alike)
                }
                Term::SameOutcome(a, b) => {
                    let (a, b) = (self.done(What::Outcome(*a), key), self.done(What::Outcome(*b), key));
                    let tag = self.store.fresh_tag();
                    let Self { store, labels, .. } = self;
                    store.apply(tag, a, b, &mut |x, y| {
                        let terminals = super::node::is_terminal(x) && super::node::is_terminal(y);
                        Ok(terminals.then(|| if labels.same(x, y) { TRUE } else { FALSE }))
                    })
                }
                Term::Second(inner) => Ok(self.done(What::Term(*inner), Key { second: true, ..key })),
            },
        }
    }

    fn outcome_test(&mut self, outcomes: Node, test: &OutcomeTest) -> Result<Node, DiagramError> {
        let tag = self.store.fresh_tag();
        let Self { store, labels, .. } = self;
        store.map(tag, outcomes, &mut |terminal| if labels.passes(terminal, test) { TRUE } else { FALSE })
    }

    /// Merges the conclusions of effective rules, two by two.
    fn outcome(&mut self, decision: DecisionId, effective: &[(RuleId, Node)], carried: bool) -> Result<Node, DiagramError> {
        let declared = self.program.decision(decision);
        let mut spoken = Vec::with_capacity(effective.len());
        for (rank, (rule, node)) in effective.iter().enumerate() {
            let Some(value) = self.program.conclusion(*rule, decision) else { continue };
            let label = self.labels.intern(Label {
                outcome: Outcome::Value(value.clone()),
                rules: if carried { vec![*rule] } else { Vec::new() },
                rank: if declared.combine == crate::ir::Combine::First { rank as u32 } else { 0 },
            });
            let tag = self.store.fresh_tag();
            spoken.push(self.store.map(tag, *node, &mut |terminal| if terminal == TRUE { label } else { FALSE })?);
        }
        // Labels are interned once for all decisions, so equal ways to combine can share a memo.
        let kind = match declared.combine {
            crate::ir::Combine::ExactlyOne => 0,
            crate::ir::Combine::Strictest => 1,
            crate::ir::Combine::LeastStrict => 2,
            crate::ir::Combine::Sum => 3,
            crate::ir::Combine::All => 4,
            crate::ir::Combine::First => 5,
        };
        let store = &mut self.store;
        let tag = *self.combine_tags.entry(kind).or_insert_with(|| store.fresh_tag());
        let labels = &mut self.labels;
        let merged = store.fold(spoken, FALSE, |store, a, b| {
            store.apply(tag, a, b, &mut |x, y| {
                if x == FALSE || y == FALSE {
                    return Ok(Some(if x == FALSE { y } else { x }));
                }
                if !super::node::is_terminal(x) || !super::node::is_terminal(y) {
                    return Ok(None);
                }
                labels.combine(&declared.combine, x, y).map(Some).ok_or(DiagramError::Overflow)
            })
        })?;
        let otherwise = self.labels.otherwise(self.program, declared);
        let tag = self.store.fresh_tag();
        let labels = &mut self.labels;
        self.store.map(tag, merged, &mut |terminal| {
            if terminal == FALSE {
                return otherwise;
            }
            // The rank has served; outcomes that are the same should be one terminal.
            labels.get(terminal).cloned().map_or(terminal, |label| labels.intern(Label { rank: 0, ..label }))
        })
    }

    fn class_test(&mut self, term: TermId, of: InputId, second: bool, set: &Allowed) -> Result<Node, DiagramError> {
        let inside = |class: &Allowed| -> Option<Node> {
            if !class.intersects(set) {
                return Some(FALSE);
            }
            (class.intersection(set) == *class).then_some(TRUE)
        };
        let column = self.layout.column(of, second);
        let level = column.and_then(|column| self.layout.level_of_column[column]);
        let (Some(column), Some(level)) = (column, level) else {
            let domain = self.layout.domains[of.index()].as_ref();
            return domain.and_then(inside).ok_or(DiagramError::NotCovered(term));
        };
        let classes = &self.layout.columns[column].classes;
        let children: Option<Vec<Node>> = classes.iter().map(inside).collect();
        self.store.make(level, &children.ok_or(DiagramError::NotCovered(term))?)
    }

    fn atom_test(&mut self, term: TermId, atom: &AtomKey, negated: bool) -> Result<Node, DiagramError> {
        let level = *self.layout.level_of_atom.get(atom).ok_or(DiagramError::NotCovered(term))?;
        debug_assert!(matches!(self.layout.levels[level as usize].kind, LevelKind::Atom(_)));
        self.store.make(level, &if negated { [TRUE, FALSE] } else { [FALSE, TRUE] })
    }
}

impl Users {
    fn of(program: &Program) -> Users {
        let mut users = Users::default();
        for rule in program.rule_ids() {
            let (mut seen, mut stack) = (FxHashSet::default(), vec![program.rule(rule).applies]);
            for over in &program.rule(rule).overridden_by {
                users.of_rule.entry(*over).or_default().0.push(rule);
            }
            while let Some(term) = stack.pop() {
                if !seen.insert(term) {
                    continue;
                }
                match program.pool.get(term) {
                    Term::Not(inner) | Term::Second(inner) => stack.push(*inner),
                    Term::And(all) | Term::Or(all) => stack.extend(all.iter().copied()),
                    Term::Applies(other) | Term::Effective(other) => {
                        users.of_rule.entry(*other).or_default().0.push(rule);
                    }
                    Term::Outcome { decision, .. } => users.of_decision.entry(*decision).or_default().push(rule),
                    Term::SameOutcome(a, b) => {
                        for decision in [a, b] {
                            users.of_decision.entry(*decision).or_default().push(rule);
                        }
                    }
                    _ => {}
                }
            }
        }
        for decision in program.decision_ids() {
            for rule in &program.decision(decision).rules {
                users.of_rule.entry(*rule).or_default().1.push(decision);
            }
        }
        users
    }
}
