//! Looking before asking: cases at hand are tried by the interpreter. What cannot be cut to a few rules (is something always
//! said? does it ever loosen?) is often refuted by a case that somebody already has; a method that would have to
//! tabulate ten thousand rules is then not asked at all. Trying proves nothing, and is never said to.

use rayon::prelude::*;

use crate::eval::Atoms;
use crate::ir::{Case, Domain, InputId, MemberSet, Program, Value};

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
/// boundary of the input in which its cases differ.
pub fn tried(lab: &Lab<'_>, questions: &[Question], cases: &[Case]) -> Vec<Settled> {
    let found: Vec<Option<Witness>> = questions.iter().map(|question| attempt(lab, *question, cases)).collect();
    let open: Vec<Question> =
        questions.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(question, _)| *question).collect();
    let mut answers = lab.ask(&open).into_iter();
    found
        .into_iter()
        .filter_map(|found| match found {
            Some(witness) => Some(Settled {
                answer: Verdict::Yes(witness),
                evidence: vec![Evidence::new(By::Interpreter, "found this case by trying")],
                faults: Vec::new(),
            }),
            None => answers.next(),
        })
        .collect()
}

fn attempt(lab: &Lab<'_>, question: Question, cases: &[Case]) -> Option<Witness> {
    let witnesses: Vec<Witness> = match question.pair {
        None => cases.iter().take(TRIED).cloned().map(Witness::Case).collect(),
        Some(input) => {
            let atoms = Atoms::of_term(&lab.program, question.goal);
            cases.iter().flat_map(|case| across(lab, &atoms, case, input)).take(TRIED).collect()
        }
    };
    // The first that does, whatever the number of threads.
    witnesses.into_par_iter().find_first(|witness| replays(&lab.program, question, witness, lab.options))
}

/// The pairs on both sides of the boundaries that lie just above a case.
fn across(lab: &Lab<'_>, atoms: &Atoms, case: &Case, input: InputId) -> Vec<Witness> {
    let Some(now) = case.int(input) else { return Vec::new() };
    let above = atoms.boundaries(&lab.program, case, input).into_iter().filter(|edge| *edge > now).take(2);
    above
        .map(|edge| {
            let mut second = case.clone();
            second.set(input, Value::Int(edge));
            Witness::Pair(case.clone(), second)
        })
        .collect()
}
