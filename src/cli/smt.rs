//! `smt`: the problems of a check as stand-alone SMT-LIB 2 text, for the archive and for a second solver. `unsat` is a proof, `sat` a
//! case that shows a finding.

use super::args::SmtArguments;
use super::output::Outcome;

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
    use crate::ir::{Combine, Direction, Domain, MemberSet, OutcomeTest, PropertyKind, Ranges};
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
            PropertyKind::Monotone { decision, input, never } => {
                // One problem for each value that the outcome must not cross.
                let below = |at: u32, size: u32| OutcomeTest::Members(MemberSet::of(size, 0..at));
                let above = |at: u32, size: u32| OutcomeTest::Members(MemberSet::of(size, at..size));
                let steps: Vec<(OutcomeTest, OutcomeTest)> = match program.decision(decision).domain.clone() {
                    Domain::Bool => vec![(below(1, 2), above(1, 2))],
                    Domain::Enum(of) => {
                        let size = program.enumeration(of).size();
                        (1..size).map(|at| (below(at, size), above(at, size))).collect()
                    }
                    Domain::Number(number) => {
                        let values = program.rule_ids().filter_map(|rule| match program.conclusion(rule, decision) {
                            Some(crate::ir::Value::Int(k)) => Some(*k),
                            _ => None,
                        });
                        let values: std::collections::BTreeSet<i64> = values.collect();
                        let parts = |at: i64| (Ranges::closed(number.lo, at - 1), Ranges::closed(at, number.hi));
                        values.into_iter().map(parts).map(|(a, b)| (OutcomeTest::Within(a), OutcomeTest::Within(b))).collect()
                    }
                    _ => Vec::new(),
                };
                for (at, (low, high)) in steps.into_iter().enumerate() {
                    let (first, second) = if never == Direction::Loosens { (high, low) } else { (low, high) };
                    let mut build = program.builder();
                    let (first, second) = (build.outcome(decision, first), build.outcome(decision, second));
                    let (second, scoped) = (build.second(second), build.second(property.scope));
                    let goal = build.and([first, second, property.scope, scoped]);
                    let query = Query::never_in_pair(goal, [input]).rising(input);
                    out.push((format!("{name}_{at}"), says.clone(), query));
                }
            }
        }
    }
    out
}
