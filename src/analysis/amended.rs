//! What an amendment touches: the rules of two regimes that differ, and where.
//!
//! Two rules of one name are alike if they say the same word for word, of decisions and rules of the same names. Where no
//! rule applies that has no like in the other regime, everything comes to the same: rule by rule in the order in which they
//! depend on each other, what a rule tests comes to the same, so it applies in both or in neither.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{DecisionId, Program, RuleId, Term, TermId};

use super::lab::Lab;
use super::overlap::Overlaps;

/// Rules that differ between two regimes of a program.
#[derive(Debug)]
pub struct Amended {
    /// Of both regimes, rising.
    pub rules: Vec<RuleId>,
    /// Decisions (of both regimes) that combine otherwise, or have another default, or another order of rules.
    pub decisions: Vec<DecisionId>,
}

/// A group of amended rules that can meet each other: one place where something changes.
#[derive(Debug)]
pub struct Part {
    /// The amended rules of the group, and all rules that can meet one of them.
    pub near: BTreeSet<RuleId>,
    /// That one of the amended rules applies.
    pub here: TermId,
}

/// The groups of amended rules, by their first rule. No case is in two of them.
pub fn parts(lab: &mut Lab<'_>, amended: &Amended, old: u32, new: u32) -> Vec<Part> {
    let both = |rule: &RuleId| [old, new].contains(&lab.program.rule(*rule).regime);
    let rules: Vec<RuleId> = lab.program.rule_ids().filter(both).collect();
    let overlaps = Overlaps::of_some(&lab.program, &rules, &amended.rules);
    let mut open: BTreeSet<RuleId> = amended.rules.iter().copied().collect();
    let mut out = Vec::new();
    while let Some(first) = open.pop_first() {
        let mut group = vec![first];
        let mut at = 0;
        while at < group.len() {
            let more: Vec<RuleId> = overlaps.of(group[at]).iter().copied().filter(|rule| open.remove(rule)).collect();
            group.extend(more);
            at += 1;
        }
        let mut near: BTreeSet<RuleId> = group.iter().copied().collect();
        near.extend(group.iter().flat_map(|rule| overlaps.of(*rule).iter().copied()));
        let mut build = lab.program.builder();
        let applying: Vec<TermId> = group.iter().map(|rule| build.applies(*rule)).collect();
        out.push(Part { near, here: build.or(applying) });
    }
    out
}

struct Compare<'p> {
    program: &'p Program,
    rules: FxHashMap<RuleId, RuleId>,
    matched: FxHashSet<RuleId>,
    decisions: FxHashMap<DecisionId, DecisionId>,
    memo: FxHashMap<(TermId, TermId), bool>,
}

/// A name without the prefix of a regime that is not the first.
pub fn plain(name: &str, regime: u32) -> &str {
    match name.split_once("::") {
        Some((_, name)) if regime != 0 => name,
        _ => name,
    }
}

/// Compares two regimes of a program.
pub fn amended(program: &Program, old: u32, new: u32) -> Amended {
    let rules_of = |regime: u32| -> BTreeMap<&str, RuleId> {
        let ids = program.rule_ids().filter(|rule| program.rule(*rule).regime == regime);
        ids.map(|rule| (plain(&program.rule(rule).name, regime), rule)).collect()
    };
    let decisions_of = |regime: u32| -> BTreeMap<&str, DecisionId> {
        let ids = program.decision_ids().filter(|id| program.decision(*id).regime == regime);
        ids.map(|id| (plain(&program.decision(id).name, regime), id)).collect()
    };
    let (old_rules, new_rules) = (rules_of(old), rules_of(new));
    let (old_decisions, new_decisions) = (decisions_of(old), decisions_of(new));
    let rules: FxHashMap<RuleId, RuleId> =
        old_rules.iter().filter_map(|(name, rule)| Some((*rule, *new_rules.get(name)?))).collect();
    let mut compare = Compare {
        program,
        matched: rules.values().copied().collect(),
        rules,
        decisions: old_decisions.iter().filter_map(|(name, id)| Some((*id, *new_decisions.get(name)?))).collect(),
        memo: FxHashMap::default(),
    };
    // A decision that combines otherwise, or has another default, is like none: so a rule that tests it is amended too.
    let unlike: Vec<(DecisionId, DecisionId)> =
        compare.decisions.iter().map(|(a, b)| (*a, *b)).filter(|(a, b)| !compare.decision(*a, *b)).collect();
    for (a, _) in &unlike {
        compare.decisions.remove(a);
    }
    let mut rules = Vec::new();
    let all = |regime: u32| program.rule_ids().filter(move |rule| program.rule(*rule).regime == regime);
    for rule in all(old) {
        match compare.rules.get(&rule).copied() {
            Some(other) => {
                if !compare.rule(rule, other) {
                    rules.extend([rule, other]);
                }
            }
            None => rules.push(rule),
        }
    }
    rules.extend(all(new).filter(|rule| !compare.matched.contains(rule)));
    rules.sort_unstable();
    let mut decisions = Vec::new();
    for (a, b) in unlike {
        decisions.extend([a, b]);
    }
    decisions.sort_unstable();
    Amended { rules, decisions }
}

impl Compare<'_> {
    fn rule(&mut self, a: RuleId, b: RuleId) -> bool {
        let (a, b) = (self.program.rule(a), self.program.rule(b));
        let name = |id: &DecisionId| {
            let decision = self.program.decision(*id);
            plain(&decision.name, decision.regime)
        };
        let mut conclusions: Vec<_> = a.conclusions.iter().map(|(id, value)| (name(id), value)).collect();
        let mut others: Vec<_> = b.conclusions.iter().map(|(id, value)| (name(id), value)).collect();
        conclusions.sort();
        others.sort();
        // An overrider without a like is itself among the rules that differ; it matters only where it applies.
        let mut overriders: Vec<RuleId> = a.overridden_by.iter().filter_map(|by| self.rules.get(by).copied()).collect();
        let mut known: Vec<RuleId> = b.overridden_by.iter().copied().filter(|by| self.matched.contains(by)).collect();
        overriders.sort_unstable();
        known.sort_unstable();
        conclusions == others && overriders == known && self.term(a.applies, b.applies)
    }

    fn decision(&self, a: DecisionId, b: DecisionId) -> bool {
        let (a, b) = (self.program.decision(a), self.program.decision(b));
        // The order matters under `first` alone, and then among the rules that both have.
        let ordered = a.combine != crate::ir::Combine::First || {
            let order = a.rules.iter().filter_map(|rule| self.rules.get(rule).copied());
            order.eq(b.rules.iter().copied().filter(|rule| self.matched.contains(rule)))
        };
        a.combine == b.combine && a.default == b.default && a.domain == b.domain && ordered
    }

    fn term(&mut self, a: TermId, b: TermId) -> bool {
        if let Some(known) = self.memo.get(&(a, b)) {
            return *known;
        }
        let program = self.program;
        let alike = match (program.pool.get(a), program.pool.get(b)) {
            (Term::Not(a), Term::Not(b)) => self.term(*a, *b),
            (Term::And(a), Term::And(b)) | (Term::Or(a), Term::Or(b)) => {
                // The sides stand in the order of their ids, which may differ; each must have a like.
                a.len() == b.len() && {
                    let mut free: Vec<TermId> = b.clone();
                    a.iter().all(|a| match free.iter().position(|b| self.term(*a, *b)) {
                        Some(at) => {
                            free.swap_remove(at);
                            true
                        }
                        None => false,
                    })
                }
            }
            (Term::Applies(a), Term::Applies(b)) | (Term::Effective(a), Term::Effective(b)) => self.rules.get(a) == Some(b),
            (Term::Outcome { decision: a, without: None, test }, Term::Outcome { decision: b, without: None, test: other }) => {
                self.decisions.get(a) == Some(b) && test == other
            }
            (Term::SameOutcome(a, x), Term::SameOutcome(b, y)) => {
                let (a, x) = (self.decisions.get(a).copied(), self.decisions.get(x).copied());
                (a == Some(*b) && x == Some(*y)) || (a == Some(*y) && x == Some(*b))
            }
            // A test of inputs alone is stored once, so it is alike only to itself.
            (Term::Not(_) | Term::And(_) | Term::Or(_), _) => false,
            (Term::Applies(_) | Term::Effective(_) | Term::Outcome { .. } | Term::SameOutcome(..) | Term::Second(_), _) => false,
            _ => a == b,
        };
        self.memo.insert((a, b), alike);
        alike
    }
}
