//! How large a loophole is, and which single provision would stop it.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use crate::eval::{Atoms, Eval};
use crate::ir::{Domain, Goal, InputId, Process, RuleId};

use super::Options;
use super::certificate::holds;
use super::finding::{Size, Stop, Trace};
use super::prover::{Induced, Prover, Sought};

/// Numbers of which the most is sought.
const NUMBERS: usize = 4;

/// Provisions that are tried.
const TRIED: usize = 8;

/// Measures a loophole by its shortest runs: the most that gets through, in so many steps and in twice as many; the fewest days; by way of
/// which members.
pub fn size(process: &Process, goal: &Goal, prover: &Prover<'_>, trace: &Trace, options: &Options) -> Size {
    let world = &process.world;
    let length = trace.taken.len();
    let read = Atoms::of_term(world, goal.bad).inputs;
    let numbers: Vec<InputId> = process
        .variables
        .iter()
        .map(|variable| variable.now)
        .filter(|input| read.contains(input) && matches!(world.input(*input).domain, Domain::Number(_)))
        .take(NUMBERS)
        .collect();
    let one = prover.measure(length, &numbers, true);
    let mut most: Vec<(InputId, usize, i64)> = one.most.into_iter().map(|(input, value)| (input, length, value)).collect();
    if !numbers.is_empty() && length > 0 && 2 * length <= options.depth {
        most.extend(
            prover.measure(2 * length, &numbers, false).most.into_iter().map(|(input, value)| (input, 2 * length, value)),
        );
    }
    // What never grew is not what gets through.
    let first = trace.taken.first().map_or(&trace.last, |taken| &taken.case);
    most.retain(|(input, _, value)| first.int(*input) != Some(*value));
    let read_by_steps = process.steps.iter().flat_map(|step| Atoms::of_term(world, step.guard).inputs);
    let matters: BTreeSet<InputId> = read.into_iter().chain(read_by_steps).collect();
    let ways = one.ways.into_iter().filter(|(_, input, members)| matters.contains(input) && members.len() > 1).collect();
    Size { most, days: one.days, ways, stops: Vec::new() }
}

/// Provisions that would stop it: one that is not in force and meets a step of the run, if it bound; an exception that lets a step pass, if
/// it fell away. Each is tried on the process itself.
pub fn stops(process: &Process, goal: usize, trace: &Trace, options: &Options) -> Vec<Stop> {
    let world = &process.world;
    let mut tried: Vec<(RuleId, bool)> = Vec::new();
    for taken in &trace.taken {
        let guard = Atoms::of_term(world, process.steps[taken.step as usize].guard);
        let Ok(mut eval) = Eval::new(world, &taken.case) else { continue };
        for id in &guard.rules {
            let rule = world.rule(*id);
            let overrides = guard.rules.iter().any(|other| world.rule(*other).overridden_by.contains(id));
            let one = if !eval.holds(rule.in_force) && eval.holds(rule.condition) {
                (*id, true)
            } else if overrides && eval.effective(*id) {
                (*id, false)
            } else {
                continue;
            };
            if !tried.contains(&one) {
                tried.push(one);
            }
        }
    }
    tried.sort_unstable();
    tried.truncate(TRIED);
    let stop = |(rule, binds): (RuleId, bool)| {
        let mut changed = process.clone();
        let of = &mut changed.world.rules[rule.index()];
        if binds {
            of.applies = of.condition;
        } else {
            let never = changed.world.builder().constant(false);
            changed.world.rules[rule.index()].applies = never;
        }
        let prover = Prover::new(&changed, goal, options);
        let none = AtomicBool::new(false);
        match prover.search(0, options.depth, &none) {
            Sought::Nothing { why: None, .. } => {
                let proved = match prover.induction(&none) {
                    Induced::Invariant(fact) => holds(&changed, &changed.goals[goal], &fact, options),
                    Induced::Reachable | Induced::Unknown(_) => false,
                };
                Some(Stop { rule, binds, proved })
            }
            _ => None,
        }
    };
    tried.into_iter().filter_map(stop).collect()
}
