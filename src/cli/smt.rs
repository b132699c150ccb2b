//! `smt`: the problems of a check as stand-alone SMT-LIB 2 text, for the archive and for a second solver. `unsat` is a proof, `sat` a
//! case that shows a finding.

use super::args::SmtArguments;
use super::output::Outcome;

/// Runs the command.
#[cfg(feature = "solver")]
pub fn run(arguments: &SmtArguments) -> Outcome {
    use super::output::{self, Exit, placeless, stop, write};
    use crate::diagnostic::Code;

    let (compilation, mut program) = super::input::compile(&arguments.path)?;
    let reads = super::input::sources(&compilation);
    output::stage("writing the problems");
    for (name, says, query) in problems(&mut program) {
        let script = crate::smt::script(&program, &query)
            .map_err(|reason| stop(placeless(Code::Internal, format!("the problem `{name}` cannot be written: {reason:?}"))))?;
        let text = format!("; {name}: {says}\n{script}");
        match &arguments.output {
            Some(folder) => write(&folder.join(format!("{name}.smt2")), text.as_bytes(), &reads)?,
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
                Some(folder) => write(&folder.join(format!("{name}.smt2")), text.as_bytes(), &reads)?,
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
    use crate::ir::{Combine, OutcomeTest, PropertyKind};
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
    // Of a pair what the check itself asks: which totals a decision can come to it has worked out.
    let violations = crate::analysis::violations(program);
    for (property, violation) in program.properties.clone().into_iter().zip(violations) {
        let (name, says) = (format!("property_{}", plain(&property.name)), format!("{} holds", property.name));
        match property.kind {
            PropertyKind::Never { violation } => out.push((name, says, Query::never(violation))),
            kind => {
                let (Some(input), Some(goal)) = (kind.pair(), violation) else { continue };
                out.push((name, says, Query::never_in_pair(goal, [input]).rising(input)));
            }
        }
    }
    out
}
