//! Runs of a process, walked by the interpreter.

use std::collections::BTreeSet;

use crate::eval::Eval;
use crate::ir::{Case, DecisionId, Domain, Goal, InputId, MemberSet, Process, Program, Ranges, Term, TermId, Value, Window};

use super::finding::{Size, Taken, Trace, Witness};
use super::prover::Path;
use super::replay::came;

/// What the interpreter says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Every step can be taken, and it ends where it should.
    Real,
    /// So it is, but the balance of this cap is not what would have been counted within its window.
    Loose(String),
    /// It is none, and why. A bug.
    Wrong(String),
}

/// Walks a run: it begins where the process does, each step is one, the state after it is the state before the next, what is kept is
/// the same throughout, and what must never be is so at the end.
pub fn replayed(process: &Process, goal: &Goal, path: &Path, fixed: &[(InputId, Value)]) -> Replay {
    let world = &process.world;
    let cases: Vec<&Case> = path.taken.iter().map(|(_, case)| case).chain([&path.last]).collect();
    for (at, case) in cases.iter().enumerate() {
        if let Some((input, _)) = fixed.iter().find(|(input, value)| case.get(*input) != Some(value)) {
            return Replay::Wrong(format!("{} is not fixed in step {at}", world.input(*input).name));
        }
        if let Some(input) = process.rigid.iter().find(|input| case.get(**input) != cases[0].get(**input)) {
            return Replay::Wrong(format!("{} changes in step {at}", world.input(*input).name));
        }
        let mut eval = match Eval::new(world, case) {
            Ok(eval) => eval,
            Err(bad) => return Replay::Wrong(format!("{} has no value of its domain in step {at}", world.input(bad.0).name)),
        };
        if at == 0 && !eval.holds(process.start) {
            return Replay::Wrong("it does not begin where the process does".into());
        }
        let Some((step, _)) = path.taken.get(at) else {
            if !eval.holds(goal.bad) {
                return Replay::Wrong("it does not end where it should".into());
            }
            continue;
        };
        let Some(step) = process.steps.get(*step as usize) else { return Replay::Wrong("no such step".into()) };
        if !eval.holds(step.relation) {
            return Replay::Wrong(format!("step {at}, `{}`, cannot be taken", step.name));
        }
        let after = cases[at + 1];
        if let Some(variable) = process.variables.iter().find(|v| case.get(v.next) != after.get(v.now)) {
            return Replay::Wrong(format!("{} changes behind step {at}", world.input(variable.now).name));
        }
    }
    match process.balances.iter().find(|balance| !counts(process, balance.used, balance.window, &cases)) {
        Some(balance) => Replay::Loose(world.input(balance.used).name.clone()),
        None => Replay::Real,
    }
}

/// Whether the balance of a rolling window is at each step what was counted within it.
fn counts(process: &Process, used: InputId, window: Window, cases: &[&Case]) -> bool {
    let (Window::Rolling(days), Some(date)) = (window, process.world.date) else { return true };
    if !process.is_now(used) || !process.is_now(date) {
        return true;
    }
    let mut entries: Vec<(i64, i64)> = Vec::new();
    for pair in cases.windows(2) {
        let (Some(day), Some(then)) = (pair[0].int(date), pair[1].int(date)) else { return false };
        let (Some(before), Some(after)) = (pair[0].int(used), pair[1].int(used)) else { return false };
        // At the end of its range it may be more than it says.
        if process.world.input(used).domain.bounds().is_some_and(|(_, hi)| after >= hi) {
            return false;
        }
        if then > day {
            entries.retain(|(counted, _)| then - counted < i64::from(days));
            if entries.iter().map(|(_, amount)| amount).sum::<i64>() != after {
                return false;
            }
        } else if after == 0 {
            entries.clear();
        } else {
            entries.push((day, after - before));
        }
    }
    true
}

/// The run as a witness, with what the decisions came to on which each step depends.
pub fn trace(process: &Process, at: usize, goal: usize, path: &Path) -> Trace {
    let world = &process.world;
    let taken = |(step, case): &(u32, Case)| {
        let decisions = asked(world, process.steps[*step as usize].guard);
        Taken { step: *step, case: case.clone(), came: came(world, &Witness::Case(case.clone()), &decisions) }
    };
    let last = came(world, &Witness::Case(path.last.clone()), &asked(world, process.goals[goal].bad));
    Trace {
        process: at,
        goal,
        taken: path.taken.iter().map(taken).collect(),
        last: path.last.clone(),
        came: last,
        size: Size::default(),
    }
}

/// The decisions that a term itself asks.
fn asked(program: &Program, term: TermId) -> Vec<DecisionId> {
    let mut out = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut stack = vec![term];
    while let Some(term) = stack.pop() {
        if !seen.insert(term) {
            continue;
        }
        match program.pool.get(term) {
            Term::Not(inner) | Term::Second(inner) => stack.push(*inner),
            Term::And(inner) | Term::Or(inner) => stack.extend(inner),
            Term::Outcome { decision, .. } => {
                out.insert(*decision);
            }
            Term::SameOutcome(a, b) => out.extend([*a, *b]),
            _ => {}
        }
    }
    out.into_iter().collect()
}

/// That an input has a value; `None` if none is said (a set).
pub fn is_value(program: &mut Program, input: InputId, value: &Value) -> Option<TermId> {
    let domain = program.input(input).domain.clone();
    let size = match &domain {
        Domain::Enum(id) => program.enumeration(*id).size(),
        _ => 0,
    };
    let mut build = program.builder();
    match (domain, value) {
        (Domain::Bool, Value::Bool(value)) => {
            let flag = build.flag(input).ok()?;
            Some(if *value { flag } else { build.not(flag) })
        }
        (Domain::Enum(_), Value::Member(member)) => build.member(input, MemberSet::of(size, [*member])).ok(),
        (Domain::Number(_) | Domain::Date { .. }, Value::Int(k)) => build.within(input, Ranges::closed(*k, *k)).ok(),
        _ => None,
    }
}
