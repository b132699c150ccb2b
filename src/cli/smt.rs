//! `smt`: the problems of a check as stand-alone SMT-LIB 2 text, for the archive and for a second solver. `unsat` is a proof, `sat` a
//! case that shows a finding.

use super::args::SmtArguments;
use super::output::Outcome;
#[cfg(feature = "solver")]
use crate::ir::{DecisionId, Program, TermId};

/// Runs the command.
#[cfg(feature = "solver")]
pub fn run(arguments: &SmtArguments) -> Outcome {
    use super::output::{self, Exit, placeless, stop, write};
    use crate::diagnostic::Code;

    let (_, mut program) = super::input::compile(&arguments.path)?;
    output::stage("writing the problems");
    for (name, says, query) in problems(&mut program) {
        let script = crate::smt::script(&program, &query)
            .map_err(|reason| stop(placeless(Code::Internal, format!("the problem `{name}` cannot be written: {reason:?}"))))?;
        let text = format!("; {name}: {says}\n{script}");
        match &arguments.output {
            Some(folder) => write(&folder.join(format!("{name}.smt2")), text.as_bytes())?,
            // On one stream each problem begins anew.
            None => output::print(&format!("{text}(reset)\n")),
        }
    }
    // A claim about a process is a question of another kind: `sat` is the proof.
    for process in &program.processes {
        for (at, goal) in process.goals.iter().enumerate() {
            let name: String = goal.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            let name = format!("never_{name}");
            let script = crate::smt::clauses(process, at).map_err(|reason| {
                stop(placeless(Code::Internal, format!("the problem `{name}` cannot be written: {reason:?}")))
            })?;
            let text = format!(
                "; {name}: {} never holds in {}, whatever the number of steps; sat is a proof\n{script}",
                goal.name, process.name
            );
            match &arguments.output {
                Some(folder) => write(&folder.join(format!("{name}.smt2")), text.as_bytes())?,
                None => output::print(&format!("{text}(reset)\n")),
            }
        }
    }
    Ok(Exit::Fine)
}

/// Without the solver there are no problems for it.
#[cfg(not(feature = "solver"))]
pub fn run(arguments: &SmtArguments) -> Outcome {
    use super::output::{placeless, stop};
    let title = format!("`smt {}`: this program was built without the solver", arguments.path);
    Err(stop(
        placeless(crate::diagnostic::Code::BadArgument, title).help("build it with the feature `solver`, which is the default"),
    ))
}

/// Name, meaning of `unsat`, and question.
#[cfg(feature = "solver")]
fn problems(program: &mut crate::ir::Program) -> Vec<(String, String, crate::smt::Query)> {
    use crate::ir::{Combine, Direction, OutcomeTest, PropertyKind};
    use crate::smt::Query;

    let mut out = Vec::new();
    let plain = |name: &str| -> String { name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect() };
    let decisions: Vec<_> = program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect();
    for id in &decisions {
        let (name, combine) = (program.decision(*id).name.clone(), program.decision(*id).combine.clone());
        if combine == Combine::ExactlyOne {
            let goal = program.builder().outcome(*id, OutcomeTest::Conflict);
            out.push((format!("conflict_{}", plain(&name)), format!("no rules of {name} disagree"), Query::never(goal)));
        }
        if program.decision(*id).default.is_none() && combine != Combine::All {
            let goal = program.builder().outcome(*id, OutcomeTest::Gap);
            out.push((format!("gap_{}", plain(&name)), format!("{name} always has a value"), Query::never(goal)));
        }
    }
    let rules: Vec<_> = program.rule_ids().filter(|id| program.rule(*id).regime == 0).collect();
    for id in rules {
        let name = program.rule(id).name.clone();
        let goal = program.builder().effective(id);
        out.push((format!("dead_{}", plain(&name)), format!("the rule {name} is never effective"), Query::never(goal)));
    }
    for at in 0..program.properties.len() {
        let property = program.properties[at].clone();
        let (name, says) = (format!("property_{}", plain(&property.name)), format!("{} holds", property.name));
        match property.kind {
            PropertyKind::Never { violation } => out.push((name, says, Query::never(violation))),
            kind => {
                // One problem for each value that the outcome must not cross.
                let (Some(input), Some(decision)) = (kind.pair(), kind.decision()) else { continue };
                let blind = matches!(kind, PropertyKind::Blind { .. });
                for (at, (low, high)) in crossings(program, decision, blind).into_iter().enumerate() {
                    let mut build = program.builder();
                    let (low_there, high_there) = (build.second(low), build.second(high));
                    let (falls, rises) = (build.and([high, low_there]), build.and([low, high_there]));
                    let goes = match kind {
                        PropertyKind::Monotone { never: Direction::Loosens, .. } => falls,
                        PropertyKind::Monotone { .. } => rises,
                        PropertyKind::Tiers { from, to, .. } => {
                            let (from_there, to_there) = (build.second(from), build.second(to));
                            let (up, down) = (build.and([from, to_there, falls]), build.and([to, from_there, rises]));
                            build.or([up, down])
                        }
                        _ => build.or([falls, rises]),
                    };
                    let scoped = build.second(property.scope);
                    let query = Query::never_in_pair(build.and([goes, property.scope, scoped]), [input]).rising(input);
                    out.push((format!("{name}_{at}"), says.clone(), query));
                }
            }
        }
    }
    out
}

/// What an outcome crosses as it grows, value by value: that it is below, and that it is not. Of a set each member; and of all whether
/// there is a value at all, and only one.
#[cfg(feature = "solver")]
fn crossings(program: &mut Program, decision: DecisionId, blind: bool) -> Vec<(TermId, TermId)> {
    use crate::ir::{Domain, MemberSet, OutcomeTest, Ranges};
    let parts = |below: OutcomeTest, above: OutcomeTest| (below, above);
    let tests: Vec<(OutcomeTest, OutcomeTest)> = match program.decision(decision).domain.clone() {
        Domain::Bool => vec![parts(OutcomeTest::Members(MemberSet::of(2, [0])), OutcomeTest::Members(MemberSet::of(2, [1])))],
        Domain::Enum(of) => {
            let size = program.enumeration(of).size();
            let members = |all: std::ops::Range<u32>| OutcomeTest::Members(MemberSet::of(size, all));
            (1..size).map(|at| parts(members(0..at), members(at..size))).collect()
        }
        Domain::Number(number) => {
            let values = program.rule_ids().filter_map(|rule| match program.conclusion(rule, decision) {
                Some(crate::ir::Value::Int(k)) => Some(*k),
                _ => None,
            });
            let values: std::collections::BTreeSet<i64> = values.collect();
            let within = |lo: i64, hi: i64| OutcomeTest::Within(Ranges::closed(lo, hi));
            values.into_iter().map(|at| parts(within(number.lo, at - 1), within(at, number.hi))).collect()
        }
        _ => Vec::new(),
    };
    // What has no order still differs.
    let mut differing = vec![OutcomeTest::Gap, OutcomeTest::Conflict];
    if let Domain::Set(of) = program.decision(decision).domain {
        differing.extend((0..program.enumeration(of).size()).map(OutcomeTest::Has));
    }
    let mut build = program.builder();
    let mut out: Vec<(TermId, TermId)> =
        tests.into_iter().map(|(low, high)| (build.outcome(decision, low), build.outcome(decision, high))).collect();
    if blind {
        out.extend(differing.into_iter().map(|test| {
            let there = build.outcome(decision, test);
            (build.not(there), there)
        }));
    }
    out
}
