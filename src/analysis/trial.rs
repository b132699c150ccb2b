//! Looking before asking: cases at hand are tried by the interpreter. What cannot be cut to a few rules (is something always
//! said? does it ever loosen?) is often refuted by a case that somebody already has; a method that would have to
//! tabulate ten thousand rules is then not asked at all. Trying proves nothing, and is never said to.

use rayon::prelude::*;

use crate::eval::Atoms;
use crate::ir::{Case, Domain, InputId, MemberSet, Program, RuleId, Value};
use crate::words::say;

use super::Options;
use super::finding::{By, Evidence, Witness};
use super::lab::Lab;
use super::method::{Question, Settled, Verdict};
use super::replay::replays;

/// Cases tried for one question.
const TRIED: usize = 768;

/// The most ordinary case: of every input the first preferred value, or else its first.
pub fn ordinary(program: &Program, options: &Options) -> Case {
    let mut case = Case::unknown(program.inputs.len());
    for input in program.input_ids() {
        let declared = program.input(input);
        let preferred = declared.preferred.iter().find(|value| crate::eval::fits(program, &declared.domain, value));
        let first = || match &declared.domain {
            Domain::Bool => Value::Bool(false),
            Domain::Enum(_) => Value::Member(0),
            Domain::Set(id) => Value::Set(MemberSet::empty(program.enumeration(*id).size())),
            domain => Value::Int(domain.bounds().map_or(0, |(lo, _)| lo)),
        };
        case.set(input, preferred.cloned().unwrap_or_else(first));
    }
    for (input, value) in &options.fixed {
        case.set(*input, value.clone());
    }
    case
}

/// Asks the questions for which no case at hand does. `cases` are tried as they are and, of a pair, on both sides of each
/// boundary that their rules test.
pub fn tried(lab: &Lab<'_>, questions: &[Question], cases: &[Seen]) -> Vec<Settled> {
    let found: Vec<Option<Witness>> = questions.iter().map(|question| attempt(lab, *question, cases)).collect();
    let open: Vec<Question> =
        questions.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(question, _)| *question).collect();
    let mut answers = lab.ask(&open).into_iter();
    found
        .into_iter()
        .filter_map(|found| match found {
            Some(witness) => Some(Settled {
                answer: Verdict::Yes(witness),
                evidence: vec![Evidence::new(By::Interpreter, say!("found this case by trying"))],
                faults: Vec::new(),
            }),
            None => answers.next(),
        })
        .collect()
}

fn attempt(lab: &Lab<'_>, question: Question, cases: &[Seen]) -> Option<Witness> {
    let witnesses: Vec<Witness> = match question.pair {
        None => cases.iter().take(TRIED).map(|(_, case)| Witness::Case(case.clone())).collect(),
        Some(input) => cases.iter().flat_map(|seen| across(lab, seen, input)).take(TRIED).collect(),
    };
    // The first that does, whatever the number of threads.
    witnesses.into_par_iter().find_first(|witness| replays(&lab.program, question, witness, lab.options))
}

/// A case that is at hand, and the rule that is effective in it.
pub type Seen = (Option<RuleId>, Case);

/// The pairs on both sides of the boundaries that the rule itself tests: there it begins or ceases to apply.
fn across(lab: &Lab<'_>, (rule, case): &Seen, input: InputId) -> Vec<Witness> {
    let Some(rule) = rule else { return Vec::new() };
    let (lo, hi) = lab.program.input(input).domain.bounds().unwrap_or((0, -1));
    let atoms = Atoms::of_term(&lab.program, lab.program.rule(*rule).applies);
    let edges = atoms.edges(input).filter(|edge| lo < *edge && *edge <= hi).take(4);
    edges
        .map(|edge| {
            let (mut first, mut second) = (case.clone(), case.clone());
            first.set(input, Value::Int(edge - 1));
            second.set(input, Value::Int(edge));
            Witness::Pair(first, second)
        })
        .collect()
}
