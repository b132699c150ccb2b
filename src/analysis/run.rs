//! Runs of a process, walked by the interpreter.

use std::collections::BTreeSet;

use crate::eval::Eval;
use crate::ir::{
    Balance, Case, DecisionId, Domain, Goal, InputId, MemberSet, Process, Program, Ranges, Term, TermId, Value, Window,
};

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
    match process.balances.iter().find(|balance| !counts(process, balance, path)) {
        Some(balance) => Replay::Loose(world.input(balance.used).name.clone()),
        None => Replay::Real,
    }
}

/// Whether the balance of a rolling window is at each step what was counted within it, or the end of its range where that is less.
fn counts(process: &Process, balance: &Balance, path: &Path) -> bool {
    let world = &process.world;
    let (Window::Rolling(days), Some(date), Some(added)) = (balance.window, world.date, balance.added) else { return true };
    let full = world.input(balance.used).domain.bounds().map_or(i64::MAX, |(_, hi)| hi);
    let mut entries: Vec<(i64, i64)> = Vec::new();
    for (at, (step, case)) in path.taken.iter().enumerate() {
        let after = path.taken.get(at + 1).map_or(&path.last, |(_, case)| case);
        let step = &process.steps[*step as usize];
        let (Some(day), Some(then), Some(is)) = (case.int(date), after.int(date), after.int(balance.used)) else { return false };
        if step.renews.contains(&balance.used) {
            entries.clear();
        }
        if let Some(entry) = step.entries.iter().find(|entry| entry.added == added) {
            let Ok(mut eval) = Eval::new(world, case) else { return false };
            let Some(amount) = case.int(added).filter(|_| eval.holds(entry.is)) else { return false };
            entries.push((day, amount));
        }
        entries.retain(|(counted, _)| then - counted < i64::from(days));
        let sum: i128 = entries.iter().map(|(_, amount)| i128::from(*amount)).sum();
        if sum.min(i128::from(full)) != i128::from(is) {
            return false;
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
