//! Makes a witness small and realistic: preferred values, and where those will not do, values at boundaries.

use crate::eval::{Atoms, fits};
use crate::ir::{Case, Domain, InputId, MemberSet, Program, Value};

use super::Options;
use super::finding::Witness;
use super::method::Question;
use super::replay::replays;

/// Values tried for one input.
const TRIED: usize = 48;

/// The same finding in a case that people recognise: input by input the first value of this order with which it still
/// replays: preferred ones, the first member, the emptiest set, the boundary values of what is tested, rising. Two passes, because a
/// later input can set an earlier one free. The result depends on the question and the witness alone.
pub fn realistic(program: &Program, question: Question, witness: &Witness, options: &Options) -> Witness {
    let atoms = Atoms::of_term(program, question.goal);
    let mut best = witness.clone();
    for _ in 0..2 {
        let before = best.clone();
        for input in program.input_ids() {
            if options.fixed.iter().any(|(fixed, _)| *fixed == input) && question.pair != Some(input) {
                continue;
            }
            best = match question.pair {
                Some(differs) if differs == input => step(program, question, best, &atoms, input, options),
                _ => common(program, question, best, &atoms, input, options),
            };
        }
        if best == before {
            break;
        }
    }
    best
}

fn first(witness: &Witness) -> &Case {
    super::method::first(witness)
}

fn with(witness: &Witness, input: InputId, value: &Value) -> Witness {
    let put = |case: &Case| {
        let mut case = case.clone();
        case.set(input, value.clone());
        case
    };
    match witness {
        Witness::Case(case) => Witness::Case(put(case)),
        Witness::Pair(a, b) => Witness::Pair(put(a), put(b)),
        // A run hangs together: no value of it can be changed alone.
        Witness::Trace(trace) => Witness::Trace(trace.clone()),
    }
}

/// The values to try for an input, best first.
fn wanted(program: &Program, case: &Case, atoms: &Atoms, input: InputId) -> Vec<Value> {
    let declared = program.input(input);
    let mut values: Vec<Value> =
        declared.preferred.iter().filter(|value| fits(program, &declared.domain, value)).cloned().collect();
    match &declared.domain {
        Domain::Bool => values.extend([Value::Bool(false), Value::Bool(true)]),
        Domain::Enum(id) => values.extend((0..program.enumeration(*id).size()).map(Value::Member)),
        Domain::Set(id) => {
            values.push(Value::Set(MemberSet::empty(program.enumeration(*id).size())));
            if let Some(Value::Set(now)) = case.get(input) {
                // Smaller than now, one member at a time.
                let less = |member| now.difference(&MemberSet::of(now.size(), [member]));
                values.extend(now.iter().map(|member| Value::Set(less(member))));
            }
        }
        Domain::Number(_) | Domain::Date { .. } => {
            values.extend(atoms.boundaries(program, case, input).into_iter().map(Value::Int));
        }
    }
    values.truncate(TRIED);
    values
}

fn common(program: &Program, question: Question, witness: Witness, atoms: &Atoms, input: InputId, options: &Options) -> Witness {
    let case = first(&witness);
    for value in wanted(program, case, atoms, input) {
        if case.get(input) == Some(&value) {
            break;
        }
        let tried = with(&witness, input, &value);
        if replays(program, question, &tried, options) {
            return tried;
        }
    }
    witness
}

/// The input in which a pair differs: the closest two values around a boundary.
fn step(program: &Program, question: Question, witness: Witness, atoms: &Atoms, input: InputId, options: &Options) -> Witness {
    let Witness::Pair(a, b) = &witness else { return witness };
    let (Some(Value::Int(low)), Some(Value::Int(high))) = (a.get(input), b.get(input)) else { return witness };
    let edges = atoms.boundaries(program, a, input);
    let inside: Vec<i64> = edges.into_iter().filter(|edge| low <= edge && edge < high).collect();
    for edge in inside.into_iter().take(TRIED) {
        for (from, to) in [(edge, edge + 1), (edge, *high), (*low, edge + 1)] {
            let (mut first, mut second) = (a.clone(), b.clone());
            first.set(input, Value::Int(from));
            second.set(input, Value::Int(to));
            let tried = Witness::Pair(first, second);
            if tried != witness && to - from < high - low && replays(program, question, &tried, options) {
                return tried;
            }
        }
    }
    witness
}
