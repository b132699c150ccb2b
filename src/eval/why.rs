//! Why: for each rule that could have spoken whether it did, and if not, what it failed by.

use std::collections::BTreeSet;

use crate::ir::{Case, DecisionId, LimbKind, OriginId, Outcome, Program, RuleId, RuleKind, Term, TermId};

use super::atoms::Atoms;
use super::residual::Residual;
use super::unknown::{Possible, always_in, one};

/// On what the outcome of a decision rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Rules say so, and nothing that is in force could have made an exception to them.
    Said,
    /// Rules say so, and none of the exceptions to them, which are in force, is met.
    NoExceptionMet(Vec<RuleId>),
    /// No rule speaks: the default, or a gap.
    Silent,
    /// Different rules, or none, by what is unknown; it comes to the same.
    EitherWay,
    /// Rules contradict each other.
    Contradiction,
    /// It depends on what is unknown.
    Open,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Outside its period.
    NotInForce,
    /// Its condition is not met, by these parts.
    NotMet(Vec<Failed>),
    /// It applies, and these effective rules override it.
    Defeated(Vec<RuleId>),
    /// It is effective.
    Effective,
    /// It depends on what is unknown.
    Open,
}

/// A part of a condition that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The part; [`super::term_text`] puts it into words.
    pub term: TermId,
    /// Where the condition stands.
    pub origin: OriginId,
    /// Of a product rule: the limb that it is.
    pub limb: Option<LimbKind>,
}

/// A rule and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleReport {
    /// The rule.
    pub rule: RuleId,
    /// What became of it.
    pub status: Status,
    /// Whether it carries the outcome.
    pub carries: bool,
    /// The rules that it defeats.
    pub defeats: Vec<RuleId>,
}

/// Why a decision comes to what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The decision.
    pub decision: DecisionId,
    /// What it comes to, or may.
    pub possible: Possible,
    /// On what that rests.
    pub ground: Ground,
    /// Every rule that concludes the decision or overrides one that does, in source order.
    pub rules: Vec<RuleReport>,
    /// The chain: the decisions on which the carrying rules depend, with the rules that carry those, and last this one.
    pub chain: Vec<(DecisionId, Vec<RuleId>)>,
}

/// Explains a decision in a case, of which some inputs may be unknown.
pub fn explain(program: &Program, case: &Case, decision: DecisionId) -> Explanation {
    let mut residual = Residual::new(program, case);
    let possible = one(&mut residual, decision);
    let mut ids: BTreeSet<RuleId> = BTreeSet::new();
    let mut todo = program.decision(decision).rules.clone();
    while let Some(rule) = todo.pop() {
        if ids.insert(rule) {
            todo.extend(&program.rule(rule).overridden_by);
        }
    }
    let mut rules: Vec<RuleReport> = Vec::new();
    for rule in &ids {
        let status = status(&mut residual, *rule);
        rules.push(RuleReport { rule: *rule, status, carries: possible.because.contains(rule), defeats: Vec::new() });
    }
    let defeats: Vec<(RuleId, RuleId)> = rules
        .iter()
        .flat_map(|report| match &report.status {
            Status::Defeated(by) => by.iter().map(|by| (*by, report.rule)).collect(),
            _ => Vec::new(),
        })
        .collect();
    for (by, defeated) in defeats {
        if let Ok(at) = rules.binary_search_by_key(&by, |report| report.rule) {
            rules[at].defeats.push(defeated);
        }
    }
    let ground = ground(program, &possible, &rules);
    let chain = chain(&mut residual, decision, &possible);
    Explanation { decision, possible, ground, rules, chain }
}

fn status(residual: &mut Residual<'_>, id: RuleId) -> Status {
    let rule = residual.program.rule(id);
    let known = |residual: &mut Residual<'_>, term: TermId| {
        let term = residual.term(term, None);
        always_in(residual, term)
    };
    if known(residual, rule.in_force) == Some(false) {
        return Status::NotInForce;
    }
    if known(residual, rule.applies) == Some(false) {
        let limbs = failed_limbs(residual, id);
        if !limbs.is_empty() {
            return Status::NotMet(limbs);
        }
        let parts = match residual.program.pool.get(rule.condition) {
            Term::And(all) => all.clone(),
            _ => vec![rule.condition],
        };
        let mut failed: Vec<TermId> = parts.iter().copied().filter(|part| known(residual, *part) == Some(false)).collect();
        if failed.is_empty() {
            // With unknown inputs the parts can exclude each other though each could hold.
            failed = vec![rule.condition];
        }
        let origin = rule.origin;
        return Status::NotMet(failed.into_iter().map(|term| Failed { term, origin, limb: None }).collect());
    }
    let by: Vec<RuleId> = rule
        .overridden_by
        .iter()
        .copied()
        .filter(|other| {
            let effective = residual.effective(*other, None);
            always_in(residual, effective) == Some(true)
        })
        .collect();
    let effective = residual.effective(id, None);
    match (known(residual, rule.applies), always_in(residual, effective)) {
        (_, Some(true)) => Status::Effective,
        (Some(true), Some(false)) if !by.is_empty() => Status::Defeated(by),
        _ => Status::Open,
    }
}

/// The limbs of a product rule that fail; a route only where every route does.
fn failed_limbs(residual: &mut Residual<'_>, id: RuleId) -> Vec<Failed> {
    let rule = residual.program.rule(id);
    let failed: Vec<bool> = rule
        .limbs
        .iter()
        .map(|(_, limb)| {
            let term = residual.term(*limb, None);
            always_in(residual, term) == Some(false)
        })
        .collect();
    let caught = rule.limbs.iter().zip(&failed).any(|((kind, _), failed)| kind.is_route() && !failed);
    let limbs = rule.limbs.iter().zip(failed).filter(|((kind, _), failed)| *failed && !(kind.is_route() && caught));
    limbs.map(|((kind, term), _)| Failed { term: *term, origin: rule.origin, limb: Some(*kind) }).collect()
}

fn ground(program: &Program, possible: &Possible, rules: &[RuleReport]) -> Ground {
    match possible.settled() {
        None => Ground::Open,
        Some(Outcome::Conflict(_)) => Ground::Contradiction,
        Some(_) if !rules.iter().any(|report| report.carries) => {
            if rules.iter().any(|report| report.status == Status::Open) {
                Ground::EitherWay
            } else {
                Ground::Silent
            }
        }
        Some(_) => {
            let unmet: Vec<RuleId> = rules
                .iter()
                .filter(|report| {
                    let overrides = |carrier: &RuleId| program.rule(*carrier).overridden_by.contains(&report.rule);
                    program.rule(report.rule).kind == RuleKind::Exception
                        && matches!(report.status, Status::NotMet(_) | Status::Defeated(_) | Status::Open)
                        && possible.because.iter().any(overrides)
                })
                .map(|report| report.rule)
                .collect();
            if unmet.is_empty() { Ground::Said } else { Ground::NoExceptionMet(unmet) }
        }
    }
}

/// The decisions that the carrying rules test, then those that these rest on, then the decision itself.
fn chain(residual: &mut Residual<'_>, decision: DecisionId, possible: &Possible) -> Vec<(DecisionId, Vec<RuleId>)> {
    let program = residual.program;
    let mut carried = vec![(decision, possible.because.clone())];
    let mut at = 0;
    while at < carried.len() {
        for rule in carried[at].1.clone() {
            for tested in Atoms::of_term(program, program.rule(rule).applies).decisions {
                if !carried.iter().any(|(other, _)| *other == tested) {
                    let because = one(residual, tested).because;
                    carried.push((tested, because));
                }
            }
        }
        at += 1;
    }
    // Decisions stand in the program after those they depend on.
    carried.sort_by_key(|(decision, _)| *decision);
    carried
}
