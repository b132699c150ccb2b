//! How large a loophole is, and which single provision would stop it.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use crate::eval::{Atoms, Eval};
use crate::ir::{Case, Domain, EnumId, Goal, InputId, MemberSet, Process, Program, RuleId, Value};

use super::Options;
use super::certificate::holds;
use super::finding::{Size, Stop, Trace};
use super::prover::{Induced, Path, Prover, Sought};
use super::run::{Replay, replayed};

/// Numbers of which the most is sought.
const NUMBERS: usize = 4;

/// Runs that are asked for to find the members of one enumeration.
const ASKED: usize = 40;

/// Provisions that are tried.
const TRIED: usize = 8;

/// Measures a loophole by its shortest runs: the most that gets through, in so many steps and in twice as many; the fewest days; by way of
/// which members.
pub fn size(process: &Process, goal: &Goal, prover: &Prover<'_>, trace: &Trace, path: &Path, options: &Options) -> Size {
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
    let one = prover.measure(length, &numbers);
    let mut most: Vec<(InputId, usize, i64)> = one.most.into_iter().map(|(input, value)| (input, length, value)).collect();
    if !numbers.is_empty() && length > 0 && 2 * length <= options.depth {
        most.extend(prover.measure(2 * length, &numbers).most.into_iter().map(|(input, value)| (input, 2 * length, value)));
    }
    // What never grew is not what gets through.
    let first = trace.taken.first().map_or(&trace.last, |taken| &taken.case);
    most.retain(|(input, _, value)| first.int(*input) != Some(*value));
    let read_by_steps = process.steps.iter().flat_map(|step| Atoms::of_term(world, step.guard).inputs);
    let matters: BTreeSet<InputId> = read.into_iter().chain(read_by_steps).collect();
    let kept = process.rigid.iter().map(|input| (0, *input));
    let remembered = (0..=length).flat_map(|at| process.variables.iter().map(move |variable| (at, variable.now)));
    let places: Vec<(usize, InputId)> = kept.chain(remembered).filter(|(_, input)| matters.contains(input)).collect();
    let members = |(at, input): (usize, InputId)| {
        members(process, goal, prover, path, at, input, options).filter(|found| found.len() > 1).map(|found| (at, input, found))
    };
    let ways = places.into_par_iter().filter_map(members).collect();
    Size { most, days: one.days, ways, stops: Vec::new() }
}

/// Every member that an enumeration can be before a step, in runs of the length of one that is known; `None` where that is not settled.
/// From a run with one member, runs with others are made by putting one name for the other, and walked by the interpreter; the
/// solver is asked for what that does not find, at last in vain.
fn members(
    process: &Process,
    goal: &Goal,
    prover: &Prover<'_>,
    path: &Path,
    at: usize,
    input: InputId,
    options: &Options,
) -> Option<MemberSet> {
    let world = &process.world;
    let Domain::Enum(id) = world.input(input).domain else { return None };
    let size = world.enumeration(id).size();
    let mut found = MemberSet::empty(size);
    let mut run = path.clone();
    for _ in 0..ASKED {
        let case = run.taken.get(at).map_or(&run.last, |(_, case)| case);
        let Some(Value::Member(member)) = case.get(input) else { return None };
        let member = *member;
        found.insert(member);
        let others: Vec<u32> = (0..size).filter(|other| !found.contains(*other)).collect();
        let real = |other: &u32| {
            matches!(replayed(process, goal, &exchanged(world, &run, id, member, *other), &options.fixed), Replay::Real)
        };
        for other in others.into_par_iter().filter(real).collect::<Vec<_>>() {
            found.insert(other);
        }
        match prover.besides(path.taken.len(), at, input, &found) {
            Sought::Found(other) => run = other,
            Sought::Nothing { why: None, .. } => return Some(found),
            Sought::Nothing { why: Some(_), .. } => return None,
        }
    }
    None
}

/// A run with two members of an enumeration in each other's place, throughout.
fn exchanged(world: &Program, path: &Path, of: EnumId, one: u32, other: u32) -> Path {
    let turned = |member: u32| {
        if member == one {
            other
        } else if member == other {
            one
        } else {
            member
        }
    };
    let case = |case: &Case| {
        let mut case = case.clone();
        for input in world.input_ids() {
            let value = match (&world.input(input).domain, case.get(input)) {
                (Domain::Enum(id), Some(Value::Member(member))) if *id == of => Value::Member(turned(*member)),
                (Domain::Set(id), Some(Value::Set(set))) if *id == of => {
                    Value::Set(MemberSet::of(world.enumeration(of).size(), set.iter().map(turned)))
                }
                _ => continue,
            };
            case.set(input, value);
        }
        case
    };
    Path { taken: path.taken.iter().map(|(step, of)| (*step, case(of))).collect(), last: case(&path.last) }
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
