//! A claim about a process as stand-alone SMT-LIB 2: constrained Horn clauses for another engine.
//!
//! In: a process and what must never be. Out: text in the logic `HORN`; `sat` is a proof (there is an interpretation of `reached`, an
//! invariant), `unsat` says that there is a run. Written from the IR by way of `script.rs`, and so sharing no code with `horn.rs`.

use std::fmt::Write as _;

use super::answer::Reason;
use super::query::Query;
use super::script::Printer;
use crate::ir::{Domain, InputId, Process, TermId};

/// The clauses of one goal of a process: that it begins, one for each step, and that what must never be is not reached.
///
/// # Errors
/// [`Reason::Malformed`] if there is no such goal, or a term is out of place.
pub fn clauses(process: &Process, goal: usize) -> Result<String, Reason> {
    let goal = process.goals.get(goal).ok_or_else(|| Reason::Malformed("no such goal".into()))?;
    let now: Vec<InputId> = process.variables.iter().map(|variable| variable.now).chain(process.rigid.iter().copied()).collect();
    let next: Vec<InputId> =
        process.variables.iter().map(|variable| variable.next).chain(process.rigid.iter().copied()).collect();
    let mut out = Clauses { process, sorts: Vec::new(), text: String::new() };
    out.clause("it begins", None, process.start, Some(&now))?;
    for step in &process.steps {
        out.clause(&format!("step {}", step.name), Some(&now), step.relation, Some(&next))?;
    }
    out.clause(&format!("never {}", goal.name), Some(&now), goal.bad, None)?;
    let mut text = String::from("(set-logic HORN)\n");
    for sort in &out.sorts {
        let _ = writeln!(text, "{sort}");
    }
    let sorts: Vec<String> = now.iter().flat_map(|input| out.of(*input)).map(|(_, sort)| sort).collect();
    let _ = writeln!(text, "(declare-fun reached ({}) Bool)", sorts.join(" "));
    text += &out.text;
    text += "(check-sat)\n(get-model)\n";
    Ok(text)
}

struct Clauses<'p> {
    process: &'p Process,
    /// Declarations of the enumerations, each once.
    sorts: Vec<String>,
    text: String,
}

impl Clauses<'_> {
    /// The constants that stand for an input, with their sorts.
    fn of(&self, input: InputId) -> Vec<(String, String)> {
        let world = &self.process.world;
        let printer = Printer::empty(world);
        match &world.input(input).domain {
            Domain::Bool => vec![(printer.constant(input, false), "Bool".to_owned())],
            Domain::Enum(id) => vec![(printer.constant(input, false), format!("e{}", id.0))],
            Domain::Set(id) => {
                let members = 0..world.enumeration(*id).size();
                members.map(|member| (printer.has(input, false, member), "Bool".to_owned())).collect()
            }
            Domain::Number(_) | Domain::Date { .. } => vec![(printer.constant(input, false), "Int".to_owned())],
        }
    }

    fn reached(&self, inputs: &[InputId]) -> String {
        let names: Vec<String> = inputs.iter().flat_map(|input| self.of(*input)).map(|(name, _)| name).collect();
        if names.is_empty() { "reached".to_owned() } else { format!("(reached {})", names.join(" ")) }
    }

    fn clause(&mut self, says: &str, from: Option<&[InputId]>, term: TermId, to: Option<&[InputId]>) -> Result<(), Reason> {
        let world = &self.process.world;
        let mut printer = Printer::empty(world);
        printer.question(&Query::never(term)).map_err(Reason::Malformed)?;
        let mut bound = String::new();
        let mut body: Vec<String> = from.map(|from| self.reached(from)).into_iter().collect();
        for line in printer.head.lines() {
            if let Some(rest) = line.strip_prefix("(declare-const ") {
                let (name, sort) = rest.trim_end_matches(')').rsplit_once(' ').unwrap_or((rest, ""));
                let _ = write!(bound, "({name} {sort}) ");
            } else if let Some(domain) = line.strip_prefix("(assert ") {
                body.push(domain.strip_suffix(')').unwrap_or(domain).to_owned());
            } else if !self.sorts.iter().any(|known| known == line) {
                self.sorts.push(line.to_owned());
            }
        }
        // Definitions become names for parts of this clause, each inside of those that it needs.
        let (mut lets, mut depth) = (String::new(), 0);
        for line in printer.body.lines() {
            if let Some(rest) = line.strip_prefix("(define-fun ") {
                let (name, rest) = rest.split_once(" () ").unwrap_or((rest, ""));
                let (_, value) = rest.split_once(' ').unwrap_or(("", rest));
                let _ = write!(lets, "(let (({name} {})) ", value.strip_suffix(')').unwrap_or(value));
                depth += 1;
            } else if let Some(holds) = line.strip_prefix("(assert ") {
                let _ = write!(lets, "{}", holds.strip_suffix(')').unwrap_or(holds));
            }
        }
        lets += &")".repeat(depth);
        body.push(lets);
        let head = to.map_or_else(|| "false".to_owned(), |to| self.reached(to));
        let _ = writeln!(
            self.text,
            "; {}\n(assert (forall ({}) (=> (and {}) {head})))",
            says.replace('\n', " "),
            bound.trim_end(),
            body.join(" ")
        );
        Ok(())
    }
}
